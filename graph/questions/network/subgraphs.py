"""The network in force as Arrow tables, and the part of it that an answer draws."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from graph import arrays, chains
from graph.answers import Edge, Node, Subgraph, Value
from graph.context import Context
from graph.ontology import Ontology
from graph.privacy import OPEN
from graph.rules.dated import dated
from graph.rules.derived import GIVEN
from graph.stores.base import Reader
from graph.validity import relation_in_force

#: relations by which one organization or firm carries another along
TIES = ("IN_CHAIN", "LEADS_CHAIN", "COVERS", "PAIRED_WITH", "SUBORDINATE_TO", "SUPPLIES")
#: relations that are drawn: TIES and those of people and groups
DRAWN = (*TIES, "GUIDES", "GROUPED_IN", "CONTACTS", "STATIONED")
#: the properties that a click on a node shows; of types not listed here, all that the ontology declares
_FACTS = {
    "Unit": ("credit_code", "kind", "operating", "above_scale", "staff", "formal_members", "revenue"),
    "PartyOrg": ("kind", "secretary", "term_to", "formal_members"),
    "GuidanceOfficer": ("role", "full_time", "workplace", "post", "capacity", "duty"),
    "Region": ("kind", "code"),
}

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Network:
    """Nodes (id, type, name, region, place), sorted by id, and the edges in force between them.

    `region` is the id of the Region a node lies in ('' for none), `place` its name. The columns of `edges` are source,
    target and type. `graph` holds the same edges, undirected, as arrays in the order of the nodes. `segments` are the
    segments of each chain that has any.
    """

    nodes: pa.Table
    edges: pa.Table
    graph: arrays.Arrays
    segments: Mapping[str, frozenset[str]]
    cypher: tuple[str, ...]

    def positions(self, mask: Mask) -> arrays.Positions:
        """The positions of the nodes of a mask."""
        return np.flatnonzero(mask).astype(np.int64)

    def of_type(self, *types: str) -> Mask:
        """The nodes of these types."""
        return _mask(pc.is_in(self.nodes["type"], value_set=pa.array(types, pa.string())))


def parameters(context: Context) -> dict[str, Any]:
    """The parameters of the queries here and of the conditions of graph.validity."""
    return {"scope": list(context.scope)} | {name: derive(context) for name, derive in GIVEN.items()}


def read(reader: Reader, context: Context, edge_types: Sequence[str] = DRAWN) -> Network:
    """The listed nodes that edges of these types can join, and the edges in force. One query for each type."""
    ontology = context.ontology
    ends = {end for edge in edge_types for pair in ontology.edges[edge].ends for end in pair}
    queries: list[str] = []
    tables: list[pa.Table] = []
    for kind in ontology.entities:
        if kind.name in ends:
            located = "" if kind.name == "Region" else " OPTIONAL MATCH (n)-[:LOCATED_IN]->(r:Region)"
            place = "n.id AS region, n.name AS place" if kind.name == "Region" else "r.id AS region, r.name AS place"
            name = f"n.{kind.called.name} AS name"
            query = f"MATCH (n:{kind.name}) WHERE n.listed{located} RETURN n.id AS id, {name}, {place}"
            queries.append(dated(query))
            table = reader.query(queries[-1], parameters(context))
            tables.append(table.append_column("type", pa.array([kind.name] * table.num_rows, pa.string())))
    nodes = _plain(pa.concat_tables(_plain(t, ("id", "type", "name", "region", "place")) for t in tables)).sort_by("id")
    tables = []
    for edge in edge_types:
        where = f" WHERE {condition}" if (condition := relation_in_force(ontology.edges[edge])) else ""
        start = "(a:GuidanceOfficer)" if edge == "GUIDES" else "(a)"
        queries.append(f"MATCH {start}-[e:{edge}]->(b){where} RETURN a.id AS source, b.id AS target")
        table = _plain(reader.query(queries[-1], parameters(context)), ("source", "target"))
        tables.append(table.append_column("type", pa.array([edge] * table.num_rows, pa.string())))
    edges = pa.concat_tables(tables)
    edges = edges.filter(both_ends(edges, nodes["id"]))
    graph = arrays.build([edges], nodes["id"], directed=False)
    return Network(nodes, edges, graph, chains.segments(reader), (*queries, chains.SEGMENTS_CYPHER))


def within(network: Network, context: Context) -> Mask:
    """The nodes asked about: those in the scope, and those of the chain with its segments."""
    mask = np.ones(len(network.graph), dtype=bool)
    if context.scope:
        mask &= _mask(pc.is_in(network.nodes["region"], value_set=pa.array(context.scope, pa.string())))
    if context.chain:
        mask &= of_chain(network, context.chain)
    return mask


def of_chain(network: Network, chain: str) -> Mask:
    """A chain and its segments, their firms, their leaders, and the organizations and officers of the firms."""
    ids = chains.among(network.edges, {chain, *network.segments.get(chain, ())})
    return _mask(pc.is_in(network.nodes["id"], value_set=ids))


def choose(network: Network, candidates: Mask, limit: int, first: Mask) -> Mask:
    """At most `limit` of the candidates, connected as far as possible; the same choice for the same network.

    The nodes of `first` come first, then the neighbours of each of them in turn, then the best connected of the other
    nodes, each with its neighbours.
    """
    if candidates.sum() <= limit:
        return candidates
    matrix = network.graph.matrix
    inside = candidates.astype(np.float64)
    degree = (matrix @ inside) * inside
    chosen: dict[int, None] = {}

    def ranked(positions: arrays.Positions) -> list[int]:
        return [int(p) for p in positions[np.lexsort((positions, -degree[positions]))]]

    def neighbours(node: int) -> list[int]:
        near = matrix.indices[matrix.indptr[node] : matrix.indptr[node + 1]].astype(np.int64)
        return ranked(near[candidates[near]])

    def add(nodes: Iterable[int | None]) -> None:
        for node in nodes:
            if len(chosen) < limit and node is not None:
                chosen.setdefault(node)

    leading = ranked(network.positions(candidates & first))
    add(leading)
    add(node for turn in zip_longest(*map(neighbours, leading[:limit])) for node in turn)
    for node in ranked(network.positions(candidates & ~first)):
        if len(chosen) >= limit:
            break
        add((node, *neighbours(node)))
    mask = np.zeros_like(candidates)
    mask[list(chosen)] = True
    return mask


def cut(
    reader: Reader,
    context: Context,
    network: Network,
    candidates: Mask,
    limit: int,
    marks: Mapping[str, str] | None = None,
    first: Mask | None = None,
) -> Subgraph:
    """The candidates as a Subgraph of at most `limit` nodes with their facts; `left_out` counts the rest.

    `marks` maps ids to a highlight such as 应建未建. Marked nodes and those of `first` are chosen before others.
    """
    marks = marks or {}
    marked = _mask(pc.is_in(network.nodes["id"], value_set=pa.array(list(marks), pa.string())))
    chosen = choose(network, candidates, limit, marked if first is None else marked | first)
    rows = network.nodes.filter(pa.array(chosen)).to_pylist()
    facts = facts_of(reader, context.ontology, ((row["type"], row["id"]) for row in rows))
    ontology = context.ontology
    nodes = tuple(
        Node(
            row["id"],
            row["type"],
            row["name"],
            ((("所在区划", row["place"], OPEN),) if row["place"] and row["type"] != "Region" else ())
            + facts.get(row["id"], ()),
            ontology.nodes[row["type"]].called.sensitivity,
            marks.get(row["id"], ""),
        )
        for row in rows
    )
    shown = pa.array([node.id for node in nodes], pa.string())
    edges = network.edges.filter(both_ends(network.edges, shown))
    drawn = edges.group_by(["source", "target", "type"], use_threads=False).aggregate([]).to_pylist()
    drawn.sort(key=lambda e: (e["type"], e["source"], e["target"]))
    return Subgraph(
        nodes,
        tuple(Edge(e["source"], e["target"], e["type"], ontology.edges[e["type"]].label) for e in drawn),
        int(candidates.sum()) - len(nodes),
    )


def around(network: Network, core: Mask) -> Mask:
    """`core` and its neighbours, without Regions that have no edge."""
    neighbours = network.graph.matrix @ core.astype(np.float64) > 0
    tied = np.diff(network.graph.matrix.indptr) > 0
    return np.asarray((core | neighbours) & (tied | ~network.of_type("Region")))


def facts_of(
    reader: Reader, ontology: Ontology, nodes: Iterable[tuple[str, str]]
) -> dict[str, tuple[tuple[str, Value, str], ...]]:
    """The facts that a click shows of each (type, id): label, value and sensitivity, without blanks. One query a type."""
    by_type: dict[str, list[str]] = {}
    for node_type, node in nodes:
        by_type.setdefault(node_type, []).append(node)
    facts: dict[str, tuple[tuple[str, Value, str], ...]] = {}
    for node_type, ids in by_type.items():
        kind = ontology.nodes[node_type]
        declared = [p.name for p in kind.properties.values() if not p.derived and p != kind.called]
        properties = [kind.properties[name] for name in _FACTS.get(node_type, declared)]
        if not properties:
            continue
        columns = ", ".join(f"n.{p.name} AS {p.name}" for p in properties)
        # a lookup by key for each id: IN over a list compares every node with every id
        rows = reader.query(f"UNWIND $ids AS i MATCH (n:{node_type} {{id: i}}) RETURN i AS id, {columns}", {"ids": ids})
        for row in rows.to_pylist():
            facts[row["id"]] = tuple(
                (p.label, row[p.name], p.sensitivity) for p in properties if row[p.name] not in (None, "", [])
            )
    return facts


def both_ends(edges: pa.Table, ids: pa.Array | pa.ChunkedArray) -> pa.ChunkedArray:
    """Which of the edges join two of these ids."""
    return pc.and_(pc.is_in(edges["source"], value_set=ids), pc.is_in(edges["target"], value_set=ids))


def _plain(table: pa.Table, names: Sequence[str] = ()) -> pa.Table:
    """`table` with its columns as strings, blanks for nulls."""
    names = names or table.column_names
    return pa.table({n: pc.fill_null(table[n].cast(pa.string()), "") for n in names})


def _mask(column: pa.ChunkedArray) -> Mask:
    return np.asarray(column.to_numpy(), dtype=bool)
