"""Which tables a write changed, and whether a query reads one of them: a query that reads none keeps its answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pyarrow as pa

from graph.ontology import Ontology
from graph.stores.base import Reader, Writer
from graph.stores.lexing import code

#: a type of node, or a type of edge with the types of node at its ends
Table = tuple[str, ...]

_NAME = re.compile(r"[:|]\s*`?(\w+)`?")
#: the beginning and the end of a scope of names, or the pattern of a node: neither the brackets of a function nor those
#: of a condition
_SCOPE_OR_NODE = re.compile(
    r"(?:(?<!\w)|(?<=\bMATCH))\(\s*(\w*)\s*(:[^(){}]*)?(?:\{[^{}]*\})?\s*\)|[{}]|\bUNION\b", re.IGNORECASE
)
#: an edge without a type, alone or in brackets
_ANY_EDGE = re.compile(r"--|-\[\s*\w*\s*(?:\*[^\]]*)?(?:\{[^{}]*\})?\s*\]-")


class Recording:
    """A Writer that records which tables were written."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self.touched: set[Table] = set()

    @property
    def revision(self) -> int:
        """See Reader.revision."""
        return self._writer.revision

    @property
    def unfinished(self) -> bool:
        """See Reader.unfinished."""
        return self._writer.unfinished

    def beside(self) -> AbstractContextManager[Reader | None]:
        """See Reader.beside."""
        return self._writer.beside()

    @property
    def lost(self) -> bool:
        """See Writer.lost."""
        return self._writer.lost

    def reading(self) -> AbstractContextManager[Reader]:
        """See Writer.reading."""
        return self._writer.reading()

    def query(self, cypher: str, parameters: Mapping[str, Any] | None = None) -> pa.Table:
        """See Reader.query."""
        return self._writer.query(cypher, parameters)

    def prepare(self, cypher: str, parameters: Mapping[str, Any]) -> None:
        """See Reader.prepare."""
        self._writer.prepare(cypher, parameters)

    def upsert(self, node_type: str, rows: pa.Table) -> None:
        """See Writer.upsert."""
        if rows.num_rows:
            self.touched.add((node_type,))
            self._writer.upsert(node_type, rows)

    def link(self, edge_type: str, from_type: str, to_type: str, rows: pa.Table) -> None:
        """See Writer.link."""
        if rows.num_rows:
            self.touched.add((edge_type, from_type, to_type))
            self._writer.link(edge_type, from_type, to_type, rows)

    def unlink(self, edge_type: str, from_type: str, to_type: str, rows: pa.Table) -> None:
        """See Writer.unlink."""
        if rows.num_rows:
            self.touched.add((edge_type, from_type, to_type))
            self._writer.unlink(edge_type, from_type, to_type, rows)


@dataclass(frozen=True, slots=True)
class Reads:
    """The types of node and of edge that queries read; None: any."""

    nodes: frozenset[str] | None
    edges: frozenset[str] | None

    def any_of(self, touched: Set[Table]) -> bool:
        """Whether one of these tables may change what the queries answer."""
        return any(self._reads(table) for table in touched)

    def _reads(self, table: Table) -> bool:
        edge, ends = table[:-2], table[-2:] if len(table) == 3 else table
        return (self.nodes is None or self.nodes.issuperset(ends)) and (
            not edge or self.edges is None or edge[0] in self.edges
        )


def reads(queries: Iterable[str], ontology: Ontology, also: Iterable[str] = ()) -> Reads:
    """The types that queries of the shared Cypher read, and the types `also`; an untyped node or edge may be any."""
    every = [_names(text) for text in queries]
    names = {*also}.union(*(names for names, _, _ in every))
    return Reads(
        None if any(any_node for _, any_node, _ in every) else frozenset(names & ontology.nodes.keys()),
        None if any(any_edge for _, _, any_edge in every) else frozenset(names & ontology.edges.keys()),
    )


@lru_cache(maxsize=500)
def _names(text: str) -> tuple[frozenset[str], bool, bool]:
    """The names after colons, whether a pattern has a node without a type, and whether one has such an edge."""
    bare = code(text, with_names=True)
    # the variables with a type, in each scope that is open
    scopes: list[set[str]] = [set()]
    untyped = False
    for match in _SCOPE_OR_NODE.finditer(bare):
        if match.group() == "{":
            scopes.append(set())
        elif match.group() == "}":
            scopes = scopes[:-1] or [set()]
        elif match.group().upper() == "UNION":
            scopes = [set()]
        elif match[2]:
            scopes[-1].add(match[1])
        elif not any(match[1] in names for names in scopes if match[1]):
            untyped = True
    return frozenset(_NAME.findall(bare)), untyped, bool(_ANY_EDGE.search(bare))
