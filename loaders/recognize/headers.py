"""Which ledger a sheet is, and which of its columns says what: rows of a table -> a layout of known fields."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from functools import lru_cache
from typing import Literal

from graph.ontology import Ontology
from graph.workbook import Cell
from loaders.cleaning.headings import header_text
from loaders.read.files import Table
from loaders.recognize.ledgers import Field, Ledger
from loaders.recognize.mapping import IGNORED, SheetMapping

#: a header further down than this is not looked for; title and note lines stand above it
HEADER_WITHIN = 20
HEADER_DEPTH = 3

Role = Literal["field", "tick", "drop", "unknown", "repeated", "serial", "ignored"]
_NUMBERS = re.compile(r"\d{6}")
_QUOTES = str.maketrans("", "", "“”\"‘’'「」")
_SERIAL = frozenset({"序号", "编号", "no", "no.", "行号", "拒收原因"})


@dataclass(frozen=True, slots=True)
class ColumnUse:
    """What one column of a sheet is taken for. `path` is its header from top to bottom, joined by /.

    `tick`: the value that a mark in this column stands for. `unit`: of money or counts, read from the header.
    """

    index: int
    path: str
    role: Role
    field: str = ""
    tick: str = ""
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """A sheet understood: its ledger, where the data begin (row index), and what each column says."""

    ledger: Ledger
    header: range
    columns: tuple[ColumnUse, ...]
    titles: tuple[str, ...] = ()

    def named(self, *roles: Role) -> tuple[str, ...]:
        """Headers of the columns that play one of these roles."""
        return tuple(c.path for c in self.columns if c.role in roles)


@dataclass(frozen=True, slots=True)
class Unrecognized:
    """A sheet that is no ledger we know: the nearest one, what of it was found and what is missing.

    `layout` is how that one would be read, for someone who sets it right.
    """

    headers: tuple[str, ...]
    nearest: str = ""
    found: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    layout: Layout | None = None

    def sentence(self) -> str:
        """In words, with what to do."""
        if not self.headers:
            return "没有找到表头。请检查工作表，或指明表头所在行和各列含义（网页上选择，命令行用 --mapping）。"
        seen = f"看到的列：{'、'.join(self.headers[:12])}"
        if self.nearest:
            found = f"，认出 {'、'.join(self.found)}" if self.found else ""
            return f"不是能识别的台账。{seen}；最接近“{self.nearest}”{found}，缺少 {'、'.join(self.missing)}。请补上所缺列，或指明各列含义（网页上选择，命令行用 --mapping）。"
        return f"不是能识别的台账。{seen}。请指明它是哪种台账、各列含义（网页上选择，命令行用 --mapping）。"


@dataclass(slots=True)
class _Head:
    """One way to read some rows as a header."""

    rows: range
    paths: list[tuple[str, ...]]
    units: list[str | None]
    #: what merged cells say of where it ends: 1 that it ends here, -2 that it does not, 0 nothing
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
        self._synonyms = {name: _synonyms(ledger) for name, ledger in ledgers.items()}
        self._ticks: dict[tuple[str, tuple[str, ...]], tuple[str, str] | None] = {}

    def recognize(self, table: Table, mapping: SheetMapping | None = None) -> Layout | Unrecognized:
        """The layout of `table`, or what is missing for one. `mapping` overrides what headers would say."""
        heads = self._mapped_head(table, mapping) if mapping and mapping.header else self._heads(table)
        best: tuple[float, Layout] | None = None
        nearest: tuple[int, Ledger, _Head, list[ColumnUse]] | None = None
        for head in heads:
            titles = tuple(t for row in table.rows[: head.rows.start] for t in _texts(row))
            context = " ".join((table.sheet, table.file, *titles))
            for ledger in self._ledgers.values():
                if mapping and mapping.ledger and mapping.ledger != ledger.name:
                    continue
                uses = self._assign(head, ledger, mapping)
                found = {u.field for u in uses if u.field}
                if nearest is None or len(found) > nearest[0]:
                    nearest = (len(found), ledger, head, uses)
                if not self._plausible(ledger, uses, found, bool(mapping)):
                    continue
                titled = any(t in context for t in ledger.titles)
                score = _score(head, uses, found) + 2.5 * titled
                if best is None or score > best[0]:
                    best = (score, Layout(ledger, head.rows, tuple(uses), titles))
        if best:
            return best[1]
        if nearest and (nearest[0] or mapping):
            _, ledger, head, uses = nearest
            found_fields = {u.field for u in uses if u.field}
            missing = [_words(ledger.fields[n]) for n in ledger.needs if n in ledger.fields and n not in found_fields]
            if not missing:
                missing = [
                    "、".join(_words(ledger.fields[s]) for s in sorted(ledger.signs) if s in ledger.fields) + " 之一"
                ]
            found_words = tuple(u.path for u in uses if u.field)
            headers = tuple("/".join(p) for p in head.paths if p)
            layout = Layout(ledger, head.rows, tuple(uses))
            return Unrecognized(headers, ledger.label, found_words, tuple(missing), layout)
        first = next((row for row in table.rows[:HEADER_WITHIN] if len(_texts(row)) > 1), ())
        # a row without one known heading may be data: with long numbers in it, it may be about persons
        told = not any(_NUMBERS.search(str(cell)) for cell in first)
        return Unrecognized(tuple(t[:20] for t in _texts(first)) if told else ())

    @staticmethod
    def _plausible(ledger: Ledger, uses: Sequence[ColumnUse], found: set[str], mapped: bool) -> bool:
        if not found.issuperset(ledger.needs):
            return False
        if mapped:
            return True
        signed = bool(found & ledger.signs) or any(
            u.path.rpartition("/")[2] in ledger.sign_headers for u in uses if u.field
        )
        if ledger.edge:
            return True
        return signed and len(found) + sum(u.role == "drop" for u in uses) >= 2

    # -- header rows --------------------------------------------------------------------------------

    def _heads(self, table: Table) -> list[_Head]:
        heads = []
        for start in range(min(HEADER_WITHIN, len(table.rows))):
            cells = [_key(str(c)) for c in table.rows[start] if isinstance(c, str)]
            if not any(header_text(c)[0].casefold() in self._words for c in cells):
                continue
            for depth in range(1, HEADER_DEPTH + 1):
                if start + depth > len(table.rows):
                    break
                last = table.rows[start + depth - 1]
                if depth > 1 and not all(isinstance(c, str) or c is None for c in last):
                    break
                heads.append(_head(table, range(start, start + depth)))
        return heads

    def _mapped_head(self, table: Table, mapping: SheetMapping) -> list[_Head]:
        first = mapping.header - 1
        if first >= len(table.rows):
            return []
        return [_head(table, range(first, min(first + mapping.header_rows, len(table.rows))))]

    # -- columns ------------------------------------------------------------------------------------

    def _assign(self, head: _Head, ledger: Ledger, mapping: SheetMapping | None) -> list[ColumnUse]:
        """What each column says in `ledger`; each field takes the column with its best synonym."""
        uses: list[ColumnUse] = []
        claims: list[tuple[float, int, int, str]] = []
        ticks: dict[int, tuple[str, str]] = {}
        synonyms = self._synonyms[ledger.name]
        named = _mapped_columns(mapping, ledger)
        taken: dict[str, int] = {}
        chosen: dict[int, str] = {}
        whole = {_key("/".join(path)) for path in head.paths}
        for index, path in enumerate(head.paths):
            if not path:
                continue
            leaf = _key(path[-1])
            # the last word alone stands for a column where none is called just that
            forced = named.get(_key("/".join(path))) or (named.get(leaf) if leaf not in whole else None)
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
        wanted = {index for _, _, index, _ in claims}
        for index, path in enumerate(head.paths):
            if not path:
                continue
            joined = "/".join(path)
            unit = head.units[index]
            if chosen.get(index) == IGNORED:
                uses.append(ColumnUse(index, joined, "ignored"))
            elif index in chosen:
                uses.append(ColumnUse(index, joined, "field", chosen[index], unit=unit))
            elif self._dropped(path):
                uses.append(ColumnUse(index, joined, "drop"))
            elif index in ticks and ticks[index][0] not in taken:
                uses.append(ColumnUse(index, joined, "tick", ticks[index][0], ticks[index][1]))
            elif _key(path[-1]) in _SERIAL:
                uses.append(ColumnUse(index, joined, "serial"))
            elif index in wanted or index in ticks:
                uses.append(ColumnUse(index, joined, "repeated"))
            else:
                uses.append(ColumnUse(index, joined, "unknown"))
        return uses

    def _dropped(self, path: tuple[str, ...]) -> bool:
        return _key("/".join(path)) in self._drop or _key(path[-1]) in self._drop


def _score(head: _Head, uses: Sequence[ColumnUse], found: set[str]) -> float:
    """How much of a header is understood, so read.

    A word over three columns that only the next row tells apart would leave two of them repeated: then the next
    row belongs to the header. Otherwise the shorter and the higher header is the likelier.
    """
    roles = Counter(u.role for u in uses)
    understood = len(found) + 0.5 * (roles["drop"] + roles["tick"] - roles["repeated"])
    return understood + head.ends - 0.6 * (len(head.rows) - 1) - 0.01 * head.rows.start


def _head(table: Table, rows: range) -> _Head:
    """Header paths of the columns, merged cells spread over what they cover."""
    width = max((len(table.rows[r]) for r in rows), default=0)
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
    paths: list[tuple[str, ...]] = []
    units: list[str | None] = []
    for c in range(width):
        parts: list[str] = []
        unit: str | None = None
        for row in grid:
            if row[c] is None or str(row[c]).strip() == "":
                continue
            text, found = header_text(row[c])
            unit = found or unit
            if text and (not parts or parts[-1] != text):
                parts.append(text)
        paths.append(tuple(parts))
        units.append(unit)
    down = {bottom + 1 for top, _, bottom, _ in table.merges if top in rows and bottom > top}
    ends = -2 if any(end > rows.stop for end in down) else int(rows.stop in down)
    return _Head(rows, paths, units, ends)


def _synonyms(ledger: Ledger) -> dict[str, list[tuple[int, int, str]]]:
    """Which fields a word may head: (how good a synonym it is, 0 the best; order of the field; its name)."""
    found: dict[str, list[tuple[int, int, str]]] = {}
    for order, one in enumerate(ledger.fields.values()):
        for position, header in enumerate(one.headers):
            found.setdefault(_key(header), []).append((position, order, one.name))
    return found


@lru_cache(maxsize=1 << 14)
def _readings(path: tuple[str, ...]) -> tuple[tuple[str, float], ...]:
    """The words a header may be known by, each with how much it is to be believed (less is better).

    The whole path, then its end with a parent, then the lowest word alone, the less the more stands above it.
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
        values = one.property.values
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
    """Header -> field, as a mapping file says; a field may be named by its name, its label or a synonym."""
    if mapping is None:
        return {}
    words: dict[str, str] = {_key(IGNORED): IGNORED}
    for one in ledger.fields.values():
        for word in (one.name, one.property.label, *one.headers):
            words.setdefault(_key(word), one.name)
    return {_key(header): words[_key(name)] for header, name in mapping.columns.items() if _key(name) in words}


def mapping_for(mappings: Sequence[SheetMapping], table: Table) -> SheetMapping | None:
    """The first mapping whose file and sheet patterns fit, or whose headings the table has; then with their line."""
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
    """The headers of the columns, were these rows the header."""
    return tuple("/".join(path) for path in _head(table, rows).paths if path)


def _line_of(mapping: SheetMapping, table: Table) -> int:
    """The line (from 1) where the headings that a mapping was made for stand, in whatever order; 0 for none."""
    wanted = {_key(text) for text in mapping.seen} - _SERIAL
    for start in range(min(HEADER_WITHIN, len(table.rows) - mapping.header_rows + 1)):
        # numbers and reasons of rejection come and go
        if {_key(text) for text in headings(table, range(start, start + mapping.header_rows))} - _SERIAL == wanted:
            return start + 1
    return 0


@lru_cache(maxsize=1 << 14)
def _key(text: str) -> str:
    """A heading as headings are compared: without spaces, notes, units, quotes and case."""
    return "/".join(header_text(part)[0].casefold() for part in text.split("/")).translate(_QUOTES)


def _texts(row: Sequence[Cell]) -> list[str]:
    return [c.strip() for c in row if isinstance(c, str) and c.strip()]


def _words(one: Field) -> str:
    return one.headers[0]
