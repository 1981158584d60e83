"""Counts in the model of a place the findings that the rules must make in its ledgers, by docs/rules.md."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import asdict

from graph.locality import Locality
from loaders.sample import truth_organizations
from loaders.sample.demands import raised
from loaders.sample.model import Chain, County, Officer, Unit
from loaders.sample.organizations import ELECTED
from loaders.sample.places import REFERENCE_DATE

_DEFAULT_CAPACITY = 5
ROLES = ("指导员", "联络员")
_SIX_MONTHS_ON = dt.date(2026, 12, 30)
_LAST_YEAR = dt.date(2025, 1, 1), dt.date(2025, 12, 31)


def planted(county: County, locality: Locality) -> dict[str, int]:
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
        "term_due_soon": sum(
            org.listed
            and org.kind in (*ELECTED, "联合支部")
            and org.end is not None
            and REFERENCE_DATE <= org.end <= _SIX_MONTHS_ON
            for org in county.organizations
        ),
        "staff_without_org": sum(unit.staff >= 100 for unit in bare),
        "staff_without_member": sum(
            unit.staff >= 50
            and {unit.formal, unit.together} in ({0}, {0, None})
            and not (unit.elsewhere and _tells_elsewhere(unit))
            for unit in based
        ),
        "joint_too_wide": sum(
            org.listed and org.kind == "联合支部" and len(org.covers) > 5 for org in county.organizations
        ),
        "officer_idle": sum(
            officer.duty == "在岗"
            and officer.role in ROLES
            and not (officer.units and in_force(officer))
            and (officer.end is None or officer.end >= REFERENCE_DATE)
            for officer in county.officers
        ),
        "not_in_group": _not_in_group(county),
        "partner_missing": _partner_missing(county, Locality().pairing_sides),
        "org_should_stand_alone": sum((unit.formal or 0) >= 3 and unit.covered == "联合" for unit in based),
        "members_not_transferred": sum(_not_transferred(unit) for unit in bare),
        "officer_gone": len(
            {
                _identity(unit)
                for officer in county.officers
                if officer.duty != "在岗" and officer.role in ROLES and _lasts(officer)
                for unit in officer.units
            }
        ),
        "officer_expired": sum(
            in_force(officer)
            and officer.role in ROLES
            and bool(officer.units)
            and officer.end is not None
            and officer.end < REFERENCE_DATE
            for officer in county.officers
        ),
        **truth_organizations.planted(county),
        "chain_unit_unlinked": sum(map(_unlinked, county.chains)),
        "industry_without_committee": _industry_without_committee(county, locality.key_industries),
        "village_income_weak": _villages_below(county, "income", 5),
        "village_income_low": _villages_below(county, "income", 20),
        "village_own_income_low": _villages_below(county, "own_income", 5),
        "demand_unmet": sum(
            not demand.solved and (not demand.resource or demand.due < REFERENCE_DATE) for demand in raised(county)
        ),
        "party_staff_missing": _party_staff_missing(county, locality.thresholds.get("party_staff_min_members", 0)),
        "visit_overdue": _visit_overdue(county, locality.visit_interval_days),
        "hub_blank": len(_hubs(county) - {org.park.name for org in county.organizations if org.park}),
        "hub_without_center": len(_hubs(county) - {site.park.name for site in county.sites if site.park}),
        "site_not_accepted": sum(
            site.organization is not None and bool(site.organization.covers) and site.grade in ("未达标", "未验收")
            for site in county.sites
        ),
        "partner_inactive": len(
            {pair.second for pair in county.pairs if pair.active is not None and pair.active < dt.date(2025, 12, 30)}
        ),
        "committee_missing": sum(
            org.listed
            and org.kind in ("支部", "联合支部")
            and org.formal >= 7
            and org.committee not in (None, *range(3, 8))
            for org in county.organizations
        ),
        "weak_org_five_ones": _weak_lacking(county),
        "household_ratio": sum(grid.households / grid.linkers > 15 for grid in county.grids),
        "household_contact": sum(
            any(count is not None and count < grid.households for count in (grid.talked, grid.visited))
            for grid in county.grids
        ),
        "org_meeting_overdue": _not_held(county, "党员大会", dt.date(2026, 1, 1), dt.date(2026, 3, 31)),
        "org_committee_overdue": _not_held(county, "支委会", dt.date(2026, 5, 1), dt.date(2026, 5, 31)),
        "org_day_overdue": _not_held(county, "主题党日", dt.date(2026, 5, 1), dt.date(2026, 5, 31)),
        "org_life_meeting_overdue": _not_held(county, "组织生活会", *_LAST_YEAR),
        "member_review_overdue": _not_held(county, "民主评议党员", *_LAST_YEAR),
    }


def deferred(county: County) -> dict[str, int]:
    """Findings by rule id that may wait on REFERENCE_DATE."""
    bare = [unit for unit in county.units if in_base(unit) and unit.organization is None]
    subjects = {
        "org_should_exist": ("应建未建", [u for u in bare if u.formal is not None and u.formal >= 3]),
        "org_should_join": ("应联建未联建", [u for u in bare if u.formal in (1, 2)]),
    }
    waiting = [d for d in county.deferrals if d.approved <= REFERENCE_DATE <= d.until]
    return {
        rule: sum(any(d.title == title and d.of(unit) for d in waiting) for unit in units)
        for rule, (title, units) in subjects.items()
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
    return officer.duty == "在岗" and _lasts(officer)


def _lasts(officer: Officer) -> bool:
    return officer.end is None or _end_of_next_quarter(officer.end) >= REFERENCE_DATE


def _not_transferred(unit: Unit) -> bool:
    """Whether fewer than 3 正式党员, and as the ledger tells 3 with those whose 组织关系 is elsewhere."""
    formal = 0 if unit.together == 0 else unit.formal
    return formal is not None and formal < 3 <= formal + unit.elsewhere and _tells_elsewhere(unit)


def _tells_elsewhere(unit: Unit) -> bool:
    """Whether its ledger has a column for members whose 组织关系 is elsewhere: the short forms of enterprises have none."""
    return unit.kind == "社会组织" or unit.place.name not in ("甲市", "丙县")


def _end_of_next_quarter(day: dt.date) -> dt.date:
    quarter = day.year * 4 + (day.month - 1) // 3 + 2  # the quarter after the next begins the day after
    return dt.date(quarter // 4, quarter % 4 * 3 + 1, 1) - dt.timedelta(days=1)


def _not_in_group(county: County) -> int:
    if not county.groups:
        return 0
    times = Counter(org.number for group in county.groups for org, _ in group.members)
    return sum(times[org.number] != 1 for org in county.organizations if org.covers)


def _weak_lacking(county: County) -> int:
    """Weak villages without a leader of either level, a work team or a 机关 of the county paired with them."""
    offices = {partner.name for partner in county.partners if partner.kind == "机关"}
    lacking = 0
    for village in county.villages:
        levels = {leader.level for leader in county.leaders if leader.village is village}
        stationed = any(team.village is village for team in county.teams)
        paired = any(pair.second == village.name and pair.first in offices for pair in county.pairs)
        lacking += village.weak and not (levels == {"县级", "镇街"} and stationed and paired)
    return lacking


def _not_held(county: County, wanted: str, since: dt.date, until: dt.date) -> int:
    """Branches with records up to `until` and none of the kind wanted since; of 支委会 those that have one."""
    days: dict[int, list[tuple[str, dt.date]]] = {}
    for meeting in county.meetings:
        days.setdefault(meeting.organization.number, []).append((meeting.kind, meeting.day))
    missing = 0
    for org in county.organizations:
        meetings = days.get(org.number, [])
        begun = any(day <= until for _, day in meetings)
        if wanted == "支委会":
            met = any(kind == "支委会" for kind, _ in meetings)
            begun = begun and (met if org.committee is None else org.committee > 0)
        missing += begun and not any(kind == wanted and since <= day <= until for kind, day in meetings)
    return missing


def _partner_missing(county: County, sides: tuple[str, ...]) -> int:
    paired = {name for pair in county.pairs for name in (pair.first, pair.second)}
    missing = sum(v.category in sides and v.name not in paired for v in county.villages)
    return missing + sum("联组" in sides and group.name not in paired for group in county.groups)


def _unlinked(chain: Chain) -> int:
    """Firms whose own organization the ledger does not name beside the chain's committee; a listed 链主's it names."""
    if chain.committee is None:
        return 0
    tied = {org.number for org in chain.members}
    head = chain.firms[0].organization
    if head is not None and head.listed and head.unit is not None:
        tied.add(head.number)
    own = [firm.organization for firm in chain.firms if firm.covered == "单独"]
    return sum(org is not None and org.number not in tied for org in own)


def _industry_without_committee(county: County, industries: tuple[str, ...]) -> int:
    """1 for a county where an industry lacks its committee, and none for a street."""
    if county.place.kind == "街道":
        return 0
    committees = [org.name for org in county.organizations if org.kind in ("行业党委", "小个专党委")]
    return int(any(not any(industry in name for name in committees) for industry in industries))


def _villages_below(county: County, income: str, ten_thousands: int) -> int:
    return sum(getattr(v, income) < ten_thousands for v in county.villages if v.kind == "行政村")


def _visit_overdue(county: County, days: int) -> int:
    """Units with an officer or liaison in force who last came too long ago; 0 days: the county has not said."""
    due = REFERENCE_DATE - dt.timedelta(days)
    late = {
        _identity(unit)
        for officer in county.officers
        if in_force(officer) and officer.visited is not None and officer.visited < due
        for unit in officer.units
    }
    return len(late) if days else 0


def _party_staff_missing(county: County, members: int) -> int:
    """Incubated units of so many 正式党员 where nobody does party work; 0: the county has not said how many."""
    large = [unit for unit in county.units if unit.incubated and unit.formal is not None and unit.formal >= members]
    return sum(unit.party_staff == 0 for unit in large) if members else 0


def _hubs(county: County) -> set[str]:
    """Buildings and districts with ≥3 正式党员, where the ledger of enterprises says who is in one."""
    if county.place.name in ("乙市", "丙县"):
        return set()
    members: Counter[str] = Counter()
    for unit in county.units:
        if unit.park and unit.park.kind != "园区" and unit.operating == "在营" and unit.ownership == "非公":
            members[unit.park.name] += unit.formal or 0
    return {name for name, number in members.items() if number >= 3}
