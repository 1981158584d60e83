"""The next version of a published file: a copy beside it, written by one at a time, that takes its place when whole."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from graph.errors import StoreBusyError, StoreError
from graph.ontology import Ontology
from graph.stores.ladybug import seal
from graph.stores.ladybug.failures import checked, unusable, unwritable
from graph.stores.ladybug.writing import UNWRITTEN, Writing


class Draft:
    """One write to the file at `path`.

    A link is followed first, so that all who name one file, whichever way, wait for one lock, and the link stays one.
    A hard link is another name of the version that it was made of, as a backup is, and keeps that version.
    """

    def __init__(self, path: Path, wait: float) -> None:
        """Wait at most `wait` seconds for another writer. Raises StoreError for a link that leads nowhere."""
        self.path = path
        self._wait = wait
        self.target = followed(path)
        self._next = self._beside(".next")
        self._holder = self._beside(".holder")

    def _beside(self, ending: str) -> Path:
        return self.target.with_name(self.target.name + ending)

    @contextlib.contextmanager
    def locked(self, author: str, purpose: str) -> Iterator[None]:
        """Hold the right to write. Raises StoreBusyError naming who has it."""
        # imported here, so that a question starts without it
        from filelock import FileLock, Timeout

        lock = FileLock(self._beside(".lock"))
        try:
            lock.acquire(timeout=self._wait)
        except Timeout as error:
            raise StoreBusyError(
                f"图库 {self.path} 正在被写入：{self._holder_text()}。请稍后重试，或用 --wait 秒数 等待更久。"
            ) from error
        except OSError as error:
            raise self.unwritable(error) from error
        try:
            if followed(self.path) != self.target:
                raise StoreBusyError(f"图库 {self.path} 刚刚改指另一个文件，这次没有写入。请重新执行。")
            since = dt.datetime.now().astimezone().isoformat(timespec="seconds")
            holder = {"author": author, "purpose": purpose, "pid": os.getpid(), "since": since}
            try:
                self._holder.write_text(json.dumps(holder, ensure_ascii=False), encoding="utf-8")
            except OSError as error:
                raise self.unwritable(error) from error
            yield
        finally:
            self._holder.unlink(missing_ok=True)
            lock.release()

    def _holder_text(self) -> str:
        try:
            holder = json.loads(self._holder.read_text(encoding="utf-8"))
            return f"{holder['author']} 自 {holder['since']} 起（{holder['purpose']}，进程 {holder['pid']}）"
        except (OSError, ValueError, KeyError):
            return "另一进程"

    def open(self, ontology: Ontology, buffers: tuple[int, int], timeout: float) -> Writing:
        """Open a copy of the published file, or a new one with empty tables. See Writing for `buffers`.

        Raises StoreError where the published file is not as it was written: nothing is built on that.
        """
        self.drop()
        fresh = not self.target.exists()
        try:
            if not fresh:
                shutil.copyfile(self.target, self._next)
                checked(self._next, self.path)
                seal.take_off(self._next)
        except OSError as error:
            self.drop()
            raise self.unwritable(error) from error
        except StoreError:
            self.drop()
            raise
        try:
            writing = Writing(self._next, buffers, ontology, timeout)
            if fresh:
                writing.create()
        except (RuntimeError, UnicodeDecodeError) as error:
            self.drop()
            if isinstance(error, RuntimeError) and UNWRITTEN in str(error):
                raise self.unwritable(error) from error
            raise unusable(self.path, error) from error
        return writing

    def publish(self, writing: Writing) -> None:
        """Put the copy in the place of the published file."""
        try:
            with contextlib.closing(writing):
                writing.checkpoint()
            seal.put_on(self._next)
            with open(self._next, "rb") as file:
                os.fsync(file.fileno())
            os.replace(self._next, self.target)
        except (OSError, RuntimeError) as error:
            self.drop()
            raise self.unwritable(error) from error
        folder = os.open(self.target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def drop(self) -> None:
        """Delete the copy, and what a crash left of an earlier one."""
        for leftover in (self._next, *self.target.parent.glob(self._next.name + ".*")):
            # an engine that failed on a full disk writes the rest when it is closed, and ends the process where that
            # fails: make room for it
            with contextlib.suppress(OSError):
                os.truncate(leftover, 0)
            leftover.unlink(missing_ok=True)

    def unwritable(self, error: OSError | RuntimeError) -> StoreError:
        """The error for what could not be written."""
        return unwritable(self.target.parent, error)


def followed(path: Path) -> Path:
    """The file that a path leads to, through all links, whether it is there or not. Raises StoreError for a circle."""
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:
        raise StoreError(f"图库 {path} 是一个绕成圈的链接。请用 --store 指明图库文件。") from error
