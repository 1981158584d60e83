"""What comes in: tables, as they were read, without numbers of persons and deceiving characters.

All that a load keeps, rejects, quotes or shows of a file is taken from tables that came through here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import zip_longest

from graph.personal import MASK, clean, cleaned, is_bare, is_personal_number, may_be_bare_number, without_controls
from graph.workbook import Cell
from loaders.read.tables import Skipped, Table
from loaders.recognize.headers import ColumnUse, Layout, Unrecognized

_CODES = frozenset({"code", "division_code"})
#: characters of a telephone number that an amount may have too
_MOBILE = 11


def cleansed(table: Table) -> Table:
    """A table before it is recognized: texts, sheet and file are clean, but for cells that are a number and no more."""
    rows = _with(table.rows, lambda _, column: _clean_texts(column))
    return replace(table, file=clean(table.file), sheet=clean(table.sheet), rows=rows)


def cleansed_reason(skipped: Skipped) -> Skipped:
    """The reason why a table was not read, clean."""
    return Skipped(clean(skipped.file), clean(skipped.sheet), clean(skipped.reason))


def guarded(table: Table, layout: Layout | Unrecognized) -> Table:
    """A table once its columns are known: cells that are a number and no more are MASK where it is one of a person.

    An amount may be any number of eleven digits if it is a number of the spreadsheet or its heading has a unit, and a
    code may begin with 0.
    """
    header = layout.header.stop if isinstance(layout, Layout) else 0
    uses = {use.index: use for use in layout.columns} if isinstance(layout, Layout) else {}

    def column_masks(index: int, column: Iterable[Cell]) -> dict[Cell, Cell]:
        use = uses.get(index)
        if use and use.role == "drop":
            return dict.fromkeys(_bare_numbers(column), MASK)
        return {
            cell: MASK
            for cell in _bare_numbers(column)
            if _is_personal(cell, use.path if use else "") and not (use and _may_stand(cell, use, layout))
        }

    above = _with(
        table.rows[:header], lambda _, column: {c: MASK for c in _bare_numbers(column) if _is_personal(c, "")}
    )
    return replace(table, rows=[*above, *_with(table.rows[header:], column_masks)])


def _with(rows: list[list[Cell]], changes: Callable[[int, Iterable[Cell]], Mapping[Cell, Cell]]) -> list[list[Cell]]:
    """The rows with the cells of each column changed as `changes` of the column says; the rows given stay as they are."""
    changed: dict[int, list[Cell]] = {}
    for index, column in enumerate(zip_longest(*rows)):
        instead = changes(index, column)
        if not instead:
            continue
        for number, cell in enumerate(column):
            # True == 1, but neither is a number of a person
            if type(cell) is not bool and cell in instead:
                row = changed.setdefault(number, list(rows[number]))
                row[index] = instead[cell]
    return [changed.get(number, row) for number, row in enumerate(rows)] if changed else rows


def _clean_texts(column: Iterable[Cell]) -> dict[Cell, Cell]:
    """The texts of a column that are not clean, but for numbers that stand alone."""
    changed = cleaned(cell for cell in {*column} if isinstance(cell, str) and not cell.isdigit())
    return {
        text: (without_controls(text) if is_bare(without_controls(text)) else one) or None
        for text, one in changed.items()
    }


def _bare_numbers(column: Iterable[Cell]) -> set[str | int | float]:
    """The cells that are one number, long enough for one of a person."""
    numbers: set[str | int | float] = set()
    for cell in {*column}:
        if isinstance(cell, str):
            if len(cell) >= _MOBILE and may_be_bare_number(cell):
                numbers.add(cell)
        elif isinstance(cell, int | float) and cell >= 1e10:
            numbers.add(cell)
    return numbers


def _is_personal(cell: str | int | float, heading: str) -> bool:
    return clean(cell, heading) != cell if isinstance(cell, str) else is_personal_number(cell, heading)


def _may_stand(cell: str | int | float, use: ColumnUse, layout: Layout | Unrecognized) -> bool:
    """Whether a number that could be of a person is what its column says it is."""
    field = layout.ledger.fields.get(use.field) if isinstance(layout, Layout) else None
    if field is None or use.role != "field":
        return False
    if field.property.type == "money":
        digits = cell.strip() if isinstance(cell, str) else str(int(cell))
        return len(digits) == _MOBILE and (not isinstance(cell, str) or bool(use.unit))
    return field.property.format in _CODES and isinstance(cell, str) and cell.strip().startswith("0")
