"""Private copies of the graph: one sorted by the bases (口径) in force, and one for each limited viewer.

Rules ask the stored graph which units are in a base. A question under other settings must not write to the store, so
it reads a scratch copy that is sorted anew. The next write sorts the store itself. A viewer of some divisions reads the
excerpt of the graph for them (graph/excerpt.py), which is a store of its own.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from api.memory.cache import TableCache
from api.opening import open_store
from api.settings import Settings
from graph import excerpt
from graph.locality import Locality
from graph.ontology import Ontology
from graph.rules.book import Book
from graph.stores.base import Reader, Store
from graph.stores.scratch import temporary


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy: `inside` are the ids of what a limited viewer may see whole (None: all), `tables` its query results."""

    store: Store
    inside: frozenset[str] | None = None
    tables: TableCache = field(default_factory=TableCache)


class PrivateCopy:
    """One copy, of the last revision that was needed; a thread that makes it keeps the others waiting."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cleanup = contextlib.ExitStack()
        self._copy: Copy | None = None
        self._revision = 0

    @contextlib.contextmanager
    def reader(self, revision: int, make: Callable[[], AbstractContextManager[Copy]]) -> Iterator[tuple[Reader, Copy]]:
        """A reader of the copy of a revision, which `make` makes where there is none.

        Raises StoreError where the temporary folder has no room for a copy.
        """
        with contextlib.ExitStack() as reading:
            # the copy may be replaced as soon as the lock is free: its reader is opened before
            with self._lock:
                if self._copy is None or self._revision != revision:
                    with contextlib.ExitStack() as cleanup:
                        made = cleanup.enter_context(make())
                        self.close()
                        self._copy, self._revision, self._cleanup = made, revision, cleanup.pop_all()
                copy = self._copy
                reader = reading.enter_context(copy.store.reader())
            yield reader, copy

    def close(self) -> None:
        """Delete the copy; whoever is reading it reads on."""
        self._copy = None
        self._cleanup.close()


@contextlib.contextmanager
def resorted(store: Store, book: Book, locality: Locality, as_of: dt.date) -> Iterator[Copy]:
    """A copy of the last published revision that is sorted by the bases in force."""
    with store.scratch() as copy:
        with copy.writer("系统", "划定口径") as writer:
            book.refresh(writer, locality, as_of)
        yield Copy(copy)


@contextlib.contextmanager
def excerpt_of(reader: Reader, ontology: Ontology, allowed: Sequence[str], settings: Settings) -> Iterator[Copy]:
    """The excerpt of a graph for a viewer of some divisions, as an embedded store of its own."""

    def make(path: Path) -> Store:
        return open_store(str(path), create=True, settings=settings)

    with temporary(make) as store:
        with store.writer("系统", "摘录") as writer:
            inside = excerpt.write(reader, writer, ontology, allowed)
        yield Copy(store, inside)
