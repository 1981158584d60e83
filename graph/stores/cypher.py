"""The ontology as Cypher: tables, and the batch writes that fill them. Pure text, no engine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from graph.ontology import EdgeType, NodeType, Ontology
from graph.stores import lexing

#: the engine's type for each of the ontology
LADYBUG = {
    "string": "STRING",
    "integer": "INT64",
    "money": "INT64",
    "number": "DOUBLE",
    "date": "DATE",
    "boolean": "BOOLEAN",
    "strings": "STRING[]",
}
#: properties that questions look nodes up by, besides ids and natural keys
_LOOKED_UP = {"SourceRow": ("entity",), "Review": ("subject",)}


def node_columns(kind: NodeType) -> dict[str, str]:
    """Columns of a node table and their types of the ontology; `listed` is false once a ledger drops it."""
    head = {"id": "string"} if kind.system else {"id": "string", "listed": "boolean"}
    return head | {name: p.type for name, p in kind.properties.items()}


def edge_columns(kind: EdgeType) -> dict[str, str]:
    """Columns of an edge table besides its ends."""
    dates = {"valid_from": "date", "valid_to": "date"} if kind.dated else {}
    return {"key": "string"} | dates | {name: p.type for name, p in kind.properties.items()}


def ladybug_ddl(ontology: Ontology) -> dict[str, str]:
    """CREATE statement of each table, nodes before edges."""
    statements: dict[str, str] = {}
    for node in ontology.nodes.values():
        columns = ", ".join(f"`{c}` {LADYBUG[t]}" for c, t in node_columns(node).items())
        statements[node.name] = f"CREATE NODE TABLE `{node.name}`({columns}, PRIMARY KEY(id))"
    for edge in ontology.edges.values():
        ends = ", ".join(f"FROM `{a}` TO `{b}`" for a, b in edge.ends)
        columns = ", ".join(f"`{c}` {LADYBUG[t]}" for c, t in edge_columns(edge).items())
        statements[edge.name] = f"CREATE REL TABLE `{edge.name}`({ends}, {columns})"
    return statements


def schema_digest(ontology: Ontology) -> str:
    """What tells one set of tables from another: a change of a label or a colour does not alter it."""
    return digest(ladybug_ddl(ontology).values())


def digest(texts: Iterable[str]) -> str:
    """What tells these texts from others."""
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]


def ladybug_upsert(node_type: str, columns: list[str], *, known: bool = False) -> str:
    """Merge rows of the Arrow table `rows` by id; `known` where all are there: many are then changed in less memory."""
    names = ", ".join(f"`{c}` AS c{i}" for i, c in enumerate(columns))
    sets = ", ".join(f"n.`{c}` = c{i}" for i, c in enumerate(columns) if c != "id")
    find = f"{'MATCH' if known else 'MERGE'} (n:`{node_type}` {{id: c{columns.index('id')}}})"
    return f"LOAD FROM rows WITH {names} {find}" + (f" SET {sets}" if sets else "")


def ladybug_unlink(edge_type: str, from_type: str, to_type: str) -> str:
    """Delete the edges whose (from, key) stand in the Arrow table `rows`."""
    return (
        f"LOAD FROM rows WITH `from` AS f, `key` AS k MATCH (a:`{from_type}` {{id: f}})"
        f"-[e:`{edge_type}`]->(:`{to_type}`) WHERE e.key = k DELETE e"
    )


def named_parameters(cypher: str, parameters: Mapping[str, Any] | None) -> dict[str, Any]:
    """Those of `parameters` that the text names: both engines refuse, or warn of, a parameter without a use."""
    names = lexing.parameters(cypher)
    return {k: v for k, v in (parameters or {}).items() if k in names}


def conform(rows: pa.Table, columns: Mapping[str, str], arrow: Mapping[str, pa.DataType]) -> pa.Table:
    """`rows` with each column cast to the type the ontology declares."""
    return pa.table({name: rows[name].cast(arrow[columns[name]]) for name in rows.column_names})


def neo4j_schema(ontology: Ontology) -> dict[str, str]:
    """CREATE statement of each constraint and index: every id and key is unique, what is looked up by is indexed."""
    statements: dict[str, str] = {}

    def add(name: str, what: str) -> None:
        kind = "CONSTRAINT" if what.endswith("UNIQUE") else "INDEX"
        statements[name] = f"CREATE {kind} `{name}` IF NOT EXISTS FOR {what}"

    for node in ontology.nodes.values():
        add(f"liangxin_{node.name}_id", f"(n:`{node.name}`) REQUIRE n.id IS UNIQUE")
        keys = {part for key in node.keys for part in key if part in node.properties}
        for part in sorted(keys | set(_LOOKED_UP.get(node.name, ()))):
            add(f"liangxin_{node.name}_{part}", f"(n:`{node.name}`) ON (n.`{part}`)")
    for edge in ontology.edges.values():
        add(f"liangxin_{edge.name}_key", f"()-[e:`{edge.name}`]-() REQUIRE e.key IS UNIQUE")
    # the one node by which a server's store knows itself, see neo4j/lease.py: two who build a store at once make one
    add("liangxin_LiangxinState_id", "(s:LiangxinState) REQUIRE s.id IS UNIQUE")
    return statements


def names(ontology: Ontology) -> tuple[list[str], list[str], list[str]]:
    """Every label, relationship type and property name of the ontology."""
    columns = [*map(node_columns, ontology.nodes.values()), *map(edge_columns, ontology.edges.values())]
    return [*ontology.nodes], [*ontology.edges], sorted({name for some in columns for name in some})


def neo4j_upsert(node_type: str, items: Mapping[str, str]) -> str:
    """Merge a batch of nodes by id; `items` are expressions for its row `i`."""
    sets = ", ".join(f"`{c}`: {x}" for c, x in items.items() if c != "id")
    return f"UNWIND range(0, $size - 1) AS i MERGE (n:`{node_type}` {{id: {items['id']}}})" + (
        f" SET n += {{{sets}}}" if sets else ""
    )


def neo4j_link(edge_type: str, from_type: str, to_type: str, items: Mapping[str, str], *, again: bool) -> str:
    """Create a batch of edges, `again` where some of them may be there already; returns how many ends were found."""
    sets = ", ".join(f"`{c}`: {x}" for c, x in items.items() if c not in ("from", "to"))
    edge = f"MERGE (a)-[e:`{edge_type}` {{key: {items['key']}}}]->(b) SET e += {{{sets}}}"
    return (
        f"UNWIND range(0, $size - 1) AS i MATCH (a:`{from_type}` {{id: {items['from']}}}) "
        f"MATCH (b:`{to_type}` {{id: {items['to']}}}) "
        + (edge if again else f"CREATE (a)-[e:`{edge_type}` {{{sets}}}]->(b)")
        + " RETURN count(*) AS n"
    )


def neo4j_unlink(edge_type: str, from_type: str, to_type: str, items: Mapping[str, str]) -> str:
    """Delete the edges of a batch of (from, key)."""
    return (
        f"UNWIND range(0, $size - 1) AS i MATCH (:`{from_type}` {{id: {items['from']}}})"
        f"-[e:`{edge_type}` {{key: {items['key']}}}]->(:`{to_type}`) DELETE e"
    )
