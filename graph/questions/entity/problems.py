"""The findings and 待核实 of one entity, for its profile."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal, NamedTuple

from graph.history.spans import since
from graph.parameters import SEVERITIES
from graph.questions.problems.deferrals import Deferrals
from graph.questions.problems.findings import action_of
from graph.regions import Regions
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader


class Problem(NamedTuple):
    """A finding or a 待核实 as a line of a profile; `more` holds the fields by which a page links and marks it."""

    state: Literal["finding", "unverified"]
    item: str
    value: str
    detail: str
    more: dict[str, Any]


def problems_of(reader: Reader, context: Inquiry, node_type: str, entity: str, region: str) -> list[Problem]:
    """The findings and 待核实 of an entity that lies in the division `region` ('' if in none)."""
    # asked for all divisions, as most other answers are: a reader remembers the result
    whole = replace(context, scope=(), chain="")
    first_days = since(reader, context.as_of, subject=entity)
    deferrals = Deferrals.read(reader, context, Regions.read(reader))
    problems = []
    for rule in context.book.about(node_type):
        judgement = context.book.judged(reader, rule.id, whole, entity)
        if judgement.state == "finding":
            remedy, meaning, *basis = map(judgement.text, (rule.remedy, rule.meaning, *rule.basis))
            severity, day = judgement.force.severity, first_days.get((rule.id, entity))
            deferral = deferrals.of(rule.id, entity, region)
            texts = (
                f"自 {day} 起" if day else "",
                f"已批准暂缓：{deferral}" if deferral else "",
                meaning,
                f"依据：{'；'.join(basis)}（{rule.level}）",
            )
            remarks = list(filter(None, texts))
            detail = "；".join((f"严重程度：{SEVERITIES[severity]}", *remarks))
            links = {"rule": rule.id, "severity": severity, "action": action_of(rule), "remedy_id": entity}
            problems.append(Problem("finding", rule.title, f"建议：{remedy}", detail, links | {"remarks": remarks}))
        elif judgement.state == "unverified":
            problems.append(Problem("unverified", rule.title, "资料不全，尚不能认定", "", {"rule": rule.id}))
    return problems
