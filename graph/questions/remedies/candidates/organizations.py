"""Organizations and groups to join, to be led by, or to be linked with."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graph import distance
from graph.answers import Finding
from graph.coverage.unit_facts import COVERING_CYPHER
from graph.questions.remedies.proximity import FEW, MOST, Around, Candidates
from graph.regions import PLACES
from graph.rules.derived import extension_since, kinds_not_covering
from graph.validity import in_force

SUPERIOR_CYPHER = f"""MATCH (o:PartyOrg {{id: $id}})-[s:SUBORDINATE_TO]->(p:PartyOrg)
WHERE p.listed AND {in_force("s")}
RETURN DISTINCT p.id AS id
ORDER BY id"""
#: the parks, buildings and business districts that an entity is in
PLACES_CYPHER = """MATCH (n:{type} {{id: $id}})-[:IN_PLACE]->(h:Region)
WHERE h.listed
RETURN h.id AS id
ORDER BY id"""
#: the superiors of places: organizations that are in them, or bear their names
OF_PLACES_CYPHER = """MATCH (o:PartyOrg)
WHERE o.listed AND o.kind IN $kinds
MATCH (h:Region)
WHERE h.listed AND h.kind IN $places AND h.name <> ''
  AND (o.name CONTAINS h.name OR EXISTS { MATCH (o)-[:IN_PLACE]->(h) })
RETURN DISTINCT o.id AS id, h.id AS place
ORDER BY id, place"""
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
#: the committees of the chains of a firm
COMMITTEES_CYPHER = f"""MATCH (u:Unit {{id: $id}})-[i:IN_CHAIN]->(c:IndustryChain)<-[l:LEADS_CHAIN]-(o:PartyOrg)
WHERE c.listed AND o.listed AND l.role IN $roles AND {in_force("i")}
  AND {in_force("l")}
RETURN DISTINCT o.id AS id, l.role AS role, c.name AS chain
ORDER BY id, role, chain"""
#: the organizations that cover the 链主 of the chains of a firm
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

#: kinds of organizations that others are under, the nearer to the work first
SUPERIORS = ("综合党委", "党工委")


def found_branch(around: Around, finding: Finding) -> Candidates:
    """The superior of the new branch, then the nearest organizations."""
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
    """The superior of the park, building or district that the subject is in, else of its town, else of one above.

    It is the 综合党委 there; without one, the 党工委; [] without either.
    """
    organizations = around.things("PartyOrg", "kind")
    others = ~organizations.among([around.id])
    up = {region: level for level, region in enumerate(around.map.up(int(around.here.region[0])))}
    level = np.array([up.get(int(r), len(up)) for r in organizations.spots.region], np.int64)
    of_places = around.query(OF_PLACES_CYPHER, {"kinds": list(SUPERIORS), "places": list(PLACES)})
    here = of_places.filter(pc.is_in(of_places["place"], value_set=pa.array(_places(around), pa.string())))
    for kind in SUPERIORS:
        if rows := organizations.order(organizations.where("kind", [kind]) & organizations.among(here["id"]) & others):
            return [organizations.candidate(rows[0], "上级党组织", ("所在园区（楼宇、商圈）的" + kind,))]
    # the superior of a place is not that of the town around it
    others &= ~organizations.among(of_places["id"])
    for kind in SUPERIORS:
        above = organizations.where("kind", [kind]) & (level < len(up)) & others
        if rows := organizations.order(above, before=(level,)):
            where = "本镇街的" if level[rows[0]] <= up.get(around.town, 0) else "上一级的"
            return [organizations.candidate(rows[0], "上级党组织", (where + kind,))]
    return []


def _places(around: Around) -> list[str]:
    """The park, building or district that the subject is in or is, and those around it."""
    own = [around.id]
    if around.type in {one for one, _ in around.context.ontology.edges["IN_PLACE"].ends}:
        own = around.query(PLACES_CYPHER.format(type=around.type), {"id": around.id})["id"].to_pylist()
    positions = {around.map.ids.index(place).as_py() for place in own} - {distance.UNKNOWN}
    every = {above for position in positions for above in around.map.up(position)}
    return sorted(around.map.ids[r].as_py() for r in every if around.map.kinds[r] in PLACES)


def superior(around: Around, finding: Finding) -> Candidates:
    """The superiors that the subject has; without one, the superior that it should have."""
    parameters = {"id": around.id, "as_of": around.context.as_of}
    organizations = around.things("PartyOrg", "kind")
    rows = organizations.order(organizations.among(around.query(SUPERIOR_CYPHER, parameters)["id"]))
    reason = (_dates(around, finding), "现隶属")
    return [organizations.candidate(row, "上级党组织", reason) for row in rows] or superiors(around, finding)


def _dates(around: Around, finding: Finding) -> str:
    """The end of a term and of its approved extension in words; '' without an end."""
    end = finding.facts.get("term_to")
    if not isinstance(end, dt.date):
        return ""
    today, extended = around.context.as_of, finding.facts.get("extension_approved")
    days = (today - end).days
    text = f"届满日期 {end.isoformat()}，" + (f"已过 {days} 天" if days > 0 else f"还有 {-days} 天")
    if not extended:
        return text
    over = end < extension_since(around.context)
    return text + ("；批准延期已满一年" if over else "；已批准延期，以一年为限")


def propose_committee(around: Around, finding: Finding) -> Candidates:
    """The organizations of the lead department, then those of 链主, then those that cover most firms of the chain."""
    organizations = around.things("PartyOrg", "kind")
    departments = [str(name) for name in around.own.get("lead_department") or ()]
    tied = around.query(OF_CHAIN_CYPHER, _covering_parameters(around))
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
    """The groups of the subject's town, the smallest first."""
    groups = around.things("JointGroup")
    sizes = around.query(GROUPS_CYPHER, {"as_of": around.context.as_of})
    number = groups.counts(sizes["id"], sizes["number"])
    order = groups.order(around.same_town(groups), before=(number,))[:MOST]
    return [groups.candidate(row, "联组", (f"现有党组织 {number[row]} 个",)) for row in order]


def link(around: Around, finding: Finding) -> Candidates:
    """The committees of the chains that the subject is not linked with, then the organizations of their 链主."""
    context = around.context
    roles = context.book.parameters(finding.rule, context).get("committee_roles") or ["产业链党委", "牵头部门党组织"]
    parameters = _covering_parameters(around)
    leading = around.query(COMMITTEES_CYPHER, {**parameters, "roles": roles}).to_pylist()
    leading += around.query(HEADS_CYPHER, parameters).to_pylist()
    unlinked = finding.facts.get("chains")
    if isinstance(unlinked, list):
        leading = [row for row in leading if row["chain"] in unlinked]
    organizations = around.things("PartyOrg")
    candidates: Candidates = []
    for role in (*roles, "链主"):
        chains: dict[str, list[str]] = {}
        for row in leading:
            if row["role"] == role and row["id"] not in {candidate.id for candidate in candidates}:
                chains.setdefault(row["id"], []).append(row["chain"])
        label = "链主党组织" if role == "链主" else role
        candidates += [
            organizations.candidate(row, label, (f"产业链：{'、'.join(chains[organizations.value(row, 'id')])}",))
            for row in organizations.order(organizations.among(list(chains)))[:MOST]
        ]
    return candidates


def appoint(around: Around, finding: Finding) -> Candidates:
    """For a group its members and the superior; for a unit its own organizations, else the superior."""
    return _leadership(around, finding) if around.type == "JointGroup" else _own(around, finding)


def _own(around: Around, finding: Finding) -> Candidates:
    rows = around.query(COVERING_CYPHER, _covering_parameters(around)).to_pylist()
    modes = {row["id"]: f"{row['mode']}组建" if row["mode"] else "" for row in rows}
    organizations = around.things("PartyOrg")
    return [
        organizations.candidate(row, "本单位党组织", (modes[organizations.value(row, "id")],))
        for row in organizations.order(organizations.among(sorted(modes)))
    ] or superiors(around, finding)


def _leadership(around: Around, finding: Finding) -> Candidates:
    """For a role held too often its holders; for a role that is vacant the other members; then the superior.

    The nearest goes first, at one distance the organization with more 正式党员.
    """
    grouped = around.query(MEMBERS_CYPHER, {"id": around.id, "as_of": around.context.as_of}).to_pylist()
    organizations = around.things("PartyOrg", "formal_members")
    members = organizations.counts(organizations.table["id"], organizations.table["formal_members"])
    leading = {row["id"] for row in grouped if row["role"] in ("组长", "副组长")}
    others = [row["id"] for row in grouped if row["id"] not in leading]
    options: list[tuple[str, str, list[str]]] = []
    for role, fact, due in (("组长", "heads", 1), ("副组长", "deputies", 2)):
        number = finding.facts.get(fact)
        reason = f"现有{role} {number} 个，应为 {due} 个"
        if isinstance(number, int) and number > due:
            options.append((f"现任{role}", reason, [row["id"] for row in grouped if row["role"] == role]))
        elif isinstance(number, int) and number < due:
            options.append((f"{role}人选", reason, others))
    return [
        organizations.candidate(row, role, (reason, "本组成员"), members=organizations.value(row, "formal_members"))
        for role, reason, ids in options
        for row in organizations.order(organizations.among(ids), after=(-members,))[:FEW]
    ] + superiors(around, finding)


def build(around: Around, finding: Finding) -> Candidates:
    """The organizations of the place, their superior, and the nearest centers of the town, which may be shared."""
    organizations, sites = around.things("PartyOrg"), around.things("Site", "kind")
    here = organizations.among(around.query(HERE_CYPHER, {"id": around.id})["id"])
    number = organizations.tally(around.query(COVERING_HERE_CYPHER, _covering_parameters(around))["id"])
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


def _covering_parameters(around: Around) -> dict[str, Any]:
    context = around.context
    return {"id": around.id, "as_of": context.as_of, "kinds_not_covering": kinds_not_covering(context)}
