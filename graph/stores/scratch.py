"""A temporary store for what a question supposes: it lies in a folder that is deleted when the store is closed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import TypeVar

from graph.errors import StoreError
from graph.stores.base import Store

S = TypeVar("S", bound=Store)


@contextlib.contextmanager
def temporary(make: Callable[[Path], S]) -> Iterator[S]:
    """The store that `make` makes at a path in a new temporary folder; store and folder go when the block ends.

    Raises StoreError where the folder has no room.
    """
    with contextlib.ExitStack() as cleanup:
        try:
            folder = cleanup.enter_context(TemporaryDirectory(prefix="liangxin-copy-"))
            store = make(Path(folder) / "copy.lbug")
        except OSError as error:
            raise StoreError(
                f"临时文件夹 {gettempdir()} 放不下图库的副本（{error.strerror}），口径有变后的回答要用它。"
                "请清理磁盘空间，或用环境变量 TMPDIR 指明另一个文件夹。"
            ) from error
        with contextlib.closing(store):
            yield store
