"""What a load writes: its rows, and the difference between the graph that is stored and the one that all rows make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import islice
from typing import Any

import pyarrow as pa

from graph.history.touched import Table
from graph.ontology import ARROW, EdgeType, NodeType, Ontology
from graph.stores.base import Writer
from graph.stores.cypher import edge_columns, node_columns
from loaders.fold.folding import Folded
from loaders.fold.reviews import CLOSED, DECIDED
from loaders.match.merging import Props
from loaders.match.stored import EdgeTable, empty, node_columns_of, stored_edges, stored_nodes
from loaders.shape.rows import Row

#: kept by the book of rules, not by folding
_KEPT = frozenset({"bases", "bases_undecided"})
#: rows that are made and written at once
PORTION = 50_000


def write_rows(writer: Writer, rows: Sequence[Row], import_id: str, revision: int) -> None:
    """Keep new rows as SourceRows brought by `revision`."""
    types = node_columns_of("SourceRow")
    if writer.unfinished:
        kept = writer.query("MATCH (t:SourceRow) WHERE t.brought = $revision RETURN t.id AS id", {"revision": revision})
        written = {*kept["id"].to_pylist()}
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
        }
        writer.upsert("SourceRow", _table(columns, {c: t for c, t in types.items() if c in columns}))


def end_rows(writer: Writer, ids: Sequence[str], revision: int) -> None:
    """Rows that another has replaced, or that an undo takes back."""
    writer.upsert(
        "SourceRow", _table({"id": list(ids), "ended": [revision] * len(ids)}, {"id": "string", "ended": "integer"})
    )


def retire_rows(writer: Writer, ids: Sequence[str], revision: int | None) -> None:
    """Rows that a complete ledger no longer lists: what they said stays known. Without a revision, list them again."""
    writer.upsert(
        "SourceRow", _table({"id": list(ids), "retired": [revision] * len(ids)}, {"id": "string", "retired": "integer"})
    )


def write_difference(writer: Writer, ontology: Ontology, folded: Folded, within: Set[Table] | None = None) -> None:
    """Make the store hold what was folded: nodes and edges that are new, changed or no longer said by any row.

    `within` are the tables that can differ (None: any); the others are not compared. A portion is handed over while
    the next one is worked out, which a store may write meanwhile.
    """
    fresh = empty(writer)
    for kind in ontology.entities:
        if within is None or (kind.name,) in within:
            _write_nodes(writer, kind, folded, fresh)
    for edge in ontology.edges.values():
        for a, b in edge.ends:
            if within is None or (edge.name, a, b) in within:
                _write_edges(writer, edge, (edge.name, a, b), folded, fresh)


def _write_nodes(writer: Writer, kind: NodeType, folded: Folded, fresh: bool) -> None:
    """Nodes of a type that are new or changed; those that no row lists any more stay, and are listed no longer."""
    types = {c: t for c, t in node_columns(kind).items() if c not in _KEPT}
    columns = [c for c in types if c != "id"]
    before = {} if fresh else stored_nodes(writer, kind.name, ["id", *columns])
    listed = columns.index("listed")
    wanted = {*folded.ids(kind.name)} if before else set()
    gone = [{"id": id_, "listed": False} for id_, said in before.items() if said[listed] and id_ not in wanted]
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
    """Edges between two types that are new or changed; those that no row states any more are taken away."""
    columns = ["from", "to", *(c for c in edge_columns(edge) if c != "key")]
    types = {"from": "string", "to": "string"} | edge_columns(edge)
    if fresh:
        for rows in _portions(folded.edges(table)):
            writer.link(*table, _rows_table(rows, types))
        return
    before = stored_edges(writer, table, columns)
    wanted: set[str] = set()
    renewed: list[Props] = []
    for props in folded.edges(table):
        wanted.add(props["key"])
        if before.get(props["key"]) != tuple(map(props.get, columns)):
            renewed.append(props)
    stale = {str(r["key"]) for r in renewed} & before.keys() | before.keys() - wanted
    if stale:
        ends = [{"from": before[k][0], "key": k} for k in sorted(stale)]
        writer.unlink(*table, _rows_table(ends, {"from": "string", "key": "string"}))
    for rows in _portions(renewed):
        writer.link(*table, _rows_table(rows, types))


def _portions(rows: Iterable[Props]) -> Iterator[list[Props]]:
    """What is written at once."""
    left = iter(rows)
    while some := list(islice(left, PORTION)):
        yield some


def write_reviews(writer: Writer, reviews: Mapping[str, Props], before: Mapping[str, Props], revision: int) -> None:
    """Open, keep, decide and close Reviews."""
    columns = node_columns_of("Review")
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
            # most columns of most ledgers are empty: not looked through row by row
            c: pa.array([r.get(c) for r in rows], ARROW[t]) if c in filled else pa.nulls(len(rows), ARROW[t])
            for c, t in columns.items()
        }
    )


def _table(columns: Mapping[str, Iterable[Any]], types: Mapping[str, str]) -> pa.Table:
    return pa.table({c: pa.array(list(v), ARROW[types[c]]) for c, v in columns.items()})
