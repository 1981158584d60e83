"""Workbooks (.xlsx, .xlsm, .xls) as tables.

python-calamine trusts the sizes that a file declares; so every size is checked before it opens the file.
"""

from __future__ import annotations

import datetime as dt
import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, cast
from xml.etree import ElementTree

import python_calamine as calamine

from graph.workbook import Cell
from loaders.read.archives import ZIP_ERRORS, members_of, open_archive, open_member
from loaders.read.tables import DAMAGED, READABLE, Skipped, Table, UnusableError, shown_name, trimmed
from loaders.read.xls import MAX_SPAN, SPARSE, check_compound

_REFERENCE = re.compile(rb"""\br=["']([A-Z]{0,3})(\d{1,7})["']""")
_DIMENSION = re.compile(rb'dimension ref="[^":]*:([A-Z]{1,3})(\d{1,7})"')
_Value = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta
_TIMES = frozenset({dt.time, dt.timedelta})


def workbook(shown: str, data: bytes) -> Iterator[Table | Skipped]:
    """Every sheet of a workbook, shown under this name. Raises UnusableError if it cannot be read."""
    if data.startswith(b"PK"):
        faults = _check_package(data)
    else:
        check_compound(data)
        faults = {}
    with _damage():
        book = calamine.load_workbook(io.BytesIO(data))
    with book:
        for index, sheet in enumerate(book.sheets_metadata):
            if sheet.typ != calamine.SheetTypeEnum.WorkSheet:
                continue
            name = shown_name(sheet.name)
            if sheet.visible != calamine.SheetVisibleEnum.Visible:
                yield Skipped(shown, name, "隐藏工作表，没有读取：需要载入时请先取消隐藏")
            elif sheet.name in faults:
                yield Skipped(shown, name, faults[sheet.name])
            else:
                yield _sheet(shown, name, book, index)


def _sheet(shown: str, name: str, book: calamine.CalamineWorkbook, index: int) -> Table | Skipped:
    try:
        with _damage():
            sheet = book.get_sheet_by_index(index)
            values = sheet.to_python(skip_empty_area=False)
            merges = sheet.merged_cell_ranges or []
    except UnusableError:
        return Skipped(shown, name, "工作表已损坏，没有读取：请用 WPS 打开检查后另存")
    rows = trimmed(map(_cells, values))
    if not rows:
        return Skipped(shown, name, "空表，没有内容")
    return Table(shown, name, rows, tuple((*first, *last) for first, last in merges))


@contextmanager
def _damage() -> Iterator[None]:
    """Turn the errors of python-calamine on damaged content into UnusableError."""
    try:
        yield
    except calamine.CalamineError:
        raise UnusableError(DAMAGED) from None
    except BaseException as error:
        # its Rust code panics on some damaged bytes; the type cannot be imported and is no Exception
        if type(error).__name__ == "PanicException":
            raise UnusableError(DAMAGED) from None
        raise


def _cells(row: list[_Value]) -> list[Cell]:
    if _TIMES.isdisjoint(map(type, row)):
        return cast("list[Cell]", [None if v == "" else v for v in row])
    return [None if v == "" else str(v) if isinstance(v, dt.time | dt.timedelta) else v for v in row]


def _check_package(data: bytes) -> dict[str, str]:
    """The reasons why sheets of an .xlsx must not be read, by sheet name. Raises UnusableError if none may be.

    Every member is read once to its end, which proves its size and its checksum before the library allocates memory
    by them.
    """
    with open_archive(data) as archive:
        members = members_of(archive)
        names = {info.filename for info in members}
        if not any(name.startswith("xl/") for name in names):
            kind = "Word 文档" if "word/document.xml" in names else "不是 Excel 工作簿的压缩文件"
            raise UnusableError(f"内容是{kind}，与后缀不符：{READABLE}")
        if "xl/workbook.bin" in names:
            raise UnusableError(f"内容是 .xlsb 工作簿：{READABLE}")
        faults = {}
        for info in members:
            sheet = info.filename.startswith("xl/worksheets/") and info.filename.endswith(".xml")
            try:
                with open_member(archive, info) as stream:
                    rows, columns = _span(stream, info.file_size if sheet else None)
            except ZIP_ERRORS:
                raise UnusableError(DAMAGED) from None
            if rows * columns > max(MAX_SPAN, info.file_size // 4):
                faults[info.filename] = SPARSE.format(rows, columns)
        return _by_sheet(archive, faults) if faults else {}


def _span(stream: IO[bytes], size: int | None) -> tuple[int, int]:
    """The last row and column that a sheet's XML of this size refers to; (0, 0) for a member that is no sheet (None).

    The span that a large sheet declares is believed if it is bearable, because its cells take that many bytes anyway.
    """
    letters: set[bytes] = set()
    digits: set[bytes] = {b"0"}
    tail = b""
    while chunk := stream.read(1 << 20):
        if size is None:
            continue
        block = tail + chunk
        if not tail and size > MAX_SPAN and (declared := _DIMENSION.search(block, 0, 4096)):
            rows, columns = int(declared[2]), _column(declared[1])
            if rows * columns <= size // 4:
                size = None
                continue
        for column, row in set(_REFERENCE.findall(block)):
            letters.add(column)
            digits.add(row)
        tail = block[-24:]
    return max(map(int, digits)), max(map(_column, letters), default=0)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _by_sheet(archive: zipfile.ZipFile, faults: dict[str, str]) -> dict[str, str]:
    named: dict[str, str] = {}
    try:
        relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
        target = {r.get("Id"): posixpath.join("/xl", r.get("Target", "")).lstrip("/") for r in relations}
        for sheet in ElementTree.fromstring(archive.read("xl/workbook.xml")).iterfind(".//{*}sheet"):
            identity = next((value for key, value in sheet.items() if key.endswith("}id")), None)
            if (path := target.get(identity)) in faults:
                named[sheet.get("name", "")] = faults[path]
    except (KeyError, ElementTree.ParseError):
        named = {}
    if len(named) < len(faults):
        raise UnusableError(f"有一张工作表{next(iter(faults.values()))}")
    return named
