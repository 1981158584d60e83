"""Rows as they were read: tables that know their file, sheet and line, or why something was not read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from graph.workbook import Cell, Span

#: what a file, and all that a zip or workbook expands to, may weigh in memory
MAX_BYTES = 1 << 30

READABLE = "请另存为 .xlsx 或 .csv 后再载入"
DAMAGED = "已损坏或不完整（可能没有传完）：请重新拷贝，或用 WPS 打开后另存为 .xlsx"
ENCRYPTED = "已加密：请打开后取消密码，另存再载入"
EMPTY = "是空文件（0 字节）：请重新导出或拷贝"


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet that was read.

    `file` is shown to the user: the path relative to what was handed in; a member of a zip is
    "台账.zip/企业.xlsx". `sheet` is the sheet's name, for text the file's stem. `rows[i]` is line i + 1 of the
    sheet (of a text: record i + 1): blank rows above and between are kept, as [], those below are not; rows
    differ in length and end in a filled cell. Blank cells are None. `merges`: see graph.workbook.Span.
    """

    file: str
    sheet: str
    rows: list[list[Cell]]
    merges: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file (`sheet` is '') or a sheet that is listed but was not read: what is wrong, and what to do."""

    file: str
    sheet: str
    reason: str


class UnusableError(Exception):
    """Why a file cannot be used; reads as what follows its name."""


def preview_text(value: object, limit: int = 60) -> str:
    """A value as it may be quoted in a message: one line, no control characters, cut with … after `limit`."""
    text = value if isinstance(value, str) else str(value)
    head = text[: limit * 4]
    spaced = (" " if c.isspace() else "" if unicodedata.category(c)[0] == "C" else c for c in head)
    clean = " ".join("".join(spaced).split())
    return clean[: limit - 1] + "…" if len(clean) > limit or len(head) < len(text) else clean


def shown_path(path: str) -> str:
    parts = (preview_text(part, 100) for part in path.split("/"))
    return "/".join(p for p in parts if p not in ("", ".", "..") and not re.fullmatch("[A-Za-z]:", p)) or "…"


def shown_name(name: str) -> str:
    return preview_text(name).replace("/", "／").replace("\\", "＼") or "（无名）"


def trimmed(rows: Iterable[list[Cell]]) -> list[list[Cell]]:
    """Rows without the blank cells at their ends, and without the blank rows at the end."""
    kept: list[list[Cell]] = []
    last = 0
    for number, row in enumerate(rows, 1):
        while row and ((v := row[-1]) is None or (isinstance(v, str) and not v.strip())):
            row.pop()
        kept.append(row)
        if row:
            last = number
    del kept[last:]
    return kept
