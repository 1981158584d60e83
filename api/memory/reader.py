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
            yield other and CachingReader(other, self._tables)

    def query(self, cypher: str, parameters: Mapping[str, Any] | None = None) -> pa.Table:
        """See Reader.query; the table may come from the cache."""
        used = named_parameters(cypher, parameters)
        key = (self.revision, cypher, repr(sorted(used.items())))
        return self._tables.once(key, lambda: self._reader.query(cypher, used))

    def prepare(self, cypher: str, parameters: Mapping[str, Any]) -> None:
        """See Reader.prepare."""
        self._reader.prepare(cypher, parameters)
