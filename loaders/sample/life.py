"""The organization life of branches: their committees, their meetings, and the ledger of the meetings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from graph.workbook import Cell, Sheet
from loaders.sample.layout import Column, column, exact, number_column, sheet
from loaders.sample.model import County, Meeting, Organization

#: kinds of organizations that hold 三会一课 as a branch
BRANCHES = ("支部", "联合支部")
#: 正式党员 from which a branch elects a committee
COMMITTEE_FROM = 7
_TOPICS = {
    "党员大会": ("讨论接收预备党员", "通报半年工作", "学习上级会议精神"),
    "支委会": ("研究发展党员工作", "研究主题党日安排", "研究党费收缴"),
    "主题党日": ("义务植树", "走访慰问老党员", "安全生产巡查", "志愿清扫"),
    "党课": ("书记讲党课",),
    "组织生活会": ("年度组织生活会",),
    "民主评议党员": ("年度民主评议党员",),
}


def live(county: County) -> None:
    """Fill the committees of the county's branches and the records of those whose towns keep them.

    Nothing is drawn: what is drawn elsewhere stays as it was.
    """
    life = county.place.life
    branches = [org for org in county.organizations if org.kind in BRANCHES and org.listed]
    large = []
    for org in branches:
        org.committee = 0 if org.formal < COMMITTEE_FROM else 3 if org.formal < 20 else 5
        if org.committee:
            large.append(org)
    # not the first of them: those have records of a committee
    chosen = large[1::2]
    for org in chosen[: life.uncommitted]:
        org.committee = 0
    for org in chosen[life.uncommitted : life.uncommitted + life.unsaid]:
        org.committee = None
    lacking = _lacking(county, branches[: life.recorded])
    for number, org in enumerate(branches[: life.recorded]):
        for kind, day in _held(org, number, lacking.get(org.number, "")):
            county.meetings.append(_meeting(org, kind, day))


def _lacking(county: County, recorded: list[Organization]) -> dict[int, str]:
    """The kind of meeting that each planted branch lacks, or 'late' for a branch whose records begin this quarter."""
    life = county.place.life
    with_committee = [org for org in recorded if org.committee][: life.committee]
    lacking = {org.number: "支委会" for org in with_committee}
    others = iter([org for org in recorded if org.number not in lacking])
    for kind, count in (
        ("党员大会", life.meeting),
        ("主题党日", life.day),
        ("review", life.review),
        ("late", life.late),
    ):
        for _, org in zip(range(count), others, strict=False):
            lacking[org.number] = kind
    return lacking


def _held(org: Organization, number: int, lacking: str) -> Iterator[tuple[str, dt.date]]:
    """Kind and day of each meeting from the last year on; some are on the last day of their period."""
    if lacking != "late":
        yield "党课", dt.date(2025, 10 + number % 3, 8 + number % 12)
        if lacking != "review":
            # half of them record the one and half the other: each lacks one of the two
            yield ("组织生活会", dt.date(2025, 1, 18 + number % 10)) if number % 2 else ("民主评议党员", _YEAR_END)
        if lacking != "党员大会":
            yield (
                "党员大会",
                dt.date(2026, 3, 31) if number % 5 == 0 else dt.date(2026, 1 + number % 3, 6 + number % 20),
            )
    yield "党员大会", dt.date(2026, 4, 1) if lacking == "党员大会" else dt.date(2026, 4 + number % 3, 9 + number % 15)
    for month in (4, 5, 6):
        if (month, lacking) != (5, "主题党日"):
            yield "主题党日", dt.date(2026, month, 31 if month == 5 and number % 4 == 0 else 3 + number % 22)
        if org.committee and (month, lacking) != (5, "支委会"):
            yield "支委会", dt.date(2026, month, 1 + number % 24)


_YEAR_END = dt.date(2025, 12, 31)


def _meeting(org: Organization, kind: str, day: dt.date) -> Meeting:
    topics = _TOPICS[kind]
    expected = org.committee or 0 if kind == "支委会" else org.formal + org.probationary
    absent = (org.number + day.day) % 4 == 0 and expected > 3
    return Meeting(org, kind, day, topics[(org.number + day.month) % len(topics)], expected, expected - absent)


def meetings(county: County) -> Sheet:
    """组织生活记录, one row an activity."""

    def attended(count: int) -> Cell:
        return count or None

    columns: list[Column[Meeting]] = [
        column("序号", number_column),
        column("所属镇街", lambda m, _: m.organization.town),
        column("党组织", lambda m, _: m.organization.name),
        column("类别", lambda m, _: m.kind),
        column("日期", lambda m, n: exact(m.day, n)),
        column("主题", lambda m, _: m.topic),
        column("应到人数", lambda m, _: attended(m.expected)),
        column("实到人数", lambda m, _: attended(m.attended)),
    ]
    return sheet("组织生活记录", f"{county.place.name}党组织组织生活记录台账", columns, county.meetings)
