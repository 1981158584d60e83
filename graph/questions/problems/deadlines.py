"""期限提醒: the terms of organizations, extensions of terms and postings that end within some months, by date.

The rule term_overdue decides whose term counts and whose is over already.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any, NamedTuple

from graph import chains
from graph.answers import Answer, Column, Field, Total
from graph.context import Context
from graph.parameters import Parameter, words
from graph.questions.asking import Question
from graph.questions.facets import By, narrow
from graph.regions import REGIONS_CYPHER, Regions
from graph.rules.derived import months_on
from graph.rules.inquiry import Inquiry
from graph.rules.verdicts import verdict_rows
from graph.stores.base import Reader
from graph.validity import posting_end, posting_since

RULE = "term_overdue"
#: the longest term is five years
MONTHS = Parameter("months", "今后几个月", default="6", bounds=(1, 60))

ELECTION, EXTENSION, POSTING, GRACE = "换届", "延期届满", "派驻到期", "到期待续派"
#: what has to be done for each kind of deadline
ACTIONS: Mapping[str, str] = {
    ELECTION: "发换届提醒函，指导做好换届准备",
    EXTENSION: "延期以一年为限，督促在此之前换届",
    POSTING: "续派或改派",
    GRACE: "任期已满，仍计入工作覆盖至此日，抓紧续派",
}
KIND = Parameter("kind", "事项", values=words(ACTIONS))

NAMES_CYPHER = "MATCH (o:PartyOrg) WHERE o.listed RETURN o.id AS id, o.name AS name ORDER BY id"
POSTINGS_CYPHER = """MATCH (o:GuidanceOfficer)-[g:GUIDES]->(u:Unit)
WHERE o.listed AND u.listed AND NOT (coalesce(o.duty, '') IN $duties_gone)
  AND coalesce(g.role, o.role, '指导员') IN ['指导员', '联络员']
  AND $posting_since <= g.valid_to
RETURN g.key AS id, o.id AS officer, o.name AS name, coalesce(g.role, o.role, '指导员') AS role,
  g.valid_to AS valid_to, u.id AS unit, u.name AS unit_name
ORDER BY id"""


class Deadline(NamedTuple):
    """The last day of a term, an extension or a posting, with its kind, its subject by id and name, and details."""

    due: dt.date
    kind: str
    subject: str
    name: str
    detail: str


def extension_end(term_to: dt.date) -> dt.date:
    """The last day of an approved extension, which lasts at most one year (see graph.rules.derived.extension_since)."""
    return months_on(term_to, 12)


def deadlines(reader: Reader, context: Inquiry) -> Answer:
    """Every deadline from the date asked about to some months later, the soonest first."""
    months = int(context.parameters[MONTHS.name])
    until = months_on(context.as_of, months)
    population, terms = _terms(reader, context, until)
    divisions = Regions.read(reader)
    located, scope = divisions.located(reader), frozenset(context.scope)
    rows = [
        _row(deadline, context, region, divisions)
        for deadline in (*terms, *_postings(reader, context, until))
        for region in [located.by_id.get(deadline.subject, "")]
        if not scope or region in scope
    ]
    rows.sort(key=lambda r: (r["due"], divisions.sort_key(r["division_id"]), r["kind"], r["subject"], r["subject_id"]))

    def place(row: Mapping[str, Any]) -> list[tuple[str, str]]:
        region = row["division_id"]
        return [(region, divisions.name(region))] if region else []

    left, facets = narrow(
        rows,
        (
            By(KIND.name, KIND.label, lambda row: [(row["kind"], row["kind"])]),
            By("region", "区划", place, applied=True),
        ),
        context.parameters,
    )
    counted = Counter(row["kind"] for row in left)
    denominator = context.book.rule(RULE).denominator
    undated = sum(row["term_to"] is None for row in population)
    return context.answer(
        reader, "deadlines", f"期限提醒（今后{months}个月）",
        (
            Column("due", "到期日", "date"),
            Column("days", "还有", "integer", "天"),
            Column("kind", "事项"),
            Column("subject", "对象", sensitivity_from="subject_sensitivity", link=("*", "subject_id")),
            Column("division", "区划", link=("Region", "division_id")),
            Column("detail", "情况"),
            Column("action", "要做的事"),
        ),
        left,
        totals=(
            Total("deadlines", "到期事项", len(left), "项"),
            *(
                Total(
                    f"deadlines_{kind}", kind, counted[kind], "个" if kind in (ELECTION, EXTENSION) else "名",
                    listed=("deadlines", ((KIND.name, kind), (MONTHS.name, str(months)))), state=kind,
                )
                for kind in ACTIONS
            ),
            Total("no_date", "届满日期未填", undated, "个", listed=(RULE, (("state", "待核实"),))),
        ),
        basis=(
            f"换届：{denominator}中，没有届满未换届、届满日期在 {context.as_of} 至 {until} 之间的"
            f"（《中国共产党支部工作条例（试行）》：任期届满前6个月提醒）",
            "延期届满：批准延期换届的，以届满后一年为限（《关于党的基层组织任期的意见》2018）",
            f"派驻到期：在岗指导员、联络员的派驻在此期间期满；期满后再计入 {context.locality.posting_grace_quarters} 个季度，"
            "为到期待续派。按人和到期日各列一行",
        ),
        cypher=(context.book.rule(RULE).query.cypher, NAMES_CYPHER, POSTINGS_CYPHER, REGIONS_CYPHER),
        notes=(
            f"已经届满而未换届的不在此列，见“{context.book.rule(RULE).title}”；没有写派驻期限的视为一直有效。",
            *([f"另有 {undated} 个党组织没有届满日期，无法提醒，待核实。"] if undated else []),
        ),
        facets=facets,
        fields=(Field(MONTHS.name, MONTHS.label, value=str(months)),),
    )  # fmt: skip


def _terms(reader: Reader, context: Inquiry, until: dt.date) -> tuple[list[dict[str, Any]], list[Deadline]]:
    """The rows of term_overdue's population, and the deadlines among them up to `until`."""
    book = context.book
    population = verdict_rows(reader, book.rule(RULE), book.parameters(RULE, context)).to_pylist()
    if context.chain:
        of_chain = chains.members(reader, context)["PartyOrg"]
        population = [row for row in population if row["id"] in of_chain]
    overdue = {finding.subject for finding in book.findings(reader, RULE, context)}
    names = {row["id"]: row["name"] for row in reader.query(NAMES_CYPHER).to_pylist()}
    terms = []
    for row in population:
        term_to = row["term_to"]
        if term_to is None or row["id"] in overdue:
            continue
        late = term_to < context.as_of
        due = extension_end(term_to) if late else term_to
        if due > until:
            continue
        approved = "，已批准延期" if row["extension_approved"] else ""
        detail = f"{row['kind'] or '党组织'}，{term_to} 届满{approved}"
        name = names.get(row["id"]) or row["id"]
        terms.append(Deadline(due, EXTENSION if late else ELECTION, row["id"], name, detail))
    return population, terms


def _postings(reader: Reader, context: Inquiry, until: dt.date) -> list[Deadline]:
    """The deadlines of the postings in force up to `until`, one for each officer, role and day."""
    parameters = {
        "posting_since": posting_since(context.as_of, context.locality),
        "duties_gone": context.book.parameters("coverage_blank", context)["duties_gone"],
    }
    of_chain = chains.members(reader, context)["Unit"] if context.chain else None
    last: dict[tuple[str, str, str], dict[str, Any]] = {}
    for row in reader.query(POSTINGS_CYPHER, parameters).to_pylist():
        if of_chain is None or row["unit"] in of_chain:
            # a renewed posting ends when the renewal does, even if the renewal begins later
            posting = last.setdefault((row["officer"], row["unit"], row["role"]), row)
            posting["valid_to"] = max(posting["valid_to"], row["valid_to"])
    units: dict[tuple[dt.date, str, str, str, str], dict[str, str]] = defaultdict(dict)
    for row in last.values():
        # checked first, because the grace of a posting without end ends beyond the calendar
        if row["valid_to"] > until:
            continue
        ended = row["valid_to"] < context.as_of
        due = posting_end(row["valid_to"], context.locality) if ended else row["valid_to"]
        if due <= until:
            key = (due, GRACE if ended else POSTING, row["officer"], row["name"] or row["officer"], row["role"])
            units[key][row["unit"]] = row["unit_name"] or row["unit"]
    return [
        Deadline(due, kind, officer, name, f"{role}，联系 {len(own)} 家：{'、'.join(sorted(own.values()))}")
        for (due, kind, officer, name, role), own in sorted(units.items())
    ]


def _row(deadline: Deadline, context: Context, region: str, divisions: Regions) -> dict[str, Any]:
    node_type = "PartyOrg" if deadline.kind in (ELECTION, EXTENSION) else "GuidanceOfficer"
    return {
        "due": deadline.due,
        "days": (deadline.due - context.as_of).days,
        "kind": deadline.kind,
        "subject": deadline.name,
        "division": divisions.name(region),
        "detail": deadline.detail,
        "action": ACTIONS[deadline.kind],
        "subject_id": deadline.subject,
        "subject_sensitivity": context.ontology.nodes[node_type].called.sensitivity,
        "division_id": region,
    }


QUESTIONS: tuple[Question, ...] = (
    Question(
        "deadlines",
        "期限提醒",
        "今后几个月（默认6个月）哪些党组织要换届、哪些延期和派驻到期，按到期日排列",
        deadlines,
        (MONTHS, KIND),
    ),
)
