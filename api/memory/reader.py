"""A Reader with a cache, because several questions run the same queries."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from api.memory.cache import TableCache
from graph.stores.base import Reader
from graph.stores.cypher import named_parameters


class CachingReader:
    """A Reader that runs each query with the same parameters once for each revision."""

    def __init__(self, reader: Reader, tables: TableCache) -> None:
        #: the reader of the store, for who reads all of it once
        self.uncached = reader
        self._tables = tables

    @property
    def revision(self) -> int:
        """The revision read."""
        return self.uncached.revision

    @property
    def unfinished(self) -> bool:
        """See Reader.unfinished."""
        return self.uncached.unfinished

    @contextlib.contextmanager
    def beside(self) -> Iterator[Reader | None]:
        """See Reader.beside."""
        with self.uncached.beside() as other:
            yield other and CachingReader(other, self._tables)

    def query(self, cypher: str, parameters: Mapping[str, Any] | None = None) -> pa.Table:
        """See Reader.query; the table may come from the cache."""
        used = named_parameters(cypher, parameters)
        key = (self.revision, cypher, repr(sorted(used.items())))
        return self._tables.once(key, lambda: self.uncached.query(cypher, used))

    def prepare(self, cypher: str, parameters: Mapping[str, Any]) -> None:
        """See Reader.prepare."""
        self.uncached.prepare(cypher, parameters)
