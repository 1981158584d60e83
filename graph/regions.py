"""The tree of divisions, which of its branches an answer shows as rows, and where everything else lies in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from graph.stores.base import Reader

REGIONS_CYPHER = (
    "MATCH (r:Region) OPTIONAL MATCH (r)-[:PART_OF]->(p:Region)"
    " RETURN r.id AS id, r.name AS name, r.code AS code, r.kind AS kind, p.id AS parent ORDER BY id, parent"
)
LOCATED_CYPHER = "MATCH (s)-[:LOCATED_IN]->(r:Region) RETURN s.id AS id, r.id AS region"
#: the place of an entity that lies in no division
NOWHERE = "未落地"
#: kinds of Regions that units are in beside their division
PLACES = ("园区", "楼宇", "商圈")


# cached properties need a __dict__, so neither class has slots
@dataclass(frozen=True)
class Regions:
    """Names, codes, parents and kinds of all Regions by id. A code or kind that is not known is left out."""

    names: Mapping[str, str]
    codes: Mapping[str, str]
    parents: Mapping[str, str]
    kinds: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, reader: Reader) -> Regions:
        """The tree as it stands; a Region without a parent is a root."""
        return cls.of(reader.query(REGIONS_CYPHER))

    @classmethod
    def of(cls, table: pa.Table) -> Regions:
        """The tree from columns id, name, code, kind and parent. Of several rows of a Region the first counts."""
        names: dict[str, str] = {}
        codes: dict[str, str] = {}
        parents: dict[str, str] = {}
        kinds: dict[str, str] = {}
        columns = (table[c].to_pylist() for c in ("id", "name", "code", "kind", "parent"))
        for id_, name, code, kind, parent in zip(*columns, strict=True):
            if id_ in names:
                continue
            names[id_] = name or id_
            if code:
                codes[id_] = code
            if kind:
                kinds[id_] = kind
            if parent and parent != id_:
                parents[id_] = parent
        return cls(names, codes, parents, kinds)

    @cached_property
    def children(self) -> Mapping[str, Sequence[str]]:
        """The Regions directly below each that has any."""
        children: dict[str, list[str]] = {}
        for child, parent in self.parents.items():
            children.setdefault(parent, []).append(child)
        return children

    def path(self, region: str, within: frozenset[str] = frozenset()) -> list[str]:
        """The regions from the root (or the highest one of `within`) down to `region`."""
        path = [region]
        while (above := self.parents.get(path[-1])) and above not in path and (not within or above in within):
            path.append(above)
        return path[::-1]

    def below(self, roots: Iterable[str]) -> tuple[str, ...]:
        """`roots` and every Region below them, sorted."""
        seen: set[str] = set()
        stack = list(roots)
        while stack:
            region = stack.pop()
            if region not in seen:
                seen.add(region)
                stack.extend(self.children.get(region, ()))
        return tuple(sorted(seen))

    def rows(self, used: Iterable[str], scope: Sequence[str] = ()) -> dict[str, str]:
        """For each region used, the region whose row it counts in.

        With one region in `scope`, the rows are its children; with several, those regions. Without a scope, they are the
        regions of the highest level that has more than one. A region of a higher level keeps a row of its own.
        """
        paths = {region: self.path(region, frozenset(scope)) for region in set(used) if region in self.names}
        if not paths:
            return {}
        roots = {path[0] for path in paths.values()}
        depth = 1 if len(roots) == 1 and scope else 0
        if not scope:
            while (
                len({p[depth] for p in paths.values() if len(p) > depth}) == 1
                and max(map(len, paths.values())) > depth + 1
            ):
                depth += 1
        return {region: path[min(depth, len(path) - 1)] for region, path in paths.items()}

    def higher(self, rows: Iterable[str]) -> frozenset[str]:
        """The row regions that lie above another one: their rows hold what lies in none of their parts."""
        shown = set(rows) - {""}
        return frozenset(above for region in shown for above in self.path(region)[:-1] if above in shown)

    def sort_key(self, region: str) -> tuple[bool, str, str]:
        """A key that sorts regions by code, then name; '' (no region) comes last."""
        return (not region, self.codes.get(region, "~"), self.names.get(region, ""))

    def name(self, region: str | None) -> str:
        """The name of a region, or that it is not known."""
        return self.names.get(region or "", NOWHERE)

    def located(self, reader: Reader) -> Located:
        """Where everything lies."""
        table = reader.query(LOCATED_CYPHER)
        # Neo4j gives no type for a column without values
        ids, regions = (table[c].cast(pa.string()).chunks for c in ("id", "region"))
        own = pa.array(self.names, pa.string())
        return Located(pa.chunked_array([*ids, own]), pa.chunked_array([*regions, own]))


@dataclass(frozen=True)
class Located:
    """The division that each entity lies in, as two columns of ids. A Region lies in itself."""

    ids: pa.ChunkedArray
    regions: pa.ChunkedArray

    @cached_property
    def by_id(self) -> Mapping[str, str]:
        """The division of each entity. What lies in none is left out."""
        return dict(zip(self.ids.to_pylist(), self.regions.to_pylist(), strict=True))

    def of(self, ids: pa.ChunkedArray) -> pa.ChunkedArray:
        """The division of each of these entities in turn, null where it lies in none."""
        return self.regions.take(pc.index_in(ids, value_set=self.ids))

    def inside(self, regions: Iterable[str]) -> pa.ChunkedArray:
        """The ids of these divisions and of what lies directly in one of them."""
        return self.ids.filter(pc.is_in(self.regions, value_set=pa.array(sorted(regions), pa.string())))
