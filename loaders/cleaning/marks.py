"""Yes, no, and the marks of a column that is ticked."""

from __future__ import annotations

import re

from graph.workbook import Cell
from loaders.cleaning.cells import text

_YES = frozenset((*"是有对真已√✓✔☑■●◉yt1v", "yes", "true"))
_NO = frozenset((*"否无不未假没×✗✘☒□☐○xnf0-—/／\\", "没有", "no", "false", "--", "——"))
_UNKNOWN = re.compile("不[详明清确知]|未知|待|是否|有无|是/否")


def yes_no(value: Cell) -> bool | None:
    """是, 有, √, Y, 1, 已… are True; 否, 无, ×, N, 0, 未…, / are False; blank and anything else None."""
    if isinstance(value, bool):
        return value
    raw = text(value, blank_marks=False)
    if raw is None or _UNKNOWN.match(raw):
        return None
    word = raw.lower()
    if word in _YES or word[0] in "是有已√✓✔☑■":
        return True
    return False if word in _NO or word[0] in "否无未没不×✗✘" else None


def ticked(value: Cell) -> bool:
    """Whether a cell of a tick column is ticked: by any mark except a negative one or 不详 and the like."""
    raw = text(value)
    return raw is not None and yes_no(value) is not False and not _UNKNOWN.match(raw)
