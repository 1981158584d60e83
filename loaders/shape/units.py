"""The unit of the amounts in a column: in its header, in the title of the sheet or a note on it, or in number formats."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from graph.ontology import Property
from graph.workbook import Cell
from loaders.cleaning import formats
from loaders.cleaning.cells import text
from loaders.cleaning.headings import stated_units, unit_alone
from loaders.read.tables import Table
from loaders.recognize.columns import ColumnUse
from loaders.recognize.headers import Layout

AMOUNTS = frozenset({"money", "integer", "number"})
#: lines at the end of a sheet among which a note may state the unit
_NOTES_WITHIN = 10
_MONEY = re.compile(".*元|[千万亿]")


def sheet_units(table: Table, layout: Layout) -> list[str]:
    """The units that the title, the lines above the header, the notes below the data, sheet or file state."""
    last = table.rows[max(layout.header.stop, len(table.rows) - _NOTES_WITHIN) :]
    notes = [cells[0] for row in last if len(cells := [c for c in row if c is not None]) <= 2 and cells]
    titles = [*layout.titles, *(note for note in notes if isinstance(note, str)), table.sheet, table.file]
    return list(dict.fromkeys(unit for title in titles for unit in stated_units(title)))


def unit_of(use: ColumnUse, prop: Property, stated: Sequence[str]) -> str | None:
    """The unit of a column: its own, else the one of its kind that the sheet states; None where there is none or several."""
    if prop.type not in AMOUNTS:
        return use.unit
    if use.unit and ("/" not in use.path or _fits(use.unit, prop)):
        return use.unit
    # a heading over several columns may say the unit of some of them
    fitting = [unit for unit in stated if _fits(unit, prop)]
    return fitting[0] if len(fitting) == 1 else None


def _fits(unit: str, prop: Property) -> bool:
    if prop.type == "money":
        return _MONEY.fullmatch(unit) is not None
    return prop.unit != "" and unit.endswith(prop.unit)


def positions_by_unit(columns: Sequence[Sequence[Cell]], use: ColumnUse, count: int) -> dict[str, Sequence[int]]:
    """The positions of a column's cells by the unit that the row states in a column of its own, '' for none."""
    if use.units_in is None or use.units_in >= len(columns):
        return {"": range(count)}
    by_unit: dict[str, list[int]] = {}
    for position, cell in enumerate(columns[use.units_in]):
        by_unit.setdefault(unit_alone(cell) or text(cell) or "", []).append(position)
    return dict(by_unit)


def as_shown(
    column: Sequence[Cell], index: int, lines: Sequence[int], table: Table, unit: str | None
) -> tuple[list[Cell], list[int]]:
    """The numbers of a column as the sheet shows them, and the positions of those whose unit cannot be known.

    A number that a format shows divided (35000000 as 3500.0) is read as it is shown, in the unit of the column. Where
    the column has none, or is in 元 as the number itself is, the number is kept.
    """
    cells = list(column)
    unknown: list[int] = []
    for position, line in enumerate(lines):
        code, cell = table.formats.get((line, index)), cells[position]
        if code is None or not isinstance(cell, int | float) or isinstance(cell, bool) or not cell:
            continue
        effect = formats.effect(cell, code)
        if not effect.tells:
            continue
        if not effect.unit and unit in (None, "元"):
            unknown.append(position)
            continue
        cells[position] = f"{Decimal(repr(cell)) / effect.divisor:f}{effect.unit}"
    return cells, unknown
