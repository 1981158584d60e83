"""Organizations to belong to, to be led by or to be tied to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graph.answers import Finding
from graph.coverage.unit_facts import COVERING_CYPHER
from graph.questions.remedies.proximity import FEW, MOST, Around, Candidates
from graph.rules.derived import extension_since, kinds_not_covering
from graph.validity import in_force

SUPERIOR_CYPHER = f"""MATCH (o:PartyOrg {{id: $id}})-[s:SUBORDINATE_TO]->(p:PartyOrg)
WHERE p.listed AND {in_force("s")}
RETURN DISTINCT p.id AS id
ORDER BY id"""
GROUPS_CYPHER = f"""MATCH (o:PartyOrg)-[m:GROUPED_IN]->(j:JointGroup)
WHERE o.listed AND j.listed AND {in_force("m")}
RETURN j.id AS id, count(DISTINCT o.id) AS number
ORDER BY id"""
OF_CHAIN_CYPHER = f"""MATCH (o:PartyOrg)-[v:COVERS]->(u:Unit)-[i:IN_CHAIN|LEADS_CHAIN]->(c:IndustryChain {{id: $id}})
WHERE o.listed AND u.listed AND {in_force("v")}
  AND {in_force("i")}
  AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
RETURN DISTINCT o.id AS id, u.id AS unit, coalesce(i.role, '') = '链主' AS head
ORDER BY id, unit, head"""
#: committees of the chains of a firm
COMMITTEES_CYPHER = f"""MATCH (u:Unit {{id: $id}})-[i:IN_CHAIN]->(c:IndustryChain)<-[l:LEADS_CHAIN]-(o:PartyOrg)
WHERE c.listed AND o.listed AND l.role IN $roles AND {in_force("i")}
  AND {in_force("l")}
RETURN DISTINCT o.id AS id, l.role AS role, c.name AS chain
ORDER BY id, role, chain"""
#: organizations that cover the 链主 of the chains of a firm
HEADS_CYPHER = f"""MATCH (u:Unit {{id: $id}})-[i:IN_CHAIN]->(c:IndustryChain)<-[l:LEADS_CHAIN]-(h:Unit)<-[v:COVERS]-(o:PartyOrg)
WHERE c.listed AND h.listed AND o.listed AND h.id <> $id AND l.role = '链主'
  AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
  AND {in_force("i")} AND {in_force("l")}
  AND {in_force("v")}
RETURN DISTINCT o.id AS id, '链主' AS role, c.name AS chain
ORDER BY id, chain"""
MEMBERS_CYPHER = f"""MATCH (o:PartyOrg)-[m:GROUPED_IN]->(j:JointGroup {{id: $id}})
WHERE o.listed AND {in_force("m")}
RETURN DISTINCT o.id AS id, coalesce(m.role, '成员') AS role
ORDER BY id, role"""
HERE_CYPHER = """MATCH (o:PartyOrg)-[:IN_PLACE]->(h:Region {id: $id})
WHERE o.listed
RETURN DISTINCT o.id AS id
ORDER BY id"""
COVERING_HERE_CYPHER = f"""MATCH (o:PartyOrg)-[c:COVERS]->(u:Unit)-[:IN_PLACE]->(h:Region {{id: $id}})
WHERE o.listed AND u.listed AND {in_force("c")}
  AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
RETURN DISTINCT o.id AS id, u.id AS unit
ORDER BY id, unit"""


def found_branch(around: Around, finding: Finding) -> Candidates:
    """Where the new branch would belong, and the nearest organizations."""
    organizations = around.things("PartyOrg", "kind")
    kinds = ["党委", "总支", "支部", "联合支部"]
    nearest = organizations.order(organizations.where("kind", kinds, "支部"))[:FEW]
    return [
        *superiors(around, finding),
        *(
            organizations.candidate(
                row,
                "就近党组织",
                (organizations.value(row, "kind") or "", around.whereabouts(organizations, row)),
            )
            for row in nearest
        ),
    ]


def superiors(around: Around, finding: Finding) -> Candidates:
    """The 综合党委 of the town, else of what lies above it; where there is none, the 党工委."""
    organizations = around.things("PartyOrg", "kind")
    up = {region: level for level, region in enumerate(around.map.up(int(around.here.region[0])))}
    level = np.array([up.get(int(r), len(up)) for r in organizations.spots.region], np.int64)
    for kind in ("综合党委", "党工委"):
        wanted = organizations.where("kind", [kind]) & (level < len(up)) & ~organizations.among([around.id])
        if found := organizations.order(wanted, before=(level,)):
            why = "本镇街的" if level[found[0]] <= level_of_town(around, up) else "上一级的"
            return [organizations.candidate(found[0], "上级党组织", (why + kind,))]
    return []


def level_of_town(around: Around, up: Mapping[int, int]) -> int:
    """How far up the subject's 镇街 is."""
    return up.get(around.town, 0)


def superior(around: Around, finding: Finding) -> Candidates:
    """The organization that it belongs to; where none is known, the one that it would belong to."""
    given = {"id": around.id, "as_of": around.context.as_of}
    organizations = around.things("PartyOrg", "kind")
    found = organizations.order(organizations.among(around.query(SUPERIOR_CYPHER, given)["id"]))
    why = _dates(around, finding)
    if not found:
        return superiors(around, finding)
    return [organizations.candidate(row, "上级党组织", (why, "现隶属")) for row in found]


def _dates(around: Around, finding: Finding) -> str:
    """Until when a term ran, and until when an approved extension of it."""
    end = finding.facts.get("term_to")
    if not isinstance(end, dt.date):
        return ""
    today, extended = around.context.as_of, finding.facts.get("extension_approved")
    days = (today - end).days
    said = f"届满日期 {end.isoformat()}，" + (f"已过 {days} 天" if days > 0 else f"还有 {-days} 天")
    if not extended:
        return said
    over = end < extension_since(around.context)
    return said + ("；批准延期已满一年" if over else "；已批准延期，以一年为限")


def propose_committee(around: Around, finding: Finding) -> Candidates:
    """The organization of the lead department, then those of the chain's firms: of its head first, then of the most."""
    organizations = around.things("PartyOrg", "kind")
    departments = [str(name) for name in around.own.get("lead_department") or ()]
    given = {"id": around.id, "as_of": around.context.as_of, "kinds_not_covering": kinds_not_covering(around.context)}
    tied = around.query(OF_CHAIN_CYPHER, given)
    firms = tied.group_by(["id", "unit"], use_threads=False).aggregate([])
    number = organizations.tally(firms["id"])
    of_head = organizations.among(tied.filter(tied["head"].cast(pa.bool_()))["id"])
    names = organizations.table["name"].cast(pa.string())
    leads = np.zeros(len(number), bool)
    for department in departments:
        leads |= np.asarray(pc.fill_null(pc.starts_with(names, department), False))
    order = organizations.order(leads | (number > 0), before=(~leads * np.int64(1), ~of_head * np.int64(1), -number))[
        :MOST
    ]
    return [
        organizations.candidate(
            row,
            "牵头部门党组织" if leads[row] else "链上党组织",
            (
                f"牵头服务部门：{'、'.join(departments)}" if leads[row] else "",
                "覆盖链主企业" if of_head[row] else "",
                f"覆盖链上企业 {number[row]} 家" if number[row] else "",
            ),
        )
        for row in order
    ]


def group(around: Around, finding: Finding) -> Candidates:
    """The groups of its town, the smallest first."""
    groups = around.things("JointGroup")
    held = around.query(GROUPS_CYPHER, {"as_of": around.context.as_of})
    number = groups.counts(held["id"], held["number"])
    order = groups.order(around.same_town(groups), before=(number,))[:MOST]
    return [groups.candidate(row, "联组", (f"现有党组织 {number[row]} 个",)) for row in order]


def link(around: Around, finding: Finding) -> Candidates:
    """The committees of the chains that it is not tied to, then the organizations of their 链主, who bring it in."""
    context = around.context
    roles = context.book.parameters(finding.rule, context).get("committee_roles") or ["产业链党委", "牵头部门党组织"]
    given = {"id": around.id, "as_of": context.as_of}
    led = around.query(COMMITTEES_CYPHER, {**given, "roles": roles}).to_pylist()
    led += around.query(HEADS_CYPHER, {**given, "kinds_not_covering": kinds_not_covering(context)}).to_pylist()
    chains = finding.facts.get("chains")
    open_ = [row for row in led if not isinstance(chains, (list, tuple)) or row["chain"] in chains]
    organizations = around.things("PartyOrg")
    found: Candidates = []
    for role in (*roles, "链主"):
        of: dict[str, list[str]] = {}
        for row in open_:
            if row["role"] == role and row["id"] not in {candidate.id for candidate in found}:
                of.setdefault(row["id"], []).append(row["chain"])
        called = "链主党组织" if role == "链主" else role
        found += [
            organizations.candidate(row, called, (f"产业链：{'、'.join(of[organizations.value(row, 'id')])}",))
            for row in organizations.order(organizations.among(list(of)))[:MOST]
        ]
    return found


def appoint(around: Around, finding: Finding) -> Candidates:
    """Of a group its members, and who is above them; of a unit its own organization."""
    return _leadership(around, finding) if around.type == "JointGroup" else _own(around, finding)


def _own(around: Around, finding: Finding) -> Candidates:
    given = {"id": around.id, "as_of": around.context.as_of, "kinds_not_covering": kinds_not_covering(around.context)}
    mode = {row["id"]: row["mode"] for row in around.query(COVERING_CYPHER, given).to_pylist()}
    organizations = around.things("PartyOrg")
    return [
        organizations.candidate(
            row, "本单位党组织", (f"{of}组建" if (of := mode[organizations.value(row, "id")]) else "",)
        )
        for row in organizations.order(organizations.among(sorted(mode)))
    ] or superiors(around, finding)


def _leadership(around: Around, finding: Finding) -> Candidates:
    """Where there are too many, those who are; where one is missing, the other members; then who is above.

    The nearest go first, of two as near the one with more 正式党员.
    """
    given = {"id": around.id, "as_of": around.context.as_of}
    held = around.query(MEMBERS_CYPHER, given).to_pylist()
    organizations = around.things("PartyOrg", "formal_members")
    members = organizations.counts(organizations.table["id"], organizations.table["formal_members"])
    lead = {row["id"] for row in held if row["role"] in ("组长", "副组长")}
    others = [row["id"] for row in held if row["id"] not in lead]
    chosen: list[tuple[str, str, list[str]]] = []
    for role, fact, wanted in (("组长", "heads", 1), ("副组长", "deputies", 2)):
        number = finding.facts.get(fact)
        said = f"现有{role} {number} 个，应为 {wanted} 个"
        if isinstance(number, int) and number > wanted:
            chosen.append((f"现任{role}", said, [row["id"] for row in held if row["role"] == role]))
        elif isinstance(number, int) and number < wanted:
            chosen.append((f"{role}人选", said, others))
    return [
        organizations.candidate(row, role, (why, "本组成员"), members=organizations.value(row, "formal_members"))
        for role, why, ids in chosen
        for row in organizations.order(organizations.among(ids), after=(-members,))[:FEW]
    ] + superiors(around, finding)


def build(around: Around, finding: Finding) -> Candidates:
    """The organizations of the place, who is above them, and the nearest centers of the town, which may be shared."""
    given = {"id": around.id, "as_of": around.context.as_of, "kinds_not_covering": kinds_not_covering(around.context)}
    organizations, sites = around.things("PartyOrg"), around.things("Site", "kind")
    here = organizations.among(around.query(HERE_CYPHER, {"id": around.id})["id"])
    number = organizations.tally(around.query(COVERING_HERE_CYPHER, given)["id"])
    of_place = organizations.order(here | (number > 0), before=(~here * np.int64(1), -number))[:FEW]
    centers = sites.order(sites.where("kind", ["党群服务中心"]) & around.same_town(sites))[:FEW]
    return [
        *(
            organizations.candidate(
                row,
                "本处党组织",
                ("坐落于此" if here[row] else "", f"覆盖此处单位 {number[row]} 家" if number[row] else ""),
            )
            for row in of_place
        ),
        *superiors(around, finding),
        *(sites.candidate(row, "可共用的阵地", (around.whereabouts(sites, row),)) for row in centers),
    ]
