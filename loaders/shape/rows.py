"""Accepted rows: the sheet each comes from and the values it states.

The values of a load are in memory while its rows are few, and in a temporary file once they are many.
"""

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
from graph.statements import recency
from loaders.recognize.ledgers import Ledger

#: rows whose values are in memory; more are JSON in a file, because the values of a million weigh gigabytes
IN_MEMORY = 200_000
#: bytes of that file that are read at once: rows are mostly looked up in the order in which they came
AHEAD = 1 << 15

#: properties of a node or an edge by name
Props = dict[str, Any]


def as_json(values: Mapping[str, Any]) -> bytes:
    """Values as JSON, the same for any order of columns; `from_json` reads them back."""
    # copied, because the bytes that orjson returns hold several kilobytes of room
    return memoryview(orjson.dumps(values, option=orjson.OPT_SORT_KEYS)).tobytes()


def from_json(text: bytes | str, ledger: Ledger) -> dict[str, Any]:
    """The values of a row of a ledger, from the text that `as_json` made of them."""
    values: dict[str, Any] = orjson.loads(text)
    for name in ledger.dates:
        if values.get(name):
            values[name] = dt.date.fromisoformat(values[name])
    return values


@dataclass(slots=True)
class Origin:
    """A sheet that rows come from. `lines` and `texts` (JSON) are by position; `id` begins the ids of its rows."""

    file: str
    sheet: str
    ledger: Ledger
    lines: Sequence[int]
    texts: list[bytes] | _Texts
    #: the values of the texts; None where they are parsed at each call
    decoded: list[dict[str, Any]] | None
    id: str = ""

    def values(self, position: int) -> dict[str, Any]:
        """The typed values of the row at a position."""
        return from_json(self.texts[position], self.ledger) if self.decoded is None else self.decoded[position]


@dataclass(frozen=True, slots=True)
class Issue:
    """The issue of a ledger that a row stands in: the load (its revision and its day) that read it.

    `dated` is the day that the row or its sheet says it is about, None where neither says one. `listing` is what the
    sheet calls itself, '' where it has no name of its own.
    """

    loaded: int = 0
    day: dt.date = dt.date.min
    dated: dt.date | None = None
    listing: str = ""

    @property
    def date(self) -> dt.date:
        """The day that it is about, else that of its load; never after its load."""
        return min(self.dated, self.day) if self.dated else self.day


_NO_ISSUE = Issue()


@dataclass(slots=True)
class Row:
    """One accepted row of `origin`. A value that is None is one that the row clears.

    Matching fills the rest: `division` is the Region inside which its names are looked up, `place` the Region it
    lies in, `entity` the id of what it is about. `brought` is the revision that brought it, `retired` the first one
    in which a complete ledger no longer lists it. `own_id` is its id if the store has it already.
    """

    origin: Origin
    position: int
    division: str = ""
    place: str = ""
    entity: str = ""
    brought: int = 0
    retired: int | None = None
    own_id: str = ""
    issue: Issue = _NO_ISSUE

    @property
    def id(self) -> str:
        """The id of its SourceRow."""
        return self.own_id or f"{self.origin.id}.{self.line}"

    @property
    def file(self) -> str:
        """The file it comes from."""
        return self.origin.file

    @property
    def sheet(self) -> str:
        """The sheet it comes from."""
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
        """Its typed values, to be read only. A caller reads this once: of a large load it is parsed at each call."""
        return self.origin.values(self.position)

    @property
    def text(self) -> bytes:
        """Its values as JSON."""
        return self.origin.texts[self.position]

    @property
    def digest(self) -> str:
        """A hash of its values and its division: equal rows of an entity are one."""
        return hashlib.blake2b(b"%b\x1f%b" % (self.division.encode(), self.text), digest_size=8).hexdigest()


@dataclass(slots=True)
class Spool:
    """The values of the rows of one load."""

    _count: int = 0
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
        """The origin of rows with these texts; `values` saves parsing them."""
        self._count += len(texts)
        if self._count > IN_MEMORY:
            while self._in_memory:
                self._file_away(self._in_memory.pop())
            return Origin(file, sheet, ledger, array("I", lines), self._file.append(texts), None)
        decoded = values if values is not None else [from_json(text, ledger) for text in texts]
        origin = Origin(file, sheet, ledger, lines, texts, decoded)
        self._in_memory.append(origin)
        return origin

    def _file_away(self, origin: Origin) -> None:
        assert isinstance(origin.texts, list)
        origin.lines, origin.texts, origin.decoded = array("I", origin.lines), self._file.append(origin.texts), None


class _File:
    """Texts in a file without a name, which is made with the first text and is gone with this object."""

    def __init__(self) -> None:
        self._number = -1
        self._end = 0
        self._block, self._at = b"", 0

    def append(self, texts: Sequence[bytes]) -> _Texts:
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
    """The texts of one sheet in a file, by position."""

    def __init__(self, file: _File, bounds: array[int]) -> None:
        self._file = file
        self._bounds = bounds

    def __getitem__(self, position: int) -> bytes:
        return self._file.read(self._bounds[position], self._bounds[position + 1])


def best_first(rows: Sequence[Row], entity: str) -> list[Row]:
    """The rows of an entity in the order in which they are believed.

    Listed rows come first, then those of the best ledger, then the entity's own before those of entities merged into
    it, then the latest (`graph.statements.recency`).
    """
    if len(rows) == 1:
        return list(rows)
    latest = sorted(rows, key=lambda r: recency(r.issue.date, r.issue.loaded, r.file, r.sheet, r.line), reverse=True)
    return sorted(latest, key=lambda r: (r.retired is not None, r.origin.ledger.rank, r.entity != entity))


def together(rows: Sequence[Row]) -> Props:
    """The values that rows, the best first, state together: of each field the first value.

    A row that clears a field hides what older rows of its ledger state of it.
    """
    if len(rows) == 1:
        return {name: value for name, value in rows[0].values.items() if value is not None}
    values: Props = {}
    cleared: set[tuple[str, str]] = set()
    for row in rows:
        for name, value in row.values.items():
            if name in values or (cleared and (row.ledger, name) in cleared):
                continue
            if value is None:
                cleared.add((row.ledger, name))
            else:
                values[name] = value
    return values
