"""The facts that the rows of one entity in one ledger state together, and which earlier rows have nothing left to say.

A blank cell and an absent column state nothing. Of the issues of one sheet the later replaces what it states again; the
row of another sheet stands beside it, and the order of rows decides (`loaders.shape.rows.best_first`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loaders.match.issues import series
from loaders.match.naming import name_key
from loaders.recognize.ledgers import DATED, Ledger, Link
from loaders.shape.evidence import UNEVIDENT
from loaders.shape.rows import Row

#: what a fact is of: (field), (list field, name in it), or (field, name, property of the relation to it)
Key = tuple[str, ...]
#: a row and the facts that it states
RowFacts = tuple[Row, Mapping[Key, Any]]


@dataclass(frozen=True, slots=True)
class Fact:
    """What rows say of a key: the value that counts, the day stated for it, and other values that some sheet states."""

    value: Any
    dated: dt.date | None
    others: frozenset[str]


def ends_by_itself(link: Link) -> bool:
    """Whether the ledger states when a relation ends, so that a row that does not name it again does not end it."""
    return "valid_to" in link.carried


def replaces(later: Row, earlier: Row) -> bool:
    """Whether a row stands in a later issue of the sheet of another, or in the same issue loaded again."""
    return not same_sheet(later, earlier) and series(later.file, later.sheet) == series(earlier.file, earlier.sheet)


def same_sheet(one: Row, other: Row) -> bool:
    """Whether two rows were read from one sheet by one load."""
    return one.issue.loaded == other.issue.loaded and one.file == other.file and one.sheet == other.sheet


def facts_of(row: Row) -> dict[Key, Any]:
    """The facts that a row states, by key; None where it clears."""
    ledger, values = row.origin.ledger, row.values
    links = {link.field: link for link in ledger.links}
    carried = {name for link in ledger.links if values.get(link.field) for name in link.carried}
    by_key: dict[Key, Any] = {}
    for name, value in values.items():
        if name.startswith("?") or name in (DATED, UNEVIDENT) or name in carried:
            continue
        link = links.get(name)
        listed = link is not None and isinstance(value, list)
        by_key[(name,)] = True if listed else value
        if link is not None and value:
            for target in value if isinstance(value, list) else [value]:
                by_key[(name, name_key(target))] = target
                by_key |= {(name, name_key(target), n): values[n] for n in link.carried if n in values}
    return by_key


def _overridden(key: Key, newer: Mapping[Key, Any], ledger: Ledger) -> bool:
    """Whether a later issue of the same sheet replaces the fact of a key."""
    if len(key) == 1:
        return key in newer
    if newer.get((key[0],), "") is None:
        return True
    link = next(link for link in ledger.links if link.field == key[0])
    if key in newer or (len(key) == 3 and (key[2],) in newer and (key[0],) not in newer):
        return True
    stated = (key[0],) in newer and not ends_by_itself(link)
    return stated and not any(k[:2] == key[:2] for k in newer if len(k) > 1)


def current_facts(rows: Sequence[RowFacts]) -> dict[Key, Fact]:
    """The facts that the rows of one ledger about one entity, the best first, state together."""
    by_key: dict[Key, Fact] = {}
    cleared: set[str] = set()
    newer: list[RowFacts] = []
    for row, own in rows:
        above = _replacing(row, newer)
        for key, value in own.items():
            if key[0] in cleared or (above and _is_replaced(row, key, above)):
                continue
            if value is None and len(key) == 1:
                cleared.add(key[0])
            earlier = by_key.get(key)
            if earlier is None:
                by_key[key] = Fact(value, row.issue.dated, frozenset())
            elif value != earlier.value:
                by_key[key] = Fact(earlier.value, earlier.dated, earlier.others | {repr(value)})
        newer.append((row, own))
    return by_key


def _replacing(row: Row, newer: Iterable[RowFacts]) -> list[Mapping[Key, Any]]:
    """The facts that later issues of the sheet of a row state."""
    return [own for later, own in newer if later.ledger == row.ledger and replaces(later, row)]


def _is_replaced(row: Row, key: Key, above: Iterable[Mapping[Key, Any]]) -> bool:
    return any(_overridden(key, own, row.origin.ledger) for own in above)


def replaced_rows(rows: Sequence[RowFacts]) -> list[Row]:
    """Those of the rows, the best first, each of whose facts is replaced by a later issue of their sheet.

    A former name is still said: other ledgers may go on using it.
    """
    newer: list[RowFacts] = []
    gone: list[Row] = []
    for row, own in rows:
        names = {name_key(stated["name",]) for _, stated in newer if stated.get(("name",))}
        renamed = ("name",) in own and name_key(own["name",]) not in names
        above = _replacing(row, newer)
        if above and not renamed and all(_is_replaced(row, key, above) for key in own):
            gone.append(row)
        newer.append((row, own))
    return gone


def stated_by(rows: Sequence[Row], key: Key) -> Iterator[tuple[Any, Row]]:
    """The values of a key that rows, the best first, still state, each with its row."""
    newer: list[RowFacts] = []
    cleared: set[str] = set()
    for row in rows:
        own = facts_of(row)
        if own.get((key[0],), "") is None:
            cleared.add(row.ledger)
        elif (
            own.get(key) is not None
            and row.ledger not in cleared
            and not _is_replaced(row, key, _replacing(row, newer))
        ):
            yield own[key], row
        newer.append((row, own))
