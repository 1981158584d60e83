"""The graph sorted by the bases (口径) in force, where the last write sorted its units by others.

Rules ask the stored graph which units are in a base. A question under other settings must not write to the store, so
it reads a scratch copy that is sorted anew. The next write sorts the store itself.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
from collections.abc import Iterator

from graph.locality import Locality
from graph.rules.book import Book
from graph.stores.base import Reader, Store


class ResortedCopy:
    """One sorted copy, of the last revision that was needed; a thread that makes it keeps the others waiting."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cleanup = contextlib.ExitStack()
        self._copy: Store | None = None
        self._revision = 0

    @contextlib.contextmanager
    def reader(self, store: Store, opened: Reader, book: Book, locality: Locality, as_of: dt.date) -> Iterator[Reader]:
        """A reader of the copy, at the revision that `opened` reads of `store` or at a later published one.

        Raises StoreError where the temporary folder has no room for a copy.
        """
        with contextlib.ExitStack() as reading:
            # the copy may be replaced as soon as the lock is free: its reader is opened before
            with self._lock:
                if self._copy is None or self._revision < opened.revision:
                    self._make(store, book, locality, as_of)
                assert self._copy is not None
                reader = reading.enter_context(self._copy.reader())
            yield reader

    def _make(self, store: Store, book: Book, locality: Locality, as_of: dt.date) -> None:
        with contextlib.ExitStack() as cleanup:
            copy = cleanup.enter_context(store.scratch())
            with copy.writer("系统", "划定口径") as writer:
                book.refresh(writer, locality, as_of)
                revision = writer.revision
            self.close()
            self._copy, self._revision, self._cleanup = copy, revision, cleanup.pop_all()

    def close(self) -> None:
        """Delete the copy; whoever is reading it reads on."""
        self._copy = None
        self._cleanup.close()
