"""Why, and why not: what each rule says of one subject, the facts it compared, the rows they come from, what turns it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pyarrow.compute as pc

from graph.answers import OPEN, UNDECLARED, Answer, Column, Field, Step, Total, Value
from graph.errors import QuestionError, UnknownError
from graph.ontology import NodeType
from graph.questions.base import SEVERITIES, Context, Parameter, Question
from graph.questions.gaps import RULE, fact_text
from graph.questions.profiles import PROFILES
from graph.questions.provenance import COLUMNS, Sources, where
from graph.rules.evidence import SIGNS, Evidence, Limit, Relation, evidence
from graph.rules.files import Rule, fill
from graph.rules.outcomes import Judgement
from graph.stores.base import Reader

#: what a rule may say of a subject, in the order in which it is told
VERDICTS = {"finding": "问题", "unverified": "待核实", "clear": "符合", "outside": "不涉及"}
#: the parameters that name the subject and its type; a region or chain beside another narrows it, as everywhere
SUBJECTS = {name: node_type for name, node_type, _ in PROFILES}
_BROAD = ("region", "chain")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Related:
    """What fulfils a condition of a rule on the subject's edges."""

    relation: Relation
    found: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Told:
    """One rule on the subject."""

    judgement: Judgement
    compared: Evidence
    related: tuple[_Related, ...]


def why(reader: Reader, context: Context) -> Answer:
    """Each rule on the subject, findings first; a row for the verdict and for each fact, clause and change."""
    columns = (
        Column("group", "规则", link=("rule", "rule")),
        Column("verdict", "结论"),
        Column("item", "项目"),
        Column("value", "内容", sensitivity_from="sensitivity", link=("*", "target")),
        Column("detail", "说明"),
        *COLUMNS,
    )
    parameter, entity = _subject(context)
    if not entity:
        note = (
            f"请指明一个对象：{'、'.join(f'{n}=（{context.ontology.nodes[t].label}）' for n, t in SUBJECTS.items())}。"
        )
        field = Field("unit", context.ontology.nodes["Unit"].label)
        return context.answer(reader, "why", "为什么这样认定", columns, (), notes=(note,), fields=(field,))
    kind = context.ontology.nodes[SUBJECTS[parameter]]
    asked, queries = replace(context, scope=(), chain=""), dict[str, None]()
    rules = _wanted(context, kind)
    named = {name: None for rule in rules for name in evidence(rule, kind.name).properties}
    facts = _facts(reader, context, kind, entity, [name for name in named if name in kind.properties], queries)
    told = [_tell(reader, asked, rule.id, kind, entity, queries) for rule in rules]
    told = [t for t in told if context.severity in ("", t.judgement.force.severity)]
    order = list(VERDICTS)
    told.sort(key=lambda t: order.index(t.judgement.state))
    title = str(facts[kind.called.name] or entity)
    beside = dict.fromkeys(other for t in told for r in t.related for other, _ in r.found)
    # a ledger that draws edges tells of the subject only where there is one
    sources = Sources(reader, context.ontology, context.locality, entity, title if beside else "", beside)
    queries |= dict.fromkeys(sources.cypher)
    rows = [_row("对象", "", kind.called.label, title, sensitivity=kind.called.sensitivity, target=entity)]
    rows += [row for t in told for row in _rows(asked, kind, (entity, title), facts, t, sources)]
    states = [t.judgement.state for t in told]
    return context.answer(
        reader,
        "why",
        f"为什么这样认定：{title}",
        columns,
        rows,
        totals=tuple(
            Total(state, f"{label}的规则", states.count(state), "条", None, len(told), f"以{kind.label}为对象的规则")
            for state, label in VERDICTS.items()
        ),
        basis=(
            "事实取自规则自己的查询；规则条件是规则文件中的比较。“不涉及”是不在该规则的分母之内。",
            "来源是提供该事实的现行台账行；所列改变，任做其一即不再是问题。",
        ),
        cypher=(*(q.cypher for t in told for q in t.judgement.rule.queries), *queries),
        steps=(Step(f"{kind.label}档案", (parameter, ((parameter, entity),))),),
    )


def _subject(context: Context) -> tuple[str, str]:
    """The parameter that names the subject, and its id; '' where none does."""
    given = {name: str(context.parameters[name]) for name in SUBJECTS if context.parameters[name]}
    narrow = [name for name in given if name not in _BROAD]
    if len(narrow) > 1 or (not narrow and len(given) > 1):
        raise QuestionError(f"一次只能问一个对象，而这里有 {'、'.join(given)}。请只留一个。")
    return next(((name, given[name]) for name in (*narrow, *given)), ("", ""))


def _wanted(context: Context, kind: NodeType) -> list[Rule]:
    """The rules on subjects of a type: the one asked for, or all."""
    rule = context.parameters[RULE.name]
    if rule and kind.name not in context.book.rule(rule).subjects:
        labels = "、".join(context.ontology.nodes[s].label for s in context.book.rule(rule).subjects)
        raise QuestionError(f"规则 {rule} 的对象是{labels}，不是{kind.label}。请换一条规则，或不限定规则。")
    if rule and context.book.rule(rule).sensitivity != OPEN:
        raise QuestionError(f"规则 {rule} 的名单仅限经办角色查看，这里不逐个说明。请改问 {rule}。")
    return [r for r in context.book.about(kind.name) if rule in ("", r.id)]


def _facts(
    reader: Reader, context: Context, kind: NodeType, entity: str, names: list[str], queries: dict[str, None]
) -> Row:
    """The properties that rules name; UnknownError where the subject lies outside the divisions asked about."""
    if context.scope:
        place = f"MATCH (n:{kind.name} {{id: $id}})-[:LOCATED_IN]->(r:Region) RETURN r.id AS id ORDER BY id"
        found = [entity] if kind.name == "Region" else reader.query(place, {"id": entity})["id"].to_pylist()
        if not set(found) & set(context.scope):
            raise UnknownError(f"所问区划内没有这个{kind.label}。请换一个区划，或不限定区划。")
    columns = ", ".join(f"n.{name} AS {name}" for name in dict.fromkeys((kind.called.name, "listed", *names)))
    query = f"MATCH (n:{kind.name} {{id: $id}}) RETURN {columns}"
    queries[query] = None
    row: Row = reader.query(query, {"id": entity}).to_pylist()[0]
    return row


def _tell(reader: Reader, context: Context, rule: str, kind: NodeType, entity: str, queries: dict[str, None]) -> _Told:
    judgement = context.book.judged(reader, rule, context, entity)
    compared = evidence(judgement.rule, kind.name)
    related = []
    for relation in compared.relations:
        query = relation.cypher(kind.name, _called(context, kind, relation))
        queries[query] = None
        table = reader.query(query, judgement.given)
        found = table.filter(pc.equal(table["subject"], entity)).to_pylist() if table.num_rows else []
        related.append(_Related(relation, tuple((row["id"], str(row["name"] or row["id"])) for row in found)))
    return _Told(judgement, compared, tuple(related))


def _called(context: Context, kind: NodeType, relation: Relation) -> str:
    """The name of the far end of a relation, whatever type it is of, over {far}."""
    ends = context.ontology.edges[relation.edge].ends
    others = [relation.other] if relation.other else [t for pair in ends if kind.name in pair for t in pair]
    names = dict.fromkeys("{far}." + context.ontology.nodes[other].called.name for other in others)
    return f"coalesce({', '.join(names)})" if len(names) > 1 else next(iter(names))


def _rows(
    context: Context, kind: NodeType, me: tuple[str, str], facts: Row, told: _Told, sources: Sources
) -> Iterator[Row]:
    judgement, given, force = told.judgement, told.judgement.given, told.judgement.force
    rule, state = judgement.rule, judgement.state

    def row(item: str, value: Value, detail: str = "", **more: Any) -> Row:
        return _row(rule.title, VERDICTS[state], item, value, detail, rule=rule.id, severity=force.severity, **more)

    meaning, denominator = fill(rule.meaning, given), fill(rule.denominator, given)
    yield row("结论", VERDICTS[state], {
        "finding": f"{SEVERITIES[force.severity]}；查的是：{meaning}",
        "unverified": f"资料不全，尚不能认定；查的是：{meaning}",
        "clear": f"属于{denominator}；没有查出：{meaning}",
        "outside": f"不属于{denominator}",
    }[state])  # fmt: skip
    for name, value in _compared(kind, facts, told).items():
        column = rule.facts.get(name) or context.ontology.column(f"{kind.name}.{name}")
        prop = kind.properties.get(name)
        blank = value is None or value == []
        source = None if blank or prop is None or prop.derived else sources.of_property(name, value)
        # a number stays one, of which a viewer may see a band
        number = isinstance(value, int | float) and not isinstance(value, bool)
        yield row(
            f"{column.label}（{column.unit}）" if column.unit else column.label,
            value if number else fact_text(value),
            _limits(told.compared.limits_of(name), given),
            sensitivity=OPEN if blank else column.sensitivity,
            **where(source),
        )
    if facts["listed"] is False:
        yield row("在册", "否", "完整台账中不再列入")
    for related in told.related:
        yield from (row(**r) for r in _related_rows(context, me, related, sources))
    yield row("依据", "；".join(fill(text, given) for text in rule.basis))
    if force.parameters:
        yield row("参数", "；".join(map(str, force.parameters)))
    if state == "finding":
        for turn in rule.turns:
            yield row("怎样会改变", fill(turn.text, given))
        yield row("处理建议", fill(rule.remedy, given))


def _compared(kind: NodeType, facts: Row, told: _Told) -> dict[str, Value]:
    """The facts that the rule returned, then what else of the subject its text names and is known.

    Of a subject outside the denominator the rule returns none: then a blank that it compares is told too.
    """
    stated = dict(told.judgement.facts)
    outside = told.judgement.state == "outside"
    for name in told.compared.properties:
        if name in kind.properties and name not in stated and name != kind.called.name:
            value = facts[name]
            if value not in (None, []) or (outside and told.compared.limits_of(name) and value is None):
                stated[name] = value
    return stated


def _limits(limits: tuple[Limit, ...], given: Mapping[str, Any]) -> str:
    """The comparisons of a fact in the rule's own words, parameters in force in place of their names."""
    parts = []
    for limit in limits:
        operand = given[limit.operand[1:]] if limit.operand.startswith("$") else limit.operand
        parts.append(f"{SIGNS[limit.operator]} {fact_text(operand)}")
    return f"规则条件：{'，'.join(dict.fromkeys(parts))}" if parts else ""


def _related_rows(context: Context, me: tuple[str, str], related: _Related, sources: Sources) -> Iterator[Row]:
    relation, ontology = related.relation, context.ontology
    edge = ontology.edges[relation.edge]
    other = ontology.nodes[relation.other].label if relation.other else "对象"
    kinds = [ontology.nodes[relation.other]] if relation.other else [k for k in ontology.entities if k.prefix]
    item = f"{edge.label}{'它' if relation.out is False else ''}的{other}"
    if not related.found:
        yield {"item": item, "value": "无"}
    for end in related.found:
        source = sources.of_edge(relation.edge, *((end, me) if relation.out is False else (me, end)))
        yield {
            "item": item,
            "value": end[1],
            # of an end that the rule leaves open, the id tells the type
            "sensitivity": next(
                (k.called.sensitivity for k in kinds if relation.other or end[0].startswith(k.prefix)), UNDECLARED
            ),
            "target": end[0],
            **where(source),
        }


def _row(
    group: str, verdict: str, item: str, value: Value, detail: str = "", *, sensitivity: str = OPEN, **more: Any
) -> Row:
    blank = where(None) | {"rule": None, "severity": None, "target": None}
    stated = {"group": group, "verdict": verdict, "item": item, "value": value, "detail": detail}
    return {**blank, **stated, "sensitivity": sensitivity, **more}


QUESTIONS: tuple[Question, ...] = (
    Question(
        "why",
        "为什么这样认定",
        "各条规则对一个对象是否适用、是否查出问题，依据哪一条、参数多少、比较了哪些事实、各来自哪一行，怎样会改变。",
        why,
        (
            *(Parameter(name, title.removesuffix("档案"), entity=node_type) for name, node_type, title in PROFILES),
            RULE,
        ),
        layout="profile",
    ),
)
