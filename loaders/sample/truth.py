"""Counts in the model of a place what the rules must find in its ledgers, by the definitions of domain.md §2."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import asdict

from graph.locality import Locality
from loaders.sample.model import County, Officer, Unit
from loaders.sample.organizations import ELECTED
from loaders.sample.places import REFERENCE_DATE

_DEFAULT_CAPACITY = 5


def planted(county: County) -> dict[str, int]:
    """Findings by rule id, in the default bases (实体运营非公企业, 社会组织) on REFERENCE_DATE."""
    based = [unit for unit in county.units if in_base(unit)]
    bare = [unit for unit in based if unit.organization is None]
    guided = {_identity(unit) for officer in county.officers if in_force(officer) for unit in officer.units}
    return {
        "org_should_exist": sum(unit.formal is not None and unit.formal >= 3 for unit in bare),
        "org_should_join": sum(unit.formal in (1, 2) for unit in bare),
        "org_suspected": sum(unit.formal is None and (unit.together or 0) >= 3 for unit in bare),
        "coverage_blank": sum(not unit.posted and _identity(unit) not in guided for unit in bare),
        "key_unit_without_officer": sum(unit.key and _identity(unit) not in guided for unit in county.units),
        "chain_without_committee": sum(chain.plan.key and chain.committee is None for chain in county.chains),
        "chain_head_without_org": sum(chain.firms[0].organization is None for chain in county.chains),
        "officer_overloaded": sum(
            in_force(officer) and len(officer.units) > (officer.capacity or _DEFAULT_CAPACITY)
            for officer in county.officers
        ),
        "term_overdue": sum(
            org.listed and org.kind in ELECTED and org.end is not None and org.end < REFERENCE_DATE
            for org in county.organizations
        ),
        "not_in_group": _not_in_group(county),
        "partner_missing": _partner_missing(county, Locality().pairing_sides),
        "partner_inactive": len(
            {pair.second for pair in county.pairs if pair.active is not None and pair.active < dt.date(2025, 12, 30)}
        ),
        "committee_missing": sum(
            org.listed and org.kind in ("支部", "联合支部") and org.formal >= 7 and org.committee == 0
            for org in county.organizations
        ),
        "weak_org_five_ones": _weak_lacking(county),
        "household_ratio": sum(grid.households / grid.linkers > 15 for grid in county.grids),
        "household_contact": sum(
            any(count is not None and count < grid.households for count in (grid.talked, grid.visited))
            for grid in county.grids
        ),
        "org_meeting_overdue": _not_held(county, ("党员大会",), dt.date(2026, 1, 1), dt.date(2026, 3, 31)),
        "org_committee_overdue": _not_held(county, ("支委会",), dt.date(2026, 5, 1), dt.date(2026, 5, 31)),
        "org_day_overdue": _not_held(county, ("主题党日",), dt.date(2026, 5, 1), dt.date(2026, 5, 31)),
        "org_review_overdue": _not_held(
            county, ("组织生活会", "民主评议党员"), dt.date(2025, 1, 1), dt.date(2025, 12, 31)
        ),
    }


def mistakes(county: County) -> dict[str, int]:
    """Mistakes in the ledgers by kind; the kinds are those of places.Mistakes."""
    return asdict(county.place.mistakes)


def _identity(unit: Unit) -> tuple[int, bool]:
    """A look-alike has the number of its twin, and is another unit."""
    return unit.number, unit.twin


def in_base(unit: Unit) -> bool:
    """Whether it is in 实体运营非公企业 or 社会组织."""
    if unit.kind == "社会组织":
        return True
    return unit.kind == "企业" and unit.operating == "在营" and unit.ownership == "非公"


def in_force(officer: Officer) -> bool:
    """Whether his postings hold on REFERENCE_DATE: he is there, and his term ended at most a quarter ago."""
    if officer.duty != "在岗":
        return False
    return officer.end is None or _end_of_next_quarter(officer.end) >= REFERENCE_DATE


def _end_of_next_quarter(day: dt.date) -> dt.date:
    quarter = day.year * 4 + (day.month - 1) // 3 + 2  # the quarter after the next begins the day after
    return dt.date(quarter // 4, quarter % 4 * 3 + 1, 1) - dt.timedelta(days=1)


def _not_in_group(county: County) -> int:
    if not county.groups:
        return 0
    times = Counter(org.number for group in county.groups for org, _ in group.members)
    return sum(times[org.number] != 1 for org in county.organizations if org.covers)


def _weak_lacking(county: County) -> int:
    """Weak villages without a leader of either level, a work team or a body of the public sector paired with them."""
    public = {partner.name for partner in county.partners if partner.kind in ("机关", "国企")}
    lacking = 0
    for village in county.villages:
        levels = {leader.level for leader in county.leaders if leader.village is village}
        stationed = any(team.village is village for team in county.teams)
        paired = any(pair.second == village.name and pair.first in public for pair in county.pairs)
        lacking += village.weak and not (levels == {"县级", "镇街"} and stationed and paired)
    return lacking


def _not_held(county: County, kinds: tuple[str, ...], since: dt.date, until: dt.date) -> int:
    """Branches with records up to `until` and none of these kinds since; of 支委会 those that have one."""
    days: dict[int, list[tuple[str, dt.date]]] = {}
    for meeting in county.meetings:
        days.setdefault(meeting.organization.number, []).append((meeting.kind, meeting.day))
    missing = 0
    for org in county.organizations:
        held = days.get(org.number, [])
        begun = any(day <= until for _, day in held)
        if "支委会" in kinds:
            met = any(kind == "支委会" for kind, _ in held)
            begun = begun and (met if org.committee is None else org.committee > 0)
        missing += begun and not any(kind in kinds and since <= day <= until for kind, day in held)
    return missing


def _partner_missing(county: County, sides: tuple[str, ...]) -> int:
    paired = {name for pair in county.pairs for name in (pair.first, pair.second)}
    missing = sum(v.category in sides and v.name not in paired for v in county.villages)
    return missing + sum("联组" in sides and group.name not in paired for group in county.groups)
