"""The candidates around the subject of a problem: entities of one type as arrays, ordered by their distance from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from graph import distance
from graph.privacy import OPEN
from graph.rules.dated import dated, needs_day
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader

Mask = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]

#: the most candidates of the main kind, and of a further kind beside it
MOST, FEW = 5, 3
#: properties of the subject that candidates are compared with
OWN = ("industry", "lead_department", "handler", "role")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entity that could mend a problem, in a role, with its distance and the reason.

    `members` is the number of its 正式党员. Candidates of one `rank` act together; a `rank` of 0 stands for the position.
    """

    id: str
    name: str
    role: str
    reason: str
    km: float | None = None
    steps: int | None = None
    members: int | None = None
    sensitivity: str = OPEN
    rank: int = 0


Candidates = list[Candidate]


@dataclass(frozen=True, slots=True)
class Things:
    """The listed entities of one type in the divisions asked about, by id, and the distance of each from the subject.

    A mask and an array of counts have one element for each entity, in the order of `table`.
    """

    table: pa.Table
    spots: distance.Spots
    away: distance.Distances
    sensitivity: str

    def all(self) -> Mask:
        """A mask of all."""
        return np.ones(self.table.num_rows, dtype=bool)

    def among(self, ids: pa.Array | pa.ChunkedArray | Sequence[str]) -> Mask:
        """A mask of the entities with one of these ids."""
        column = ids if isinstance(ids, pa.Array | pa.ChunkedArray) else pa.array(ids, pa.string())
        return mask(pc.is_in(self.table["id"], value_set=_whole(column)))

    def where(self, column: str, values: Sequence[str], blank: str = "") -> Mask:
        """A mask of the entities with one of these values in a column; a null counts as `blank`."""
        filled = pc.fill_null(self.table[column].cast(pa.string()), blank)
        return mask(pc.is_in(filled, value_set=pa.array(values, pa.string())))

    def counts(self, ids: pa.ChunkedArray, numbers: pa.ChunkedArray) -> Counts:
        """The number beside the id of each entity, 0 for an id that is missing."""
        index = _whole(pc.index_in(self.table["id"], value_set=_whole(ids)))
        own = pc.fill_null(_whole(numbers).cast(pa.int64()).take(index), 0)
        return np.asarray(own.to_numpy(zero_copy_only=False), np.int64)

    def tally(self, ids: pa.ChunkedArray) -> Counts:
        """How often each entity occurs among these ids."""
        counted = Counter(ids.to_pylist())
        return self.counts(
            pa.chunked_array([pa.array(counted, pa.string())]),
            pa.chunked_array([pa.array(counted.values(), pa.int64())]),
        )

    def order(self, chosen: Mask, *, before: Sequence[Counts] = (), after: Sequence[Counts] = ()) -> list[int]:
        """The rows of a mask sorted by the keys `before`, by distance, by the keys `after`, and by id."""
        rows = np.flatnonzero(chosen)
        keys = [key[rows] for key in (*before, *self.away.sort_keys(), *after)]
        return [int(row) for row in rows[np.lexsort(keys[::-1])]] if len(rows) else []

    def value(self, row: int, column: str) -> Any:
        """The value of a column for one entity."""
        return self.table[column][row].as_py()

    def candidate(self, row: int, role: str, reason: Sequence[str], **more: Any) -> Candidate:
        """One entity as a candidate. The parts of the reason that are not blank are joined."""
        km, steps = self.away.shown(row)
        id_ = self.value(row, "id")
        name = str(self.value(row, "name") or id_)
        why = "；".join(filter(None, reason))
        return Candidate(id_, name, role, why, km, steps, sensitivity=self.sensitivity, **more)


@dataclass(frozen=True)
class Around:
    """The subject of a problem and the entities around it. `cypher` collects the queries."""

    reader: Reader
    context: Inquiry
    map: distance.Map
    type: str
    id: str
    own: Mapping[str, Any]
    here: distance.Spots
    cypher: dict[str, None]

    @classmethod
    def of(cls, reader: Reader, context: Inquiry, node_type: str, entity: str) -> Around:
        """Around the entity of this type and id, in the divisions asked about; the chain asked about does not count."""
        place = distance.Map.read(reader)
        blank = cls(
            reader, replace(context, chain=""), place, node_type, entity, {}, place.spots, {distance.CYPHER: None}
        )
        columns = [p for p in OWN if p in context.ontology.nodes[node_type].properties]
        table = blank.query(blank._cypher(node_type, columns, " {id: $id}"), {"id": entity})
        return replace(blank, own=table.slice(0, 1).to_pylist()[0], here=blank._spots(table).at(0))

    def query(self, cypher: str, parameters: Mapping[str, Any] | None = None) -> pa.Table:
        """The result of a query, which is added to `cypher`; units are those that are there on the day asked about."""
        day = {"as_of": self.context.as_of} if needs_day(cypher) else {}
        return self._run(dated(cypher), {**day, **(parameters or {})})

    def _run(self, cypher: str, parameters: Mapping[str, Any]) -> pa.Table:
        self.cypher[cypher] = None
        table = self.reader.query(cypher, parameters)
        # a Neo4j server gives a column without values no type
        return table.cast(
            pa.schema([(f.name, pa.string() if pa.types.is_null(f.type) else f.type) for f in table.schema])
        )

    def findings(self, rule: str) -> list[str]:
        """The subjects of a rule's findings in all divisions; [] if the book has no such rule."""
        book = self.context.book
        if rule not in book.rules:
            return []
        self.cypher[book.rule(rule).query.cypher] = None
        return [finding.subject for finding in book.findings(self.reader, rule, replace(self.context, scope=()))]

    def rows(self, rule: str) -> pa.Table:
        """The verdicts and facts of a rule for the subjects in the divisions asked about."""
        parameters = self.context.book.parameters(rule, self.context)
        return self._run(self.context.book.rule(rule).query.text(parameters), parameters)

    def things(self, node_type: str, *columns: str) -> Things:
        """The listed entities of a type, with these properties beside id, name and region.

        An organization that should itself be dissolved is none of them.
        """
        table = self.query(self._cypher(node_type, columns))
        if node_type == "PartyOrg" and (closing := self.findings("org_should_close")):
            table = table.filter(pc.invert(pc.is_in(table["id"], value_set=pa.array(closing, pa.string()))))
        if self.context.scope:
            inside = pc.is_in(table["region"].cast(pa.string()), value_set=pa.array(self.context.scope, pa.string()))
            table = table.filter(inside)
        spots = self._spots(table)
        away = self.map.distances(self.here, spots)
        return Things(table, spots, away, self.context.ontology.nodes[node_type].called.sensitivity)

    def whereabouts(self, things: Things, row: int) -> str:
        """同镇街 or 相邻镇街; '' for neither, or where a 镇街 is not known."""
        mine, theirs = int(self.town), int(self.map.town(things.spots.region[row : row + 1])[0])
        if distance.UNKNOWN in (mine, theirs) or self.map.kinds[theirs] != "镇街":
            return ""
        return "同镇街" if mine == theirs else "相邻镇街" if self.map.adjacent(mine, theirs) else ""

    @property
    def town(self) -> int:
        """The 镇街 of the subject as a position in the map."""
        return int(self.map.town(self.here.region)[0])

    def same_town(self, things: Things) -> Mask:
        """A mask of the entities in the subject's 镇街."""
        towns = self.map.town(things.spots.region)
        return np.asarray((towns == self.town) & (towns != distance.UNKNOWN))

    def same_county(self, things: Things) -> Mask:
        """A mask of the entities in the subject's county, and of those whose county, or the subject's, is not known."""
        theirs, mine = (self.map.lowest("县", spots.region) for spots in (things.spots, self.here))
        return np.asarray((mine == distance.UNKNOWN) | (theirs == distance.UNKNOWN) | (theirs == mine))

    def _cypher(self, node_type: str, columns: Sequence[str], key: str = "") -> str:
        kind = self.context.ontology.nodes[node_type]
        spots = [c for c in ("latitude", "longitude") if c in kind.properties]
        items = "".join(f", n.{c} AS {c}" for c in (*columns, *spots))
        where = "" if key else " WHERE n.listed"
        located = "" if node_type == "Region" else " OPTIONAL MATCH (n)-[:LOCATED_IN]->(r:Region)"
        # Ladybug mixes up columns where one expression is returned twice
        region = "" if node_type == "Region" else ", r.id AS region"
        return (
            f"MATCH (n:{node_type}{key}){where}{located} "
            f"RETURN n.id AS id, n.{kind.called.name} AS name{region}{items} ORDER BY id"
        )

    def _spots(self, table: pa.Table) -> distance.Spots:
        side = {c: table[c] if c in table.column_names else None for c in ("latitude", "longitude")}
        return self.map.place(table["region" if "region" in table.column_names else "id"], **side)


def mask(column: pa.ChunkedArray | pa.Array) -> Mask:
    """A column of booleans as an array; nulls are false."""
    return np.asarray(pc.fill_null(column, False).to_numpy(zero_copy_only=False), dtype=bool)


def _whole(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
