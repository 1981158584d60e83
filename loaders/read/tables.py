"""Tables of cells as they were read, with file, sheet and line; and the reason why a file or sheet was not read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from graph.personal import clean
from graph.workbook import Cell, Span
from loaders.read.records import Records

#: bytes that a file, or all that a zip or workbook expands to, may take in memory
MAX_BYTES = 1 << 30

#: lines and columns that a spreadsheet can have; filled columns of a ledger, and characters of one of its cells
MOST_ROWS, MOST_COLUMNS = 1 << 20, 1 << 14
MAX_COLUMNS, MAX_CELL = 1_000, 1 << 20
#: cells that a sheet may span (last row × last column); more are allowed if there are 4 bytes of XML for each
_MAX_SPAN = 4_000_000

#: how an old workbook begins
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

READABLE = "请另存为 .xlsx 或 .csv 后再载入"
DAMAGED = "已损坏或不完整（可能没有传完）：请重新拷贝，或用 WPS 打开后另存为 .xlsx"
ENCRYPTED = "已加密：请打开后取消密码，另存再载入"
SPARSE = "内容稀少，却占到第 {} 行、第 {} 列，没有读取：请删除末尾多余的行和列后另存"
WIDE = f"第 {{}} 行有 {{}} 列，超过 {MAX_COLUMNS} 列，不像台账，没有读取：请删去右边多余的列后另存"
LONG = f"第 {{}} 行有一格超过 {MAX_CELL >> 10} 千字，不像台账，没有读取：请删去后另存"
EMPTY = "是空文件（0 字节）：请重新导出或拷贝"

#: what stands for a value that is lost: in spreadsheet programs and what they export, in statistics programs, in web
#: pages. N/A, null, 无 and the like are ordinary blanks, see loaders.cleaning.cells
_ERROR_WORDS = frozenset(
    re.split(
        " ",
        "#REF! #VALUE! #DIV/0! #NAME? #NUM! #NULL! #N/A #SPILL! #CALC! #FIELD! #BLOCKED! #CONNECT! #BUSY! #UNKNOWN! "
        "#ERROR! #GETTING_DATA #REF #VALUE #DIV/0 #NAME #NUM #NULL Err:502 Err:504 Err:508 Err:522 "
        "nan NaN NAN NaT -nan inf -inf <NA> (null) \\N undefined",
    )
) | {"[object Object]", *("#" * width for width in range(2, 256))}

#: characters of the longest number of a person with what stands between its digits
_LONGEST_NUMBER = 80
#: one of these is in every error word, so that what has none of them needs no look at its cells
_STEMS = ("#", "Err:", "nan", "NaN", "NAN", "NaT", "inf", "NA>", "(null)", "\\N", "undefined", "[object")

#: row and column of a cell, from 0
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet that was read.

    `file` is shown to the user: the path relative to the one that was named; a member of a zip is
    "台账.zip/企业.xlsx". `sheet` is the sheet's name, of a text the file's stem. `rows[i]` is line i + 1 of the
    sheet (of a text: record i + 1). Blank rows above and between the others are [], those below are dropped. Rows
    differ in length and end in a filled cell. Blank cells are None. `merges`: see graph.workbook.Span.

    `lost` has the cells that are None because the file has an error value or a formula without a value: what stands
    there, '' for the latter. `records`: how a text was written.
    `formats` has, by row and column from 0, the number formats that show a number divided or with a unit.
    """

    file: str
    sheet: str
    rows: list[list[Cell]]
    merges: tuple[Span, ...] = ()
    lost: Mapping[Place, str] = field(default_factory=dict)
    records: Records = field(default_factory=Records)
    formats: Mapping[Place, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file (`sheet` is '') or a sheet that was not read. `reason` is a Chinese phrase that says what to do."""

    file: str
    sheet: str
    reason: str


class UnusableError(Exception):
    """The reason why a file cannot be used, as a phrase that follows the name of the file."""


def is_sparse(rows: int, columns: int, size: int) -> bool:
    """Whether a sheet of this many bytes spans far more cells than it can fill."""
    return rows * columns > max(_MAX_SPAN, size // 4)


def preview_text(value: object, limit: int = 60) -> str:
    """A value as it may be quoted in a message: one line, clean (see graph.personal), cut with … after `limit`."""
    text = value if isinstance(value, str) else str(value)
    # a number that is cut through would not be known as one
    head = clean(text[: limit * 4 + _LONGEST_NUMBER])[: limit * 4]
    spaced = (" " if c.isspace() else "" if unicodedata.category(c)[0] == "C" else c for c in head)
    line = " ".join("".join(spaced).split())
    return line[: limit - 1] + "…" if len(line) > limit or len(text) > limit * 4 else line


def shown_path(path: str) -> str:
    """A path as it may be shown: without .., drives and control characters."""
    parts = (preview_text(part, 100) for part in path.split("/"))
    return "/".join(p for p in parts if p not in ("", ".", "..") and not re.fullmatch("[A-Za-z]:", p)) or "…"


def shown_name(name: str) -> str:
    """The name of a sheet or file as it may be shown: without slashes and control characters."""
    return preview_text(name).replace("/", "／").replace("\\", "＼") or "（无名）"


def may_have_error_words(text: str) -> bool:
    """Whether an error word may be in a text."""
    return any(stem in text for stem in _STEMS)


def has_error_words(cells: Iterable[object]) -> bool:
    """Whether a cell is an error word."""
    return not _ERROR_WORDS.isdisjoint(cells)


def trimmed(rows: Iterable[list[Cell]], lost: dict[Place, str], error_words: bool = True) -> list[list[Cell]]:
    """Rows without the blank cells at their ends, and without the blank rows at the end.

    Error words become None, and `lost` has them; `error_words`: whether there may be any. Raises UnusableError if a
    row is wider than any ledger.
    """
    result: list[list[Cell]] = []
    last = 0
    for number, row in enumerate(rows, 1):
        if error_words and not _ERROR_WORDS.isdisjoint(row):
            for column, value in enumerate(row):
                if value in _ERROR_WORDS:
                    lost[number - 1, column] = str(value)
                    row[column] = None
        while row and ((v := row[-1]) is None or (isinstance(v, str) and not v.strip())):
            row.pop()
        result.append(row)
        if row:
            last = number
            if len(row) > MAX_COLUMNS:
                raise UnusableError(WIDE.format(number, len(row)))
    del result[last:]
    return result
