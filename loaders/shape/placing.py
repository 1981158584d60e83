"""The place of rows that do not name it: that of the heading of their group, or the one written once above them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from graph.workbook import Cell
from loaders.read.tables import Table
from loaders.recognize import lines
from loaders.recognize.headers import Layout
from loaders.recognize.ledgers import PLACED
from loaders.shape.checks import Problems
from loaders.shape.data_rows import TOTAL, Lines


def places_of_rows(table: Table, layout: Layout, sheet: Lines, problems: Problems) -> dict[int, str]:
    """The name of the division of each data row, by position, that states none itself; each way is remarked once."""
    if PLACED not in layout.ledger.fields:
        return {}
    column = next((use.index for use in layout.columns if use.field == PLACED), None)
    stated = [_cell(table.rows[line], column) for line in sheet.data]
    places = {p: name for p, name in _headed(table, layout, sheet).items() if stated[p] is None}
    if places:
        text = "所在区划没有填写，按所属分组的标题（如“一、某镇”）归入。如不是这样，请填写所在区划后重新载入"
        for position, name in places.items():
            problems.remarks.add("placed_by_heading", text, f"{problems.place(position)}：{name}")
    blank = [p for p, cell in enumerate(stated) if cell is None and p not in places]
    if not blank or not any(cell is not None for cell in stated):
        return places
    serial = next((use.index for use in layout.columns if use.role == "serial"), None)
    numbers = [_cell(table.rows[line], serial) for line in sheet.data]
    first_only = stated[0] is not None and len(blank) == len(stated) - 1 > 1
    if not places and _written_once(stated, numbers):
        text = "所在区划只在各组第一行填写，以下空白的按上一行归入。如不是这样，请逐行填写后重新载入"
        name = ""
        for position, cell in enumerate(stated):
            if cell is not None:
                name = str(cell)
                continue
            places[position] = name
            problems.remarks.add("placed_by_row_above", text, f"{problems.place(position)}：{name}")
    elif first_only:
        text = "所在区划只有第一行填写，以下各行空白，没有沿用。如各行都在那里，请逐行填写后重新载入"
        for position in blank:
            problems.remarks.add("place_in_first_row", text, problems.place(position))
    return places


def _cell(row: Sequence[Cell], column: int | None) -> Cell:
    value = row[column] if column is not None and column < len(row) else None
    return None if isinstance(value, str) and not value.strip() else value


def _headed(table: Table, layout: Layout, sheet: Lines) -> dict[int, str]:
    """The division of the heading above each data row, by position; none where no heading names one."""
    position = {line: number for number, line in enumerate(sheet.data)}
    totals = set(sheet.others.get(TOTAL, ()))
    places: dict[int, str] = {}
    name = level = ""
    # the heading of the first group may stand above the header
    first = [c for c in table.rows[layout.header.start - 1] if c is not None] if layout.header.start else []
    if len(first) == 1 and any(map(lines.headed_division, sheet.headings.values())):
        name, level = lines.headed_division(lines.plain(first[0])), lines.level_of_heading(lines.plain(first[0]))
    for line in sorted({*position, *sheet.headings, *totals}):
        if line in sheet.headings:
            heading = sheet.headings[line]
            division, own_level = lines.headed_division(heading), lines.level_of_heading(heading)
            if division or own_level == level:
                name, level = division, own_level
        elif line in totals:
            label = next((lines.plain(c) for c in table.rows[line] if lines.plain(c)), "")
            name = "" if lines.ends_group(label) else name
        elif name:
            places[position[line]] = name
    return places


def _written_once(stated: Sequence[Cell], numbers: Sequence[Cell]) -> bool:
    """Whether places are written in the first row of each group alone.

    Each place stands once, from the first row on; most rows are blank; and numbers before the rows go on, or begin
    anew with each place.
    """
    filled = [cell for cell in stated if cell is not None]
    once = stated[0] is not None and len(set(filled)) == len(filled) > 1
    if not once or len(stated) - len(filled) < len(filled):
        return False
    if all(number is None for number in numbers):
        return True
    counted = [_number(number) for number in numbers]
    anew = all((number == 1) for number, cell in zip(counted, stated, strict=True) if cell is not None)
    return all(
        number is not None and following is not None
        and (following == number + 1 or (anew and cell is not None))
        for (number, following), cell in zip(pairwise(counted), stated[1:], strict=True)
    )  # fmt: skip


def _number(cell: Cell) -> int | None:
    text = str(cell).strip().removesuffix(".0") if cell is not None else ""
    return int(text) if text.isdigit() else None
