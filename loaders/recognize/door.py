"""What comes in: tables, as they were read, without numbers of persons and deceiving characters.

All that a load keeps, rejects, quotes or shows of a file is taken from tables that came through here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import chain, zip_longest

from graph.personal import (
    MASK,
    SHORTEST,
    clean,
    is_bare,
    is_deceiving,
    is_personal_number,
    may_have_numbers,
    without_controls,
)
from graph.workbook import Cell
from loaders.read.tables import Skipped, Table
from loaders.recognize.columns import ColumnUse
from loaders.recognize.headers import Layout, Unrecognized

_CODES = frozenset({"code", "division_code"})


@dataclass(frozen=True, slots=True)
class Cleansed:
    """A table of which texts, sheet and file are clean, but for `numbers`: cells that are a number and no more.

    What these are says their column, once it is known; see guarded.
    """

    table: Table
    numbers: frozenset[str | int | float]


def cleansed(table: Table) -> Cleansed:
    """A table before it is recognized."""
    distinct = {*chain.from_iterable(table.rows)}
    texts = [cell for cell in distinct if isinstance(cell, str)]
    numbers: set[str | int | float] = set()
    if {*map(type, distinct)} & {int, float}:
        numbers.update(cell for cell in distinct if isinstance(cell, int | float) and cell >= 1e10)
    suspects = {*may_have_numbers(texts)}
    if not "".join(texts).isprintable():
        suspects.update(filter(is_deceiving, texts))
    changes: dict[Cell, Cell] = {}
    for text in suspects:
        visible = without_controls(text)
        if is_bare(visible):
            numbers.add(visible)
        else:
            visible = clean(visible)
        if visible != text:
            changes[text] = visible or None
    rows = table.rows
    if changes:
        rows = [row if changes.keys().isdisjoint(row) else _changed(row, changes) for row in rows]
    return Cleansed(replace(table, file=clean(table.file), sheet=clean(table.sheet), rows=rows), frozenset(numbers))


def _changed(row: list[Cell], changes: Mapping[Cell, Cell]) -> list[Cell]:
    # True == 1, but neither is a text
    return [changes.get(cell, cell) if isinstance(cell, str) else cell for cell in row]


def cleansed_reason(skipped: Skipped) -> Skipped:
    """The reason why a table was not read, clean."""
    return Skipped(clean(skipped.file), clean(skipped.sheet), clean(skipped.reason))


def guarded(table: Table, layout: Layout | Unrecognized, numbers: frozenset[str | int | float]) -> Table:
    """A cleansed table once its columns are known: its `numbers` are MASK where they are of a person.

    An amount may be any number of eleven digits if it is a number of the spreadsheet or its heading has a unit, and a
    code may begin with 0.
    """
    if not numbers:
        return table
    header = layout.header.stop if isinstance(layout, Layout) else 0
    uses = {use.index: use for use in layout.columns} if isinstance(layout, Layout) else {}

    def column_masks(index: int, column: Iterable[Cell]) -> dict[Cell, Cell]:
        use = uses.get(index)
        bare = [cell for cell in numbers.intersection(column) if type(cell) is not bool]
        if use and use.role == "drop":
            return dict.fromkeys(bare, MASK)
        return {
            cell: MASK
            for cell in bare
            if _is_personal(cell, use.path if use else "") and not (use and _may_stand(cell, use, layout))
        }

    above = _with(
        table.rows[:header], lambda _, column: {c: MASK for c in numbers.intersection(column) if _is_personal(c, "")}
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


def _is_personal(cell: str | int | float, heading: str) -> bool:
    return clean(cell, heading) != cell if isinstance(cell, str) else is_personal_number(cell, heading)


def _may_stand(cell: str | int | float, use: ColumnUse, layout: Layout | Unrecognized) -> bool:
    """Whether a number that could be of a person is what its column says it is."""
    field = layout.ledger.fields.get(use.field) if isinstance(layout, Layout) else None
    if field is None or use.role != "field":
        return False
    if field.property.type == "money":
        digits = cell.strip() if isinstance(cell, str) else str(int(cell))
        return len(digits) == SHORTEST and (not isinstance(cell, str) or bool(use.unit))
    return field.property.format in _CODES and isinstance(cell, str) and cell.strip().startswith("0")
