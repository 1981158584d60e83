"""The SourceRows that the store holds, as rows and without their values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import orjson
import pyarrow as pa

from graph.statements import revision_days
from graph.stores.base import Reader
from loaders.recognize.ledgers import Ledger
from loaders.shape.rows import Issue, Row, Spool

#: the rows of a revision, without those that a later or an interrupted write brought
LIVE = "t.brought <= $revision AND (t.ended IS NULL OR t.ended > $revision)"


@dataclass(slots=True)
class Head:
    """A live SourceRow without its values."""

    id: str
    ledger: str
    entity: str
    digest: str
    division: str
    listing: str
    dated: dt.date | None
    retired: int | None


def is_empty(reader: Reader) -> bool:
    """Whether nothing was ever written, so that no query is needed."""
    return not (reader.revision or reader.unfinished)


def heads(reader: Reader) -> list[Head]:
    """Every row that is live in the published revision."""
    if is_empty(reader):
        return []
    table = reader.query(
        f"MATCH (t:SourceRow) WHERE {LIVE} RETURN t.id AS id, t.ledger AS ledger, t.entity AS entity, "
        "t.digest AS digest, t.division AS division, coalesce(t.listing, '') AS listing, t.dated AS dated, "
        "CASE WHEN t.retired <= $revision THEN t.retired ELSE NULL END AS retired ORDER BY id",
        {"revision": reader.revision},
    )
    return [Head(*row) for row in zip(*(table[c].to_pylist() for c in table.column_names), strict=True)]


def entities_of(reader: Reader, ledger: str) -> set[str]:
    """The ids of the entities that live rows of a ledger are about, in the published revision."""
    table = reader.query(
        f"MATCH (t:SourceRow) WHERE t.ledger = $ledger AND {LIVE} RETURN DISTINCT t.entity AS id",
        {"ledger": ledger, "revision": reader.revision},
    )
    return {*table["id"].to_pylist()}


def former_names(
    reader: Reader, ledgers: Mapping[str, Ledger], types: Iterable[str], *, live: bool = False
) -> dict[str, set[str]]:
    """The names that rows which ended stated of entities of some types, by entity; not those of a load taken back.

    `live`: and the other names that live rows state.
    """
    either = "t.brought <= $revision AND (t.ended IS NULL OR t.ended <= $revision)"
    names: dict[str, set[str]] = {}
    if is_empty(reader):
        return names
    undone = {*reader.query("MATCH (c:Change) WHERE c.kind = 'undo' RETURN c.number AS number")["number"].to_pylist()}
    for node_type in types:
        table = reader.query(
            # the text of a row holds its name, so that the rows of those that kept theirs are never read
            f"MATCH (t:SourceRow) WHERE {either if live else 't.ended <= $revision'} AND t.ledger IN $ledgers "
            f"MATCH (n:{node_type}) WHERE n.id = t.entity AND n.name <> '' AND NOT t.values CONTAINS n.name "
            "RETURN t.entity AS entity, t.ended AS ended, t.values AS vals ORDER BY entity, vals",
            {"revision": reader.revision, "ledgers": [n for n, one in ledgers.items() if one.entity == node_type]},
        )
        for entity, ended, text in zip(*(table[c].to_pylist() for c in ("entity", "ended", "vals")), strict=True):
            if ended not in undone:
                names.setdefault(entity, set()).add(str(orjson.loads(text).get("name") or ""))
    return names


def rows_at(reader: Reader, ledgers: Mapping[str, Ledger], revision: int) -> list[Row]:
    """The rows that are live in a revision, which may be the one being written, sorted by id."""
    if is_empty(reader):
        return []
    table = reader.query(
        f"MATCH (t:SourceRow) WHERE {LIVE} RETURN t.id AS id, t.file AS file, t.sheet AS sheet, t.line AS line, "
        "t.ledger AS ledger, t.values AS vals, t.division AS division, t.entity AS entity, "
        "t.brought AS brought, t.retired AS retired, t.loaded AS loaded, t.dated AS dated, t.listing AS listing "
        "ORDER BY id",
        {"revision": revision},
    )
    days, today = revision_days(reader), dt.date.today()
    issue = lru_cache(maxsize=None)(Issue)
    columns = {c: table[c].to_pylist() for c in table.column_names if c != "vals"}
    sheets: dict[tuple[str, str, str], list[int]] = {}
    for number, sheet in enumerate(zip(*(columns[c] for c in ("file", "sheet", "ledger")), strict=True)):
        sheets.setdefault(sheet, []).append(number)
    texts = table["vals"].combine_chunks()
    rows: list[Row] = []
    spool = Spool()
    for (file, sheet_name, ledger), numbers in sheets.items():
        of_sheet = [text.encode() for text in texts.take(pa.array(numbers)).to_pylist()]
        lines = [columns["line"][number] for number in numbers]
        origin = spool.origin(file, sheet_name, ledgers[ledger], lines, of_sheet)
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
                    issue=issue(
                        loaded := columns["loaded"][number] or columns["brought"][number],
                        days.get(loaded, today),
                        columns["dated"][number],
                        columns["listing"][number] or "",
                    ),
                )
            )
    rows.sort(key=lambda r: r.own_id)
    return rows
