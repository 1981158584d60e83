"""Questions about the network: who carries others along, chains, pairings, and the network itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from graph import arrays
from graph.answers import Answer, Column, Total
from graph.chains import SEGMENTS_CYPHER, segments
from graph.context import Context
from graph.errors import QuestionError
from graph.ontology import ALWAYS_FROM, ALWAYS_TO
from graph.parameters import SEVERITIES, Parameter, whole
from graph.questions.asking import Question
from graph.questions.network import clusters, colouring, subgraphs
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader
from graph.validity import in_force

#: the types that 辐射带动 ranks, and how a user may call them
RANKED = {"Unit": "Unit", "PartyOrg": "PartyOrg", "两新组织": "Unit", "党组织": "PartyOrg"}
SOURCES = 3
MOST_DRAWN = 300
UNPAIRED = "未结对"
#: roles in which an organization leads a chain; 成员 is merely tied to it
LEADING = ("产业链党委", "牵头部门党组织")


def influence(reader: Reader, context: Context) -> Answer:
    """Units and organizations by PageRank on the chain, coverage and pairing network."""
    top = whole(context.parameters["top"], "top", 1, 10_000)
    wanted = context.parameters["type"]
    if wanted and wanted not in RANKED:
        raise QuestionError(f"type 不能是“{wanted[:60]}”。可用：{'、'.join(RANKED)}。")
    network = subgraphs.read(reader, context, subgraphs.TIES)
    core = subgraphs.within(network, context)
    # with a scope or a chain, the network is what touches it: every relation with an end inside
    touched = [core[network.graph.positions(network.edges[side])] for side in ("source", "target")]
    edges = network.edges.filter(pa.array(touched[0] | touched[1]))
    graph = arrays.build([edges], directed=False)
    scores = arrays.pagerank(graph)
    place = network.graph.positions(graph.ids)
    inside = core[place] & network.of_type(*([RANKED[wanted]] if wanted else ("Unit", "PartyOrg")))[place]
    ranked = np.flatnonzero(inside)
    # equal scores differ in their last bits with the order of additions; ids decide among them
    order = ranked[np.lexsort((ranked, -np.round(scores[ranked] * len(graph), 9)))][:top]
    nodes = network.nodes.take(place).to_pylist()
    sources = arrays.contributions(graph, scores, order, top=SOURCES)
    rows = [
        {
            "rank": rank,
            "name": nodes[at]["name"],
            "type": context.ontology.nodes[nodes[at]["type"]].label,
            "division": nodes[at]["place"] or "未落地",
            "score": float(scores[at]),
            "multiple": round(float(scores[at]) * len(graph), 2),
            "sources": [f"{nodes[u]['name']} {share:.0%}" for u, share in sources[rank - 1]],
            "id": nodes[at]["id"],
        }
        for rank, at in enumerate(order, start=1)
    ]
    shown = np.zeros(len(network.graph), dtype=bool)
    shown[place[order]] = True
    first = {row["id"]: f"第 {row['rank']} 名" for row in rows[:SOURCES]}
    labels = "、".join(context.ontology.edges[edge].label for edge in subgraphs.TIES)
    return context.answer(
        reader,
        "influence",
        "辐射带动排名",
        [
            Column("rank", "名次", "integer"),
            Column("name", "名称", link=("*", "id")),
            Column("type", "类型"),
            Column("division", "所在区划"),
            Column("score", "得分", "number"),
            Column("multiple", "相当于平均的倍数", "number", "倍"),
            Column("sources", "来源（占本得分的比例）", "strings"),
        ],
        rows,
        totals=(
            Total("ranked", "参与排名的单位和党组织", len(ranked), "个"),
            Total("nodes", "网络节点", len(graph), "个"),
            Total("relations", "有效关系", edges.num_rows, "条"),
        ),
        basis=(
            f"网络：截止日有效的{labels}关系，不分方向，每条权重 1，同两方之间的多条相加；"
            "限定区划或产业链时，取至少一端在其中的关系。",
            "得分 s(v) = (1−d)/n + d·Σ s(u)·w(u,v)/Σw(u,·)，d = 0.85，n 为网络节点数，全网合计为 1"
            "（PageRank：Brin & Page 1998；定义同 LDBC Graphalytics 规范）。",
            "来源为相邻节点传来的部分占该得分的比例，列前三；其余为更多相邻节点和各节点均有的 (1−d)/n。",
        ),
        notes=("没有上述关系的单位和党组织不在网络中，不参与排名。",),
        cypher=network.cypher,
        graph=subgraphs.cut(reader, context, network, subgraphs.around(network, shown), MOST_DRAWN, first, shown),
    )


_CHAIN_FIRMS = f"""MATCH (u:Unit)-[e:IN_CHAIN]->(c:IndustryChain)
WHERE u.listed AND c.listed AND {in_force("e")}
RETURN DISTINCT c.id AS chain, u.id AS id, u.name AS name
ORDER BY chain, id"""
_CHAIN_LEADERS = f"""MATCH (o:PartyOrg)-[e:LEADS_CHAIN]->(c:IndustryChain)
WHERE o.listed AND c.listed AND {in_force("e")}
RETURN DISTINCT c.id AS chain, o.id AS id, o.name AS name, e.role AS role
ORDER BY chain, id"""
_CHAIN_HEADS = f"""MATCH (u:Unit)-[e:LEADS_CHAIN]->(c:IndustryChain)
WHERE u.listed AND c.listed AND e.role = '链主' AND {in_force("e")}
RETURN DISTINCT c.id AS chain, u.id AS id, u.name AS name
ORDER BY chain, id"""
_CHAINS = """MATCH (c:IndustryChain) WHERE c.listed
OPTIONAL MATCH (c)-[:LOCATED_IN]->(r:Region)
RETURN c.id AS id, c.name AS name, c.key_chain AS key_chain, c.output AS output,
  c.lead_department AS lead_department, r.name AS division
ORDER BY name, id"""
_COVERED = f"""MATCH (o:PartyOrg)-[e:COVERS]->(u:Unit)
WHERE o.listed AND u.listed AND {in_force("e")}
  AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
RETURN DISTINCT u.id AS id"""
_UNITS_IN_SCOPE = """MATCH (u:Unit)-[:LOCATED_IN]->(r:Region)
WHERE u.listed AND r.id IN $scope
RETURN u.id AS id"""


def chains(reader: Reader, context: Context) -> Answer:
    """One row for each chain: firms, organizations, committee, 链主. With a chain, that one and its network."""
    given = subgraphs.given(context)
    queries = [_CHAINS, _CHAIN_FIRMS, _CHAIN_LEADERS, _CHAIN_HEADS, _COVERED]
    found, firms, leaders, heads, covered = (reader.query(q, given).to_pylist() for q in queries)
    queries.append(SEGMENTS_CYPHER)
    if context.scope:
        queries.append(_UNITS_IN_SCOPE)
        local = set(reader.query(_UNITS_IN_SCOPE, given)["id"].to_pylist())
        firms = [f for f in firms if f["id"] in local]
        heads = [h for h in heads if h["id"] in local]
    with_org = {c["id"] for c in covered}
    led = _by_chain([x for x in leaders if x["role"] in LEADING])
    firms_of, heads_of = _with_segments(_by_chain(firms), segments(reader)), _by_chain(heads)
    rows = []
    for chain in found:
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
                "committee": [c["name"] for c in led.get(chain["id"], [])],
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
            f"已建党组织：有在册党组织覆盖，{'、'.join(given['kinds_not_covering'])}不计。",
        ),
        cypher=tuple(queries),
        graph=graph,
    )


def _by_chain(found: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    grouped: dict[str, list[dict[str, Any]]] = {}
    for row in found:
        members = grouped.setdefault(row["chain"], [])
        if all(row["id"] != member["id"] for member in members[-1:]):
            members.append(row)
    return grouped


def _with_segments(
    firms: Mapping[str, list[dict[str, Any]]], below: Mapping[str, Iterable[str]]
) -> dict[str, list[dict[str, Any]]]:
    """The firms of each chain or of one of its segments, each once."""
    return {
        chain: list(
            {firm["id"]: firm for one in (chain, *below.get(chain, ())) for firm in firms.get(one, ())}.values()
        )
        for chain in (*firms, *below)
    }


_PAIRS = f"""MATCH (a)-[e:PAIRED_WITH]->(b)
WHERE {in_force("e")}
RETURN a.id AS one, b.id AS other, e.valid_from AS since, e.valid_to AS until,
  e.items AS items, e.status AS status, e.contact AS contact, e.key AS key
ORDER BY key"""


def pairings(reader: Reader, context: Inquiry) -> Answer:
    """Who is paired with whom, since when, what was done; and the sides named by the county that are not."""
    # the members of a chain are known by its own relations
    needed = ("PAIRED_WITH", *(("IN_CHAIN", "LEADS_CHAIN", "COVERS") if context.chain else ()))
    network = subgraphs.read(reader, context, needed)
    nodes = {row["id"]: row for row in network.nodes.to_pylist()}
    inside = set(network.nodes.filter(pa.array(subgraphs.within(network, context)))["id"].to_pylist())
    rows: list[dict[str, Any]] = []
    for pair in reader.query(_PAIRS, {"as_of": context.as_of}).to_pylist():
        one, other = nodes.get(pair["one"]), nodes.get(pair["other"])
        if one and other and (one["id"] in inside or other["id"] in inside):
            rows.append(
                {
                    **_side(context, one, "one"),
                    **_side(context, other, "other"),
                    "division": one["place"] if other["type"] != "Region" else other["place"],
                    "since": _dated(pair["since"]),
                    "until": _dated(pair["until"]),
                    "items": pair["items"],
                    "status": pair["status"],
                    "contact": pair["contact"],
                    "state": "已结对",
                    "id": pair["one"],
                }
            )
    rows.sort(key=lambda r: (r["one_type"], r["one"], r["other"], r["id"]))
    missing = [
        {**_side(context, nodes[subject], "one"), "division": nodes[subject]["place"], "state": UNPAIRED, "id": subject}
        for subject in _unpaired(reader, context)
        if subject in nodes
    ]
    missing.sort(key=lambda r: (r["one_type"], r["one"], r["id"]))
    sides = {row[side] for row in rows for side in ("one_id", "other_id")}
    shown = np.array([node in sides for node in nodes]) | np.isin(list(nodes), [row["id"] for row in missing])
    column = context.ontology.column
    return context.answer(
        reader,
        "pairings",
        "结对共建",
        [
            Column("one", "甲方", link=("*", "one_id")),
            Column("one_type", "甲方类型"),
            Column("other", "乙方", link=("*", "other_id")),
            Column("other_type", "乙方类型"),
            Column("division", "所在区划"),
            Column("since", "结对日期", "date"),
            Column("until", "期满日期", "date"),
            column("PAIRED_WITH.items"),
            column("PAIRED_WITH.status"),
            column("PAIRED_WITH.contact"),
            Column("state", "状态"),
        ],
        [*rows, *missing],
        totals=(
            Total("pairs", "有效结对", len(rows), "对"),
            Total("sides", "参与结对的各方", len(sides), "个"),
            Total("missing", "应结对未结对", len(missing), "个"),
        ),
        basis=(
            "结对：截止日有效的结对关系，日期为空视为长期有效。",
            "未结对（规则 partner_missing）：本地结对方案所列的"
            + "、".join(context.locality.pairing_sides)
            + "中没有有效结对的。",
        ),
        cypher=(_PAIRS, *network.cypher),
        graph=subgraphs.cut(reader, context, network, shown, MOST_DRAWN, {row["id"]: UNPAIRED for row in missing}),
    )


def _side(context: Context, node: Mapping[str, Any], side: str) -> dict[str, Any]:
    return {side: node["name"], f"{side}_type": context.ontology.nodes[node["type"]].label, f"{side}_id": node["id"]}


def _unpaired(reader: Reader, context: Inquiry) -> list[str]:
    return [f.subject for f in context.book.run(reader, "partner_missing", context).findings]


def _dated(date: dt.date) -> dt.date | None:
    """A date of validity, blank where the ledger had none."""
    return None if date in (ALWAYS_FROM, ALWAYS_TO) else date


def network(reader: Reader, context: Inquiry) -> Answer:
    """The network of a division, a chain or all: its nodes as rows, the drawing as graph; groups where they are many."""
    limit = whole(context.parameters["limit"] or str(clusters.MOST_NODES), "limit", 1, 5_000)
    fields = (clusters.chosen(context), *colouring.fields(context))
    found = subgraphs.read(reader, context)
    candidates = subgraphs.around(found, subgraphs.within(found, context))
    if gathered := clusters.wanted(reader, context, found, candidates):
        return clusters.grouped(reader, context, found, gathered)
    graph = subgraphs.cut(reader, context, found, candidates, limit)
    marks = _marks(reader, context)
    graph = replace(graph, nodes=tuple(replace(node, mark=marks.get(node.id, "")) for node in graph.nodes))
    graph = colouring.dressed(reader, context, found, graph)
    degree: dict[str, int] = {}
    for edge in graph.edges:
        degree[edge.source] = degree.get(edge.source, 0) + 1
        degree[edge.target] = degree.get(edge.target, 0) + 1
    places = dict(zip(found.nodes["id"].to_pylist(), found.nodes["place"].to_pylist(), strict=True))
    labels = {kind.name: kind.label for kind in context.ontology.entities}
    rows = [
        {
            "name": node.label,
            "type": labels[node.type],
            "division": places[node.id] or "未落地",
            "relations": degree.get(node.id, 0),
            "mark": node.mark,
            "sensitivity": node.sensitivity,
            "id": node.id,
        }
        for node in sorted(graph.nodes, key=lambda n: (-degree.get(n.id, 0), n.id))
    ]
    return context.answer(
        reader,
        "network",
        "图谱",
        [
            Column("name", "名称", sensitivity_from="sensitivity", link=("*", "id")),
            Column("type", "类型"),
            Column("division", "所在区划"),
            Column("relations", "图中关系数", "integer", "条"),
            Column("mark", "问题"),
        ],
        rows,
        totals=(
            Total("nodes", "图中节点", len(graph.nodes), "个"),
            Total("edges", "图中关系", len(graph.edges), "条"),
            Total("left_out", "未画出的节点", graph.left_out, "个"),
            Total("marked", "图中有问题的节点", sum(bool(node.mark) for node in graph.nodes), "个"),
        ),
        basis=(
            "图中为截止日有效的" + "、".join(context.ontology.edges[e].label for e in subgraphs.DRAWN) + "关系；"
            "限定区划或产业链时，含其中各节点及与之直接相连的节点。节点过多时取关系最多的节点及与之相连的节点。",
            f"标注为严重程度“{SEVERITIES[context.severity or 'high']}”的规则所认定的问题；一个节点有几项的，标其一。",
        ),
        cypher=found.cypher,
        graph=graph,
        fields=fields,
    )


def _marks(reader: Reader, context: Inquiry) -> dict[str, str]:
    """What the rules of the severity asked for (else the highest) find, by id; the first rule of the book wins."""
    book, wanted = context.book, context.severity or "high"
    rules = [r.id for r in book.rules.values() if wanted in book.severities(r, context.locality)]
    # also of what is drawn beside a chain
    everywhere = replace(context, chain="")
    found = book.each(reader, rules, lambda mine, rule: book.findings(mine, rule, everywhere))
    marks: dict[str, str] = {}
    for rule, findings in zip(rules, found, strict=True):
        for finding in findings:
            if finding.severity == wanted:
                marks.setdefault(finding.subject, book.rules[rule].title)
    return marks


QUESTIONS: tuple[Question, ...] = (
    Question(
        "influence",
        "辐射带动排名",
        "哪些单位、党组织在产业链、覆盖、结对网络中带动作用较大，得分从何而来。",
        influence,
        (Parameter("top", "前几名", default="50"), Parameter("type", "类型（Unit 或 PartyOrg）")),
    ),
    Question("chains", "产业链", "各产业链有多少企业、由哪个党委引领、链主是谁；chain= 给出一条链的图。", chains),
    Question("pairings", "结对共建", "谁与谁结对、自何时起、做了什么；按本地方案应结对而未结对的有哪些。", pairings),
    Question(
        "network",
        "图谱",
        "一个区划或一条产业链的关系网络；节点超过 1,500 个时按区划（或产业链）汇总，可逐层打开。",
        network,
        (clusters.LIMIT, clusters.GROUP, colouring.COLOUR, colouring.MEASURE),
        layout="drawing",
    ),
)
