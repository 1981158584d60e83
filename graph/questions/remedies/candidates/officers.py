"""Officers for a unit, and units for an officer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graph.answers import Finding
from graph.coverage.unit_facts import GUIDING_CYPHER, POSTED_CYPHER
from graph.questions.remedies.proximity import MOST, Around, Candidates
from graph.validity import posting_in_force

#: the officers in post of a unit, with the last visit of each
VISITS_CYPHER = f"""MATCH (o:GuidanceOfficer)-[g:GUIDES]->(u:Unit {{id: $id}})
WHERE o.listed AND NOT (coalesce(o.duty, '') IN $duties_gone)
  AND coalesce(g.role, o.role, '指导员') IN ['指导员', '联络员']
  AND {posting_in_force("g")}
RETURN o.id AS id, max(g.last_visit) AS last_visit
ORDER BY id"""


def assign_officer(around: Around, finding: Finding) -> Candidates:
    """The nearest officers in post who can take one more unit, of a role that the rule counts."""
    parameters = around.context.book.parameters(finding.rule, around.context)
    roles = parameters.get("officer_roles") or parameters.get("work_roles") or ["指导员"]
    of_coverage = around.context.book.parameters("coverage_blank", around.context)
    postings = around.query(GUIDING_CYPHER, {**of_coverage, "id": around.id}).to_pylist()
    now = {row["id"] for row in postings if row["in_force"]}
    return _officers(around, roles, now, {row["id"] for row in postings} - now)


def reassign(around: Around, finding: Finding) -> Candidates:
    """The nearest officers who could take over from one who has too many."""
    return _officers(around, ["指导员", "联络员"], {around.id}, set())


def renew(around: Around, finding: Finding) -> Candidates:
    """The officer itself, then the nearest who could take over."""
    officers, postings = around.things("GuidanceOfficer", "role"), finding.facts.get("postings")
    own = [
        officers.candidate(row, officers.value(row, "role") or "指导员", (f"到期的派驻 {postings} 家，由本人续派",))
        for row in officers.order(officers.among([around.id]))
    ]
    return own + reassign(around, finding)


def assign_units(around: Around, finding: Finding) -> Candidates:
    """The nearest units that lack an officer of this role, up to the officer's limit; at one distance key units first."""
    book, context = around.context.book, around.context
    units = around.things("Unit")
    role, lacking = str(around.own.get("role") or "指导员"), {}
    for rule, roles in (("key_unit_without_officer", "officer_roles"), ("coverage_blank", "work_roles")):
        if rule in book.rules and role in book.parameters(rule, context).get(roles, ()):
            lacking[rule] = units.among(around.findings(rule))
    if not lacking:
        return []
    key = lacking.get("key_unit_without_officer", ~units.all())
    limits = {row["id"]: int(row["limit"]) for row in _load(around).to_pylist()}
    near = np.logical_or.reduce(list(lacking.values())) & around.same_county(units)
    return [
        units.candidate(
            row,
            "待派驻单位",
            (
                "、".join(book.rule(rule).title for rule, mask in lacking.items() if mask[row]),
                around.whereabouts(units, row),
            ),
        )
        for row in units.order(near, after=(~key * np.int64(1),))[: min(MOST, limits.get(around.id, MOST))]
    ]


def visit(around: Around, finding: Finding) -> Candidates:
    """The officers in post whose next visit is overdue, the one with the earliest last visit first."""
    parameters = around.context.book.parameters("coverage_blank", around.context)
    rows = around.query(VISITS_CYPHER, {**parameters, "id": around.id}).to_pylist()
    due, today = finding.facts.get("due_since"), around.context.as_of
    last = {row["id"]: row["last_visit"] for row in rows if row["last_visit"]}
    late = {officer: day for officer, day in last.items() if not isinstance(due, dt.date) or day < due}
    officers = around.things("GuidanceOfficer", "role")
    days = np.array([(today - late[o]).days if o in late else 0 for o in officers.table["id"].to_pylist()], np.int64)
    return [
        officers.candidate(
            row,
            officers.value(row, "role") or "指导员",
            (f"最近走访 {late[officers.value(row, 'id')].isoformat()}，已过 {days[row]} 天",),
        )
        for row in officers.order(officers.among(sorted(late)), before=(-days,))[:MOST]
    ]


def _load(around: Around) -> pa.Table:
    """The officers in post with the number of their units and its limit, as the rule officer_overloaded counts them."""
    return around.rows("officer_overloaded")


def _officers(around: Around, roles: Sequence[str], without: set[str], former: set[str]) -> Candidates:
    """The nearest officers of these roles with room, except `without`; at one distance `former` ones first."""
    book, context = around.context.book, around.context
    load = _load(around)
    officers = around.things("GuidanceOfficer", "role")
    units, limit = (officers.counts(load["id"], load[name]) for name in ("units", "limit"))
    fits = officers.among(load["id"]) & (units < limit) & officers.where("role", roles, "指导员")
    fits &= around.same_county(officers) & ~officers.among(sorted(without))
    returning = officers.among(sorted(former))
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
                "曾联系本单位" if returning[row] else "",
                around.whereabouts(officers, row),
            ),
        )
        for row in officers.order(fits, after=(~returning * np.int64(1), -like, units - limit))[:MOST]
    ]
