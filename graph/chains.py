"""Who belongs to an industry chain: one definition, for queries and for edges already read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from graph.context import Context
from graph.stores.base import Reader
from graph.validity import in_force, posting_in_force, posting_since

#: edges by which firms, heads and leaders belong to a chain; edges by which organizations and officers belong to a firm
TIES, THROUGH_FIRMS = ("IN_CHAIN", "LEADS_CHAIN"), ("COVERS", "GUIDES")

SEGMENTS_CYPHER = (
    "MATCH (s:IndustryChain)-[:PART_OF*1..8]->(c:IndustryChain) RETURN DISTINCT c.id AS chain, s.id AS segment"
)
_TIED = f"[t:{'|'.join(TIES)}]->(c:IndustryChain) WHERE c.id IN $chains AND {in_force('t')}"
#: firms and 链主; committees and organizations of firms; officers of firms; other leaders
MEMBERS_CYPHER: Mapping[str, str] = {
    "Unit": f"MATCH (s:Unit)-{_TIED} RETURN DISTINCT s.id AS id",
    "PartyOrg": f"MATCH (s:PartyOrg)-{_TIED} RETURN DISTINCT s.id AS id UNION ALL"
    f" MATCH (s:PartyOrg)-[e:COVERS]->(u:Unit)-{_TIED} AND {in_force('e')} RETURN DISTINCT s.id AS id",
    "GuidanceOfficer": f"MATCH (s:GuidanceOfficer)-[e:GUIDES]->(u:Unit)-{_TIED} AND {posting_in_force('e')}"
    " RETURN DISTINCT s.id AS id",
    "PartnerUnit": f"MATCH (s:PartnerUnit)-{_TIED} RETURN DISTINCT s.id AS id",
}


def segments(reader: Reader) -> Mapping[str, frozenset[str]]:
    """The segments of each chain that has any, at every level below it."""
    below: dict[str, set[str]] = {}
    table = reader.query(SEGMENTS_CYPHER)
    for chain, segment in zip(table["chain"].to_pylist(), table["segment"].to_pylist(), strict=True):
        below.setdefault(chain, set()).add(segment)
    return {chain: frozenset(ids) for chain, ids in below.items()}


def members(reader: Reader, context: Context) -> dict[str, frozenset[str]]:
    """The ids of what belongs to `context.chain` or to one of its segments, by node type."""
    chains = segments(reader).get(context.chain, frozenset()) | {context.chain}
    parameters = {
        "chains": sorted(chains),
        "as_of": context.as_of,
        "posting_since": posting_since(context.as_of, context.locality),
    }
    by_type = {kind: reader.query(cypher, parameters)["id"].to_pylist() for kind, cypher in MEMBERS_CYPHER.items()}
    return {"IndustryChain": chains} | {kind: frozenset(ids) for kind, ids in by_type.items()}


def among(edges: pa.Table, chains: Iterable[str]) -> pa.ChunkedArray:
    """The ids of members, from a table of edges in force (source, target, type); an id may occur more than once."""
    ids = pa.array(chains, pa.string())

    def sources(types: Iterable[str], targets: pa.Array | pa.ChunkedArray) -> pa.ChunkedArray:
        of_types = pc.is_in(edges["type"], value_set=pa.array(types))
        return edges.filter(pc.and_(of_types, pc.is_in(edges["target"], value_set=targets)))["source"]

    tied = sources(TIES, ids)
    return pa.chunked_array([ids, *tied.chunks, *sources(THROUGH_FIRMS, tied).chunks], pa.string())
