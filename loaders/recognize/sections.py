"""The tables that stand in one sheet, below or beside each other, each with its layout."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from graph.workbook import Cell, Span
from loaders.cleaning.headings import unit_alone
from loaders.read.tables import Skipped, Table
from loaders.recognize import lines
from loaders.recognize.columns import ColumnUse
from loaders.recognize.headers import Layout, Recognizer, Unrecognized
from loaders.recognize.heads import HEADER_DEPTH
from loaders.recognize.ledgers import PLACED
from loaders.recognize.mapping import SheetMapping

#: headings of the column that says in what the amount of a row is; 单位 alone may also be what a unit is called
_UNIT_HEADING = re.compile("(?:计量|金额|货币|数量|收入|产值)?单位")
_AMOUNTS = ("money", "integer", "number")
#: how the path of a column without a heading begins
HEADLESS = "（无表头）"
#: of the values of a column without a heading that are divisions, as many must be
_MOSTLY = 0.8


def sections(
    table: Table, recognizer: Recognizer, mapping: SheetMapping | None = None
) -> Iterator[tuple[Table, Layout | Unrecognized] | Skipped]:
    """Each table of a sheet as a sheet of its own, whose lines keep their numbers; those without a layout as Skipped.

    A sheet that is no ledger at all is one table. `mapping` is what a person said of the first table.
    """
    layout = recognizer.recognize(table, mapping) if mapping else _topmost(table, recognizer)
    if not isinstance(layout, Layout):
        yield table, layout
        return
    for part in [(table, layout)] if mapping else _beside(table, layout, recognizer):
        if isinstance(part, Skipped):
            yield part
        else:
            yield from _below(*part, recognizer)


def _topmost(table: Table, recognizer: Recognizer) -> Layout | Unrecognized:
    """The layout with the best header, or with one above it that has data of its own."""
    layout = recognizer.recognize(table)
    # a header of its own and its data are two lines at least
    if isinstance(layout, Layout) and sum(map(_has_several, table.rows[: layout.header.start])) > 1:
        upper = recognizer.recognize(table, starts=range(layout.header.start))
        if isinstance(upper, Layout):
            between = table.rows[upper.header.stop : layout.header.start]
            if any(_is_record(row) for row in between):
                return upper
    return layout


def _has_several(row: Sequence[Cell]) -> bool:
    return len(row) - row.count(None) > 1


def _is_record(row: Sequence[Cell]) -> bool:
    filled = [c for c in row if c is not None]
    return len(filled) > 1 and not lines.is_note(filled) and not lines.is_column_numbers(filled)


# Beside each other ---------------------------------------------------------------------------------------


def _beside(table: Table, layout: Layout, recognizer: Recognizer) -> list[tuple[Table, Layout] | Skipped]:
    """The tables that stand beside each other under one line of headers; mostly it is one."""
    for parts in (_apart(table, layout), _repeated(layout)):
        if len(parts) < 2:
            continue
        starts = range(layout.header.start, layout.header.start + 1)
        tables = [_columns(table, layout, part, part.start == parts[0].start) for part in parts]
        layouts = [recognizer.recognize(one, starts=starts) for one in tables]
        complete = all(isinstance(own, Layout) for own in layouts)
        # one table may have empty columns: then its other parts end with the first, and add what that does not say
        later = {column for part in parts[1:] for column in part}
        again = any(use.index in later and use.role in ("repeated", "unknown") for use in layout.columns)
        ends = {_end(one, layout) for one in tables}
        if isinstance(layouts[0], Layout) and ((complete and again) or len(ends) > 1):
            return [
                (one, own) if isinstance(own, Layout) else _unread(one, layout.header.start, len(one.rows), own)
                for one, own in zip(tables, layouts, strict=True)
            ]
    return [(table, layout)]


def _end(table: Table, layout: Layout) -> int:
    """The last line of a table that is no note or total."""
    for index in range(len(table.rows) - 1, layout.header.stop - 1, -1):
        filled = [c for c in table.rows[index] if c is not None]
        if filled and not lines.is_note(filled) and not any(lines.is_total(lines.plain(c)) for c in filled):
            return index
    return 0


def _apart(table: Table, layout: Layout) -> list[range]:
    """The columns with headings between empty ones."""
    headed = sorted(use.index for use in layout.columns)
    rows = table.rows[layout.header.start :]
    parts = [[headed[0]]]
    for column in headed[1:]:
        between = range(parts[-1][-1] + 1, column)
        if any(all(not _has(row, empty) for row in rows) for empty in between):
            parts.append([])
        parts[-1].append(column)
    return [range(part[0], part[-1] + 1) for part in parts]


def _repeated(layout: Layout) -> list[range]:
    """The columns of tables with the same headings that stand beside each other without a space."""
    paths = {use.index: use.path for use in layout.columns}
    first = min(paths)
    again = [index for index, path in paths.items() if path == paths[first] and index > first]
    if not again:
        return []
    period = again[0] - first
    stop = max(paths) + 1
    if (stop - first) % period or any(paths.get(i) != paths.get(i + period) for i in range(first, stop - period)):
        return []
    return [range(start, start + period) for start in range(first, stop, period)]


def _columns(table: Table, layout: Layout, columns: range, leftmost: bool) -> Table:
    """A table with these columns alone; a title that stands elsewhere is that of all parts."""
    rows: list[list[Cell]] = []
    for index, row in enumerate(table.rows):
        own: list[Cell] = [*[None] * columns.start, *row[columns.start : columns.stop]]
        if index < layout.header.start and all(cell is None for cell in own):
            own = list(row)
        while own and own[-1] is None:
            own.pop()
        rows.append(own)
    sheet = table.sheet if leftmost else f"{table.sheet}（{column_letters(columns.start)} 列起）"
    merges = tuple(span for span in table.merges if span[1] in columns or span[2] < layout.header.start)
    return replace(table, sheet=sheet, rows=rows, merges=merges)


# Below each other ----------------------------------------------------------------------------------------


def _below(table: Table, layout: Layout, recognizer: Recognizer) -> Iterator[tuple[Table, Layout] | Skipped]:
    """The tables below each other; the header of the first is that of `layout`."""
    titles = table.rows[: layout.header.start]
    start, current, repeats = 0, layout, list[range]()
    index, name = layout.header.stop, _name_column(layout)
    skipped: tuple[int, Unrecognized] | None = None

    def ended(stop: int) -> Iterator[tuple[Table, Layout] | Skipped]:
        if skipped:
            yield _unread(table, skipped[0], stop, skipped[1])
        else:
            part = _rows(table, titles, start, stop)
            whole = replace(current, titles=_titles(part.rows[: current.header.start]), repeats=tuple(repeats))
            yield part, _with_row_units(part, _with_headless(part, whole))

    while index < len(table.rows):
        if not _may_be_header(table.rows, index, name, recognizer):
            index += 1
            continue
        again = range(index, index + len(current.header))
        if not skipped and _heading_rows(table, again) == _heading_rows(table, current.header):
            repeats.append(range(_top(table.rows, index), again.stop))
            index = again.stop
            continue
        found = _header_at(table, titles, index, recognizer)
        if isinstance(found, Layout) and not skipped and _alike(found, current):
            repeats.append(range(_top(table.rows, index), found.header.stop))
            index = found.header.stop
            continue
        if isinstance(found, Unrecognized) and not _is_header(table.rows, index, current, recognizer):
            index += 1
            continue
        top = _top(table.rows, index)
        yield from ended(top)
        if isinstance(found, Layout):
            start, current, name, repeats, skipped = top, found, _name_column(found), [], None
            index = found.header.stop
        else:
            skipped = top, found
            index += 1
    yield from ended(len(table.rows))


def _heading_rows(table: Table, rows: range) -> list[list[str]]:
    return [[lines.plain(cell) for cell in row] for row in table.rows[rows.start : rows.stop]]


def _name_column(layout: Layout) -> int:
    return next((use.index for use in layout.columns if use.role == "field" and use.field in layout.ledger.needs), 0)


def _may_be_header(rows: Sequence[Sequence[Cell]], index: int, name: int, recognizer: Recognizer) -> bool:
    """Whether a row below a header can be another one: quickly, for it is asked of every row.

    `name` is the column of names. Below a blank line or a title another table may begin.
    """
    row = rows[index]
    cell = row[name] if name < len(row) else None
    if cell is not None:
        above = rows[index - 1]
        if len(above) > 1 and above.count(None) < len(above) - 1 and not recognizer.is_heading(cell):
            return False
    filled = [c for c in row if c is not None]
    return len(filled) > 1 and all(isinstance(c, str) for c in filled)


def _is_header(rows: Sequence[Sequence[Cell]], index: int, layout: Layout, recognizer: Recognizer) -> bool:
    """Whether a row is the header of a table that is not recognized: words in place of numbers, some of them headings."""
    row = rows[index]
    filled = [lines.plain(c) for c in row if c is not None]
    if any(map(str.isdigit, "".join(filled))) or len(set(filled)) < len(filled) or lines.is_note(filled):
        return False
    headings = sum(recognizer.is_heading(c) for c in row)
    if headings > 1 and headings * 2 >= len(filled):
        return True
    typed = [
        row[use.index]
        for use in layout.columns
        if use.role == "field" and use.index < len(row) and row[use.index] is not None
        if layout.ledger.fields[use.field].property.type in ("integer", "number", "money", "date")
    ]
    words = [c for c in typed if isinstance(c, str) and len(c.strip()) > 1 and re.search("[\u4e00-\u9fff]{2}", c)]
    return (
        bool(typed) and len(words) == len(typed) and (headings > 0 or sum(c is not None for c in rows[index - 1]) < 2)
    )


def _header_at(table: Table, titles: Sequence[list[Cell]], index: int, recognizer: Recognizer) -> Layout | Unrecognized:
    """The layout of the header that begins in a row, under the titles of the sheet and those right above it."""
    above = [*titles, *table.rows[_top(table.rows, index) : index]]
    shift = len(above) - index
    merges = _shifted(table.merges, index, shift)
    short = replace(table, rows=[*above, *table.rows[index : index + HEADER_DEPTH + 2]], merges=merges)
    found = recognizer.recognize(short, starts=range(len(above), len(above) + 1))
    if isinstance(found, Layout):
        return replace(found, header=range(found.header.start - shift, found.header.stop - shift))
    return found


def _shifted(merges: Sequence[Span], start: int, shift: int) -> tuple[Span, ...]:
    last = start + HEADER_DEPTH + 2
    return tuple((a + shift, b, c + shift, d) for a, b, c, d in merges if start <= a < last)


def _top(rows: Sequence[Sequence[Cell]], index: int) -> int:
    """The first row of the title above a header: notes and lines of one cell that are no record."""
    top = index
    for above in range(index - 1, -1, -1):
        filled = [c for c in rows[above] if c is not None]
        if not filled:
            continue
        text = lines.plain(filled[0])
        title = len(filled) == 1 and text and (lines.is_numbered(text) or not lines.is_organization(text))
        if not lines.is_note(filled) and (not title or lines.is_total(text)):
            break
        top = above
    return top


def _titles(rows: Sequence[Sequence[Cell]]) -> tuple[str, ...]:
    """The texts of the titles among rows; a line of several cells is rather a record above its table."""
    filled = ([c for c in row if c is not None] for row in rows)
    titles = (cells for cells in filled if len(cells) < 3 or lines.is_note(cells))
    return tuple(c.strip() for cells in titles for c in cells if isinstance(c, str) and c.strip())


def _alike(later: Layout, first: Layout) -> bool:
    """Whether a later header says the same of the same columns as the first one; it may leave their units out."""
    uses = [[(u.index, u.role, u.field, u.tick) for u in layout.columns] for layout in (later, first)]
    units = zip(later.columns, first.columns, strict=False)
    return later.ledger is first.ledger and uses[0] == uses[1] and all(a.unit in (None, b.unit) for a, b in units)


def _rows(table: Table, titles: Sequence[list[Cell]], start: int, stop: int) -> Table:
    """A table with the lines from `start` to `stop` alone, under the titles of the sheet."""
    if not start and stop == len(table.rows):
        return table
    above = [*titles[:start], *([] for _ in range(max(start - len(titles), 0)))] if start else []
    merges = tuple(span for span in table.merges if start <= span[0] < stop or (start and span[2] < len(titles)))
    return replace(table, rows=[*above, *table.rows[start:stop]], merges=merges)


def _unread(table: Table, start: int, stop: int, found: Unrecognized) -> Skipped:
    """The reason why the lines of a further table were not read, and how many they are."""
    count = sum(any(c is not None for c in row) for row in table.rows[start:stop])
    reason = f"第 {start + 1} 行起是另一张表，{count} 行没有读取：{found.sentence()}"
    return Skipped(table.file, table.sheet, reason.rstrip("。"))


# Columns without a heading -------------------------------------------------------------------------------


def _with_headless(table: Table, layout: Layout) -> Layout:
    """The layout with the columns that have values but no heading: the place of the rows, or a column not read."""
    data = table.rows[layout.header.stop :]
    uses = _beside_numbers(data, layout)
    headed = {use.index for use in uses}
    dropped = {use.index: use.path for use in uses if use.role == "drop"}
    names = [use.index for use in uses if use.role == "field" and use.field in layout.ledger.needs]
    placed = any(use.field == PLACED for use in uses) or PLACED not in layout.ledger.fields
    for column in sorted(set(range(max(map(len, data), default=0))) - headed):
        values = [row[column] for row in data if _has(row, column) and any(_has(row, name) for name in names)]
        if not values and column - 1 not in dropped:
            continue
        path = f"{HEADLESS}{column_letters(column)} 列"
        texts = {lines.plain(value) for value in values}
        if values and not placed and sum(map(lines.is_division, texts)) >= _MOSTLY * len(texts):
            uses.append(ColumnUse(column, path, "field", PLACED))
            placed = True
        elif column - 1 in dropped:
            # what stands beside persons, under no heading of its own, is about them
            dropped[column] = dropped[column - 1]
            uses.append(ColumnUse(column, dropped[column], "drop"))
        else:
            uses.append(ColumnUse(column, path, "serial" if _are_serial(values) else "unknown"))
    return replace(layout, columns=tuple(sorted(uses, key=lambda use: use.index)))


def _with_row_units(table: Table, layout: Layout) -> Layout:
    """The layout with the columns that say in what the amounts beside them are: 万元 in one row, 元 in the next.

    Such a column is of the amounts right before it, back to the last such column, or else of the one behind it.
    """
    data = table.rows[layout.header.stop :]
    uses = list(layout.columns)
    for at, use in enumerate(uses):
        if use.role not in ("unknown", "repeated") or not _UNIT_HEADING.fullmatch(
            lines.plain(use.path.rpartition("/")[2])
        ):
            continue
        units = [unit_alone(row[use.index]) for row in data if _has(row, use.index)]
        if sum(map(bool, units)) < _MOSTLY * len(units) or not units:
            continue
        money = any("元" in unit or unit in "千万亿" for unit in units if unit)
        fitting = [_is_amount(one, layout, money) for one in uses]
        before = at
        while before and fitting[before - 1]:
            before -= 1
        amounts = uses[before:at] or [one for one in uses[at + 1 : at + 2] if fitting[at + 1]]
        if amounts:
            uses[at] = replace(use, role="unit")
        for one in amounts:
            uses[uses.index(one)] = replace(one, units_in=use.index)
    return replace(layout, columns=tuple(uses))


def _is_amount(use: ColumnUse, layout: Layout, money: bool) -> bool:
    if use.role != "field":
        return False
    kind = layout.ledger.fields[use.field].property.type
    return kind == "money" if money else kind in _AMOUNTS[1:]


def _beside_numbers(data: Sequence[Sequence[Cell]], layout: Layout) -> list[ColumnUse]:
    """The uses of the columns, where a heading over two columns is that of the second if the first has numbers only."""
    uses = {use.index: use for use in layout.columns}
    for index, use in list(uses.items()):
        following = uses.get(index + 1)
        if use.role != "field" or (following and (following.role, following.path) != ("repeated", use.path)):
            continue
        if layout.ledger.fields[use.field].property.type not in ("string", "strings"):
            continue
        both = [row for row in data if _has(row, index) and _has(row, index + 1)]
        if both and _are_serial([row[index] for row in both]) and all(isinstance(row[index + 1], str) for row in both):
            uses[index] = replace(use, role="serial", field="", unit=None)
            uses[index + 1] = replace(use, index=index + 1)
    return list(uses.values())


def _has(row: Sequence[Cell], column: int) -> bool:
    return column < len(row) and row[column] is not None


def _are_serial(values: Sequence[Cell]) -> bool:
    """Whether values number the lines: 1, 2, 3 …"""
    numbers = [int(text) for value in values if (text := str(value).removesuffix(".0")).isdigit()]
    return len(numbers) == len(values) and numbers == [*range(numbers[0], numbers[0] + len(numbers))]


def column_letters(index: int) -> str:
    """The letters by which a spreadsheet calls a column."""
    letters = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
