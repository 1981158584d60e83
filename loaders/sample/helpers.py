"""The helpers of villages (the 软弱涣散 ones first) and firms: leaders, 第一书记, work teams; and their ledgers."""

from __future__ import annotations

import datetime as dt

from graph.workbook import Sheet
from loaders.sample import names
from loaders.sample.layout import Column, column, exact, number_column, sheet
from loaders.sample.model import County, Holding, Leader, Team

_SINCE = dt.date(2025, 3, 1)


def assist(county: County) -> None:
    """Mark the county's weak villages among those paired with a 机关 of the county, and give them the rest of the 五个一.

    Of those that lack one the first has no leader of its town, the next no work team and so no 第一书记, in turn.
    """
    place = county.place
    offices = {partner.name for partner in county.partners if partner.kind == "机关"}
    paired = {pair.second for pair in county.pairs if pair.first in offices}
    for number, village in enumerate([v for v in county.villages if v.name in paired][1 : 1 + place.weak_villages]):
        village.weak = True
        lacking = number % 2 if number < place.weak_lacking else -1
        county.leaders.append(Leader(30_000 + number, f"{place.county}领导", "县级", village))
        if lacking != 0:
            county.leaders.append(Leader(31_000 + number, f"{village.parent}领导", "镇街", village))
        if lacking != 1:
            name = f"{place.county}驻{village.name}工作队"
            county.teams.append(Team(name, 3, 32_000 + number, village, "本级" if place.team_people_sent else ""))
    _station(county)
    enterprises = [unit for unit in county.units if unit.scaled and unit.operating == "在营" and not unit.twin]
    for number, unit in enumerate(enterprises[: place.held_units]):
        county.holdings.append(Holding(34_000 + number, unit))


def _station(county: County) -> None:
    """Teams in further villages, none in a weak one that must lack it, until there are as many as the place has.

    People sent by the levels above are in teams of their own.
    """
    place = county.place
    more = max(0, place.teams - len(county.teams))
    people = place.team_people - sum(team.people for team in county.teams)
    sent = place.team_people_sent * more // max(1, people)
    sizes = [(place.team_people_sent + number) // sent for number in range(sent)]
    sizes += [(people - sum(sizes) + number) // (more - sent) for number in range(more - sent)]
    for number, village in enumerate([v for v in county.villages if not v.weak and v.kind == "行政村"][:more]):
        name = f"{place.county}驻{village.name}工作队"
        sent_by = "" if not sent else "上级" if number < sent else "本级"
        county.teams.append(Team(name, sizes[number], 33_000 + number, village, sent_by))


def sheets(county: County) -> list[Sheet]:
    """The sheets 联村领导, 驻村工作队 and 领导联企 that the county has."""
    leaders: list[Column[Leader]] = [
        column("序号", number_column),
        column("领导姓名", lambda x, _: names.person(x.number)),
        column("领导职务", lambda x, _: x.post),
        column("领导层级", lambda x, n: {"县级": ("县级", "县级领导"), "镇街": ("镇级", "乡镇领导")}[x.level][n % 2]),
        column("联系村（社区）", lambda x, _: x.village.name),
        column("联系起", lambda x, n: exact(_SINCE, n)),
    ]
    sent_by: list[Column[Team]] = []
    if county.place.team_people_sent:
        sent_by = [
            column("选派层级", lambda t, n: {"上级": ("省派", "市派"), "本级": ("县派", "镇派")}[t.sent_by][n % 2])
        ]
    teams: list[Column[Team]] = [
        column("序号", number_column),
        column("所属镇街", lambda t, _: t.village.parent),
        column("驻点村（社区）", lambda t, _: t.village.name),
        column("工作队名称", lambda t, _: t.name),
        column("工作队人数", lambda t, _: t.people, total=True),
        *sent_by,
        column("第一书记", lambda t, _: names.person(t.secretary)),
        column("驻村起", lambda t, n: exact(_SINCE, n)),
    ]
    holdings: list[Column[Holding]] = [
        column("序号", number_column),
        column("领导姓名", lambda h, _: names.person(h.number)),
        column("领导职务", lambda *_: f"{county.place.county}领导"),
        column("领导层级", lambda *_: "县级"),
        column("联系重点企业", lambda h, _: h.unit.name),
    ]
    name, made = county.place.name, []
    if county.leaders:
        made.append(sheet("联村领导", f"{name}联村领导安排表", leaders, county.leaders))
    if county.teams:
        made.append(sheet("驻村工作队", f"{name}驻村工作队花名册", teams, county.teams))
    if county.holdings:
        made.append(sheet("领导联企", f"{name}领导联系重点企业安排表", holdings, county.holdings))
    return made
