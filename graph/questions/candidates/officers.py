"""Officers for a unit, and units for an officer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graph.answers import Finding
from graph.questions.facts import GUIDING_CYPHER, POSTED_CYPHER
from graph.questions.nearby import MOST, Around, Candidates


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
        like = officers.tally(same["id"])
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
