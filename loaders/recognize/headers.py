"""The ledger that a sheet is, and the field that each of its columns states: a table becomes a layout."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from functools import lru_cache
from typing import Literal

from graph.ontology import Ontology
from graph.personal import clean
from graph.privacy import PERSON
from graph.workbook import Cell
from loaders.cleaning.cells import text
from loaders.cleaning.headings import header_text, unit_alone
from loaders.read.tables import Table
from loaders.recognize import rosters
from loaders.recognize.ledgers import Field, Ledger
from loaders.recognize.mapping import IGNORED, SheetMapping

#: lines in which a header may begin; title and note lines stand above it
HEADER_WITHIN = 20
HEADER_DEPTH = 3

Role = Literal["field", "tick", "drop", "unknown", "repeated", "serial", "ignored"]
_NUMBERS = re.compile(r"\d{6}")
_QUOTES = str.maketrans("", "", "“”\"‘’'「」")
#: how to fill in a column, not what it says
_HINT = re.compile(
    "（[^（）]*(?:全称|为准|一致|执照|盖章|公章|格式|示例|例如|必填|填写|填报|下拉|单选|多选|可多选|规范|完整|中文|四舍五入|保留|截[至止])[^（）]*）"
)
_REMARK = re.compile("[（(][^（）()]+[)）]")
#: columns of their own under a question: 是 and 否, each to be ticked
_YES_OR_NO = {"是": ("有", "已建", "已成立"), "否": ("无", "未建", "未成立")}
#: classes of sensitivity of fields that hold names of persons
_OF_PERSONS = frozenset({PERSON, "phone"})
_SERIAL = frozenset({"序号", "编号", "no", "no.", "行号", "拒收原因"})


@dataclass(frozen=True, slots=True)
class ColumnUse:
    """The meaning of one column of a sheet. `path` is its header from top to bottom, joined by /.

    `tick` is the value that a mark in this column stands for. `unit` of money or counts comes from the header.
    `refused` is what a mapping takes a personal column for, which is dropped all the same.
    """

    index: int
    path: str
    role: Role
    field: str = ""
    tick: str = ""
    unit: str | None = None
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """The layout of a recognized sheet: its ledger, the row indices of its header, and the use of each column.

    `repeats` are the rows below in which the header stands again, as on a second page.
    """

    ledger: Ledger
    header: range
    columns: tuple[ColumnUse, ...]
    titles: tuple[str, ...] = ()
    repeats: tuple[range, ...] = ()

    def named(self, *roles: Role) -> tuple[str, ...]:
        """Headers of the columns that play one of these roles."""
        return tuple(c.path for c in self.columns if c.role in roles)


@dataclass(frozen=True, slots=True)
class Unrecognized:
    """A sheet that is no declared ledger: the nearest ledger, its headers in the sheet, and those it lacks.

    `layout` is that of the nearest ledger, for a person who corrects it. `roster`: the sheet lists persons, described by
    these headers; in its layout every column is dropped.
    """

    headers: tuple[str, ...]
    nearest: str = ""
    present: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    layout: Layout | None = None
    roster: bool = False

    def sentence(self) -> str:
        """The reason in Chinese, with what to do."""
        if self.roster:
            return (
                f"像是人员名册（列有 {'、'.join(self.headers[:6])}）。这里只记人数，不收名册，姓名没有读入。"
                "如果是指导员或联系领导的台账，请在标题、工作表名或文件名里写明，或补上“指导企业”“联系村”等列。"
            )
        if not self.headers:
            return "没有找到表头。请检查工作表，或指明表头所在行和各列含义（网页上选择，命令行用 --mapping）。"
        seen = f"看到的列：{'、'.join(self.headers[:12])}"
        if self.nearest:
            present = f"，认出 {'、'.join(self.present)}" if self.present else ""
            return f"不是能识别的台账。{seen}；最接近“{self.nearest}”{present}，缺少 {'、'.join(self.missing)}。请补上所缺列，或指明各列含义（网页上选择，命令行用 --mapping）。"
        return f"不是能识别的台账。{seen}。请指明它是哪种台账、各列含义（网页上选择，命令行用 --mapping）。"


@dataclass(slots=True)
class _Head:
    """One way to read some rows as a header."""

    rows: range
    paths: list[tuple[str, ...]]
    units: list[str | None]
    #: by its merged cells: 1 it ends here, -2 it does not, 0 they do not tell
    ends: int = 0


class Recognizer:
    """Recognizes sheets against the declared ledgers; built once for a load."""

    def __init__(self, ledgers: Mapping[str, Ledger], ontology: Ontology) -> None:
        self._ledgers = ledgers
        self._drop = {_key(h): label for label, headers in ontology.drop.items() for h in headers}
        # a word that no ledger and no drop list uses cannot make a row a header
        self._words = set(self._drop)
        for ledger in ledgers.values():
            for one in ledger.fields.values():
                self._words.update(part for h in one.headers for part in _key(h).split("/"))
                if one.property.bare_ticks:
                    self._words.update(_key(v) for v in one.property.values)
        self._beginnings = {word.partition("（")[0] for word in self._words}
        self._synonyms = {name: _synonyms(ledger) for name, ledger in ledgers.items()}
        self._ticks: dict[tuple[str, tuple[str, ...]], tuple[str, str] | None] = {}

    def recognize(
        self, table: Table, mapping: SheetMapping | None = None, starts: range = range(HEADER_WITHIN)
    ) -> Layout | Unrecognized:
        """The layout of `table`, or what it lacks for one. `mapping` overrides the headers.

        The header begins in one of the rows `starts`.
        """
        heads = self._mapped_head(table, mapping) if mapping and mapping.header else self._heads(table, starts)
        best: tuple[float, Layout] | None = None
        nearest: tuple[int, Ledger, _Head, list[ColumnUse]] | None = None
        for head in heads:
            titles = tuple(clean(t) for row in table.rows[: head.rows.start] for t in _texts(row))
            nearest_first = (*reversed(titles), table.sheet, table.file.rpartition("/")[2])
            context = " ".join((table.sheet, table.file, *titles))
            for ledger in self._ledgers.values():
                if mapping and mapping.ledger and mapping.ledger != ledger.name:
                    continue
                uses = self._assign(head, ledger, mapping)
                fields = {u.field for u in uses if u.field}
                if nearest is None or len(fields) > nearest[0]:
                    nearest = (len(fields), ledger, head, uses)
                if not self._plausible(ledger, uses, fields, bool(mapping)):
                    continue
                own = _has_own_heading(ledger, uses)
                if not mapping and rosters.lists_persons(ledger, head.paths, fields, own, nearest_first):
                    continue
                titled = any(t in context for t in ledger.titles)
                score = _score(head, uses, fields) + 2.5 * titled
                if best is None or score > best[0]:
                    best = (score, Layout(ledger, head.rows, tuple(uses), titles))
        if best:
            return _without_persons(best[1])
        if not mapping and (roster := self._roster(table)):
            return roster
        if nearest and (nearest[0] or mapping):
            _, ledger, head, uses = nearest
            fields = {u.field for u in uses if u.field}
            missing = [_words(ledger.fields[n]) for n in ledger.needs if n in ledger.fields and n not in fields]
            if not missing:
                missing = [
                    "、".join(_words(ledger.fields[s]) for s in sorted(ledger.signs) if s in ledger.fields) + " 之一"
                ]
            present = tuple(u.path for u in uses if u.field)
            headers = tuple("/".join(p) for p in head.paths if p)
            layout = Layout(ledger, head.rows, tuple(uses))
            if rosters.about_persons(table.rows[head.rows.start : head.rows.start + HEADER_WITHIN]):
                return Unrecognized(())
            return Unrecognized(headers, ledger.label, present, tuple(missing), layout)
        start = next((i for i, row in enumerate(table.rows[:HEADER_WITHIN]) if len(_texts(row)) > 1), len(table.rows))
        first = table.rows[start] if start < len(table.rows) else ()
        # a row without one declared heading may be data, and data about persons
        impersonal = not any(_NUMBERS.search(str(cell)) for cell in first)
        impersonal = impersonal and not rosters.about_persons(table.rows[start : start + HEADER_WITHIN])
        return Unrecognized(tuple(t[:20] for t in _texts(first)) if impersonal else ())

    def _roster(self, table: Table) -> Unrecognized | None:
        """The refusal of a list of persons; None for any other sheet."""
        for start, row in enumerate(table.rows[:HEADER_WITHIN]):
            paths = [(header_text(c)[0],) if isinstance(c, str) else () for c in row]
            if sum(map(bool, paths)) > 1 and (headings := rosters.describing(paths)):
                uses = tuple(ColumnUse(i, path[0], "drop") for i, path in enumerate(paths) if path)
                layout = Layout(next(iter(self._ledgers.values())), range(start, start + 1), uses)
                return Unrecognized(headings, layout=layout, roster=True)
        return None

    @staticmethod
    def _plausible(ledger: Ledger, uses: Sequence[ColumnUse], fields: set[str], mapped: bool) -> bool:
        if not fields.issuperset(ledger.needs):
            return False
        if mapped:
            return True
        if ledger.edge:
            return True
        signed = ledger.of_persons or bool(fields & ledger.signs) or _has_own_heading(ledger, uses)
        return signed and len(fields) + sum(u.role == "drop" for u in uses) >= 2

    # -- header rows --------------------------------------------------------------------------------

    def is_heading(self, cell: Cell) -> bool:
        """Whether a cell is a heading that some ledger has, or that is dropped."""
        if not isinstance(cell, str):
            return False
        # most cells are names, which need no key
        begins = cell.partition("（")[0]
        return (begins.casefold() in self._beginnings or not begins.isalnum()) and _key(cell) in self._words

    def _heads(self, table: Table, starts: range) -> list[_Head]:
        heads = []
        for start in range(starts.start, min(starts.stop, len(table.rows))):
            cells = [_key(str(c)) for c in table.rows[start] if isinstance(c, str)]
            if not any(header_text(c)[0].casefold() in self._words for c in cells):
                continue
            for depth in range(1, HEADER_DEPTH + 1):
                if start + depth > len(table.rows):
                    break
                last = table.rows[start + depth - 1]
                if depth > 1 and not all(isinstance(c, str) or c is None for c in last):
                    break
                following = table.rows[start + depth] if start + depth < len(table.rows) else []
                heads.append(_head(table, range(start, start + depth + _states_units(following))))
        return heads

    def _mapped_head(self, table: Table, mapping: SheetMapping) -> list[_Head]:
        first = mapping.header - 1
        if first >= len(table.rows):
            return []
        return [_head(table, range(first, min(first + mapping.header_rows, len(table.rows))))]

    # -- columns ------------------------------------------------------------------------------------

    def _assign(self, head: _Head, ledger: Ledger, mapping: SheetMapping | None) -> list[ColumnUse]:
        """The use of each column in `ledger`; each field takes the column with its best synonym."""
        uses: list[ColumnUse] = []
        claims: list[tuple[float, int, int, str]] = []
        ticks: dict[int, tuple[str, str]] = {}
        synonyms = self._synonyms[ledger.name]
        named = _mapped_columns(mapping, ledger)
        taken: dict[str, int] = {}
        chosen: dict[int, str] = {}
        refused: dict[int, str] = {}
        whole = {_key("/".join(path)) for path in head.paths}
        for index, path in enumerate(head.paths):
            if not path:
                continue
            leaf = _key(path[-1])
            # the last word alone stands for a column where none is called just that
            forced = named.get(_key("/".join(path))) or (named.get(leaf) if leaf not in whole else None)
            if forced and forced != IGNORED and self._is_personal(path, ledger.fields[forced].property.sensitivity):
                refused[index] = ledger.fields[forced].property.label
                continue
            if forced == IGNORED:
                chosen[index] = IGNORED
                continue
            if forced and forced not in taken:
                chosen[index] = forced
                taken[forced] = index
                continue
            if self._dropped(path):
                continue
            if (ledger.name, path) not in self._ticks:
                self._ticks[ledger.name, path] = _tick(path, ledger)
            tick = self._ticks[ledger.name, path]
            if tick:
                ticks[index] = tick
                continue
            for word, better in _readings(path):
                for position, order, name in synonyms.get(word, ()):
                    claims.append((position + better, order, index, name))
        for _, _, index, name in sorted(claims):
            if name not in taken and index not in chosen:
                taken[name] = index
                chosen[index] = name
        claiming = {index for _, _, index, _ in claims}
        for index, path in enumerate(head.paths):
            if not path:
                continue
            joined = "/".join(path)
            unit = head.units[index]
            if chosen.get(index) == IGNORED:
                uses.append(ColumnUse(index, joined, "ignored"))
            elif index in chosen:
                uses.append(ColumnUse(index, joined, "field", chosen[index], unit=unit))
            elif index in refused or self._dropped(path):
                uses.append(ColumnUse(index, joined, "drop", refused=refused.get(index, "")))
            elif index in ticks and ticks[index][0] not in taken:
                uses.append(ColumnUse(index, joined, "tick", ticks[index][0], ticks[index][1]))
            elif _key(path[-1]) in _SERIAL:
                uses.append(ColumnUse(index, joined, "serial"))
            elif index in claiming or index in ticks:
                uses.append(ColumnUse(index, joined, "repeated"))
            else:
                uses.append(ColumnUse(index, joined, "unknown"))
        return uses

    def _dropped(self, path: tuple[str, ...]) -> bool:
        """Whether a column is dropped: by its heading, or because one above it is of persons."""
        return (
            _key("/".join(path)) in self._drop
            or _key(path[-1]) in self._drop
            or any(rosters.of_persons(above) for above in path[:-1])
        )

    def _is_personal(self, path: tuple[str, ...], sensitivity: str) -> bool:
        """Whether a column must not be taken for a field of this sensitivity: dropped, or of persons for one that is not."""
        return self._dropped(path) or (sensitivity not in _OF_PERSONS and rosters.personal(path[-1]))


def _has_own_heading(ledger: Ledger, uses: Sequence[ColumnUse]) -> bool:
    return any(u.path.rpartition("/")[2] in ledger.sign_headers for u in uses if u.field)


def _without_persons(layout: Layout) -> Layout:
    """The layout with the columns dropped that name persons and that no field takes."""
    return replace(
        layout,
        columns=tuple(
            replace(u, role="drop", field="", tick="")
            if u.role in ("unknown", "repeated") and rosters.personal(u.path.rpartition("/")[2])
            else u
            for u in layout.columns
        ),
    )


def _score(head: _Head, uses: Sequence[ColumnUse], fields: set[str]) -> float:
    """How much of a header is recognized if it is read this way.

    A word over three columns leaves two of them repeated, unless the next row, which tells them apart, belongs to the
    header too. Otherwise the shorter and the higher header is the likelier.
    """
    roles = Counter(u.role for u in uses)
    recognized = len(fields) + 0.5 * (roles["drop"] + roles["tick"] - roles["repeated"])
    return recognized + head.ends - 0.6 * (len(head.rows) - 1) - 0.01 * head.rows.start


def _head(table: Table, rows: range) -> _Head:
    """Header paths of the columns, merged cells spread over what they cover."""
    width = max((len(table.rows[r]) for r in rows), default=0)
    # a cell merged over several columns ends in blank ones, which a table does not have
    widest = max(map(len, table.rows[rows.start : rows.stop + HEADER_WITHIN]), default=0)
    width = max((width, *(min(right + 1, widest) for top, _, _, right in table.merges if top in rows)))
    grid: list[list[Cell]] = [list(table.rows[r]) + [None] * (width - len(table.rows[r])) for r in rows]
    spread = False
    for top, left, bottom, right in table.merges:
        if top in rows:
            spread = True
            for r in range(top, min(bottom, rows.stop - 1) + 1):
                for c in range(left, min(right, width - 1) + 1):
                    grid[r - rows.start][c] = table.rows[top][left] if left < len(table.rows[top]) else None
    if not spread and len(rows) > 1:
        # without merges (csv) a blank above a word belongs to the word on its left
        for upper in grid[:-1]:
            for c in range(1, width):
                if upper[c] is None and grid[-1][c] is not None:
                    upper[c] = upper[c - 1]
    stating_units = [_states_units(row) for row in grid]
    paths: list[tuple[str, ...]] = []
    units: list[str | None] = []
    for c in range(width):
        parts: list[str] = []
        unit: str | None = None
        for row, units_only in zip(grid, stating_units, strict=True):
            if row[c] is None or str(row[c]).strip() == "":
                continue
            text, own_unit = header_text(row[c])
            if parts and (alone := unit_alone(row[c])):
                text, own_unit = "", alone
            elif parts and units_only:
                text = ""
            unit = own_unit or unit
            if text and (not parts or parts[-1] != text):
                parts.append(text)
        paths.append(tuple(parts))
        units.append(unit)
    down = {bottom + 1 for top, _, bottom, _ in table.merges if top in rows and bottom > top}
    ends = -2 if any(end > rows.stop for end in down) else int(rows.stop in down)
    return _Head(rows, paths, units, ends)


def _states_units(row: Sequence[Cell]) -> bool:
    """Whether a row below a header has nothing but the units of its columns, and remarks in brackets: （全称）."""
    cells = [text(c) for c in row if text(c) is not None]
    units = sum(unit_alone(c) is not None for c in cells)
    return units > 0 and all(unit_alone(c) or _REMARK.fullmatch(c or "") for c in cells)


def _synonyms(ledger: Ledger) -> dict[str, list[tuple[int, int, str]]]:
    """The fields that a word may head: (how good a synonym it is, 0 the best; order of the field; its name)."""
    by_word: dict[str, list[tuple[int, int, str]]] = {}
    for order, one in enumerate(ledger.fields.values()):
        for position, header in enumerate(one.headers):
            by_word.setdefault(_key(header), []).append((position, order, one.name))
    return by_word


@lru_cache(maxsize=1 << 14)
def _readings(path: tuple[str, ...]) -> tuple[tuple[str, float], ...]:
    """The words that a header may stand for, each with its penalty.

    The whole path is best, then its end with a parent, then the lowest word alone, the worse the more words are above.
    """
    readings = {_key("/".join(path)): -0.5}
    for start in range(1, len(path) - 1):
        readings.setdefault(_key("/".join(path[start:])), -0.25)
    readings.setdefault(_key(path[-1]), 0.25 * (len(path) - 1))
    return tuple(readings.items())


def _tick(path: tuple[str, ...], ledger: Ledger) -> tuple[str, str] | None:
    """(field, value) where a mark under this header states a value of an enumerated field."""
    leaf = _key(path[-1])
    for one in ledger.fields.values():
        values = _YES_OR_NO if one.property.type == "boolean" else one.property.values
        if not values:
            continue
        under = len(path) > 1 and _key(path[-2]) in {_key(h).rpartition("/")[2] for h in one.headers}
        if not under and not one.property.bare_ticks:
            continue
        for value, synonyms in values.items():
            if leaf in (_key(value), *map(_key, synonyms)):
                return one.name, value
        if under and one.property.open_values:
            return one.name, path[-1]
    return None


def _mapped_columns(mapping: SheetMapping | None, ledger: Ledger) -> dict[str, str]:
    """The field by header in a mapping file, which names a field by its name, its label or a synonym."""
    if mapping is None:
        return {}
    words: dict[str, str] = {_key(IGNORED): IGNORED}
    for one in ledger.fields.values():
        for word in (one.name, one.property.label, *one.headers):
            words.setdefault(_key(word), one.name)
    return {_key(header): words[_key(name)] for header, name in mapping.columns.items() if _key(name) in words}


def mapping_for(mappings: Sequence[SheetMapping], table: Table) -> SheetMapping | None:
    """The first mapping whose patterns fit the table, or whose headings it has; the latter with the line of the header."""
    base = table.file.rpartition("/")[2]
    for one in mappings:
        if (fnmatch(table.file, one.file) or fnmatch(base, one.file)) and fnmatch(table.sheet, one.sheet):
            if not one.seen:
                return one
            line = _line_of(one, table)
            if line:
                return replace(one, header=line)
    return None


def headings(table: Table, rows: range) -> tuple[str, ...]:
    """The headers of the columns if these rows are the header."""
    return tuple("/".join(path) for path in _head(table, rows).paths if path)


def _line_of(mapping: SheetMapping, table: Table) -> int:
    """The line (from 1) of the headings that a mapping is for, in any order; 0 for none."""
    expected = {_key(text) for text in mapping.seen} - _SERIAL
    for start in range(min(HEADER_WITHIN, len(table.rows) - mapping.header_rows + 1)):
        # columns of serial numbers and of reasons of rejection do not count
        if {_key(text) for text in headings(table, range(start, start + mapping.header_rows))} - _SERIAL == expected:
            return start + 1
    return 0


@lru_cache(maxsize=1 << 14)
def _key(text: str) -> str:
    """A heading in the form in which headings are compared: without spaces, notes, hints, units, quotes and case."""
    heading = "/".join(header_text(part)[0].casefold() for part in text.split("/")).translate(_QUOTES)
    return _HINT.sub("", heading) or heading


def _texts(row: Sequence[Cell]) -> list[str]:
    return [c.strip() for c in row if isinstance(c, str) and c.strip()]


def _words(one: Field) -> str:
    return one.headers[0]
