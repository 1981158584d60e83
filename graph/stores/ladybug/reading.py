"""One connection to an open Ladybug database, and the queries that it answers."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

import ladybug
import pyarrow as pa

from graph.errors import QueryError, StoreError, StoreFullError, StoreSlowError
from graph.ontology import Ontology
from graph.stores import cypher
from graph.stores.clauses import only_reads
from graph.stores.ladybug.failures import damaged
from graph.stores.ladybug.sharing import alone, beside_others
from graph.stores.rations import rationed

#: in the engine's message about a query that took too long
INTERRUPTED = "Interrupted"
#: in its message about a query that needs more memory than it may take
FULL = "buffer pool is full"
#: in its message where the process may take no more
NO_MEMORY = "bad_alloc"
#: how its messages begin that tell of the file or the machine, and not of the query
_NOT_OF_THE_QUERY = (
    "IO exception",
    "Storage exception",
    "Buffer manager exception",
    "Internal exception",
    "Checkpoint",
)
#: bytes that a file may grow to. The engine reserves that many addresses for each open file; by default it reserves
#: 8 TB, of which a process can have sixteen, or none where addresses are rationed
LARGEST = 1 << 38
#: cells of a portion of a result: of more, the texts of one column could exceed the 2 GB that Arrow allows
CELLS = 10_000_000


class Reading:
    """Queries over one connection."""

    #: a published file is whole
    unfinished = False

    def __init__(
        self,
        database: ladybug.Database,
        path: Path,
        ontology: Ontology,
        revision: int | None = None,
        seconds: float = 0,
        unchecked: bool = False,
    ) -> None:
        """`seconds` bounds each query; 0 does not. `unchecked` is a file without checksums, whose texts may be none."""
        self._database = database
        self._path = path
        self._ontology = ontology
        self._revision = revision
        self._seconds = seconds
        self._unchecked = unchecked
        self._planned = ""
        self._connect()

    @property
    def revision(self) -> int:
        if self._revision is None:
            number = self.query("MATCH (c:Change) RETURN max(c.number) AS number")["number"][0].as_py()
            self._revision = int(number or 0)
        return self._revision

    @contextlib.contextmanager
    def beside(self) -> Iterator[Reading | None]:
        other = Reading(self._database, self._path, self._ontology, self.revision, self._seconds, self._unchecked)
        with contextlib.closing(other):
            yield other

    def query(self, text: str, parameters: Mapping[str, Any] | None = None) -> pa.Table:
        only_reads(text)
        return self.ask(text, parameters)

    def prepare(self, text: str, parameters: Mapping[str, Any]) -> None:
        only_reads(text)
        self.ask(f"EXPLAIN {text}", parameters)

    def ask(self, text: str, parameters: Mapping[str, Any] | None = None) -> pa.Table:
        """Rows of a statement of the adapter's own, which may be none of the shared Cypher."""
        used = cypher.named_parameters(text, parameters)
        for name, value in used.items():
            if value is None:
                raise ValueError(f"parameter ${name} is null, which the shared Cypher does not have")
        if text != self._planned:
            # a connection keeps each plan with the graph data that it loaded: over a million units some 100 MB
            self._connection.close()
            self._connect()
            self._planned = text
        try:
            try:
                with beside_others():
                    result = self._connection.execute(text, used)
            except RuntimeError as error:
                if not _is_full(error):
                    raise
                # another query may have taken the memory
                with alone():
                    result = self._connection.execute(text, used)
        except RuntimeError as error:
            self._explain(error)
        assert isinstance(result, ladybug.QueryResult)
        try:
            with contextlib.closing(result):
                table = arrow(result)
            if self._unchecked:
                # else Python would find out wherever a text is first read
                table.validate(full=True)
            return table
        except (UnicodeDecodeError, pa.ArrowInvalid) as error:
            raise damaged(self._path, "读出的内容不是文字") from error

    def _explain(self, error: RuntimeError) -> NoReturn:
        """Raise what an error of the engine is for who asked; one that is about something else stays as it is."""
        if self._seconds and INTERRUPTED in str(error):
            raise StoreSlowError(f"图库 {self._path}", self._seconds) from error
        if _is_full(error):
            raise StoreFullError(f"图库 {self._path} 的查询所需内存超出上限。请稍后重试，或限定区划后再问。") from error
        if ration := rationed(error):
            raise StoreError(f"图库 {self._path} 现在不能回答：{ration}，再重试。") from error
        if str(error).startswith(_NOT_OF_THE_QUERY):
            raise error
        raise QueryError(str(error)) from error

    def _connect(self) -> None:
        """Open a new connection, which keeps no plan of an earlier query."""
        self._connection = ladybug.Connection(self._database, num_threads=2)
        self._connection.set_query_timeout(int(self._seconds * 1000))

    def close(self) -> None:
        self._connection.close()


def _is_full(error: RuntimeError) -> bool:
    """Whether a query found no memory: of what the engine keeps for queries, or of the process."""
    return FULL in str(error) or NO_MEMORY in str(error)


def database(path: Path, buffer: int, *, read_only: bool = False) -> ladybug.Database:
    """The file at `path`, opened with `buffer` bytes for its pages."""
    return ladybug.Database(str(path), read_only=read_only, buffer_pool_size=buffer, max_db_size=LARGEST)


def execute(path: Path, buffer: int, statements: Iterable[str]) -> None:
    """Open the file at `path`, run statements and close it."""
    with (
        contextlib.closing(database(path, buffer)) as opened,
        contextlib.closing(ladybug.Connection(opened)) as connection,
    ):
        for statement in statements:
            connection.execute(statement)


def arrow(result: ladybug.QueryResult) -> pa.Table:
    """The rows of a result. The engine takes memory for a whole portion, so a portion has no more rows than there are."""
    portion = min(result.get_num_tuples(), CELLS // len(result.get_column_names()))
    return _integers(result.get_as_arrow(max(portion, 1)))


def _integers(table: pa.Table) -> pa.Table:
    """The table with decimals of scale 0 as integers: the engine returns a sum of integers as such a decimal."""
    for position, kind in enumerate(table.schema):
        if pa.types.is_decimal(kind.type) and kind.type.scale == 0:
            table = table.set_column(position, kind.name, table[position].cast(pa.int64()))
    return table
