"""The data rows of a recognized sheet, each as the fields it states; rows that cannot be accepted, with the reason."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import islice, repeat, zip_longest
from typing import Any

from graph.workbook import Cell
from loaders.cleaning.numbers import has_unit
from loaders.read.tables import Table, preview_text
from loaders.recognize.columns import ColumnUse
from loaders.recognize.headers import Layout
from loaders.recognize.ledgers import PERIOD, PLACED, Field
from loaders.shape.checks import Problems, Remarks, check, is_quotable
from loaders.shape.data_rows import classify, remark
from loaders.shape.evidence import OWNERSHIP_UNKNOWN, UNEVIDENT, is_evidence
from loaders.shape.parsing import parse_column, parser
from loaders.shape.parts import remark_parts
from loaders.shape.placing import places_of_rows
from loaders.shape.rows import Row, Spool, as_json
from loaders.shape.submissions import reject_withdrawn
from loaders.shape.ticks import CIRCLE, tick_columns, tick_values, unclear_circles
from loaders.shape.units import AMOUNTS, as_shown, positions_by_unit, sheet_units, unit_of

#: a value that could not be read is kept under its field's name behind this mark, so that nothing is lost
RAW = "?"


@dataclass(slots=True)
class Shaped:
    """A sheet shaped: accepted rows, rejected rows (cells, reason), remarks, number of data rows.

    `table` has only the lines down to its header: the accepted ones are in `rows`.
    """

    table: Table
    layout: Layout
    rows: list[Row]
    rejected: list[tuple[list[Cell], str]]
    rejected_values: list[dict[str, Any]]
    remarks: Remarks
    total: int
    #: the Region inside which its names are looked up; matching fills it
    division: str = ""


def shape(table: Table, layout: Layout, spool: Spool, clearing: Collection[str] = ()) -> Shaped:
    """Accept or reject every data row of `table`. Titles, totals, notes and blank lines are no rows.

    A cell that is one of the words of `clearing` clears its field: its value is None.
    """
    ledger = layout.ledger
    sheet = classify(table, layout)
    lines = sheet.data
    cells = [table.rows[i] for i in lines]
    problems = Problems(lambda position: f"{table.file}“{table.sheet}”第 {lines[position] + 1} 行")
    rows = _values(table, layout, lines, cells, problems, clearing)
    if not is_evidence(table, layout):
        for row in rows:
            row[UNEVIDENT] = True
        problems.remarks.add("ownership_unknown", OWNERSHIP_UNKNOWN, f"{table.file}“{table.sheet}”")
    for position, name in places_of_rows(table, layout, sheet, problems).items():
        rows[position] = dict(sorted({**rows[position], PLACED: name}.items()))
    check(ledger, rows, problems)
    reject_withdrawn(table, layout, sheet, problems)
    remark_parts(ledger, rows, problems)
    remark(table, layout, sheet, problems)
    accepted = [position for position in range(len(lines)) if position not in problems.reasons]
    rejected = sorted(problems.reasons.items())
    values = [rows[position] for position in accepted]
    origin = spool.origin(
        table.file, table.sheet, ledger, [lines[p] + 1 for p in accepted], [as_json(v) for v in values], values
    )
    return Shaped(
        table=replace(table, rows=table.rows[: layout.header.stop]),
        layout=layout,
        rows=[Row(origin, position) for position in range(len(accepted))],
        rejected=[(cells[position], "；".join(reasons)) for position, reasons in rejected],
        rejected_values=[rows[position] for position, _ in rejected],
        remarks=problems.remarks,
        total=len(lines),
    )


def _values(
    table: Table,
    layout: Layout,
    lines: Sequence[int],
    rows: Sequence[Sequence[Cell]],
    problems: Problems,
    clearing: Collection[str],
) -> list[dict[str, Any]]:
    """The values of each row by field; a blank cell has none. `lines` are the positions of the rows in the table."""
    cleared: list[tuple[int, str]] = []
    by_field: dict[str, list[Any]] = {}
    raw: list[tuple[int, str, str]] = []
    columns: list[Sequence[Cell]] = list(zip_longest(*rows))
    ledger = layout.ledger
    fields = ledger.fields
    stated_units = sheet_units(table, layout)

    def state(name: str, values: list[Any], *, first: bool = False) -> None:
        """Add the values of a field; of two columns that state it the other counts where the better one is blank."""
        one, other = (values, by_field.get(name)) if first else (by_field.get(name), values)
        by_field[name] = values if one is None or other is None else _first(one, other)

    for name, uses in tick_columns(layout).items():
        uses = [use for use in uses if use.index < len(columns)]
        values, several, circled = tick_values(fields[name].property, uses, columns)
        for position, ticks in several.items():
            problems.several_ticks(position, fields[name].property, ticks)
        for position in circled:
            problems.unreadable(position, fields[name].property, "○", CIRCLE)
        state(name, values)
    for use in layout.columns:
        if use.role != "field" or use.index >= len(columns):
            continue
        name, column = use.field, columns[use.index]
        field = fields[name]
        unit = unit_of(use, field.property, stated_units)
        column, values, unreadable = _parsed(use, field, column, unit, table, lines, columns, problems)
        if field.property.type == "boolean":
            unreadable += unclear_circles(column, values)
        if field.property.unlisted:
            for position, _ in unreadable:
                values[position] = field.property.unlisted
        if name not in ledger.needs and any(word in column for word in clearing):
            # — answers a question with no
            emptied = {p for p, cell in enumerate(column) if cell in clearing and not isinstance(values[p], bool)}
            values = [None if p in emptied else value for p, value in enumerate(values)]
            unreadable = [(p, problem) for p, problem in unreadable if p not in emptied]
            cleared += [
                (p, one) for p in emptied for one in (ledger.period if name == PERIOD and ledger.period else (name,))
            ]
        for position, problem in unreadable:
            cell = column[position]
            problems.unreadable(position, field.property, cell, problem)
            if is_quotable(field.property, cell):
                raw.append((position, RAW + name, preview_text(cell, 200)))
        if name == PERIOD and ledger.period:
            for at, one in enumerate(ledger.period):
                state(one, [value and value[at] for value in values])
            continue
        state(name, values, first=True)
        if also := fields.get(field.property.also):
            state(also.name, parse_column(column, parser(also.property, None, also.many))[0])
    # in the order of their names, as in the JSON of a row
    names = sorted(by_field)
    # zip of no columns has no rows, but each line is one
    filled = zip(*map(by_field.__getitem__, names), strict=True) if by_field else repeat((), len(rows))
    stated = [{n: v for n, v in zip(names, row, strict=True) if v is not None} for row in filled]
    for position, name, text in raw:
        stated[position][name] = text
    for position, name in cleared:
        stated[position] = dict(sorted({name: None, **stated[position]}.items()))
    return stated


def _parsed(
    use: ColumnUse,
    field: Field,
    column: Sequence[Cell],
    unit: str | None,
    table: Table,
    lines: Sequence[int],
    columns: Sequence[Sequence[Cell]],
    problems: Problems,
) -> tuple[Sequence[Cell], list[Any], list[tuple[int, str]]]:
    """The cells of a column as the sheet shows them, their values, and the problems as (position, problem).

    Each row has the unit that its own column of units states, else that of the column.
    """
    prop = field.property
    if prop.type not in AMOUNTS:
        return column, *parse_column(column, parser(prop, unit, field.many))
    shown: list[Cell] = list(column)
    values: list[Any] = [None] * len(shown)
    unreadable: list[tuple[int, str]] = []
    for own, positions in positions_by_unit(columns, use, len(shown)).items():
        in_unit = own or unit
        cells: list[Cell] = [column[p] for p in positions]
        if table.formats:
            cells, shrunk = as_shown(cells, use.index, [lines[p] for p in positions], table, in_unit)
            problems.without_unit(prop, [positions[at] for at in shrunk], column)
        parsed, wrong = parse_column(cells, parser(prop, in_unit, field.many))
        if prop.type == "money" and not in_unit:
            bare = (positions[at] for at, value in enumerate(parsed) if value and not has_unit(cells[at]))
            problems.without_unit(prop, list(islice(bare, 1)), column)
        if own and use.unit and own != use.unit:
            problems.other_unit(prop, use.unit, own, [p for p in positions if column[p] is not None])
        for at, position in enumerate(positions):
            shown[position], values[position] = cells[at], parsed[at]
        unreadable += [(positions[at], problem) for at, problem in wrong]
    return shown, values, unreadable


def _first(values: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    """Of two columns that state the same field, the first, and the other where the first is blank."""
    return [b if a is None else a for a, b in zip(values, others, strict=True)]
