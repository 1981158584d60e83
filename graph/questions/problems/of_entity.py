"""What the rules find of one entity, for its profile: since when, what mends it, whether it may wait."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal, NamedTuple

from graph.history.spans import since
from graph.parameters import SEVERITIES
from graph.questions.problems.deferrals import Deferrals
from graph.questions.problems.gaps import action_of
from graph.regions import Regions
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader


class Problem(NamedTuple):
    """One line of it, found or still to be verified; `more` leads on from it."""

    state: Literal["finding", "unverified"]
    item: str
    value: str
    detail: str
    more: dict[str, Any]


def problems_of(reader: Reader, context: Inquiry, node_type: str, entity: str, region: str) -> list[Problem]:
    """Findings and 待核实 of an entity, which lies in `region`; asked of all divisions, as most other answers do, which
    a reader remembers.
    """
    asked = replace(context, scope=(), chain="")
    days = since(reader, context.as_of, subject=entity)
    deferrals = Deferrals.read(reader, context, Regions.read(reader))
    found = []
    for rule in context.book.about(node_type):
        said = context.book.judged(reader, rule.id, asked, entity)
        if said.state == "finding":
            remedy, meaning, *basis = map(said.text, (rule.remedy, rule.meaning, *rule.basis))
            severity, day = said.force.severity, days.get((rule.id, entity))
            deferral = deferrals.of(rule.id, entity, region)
            stated = (
                f"自 {day} 起" if day else "",
                f"已批准暂缓：{deferral}" if deferral else "",
                meaning,
                f"依据：{'；'.join(basis)}",
            )
            remarks = list(filter(None, stated))
            detail = "；".join((f"严重程度：{SEVERITIES[severity]}", *remarks))
            led = {"rule": rule.id, "severity": severity, "action": action_of(rule), "remedy_id": entity}
            found.append(Problem("finding", rule.title, f"建议：{remedy}", detail, led | {"remarks": remarks}))
        elif said.state == "unverified":
            found.append(Problem("unverified", rule.title, "资料不全，尚不能认定", "", {"rule": rule.id}))
    return found
