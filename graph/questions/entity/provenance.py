"""The ledger row that a fact of an entity came from, looked up among the entity's live SourceRows."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from types import MappingProxyType
from typing import Any

from graph.answers import Column, plain
from graph.locality import Locality
from graph.ontology import ALWAYS_FROM, ALWAYS_TO, Ontology
from graph.statements import DAYS_CYPHER, revision_days, row_recency
from graph.stores.base import Reader

_OF_ENTITIES = """UNWIND $ids AS i MATCH (t:SourceRow)
WHERE t.entity = i AND t.ended IS NULL
RETURN t.id AS id, t.entity AS entity, t.ledger AS ledger, t.file AS file, t.sheet AS sheet, t.line AS line,
  t.values AS stated, t.brought AS brought, t.retired AS retired, t.dated AS dated,
  t.loaded AS loaded"""
_OF_LEDGERS = """MATCH (t:SourceRow)
WHERE t.ledger IN $ledgers AND t.values CONTAINS $name AND t.ended IS NULL
RETURN t.id AS id, t.entity AS entity, t.ledger AS ledger, t.file AS file, t.sheet AS sheet, t.line AS line,
  t.values AS stated, t.brought AS brought, t.retired AS retired, t.dated AS dated,
  t.loaded AS loaded"""

#: the properties that distinguish edges of one type between the same two ends, the most significant first
_DISTINGUISHING = ("role", "valid_from", "valid_to")
_NO_FACTS: Mapping[str, Any] = MappingProxyType({})

#: the columns for the ledger row that a row of an answer came from
COLUMNS = (
    Column("file", "来源文件"),
    Column("sheet", "工作表"),
    Column("line", "行", "integer"),
    Column("loaded", "导入日期", "date"),
)


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One live row of a ledger. `stated` are its values, dates as ISO text; `brought` is the revision of its load."""

    id: str
    entity: str
    ledger: str
    file: str
    sheet: str
    line: int
    stated: Mapping[str, Any]
    brought: int
    retired: bool
    #: the day of that load
    loaded: dt.date | None

    @property
    def state(self) -> str:
        """Whether the ledger still lists it, in words."""
        return "台账不再列入" if self.retired else "现行"


def where(source: SourceRow | None) -> dict[str, Any]:
    """The cells of COLUMNS, blank without a row."""
    return {column.name: source and getattr(source, column.name) for column in COLUMNS}


class Sources:
    """The live rows about one entity and the entities `beside` it: in the precedence of ledgers, then the latest first."""

    cypher = (_OF_ENTITIES, _OF_LEDGERS, DAYS_CYPHER)

    def __init__(
        self, reader: Reader, ontology: Ontology, locality: Locality, entity: str, name: str, beside: Iterable[str] = ()
    ) -> None:
        self._ontology = ontology
        self._entity = entity
        self._ledgers = list(dict.fromkeys((*locality.precedence, *ontology.ledgers)))
        # rows of the ledgers of edges are about no entity, and are looked up by the name that they mention
        edges = [ledger for ledger, spec in ontology.ledgers.items() if "edge" in spec]
        live = reader.query(_OF_ENTITIES, {"ids": list(dict.fromkeys((entity, *beside)))}).to_pylist()
        live += reader.query(_OF_LEDGERS, {"ledgers": edges, "name": name}).to_pylist() if name else []
        days = revision_days(reader)
        live.sort(key=lambda row: row_recency(row, days), reverse=True)
        live.sort(key=lambda row: (row["retired"] is not None, self._rank(row["ledger"])))
        rows = [
            SourceRow(
                **{name: value for name, value in row.items() if name != "dated"}
                | {"stated": json.loads(row["stated"] or "{}"), "retired": row["retired"] is not None}
                | {"loaded": days.get(row.get("loaded") or row["brought"])}
            )
            for row in live
        ]
        self.rows: tuple[SourceRow, ...] = tuple(rows)

    def _rank(self, ledger: str) -> int:
        return self._ledgers.index(ledger) if ledger in self._ledgers else len(self._ledgers)

    @property
    def own(self) -> tuple[SourceRow, ...]:
        """The rows about the entity itself."""
        return tuple(row for row in self.rows if row.entity == self._entity)

    def of_property(self, name: str, value: Any) -> SourceRow | None:
        """The row that `value` of a property came from: the first that states it; None if there is none.

        A fact about an organization may stand in the row of its unit, under `org.`.
        """
        stated = plain(value)
        for row in self.own:
            if row.stated.get(name) == stated:
                return row
        return next((row for row in self.rows if row.stated.get(f"org.{name}") == stated), None)

    def of_edge(
        self, edge_type: str, start: tuple[str, str], end: tuple[str, str], facts: Mapping[str, Any] = _NO_FACTS
    ) -> SourceRow | None:
        """The row that an edge between two (id, name) came from: one that names both ends, else a row of one end.

        `facts` are the properties of the edge. Two ledgers may state two edges of one type between the same ends, so
        that of several rows the one that agrees with the role, then with the dates, is returned.
        """
        names = {start[0]: start[1], end[0]: end[1]}
        values = {name: _undated(facts[name]) for name in _DISTINGUISHING if name in facts}
        drawn: list[tuple[list[int], SourceRow]] = []
        likely: SourceRow | None = None
        for row in self.rows:
            spec = self._ontology.ledgers.get(row.ledger, {})
            if spec.get("edge") == edge_type:
                if {str(row.stated.get("@from")), str(row.stated.get("@to"))} == set(names.values()):
                    carried: Mapping[str, Any] = {**spec.get("default", {}), **row.stated}
                    drawn.append((_disagreement(values, carried), row))
            elif row.entity in names:
                other = next((name for entity, name in names.items() if entity != row.entity), "")
                if edge_type == "LOCATED_IN" and row.entity == start[0]:
                    # a row with a column for it places the entity, else the address of the first one
                    return next((r for r in self.rows if r.entity == start[0] and r.stated.get("@placed")), row)
                for stated, carried in _linked(spec, edge_type, row.stated):
                    if other in stated:
                        drawn.append((_disagreement(values, carried), row))
                    likely = likely or row
        # of rows that agree equally, min() takes the first
        return min(drawn, key=itemgetter(0))[1] if drawn else likely


def _disagreement(values: Mapping[str, Any], carried: Mapping[str, Any]) -> list[int]:
    """For each of `values`: 0 if a row carries it, 1 if the row carries no value, 2 if it carries another."""
    return [0 if carried.get(n) == value else 2 if carried.get(n) is not None else 1 for n, value in values.items()]


def _undated(value: Any) -> Any:
    """A value as a row states it: a day as ISO text, an open bound as None."""
    return None if value in (ALWAYS_FROM, ALWAYS_TO) else plain(value)


def _linked(
    spec: Mapping[str, Any], edge_type: str, stated: Mapping[str, Any]
) -> Iterable[tuple[Sequence[str], Mapping[str, Any]]]:
    """For each link of a row with edges of this type: the names at the far end, and the values that the edges carry.

    The names are [] for an organization that the row states without a name.
    """
    for link in spec.get("links", ()):
        value = stated.get(link.get("of") or "@" + link["field"])
        if link["edge"] == edge_type and value:
            carried = {name: stated[name] for name in (*link.get("with", ()), *link.get("dates", ())) if name in stated}
            carried = {**spec.get("default", {}), **carried, **link.get("set", {})}
            yield value if isinstance(value, list) else [str(value)], carried
    if edge_type == "COVERS" and "stated" in spec and stated.get(spec["stated"]["organization"]) is True:
        yield [], {}
