"""Turns columns and records into a sheet as offices keep them: title, note, header in several rows, totals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from graph.workbook import Cell, Formula, Row, Sheet, Span
from loaders.sample.places import REFERENCE_DATE

MARK = "演示数据·虚构"
TICK = "√"
_NOTE = f"{MARK}；规模参照公开报道；数据截止 {REFERENCE_DATE.year}年{REFERENCE_DATE.month}月{REFERENCE_DATE.day}日"
_SERIAL_ZERO = dt.date(1899, 12, 30)
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """One column: its header from the top row down, and its cell for a record and the record's number from 0."""

    path: tuple[str, ...]
    cell: Callable[[T, int], Cell]
    total: bool = False


def column(path: str, cell: Callable[[T, int], Cell], total: bool = False) -> Column[T]:
    """A column whose header's rows are separated by '>'."""
    return Column(tuple(path.split(">")), cell, total)


def ticks(parent: str, choices: Iterable[str], chosen: Callable[[T], str]) -> list[Column[T]]:
    """A column for each choice, ticked where the record has it; no header above them where `parent` is ''."""

    def one(choice: str) -> Column[T]:
        return column(
            f"{parent}>{choice}" if parent else choice,
            lambda record, _: TICK if chosen(record) == choice else None,
        )

    return [one(choice) for choice in choices]


def sheet(
    name: str,
    title: str,
    columns: Sequence[Column[T]],
    records: Iterable[T],
    *,
    extra: Mapping[int, Sequence[Row]] | None = None,
) -> Sheet:
    """A sheet of `records` under `columns`; `extra` holds rows that follow the record of that number.

    Its rows are `Records`, made each time they are read.
    """
    header, merges = _header(columns)
    top = 2
    last = len(columns) - 1
    spans: list[Span] = [(0, 0, 0, last), (1, 0, 1, last)] if last else []
    spans += [(first + top, left, end + top, right) for first, left, end, right in merges]
    rows = Records(title, header, columns, tuple(records), extra or {})
    widths = [max(8, min(24, 2 * max(len(part) for part in entry.path) + 2)) for entry in columns]
    return Sheet(name, rows, spans, header_rows=top + len(header), widths=widths)


@dataclass(frozen=True, slots=True)
class Records(Generic[T]):
    """The rows of a sheet: title, note, header, one row a record and what follows it, totals. `first` is numbered so."""

    title: str
    header: list[list[Cell]]
    columns: Sequence[Column[T]]
    records: Sequence[T]
    extra: Mapping[int, Sequence[Row]]
    first: int = 0

    def part(self, first: int, size: int) -> Records[T]:
        """The same sheet with `size` of the records from `first` on, which keep their numbers."""
        return replace(self, records=self.records[first : first + size], first=self.first + first)

    def __iter__(self) -> Iterator[Row]:
        blank: list[Cell] = [None] * (len(self.columns) - 1)
        yield [f"{self.title}（{MARK}）", *blank]
        yield [_NOTE, *blank]
        yield from self.header
        top = line = 2 + len(self.header)
        cells = [entry.cell for entry in self.columns]
        totals = [position for position, entry in enumerate(self.columns) if entry.total]
        sums: dict[int, int | float] = dict.fromkeys(totals, 0)
        for number, record in enumerate(self.records, self.first):
            row = [cell(record, number) for cell in cells]
            for following in (row, *self.extra.get(number, ())):
                for position in totals:
                    value = following[position]
                    if isinstance(value, (int, float)):
                        sums[position] += value
                yield following
                line += 1
        if totals and line > top:
            foot: list[Cell] = ["合计", *blank]
            for position in totals:
                letters = column_letters(position)
                foot[position] = Formula(f"=SUM({letters}{top + 1}:{letters}{line})", round(sums[position], 2))
            yield foot


def _header(columns: Sequence[Column[T]]) -> tuple[list[list[Cell]], list[Span]]:
    """Header rows and the merges that make a parent span its children, a lone name all rows."""
    depth = max(len(entry.path) for entry in columns)
    rows: list[list[Cell]] = [[None] * len(columns) for _ in range(depth)]
    spans: list[Span] = []
    for position, entry in enumerate(columns):
        before = columns[position - 1].path if position else ()
        for level, text in enumerate(entry.path):
            parent = level + 1 < len(entry.path)
            if parent and len(before) > level + 1 and before[: level + 1] == entry.path[: level + 1]:
                continue
            rows[level][position] = text
            if parent:
                end = position
                while end + 1 < len(columns) and columns[end + 1].path[: level + 1] == entry.path[: level + 1]:
                    end += 1
                if end > position:
                    spans.append((level, position, level, end))
            elif level + 1 < depth:
                spans.append((level, position, depth - 1, position))
    return rows, spans


def column_letters(position: int) -> str:
    """The spreadsheet's name of a column counted from 0: A, B, … Z, AA."""
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def number_column(record: object, number: int) -> Cell:
    """The cell of a column 序号."""
    return number + 1


def month(day: dt.date, style: int) -> Cell:
    """`day` in one of the six spellings of dates in ledgers, two of which keep the month alone."""
    style %= 6
    if style == 3:
        return f"{day.year}年{day.month}月"
    if style == 4:
        return f"{day.year}.{day.month}"
    return exact(day, style)


def exact(day: dt.date | None, style: int) -> Cell:
    """`day` in one of six spellings that all keep the day."""
    if day is None:
        return None
    style %= 6
    if style == 0:
        return day
    if style == 1:
        return day.isoformat()
    if style == 2:
        return f"{day:%Y%m%d}"
    if style == 3:
        return f"{day.year}年{day.month}月{day.day}日"
    if style == 4:
        return f"{day.year}/{day.month}/{day.day}"
    return (day - _SERIAL_ZERO).days


def full_width(number: int) -> str:
    """A number in full-width digits."""
    return str(number).translate(_FULL_WIDTH)


def money(ten_thousands: int) -> str:
    """An amount of 万元 with its unit in the cell: 3,250万元, 1.25亿元."""
    if ten_thousands >= 10_000 and ten_thousands % 100 == 0:
        return f"{ten_thousands / 10_000:g}亿元"
    return f"{ten_thousands:,}万元"


def yes(value: bool) -> str:
    """是 or 否."""
    return "是" if value else "否"
