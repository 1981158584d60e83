"""Which lines of a sheet are data: no titles, totals, notes, blank lines or repeated headers."""

from __future__ import annotations

import re

from loaders.read.tables import Table
from loaders.recognize.headers import Layout

#: 合计 and the like alone, or before a number, a bracket, a colon: 共计科技有限公司 is a firm
_TOTALS = re.compile(r"(合\s*计|总\s*计|小\s*计|共\s*计)\s*([:：（(\d].*)?")
_NOTES = re.compile(
    r"^(注|备注|说明|填表人|制表人|制表单位|制表|审核人|审核|填报人|填报单位|单位负责人|填表说明|演示数据)(\s*[:：、.]|$|·)"
)


def data_rows(table: Table, layout: Layout) -> list[int]:
    """The indices of the data rows in `table.rows`, in which values of cells merged downwards are filled in."""
    names = {c.index for c in layout.columns if c.role == "field" and c.field in layout.ledger.needs}
    understood = {c.index for c in layout.columns if c.role in ("field", "tick", "drop")}
    start = layout.header.stop
    _fill_merged(table, start, names)
    headers = [[c for c in table.rows[i] if c is not None] for i in layout.header]
    indices: list[int] = []
    for index in range(start, len(table.rows)):
        row = table.rows[index]
        first = next((c for c in row if c is not None), None)
        if first is None:
            continue
        if not isinstance(first, str) and any(i < len(row) and row[i] is not None for i in names):
            # the common case: a number in front and a name behind it is no title, note, total or header
            indices.append(index)
            continue
        filled = [(i, c) for i, c in enumerate(row) if c is not None]
        if isinstance(first, str):
            total = first.strip()
            if _TOTALS.fullmatch(total) or (filled[0][0] not in names and total.endswith(("小计", "合计", "总计"))):
                continue
            if len(filled) <= 2 and _NOTES.match(total):
                continue
        if not any(i in understood for i, _ in filled):
            continue
        if len(filled) == 1 and (filled[0][0] not in names or _is_one_merged_cell(table, index)):
            continue
        if [c for _, c in filled] in headers:
            continue
        indices.append(index)
    return indices


def _fill_merged(table: Table, start: int, names: set[int]) -> None:
    """Repeat a value merged downwards in the rows that it covers, except in the columns that name the row."""
    for top, left, bottom, right in table.merges:
        if top >= start and bottom > top and left == right and left not in names:
            value = table.rows[top][left] if left < len(table.rows[top]) else None
            for row in table.rows[top + 1 : bottom + 1]:
                if left < len(row) and row[left] is None and any(c is not None for c in row):
                    row[left] = value


def _is_one_merged_cell(table: Table, index: int) -> bool:
    """Whether a row is one cell merged over several columns: a heading between data rows."""
    return any(top == index and right > left for top, left, _, right in table.merges)
