"""Everything known of one entity (一企一档): facts, relations, problems, and the row each came from."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from graph.answers import Answer, Column, Edge, Node, Section, Step, Subgraph, Total, Value
from graph.context import Context
from graph.errors import UnknownError
from graph.ontology import ALWAYS_FROM, ALWAYS_TO, EdgeType, NodeType, Ontology
from graph.parameters import Parameter
from graph.privacy import OPEN
from graph.questions.asking import Question
from graph.questions.entity import coverage_reasons
from graph.questions.entity.provenance import COLUMNS, Sources, where
from graph.questions.network import subgraphs
from graph.questions.problems.of_entity import Problem, problems_of
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader
from graph.validity import posting_since, relation_in_force

#: question, node type, what the title calls one
PROFILES = (
    ("unit", "Unit", "两新组织"),
    ("org", "PartyOrg", "党组织"),
    ("officer", "GuidanceOfficer", "指导员"),
    ("region", "Region", "区划"),
    ("chain", "IndustryChain", "产业链"),
    ("partner", "PartnerUnit", "结对单位"),
    ("group", "JointGroup", "联组"),
)
#: headings under which the rows of a profile stand
PROBLEMS, COVERAGE, REVIEWS, SOURCES, FACTS, PEOPLE = "问题", "两个覆盖", "待核实", "来源", "基本情况", "人员"
#: neighbours up to which the drawing goes a second step
FEW = 30
MOST_DRAWN = 150
#: what can be asked of all that lies in a place or belongs to a chain
_LISTS = (("overview", "两个覆盖"), ("gaps", "问题清单"), ("units", "单位名册"))
#: and of what lies in a place alone
_OF_PLACES = (("grassroots", "镇村情况"),)
#: what lies in a place is counted, not listed
_COUNTED = ("LOCATED_IN", "IN_PLACE")

Row = dict[str, Any]


def profile(node_type: str, name: str, reader: Reader, context: Inquiry) -> Answer:
    """All that is known of the entity whose id is the question's parameter."""
    entity = str(context.parameters[name])
    ontology = context.ontology
    kind = ontology.nodes[node_type]
    queries: list[str] = []
    facts = _facts(reader, kind, entity, queries)
    title = str(facts[kind.called.name])
    relations = [
        row
        for side in _sides(ontology, node_type)
        if side.edge.name not in _COUNTED or side.out
        for row in _relations(reader, ontology, side, entity, queries)
    ]
    sources = Sources(reader, ontology, context.locality, entity, title, (r["other"] for r in relations))
    queries.extend(sources.cypher)
    region = entity if node_type == "Region" else _region(relations)
    if context.scope and region not in context.scope:
        raise UnknownError(f"所问区划内没有这个{kind.label}。请换一个区划，或不限定区划。")
    problems = problems_of(reader, context, kind.name, entity, region)
    ways = (("unit" if node_type == "Unit" else "node", entity),)
    rows = [
        *(_problem_row(p) for p in problems),
        *(
            _row(
                COVERAGE,
                s.item,
                s.value,
                s.detail,
                section="coverage",
                sensitivity=s.sensitivity,
                target=s.target or None,
                **where(s.source),
            )
            for s in coverage_reasons.standing(reader, context, node_type, (entity, title), facts, sources, queries)
        ),
        *_property_rows(kind, facts, sources),
        *_relation_rows(context, kind, entity, title, relations, sources),
        *_counted_rows(reader, ontology, node_type, entity, queries),
        *_review_rows(reader, entity, queries),
        *(
            _row(
                SOURCES,
                str(ontology.ledgers.get(s.ledger, {}).get("label", s.ledger)),
                s.state,
                section="sources",
                **where(s),
            )
            for s in sources.own
        ),
    ]
    return context.answer(
        reader,
        name,
        f"{kind.label}：{title}",
        [
            Column("group", "分组"),
            Column("item", "项目", link=("rule", "rule")),
            Column("value", "内容", sensitivity_from="sensitivity", link=("*", "target")),
            Column("detail", "说明"),
            *COLUMNS,
            Column("action", "怎么办", link=("remedy", "remedy_id")),
        ],
        rows,
        totals=(
            Total("problems", "问题", sum(p.state == "finding" for p in problems), "项"),
            Total("relations", "关系", len(relations), "条"),
            Total("sources", "台账行", len(sources.own), "行"),
        ),
        basis=(
            "各项内容由现行台账行按台账优先次序、其次按载入先后合成；来源为提供该内容的行。",
            "已到期、未生效的关系一并列出并注明；问题为截止日各规则对该对象的认定。",
        ),
        cypher=tuple(queries),
        graph=_drawing(reader, context, kind, entity, title, relations),
        steps=(
            *((Step("怎么办：处理方案", ("remedy", ways)),) if problems else ()),
            Step("在图谱中逐步展开", ("explore", (("node", entity),))),
            *([Step("各条规则为什么这样认定", ("why", ((name, entity),)))] if context.book.about(node_type) else []),
            *(Step(label, (question, ((name, entity),))) for question, label in _LISTS if name in ("region", "chain")),
            *(Step(label, (question, ((name, entity),))) for question, label in _OF_PLACES if name == "region"),
        ),
    )


def _region(relations: Sequence[Row]) -> str:
    """The id of the division that an entity lies in, '' if none is known."""
    return next((str(r["other"]) for r in relations if r["edge"].name == "LOCATED_IN"), "")


def _row(
    group: str,
    item: str,
    value: Value,
    detail: str = "",
    *,
    section: Section = "",
    lead: bool = False,
    sensitivity: str = OPEN,
    **more: Any,
) -> Row:
    """A row under the heading `group`; what kind of thing it is and where it lies (`lead`) stands beneath the title."""
    stated = {"group": group, "item": item, "value": value, "detail": detail, "sensitivity": sensitivity}
    return stated | {"section": section, "lead": lead} | where(None) | {"target": None, "action": None} | more


def _problem_row(problem: Problem) -> Row:
    if problem.state == "finding":
        return _row(PROBLEMS, problem.item, problem.value, problem.detail, section="problems", **problem.more)
    return _row(REVIEWS, problem.item, problem.value, problem.detail, section="reviews", **problem.more)


def _shown(value: Any) -> Value:
    """A value as one cell of a column that holds values of every type."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(str(v) for v in value)
    return value.isoformat() if isinstance(value, dt.date) else value


# -- facts ------------------------------------------------------------------------------------------


def _facts(reader: Reader, kind: NodeType, entity: str, queries: list[str]) -> Mapping[str, Any]:
    columns = ", ".join(f"n.{name} AS {name}" for name in ("listed", *kind.properties))
    queries.append(f"MATCH (n:{kind.name} {{id: $id}}) RETURN {columns}")
    row: Mapping[str, Any] = reader.query(queries[-1], {"id": entity}).to_pylist()[0]
    return row


def _property_rows(kind: NodeType, facts: Mapping[str, Any], sources: Sources) -> list[Row]:
    rows = []
    for prop in kind.properties.values():
        value = facts[prop.name]
        if value is None or value == []:
            continue
        source = None if prop.derived else sources.of_property(prop.name, value)
        label = f"{prop.label}（{prop.unit}）" if prop.unit else prop.label
        detail = "由系统推定" if prop.derived else ""
        group = PEOPLE if prop.sensitivity == "person" and prop is not kind.called else FACTS
        lead = prop.name == "kind"
        rows.append(_row(group, label, _shown(value), detail, lead=lead, sensitivity=prop.sensitivity, **where(source)))
    if facts["listed"] is False:
        rows.append(_row(FACTS, "在册", "否", "完整台账中不再列入"))
    return rows


# -- relations --------------------------------------------------------------------------------------


class _Side(NamedTuple):
    """One relation that a type may have in one direction; `others` are the types at its other end."""

    edge: EdgeType
    type: str
    others: tuple[str, ...]
    out: bool

    def pattern(self, near: str, far: str, *, key: bool = False) -> str:
        """The relation in Cypher between two names. The far end is labelled where it has one type only."""
        own = f"({near}:{self.type}{' {id: $id}' if key else ''})"
        other = f"({far}:{self.others[0]})" if len(self.others) == 1 else f"({far})"
        return f"{own}-[e:{self.edge.name}]->{other}" if self.out else f"{own}<-[e:{self.edge.name}]-{other}"

    def called(self, far: str, ontology: Ontology) -> str:
        """The name of the other end, whatever type it is of."""
        names = dict.fromkeys(f"{far}.{ontology.nodes[other].called.name}" for other in self.others)
        return f"coalesce({', '.join(names)})" if len(names) > 1 else next(iter(names))

    def of(self, row: Row, ontology: Ontology) -> Row:
        """A row with what it is a row of; the id of the other end tells its type."""
        return row | {"edge": self.edge, "type": ontology.type_of(row["other"]), "out": self.out}


def _sides(ontology: Ontology, node_type: str) -> list[_Side]:
    """Every relation that a node of this type may have, outward before inward."""
    found: list[_Side] = []
    for edge in ontology.edges.values():
        for out in (True, False):
            ends = [(a, b) if out else (b, a) for a, b in edge.ends]
            others = tuple(far for near, far in ends if near == node_type)
            if others:
                found.append(_Side(edge, node_type, others, out))
    return found


def _relations(reader: Reader, ontology: Ontology, side: _Side, entity: str, queries: list[str]) -> list[Row]:
    columns = [*(("valid_from", "valid_to") if side.edge.dated else ()), *side.edge.properties]
    carried = "".join(f", e.{c} AS {c}" for c in columns)
    duty = ", b.duty AS duty" if side.others == ("GuidanceOfficer",) else ""
    query = (
        f"MATCH {side.pattern('a', 'b', key=True)} RETURN b.id AS other, {side.called('b', ontology)} AS name, "
        f"b.listed AS listed, e.key AS key{carried}{duty} ORDER BY key"
    )
    found = reader.query(query, {"id": entity}).to_pylist()
    if found:
        queries.append(query)
    return [side.of(row, ontology) for row in found]


def _relation_rows(
    context: Context, kind: NodeType, entity: str, title: str, relations: Sequence[Row], sources: Sources
) -> list[Row]:
    rows = []
    order = {edge: i for i, edge in enumerate(context.ontology.edges)}
    ordered = sorted(relations, key=lambda r: (r["type"] != "Region", order[r["edge"].name], r["key"]))
    for relation in ordered:
        edge: EdgeType = relation["edge"]
        other = context.ontology.nodes[relation["type"]]
        me, them = (entity, title), (relation["other"], str(relation["name"]))
        start, end = (me, them) if relation["out"] else (them, me)
        source = sources.of_edge(edge.name, start, end, relation)
        came = where(source)
        place = edge.name in ("LOCATED_IN", "PART_OF", "IN_PLACE") and relation["out"]
        group = FACTS if place else edge.label if edge.name == "PAIRED_WITH" else other.label
        rows.append(
            _row(
                group,
                _item(edge, kind, other, relation["out"]),
                relation["name"],
                _detail(context, relation),
                lead=place,
                sensitivity=other.called.sensitivity,
                target=relation["other"],
                **came,
            )
        )
        for prop in edge.properties.values():
            if prop.sensitivity != OPEN and relation[prop.name] is not None:
                item = f"{edge.label}：{prop.label}"
                rows.append(_row(group, item, _shown(relation[prop.name]), sensitivity=prop.sensitivity, **came))
    return rows


def _item(edge: EdgeType, kind: NodeType, other: NodeType, out: bool) -> str:
    """A relation as this side of it reads: 覆盖的两新组织, 覆盖本两新组织的党组织."""
    mine = "" if out or edge.name == "PAIRED_WITH" else f"本{kind.label}"
    return f"{edge.label}{mine}的{other.label}"


def _detail(context: Context, relation: Row) -> str:
    """An edge's own properties, its dates and whether it is in force, in a line."""
    edge: EdgeType = relation["edge"]
    parts = [
        f"{p.label} {_shown(relation[p.name])}"
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
            parts.append("到期待续派" if grace else "已到期")
    if relation["listed"] is False:
        parts.append("对方已不在册")
    if relation.get("duty") in subgraphs.given(context)["duties_gone"]:
        parts.append(f"指导员已{relation['duty']}")
    return "；".join(parts)


def _counted_rows(reader: Reader, ontology: Ontology, node_type: str, entity: str, queries: list[str]) -> list[Row]:
    """For a place: how many of each type lie directly in it."""
    rows = []
    for edge, _, others, out in _sides(ontology, node_type):
        for other in others if edge.name in _COUNTED and not out else ():
            query = f"MATCH (b:{other})-[:{edge.name}]->(a:{node_type} {{id: $id}}) WHERE b.listed RETURN count(b) AS n"
            number = reader.query(query, {"id": entity})["n"][0].as_py()
            if number:
                queries.append(query)
                label = ontology.nodes[other].label
                rows.append(_row(label, f"{edge.label}本区划的{label}数", number, "直接计数，不含下级"))
    return rows


# -- what is undecided ------------------------------------------------------------------------------

_REVIEWS = """MATCH (v:Review)
WHERE v.state = 'open' AND (v.subject = $id OR v.other = $id)
RETURN v.question AS question, v.sensitivity AS sensitivity, v.file AS file, v.sheet AS sheet, v.line AS line
ORDER BY file, sheet, line, question"""


def _review_rows(reader: Reader, entity: str, queries: list[str]) -> list[Row]:
    queries.append(_REVIEWS)
    found = reader.query(_REVIEWS, {"id": entity}).to_pylist()
    return [_row(REVIEWS, "待核实事项", r.pop("question"), section="reviews", **r) for r in found]


# -- the drawing ------------------------------------------------------------------------------------


def _drawing(
    reader: Reader, context: Context, kind: NodeType, entity: str, title: str, relations: Sequence[Row]
) -> Subgraph:
    """The entity with what it is tied to, and a second step where that is little."""
    ontology = context.ontology
    names: dict[str, tuple[str, str]] = {entity: (kind.name, title)}
    edges: dict[tuple[str, str, str], None] = {}

    def add(near: str, found: Sequence[Row]) -> None:
        for row in found:
            names.setdefault(row["other"], (row["type"], str(row["name"])))
            ends = (near, row["other"]) if row["out"] else (row["other"], near)
            edges[(*ends, row["edge"].name)] = None

    add(entity, [r for r in relations if r["listed"] is not False])
    near: dict[str, list[str]] = {}
    for other, (other_type, _) in names.items():
        if other != entity and other_type != "Region":
            near.setdefault(other_type, []).append(other)
    if len(names) <= FEW:
        for other_type, ids in near.items():
            for side in _sides(ontology, other_type):
                if side.edge.name in subgraphs.DRAWN:
                    found = _second(reader, context, side, ids)
                    fan = Counter(row["near"] for row in found)
                    for row in found:
                        # of a hub, only what joins nodes that are there already
                        if fan[row["near"]] <= FEW or row["other"] in names:
                            add(row["near"], [row])
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


def _second(reader: Reader, context: Context, side: _Side, ids: Sequence[str]) -> list[Row]:
    """What the neighbours of one type are tied to by one relation in force, in the order of their ids."""
    # the condition speaks of `a`, the start of the edge
    near, far = ("a", "b") if side.out else ("b", "a")
    in_force = relation_in_force(side.edge)
    where = " AND ".join(filter(None, (f"{near}.id IN $ids", f"{far}.listed", in_force)))
    found = reader.query(
        f"MATCH {side.pattern(near, far)} WHERE {where} RETURN {near}.id AS near, {far}.id AS other, "
        f"{side.called(far, context.ontology)} AS name ORDER BY near, other",
        {**subgraphs.given(context), "ids": list(ids)},
    ).to_pylist()
    return [side.of(row, context.ontology) for row in found]


QUESTIONS: tuple[Question, ...] = tuple(
    Question(
        name,
        f"{label}档案",
        f"一个{label}的全部已知情况，各注明来自哪个文件、工作表、哪一行。",
        partial(profile, node_type, name),
        (Parameter(name, label, entity=node_type, required=True),),
        layout="profile",
    )
    for name, node_type, label in PROFILES
)
