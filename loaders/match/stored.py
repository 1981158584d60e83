"""What the store has, as a load needs it: rows, reviews, nodes and edges. Nothing is written here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from graph.ontology import load as load_ontology
from graph.stores.base import Reader
from graph.stores.cypher import node_columns
from loaders.match.merging import Props
from loaders.recognize.ledgers import Ledger
from loaders.shape.rows import Keeper, Row

#: an edge type and the types of node at its ends
EdgeTable = tuple[str, str, str]
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
    table = reader.query(
        f"MATCH (t:SourceRow) WHERE t.ledger = $ledger AND {_ALIVE} RETURN DISTINCT t.entity AS id",
        {"ledger": ledger, "revision": reader.revision},
    )
    return {*table["id"].to_pylist()}


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
    rows: list[Row] = []
    keeper = Keeper()
    for (file, sheet_, ledger), numbers in sheets.items():
        said = [text.encode() for text in texts.take(pa.array(numbers)).to_pylist()]
        lines = [columns["line"][number] for number in numbers]
        origin = keeper.origin(file, sheet_, ledgers[ledger], lines, said)
        for position, number in enumerate(numbers):
            retired = columns["retired"][number]
            later = retired is not None and retired > revision
            rows.append(
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
    rows.sort(key=lambda r: r.own_id)
    return rows


def known_reviews(reader: Reader) -> dict[str, Props]:
    """Reviews by id."""
    if empty(reader):
        return {}
    columns = [c for c in node_columns_of("Review") if c != "id"]
    picked = ", ".join(f"v.{c} AS {c}" for c in columns)
    table = reader.query(f"MATCH (v:Review) RETURN v.id AS id, {picked} ORDER BY id")
    return {row["id"]: row for row in table.to_pylist()}


def stored_nodes(reader: Reader, node_type: str, columns: Sequence[str]) -> dict[str, tuple[Any, ...]]:
    """Values of the nodes of a type, by the first of the columns."""
    picked = ", ".join(f"n.`{c}` AS c{i}" for i, c in enumerate(columns))
    table = reader.query(f"MATCH (n:{node_type}) RETURN {picked}")
    lists = [table[i].to_pylist() for i in range(table.num_columns)]
    return dict(zip(lists[0], zip(*lists[1:], strict=True), strict=True))


def stored_edges(reader: Reader, table: EdgeTable, columns: Sequence[str]) -> dict[str, tuple[Any, ...]]:
    """Values of the edges of a table by key; the first two of the columns are the ids of their ends."""
    edge, a, b = table
    picked = ", ".join(["x.id AS f", "y.id AS t", *(f"e.`{c}` AS c{i}" for i, c in enumerate(columns[2:]))])
    rows = reader.query(f"MATCH (x:{a})-[e:{edge}]->(y:{b}) RETURN e.key AS key, {picked}")
    lists = [rows[i].to_pylist() for i in range(rows.num_columns)]
    return dict(zip(lists[0], zip(*lists[1:], strict=True), strict=True))


def node_columns_of(name: str) -> dict[str, str]:
    """Columns of a node table of the product's own ontology."""
    return node_columns(load_ontology().nodes[name])
