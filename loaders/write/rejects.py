"""The rejected rows of a load as a workbook to correct and load again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from graph.workbook import Cell, Sheet, Workbook
from loaders.shape.shaping import Shaped

#: the heading of the column of reasons; recognize.headers passes over it when the workbook is loaded
REASON = "拒收原因"


def rejects(shaped: Sequence[Shaped]) -> Workbook | None:
    """The rejected rows of all sheets, each with its reasons; None where there are none."""
    sheets: list[Sheet] = []
    used: dict[str, int] = {}
    for one in shaped:
        if not one.rejected:
            continue
        sheet = _sheet(one)
        used[sheet.name] = used.get(sheet.name, 0) + 1
        name = sheet.name if used[sheet.name] == 1 else f"{sheet.name[:26]}({used[sheet.name]})"
        sheets.append(replace(sheet, name=name))
    return Workbook("拒收行.xlsx", sheets) if sheets else None


def _sheet(shaped: Shaped) -> Sheet:
    """The rejected rows under their own titles and header, cells of personal columns blank, reasons last.

    The line above the header names the file: a title or a file's name may tell which division its rows lie in.
    """
    table, layout = shaped.table, shaped.layout
    dropped = {c.index for c in layout.columns if c.role == "drop"}
    width = max((len(table.rows[i]) for i in layout.header), default=0)

    def padded(row: Sequence[Cell], last: Cell, blank: bool) -> list[Cell]:
        shown = [None if blank and i in dropped else c for i, c in enumerate(row[:width])]
        return [*shown, *[None] * (width - len(shown)), last]

    top = layout.header.start
    rows = [padded(row, None, False) for row in table.rows[:top]]
    rows.append(padded([f"拒收行，来自 {table.file}"], None, False))
    rows += [padded(table.rows[i], REASON if i == layout.header.stop - 1 else None, False) for i in layout.header]
    rows += [padded(cells, reason, True) for cells, reason in shaped.rejected]
    merges = [(a, b, c, d) for a, b, c, d in table.merges if c < top]
    merges += [(a + 1, b, c + 1, d) for a, b, c, d in table.merges if a >= top and c < layout.header.stop]
    return Sheet(table.sheet, rows, merges, header_rows=layout.header.stop + 1)
