"""The ledger that a sheet is: of all readings of its header the best becomes its layout."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch

from graph.ontology import Ontology
from graph.personal import clean
from graph.workbook import Cell
from loaders.cleaning.headings import header_text
from loaders.cleaning.periods import dated_heading
from loaders.read.tables import Table
from loaders.recognize import rosters
from loaders.recognize.columns import SERIAL, Columns, ColumnUse, Role
from loaders.recognize.heads import (
    HEADER_DEPTH,
    HEADER_WITHIN,
    Head,
    head_of,
    headings,
    key,
    states_units,
)
from loaders.recognize.ledgers import Field, Ledger
from loaders.recognize.mapping import SheetMapping

_NUMBERS = re.compile(r"\d{6}")
#: what a heading with a period may begin with
_PERIOD_BEGINS = frozenset("12一二上本今当去前截年期")


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


class Recognizer:
    """Recognizes sheets against the declared ledgers; built once for a load."""

    def __init__(self, ledgers: Mapping[str, Ledger], ontology: Ontology) -> None:
        self._ledgers = ledgers
        drop = {key(h): label for label, headers in ontology.drop.items() for h in headers}
        self._columns = Columns(ledgers, drop)
        # a word that no ledger and no drop list uses cannot make a row a header
        self._words = set(drop)
        for ledger in ledgers.values():
            for one in ledger.fields.values():
                self._words.update(part for h in one.headers for part in key(h).split("/"))
                if one.property.bare_ticks:
                    self._words.update(key(v) for v in one.property.values)
        self._beginnings = {word.partition("（")[0] for word in self._words}

    def recognize(
        self, table: Table, mapping: SheetMapping | None = None, starts: range = range(HEADER_WITHIN)
    ) -> Layout | Unrecognized:
        """The layout of `table`, or what it lacks for one. `mapping` overrides the headers.

        The header begins in one of the rows `starts`.
        """
        heads = self._mapped_head(table, mapping) if mapping and mapping.header else self._heads(table, starts)
        best: tuple[float, Layout] | None = None
        nearest: tuple[int, Ledger, Head, list[ColumnUse]] | None = None
        for head in heads:
            titles = tuple(clean(t) for row in table.rows[: head.rows.start] for t in _texts(row))
            nearest_first = (*reversed(titles), table.sheet, table.file.rpartition("/")[2])
            context = " ".join((table.sheet, table.file, *titles))
            for ledger in self._ledgers.values():
                if mapping and mapping.ledger and mapping.ledger != ledger.name:
                    continue
                uses = self._columns.uses(head, ledger, mapping)
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
        if begins.casefold() not in self._beginnings and begins.isalnum() and begins[:1] not in _PERIOD_BEGINS:
            return False
        return self._is_word(key(cell))

    def _is_word(self, heading: str) -> bool:
        return heading in self._words or dated_heading(heading)[0] in self._words

    def _heads(self, table: Table, starts: range) -> list[Head]:
        heads = []
        for start in range(starts.start, min(starts.stop, len(table.rows))):
            cells = [key(str(c)) for c in table.rows[start] if isinstance(c, str)]
            if not any(self._is_word(header_text(c)[0].casefold()) for c in cells):
                continue
            for depth in range(1, HEADER_DEPTH + 1):
                if start + depth > len(table.rows):
                    break
                last = table.rows[start + depth - 1]
                if depth > 1 and not all(isinstance(c, str) or c is None for c in last):
                    break
                following = table.rows[start + depth] if start + depth < len(table.rows) else []
                heads.append(head_of(table, range(start, start + depth + states_units(following))))
        return heads

    def _mapped_head(self, table: Table, mapping: SheetMapping) -> list[Head]:
        first = mapping.header - 1
        if first >= len(table.rows):
            return []
        return [head_of(table, range(first, min(first + mapping.header_rows, len(table.rows))))]


def _has_own_heading(ledger: Ledger, uses: Sequence[ColumnUse]) -> bool:
    return any(u.path.rpartition("/")[2] in ledger.sign_headers for u in uses if u.field)


def _without_persons(layout: Layout) -> Layout:
    """The layout with the columns dropped that name persons and that no field takes."""
    return replace(
        layout,
        columns=tuple(
            replace(u, role="drop", field="", tick="")
            if u.role in ("unknown", "repeated") and rosters.of_no_field(u.path.rpartition("/")[2])
            else u
            for u in layout.columns
        ),
    )


def _score(head: Head, uses: Sequence[ColumnUse], fields: set[str]) -> float:
    """How much of a header is recognized if it is read this way.

    A word over three columns leaves two of them repeated, unless the next row, which tells them apart, belongs to the
    header too. Otherwise the shorter and the higher header is the likelier.
    """
    roles = Counter(u.role for u in uses)
    recognized = len(fields) + 0.5 * (roles["drop"] + roles["tick"] - roles["repeated"])
    return recognized + head.ends - 0.6 * (len(head.rows) - 1) - 0.01 * head.rows.start


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


def _line_of(mapping: SheetMapping, table: Table) -> int:
    """The line (from 1) of the headings that a mapping is for, in any order; 0 for none."""
    expected = {key(text) for text in mapping.seen} - SERIAL
    for start in range(min(HEADER_WITHIN, len(table.rows) - mapping.header_rows + 1)):
        # columns of serial numbers and of reasons of rejection do not count
        if {key(text) for text in headings(table, range(start, start + mapping.header_rows))} - SERIAL == expected:
            return start + 1
    return 0


def _texts(row: Sequence[Cell]) -> list[str]:
    return [c.strip() for c in row if isinstance(c, str) and c.strip()]


def _words(one: Field) -> str:
    return one.headers[0]
