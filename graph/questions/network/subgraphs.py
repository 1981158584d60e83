"""The network in force as Arrow tables, and the part of it that an answer shows."""

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
from graph.rules.derived import GIVEN
from graph.stores.base import Reader
from graph.validity import relation_in_force

#: relations by which one organization or firm carries another along
TIES = ("IN_CHAIN", "LEADS_CHAIN", "COVERS", "PAIRED_WITH", "SUBORDINATE_TO", "SUPPLIES")
#: relations that are drawn: those, and the people and groups beside them
DRAWN = (*TIES, "GUIDES", "GROUPED_IN", "CONTACTS", "STATIONED")
#: what a click on a node shows; of types not named here, all that is declared
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

    `region` is the id of the Region a node lies in ('' for none), `place` its name; `edges` have source,
    target and type. `graph` is the same, undirected, as arrays in the order of the nodes. `segments` are those of
    each chain that has any.
    """

    nodes: pa.Table
    edges: pa.Table
    graph: arrays.Arrays
    segments: Mapping[str, frozenset[str]]
    cypher: tuple[str, ...]

    def positions(self, mask: Mask) -> arrays.Positions:
        """Where the nodes of a mask stand."""
        return np.flatnonzero(mask).astype(np.int64)

    def of_type(self, *types: str) -> Mask:
        """The nodes of these types."""
        return _mask(pc.is_in(self.nodes["type"], value_set=pa.array(types, pa.string())))


def given(context: Context) -> dict[str, Any]:
    """The parameters that validity and the questions' own queries speak of."""
    return {"scope": list(context.scope)} | {name: derive(context) for name, derive in GIVEN.items()}


def read(reader: Reader, context: Context, edge_types: Sequence[str] = DRAWN) -> Network:
    """The listed nodes that these edges can join, and the edges in force: one query for each type."""
    ontology = context.ontology
    ends = {end for edge in edge_types for pair in ontology.edges[edge].ends for end in pair}
    queries: list[str] = []
    tables: list[pa.Table] = []
    for kind in ontology.entities:
        if kind.name in ends:
            located = "" if kind.name == "Region" else " OPTIONAL MATCH (n)-[:LOCATED_IN]->(r:Region)"
            place = "n.id AS region, n.name AS place" if kind.name == "Region" else "r.id AS region, r.name AS place"
            name = f"n.{kind.called.name} AS name"
            queries.append(f"MATCH (n:{kind.name}) WHERE n.listed{located} RETURN n.id AS id, {name}, {place}")
            table = reader.query(queries[-1])
            tables.append(table.append_column("type", pa.array([kind.name] * table.num_rows, pa.string())))
    nodes = _plain(pa.concat_tables(_plain(t, ("id", "type", "name", "region", "place")) for t in tables)).sort_by("id")
    tables = []
    for edge in edge_types:
        where = f" WHERE {condition}" if (condition := relation_in_force(ontology.edges[edge])) else ""
        start = "(a:GuidanceOfficer)" if edge == "GUIDES" else "(a)"
        queries.append(f"MATCH {start}-[e:{edge}]->(b){where} RETURN a.id AS source, b.id AS target")
        table = _plain(reader.query(queries[-1], given(context)), ("source", "target"))
        tables.append(table.append_column("type", pa.array([edge] * table.num_rows, pa.string())))
    edges = pa.concat_tables(tables)
    known = nodes["id"]
    both = pc.and_(pc.is_in(edges["source"], value_set=known), pc.is_in(edges["target"], value_set=known))
    edges = edges.filter(both)
    graph = arrays.build([edges], known, directed=False)
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
    """A chain and its segments, their firms, their leaders and who covers or guides a firm."""
    ids = chains.among(network.edges, {chain, *network.segments.get(chain, ())})
    return _mask(pc.is_in(network.nodes["id"], value_set=ids))


def beside(network: Network, mask: Mask) -> Mask:
    """The nodes of a mask and their neighbours."""
    touched = network.graph.matrix @ mask.astype(np.float64)
    return np.asarray(mask | (touched > 0))


def choose(network: Network, candidates: Mask, limit: int, first: Mask) -> Mask:
    """At most `limit` of the candidates, so that what is shown hangs together; the same for the same network.

    First the nodes of `first`; then neighbours of each of them in turn; then the best connected of the others,
    each with its neighbours.
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

    wanted = ranked(network.positions(candidates & first))
    add(wanted)
    add(node for turn in zip_longest(*map(neighbours, wanted[:limit])) for node in turn)
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

    `marks` maps ids to a highlight; those and the nodes of `first` are kept before others.
    """
    marks = marks or {}
    wanted = _mask(pc.is_in(network.nodes["id"], value_set=pa.array(list(marks), pa.string())))
    chosen = choose(network, candidates, limit, wanted if first is None else wanted | first)
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
    edges = network.edges
    both = pc.and_(pc.is_in(edges["source"], value_set=shown), pc.is_in(edges["target"], value_set=shown))
    drawn = edges.filter(both).group_by(["source", "target", "type"], use_threads=False).aggregate([]).to_pylist()
    drawn.sort(key=lambda e: (e["type"], e["source"], e["target"]))
    return Subgraph(
        nodes,
        tuple(Edge(e["source"], e["target"], e["type"], ontology.edges[e["type"]].label) for e in drawn),
        int(candidates.sum()) - len(nodes),
    )


def subgraph(
    reader: Reader, context: Context, *, limit: int = 1500, marks: Mapping[str, str] | None = None
) -> Subgraph:
    """The network of a division, a chain or all (as the context says), with who stands directly beside it.

    `marks` maps ids to a highlight such as 应建未建; marked nodes are kept first. Regions appear only where
    something is tied to them.
    """
    network = read(reader, context)
    return cut(reader, context, network, around(network, within(network, context)), limit, marks)


def around(network: Network, core: Mask) -> Mask:
    """`core` and its neighbours, without Regions that nothing is tied to."""
    tied = np.diff(network.graph.matrix.indptr) > 0
    return np.asarray(beside(network, core) & (tied | ~network.of_type("Region")))


def facts_of(
    reader: Reader, ontology: Ontology, nodes: Iterable[tuple[str, str]]
) -> dict[str, tuple[tuple[str, Value, str], ...]]:
    """What a click shows of each (type, id): label, value and sensitivity, blanks left out; one query a type."""
    by_type: dict[str, list[str]] = {}
    for node_type, node in nodes:
        by_type.setdefault(node_type, []).append(node)
    found: dict[str, tuple[tuple[str, Value, str], ...]] = {}
    for node_type, ids in by_type.items():
        kind = ontology.nodes[node_type]
        declared = [p.name for p in kind.properties.values() if not p.derived and p != kind.called]
        named = _FACTS.get(node_type, declared)
        if not named:
            continue
        columns = ", ".join(f"n.{name} AS {name}" for name in named)
        # a lookup by key for each id: IN over a list compares every node with every id
        rows = reader.query(f"UNWIND $ids AS i MATCH (n:{node_type} {{id: i}}) RETURN i AS id, {columns}", {"ids": ids})
        properties = [kind.properties[name] for name in named]
        for row in rows.to_pylist():
            found[row["id"]] = tuple(
                (p.label, row[p.name], p.sensitivity) for p in properties if row[p.name] not in (None, "", [])
            )
    return found


def _plain(table: pa.Table, names: Sequence[str] = ()) -> pa.Table:
    """`table` with its columns as strings, blanks for nulls."""
    names = names or table.column_names
    return pa.table({n: pc.fill_null(table[n].cast(pa.string()), "") for n in names})


def _mask(column: pa.ChunkedArray) -> Mask:
    return np.asarray(column.to_numpy(), dtype=bool)
