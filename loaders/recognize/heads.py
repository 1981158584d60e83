"""The rows of a header: the path of words over each column, its unit, and the words that a path may stand for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from graph.workbook import Cell
from loaders.cleaning.cells import text
from loaders.cleaning.headings import header_text, unit_alone
from loaders.cleaning.periods import Period, dated_heading
from loaders.read.tables import Table

#: lines in which a header may begin; title and note lines stand above it
HEADER_WITHIN = 20
HEADER_DEPTH = 3

_QUOTES = str.maketrans("", "", "“”\"‘’'「」")
#: how to fill in a column, not what it says
_HINT = re.compile(
    "（[^（）]*(?:全称|为准|一致|执照|盖章|公章|格式|示例|例如|必填|选填|填空|填写|填报|下拉|单选|多选|可多选|规范|完整|中文|四舍五入|保留|截[至止])[^（）]*）"
)
_REMARK = re.compile("[（(][^（）()]+[)）]")


@dataclass(slots=True)
class Head:
    """One way to read some rows as a header: the words over each column from top to bottom, and its unit."""

    rows: range
    paths: list[tuple[str, ...]]
    units: list[str | None]
    #: by its merged cells: 1 it ends here, -2 it does not, 0 they do not tell
    ends: int = 0


def head_of(table: Table, rows: range) -> Head:
    """Header paths of the columns, merged cells spread over what they cover."""
    width = max((len(table.rows[r]) for r in rows), default=0)
    # a cell merged over several columns ends in blank ones, which a table does not have
    widest = max(map(len, table.rows[rows.start : rows.stop + HEADER_WITHIN]), default=0)
    width = max((width, *(min(right + 1, widest) for top, _, _, right in table.merges if top in rows)))
    grid: list[list[Cell]] = [list(table.rows[r]) + [None] * (width - len(table.rows[r])) for r in rows]
    spread = False
    for top, left, bottom, right in table.merges:
        if top in rows:
            spread = True
            for r in range(top, min(bottom, rows.stop - 1) + 1):
                for c in range(left, min(right, width - 1) + 1):
                    grid[r - rows.start][c] = table.rows[top][left] if left < len(table.rows[top]) else None
    if not spread and len(rows) > 1:
        # without merges (csv) a blank above a word belongs to the word on its left
        for upper in grid[:-1]:
            for c in range(1, width):
                if upper[c] is None and grid[-1][c] is not None:
                    upper[c] = upper[c - 1]
    stating_units = [states_units(row) for row in grid]
    paths: list[tuple[str, ...]] = []
    units: list[str | None] = []
    for c in range(width):
        parts: list[str] = []
        unit: str | None = None
        for row, units_only in zip(grid, stating_units, strict=True):
            if row[c] is None or str(row[c]).strip() == "":
                continue
            text, own_unit = header_text(row[c])
            if parts and (alone := unit_alone(row[c])):
                text, own_unit = "", alone
            elif parts and units_only:
                text = ""
            unit = own_unit or unit
            if text and (not parts or parts[-1] != text):
                parts.append(text)
        paths.append(tuple(parts))
        units.append(unit)
    down = {bottom + 1 for top, _, bottom, _ in table.merges if top in rows and bottom > top}
    ends = -2 if any(end > rows.stop for end in down) else int(rows.stop in down)
    return Head(rows, paths, units, ends)


def states_units(row: Sequence[Cell]) -> bool:
    """Whether a row below a header has nothing but the units of its columns, and remarks in brackets: （全称）."""
    cells = [text(c) for c in row if text(c) is not None]
    units = sum(unit_alone(c) is not None for c in cells)
    return units > 0 and all(unit_alone(c) or _REMARK.fullmatch(c or "") for c in cells)


def headings(table: Table, rows: range) -> tuple[str, ...]:
    """The headers of the columns if these rows are the header."""
    return tuple("/".join(path) for path in head_of(table, rows).paths if path)


@lru_cache(maxsize=1 << 14)
def key(text: str) -> str:
    """A heading in the form in which headings are compared: without spaces, notes, hints, units, quotes and case."""
    heading = "/".join(header_text(part)[0].casefold() for part in text.split("/")).translate(_QUOTES)
    return (_HINT.sub("", heading) or heading).removeprefix("其中:")


#: words between a heading and its parts that say nothing themselves
_BETWEEN = frozenset({"其中"})


@lru_cache(maxsize=1 << 14)
def readings(path: tuple[str, ...]) -> tuple[tuple[str, float], ...]:
    """The words that a header may stand for, each with its penalty.

    The whole path is best, then its end with a parent, then the lowest word alone, the worse the more words are above.
    """
    readings = {key("/".join(path)): -0.5}
    meaningful = tuple(part for part in path if part not in _BETWEEN)
    if len(meaningful) > 1:
        readings.setdefault(key("/".join(meaningful)), -0.4)
        # 从业人员 over 总数
        readings.setdefault(key("".join(meaningful)), -0.4)
    for start in range(1, len(path) - 1):
        readings.setdefault(key("/".join(path[start:])), -0.25)
    readings.setdefault(key(path[-1]), 0.25 * (len(path) - 1))
    return tuple(readings.items())


@lru_cache(maxsize=1 << 14)
def without_period(path: tuple[str, ...]) -> tuple[tuple[str, ...], Period | None]:
    """The path of a column without the period that it names, and the period: 2024年 over 营业收入, 2025年产值."""
    bare: list[str] = []
    period: Period | None = None
    for part in path:
        rest, named = dated_heading(key(part))
        period = named or period
        if rest:
            bare.append(rest)
    return tuple(bare), period
