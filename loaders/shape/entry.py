"""Rows that a form or another part of the program states, shaped as the rows of a file are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graph.errors import InputError
from graph.workbook import Cell
from loaders.read.tables import Table
from loaders.recognize.columns import ColumnUse
from loaders.recognize.door import cleansed, guarded
from loaders.recognize.headers import Layout
from loaders.recognize.ledgers import Ledger
from loaders.shape.rows import Spool
from loaders.shape.shaping import Shaped, shape


@dataclass(frozen=True, slots=True)
class Entry:
    """Rows of one ledger, each by the names of its fields, by their headers, or by both.

    `file` and `sheet` name their source in the history of loads and in provenance.
    """

    ledger: str
    rows: Sequence[Mapping[str, Cell]]
    file: str
    sheet: str


def shape_entry(entry: Entry, declared: Mapping[str, Ledger]) -> Shaped:
    """The rows shaped. Raises InputError with the reason if a row is rejected, KeyError for a name that is no field."""
    ledger = declared[entry.ledger]
    headers = list(dict.fromkeys(name for row in entry.rows for name in row))
    columns = tuple(ColumnUse(i, name, "field", _field(ledger, name)) for i, name in enumerate(headers))
    cells: list[list[Cell]] = [[row.get(name) for name in headers] for row in entry.rows]
    clean = cleansed(Table(entry.file, entry.sheet, [list[Cell](headers), *cells]))
    layout = Layout(ledger, range(1), columns)
    shaped = shape(guarded(clean.table, layout, clean.numbers), layout, Spool())
    if shaped.rejected:
        raise InputError(f"{ledger.label}没有收下：{shaped.rejected[0][1]}。请改正后重试。")
    if shaped.total != len(entry.rows):
        raise InputError(f"{ledger.label}没有收下：其中有一项看不出写的是什么。请检查各项后重试。")
    return shaped


def _field(ledger: Ledger, name: str) -> str:
    """The name of the field that a name, label or header means."""
    if name in ledger.fields:
        return name
    for field in ledger.fields.values():
        if name == field.property.label or name in field.headers:
            return field.name
    raise KeyError(f"{ledger.name} has no field {name!r}")
