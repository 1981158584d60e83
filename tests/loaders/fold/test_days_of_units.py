"""Dates of units that contradict each other or the state, and the kind of divisions that only one ledger lists."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.loaders.desk import ON_EITHER, Desk

HEADER = ("经营状态", "成立日期", "注销日期")


def dates(desk: Desk) -> tuple[dt.date | None, dt.date | None]:
    (unit,) = desk.query("MATCH (u:Unit {name: '一公司'}) RETURN u.founded_on AS since, u.closed_on AS to")
    return unit["since"], unit["to"]


@ON_EITHER
def test_a_unit_that_closed_before_it_was_founded_is_asked_about_and_has_neither_date(desk: Desk) -> None:
    desk.load(desk.units("a.csv", ("一公司", "", "东镇", 9, "注销", "2021-01-01", "2020-01-01"), more=HEADER))
    assert dates(desk) == (None, None)
    (review,) = desk.reviews()
    assert (review["kind"], "2021-01-01 起，2020-01-01 止" in review["question"]) == ("dates", True)


@ON_EITHER
def test_a_unit_that_operates_and_closed_is_asked_about(desk: Desk) -> None:
    desk.load(desk.units("a.csv", ("一公司", "", "东镇", 9, "存续", "2019-01-01", "2020-01-01"), more=HEADER))
    assert dates(desk) == (dt.date(2019, 1, 1), dt.date(2020, 1, 1))
    (review,) = desk.reviews()
    assert (review["kind"], "在营" in review["question"]) == ("contradiction", True)
    desk.load(desk.decide("核实.xlsx", (review["id"], "忽略")))
    assert desk.reviews() == []


@pytest.mark.parametrize(
    ("state", "since", "to"),
    [
        ("注销", "2019-01-01", "2020-01-01"),
        ("注销", "2020-01-01", "2020-01-01"),
        ("", "2019-01-01", "2020-01-01"),
        ("在营", "2019-01-01", ""),
        ("注销", "", "2020-01-01"),
    ],
)
def test_days_that_agree_are_not_asked_about(desk: Desk, state: str, since: str, to: str) -> None:
    desk.load(desk.units("a.csv", ("一公司", "", "东镇", 9, state, since, to), more=HEADER))
    assert desk.reviews() == []


@ON_EITHER
def test_a_village_that_only_its_ledger_lists_is_one(desk: Desk) -> None:
    """Rules on villages are about these too; a community is told by its name."""
    for _ in range(2):
        desk.load(
            desk.csv(
                "村.csv",
                "村名称,所属镇街,类别,收入（万元）\n青石村,东镇,一般村,4\n白河社区,东镇,涉农社区,4\n山前,西镇,,4\n",
            )
        )
        kinds = desk.query("MATCH (r:Region) WHERE r.income > 0 RETURN r.name AS name, r.kind AS kind")
        assert {r["name"]: r["kind"] for r in kinds} == {"青石村": "村", "白河社区": "社区", "山前": "村"}
