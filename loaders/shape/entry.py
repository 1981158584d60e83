"""Rows that a form, or another part of the program, states: shaped as those of a file are, which they never stood in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graph.errors import InputError
from graph.workbook import Cell
from loaders.read.files import Table
from loaders.recognize.headers import ColumnUse, Layout
from loaders.recognize.ledgers import Ledger
from loaders.shape.rows import Keeper
from loaders.shape.shaping import Shaped, shape


@dataclass(frozen=True, slots=True)
class Entry:
    """Rows of one ledger, each by the names of its fields, by their headers, or by both.

    `file` and `sheet` are what the history of loads and the provenance of what they say call the place they come from.
    """

    ledger: str
    rows: Sequence[Mapping[str, Cell]]
    file: str
    sheet: str


def shape_entry(entry: Entry, declared: Mapping[str, Ledger]) -> Shaped:
    """The rows shaped. Raises InputError that names a row that cannot be taken, KeyError for what is no field."""
    ledger = declared[entry.ledger]
    stated = list(dict.fromkeys(name for row in entry.rows for name in row))
    columns = tuple(ColumnUse(i, name, "field", _field(ledger, name)) for i, name in enumerate(stated))
    cells: list[list[Cell]] = [[row.get(name) for name in stated] for row in entry.rows]
    table = Table(entry.file, entry.sheet, [list[Cell](stated), *cells])
    shaped = shape(table, Layout(ledger, range(1), columns), Keeper())
    if shaped.rejected:
        raise InputError(f"{ledger.label}没有收下：{shaped.rejected[0][1]}。请改正后重试。")
    if shaped.total != len(entry.rows):
        raise InputError(f"{ledger.label}没有收下：其中有一项看不出写的是什么。请检查各项后重试。")
    return shaped


def _field(ledger: Ledger, name: str) -> str:
    """The field of a name or a header."""
    if name in ledger.fields:
        return name
    for field in ledger.fields.values():
        if name == field.property.label or name in field.headers:
            return field.name
    raise KeyError(f"{ledger.name} has no field {name!r}")
