"""The tree of divisions, and which of its branches an answer shows as rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from graph.stores.base import Reader

CYPHER = (
    "MATCH (r:Region) OPTIONAL MATCH (r)-[:PART_OF]->(p:Region)"
    " RETURN r.id AS id, r.name AS name, r.code AS code, p.id AS parent ORDER BY id"
)
#: where something is that no division is known of
NOWHERE = "未落地"


@dataclass(frozen=True, slots=True)
class Divisions:
    """Names, codes and parents of all Regions by id."""

    names: Mapping[str, str]
    codes: Mapping[str, str]
    parents: Mapping[str, str]

    @classmethod
    def read(cls, reader: Reader) -> Divisions:
        """The tree as it stands; a Region without a parent is a root."""
        table = reader.query(CYPHER)
        ids, names, codes, parents = (table[c].to_pylist() for c in ("id", "name", "code", "parent"))
        return cls(
            {i: n or i for i, n in zip(ids, names, strict=True)},
            {i: c for i, c in zip(ids, codes, strict=True) if c},
            {i: p for i, p in zip(ids, parents, strict=True) if p and p != i},
        )

    def path(self, region: str, within: frozenset[str] = frozenset()) -> list[str]:
        """The regions from the root (or the highest one of `within`) down to `region`."""
        found = [region]
        while (above := self.parents.get(found[-1])) and above not in found and (not within or above in within):
            found.append(above)
        return found[::-1]

    def below(self, roots: Iterable[str]) -> tuple[str, ...]:
        """`roots` and every Region below them, sorted."""
        children: dict[str, list[str]] = {}
        for child, parent in self.parents.items():
            children.setdefault(parent, []).append(child)
        seen: set[str] = set()
        stack = list(roots)
        while stack:
            region = stack.pop()
            if region not in seen:
                seen.add(region)
                stack.extend(children.get(region, ()))
        return tuple(sorted(seen))

    def rows(self, used: Iterable[str], scope: Sequence[str] = ()) -> dict[str, str]:
        """For each region used, the region whose row it counts in.

        Under one region asked about, its children; several, those themselves. Of the whole graph, the highest
        level at which there is more than one to compare. What lies at a higher level keeps a row of its own.
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
        """Those of the row regions that lie above another: their rows hold what is in none of their parts."""
        shown = set(rows) - {""}
        return frozenset(above for region in shown for above in self.path(region)[:-1] if above in shown)

    def sort_key(self, region: str) -> tuple[bool, str, str]:
        """By code, then name; what is nowhere comes last."""
        return (not region, self.codes.get(region, "~"), self.names.get(region, ""))

    def name(self, region: str | None) -> str:
        """The name of a region, or that it is not known."""
        return self.names.get(region or "", NOWHERE)
