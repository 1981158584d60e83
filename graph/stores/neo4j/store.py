"""Neo4j, for many users and writers on several machines: the same verbs, the same answers.

A server keeps no older revision and shows a commit while it is being applied. lease.py says how a Reader still sees
one revision, or reports that it cannot, and how only one writer writes.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa

from graph.errors import QueryError, StoreAbsentError, StoreError, StoreMovedError, StoreUnfinishedError
from graph.ontology import ARROW, Ontology
from graph.ontology import load as load_ontology
from graph.stores import cypher
from graph.stores.base import Store
from graph.stores.clauses import only_reads, unknown_name
from graph.stores.neo4j import columns, schema
from graph.stores.neo4j.bolt import Rows, Server, Transaction, native, out_of_memory
from graph.stores.neo4j.lease import FOUND, ITEM, LOOK, READ, Lease, State, claim, read_state
from graph.stores.scratch import temporary

#: rows of one statement
AT_ONCE = 20_000
#: bytes, 200,000 rows of the widest: a larger write is made in batches
ONE_TRANSACTION = 800_000_000
#: as is what weighs more than this share of the memory that a server allows: it holds what is not committed, and a
#: commit takes as much again
SHARE = 0.4
#: seconds a reader waits for a commit that is being applied
APPLIED_WITHIN = 10.0
_ALLOWED = "SHOW SETTINGS YIELD name, value WHERE name = 'dbms.memory.transaction.total.max' RETURN value"
_REVISION = "MATCH (c:Change) RETURN max(c.number) AS number"


class _Querying:
    """Queries as columns, for a reader and a writer alike."""

    def __init__(self, store: Neo4jStore) -> None:
        self._store = store

    def query(self, text: str, parameters: Mapping[str, Any] | None = None) -> pa.Table:
        shape, used = self._asked(text, parameters)
        values = self._columns(shape, used)
        try:
            return shape.table([[native(v) for v in c] if _foreign(c) else c for c in values])
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise QueryError(f"Type mismatch: the values of an item are of several types ({error})") from error

    def prepare(self, text: str, parameters: Mapping[str, Any]) -> None:
        shape, used = self._asked(text, parameters)
        self._store.server.read(f"EXPLAIN {shape.columns(FOUND, ITEM)}", used)

    def _asked(self, text: str, parameters: Mapping[str, Any] | None) -> tuple[columns.Shape, Mapping[str, Any]]:
        """The shape of a query's result, and the parameters to send. Raises QueryError for a text that is refused."""
        only_reads(text)
        used = cypher.named_parameters(text, parameters)
        for name, value in used.items():
            if value is None:
                raise ValueError(f"parameter ${name} is null, which the shared Cypher does not have")
        return self._store.shape(text), {"parameters": used}

    def _columns(self, shape: columns.Shape, used: Mapping[str, Any]) -> list[list[Any]]:
        raise NotImplementedError


class _Reading(_Querying):
    """One revision: what was read while it was replaced does not count."""

    def __init__(self, store: Neo4jStore, resuming: str) -> None:
        super().__init__(store)
        self._resuming = resuming
        self._state: State | None = None

    @property
    def revision(self) -> int:
        if self._state is None:
            self._state = self._store.settled(self._resuming)
        return self._state.revision

    @property
    def unfinished(self) -> bool:
        return self.revision >= 0 and self._state is not None and self._state.mark == "batches"

    @contextlib.contextmanager
    def beside(self) -> Iterator[_Reading]:
        other = _Reading(self._store, self._resuming)
        if self.revision >= 0:
            other._state = self._state
        yield other

    def _columns(self, shape: columns.Shape, used: Mapping[str, Any]) -> list[list[Any]]:
        # what the store saw last needs no look of its own: if it still stands afterwards, it stood before
        before = self._state or self._store.seen
        while True:
            values, after = self._store.ask(shape, used)
            if before is not None and after.seq == before.seq and not self._unsettled(after):
                self._state = after
                return values
            if self._state is not None:
                raise StoreMovedError(f"图库 {self._store.server.location} 刚刚更新，请再问一次。")
            before = self._store.settled(self._resuming)

    def _unsettled(self, state: State) -> bool:
        return bool(state.mark) and not (state.mark == "batches" and state.purpose == self._resuming)


class _Writing(_Querying):
    """The next revision in one transaction; past what the server can hold in batches, under a mark."""

    def __init__(self, store: Neo4jStore, lease: Lease, purpose: str, state: State) -> None:
        super().__init__(store)
        self._lease = lease
        self._purpose = purpose
        self._rows = self._weight = 0
        #: whether this completes what was broken off: what is written may be there already
        self.unfinished = state.mark == "batches"
        self._batches = self.unfinished
        # a Change that was written already is not one that was published
        self._revision = state.revision if self.unfinished else None
        self._transaction: Transaction | None = None
        #: whether a question that failed ended the transaction, and with it all that it had written
        self.lost = False

    @contextlib.contextmanager
    def reading(self) -> Iterator[_ReadingNext]:
        yield _ReadingNext(self._store, self)

    @property
    def revision(self) -> int:
        if self._revision is None:
            self._revision = int(self.query(_REVISION)["number"][0].as_py() or 0)
        return self._revision

    @contextlib.contextmanager
    def beside(self) -> Iterator[None]:
        yield None

    def upsert(self, node_type: str, rows: pa.Table) -> None:
        rows = cypher.conform(rows, cypher.node_columns(self._store.ontology.nodes[node_type]), ARROW)
        if node_type == "Change" and not self.unfinished:
            self._revision = None
        for part in _parts(rows):
            batch = columns.batch(part)
            self._run(cypher.neo4j_upsert(node_type, batch.items), batch)

    def link(self, edge_type: str, from_type: str, to_type: str, rows: pa.Table) -> None:
        kinds = {"from": "string", "to": "string"} | cypher.edge_columns(self._store.ontology.edges[edge_type])
        for part in _parts(cypher.conform(rows, kinds, ARROW)):
            batch = columns.batch(part)
            text = cypher.neo4j_link(edge_type, from_type, to_type, batch.items, again=self.unfinished)
            linked = self._run(text, batch)[0][0]
            if linked != batch.size:
                raise RuntimeError(f"{batch.size - linked} {edge_type} edges begin or end at no {from_type}, {to_type}")

    def unlink(self, edge_type: str, from_type: str, to_type: str, rows: pa.Table) -> None:
        for part in _parts(rows):
            batch = columns.batch(part)
            self._run(cypher.neo4j_unlink(edge_type, from_type, to_type, batch.items), batch)

    def finish(self) -> None:
        """Publish what was written."""
        if self._batches:
            self._commit()
        elif self._transaction is not None and self._rows:
            self._lease.mark("commit", self._purpose, self._rows)
            self._commit()
        else:
            self.drop()
            self._lease.release()
            return
        self._lease.end()
        self._store.count_anew()

    def cut(self) -> None:
        """End what waits for the server: see Transaction.cut."""
        if self._transaction is not None:
            self._transaction.cut()

    def drop(self) -> None:
        """Take back what was not committed."""
        if self._transaction is not None:
            self._transaction.drop()
            self._transaction = None

    def abandon(self) -> None:
        """After a failure: leave nothing, or the mark of a write that was made in part."""
        self.drop()
        with contextlib.suppress(StoreError, RuntimeError):
            if self._batches:
                self._lease.release()
            else:
                self._lease.end()

    def _columns(self, shape: columns.Shape, used: Mapping[str, Any]) -> list[list[Any]]:
        rows = self._open().run(shape.columns(FOUND, ITEM), used)
        return rows[0][: len(shape.names)]

    def read(self, shape: columns.Shape, used: Mapping[str, Any]) -> list[list[Any]]:
        """Columns of a question, whose failure ends the transaction."""
        try:
            rows = self._open().read(shape.columns(FOUND, ITEM), used)
        except BaseException:
            self.lost = True
            raise
        return rows[0][: len(shape.names)]

    def _run(self, text: str, batch: columns.Batch) -> Rows:
        self._weight += batch.weight
        if not self._batches and self._weight > self._store.room:
            self._lease.mark("batches", self._purpose, self._rows)
            # before the commit: should it fail, no one knows whether it was made, and the mark must stand
            self._batches = True
            self._commit()
        rows = self._open().run(text, batch.parameters)
        self._rows += batch.size
        if self._batches:
            self._commit()
        return rows

    def _open(self) -> Transaction:
        if self._transaction is None:
            self._transaction = self._store.server.begin()
        return self._transaction

    def _commit(self) -> None:
        if self._transaction is not None:
            self._lease.fence(self._transaction, self._rows)
            self._transaction.commit()
            self._transaction = None


class _ReadingNext(_Querying):
    """What a writer has written so far, seen inside its transaction by questions: one that writes ends it unpublished."""

    def __init__(self, store: Neo4jStore, writing: _Writing) -> None:
        super().__init__(store)
        self._writing = writing
        self.revision = writing.revision
        self.unfinished = writing.unfinished

    @contextlib.contextmanager
    def beside(self) -> Iterator[None]:
        yield None

    def _columns(self, shape: columns.Shape, used: Mapping[str, Any]) -> list[list[Any]]:
        return self._writing.read(shape, used)


class Neo4jStore:
    """The graph in one database of a server.

    Raises StoreAbsentError where there is none yet (unless `create`), StoreError for a server that cannot be used
    or a database that holds something else.
    """

    def __init__(
        self,
        server: Server,
        embedded: Callable[[Path], Store],
        *,
        create: bool = False,
        wait: float = 10.0,
        ontology: Ontology | None = None,
    ) -> None:
        """`embedded` makes a store of the embedded engine at a path, for `scratch`."""
        self.server = server
        self.wait = wait
        self._embedded = embedded
        self.ontology = ontology or load_ontology()
        #: the last state at rest that anyone saw
        self.seen: State | None = None
        self._types = columns.property_types(self.ontology)
        self._names = [frozenset(names) for names in cypher.names(self.ontology)]
        self._shapes: dict[str, columns.Shape] = {}
        self._mutex = threading.Lock()
        try:
            schema.prepare(server, self.ontology, create)
        except BaseException:
            server.close()
            raise

    @contextlib.contextmanager
    def reader(self, resuming: str = "") -> Iterator[_Reading]:
        yield _Reading(self, resuming)

    @contextlib.contextmanager
    def writer(self, author: str, purpose: str) -> Iterator[_Writing]:
        lease, state = claim(self.server, author, purpose, self.wait)
        writing = _Writing(self, lease, purpose, state)
        with lease.renewing(lost=writing.cut):
            if state.mark == "batches" and state.purpose != purpose:
                with contextlib.suppress(StoreError):
                    lease.release()
                raise StoreUnfinishedError(
                    f"图库 {self.server.location} 有一次写入没有完成：{state.purpose}，已写入 {state.done:,} 行。"
                    "请先用同样的文件和选项重新执行该操作，让它做完。"
                )
            if state.mark == "commit":
                # its transaction is over, one way or the other: it held the lock that we have
                lease.settle()
            try:
                schema.grow(self.server, self.ontology, state)
                yield writing
                writing.finish()
            except BaseException:
                writing.abandon()
                raise

    def scratch(self) -> contextlib.AbstractContextManager[Store]:
        # seldom needed, and a command starts faster without Parquet
        from graph.stores import transfer

        def make(path: Path) -> Store:
            store = self._embedded(path)
            with self.reader() as reader, store.writer("系统", "临时副本") as writer:
                transfer.write(writer, transfer.portions(reader, self.ontology))
            return store

        return temporary(make)

    def integrity(self) -> str:
        return "数据文件的校验和由 Neo4j 服务器自己核对。"

    def close(self) -> None:
        self.server.close()

    @cached_property
    def room(self) -> int:
        """Bytes that a write may weigh to be one transaction."""
        rows = self.server.read(_ALLOWED, {})
        allowed = size(rows[0][0]) if rows else 0
        # without the setting: as for a server with 1 GB
        return min(ONE_TRANSACTION, int(SHARE * (allowed or 700_000_000)))

    def count_anew(self) -> None:
        """Have the server count what its indexes hold.

        It does so by itself, but every so often only, and plans for an empty graph until then: a rule that asks for
        hundreds of divisions takes 20 s instead of 0.1.
        """
        with contextlib.suppress(StoreError, RuntimeError):
            self.server.read("CALL db.resampleOutdatedIndexes()", {})

    # -- for readers --------------------------------------------------------------------------------

    def shape(self, text: str) -> columns.Shape:
        """What a query returns, worked out once for each text; QueryError where it names what no store has."""
        shape = self._shapes.get(text)
        if shape is None:
            # the server would only find nothing of a name that it does not know
            if unknown := unknown_name(text, *self._names):
                raise QueryError(unknown)
            shape = columns.shape(text, self._types)
            with self._mutex:
                if len(self._shapes) >= 2_000:
                    self._shapes.clear()
                self._shapes[text] = shape
        return shape

    def ask(self, shape: columns.Shape, used: Mapping[str, Any]) -> tuple[list[list[Any]], State]:
        """Columns of a query and the state after it."""
        try:
            rows = self.server.read(shape.columns(FOUND, ITEM), used)
            after = read_state(rows)
            values = rows[0][: len(shape.names)] if rows else []
        except StoreError as error:
            if not out_of_memory(error.__cause__):
                raise
            # too much to be held as one: a row at a time, slower
            streamed, last = self.server.read_both(shape.rows(), READ, used)
            after = read_state(last)
            values = [list(column) for column in zip(*(row[0] for row in streamed), strict=True)]
            values = values or [[] for _ in shape.names]
        if after is None:
            raise StoreAbsentError(f"图库 {self.server.location} 已被清空。请重新执行 liangxin load。")
        if not after.mark:
            self.seen = after
        return values, after

    def settled(self, resuming: str) -> State:
        """The state once no commit is being applied. Raises StoreUnfinishedError where that takes too long."""
        until = time.monotonic() + APPLIED_WITHIN
        look = time.monotonic() + 10 * LOOK
        while True:
            state = read_state(self.server.read(READ, {}))
            if state is None:
                raise StoreAbsentError(f"图库 {self.server.location} 已被清空。请重新执行 liangxin load。")
            if not state.mark:
                self.seen = state
                return state
            if state.mark == "batches":
                if state.purpose == resuming:
                    return state
                raise state.unfinished(self.server.location)
            if time.monotonic() > until:
                raise state.unfinished(self.server.location)
            if time.monotonic() > look:
                self._clear()
                look = time.monotonic() + 10 * LOOK
            time.sleep(LOOK)

    def _clear(self) -> None:
        """Take away the mark of one transaction whose writer is gone: it is there wholly, or not at all."""
        with contextlib.suppress(StoreError, RuntimeError):
            lease, state = claim(self.server, "系统", "清理", 0)
            if state.mark == "commit":
                lease.end()
            else:
                lease.release()


def _parts(rows: pa.Table) -> Iterator[pa.Table]:
    for start in range(0, rows.num_rows, AT_ONCE):
        yield rows.slice(start, AT_ONCE)


def size(text: str) -> int:
    """A size as a server tells it, such as 692.91MiB."""
    number = text.rstrip("BiKMGT")
    return int(float(number) * 1024 ** ("KMGT".find(text[len(number)]) + 1))


def _foreign(values: list[Any]) -> bool:
    """Whether a column has values of the driver's own types: those of a column are of one type."""
    first = next((v for v in values if v is not None), None)
    return isinstance(first, dict) or first is not native(first)
