"""What a finding reads like: its subject, its facts, its basis, its action, and whose decisions it rests on."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from graph.answers import Column, Finding, Total, Value
from graph.context import Context
from graph.parameters import SEVERITIES, Parameter, words
from graph.privacy import classes
from graph.rules.overrides import DEFAULT
from graph.rules.rule import ACTIONS, FINDING, LEVELS, Rule
from graph.rules.verdicts import Force, Outcome
from graph.stores.base import Reader

RULE = Parameter("rule", "规则", values=lambda inquiry: {rule.id: rule.title for rule in inquiry.book.rules.values()})
LEVEL = Parameter("level", "依据层级", values=words(LEVELS))
SINCE = Column("since", "自何时起", "date")
SINCE_NOTE = "自何时起：从那一天（截止日期）的导入起，每次导入都查出这个问题；空白的是还没有随导入计量过。"
DEFERRED = Column("deferred", "暂缓")


class Place(NamedTuple):
    """The type, the name and the division of a subject.

    `region` is '' where the subject lies in no division. `sensitivity` is that of the name.
    """

    type: str
    name: str
    region: str
    sensitivity: str


def locate(reader: Reader, context: Context, findings: Iterable[tuple[Rule, Finding]]) -> dict[str, Place]:
    """The place of the subject of every finding, by the id of the subject."""
    by_type: dict[str, set[str]] = {}
    for rule, finding in findings:
        for node_type in rule.subjects:
            by_type.setdefault(node_type, set()).add(finding.subject)
    places: dict[str, Place] = {}
    for node_type, ids in by_type.items():
        called = context.ontology.nodes[node_type].called
        region, located = "r.id", " OPTIONAL MATCH (s)-[:LOCATED_IN]->(r:Region)"
        if node_type == "Region":
            region, located = "s.id", ""
        table = reader.query(
            f"MATCH (s:{node_type}){located} RETURN s.id AS id, {region} AS region, s.{called.name} AS name ORDER BY id"
        )
        for subject, division, name in zip(*(table[c].to_pylist() for c in ("id", "region", "name")), strict=True):
            if subject in ids:
                places[subject] = Place(node_type, name or subject, division or "", called.sensitivity)
    return places


def fact_text(value: Value, unit: str = "") -> str:
    """A compared fact in words."""
    if value is None or value == []:
        return "未填"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    return f"{value}{unit}"


def facts_text(rule: Rule, finding: Finding, state: str = FINDING) -> tuple[str, str]:
    """The facts that a list of this state shows, as one text, and the sensitivity classes needed to read it."""
    facts = [(column, finding.facts[name]) for name, column in rule.listed(state).items()]
    text = "；".join(f"{column.label} {fact_text(value, column.unit)}" for column, value in facts)
    return text, classes(column.sensitivity for column, value in facts if value is not None)


def basis_text(outcome: Outcome, subject: str = "") -> str:
    """The articles that a rule rests on, with the thresholds in force where `subject` lies ('': in the county)."""
    return "；".join(outcome.text(text, subject) for text in outcome.rule.basis)


def action_of(rule: Rule) -> str:
    """The label of the action that mends a finding."""
    return ACTIONS.get(rule.action, "处理方案")


def titled(outcome: Outcome) -> str:
    """The title of a rule, marked where the county has switched the rule off, or the rule has failed."""
    if outcome.fault:
        return f"{outcome.rule.title}（出错停用）"
    return outcome.rule.title if outcome.forces[0].on else f"{outcome.rule.title}（已停用）"


def by_severity(severities: Iterable[str], narrowed: Mapping[str, str] | None = None) -> list[Total]:
    """The number of findings of each severity, from the severity of every finding.

    `narrowed` are the parameters of gaps by which the findings were chosen.
    """
    counts, chosen = Counter(severities), tuple((name, value) for name, value in (narrowed or {}).items() if value)
    return [
        Total(s, f"问题（{label}）", counts[s], "项", listed=("gaps", (*chosen, ("severity", s))))
        for s, label in SEVERITIES.items()
    ]


def decisions(force: Force) -> str:
    """The severity and the switch in force, each with the origin of the decision."""
    switch = f"{'启用' if force.on else '已停用'}（{force.on_origin}）"
    return f"严重程度 {SEVERITIES[force.severity]}（{force.severity_origin}），{switch}"


def decision_notes(outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """Notes on the severities and switches in force: all those of one rule, of several rules those decided locally."""
    one = len(outcomes) == 1
    texts = [
        f"{o.rule.title}{f'在{force.part}' if force.part else ''}：{decisions(force)}"
        for o in outcomes
        for force in o.forces
        if one or {force.severity_origin, force.on_origin} != {DEFAULT}
    ]
    if one:
        return tuple(f"{text}。" for text in texts)
    if not texts:
        return ("各规则的严重程度和启用均为默认。",)
    return (f"{'；'.join(texts)}；其余规则的严重程度和启用均为默认。",)


def threshold_notes(outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """A note on the thresholds in force, each once; () where the rules have none."""
    texts = dict.fromkeys(str(p) for o in outcomes for p in o.parameters)
    return (f"参数：{'；'.join(texts)}。",) if texts else ()
