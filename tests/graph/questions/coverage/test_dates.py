"""Under a date asked about, units are those of today, except where a date of founding or closing is known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from graph import ontology
from graph.answers import Answer
from graph.locality import Locality
from graph.questions import catalogue
from graph.questions.asking import ask
from graph.rules.book import book
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader, Store
from tests.graph.questions.towns import AS_OF, two_towns

CONTEXT = Inquiry(AS_OF, Locality(), ontology.load(), book=book())
QUESTIONS = catalogue(book())
DAY = dt.date(2025, 3, 1)
BEFORE, AFTER = DAY - dt.timedelta(days=1), DAY + dt.timedelta(days=1)
#: what is known of each unit: the days on which it is not there, among the three around DAY
UNITS: dict[str, tuple[dict[str, Any], set[dt.date]]] = {
    "无日期": ({}, set()),
    "当日成立": ({"founded_on": DAY}, {BEFORE}),
    "早已成立": ({"founded_on": dt.date(1999, 1, 1)}, set()),
    "当日注销": ({"closed_on": DAY, "operating": "注销"}, {AFTER}),
    "注销未写状态": ({"closed_on": DAY, "operating": None}, {AFTER}),
    "当日成立即吊销": ({"founded_on": DAY, "closed_on": DAY, "operating": "吊销"}, {BEFORE, AFTER}),
    "注销无日期": ({"operating": "注销"}, {BEFORE, DAY, AFTER}),
}


@pytest.fixture(scope="module")
def reader(module_store: Store) -> Iterator[Reader]:
    """Units that should have an organization, on one chain, all loaded on a day long after."""
    made = two_towns()
    made.node("IndustryChain", "c1", name="烟花")
    for name, (dates, _) in UNITS.items():
        made.node("Unit", f"u{name}", name=name, formal_members=4, **dates)
        made.edge(f"u{name}", "LOCATED_IN", "r1")
        made.edge(f"u{name}", "IN_CHAIN", "c1")
    at = "2026-06-30T09:00:00+08:00"
    made.nodes["x1"] = ("Change", {"id": "x1", "number": 1, "kind": "load", "author": "甲", "at": at})
    with module_store.writer("测试", "建立") as writer:
        made.write(writer)
        book().refresh(writer, Locality(), dt.date(2026, 6, 30))
    with module_store.reader() as opened:
        yield opened


def asked(reader: Reader, name: str, day: dt.date = AS_OF, **given: str) -> Answer:
    return ask(QUESTIONS, reader, CONTEXT, name, {"as_of": day.isoformat(), **given})


@pytest.mark.parametrize("day", [BEFORE, DAY, AFTER], ids=str)
def test_units_count_from_their_founding_to_their_closing(reader: Reader, day: dt.date) -> None:
    there = {name for name, (_, absent) in UNITS.items() if day not in absent}
    assert asked(reader, "overview", day).total("org_应建未建_企业").value == len(there)
    rule = asked(reader, "org_should_exist", day)
    assert {row["subject"] for row in rule.rows} == there
    assert rule.total("population").value == len(there)
    units = asked(reader, "units", day)
    assert {row["name"] for row in units.rows if row["org"] == "应建未建"} == there
    # what is closed is listed as 不适用, what is not founded yet is not listed
    assert all(day >= UNITS[row["name"]][0].get("founded_on", day) for row in units.rows)
    assert {row["org"] for row in units.rows} <= {"应建未建", "不适用"}
    for name in UNITS:
        states = {row["verdict"] for row in asked(reader, "why", day, unit=name, rule="org_should_exist").rows}
        assert ("问题" in states) == (name in there), name


def test_chains_and_networks_hold_the_units_that_are_there(reader: Reader) -> None:
    for day in (BEFORE, AFTER):
        # a state without a date does not say when
        there = {n for n, (_, absent) in UNITS.items() if day not in absent} | {"注销无日期"}
        assert asked(reader, "chains", day).rows[0]["firms"] == len(there)
        assert {row["name"] for row in asked(reader, "network", day).rows} >= there
        assert not {row["name"] for row in asked(reader, "network", day).rows} & (UNITS.keys() - there)


def test_a_date_before_the_first_load_has_a_note(reader: Reader) -> None:
    (note,) = (n for n in asked(reader, "overview", DAY).notes if "早于首次载入" in n)
    assert "截止日期 2025-03-01 早于首次载入的数据（2026-06-30）" in note
    moves, stays = note.split("不随截止日期变的")
    assert all(word in moves for word in ("任期、派驻、暂缓", "成立日期、注销日期"))
    assert all(word in stays for word in ("党组织、指导员、产业链等的名单和个数", "待核实", "查找", "处理方案的候选"))
    assert note in asked(reader, "search", DAY, q="成立").notes
    assert note in asked(reader, "remedy", DAY, unit="无日期").notes
    for name, day in (("overview", AS_OF), ("loads", DAY), ("reviews", DAY)):
        assert not [n for n in asked(reader, name, day).notes if "早于首次载入" in n]


def test_what_the_note_says_of_counts_searches_and_candidates(store: Store) -> None:
    made = two_towns()
    made.node("IndustryChain", "c1", name="烟花")
    for kind, name, more in (("PartyOrg", "o1", {"founded_on": AFTER}), ("GuidanceOfficer", "g1", {})):
        made.node(kind, name, **more)
        made.edge(name, "LOCATED_IN", "r1")
    # of the five units of a joint branch one closes on DAY
    for number, dates in enumerate(({"closed_on": DAY, "operating": "注销"}, {"founded_on": BEFORE}, {}, {}, {}, {})):
        made.node("Unit", f"u{number}", name=f"第{number}公司", formal_members=1, **dates)
        made.edge(f"u{number}", "LOCATED_IN", "r1")
        if number < 5:
            made.edge("o1", "COVERS", f"u{number}", mode="联合")
    made.edge("g1", "GUIDES", "u5", valid_from=AFTER)
    with store.writer("测试", "建立") as writer:
        made.write(writer)
        book().refresh(writer, Locality(), AS_OF)

    def counts(day: dt.date) -> list[Any]:
        answer = asked(reader, "overview", day)
        return [answer.total(name).value for name in ("organizations", "officers", "officers_in_post", "chains")]

    def room(day: dt.date) -> list[str]:
        rows = asked(reader, "remedy", day, unit="第5公司").rows
        return [row["candidate"] for row in rows if row["role"] == "现有联合党支部"]

    with store.reader() as reader:
        assert counts(BEFORE) == counts(AFTER) == [1, 1, 1, 1]
        assert [row["name"] for row in asked(reader, "search", BEFORE - dt.timedelta(1), q="第1").rows] == ["第1公司"]
        assert (room(DAY), room(AFTER)) == ([], ["o1"]), "the units of a joint branch are those of the day"


def test_data_loaded_as_of_an_earlier_day_are_known_from_that_day(store: Store) -> None:
    """The note stands below the earlier of the day of the first load and the day that it was loaded for."""
    loaded_for = dt.date(2026, 3, 31)
    for number, (at, day, noted) in enumerate(
        [
            ("2026-06-30T09:00:00+08:00", loaded_for, loaded_for),
            ("2026-06-30T09:00:00+08:00", dt.date(2027, 1, 1), dt.date(2026, 6, 30)),
            ("2026-06-30T09:00:00+08:00", None, dt.date(2026, 6, 30)),
        ]
    ):
        with store.writer("测试", f"第 {number} 次") as writer:
            columns = {"id": ["x1"], "number": [1], "kind": ["load"], "at": [at], "as_of": pa.array([day], pa.date32())}
            writer.upsert("Change", pa.table(columns))
        with store.reader() as reader:
            for asked_for, expected in ((noted, False), (noted - dt.timedelta(days=1), True)):
                notes = asked(reader, "overview", asked_for).notes
                assert any("早于首次载入" in note for note in notes) == expected, (day, asked_for)
