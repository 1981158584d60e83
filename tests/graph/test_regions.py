"""The tree of divisions: whose row counts what, what lies below, and where everything else lies."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pytest

from graph.regions import NOWHERE, Regions
from graph.stores.base import Reader, Store
from tests.graph.rules.building import Graph


def test_rows_of_divisions() -> None:
    parents = {"市1": "省", "市2": "省", "县": "市1", "镇1": "县", "镇2": "县", "村": "镇1"}
    names = {r: r for r in ("省", *parents)}
    tree = Regions(names, {}, parents)
    assert tree.rows(["村", "镇2"]) == {"村": "镇1", "镇2": "镇2"}
    assert tree.rows(["村", "市2"]) == {"村": "市1", "市2": "市2"}
    assert tree.rows(["村", "县"]) == {"村": "村", "县": "县"}
    assert tree.rows(["村", "镇2", "县"], ["县", "镇1", "镇2", "村"]) == {"村": "镇1", "镇2": "镇2", "县": "县"}
    assert tree.rows(["村", "镇2"], ["镇1", "镇2", "村"]) == {"村": "镇1", "镇2": "镇2"}
    assert tree.rows(["没有的"]) == {}
    assert tree.higher(["县", "镇1", "镇2"]) == {"县"}
    assert Regions({"a": "a", "b": "b"}, {}, {"a": "b", "b": "a"}).path("a") == ["b", "a"]


def test_below_and_names() -> None:
    tree = Regions({"a": "甲", "b": "乙", "c": "丙"}, {"b": "990002", "c": "990001"}, {"b": "a", "c": "a"})
    assert tree.below(["a"]) == ("a", "b", "c")
    assert tree.below(["c", "b"]) == ("b", "c")
    assert Regions({"a": "a", "b": "b"}, {}, {"a": "b", "b": "a"}).below(["a"]) == ("a", "b"), "a circle ends"
    assert sorted(["", "a", "b", "c"], key=tree.sort_key) == ["c", "b", "a", ""], "by code, those without one after"
    assert [tree.name(region) for region in ("b", "d", "", None)] == ["乙", NOWHERE, NOWHERE, NOWHERE]


@pytest.fixture
def reader(store: Store) -> Iterator[Reader]:
    graph = Graph()
    graph.node("Region", "县", kind="县", code="990001")
    graph.edge(graph.node("Region", "镇", kind="镇街"), "PART_OF", "县")
    graph.edge(graph.node("Unit", "u1"), "LOCATED_IN", "镇")
    graph.edge(graph.node("PartyOrg", "o1"), "LOCATED_IN", "县")
    graph.node("Unit", "u2")
    with store.writer("测试", "区划") as writer:
        graph.write(writer)
    with store.reader() as opened:
        yield opened


def test_where_everything_lies(reader: Reader) -> None:
    tree = Regions.read(reader)
    assert tree == Regions({"县": "县", "镇": "镇"}, {"县": "990001"}, {"镇": "县"}, {"县": "县", "镇": "镇街"})
    located = tree.located(reader)
    assert located.by_id == {"u1": "镇", "o1": "县", "县": "县", "镇": "镇"}
    wanted = pa.chunked_array([["u1", "u2"], ["镇", "没有的"]], pa.string())
    assert located.of(wanted).to_pylist() == ["镇", None, "镇", None]
    assert sorted(located.inside(["镇"]).to_pylist()) == ["u1", "镇"]
    assert located.inside([]).to_pylist() == []


def test_of_an_empty_store_nothing_lies_anywhere(store: Store) -> None:
    with store.reader() as reader:
        located = Regions.read(reader).located(reader)
        assert located.by_id == {}
        assert located.of(pa.chunked_array([["u1"]])).to_pylist() == [None]
