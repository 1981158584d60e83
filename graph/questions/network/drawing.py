"""图谱: the network of a division, a chain or all of it, drawn; in clusters where it is too large to read."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from graph.answers import Answer, Column, Total
from graph.parameters import SEVERITIES, SEVERITY
from graph.questions.asking import Question
from graph.questions.network import clusters, colouring, subgraphs
from graph.regions import NOWHERE
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader


def network(reader: Reader, context: Inquiry) -> Answer:
    """The nodes as rows and as a drawing, best connected first. Many nodes come as clusters, a row and a node each."""
    limit = int(context.parameters[clusters.LIMIT.name] or clusters.MOST_NODES)
    everything = subgraphs.read(reader, context)
    candidates = subgraphs.around(everything, subgraphs.within(everything, context))
    if parts := clusters.split(reader, context, everything, candidates):
        return clusters.answer(reader, context, everything, parts)
    graph = subgraphs.cut(reader, context, everything, candidates, limit)
    marks = _marks(reader, context)
    graph = replace(graph, nodes=tuple(replace(node, mark=marks.get(node.id, "")) for node in graph.nodes))
    graph = colouring.dressed(reader, context, everything, graph)
    degree = Counter(end for edge in graph.edges for end in (edge.source, edge.target))
    places = dict(zip(*(everything.nodes[c].to_pylist() for c in ("id", "place")), strict=True))
    rows = [
        {
            "name": node.label,
            "type": context.ontology.nodes[node.type].label,
            "division": places[node.id] or NOWHERE,
            "relations": degree[node.id],
            "mark": node.mark,
            "sensitivity": node.sensitivity,
            "id": node.id,
        }
        for node in sorted(graph.nodes, key=lambda n: (-degree[n.id], n.id))
    ]
    return context.answer(
        reader,
        "network",
        "图谱",
        [
            Column("name", "名称", sensitivity_from="sensitivity", link=("*", "id")),
            Column("type", "类型"),
            Column("division", "所在区划"),
            Column("relations", "图中关系数", "integer", "条"),
            Column("mark", "问题"),
        ],
        rows,
        totals=(
            Total("nodes", "图中节点", len(graph.nodes), "个"),
            Total("edges", "图中关系", len(graph.edges), "条"),
            Total("left_out", "未画出的节点", graph.left_out, "个"),
            Total("marked", "图中有问题的节点", sum(bool(node.mark) for node in graph.nodes), "个"),
        ),
        basis=(
            "图中为截止日有效的" + "、".join(context.ontology.edges[e].label for e in subgraphs.DRAWN) + "关系；"
            "限定区划或产业链时，含其中各节点及与之直接相连的节点。节点过多时取关系最多的节点及与之相连的节点。",
            f"标注为严重程度“{SEVERITIES[context.severity or 'high']}”的规则所认定的问题；一个节点有几项的，标其一。",
        ),
        cypher=everything.cypher,
        graph=graph,
        fields=(clusters.FIELD, *colouring.FIELDS),
    )


def _marks(reader: Reader, context: Inquiry) -> dict[str, str]:
    """The title of a rule that finds each subject, by id: of the severity asked about (else high), the book's first."""
    book, severity = context.book, context.severity or "high"
    rules = [r.id for r in book.rules.values() if severity in book.severities(r, context.locality)]
    # without the chain, because the neighbours of its members are drawn too
    wider = replace(context, chain="")
    by_rule = book.each(reader, rules, lambda mine, rule: book.findings(mine, rule, wider))
    marks: dict[str, str] = {}
    for rule, findings in zip(rules, by_rule, strict=True):
        for finding in findings:
            if finding.severity == severity:
                marks.setdefault(finding.subject, book.rules[rule].title)
    return marks


QUESTIONS: tuple[Question, ...] = (
    Question(
        "network",
        "图谱",
        "一个区划或一条产业链的关系网络；节点超过 1,500 个时按区划（或产业链）汇总，可逐层打开。",
        network,
        (clusters.LIMIT, clusters.GROUP, colouring.COLOUR, colouring.MEASURE, SEVERITY),
        layout="drawing",
    ),
)
