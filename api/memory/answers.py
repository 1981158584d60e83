"""What is remembered between questions: answers, the tables that several are made from, the pages that show them.

All belong to a revision, at which the graph never changes; the least recently asked leaves first.
"""

from __future__ import annotations

import contextlib
import threading
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

import pyarrow as pa

from graph.answers import Answer
from graph.stores.base import Reader
from graph.stores.cypher import named_parameters

#: rows of all remembered answers together; a county's longest answer has a few thousand
ROWS = 400_000
#: bytes of all remembered tables together; one of a county's is a few hundred thousand
BYTES = 64 << 20
#: characters of all remembered pages together; one has a hundred thousand
CHARACTERS = 16 << 20

T = TypeVar("T")


class _Kept(ABC, Generic[T]):
    """Values by key, up to a limit of what they weigh together; the last one is kept whatever it weighs."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = 0
        self._kept: OrderedDict[Hashable, T] = OrderedDict()
        self._making: dict[Hashable, Future[T]] = {}
        self._lock = threading.RLock()

    @abstractmethod
    def weight(self, value: T) -> int:
        """What a value counts for against the limit."""

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value, made if it is not there; of many who ask at once one makes it, and the others wait for it.

        What `make` raises is raised for all of them.
        """
        with self._lock:
            found = self.get(key)
            if found is not None:
                return found
            under_way = self._making.get(key)
            if under_way is None:
                making = self._making[key] = Future()
        if under_way is not None:
            return under_way.result()
        try:
            value = make()
            self.put(key, value)
            making.set_result(value)
        except BaseException as error:
            making.set_exception(error)
            raise
        finally:
            del self._making[key]
        return value

    def get(self, key: Hashable) -> T | None:
        """The value, or None if it was never put or has left."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def put(self, key: Hashable, value: T) -> None:
        """Remember a value; a key that is known keeps its own."""
        with self._lock:
            if key in self._kept:
                return
            self._kept[key] = value
            self._held += self.weight(value)
            while len(self._kept) > 1 and self._held > self._limit:
                self._held -= self.weight(self._kept.popitem(last=False)[1])


class Answers(_Kept[Answer]):
    """Answers, weighed by their rows and nodes."""

    def __init__(self, rows: int = ROWS) -> None:
        super().__init__(rows)

    def weight(self, value: Answer) -> int:
        return 20 + len(value.rows) + (len(value.graph.nodes) if value.graph else 0)


class Tables(_Kept[pa.Table]):
    """Results of queries, weighed by their bytes."""

    def __init__(self, size: int = BYTES) -> None:
        super().__init__(size)

    def weight(self, value: pa.Table) -> int:
        return 1000 + int(value.nbytes)


class Pages(_Kept[str]):
    """Pages as they are sent, weighed by their length."""

    def __init__(self, characters: int = CHARACTERS) -> None:
        super().__init__(characters)

    def weight(self, value: str) -> int:
        return 1000 + len(value)


class Remembering:
    """A Reader that asks the store a query with the same parameters once for each revision."""

    def __init__(self, reader: Reader, tables: Tables) -> None:
        self._reader = reader
        self._tables = tables

    @property
    def revision(self) -> int:
        """The revision read."""
        return self._reader.revision

    @property
    def unfinished(self) -> bool:
        """See Reader.unfinished."""
        return self._reader.unfinished

    @contextlib.contextmanager
    def beside(self) -> Iterator[Reader | None]:
        """See Reader.beside."""
        with self._reader.beside() as other:
            yield other and Remembering(other, self._tables)

    def query(self, cypher: str, parameters: Mapping[str, Any] | None = None) -> pa.Table:
        """See Reader.query; the table may be one that was asked for before."""
        used = named_parameters(cypher, parameters)
        key = (self.revision, cypher, repr(sorted(used.items())))
        return self._tables.once(key, lambda: _own(self._reader.query(cypher, used)))


def _own(table: pa.Table) -> pa.Table:
    """The table in memory of its own: what the engine hands out keeps some 2 MB of it, however few its rows."""
    written = pa.BufferOutputStream()
    with pa.ipc.new_stream(written, table.schema) as stream:
        stream.write_table(table)
    return pa.ipc.open_stream(written.getvalue()).read_all()
