"""Builds the party organizations of a sample place, their terms and their joint groups."""

from __future__ import annotations

import datetime as dt
from random import Random

from loaders.sample.divisions import quotas
from loaders.sample.model import County, Group, Organization, Unit
from loaders.sample.places import REFERENCE_DATE

#: elected organizations of a single unit, whose term the sample lets run out
ELECTED = ("党委", "总支", "支部")


def organize(county: County, rnd: Random) -> None:
    """Fill the county's organizations: committees above, organizations of units, of villages; then terms."""
    place = county.place
    top = None
    if place.kind != "街道":
        top = _add(county, Organization(place, 0, "党工委", place.county, title=f"{place.county}两新组织工作委员会"))
    above: dict[str, Organization] = {}
    for town in county.regions:
        if town.kind in ("镇", "街道"):
            title = f"{'' if place.kind == '街道' else place.county}{town.name}两新组织综合党委"
            committee = Organization(place, 0, "综合党委", town.name, top, title, years=5)
            above[town.name] = _add(county, committee)
    for kind in place.special_committees:
        title = f"{place.county}{'小个专党委' if kind == '小个专党委' else '物业行业党委'}"
        _add(county, Organization(place, 0, kind, place.county, top, title, years=5))
    _singles(county, above)
    _joint(county, above, rnd)
    _stated(county, rnd)
    _group(county)


def finish(county: County, rnd: Random) -> None:
    """Fill up with organizations of villages to the place's number, then give all of them their terms."""
    _hubs(county)
    _villages(county)
    _terms(county, rnd)


def _add(county: County, organization: Organization) -> Organization:
    organization.number = len(county.organizations)
    county.organizations.append(organization)
    return organization


def add_committee(county: County, kind: str, title: str) -> Organization:
    """A committee directly under the county's 工委."""
    return _add(
        county,
        Organization(county.place, 0, kind, county.place.county, county.organizations[0], title, years=5),
    )


def _singles(county: County, above: dict[str, Organization]) -> None:
    for unit in county.units:
        if unit.covered != "单独":
            continue
        formal, probationary = unit.formal or 0, unit.probationary or 0
        size = formal + probationary
        kind = "党委" if size > 100 else "总支" if size > 50 else "支部"
        organization = Organization(
            county.place,
            0,
            kind,
            unit.town.name,
            above[unit.town.name],
            unit=unit,
            covers=[unit],
            formal=formal,
            probationary=probationary,
            years=5 if kind == "党委" else 3,
        )
        unit.organization = _add(county, organization)


def _joint(county: County, above: dict[str, Organization], rnd: Random) -> None:
    units = [unit for unit in county.units if unit.covered == "联合"]
    if not units:
        return
    count = county.place.joint_orgs or max(1, len(units) // 3)
    start = 0
    for serial, size in enumerate(quotas(len(units), count, min(2, len(units) // count), 5, rnd)):
        covered: list[Unit] = units[start : start + size]
        start += size
        town = covered[0].town.name
        prefix = "" if county.place.kind == "街道" else county.place.county
        organization = Organization(
            county.place,
            0,
            "联合支部",
            town,
            above[town],
            f"{prefix}{town}两新组织第{serial + 1}联合党支部",
            covers=covered,
            formal=sum(unit.formal or 0 for unit in covered),
        )
        _add(county, organization)
        for unit in covered:
            unit.organization = organization


def _stated(county: County, rnd: Random) -> None:
    """Take some organizations out of the ledger of organizations, and some superiors out of every ledger."""
    coded = [org for org in county.organizations if org.unit is not None and org.unit.coded]
    for organization in rnd.sample(coded, min(county.place.stated_orgs, len(coded))):
        organization.listed = False
    joint = [org for org in county.organizations if org.kind == "联合支部"]
    for serial, organization in enumerate(joint[: county.place.mistakes.dangling_superior]):
        organization.superior = None
        organization.stray = f"{county.place.county}湖畔新区第{serial + 1}筹备委员会"


def _hubs(county: County) -> None:
    """Choose the organization of a whole park, building or district: in a street the 联合支部 with most units there.

    Elsewhere a committee of its own, appointed, so that its term is of no rule.
    """
    place = county.place
    joint = [org for org in county.organizations if org.kind == "联合支部"]
    for park in county.parks:
        if park.name in place.parks_without_org:
            continue
        if place.kind == "街道":
            free = [org for org in joint if org.park is None]
            if free:
                max(free, key=lambda org: sum(unit.park is park for unit in org.covers)).park = park
            continue
        organization = Organization(
            place, 0, "综合党委", place.county, county.organizations[0], f"{park.name}综合党委", years=5, park=park,
            start=dt.date(2023, 6, 30), end=dt.date(2028, 6, 30),
        )  # fmt: skip
        _add(county, organization)


def _villages(county: County) -> None:
    place = county.place
    missing = place.organizations - len(county.organizations)
    if missing <= 0:
        return
    committees = {}
    for town in county.regions:
        if town.kind in ("镇", "街道") and missing > 0:
            title = f"{place.county}{town.name}党委"
            committees[town.name] = _add(
                county, Organization(place, 0, "党委", town.name, None, title, formal=40, years=5)
            )
            missing -= 1
    serial = 0
    while missing > 0:
        for village in county.villages[:missing]:
            title = f"{village.name}{f'第{serial}党支部' if serial else '党总支'}"
            kind = "支部" if serial else "总支"
            superior = committees.get(village.parent)
            _add(county, Organization(place, 0, kind, village.parent, superior, title, formal=22, years=5))
            missing -= 1
        serial += 1


def _group(county: County) -> None:
    """Partition the organizations of units into the place's groups, less those left out or listed twice."""
    place = county.place
    if not place.groups:
        return
    members = [org for org in county.organizations if org.covers]
    members = members[: len(members) - place.ungrouped]
    for number in range(place.groups):
        part = members[number * len(members) // place.groups : (number + 1) * len(members) // place.groups]
        roles = ["组长", "副组长", "副组长"] + ["成员"] * (len(part) - 3)
        name = f"{place.name}两新党组织第{'一二三四五六'[number]}联组"
        county.groups.append(Group(name, list(zip(part, roles, strict=True)), 900 + number))
    for organization, _ in county.groups[0].members[3 : 3 + place.doubly_grouped]:
        county.groups[1].members.append((organization, "成员"))


def _terms(county: County, rnd: Random) -> None:
    single = [org for org in county.organizations if org.unit is not None and org.listed and org.kind in ELECTED]
    chosen = rnd.sample(single, min(county.place.overdue + 1, len(single)))
    overdue = {org.number: place for place, org in enumerate(chosen)}
    others = [org.number for org in county.organizations if org.covers and org.number not in overdue and org.listed]
    undated = set(rnd.sample(others, min(county.place.undated, len(others))))
    for organization in county.organizations:
        if (
            organization.number in undated
            or not organization.listed
            or organization.kind == "党工委"
            or organization.end
        ):
            continue
        rank = overdue.get(organization.number)
        if rank is None:
            days = 5 + int(rnd.random() * 330 * organization.years)
        else:  # both sides of the boundary, then anything up to fourteen months late
            days = {0: 0, 1: -1}.get(rank, -(8 + rank * 37 % 420))
        organization.end = REFERENCE_DATE + dt.timedelta(days=days)
        day = min(organization.end.day, 28)
        organization.start = organization.end.replace(year=organization.end.year - organization.years, day=day)
