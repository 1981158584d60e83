"""Writes values as text for people, the same on pages, in reports, networks and charts."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from decimal import ROUND_DOWN, Decimal
from typing import Any

from graph.answers import Column, ColumnType, Total, Value

BLANK = "—"
BLANK_TITLE = "未填报"
#: types of columns that are aligned right, so that digits can be compared
NUMERIC = frozenset({"integer", "number", "percent", "money"})
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?[+-]\d\d:\d\d")


def show(value: Value, column: Column, row: Mapping[str, Any] | None = None) -> str:
    """The text of a cell, without its unit, which is in the heading; money has its unit in the cell.

    A blank cell of a `row` that says why it is blank shows these words.
    """
    return why_blank(value, column, row or {}) or show_as(value, column.type)


def why_blank(value: Value, column: Column, row: Mapping[str, Any]) -> str:
    """The words that say why a cell is blank; '' for another cell, and where nothing is said."""
    return str(row.get(column.blank_from) or "") if value is None and column.blank_from else ""


def show_as(value: Value, kind: ColumnType) -> str:
    """The text of a value of a type; a blank is a dash, never 0."""
    if value is None or value == "" or value == []:
        return BLANK
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, int | float):
        if kind == "percent":
            return percent(value)
        if kind == "money":
            return money(value)
        return number(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "、".join(str(v) for v in value)
    return moment(value)


def moment(text: str) -> str:
    """An ISO date and time as local time, 2026-11-22 23:03; any other text as it is."""
    if not _MOMENT.fullmatch(text):
        return text
    return dt.datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M")


def fact(value: Value) -> str:
    """The text of a value that has no declared type, as a fact of a node has none."""
    return show_as(value, "string")


def number(value: int | float) -> str:
    """An integer with thousands separators; other numbers with four significant digits at most."""
    if isinstance(value, int) or value.is_integer():
        return f"{int(value):,}"
    return f"{value:,.1f}" if abs(value) >= 1000 else f"{value:.4g}"


def percent(value: int | float, digits: int = 1) -> str:
    """A fraction as a percentage; only 1 is written 100 %, and only 0 is written 0 %."""
    text = f"{value * 100:.{digits}f}%"
    step = 10.0**-digits
    if value < 1 and text == f"{100:.{digits}f}%":
        return f"{100 - step:.{digits}f}%"
    if value > 0 and text == f"{0:.{digits}f}%":
        return f"<{step:.{digits}f}%"
    return text


def money(value: int | float) -> str:
    """An amount of 元 in 元, from 10,000 on in 万元, from 100 million on in 亿元, cut off after two decimals.

    An amount below a threshold is never shown as the threshold.
    """
    size = abs(value)
    for unit, name in ((100_000_000, "亿元"), (10_000, "万元"), (1, "元")):
        if size >= unit:
            return f"{_cut(value, unit)}{name}"
    return f"{_cut(value, 1)}元"


def _cut(value: float, unit: int) -> str:
    cut = (Decimal(str(value)) / unit).quantize(Decimal("0.01"), ROUND_DOWN)
    return f"{cut:,f}".rstrip("0").rstrip(".")


def heading(column: Column) -> str:
    """A column's label with its unit: 从业人数（人）; money has its unit in each cell."""
    bare = not column.unit or column.type == "money" or column.unit in column.label
    return column.label if bare else f"{column.label}（{column.unit}）"


def is_rate(total: Total) -> bool:
    """Whether a figure is a rate: it has a numerator and a denominator."""
    return total.numerator is not None


def is_share(total: Total) -> bool:
    """Whether a figure counts a part of a named population without being a rate."""
    return total.numerator is None and total.denominator is not None


def figure(total: Total) -> str:
    """The digits of a figure; one without a value is what it says of that, or a dash."""
    if total.value is None:
        return total.blank or BLANK
    if is_rate(total):
        return percent(total.value)
    return money(total.value) if total.unit == "元" else number(total.value)


def counted(total: Total) -> str:
    """The digits of a figure with its unit."""
    unit = total.unit if total.value is not None and total.unit != "元" else ""
    return f"{figure(total)} {unit}".rstrip()
