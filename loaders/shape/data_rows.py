"""Which lines of a sheet are data, and what every other line is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from graph.workbook import Cell
from loaders.read.tables import Table
from loaders.recognize import lines
from loaders.recognize.headers import Layout
from loaders.shape.checks import Problems

#: kinds of lines that are no data, as they are named to the user
TITLE, HEADER, AGAIN, ABOVE = "标题", "表头", "再次出现的表头和标题", "表头以上的数据"
TOTAL, NOTE, GROUP, EXAMPLE, NUMBERS = "合计", "说明", "分组标题", "填写示例", "栏号"
SERIAL, FOREIGN = "只有序号", "内容都在未识别的列"
#: ledgers in whose column of names a division, a category or a number is a heading
_NAMED_UNITS = frozenset({"Unit", "PartyOrg", "GuidanceOfficer", "PartnerUnit", "WorkTeam", "Site", ""})
#: ledgers whose names are sentences
_PROSE = frozenset({"ListItem", "Activity", "Deferral", "Review"})
#: what names that may be something else begin with, contain and end with; they are looked at closely
_ODD_BEGINNING = re.compile(
    "[Xx×*＊※○◯…一二三四五六七八九十Ⅰ-Ⅻ①-⑳（(第示样例范此本该过承接转续同环占上以全共注附其TtSsGg-]|\\d{1,3}(?:[)）]?$|=)"
    "|填[报表写制]|制[表作]|审[核批定]|复核|经办|编制|统计|联系|单位|部门|主[要管]|分管|日期|时间|盖章|签字|说明|备注|数据|截[至止]|打印|报送|抄送"
)
#: branches that each begin with one character are searched fastest
_ODD_INSIDE = re.compile("合计|总计|小计|共计|累计|总数|总和|汇总|平均|均值|人均|户均|：|:| |\t|\n|\r|\xa0|\u3000")
#: what a text in front of a name that may be something else ends with
_ODD_END_IN_FRONT = ("率", "比", "例", *(unit + bracket for unit in "家户个名人条项例" for bracket in "）)"))
_ODD_END = ("镇", "道", "处", *_ODD_END_IN_FRONT)
_GOES_ON = "紧接着说明，只有一格，像是说明的下一行"
#: lines below a header in which the numbers of the columns may stand
_NUMBERED_WITHIN = 3


@dataclass(slots=True)
class Lines:
    """The lines of a sheet by what they are, as indices of `table.rows`. A blank line is in none.

    `doubtful` are those data lines that must not be accepted, with the reason. `headings` are the texts of those lines
    that head groups.
    """

    data: list[int] = field(default_factory=list)
    others: dict[str, list[int]] = field(default_factory=dict)
    doubtful: dict[int, str] = field(default_factory=dict)
    headings: dict[int, str] = field(default_factory=dict)


def classify(table: Table, layout: Layout) -> Lines:
    """What each line of a sheet is. Values of cells merged downwards are filled into the lines that they cover."""
    return _Classifier(table, layout).lines()


def remark(table: Table, layout: Layout, sheet: Lines, problems: Problems) -> None:
    """Reject the lines that must not be accepted; remark on cells without their value, and on the lines that are no data."""
    position = {line: number for number, line in enumerate(sheet.data)} if sheet.doubtful or table.lost else {}
    for line, reason in sorted(sheet.doubtful.items()):
        example = f"{problems.place(position[line])}：{reason}"
        problems.reject(
            position[line],
            reason,
            "doubtful_row",
            "行的内容可能错了位或不是记录，该行未收。请核对改正后重新载入",
            example,
        )
    paths = {use.index: use.path for use in layout.columns if use.role in ("field", "tick")}
    for (line, column), word in sorted(table.lost.items()):
        if line in position and column in paths:
            example = f"{problems.place(position[line])}：{paths[column]}"
            if word:
                text = "单元格是错误值，按空白处理。请改正后重新载入"
                problems.remarks.add("error_cells", text, f"{example}“{word}”")
            else:
                text = "公式没有算出的值，按空白处理。请用 WPS 打开、保存后重新载入"
                problems.remarks.add("formulas_without_value", text, example)
    if above := sheet.others.get(ABOVE):
        text = (
            f"表头以上有像是数据的行，没有读取（第 {_spans(above)} 行）。请检查表头是否在它们之上，或用 --mapping 指明"
        )
        problems.remarks.add("rows_above_header", text)
        problems.remarks.counts["rows_above_header"] = len(above)
    named = {kind: found for kind, found in sheet.others.items() if kind not in (TITLE, HEADER, ABOVE)}
    if named:
        text = "、".join(f"{kind} {len(found)}（第 {_spans(found)} 行）" for kind, found in named.items())
        problems.remarks.texts["other_rows"] = f"不是记录、没有读取的行：{text}"
        problems.remarks.counts["other_rows"] = sum(map(len, named.values()))
        problems.remarks.examples["other_rows"] = []


def _spans(found: Iterable[int]) -> str:
    """Lines, counted from 1, as spans: 3–5、9."""
    spans: list[list[int]] = []
    for line in found:
        if spans and spans[-1][1] == line:
            spans[-1][1] = line + 1
        else:
            spans.append([line + 1, line + 1])
    texts = [f"{a}" if a == b else f"{a}–{b}" for a, b in spans[:8]]
    return "、".join(texts) + ("等" if len(spans) > 8 else "")


class _Classifier:
    def __init__(self, table: Table, layout: Layout) -> None:
        self._table, self._layout = table, layout
        ledger = layout.ledger
        uses = layout.columns
        self._names = [c.index for c in uses if c.role == "field" and c.field in ledger.needs]
        self._understood = {c.index for c in uses if c.role in ("field", "tick", "unit", "drop")}
        self._foreign = [c.index for c in uses if c.role in ("unknown", "repeated", "earlier", "ignored")]
        self._serial = {c.index for c in uses if c.role == "serial"}
        self._merged = {top for top, left, _, right in table.merges if right > left}
        self._headers = [[c for c in table.rows[i] if c is not None] for i in layout.header]
        self._words = {c for cells in self._headers for c in cells if isinstance(c, str)}
        self._repeats = {row for rows in layout.repeats for row in rows}
        self._units, self._prose = ledger.entity in _NAMED_UNITS, ledger.entity in _PROSE
        #: whether a text in front of a name, often that of a town, is none that `_kind` asks about
        self._ordinary: dict[str, bool] = {}
        self._lost = table.lost

    def lines(self) -> Lines:
        table, layout = self._table, self._layout
        start = layout.header.stop
        self._fill_merged(start)
        sheet = Lines()
        faults = table.records.faults(layout.header, range(start, len(table.rows)))
        numbered, noted = start + _NUMBERED_WITHIN, -2
        for index, row in enumerate(table.rows):
            first = next((c for c in row if c is not None), None)
            if first is None:
                continue
            if index in self._repeats:
                kind, numbered = AGAIN, index + 1 + _NUMBERED_WITHIN
            elif index < start:
                kind = HEADER if index >= layout.header.start else self._above(row)
            elif index in faults:
                kind = ""
                sheet.doubtful[index] = faults[index]
            elif index >= numbered and self._is_plain(row, first):
                kind = ""
            else:
                kind = self._kind(index, row, index < numbered)
                if not kind and self._units:
                    goes_on = self._goes_on(row) if noted == index - 1 else False
                    kind = NOTE if goes_on else ""
                    if reason := _GOES_ON if goes_on is None else "" if kind else self._doubt(row):
                        sheet.doubtful[index] = reason
                if kind == NOTE or sheet.doubtful.get(index) == _GOES_ON:
                    noted = index
            if kind:
                sheet.others.setdefault(kind, []).append(index)
                if kind == GROUP:
                    sheet.headings[index] = self._heading(row)
            else:
                sheet.data.append(index)
        return sheet

    def _above(self, row: list[Cell]) -> str:
        """A line above the header: a title, or data whose own header was not recognized."""
        filled = [c for c in row if c is not None]
        numbers = sum(not isinstance(c, str) or c.strip().isdigit() for c in filled)
        return ABOVE if len(filled) > 2 and numbers and not lines.is_note(filled) else TITLE

    def _is_plain(self, row: list[Cell], first: Cell) -> bool:
        """Whether a line is a record at first sight: a number or a name in front, a name like any other, figures."""
        for index in self._names:
            name = row[index] if index < len(row) else None
            if type(name) is not str or name in self._words:
                return False
            if first is not name and type(first) is str and not first.isdigit() and not self._is_ordinary(first):
                return False
            if _ODD_BEGINNING.match(name) or name.endswith(_ODD_END) or _ODD_INSIDE.search(name):
                return False
        if self._foreign and any("例" in c for i in self._foreign if i < len(row) and type(c := row[i]) is str):
            return False
        # a note has few figures
        return bool(self._names) and any(
            type(c) is not str or c[:1].isdigit() for c in row[self._names[0] + 1 :] if c is not None
        )

    @staticmethod
    def _goes_on(row: list[Cell]) -> bool | None:
        """Whether a line below a note goes on with it, see lines.goes_on."""
        filled = [c for c in row if c is not None]
        return lines.goes_on(lines.plain(filled[0])) if len(filled) == 1 and isinstance(filled[0], str) else False

    def _is_ordinary(self, first: str) -> bool:
        ordinary = self._ordinary.get(first)
        if ordinary is None:
            odd = _ODD_BEGINNING.match(first) or first.endswith(_ODD_END_IN_FRONT) or _ODD_INSIDE.search(first)
            ordinary = self._ordinary[first] = not odd and first not in self._words
        return ordinary

    def _kind(self, index: int, row: list[Cell], near_header: bool) -> str:
        """The kind of a line below the header; '' for data."""
        filled = [(i, c) for i, c in enumerate(row) if c is not None]
        cells = [c for _, c in filled]
        if cells in self._headers:
            return AGAIN
        names = [lines.plain(row[i]) for i in self._names if i < len(row) and row[i] is not None]
        # far from the header, what numbers the columns has a number for a name too
        numbering = near_header or (len(cells) > 2 and not any(len(text) > 3 for text in names))
        if numbering and len(cells) * 2 >= len(self._layout.columns) and lines.is_column_numbers(cells):
            return NUMBERS
        first = lines.plain(cells[0])
        before = [lines.plain(c) for i, c in filled[1:] if self._names and i < self._names[0]]
        if any(lines.is_total(text, self._prose) for text in (first, *before, *names) if text):
            return TOTAL
        if lines.is_note(cells):
            return NOTE
        own = [(i, c) for i, c in filled if i not in self._serial]
        if not own:
            # a heading may stand in the column of numbers, as in a merged line
            return GROUP if lines.heading(first, alone=True) else SERIAL
        if lines.is_example([*cells[:2], *(c for i, c in filled if i not in self._understood or i in self._names)]):
            return EXAMPLE
        if not any(i in self._understood for i, _ in own):
            return FOREIGN if len(own) > 1 else GROUP
        if len(own) == 1 and self._heads_group(index, *own[0], first):
            return GROUP
        if self._units and names and self._is_heading_of_figures(first, names[0], own):
            return GROUP
        return ""

    def _heading(self, row: list[Cell]) -> str:
        """The text of a heading with the number that stands before it in a cell of its own."""
        texts = [text for cell in row if (text := lines.plain(cell))]
        number = texts[0] if len(texts) > 1 and lines.is_ordinal(texts[0]) else ""
        words = texts[1:] if number else texts
        return f"{number.rstrip('、.．')}、{words[0]}" if number and words else (words or [""])[0]

    def _heads_group(self, index: int, column: int, cell: Cell, first: str) -> bool:
        """Whether a line with one cell beside its number is a heading of the lines below."""
        text = lines.plain(cell)
        if column not in self._names:
            # a number without a name, or an error in its place, is a record that lacks its name
            return (
                bool(text) and not text[:1].isdigit() and not any((index, name) in self._lost for name in self._names)
            )
        if index in self._merged:
            return True
        return self._units and (
            lines.heading(text, alone=True) or (lines.is_ordinal(first) and not lines.is_organization(text))
        )

    def _is_heading_of_figures(self, first: str, name: str, own: Sequence[tuple[int, Cell]]) -> bool:
        """Whether a line is a numbered heading with the figures of the lines below it."""
        if not all(isinstance(c, int | float) for i, c in own if i not in self._names):
            return False
        return lines.heading(name, alone=False) or (
            lines.is_ordinal(first) and lines.is_division(name) and not lines.is_organization(name)
        )

    def _doubt(self, row: list[Cell]) -> str:
        """Why a line of data must not be accepted as it stands; '' where nothing speaks against it."""
        names = [lines.plain(row[i]) for i in self._names if i < len(row)]
        if any(map(lines.is_placeholder, filter(None, names))):
            return "名称像是填写示例"
        if any(name.endswith(("：", ":")) for name in names):
            return "名称以冒号结尾，像是分组标题"
        if any(map(lines.is_town, names)):
            return "名称是镇街，像是分组小计"
        own = [c for i, c in enumerate(row) if c is not None and i not in self._serial]
        if len(own) == 1 and names and names[0] and lines.is_category(names[0]):
            return f"只有“{names[0][:30]}”一格，像是分组标题"
        return ""

    def _fill_merged(self, start: int) -> None:
        """Repeat a value merged downwards in the lines that it covers, where they have content of their own."""
        rows = self._table.rows
        spans = [span for span in self._table.merges if span[0] >= start and span[2] > span[0]]
        own = {
            index
            for top, _, bottom, _ in spans
            for index in range(top + 1, min(bottom + 1, len(rows)))
            if any(c is not None for i, c in enumerate(rows[index]) if i not in self._serial)
        }
        for top, left, bottom, _ in spans:
            value = rows[top][left] if top < len(rows) and left < len(rows[top]) else None
            if value is None:
                continue
            for index in range(top + 1, bottom + 1):
                if index in own:
                    row = rows[index]
                    row.extend([None] * (left + 1 - len(row)))
                    if row[left] is None:
                        row[left] = value
