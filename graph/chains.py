"""Who belongs to an industry chain: one definition, for queries and for edges already read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

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


def _cypher(condition: str, columns: str) -> Mapping[str, str]:
    """By node type: firms and 链主; committees and organizations of firms; officers of firms; other leaders."""
    tied = f"[t:{'|'.join(TIES)}]->(c:IndustryChain) WHERE {condition}{in_force('t')}"
    result = f" RETURN DISTINCT {columns}"
    return {
        "Unit": f"MATCH (s:Unit)-{tied}{result}",
        "PartyOrg": f"MATCH (s:PartyOrg)-{tied}{result} UNION ALL"
        f" MATCH (s:PartyOrg)-[e:COVERS]->(u:Unit)-{tied} AND {in_force('e')}{result}",
        "GuidanceOfficer": f"MATCH (s:GuidanceOfficer)-[e:GUIDES]->(u:Unit)-{tied} AND {posting_in_force('e')}{result}",
        "PartnerUnit": f"MATCH (s:PartnerUnit)-{tied}{result}",
    }


MEMBERS_CYPHER = _cypher("c.id IN $chains AND ", "s.id AS id")
TIED_CYPHER = _cypher("", "s.id AS id, c.id AS chain")
CHAINS_CYPHER = "MATCH (c:IndustryChain) RETURN c.id AS id ORDER BY id"


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
    parameters = _dates(context) | {"chains": sorted(chains)}
    asked = {kind: reader.query(cypher, parameters)["id"].to_pylist() for kind, cypher in MEMBERS_CYPHER.items()}
    return {"IndustryChain": chains} | {kind: frozenset(ids) for kind, ids in asked.items()}


def chains_of(reader: Reader, context: Context, types: Iterable[str]) -> dict[str, set[str]]:
    """The chains that each entity of these node types belongs to, by id: those whose `members` it is one of."""
    above: dict[str, set[str]] = {}
    for chain, below in segments(reader).items():
        for segment in below:
            above.setdefault(segment, set()).add(chain)
    chains: dict[str, set[str]] = {}
    for kind in types:
        if kind == "IndustryChain":
            pairs = [(chain, chain) for chain in reader.query(CHAINS_CYPHER)["id"].to_pylist()]
        elif kind in TIED_CYPHER:
            table = reader.query(TIED_CYPHER[kind], _dates(context))
            pairs = list(zip(table["id"].to_pylist(), table["chain"].to_pylist(), strict=True))
        else:
            continue
        for entity, chain in pairs:
            chains.setdefault(entity, set()).update((chain, *above.get(chain, ())))
    return chains


def _dates(context: Context) -> dict[str, Any]:
    return {"as_of": context.as_of, "posting_since": posting_since(context.as_of, context.locality)}


def among(edges: pa.Table, chains: Iterable[str]) -> pa.ChunkedArray:
    """The ids of members, from a table of edges in force (source, target, type); an id may occur more than once."""
    ids = pa.array(chains, pa.string())

    def sources(types: Iterable[str], targets: pa.Array | pa.ChunkedArray) -> pa.ChunkedArray:
        of_types = pc.is_in(edges["type"], value_set=pa.array(types))
        return edges.filter(pc.and_(of_types, pc.is_in(edges["target"], value_set=targets)))["source"]

    tied = sources(TIES, ids)
    return pa.chunked_array([ids, *tied.chunks, *sources(THROUGH_FIRMS, tied).chunks], pa.string())
