"""The data rows of a recognized sheet, each as the fields it states; rows that cannot be accepted, with the reason."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import repeat, zip_longest
from typing import Any

from graph.workbook import Cell
from loaders.cleaning.marks import ticked
from loaders.read.tables import Table, preview_text
from loaders.recognize.headers import Layout
from loaders.shape.checks import Problems, Remarks, check, is_personal
from loaders.shape.data_rows import data_rows
from loaders.shape.parsing import parse_column, parser
from loaders.shape.rows import Row, Spool, as_json

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
    lines = data_rows(table, layout)
    cells = [table.rows[i] for i in lines]
    problems = Problems(lambda position: f"{table.file}“{table.sheet}”第 {lines[position] + 1} 行")
    rows = _values(layout, cells, problems, clearing)
    check(ledger, rows, problems)
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
    layout: Layout, rows: Sequence[Sequence[Cell]], problems: Problems, clearing: Collection[str]
) -> list[dict[str, Any]]:
    """The values of each row by field; a blank cell has none."""
    cleared: list[tuple[int, str]] = []
    by_field: dict[str, list[Any]] = {}
    raw: list[tuple[int, str, str]] = []
    columns = list(zip_longest(*rows))
    for use in layout.columns:
        if use.role not in ("field", "tick") or use.index >= len(columns):
            continue
        name, column = use.field, columns[use.index]
        if use.role == "tick":
            by_cell = {cell: use.tick if ticked(cell) else None for cell in set(column)}
            values = [by_cell[cell] for cell in column]
            # of several ticks the first counts
            by_field[name] = _first(by_field[name], values) if name in by_field else values
            continue
        field = layout.ledger.fields[name]
        values, unreadable = parse_column(column, parser(field.property, use.unit, field.many))
        if name not in layout.ledger.needs and any(word in column for word in clearing):
            # — answers a question with no
            emptied = {p for p, cell in enumerate(column) if cell in clearing and not isinstance(values[p], bool)}
            values = [None if p in emptied else value for p, value in enumerate(values)]
            unreadable = [(p, problem) for p, problem in unreadable if p not in emptied]
            cleared += [(p, name) for p in emptied]
        for position, problem in unreadable:
            cell = column[position]
            problems.unreadable(position, field.property, cell, problem)
            if not is_personal(cell):
                raw.append((position, RAW + name, preview_text(cell, 200)))
        by_field[name] = _first(values, by_field[name]) if name in by_field else values
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


def _first(values: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    """Of two columns that state the same field, the first, and the other where the first is blank."""
    return [b if a is None else a for a, b in zip(values, others, strict=True)]
