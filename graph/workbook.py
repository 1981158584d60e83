"""A spreadsheet as data, between the code that reads or fills it and the code that writes it.

Loaders read files into sheets and give out workbooks of their own (sample, rejects); visualizations writes them.
Neither needs the other's library.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell whose content is computed by the spreadsheet program; `value` is what it last showed."""

    text: str
    value: str | int | float


Cell = str | int | float | bool | dt.date | dt.datetime | Formula | None
Row = Sequence[Cell]

#: first row, first column, last row, last column; counted from 0, both ends included
Span = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet. Row i of `rows` is line i + 1 of the sheet, blank rows included.

    `rows` may be a generator when the sheet is only to be written. `header_rows` and `widths` (columns,
    in characters) are for the writer alone.
    """

    name: str
    rows: Iterable[Row]
    merges: Sequence[Span] = ()
    hidden: bool = False
    header_rows: int = 0
    widths: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Workbook:
    """Sheets under a file name (relative, with its suffix: .xlsx, .xls or .csv).

    `encoding` is for .csv only; a .csv has one sheet.
    """

    name: str
    sheets: Sequence[Sheet] = field(default_factory=list)
    encoding: str = "utf-8-sig"
