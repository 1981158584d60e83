"""Units to form a joint branch with, and joint branches that can take in one more unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graph.answers import Finding
from graph.questions.remedies.candidates.organizations import superiors
from graph.questions.remedies.proximity import FEW, Around, Candidate, Candidates, Mask, Things
from graph.rules.derived import kinds_not_covering
from graph.rules.rule import FINDING
from graph.rules.verdicts import of_verdict
from graph.validity import in_force

#: the most units that a joint branch covers as a rule (《中国共产党支部工作条例（试行）》第二章)
JOINT_UNITS = 5
IN_CHAIN_CYPHER = f"""MATCH (u:Unit)-[i:IN_CHAIN]->(c:IndustryChain)
WHERE u.listed AND c.listed AND {in_force("i")}
RETURN DISTINCT u.id AS id, c.id AS chain
ORDER BY chain, id"""
IN_PLACE_CYPHER = "MATCH (u:Unit)-[:IN_PLACE]->(p:Region) RETURN u.id AS id, p.id AS place ORDER BY id, place"
#: joint branches and what they cover
JOINT_CYPHER = f"""MATCH (o:PartyOrg)-[c:COVERS]->(u:Unit)
WHERE o.listed AND u.listed AND {in_force("c")}
  AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)
  AND (o.kind = '联合支部' OR (coalesce(o.kind, '支部') IN ['支部', '临时党支部'] AND c.mode = '联合'))
RETURN DISTINCT o.id AS id, u.id AS unit
ORDER BY id, unit"""


def unions(own: int, near: Sequence[int], minimum: int, most: int, limit: int = FEW) -> list[tuple[int, ...]]:
    """The first `limit` unions of a unit of `own` members with others that have at least `minimum` members.

    `near` are the members of the other units, the nearest unit first. A union is the positions of its other units: it
    has at most `most` units with the subject, and needs each of them. The union whose furthest unit is nearest is first.
    """
    possible = []
    for first, members in enumerate(near):
        chosen, total = [first], own + members
        for other in range(first + 1, len(near)):
            if total >= minimum or len(chosen) + 1 >= most:
                break
            chosen.append(other)
            total += near[other]
        if minimum <= total and len(chosen) < most and all(total - near[c] < minimum for c in chosen):
            possible.append(tuple(chosen))
    return sorted(possible, key=lambda chosen: (chosen[-1], chosen))[:limit]


def joint_branch(around: Around, finding: Finding) -> Candidates:
    """Unions of uncovered units of the same chain, park or town, and joint branches with room; else the superiors.

    The nearest goes first. The units of a union have one rank.
    """
    parameters = around.context.book.parameters("org_should_join", around.context)
    minimum, own = int(parameters["org_min_members"]), finding.facts.get("formal_members")
    uncovered = of_verdict(around.rows("org_should_join"), FINDING)
    units = around.things("Unit", "formal_members")
    ties = _ties(around, units)
    like = np.logical_or.reduce(list(ties.values()))
    order = units.order(units.among(uncovered["id"]) & like & ~units.among([around.id]))
    members = [int(units.value(row, "formal_members")) for row in order]
    options: list[tuple[tuple[float, ...], list[Candidate]]] = []
    most = _joint_units(around)
    for chosen in unions(own if isinstance(own, int) else 0, members, minimum, most):
        rows = [order[c] for c in chosen]
        together = f"与本单位共 {len(rows) + 1} 家，合计正式党员不少于 {minimum} 名"
        union = [
            units.candidate(
                row,
                "合建单位",
                ("、".join(label for label, same in ties.items() if same[row]), together),
                members=int(units.value(row, "formal_members")),
            )
            for row in rows
        ]
        options.append((_key(units, rows[-1]), union))
    options += [(key, [candidate]) for key, candidate in _with_room(around, units, like, most)]
    options.sort(key=lambda option: option[0])
    ranked = [replace(c, rank=rank) for rank, (_, union) in enumerate(options, 1) for c in union]
    return ranked or superiors(around, finding)


def receiving(around: Around, finding: Finding) -> Candidates:
    """The organizations that could take in the members of a unit: joint branches with room, then the superior."""
    units = around.things("Unit", "formal_members")
    like = np.logical_or.reduce(list(_ties(around, units).values()))
    branches = sorted(_with_room(around, units, like, _joint_units(around)), key=lambda pair: pair[0])
    return [candidate for _, candidate in branches] + superiors(around, finding)


def _joint_units(around: Around) -> int:
    """The most units that a joint branch may cover, as the rule joint_too_wide sets it if the book has the rule."""
    if "joint_too_wide" in around.context.book.rules:
        return int(around.context.book.parameters("joint_too_wide", around.context).get("joint_units", JOINT_UNITS))
    return JOINT_UNITS


def _ties(around: Around, units: Things) -> dict[str, Mask]:
    """The units that share a chain, a park or a town with the subject, by the label of what they share."""
    chains = around.query(IN_CHAIN_CYPHER, {"as_of": around.context.as_of})
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
    """Joint branches that may cover one more unit, in the town or with a unit of `like`, each with its sort key."""
    parameters = {"as_of": around.context.as_of, "kinds_not_covering": kinds_not_covering(around.context)}
    covered = around.query(JOINT_CYPHER, parameters)
    organizations = around.things("PartyOrg", "kind")
    number = organizations.tally(covered["id"])
    alike = units.table["id"].filter(pa.array(like))
    with_alike = covered.filter(pc.is_in(covered["unit"], value_set=alike.combine_chunks()))["id"]
    near = organizations.among(with_alike) | around.same_town(organizations)
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
