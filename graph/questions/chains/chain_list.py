"""产业链: the firms, the leading organizations and the 链主 of each chain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from graph.answers import Answer, Column, Total
from graph.chains import SEGMENTS_CYPHER, segments
from graph.context import Context
from graph.questions.asking import Question
from graph.questions.network import subgraphs
from graph.rules.dated import dated
from graph.stores.base import Reader
from graph.validity import in_force

MOST_DRAWN = 300
#: the roles in which an organization leads a chain; a 成员 is merely tied to it
LEADING = ("产业链党委", "牵头部门党组织")

FIRMS_CYPHER = dated(f"""MATCH (u:Unit)-[e:IN_CHAIN]->(c:IndustryChain)
WHERE u.listed AND c.listed AND {in_force("e")}
RETURN DISTINCT c.id AS chain, u.id AS id, u.name AS name
ORDER BY chain, id""")
LEADERS_CYPHER = f"""MATCH (o:PartyOrg)-[e:LEADS_CHAIN]->(c:IndustryChain)
WHERE o.listed AND c.listed AND {in_force("e")}
RETURN DISTINCT c.id AS chain, o.id AS id, o.name AS name, e.role AS role
ORDER BY chain, id"""
HEADS_CYPHER = dated(f"""MATCH (u:Unit)-[e:LEADS_CHAIN]->(c:IndustryChain)
WHERE u.listed AND c.listed AND e.role = '链主' AND {in_force("e")}
RETURN DISTINCT c.id AS chain, u.id AS id, u.name AS name
ORDER BY chain, id""")
CHAINS_CYPHER = """MATCH (c:IndustryChain) WHERE c.listed
OPTIONAL MATCH (c)-[:LOCATED_IN]->(r:Region)
RETURN c.id AS id, c.name AS name, c.key_chain AS key_chain, c.output AS output,
  c.lead_department AS lead_department, r.name AS division
ORDER BY name, id"""
COVERED_CYPHER = f"""MATCH (o:PartyOrg)-[e:COVERS]->(u:Unit)
WHERE o.listed AND u.listed AND {in_force("e")}
  AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
RETURN DISTINCT u.id AS id"""
LOCAL_UNITS_CYPHER = """MATCH (u:Unit)-[:LOCATED_IN]->(r:Region)
WHERE u.listed AND r.id IN $scope
RETURN u.id AS id"""


def chains(reader: Reader, context: Context) -> Answer:
    """One row for each chain: firms, organizations, committee, 链主. With a chain, its row and its network drawn."""
    parameters = subgraphs.parameters(context)
    queries = [CHAINS_CYPHER, FIRMS_CYPHER, LEADERS_CYPHER, HEADS_CYPHER, COVERED_CYPHER]
    listed, firms, leaders, heads, covered = (reader.query(q, parameters).to_pylist() for q in queries)
    queries.append(SEGMENTS_CYPHER)
    if context.scope:
        queries.append(LOCAL_UNITS_CYPHER)
        local = set(reader.query(LOCAL_UNITS_CYPHER, parameters)["id"].to_pylist())
        firms = [f for f in firms if f["id"] in local]
        heads = [h for h in heads if h["id"] in local]
    with_org = {c["id"] for c in covered}
    committees = _by_chain([x for x in leaders if x["role"] in LEADING])
    firms_of, heads_of = _with_segments(_by_chain(firms), segments(reader)), _by_chain(heads)
    rows = []
    for chain in listed:
        members, own_heads = firms_of.get(chain["id"], []), heads_of.get(chain["id"], [])
        if (context.chain and chain["id"] != context.chain) or (context.scope and not members and not own_heads):
            continue
        rows.append(
            {
                "id": chain["id"],
                "name": chain["name"],
                "key_chain": bool(chain["key_chain"]) or chain["name"] in context.locality.key_chains,
                "firms": len(members),
                "with_org": sum(f["id"] in with_org for f in members),
                "committee": [c["name"] for c in committees.get(chain["id"], [])],
                "heads": [h["name"] for h in own_heads],
                "heads_covered": all(h["id"] in with_org for h in own_heads) if own_heads else None,
                "output": chain["output"],
                "lead_department": chain["lead_department"],
                "division": chain["division"],
            }
        )
    graph = None
    if context.chain:
        network = subgraphs.read(reader, context)
        queries.extend(network.cypher)
        candidates = subgraphs.around(network, subgraphs.within(network, context))
        graph = subgraphs.cut(reader, context, network, candidates, MOST_DRAWN)
    column = context.ontology.column
    return context.answer(
        reader,
        "chains",
        "产业链",
        [
            Column("name", "产业链", link=("IndustryChain", "id")),
            Column("key_chain", "重点产业链", "boolean"),
            Column("firms", "链上企业", "integer", "家"),
            Column("with_org", "其中已建党组织", "integer", "家"),
            Column("committee", "产业链党委和牵头党组织", "strings"),
            Column("heads", "链主", "strings"),
            Column("heads_covered", "链主均已建党组织", "boolean"),
            column("IndustryChain.output"),
            column("IndustryChain.lead_department"),
            Column("division", "所在区划"),
        ],
        rows,
        totals=(
            Total("chains", "产业链", len(rows), "条"),
            Total("key_chains", "重点产业链", sum(r["key_chain"] for r in rows), "条"),
            Total("with_committee", "有党组织引领的产业链", sum(bool(r["committee"]) for r in rows), "条"),
            Total(
                "departments", "牵头服务部门（去重）", len({d for r in rows for d in r["lead_department"] or ()}), "个"
            ),
            Total("firms", "链上企业（去重）", len({f["id"] for r in rows for f in firms_of.get(r["id"], [])}), "家"),
        ),
        basis=(
            "链上企业（含各环节的）、链主、引领党组织均取截止日有效的关系；一家企业在多条链上时各链分别计数，合计去重。",
            f"已建党组织：有在册党组织覆盖，{'、'.join(parameters['kinds_not_covering'])}不计。",
        ),
        cypher=tuple(queries),
        graph=graph,
    )


def _by_chain(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The rows of each chain, each id once; rows are sorted by id."""
    grouped: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        own = grouped.setdefault(row["chain"], [])
        if not own or own[-1]["id"] != row["id"]:
            own.append(row)
    return grouped


def _with_segments(
    firms: Mapping[str, list[dict[str, Any]]], below: Mapping[str, Iterable[str]]
) -> dict[str, list[dict[str, Any]]]:
    """The firms of each chain and of its segments, each once."""
    firms_of = {}
    for chain in (*firms, *below):
        own = (firm for one in (chain, *below.get(chain, ())) for firm in firms.get(one, ()))
        firms_of[chain] = list({firm["id"]: firm for firm in own}.values())
    return firms_of


QUESTIONS: tuple[Question, ...] = (
    Question("chains", "产业链", "各产业链有多少企业、由哪个党委引领、链主是谁；chain= 给出一条链的图。", chains),
)
