"""Neighbours for a joint branch, and joint branches with room."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graph.answers import Finding
from graph.questions.facets import CHAINS_CYPHER
from graph.questions.remedies.candidates.organizations import superiors
from graph.questions.remedies.proximity import FEW, Around, Candidate, Candidates, Mask, Things
from graph.rules.derived import kinds_not_covering
from graph.rules.rule import FINDING
from graph.rules.verdicts import of_verdict
from graph.validity import in_force

#: units that a joint branch covers at most, as a rule (支部工作条例第二章)
JOINT_UNITS = 5

IN_PLACE_CYPHER = "MATCH (u:Unit)-[:IN_PLACE]->(p:Region) RETURN u.id AS id, p.id AS place ORDER BY id, place"
#: joint branches and what they cover
JOINT_CYPHER = f"""MATCH (o:PartyOrg)-[c:COVERS]->(u:Unit)
WHERE o.listed AND u.listed AND {in_force("c")}
  AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
  AND (o.kind = '联合支部' OR (coalesce(o.kind, '支部') IN ['支部', '临时党支部'] AND c.mode = '联合'))
RETURN DISTINCT o.id AS id, u.id AS unit
ORDER BY id, unit"""


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
    uncovered = of_verdict(around.rows("org_should_join"), FINDING)
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
    number = organizations.tally(held["id"])
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
