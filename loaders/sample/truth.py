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
    }


def deferred(county: County) -> dict[str, int]:
    """Findings by rule id that may wait on REFERENCE_DATE."""
    bare = [unit for unit in county.units if in_base(unit) and unit.organization is None]
    found = {
        "org_should_exist": ("应建未建", [u for u in bare if u.formal is not None and u.formal >= 3]),
        "org_should_join": ("应联建未联建", [u for u in bare if u.formal in (1, 2)]),
    }
    waiting = [d for d in county.deferrals if d.approved <= REFERENCE_DATE <= d.until]
    return {
        rule: sum(any(d.title == title and d.of(unit) for d in waiting) for unit in units)
        for rule, (title, units) in found.items()
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


def _partner_missing(county: County, sides: tuple[str, ...]) -> int:
    paired = {name for pair in county.pairs for name in (pair.first, pair.second)}
    missing = sum(v.category in sides and v.name not in paired for v in county.villages)
    return missing + sum("联组" in sides and group.name not in paired for group in county.groups)
