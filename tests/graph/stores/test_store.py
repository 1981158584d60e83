"""What every store must do; one suite for all of them."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import tempfile
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from graph import ontology
from graph.errors import StoreBusyError, StoreError, StoreMovedError
from graph.ontology import ALWAYS_FROM, ALWAYS_TO
from graph.stores.base import Reader, Store, Writer
from tests.places import Place

DAY = dt.date(2026, 6, 30)


def commit(writer: Writer, number: int) -> None:
    writer.upsert("Change", pa.table({"id": [f"x{number}"], "number": [number], "kind": ["load"]}))


def units(reader: Reader) -> dict[str, Any]:
    rows = reader.query("MATCH (u:Unit) RETURN u.id AS id, u.name AS name ORDER BY id").to_pylist()
    return {row["id"]: row["name"] for row in rows}


def put(writer: Writer, **names: str | None) -> None:
    writer.upsert("Unit", pa.table({"id": list(names), "name": pa.array(list(names.values()), pa.string())}))


def edge(key: str, **more: Any) -> pa.Table:
    row = {"from": "o1", "to": "u1", "key": key, "valid_from": ALWAYS_FROM, "valid_to": ALWAYS_TO} | more
    return pa.table({name: [value] for name, value in row.items()})


def test_an_empty_store_has_every_table_and_revision_zero(store: Store) -> None:
    with store.reader() as reader:
        assert reader.revision == 0
        for kind in ontology.load().nodes.values():
            assert reader.query(f"MATCH (n:{kind.name}) RETURN n.id AS id").num_rows == 0
        for kind in ontology.load().edges.values():
            for a, b in kind.ends:
                assert reader.query(f"MATCH (:{a})-[e:{kind.name}]->(:{b}) RETURN e.key AS key").num_rows == 0


def test_every_type_and_its_null_comes_back(store: Store) -> None:
    values: dict[str, list[Any]] = {
        "name": ["𠮷田商店", None],
        "staff": [2**53 + 1, None],
        "revenue": [-(10**15), None],
        "longitude": [112.9388, None],
        "founded_on": [DAY, None],
        "above_scale": [False, None],
        "main_products": [["钢材", "水泥"], None],
        "business_scope": ["长" * 200_000, ""],
    }
    with store.writer("甲", "写") as writer:
        writer.upsert("Unit", pa.table({"id": ["u1", "u2"], **values}))
    with store.reader() as reader:
        picked = ", ".join(f"u.{name} AS {name}" for name in values)
        table = reader.query(f"MATCH (u:Unit) RETURN u.id AS id, {picked} ORDER BY id")
    assert {name: table[name].to_pylist() for name in values} == values
    assert table.schema.field("founded_on").type == pa.date32()
    assert table.schema.field("staff").type == pa.int64()


def test_dates_at_the_ends_of_time_compare(store: Store) -> None:
    with store.writer("甲", "写") as writer:
        put(writer, u1="一")
        writer.upsert("PartyOrg", pa.table({"id": ["o1"], "name": ["某支部"]}))
        writer.link("COVERS", "PartyOrg", "Unit", edge("e1"))
    with store.reader() as reader:
        rows = reader.query(
            "MATCH (:PartyOrg)-[e:COVERS]->(:Unit) WHERE e.valid_from <= $day AND $day <= e.valid_to "
            "RETURN e.valid_from AS f, e.valid_to AS t, e.mode AS mode",
            {"day": DAY},
        ).to_pylist()
    assert rows == [{"f": ALWAYS_FROM, "t": ALWAYS_TO, "mode": None}]


def test_upsert_creates_updates_and_leaves_the_rest(store: Store) -> None:
    with store.writer("甲", "写") as writer:
        writer.upsert("Unit", pa.table({"id": ["u1", "u2"], "name": ["一", "二"], "staff": [1, 2]}))
    with store.writer("甲", "写") as writer:
        put(writer, u2="贰", u3="三")
    with store.reader() as reader:
        rows = reader.query(
            "MATCH (u:Unit) RETURN u.id AS id, u.name AS name, u.staff AS staff ORDER BY id"
        ).to_pylist()
    assert [tuple(r.values()) for r in rows] == [("u1", "一", 1), ("u2", "贰", 2), ("u3", "三", None)]


def test_upsert_can_blank_a_value(store: Store) -> None:
    with store.writer("甲", "写") as writer:
        put(writer, u1="一", u2="二")
    with store.writer("甲", "写") as writer:
        put(writer, u1=None)
    with store.reader() as reader:
        assert units(reader) == {"u1": None, "u2": "二"}


def test_nothing_to_write_is_no_error(store: Store) -> None:
    with store.writer("甲", "写") as writer:
        writer.upsert("Unit", pa.table({"id": pa.array([], pa.string())}))
        writer.link("COVERS", "PartyOrg", "Unit", edge("e1").slice(0, 0))
        writer.unlink("COVERS", "PartyOrg", "Unit", pa.table({"from": ["o1"], "key": ["none"]}))


def test_link_and_unlink(store: Store) -> None:
    with store.writer("甲", "写") as writer:
        put(writer, u1="一")
        writer.upsert("PartyOrg", pa.table({"id": ["o1"], "name": ["某支部"]}))
        for key, mode in (("e1", "单独"), ("e2", "联合")):
            writer.link("COVERS", "PartyOrg", "Unit", edge(key, mode=mode))
    with store.writer("甲", "写") as writer:
        writer.unlink("COVERS", "PartyOrg", "Unit", pa.table({"from": ["o1"], "key": ["e1"]}))
        writer.link("COVERS", "PartyOrg", "Unit", edge("e3", valid_from=DAY))
    with store.reader() as reader:
        rows = reader.query(
            "MATCH (:PartyOrg)-[e:COVERS]->(:Unit) RETURN e.key AS key, e.valid_from AS f, e.mode AS m ORDER BY key"
        ).to_pylist()
    assert [tuple(r.values()) for r in rows] == [("e2", ALWAYS_FROM, "联合"), ("e3", DAY, None)]


def test_text_is_only_text(store: Store) -> None:
    hostile = "'}) DETACH DELETE n //\"<b>$x\n\\"
    with store.writer("甲", "写") as writer:
        put(writer, u1=hostile)
    with store.reader() as reader:
        (row,) = reader.query("MATCH (u:Unit) WHERE u.name = $name RETURN u.id AS id", {"name": hostile}).to_pylist()
    assert row["id"] == "u1"


def test_a_sum_of_integers_is_an_integer(store: Store) -> None:
    with store.writer("测试", "合计") as writer:
        writer.upsert("Unit", pa.table({"id": ["u1", "u2", "u3"], "staff": pa.array([1, 2, None], pa.int64())}))
        commit(writer, 1)
    with store.reader() as reader:
        total = reader.query("MATCH (u:Unit) RETURN sum(coalesce(u.staff, 0)) AS staff")
        assert total.schema.field("staff").type == pa.int64()
        assert total.to_pylist() == [{"staff": 3}]


def test_parameters_without_a_use_are_left_out_and_null_is_refused(store: Store) -> None:
    with store.reader() as reader:
        assert reader.query("RETURN 1 AS n", {"unused": [1]})["n"].to_pylist() == [1]
        assert (
            reader.query(
                "MATCH (u:Unit) WHERE size($scope) = 0 OR u.id IN $scope RETURN u.id AS id", {"scope": []}
            ).num_rows
            == 0
        )
        with pytest.raises(ValueError, match=r"\$x"):
            reader.query("RETURN $x AS n", {"x": None})


# -- readers beside a writer ------------------------------------------------------------------------


def test_a_reader_keeps_its_revision_while_another_is_published(store: Store, place: Place) -> None:
    with store.writer("甲", "写") as writer:
        put(writer, u1="一")
        commit(writer, 1)
    with store.reader() as old:
        assert old.revision == 1
        with store.writer("甲", "写") as writer:
            assert writer.revision == 1
            put(writer, u2="二")
            commit(writer, 2)
            assert writer.revision == 2
            assert units(old) == {"u1": "一"}, "seen by no one until it is whole"
        with store.reader() as new:
            assert (new.revision, len(units(new))) == (2, 2)
        # one revision, or none: a server keeps no older one, and says so
        try:
            assert units(old) == {"u1": "一"}
            assert place.engine.keeps_revisions
        except StoreMovedError:
            assert not place.engine.keeps_revisions
        assert old.revision == 1


def attempt(store: Store, fail: Callable[[Writer], Any]) -> None:
    """A write that gets as far as a new unit."""
    with store.writer("甲", "写") as writer:
        put(writer, u2="二")
        fail(writer)


def test_a_revision_can_be_asked_by_two_at_a_time(store: Store, place: Place) -> None:
    with store.writer("甲", "写") as writer:
        put(writer, u1="一")
        commit(writer, 1)
        with writer.beside() as other:
            assert other is None
    with store.reader() as reader, reader.beside() as other:
        assert other is not None
        assert other.revision == reader.revision == 1
        with store.writer("甲", "写") as writer:
            put(writer, u2="二")
            commit(writer, 2)
        for one in (reader, other):
            try:
                assert units(one) == {"u1": "一"}
                assert place.engine.keeps_revisions
            except StoreMovedError:
                assert not place.engine.keeps_revisions


def test_a_writer_that_fails_changes_nothing(store: Store) -> None:
    with store.writer("甲", "写") as writer:
        put(writer, u1="一")
        commit(writer, 1)
    for fail in (
        lambda _: 1 // 0,
        lambda writer: writer.query("THIS IS NOT CYPHER RETURN 1 AS n"),
        lambda writer: writer.link("COVERS", "PartyOrg", "Unit", edge("e1", to="nobody")),
    ):
        with pytest.raises((ZeroDivisionError, RuntimeError)):
            attempt(store, fail)
        with store.reader() as reader:
            assert (reader.revision, units(reader)) == (1, {"u1": "一"})
    with store.writer("甲", "写") as writer:
        put(writer, u3="三")
    with store.reader() as reader:
        assert (reader.revision, units(reader)) == (1, {"u1": "一", "u3": "三"})


def test_readers_in_threads_while_revisions_are_published(store: Store) -> None:
    with store.writer("甲", "写") as writer:
        put(writer, **{f"u{i}": "0" for i in range(50)})
        commit(writer, 1)
    done = threading.Event()
    wrong: list[Any] = []

    def ask() -> None:
        last = 0
        while not done.is_set():
            try:
                with store.reader() as reader:
                    names, revision = set(units(reader).values()), reader.revision
                if len(names) != 1 or revision < last:
                    wrong.append((names, revision, last))
                last = revision
            except StoreMovedError:
                continue
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(2, 6):
        with store.writer("甲", "写") as writer:
            put(writer, **{f"u{i}": str(number) for i in range(50)})
            commit(writer, number)
    done.set()
    for thread in threads:
        thread.join()
    assert wrong == []


# -- who holds it -----------------------------------------------------------------------------------


def test_a_second_writer_is_told_who_and_since_when(store: Store, place: Place) -> None:
    with store.writer("张某", "载入台账"):
        other = place.open(wait=0.05)
        with pytest.raises(StoreBusyError, match=r"张某 自 20.*载入台账.*--wait") as caught, other.writer("乙", "写"):
            pass
        assert str(os.getpid()) in str(caught.value)
        assert caught.value.exit_status == 3
        other.close()
    with store.writer("乙", "写"):
        pass


def _hold(place: Place, holding: Any, release: Any) -> None:
    store = place.open()
    with store.writer("另一进程", "载入台账") as writer:
        put(writer, u2="二")
        commit(writer, 2)
        holding.set()
        release.wait(30)
    store.close()


def test_two_processes(store: Store, place: Place) -> None:
    with store.writer("甲", "写") as writer:
        put(writer, u1="一")
        commit(writer, 1)
    context = multiprocessing.get_context("spawn")
    holding, release = context.Event(), context.Event()
    child = context.Process(target=_hold, args=(place, holding, release))
    child.start()
    try:
        assert holding.wait(30)
        with pytest.raises(StoreBusyError, match="另一进程"), store.writer("甲", "写"):
            pass
        with store.reader() as reader:
            assert (reader.revision, units(reader)) == (1, {"u1": "一"})
    finally:
        release.set()
        child.join(30)
    assert child.exitcode == 0
    with store.reader() as reader:
        assert (reader.revision, units(reader)) == (2, {"u1": "一", "u2": "二"})


# -- scratch --------------------------------------------------------------------------------------------


def test_a_scratch_has_all_that_is_published_and_is_written_without_a_trace(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with store.writer("甲", "写") as writer:
        put(writer, u1="一", u2="二")
        writer.upsert("PartyOrg", pa.table({"id": ["o1"]}))
        writer.link("COVERS", "PartyOrg", "Unit", edge("k1", mode="单独"))
        commit(writer, 1)
    before = {*tmp_path.iterdir()}
    edges = "MATCH (o:PartyOrg)-[c:COVERS]->(u:Unit) RETURN o.id AS o, u.id AS u, c.key AS key, c.mode AS mode"
    with store.scratch() as scratch:
        with scratch.reader() as reader:
            assert (reader.revision, units(reader)) == (1, {"u1": "一", "u2": "二"})
            assert reader.query(edges).to_pylist() == [{"o": "o1", "u": "u1", "key": "k1", "mode": "单独"}]
        with scratch.writer("甲", "设想") as writer:
            put(writer, u1="改", u3="三")
        # what is published afterwards is not in it
        with store.writer("甲", "写") as writer:
            put(writer, u4="四")
            commit(writer, 2)
        with scratch.reader() as reader:
            assert (reader.revision, units(reader)) == (1, {"u1": "改", "u2": "二", "u3": "三"})
    with store.reader() as reader:
        assert (reader.revision, units(reader)) == (2, {"u1": "一", "u2": "二", "u4": "四"})
    assert {*tmp_path.iterdir()} == before, "it is deleted"


def test_a_scratch_of_an_empty_store_is_empty_and_may_be_read_past_its_end(store: Store) -> None:
    with ExitStack() as reading:
        with store.scratch() as scratch:
            with scratch.writer("甲", "设想") as writer:
                put(writer, u1="一")
            reader = reading.enter_context(scratch.reader())
            assert reader.revision == 0
        assert units(reader) == {"u1": "一"}
        with reader.beside() as other:
            assert other is not None
            assert units(other) == {"u1": "一"}


def test_a_scratch_without_room_is_said(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(StoreError, match=r"放不下图库的副本.*TMPDIR"), store.scratch():
        pass
