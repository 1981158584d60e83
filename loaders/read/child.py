"""The process that reads files for another one, started by loaders.read.apart.

It takes one Request after another from its standard input, and answers on its standard output: frames of a length and
a pickle. What it takes of memory and time is limited by the size of what it reads, so it may die at any moment; who
asked knows the file by the last frame of kind BEGINS.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import resource
import struct
import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO, cast

from graph.errors import InputError
from graph.workbook import Cell
from loaders.read.files import Guide, read
from loaders.read.tables import Table

FRAME = struct.Struct("<Q")
#: kinds of frames: a file begins (its number) · its limits · rows of the next table, or as one text · a table without its
#: rows · a Skipped · the end: the path cannot be used (message), or is read
BEGINS, LIMITS, ROWS, TEXTS, TABLE, SKIPPED, REFUSED, READ = range(8)
#: between the cells and the rows of a text
CELL, ROW = "\x1f", "\x1e"
#: the status with which it ends for want of memory
NO_MEMORY = 77
#: bytes and seconds for the smallest file, and for each byte of a larger one. A cell of an .xlsx takes some 30 bytes of
#: XML, and up to 250 while it is read; 1 MB takes a fraction of a second
_MEMORY, _MEMORY_PER_BYTE = 512 << 20, 8
_SECONDS, _BYTES_PER_SECOND = 30, 1 << 20
#: rows of a frame
_AT_ONCE = 1_000


@dataclass(slots=True)
class Request:
    """A path to read from its file of number `first` on; `directory` is the one that the path is relative to.

    `careful` is the number of the file whose cells are looked at first, `refused` has the reasons of those not to read.
    """

    path: bytes
    directory: bytes
    first: int = 0
    careful: int = -1
    refused: dict[int, str] = field(default_factory=dict)


class _Limited(Guide):
    """Limits this process by each file, and tells the one that asked."""

    def __init__(self, request: Request, out: BinaryIO) -> None:
        self._request = request
        self._out = out

    def wants(self, number: int) -> bool:
        return number >= self._request.first

    def begins(self, number: int) -> str | None:
        _send(self._out, BEGINS, number)
        return self._request.refused.get(number)

    def careful(self, number: int) -> bool:
        return number == self._request.careful

    def confine(self, size: int) -> None:
        _send(self._out, LIMITS, limits(size))
        _confine(*limits(size))


def limits(size: int) -> tuple[int, int]:
    """The seconds and the bytes that reading so many bytes may take."""
    whole = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return _SECONDS + size // _BYTES_PER_SECOND, min(_MEMORY + _MEMORY_PER_BYTE * size, whole * 3 // 4)


def _confine(seconds: int, memory: int) -> None:
    """Limit this process to so many seconds and bytes more than it has taken."""
    with contextlib.suppress(OSError):  # not Linux
        memory += int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    for kind, value in ((resource.RLIMIT_CPU, int(time.process_time()) + seconds), (resource.RLIMIT_AS, memory)):
        _, most = resource.getrlimit(kind)
        with contextlib.suppress(ValueError, OSError):  # macOS refuses a limit below what is taken
            resource.setrlimit(kind, (value if most == resource.RLIM_INFINITY else min(value, most), most))


def main() -> None:
    """Answer requests until there are no more."""
    out = os.fdopen(os.dup(1), "wb", 1 << 16)
    # what a library prints is no answer
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # most files are workbooks, and this process starts while the other one is still at something else
    import loaders.read.workbooks  # noqa: F401

    # rows are many lists without a circle
    gc.disable()
    try:
        while True:
            _confine(*limits(0))
            request = pickle.load(sys.stdin.buffer)
            os.chdir(request.directory)
            _answer(out, os.fsdecode(request.path), _Limited(request, out))
            gc.collect()
    except EOFError:
        return
    except MemoryError:
        os._exit(NO_MEMORY)


def _answer(out: BinaryIO, path: str, guide: Guide) -> None:
    try:
        for item in read(Path(path), guide):
            if isinstance(item, Table):
                for at in range(0, len(item.rows), _AT_ONCE):
                    _send_rows(out, item.rows[at : at + _AT_ONCE], texts=bool(item.records.widths))
                _send(out, TABLE, replace(item, rows=[]))
            else:
                _send(out, SKIPPED, item)
        _send(out, READ, None)
    except InputError as error:
        _send(out, REFUSED, str(error))


def _send_rows(out: BinaryIO, rows: list[list[Cell]], *, texts: bool) -> None:
    """Send rows; of a text, whose cells are texts or blank, as one, which is several times faster."""
    if texts:
        text = ROW.join([CELL.join([cell or "" for cell in row]) for row in cast("list[list[str | None]]", rows)])
        # a cell that has one of the two separators has the rows sent as they are
        cells = sum(map(len, rows)) - sum(map(bool, rows))
        if text.count(ROW) == len(rows) - 1 and text.count(CELL) == cells:
            _send(out, TEXTS, text)
            return
    _send(out, ROWS, rows)


def _send(out: BinaryIO, kind: int, content: object) -> None:
    frame = pickle.dumps((kind, content), 5)
    out.write(FRAME.pack(len(frame)))
    out.write(frame)
    if kind in (BEGINS, LIMITS, REFUSED, READ):
        out.flush()
