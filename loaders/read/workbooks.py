"""Workbooks (.xlsx, .xlsm, .xls) as tables.

python-calamine trusts the sizes that a file declares; so every size is checked before it opens the file.
"""

from __future__ import annotations

import datetime as dt
import io
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import cast
from xml.etree import ElementTree

import python_calamine as calamine

from graph.workbook import Cell
from loaders.read.archives import ZIP_ERRORS, member_bytes, members_of, open_archive, open_member
from loaders.read.biff import old_workbook
from loaders.read.tables import DAMAGED, READABLE, Place, Skipped, Table, UnusableError, shown_name, trimmed
from loaders.read.xls import MAX_SPAN, SPARSE, examine

_REFERENCE = re.compile(rb"""\br=["']([A-Z]{0,3})(\d{1,7})["']""")
_DIMENSION = re.compile(rb'dimension ref="[^":]*:([A-Z]{1,3})(\d{1,7})"')
#: a cell with an error value: its opening tag, and the value
_ERROR_CELL = re.compile(
    rb'(<(?:\w+:)?c\b[^>]*\bt="e"[^>]*>)\s*(?:<(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>))?\s*'
    rb"(?:<(?:\w+:)?v>([^<]{0,40})</)?"
)
#: a formula without a value, or (then there is a group) with the value 0; in a few files, tags have a prefix
_VALUELESS, _VALUELESS_PREFIXED = (
    re.compile(rb"<%bf\b[^>]*(?:/>|>[^<]*</%bf>)\s*(?:</%bc>|<%bv(?:\s*/>|></|>(0)</))" % ((prefix,) * 4))
    for prefix in (b"", rb"\w+:")
)
#: bytes that an opened cell takes up to the end of its value
_LONGEST_CELL = 1 << 16
_Value = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta
_TIMES = frozenset({dt.time, dt.timedelta})


def workbook(shown: str, data: bytes) -> Iterator[Table | Skipped]:
    """Every sheet of a workbook, shown under this name. Raises UnusableError if it cannot be read."""
    faults: dict[str, str] = {}
    lost: dict[str, dict[Place, str]] = {}
    if data.startswith(b"PK"):
        faults, lost = _check_package(data)
        old = None
    else:
        old = examine(data)
        if not old.plain:
            yield from old_workbook(shown, old)
            return
        # python-calamine breaks off at a last sector that is cut short, which has nothing of the workbook
        data += bytes(-len(data) % 512)
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
                cells = old.sheets[index].lost if old and index < len(old.sheets) else lost.get(sheet.name, {})
                yield _sheet(shown, name, book, index, cells)


def _sheet(
    shown: str, name: str, book: calamine.CalamineWorkbook, index: int, lost: dict[Place, str]
) -> Table | Skipped:
    try:
        with _damage():
            sheet = book.get_sheet_by_index(index)
            values = sheet.to_python(skip_empty_area=False)
            merges = sheet.merged_cell_ranges or []
    except UnusableError:
        return Skipped(shown, name, "工作表已损坏，没有读取：请用 WPS 打开检查后另存")
    for row, column in lost:
        if row < len(values) and column < len(values[row]):
            values[row][column] = ""
    rows = trimmed(map(_cells, values), lost)
    if not rows:
        return Skipped(shown, name, "空表，没有内容")
    return Table(shown, name, rows, tuple((*first, *last) for first, last in merges), lost)


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


def _check_package(data: bytes) -> tuple[dict[str, str], dict[str, dict[Place, str]]]:
    """The reasons why sheets of an .xlsx must not be read, and the cells whose value is lost, by sheet name.

    Every member is read once to its end, which proves its size and its checksum before the library allocates memory
    by them. Raises UnusableError if nothing may be read.
    """
    with open_archive(data) as archive:
        # some programs write paths with backslashes, or in capitals
        members = {info.filename.replace("\\", "/").casefold(): info for info in members_of(archive)}
        if not any(name.startswith("xl/") for name in members):
            kind = "Word 文档" if "word/document.xml" in members else "不是 Excel 工作簿的压缩文件"
            raise UnusableError(f"内容{kind if kind[0] == '不' else '是' + kind}，与后缀不符：{READABLE}")
        if "xl/workbook.bin" in members:
            raise UnusableError(f"内容是 .xlsb 工作簿：{READABLE}")
        faults: dict[str, str] = {}
        lost: dict[str, dict[Place, str]] = {}
        # written by a program that leaves computing to the one that opens the file
        uncomputed = b'fullCalcOnLoad="1"' in _member(archive, members, "xl/workbook.xml")
        for name, info in members.items():
            scan = _Scan(uncomputed) if name.startswith("xl/worksheets/") and name.endswith(".xml") else None
            try:
                with open_member(archive, info) as stream:
                    while chunk := stream.read(1 << 20):
                        if scan:
                            scan.feed(chunk, info.file_size)
            except ZIP_ERRORS:
                raise UnusableError(DAMAGED) from None
            if scan and scan.rows * scan.columns > max(MAX_SPAN, info.file_size // 4):
                faults[name] = SPARSE.format(scan.rows, scan.columns)
            if scan and scan.lost:
                lost[name] = scan.lost
        named = _sheet_names(archive, members) if faults or lost else {}
        if not faults.keys() <= named.keys():
            raise UnusableError(f"有一张工作表{next(iter(faults.values()))}")
        return {named[n]: f for n, f in faults.items()}, {named[n]: cells for n, cells in lost.items() if n in named}


class _Scan:
    """What the XML of a sheet tells: the last row and column that it refers to, and the cells whose value is lost.

    The span that a large sheet declares is believed if it is bearable, because its cells take that many bytes anyway.
    """

    def __init__(self, uncomputed: bool) -> None:
        self.lost: dict[Place, str] = {}
        self._uncomputed = uncomputed
        self._letters: set[bytes] = set()
        self._digits: set[bytes] = {b"0"}
        self._tail = b""
        self._believed = False

    def feed(self, chunk: bytes, size: int) -> None:
        """Read the next part of the XML, whose whole size is known."""
        block = self._tail + chunk
        if not self._tail and size > MAX_SPAN and (declared := _DIMENSION.search(block, 0, 4096)):
            self._believed = int(declared[2]) * _column(declared[1]) <= size // 4
        if not self._believed:
            for column, row in set(_REFERENCE.findall(block)):
                self._letters.add(column)
                self._digits.add(row)
        if b't="e"' in block:
            for match in _ERROR_CELL.finditer(block):
                self._lose(match[1], (match[2] or b"").decode("utf-8", "replace") or "错误值")
        formula = _VALUELESS if b"<f" in block else _VALUELESS_PREFIXED if b":f>" in block or b":f " in block else None
        if formula:
            for match in formula.finditer(block):
                start = max(block.rfind(b"<c ", 0, match.start()), block.rfind(b":c ", 0, match.start()))
                opening = block[max(start, 0) : match.start()]
                # t="str" is a text that a formula computed, here an empty one
                if b't="str"' not in opening and b't="e"' not in opening and (self._uncomputed or match[1] is None):
                    self._lose(opening, "")
        # a cell may go on in the next part
        self._tail = block[max(block.rfind(b"<c "), block.rfind(b":c "), len(block) - _LONGEST_CELL) :]

    def _lose(self, opening: bytes, value: str) -> None:
        if found := _REFERENCE.search(opening):
            self.lost[int(found[2]) - 1, _column(found[1]) - 1] = value

    @property
    def rows(self) -> int:
        """The number of the last row referred to; 0 if the declared span is believed."""
        return max(map(int, self._digits))

    @property
    def columns(self) -> int:
        """The number of the last column referred to; 0 if the declared span is believed."""
        return max(map(_column, self._letters), default=0)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _member(archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo], name: str) -> bytes:
    """The content of a member, b'' if there is none. Raises UnusableError if it is damaged."""
    return member_bytes(archive, members[name]) if name in members else b""


def _sheet_names(archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo]) -> dict[str, str]:
    """The names of the sheets by the member that has them; {} if the workbook does not say."""
    try:
        relations = ElementTree.fromstring(_member(archive, members, "xl/_rels/workbook.xml.rels"))
        paths = {r.get("Id"): r.get("Target", "").replace("\\", "/") for r in relations}
        sheets = ElementTree.fromstring(_member(archive, members, "xl/workbook.xml")).iterfind(".//{*}sheet")
    except ElementTree.ParseError:
        return {}
    named: dict[str, str] = {}
    for sheet in sheets:
        identity = next((value for key, value in sheet.items() if key.endswith("}id")), None)
        path = posixpath.normpath(posixpath.join("/xl", paths.get(identity, ""))).lstrip("/").casefold()
        named[path] = sheet.get("name", "")
    return named
