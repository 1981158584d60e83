"""A cell of any type as one line of clean text, blank marks as None."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from decimal import Decimal

from graph.workbook import Cell, Formula

#: no number, date or code is longer; the limit keeps patterns off a cell of 1 MB
TOO_LONG = 80

_BLANKS = frozenset(
    re.split(" ", "n/a na #n/a null none nil 无 暂无 空 未填 未填写 - -- --- — —— ——— – ― / // \\ ／ … *")
)
#: the blank marks that state that there is none
_NONE = frozenset(("无", "暂无"))
_LETTER = re.compile("^(?:[A-Za-z][.、:：)）]|\\d{1,4}[ .、:：)）-]) ?(?=[\u4e00-\u9fff])")
#: full-width forms and look-alikes by the character they stand for; Chinese punctuation stays
_FOLD = {
    code: folded
    for code in (*range(0x2E80, 0x2FE0), *range(0xF900, 0xFB00), *range(0xFF01, 0xFF5F))
    if (folded := unicodedata.normalize("NFKC", chr(code))) != chr(code) and chr(code) not in "！（），：；？～"
} | dict.fromkeys((0xAD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF), "")


def text(value: Cell, *, blank_marks: bool = True) -> str | None:
    """A cell as it is stored: one line, no invisible characters, full-width letters and digits folded.

    Chinese punctuation stays. A whole float is written as an integer. 'N/A', '无', '-', '／' … are blank
    unless `blank_marks` is False.
    """
    if isinstance(value, str):
        if value.isalnum() and unicodedata.is_normalized("NFKC", value):
            clean = value
        else:
            clean = " ".join(value.translate(_FOLD).split())
        return None if not clean or (blank_marks and len(clean) < 7 and clean.lower() in _BLANKS) else clean
    if value is None:
        return None
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")
    if isinstance(value, Formula):
        return text(value.value, blank_marks=blank_marks)
    if isinstance(value, dt.datetime):
        whole_day = value.time() == dt.time()
        return value.date().isoformat() if whole_day else value.isoformat(" ", "minutes")
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def choice(text: str | None) -> str | None:
    """The text of a choice without the letter or code that a form or a system puts before it: A.是, 631-党支部."""
    return _LETTER.sub("", text) if text else text


def is_none(value: Cell) -> bool:
    """Whether a cell states in a word that there is none; '-', 'N/A' and 未填 state nothing."""
    return text(value, blank_marks=False) in _NONE
