"""Writes .xlsx files; the only module that imports xlsxwriter."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from graph.errors import InputError
from graph.workbook import Cell, Formula, Row, Sheet, Span, Workbook

MAX_ROWS = 1_048_576
#: UTF-16 units a cell can hold
MAX_TEXT = 32_767
#: the smallest integer that a spreadsheet does not represent exactly
MAX_INTEGER = 10**15
#: the creation date of every file, so that equal input gives equal bytes
CREATED = dt.datetime(2000, 1, 1)
FONT = "微软雅黑"
DATE, MOMENT = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"


@dataclass(frozen=True, slots=True)
class FormattedSheet(Sheet):
    """A sheet with a number format for each column, '' for none."""

    formats: Sequence[str] = ()


def write_xlsx(workbook: Workbook, target: Path | BinaryIO) -> None:
    """Write the sheets row by row, so that memory does not grow with their length. Raises OSError.

    After an error the target is not written in part.
    """
    with tempfile.TemporaryDirectory(prefix="liangxin-") as scratch:
        made = Path(scratch) / "book.xlsx"
        options = {
            "constant_memory": True,
            "tmpdir": scratch,
            "default_format_properties": {"font_name": FONT, "font_size": 10},
        }
        try:
            with xlsxwriter.Workbook(str(made), options) as book:
                _write_sheets(book, workbook)
        except FileCreateError as error:
            # its argument is the error of the file system
            raise error.args[0] from error
        if isinstance(target, Path):
            shutil.copyfile(made, target)
        else:
            with made.open("rb") as content:
                shutil.copyfileobj(content, target)


def _write_sheets(book: xlsxwriter.Workbook, workbook: Workbook) -> None:
    book.set_properties({"created": CREATED})
    formats = _Formats(book)
    names: set[str] = set()
    shown = False
    for sheet in workbook.sheets:
        page = book.add_worksheet(_sheet_name(sheet.name, names))
        if sheet.hidden:
            page.hide()
        elif not shown:
            page.activate()
            page.set_first_sheet()
            shown = True
        _write_sheet(page, sheet, formats, workbook.name)


class _Formats:
    """The formats of a workbook, each made once; None for no properties."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, Any], ...], Format] = {}

    def __call__(self, properties: Mapping[str, Any]) -> Format | None:
        if not properties:
            return None
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format({"valign": "vcenter", **properties})
        return self._made[key]


class _Style:
    """The formats of cells with these properties, by kind of value."""

    def __init__(self, formats: _Formats, properties: Mapping[str, Any]) -> None:
        self.plain = formats(properties)
        self.day = formats({**properties, "num_format": DATE})
        self.moment = formats({**properties, "num_format": MOMENT})
        self.text = formats({**properties, "num_format": "@"})


_BORDER = {"border": 1, "border_color": "#B8C0C8"}


def _write_sheet(page: Worksheet, sheet: Sheet, formats: _Formats, file: str) -> None:
    for column, width in enumerate(sheet.widths):
        page.set_column(column, column, width)
    if sheet.header_rows:
        page.freeze_panes(sheet.header_rows, 0)
        page.repeat_rows(0, sheet.header_rows - 1)
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
    number_formats = sheet.formats if isinstance(sheet, FormattedSheet) else ()
    starts = {(span[0], span[1]) for span in sheet.merges}
    covered = _covered(sheet.merges)
    last: dict[int, int] = {}
    for line, column in covered:
        last[line] = max(column, last.get(line, column))
    body = _BODY if sheet.header_rows else {}
    plain = _Style(formats, body)
    styles = [_Style(formats, {**body, "num_format": code}) if code else plain for code in number_formats]
    for line, row in enumerate(sheet.rows):
        if line >= MAX_ROWS:
            where = f"{file} 的工作表“{sheet.name}”"
            raise InputError(f"{where}超过 {MAX_ROWS:,} 行，放不进一张工作表。请缩小范围或改用 csv。")
        if line >= sheet.header_rows and line not in last:
            for column, cell in enumerate(row):
                _write_cell(page, line, column, cell, styles[column] if column < len(styles) else plain)
            continue
        look = _look(line, row, sheet.header_rows)
        if line == 0 and "font_size" in look:
            page.set_row(0, 26)
        for column in range(max(len(row), last.get(line, -1) + 1)):
            cell = row[column] if column < len(row) else None
            properties = look
            if (line, column) in starts:
                properties = {"align": "center", "text_wrap": True, **look}
            elif (line, column) in covered:
                cell = None
            _write_cell(page, line, column, cell, _Style(formats, properties))
    # merge_range() would write into rows already flushed; the cells are written, so only the spans are added
    page.merge.extend([list(span) for span in sheet.merges if span[:2] != span[2:]])


_BODY = {**_BORDER, "text_wrap": True, "valign": "top"}


def _look(line: int, row: Row, header_rows: int) -> dict[str, Any]:
    """Properties of a line: a title, a note above the heading, the heading, or plain."""
    if line >= header_rows:
        return _BODY if header_rows else {}
    alone = len([c for c in row if c not in (None, "")]) == 1 and row[0] not in (None, "")
    if alone and line < header_rows - 1:
        note = {"font_color": "#4A5560", "align": "left"}
        return {"bold": True, "font_size": 14, "align": "left"} if line == 0 else note
    return {**_BORDER, "bold": True, "bg_color": "#E3EAF0", "text_wrap": True, "align": "center"}


def _covered(merges: Sequence[Span]) -> set[tuple[int, int]]:
    return {
        (line, column)
        for top, left, bottom, right in merges
        for line in range(top, bottom + 1)
        for column in range(left, right + 1)
    }


def _write_cell(page: Worksheet, line: int, column: int, cell: Cell, style: _Style) -> None:
    if isinstance(cell, dt.date) and cell.year < 1900:
        cell = cell.isoformat()  # spreadsheets have no earlier dates
    if cell is None or cell == "":
        if style.plain is not None:
            page.write_blank(line, column, None, style.plain)
    elif isinstance(cell, str):
        page.write_string(line, column, _fitted(cell), style.plain)
    elif isinstance(cell, bool):
        page.write_boolean(line, column, cell, style.plain)
    elif isinstance(cell, int | float):
        if abs(cell) < MAX_INTEGER:
            page.write_number(line, column, cell, style.plain)
        else:
            # not represented exactly, and therefore a code
            page.write_string(line, column, str(cell), style.text)
    elif isinstance(cell, Formula):
        page.write_formula(line, column, cell.text, style.plain, cell.value)
    elif isinstance(cell, dt.datetime):
        page.write_datetime(line, column, cell.replace(tzinfo=None), style.moment)
    else:
        page.write_datetime(line, column, cell, style.day)


def _fitted(text: str) -> str:
    """Text cut to MAX_TEXT, so that spreadsheets open the file without a repair."""
    if len(text) * 2 <= MAX_TEXT:
        return text
    encoded = text.encode("utf-16-le", "replace")
    if len(encoded) <= MAX_TEXT * 2:
        return text
    return encoded[: (MAX_TEXT - 1) * 2].decode("utf-16-le", "ignore") + "…"


def _sheet_name(name: str, taken: set[str]) -> str:
    """A name that every spreadsheet accepts: at most 31 characters, none of []:*?/\\, no quote at an end, unique."""
    clean = re.sub(r"[\[\]:*?/\\\x00-\x1f]", "_", name).strip().strip("'") or "工作表"
    if clean.lower() == "history":
        clean += "_"
    stem, count = clean[:31], 1
    unique = stem
    while unique.lower() in taken:
        count += 1
        unique = f"{stem[: 31 - len(str(count)) - 2]}({count})"
    taken.add(unique.lower())
    return unique
