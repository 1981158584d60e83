"""Candidates for each action of a remedy (domain.md §2), ranked, with reasons; the nearest first unless said otherwise."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graph.answers import Finding
from graph.questions.facets import CHAINS_CYPHER
from graph.questions.facts import GUIDING_CYPHER, POSTED_CYPHER
from graph.questions.nearby import Around, Candidate, Counts, Mask, Things
from graph.rules.given import extension_since, kinds_not_covering

#: candidates that are shown of each kind, and of those that stand beside them
MOST, FEW = 5, 3
#: units that a joint branch covers at most, as a rule (支部工作条例第二章)
JOINT_UNITS = 5

IN_PLACE_CYPHER = "MATCH (u:Unit)-[:IN_PLACE]->(p:Region) RETURN u.id AS id, p.id AS place ORDER BY id, place"
#: joint branches and what they cover
JOINT_CYPHER = """MATCH (o:PartyOrg)-[c:COVERS]->(u:Unit)
WHERE o.listed AND u.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
  AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
  AND (o.kind = '联合支部' OR (coalesce(o.kind, '支部') IN ['支部', '临时党支部'] AND c.mode = '联合'))
RETURN DISTINCT o.id AS id, u.id AS unit
ORDER BY id, unit"""
SUPERIOR_CYPHER = """MATCH (o:PartyOrg {id: $id})-[s:SUBORDINATE_TO]->(p:PartyOrg)
WHERE p.listed AND s.valid_from <= $as_of AND $as_of <= s.valid_to
RETURN DISTINCT p.id AS id
ORDER BY id"""
PAIRS_CYPHER = """MATCH (n:PartnerUnit)-[p:PAIRED_WITH]-(x)
WHERE n.listed AND x.listed AND p.valid_from <= $as_of AND $as_of <= p.valid_to
RETURN n.id AS id, count(DISTINCT x.id) AS number
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

Candidates = list[Candidate]


# -- officers ---------------------------------------------------------------------------------------


def assign_officer(around: Around, finding: Finding) -> Candidates:
    """The nearest officers in force who can take one more, of a role that the rule counts."""
    given = around.context.book.parameters(finding.rule, around.context)
    roles = given.get("officer_roles") or given.get("work_roles") or ["指导员"]
    posted = around.context.book.parameters("coverage_blank", around.context)
    sent = around.query(GUIDING_CYPHER, {**posted, "id": around.id}).to_pylist()
    now = {row["id"] for row in sent if row["in_force"]}
    return _officers(around, roles, now, {row["id"] for row in sent} - now)


def reassign(around: Around, finding: Finding) -> Candidates:
    """The nearest officers who could take over from one who has too many."""
    return _officers(around, ["指导员", "联络员"], {around.id}, set())


def _officers(around: Around, roles: Sequence[str], without: set[str], before: set[str]) -> Candidates:
    book, context = around.context.book, around.context
    # in force, how many units and how many at most: as the rule about too many of them says
    rule = book.rule("officer_overloaded")
    load = around.query(rule.population.cypher, book.parameters(rule.id, context))
    officers = around.things("GuidanceOfficer", "role")
    units, limit = (officers.counts(load["id"], load[name]) for name in ("units", "limit"))
    fits = officers.among(load["id"]) & (units < limit) & officers.where("role", roles, "指导员")
    fits &= around.same_county(officers) & ~officers.among(sorted(without))
    known = officers.among(sorted(before))
    like = np.zeros(len(fits), np.int64)
    if industry := around.own.get("industry"):
        posted = around.query(POSTED_CYPHER, book.parameters("coverage_blank", context))
        same = posted.filter(pc.equal(posted["industry"].cast(pa.string()), str(industry)))
        like = _tally(officers, same["id"])
    return [
        officers.candidate(
            row,
            officers.value(row, "role") or "指导员",
            (
                f"还可联系 {limit[row] - units[row]} 家（在岗联系 {units[row]} 家，上限 {limit[row]} 家）",
                f"所联系单位中同行业 {like[row]} 家" if like[row] else "",
                "曾联系本单位" if known[row] else "",
                around.whereabouts(officers, row),
            ),
        )
        for row in officers.order(fits, after=(~known * np.int64(1), -like, units - limit))[:MOST]
    ]


# -- organizations ----------------------------------------------------------------------------------


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
    number = _tally(organizations, firms["id"])
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


def pair(around: Around, finding: Finding) -> Candidates:
    """Partners with no or the fewest pairings in force, the nearest of them first."""
    partners = around.things("PartnerUnit", "kind")
    held = around.query(PAIRS_CYPHER, {"as_of": around.context.as_of})
    number = partners.counts(held["id"], held["number"])
    wanted = ~partners.where("kind", ["村社"]) if around.type == "Region" else partners.all()
    return [
        partners.candidate(
            row,
            partners.value(row, "kind") or "结对单位",
            (f"现有结对 {number[row]} 对", around.whereabouts(partners, row)),
        )
        for row in partners.order(wanted & around.same_county(partners), before=(number,))[:MOST]
    ]


# -- joint branches ---------------------------------------------------------------------------------


def unions(own: int, near: Sequence[int], minimum: int, most: int, limit: int = FEW) -> list[tuple[int, ...]]:
    """Which of the others (by position, the nearest first) make up `minimum` members with one's own.

    Each with at most `most` units, oneself included, and none in it that it does not need; those whose furthest is
    nearest first.
    """
    found = []
    for first, members in enumerate(near):
        chosen, total = [first], own + members
        for other in range(first + 1, len(near)):
            if total >= minimum or len(chosen) + 1 >= most:
                break
            chosen.append(other)
            total += near[other]
        if minimum <= total and len(chosen) < most and all(total - near[c] < minimum for c in chosen):
            found.append(tuple(chosen))
    return sorted(found, key=lambda chosen: (chosen[-1], chosen))[:limit]


def joint_branch(around: Around, finding: Finding) -> Candidates:
    """Uncovered units with too few members of the same chain, park or town, enough together; joint branches with room.

    What lies nearest goes first. Units that go together have one rank.
    """
    book, context = around.context.book, around.context
    given = book.parameters("org_should_join", context)
    minimum, own = int(given["org_min_members"]), finding.facts.get("formal_members")
    uncovered = around.query(book.rule("org_should_join").finding.cypher, given)
    units = around.things("Unit", "formal_members")
    ties = _ties(around, units)
    like = np.logical_or.reduce(list(ties.values()))
    order = units.order(units.among(uncovered["id"]) & like & ~units.among([around.id]))
    members = [int(units.value(row, "formal_members")) for row in order]
    found: list[tuple[tuple[float, ...], list[Candidate]]] = []
    most = _joint_units(around)
    for chosen in unions(own if isinstance(own, int) else 0, members, minimum, most):
        rows = [order[c] for c in chosen]
        together = f"与本单位共 {len(rows) + 1} 家，合计正式党员不少于 {minimum} 名"
        found.append(
            (
                _key(units, rows[-1]),
                [
                    units.candidate(
                        row,
                        "合建单位",
                        ("、".join(label for label, same in ties.items() if same[row]), together),
                        members=int(units.value(row, "formal_members")),
                    )
                    for row in rows
                ],
            )
        )
    found += [(key, [candidate]) for key, candidate in _with_room(around, units, like, most)]
    found.sort(key=lambda pair: pair[0])
    ranked = [
        Candidate(**{f: getattr(c, f) for f in Candidate.__dataclass_fields__ if f != "rank"}, rank=rank)
        for rank, (_, together) in enumerate(found, 1)
        for c in together
    ]
    return ranked or superiors(around, finding)


def receiving(around: Around, finding: Finding) -> Candidates:
    """Who could take in the members of a unit: joint branches with room, else the organization above."""
    units = around.things("Unit", "formal_members")
    like = np.logical_or.reduce(list(_ties(around, units).values()))
    found = sorted(_with_room(around, units, like, _joint_units(around)), key=lambda pair: pair[0])
    return [candidate for _, candidate in found] + superiors(around, finding)


def _joint_units(around: Around) -> int:
    """Units that a joint branch may cover: as the rule about too many of them says, where there is one."""
    if "joint_too_wide" in around.context.book.rules:
        return int(around.context.book.parameters("joint_too_wide", around.context).get("joint_units", JOINT_UNITS))
    return JOINT_UNITS


def _ties(around: Around, units: Things) -> dict[str, Mask]:
    """Which units have something in common with the subject."""
    chains = around.query(CHAINS_CYPHER, {"as_of": around.context.as_of})
    places = around.query(IN_PLACE_CYPHER)
    return {
        "同产业链": _sharing(units, chains["id"], chains["chain"], around.id),
        "同园区（楼宇）": _sharing(units, places["id"], places["place"], around.id),
        "同镇街": around.same_town(units),
    }


def _sharing(units: Things, ids: pa.ChunkedArray, of: pa.ChunkedArray, me: str) -> Mask:
    mine = of.filter(pc.equal(ids, me))
    return units.among(ids.filter(pc.is_in(of, value_set=mine.combine_chunks())))


def _with_room(around: Around, units: Things, like: Mask, most: int) -> list[tuple[tuple[float, ...], Candidate]]:
    """Joint branches of the town, or over a unit that has something in common, which may cover one more."""
    given = {"as_of": around.context.as_of, "kinds_not_covering": kinds_not_covering(around.context)}
    held = around.query(JOINT_CYPHER, given)
    organizations = around.things("PartyOrg", "kind")
    number = _tally(organizations, held["id"])
    common = units.table["id"].filter(pa.array(like))
    over = held.filter(pc.is_in(held["unit"], value_set=common.combine_chunks()))["id"]
    near = organizations.among(over) | around.same_town(organizations)
    return [
        (
            _key(organizations, row),
            organizations.candidate(
                row,
                "现有联合党支部",
                (f"已覆盖 {number[row]} 家，上限 {most} 家", around.whereabouts(organizations, row)),
            ),
        )
        for row in organizations.order((number > 0) & (number < most) & near)[:FEW]
    ]


def _key(things: Things, row: int) -> tuple[float, ...]:
    return tuple(float(key[row]) for key in things.away.sort_keys())


def _tally(things: Things, ids: pa.ChunkedArray) -> Counts:
    """How often each occurs among these ids."""
    counted = Counter(ids.to_pylist())
    return things.counts(
        pa.chunked_array([pa.array(counted, pa.string())]), pa.chunked_array([pa.array(counted.values(), pa.int64())])
    )


Find = Callable[[Around, Finding], Candidates]

#: who could mend it, by the action of the rule; the other actions are mended by the subject itself
FINDERS: Mapping[str, Find] = {
    "assign_officer": assign_officer,
    "replace": assign_officer,
    "reassign": reassign,
    "found_branch": found_branch,
    "joint_branch": joint_branch,
    "transfer": receiving,
    "attach": superiors,
    "election": superior,
    "by_election": superior,
    "elect_committee": superior,
    "raise": superior,
    "split": superior,
    "close": superior,
    "propose_committee": propose_committee,
    "group": group,
    "pair": pair,
}


def action(around: Around, finding: Finding, named: str) -> str:
    """The action that a rule names, or where it says so the one that the number of 正式党员 calls for."""
    if named != "by_members":
        return named
    members = finding.facts.get("formal_members")
    minimum = int(around.context.book.parameters("org_should_join", around.context)["org_min_members"])
    if not isinstance(members, int):
        return "verify"
    return "found_branch" if members >= minimum else "joint_branch" if members else "assign_officer"
