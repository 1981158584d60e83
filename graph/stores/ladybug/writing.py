"""The next version of a Ladybug file while it is written, quickly and in little memory."""

from __future__ import annotations

import contextlib
import ctypes
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import ladybug
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from graph.ontology import ARROW, Ontology
from graph.stores import cypher
from graph.stores.ladybug.reading import Reading, arrow, database

#: in the engine's message about a file that it could not write, or not find whole what it wrote: the disk is full
UNWRITTEN = "IO exception"
#: COPY of new nodes is several times faster than MERGE, but takes some 14 MB for even one row
COPY_FROM = 2_000
#: a portion of at least this many rows is gathered with the portions that follow it: the engine holds in memory what
#: each COPY into a table brings, and a million rows from one file take less memory and half the time
STAGE_FROM = 40_000
#: statements that may wait for the engine while the next tables are made
WAITING = 3


def _release_memory() -> None:
    """Return free memory to the system: after a million rows the C library would keep a third of it in pieces."""
    pa.default_memory_pool().release_unused()
    # only glibc has this function
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


class _ReadingNext(Reading):
    """What is written so far, one query at a time, in transactions in which the engine refuses to write."""

    @contextlib.contextmanager
    def beside(self) -> Iterator[None]:
        yield None

    def ask(self, text: str, parameters: Mapping[str, Any] | None = None) -> pa.Table:
        # a connection, and so a transaction, of its own
        self._planned = ""
        table = super().ask(text, parameters)
        # fails where the query itself ended the transaction, and could then have written: nothing is published of it
        self._connection.execute("ROLLBACK")
        return table

    def _connect(self) -> None:
        super()._connect()
        self._connection.execute("BEGIN TRANSACTION READ ONLY")


class Writing(Reading):
    """A session that also writes, a few statements behind: the engine works while the next tables are made.

    It opens the database at `path` and closes it at the end; its temporary files lie in the same folder.
    """

    def __init__(self, path: Path, buffers: tuple[int, int], ontology: Ontology, allowed: float) -> None:
        """`buffers` are the bytes for pages while rows are written, and while queries run as a reader's (`limited`)."""
        self._buffer, self._questions = buffers
        self._allowed = allowed
        super().__init__(database(path, self._buffer), path, ontology)
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="liangxin-write")
        self._under_way: deque[Future[None]] = deque()
        #: whether someone waits for all that is under way; else there is time to checkpoint what was copied
        self._awaited = False
        self._staged: _Staged | None = None

    #: a reading has a connection of its own, and what fails there changes nothing
    lost = False

    @contextlib.contextmanager
    def beside(self) -> Iterator[None]:
        yield None

    def create(self) -> None:
        """Make the tables."""
        self.grow(cypher.ladybug_ddl(self._ontology).values())

    def grow(self, statements: Iterable[str]) -> None:
        """Run the statements after which the tables are those of the ontology; see tables.growing."""
        for statement in statements:
            self._connection.execute(statement)
        # a file with this digest needs no comparison of its tables
        self._connection.execute(f"COMMENT ON TABLE `Change` IS '{cypher.schema_digest(self._ontology)}'")

    def ask(self, text: str, parameters: Mapping[str, Any] | None = None) -> pa.Table:
        self.finish()
        return super().ask(text, parameters)

    @contextlib.contextmanager
    def reading(self) -> Iterator[Reading]:
        self.finish()
        # a file that fits into the buffer several times needs no larger one
        if self._buffer < self._questions and self._path.stat().st_size > self._buffer // 4:
            self._buffer = self._questions
            self._open_anew()
        with contextlib.closing(
            _ReadingNext(self._database, self._path, self._ontology, self._revision, self._allowed)
        ) as reading:
            yield reading

    def upsert(self, node_type: str, rows: pa.Table) -> None:
        if rows.num_rows:
            rows = cypher.conform(rows, cypher.node_columns(self._ontology.nodes[node_type]), ARROW)
            if node_type == "Change":
                self._revision = None
            self._put((node_type,), rows)

    def link(self, edge_type: str, from_type: str, to_type: str, rows: pa.Table) -> None:
        if rows.num_rows:
            self._put((edge_type, from_type, to_type), rows)

    def unlink(self, edge_type: str, from_type: str, to_type: str, rows: pa.Table) -> None:
        if rows.num_rows:
            self._end_stage()
            self._begin(partial(self._run, cypher.ladybug_unlink(edge_type, from_type, to_type), rows))

    def finish(self) -> None:
        """Wait until all is written; raises the error of a statement that failed."""
        self._end_stage()
        self._settle()

    def checkpoint(self) -> None:
        """Move everything from the log into the file."""
        self._connection.execute("CHECKPOINT")

    def close(self) -> None:
        self._worker.shutdown(wait=True)
        if self._staged is not None:
            self._staged.close()
        super().close()
        self._database.close()

    # -- a few statements behind -----------------------------------------------------------------------

    def _put(self, table: tuple[str, ...], rows: pa.Table) -> None:
        """Write rows: at once, or, where a portion is so large that more will follow, together with those."""
        more = rows.num_rows >= STAGE_FROM
        if self._staged is not None and not self._staged.takes(table, rows):
            self._end_stage()
        if self._staged is None and not more:
            self._begin(partial(self._write, table, rows))
            return
        if self._staged is None:
            path = self._path.with_name(f"{self._path.name}.{table[0]}.parquet")
            self._staged = _Staged(table, path, rows.column_names)
        self._begin(partial(self._staged.add, self._typed(table, rows)))
        if not more:
            self._end_stage()

    def _end_stage(self) -> None:
        if self._staged is not None:
            staged, self._staged = self._staged, None
            self._begin(partial(self._write_staged, staged))

    def _begin(self, work: Callable[[], None]) -> None:
        self._settle(WAITING)
        self._under_way.append(self._worker.submit(work))

    def _settle(self, left: int = 0) -> None:
        """Wait until no more statements are under way than `left`."""
        while len(self._under_way) > left:
            first = self._under_way.popleft()
            self._awaited = not left
            first.result()
            self._awaited = False

    # -- statements of the engine --------------------------------------------------------------------

    def _write(self, table: tuple[str, ...], rows: pa.Table) -> None:
        if len(table) == 3:
            self._copy(table, rows)
        elif rows.num_rows < COPY_FROM:
            self._run(cypher.ladybug_upsert(table[0], rows.column_names), rows)
        else:
            ids = rows.select(["id"])
            stored = pc.is_in(rows["id"], value_set=self._known(table[0], "rows", ids).combine_chunks())
            self._update(table[0], rows.filter(stored))
            self._copy(table, rows.filter(pc.invert(stored)))

    def _write_staged(self, staged: _Staged) -> None:
        staged.close()
        source = _quoted(staged.path)
        if len(staged.table) == 3 or not len(self._known(staged.table[0], source)):
            self._connection.execute(self._copying(staged.table, staged.columns, source))
            self._connection.execute("CHECKPOINT")
        else:
            self._open_anew()
            with pq.ParquetFile(staged.path) as file:
                for group in range(file.num_row_groups):
                    self._write(staged.table, file.read_row_group(group, staged.columns))
                    # what is changed is held in memory until then
                    self._connection.execute("CHECKPOINT")
        staged.path.unlink()

    def _open_anew(self) -> None:
        """Close the database and open it: an engine that has copied millions of rows keeps memory of them."""
        self._connection.execute("CHECKPOINT")
        self._connection.close()
        self._database.close()
        _release_memory()
        self._database = database(self._path, self._buffer)
        self._connect()

    def _connect(self) -> None:
        super()._connect()
        # the copy needs no recovery of its own: it is checkpointed once, before it is published, or dropped
        self._connection.execute("CALL auto_checkpoint=false")

    def _copy(self, table: tuple[str, ...], rows: pa.Table) -> None:
        if rows.num_rows:
            self._run(self._copying(table, rows.column_names, "rows"), self._typed(table, rows))
            if not self._awaited:
                self._connection.execute("CHECKPOINT")

    def _update(self, node_type: str, rows: pa.Table) -> None:
        if rows.num_rows:
            self._run(cypher.ladybug_upsert(node_type, rows.column_names, known=True), rows)

    def _known(self, node_type: str, source: str, rows: pa.Table | None = None) -> pa.ChunkedArray:
        """The ids in `source` (a file, or the table `rows`) of nodes that exist already; COPY only adds nodes."""
        if not super().ask(f"MATCH (n:`{node_type}`) RETURN count(*) AS n")["n"][0].as_py():
            return pa.chunked_array([], pa.string())
        result = self._connection.execute(
            f"LOAD FROM {source} WITH `id` AS i MATCH (n:`{node_type}` {{id: i}}) RETURN i"
        )
        assert isinstance(result, ladybug.QueryResult)
        with contextlib.closing(result):
            return arrow(result)["i"]

    def _run(self, statement: str, rows: pa.Table) -> None:
        """Run a statement that reads from `rows`: the engine looks the table up by name in this frame."""
        self._connection.execute(statement)

    def _copying(self, table: tuple[str, ...], columns: list[str], source: str) -> str:
        """The statement that copies these columns, in the order of `_typed`; the others are null.

        They are named, because a file that has grown has them in another order than the ontology. Which of its
        pairs of ends a COPY is for is said where an edge type has several.
        """
        names = ", ".join(
            f"`{name}`" for name in self._columns(table) if name in columns and name not in ("from", "to")
        )
        several = len(table) == 3 and len(self._ontology.edges[table[0]].ends) > 1
        ends = f" (from='{table[1]}', to='{table[2]}')" if several else ""
        return f"COPY `{table[0]}`({names}) FROM {source}{ends}"

    def _typed(self, table: tuple[str, ...], rows: pa.Table) -> pa.Table:
        """The columns of `rows` in the order and of the types that the ontology declares; ends come first."""
        return pa.table({c: rows[c].cast(ARROW[t]) for c, t in self._columns(table).items() if c in rows.column_names})

    def _columns(self, table: tuple[str, ...]) -> dict[str, str]:
        if len(table) == 3:
            return {"from": "string", "to": "string"} | cypher.edge_columns(self._ontology.edges[table[0]])
        return cypher.node_columns(self._ontology.nodes[table[0]])


def _quoted(path: Path) -> str:
    """A path as a literal of the engine's."""
    text = str(path).replace("\\", "\\\\").replace("'", "\\'")
    return f"'{text}'"


class _Staged:
    """Portions of one table, gathered in a Parquet file."""

    def __init__(self, table: tuple[str, ...], path: Path, columns: list[str]) -> None:
        """`columns` are those that each portion has."""
        self.table = table
        self.path = path
        self.columns = columns
        self._writer: pq.ParquetWriter | None = None

    def takes(self, table: tuple[str, ...], rows: pa.Table) -> bool:
        """Whether rows belong to the same table and have the same columns."""
        return table == self.table and rows.column_names == self.columns

    def add(self, whole: pa.Table) -> None:
        """Add a portion."""
        with _as_the_engine_says():
            if self._writer is None:
                self._writer = pq.ParquetWriter(self.path, whole.schema, compression="snappy")
            self._writer.write_table(whole, row_group_size=STAGE_FROM)

    def close(self) -> None:
        """Complete the file."""
        if self._writer is not None:
            writer, self._writer = self._writer, None
            with _as_the_engine_says():
                writer.close()


@contextlib.contextmanager
def _as_the_engine_says() -> Iterator[None]:
    """Raise the engine's own error for a file that cannot be written."""
    try:
        yield
    except OSError as error:
        raise RuntimeError(f"{UNWRITTEN}: {error}") from error
