"""为什么这样认定: the verdict of each rule on one subject, the facts compared, their ledger rows, and what would change it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from graph.answers import Answer, Column, Field, Step, Total, Value
from graph.context import Context
from graph.errors import QuestionError, UnknownError
from graph.ontology import EdgeType, NodeType
from graph.parameters import SEVERITIES, SEVERITY, Parameter
from graph.privacy import OPEN
from graph.questions.asking import Question
from graph.questions.entity.provenance import COLUMNS, Sources, where
from graph.questions.entity.subjects import PROFILES
from graph.questions.problems.findings import RULE, fact_text
from graph.rules.inquiry import Inquiry
from graph.rules.rule import Rule
from graph.rules.verdicts import FAILED, OUTSIDE, Judgement
from graph.stores.base import Reader
from graph.validity import in_force, posting_in_force, posting_since

#: the verdicts on a subject by their labels, in the order of the answer
VERDICTS = {"finding": "问题", "unverified": "待核实", "clear": "符合", "outside": "不涉及", FAILED: "出错停用"}
#: the parameters that name the subject, with its type
SUBJECTS = {name: node_type for name, node_type, _ in PROFILES}
#: the parameters that narrow the question, as everywhere, where another names the subject
_BROAD = ("region", "chain")
#: properties of an edge that hold its role
_ROLES = ("role", "mode")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Tie:
    """An edge in force of the subject: `out` of it or into it, the far end by type, id and name, and its role.

    `mark` is a word on how it is in force: 到期待续派 of a posting in its grace.
    """

    out: bool
    other: NodeType
    id: str
    name: str
    role: str
    mark: str


#: the edges of the subject by edge type, for the types that facts rest on
_Ties = Mapping[str, tuple[_Tie, ...]]


def why(reader: Reader, context: Inquiry) -> Answer:
    """Each rule on the subject, findings first: rows for the verdict, each fact, the basis and each possible change.

    Without a subject, a field to name one. Raises UnknownError for a subject outside the divisions asked about.
    """
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
    whole, queries = replace(context, scope=(), chain=""), dict[str, None]()
    rules = _rules(context, kind)
    facts = _facts(reader, context, kind, entity, rules, queries)
    judgements = [context.book.judged(reader, rule.id, whole, entity) for rule in rules]
    judgements = [j for j in judgements if context.severity in ("", j.force.severity)]
    order = list(VERDICTS)
    judgements.sort(key=lambda j: order.index(j.state))
    title = str(facts[kind.called.name] or entity)
    edges = dict.fromkeys(edge for j in judgements for edge in j.rule.via.values() if _ends(context, kind, edge))
    ties = {edge: _ties(reader, context, kind, entity, edge, queries) for edge in edges}
    beside = dict.fromkeys(tie.id for own in ties.values() for tie in own)
    # without an edge, no ledger of edges is needed, and no name to look it up by
    sources = Sources(reader, context.ontology, context.locality, entity, title if beside else "", beside)
    queries |= dict.fromkeys(sources.cypher)
    rows = [_row("对象", "", kind.called.label, title, sensitivity=kind.called.sensitivity, target=entity)]
    rows += [row for j in judgements for row in _rows(whole, kind, (entity, title), facts, j, ties, sources)]
    states = [j.state for j in judgements]
    return context.answer(
        reader,
        "why",
        f"为什么这样认定：{title}",
        columns,
        rows,
        totals=tuple(
            Total(state, f"{label}的规则", states.count(state), "条", None, len(states), f"以{kind.label}为对象的规则")
            for state, label in VERDICTS.items()
            if state != FAILED or FAILED in states
        ),
        basis=(
            "事实取自规则自己的查询。“不涉及”是不在该规则的分母之内。",
            "来源是提供该事实的现行台账行；所列改变，任做其一即不再是问题。",
        ),
        cypher=(*(j.rule.query.cypher for j in judgements), *queries),
        steps=(Step(f"{kind.label}档案", (parameter, ((parameter, entity),))),),
    )


def _subject(context: Context) -> tuple[str, str]:
    """The parameter that names the subject, and the id of the subject; two '' without one, QuestionError for several."""
    ids = {name: str(context.parameters[name]) for name in SUBJECTS if context.parameters[name]}
    narrow = [name for name in ids if name not in _BROAD]
    if len(narrow) > 1 or (not narrow and len(ids) > 1):
        raise QuestionError(f"一次只能问一个对象，而这里有 {'、'.join(ids)}。请只留一个。")
    return next(((name, ids[name]) for name in (*narrow, *ids)), ("", ""))


def _rules(context: Inquiry, kind: NodeType) -> list[Rule]:
    """The rules on subjects of a type: the one asked about, or all.

    Raises UnknownError for an unknown rule, QuestionError for a rule on other types or with a restricted list.
    """
    rule_id = context.parameters[RULE.name]
    if rule_id:
        rule = context.book.rule(rule_id)
        if kind.name not in rule.subjects:
            labels = "、".join(context.ontology.nodes[s].label for s in rule.subjects)
            raise QuestionError(f"规则 {rule_id} 的对象是{labels}，不是{kind.label}。请换一条规则，或不限定规则。")
        if rule.sensitivity != OPEN:
            raise QuestionError(f"规则 {rule_id} 的名单仅限经办角色查看，这里不逐个说明。请改问 {rule_id}。")
    return [r for r in context.book.about(kind.name) if rule_id in ("", r.id)]


def _facts(
    reader: Reader, context: Context, kind: NodeType, entity: str, rules: Iterable[Rule], queries: dict[str, None]
) -> Row:
    """The properties that the rules compare; UnknownError if the subject lies outside the divisions asked about."""
    if context.scope:
        place = f"MATCH (n:{kind.name} {{id: $id}})-[:LOCATED_IN]->(r:Region) RETURN r.id AS id ORDER BY id"
        regions = [entity] if kind.name == "Region" else reader.query(place, {"id": entity})["id"].to_pylist()
        if not set(regions) & set(context.scope):
            raise UnknownError(f"所问区划内没有这个{kind.label}。请换一个区划，或不限定区划。")
    compared = (name for rule in rules for name in rule.facts if name in kind.properties)
    columns = ", ".join(f"n.{name} AS {name}" for name in dict.fromkeys((kind.called.name, "listed", *compared)))
    query = f"MATCH (n:{kind.name} {{id: $id}}) RETURN {columns}"
    queries[query] = None
    row: Row = reader.query(query, {"id": entity}).to_pylist()[0]
    return row


def _ties(
    reader: Reader, context: Context, kind: NodeType, entity: str, edge: str, queries: dict[str, None]
) -> tuple[_Tie, ...]:
    """The edges of this type that the subject has on the day; out of it, where the subject may be at both ends."""
    declared, ties = context.ontology.edges[edge], list[_Tie]()
    role = next((f"e.{name}" for name in _ROLES if name in declared.properties), "''")
    posting = edge == "GUIDES"
    holds = posting_in_force if posting else in_force
    mark = "CASE WHEN e.valid_to < $as_of THEN '到期待续派' ELSE '' END" if posting else "''"
    dated = f" AND {holds('e')}" if declared.dated else ""
    parameters = {"id": entity, "as_of": context.as_of, "posting_since": posting_since(context.as_of, context.locality)}
    ends = _ends(context, kind, edge)
    # one query for all types at the far end, because the engine takes longer to plan one than to run it
    for out in dict.fromkeys(out for out, _ in ends):
        others = {other.name: other for goes, other in ends if goes == out}
        pattern = f"-[e:{edge}]-" if _mutual(declared) else f"-[e:{edge}]->" if out else f"<-[e:{edge}]-"
        names = ", ".join(dict.fromkeys(f"o.{other.called.name}" for other in others.values()))
        query = (
            f"MATCH (n:{kind.name} {{id: $id}}){pattern}(o:{'|'.join(others)}) WHERE o.listed{dated} "
            f"RETURN DISTINCT o.id AS id, coalesce({names}) AS name, {role} AS role, {mark} AS mark "
            f"ORDER BY id, role, mark"
        )
        queries[query] = None
        for row in reader.query(query, parameters).to_pylist():
            other = others.get(context.ontology.type_of(row["id"]), next(iter(others.values())))
            ties.append(_Tie(out, other, row["id"], str(row["name"] or row["id"]), row["role"] or "", row["mark"]))
    return tuple(ties)


def _rows(
    context: Context,
    kind: NodeType,
    me: tuple[str, str],
    facts: Row,
    judgement: Judgement,
    ties: _Ties,
    sources: Sources,
) -> Iterator[Row]:
    """The rows for one rule."""
    rule, state, text, force = judgement.rule, judgement.state, judgement.text, judgement.force

    def row(item: str, value: Value, detail: str = "", **more: Any) -> Row:
        return _row(rule.title, VERDICTS[state], item, value, detail, rule=rule.id, severity=force.severity, **more)

    meaning, denominator = text(rule.meaning), text(rule.denominator)
    yield row("结论", VERDICTS[state], {
        "finding": f"{SEVERITIES[force.severity]}；查的是：{meaning}",
        "unverified": f"资料不全，尚不能认定；查的是：{meaning}",
        "clear": f"属于{denominator}；没有查出：{meaning}",
        "outside": f"不属于{denominator}",
        FAILED: f"规则出错，不能认定；查的是：{meaning}",
    }[state])  # fmt: skip
    outside = state == OUTSIDE
    compared = {n: facts[n] for n in rule.facts if n in kind.properties} if outside else judgement.facts
    for name, value in compared.items():
        column, prop = rule.facts[name], kind.properties.get(name)
        blank = value is None or value == []
        source = None if blank or prop is None or prop.derived else sources.of_property(name, value)
        # a number stays a number, because some viewers see a band of it
        number = isinstance(value, int | float) and not isinstance(value, bool)
        yield row(
            f"{column.label}（{column.unit}）" if column.unit else column.label,
            value if number else fact_text(value),
            sensitivity=OPEN if blank else column.sensitivity,
            **where(source),
        )
        edge = rule.via.get(name, "")
        if edge in ties:
            yield from (row(**r) for r in _related(context, kind, me, edge, ties[edge] if value else (), sources))
    for edge in dict.fromkeys(rule.via.values() if outside else ()):
        if edge in ties:
            yield from (row(**r) for r in _related(context, kind, me, edge, ties[edge], sources))
    if facts["listed"] is False:
        yield row("在册", "否", "完整台账中不再列入")
    yield row("依据", "；".join(map(text, rule.basis)), rule.level)
    if force.parameters:
        yield row("参数", "；".join(map(str, force.parameters)))
    if state == "finding":
        for turn in rule.turns:
            yield row("怎样会改变", text(turn.text))
        yield row("处理建议", text(rule.remedy))


def _mutual(edge: EdgeType) -> bool:
    """Whether edges of the type may go either way between two node types."""
    return any(start != end and (end, start) in edge.ends for start, end in edge.ends)


def _ends(context: Context, kind: NodeType, edge: str) -> tuple[tuple[bool, NodeType], ...]:
    """For each node type at the far end of the edges of this type: whether they go out of the subject, and the type."""
    declared, nodes = context.ontology.edges[edge], context.ontology.nodes
    pairs = [(start == kind.name, end if start == kind.name else start) for start, end in declared.ends
             if kind.name in (start, end)]  # fmt: skip
    ends = dict.fromkeys((out or _mutual(declared), other) for out, other in pairs)
    return tuple((out, nodes[other]) for out, other in ends)


def _related(
    context: Context, kind: NodeType, me: tuple[str, str], edge: str, ties: Sequence[_Tie], sources: Sources
) -> Iterator[Row]:
    """The rows for the edges that a fact rests on: the far end of each, and the ledger row the edge came from."""
    declared = context.ontology.edges[edge]
    with_role = "role" in declared.properties

    def item(out: bool, other: NodeType) -> str:
        return f"{declared.label}{'' if out else '它'}的{'对象' if _mutual(declared) else other.label}"

    if not ties:
        yield {"item": item(*_ends(context, kind, edge)[0]), "value": "无"}
    for tie in ties:
        other = (tie.id, tie.name)
        ends = (me, other) if tie.out else (other, me)
        yield {
            "item": item(tie.out, tie.other),
            "value": tie.name,
            "detail": "；".join(filter(None, (tie.role, tie.mark))),
            "sensitivity": tie.other.called.sensitivity,
            "target": tie.id,
            **where(sources.of_edge(edge, *ends, {"role": tie.role} if with_role and tie.role else {})),
        }


def _row(
    group: str, verdict: str, item: str, value: Value, detail: str = "", *, sensitivity: str = OPEN, **more: Any
) -> Row:
    blank = where(None) | {"rule": None, "severity": None, "target": None}
    cells = {"group": group, "verdict": verdict, "item": item, "value": value, "detail": detail}
    return {**blank, **cells, "sensitivity": sensitivity, **more}


QUESTIONS: tuple[Question, ...] = (
    Question(
        "why",
        "为什么这样认定",
        "各条规则对一个对象是否适用、是否查出问题，依据哪一条、参数多少、比较了哪些事实、各来自哪一行，怎样会改变。",
        why,
        (
            *(Parameter(name, label, entity=node_type) for name, node_type, label in PROFILES),
            RULE,
            SEVERITY,
        ),
        layout="profile",
    ),
)
