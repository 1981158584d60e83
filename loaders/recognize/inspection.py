"""What each column of a file is taken for, before anything is written; and how someone sets it right."""

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
from loaders.read import files
from loaders.read.files import Table
from loaders.recognize.headers import HEADER_DEPTH, HEADER_WITHIN, ColumnUse, Layout, Recognizer, headings, mapping_for
from loaders.recognize.ledgers import PLACED, Ledger, ledgers
from loaders.recognize.mapping import IGNORED, SheetMapping

_MEANINGS = {
    "drop": "个人信息，不保存",
    "unknown": "未能识别，不保存",
    "repeated": "与前面的列重复，不保存",
    "serial": "序号，不保存",
    "ignored": "按选择不保存",
}
#: cells of a line that are quoted, so that it is found again
_QUOTED = 3


@dataclass(frozen=True, slots=True)
class SeenColumn:
    """One column: its header, what it is taken for in words, its first value, and what someone chose ('': nothing).

    `open`: whether it may be taken for something else; what is dropped at the door may not.
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
        return files.preview_text(self.path)


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
        """Lines (from 1) that may be the header, each with its beginning; what stands below it is not quoted."""
        found: list[tuple[int, str]] = []
        for number, row in enumerate(self.table.rows[:HEADER_WITHIN] if self.table else (), 1):
            said = [c for c in row if isinstance(c, str) and c.strip() and not any(map(str.isdigit, c))]
            if len(said) > 1 or number == self.header:
                quoted = not self.header or number < self.header + self.header_rows
                found.append((number, "、".join(files.preview_text(c, 12) for c in said[:_QUOTED] if quoted)))
        return tuple(found)


def look(paths: Sequence[Path], locality: Locality, mapping: Sequence[SheetMapping] = ()) -> list[SeenSheet]:
    """Every sheet of these files, folders and zips as a load would read it."""
    declared = ledgers(locality.precedence)
    recognizer = Recognizer(declared, load_ontology())
    seen: list[SeenSheet] = []
    for path in paths:
        for table in files.read(path):
            if isinstance(table, files.Skipped):
                seen.append(SeenSheet(table.file, table.sheet, reason=table.reason))
                continue
            entry = mapping_for(mapping, table)
            found = recognizer.recognize(table, entry)
            layout = found if isinstance(found, Layout) else found.layout
            head = replace(table, rows=table.rows[: HEADER_WITHIN + HEADER_DEPTH])
            one = SeenSheet(table.file, table.sheet, table=head)
            if layout:
                chosen = entry.columns if entry else {}
                columns = tuple(_column(use, layout, table, chosen) for use in layout.columns)
                ledger, lines = layout.ledger, layout.header
                one = replace(
                    one, ledger=ledger.name, label=ledger.label, header=lines.start + 1, header_rows=len(lines),
                    columns=columns,
                )  # fmt: skip
            seen.append(one if isinstance(found, Layout) else replace(one, reason=found.sentence()))
    return seen


def _column(use: ColumnUse, layout: Layout, table: Table, chosen: Mapping[str, str]) -> SeenColumn:
    known = layout.ledger.fields.get(use.field)
    meaning = f"{known.property.label}{f'＝{use.tick}' if use.tick else ''}" if known else _MEANINGS[use.role]
    values = (r[use.index] for r in table.rows[layout.header.stop :] if use.index < len(r))
    first = next((value for value in values if value is not None), None)
    if isinstance(first, float) and first.is_integer():
        # a spreadsheet knows no other numbers
        first = int(first)
    hidden = use.role == "drop" or first is None
    return SeenColumn(
        use.index,
        use.path,
        use.role,
        meaning,
        use.unit or "",
        None if hidden else files.preview_text(first, 30),
        chosen.get(use.path, ""),
        use.role not in ("drop", "serial"),
    )


def choices(ledger: str) -> tuple[str, ...]:
    """What a column of this ledger may be taken for, in words that tell its fields apart."""
    fields = _known(ledger).fields.values()
    labels = Counter(one.property.label for one in fields)
    # a relation is better known by its heading
    plain = [one.name == PLACED or (one.name[0] != "@" and labels[one.property.label] == 1) for one in fields]
    return tuple(one.property.label if by else one.headers[0] for one, by in zip(fields, plain, strict=True))


def chosen(sheet: SeenSheet, ledger: str, header: int, header_rows: int, columns: Mapping[int, str]) -> SheetMapping:
    """What someone says of a sheet: its ledger, its header, and what columns (by index) mean ('': as recognized).

    Columns count where the rest is as it was shown. Raises InputError for what cannot be chosen.
    """
    known = _known(ledger)
    if sheet.table is None:
        raise InputError(f"“{sheet.file}”没有读出来，不能更正。{sheet.reason}。")
    if not 1 <= header <= len(sheet.table.rows) or not 1 <= header_rows <= HEADER_DEPTH:
        raise InputError(f"表头不能是第 {header} 行起的 {header_rows} 行。请从列出的行中选择。")
    rows = range(header - 1, min(header - 1 + header_rows, len(sheet.table.rows)))
    said: dict[str, str] = {}
    if (known.name, header, header_rows) == (sheet.ledger, sheet.header, sheet.header_rows):
        for column in sheet.columns:
            word = columns.get(column.index, "")
            if word and word != IGNORED and word not in choices(known.name):
                raise InputError(f"“{known.label}”没有“{word[:40]}”。请从列表中选择。")
            if word and column.open:
                said.setdefault(column.path, word)
    return SheetMapping(known.name, header_rows=header_rows, seen=headings(sheet.table, rows), columns=said)


def _known(name: str) -> Ledger:
    found = ledgers().get(name)
    if found is None:
        raise InputError(f"没有台账“{name[:40]}”。请从列表中选择。")
    return found


def inspect(path: Path, locality: Locality, mapping: Sequence[SheetMapping] = ()) -> Answer:
    """What each column of each sheet of a file is taken for, before anything is written."""
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
