"""Distances between entities, and which divisions touch: the only definition of “near”.

A distance is in kilometres of the great circle where both ends have coordinates (their own, else those of the
division they lie in), else in steps in the tree of divisions; every distance says which of the two it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from graph.regions import Regions
from graph.stores.base import Reader

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

#: mean radius of the earth in km (IUGG; Moritz 2000, Geodetic Reference System 1980)
RADIUS = 6371.0088
#: the position of a missing division, and the steps of a missing distance
UNKNOWN = -1
CYPHER = """MATCH (r:Region)
OPTIONAL MATCH (r)-[:PART_OF]->(p:Region)
RETURN r.id AS id, r.name AS name, r.code AS code, r.kind AS kind, r.latitude AS latitude, r.longitude AS longitude,
  r.adjacent AS adjacent, p.id AS parent
ORDER BY id, parent"""
#: in words, for the basis of an answer
MEANING = (
    "距离：两端都有经纬度（本身未填的，取其所在区划的）时为球面直线距离（公里）；否则为在区划上下级关系中相隔的级数。"
    "量得出公里的排在前面。"
)


@dataclass(frozen=True, slots=True)
class Spots:
    """Where entities are: the division of each as a position in the Map (UNKNOWN for none), degrees or NaN."""

    region: Integers
    latitude: Floats
    longitude: Floats

    def __len__(self) -> int:
        return len(self.region)

    def at(self, index: int | Integers | Mask) -> Spots:
        """Those at these positions, or the one at this position."""
        some = np.asarray([index] if isinstance(index, int) else index)
        return Spots(self.region[some], self.latitude[some], self.longitude[some])


@dataclass(frozen=True, slots=True)
class Distances:
    """km (NaN: not measured) and steps in the tree (UNKNOWN: no common division), of like shape."""

    km: Floats
    steps: Integers

    def sort_keys(self) -> tuple[Integers | Floats, ...]:
        """What to sort by, the first key first: what is measured in km, by km; then by steps; then the unknown."""
        measured = ~np.isnan(self.km)
        unknown = ~measured & (self.steps == UNKNOWN)
        kind = np.where(measured, 0, np.where(unknown, 2, 1)).astype(np.int64)
        # rounded to a metre: equal places must tie, whatever the order in which their sines were taken
        return kind, np.where(measured, np.round(self.km, 3), self.steps.astype(np.float64))

    def shown(self, index: int) -> tuple[float | None, int | None]:
        """The distance at a position as (km with one decimal, steps): one of the two, or neither."""
        km, steps = float(self.km[index]), int(self.steps[index])
        if not np.isnan(km):
            return round(km, 1), None
        return None, None if steps == UNKNOWN else steps


@dataclass(frozen=True, slots=True)
class Map:
    """The tree of divisions as arrays, in the order of its names.

    Ids, kind and coordinates of each, and as positions all divisions above it (root first, itself last).
    """

    ids: pa.Array
    kinds: npt.NDArray[np.str_]
    spots: Spots
    above: Integers
    touching: frozenset[tuple[int, int]]

    @classmethod
    def read(cls, reader: Reader) -> Map:
        """The divisions as they stand."""
        table = reader.query(CYPHER)
        regions = Regions.of(table)
        rows = {row["id"]: row for row in table.to_pylist()[::-1]}
        every = [rows[region] for region in regions.names]
        return cls.of(
            regions,
            [row["latitude"] for row in every],
            [row["longitude"] for row in every],
            [row["adjacent"] or () for row in every],
        )

    @classmethod
    def of(
        cls,
        regions: Regions,
        latitude: Sequence[float | None] = (),
        longitude: Sequence[float | None] = (),
        adjacent: Sequence[Sequence[str]] = (),
    ) -> Map:
        """A map of these divisions; the other arguments are in the order of their names."""
        ids = list(regions.names)
        position = {region: i for i, region in enumerate(ids)}
        paths = [regions.path(region) for region in ids]
        above = np.full((len(ids), max(map(len, paths), default=0)), UNKNOWN, np.int64)
        for i, path in enumerate(paths):
            above[i, : len(path)] = [position[region] for region in path]
        blank = [None] * len(ids)
        spots = Spots(np.arange(len(ids)), *_degrees(latitude or blank, longitude or blank))
        return cls(
            pa.array(ids, pa.string()),
            np.array([regions.kinds.get(region, "") for region in ids], np.str_),
            spots,
            above,
            _touching(list(regions.names.values()), adjacent or [()] * len(ids), above),
        )

    def place(
        self,
        regions: pa.Array | pa.ChunkedArray,
        latitude: Sequence[float | None] | pa.ChunkedArray | None = None,
        longitude: Sequence[float | None] | pa.ChunkedArray | None = None,
    ) -> Spots:
        """Where entities are that lie in these divisions (ids, null for none), some with coordinates of their own."""
        column = regions.combine_chunks() if isinstance(regions, pa.ChunkedArray) else regions
        positions = pc.fill_null(pc.index_in(column.cast(pa.string()), value_set=self.ids), UNKNOWN)
        region = np.asarray(positions.to_numpy(zero_copy_only=False), dtype=np.int64)
        blank = [None] * len(region)
        own = _degrees(blank if latitude is None else latitude, blank if longitude is None else longitude)
        # UNKNOWN, -1, picks the NaN appended at the end
        theirs = (np.append(side, np.nan)[region] for side in (self.spots.latitude, self.spots.longitude))
        bare = np.isnan(own[0])
        lat, lon = (np.where(bare, of_region, mine) for mine, of_region in zip(own, theirs, strict=True))
        return Spots(region, lat, lon)

    def distances(self, here: Spots, there: Spots) -> Distances:
        """From each of `here` to each of `there`, in rows; of one `here`, a single row without the dimension."""
        km = kilometres(here.latitude[:, None], here.longitude[:, None], there.latitude, there.longitude)
        steps = self.steps(here.region[:, None], there.region[None, :])
        return Distances(km[0], steps[0]) if len(here) == 1 else Distances(km, steps)

    def steps(self, one: Integers, other: Integers) -> Integers:
        """Steps up and down the tree between divisions (positions); UNKNOWN where they have none above in common."""
        if not self.above.size:
            return np.full(np.broadcast_shapes(one.shape, other.shape), UNKNOWN, np.int64)
        mine, theirs = self.above[one], self.above[other]
        both = (one != UNKNOWN) & (other != UNKNOWN)
        shared = ((mine == theirs) & (mine != UNKNOWN)).sum(axis=-1)
        depth = (self.above != UNKNOWN).sum(axis=1)
        return np.where(both & (shared > 0), depth[one] + depth[other] - 2 * shared, UNKNOWN)

    def up(self, region: int) -> list[int]:
        """A division and those above it, the nearest first; [] for UNKNOWN."""
        return [] if region == UNKNOWN else [int(r) for r in self.above[region][::-1] if r != UNKNOWN]

    def town(self, region: Integers) -> Integers:
        """The 镇街 that each division is or lies in; where there is none, the division itself."""
        towns = self.lowest("镇街", region)
        return np.where(towns == UNKNOWN, region, towns)

    def lowest(self, kind: str, region: Integers) -> Integers:
        """The division of this kind that each is or lies in, the lowest of several; UNKNOWN where there is none."""
        of_kind = np.append(self.kinds == kind, False)
        lowest = np.full(len(region), UNKNOWN, np.int64)
        for level in range(self.above.shape[1] if len(self.ids) else 0):
            above = np.where(region == UNKNOWN, UNKNOWN, self.above[region, level])
            lowest = np.where((above != UNKNOWN) & of_kind[above], above, lowest)
        return lowest

    def adjacent(self, one: int, other: int) -> bool:
        """Whether the ledger of divisions lists either as adjacent to the other."""
        return (one, other) in self.touching


def kilometres(lat1: Floats, lon1: Floats, lat2: Floats, lon2: Floats) -> Floats:
    """Great-circle distance in km between points in degrees, by the haversine formula (Sinnott 1984); NaN stays NaN."""
    a, b, c, d = (np.radians(side) for side in (lat1, lon1, lat2, lon2))
    half = np.sin((c - a) / 2) ** 2 + np.cos(a) * np.cos(c) * np.sin((d - b) / 2) ** 2
    # rounding may leave slightly more than 1 for opposite points
    km: Floats = 2 * RADIUS * np.arcsin(np.sqrt(np.minimum(half, 1.0)))
    return km


def _degrees(
    latitude: Sequence[float | None] | pa.ChunkedArray, longitude: Sequence[float | None] | pa.ChunkedArray
) -> tuple[Floats, Floats]:
    """The coordinates as floats; a pair that is incomplete, or no place on earth, becomes NaN."""
    lat, lon = (_floats(side) for side in (latitude, longitude))
    wrong = ~((np.abs(lat) <= 90) & (np.abs(lon) <= 180))
    return np.where(wrong, np.nan, lat), np.where(wrong, np.nan, lon)


def _floats(side: Sequence[float | None] | pa.ChunkedArray) -> Floats:
    column = side if isinstance(side, pa.ChunkedArray) else pa.chunked_array([pa.array(side, pa.float64())])
    return np.asarray(pc.fill_null(column.cast(pa.float64()), np.nan).to_numpy(), np.float64)


def _touching(names: Sequence[str], adjacent: Sequence[Sequence[str]], above: Integers) -> frozenset[tuple[int, int]]:
    """The pairs of touching divisions, in both orders. A name means the division of that name under the same parent."""
    depth = (above != UNKNOWN).sum(axis=1)
    parent = [int(above[i, n - 2]) if n > 1 else UNKNOWN for i, n in enumerate(depth)]
    position = {(parent[i], name): i for i, name in enumerate(names)}
    pairs = set()
    for i, others in enumerate(adjacent):
        for name in others:
            other = position.get((parent[i], name), UNKNOWN)
            if other not in (UNKNOWN, i):
                pairs |= {(i, other), (other, i)}
    return frozenset(pairs)
