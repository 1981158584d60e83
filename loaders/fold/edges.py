"""The statements of rows about edges, and the edges that statements make together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from graph.ids import mint
from graph.ontology import ALWAYS_FROM, ALWAYS_TO
from graph.statements import recency
from loaders.match.issues import series
from loaders.shape.rows import Props, Row

#: an edge type and the types of node at its ends
EdgeTable = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class _Statement:
    """The dates (None: not stated), the role and the other properties that a row states of an edge.

    `rank` is that of its ledger, best least; `day` and `sheet` (load, file, name) say how late it is stated.
    """

    rank: int
    day: dt.date
    sheet: tuple[int, str, str]
    since: dt.date | None
    to: dt.date | None
    role: str
    carried: Props

    @property
    def recency(self) -> tuple[Any, ...]:
        loaded, file, name = self.sheet
        return recency(self.day, loaded, file, name, 0)

    def replaces(self, start: _Statement) -> bool:
        """Whether it gives another start for the same relation as an earlier statement, and not a further one."""
        if self.sheet == start.sheet or self.since is None or start.since is None:
            return False
        if series(*self.sheet[1:]) == series(*start.sheet[1:]):
            return True
        return self.since <= (start.to or ALWAYS_TO) and start.since <= (self.to or ALWAYS_TO)


class _Table:
    """The statements about the edges of one table, as columns: a million units have four million edges."""

    def __init__(self) -> None:
        self.sources: list[str] = []
        self.targets: list[str] = []
        self.statements: list[_Statement] = []

    def add(self, source: str, target: str, statement: _Statement) -> None:
        self.sources.append(source)
        self.targets.append(target)
        self.statements.append(statement)

    def edges(self) -> Iterator[tuple[str, str, str, list[_Statement]]]:
        """Source, target and role of each edge, with the statements about it, the best ledger's first."""
        by_ends: dict[tuple[str, str, str], _Statement | list[_Statement]] = {}
        for source, target, statement in zip(self.sources, self.targets, self.statements, strict=True):
            ends = source, target, statement.role
            earlier = by_ends.get(ends)
            if earlier is None:
                by_ends[ends] = statement
            else:
                by_ends[ends] = [*(earlier if isinstance(earlier, list) else [earlier]), statement]
        for ends, group in by_ends.items():
            yield *ends, _best_first(group) if isinstance(group, list) else [group]


def _best_first(statements: Sequence[_Statement]) -> list[_Statement]:
    latest = sorted(statements, key=lambda s: s.recency, reverse=True)
    return sorted(latest, key=lambda s: s.rank)


class Statements:
    """The rows' statements about edges of all types."""

    def __init__(self) -> None:
        self._tables: dict[EdgeTable, _Table] = {}
        #: each distinct statement once: a million rows have a thousand different ones
        self._distinct: dict[tuple[Any, ...], _Statement] = {}

    def add(self, edge: str, from_type: str, source: str, to_type: str, target: str, carried: Props, row: Row) -> None:
        """A row states an edge with these properties and dates."""
        carried = dict(carried)
        since, to = carried.pop("valid_from", None), carried.pop("valid_to", None)
        rank, day, sheet = row.origin.ledger.rank, row.issue.date, (row.issue.loaded, row.file, row.sheet)
        key = (rank, day, sheet, since, to, *carried.items())
        statement = self._distinct.get(key)
        if statement is None:
            role = str(carried.get("role") or "")
            statement = self._distinct[key] = _Statement(rank, day, sheet, since, to, role, carried)
        self._table(edge, from_type, to_type).add(source, target, statement)

    def derive(self, edge: str, from_type: str, source: str, to_type: str, target: str) -> None:
        """An edge that no ledger states, so that none competes with it."""
        self._table(edge, from_type, to_type).add(source, target, _DERIVED)

    def _table(self, *table: str) -> _Table:
        edge, from_type, to_type = table
        return self._tables.setdefault((edge, from_type, to_type), _Table())

    def edges(self, table: EdgeTable, *, dated: bool) -> Iterator[Props]:
        """One edge for each (ends, role, start). Statements without a start count for every start.

        An edge that ends before it begins is none.
        """
        for source, target, role, statements in self._tables[table].edges() if table in self._tables else ():
            starts: list[_Statement] = []
            for statement in statements:
                if statement.since and not any(better.replaces(statement) for better in starts):
                    starts.append(statement)
            for start in sorted({s.since for s in starts if s.since}) or [ALWAYS_FROM]:
                edge: Props = {"from": source, "to": target}
                until: dt.date | None = None
                for statement in statements:
                    if statement.since not in (start, None):
                        continue
                    until = until or statement.to
                    for name, value in statement.carried.items():
                        edge.setdefault(name, value)
                edge["key"] = edge_key(table[0], source, target, role, start)
                if dated:
                    edge["valid_from"], edge["valid_to"] = start, until or ALWAYS_TO
                    if edge["valid_to"] < start:
                        continue
                yield edge


_DERIVED = _Statement(0, dt.date.min, (0, "", ""), None, None, "", {})


def edge_key(edge: str, source: str, target: str, role: str = "", start: dt.date = ALWAYS_FROM) -> str:
    """The key of an edge: a hash of its type, its ends, its role and its start, if it has one."""
    return mint("e", edge, source, target, role, "" if start == ALWAYS_FROM else start.isoformat())
