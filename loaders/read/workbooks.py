"""Workbooks (.xlsx, .xlsm, .xls) as tables.

python-calamine trusts the sizes that a file declares. What can be checked cheaply is checked before it opens the file;
the rest is why files are read in a process of its own (loaders.read.apart).
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import cast

import python_calamine as calamine

from graph.workbook import Cell
from loaders.read.formats import format_places, telling_styles
from loaders.read.lost import LostValues
from loaders.read.package import DOCTYPE, ENTITIES, Package, examine, open_package
from loaders.read.tables import (
    DAMAGED,
    MOST_COLUMNS,
    MOST_ROWS,
    SPARSE,
    Place,
    Skipped,
    Table,
    UnusableError,
    has_error_words,
    is_sparse,
    shown_name,
    trimmed,
)  # fmt: skip

_Value = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta
#: the cells whose value is lost, and the telling number formats, by the name of the sheet
_Scan = tuple[dict[str, dict[Place, str]], dict[str, dict[Place, str]]]
#: from so many bytes on a workbook is scanned while the library reads it
_LARGE = 1 << 20
_DAMAGED_SHEET = "工作表已损坏，没有读取：请用 WPS 打开检查后另存"
_TIMES = frozenset({dt.time, dt.timedelta})


def workbook(shown: str, data: bytes, careful: bool, confine: Callable[[int], None]) -> Iterator[Table | Skipped]:
    """Every sheet of a workbook, shown under this name. Raises UnusableError if it cannot be read.

    `careful`: every cell is looked at before the library is. `confine` is told what the workbook expands to.
    """
    package, old = None, None
    faults: dict[str, str] = {}
    scanned: Callable[[], _Scan] | None = None
    if data.startswith(b"PK"):
        package = open_package(data)
        confine(len(data) + package.expanded)
        if careful:
            examine(package)
        faults = package.faults
        scanned = _scanning(package, beside=not careful and package.expanded >= _LARGE)
    else:
        # most workbooks are new ones, and the reader of others takes time to start
        from loaders.read.xls import examine as examine_old

        old = examine_old(data)
        if not old.plain:
            from loaders.read.biff import old_workbook

            yield from old_workbook(shown, old)
            return
        # python-calamine breaks off at a last sector that is cut short, which has nothing of the workbook
        data += bytes(-len(data) % 512)
    with _damage():
        book = calamine.load_workbook(io.BytesIO(data))
    sizes = {name: package.size(path) for name, path in package.sheets} if package else {}
    with book:
        for index, sheet in enumerate(book.sheets_metadata):
            if sheet.typ != calamine.SheetTypeEnum.WorkSheet:
                continue
            name = shown_name(sheet.name)
            reason = ""
            if sheet.visible != calamine.SheetVisibleEnum.Visible:
                reason = "隐藏工作表，没有读取：需要载入时请先取消隐藏"
            elif sheet.name in faults:
                reason = faults[sheet.name]
            content = None if reason else _content(book, index, sizes.get(sheet.name, len(data)))
            # what it finds wrong with the whole workbook goes before what the library says of a sheet
            lost, formats = scanned() if scanned else ({}, {})
            if not isinstance(content, calamine.CalamineSheet):
                yield Skipped(shown, name, content or reason)
            else:
                records = old.sheets[index] if old and index < len(old.sheets) else None
                own = (
                    (records.lost, records.formats)
                    if records
                    else (lost.get(sheet.name, {}), formats.get(sheet.name, {}))
                )
                yield _table(shown, name, content, *own)


def _content(book: calamine.CalamineWorkbook, index: int, size: int) -> calamine.CalamineSheet | str:
    """A sheet, whose XML has so many bytes, or the reason why it is not read."""
    try:
        with _damage():
            sheet = book.get_sheet_by_index(index)
    except UnusableError:
        return _DAMAGED_SHEET
    height, width = sheet.total_height, sheet.total_width
    if height > MOST_ROWS or width > MOST_COLUMNS or is_sparse(height, width, size):
        return SPARSE.format(height, width)
    return sheet


def _table(
    shown: str, name: str, sheet: calamine.CalamineSheet, lost: dict[Place, str], formats: dict[Place, str]
) -> Table | Skipped:
    try:
        with _damage():
            values = sheet.to_python(skip_empty_area=False)
            merges = sheet.merged_cell_ranges or []
    except UnusableError:
        return Skipped(shown, name, _DAMAGED_SHEET)
    for row, column in lost:
        if row < len(values) and column < len(values[row]):
            values[row][column] = ""
    try:
        # asked of all cells at once, which is faster than row by row
        times = not _TIMES.isdisjoint(map(type, chain.from_iterable(values)))
        words = has_error_words(chain.from_iterable(values))
        rows = trimmed(map(_with_times if times else _cells, values), lost, words)
    except UnusableError as error:
        return Skipped(shown, name, str(error))
    if not rows:
        return Skipped(shown, name, "空表，没有内容")
    return Table(shown, name, rows, tuple((*first, *last) for first, last in merges), lost, formats=formats)


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
    while row and row[-1] == "":
        row.pop()
    # most cells are something, and only the others are compared
    return cast("list[Cell]", [v or (None if v == "" else v) for v in row])


def _with_times(row: list[_Value]) -> list[Cell]:
    return _cells([str(v) if isinstance(v, dt.time | dt.timedelta) else v for v in row])


def _scanning(package: Package, *, beside: bool) -> Callable[[], _Scan]:
    """Scan a package, now or in a thread `beside` the library, which does not hold the interpreter while it reads."""
    if not beside:
        scan = _scan(package)
        return lambda: scan
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(max_workers=1)
    running = pool.submit(_scan, package)
    pool.shutdown(wait=False)
    return running.result


def _scan(package: Package) -> _Scan:
    """Read every member once to its end, which proves its size and its checksum.

    Raises UnusableError if nothing may be read.
    """
    styles = telling_styles(package)
    names = {path: name for name, path in package.sheets}
    lost: dict[str, dict[Place, str]] = {}
    formats: dict[str, dict[Place, str]] = {}
    for path in package.members:
        scan = LostValues(package.uncomputed) if path in names else None
        parts: list[bytes] = []
        for chunk in package.chunks(path):
            if path.endswith(".xml") and DOCTYPE in chunk:
                raise UnusableError(ENTITIES)
            if scan:
                scan.feed(chunk)
                if styles:
                    parts.append(chunk)
        if scan:
            lost[names[path]] = scan.lost
            if parts:
                formats[names[path]] = format_places(b"".join(parts), styles)
    return lost, formats
