"""Small graphs written as plain data: cases of rules, and what random tests make up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from graph import ontology
from graph.ontology import ALWAYS_FROM, ALWAYS_TO, ARROW
from graph.stores.base import Writer
from graph.stores.cypher import edge_columns, node_columns

#: what a node is unless its case says otherwise
DEFAULTS: dict[str, dict[str, Any]] = {
    "Unit": {"kind": "企业", "ownership": "非公", "operating": "在营"},
    "PartyOrg": {"kind": "支部"},
    "Region": {"kind": "村"},
    "GuidanceOfficer": {"role": "指导员"},
}


@dataclass
class Graph:
    """Nodes by id, (type, properties); edges as (from, type, to, properties)."""

    nodes: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    edges: list[tuple[str, str, str, dict[str, Any]]] = field(default_factory=list)

    def node(self, node_type: str, node_id: str, /, **properties: Any) -> str:
        """Adds a node; its name is its id unless given."""
        called = ontology.load().nodes[node_type].called.name
        made = {"id": node_id, "listed": True, called: node_id} | DEFAULTS.get(node_type, {}) | properties
        self.nodes[node_id] = (node_type, made)
        return node_id

    def edge(self, start: str, edge_type: str, end: str, /, **properties: Any) -> None:
        self.edges.append((start, edge_type, end, properties))

    def defer(self, rule: str, subject: str, until: dt.date) -> None:
        """Adds a 暂缓 of a rule for a subject, which is known already, or for a division."""
        made, said = f"{subject}.{rule}.暂缓", {"reason": "改制", "approved_by": "工委", "until": until}
        self.nodes[made] = ("Deferral", {"id": made, "listed": True, "title": rule, "subject": subject, **said})
        self.edge(made, "DEFERS", subject)

    def write(self, writer: Writer) -> None:
        """One table for each type of node and each pair of ends."""
        declared = ontology.load()
        by_type: dict[str, list[dict[str, Any]]] = {}
        for node_type, node in self.nodes.values():
            by_type.setdefault(node_type, []).append(node)
        for node_type, rows in by_type.items():
            writer.upsert(node_type, _table(rows, node_columns(declared.nodes[node_type])))
        by_ends: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
        for number, (start, edge_type, end, properties) in enumerate(self.edges):
            kind = declared.edges[edge_type]
            always = {"valid_from": ALWAYS_FROM, "valid_to": ALWAYS_TO} if kind.dated else {}
            row = {"from": start, "to": end, "key": f"e{number}"} | always | properties
            by_ends.setdefault((edge_type, self.nodes[start][0], self.nodes[end][0]), []).append(row)
        for (edge_type, one, other), rows in by_ends.items():
            columns = {"from": "string", "to": "string"} | edge_columns(declared.edges[edge_type])
            writer.link(edge_type, one, other, _table(rows, columns))


def _table(rows: Iterable[Mapping[str, Any]], types: Mapping[str, str]) -> pa.Table:
    rows = list(rows)
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: pa.array([row.get(name) for row in rows], ARROW[types[name]]) for name in names})
