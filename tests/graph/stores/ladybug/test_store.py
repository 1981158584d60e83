"""What is the embedded engine's own: files beside the store, files that are none."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ladybug
import pyarrow as pa
import pytest
from hypothesis import given, settings

from graph import ontology
from graph.context import Context
from graph.errors import QueryError, StoreError, StoreFullError
from graph.locality import Locality
from graph.rules.book import book
from graph.stores.base import Reader, Writer
from graph.stores.clauses import refusal
from graph.stores.cypher import ladybug_ddl
from graph.stores.ladybug import reading, sharing, writing
from graph.stores.ladybug import store as ladybug_store
from graph.stores.ladybug.store import EmbeddedStore
from graph.stores.lexing import parameters
from loaders.sample import REFERENCE_DATE
from tests.graph.stores.hostile import texts

#: more of them for `make torture`
HOSTILE_TEXTS = int(os.environ.get("TORTURE_EXAMPLES", "400"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    made = EmbeddedStore(tmp_path / "a.lbug", create=True, wait=0.2)
    yield made
    made.close()


def put(writer: Writer, **names: str) -> None:
    writer.upsert("Unit", pa.table({"id": list(names), "name": list(names.values())}))


def units(reader: Reader) -> dict[str, Any]:
    rows = reader.query("MATCH (u:Unit) RETURN u.id AS id, u.name AS name ORDER BY id").to_pylist()
    return {row["id"]: row["name"] for row in rows}


def broken_off(store: EmbeddedStore) -> None:
    """A write that gets as far as a new unit."""
    with store.writer("甲", "写") as writer:
        put(writer, u2="二")
        1 // 0  # noqa: B018


def test_a_writer_that_fails_leaves_no_file(store: EmbeddedStore) -> None:
    with store.writer("甲", "写") as writer:
        put(writer, u1="一")
    before = store.path.read_bytes()
    with pytest.raises(ZeroDivisionError):
        broken_off(store)
    assert store.path.read_bytes() == before
    assert sorted(p.name for p in store.path.parent.iterdir() if p.suffix != ".lock") == ["a.lbug"]


def test_a_write_changes_nothing_of_the_process_that_others_answer_in(store: EmbeddedStore) -> None:
    slices = [sys.getswitchinterval()]
    with store.writer("甲", "写") as writer:
        put(writer, u1="一")
        slices.append(sys.getswitchinterval())
    slices.append(sys.getswitchinterval())
    assert slices == slices[:1] * 3


def test_what_a_crash_left_is_cleared(store: EmbeddedStore) -> None:
    with store.writer("甲", "写") as writer:
        put(writer, u1="一")
    for name, content in ((".next", b"torn"), (".next.wal", b"torn"), (".holder", b"{"), (".lock", b"")):
        store.path.with_name(store.path.name + name).write_bytes(content)
    with store.reader() as reader:
        assert units(reader) == {"u1": "一"}
    with store.writer("甲", "写") as writer:
        put(writer, u2="二")
    assert sorted(p.name for p in store.path.parent.iterdir() if p.suffix != ".lock") == ["a.lbug"]
    with store.reader() as reader:
        assert len(units(reader)) == 2


# -- files that are no store ------------------------------------------------------------------------


def enter(path: Path, verb: str, **options: Any) -> None:
    """Open a store and read from it or write to it."""
    store = EmbeddedStore(path, wait=0.1, **options)
    with store.reader() if verb == "reader" else store.writer("甲", "写"):
        pass


def refused(path: Path, **options: Any) -> str:
    """What is said of a store that cannot be used, by its reader and its writer alike."""
    before = path.read_bytes() if path.is_file() else None
    messages = []
    for verb in ("reader", "writer"):
        with pytest.raises(StoreError) as caught:
            enter(path, verb, **options)
        messages.append(re.sub(r"（.*?）", "", str(caught.value)))
        assert caught.value.exit_status == 3
    assert messages[0] == messages[1]
    assert (path.read_bytes() if path.is_file() else None) == before
    return messages[0]


def test_an_absent_store(tmp_path: Path) -> None:
    assert "liangxin load" in refused(tmp_path / "none.lbug")
    assert "文件夹" in refused(tmp_path / "no" / "none.lbug", create=True)
    assert "是文件夹" in refused(tmp_path)


@pytest.mark.parametrize("content", [b"", b"this is no store at all" * 400, b"PK\x03\x04" * 3000])
def test_a_file_that_is_no_store(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.lbug"
    path.write_bytes(content)
    message = refused(path)
    assert "重新执行 liangxin load" in message


def test_a_store_that_lacks_a_table_or_a_column_is_given_it(tmp_path: Path) -> None:
    statements = ladybug_ddl(ontology.load())
    lacking_table = [s for n, s in statements.items() if n != "TOOK_PART"]
    lacking_column = [s.replace("`staff` INT64, ", "") for s in statements.values()]
    for name, ddl in (("t", lacking_table), ("c", lacking_column)):
        path = tmp_path / f"{name}.lbug"
        reading.execute(path, 1 << 27, [*ddl, "CHECKPOINT"])
        with contextlib.closing(EmbeddedStore(path)) as store:
            for verb in (store.reader, lambda store=store: store.writer("甲", "写")):
                with verb() as opened:
                    assert opened.query("MATCH (u:Unit) RETURN u.staff AS staff").num_rows == 0
                    assert opened.query("MATCH ()-[e:TOOK_PART]->() RETURN e.key AS key").num_rows == 0


def test_a_store_that_goes_away(store: EmbeddedStore) -> None:
    with store.reader():
        pass
    store.path.unlink()
    with pytest.raises(StoreError, match="已不存在"), store.reader():
        pass


def test_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = EmbeddedStore(tmp_path / "a.lbug", create=True)
    with store.reader():
        pass

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", full)
    with pytest.raises(StoreError, match="No space left"), store.writer("甲", "写"):
        pass
    monkeypatch.undo()
    with store.writer("甲", "写") as writer:
        put(writer, u1="一")


def test_a_reader_lets_go_of_what_it_planned(sample_store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """All rules asked by two at once fit into a quarter of the memory that a store may take."""
    monkeypatch.setattr(ladybug_store, "BUFFER_BYTES", ladybug_store.BUFFER_BYTES // 4)
    store = EmbeddedStore(sample_store.path)
    context = Context(REFERENCE_DATE, Locality(), ontology.load())
    with store.reader() as one, store.reader() as other:
        for rule in book().rules:
            assert book().run(one, rule, context) == book().run(other, rule, context)
    store.close()


def test_one_process_may_hold_many(store: EmbeddedStore) -> None:
    with store.writer("甲", "写") as writer:
        put(writer, u1="一")
    with contextlib.ExitStack() as held:
        for _ in range(20):
            one = held.enter_context(contextlib.closing(EmbeddedStore(store.path)))
            assert units(held.enter_context(one.reader())) == {"u1": "一"}


def test_a_large_store_has_more_room_for_questions_than_while_it_is_written(
    sample_store: EmbeddedStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[int] = []
    database = writing.database

    def noted(path: Path, buffer: int, **more: Any) -> ladybug.Database:
        opened.append(buffer)
        return database(path, buffer, **more)

    monkeypatch.setattr(writing, "database", noted)
    monkeypatch.setattr(ladybug_store, "WRITING_BYTES", 1 << 27)
    shutil.copyfile(sample_store.path, tmp_path / "large.lbug")
    with contextlib.closing(EmbeddedStore(tmp_path / "large.lbug")) as store:
        with store.writer("甲", "写") as writer:
            put(writer, u1="一")
            with writer.reading() as reader:
                before = len(units(reader))
            with writer.reading() as reader:
                assert len(units(reader)) == before
            put(writer, u2="二")
        assert opened == [1 << 27, ladybug_store.MEASURING_BYTES]
        with store.reader() as reader:
            assert {"u1": "一", "u2": "二"}.items() <= units(reader).items()


def test_a_query_that_needs_more_memory_than_there_is_says_so(
    sample_store: EmbeddedStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ladybug_store, "BUFFER_BYTES", 1 << 25)
    shutil.copyfile(sample_store.path, tmp_path / "small.lbug")
    with contextlib.closing(EmbeddedStore(tmp_path / "small.lbug")) as store, store.reader() as reader:
        with pytest.raises(StoreError, match="内存超出上限"):
            reader.query("MATCH (a:Unit), (b:Unit) RETURN a.name AS one, b.name AS other ORDER BY other, one")
        assert reader.query("MATCH (u:Unit) RETURN count(*) AS n")["n"][0].as_py()


def test_no_text_that_is_allowed_changes_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # even over a connection that may write: the list of clauses alone holds
    monkeypatch.chdir(tmp_path)
    (tmp_path / "units.csv").write_text("id\nz\n", encoding="utf-8")
    files = sorted(tmp_path.iterdir())
    ran = 0
    with (
        contextlib.closing(ladybug.Database(":memory:", buffer_pool_size=1 << 26, max_db_size=1 << 30)) as database,
        contextlib.closing(ladybug.Connection(database)) as connection,
    ):
        connection.execute("CREATE NODE TABLE Unit(id STRING PRIMARY KEY, listed BOOL, staff INT64)")
        connection.execute("CREATE (:Unit {id: 'a', listed: true, staff: 1})")

        @settings(max_examples=HOSTILE_TEXTS, deadline=None, database=None)
        @given(texts())
        def unchanged(text: str) -> None:
            nonlocal ran
            if refusal(text) is None:
                with contextlib.suppress(RuntimeError):
                    connection.execute(text, {"scope": ["a"]} if "scope" in parameters(text) else {})
                    ran += 1
                rows = connection.execute("MATCH (u:Unit) RETURN u.id, u.listed, u.staff")
                assert isinstance(rows, ladybug.QueryResult)
                with contextlib.closing(rows):
                    assert rows.get_all() == [["a", True, 1]]
                assert sorted(tmp_path.iterdir()) == files

        unchanged()
    # some deeds stand in comments and texts: else nothing was tried
    assert ran


def test_the_engine_refuses_to_write_while_a_write_is_measured(store: EmbeddedStore) -> None:
    with store.writer("甲", "写") as writer:
        put(writer, u1="一")
        # past the list of clauses, which no query of a rule is
        with writer.reading() as reader:
            assert isinstance(reader, reading.Reading)
            for deed in ("CREATE (:Unit {id: 'x'})", "MATCH (u:Unit) SET u.name = 'x'", "DROP TABLE `Change`"):
                with pytest.raises(QueryError, match="read-only transaction"):
                    reader.ask(deed)
            assert units(reader) == {"u1": "一"}
        put(writer, u2="二")
    with store.reader() as reader:
        assert units(reader) == {"u1": "一", "u2": "二"}


def test_a_query_that_ends_its_transaction_ends_the_write(store: EmbeddedStore) -> None:
    def write() -> None:
        with store.writer("甲", "写") as writer:
            put(writer, u1="一")
            with writer.reading() as reader:
                assert isinstance(reader, reading.Reading)
                reader.ask("COMMIT")

    with pytest.raises((RuntimeError, ArithmeticError)):
        write()
    with store.reader() as reader:
        assert units(reader) == {}


def test_a_query_that_finds_no_memory_is_run_once_more_alone(
    store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.writer("甲", "写") as writer:
        put(writer, u1="一")
    beside, running = threading.Event(), threading.Event()
    alone: list[int] = []

    def other() -> None:
        with sharing.beside_others():
            running.set()
            beside.wait(10)
            alone.append(0)

    with store.reader() as reader:
        assert isinstance(reader, reading.Reading)
        execute = reader._connection.execute
        times: list[int] = []

        def full_at_first(*of: Any) -> Any:
            times.append(len(alone))
            if len(times) == 1:
                beside.set()
                raise RuntimeError("Buffer manager exception: Unable to allocate memory! The buffer pool is full")
            return execute(*of)

        thread = threading.Thread(target=other)
        thread.start()
        running.wait(10)
        reader._planned = "RETURN 1 AS one"
        monkeypatch.setattr(reader._connection, "execute", full_at_first)
        assert reader.query("RETURN 1 AS one")["one"].to_pylist() == [1]
        thread.join()
    assert times == [0, 1], "the second time after the other query had ended"


def test_a_query_that_needs_too_much_memory_is_refused_by_that_name(
    store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.writer("甲", "写") as writer:
        put(writer, u1="一")

    def full(*_: Any) -> Any:
        raise RuntimeError("std::bad_alloc")

    with store.reader() as reader:
        assert isinstance(reader, reading.Reading)
        reader._planned = "RETURN 1 AS one"
        monkeypatch.setattr(reader._connection, "execute", full)
        with pytest.raises(StoreFullError):
            reader.query("RETURN 1 AS one")
