"""问题清单: the findings of all rules in one list, counted by division, and those of each rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from graph.answers import Answer, Column, Total, rate
from graph.errors import StoreError
from graph.history.counting import problem_counts
from graph.history.spans import MEASURED_CYPHER, SPANS_CYPHER, since
from graph.parameters import SEVERITIES, SEVERITY, Parameter, words
from graph.privacy import OPEN, STEP, classes, steps
from graph.questions import facets
from graph.questions.asking import Question
from graph.questions.facets import By, narrow
from graph.questions.problems.deferrals import Deferrals
from graph.questions.problems.findings import (
    DEFERRED,
    LEVEL,
    RULE,
    SINCE,
    SINCE_NOTE,
    action_of,
    basis_text,
    by_severity,
    decision_notes,
    facts_text,
    locate,
    threshold_notes,
    titled,
)
from graph.regions import Regions
from graph.rules.book import Book
from graph.rules.inquiry import Inquiry
from graph.rules.rule import FINDING, UNVERIFIED, Rule, fill
from graph.stores.base import Reader

#: the states that a list of one rule may show, and the verdict of each
STATES = {"问题": FINDING, "待核实": UNVERIFIED}
#: in place of a figure of a rule that failed
BLANK = "规则出错"
STATE = Parameter("state", "状态", default="问题", values=words(STATES))


def _rules(context: Inquiry) -> list[Rule]:
    """The rules asked about: one or all, of one level or of each, and those that can have the severity asked about.

    Raises UnknownError for an unknown rule.
    """
    book, rule, level = context.book, context.parameters.get(RULE.name, ""), context.parameters.get(LEVEL.name, "")
    return [
        r
        for r in ([book.rule(rule)] if rule else book.rules.values())
        if level in ("", r.level) and context.severity in ("", *book.severities(r, context.locality))
    ]


def gaps(reader: Reader, context: Inquiry) -> Answer:
    """All findings of all rules, the most severe first, with what to do about each and why."""
    selected = {rule.id for rule in _rules(context)}
    # the facets count the findings of the rules not selected too
    outcomes = context.book.outcomes(reader, context.book.rules, context)
    places = locate(reader, context, ((o.rule, f) for o in outcomes for f in o.findings))
    divisions = Regions.read(reader)
    deferrals = Deferrals.read(reader, context, divisions)
    first_days = since(reader, context.as_of)
    units, narrowing = facets.values(reader, context.ontology), facets.declared(context.ontology)
    own_cells = [(facets.column(p).name, p) for p in narrowing]
    beside = facets.places(reader)
    rows: list[dict[str, Any]] = []
    for outcome in outcomes:
        rule = outcome.rule
        of_county = outcome.text(rule.remedy), basis_text(outcome)
        part: list[dict[str, Any]] = []
        for finding in outcome.findings:
            place = places[finding.subject]
            unit = units.get(finding.subject)
            facts, sensitivity = facts_text(rule, finding)
            remedy, basis = of_county
            if finding.subject in outcome.elsewhere:
                remedy, basis = outcome.text(rule.remedy, finding.subject), basis_text(outcome, finding.subject)
            part.append(
                {
                    "severity": finding.severity,
                    "title": rule.title,
                    "subject": place.name,
                    "division": divisions.name(place.region),
                    **{name: facets.cell(p, unit[p.name]) if unit else None for name, p in own_cells},
                    **facets.place_cell(beside.get(finding.subject, ()) if rule.sensitivity == OPEN else ()),
                    "facts": facts,
                    "remedy": remedy,
                    "action": action_of(rule),
                    "basis": basis,
                    "level": rule.level,
                    "since": first_days.get((rule.id, finding.subject)),
                    "deferred": deferrals.text(finding, place.region),
                    "rule": rule.id,
                    "subject_id": finding.subject,
                    "subject_sensitivity": classes((place.sensitivity, rule.sensitivity)),
                    "division_sensitivity": rule.sensitivity,
                    "facts_sensitivity": sensitivity,
                    "division_id": place.region,
                }
            )
        rows += sorted(part, key=lambda r: (divisions.sort_key(r["division_id"]), r["subject"], r["subject_id"]))
    # the rules are in the order of the severities in their files, which a county may override
    order = {severity: place for place, severity in enumerate(SEVERITIES)}
    rows.sort(key=lambda row: order[row["severity"]])
    ways = (
        By(
            "severity",
            "严重程度",
            lambda row: [(row["severity"], SEVERITIES[row["severity"]])],
            names=SEVERITIES,
            ranked=True,
        ),
        By(
            RULE.name,
            "问题",
            lambda row: [(row["rule"], row["title"])],
            names={rule.id: rule.title for rule in context.book.rules.values()},
        ),
        By(LEVEL.name, LEVEL.label, lambda row: [(row["level"], row["level"])], names=LEVEL.choices),
        *facets.of_units(reader, context, divisions, units, "subject_id", {place.type for place in places.values()}),
    )
    left, choices = narrow(rows, ways, {**context.parameters, "severity": context.severity})
    shown = [o for o in outcomes if o.rule.id in selected]
    counted = Counter(row["rule"] for row in left)
    columns = (
        Column("severity", "严重程度", role="severity"),
        Column("title", "问题", link=("rule", "rule")),
        Column("subject", "对象", sensitivity_from="subject_sensitivity", link=("*", "subject_id")),
        Column("division", "区划", sensitivity_from="division_sensitivity", link=("Region", "division_id")),
        Column("facts", "比较的事实", sensitivity_from="facts_sensitivity"),
        Column("remedy", "处理建议"),
        Column("action", "怎么办", link=("remedy", "subject_id")),
        SINCE,
        DEFERRED,
        Column("level", "依据层级"),
        Column("basis", "依据"),
        *map(facets.column, narrowing),
        facets.PLACE_COLUMN,
    )
    return context.answer(
        reader, "gaps", "问题清单", columns, left,
        totals=(
            Total("findings", "问题", len(left), "项"),
            Total("deferred", "其中已批准暂缓", sum(bool(r["deferred"]) for r in left), "项"),
            *by_severity((r["severity"] for r in left), context.parameters),
            Total("unverified", "待核实", sum(len(o.unverified) for o in shown), "项"),
            *(
                Total(o.rule.id, titled(o), None, "项", blank=BLANK)
                if o.fault
                else Total(
                    o.rule.id, titled(o), counted[o.rule.id], "项", None, len(o.population),
                    o.text(o.rule.denominator), ("gaps", ((RULE.name, o.rule.id),)),
                )
                for o in shown
            ),
        ),
        basis=tuple(f"{o.rule.title}：{o.text(o.rule.meaning)}。依据{basis_text(o)}（{o.rule.level}）" for o in shown),
        cypher=(*(o.cypher for o in shown), SPANS_CYPHER, MEASURED_CYPHER, facets.PLACES_CYPHER),
        notes=(*threshold_notes(shown), *decision_notes(shown), SINCE_NOTE),
        facets=choices,
    )  # fmt: skip


def gaps_by_division(reader: Reader, context: Inquiry) -> Answer:
    """The number of findings of each severity in each division. The numbers add up to the 问题清单."""
    divisions = Regions.read(reader)
    problems = problem_counts(reader, context, divisions.located(reader))
    row_of = divisions.rows((region for region, _ in problems), context.scope)
    counts, severities = Counter[tuple[str, str]](), Counter[str]()
    for (region, severity), number in problems.items():
        counts[row_of.get(region, ""), severity] += number
        severities[severity] += number
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
            Total("findings", "问题", severities.total(), "项"),
            *by_severity(severities.elements()),
        ),
        basis=("每条问题的事实、依据和处理建议见问题清单。",),
        cypher=tuple(rule.query.cypher for rule in _rules(context)),
    )  # fmt: skip


def rule_question(rule: Rule) -> Question:
    """The question that has a rule's id: the findings, or with `state` the 待核实, with the facts compared."""
    meaning = fill(rule.meaning, {name: p.default for name, p in rule.params.items()})
    return Question(rule.id, rule.title, meaning, _asking(rule), (STATE,))


def rule_questions(book: Book) -> list[Question]:
    """One question for each rule of the book."""
    return [rule_question(rule) for rule in book.rules.values()]


def _asking(rule: Rule) -> Callable[[Reader, Inquiry], Answer]:
    def ask(reader: Reader, context: Inquiry) -> Answer:
        if rule.id in context.book.withheld:
            return _withheld(rule, reader, context)
        state = context.parameters[STATE.name]
        outcome = context.book.run(reader, rule.id, context)
        if outcome.fault and isinstance(outcome.fault.error, StoreError):
            # it may be answered another time, or in a part of the county
            raise outcome.fault.error
        of_findings, listed = STATES[state] == FINDING, rule.listed(STATES[state])
        places = locate(reader, context, ((rule, f) for f in outcome.findings + outcome.unverified))
        divisions = Regions.read(reader)
        first_days = since(reader, context.as_of, rule=rule.id)
        deferrals = Deferrals.read(reader, context, divisions)
        deferred = {f.subject: deferrals.text(f, places[f.subject].region) for f in outcome.findings}
        # a division is the subject itself: beside it stands the one above
        of_divisions = rule.subjects == ("Region",)
        rows: list[dict[str, Any]] = []
        for finding in outcome.findings if of_findings else outcome.unverified:
            subject = finding.subject
            place = places[subject]
            region = divisions.parents.get(subject, "") if of_divisions else place.region
            dated = {"since": first_days.get((rule.id, subject)), "deferred": deferred.get(subject)}
            rows.append(
                {
                    "subject": place.name,
                    "division": divisions.name(region) if region or not of_divisions else None,
                    **{name: finding.facts[name] for name in listed},
                    **(dated if of_findings else {}),
                    "action": action_of(rule),
                    "rule": rule.id,
                    "subject_id": subject,
                    "subject_sensitivity": classes((place.sensitivity, rule.sensitivity)),
                    "division_sensitivity": rule.sensitivity,
                    "division_id": region,
                }
            )
        own = {subject: divisions.sort_key(place.region) for subject, place in places.items()}
        rows.sort(key=lambda r: (own[r["subject_id"]], r["subject"], r["subject_id"]))
        label = "、".join(context.ontology.nodes[s].label for s in rule.subjects)
        linked = rule.subjects[0] if len(rule.subjects) == 1 else "*"
        columns = (
            Column("subject", label, sensitivity_from="subject_sensitivity", link=(linked, "subject_id")),
            Column(
                "division",
                "上级区划" if of_divisions else "区划",
                sensitivity_from="division_sensitivity",
                link=("Region", "division_id"),
            ),
            *([SINCE, DEFERRED] if of_findings else []),
            Column("action", "怎么办", link=("remedy", "subject_id")),
            *listed.values(),
        )
        population, size = outcome.text(rule.denominator), len(outcome.population)
        return context.answer(
            reader, rule.id, rule.title if of_findings else f"{rule.title}（{state}）", columns, rows,
            totals=(Total("findings", rule.title, None, "个", blank=BLANK),)
            if outcome.fault
            else (
                Total("population", population, size, "个"),
                Total("findings", rule.title, len(outcome.findings), "个", None, size, population),
                Total(
                    "deferred", "其中已批准暂缓", sum(map(bool, deferred.values())), "个",
                    None, len(outcome.findings), rule.title,
                ),
                Total("unverified", "待核实", len(outcome.unverified), "个", None, size, population),
                rate(
                    "rate", f"{rule.title}占比", len(outcome.findings), size, population,
                    unverified=len(outcome.unverified),
                ),
            ),
            basis=(*map(outcome.text, rule.basis), f"层级：{rule.level}"),
            cypher=(outcome.cypher,),
            notes=(
                SINCE_NOTE,
                f"问题：{outcome.text(rule.meaning)}。",
                f"处理建议：{outcome.text(rule.remedy)}。",
                *threshold_notes([outcome]),
                *decision_notes([outcome]),
            ),
        )  # fmt: skip

    return ask


#: parameters that leave the question of a withheld rule as wide as it is
_AS_WIDE = {"page", "size", "sort", "columns"}
#: the kinds of divisions of which a number of protected subjects is told
_LEAST_KINDS = ("省", "市", "县", "镇街")


def _withheld(rule: Rule, reader: Reader, context: Inquiry) -> Answer:
    """Of a rule that who asks may not use, the number of its subjects in steps, for all that they may see together.

    It is told for no part, no other day and no division below a town, so that nothing can be subtracted.
    """
    divisions = Regions.read(reader)
    roots = [r for r in context.scope if divisions.parents.get(r) not in context.scope]
    wide = not context.shown.keys() - _AS_WIDE and all(divisions.kinds.get(r) in _LEAST_KINDS for r in roots)
    notes = [
        f"本规则查出的对象仅限经办角色（敏感级别 {rule.sensitivity}）查看，不列名单，不计入任何合计，也不能按区划、日期等缩小范围。"
    ]
    if wide:
        outcome = context.book.whole().run(reader, rule.id, context)
        population, findings = len(outcome.population), len(outcome.findings)
        notes.append(
            f"{outcome.text(rule.denominator)}{steps(population)} 个，其中有问题的{steps(findings)} 个（以 {STEP} 个为一档）。"
        )
    return context.answer(reader, rule.id, rule.title, (), (), basis=rule.basis, notes=tuple(notes))


QUESTIONS: tuple[Question, ...] = (
    Question(
        "gaps", "问题清单", "所有规则查出的问题，附事实、依据和处理建议", gaps, (RULE, LEVEL, SEVERITY), narrowed=True
    ),
    Question("gaps_by_division", "问题分布", "各区划各严重程度的问题数", gaps_by_division, (SEVERITY,)),
)
