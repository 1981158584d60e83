"""暂缓: the problems that a body has approved to wait, with the subject, the reason and the last day.

A deferred problem stays in every denominator and among the findings. It is marked and counted apart, and the 暂缓
expires by itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graph.answers import Answer, Column, Finding, Total
from graph.parameters import Parameter, words
from graph.questions.asking import Question
from graph.regions import LOCATED_CYPHER, Regions
from graph.rules.book import Book
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader

IN_FORCE, EXPIRED, NOT_YET = "有效", "已到期", "未到批准日期"
#: the state of a row whose 事项 is no rule, or whose 对象 is not found: it defers nothing
UNCLEAR = "不能识别"
#: the states by the end of the name of their total
STATES = {"in_force": IN_FORCE, "expired": EXPIRED, "not_yet": NOT_YET, "unclear": UNCLEAR}
STATE = Parameter("state", "状态", values=words(STATES.values()))
DEFERRALS_CYPHER = """MATCH (d:Deferral)
WHERE d.listed
OPTIONAL MATCH (d)-[:DEFERS]->(s)
OPTIONAL MATCH (d)-[:LOCATED_IN]->(r:Region)
RETURN d.id AS id, d.title AS title, d.subject AS subject, s.name AS name, d.reason AS reason, d.approved_by AS approved_by,
  d.approved_on AS approved_on, d.until AS until, s.id AS subject_id, r.id AS region
ORDER BY id, subject_id"""


@dataclass(frozen=True, slots=True)
class Deferral:
    """One 暂缓: `rule` is the id of the rule that its 事项 names ('' for none), `subject` the id of its 对象."""

    rule: str
    subject: str
    reason: str
    approved_by: str
    approved_on: dt.date | None
    until: dt.date | None

    def state(self, as_of: dt.date) -> str:
        """The state on a day. A 暂缓 is in force from its approval, if the date is known, to its last day."""
        if not self.rule or not self.subject or self.until is None:
            return UNCLEAR
        if self.until < as_of:
            return EXPIRED
        return NOT_YET if self.approved_on is not None and as_of < self.approved_on else IN_FORCE

    def __str__(self) -> str:
        return f"至 {self.until}，{self.approved_by}批准：{self.reason}"


@dataclass(frozen=True, slots=True)
class Deferrals:
    """The 暂缓 in force by (rule, subject): of several, the one that lasts longest.

    The subject may be a division. Its 暂缓 then covers everything in the division.
    """

    by_subject: Mapping[tuple[str, str], Deferral]
    divisions: Regions

    @classmethod
    def read(cls, reader: Reader, context: Inquiry, divisions: Regions) -> Deferrals:
        """The 暂缓 in force on the date asked about."""
        by_subject: dict[tuple[str, str], Deferral] = {}
        for row in reader.query(DEFERRALS_CYPHER).to_pylist():
            one = deferral(row, context.book)
            if one.state(context.as_of) == IN_FORCE:
                key = (one.rule, one.subject)
                by_subject[key] = max(by_subject.get(key, one), one, key=lambda d: d.until or dt.date.min)
        return cls(by_subject, divisions)

    def of(self, rule: str, subject: str, region: str) -> Deferral | None:
        """The 暂缓 of a finding whose subject lies in `region`: the subject's own, else that of the nearest division."""
        if not self.by_subject:
            return None
        above = reversed(self.divisions.path(region)) if region else ()
        return next((d for s in (subject, *above) if (d := self.by_subject.get((rule, s)))), None)

    def text(self, finding: Finding, region: str) -> str | None:
        """The same in words: until when, by whose approval and why. None if the finding may not wait."""
        one = self.of(finding.rule, finding.subject, region)
        return str(one) if one else None


def deferral(row: Mapping[str, Any], book: Book) -> Deferral:
    """The 暂缓 of a row of DEFERRALS_CYPHER, whose 事项 is the title or the id of a rule."""
    title = str(row["title"] or "").strip()
    rule = next((r.id for r in book.rules.values() if title in (r.id, r.title)), "")
    return Deferral(
        rule,
        row["subject_id"] or "",
        row["reason"] or "",
        row["approved_by"] or "",
        row["approved_on"],
        row["until"],
    )


def deferrals(reader: Reader, context: Inquiry) -> Answer:
    """Every 暂缓 of the ledger with its state, in the order of the last days."""
    state = context.parameters[STATE.name]
    divisions = Regions.read(reader)
    located = divisions.located(reader)
    scope, rows = frozenset(context.scope), []
    for row in reader.query(DEFERRALS_CYPHER).to_pylist():
        one = deferral(row, context.book)
        region = located.by_id.get(one.subject, row["region"] or "")
        if (scope and region not in scope) or context.book.withholds(row["title"]):
            continue
        rule = context.book.rules.get(one.rule)
        rows.append(
            {
                "state": one.state(context.as_of),
                "title": rule.title if rule else row["title"],
                "subject": row["name"] or row["subject"],
                "division": divisions.name(region),
                "reason": one.reason,
                "approved_by": one.approved_by,
                "approved_on": one.approved_on,
                "until": one.until,
                "rule": one.rule,
                "subject_id": one.subject,
                "division_id": region,
                "id": row["id"],
            }
        )
    rows.sort(key=lambda r: (r["until"] or dt.date.max, r["id"], r["subject_id"]))
    column = context.ontology.column
    return context.answer(
        reader, "deferrals", "暂缓清单",
        (
            Column("state", "状态"),
            column("Deferral.title", link=("rule", "rule")),
            column("Deferral.subject", link=("*", "subject_id")),
            Column("division", "所在区划", link=("Region", "division_id")),
            *(column(f"Deferral.{name}") for name in ("reason", "approved_by", "approved_on", "until")),
        ),
        [row for row in rows if state in ("", row["state"])],
        totals=tuple(
            Total(f"deferrals_{name}", f"暂缓（{label}）", sum(row["state"] == label for row in rows), "项")
            for name, label in STATES.items()
        ),
        basis=("经批准暂缓的仍计入分母，仍列为问题，只注明“其中已批准暂缓”；期限之后自行失效。对区划的暂缓适用于其中全部对象。",),
        notes=("登记暂缓：在网页“暂缓清单”（/deferrals）填表，或载入暂缓台账。", f"“{UNCLEAR}”：事项不是规则的名称或编号，或对象没有唯一对应的记录，不起作用，请更正暂缓台账。",),
        cypher=(DEFERRALS_CYPHER, LOCATED_CYPHER),
    )  # fmt: skip


QUESTIONS: tuple[Question, ...] = (
    Question("deferrals", "暂缓清单", "哪些问题经谁批准可以暂缓、为什么、到何时；哪些已到期。", deferrals, (STATE,)),
)
