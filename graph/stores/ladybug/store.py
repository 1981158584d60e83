"""Ladybug, embedded: a published file is never written, a writer works on a copy and renames it over.

Opening a file for reading while another process writes it is not refused by the engine and reads torn pages;
so readers only ever open files that nobody will write again, and reopen when another one has taken their place.
Whoever opens a file, to read or to build upon, first compares it with its checksums.
"""

from __future__ import annotations

import contextlib
import shutil
import stat
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import ladybug

from graph.errors import StoreAbsentError, StoreError
from graph.ontology import Ontology
from graph.ontology import load as load_ontology
from graph.stores.ladybug import seal
from graph.stores.ladybug.draft import Draft, followed
from graph.stores.ladybug.failures import checked, first_line, unusable
from graph.stores.ladybug.reading import Reading, database, execute
from graph.stores.ladybug.tables import growing
from graph.stores.ladybug.writing import UNWRITTEN, Writing
from graph.stores.rations import rationed
from graph.stores.scratch import temporary

#: memory of the engine for questions: a county needs a fraction, each of two rules over a million units up to half
BUFFER_BYTES = 2 << 30
#: its memory while rows are written, and while one rule at a time is measured: the ledgers take as much again
WRITING_BYTES, MEASURING_BYTES = 1 << 30, 3 << 29


class _Opened:
    """One published file, open until it is superseded and its last reader has left.

    Each reader gets a connection of its own: a connection keeps the plan of every query it has run, some 4 MB
    each, for as long as it is open.
    """

    def __init__(self, path: Path, stamp: tuple[int, int, int, int], ontology: Ontology) -> None:
        self.stamp = stamp
        self.users = 0
        self.stale = False
        self._path = path
        self._ontology = ontology
        self._revision: int | None = None
        self._unchecked = not checked(path, path)
        self._database = _readable(path, ontology)
        with contextlib.closing(self.reading()) as reading:
            self._revision = reading.revision

    def reading(self, seconds: float = 0) -> Reading:
        return Reading(self._database, self._path, self._ontology, self._revision, seconds, self._unchecked)

    def close(self) -> None:
        self._database.close()


class EmbeddedStore:
    """A Ladybug file at `path`. Raises StoreError where it is absent (unless `create`) or unusable."""

    def __init__(
        self,
        path: Path,
        *,
        create: bool = False,
        wait: float = 10.0,
        ontology: Ontology | None = None,
        timeout: float = 60.0,
    ) -> None:
        """`timeout` bounds each question in seconds, `wait` how long another writer is waited for."""
        self.path = path
        self.wait = wait
        self._timeout = timeout
        self.ontology = ontology or load_ontology()
        self._mutex = threading.Lock()
        self._opened: _Opened | None = None
        if not _is_there(path):
            if not create:
                raise StoreAbsentError(
                    f"没有找到图库 {path}。请先执行 liangxin load 台账文件夹，或用 --store 指明图库位置。"
                )
            if not followed(path).parent.is_dir():
                raise StoreError(f"图库所在的文件夹 {followed(path).parent} 不存在。请先建立该文件夹，或换一个位置。")

    # -- reading ------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def reader(self, resuming: str = "") -> Iterator[Reading]:
        opened, reading = self._acquire(limited=not resuming)
        try:
            yield reading
        finally:
            with self._mutex:
                reading.close()
                opened.users -= 1
                if opened.stale and not opened.users:
                    opened.close()

    def _acquire(self, limited: bool) -> tuple[_Opened, Reading]:
        with self._mutex:
            if not self.path.exists() and self._opened is None:
                self._create()
            current = self._opened
            stamp = self._stamp()
            if current is None or current.stamp != stamp:
                self._supersede()
                current = self._opened = self._open_published()
            current.users += 1
            return current, current.reading(self._timeout if limited else 0)

    def _open_published(self) -> _Opened:
        """Open the published file; should it be replaced while it is opened, open its successor."""
        while True:
            stamp = self._stamp()
            try:
                opened = _Opened(self.path, stamp, self.ontology)
            except StoreError:
                # a copy of the file that is grown fails where another file takes its place meanwhile
                if self._stamp() == stamp:
                    raise
                continue
            if self._stamp() == stamp:
                return opened
            opened.close()

    def _stamp(self) -> tuple[int, int, int, int]:
        """What is another for a file that was replaced, or altered in whatever way but by the disk itself."""
        try:
            status = self.path.stat()
        except FileNotFoundError as error:
            raise StoreError(f"图库 {self.path} 已不存在。请检查该文件是否被移走。") from error
        return status.st_ino, status.st_mtime_ns, status.st_ctime_ns, status.st_size

    def _create(self) -> None:
        """Publish an empty store, so that a reader of a new location finds one."""
        draft = Draft(self.path, self.wait)
        with draft.locked("系统", "建立图库"):
            if not self.path.exists():
                draft.publish(self._open(draft))

    def _open(self, draft: Draft) -> Writing:
        return draft.open(self.ontology, (WRITING_BYTES, MEASURING_BYTES), self._timeout)

    # -- writing ------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def writer(self, author: str, purpose: str) -> Iterator[Writing]:
        draft = Draft(self.path, self.wait)
        with draft.locked(author, purpose):
            self._close_unread()
            writing = self._open(draft)
            try:
                writing.grow(growing(writing, self.ontology, self.path))
                yield writing
                writing.finish()
            except BaseException as error:
                writing.close()
                draft.drop()
                if isinstance(error, RuntimeError) and (UNWRITTEN in str(error) or rationed(error)):
                    raise draft.unwritable(error) from error
                raise
            draft.publish(writing)

    def integrity(self) -> str:
        blocks = checked(self.path, self.path, from_disk=True)
        if not blocks:
            return "图库文件没有校验和（由较旧的版本写成），查不出磁盘的差错；下一次写入时会加上。"
        return f"图库文件的校验和逐块核对无误（{blocks:,} 块）。"

    def scratch(self) -> contextlib.AbstractContextManager[EmbeddedStore]:
        def make(path: Path) -> EmbeddedStore:
            # a published file is never written, only replaced
            if self.path.exists():
                shutil.copyfile(self.path, path)
            return EmbeddedStore(path, create=True, ontology=self.ontology, timeout=self._timeout)

        return temporary(make)

    def close(self) -> None:
        with self._mutex:
            self._supersede()

    def _supersede(self) -> None:
        """Close the open file, now or when its last reader leaves; the mutex is held."""
        if self._opened is not None:
            self._opened.stale = True
            if not self._opened.users:
                self._opened.close()
            self._opened = None

    def _close_unread(self) -> None:
        """Close the published file where no one reads it: it takes some 70 MB, and is stale soon."""
        with self._mutex:
            if self._opened is not None and not self._opened.users:
                self._supersede()


def _is_there(path: Path) -> bool:
    """Whether there is a file; StoreError for a place where none can be."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "含有不能用于文件名的字符"
        raise StoreError(f"图库位置 {str(path)[:80]!r} 不能使用（{why}）。请用 --store 指明另一个文件。") from error
    if stat.S_ISDIR(mode):
        raise StoreError(f"{path} 是文件夹，不是图库文件。请用 --store 指明图库文件。")
    if not stat.S_ISREG(mode):
        raise StoreError(f"{path} 是管道或设备，不是图库文件。请用 --store 指明图库文件。")
    return True


def _readable(path: Path, ontology: Ontology) -> ladybug.Database:
    """The published file opened for reading, or a grown copy where its tables lack something.

    Raises StoreError where it is no store, or has something that cannot be carried over.
    """
    try:
        opened = database(path, BUFFER_BYTES, read_only=True)
        with contextlib.closing(Reading(opened, path, ontology)) as reading:
            statements = growing(reading, ontology, path)
    except (RuntimeError, UnicodeDecodeError) as error:
        raise unusable(path, error) from error
    if not statements:
        return opened
    opened.close()
    return _grown(path, statements)


def _grown(path: Path, statements: list[str]) -> ladybug.Database:
    """A copy of the published file with the missing tables and columns, opened for reading and deleted when closed.

    The next write publishes a complete file: until then each process has a copy of its own.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="liangxin-") as folder:
            copy = Path(folder) / "grown.lbug"
            shutil.copyfile(path, copy)
            seal.take_off(copy)
            execute(copy, WRITING_BYTES, [*statements, "CHECKPOINT"])
            return database(copy, BUFFER_BYTES, read_only=True)
    except (OSError, RuntimeError) as error:
        if rationed(error):
            raise unusable(path, error) from error
        why = error.strerror if isinstance(error, OSError) else first_line(error)
        raise StoreError(
            f"图库 {path} 由较旧的版本建立，要先做一个临时副本才能读取，而临时副本没有做成（{why}）。"
            "请检查临时文件夹的磁盘空间和权限，或用环境变量 TMPDIR 另指一个文件夹。"
        ) from error
