"""The sites of a sample place: service centres of its parks and buildings, rooms of units' organizations."""

from __future__ import annotations

import datetime as dt

from graph.workbook import Sheet
from loaders.sample.layout import Column, column, exact, number_column, sheet
from loaders.sample.model import County, Site

GRADES = ("一类", "二类", "三类")


def settle(county: County) -> None:
    """Fill the county's sites; no chance is drawn, so that nothing else of the place moves."""
    place = county.place
    inside = place.name if place.kind == "街道" else place.county
    at = {org.park.name: org for org in county.organizations if org.park}
    for park in county.parks:
        if park.name in place.parks_without_site:
            continue
        kind = "孵化中心" if place.name == "丙县" else "党群服务中心"
        name = f"{park.name}{'两新党组织' if kind == '孵化中心' else ''}{kind}"
        site = Site(name, kind, inside, park, at.get(park.name))
        if place.rooms:
            site.grade, site.accepted = GRADES[0], dt.date(2024, 12, 20)
        county.sites.append(site)
    owners = [org for org in county.organizations if org.unit is not None and org.listed][: place.rooms]
    for number, owner in enumerate(owners):
        site = Site(f"{owner.name}活动阵地", "活动阵地", owner.town, organization=owner)
        if number < place.rooms_unaccepted:
            site.grade = ("未达标", "未验收")[number % 2]
        elif number >= place.rooms_unaccepted + place.rooms_ungraded:
            site.grade = GRADES[number % 3]
            site.accepted = dt.date(2024, 1 + number % 12, 1 + number * 3 % 28)
        county.sites.append(site)


def sites(county: County) -> Sheet:
    """阵地; classes and their acceptance where the place accepts them by class."""
    columns: list[Column[Site]] = [
        column("序号", number_column),
        column("阵地名称", lambda s, _: s.name),
        column("阵地类别", lambda s, _: s.kind),
        column("行政区划", lambda s, _: s.town),
        column("所在园区/商务楼宇名称", lambda s, _: s.park.name if s.park else None),
        column("所属党组织名称", lambda s, _: s.organization.name if s.organization else None),
    ]
    if county.place.rooms:
        columns.append(column("验收等级", lambda s, _: s.grade or None))
        columns.append(column("验收日期", lambda s, n: exact(s.accepted, n)))
    return sheet("阵地", f"{county.place.name}党建阵地台账", columns, county.sites)
