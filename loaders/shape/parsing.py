"""The cells of a column as values of the property that they state."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from graph.ontology import Property
from graph.personal import MASK
from graph.workbook import Cell
from loaders.cleaning import cells, codes, dates, marks, names, numbers

#: what a spreadsheet's cell can hold; only a text file brings more
MAX_TEXT = 32_767
TOO_LONG = f"内容过长，应在 {MAX_TEXT} 字以内"
#: the problem of a cell of which the door left nothing
PERSONAL = "像是个人的身份证号或电话"
#: the problem of a cell that names some of several (甲公司等3家): those are read
NOT_ALL = "没有写全（写有“等”）"
_ALL_DIGITS = re.compile(r"\d{2,12}")

#: a value and its problem, see loaders.cleaning
Parsed = tuple[Any, str | None]


def parse_column(column: Sequence[Cell], parse: Callable[[Cell], Parsed]) -> tuple[list[Any], list[tuple[int, str]]]:
    """The value of each cell of a column, and the problems as (position, problem). Each distinct cell is parsed once."""
    types = {*map(type, column)}
    # True == 1 == 1.0, but they mean different things: where they stand in one column, cells are told apart by type
    alike = len(types & {bool, int, float}) < 2
    keys: Sequence[Any] = column if alike else [(type(cell), cell) for cell in column]
    by_cell: dict[Any, Parsed] = {}
    for key, cell in zip(keys, column, strict=True):
        if key not in by_cell:
            if cell is None:
                by_cell[key] = None, None
            elif cell == MASK:
                by_cell[key] = None, PERSONAL
            elif type(cell) is str and len(cell) > MAX_TEXT:
                by_cell[key] = None, TOO_LONG
            else:
                by_cell[key] = parse(cell)
    problems = []
    if any(problem is not None for _, problem in by_cell.values()):
        problems = [(i, problem) for i, key in enumerate(keys) if (problem := by_cell[key][1]) is not None]
    values = {key: value for key, (value, _) in by_cell.items()}
    return [values[key] for key in keys], problems


def parser(prop: Property, unit: str | None, many: bool) -> Callable[[Cell], Parsed]:
    """The function that parses a cell of a property; `unit` is that of the header, `many` cells hold several names."""
    if prop.format == "credit_code":
        return codes.credit_code
    if prop.format == "division_code":
        return _division_code
    if prop.format == "period":
        return dates.period
    if prop.format == "code":
        return codes.code
    if many or prop.type == "strings":
        return _several
    if prop.type == "integer":
        return lambda cell: numbers.integer(cell, unit)
    if prop.type == "number":
        return lambda cell: numbers.number(cell, unit)
    if prop.type == "money":
        return lambda cell: numbers.money(cell, unit)
    if prop.type == "date":
        return lambda cell: dates.date(cell, end=prop.end)
    if prop.type == "boolean":
        words = {
            names.name_key(w): value == "是" for value, synonyms in prop.values.items() for w in (value, *synonyms)
        }
        return lambda cell: marks.yes_no(cell, words)
    if prop.values:
        return _enumerated(prop)
    if prop.name in ("name", "short_name") or prop.name.startswith("@"):
        return _name if prop.name in ("name", "short_name") else _reference
    return lambda cell: (cells.text(cell), None)


def _name(cell: Cell) -> Parsed:
    return names.name(cell), None


def _reference(cell: Cell) -> Parsed:
    return (None if _names_none(cell) else names.name(cell)), None


def _names_none(cell: Cell) -> bool:
    """Whether a cell for a name says that there is none yet: 未建, 拟成立, 待派."""
    return isinstance(cell, str) and marks.yes_no(cell)[0] is False


def _several(cell: Cell) -> Parsed:
    listed = [] if _names_none(cell) else names.names(cell)
    return listed or None, NOT_ALL if names.left_out(cell, len(listed)) else None


def _enumerated(prop: Property) -> Callable[[Cell], Parsed]:
    words = {names.name_key(w): value for value, synonyms in prop.values.items() for w in (value, *synonyms)}
    unlisted = f"不在可用的值之中（{'、'.join(prop.values)}）"

    def parse(cell: Cell) -> Parsed:
        value = words.get(names.name_key(cells.choice(cells.text(cell, blank_marks=False))))
        if value is not None:
            return value, None
        text = cells.choice(cells.text(cell))
        if text is None:
            # 无 is a value where the property declares it; elsewhere it answers a question that was not asked
            return None, unlisted if cells.is_none(cell) else None
        if prop.open_values:
            return text, None
        return None, unlisted

    return parse


def _division_code(cell: Cell) -> Parsed:
    if codes.digits_lost(cell):
        return None, codes.LOST
    text = cells.text(cell)
    if text is None:
        return None, None
    if not _ALL_DIGITS.fullmatch(text):
        return None, "应为 2 至 12 位数字"
    if len(text) == 12:
        # GB/T 2260 codes are often padded with zeros to the length of a village's
        for length in (2, 4, 6, 9):
            if not text[length:].strip("0"):
                return text[:length], None
    return text, None
