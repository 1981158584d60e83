"""What rows say of edges, and the edges that their words make together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graph.ontology import ALWAYS_FROM, ALWAYS_TO
from loaders.match.merging import Props
from loaders.match.naming import mint
from loaders.match.stored import EdgeTable


@dataclass(frozen=True, slots=True)
class _Word:
    """What a row says of an edge: dates, role and what else it carries; `rank` of its ledger, the best least."""

    rank: int
    since: dt.date
    to: dt.date
    role: str
    carried: Props


class _Table:
    """The words for the edges of one table, as columns: a million units have four million edges."""

    def __init__(self) -> None:
        self.sources: list[str] = []
        self.targets: list[str] = []
        self.words: list[_Word] = []

    def edges(self) -> Iterator[tuple[str, str, str, list[_Word]]]:
        """Source, target and role of each edge, with the words for it, the best ledger's first."""
        which: dict[tuple[str, str, str], _Word | list[_Word]] = {}
        for source, target, word in zip(self.sources, self.targets, self.words, strict=True):
            ends = source, target, word.role
            held = which.get(ends)
            which[ends] = word if held is None else [*(held if isinstance(held, list) else [held]), word]
        for ends, words in which.items():
            yield *ends, sorted(words, key=lambda w: w.rank) if isinstance(words, list) else [words]


class Claims:
    """The rows' words for edges of all types."""

    def __init__(self) -> None:
        self._tables: dict[EdgeTable, _Table] = {}
        #: each distinct word once: a million rows say a thousand different ones
        self._words: dict[tuple[Any, ...], _Word] = {}

    def add(self, edge: str, from_type: str, source: str, to_type: str, target: str, carried: Props, rank: int) -> None:
        """A row of a ledger of this rank says that there is an edge, which carries its properties and dates."""
        carried = dict(carried)
        since, to = carried.pop("valid_from", ALWAYS_FROM), carried.pop("valid_to", ALWAYS_TO)
        known = (rank, since, to, *carried.items())
        word = self._words.get(known)
        if word is None:
            word = self._words[known] = _Word(rank, since, to, str(carried.get("role") or ""), carried)
        table = self._tables.setdefault((edge, from_type, to_type), _Table())
        table.sources.append(source)
        table.targets.append(target)
        table.words.append(word)

    def edges(self, table: EdgeTable, *, dated: bool) -> Iterator[Props]:
        """One edge for each (ends, role, start); rows without a start speak of the one that has it."""
        for source, target, role, words in self._tables[table].edges() if table in self._tables else ():
            for start in sorted({w.since for w in words} - {ALWAYS_FROM}) or [ALWAYS_FROM]:
                made: Props = {"from": source, "to": target}
                until = ALWAYS_TO
                for word in words:
                    if word.since not in (start, ALWAYS_FROM):
                        continue
                    if until == ALWAYS_TO:
                        until = word.to
                    for name, value in word.carried.items():
                        made.setdefault(name, value)
                made["key"] = edge_key(table[0], source, target, role, start)
                if dated:
                    made["valid_from"], made["valid_to"] = start, until
                yield made


def edge_key(edge: str, source: str, target: str, role: str = "", start: dt.date = ALWAYS_FROM) -> str:
    """The key of an edge: a hash of its type, its ends, its role and its start, where it has one."""
    return mint("e", edge, source, target, role, "" if start == ALWAYS_FROM else start.isoformat())
