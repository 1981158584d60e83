"""Accepted rows: where each came from and what it says, in memory while they are few, in a file while they are many."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import weakref
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from tempfile import gettempdir, mkstemp
from typing import Any

import orjson

from graph.errors import InputError
from loaders.recognize.ledgers import Ledger

#: rows whose values are kept as they are; more are kept as text in a file, a million weighing gigabytes otherwise
IN_MEMORY = 200_000
#: bytes read at once of that file: rows are looked up mostly in the order in which they came
AHEAD = 1 << 15


def written(values: Mapping[str, Any]) -> bytes:
    """Values as JSON, the same for the same values in any order of columns; `typed` reads them back."""
    # copied, for what the library hands out keeps several kilobytes of room
    return memoryview(orjson.dumps(values, option=orjson.OPT_SORT_KEYS)).tobytes()


def typed(text: bytes | str, ledger: Ledger) -> dict[str, Any]:
    """The values of a row, read back from what `written` made of them."""
    values: dict[str, Any] = orjson.loads(text)
    for name in ledger.dates:
        if name in values:
            values[name] = dt.date.fromisoformat(values[name])
    return values


@dataclass(slots=True)
class Origin:
    """A sheet that rows came from, and what they say, by position. `id` begins the ids of its rows."""

    file: str
    sheet: str
    ledger: Ledger
    lines: Sequence[int]
    texts: list[bytes] | _Texts
    #: what the texts say; None where it is read from them each time
    decoded: list[dict[str, Any]] | None
    id: str = ""

    def values(self, position: int) -> dict[str, Any]:
        """What the row at a position says, typed."""
        return typed(self.texts[position], self.ledger) if self.decoded is None else self.decoded[position]


@dataclass(slots=True)
class Row:
    """One accepted row of `origin`.

    Matching fills the rest: `division` is the Region inside which its names are looked up, `place` the one it
    lies in, `entity` what it is about. `brought` is the revision that brought it, `retired` the one from which on
    a complete ledger no longer lists it; `own_id` is its id where the store has one.
    """

    origin: Origin
    position: int
    division: str = ""
    place: str = ""
    entity: str = ""
    brought: int = 0
    retired: int | None = None
    own_id: str = ""

    @property
    def id(self) -> str:
        """What the store calls this row."""
        return self.own_id or f"{self.origin.id}.{self.line}"

    @property
    def file(self) -> str:
        """The file it stands in."""
        return self.origin.file

    @property
    def sheet(self) -> str:
        """The sheet it stands in."""
        return self.origin.sheet

    @property
    def line(self) -> int:
        """Its line, from 1."""
        return self.origin.lines[self.position]

    @property
    def ledger(self) -> str:
        """The name of its ledger."""
        return self.origin.ledger.name

    @property
    def values(self) -> dict[str, Any]:
        """What it says, typed. To be asked for once, and only read: of many rows it is worked out each time."""
        return self.origin.values(self.position)

    @property
    def text(self) -> bytes:
        """What it says as JSON."""
        return self.origin.texts[self.position]

    @property
    def digest(self) -> str:
        """Tells what it says, and for which division, from what another row does."""
        return hashlib.blake2b(b"%b\x1f%b" % (self.division.encode(), self.text), digest_size=8).hexdigest()


@dataclass(slots=True)
class Keeper:
    """Keeps what the rows of one load say."""

    _kept: int = 0
    _file: _File = field(default_factory=lambda: _File())
    _in_memory: list[Origin] = field(default_factory=list)

    def origin(
        self,
        file: str,
        sheet: str,
        ledger: Ledger,
        lines: Sequence[int],
        texts: list[bytes],
        values: list[dict[str, Any]] | None = None,
    ) -> Origin:
        """A sheet with its rows' texts; their `values`, where they are at hand."""
        self._kept += len(texts)
        if self._kept > IN_MEMORY:
            while self._in_memory:
                self._file_away(self._in_memory.pop())
            return Origin(file, sheet, ledger, array("I", lines), self._file.keep(texts), None)
        decoded = values if values is not None else [typed(text, ledger) for text in texts]
        made = Origin(file, sheet, ledger, lines, texts, decoded)
        self._in_memory.append(made)
        return made

    def _file_away(self, origin: Origin) -> None:
        assert isinstance(origin.texts, list)
        origin.lines, origin.texts, origin.decoded = array("I", origin.lines), self._file.keep(origin.texts), None


class _File:
    """Texts in a file that has no name; made when the first is kept, gone with this object."""

    def __init__(self) -> None:
        self._number = -1
        self._end = 0
        self._block, self._at = b"", 0

    def keep(self, texts: Sequence[bytes]) -> _Texts:
        bounds = array("Q", accumulate(map(len, texts), initial=self._end))
        left = memoryview(b"".join(texts))
        try:
            if self._number < 0:
                self._number, path = mkstemp(prefix="liangxin-")
                weakref.finalize(self, os.close, self._number)
                Path(path).unlink()
            while left:
                left = left[os.write(self._number, left) :]
        except OSError as error:
            raise InputError(
                f"临时文件夹 {gettempdir()} 写不下这次载入的行（{error.strerror}）。"
                "请清理磁盘空间，或用环境变量 TMPDIR 指明另一个文件夹。"
            ) from error
        self._end = bounds[-1]
        return _Texts(self, bounds)

    def read(self, start: int, end: int) -> bytes:
        at = start - self._at
        if at < 0 or end - self._at > len(self._block):
            self._block, self._at, at = os.pread(self._number, max(end - start, AHEAD), start), start, 0
        return self._block[at : at + end - start]


class _Texts:
    """Some of a file's texts, by position."""

    def __init__(self, file: _File, bounds: array[int]) -> None:
        self._file = file
        self._bounds = bounds

    def __getitem__(self, position: int) -> bytes:
        return self._file.read(self._bounds[position], self._bounds[position + 1])
