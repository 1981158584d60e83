"""一企一档: the profile of one entity, with its facts, relations and problems, and the ledger row of each."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from graph.answers import Answer, Column, Step, Total
from graph.errors import UnknownError
from graph.ontology import NodeType
from graph.parameters import Parameter
from graph.privacy import protects
from graph.questions.asking import Question
from graph.questions.entity import coverage, relations
from graph.questions.entity.neighbourhood import drawing
from graph.questions.entity.problems import Problem, problems_of
from graph.questions.entity.provenance import COLUMNS, Sources, where
from graph.questions.entity.rows import COVERAGE, FACTS, PEOPLE, PROBLEMS, REVIEWS, SOURCES, Row, cell, profile_row
from graph.questions.entity.subjects import PROFILES
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader

#: the questions that can be asked about a place or a chain, and those about a place alone
_LISTS = (("overview", "两个覆盖"), ("gaps", "问题清单"), ("units", "单位名册"))
_OF_PLACES = (("grassroots", "镇村情况"),)
_REVIEWS = """MATCH (v:Review)
WHERE v.state = 'open' AND (v.subject = $id OR v.other = $id)
RETURN v.question AS question, v.sensitivity AS sensitivity, v.file AS file, v.sheet AS sheet, v.line AS line
ORDER BY file, sheet, line, question"""


def profile(node_type: str, name: str, reader: Reader, context: Inquiry) -> Answer:
    """The profile of the entity whose id is the parameter `name`, and a drawing of its neighbourhood.

    Raises UnknownError if the entity lies outside the divisions asked about.
    """
    entity = str(context.parameters[name])
    ontology = context.ontology
    kind = ontology.nodes[node_type]
    queries: list[str] = []
    facts = _facts(reader, kind, entity, queries)
    title = str(facts[kind.called.name])
    tied = [
        relation
        for relation in relations.read(reader, ontology, node_type, entity, queries)
        if relation["type"] != "Deferral" or not context.book.withholds(relation["name"])
    ]
    sources = Sources(reader, ontology, context.locality, entity, title, (r["other"] for r in tied))
    queries.extend(sources.cypher)
    region = entity
    if node_type != "Region":
        region = next((str(r["other"]) for r in tied if r["edge"].name == "LOCATED_IN"), "")
    if context.scope and region not in context.scope:
        raise UnknownError(f"所问区划内没有这个{kind.label}。请换一个区划，或不限定区划。")
    problems = problems_of(reader, context, kind.name, entity, region)
    rows = [
        *map(_problem_row, problems),
        *map(_coverage_row, coverage.lines(reader, context, node_type, (entity, title), facts, sources, queries)),
        *_property_rows(context, kind, facts, sources),
        *relations.relation_rows(context, kind, entity, title, tied, sources),
        *relations.counted_rows(reader, ontology, node_type, entity, queries),
        *_review_rows(reader, context, entity, queries),
        *(
            profile_row(
                SOURCES, str(ontology.ledgers.get(s.ledger, {}).get("label", s.ledger)), s.state,
                section="sources", **where(s),
            )
            for s in sources.own
        ),
    ]  # fmt: skip
    subject = (name, entity)
    node = ("unit" if node_type == "Unit" else "node", entity)
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
            Total("relations", "关系", len(tied), "条"),
            Total("sources", "台账行", len(sources.own), "行"),
        ),
        basis=(
            "各项内容由现行台账行按台账优先次序、其次按载入先后合成；来源为提供该内容的行。",
            "已到期、未生效的关系一并列出并注明；问题为截止日各规则对该对象的认定。",
        ),
        cypher=tuple(queries),
        graph=drawing(reader, context, kind, entity, title, tied),
        steps=(
            *((Step("怎么办：处理方案", ("remedy", (node,))),) if problems else ()),
            Step("在图谱中逐步展开", ("explore", (("node", entity),))),
            *([Step("各条规则为什么这样认定", ("why", (subject,)))] if context.book.about(node_type) else []),
            *(Step(label, (question, (subject,))) for question, label in _LISTS if name in ("region", "chain")),
            *(Step(label, (question, (subject,))) for question, label in _OF_PLACES if name == "region"),
        ),
    )


def _problem_row(problem: Problem) -> Row:
    if problem.state == "finding":
        return profile_row(PROBLEMS, problem.item, problem.value, problem.detail, section="problems", **problem.more)
    return profile_row(REVIEWS, problem.item, problem.value, problem.detail, section="reviews", **problem.more)


def _coverage_row(line: coverage.Line) -> Row:
    return profile_row(
        COVERAGE, line.item, line.value, line.detail,
        section="coverage", sensitivity=line.sensitivity, target=line.target or None, **where(line.source),
    )  # fmt: skip


def _facts(reader: Reader, kind: NodeType, entity: str, queries: list[str]) -> Mapping[str, Any]:
    """The properties of an entity and whether it is listed."""
    columns = ", ".join(f"n.{name} AS {name}" for name in ("listed", *kind.properties))
    queries.append(f"MATCH (n:{kind.name} {{id: $id}}) RETURN {columns}")
    facts: Mapping[str, Any] = reader.query(queries[-1], {"id": entity}).to_pylist()[0]
    return facts


def _property_rows(context: Inquiry, kind: NodeType, facts: Mapping[str, Any], sources: Sources) -> list[Row]:
    rows = []
    for prop in kind.properties.values():
        value = facts[prop.name]
        if value is None or value == []:
            continue
        if protects(prop.sensitivity, context.protected) and prop is not kind.called:
            # a ledger that states it of a few says by the hidden line of which
            continue
        source = None if prop.derived else sources.of_property(prop.name, value)
        label = f"{prop.label}（{prop.unit}）" if prop.unit else prop.label
        detail = "由系统推定" if prop.derived else ""
        group = PEOPLE if prop.sensitivity == "person" and prop is not kind.called else FACTS
        lead = prop.name == "kind"
        rows.append(
            profile_row(group, label, cell(value), detail, lead=lead, sensitivity=prop.sensitivity, **where(source))
        )
    if facts["listed"] is False:
        rows.append(profile_row(FACTS, "在册", "否", "完整台账中不再列入"))
    return rows


def _review_rows(reader: Reader, context: Inquiry, entity: str, queries: list[str]) -> list[Row]:
    queries.append(_REVIEWS)
    reviews = reader.query(_REVIEWS, {"id": entity}).to_pylist()
    return [
        profile_row(REVIEWS, "待核实事项", r.pop("question"), section="reviews", **r)
        for r in reviews
        if not protects(r["sensitivity"] or "", context.protected)
    ]


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
