"""问题清单: what the rules find, all of them together, by division, and one by one."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from graph.answers import Answer, Column, Finding, Total, Value, rate
from graph.context import Context
from graph.errors import QuestionError, UnknownError
from graph.history.spans import MEASURED_CYPHER, SPANS_CYPHER, since
from graph.parameters import SEVERITIES, Parameter
from graph.privacy import classes
from graph.questions import facets
from graph.questions.asking import Question
from graph.questions.facets import By, narrow
from graph.questions.problems.deferrals import Deferrals
from graph.regions import Regions
from graph.rules.book import Book
from graph.rules.inquiry import Inquiry
from graph.rules.overrides import DEFAULT
from graph.rules.rule import ACTIONS, FINDING, UNVERIFIED, Rule, fill
from graph.rules.verdicts import Force, Outcome
from graph.stores.base import Reader

RULE = Parameter("rule", "规则")
STATE = Parameter("state", "状态", default="问题")
STATES = ("问题", "待核实")


SINCE = Column("since", "自何时起", "date")
SINCE_NOTE = "自何时起：从那一天（截止日期）的导入起，每次导入都查出这个问题；空白的是还没有随导入计量过。"
DEFERRED = Column("deferred", "暂缓")


class Place(NamedTuple):
    """Who a subject is and where: `region` is '' where no division is known."""

    type: str
    name: str
    region: str
    sensitivity: str


def problems(reader: Reader, context: Inquiry) -> list[tuple[Rule, Finding]]:
    """The findings of every rule, of one severity where it is asked for."""
    book, wanted = context.book, [rule.id for rule in _wanted(context)]
    found = book.each(reader, wanted, lambda mine, rule: book.findings(mine, rule, context))
    return [
        (book.rules[rule], f)
        for rule, findings in zip(wanted, found, strict=True)
        for f in findings
        if context.severity in ("", f.severity)
    ]


def _wanted(context: Inquiry) -> list[Rule]:
    rule = context.parameters.get("rule", "")
    if rule and rule not in context.book.rules:
        raise UnknownError(f"没有名为“{rule[:60]}”的规则。可用：{'、'.join(context.book.rules)}。")
    return [
        r
        for r in context.book.rules.values()
        if rule in ("", r.id) and context.severity in ("", *context.book.severities(r, context.locality))
    ]


def locate(reader: Reader, context: Context, found: Iterable[tuple[Rule, Finding]]) -> dict[str, Place]:
    """Type, name and division of every subject found, by id."""
    places: dict[str, Place] = {}
    wanted: dict[str, set[str]] = {}
    for rule, finding in found:
        for subject in rule.subjects:
            wanted.setdefault(subject, set()).add(finding.subject)
    for node_type, ids in wanted.items():
        named = context.ontology.nodes[node_type].called
        cypher = f"MATCH (s:{node_type}) OPTIONAL MATCH (s)-[:LOCATED_IN]->(r:Region) RETURN s.id AS id, "
        if node_type == "Region":
            cypher = "MATCH (s:Region) RETURN s.id AS id, s.id AS region, "
        else:
            cypher += "r.id AS region, "
        table = reader.query(f"{cypher}s.{named.name} AS name ORDER BY id")
        for subject, region, name in zip(*(table[c].to_pylist() for c in ("id", "region", "name")), strict=True):
            if subject in ids:
                places[subject] = Place(node_type, name or subject, region or "", named.sensitivity)
    return places


def fact_text(value: Value, unit: str = "") -> str:
    """A compared fact as words."""
    if value is None or value == []:
        return "未填"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    return f"{value}{unit}"


def _facts(rule: Rule, finding: Finding) -> tuple[str, str]:
    """The facts compared as one text, and the classes needed to read it."""
    stated = [(column, finding.facts[name]) for name, column in rule.listed(FINDING).items()]
    text = "；".join(f"{column.label} {fact_text(value, column.unit)}" for column, value in stated)
    return text, classes(column.sensitivity for column, value in stated if value is not None)


def action_of(rule: Rule) -> str:
    """What mends a finding, in a word or two that lead to who could do it."""
    return ACTIONS.get(rule.action, "处理方案")


def gaps(reader: Reader, context: Inquiry) -> Answer:
    """All findings of all rules, the most severe first, with what to do about each and why."""
    wanted = {rule.id for rule in _wanted(context)}
    found = context.book.outcomes(reader, context.book.rules, context)
    places = locate(reader, context, ((o.rule, f) for o in found for f in o.findings))
    divisions = Regions.read(reader)
    deferred = Deferrals.read(reader, context, divisions)
    found_since = since(reader, context.as_of)
    units, narrowing = facets.values(reader, context.ontology), facets.declared(context.ontology)
    rows: list[dict[str, Any]] = []
    for outcome in found:
        rule = outcome.rule
        county = outcome.text(rule.remedy), _basis(outcome)
        part: list[dict[str, Any]] = []
        for finding in outcome.findings:
            place = places[finding.subject]
            unit = units.get(finding.subject)
            facts, sensitivity = _facts(rule, finding)
            remedy, basis = county
            if finding.subject in outcome.elsewhere:
                remedy, basis = outcome.text(rule.remedy, finding.subject), _basis(outcome, finding.subject)
            part.append(
                {
                    "severity": finding.severity,
                    "title": rule.title,
                    "subject": place.name,
                    "division": divisions.name(place.region),
                    **{facets.column(p).name: facets.cell(p, unit[p.name]) if unit else None for p in narrowing},
                    "facts": facts,
                    "remedy": remedy,
                    "action": action_of(rule),
                    "basis": basis,
                    "since": found_since.get((rule.id, finding.subject)),
                    "deferred": _deferred(deferred, finding, place.region),
                    "rule": rule.id,
                    "subject_id": finding.subject,
                    "subject_sensitivity": classes((place.sensitivity, rule.sensitivity)),
                    "division_sensitivity": rule.sensitivity,
                    "facts_sensitivity": sensitivity,
                    "division_id": place.region,
                }
            )
        rows += sorted(part, key=lambda r: (divisions.sort_key(r["division_id"]), r["subject"], r["subject_id"]))
    # the rules come by the severity of their files, which a county may have set otherwise
    rows.sort(key=lambda row: list(SEVERITIES).index(row["severity"]))
    ways = (
        By("severity", "严重程度", lambda row: [(row["severity"], SEVERITIES[row["severity"]])]),
        By(RULE.name, "问题", lambda row: [(row["rule"], row["title"])]),
        *facets.of_units(reader, context, divisions, units, "subject_id"),
    )
    left, choices = narrow(rows, ways, {**context.parameters, "severity": context.severity})
    asked = [o for o in found if o.rule.id in wanted]
    counted = Counter(row["rule"] for row in left)
    columns = (
        Column("severity", "严重程度", role="severity"),
        Column("title", "问题", link=("rule", "rule")),
        Column("subject", "对象", sensitivity_from="subject_sensitivity", link=("*", "subject_id")),
        Column("division", "区划", sensitivity_from="division_sensitivity", link=("Region", "division_id")),
        *map(facets.column, narrowing),
        Column("facts", "比较的事实", sensitivity_from="facts_sensitivity"),
        Column("remedy", "处理建议"),
        Column("action", "怎么办", link=("remedy", "subject_id")),
        Column("basis", "依据"),
        SINCE,
        DEFERRED,
    )
    return context.answer(
        reader, "gaps", "问题清单", columns, left,
        totals=(
            Total("findings", "问题", len(left), "项"),
            Total("deferred", "其中已批准暂缓", sum(bool(r["deferred"]) for r in left), "项"),
            *by_severity(r["severity"] for r in left),
            Total("unverified", "待核实", sum(len(o.unverified) for o in asked), "项"),
            *(
                Total(
                    o.rule.id, _titled(o), counted[o.rule.id], "项", None, len(o.population),
                    o.text(o.rule.denominator), ("gaps", ((RULE.name, o.rule.id),)),
                )
                for o in asked
            ),
        ),
        basis=tuple(f"{o.rule.title}：{o.text(o.rule.meaning)}。依据{_basis(o)}" for o in asked),
        cypher=(*(o.cypher for o in asked), SPANS_CYPHER, MEASURED_CYPHER),
        notes=(*_thresholds(asked), *_decided(asked), SINCE_NOTE),
        facets=choices,
    )  # fmt: skip


def gaps_by_division(reader: Reader, context: Inquiry) -> Answer:
    """How many findings of each severity there are in each division; adds up to the 问题清单."""
    found = problems(reader, context)
    divisions = Regions.read(reader)
    located = divisions.located(reader)
    region_of = {f.subject: located.by_id.get(f.subject, "") for _, f in found}
    row_of = divisions.rows(region_of.values(), context.scope)
    counts = Counter((row_of.get(region_of[f.subject], ""), f.severity) for _, f in found)
    shown = sorted({r for r, _ in counts}, key=divisions.sort_key)
    higher = divisions.higher(shown)
    rows = [
        {
            "division": divisions.name(region) + ("（本级）" if region in higher else ""),
            "severity": severity,
            "findings": counts[region, severity],
            "division_id": region,
        }
        for region in shown
        for severity in SEVERITIES
        if counts[region, severity]
    ]
    columns = (
        Column("division", "区划", link=("Region", "division_id")),
        Column("severity", "严重程度", role="severity"),
        Column("findings", "问题数", "integer", "项"),
    )
    return context.answer(
        reader, "gaps_by_division", "问题分布", columns, rows,
        totals=(
            Total("findings", "问题", len(found), "项"),
            *by_severity(f.severity for _, f in found),
        ),
        basis=("每条问题的事实、依据和处理建议见问题清单。",),
        cypher=tuple(rule.query.cypher for rule in _wanted(context)),
    )  # fmt: skip


def rule_question(rule: Rule) -> Question:
    """The question that has a rule's id: its findings (or 待核实, `state`) with the facts it compared."""
    meaning = fill(rule.meaning, {name: p.default for name, p in rule.params.items()})
    return Question(rule.id, rule.title, meaning, _ask_rule(rule), (STATE,))


def rule_questions(book: Book) -> dict[str, Question]:
    """One question for each rule of the book."""
    return {rule.id: rule_question(rule) for rule in book.rules.values()}


def _ask_rule(rule: Rule) -> Callable[[Reader, Inquiry], Answer]:
    def answer(reader: Reader, context: Inquiry) -> Answer:
        state = context.parameters["state"]
        if state not in STATES:
            raise QuestionError(f"state 不能是“{state[:60]}”。可用：{'、'.join(STATES)}。")
        outcome = context.book.run(reader, rule.id, context)
        listed = rule.listed(FINDING if state == STATES[0] else UNVERIFIED)
        shown = outcome.findings if state == STATES[0] else outcome.unverified
        places, divisions = (
            locate(reader, context, ((rule, f) for f in outcome.findings + outcome.unverified)),
            Regions.read(reader),
        )
        found_since = since(reader, context.as_of, rule=rule.id)
        deferrals = Deferrals.read(reader, context, divisions)
        deferred = {f.subject: _deferred(deferrals, f, places[f.subject].region) for f in outcome.findings}
        rows: list[dict[str, Any]] = []
        for finding in shown:
            place = places[finding.subject]
            rows.append(
                {
                    "subject": place.name,
                    "division": divisions.name(place.region),
                    **{name: finding.facts[name] for name in listed},
                    **(
                        {"since": found_since.get((rule.id, finding.subject)), "deferred": deferred[finding.subject]}
                        if state == STATES[0]
                        else {}
                    ),
                    "action": action_of(rule),
                    "rule": rule.id,
                    "subject_id": finding.subject,
                    "subject_sensitivity": classes((place.sensitivity, rule.sensitivity)),
                    "division_sensitivity": rule.sensitivity,
                    "division_id": place.region,
                }
            )
        rows.sort(key=lambda r: (divisions.sort_key(r["division_id"]), r["subject"], r["subject_id"]))
        label, linked = "、".join(context.ontology.nodes[s].label for s in rule.subjects), rule.subjects
        columns = (
            Column(
                "subject", label, sensitivity_from="subject_sensitivity",
                link=(linked[0] if len(linked) == 1 else "*", "subject_id"),
            ),
            Column("division", "区划", sensitivity_from="division_sensitivity", link=("Region", "division_id")),
            *([SINCE, DEFERRED] if state == STATES[0] else []),
            Column("action", "怎么办", link=("remedy", "subject_id")),
            *listed.values(),
        )  # fmt: skip
        population = outcome.text(rule.denominator)
        return context.answer(
            reader, rule.id, rule.title if state == STATES[0] else f"{rule.title}（{state}）", columns, rows,
            totals=(
                Total("population", population, len(outcome.population), "个"),
                Total("findings", rule.title, len(outcome.findings), "个", None, len(outcome.population), population),
                Total("deferred", "其中已批准暂缓", sum(map(bool, deferred.values())), "个", None, len(outcome.findings), rule.title),
                Total("unverified", "待核实", len(outcome.unverified), "个", None, len(outcome.population), population),
                rate("rate", f"{rule.title}占比", len(outcome.findings), len(outcome.population), population),
            ),
            basis=tuple(map(outcome.text, rule.basis)),
            cypher=(outcome.cypher,),
            notes=(
                SINCE_NOTE,
                f"问题：{outcome.text(rule.meaning)}。",
                f"处理建议：{outcome.text(rule.remedy)}。",
                *_thresholds([outcome]),
                *_decided([outcome]),
            ),
        )  # fmt: skip

    return answer


def _deferred(deferrals: Deferrals, finding: Finding, region: str) -> str | None:
    """Until when, by whose leave and why a finding may wait."""
    one = deferrals.of(finding.rule, finding.subject, region)
    return str(one) if one else None


def _basis(outcome: Outcome, subject: str = "") -> str:
    return "；".join(outcome.text(text, subject) for text in outcome.rule.basis)


def _titled(outcome: Outcome) -> str:
    """The title of a rule; of one that is off, that it is."""
    return outcome.rule.title if outcome.forces[0].on else f"{outcome.rule.title}（已停用）"


def decisions(force: Force) -> str:
    """The severity and the switch in force, each with whose word it is."""
    switch = f"{'启用' if force.on else '已停用'}（{force.on_origin}）"
    return f"严重程度 {SEVERITIES[force.severity]}（{force.severity_origin}），{switch}"


def _decided(found: Sequence[Outcome]) -> tuple[str, ...]:
    """Severities and switches in force: of one rule as they are, of several those that are not the default."""
    said = [
        f"{o.rule.title}{f'在{force.part}' if force.part else ''}：{decisions(force)}"
        for o in found
        for force in o.forces
        if len(found) == 1 or {force.severity_origin, force.on_origin} != {DEFAULT}
    ]
    if len(found) == 1:
        return tuple(f"{text}。" for text in said)
    return (
        (f"{'；'.join(said)}；其余规则的严重程度和启用均为默认。",) if said else ("各规则的严重程度和启用均为默认。",)
    )


def by_severity(found: Iterable[str]) -> list[Total]:
    """How many findings there are of each severity."""
    counts = Counter(found)
    return [
        Total(s, f"问题（{label}）", counts[s], "项", listed=("gaps", (("severity", s),)))
        for s, label in SEVERITIES.items()
    ]


def _thresholds(found: Sequence[Outcome]) -> tuple[str, ...]:
    """The thresholds in force, each once."""
    stated = dict.fromkeys(str(p) for o in found for p in o.parameters)
    return (f"参数：{'；'.join(stated)}。",) if stated else ()


QUESTIONS: tuple[Question, ...] = (
    Question("gaps", "问题清单", "所有规则查出的问题，附事实、依据和处理建议", gaps, (RULE,), narrowed=True),
    Question("gaps_by_division", "问题分布", "各区划各严重程度的问题数", gaps_by_division),
)
