"""Files read in a process of its own, so that whatever a library does with a file ends neither a load nor the server.

The process is limited in memory and time by the size of each file. Where it dies, the file is tried once more, each
cell of it looked at first, which mostly tells what is wrong; then it is not read, and the reason says so. Where a system
knows no such limits (Windows), files are read in this process, each looked at first.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import io
import os
import pickle
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from graph.errors import InputError
from graph.workbook import Cell
from loaders.read import files
from loaders.read.tables import Skipped, Table, preview_text

try:
    from loaders.read import child
except ImportError:  # no module `resource`
    child = None  # type: ignore[assignment]

#: the wall time that a file may take, in times of the processor's: others may need the machine too
_PATIENCE = 5
#: bytes of a row of no cells
_ROW = 64
#: bytes that the pipe keeps, so that the next file is read while the last one is worked at
_AHEAD = 1 << 20
_SLOW = "读了 {} 秒还没有读完，没有读取：请用 WPS 打开检查，删去多余的行、列和工作表后另存，或拆成几个文件"
_LARGE = "读取它要占用的内存远多于它的大小，没有读取：请用 WPS 打开检查，删去多余的行、列和工作表后另存"
_DIED = "读取程序在它上面中断，没有读取：内容可能损坏，请用 WPS 打开检查后另存"
#: what a frame may name; anything else in it is refused
_CLASSES = frozenset(
    {
        ("loaders.read.tables", "Table"), ("loaders.read.tables", "Skipped"), ("loaders.read.records", "Records"),
        ("datetime", "date"), ("datetime", "datetime"), ("array", "array"), ("array", "_array_reconstructor"),
    }
)  # fmt: skip


#: a process that has read its last files well and not too much waits here for the next ones
_spare: subprocess.Popen[bytes] | None = None
_exchange = threading.Lock()
_SPARED = 64 << 20


class _DeadError(Exception):
    """The reading process ended, or was ended, before its answer was complete; the reason as a phrase."""


class Reading:
    """Reads files in a process of its own, which starts at once and ends with the block."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        #: whether the last answer is complete, and the bytes of all answers
        self._whole, self._read = True, 0

    def __enter__(self) -> Reading:
        global _spare
        if child:
            with _exchange:
                self._process, _spare = _spare, None
            if not self._process or self._process.poll() is not None:
                self._end()
                self._process = _started()
        return self

    def __exit__(self, *_: object) -> None:
        global _spare
        if self._whole and self._read < _SPARED:
            with _exchange:
                if not _spare:
                    self._process, _spare = None, self._process
        self._end()

    def read(self, path: Path) -> Iterator[Table | Skipped]:
        """What loaders.read.files.read answers. One path is read at a time, to its end."""
        if not child:
            yield from files.read(path)
            return
        if not self._whole:  # who asked for the last path did not hear it out
            self._end()
            self._process = _started()
        request = child.Request(os.fsencode(path), b"/" if path.is_absolute() else os.fsencode(Path.cwd()))
        while True:
            begun = False
            items: list[Table | Skipped] = []
            try:
                for kind, content in self._ask(request):
                    if kind == child.BEGINS:
                        # what came before is whole, and is not asked for again
                        yield from items
                        items, begun, request.first = [], True, content
                    else:
                        items.append(content)
                yield from items
                return
            except _DeadError as death:
                reason = death.args[0]
            self._end()
            self._process = _started()
            if not begun and request.careful == request.first:
                raise InputError(f"“{preview_text(path, 200)}”{reason}。")
            if request.careful == request.first or reason.startswith("读了"):
                request.refused[request.first] = reason
            request.careful = request.first

    def _ask(self, request: child.Request) -> Iterator[tuple[int, Any]]:
        """The frames of an answer, tables whole. Raises _DeadError."""
        assert self._process
        assert self._process.stdin
        self._whole = False
        try:
            pickle.dump(request, self._process.stdin, 5)
            self._process.stdin.flush()
        except OSError:
            raise _DeadError(self._cause()) from None
        rows: list[list[Cell]] = []
        seconds, most = child.limits(0)
        taken = 0
        while True:
            frame = self._frame(seconds * _PATIENCE, most)
            kind, content = _content(frame)
            taken += len(frame)
            self._read += len(frame)
            if kind == child.LIMITS:
                seconds, most = content
            elif kind in (child.ROWS, child.TEXTS):
                if kind == child.TEXTS:
                    content = [
                        [cell or None for cell in row.split(child.CELL)] if row else []
                        for row in content.split(child.ROW)
                    ]
                rows.extend(content)
                taken += len(content) * _ROW
                if taken > most:
                    raise _DeadError(_LARGE)
            elif kind == child.TABLE:
                yield kind, replace(content, rows=rows)
                rows = []
            elif kind == child.READ:
                self._whole = True
                return
            elif kind == child.REFUSED:
                self._whole = True
                raise InputError(content)
            else:
                if kind == child.BEGINS:
                    taken = 0
                yield kind, content

    def _frame(self, patience: float, most: int) -> bytes:
        """The next frame. Raises _DeadError if none comes in this time, or one of more bytes."""
        end = time.monotonic() + patience
        (length,) = child.FRAME.unpack(self._bytes(child.FRAME.size, end, patience))
        if length > most:
            raise _DeadError(_LARGE)
        return self._bytes(length, end, patience)

    def _bytes(self, count: int, end: float, patience: float) -> bytes:
        assert self._process
        assert self._process.stdout
        descriptor = self._process.stdout.fileno()
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        parts: list[bytes] = []
        while count:
            if not poll.poll(max(end - time.monotonic(), 0) * 1000):
                raise _DeadError(_SLOW.format(round(patience)))
            part = os.read(descriptor, min(count, _AHEAD))
            if not part:
                raise _DeadError(self._cause())
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def _cause(self) -> str:
        """Why the process ended, by its status."""
        assert self._process
        status = self._process.wait()
        if status == -signal.SIGXCPU:
            return _SLOW.format("很多")
        return _LARGE if status in (-signal.SIGABRT, -signal.SIGKILL, child.NO_MEMORY) else _DIED

    def _end(self) -> None:
        if self._process:
            _stop(self._process)
        self._process = None


def prepare() -> None:
    """Start the process that reads the next files, for who will want some read soon: it takes a moment to start."""
    global _spare
    with _exchange, contextlib.suppress(InputError):  # it will be said when a file is read
        if child and not _spare:
            _spare = _started()


def _started() -> subprocess.Popen[bytes]:
    root = str(Path(__file__).parents[2])
    code = "import sys; sys.path[:] = sys.argv[1:]; from loaders.read.child import main; main()"
    utf8 = f"utf8={sys.flags.utf8_mode}"
    try:
        return subprocess.Popen(
            # without site: it starts faster, and has the path of this process anyway
            [sys.executable, "-I", "-S", "-X", utf8, "-c", code, root, *sys.path],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, pipesize=_AHEAD,
            env={**os.environ, "MALLOC_ARENA_MAX": "2"},
        )  # fmt: skip
    except OSError as error:
        raise InputError(
            f"读取文件要另开一个进程，系统没有允许（{error.strerror}）：请关闭一些程序，或放宽 ulimit 后再试。"
        ) from None


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):
            if stream:
                stream.close()


@atexit.register
def stop_idle() -> None:
    """End the process that waits for the next files."""
    global _spare
    with _exchange:
        idle, _spare = _spare, None
    if idle:
        _stop(idle)


def _content(frame: bytes) -> tuple[int, Any]:
    """The kind and the content of a frame."""
    collected = gc.isenabled()
    # rows are many lists without a circle: looking for one takes longer than making them
    gc.disable()
    try:
        kind, content = _Frame(io.BytesIO(frame)).load()
    finally:
        if collected:
            gc.enable()
    return kind, content


class _Frame(pickle.Unpickler):
    """A frame, in which nothing is called but what makes tables."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _CLASSES:
            return super().find_class(module, name)
        raise _DeadError(_DIED)
