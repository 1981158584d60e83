"""The writes of a load: its rows, and the difference between the stored graph and the graph that all rows make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import islice
from typing import Any

import pyarrow as pa

from graph.history.touched import Table
from graph.ontology import ARROW, EdgeType, NodeType, Ontology
from graph.ontology import load as load_ontology
from graph.stores.base import Reader, Writer
from graph.stores.cypher import edge_columns, node_columns
from loaders.fold.edges import EdgeTable
from loaders.fold.graph import Folded
from loaders.fold.reviews import CLOSED, DECIDED
from loaders.match.stored_rows import is_empty
from loaders.shape.rows import Props, Row

#: properties that the book of rules writes, not a load
_OF_RULES = frozenset({"bases", "bases_undecided"})
#: rows that are prepared and written at once
PORTION = 50_000


def write_rows(writer: Writer, rows: Sequence[Row], import_id: str, revision: int) -> None:
    """Write new rows as SourceRows that `revision` brings."""
    types = node_columns(load_ontology().nodes["SourceRow"])
    if writer.unfinished:
        table = writer.query(
            "MATCH (t:SourceRow) WHERE t.brought = $revision RETURN t.id AS id", {"revision": revision}
        )
        written = {*table["id"].to_pylist()}
        rows = [r for r in rows if r.id not in written]
    for start in range(0, len(rows), PORTION):
        some = rows[start : start + PORTION]
        columns: dict[str, list[Any]] = {
            "id": [r.id for r in some],
            "import_id": [import_id] * len(some),
            "file": [r.file for r in some],
            "sheet": [r.sheet for r in some],
            "line": [r.line for r in some],
            "ledger": [r.ledger for r in some],
            "division": [r.division for r in some],
            "entity": [r.entity for r in some],
            "values": [r.text.decode() for r in some],
            "digest": [r.digest for r in some],
            "brought": [revision] * len(some),
            "retired": [r.retired for r in some],
            "dated": [r.issue.dated for r in some],
            "loaded": [r.issue.loaded for r in some],
            "listing": [r.issue.listing for r in some],
        }
        writer.upsert("SourceRow", _table(columns, {c: t for c, t in types.items() if c in columns}))


def end_rows(writer: Writer, ids: Sequence[str], revision: int) -> None:
    """End rows that others replace, or that an undo takes back."""
    writer.upsert(
        "SourceRow", _table({"id": list(ids), "ended": [revision] * len(ids)}, {"id": "string", "ended": "integer"})
    )


def retire_rows(writer: Writer, ids: Sequence[str], revision: int | None) -> None:
    """Retire rows that a complete ledger no longer lists; without a revision, list them again. Their values stay."""
    writer.upsert(
        "SourceRow", _table({"id": list(ids), "retired": [revision] * len(ids)}, {"id": "string", "retired": "integer"})
    )


def write_difference(writer: Writer, ontology: Ontology, folded: Folded, within: Set[Table] | None = None) -> None:
    """Write the nodes and edges that are new or changed, and take back those that no row states any more.

    `within` are the tables that can differ (None: any); the others are not compared. A store may write a portion while
    the next one is prepared.
    """
    fresh = is_empty(writer)
    for kind in ontology.entities:
        if within is None or (kind.name,) in within:
            _write_nodes(writer, kind, folded, fresh)
    for edge in ontology.edges.values():
        for a, b in edge.ends:
            if within is None or (edge.name, a, b) in within:
                _write_edges(writer, edge, (edge.name, a, b), folded, fresh)


def _write_nodes(writer: Writer, kind: NodeType, folded: Folded, fresh: bool) -> None:
    """Write new and changed nodes of a type; mark those that no row is about any more as not listed."""
    types = {c: t for c, t in node_columns(kind).items() if c not in _OF_RULES}
    columns = [c for c in types if c != "id"]
    before = {} if fresh else _stored_nodes(writer, kind.name, ["id", *columns])
    listed = columns.index("listed")
    ids = {*folded.ids(kind.name)} if before else set()
    gone = [{"id": id_, "listed": False} for id_, values in before.items() if values[listed] and id_ not in ids]
    renewed = (
        {**props, "id": id_}
        for id_, props in folded.nodes(kind.name)
        if fresh or before.get(id_) != tuple(map(props.get, columns))
    )
    for rows in _portions(renewed):
        writer.upsert(kind.name, _rows_table(rows, types))
    if gone:
        writer.upsert(kind.name, _rows_table(gone, {"id": "string", "listed": "boolean"}))


def _write_edges(writer: Writer, edge: EdgeType, table: EdgeTable, folded: Folded, fresh: bool) -> None:
    """Write new and changed edges of a table; remove those that no row states any more."""
    columns = ["from", "to", *(c for c in edge_columns(edge) if c != "key")]
    types = {"from": "string", "to": "string"} | edge_columns(edge)
    if fresh:
        for rows in _portions(folded.edges(table)):
            writer.link(*table, _rows_table(rows, types))
        return
    before = _stored_edges(writer, table, columns)
    keys: set[str] = set()
    renewed: list[Props] = []
    for props in folded.edges(table):
        keys.add(props["key"])
        if before.get(props["key"]) != tuple(map(props.get, columns)):
            renewed.append(props)
    stale = {str(r["key"]) for r in renewed} & before.keys() | before.keys() - keys
    if stale:
        ends = [{"from": before[k][0], "key": k} for k in sorted(stale)]
        writer.unlink(*table, _rows_table(ends, {"from": "string", "key": "string"}))
    for rows in _portions(renewed):
        writer.link(*table, _rows_table(rows, types))


def _portions(rows: Iterable[Props]) -> Iterator[list[Props]]:
    """The rows in lists that are written at once."""
    remaining = iter(rows)
    while some := list(islice(remaining, PORTION)):
        yield some


def _stored_nodes(reader: Reader, node_type: str, columns: Sequence[str]) -> dict[str, tuple[Any, ...]]:
    """The values of the nodes of a type, by the first of the columns."""
    picked = ", ".join(f"n.`{c}` AS c{i}" for i, c in enumerate(columns))
    table = reader.query(f"MATCH (n:{node_type}) RETURN {picked}")
    lists = [table[i].to_pylist() for i in range(table.num_columns)]
    return dict(zip(lists[0], zip(*lists[1:], strict=True), strict=True))


def _stored_edges(reader: Reader, table: EdgeTable, columns: Sequence[str]) -> dict[str, tuple[Any, ...]]:
    """The values of the edges of a table by key; the first two of the columns are the ids of their ends."""
    edge, a, b = table
    picked = ", ".join(["x.id AS f", "y.id AS t", *(f"e.`{c}` AS c{i}" for i, c in enumerate(columns[2:]))])
    rows = reader.query(f"MATCH (x:{a})-[e:{edge}]->(y:{b}) RETURN e.key AS key, {picked}")
    lists = [rows[i].to_pylist() for i in range(rows.num_columns)]
    return dict(zip(lists[0], zip(*lists[1:], strict=True), strict=True))


def write_reviews(writer: Writer, reviews: Mapping[str, Props], before: Mapping[str, Props], revision: int) -> None:
    """Write the reviews that are new or changed, and close those that no row raises any more."""
    columns = node_columns(load_ontology().nodes["Review"])
    changed: list[Props] = []
    for id_, review in reviews.items():
        old = before.get(id_)
        whole = {c: review.get(c) for c in columns} | {"opened": old["opened"] if old else revision}
        if review["state"] == DECIDED:
            whole["closed"] = (old or {}).get("closed") or revision
        if old is None or {**old} != whole:
            changed.append(whole)
    for id_, old in before.items():
        if id_ not in reviews and old["state"] != CLOSED:
            changed.append({**old, "state": CLOSED, "closed": revision})
    if changed:
        writer.upsert("Review", _rows_table(changed, columns))


def _rows_table(rows: Sequence[Props], columns: Mapping[str, str]) -> pa.Table:
    filled = set().union(*rows)
    return pa.table(
        {
            # most columns of most ledgers are empty and need no pass over the rows
            c: pa.array([r.get(c) for r in rows], ARROW[t]) if c in filled else pa.nulls(len(rows), ARROW[t])
            for c, t in columns.items()
        }
    )


def _table(columns: Mapping[str, Iterable[Any]], types: Mapping[str, str]) -> pa.Table:
    return pa.table({c: pa.array(list(v), ARROW[types[c]]) for c, v in columns.items()})
