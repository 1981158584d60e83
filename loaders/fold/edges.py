"""The statements of rows about edges, and the edges that statements make together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graph.ids import mint
from graph.ontology import ALWAYS_FROM, ALWAYS_TO
from loaders.shape.rows import Props

#: an edge type and the types of node at its ends
EdgeTable = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class _Statement:
    """The dates, the role and the other properties that a row states of an edge; `rank` of its ledger, best least."""

    rank: int
    since: dt.date
    to: dt.date
    role: str
    carried: Props


class _Table:
    """The statements about the edges of one table, as columns: a million units have four million edges."""

    def __init__(self) -> None:
        self.sources: list[str] = []
        self.targets: list[str] = []
        self.statements: list[_Statement] = []

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
            yield *ends, sorted(group, key=lambda s: s.rank) if isinstance(group, list) else [group]


class Statements:
    """The rows' statements about edges of all types."""

    def __init__(self) -> None:
        self._tables: dict[EdgeTable, _Table] = {}
        #: each distinct statement once: a million rows have a thousand different ones
        self._distinct: dict[tuple[Any, ...], _Statement] = {}

    def add(self, edge: str, from_type: str, source: str, to_type: str, target: str, carried: Props, rank: int) -> None:
        """A row of a ledger of this rank states an edge with these properties and dates."""
        carried = dict(carried)
        since, to = carried.pop("valid_from", ALWAYS_FROM), carried.pop("valid_to", ALWAYS_TO)
        key = (rank, since, to, *carried.items())
        statement = self._distinct.get(key)
        if statement is None:
            statement = self._distinct[key] = _Statement(rank, since, to, str(carried.get("role") or ""), carried)
        table = self._tables.setdefault((edge, from_type, to_type), _Table())
        table.sources.append(source)
        table.targets.append(target)
        table.statements.append(statement)

    def ends(self, table: EdgeTable) -> Iterator[tuple[str, str]]:
        """Source and target of each statement about a table."""
        if table in self._tables:
            yield from zip(self._tables[table].sources, self._tables[table].targets, strict=True)

    def edges(self, table: EdgeTable, *, dated: bool) -> Iterator[Props]:
        """One edge for each (ends, role, start). Statements without a start count for every start."""
        for source, target, role, statements in self._tables[table].edges() if table in self._tables else ():
            for start in sorted({s.since for s in statements} - {ALWAYS_FROM}) or [ALWAYS_FROM]:
                edge: Props = {"from": source, "to": target}
                until = ALWAYS_TO
                for statement in statements:
                    if statement.since not in (start, ALWAYS_FROM):
                        continue
                    if until == ALWAYS_TO:
                        until = statement.to
                    for name, value in statement.carried.items():
                        edge.setdefault(name, value)
                edge["key"] = edge_key(table[0], source, target, role, start)
                if dated:
                    edge["valid_from"], edge["valid_to"] = start, until
                yield edge


def edge_key(edge: str, source: str, target: str, role: str = "", start: dt.date = ALWAYS_FROM) -> str:
    """The key of an edge: a hash of its type, its ends, its role and its start, if it has one."""
    return mint("e", edge, source, target, role, "" if start == ALWAYS_FROM else start.isoformat())
