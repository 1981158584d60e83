"""Who could mend a problem: things of one type as arrays, in order of their distance from the subject."""

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
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader

Mask = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]

#: candidates that are shown of each kind, and of those that stand beside them
MOST, FEW = 5, 3
#: what candidates are compared with, of the subject itself
OWN = ("industry", "lead_department", "handler", "role")


@dataclass(frozen=True, slots=True)
class Candidate:
    """Someone or something that could mend a problem, as what, how far away, and why.

    `members` are its 正式党员. Candidates of one `rank` go together; 0 leaves it to their order.
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
    """What is listed of one type within the divisions asked about, by id, and how far each is from the subject."""

    table: pa.Table
    spots: distance.Spots
    away: distance.Distances
    sensitivity: str

    def all(self) -> Mask:
        """Every one."""
        return np.ones(self.table.num_rows, dtype=bool)

    def among(self, ids: pa.Array | pa.ChunkedArray | Sequence[str]) -> Mask:
        """Those of these ids."""
        known = pa.array(ids, pa.string()) if not isinstance(ids, pa.Array | pa.ChunkedArray) else ids
        return mask(pc.is_in(self.table["id"], value_set=_whole(known)))

    def where(self, column: str, values: Sequence[str], blank: str = "") -> Mask:
        """Those that have one of these values; a blank counts as `blank`."""
        filled = pc.fill_null(self.table[column].cast(pa.string()), blank)
        return mask(pc.is_in(filled, value_set=pa.array(values, pa.string())))

    def counts(self, ids: pa.ChunkedArray, numbers: pa.ChunkedArray) -> Counts:
        """For each the number that stands beside its id, 0 where there is none."""
        found = pc.index_in(self.table["id"], value_set=_whole(ids))
        return np.asarray(
            pc.fill_null(_whole(numbers).cast(pa.int64()).take(_whole(found)), 0).to_numpy(zero_copy_only=False),
            np.int64,
        )

    def tally(self, ids: pa.ChunkedArray) -> Counts:
        """How often each occurs among these ids."""
        counted = Counter(ids.to_pylist())
        return self.counts(
            pa.chunked_array([pa.array(counted, pa.string())]),
            pa.chunked_array([pa.array(counted.values(), pa.int64())]),
        )

    def order(self, wanted: Mask, *, before: Sequence[Counts] = (), after: Sequence[Counts] = ()) -> list[int]:
        """Those wanted by distance, then by id; by what stands `before` it first, ties by what stands `after`."""
        rows = np.flatnonzero(wanted)
        keys = [key[rows] for key in (*before, *self.away.sort_keys(), *after)]
        return [int(row) for row in rows[np.lexsort(keys[::-1])]] if len(rows) else []

    def value(self, row: int, column: str) -> Any:
        """One value of one of them."""
        return self.table[column][row].as_py()

    def candidate(self, row: int, role: str, reason: Sequence[str], **more: Any) -> Candidate:
        """One of them as a candidate; the parts of the reason that say something are joined."""
        km, steps = self.away.shown(row)
        id_ = self.value(row, "id")
        name = str(self.value(row, "name") or id_)
        why = "；".join(filter(None, reason))
        return Candidate(id_, name, role, why, km, steps, sensitivity=self.sensitivity, **more)


@dataclass(frozen=True)
class Around:
    """The subject of a problem and what lies around it; `cypher` gathers what was asked."""

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
        """Around the entity of this type and id; a chain asked about does not narrow it, the divisions do."""
        found = distance.Map.read(reader)
        own = cls(
            reader, replace(context, chain=""), found, node_type, entity, {}, found.spots, {distance.CYPHER: None}
        )
        columns = [p for p in OWN if p in context.ontology.nodes[node_type].properties]
        table = own.query(own._cypher(node_type, columns, " {id: $id}"), {"id": entity})
        spots = own._spots(table)
        return replace(own, own=table.slice(0, 1).to_pylist()[0], here=spots.at(0))

    def query(self, cypher: str, given: Mapping[str, Any] | None = None) -> pa.Table:
        """What the store answers; the query is remembered."""
        self.cypher[cypher] = None
        table = self.reader.query(cypher, given or {})
        # a server tells no type of a column in which there is nothing
        return table.cast(
            pa.schema([(f.name, pa.string() if pa.types.is_null(f.type) else f.type) for f in table.schema])
        )

    def findings(self, rule: str) -> list[str]:
        """Subjects of a rule's findings wherever they lie, as the county switched it."""
        if rule not in self.context.book.rules:
            return []
        self.cypher[self.context.book.rule(rule).query.cypher] = None
        found = self.context.book.findings(self.reader, rule, replace(self.context, scope=()))
        return [finding.subject for finding in found]

    def rows(self, rule: str) -> pa.Table:
        """What a rule says of every subject in the divisions asked about, with the facts."""
        given = self.context.book.parameters(rule, self.context)
        return self.query(self.context.book.rule(rule).query.text(given), given)

    def things(self, node_type: str, *columns: str) -> Things:
        """What is listed of a type, with these properties beside id, name and region."""
        table = self.query(self._cypher(node_type, columns))
        if self.context.scope:
            inside = pc.is_in(table["region"].cast(pa.string()), value_set=pa.array(self.context.scope, pa.string()))
            table = table.filter(inside)
        spots = self._spots(table)
        away = self.map.distances(self.here, spots)
        return Things(table, spots, away, self.context.ontology.nodes[node_type].called.sensitivity)

    def whereabouts(self, things: Things, row: int) -> str:
        """同镇街 or 相邻镇街, where that is known."""
        mine, theirs = int(self.town), int(self.map.town(things.spots.region[row : row + 1])[0])
        if distance.UNKNOWN in (mine, theirs) or self.map.kinds[theirs] != "镇街":
            return ""
        return "同镇街" if mine == theirs else "相邻镇街" if self.map.adjacent(mine, theirs) else ""

    @property
    def town(self) -> int:
        """The 镇街 of the subject, as a position in the map."""
        return int(self.map.town(self.here.region)[0])

    def same_town(self, things: Things) -> Mask:
        """Those in the subject's 镇街."""
        towns = self.map.town(things.spots.region)
        return np.asarray((towns == self.town) & (towns != distance.UNKNOWN))

    def same_county(self, things: Things) -> Mask:
        """Those in the subject's county; all of which, or of the subject, none is known."""
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
    """A column of truth values as an array; blanks are false."""
    return np.asarray(pc.fill_null(column, False).to_numpy(zero_copy_only=False), dtype=bool)


def _whole(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
