"""Organizations to belong to, to be led by or to be tied to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graph.answers import Finding
from graph.questions.nearby import FEW, MOST, Around, Candidates
from graph.rules.given import extension_since, kinds_not_covering

SUPERIOR_CYPHER = """MATCH (o:PartyOrg {id: $id})-[s:SUBORDINATE_TO]->(p:PartyOrg)
WHERE p.listed AND s.valid_from <= $as_of AND $as_of <= s.valid_to
RETURN DISTINCT p.id AS id
ORDER BY id"""
GROUPS_CYPHER = """MATCH (o:PartyOrg)-[m:GROUPED_IN]->(j:JointGroup)
WHERE o.listed AND j.listed AND m.valid_from <= $as_of AND $as_of <= m.valid_to
RETURN j.id AS id, count(DISTINCT o.id) AS number
ORDER BY id"""
OF_CHAIN_CYPHER = """MATCH (o:PartyOrg)-[v:COVERS]->(u:Unit)-[i:IN_CHAIN|LEADS_CHAIN]->(c:IndustryChain {id: $id})
WHERE o.listed AND u.listed AND v.valid_from <= $as_of AND $as_of <= v.valid_to
  AND i.valid_from <= $as_of AND $as_of <= i.valid_to
  AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
RETURN DISTINCT o.id AS id, u.id AS unit, coalesce(i.role, '') = '链主' AS head
ORDER BY id, unit, head"""


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
    given = {"id": around.id, "as_of": around.context.as_of, "kinds_not_covering": kinds_not_covering(around.context)}
    tied = around.query(OF_CHAIN_CYPHER, given)
    firms = tied.group_by(["id", "unit"], use_threads=False).aggregate([])
    number = organizations.tally(firms["id"])
    of_head = organizations.among(tied.filter(tied["head"].cast(pa.bool_()))["id"])
    lead = str(around.own.get("lead_department") or "")
    names = organizations.table["name"].cast(pa.string())
    leads = np.asarray(pc.fill_null(pc.starts_with(names, lead), False)) if lead else np.zeros(len(number), bool)
    order = organizations.order(leads | (number > 0), before=(~leads * np.int64(1), ~of_head * np.int64(1), -number))[
        :MOST
    ]
    return [
        organizations.candidate(
            row,
            "牵头部门党组织" if leads[row] else "链上党组织",
            (
                f"牵头服务部门：{lead}" if leads[row] else "",
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
