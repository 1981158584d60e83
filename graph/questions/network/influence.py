"""辐射带动: units and organizations ranked by PageRank, with the neighbours that each score comes from."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from graph import arrays
from graph.answers import Answer, Column, Total
from graph.context import Context
from graph.parameters import Parameter
from graph.questions.asking import Question
from graph.questions.network import subgraphs
from graph.regions import NOWHERE
from graph.stores.base import Reader

#: the types that are ranked
RANKED = {"Unit": "两新组织", "PartyOrg": "党组织"}
TOP, TYPE = Parameter("top", "前几名", default="50", bounds=(1, 10_000)), Parameter("type", "类型", values=RANKED)
#: sources that are listed of each score
SOURCES = 3
MOST_DRAWN = 300


def influence(reader: Reader, context: Context) -> Answer:
    """The first units and organizations by PageRank on the relations of chains, coverage, pairing and supply."""
    top, node_type = int(context.parameters[TOP.name]), context.parameters[TYPE.name]
    network = subgraphs.read(reader, context, subgraphs.TIES)
    core = subgraphs.within(network, context)
    # with a scope or a chain, the network consists of the relations with at least one end inside
    ends = [core[network.graph.positions(network.edges[side])] for side in ("source", "target")]
    edges = network.edges.filter(pa.array(ends[0] | ends[1]))
    graph = arrays.build([edges], directed=False)
    scores = arrays.pagerank(graph)
    place = network.graph.positions(graph.ids)
    inside = core[place] & network.of_type(*([node_type] if node_type else RANKED))[place]
    ranked = np.flatnonzero(inside)
    # equal scores differ in their last bits with the order of additions; ids decide among them
    order = ranked[np.lexsort((ranked, -np.round(scores[ranked] * len(graph), 9)))][:top]
    nodes = network.nodes.take(place).to_pylist()
    sources = arrays.contributions(graph, scores, order, top=SOURCES)
    rows = [
        {
            "rank": rank,
            "name": nodes[at]["name"],
            "type": context.ontology.nodes[nodes[at]["type"]].label,
            "division": nodes[at]["place"] or NOWHERE,
            "score": float(scores[at]),
            "multiple": round(float(scores[at]) * len(graph), 2),
            "sources": [f"{nodes[u]['name']} {share:.0%}" for u, share in sources[rank - 1]],
            "id": nodes[at]["id"],
        }
        for rank, at in enumerate(order, start=1)
    ]
    shown = np.zeros(len(network.graph), dtype=bool)
    shown[place[order]] = True
    first = {row["id"]: f"第 {row['rank']} 名" for row in rows[:SOURCES]}
    labels = "、".join(context.ontology.edges[edge].label for edge in subgraphs.TIES)
    return context.answer(
        reader,
        "influence",
        "辐射带动排名",
        [
            Column("rank", "名次", "integer"),
            Column("name", "名称", link=("*", "id")),
            Column("type", "类型"),
            Column("division", "所在区划"),
            Column("score", "得分", "number"),
            Column("multiple", "相当于平均的倍数", "number", "倍"),
            Column("sources", "来源（占本得分的比例）", "strings"),
        ],
        rows,
        totals=(
            Total("ranked", "参与排名的单位和党组织", len(ranked), "个"),
            Total("nodes", "网络节点", len(graph), "个"),
            Total("relations", "有效关系", edges.num_rows, "条"),
        ),
        basis=(
            f"网络：截止日有效的{labels}关系，不分方向，每条权重 1，同两方之间的多条相加；"
            "限定区划或产业链时，取至少一端在其中的关系。",
            "得分 s(v) = (1−d)/n + d·Σ s(u)·w(u,v)/Σw(u,·)，d = 0.85，n 为网络节点数，全网合计为 1"
            "（PageRank：Brin & Page 1998；定义同 LDBC Graphalytics 规范）。",
            "来源为相邻节点传来的部分占该得分的比例，列前三；其余为更多相邻节点和各节点均有的 (1−d)/n。",
        ),
        notes=("没有上述关系的单位和党组织不在网络中，不参与排名。",),
        cypher=network.cypher,
        graph=subgraphs.cut(reader, context, network, subgraphs.around(network, shown), MOST_DRAWN, first, shown),
    )


QUESTIONS: tuple[Question, ...] = (
    Question(
        "influence",
        "辐射带动排名",
        "哪些单位、党组织在产业链、覆盖、结对网络中带动作用较大，得分从何而来。",
        influence,
        (TOP, TYPE),
    ),
)
