"""Ladybug, embedded: a published file is never written, a writer works on a copy and renames it over.

Opening a file for reading while another process writes it is not refused by the engine and reads torn pages;
so readers only ever open files that nobody will write again, and reopen when another one has taken their place.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import ladybug
import pyarrow as pa
from filelock import FileLock, Timeout

from graph.errors import StoreAbsentError, StoreBusyError, StoreError
from graph.ontology import ARROW, Ontology
from graph.ontology import load as load_ontology
from graph.stores import cypher

#: memory the engine may keep for pages; a county's store is far smaller, a province's still answers
BUFFER_BYTES = 1 << 30

#: in the engine's message about a file that it could not write, or not find whole what it wrote: the disk is full
_UNWRITTEN = "IO exception"

#: COPY of new nodes is several times faster than MERGE, but takes some 14 MB for even one row
COPY_FROM = 2_000

#: how long Python may keep its lock from the engine's thread during a write
SLICE_SECONDS = 0.0005


class _Session:
    """Queries over one connection."""

    #: a published file is whole
    unfinished = False

    def __init__(self, database: ladybug.Database, ontology: Ontology, revision: int | None = None) -> None:
        self._connection = ladybug.Connection(database, num_threads=2)
        self._ontology = ontology
        self._revision = revision

    @property
    def revision(self) -> int:
        if self._revision is None:
            found = self.query("MATCH (c:Change) RETURN max(c.number) AS number")["number"][0].as_py()
            self._revision = int(found or 0)
        return self._revision

    def query(self, text: str, parameters: Mapping[str, Any] | None = None) -> pa.Table:
        used = cypher.named_parameters(text, parameters)
        for name, value in used.items():
            if value is None:
                raise ValueError(f"parameter ${name} is null, which the shared Cypher does not have")
        result = self._connection.execute(text, used)
        assert isinstance(result, ladybug.QueryResult)
        with contextlib.closing(result):
            return result.get_as_arrow()

    def close(self) -> None:
        self._connection.close()


class _Writing(_Session):
    """A session that also writes, one statement behind: the engine works while the next table is made."""

    def __init__(self, database: ladybug.Database, ontology: Ontology) -> None:
        super().__init__(database, ontology)
        # the copy needs no recovery of its own: it is checkpointed once, before it is published, or dropped
        self._connection.execute("CALL auto_checkpoint=false")
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="liangxin-write")
        self._under_way: Future[None] | None = None
        #: whether someone waits for what is under way; else there is time to checkpoint what was copied
        self._awaited = False
        # the engine asks for the interpreter's lock many times a statement, and would wait out a slice each time
        self._slice = sys.getswitchinterval()
        sys.setswitchinterval(SLICE_SECONDS)

    def query(self, text: str, parameters: Mapping[str, Any] | None = None) -> pa.Table:
        self.settle()
        return super().query(text, parameters)

    def upsert(self, node_type: str, rows: pa.Table) -> None:
        if rows.num_rows:
            rows = cypher.conform(rows, cypher.node_columns(self._ontology.nodes[node_type]), ARROW)
            if node_type == "Change":
                self._revision = None
            self._begin(lambda: self._upsert(node_type, rows))

    def link(self, edge_type: str, from_type: str, to_type: str, rows: pa.Table) -> None:
        if rows.num_rows:
            kind = self._ontology.edges[edge_type]
            whole = _whole(rows, {"from": "string", "to": "string"} | cypher.edge_columns(kind))
            ends = f" (from='{from_type}', to='{to_type}')" if len(kind.ends) > 1 else ""
            self._begin(lambda: self._run(f"COPY `{edge_type}` FROM rows{ends}", whole))

    def unlink(self, edge_type: str, from_type: str, to_type: str, rows: pa.Table) -> None:
        if rows.num_rows:
            self._begin(lambda: self._run(cypher.ladybug_unlink(edge_type, from_type, to_type), rows))

    def settle(self) -> None:
        """Wait for what is under way; raises what went wrong with it."""
        if self._under_way is not None:
            under_way, self._under_way = self._under_way, None
            self._awaited = True
            under_way.result()
            self._awaited = False

    def close(self) -> None:
        self._worker.shutdown(wait=True)
        sys.setswitchinterval(self._slice)
        super().close()

    def _begin(self, work: Callable[[], None]) -> None:
        self.settle()
        self._under_way = self._worker.submit(work)

    def _upsert(self, node_type: str, rows: pa.Table) -> None:
        if rows.num_rows >= COPY_FROM and not self._present(node_type, rows):
            whole = _whole(rows, cypher.node_columns(self._ontology.nodes[node_type]))
            self._run(f"COPY `{node_type}` FROM rows", whole)
            if not self._awaited:
                self._connection.execute("CHECKPOINT")
        else:
            self._run(cypher.ladybug_upsert(node_type, rows.column_names), rows)

    def _present(self, node_type: str, rows: pa.Table) -> bool:
        """Whether any of these nodes is there already; COPY only adds."""
        if not super().query(f"MATCH (n:`{node_type}`) RETURN count(*) AS n")["n"][0].as_py():
            return False
        rows = rows.select(["id"])
        found = self._connection.execute(
            f"LOAD FROM rows WITH `id` AS i MATCH (n:`{node_type}` {{id: i}}) RETURN count(*) AS n"
        )
        assert isinstance(found, ladybug.QueryResult)
        with contextlib.closing(found):
            return bool(found.get_as_arrow()["n"][0].as_py())

    def _run(self, statement: str, rows: pa.Table) -> None:
        """Run a statement that reads from `rows`: the engine finds the table under that name in this frame."""
        self._connection.execute(statement)


def _whole(rows: pa.Table, columns: Mapping[str, str]) -> pa.Table:
    """All columns in the order of the table, which COPY goes by; those that `rows` lacks are null."""
    return pa.table(
        {
            c: rows[c].cast(ARROW[t]) if c in rows.column_names else pa.nulls(rows.num_rows, ARROW[t])
            for c, t in columns.items()
        }
    )


class _Opened:
    """One published file, held open until it is superseded and its last reader has left.

    Each reader gets a connection of its own: a connection keeps the plan of every query it has run, some 4 MB
    each, for as long as it is open.
    """

    def __init__(self, path: Path, stamp: tuple[int, int, int], ontology: Ontology) -> None:
        self.stamp = stamp
        self.users = 0
        self.stale = False
        self._ontology = ontology
        self._revision: int | None = None
        try:
            self._database = ladybug.Database(str(path), read_only=True, buffer_pool_size=BUFFER_BYTES)
            session = self.session()
        except RuntimeError as error:
            raise StoreError(
                f"图库 {path} 打不开，可能由不兼容的版本建立或已损坏（{_first_line(error)}）。"
                "请用原来的台账重新执行 liangxin load 到一个新的图库。"
            ) from error
        with contextlib.closing(session):
            _check_tables(session, ontology, path)
            self._revision = session.revision

    def session(self) -> _Session:
        return _Session(self._database, self._ontology, self._revision)

    def close(self) -> None:
        self._database.close()


class EmbeddedStore:
    """A Ladybug file at `path`. Raises StoreError where it is absent (unless `create`) or unusable."""

    def __init__(
        self, path: Path, *, create: bool = False, wait: float = 10.0, ontology: Ontology | None = None
    ) -> None:
        self.path = path
        self.wait = wait
        self.ontology = ontology or load_ontology()
        self._next = path.with_name(path.name + ".next")
        self._holder = path.with_name(path.name + ".holder")
        self._mutex = threading.Lock()
        self._opened: _Opened | None = None
        if not path.exists():
            if not create:
                raise StoreAbsentError(
                    f"没有找到图库 {path}。请先执行 liangxin load 台账文件夹，或用 --store 指明图库位置。"
                )
            if not path.parent.is_dir():
                raise StoreError(f"图库所在的文件夹 {path.parent} 不存在。请先建立该文件夹，或换一个位置。")
        elif path.is_dir():
            raise StoreError(f"{path} 是文件夹，不是图库文件。请用 --store 指明图库文件。")

    # -- reading ------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def reader(self, resuming: str = "") -> Iterator[_Session]:
        opened, session = self._acquire()
        try:
            yield session
        finally:
            with self._mutex:
                session.close()
                opened.users -= 1
                if opened.stale and not opened.users:
                    opened.close()

    def _acquire(self) -> tuple[_Opened, _Session]:
        with self._mutex:
            if not self.path.exists() and self._opened is None:
                self._create()
            current = self._opened
            stamp = self._stamp()
            if current is None or current.stamp != stamp:
                if current is not None:
                    current.stale = True
                    if not current.users:
                        current.close()
                    self._opened = None
                current = self._opened = self._open_published()
            current.users += 1
            return current, current.session()

    def _open_published(self) -> _Opened:
        """Open the published file; should it be replaced while it is opened, open its successor."""
        while True:
            stamp = self._stamp()
            opened = _Opened(self.path, stamp, self.ontology)
            if self._stamp() == stamp:
                return opened
            opened.close()

    def _stamp(self) -> tuple[int, int, int]:
        try:
            status = self.path.stat()
        except FileNotFoundError as error:
            raise StoreError(f"图库 {self.path} 已不存在。请检查该文件是否被移走。") from error
        return status.st_ino, status.st_mtime_ns, status.st_size

    def _create(self) -> None:
        """Publish an empty store, so that a reader of a store just named finds one."""
        with self._locked("系统", "建立图库"):
            if self.path.exists():
                return
            database = self._open_next()
            self._publish(database)

    # -- writing ------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def writer(self, author: str, purpose: str) -> Iterator[_Writing]:
        with self._locked(author, purpose):
            self._let_go()
            database = self._open_next()
            session = _Writing(database, self.ontology)
            try:
                _check_tables(session, self.ontology, self.path)
                yield session
                session.settle()
            except BaseException as error:
                session.close()
                database.close()
                self._drop_next()
                if isinstance(error, RuntimeError) and _UNWRITTEN in str(error):
                    raise self._unwritable(error) from error
                raise
            session.close()
            self._publish(database)

    @contextlib.contextmanager
    def _locked(self, author: str, purpose: str) -> Iterator[None]:
        lock = FileLock(self.path.with_name(self.path.name + ".lock"))
        try:
            lock.acquire(timeout=self.wait)
        except Timeout as error:
            raise StoreBusyError(
                f"图库 {self.path} 正在被写入：{self._holder_text()}。请稍后重试，或用 --wait 秒数 等待更久。"
            ) from error
        except OSError as error:
            raise self._unwritable(error) from error
        try:
            since = dt.datetime.now().astimezone().isoformat(timespec="seconds")
            held = {"author": author, "purpose": purpose, "pid": os.getpid(), "since": since}
            try:
                self._holder.write_text(json.dumps(held, ensure_ascii=False), encoding="utf-8")
            except OSError as error:
                raise self._unwritable(error) from error
            yield
        finally:
            self._holder.unlink(missing_ok=True)
            lock.release()

    def _unwritable(self, error: OSError | RuntimeError) -> StoreError:
        why = error.strerror if isinstance(error, OSError) else "写不进去，多半是磁盘已满"
        return StoreError(f"图库所在的文件夹 {self.path.parent} 不能写入（{why}）。请检查权限和磁盘空间。")

    def _holder_text(self) -> str:
        try:
            held = json.loads(self._holder.read_text(encoding="utf-8"))
            return f"{held['author']} 自 {held['since']} 起（{held['purpose']}，进程 {held['pid']}）"
        except (OSError, ValueError, KeyError):
            return "另一进程"

    def _open_next(self) -> ladybug.Database:
        self._drop_next()
        fresh = not self.path.exists()
        if not fresh:
            try:
                shutil.copyfile(self.path, self._next)
            except OSError as error:
                self._drop_next()
                raise self._unwritable(error) from error
        try:
            database = ladybug.Database(str(self._next), buffer_pool_size=BUFFER_BYTES)
            if fresh:
                connection = ladybug.Connection(database)
                for statement in cypher.ladybug_ddl(self.ontology).values():
                    connection.execute(statement)
                # the tables need not be compared one by one where they are known to be these
                connection.execute(f"COMMENT ON TABLE `Change` IS '{cypher.schema_digest(self.ontology)}'")
                connection.close()
        except RuntimeError as error:
            self._drop_next()
            if _UNWRITTEN in str(error):
                raise self._unwritable(error) from error
            raise StoreError(
                f"图库 {self.path} 打不开，可能由不兼容的版本建立或已损坏（{_first_line(error)}）。"
                "请用原来的台账重新执行 liangxin load 到一个新的图库。"
            ) from error
        return database

    def _publish(self, database: ladybug.Database) -> None:
        try:
            with contextlib.closing(database), contextlib.closing(ladybug.Connection(database)) as connection:
                connection.execute("CHECKPOINT")
            with open(self._next, "rb") as file:
                os.fsync(file.fileno())
            os.replace(self._next, self.path)
        except (OSError, RuntimeError) as error:
            self._drop_next()
            raise self._unwritable(error) from error
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _drop_next(self) -> None:
        for leftover in (self._next, *self.path.parent.glob(self._next.name + ".*")):
            # an engine that failed on a full disk writes what it has left when it is let go of, and ends the process
            # where that fails: give it the room
            with contextlib.suppress(OSError):
                os.truncate(leftover, 0)
            leftover.unlink(missing_ok=True)

    def close(self) -> None:
        self._let_go()

    def _let_go(self) -> None:
        """Close the published file where no one reads it: an open one takes some 70 MB, and is stale soon."""
        with self._mutex:
            if self._opened is not None and not self._opened.users:
                self._opened.close()
                self._opened = None


def _check_tables(session: _Session, ontology: Ontology, path: Path) -> None:
    """StoreError where a table or a column that the ontology declares is missing."""
    tables = session.query("CALL show_tables() RETURN name, comment").to_pydict()
    if cypher.schema_digest(ontology) in tables["comment"]:
        return
    present = set(tables["name"])
    for name in (*ontology.nodes, *ontology.edges):
        if name not in present:
            raise StoreError(
                f"图库 {path} 缺少表 {name}，由较旧的版本建立。请用原来的台账重新执行 liangxin load 到一个新的图库。"
            )
    declared = {n: cypher.node_columns(k) for n, k in ontology.nodes.items()}
    declared |= {n: cypher.edge_columns(k) for n, k in ontology.edges.items()}
    for name, expected in declared.items():
        columns = set(session.query(f"CALL table_info('{name}') RETURN name")["name"].to_pylist())
        for column in expected:
            if column not in columns:
                raise StoreError(
                    f"图库 {path} 的表 {name} 缺少列 {column}，由较旧的版本建立。"
                    "请用原来的台账重新执行 liangxin load 到一个新的图库。"
                )


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:120] if str(error).strip() else type(error).__name__
