"""图谱探索: a drawing that starts from chosen nodes and grows as their relations are opened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graph.answers import Answer, Column, Edge, Field, Node, QuestionLink, Step, Subgraph, Total
from graph.context import Context
from graph.errors import QuestionError
from graph.ontology import EdgeType, NodeType, Ontology
from graph.parameters import Parameter
from graph.privacy import OPEN
from graph.questions.asking import Question
from graph.questions.network import clusters, colouring, subgraphs
from graph.questions.network.expansion import INWARD, Opened, Relation, Ties, Walk
from graph.questions.search import Names, resolve
from graph.regions import NOWHERE
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader

NODE, OPENED = Parameter("node", "起点（编号、代码或唯一的名称，逗号隔开）"), Parameter("open", "已展开的关系")
PLACES = ("PART_OF", "LOCATED_IN", "IN_PLACE")
#: the most nodes of one picture, and of its start
MOST_NODES, MOST_STARTS = 400, 20
TYPES = Parameter("types", "只看类型", values=lambda context: labels(context.ontology.entities), several=True)
RELATIONS = Parameter(
    "relations", "只看关系", values=lambda context: labels(context.ontology.edges.values()), several=True
)
LIMIT = Parameter("limit", "每次最多展开", default="40", bounds=(1, MOST_NODES))
#: the wider limit of neighbours for each step that a page offers
WIDER = 200


def explore(reader: Reader, context: Inquiry) -> Answer:
    """The nodes placed by the steps so far, the relations that can still be opened, and the drawing.

    Without a start, the divisions and chains to start from.
    """
    ontology = context.ontology
    steps, dropped = _steps(context.parameters[OPENED.name], ontology), 0
    if not context.parameters[NODE.name]:
        return clusters.start(reader, context)
    limit = int(context.parameters[LIMIT.name])
    kinds = parts(context.parameters[TYPES.name]) or [kind.name for kind in ontology.entities]
    edges = parts(context.parameters[RELATIONS.name]) or list(ontology.edges)
    network = subgraphs.read(reader, context, tuple(ontology.edges))
    core = subgraphs.within(network, context)
    position = {node: i for i, node in enumerate(network.nodes["id"].to_pylist())}
    names = Names.read(reader, ontology)
    visible = {node for node, i in position.items() if core[i]}
    texts = parts(context.parameters[NODE.name])[:MOST_STARTS]
    starts = list(dict.fromkeys(resolve(names, ontology, visible, text, NODE.name) for text in texts))
    if not starts:
        raise QuestionError("node 是空的。请先在“查找”中找到起点。")

    # relations of place come last, because every page shows the place
    ordered = sorted(edges, key=lambda name: name in PLACES)
    walk = Walk(Ties(network, ordered, core), np.diff(network.graph.matrix.indptr))
    walk.begin([position[start] for start in starts])
    fits = network.of_type(*kinds)
    for step in steps:
        room = MOST_NODES - len(walk.places)
        dropped += not walk.open(position.get(step.node, -1), step.relation, fits, limit, room)
    parameters = {p.name: v for p in PARAMETERS if (v := context.parameters[p.name]) != p.default}
    parameters[NODE.name] = ",".join(starts)
    graph, closed = _picture(reader, context, network, walk, fits, starts, parameters)
    states = colouring.states(reader, context, [node.id for node in graph.nodes])
    graph = colouring.dressed(reader, context, network, graph, states)
    places = dict(zip(position, network.nodes["place"].to_pylist(), strict=True))
    rows = [
        {
            "name": node.label,
            "type": ontology.nodes[node.type].label,
            "division": (places[node.id] or NOWHERE) if node.type != "Region" else None,
            "state": states[node.id].state if node.id in states else None,
            "relations": closed[node.id] or None,
            "sensitivity": node.sensitivity,
            "id": node.id,
        }
        for node in graph.nodes
    ]
    notes = []
    if dropped:
        notes.append(f"有 {dropped} 步展开已不适用（所在节点未显示，或没有这种关系），已略去。")
    if walk.cut:
        notes.append(
            f"各次展开至多画出 {limit} 个、全图至多 {MOST_NODES} 个，先画关系较多的。要看其余的，请放宽每次展开的个数，或只看一种类型。"
        )
    return context.answer(
        reader,
        "explore",
        f"图谱：{_title(ontology, graph, starts)}",
        (
            Column("name", "名称", sensitivity_from="sensitivity", link=("*", "id")),
            Column("type", "类型"),
            Column("division", "所在区划"),
            Column("state", "组织覆盖"),
            Column("relations", "关系（点选展开，再点收起）", steps=True),
        ),
        rows,
        totals=(
            Total("nodes", "图中节点", len(graph.nodes), "个"),
            Total("edges", "图中关系", len(graph.edges), "条"),
            Total("left_out", "未画出的节点", graph.left_out, "个"),
        ),
        basis=(
            "关系取截止日有效的；数目为有此关系的对方个数，已按所选类型、关系和区划计。",
            "组织覆盖按各类单位的口径判定，与单位名册一致。",
        ),
        notes=tuple(notes),
        cypher=(*network.cypher, *names.cypher),
        graph=graph,
        steps=_onward(walk, parameters, limit),
        fields=(
            Field(TYPES.name, TYPES.label, _choices(ontology.entities, network.nodes), several=True),
            Field(RELATIONS.name, RELATIONS.label, _choices(ontology.edges.values(), network.edges), several=True),
            *colouring.FIELDS,
        ),
    )


def labels(declared: Iterable[NodeType | EdgeType]) -> dict[str, str]:
    """The labels of types by name."""
    return {kind.name: kind.label for kind in declared}


def parts(text: str) -> list[str]:
    """The parts of a text between commas that are not blank."""
    return list(filter(None, (part.strip() for part in text.split(","))))


def _title(ontology: Ontology, graph: Subgraph, starts: Sequence[str]) -> str:
    """The name of the first start (of a person, the type) and the number of starts."""
    first = {node.id: node for node in graph.nodes}[starts[0]]
    name = first.label if first.sensitivity == OPEN else ontology.nodes[first.type].label
    return name if len(starts) == 1 else f"{name}等 {len(starts)} 个起点"


def _steps(text: str, ontology: Ontology) -> list[Opened]:
    """The steps written in a parameter, each once; QuestionError for a relation that does not exist."""
    steps: dict[Opened, None] = {}
    for part in parts(text):
        node, _, relation = part.partition(".")
        edge = relation.removesuffix(INWARD)
        if edge not in ontology.edges:
            raise QuestionError(
                f"open 中的“{part[:60]}”无法识别。请写成“编号.关系”，关系为 {'、'.join(ontology.edges)} 之一。"
            )
        steps[Opened(node, Relation(edge, relation.endswith(INWARD)))] = None
    return list(steps)


def _choices(declared: Iterable[NodeType | EdgeType], table: pa.Table) -> tuple[tuple[str, str], ...]:
    """The name and the label of the types that occur in a table of nodes or edges."""
    occurring = set(pc.unique(table["type"]).to_pylist())
    return tuple((kind.name, kind.label) for kind in declared if kind.name in occurring)


def _to(parameters: Mapping[str, str], steps: Iterable[str]) -> QuestionLink:
    """The same walk after these steps."""
    return "explore", tuple((k, v) for k, v in {**parameters, OPENED.name: ",".join(steps)}.items() if v)


def _onward(walk: Walk, parameters: Mapping[str, str], limit: int) -> tuple[Step, ...]:
    """The steps that concern the walk as a whole."""
    more = [Step(f"每次展开至多 {WIDER} 个", ("explore", (*parameters.items(), (LIMIT.name, str(WIDER)))))]
    return (
        *((Step("全部收起", _to(parameters, ()), "back"),) if walk.opened else ()),
        *(more if walk.cut and limit < WIDER else ()),
    )


def _picture(
    reader: Reader,
    context: Context,
    network: subgraphs.Network,
    walk: Walk,
    fits: subgraphs.Mask,
    starts: Sequence[str],
    parameters: Mapping[str, str],
) -> tuple[Subgraph, dict[str, str]]:
    """The drawing with the steps of each node, and in words the relations of each node that are not opened yet."""
    ontology = context.ontology
    shown = list(walk.places)
    rows = dict(zip(shown, network.nodes.take(pa.array(shown)).to_pylist(), strict=True))
    facts = subgraphs.facts_of(reader, ontology, ((row["type"], row["id"]) for row in rows.values()))
    opened = [str(Opened(rows[node]["id"], relation)) for node, relation in walk.opened]

    nodes, labels = [], {}
    for at, row in rows.items():
        steps, closed = [], []
        for relation, others in walk.ties.at(at).items():
            count = int(fits[others].sum())
            label = f"{relation.label(ontology, row['type'])} {count:,}"
            key = str(Opened(row["id"], relation))
            if key in opened:
                steps.append(Step(f"收起 {label}", _to(parameters, (k for k in opened if k != key)), "back"))
            elif count:
                closed.append(label)
                steps.append(Step(label, _to(parameters, (*opened, key)), "open"))
        if row["id"] != starts[0]:
            steps.append(Step("与起点的最短路径", ("path", (("from", starts[0]), ("to", row["id"])))))
        labels[row["id"]] = "、".join(closed)
        x, y = walk.places[at]
        place = (("所在区划", row["place"], OPEN),) if row["place"] and row["type"] != "Region" else ()
        nodes.append(
            Node(
                row["id"], row["type"], row["name"], place + facts.get(row["id"], ()),
                ontology.nodes[row["type"]].called.sensitivity,
                mark="起点" if row["id"] in starts else "", x=x, y=y, steps=tuple(steps),
            )
        )  # fmt: skip
    inside = np.zeros(len(network.graph), bool)
    inside[shown] = True
    both = inside[walk.ties.source] & inside[walk.ties.target]
    ends = zip(walk.ties.source[both], walk.ties.target[both], walk.ties.kind[both], strict=True)
    kinds = walk.ties.names
    drawn = dict.fromkeys((rows[int(a)]["id"], rows[int(b)]["id"], kinds[int(kind)]) for a, b, kind in ends)
    edges = tuple(Edge(a, b, kind, ontology.edges[kind].label) for a, b, kind in sorted(drawn))
    return Subgraph(tuple(nodes), edges, sum(walk.cut.values())), labels


PARAMETERS = (NODE, OPENED, TYPES, RELATIONS, LIMIT, colouring.COLOUR, colouring.MEASURE)
QUESTIONS: tuple[Question, ...] = (
    Question(
        "explore",
        "图谱探索",
        "从一个或几个节点出发，逐个关系展开或收起；不写起点时，列出可以从哪里开始。",
        explore,
        PARAMETERS,
        layout="drawing",
    ),
)
