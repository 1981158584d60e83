"""The verbs of a store: those of a question (Reader), those of a load (Writer), and how to get either."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

import pyarrow as pa


class Reader(Protocol):
    """One published revision of the graph, unchanged while the reader is open.

    An engine that keeps no older revision raises StoreMovedError from the first query that it can no longer answer
    from that revision: the caller drops what it has read and starts again with another reader.
    """

    @property
    def revision(self) -> int:
        """The number of the last committed Change; 0 for an empty store."""
        ...

    @property
    def unfinished(self) -> bool:
        """Whether this reads what a broken-off write of the reader's own purpose left."""
        ...

    def beside(self) -> AbstractContextManager[Reader | None]:
        """A second reader of the same revision, for another thread; None where the reader is a writer."""
        ...

    def query(self, cypher: str, parameters: Mapping[str, Any] | None = None) -> pa.Table:
        """Rows of a read-only query, one Arrow column for each RETURN item.

        Parameters that the text does not name are left out for it; None is refused (a null parameter is not
        in the shared Cypher), and every RETURN item has a name (AS). Raises QueryError for a text that may do more
        than read (see clauses.py) or that the engine cannot run, StoreError when the store went away,
        StoreMovedError when another revision took its place, StoreSlowError when it takes too long, StoreFullError
        when it takes too much memory.
        """
        ...

    def prepare(self, cypher: str, parameters: Mapping[str, Any]) -> None:
        """Have the engine plan a query without running it. Raises what `query` raises for a text that cannot be run."""
        ...


class Writer(Reader, Protocol):
    """The next revision while it is made; no reader sees it until the write ends without an exception."""

    @property
    def lost(self) -> bool:
        """Whether a query that failed while `reading` ended the write with it: nothing more can be written."""
        ...

    def reading(self) -> AbstractContextManager[Reader]:
        """What is written so far, read over a connection that cannot write; nothing is written in the block.

        Its queries have the time (StoreSlowError) and the memory of a reader's; those of the writer, of a load.
        """
        ...

    def upsert(self, node_type: str, rows: pa.Table) -> None:
        """Create or update nodes by the column `id`; columns that `rows` lacks keep their values."""
        ...

    def link(self, edge_type: str, from_type: str, to_type: str, rows: pa.Table) -> None:
        """Create edges, columns `from`, `to`, `key` and the type's properties; keys must not be there yet."""
        ...

    def unlink(self, edge_type: str, from_type: str, to_type: str, rows: pa.Table) -> None:
        """Remove edges by the columns `from` and `key`."""
        ...


class Store(Protocol):
    """A graph with many readers and one writer at a time."""

    def reader(self, resuming: str = "") -> AbstractContextManager[Reader]:
        """The last published revision.

        Raises StoreUnfinishedError while a large write stands unfinished, unless it is of the purpose `resuming`:
        then what is there of it is read, for the write to be completed.
        """
        ...

    def writer(self, author: str, purpose: str) -> AbstractContextManager[Writer]:
        """The next revision, published as a whole when the block ends, dropped if it raises.

        Where an engine makes a large write in batches, a failure leaves it unfinished instead: no one can read,
        and only a writer of the same `purpose` may write, until one has ended well. So a purpose tells one input
        from another. Raises StoreBusyError naming the holder when another writer does not finish in time.
        """
        ...

    def scratch(self) -> AbstractContextManager[Store]:
        """A private embedded copy of the last published revision: what is written to it changes nothing here.

        It is deleted when the block ends; whoever is reading it then reads on. Raises StoreError where the temporary
        folder has no room for it, and what `reader` and its queries raise.
        """
        ...

    def integrity(self) -> str:
        """How what is stored was compared with its checksums, for a user; StoreError where it is not as it was written."""
        ...

    def close(self) -> None:
        """Release files and connections; whoever is reading an embedded store reads on."""
        ...
