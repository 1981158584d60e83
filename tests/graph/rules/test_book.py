"""Bases, thresholds and chains as the book applies them."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from graph import ontology
from graph.context import Context
from graph.errors import DeclarationError, UnknownError
from graph.locality import Locality
from graph.rules.book import Book, book, one_base
from graph.rules.derived import GIVEN, extension_since, last_month, last_quarter, last_year, months_on
from graph.stores.base import Reader, Store
from graph.stores.ladybug.store import EmbeddedStore
from tests.graph.rules.building import Graph

#: unit: properties, bases it is in, bases undecided
UNITS: dict[str, tuple[dict[str, Any], str, str]] = {
    "普通企业": ({}, "实体运营非公企业", "三有企业 小个专 规上企业"),
    "规上": ({"above_scale": True}, "实体运营非公企业 规上企业", "三有企业"),
    "规下": ({"above_scale": False}, "实体运营非公企业 小个专", "三有企业"),
    "三有": ({"fixed_premises": True, "staff": 10, "above_scale": False}, "三有企业 实体运营非公企业 小个专", ""),
    "九人": ({"fixed_premises": True, "staff": 9, "above_scale": False}, "实体运营非公企业 小个专", ""),
    "无场所": ({"fixed_premises": False, "staff": 99, "above_scale": True}, "实体运营非公企业 规上企业", ""),
    "场所未填": ({"staff": 99, "above_scale": True}, "实体运营非公企业 规上企业", "三有企业"),
    "状态未填": (
        {"fixed_premises": True, "staff": 99, "operating": None, "above_scale": True},
        "实体运营非公企业 规上企业",
        "三有企业",
    ),
    "未实体运营": ({"entity_operated": False, "staff": 99, "above_scale": False}, "小个专", ""),
    "所有制不明": ({"ownership": "不明", "above_scale": True, "staff": 1}, "实体运营非公企业 规上企业", ""),
    "公有控股": ({"ownership": "公有控股", "above_scale": True}, "", ""),
    "停业": ({"operating": "停业", "above_scale": True}, "", ""),
    "分支机构": ({"branch_of_parent": True, "above_scale": True}, "", ""),
    "未覆盖分支": ({"branch_of_parent": True, "above_scale": True}, "实体运营非公企业 规上企业", "三有企业"),
    "联建分支": ({"branch_of_parent": True, "above_scale": True}, "实体运营非公企业 规上企业", "三有企业"),
    "不再列入": ({"listed": False, "above_scale": True}, "", ""),
    "协会": ({"kind": "社会组织", "ownership": None}, "社会组织", ""),
    "注销协会": ({"kind": "社会组织", "operating": "注销"}, "", ""),
    "合作社": ({"kind": "合作社"}, "合作社", ""),
    "合作社分社": ({"kind": "合作社", "branch_of_parent": True}, "", ""),
    "未覆盖分社": ({"kind": "合作社", "branch_of_parent": True}, "合作社", ""),
    "个体": ({"kind": "个体工商户"}, "小个专", ""),
    "类型不明": ({"kind": None}, "", "合作社 实体运营非公企业 小个专 社会组织"),
}


@pytest.fixture(scope="module")
def store(module_store: Store) -> Store:
    graph = Graph()
    graph.node("Region", "r", kind="镇街")
    for name, (properties, _, _) in UNITS.items():
        graph.edge(graph.node("Unit", name, **properties), "LOCATED_IN", "r")
    graph.node("IndustryChain", "链", key_chain=True)
    graph.node("IndustryChain", "环节")
    graph.edge("环节", "PART_OF", "链")
    graph.edge("规上", "IN_CHAIN", "环节")
    graph.edge("规下", "IN_CHAIN", "链", valid_to=dt.date(2020, 1, 1))
    graph.node("PartyOrg", "支部", term_to=dt.date(2020, 1, 1))
    graph.node("PartyOrg", "外支部", term_to=dt.date(2020, 1, 1))
    graph.edge("支部", "COVERS", "规上")
    graph.edge("支部", "COVERS", "分支机构", of_parent=True)
    graph.edge("支部", "COVERS", "联建分支")
    graph.edge("支部", "COVERS", "合作社分社", of_parent=True)
    with module_store.writer("测试", "口径") as writer:
        graph.write(writer)
        book().refresh(writer, Locality(), dt.date(2026, 6, 30))
    return module_store


@pytest.fixture
def reader(store: Store) -> Iterator[Reader]:
    with store.reader() as opened:
        yield opened


def asked(**more: Any) -> Context:
    return replace(Context(dt.date(2026, 6, 30), Locality(), ontology.load()), **more)


def membership(reader: Reader) -> dict[str, tuple[str, str]]:
    rows = reader.query("MATCH (u:Unit) RETURN u.id AS id, u.bases AS b, u.bases_undecided AS n").to_pylist()
    return {r["id"]: (" ".join(r["b"]), " ".join(r["n"])) for r in rows}


def test_bases(reader: Reader) -> None:
    assert membership(reader) == {name: (bases, undecided) for name, (_, bases, undecided) in UNITS.items()}


class DroppedError(Exception):
    """Ends a write that is not to be kept."""


def test_refresh_writes_only_what_changed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    fewer = Locality(thresholds={"三有企业.min_staff": 9})
    written: list[int] = []
    with contextlib.suppress(DroppedError), store.writer("测试", "口径") as writer:
        keep = writer.upsert
        monkeypatch.setattr(writer, "upsert", lambda kind, rows: (written.append(rows.num_rows), keep(kind, rows)))
        assert book().refresh(writer, Locality(), dt.date(2026, 6, 30)) == book().bases_digest(Locality())
        book().refresh(writer, fewer, dt.date(2026, 6, 30))
        assert membership(writer)["九人"] == ("三有企业 实体运营非公企业 小个专", "")
        raise DroppedError  # the other tests keep the store as it was
    assert written == [0, 1]
    assert book().bases_digest(fewer) != book().bases_digest(Locality())


def test_refresh_of_an_empty_store(tmp_path: Path) -> None:
    made = EmbeddedStore(tmp_path / "empty.lbug", create=True)
    with made.writer("测试", "口径") as writer:
        assert book().refresh(writer, Locality(), dt.date(2026, 6, 30))
    made.close()


def test_chain_keeps_its_own_subjects(reader: Reader) -> None:
    on_chain = asked(chain="链")
    assert book().run(reader, "coverage_blank", on_chain).population == ("规上",)
    assert [f.subject for f in book().run(reader, "term_overdue", on_chain).findings] == ["支部"]
    assert book().run(reader, "chain_without_committee", on_chain).population == ("链",)
    assert book().run(reader, "officer_overloaded", on_chain).population == ()
    assert [f.subject for f in book().run(reader, "term_overdue", asked()).findings] == ["外支部", "支部"]


def test_base_asked_for_replaces_the_county_s(reader: Reader) -> None:
    whole = book().run(reader, "coverage_blank", asked())
    assert {"普通企业", "协会", "类型不明"} <= set(whole.population)
    assert "合作社" not in whole.population
    assert set(book().run(reader, "coverage_blank", asked(base="社会组织")).population) == {"协会", "类型不明"}
    small = book().run(reader, "coverage_blank", asked(base="小个专")).population
    assert "个体" in small
    assert "合作社" not in small, "a 合作社 is none of 小微企业、个体工商户、专业市场"
    assert set(book().run(reader, "coverage_blank", asked(base="合作社")).population) == {
        "合作社",
        "未覆盖分社",
        "类型不明",
    }


def test_threshold_of_the_rule_goes_before_that_of_all() -> None:
    county = Locality(thresholds={"org_min_members": 4, "org_should_join.org_min_members": 5})
    values = {
        rule: book().parameters(rule, asked(locality=county))["org_min_members"]
        for rule in ("org_should_exist", "org_should_join")
    }
    assert values == {"org_should_exist": 4, "org_should_join": 5}
    (stated,) = book().thresholds(book().rules["org_should_exist"], county)
    assert str(stated) == "应建党组织的正式党员数 4人（本地设置）"


@pytest.mark.parametrize(
    ("locality", "words"),
    [
        (Locality(bases=("没有的口径",)), "没有的口径"),
        (Locality(thresholds={"no_such": 1}), "no_such"),
        (Locality(thresholds={"org_min_members": "三"}), "三"),
        (Locality(thresholds={"org_min_members": True}), "True"),
        (Locality(thresholds={"officer_roles": "指导员"}), "指导员"),
    ],
)
def test_impossible_settings_are_refused(locality: Locality, words: str) -> None:
    with pytest.raises(DeclarationError, match=words):
        book().check(locality)


def test_possible_settings_pass() -> None:
    book().check(Locality(thresholds={"org_min_members": 2, "三有企业.min_staff": 20, "officer_roles": ["指导员"]}))


def test_unknown_rule(reader: Reader) -> None:
    with pytest.raises(UnknownError, match="no_such"):
        book().run(reader, "no_such", asked())


def test_one_base() -> None:
    county = Locality(bases=("社会组织", "三有企业", "规上企业"))
    assert one_base(book(), county, "企业") == "三有企业"
    assert one_base(book(), county, "企业", "规上企业") == "规上企业"
    assert one_base(book(), county, "社会组织", "规上企业") == "社会组织"
    assert one_base(book(), county, "小个专") == ""


def test_every_rule_says_why_and_what_to_do() -> None:
    assert Book.load().digest == book().digest
    for rule in book().rules.values():
        assert rule.basis
        assert rule.remedy
        assert rule.title
        assert "[check]" not in "".join(rule.basis)


def test_derived_dates() -> None:
    assert GIVEN["posting_since"](asked(as_of=dt.date(2026, 3, 31))) == dt.date(2025, 10, 1)
    assert GIVEN["posting_since"](asked(locality=Locality(posting_grace_quarters=0))) == dt.date(2026, 6, 30)
    for year, month, day in ((2028, 2, 28), (2028, 2, 29), (2028, 3, 1), (2026, 6, 30), (2027, 2, 28)):
        today = dt.date(year, month, day)
        for ago in range(360, 370):
            end = today - dt.timedelta(ago)
            assert (extension_since(asked(as_of=today)) <= end) == (today <= months_on(end, 12)), (today, end)
    for day, quarter in ((dt.date(2026, 6, 30), 1), (dt.date(2026, 4, 1), 1), (dt.date(2026, 3, 31), 10)):
        start, end = last_quarter(asked(as_of=day))
        assert (start.month, end) == (quarter, dt.date(2026, 3, 31) if quarter == 1 else dt.date(2025, 12, 31))
    assert last_month(asked(as_of=dt.date(2028, 3, 31))) == (dt.date(2028, 2, 1), dt.date(2028, 2, 29))
    assert last_month(asked(as_of=dt.date(2026, 1, 1))) == (dt.date(2025, 12, 1), dt.date(2025, 12, 31))
    assert last_year(asked(as_of=dt.date(2026, 1, 1))) == (dt.date(2025, 1, 1), dt.date(2025, 12, 31))
    assert months_on(dt.date(2026, 6, 30), -6) == dt.date(2025, 12, 30)
    assert months_on(dt.date(2026, 8, 31), -6) == dt.date(2026, 2, 28)
    assert months_on(dt.date(2026, 12, 31), -12) == dt.date(2025, 12, 31)


def said_by(cypher: str) -> Book:
    """The book with one rule's query replaced."""
    rule = book().rules["org_should_exist"]
    return replace(book(), rules={rule.id: replace(rule, query=replace(rule.query, cypher=cypher))})


def test_of_several_rows_of_a_subject_the_gravest_decides_with_its_facts(reader: Reader) -> None:
    rules = said_by(
        "UNWIND [1, 2, 3, 4] AS n MATCH (u:Unit) WHERE u.listed AND (size($scope) = 0 OR u.id IN $scope) "
        "AND (n < 4 OR u.name = '协会') AND (n < 3 OR u.name IN ['协会', '合作社']) AND (n < 2 OR u.name <> '个体') "
        "RETURN u.id AS id, CASE WHEN n = 4 THEN 'finding' WHEN n = 1 THEN 'clear' ELSE 'unverified' END AS verdict, "
        "n AS formal_members ORDER BY id"
    )
    outcome = rules.run(reader, "org_should_exist", asked())
    assert [(f.subject, f.facts) for f in outcome.findings] == [("协会", {"formal_members": 4})]
    unverified = {f.subject for f in outcome.unverified}
    assert unverified == set(outcome.population) - {"协会", "个体"}
    assert rules.findings(reader, "org_should_exist", asked()) == outcome.findings
    population, findings, left = (set(ids.to_pylist()) for ids in rules.ids(reader, "org_should_exist", asked()))
    assert (population, findings, left) == (set(outcome.population), {"协会"}, unverified)
    states = {
        s: rules.judged(reader, "org_should_exist", asked(), s).state for s in ("协会", "个体", "合作社", "停业", "x")
    }
    assert states == {"协会": "finding", "个体": "clear", "合作社": "unverified", "停业": "unverified", "x": "outside"}


@pytest.mark.parametrize(("end", "shown"), [("ELSE 'maybe' END", "maybe"), ("END", "空")])
def test_a_rule_that_says_no_verdict_is_off_with_a_notice(reader: Reader, end: str, shown: str) -> None:
    rules = said_by(
        "MATCH (u:Unit) WHERE u.listed AND (size($scope) = 0 OR u.id IN $scope) "
        f"RETURN u.id AS id, CASE WHEN u.name = '协会' THEN 'finding' {end} AS verdict ORDER BY id"
    )
    for ask in (rules.run, rules.findings, rules.ids):
        context = asked()
        ask(reader, "org_should_exist", context)
        [note] = [fault.note for fault in context.faults.met.values()]
        assert re.search(f"已停用.*org_should_exist.cypher 第 .* 行.*“{shown}”.*CASE 要写 ELSE", note)
