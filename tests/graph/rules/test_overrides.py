"""Values, severities and switches where a division decides otherwise than its county."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from graph import ontology
from graph.errors import DeclarationError
from graph.locality import Locality, Overrides
from graph.questions import catalogue
from graph.questions.asking import ask
from graph.rules.book import book
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader, Store
from tests.graph.rules.building import Graph

RULE = "org_should_exist"
CODES = {"东镇": "110101", "西镇": "110102", "南镇": "110103"}
COUNTY = Locality(
    thresholds={"org_should_exist.org_min_members": 4},
    divisions={
        "东镇": Overrides({"org_min_members": 2}, {RULE: "suggest"}),
        "东村": Overrides({"org_min_members": 5}),
        "西镇": Overrides(switches={RULE: False}),
    },
)


@pytest.fixture(scope="module")
def reader(module_store: Store) -> Iterator[Reader]:
    graph = Graph()
    graph.node("Region", "县", kind="县")
    for town in ("东镇", "西镇", "南镇"):
        graph.edge(graph.node("Region", town, kind="镇街", code=CODES[town]), "PART_OF", "县")
    for village, town in (("东村", "东镇"), ("西村", "西镇"), ("同名村", "西镇"), ("同名村2", "南镇")):
        name = village.removesuffix("2")
        graph.edge(graph.node("Region", village, name=name), "PART_OF", town)
    for place in ("东镇", "东村", "西镇", "西村", "南镇", "县"):
        for members in (1, 2, 3, 4, 5):
            unit = graph.node("Unit", f"{place}{members}", kind="社会组织", formal_members=members)
            graph.edge(unit, "LOCATED_IN", place)
    graph.node("Unit", "无处3", kind="社会组织", formal_members=3)
    graph.node("Unit", "无处4", kind="社会组织", formal_members=4)
    with module_store.writer("测试", "决定") as writer:
        graph.write(writer)
        book().refresh(writer, Locality(), dt.date(2026, 6, 30))
    with module_store.reader() as opened:
        yield opened


def asked(locality: Locality = COUNTY, scope: tuple[str, ...] = ()) -> Inquiry:
    return Inquiry(date(2026, 6, 30), locality, ontology.load(), scope=scope, book=book())


def test_each_subject_is_judged_by_the_nearest_division_that_decides(reader: Reader) -> None:
    outcome = book().run(reader, RULE, asked())
    found = {f.subject: f.severity for f in outcome.findings}
    town = {f"东镇{n}": "suggest" for n in (2, 3, 4, 5)}
    # the village sets the number, and leaves the severity to its town
    assert (
        found
        == {"东村5": "suggest", "南镇4": "high", "南镇5": "high", "县4": "high", "县5": "high", "无处4": "high"} | town
    )
    assert set(outcome.population) == set(found)
    assert book().findings(reader, RULE, asked()) == outcome.findings
    for subject in ("东镇2", "东村4", "东村5", "西镇5", "县3", "县4", "无处4"):
        assert (book().judged(reader, RULE, asked(), subject).state == "finding") == (subject in found)
    assert outcome.text("{org_min_members}", "东镇2") == "2"
    assert outcome.text("{org_min_members}", "县4") == "4"
    assert [str(p) for p in outcome.parameters] == [
        "应建党组织的正式党员数 4人（本地设置）",
        "应建党组织的正式党员数 2人（东镇设置）",
        "应建党组织的正式党员数 5人（东村设置）",
    ]


def test_a_scope_is_cut_after_that(reader: Reader) -> None:
    inside = book().run(reader, RULE, asked(scope=("东镇", "西镇")))
    assert [f.subject for f in inside.findings] == [f"东镇{n}" for n in (2, 3, 4, 5)]


def test_without_divisions_no_more_is_asked(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    queries: list[str] = []
    query = type(reader).query

    def counted(self: Reader, cypher: str, given: Mapping[str, Any] | None = None) -> pa.Table:
        queries.append(cypher)
        return query(self, cypher, given or {})

    monkeypatch.setattr(type(reader), "query", counted)
    book().run(reader, RULE, asked(Locality()))
    assert queries == [book().rules[RULE].query.text({"scope": []})]


def test_a_rule_that_is_off_finds_nothing_and_is_named(reader: Reader) -> None:
    off = asked(Locality(switches={RULE: False}, divisions={"东镇": Overrides(switches={RULE: True})}))
    assert [f.subject for f in book().run(reader, RULE, off).findings] == [
        "东村3",
        "东村4",
        "东村5",
        "东镇3",
        "东镇4",
        "东镇5",
    ]
    nowhere = replace(off, locality=Locality(switches={RULE: False}))
    assert not book().run(reader, RULE, nowhere).population
    answer = ask(catalogue(book()), reader, nowhere, "gaps", {})
    total = next(t for t in answer.totals if t.name == RULE)
    assert (total.label, total.value, total.denominator) == ("应建未建（已停用）", 0, 0)
    assert any("应建未建：严重程度 高（默认），已停用（本地设置）" in note for note in answer.notes)


def test_answers_follow_the_severity_in_force(reader: Reader) -> None:
    answers = {
        given: ask(catalogue(book()), reader, asked(), "gaps", {"rule": RULE, "severity": given}).rows
        for given in ("high", "suggest")
    }
    assert {r["subject_id"] for r in answers["suggest"]} == {"东村5", *(f"东镇{n}" for n in (2, 3, 4, 5))}
    assert {r["subject_id"] for r in answers["high"]} == {"南镇4", "南镇5", "县4", "县5", "无处4"}
    assert not {r["subject_id"] for r in answers["high"]} & {r["subject_id"] for r in answers["suggest"]}
    by_division = ask(catalogue(book()), reader, asked(), "gaps_by_division", {"severity": "suggest"})
    assert sum(r["findings"] for r in by_division.rows) == len(
        ask(catalogue(book()), reader, asked(), "gaps", {"severity": "suggest"}).rows
    )
    notes = ask(catalogue(book()), reader, asked(), RULE, {}).notes
    assert "应建未建在东镇：严重程度 建议（东镇设置），启用（默认）。" in notes
    assert "应建未建：严重程度 高（默认），启用（默认）。" in notes


def test_states_agree_with_the_rule(reader: Reader) -> None:
    overview = ask(catalogue(book()), reader, asked(), "overview", {})
    of_state = next(t.value for t in overview.totals if t.name == "org_应建未建_社会组织")
    found = len(book().run(reader, RULE, asked()).findings)
    # 西镇 has the rule off and the states all the same: 4 and 5 members, twice
    assert of_state == found + 4
    assert any("部分区划另设" in note for note in overview.notes)


@pytest.mark.parametrize(("name", "said"), [("北镇", "“北镇”不存在"), ("同名村", "“同名村”不止一个")])
def test_a_division_that_is_none_or_several_is_refused(reader: Reader, name: str, said: str) -> None:
    with pytest.raises(DeclarationError, match=said):
        book().run(reader, RULE, asked(Locality(divisions={name: Overrides({"org_min_members": 2})})))
    book().run(reader, RULE, asked(Locality(divisions={CODES["东镇"]: Overrides({"org_min_members": 2})})))
