"""The value that the marks of a row state in the tick columns of one field (√ under 单独 or 联合)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graph.ontology import Property
from graph.workbook import Cell
from loaders.cleaning.marks import crossed, is_circle, is_tick, ticked
from loaders.recognize.columns import ColumnUse
from loaders.recognize.headers import Layout

#: the problem of an empty circle where no mark beside it says what it means
CIRCLE = "只画了圈，看不出是选中还是未选"


def tick_columns(layout: Layout) -> dict[str, list[ColumnUse]]:
    """The tick columns of each field, in the order in which its values are declared."""
    by_field: dict[str, list[ColumnUse]] = {}
    for use in layout.columns:
        if use.role == "tick":
            by_field.setdefault(use.field, []).append(use)
    for name, uses in by_field.items():
        declared = [*layout.ledger.fields[name].property.values]
        uses.sort(key=lambda use: declared.index(use.tick) if use.tick in declared else len(declared))
    return by_field


def tick_values(
    prop: Property, uses: Sequence[ColumnUse], columns: Sequence[Sequence[Cell]]
) -> tuple[list[Any], dict[int, list[str]], list[int]]:
    """The value of each row, the ticked values of the rows with several by position, and the rows with circles alone.

    Of several values the one declared first counts (a unit with 单独 and 联合 is 单独); of 是 and 否 neither does.
    A circle is an empty box where one of the columns has a tick; elsewhere nobody knows, and there is no value.
    """
    marks = {cell for use in uses for cell in columns[use.index]}
    circled: list[int] = []
    if any(map(is_circle, marks)) and not any(map(is_tick, marks)):
        circled = [p for p in range(len(columns[uses[0].index])) if any(is_circle(columns[u.index][p]) for u in uses)]
    # a sheet has few ways to tick
    by_row: dict[tuple[Cell, ...], list[str]] = {}
    values: list[Any] = []
    several: dict[int, list[str]] = {}
    for position, row in enumerate(zip(*(columns[use.index] for use in uses), strict=True)):
        chosen = by_row.get(row)
        if chosen is None:
            chosen = by_row[row] = _chosen(uses, row)
        if len(chosen) > 1:
            several[position] = chosen
        if prop.type == "boolean":
            values.append(chosen == ["是"] if len(chosen) == 1 else None)
        else:
            values.append(chosen[0] if chosen else None)
    return values, several, circled


def unclear_circles(column: Sequence[Cell], values: list[Any]) -> list[tuple[int, str]]:
    """Blank the values of circles in a column of yes and no that has no tick, and name them as (position, problem)."""
    marks = {*column}
    if not any(map(is_circle, marks)) or any(map(is_tick, marks)):
        return []
    circles = [position for position, cell in enumerate(column) if is_circle(cell)]
    for position in circles:
        values[position] = None
    return [(position, CIRCLE) for position in circles]


def _chosen(uses: Sequence[ColumnUse], row: Sequence[Cell]) -> list[str]:
    chosen = list(dict.fromkeys(use.tick for use, cell in zip(uses, row, strict=True) if ticked(cell)))
    if not chosen:
        # a box with a cross is a tick where it is the only mark; several are crossed out
        crosses = [use.tick for use, cell in zip(uses, row, strict=True) if crossed(cell)]
        chosen = crosses if len(crosses) == 1 else []
    return chosen
