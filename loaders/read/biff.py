"""Workbooks of Excel 95 and older, and later ones with an unusual code page, as tables.

xlrd reads what python-calamine garbles or refuses; it is slower, and reads nothing else here.
"""

from __future__ import annotations

import datetime as dt
import io
import struct
from collections.abc import Iterator

import xlrd

from graph.workbook import Cell
from loaders.read.tables import DAMAGED, Place, Skipped, Table, UnusableError, shown_name, trimmed
from loaders.read.xls import OldWorkbook, SheetRecords, encodings


def old_workbook(shown: str, book: OldWorkbook) -> Iterator[Table | Skipped]:
    """Every sheet of a workbook, shown under this name. Raises UnusableError if it cannot be read."""
    opened = _open(book)
    records = [sheet for sheet in book.sheets if sheet.worksheet]
    for index, sheet in enumerate(opened.sheets()):
        name = shown_name(sheet.name)
        if sheet.visibility:
            yield Skipped(shown, name, "隐藏工作表，没有读取：需要载入时请先取消隐藏")
            continue
        own = records[index] if index < len(records) else SheetRecords()
        lost = own.lost
        rows = trimmed((_cells(sheet, row, opened.datemode, lost) for row in range(sheet.nrows)), lost)
        if rows:
            yield Table(shown, name, rows, tuple(own.merges), lost, formats=own.formats)
        else:
            yield Skipped(shown, name, "空表，没有内容")


def _open(book: OldWorkbook) -> xlrd.Book:
    for candidate in (None,) if book.unicode else encodings(book.code_page):
        try:
            return xlrd.open_workbook(
                file_contents=_whole(book.stream),
                logfile=io.StringIO(),
                # texts of Excel 97 are UTF-16 whatever the code page says
                encoding_override=candidate,
                ragged_rows=True,
            )
        except UnicodeDecodeError:
            continue
        except Exception:  # xlrd raises whatever comes of damaged bytes
            raise UnusableError(DAMAGED) from None
    raise UnusableError(
        f"是旧格式（Excel 95 或更早），文字编码（代码页 {book.code_page}）无法识别：请用 WPS 另存为 .xlsx"
    )


def _whole(stream: bytes) -> bytes:
    """The records of a workbook; xlrd reads no sheet of Excel 5 alone, which simple programs write."""
    if struct.unpack_from("<H4xH", stream) != (0x0809, 16):
        return stream
    begins, ends = struct.pack("<HHHH4x", 0x0809, 8, 0x0500, 5), struct.pack("<HH", 0x000A, 0)
    name = b"\6Sheet1"
    listed = struct.pack("<HHIH", 0x0085, 6 + len(name), len(begins) + 10 + len(name) + len(ends), 0) + name
    # some state no version
    return begins + listed + ends + stream[:4] + struct.pack("<H", 0x0500) + stream[6:]


def _cells(sheet: xlrd.sheet.Sheet, row: int, mode: int, lost: dict[Place, str]) -> list[Cell]:
    kinds, values = sheet.row_types(row), sheet.row_values(row)
    return [
        None if (row, column) in lost else _cell(kind, value, mode)
        for column, (kind, value) in enumerate(zip(kinds, values, strict=True))
    ]


def _cell(kind: int, value: str | float, mode: int) -> Cell:
    if kind == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    if kind == xlrd.XL_CELL_DATE and isinstance(value, float):
        try:
            moment: dt.datetime = xlrd.xldate_as_datetime(value, mode)
        except (ValueError, OverflowError):
            return value
        if value < 1:
            return str(moment.time())
        return moment.date() if moment.time() == dt.time() else moment
    if kind == xlrd.XL_CELL_ERROR or value == "":
        return None
    return value
