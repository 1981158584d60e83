"""The data rows of a recognized sheet, each as the fields it states; what cannot be used, with its reason."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import repeat, zip_longest
from typing import Any

from graph.ontology import Property
from graph.workbook import Cell, Sheet
from loaders.cleaning import cells, codes, dates, marks, names, numbers
from loaders.read.files import Table, preview_text
from loaders.recognize.headers import Layout
from loaders.recognize.ledgers import Ledger
from loaders.shape.rows import Keeper, Row, written

#: a value that could not be read is kept under its field's name behind this mark, so that nothing is lost
RAW = "?"
REASON = "拒收原因"

#: 合计 and the like alone, or before a number, a bracket, a colon: 共计科技有限公司 is a firm
_TOTALS = re.compile(r"(合\s*计|总\s*计|小\s*计|共\s*计)\s*([:：（(\d].*)?")
_NOTES = re.compile(
    r"^(注|备注|说明|填表人|制表人|制表单位|制表|审核人|审核|填报人|填报单位|单位负责人|填表说明|演示数据)(\s*[:：、.]|$|·)"
)
_NUMBERED = re.compile(r"^\d{1,5}[、．.]\s*(?=[^\d\s])")
#: an identity number, a mobile telephone's
_PERSON = re.compile(r"[1-9]\d{5}(?:18|19|20)\d\d(?:0\d|1[0-2])[0-3]\d{4}[\dXx]|(?:\+?86)?1[3-9]\d{9}")
#: what a spreadsheet's cell can hold; only a text file brings more
MAX_TEXT = 32_767
_TOO_LONG = f"内容过长，应在 {MAX_TEXT} 字以内"
_ALL_DIGITS = re.compile(r"\d{2,12}")

Parsed = tuple[Any, str | None]


@dataclass(slots=True)
class Remarks:
    """What is to be said of one sheet: how often, in which words, with up to three examples."""

    texts: dict[str, str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def add(self, code: str, text: str, example: str = "", times: int = 1) -> None:
        """Count a remark; the first three examples are kept."""
        self.texts.setdefault(code, text)
        self.counts[code] += times
        shown = self.examples.setdefault(code, [])
        if example and len(shown) < 3:
            shown.append(example)


@dataclass(slots=True)
class Shaped:
    """A sheet shaped: accepted rows, rejected rows (cells, reason), remarks, number of data rows.

    `table` has no more than the lines down to its header: what was accepted is in `rows`.
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


def shape(table: Table, layout: Layout, keeper: Keeper) -> Shaped:
    """Every data row of `table` accounted for: accepted or rejected. Titles, totals, notes, blanks are no rows."""
    ledger = layout.ledger
    remarks = Remarks()
    lines = _data_rows(table, layout)
    cells = [table.rows[i] for i in lines]
    reasons: dict[int, list[str]] = {}

    def place(position: int) -> str:
        return f"{table.file}“{table.sheet}”第 {lines[position] + 1} 行"

    read: dict[str, list[Any]] = {}
    raw: list[tuple[int, str, str]] = []
    columns = list(zip_longest(*cells))
    for use in layout.columns:
        if use.role not in ("field", "tick") or use.index >= len(columns):
            continue
        name, column = use.field, columns[use.index]
        if use.role == "tick":
            ticked = {cell: use.tick if marks.ticked(cell) else None for cell in set(column)}
            said = [ticked[cell] for cell in column]
            # of several ticks the first counts
            read[name] = _first(read[name], said) if name in read else said
            continue
        spec = ledger.fields[name]
        said, problems = _parsed(column, _parse(spec.property, use.unit, spec.many))
        for position, problem in problems:
            cell = column[position]
            fatal = spec.property.type == "date" or problem == _TOO_LONG
            _complain(remarks, reasons, position, spec.property, cell, problem, fatal, place(position))
            if not _personal(cell):
                raw.append((position, RAW + name, preview_text(cell, 200)))
        read[name] = _first(said, read[name]) if name in read else said
    # in the order of their names, which is that of the texts they are kept as
    names = sorted(read)
    # zip of no columns has no rows, but each line is one
    filled = zip(*map(read.__getitem__, names), strict=True) if read else repeat((), len(lines))
    values = [{n: v for n, v in zip(names, row, strict=True) if v is not None} for row in filled]
    for position, name, text in raw:
        values[position][name] = text
    _check(ledger, values, reasons, remarks, place)
    rejected = [(cells[position], "；".join(why)) for position, why in sorted(reasons.items())]
    rejected_values = [values[position] for position in sorted(reasons)]
    accepted = [position for position in range(len(lines)) if position not in reasons]
    stated = [values[position] for position in accepted]
    origin = keeper.origin(
        table.file, table.sheet, ledger, [lines[p] + 1 for p in accepted], [written(v) for v in stated], stated
    )
    rows = [Row(origin, position) for position in range(len(accepted))]
    kept = replace(table, rows=table.rows[: layout.header.stop])
    return Shaped(kept, layout, rows, rejected, rejected_values, remarks, len(lines))


def _first(said: Sequence[Any], otherwise: Sequence[Any]) -> list[Any]:
    """Of two columns that state the same field, the first, and the other where that one is blank."""
    return [b if a is None else a for a, b in zip(said, otherwise, strict=True)]


def _parsed(column: Sequence[Cell], parse: Callable[[Cell], Parsed]) -> tuple[list[Any], list[tuple[int, str]]]:
    """What each cell of a column says, each distinct cell parsed once; and the problems by position."""
    kinds = {*map(type, column)}
    # True == 1 == 1.0, but they do not say the same: where they stand in one column, cells are told apart by type
    alike = len(kinds & {bool, int, float}) < 2
    keys: Sequence[Any] = column if alike else [(type(cell), cell) for cell in column]
    known: dict[Any, Parsed] = {}
    for key, cell in zip(keys, column, strict=True):
        if key not in known:
            if cell is None:
                known[key] = None, None
            elif type(cell) is str and len(cell) > MAX_TEXT:
                known[key] = None, _TOO_LONG
            else:
                known[key] = parse(cell)
    problems = []
    if any(problem is not None for _, problem in known.values()):
        problems = [(i, problem) for i, key in enumerate(keys) if (problem := known[key][1]) is not None]
    said = {key: value for key, (value, _) in known.items()}
    return [said[key] for key in keys], problems


def rejects_sheet(shaped: Shaped) -> Sheet | None:
    """The rejected rows under their own titles and header, columns dropped at the door blanked, reasons last.

    The line above the header names the file: a title or a file's name may tell which division its rows lie in.
    """
    if not shaped.rejected:
        return None
    table, layout = shaped.table, shaped.layout
    dropped = {c.index for c in layout.columns if c.role == "drop"}
    width = max((len(table.rows[i]) for i in layout.header), default=0)

    def padded(row: Sequence[Cell], last: Cell, blank: bool) -> list[Cell]:
        shown = [None if blank and (i in dropped or _personal(c)) else c for i, c in enumerate(row[:width])]
        return [*shown, *[None] * (width - len(shown)), last]

    top = layout.header.start
    rows = [padded(row, None, False) for row in table.rows[:top]]
    rows.append(padded([f"拒收行，来自 {table.file}"], None, False))
    rows += [padded(table.rows[i], REASON if i == layout.header.stop - 1 else None, False) for i in layout.header]
    rows += [padded(cells, reason, True) for cells, reason in shaped.rejected]
    merges = [(a, b, c, d) for a, b, c, d in table.merges if c < top]
    merges += [(a + 1, b, c + 1, d) for a, b, c, d in table.merges if a >= top and c < layout.header.stop]
    return Sheet(table.sheet, rows, merges, header_rows=layout.header.stop + 1)


# -- which rows are data ----------------------------------------------------------------------------


def _data_rows(table: Table, layout: Layout) -> list[int]:
    """Indices of the data rows; a value merged downwards is repeated in the rows it covers."""
    start = layout.header.stop
    names = {c.index for c in layout.columns if c.role == "field" and c.field in layout.ledger.needs}
    understood = {c.index for c in layout.columns if c.role in ("field", "tick", "drop")}
    for top, left, bottom, right in table.merges:
        if top >= start and bottom > top and left == right and left not in names:
            value = table.rows[top][left] if left < len(table.rows[top]) else None
            for r in range(top + 1, min(bottom + 1, len(table.rows))):
                row = table.rows[r]
                if left < len(row) and row[left] is None and any(c is not None for c in row):
                    row[left] = value
    headers = [[c for c in table.rows[i] if c is not None] for i in layout.header]
    found: list[int] = []
    for index in range(start, len(table.rows)):
        row = table.rows[index]
        first = next((c for c in row if c is not None), None)
        if first is None:
            continue
        if not isinstance(first, str) and any(i < len(row) and row[i] is not None for i in names):
            # the common case: a number in front and a name behind it is no title, note, total or header
            found.append(index)
            continue
        filled = [(i, c) for i, c in enumerate(row) if c is not None]
        if isinstance(first, str):
            total = first.strip()
            if _TOTALS.fullmatch(total) or (filled[0][0] not in names and total.endswith(("小计", "合计", "总计"))):
                continue
            if len(filled) <= 2 and _NOTES.match(first.strip()):
                continue
        stated = [i for i, _ in filled if i in understood]
        if not stated or (len(filled) == 1 and filled[0][0] not in names):
            continue
        if len(filled) == 1 and _spans(table, index):
            continue
        if [c for _, c in filled] in headers:
            continue
        found.append(index)
    return found


def _spans(table: Table, index: int) -> bool:
    """Whether a row is one merged cell: a heading between data rows."""
    return any(top == index and right > left for top, left, _, right in table.merges)


# -- what a cell says -------------------------------------------------------------------------------


def _parse(prop: Property, unit: str | None, many: bool) -> Callable[[Cell], Parsed]:
    if prop.format == "credit_code":
        return codes.credit_code
    if prop.format == "division_code":
        return _division_code
    if many or prop.type == "strings":
        return lambda cell: (names.names(cell) or None, None)
    if prop.type == "integer":
        return numbers.integer
    if prop.type == "number":
        return numbers.number
    if prop.type == "money":
        return lambda cell: numbers.money(cell, unit)
    if prop.type == "date":
        return lambda cell: dates.date(cell, end=prop.end)
    if prop.type == "boolean":
        return _boolean
    if prop.values:
        return _enumerated(prop)
    if prop.name in ("name", "short_name") or prop.name.startswith("@"):
        return lambda cell: (names.name(cell), None)
    return lambda cell: (cells.text(cell), None)


def _boolean(cell: Cell) -> Parsed:
    value = marks.yes_no(cell)
    if value is None and cells.text(cell) is not None:
        return None, "看不出是或否"
    return value, None


def _enumerated(prop: Property) -> Callable[[Cell], Parsed]:
    words = {names.name_key(w): value for value, synonyms in prop.values.items() for w in (value, *synonyms)}

    unknown = f"不在可用的值之中（{'、'.join(prop.values)}）"

    def parse(cell: Cell) -> Parsed:
        value = words.get(names.name_key(cells.text(cell, blank_marks=False)))
        if value is not None:
            return value, None
        text = cells.text(cell)
        if text is None:
            # 无 is a value where the property declares it; elsewhere it answers a question that was not asked
            return None, unknown if cells.is_none(cell) else None
        if prop.open_values:
            return text, None
        return None, unknown

    return parse


def _division_code(cell: Cell) -> Parsed:
    text = cells.text(cell)
    if text is None:
        return None, None
    if not _ALL_DIGITS.fullmatch(text):
        return None, "区划代码应为 2 至 12 位数字"
    if len(text) == 12:
        # GB/T 2260 codes are often padded with zeros to the length of a village's
        for length in (2, 4, 6, 9):
            if not text[length:].strip("0"):
                return text[:length], None
    return text, None


def _complain(
    remarks: Remarks,
    reasons: dict[int, list[str]],
    position: int,
    prop: Property,
    cell: Cell,
    problem: str,
    fatal: bool,
    place: str,
) -> None:
    said = "（疑似个人信息，不显示）" if _personal(cell) else f"“{preview_text(cell)}”"
    quoted = f"{place}：{prop.label}{said}"
    if fatal:
        reasons.setdefault(position, []).append(f"{prop.label}{said}{problem}")
        remarks.add(f"unusable_{prop.name}", f"{prop.label}{problem}，该行未收。请改正后重新载入", quoted)
    else:
        kept = "" if _personal(cell) else "，原文留存"
        remarks.add(f"blank_{prop.name}_{problem[:12]}", f"{prop.label}{problem}，按空白处理{kept}", quoted)


def _personal(cell: Cell) -> bool:
    """Whether a cell where it was not expected is the number of a person: it is not kept, quoted or handed back."""
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
    return bool(_PERSON.fullmatch(re.sub(r"[\s-]", "", text)))


def _check(
    ledger: Ledger,
    values: list[dict[str, Any]],
    reasons: dict[int, list[str]],
    remarks: Remarks,
    place: Callable[[int], str],
) -> None:
    """Rows that say nothing usable: no name, a negative count, a code that is no unit's, a relation to itself."""
    counted = [f for f in ledger.fields.values() if f.property.type in ("integer", "money") or f.name == "weight"]
    named = "name" in ledger.fields
    for position, stated in enumerate(values):
        for need in ledger.needs:
            if stated.get(need) in (None, "", []):
                label = ledger.fields[need].property.label
                reasons.setdefault(position, []).append(f"缺少{label}")
                remarks.add(f"missing_{need}", f"缺少{label}，该行未收。请补填后重新载入", place(position))
        for one in counted:
            value = stated.get(one.name)
            if value is not None and value < 0:
                reasons.setdefault(position, []).append(f"{one.property.label}“{value}”为负数")
                remarks.add(
                    f"negative_{one.name}", f"{one.property.label}为负数，该行未收。请改正后重新载入", place(position)
                )
        if named and isinstance(stated.get("name"), str):
            stated["name"] = _NUMBERED.sub("", stated["name"])
        if ledger.entity == "Unit":
            _check_code(stated, reasons, remarks, position, place)
        elif ledger.edge and names.name_key(str(stated.get("@from", ""))) == names.name_key(
            str(stated.get("@to", " "))
        ):
            reasons.setdefault(position, []).append("两端是同一个对象")
            remarks.add("self_loop", "两端是同一个对象，该行未收。请核对后重新载入", place(position))


def _check_code(
    stated: dict[str, Any],
    reasons: dict[int, list[str]],
    remarks: Remarks,
    position: int,
    place: Callable[[int], str],
) -> None:
    code = stated.get("credit_code")
    if not code:
        return
    kind = codes.code_prefix_kind(code)
    if not kind:
        reasons.setdefault(position, []).append(f"信用代码“{code}”以 {code[:2]} 开头，不是两新组织")
        remarks.add(
            "not_a_unit",
            "信用代码的机构类别不是两新组织，该行未收。请核对是否应列入本台账",
            f"{place(position)}：{code}",
        )
