"""A copy of the graph whose units are sorted by the bases (口径) in force, where the last write used other settings.

Rules ask the graph which units are in a base. A question under other settings must not write to the store, so a
private copy is asked instead, which is deleted with the process. The next write brings the store itself up to date.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from api.opening import open_store, write_copy
from api.settings import Settings
from graph.errors import StoreError
from graph.locality import Locality
from graph.rules.book import Book
from graph.stores.base import Reader, Store


class ResortedCopy:
    """A copy of the last revision asked; one copy is made at a time, and other readers wait for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._folder: TemporaryDirectory[str] | None = None
        self._store: Store | None = None
        self._revision = 0

    @contextlib.contextmanager
    def reader(self, store: Store, opened: Reader, book: Book, locality: Locality) -> Iterator[Reader]:
        """A reader of the copy, at the revision that `opened` reads of `store` or at a later published one.

        Raises StoreError where the temporary folder has no room for a copy.
        """
        with self._lock:
            if self._store is None or self._revision < opened.revision:
                try:
                    self._make(store, opened, book, locality)
                except OSError as error:
                    raise StoreError(
                        f"临时文件夹 {gettempdir()} 放不下图库的副本（{error.strerror}），口径有变后的回答要用它。"
                        "请清理磁盘空间，或用环境变量 TMPDIR 指明另一个文件夹。"
                    ) from error
            copied = self._store
        assert copied is not None
        with copied.reader() as reader:
            yield reader

    def _make(self, store: Store, opened: Reader, book: Book, locality: Locality) -> None:
        self._folder = self._folder or TemporaryDirectory(prefix="liangxin-copy-")
        path = Path(self._folder.name) / "copy.lbug"
        fresh = path.with_name("fresh.lbug")
        self._revision = write_copy(store, opened, fresh, lambda writer: book.refresh(writer, locality))
        # whoever reads the copy before this one goes on reading it
        os.replace(fresh, path)
        self._store = self._store or open_store(str(path), settings=Settings())

    def close(self) -> None:
        """Delete the copy."""
        if self._store is not None:
            self._store.close()
        if self._folder is not None:
            self._folder.cleanup()
        self._store = self._folder = None
