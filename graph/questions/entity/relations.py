"""The relations of one entity: read in both directions, and as rows of its profile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from graph.context import Context
from graph.ontology import ALWAYS_FROM, ALWAYS_TO, EdgeType, NodeType, Ontology
from graph.privacy import OPEN
from graph.questions.entity.provenance import Sources, where
from graph.questions.entity.rows import FACTS, Row, cell, profile_row
from graph.questions.network import subgraphs
from graph.stores.base import Reader
from graph.validity import posting_since

#: relations from things to the place they are in: in the profile of the place they are counted, not listed
COUNTED = ("LOCATED_IN", "IN_PLACE")


class Side(NamedTuple):
    """A relation of a node type in one direction, `out` of the node or into it. `others` are the types at the far end."""

    edge: EdgeType
    type: str
    others: tuple[str, ...]
    out: bool

    def pattern(self, near: str, far: str, *, key: bool = False) -> str:
        """The relation in Cypher between two variables. The far end has a label only where it can be of one type."""
        own = f"({near}:{self.type}{' {id: $id}' if key else ''})"
        other = f"({far}:{self.others[0]})" if len(self.others) == 1 else f"({far})"
        return f"{own}-[e:{self.edge.name}]->{other}" if self.out else f"{own}<-[e:{self.edge.name}]-{other}"

    def called(self, far: str, ontology: Ontology) -> str:
        """The Cypher for the name of the node at the far end, of whatever type it is."""
        names = dict.fromkeys(f"{far}.{ontology.nodes[other].called.name}" for other in self.others)
        return f"coalesce({', '.join(names)})" if len(names) > 1 else next(iter(names))

    def of(self, row: Row, ontology: Ontology) -> Row:
        """A row of a query with its edge type, its direction and the type of its far end, `other`."""
        return row | {"edge": self.edge, "type": ontology.type_of(row["other"]), "out": self.out}


def sides(ontology: Ontology, node_type: str) -> list[Side]:
    """Every relation that a node of this type can have, outward before inward."""
    possible: list[Side] = []
    for edge in ontology.edges.values():
        for out in (True, False):
            ends = [(a, b) if out else (b, a) for a, b in edge.ends]
            others = tuple(far for near, far in ends if near == node_type)
            if others:
                possible.append(Side(edge, node_type, others, out))
    return possible


def read(reader: Reader, ontology: Ontology, node_type: str, entity: str, queries: list[str]) -> list[Row]:
    """The relations of an entity, ended and future ones too, without those to be counted.

    A row holds the edge type (`edge`), its direction (`out`), the far end (`other`, `name`, `type`, `listed`), and the
    properties and dates of the edge. The queries that returned something are added to `queries`.
    """
    relations: list[Row] = []
    for side in sides(ontology, node_type):
        if side.edge.name in COUNTED and not side.out:
            continue
        columns = [*(("valid_from", "valid_to") if side.edge.dated else ()), *side.edge.properties]
        properties = "".join(f", e.{c} AS {c}" for c in columns)
        duty = ", b.duty AS duty" if side.others == ("GuidanceOfficer",) else ""
        query = (
            f"MATCH {side.pattern('a', 'b', key=True)} RETURN b.id AS other, {side.called('b', ontology)} AS name, "
            f"b.listed AS listed, e.key AS key{properties}{duty} ORDER BY key"
        )
        rows = reader.query(query, {"id": entity}).to_pylist()
        relations += [side.of(row, ontology) for row in rows]
        queries += [query] if rows else []
    return relations


def relation_rows(
    context: Context, kind: NodeType, entity: str, title: str, relations: Sequence[Row], sources: Sources
) -> list[Row]:
    """The rows of a profile for the relations of an entity: one each, and one for each property that is not open."""
    rows = []
    order = {edge: i for i, edge in enumerate(context.ontology.edges)}
    ordered = sorted(relations, key=lambda r: (r["type"] != "Region", order[r["edge"].name], r["key"]))
    for relation in ordered:
        edge: EdgeType = relation["edge"]
        other = context.ontology.nodes[relation["type"]]
        me, them = (entity, title), (relation["other"], str(relation["name"]))
        start, end = (me, them) if relation["out"] else (them, me)
        source = where(sources.of_edge(edge.name, start, end, relation))
        place = edge.name in ("LOCATED_IN", "PART_OF", "IN_PLACE") and relation["out"]
        group = FACTS if place else edge.label if edge.name == "PAIRED_WITH" else other.label
        rows.append(
            profile_row(
                group,
                _item(edge, kind, other, relation["out"]),
                relation["name"],
                _detail(context, relation),
                lead=place,
                sensitivity=other.called.sensitivity,
                target=relation["other"],
                **source,
            )
        )
        for prop in edge.properties.values():
            if prop.sensitivity != OPEN and relation[prop.name] is not None:
                item = f"{edge.label}：{prop.label}"
                rows.append(profile_row(group, item, cell(relation[prop.name]), sensitivity=prop.sensitivity, **source))
    return rows


def _item(edge: EdgeType, kind: NodeType, other: NodeType, out: bool) -> str:
    """The label of a relation from one end: 覆盖的两新组织 out of it, 覆盖本两新组织的党组织 into it."""
    mine = "" if out or edge.name == "PAIRED_WITH" else f"本{kind.label}"
    return f"{edge.label}{mine}的{other.label}"


def _detail(context: Context, relation: Row) -> str:
    """The open properties of an edge, its dates, and why it is not in force, in one text."""
    edge: EdgeType = relation["edge"]
    parts = [
        f"{p.label} {cell(relation[p.name])}"
        for p in edge.properties.values()
        if p.sensitivity == OPEN and relation[p.name] not in (None, "", False)
    ]
    if edge.dated:
        begin, end = relation["valid_from"], relation["valid_to"]
        if begin != ALWAYS_FROM:
            parts.append(f"{begin.isoformat()} 起")
        if end != ALWAYS_TO:
            parts.append(f"至 {end.isoformat()}")
        if begin > context.as_of:
            parts.append("未生效")
        elif end < context.as_of:
            grace = edge.name == "GUIDES" and end >= posting_since(context.as_of, context.locality)
            parts.append("到期待续派" if grace else "到期未续派" if edge.name == "GUIDES" else "已到期")
    if relation["listed"] is False:
        parts.append("对方已不在册")
    if relation.get("duty") in subgraphs.parameters(context)["duties_gone"]:
        parts.append(f"指导员已{relation['duty']}")
    return "；".join(parts)


def counted_rows(reader: Reader, ontology: Ontology, node_type: str, entity: str, queries: list[str]) -> list[Row]:
    """The rows of a place's profile that count the things of each type directly in it."""
    rows = []
    for edge, _, others, out in sides(ontology, node_type):
        for other in others if edge.name in COUNTED and not out else ():
            query = f"MATCH (b:{other})-[:{edge.name}]->(a:{node_type} {{id: $id}}) WHERE b.listed RETURN count(b) AS n"
            number = reader.query(query, {"id": entity})["n"][0].as_py()
            if number:
                queries.append(query)
                label = ontology.nodes[other].label
                rows.append(profile_row(label, f"{edge.label}本区划的{label}数", number, "直接计数，不含下级"))
    return rows
