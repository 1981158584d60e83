"""What each column of a file is taken for, before anything is written, and how a person corrects it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from graph.answers import Answer, Column
from graph.errors import InputError
from graph.locality import Locality
from graph.ontology import load as load_ontology
from graph.workbook import Cell
from loaders.cleaning.numbers import is_quantity
from loaders.read.apart import Reading
from loaders.read.tables import Skipped, Table, preview_text
from loaders.recognize.columns import ColumnUse
from loaders.recognize.headers import Layout, Recognizer
from loaders.recognize.heads import HEADER_DEPTH, HEADER_WITHIN, headings
from loaders.recognize.ledgers import PLACED, Field, Ledger, ledgers
from loaders.recognize.mapping import IGNORED, SheetMapping
from loaders.recognize.rosters import about_persons
from loaders.recognize.sections import HEADLESS
from loaders.recognize.sheets import recognize

_MEANINGS = {
    "drop": "个人信息，不保存",
    "unknown": "未能识别，不保存",
    "repeated": "与前面的列重复，不保存",
    "unit": "所在行数额的单位",
    "earlier": "较早年份的，不保存",
    "serial": "序号，不保存",
    "ignored": "按选择不保存",
}
#: cells of a line that are quoted, so that a person finds the line
_QUOTED = 3


@dataclass(frozen=True, slots=True)
class SeenColumn:
    """One column: its header, its meaning in words, its first value, and the meaning a person chose ('': none).

    `open`: whether another meaning may be chosen; for a personal column, which is dropped, it may not.
    """

    index: int
    path: str
    role: str
    meaning: str
    unit: str
    example: str | None
    chosen: str
    open: bool

    @property
    def shown(self) -> str:
        """The header as it may be quoted."""
        return preview_text(self.path)


@dataclass(frozen=True, slots=True)
class SeenSheet:
    """One sheet: the ledger it is taken for ('' for none), the line of its header (0: unknown), and its columns.

    `reason` says why it would not be loaded. `table` has no more lines than a header may lie in.
    """

    file: str
    sheet: str
    ledger: str = ""
    label: str = ""
    header: int = 0
    header_rows: int = 1
    columns: tuple[SeenColumn, ...] = ()
    reason: str = ""
    table: Table | None = None

    def count(self, *roles: str) -> int:
        """How many columns play one of these roles."""
        return sum(c.role in roles for c in self.columns)

    def lines(self) -> tuple[tuple[int, str], ...]:
        """The lines (from 1) that may be the header, each with its beginning; a line below the header is not quoted."""
        lines: list[tuple[int, str]] = []
        rows = self.table.rows if self.table else []
        for number, row in enumerate(rows[:HEADER_WITHIN], 1):
            words = [c for c in row if isinstance(c, str) and c.strip() and not any(map(str.isdigit, c))]
            if len(words) > 1 or number == self.header:
                quoted = (
                    number < self.header + self.header_rows if self.header else not about_persons(rows[number - 1 :])
                )
                lines.append((number, "、".join(preview_text(c, 12) for c in words[:_QUOTED] if quoted)))
        return tuple(lines)


def look(paths: Sequence[Path], locality: Locality, mapping: Sequence[SheetMapping] = ()) -> list[SeenSheet]:
    """Every sheet of these files, folders and zips as a load would read it."""
    seen: list[SeenSheet] = []
    with Reading() as reading:
        declared = ledgers(locality.precedence)
        recognizer = Recognizer(declared, load_ontology())
        for path in paths:
            for sheet in recognize(reading.read(path), recognizer, mapping):
                if isinstance(sheet, Skipped):
                    seen.append(SeenSheet(sheet.file, sheet.sheet, reason=sheet.reason))
                    continue
                table = sheet.table
                layout = sheet.layout if isinstance(sheet.layout, Layout) else sheet.layout.layout
                one = SeenSheet(
                    table.file, table.sheet, table=replace(table, rows=table.rows[: HEADER_WITHIN + HEADER_DEPTH])
                )
                if layout:
                    chosen = sheet.mapping.columns if sheet.mapping else {}
                    ledger, lines = layout.ledger, layout.header
                    one = replace(
                        one,
                        ledger=ledger.name,
                        label=ledger.label,
                        header=lines.start + 1,
                        header_rows=len(lines),
                        columns=tuple(_column(use, layout, table, chosen) for use in layout.columns),
                    )
                if not isinstance(sheet.layout, Layout):
                    one = replace(one, reason=sheet.layout.sentence())
                seen.append(one)
    return seen


def _column(use: ColumnUse, layout: Layout, table: Table, chosen: Mapping[str, str]) -> SeenColumn:
    field = layout.ledger.fields.get(use.field)
    meaning = f"{field.property.label}{f'＝{use.tick}' if use.tick else ''}" if field else _MEANINGS[use.role]
    if use.refused:
        meaning += f"（对应表指为“{use.refused}”，没有采用）"
    values = (r[use.index] for r in table.rows[layout.header.stop :] if use.index < len(r))
    first = next((value for value in values if value is not None), None)
    if isinstance(first, float) and first.is_integer():
        # a spreadsheet has no integers
        first = int(first)
    headless = use.path.startswith(HEADLESS)
    # nobody says what a column without a heading has; it may be about persons
    hidden = use.role == "drop" or headless or first is None or _is_names(field, first)
    return SeenColumn(
        use.index,
        use.path,
        use.role,
        meaning,
        use.unit or "",
        None if hidden else preview_text(first, 30),
        chosen.get(use.path, ""),
        use.role not in ("drop", "serial") and not headless,
    )


def _is_names(field: Field | None, cell: Cell) -> bool:
    """Whether a cell has names where a number of persons should be."""
    return field is not None and field.property.type == "integer" and not is_quantity(cell)


def choices(ledger: str) -> tuple[str, ...]:
    """The meanings that a column of this ledger may have, in words that distinguish its fields."""
    fields = _declared(ledger).fields.values()
    labels = Counter(one.property.label for one in fields)
    # a relation is called by its heading rather than its label
    by_label = [one.name == PLACED or (one.name[0] != "@" and labels[one.property.label] == 1) for one in fields]
    return tuple(one.property.label if by else one.headers[0] for one, by in zip(fields, by_label, strict=True))


def chosen(sheet: SeenSheet, ledger: str, header: int, header_rows: int, columns: Mapping[int, str]) -> SheetMapping:
    """A person's choices for a sheet: its ledger, its header, and meanings of columns by index ('': as recognized).

    Columns count only if ledger and header are as shown. Raises InputError for a choice that is not offered.
    """
    declared = _declared(ledger)
    if sheet.table is None:
        raise InputError(f"“{sheet.file}”没有读出来，不能更正。{sheet.reason}。")
    if not 1 <= header <= len(sheet.table.rows) or not 1 <= header_rows <= HEADER_DEPTH:
        raise InputError(f"表头不能是第 {header} 行起的 {header_rows} 行。请从列出的行中选择。")
    rows = range(header - 1, min(header - 1 + header_rows, len(sheet.table.rows)))
    meanings: dict[str, str] = {}
    if (declared.name, header, header_rows) == (sheet.ledger, sheet.header, sheet.header_rows):
        for column in sheet.columns:
            word = columns.get(column.index, "")
            if word and word != IGNORED and word not in choices(declared.name):
                raise InputError(f"“{declared.label}”没有“{word[:40]}”。请从列表中选择。")
            if word and column.open:
                meanings.setdefault(column.path, word)
    return SheetMapping(declared.name, header_rows=header_rows, seen=headings(sheet.table, rows), columns=meanings)


def _declared(name: str) -> Ledger:
    ledger = ledgers().get(name)
    if ledger is None:
        raise InputError(f"没有台账“{name[:40]}”。请从列表中选择。")
    return ledger


def inspect(path: Path, locality: Locality, mapping: Sequence[SheetMapping] = ()) -> Answer:
    """A row for each column of each sheet of a file, with its meaning; a sheet that cannot be loaded has its reason."""
    rows: list[dict[str, Any]] = []
    for sheet in look([path], locality, mapping):
        where = {"file": sheet.file, "sheet": sheet.sheet}
        if sheet.reason:
            rows.append({**where, "meaning": sheet.reason})
            continue
        rows += [
            {
                **where, "ledger": sheet.label, "line": sheet.header, "column": column.path,
                "meaning": column.meaning, "unit": column.unit or None, "example": column.example,
            }
            for column in sheet.columns
        ]  # fmt: skip
    columns = [
        Column("file", "文件"),
        Column("sheet", "工作表"),
        Column("ledger", "识别为"),
        Column("line", "表头行", "integer"),
        Column("column", "列"),
        Column("meaning", "含义"),
        Column("unit", "单位"),
        Column("example", "首个值"),
    ]
    whole = tuple({c.name: row.get(c.name) for c in columns} for row in rows)
    return Answer("inspect", "台账识别结果", dt.date.today(), 0, tuple(columns), whole)
