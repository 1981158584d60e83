"""What the store holds, as a load needs it, and the difference that a load writes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pyarrow as pa

from graph.ontology import ARROW, EdgeType, NodeType, Ontology
from graph.stores.base import Reader, Writer
from graph.stores.cypher import edge_columns, node_columns
from loaders.claims import EdgeTable
from loaders.entities import Props
from loaders.folding import Folded
from loaders.ledgers import Ledger
from loaders.records import Keeper, Row
from loaders.reviews import CLOSED, DECIDED

#: kept by the book of rules, not by folding
_KEPT = frozenset({"bases", "bases_undecided"})
#: rows that are made and written at once
PORTION = 50_000


#: the rows of a revision: neither what replaced them later, nor what a write that was broken off has left
_ALIVE = "t.brought <= $revision AND (t.ended IS NULL OR t.ended > $revision)"


@dataclass(slots=True)
class Head:
    """A live SourceRow without its values."""

    id: str
    ledger: str
    entity: str
    digest: str
    division: str
    retired: int | None


def empty(reader: Reader) -> bool:
    """Whether nothing was ever written, so that nothing need be asked."""
    return not (reader.revision or reader.unfinished)


def heads(reader: Reader) -> list[Head]:
    """Every row that is live in the published revision."""
    if empty(reader):
        return []
    table = reader.query(
        f"MATCH (t:SourceRow) WHERE {_ALIVE} RETURN t.id AS id, t.ledger AS ledger, t.entity AS entity, "
        "t.digest AS digest, t.division AS division, "
        "CASE WHEN t.retired <= $revision THEN t.retired ELSE NULL END AS retired ORDER BY id",
        {"revision": reader.revision},
    )
    return [Head(*row) for row in zip(*(table[c].to_pylist() for c in table.column_names), strict=True)]


def entities(reader: Reader, ledger: str) -> set[str]:
    """What the rows of a ledger are of in the published revision."""
    found = reader.query(
        f"MATCH (t:SourceRow) WHERE t.ledger = $ledger AND {_ALIVE} RETURN DISTINCT t.entity AS id",
        {"ledger": ledger, "revision": reader.revision},
    )
    return {*found["id"].to_pylist()}


def rows_at(reader: Reader, ledgers: Mapping[str, Ledger], revision: int) -> list[Row]:
    """The rows that are live in a revision, be it the one that is being written, with their values."""
    if empty(reader):
        return []
    table = reader.query(
        f"MATCH (t:SourceRow) WHERE {_ALIVE} RETURN t.id AS id, t.file AS file, t.sheet AS sheet, t.line AS line, "
        "t.ledger AS ledger, t.values AS vals, t.division AS division, t.entity AS entity, "
        "t.brought AS brought, t.retired AS retired ORDER BY id",
        {"revision": revision},
    )
    sheets: dict[tuple[str, str, str], list[int]] = {}
    columns = {c: table[c].to_pylist() for c in table.column_names if c != "vals"}
    for number, sheet in enumerate(zip(*(columns[c] for c in ("file", "sheet", "ledger")), strict=True)):
        sheets.setdefault(sheet, []).append(number)
    texts = table["vals"].combine_chunks()
    found: list[Row] = []
    keeper = Keeper()
    for (file, sheet_, ledger), numbers in sheets.items():
        said = [text.encode() for text in texts.take(pa.array(numbers)).to_pylist()]
        lines = [columns["line"][number] for number in numbers]
        origin = keeper.origin(file, sheet_, ledgers[ledger], lines, said)
        for position, number in enumerate(numbers):
            retired = columns["retired"][number]
            later = retired is not None and retired > revision
            found.append(
                Row(
                    origin,
                    position,
                    columns["division"][number],
                    entity=columns["entity"][number],
                    brought=columns["brought"][number],
                    retired=None if later else retired,
                    own_id=columns["id"][number],
                )
            )
    # the order in which they are told apart by nothing else
    found.sort(key=lambda r: r.own_id)
    return found


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


def node_columns_of(name: str) -> dict[str, str]:
    """Columns of a node table of the product's own ontology."""
    from graph.ontology import load

    return node_columns(load().nodes[name])


def known_reviews(reader: Reader) -> dict[str, Props]:
    """Reviews by id."""
    if empty(reader):
        return {}
    columns = [c for c in node_columns_of("Review") if c != "id"]
    picked = ", ".join(f"v.{c} AS {c}" for c in columns)
    table = reader.query(f"MATCH (v:Review) RETURN v.id AS id, {picked} ORDER BY id")
    return {row["id"]: row for row in table.to_pylist()}


def write_difference(writer: Writer, ontology: Ontology, folded: Folded) -> None:
    """Make the store hold what was folded: nodes and edges that are new, changed or no longer said by any row.

    A portion is handed over while the next one is worked out, which a store may write meanwhile.
    """
    fresh = empty(writer)
    for kind in ontology.entities:
        _write_nodes(writer, kind, folded, fresh)
    for edge in ontology.edges.values():
        for a, b in edge.ends:
            _write_edges(writer, edge, (edge.name, a, b), folded, fresh)


def _write_nodes(writer: Writer, kind: NodeType, folded: Folded, fresh: bool) -> None:
    """Nodes of a type that are new or changed; those that no row lists any more stay, and are listed no longer."""
    types = {c: t for c, t in node_columns(kind).items() if c not in _KEPT}
    columns = [c for c in types if c != "id"]
    held = {} if fresh else _held(writer, f"MATCH (n:{kind.name})", "n", ["id", *columns])
    listed = columns.index("listed")
    wanted = {*folded.ids(kind.name)} if held else set()
    gone = [{"id": id_, "listed": False} for id_, said in held.items() if said[listed] and id_ not in wanted]
    renewed = (
        {**props, "id": id_}
        for id_, props in folded.nodes(kind.name)
        if fresh or held.get(id_) != tuple(map(props.get, columns))
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
    held = _held_edges(writer, table, columns)
    wanted: set[str] = set()
    renewed: list[Props] = []
    for props in folded.edges(table):
        wanted.add(props["key"])
        if held.get(props["key"]) != tuple(map(props.get, columns)):
            renewed.append(props)
    stale = {str(r["key"]) for r in renewed} & held.keys() | held.keys() - wanted
    if stale:
        ends = [{"from": held[k][0], "key": k} for k in sorted(stale)]
        writer.unlink(*table, _rows_table(ends, {"from": "string", "key": "string"}))
    for rows in _portions(renewed):
        writer.link(*table, _rows_table(rows, types))


def _portions(rows: Iterable[Props]) -> Iterator[list[Props]]:
    """What is written at once."""
    left = iter(rows)
    while some := list(islice(left, PORTION)):
        yield some


def _held(reader: Reader, match: str, name: str, columns: Sequence[str]) -> dict[str, tuple[Any, ...]]:
    table = reader.query(f"{match} RETURN " + ", ".join(f"{name}.`{c}` AS c{i}" for i, c in enumerate(columns)))
    lists = [table[i].to_pylist() for i in range(table.num_columns)]
    return dict(zip(lists[0], zip(*lists[1:], strict=True), strict=True))


def _held_edges(reader: Reader, table: EdgeTable, columns: Sequence[str]) -> dict[str, tuple[Any, ...]]:
    edge, a, b = table
    picked = ", ".join(["x.id AS f", "y.id AS t", *(f"e.`{c}` AS c{i}" for i, c in enumerate(columns[2:]))])
    found = reader.query(f"MATCH (x:{a})-[e:{edge}]->(y:{b}) RETURN e.key AS key, {picked}")
    lists = [found[i].to_pylist() for i in range(found.num_columns)]
    return dict(zip(lists[0], zip(*lists[1:], strict=True), strict=True))


def write_reviews(writer: Writer, found: Mapping[str, Props], before: Mapping[str, Props], revision: int) -> None:
    """Open, keep, decide and close Reviews."""
    columns = node_columns_of("Review")
    changed: list[Props] = []
    for id_, review in found.items():
        old = before.get(id_)
        whole = {c: review.get(c) for c in columns} | {"opened": old["opened"] if old else revision}
        if review["state"] == DECIDED:
            whole["closed"] = (old or {}).get("closed") or revision
        if old is None or {**old} != whole:
            changed.append(whole)
    for id_, old in before.items():
        if id_ not in found and old["state"] != CLOSED:
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
