"""Caches of answers, of query results and of pages; each key contains the revision, at which the graph never changes."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

import pyarrow as pa

from graph.answers import Answer

#: rows of all cached answers together; the longest answer of a county has a few thousand
ROWS = 400_000
#: bytes of all cached tables together; a table of a county takes a few hundred thousand
BYTES = 64 << 20
#: characters of all cached pages together; a page has a hundred thousand
CHARACTERS = 16 << 20

T = TypeVar("T")


class Cache(ABC, Generic[T]):
    """Values by key, up to a limit of their weights; the least recently used leave first.

    The last value put stays, whatever it weighs.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._weight = 0
        self._values: OrderedDict[Hashable, T] = OrderedDict()
        self._pending: dict[Hashable, Future[T]] = {}
        self._lock = threading.RLock()

    @abstractmethod
    def weight(self, value: T) -> int:
        """The share of the limit that a value takes."""

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value of a key, made if it is absent; of several threads one makes it and the others wait.

        An exception of `make` is raised in all of them.
        """
        with self._lock:
            cached = self.get(key)
            if cached is not None:
                return cached
            pending = self._pending.get(key)
            if pending is None:
                future = self._pending[key] = Future()
        if pending is not None:
            return pending.result()
        try:
            value = make()
            self.put(key, value)
            future.set_result(value)
        except BaseException as error:
            future.set_exception(error)
            raise
        finally:
            del self._pending[key]
        return value

    def get(self, key: Hashable) -> T | None:
        """The value of a key, or None."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def put(self, key: Hashable, value: T) -> None:
        """Add a value; a key that is present keeps its value."""
        with self._lock:
            if key in self._values:
                return
            self._values[key] = value
            self._weight += self.weight(value)
            while len(self._values) > 1 and self._weight > self._limit:
                self._weight -= self.weight(self._values.popitem(last=False)[1])


class AnswerCache(Cache[Answer]):
    """Answers, weighed by their rows and nodes."""

    def __init__(self, rows: int = ROWS) -> None:
        super().__init__(rows)

    def weight(self, value: Answer) -> int:
        return 20 + len(value.rows) + (len(value.graph.nodes) if value.graph else 0)


class TableCache(Cache[pa.Table]):
    """Results of queries, weighed by their bytes."""

    def __init__(self, size: int = BYTES) -> None:
        super().__init__(size)

    def weight(self, value: pa.Table) -> int:
        return 1000 + int(value.nbytes)


class PageCache(Cache[str]):
    """Pages as they are sent, weighed by their length."""

    def __init__(self, characters: int = CHARACTERS) -> None:
        super().__init__(characters)

    def weight(self, value: str) -> int:
        return 1000 + len(value)
