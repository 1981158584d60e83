"""The graph as the bases (口径) in force sort its units, where the last write sorted them by others.

Rules ask the stored graph which units are in a base. A question under other settings must not write, so a copy of the
graph is asked instead: private, of this process, gone with it. The next write brings the store itself up to date.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import TYPE_CHECKING

from graph.errors import StoreError
from graph.locality import Locality
from graph.ontology import load as load_ontology
from graph.rules.book import Book
from graph.stores.base import Reader, Store

if TYPE_CHECKING:
    from graph.stores.ladybug.store import EmbeddedStore


class Resorted:
    """A copy of the last revision that was asked of it; one is made at a time, and those who ask meanwhile wait."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._folder: TemporaryDirectory[str] | None = None
        self._store: EmbeddedStore | None = None
        self._revision = 0

    @contextlib.contextmanager
    def reader(self, store: Store, opened: Reader, book: Book, locality: Locality) -> Iterator[Reader]:
        """A reader of the revision that `opened` reads of `store`, or of a later one that is published by now.

        Raises StoreError where the temporary folder cannot hold a copy.
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
        # seldom needed, and a command starts faster without the engine and Parquet
        from graph.stores import transfer
        from graph.stores.ladybug.store import EmbeddedStore

        self._folder = self._folder or TemporaryDirectory(prefix="liangxin-copy-")
        path = Path(self._folder.name) / "copy.lbug"
        fresh = path.with_name("fresh.lbug")
        if isinstance(store, EmbeddedStore):
            # a published file is never written, only replaced
            shutil.copyfile(store.path, fresh)
        with contextlib.closing(EmbeddedStore(fresh, create=True)) as made, made.writer("系统", "划定口径") as writer:
            if not isinstance(store, EmbeddedStore):
                transfer.write(writer, transfer.portions(opened, load_ontology()))
            book.refresh(writer, locality)
            revision = writer.revision
        # those who read the copy before this one go on reading it
        os.replace(fresh, path)
        self._store = self._store or EmbeddedStore(path)
        self._revision = revision

    def close(self) -> None:
        """Delete the copy."""
        if self._store is not None:
            self._store.close()
        if self._folder is not None:
            self._folder.cleanup()
        self._store = self._folder = None
