"""处理方案: the action that mends each problem of a subject, and the ranked candidates to carry it out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from graph import distance
from graph.answers import Answer, Column, Finding, Step, Total
from graph.context import Context
from graph.errors import QuestionError, UnknownError
from graph.parameters import SEVERITY, Parameter
from graph.privacy import OPEN
from graph.questions.asking import Question
from graph.questions.entity.subjects import PROFILES
from graph.questions.problems.findings import RULE, facts_text
from graph.questions.remedies import candidates
from graph.questions.remedies.proximity import Around, Candidate
from graph.questions.search import Names, resolve
from graph.regions import Regions
from graph.rules.inquiry import Inquiry
from graph.rules.rule import ACTIONS, FINDING, UNVERIFIED, Rule, fill
from graph.stores.base import Reader

UNIT = Parameter("unit", "两新组织", entity="Unit")
NODE = Parameter("node", "对象（编号、代码或唯一的名称）")


def remedy(reader: Reader, context: Inquiry) -> Answer:
    """For each problem of the subject the action, and the candidates by rank.

    Raises UnknownError for an unknown rule or subject, QuestionError for two subjects.
    """
    if rule_id := context.parameters[RULE.name]:
        context.book.rule(rule_id)
    if not context.parameters[UNIT.name] and not context.parameters[NODE.name]:
        note = "请用 unit 写明一家单位，或用 node 写明其他对象；也可从问题清单的“怎么办”进入。"
        leads = (Step("问题清单", ("gaps", ())),)
        return context.answer(reader, "remedy", "处理方案", _columns(context), (), notes=(note,), steps=leads)
    node_type, subject = _subject(reader, context)
    around = Around.of(reader, context, node_type, subject)
    kind = context.ontology.nodes[node_type]
    name = str(around.own["name"] or subject)
    rows: list[dict[str, Any]] = []
    basis, problems = [], 0
    for rule, state, finding in _problems(reader, context, node_type, subject):
        parameters = context.book.parameters(rule.id, replace(context, scope=(), chain=""))
        remedy_text = fill(rule.remedy, parameters)
        problems += state == FINDING
        rows += _rows(around, rule, state, finding, remedy_text)
        basis.append(f"{rule.title}：{remedy_text}。依据{'；'.join(fill(b, parameters) for b in rule.basis)}")
    shown = name if kind.called.sensitivity == OPEN else f"{subject[-4:]}"
    return context.answer(
        reader, "remedy", f"处理方案：{kind.label} {shown}",
        _columns(context),
        rows,
        totals=(
            Total("problems", "问题", problems, "项"),
            Total("candidates", "候选", len({row["candidate_id"] for row in rows} - {None}), "个"),
        ),
        basis=(
            *basis,
            distance.MEANING,
            "在岗、联系单位数和上限按“联系单位数超限”规则的规定；距离相同的，曾联系本单位的、所联系单位中同行业多的、余额多的依次在前。",
            "名次相同的几家单位一起组建；联合党支部合计正式党员达到规定人数，覆盖单位一般不超过 5 家。",
        ),
        cypher=tuple(around.cypher),
        notes=() if rows else ("按截止日期的各项规则，没有发现问题。",),
        steps=tuple(
            Step("查看档案", (question, ((question, subject),)))
            for question, about, _ in PROFILES if about == node_type
        ),
    )  # fmt: skip


def _columns(context: Context) -> tuple[Column, ...]:
    return (
        Column("problem", "问题", link=("rule", "rule")),
        Column("action", "做法"),
        Column("rank", "名次", "integer"),
        Column("candidate", "候选", sensitivity_from="candidate_sensitivity", link=("*", "candidate_id")),
        Column("role", "作为"),
        Column("km", "直线距离", "number", "公里"),
        Column("steps", "区划相隔", "integer", "级"),
        context.ontology.column("Unit.formal_members", "members"),
        Column("reason", "理由", sensitivity_from="reason_sensitivity"),
    )


def _subject(reader: Reader, context: Inquiry) -> tuple[str, str]:
    """The type and the id of the subject. Raises UnknownError if it lies outside the divisions asked about."""
    unit, text = context.parameters[UNIT.name], context.parameters[NODE.name]
    if unit and text:
        raise QuestionError("unit（单位）和 node（其他对象）请只写一个。")
    if unit and not context.scope:
        return "Unit", unit
    # system records lie in no division, so that their ids are not accepted
    visible = Regions.read(reader).located(reader).by_id
    if context.scope:
        inside = frozenset(context.scope)
        visible = {node: region for node, region in visible.items() if region in inside}
    if unit:
        if unit not in visible:
            raise UnknownError("所问区划内没有这家单位。请换一个区划，或不限定区划。")
        return "Unit", unit
    names = Names.read(reader, context.ontology).without(context.book.titles_withheld)
    entity = resolve(names, context.ontology, visible, text, NODE.name)
    return context.ontology.type_of(entity), entity


def _problems(reader: Reader, context: Inquiry, node_type: str, subject: str) -> Iterator[tuple[Rule, str, Finding]]:
    """The findings and 待核实 of the subject, each with its rule and its verdict."""
    # asked for all divisions, as most other answers are: a reader remembers the result
    whole = replace(context, scope=(), chain="")
    for rule in context.book.about(node_type):
        if context.parameters[RULE.name] in ("", rule.id):
            judgement = context.book.judged(reader, rule.id, whole, subject)
            state, severity = judgement.state, judgement.force.severity
            if state in (FINDING, UNVERIFIED) and context.severity in ("", severity):
                yield rule, state, Finding(rule.id, subject, judgement.facts, severity)


def _rows(around: Around, rule: Rule, state: str, finding: Finding, remedy_text: str) -> list[dict[str, Any]]:
    """The rows of the candidates for one problem; one row without a candidate if there are none."""
    action = "verify" if state == UNVERIFIED else candidates.action(around, finding, rule.action)
    about = {
        "problem": rule.title + ("（待核实）" if state == UNVERIFIED else ""),
        "action": ACTIONS.get(action, remedy_text),
        "rule": rule.id,
        "severity": finding.severity,
    }
    finder = candidates.FINDERS.get(action)
    if finder and (ranked := finder(around, finding)):
        return [_row(about, candidate, candidate.rank or i) for i, candidate in enumerate(ranked, 1)]
    facts, sensitivity = facts_text(rule, finding, state)
    if action == "verify":
        reason = f"请核实：{facts}"
    else:
        reason = f"{remedy_text}（{facts}）" if facts else remedy_text
        reason += "。所问范围内没有符合条件的候选。" if finder else ""
    blank = Candidate("", "", "", reason)
    return [{**_row(about, blank, None), "candidate": None, "candidate_id": None, "reason_sensitivity": sensitivity}]


def _row(about: dict[str, Any], candidate: Candidate, rank: int | None) -> dict[str, Any]:
    return {
        **about,
        "rank": rank,
        "candidate": candidate.name,
        "role": candidate.role or None,
        "km": candidate.km,
        "steps": candidate.steps,
        "members": candidate.members,
        "reason": candidate.reason,
        "candidate_id": candidate.id,
        "candidate_sensitivity": candidate.sensitivity,
        "reason_sensitivity": OPEN,
    }


QUESTIONS: tuple[Question, ...] = (
    Question(
        "remedy",
        "处理方案",
        "一家单位（或其他对象）的每个问题怎么办、由谁办：候选按名次列出，注明距离和理由",
        remedy,
        (UNIT, NODE, RULE, SEVERITY),
    ),
)
