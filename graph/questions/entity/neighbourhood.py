"""The drawing of one entity with its relations, and where these are few, with the relations of its neighbours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from graph.answers import Edge, Node, Subgraph
from graph.context import Context
from graph.ontology import NodeType
from graph.questions.entity.relations import Side, sides
from graph.questions.entity.rows import Row
from graph.questions.network import subgraphs
from graph.stores.base import Reader
from graph.validity import relation_in_force

#: neighbours up to which the drawing goes a second step
FEW = 30
MOST_DRAWN = 150


def drawing(
    reader: Reader, context: Context, kind: NodeType, entity: str, title: str, relations: Sequence[Row]
) -> Subgraph:
    """An entity with its neighbours, and if there are at most FEW, with the relations in force of the neighbours."""
    ontology = context.ontology
    names: dict[str, tuple[str, str]] = {entity: (kind.name, title)}
    edges: dict[tuple[str, str, str], None] = {}

    def add(near: str, relation: Row) -> None:
        names.setdefault(relation["other"], (relation["type"], str(relation["name"])))
        ends = (near, relation["other"]) if relation["out"] else (relation["other"], near)
        edges[(*ends, relation["edge"].name)] = None

    for relation in relations:
        if relation["listed"] is not False:
            add(entity, relation)
    neighbours: dict[str, list[str]] = {}
    for other, (other_type, _) in names.items():
        if other != entity and other_type != "Region":
            neighbours.setdefault(other_type, []).append(other)
    if len(names) <= FEW:
        for other_type, ids in neighbours.items():
            for side in sides(ontology, other_type):
                if side.edge.name in subgraphs.DRAWN:
                    further = _relations(reader, context, side, ids)
                    degree = Counter(row["near"] for row in further)
                    for row in further:
                        # of a hub, only the relations with nodes that are drawn already
                        if degree[row["near"]] <= FEW or row["other"] in names:
                            add(row["near"], row)
    shown = dict(list(names.items())[:MOST_DRAWN])
    facts = subgraphs.facts_of(reader, ontology, ((node_type, node) for node, (node_type, _) in shown.items()))
    return Subgraph(
        tuple(
            Node(
                node,
                node_type,
                name,
                facts.get(node, ()),
                ontology.nodes[node_type].called.sensitivity,
                size=2.0 if node == entity else 1.0,
            )
            for node, (node_type, name) in shown.items()
        ),
        tuple(Edge(a, b, e, ontology.edges[e].label) for a, b, e in edges if a in shown and b in shown),
        len(names) - len(shown),
    )


def _relations(reader: Reader, context: Context, side: Side, ids: Sequence[str]) -> list[Row]:
    """The relations in force of these nodes of one type (`near`), in the order of their ids."""
    # the condition in force names the start of the edge `a`
    near, far = ("a", "b") if side.out else ("b", "a")
    where = " AND ".join(filter(None, (f"{near}.id IN $ids", f"{far}.listed", relation_in_force(side.edge))))
    rows = reader.query(
        f"MATCH {side.pattern(near, far)} WHERE {where} RETURN {near}.id AS near, {far}.id AS other, "
        f"{side.called(far, context.ontology)} AS name ORDER BY near, other",
        {**subgraphs.parameters(context), "ids": list(ids)},
    ).to_pylist()
    return [side.of(row, context.ontology) for row in rows]
