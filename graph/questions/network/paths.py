"""最短路径: all shortest paths between two nodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graph import arrays
from graph.answers import Answer, Column, Field, Subgraph, Total
from graph.context import Context
from graph.parameters import Parameter
from graph.privacy import OPEN
from graph.questions.asking import Question
from graph.questions.network import colouring, subgraphs
from graph.questions.network.explore import labels, parts
from graph.questions.search import Names, resolve
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader

START = Parameter("from", "起点（编号、代码或唯一的名称）", required=True)
END = Parameter("to", "终点（编号、代码或唯一的名称）", required=True)
RELATIONS = Parameter(
    "relations", "只走关系", several=True,
    values=lambda context: labels(context.ontology.edges[name] for name in subgraphs.DRAWN),
)  # fmt: skip
#: the most paths that are listed and drawn; the count is of all
MOST = 20
#: the distance of two nodes one step apart, from left to right, and of two nodes at the same distance from the start
ACROSS, DOWN = 300.0, 130.0


def path(reader: Reader, context: Inquiry) -> Answer:
    """Each step of each shortest path as a row, and all the paths in one drawing."""
    ontology = context.ontology
    drawn = labels(ontology.edges[name] for name in subgraphs.DRAWN)
    network = subgraphs.read(reader, context, subgraphs.DRAWN)
    names = Names.read(reader, ontology)
    relations = parts(context.parameters[RELATIONS.name]) or list(drawn)
    core = subgraphs.within(network, context)
    sources, targets = (network.graph.positions(network.edges[side]) for side in ("source", "target"))
    used = (core[sources] | core[targets]) & _mask(pc.is_in(network.edges["type"], value_set=pa.array(relations)))
    edges = network.edges.filter(pa.array(used))
    graph = arrays.build([edges], network.nodes["id"], directed=False)
    # ids are sorted in both, so that a position means the same
    ids = graph.ids.to_pylist()
    place = {node: i for i, node in enumerate(ids)}
    visible = {node for node, i in place.items() if core[i]}
    ends = [resolve(names, ontology, visible, context.parameters[p.name], p.name) for p in (START, END)]
    shortest = arrays.shortest(graph, place[ends[0]], place[ends[1]], most=MOST)

    nodes = {int(i): None for way in shortest.paths for i in way} | {place[end]: None for end in ends}
    rows = dict(zip(nodes, network.nodes.take(pa.array(list(nodes))).to_pylist(), strict=True))
    types = _types(edges, [row["id"] for row in rows.values()])
    picture = _picture(reader, context, network, edges, nodes, ends, shortest)
    picture = colouring.dressed(reader, context, network, picture)
    start, end = (rows[place[node]] for node in ends)
    open_ends = all(ontology.nodes[row["type"]].called.sensitivity == OPEN for row in (start, end))
    about = f"：{start['name']} — {end['name']}" if open_ends else ""

    def unique(row: dict[str, Any]) -> str:
        """The name of a node if no other has it, else its id."""
        name = str(row["name"])
        return name if pc.sum(pc.equal(names.table["name"], name)).as_py() == 1 else str(row["id"])

    notes = []
    if shortest.steps is None:
        notes.append("两者之间没有由所选关系连成的路径。可放宽关系、区划或产业链，或换一个截止日期再查。")
    elif ends[0] == ends[1]:
        notes.append("起点和终点是同一个。请另选一个终点。")
    elif shortest.count > len(shortest.paths):
        notes.append(f"最短路径共 {shortest.count:,} 条，列出并画出前 {len(shortest.paths)} 条。")
    return context.answer(
        reader,
        "path",
        f"最短路径{about}",
        (
            Column("path", "路径", "integer"),
            Column("step", "步", "integer"),
            Column("one", "从", sensitivity_from="one_sensitivity", link=("*", "one_id")),
            Column("one_type", "类型"),
            Column("relation", "关系"),
            Column("other", "到", sensitivity_from="other_sensitivity", link=("*", "other_id")),
            Column("other_type", "对方类型"),
        ),
        [
            {
                "path": number,
                "step": step,
                "relation": _relation(context, types, rows[a]["id"], rows[b]["id"]),
                **_side(context, rows[a], "one"),
                **_side(context, rows[b], "other"),
            }
            for number, way in enumerate(shortest.paths, 1)
            for step, (a, b) in enumerate(pairwise(way), 1)
        ],
        totals=(
            Total("steps", "步数", shortest.steps, "步"),
            Total("paths", "最短路径", shortest.count, "条"),
        ),
        basis=(
            f"走截止日有效的{'、'.join(drawn[name] for name in relations)}关系，不分方向，每条算一步；"
            "区划的隶属和所在不算关系，否则同在一地的都只隔两步。",
        ),
        notes=tuple(notes),
        cypher=(*network.cypher, *names.cypher),
        graph=picture,
        fields=(
            Field(START.name, "起点", value=unique(start)),
            Field(END.name, "终点", value=unique(end)),
            Field(RELATIONS.name, RELATIONS.label, tuple(drawn.items()), several=True),
            *colouring.FIELDS,
        ),
    )


def _side(context: Context, node: dict[str, Any], side: str) -> dict[str, Any]:
    kind = context.ontology.nodes[node["type"]]
    own = {"type": kind.label, "id": node["id"], "sensitivity": kind.called.sensitivity}
    return {side: node["name"] or node["id"]} | {f"{side}_{key}": value for key, value in own.items()}


def _types(edges: pa.Table, nodes: Sequence[str]) -> dict[tuple[str, str], list[str]]:
    """The types of the edges between these nodes by (source, target), each once."""
    between = edges.filter(subgraphs.both_ends(edges, pa.array(nodes, pa.string()))).to_pylist()
    types: dict[tuple[str, str], list[str]] = {}
    for source, target, edge in sorted({(e["source"], e["target"], e["type"]) for e in between}):
        types.setdefault((source, target), []).append(edge)
    return types


def _relation(context: Context, types: dict[tuple[str, str], list[str]], one: str, other: str) -> str:
    """The relations of two nodes in words, each with an arrow in its direction."""
    labels = context.ontology.edges
    there = [f"{labels[t].label} →" for t in types.get((one, other), ())]
    back = [f"← {labels[t].label}" for t in types.get((other, one), ())]
    return "，".join([*there, *back])


def _picture(
    reader: Reader,
    context: Context,
    network: subgraphs.Network,
    edges: pa.Table,
    nodes: dict[int, None],
    ends: Sequence[str],
    shortest: arrays.Shortest,
) -> Subgraph:
    """The paths drawn from left to right, each node in the column of its distance from the start."""
    chosen = np.zeros(len(network.graph), bool)
    chosen[list(nodes)] = True
    marks = dict(zip(reversed(ends), ("终点", "起点"), strict=True))
    drawn = subgraphs.cut(reader, context, replace(network, edges=edges), chosen, len(nodes), marks)
    ids = network.nodes["id"]
    columns: dict[int, list[str]] = {}
    for way in shortest.paths:
        for distance, at in enumerate(way):
            column = columns.setdefault(distance, [])
            if (node := ids[at].as_py()) not in column:
                column.append(node)
    if shortest.steps is None:
        columns = {i: [end] for i, end in enumerate(dict.fromkeys(ends))}
    places = {
        node: (distance * ACROSS, (row - (len(column) - 1) / 2) * DOWN)
        for distance, column in columns.items()
        for row, node in enumerate(column)
    }
    placed = tuple(replace(n, x=places[n.id][0], y=places[n.id][1]) for n in drawn.nodes)
    return replace(drawn, nodes=placed, left_out=0)


def _mask(column: pa.ChunkedArray) -> subgraphs.Mask:
    return np.asarray(column.to_numpy(), dtype=bool)


QUESTIONS: tuple[Question, ...] = (
    Question(
        "path",
        "最短路径",
        "两个单位、党组织、产业链等之间经哪些关系相连，全部最短的走法。",
        path,
        (START, END, RELATIONS, colouring.COLOUR, colouring.MEASURE),
        layout="drawing",
    ),
)
