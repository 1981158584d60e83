"""变化 and 趋势: the problems mended, new or returned since a revision, with the changes in the data; figures over time."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from graph import chains
from graph.answers import Answer, Aspect, Column, Field, Total, blank_of, share
from graph.context import Context
from graph.coverage.tally import NO_BASE
from graph.errors import QuestionError
from graph.history.differences import ROWS_CYPHER, Differences, FactChange, Named
from graph.history.spans import (
    CHANGES_CYPHER,
    KINDS,
    MEASURED_CYPHER,
    OF_RULE,
    SPANS_CYPHER,
    Difference,
    History,
    counts,
    differences,
    read_spans,
)
from graph.parameters import KINDS as UNIT_KINDS
from graph.parameters import SEVERITIES, SEVERITY, Parameter, parse_date, words
from graph.privacy import OPEN, UNDECLARED, classes, protects
from graph.questions.asking import Question
from graph.questions.coverage.overview import in_base
from graph.questions.facets import By, narrow
from graph.questions.problems.findings import RULE, Place
from graph.regions import LOCATED_CYPHER, Regions
from graph.rules.book import one_base
from graph.rules.inquiry import Inquiry
from graph.rules.rule import Rule
from graph.stores.base import Reader

SINCE = Parameter("since", "自何时起（版本或日期）")
CHANGE = Parameter("change", "变化", values=words(KINDS))
#: the number of revisions that a page offers to compare with
OFFERED = 50
#: the two coverages by name, with the labels of their columns of numbers and of shares
COVERAGES: Mapping[str, tuple[Aspect, str, str]] = {
    "org_coverage": ("organization", "组织覆盖数", "组织覆盖率"),
    "work_coverage": ("work", "工作覆盖数", "工作覆盖率"),
}
TRENDS_CYPHER = """MATCH (k:Measurement)
WHERE k.population > 0 OR k.division = ''
RETURN k.revision AS revision, k.as_of AS as_of, k.rule AS rule, k.base AS base, k.division AS division,
  k.population AS population, k.findings AS findings, k.unverified AS unverified,
  coalesce(k.unchanged_since, k.revision) AS since
ORDER BY revision, rule, base, division"""


def _rule(context: Inquiry) -> str:
    """The id of the rule asked about, '' for all; UnknownError for an unknown rule."""
    rule: str = context.parameters[RULE.name]
    return context.book.rule(rule).id if rule else ""


def changes(reader: Reader, context: Inquiry) -> Answer:
    """The problems of only one of two revisions, with the changes in the ledgers about their subjects.

    Raises QuestionError for a base that is not measured, or for a revision or date to compare with that cannot be used.
    """
    _rule(context)
    book, bases = context.book, context.locality.bases
    if context.base and [b for b in bases if book.bases[b].kind == book.bases[context.base].kind] != [context.base]:
        raise QuestionError(f"各版问题按上报口径（{'、'.join(bases)}）计量，不能按“{context.base}”比较。请去掉口径。")
    history, now = History.read(reader), reader.revision
    start = context.parameters[SINCE.name]
    since = history.since(start if not start or start.isdigit() else parse_date(start))
    spans = _within(reader, context, read_spans(reader))
    changed = differences(spans, history, since, now) if since is not None else []
    places, things = _subjects(reader, context, changed)
    divisions = Regions.read(reader)
    data = Differences(reader, context.ontology, things, since or 0, quoting=not context.scope)
    rows = [
        _row(context, history, since or 0, d, places, divisions, _told(context, data.of(d.subject))) for d in changed
    ]
    rows.sort(key=_order(context, divisions))
    ways = (
        By(CHANGE.name, CHANGE.label, lambda row: [(row["change"], row["change"])]),
        By("severity", "严重程度", lambda row: [(row["severity"], SEVERITIES[row["severity"]])] if row["severity"] else ()),
        By(RULE.name, "问题", lambda row: [(row["rule"], row["title"])]),
        By("region", "区划", _place, applied=True),
    )  # fmt: skip
    left, facets = narrow(rows, ways, {**context.parameters, "severity": context.severity})
    by_kind = Counter(row["change"] for row in left)
    return context.answer(
        reader, "changes", "变化", _COLUMNS, left,
        totals=(
            *(Total(f"changes_{n}", kind, by_kind[kind], "项") for n, kind in enumerate(KINDS)),
            *(_then_and_now(context, history, spans, since, now) if since is not None else ()),
        ),
        basis=(
            "已消除：那一版有、现在没有的问题，或已整改，或不再适用；新增：那一版没有、现在有的；再次出现：新增的之中以前有过、后来消除了的。",
            f"{OF_RULE}：规则、参数或口径改变而查出或不再查出的，不算消除，也不算新增。",
        ),
        notes=(*_failed(context, history, [since or now, now]), *_notes(history, since, now)),
        cypher=(SPANS_CYPHER, MEASURED_CYPHER, CHANGES_CYPHER, ROWS_CYPHER, LOCATED_CYPHER),
        facets=facets,
        fields=_fields(history, since, now),
    )  # fmt: skip


def _place(row: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """The division of a problem, to narrow the list by; none for a rule whose subjects must not be named."""
    return [(row["division_id"], row["division"])] if row["division_id"] and row["rule_sensitivity"] == OPEN else ()


_COLUMNS = (
    Column("change", "变化"),
    Column("title", "问题", link=("rule", "rule")),
    Column("subject", "对象", sensitivity_from="subject_sensitivity", link=("*", "subject_id")),
    Column("division", "区划", sensitivity_from="rule_sensitivity", link=("Region", "division_id")),
    Column("opened", "出现于"),
    Column("closed", "消除于"),
    Column("data", "数据的变化", sensitivity_from="data_sensitivity"),
    Column("file", "文件"),
    Column("sheet", "工作表"),
    Column("line", "行", "integer"),
)


def _within(reader: Reader, context: Inquiry, spans: pa.Table) -> pa.Table:
    """The spans in the scope, the chain and the base asked about.

    `division` becomes the division where the subject lies now; of a subject that is gone it stays as measured.
    """
    now = Regions.read(reader).located(reader).of(spans["subject"])
    division = pc.coalesce(now, spans["division"], "")
    spans = spans.set_column(spans.column_names.index("division"), "division", division)

    def keep(column: str, among: Iterable[str]) -> None:
        nonlocal spans
        spans = spans.filter(pc.is_in(spans[column], value_set=pa.array(sorted(among), pa.string())))

    if context.book.withheld:
        keep("rule", {*spans["rule"].unique().to_pylist()} - context.book.withheld.keys())
    if context.scope:
        keep("division", context.scope)
    if context.chain:
        keep("subject", frozenset[str]().union(*chains.members(reader, context).values()))
    if context.base:
        kind = context.book.bases[context.base].kind
        units = reader.query("MATCH (u:Unit) WHERE u.kind = $kind RETURN u.id AS id ORDER BY id", {"kind": kind})
        keep("rule", (r.id for r in context.book.rules.values() if "bases" in r.given))
        keep("subject", units["id"].to_pylist())
    return spans


def _told(context: Inquiry, edits: Iterable[FactChange]) -> list[FactChange]:
    """The changes of facts without those that who asks may not even learn of."""
    return [edit for edit in edits if not protects(edit.sensitivity, context.protected)]


def _subjects(reader: Reader, context: Context, changed: Sequence[Difference]) -> tuple[dict[str, Place], list[Named]]:
    """The type and the name of each subject by id, and the names and codes by which ledger rows may refer to it."""
    by_type: dict[str, set[str]] = {}
    for difference in changed:
        if node_type := context.ontology.type_of(difference.subject):
            by_type.setdefault(node_type, set()).add(difference.subject)
    places: dict[str, Place] = {}
    things: list[Named] = []
    for node_type, ids in by_type.items():
        kind = context.ontology.nodes[node_type]
        code = "n.credit_code" if "credit_code" in kind.properties else "''"
        cypher = f"MATCH (n:{node_type}) RETURN n.id AS id, n.{kind.called.name} AS name, {code} AS code ORDER BY id"
        table = reader.query(cypher)
        names, codes = (table[c].cast(pa.string()).to_pylist() for c in ("name", "code"))
        times = Counter(names)
        for id_, name, number in zip(table["id"].to_pylist(), names, codes, strict=True):
            if id_ in ids:
                places[id_] = Place(node_type, name or id_, "", kind.called.sensitivity)
                things.append(Named(id_, name if name and times[name] == 1 else "", number or ""))
    return places, things


def _row(
    context: Inquiry,
    history: History,
    since: int,
    difference: Difference,
    places: dict[str, Place],
    divisions: Regions,
    edits: Sequence[FactChange],
) -> dict[str, Any]:
    rule = context.book.rules.get(difference.rule)
    place = places.get(difference.subject, Place("", difference.subject, "", OPEN))
    days = (history.as_of[since], history.as_of[difference.event])
    text, shown = _data(difference, rule.facts if rule else {}, edits, days)
    # nothing declares any more who may see the subjects of a rule that is gone
    naming = rule.sensitivity if rule else UNDECLARED
    first = shown[0] if shown and naming == OPEN else None
    return {
        "change": difference.kind,
        "title": rule.title if rule else difference.rule,
        "subject": place.name,
        "division": divisions.name(difference.division),
        "opened": history.label(difference.opened),
        "closed": history.label(difference.closed) if difference.closed is not None else None,
        "data": text,
        "file": first.file if first else None,
        "sheet": first.sheet if first else None,
        "line": first.line if first else None,
        "severity": rule.severity if rule else "",
        "rule": difference.rule,
        "subject_id": difference.subject,
        "subject_sensitivity": classes((place.sensitivity, naming)),
        "rule_sensitivity": naming,
        "data_sensitivity": classes((naming, *(e.sensitivity for e in shown))),
        "division_id": difference.division if difference.division in divisions.names else "",
    }


def _data(
    difference: Difference, facts: Iterable[str], edits: Sequence[FactChange], days: tuple[dt.date, dt.date]
) -> tuple[str, Sequence[FactChange]]:
    """The changes in the data in words, those of the rule's facts first, and the changes that the words quote."""
    if difference.kind == OF_RULE:
        return "规则、参数或口径有变", ()
    compared = set(facts)
    ordered = sorted(edits, key=lambda e: e.field not in compared)
    shown = list({e.text: e for e in ordered}.values())
    passed = f"日期推移（{days[0]} → {days[1]}）" if days[0] != days[1] else ""
    texts = [e.text for e in shown]
    if not texts:
        return (f"{passed}，有关的台账行没有变化" if passed else "有关的台账行没有变化，由别处的变化引起"), ()
    # where time passed and no fact of the rule changed, time rather than the data made the difference
    if passed and all(e.field and e.field not in compared and not e.field.startswith("@") for e in shown):
        return f"{passed}；同期：{'；'.join(texts)}", shown
    return "；".join(texts), shown


def _order(context: Context, divisions: Regions) -> Any:
    severities = list(SEVERITIES)

    def key(row: dict[str, Any]) -> tuple[Any, ...]:
        severity = severities.index(row["severity"]) if row["severity"] else len(severities)
        return (
            KINDS.index(row["change"]), severity, row["rule"],
            divisions.sort_key(row["division_id"]), row["subject"], row["subject_id"],
        )  # fmt: skip

    return key


def _then_and_now(context: Inquiry, history: History, spans: pa.Table, since: int, now: int) -> Iterable[Total]:
    """The number of problems of each rule at both revisions, for the rules that have any."""
    then, today = counts(spans, since), counts(spans, now)
    for rule in _rules(context):
        if then.get(rule.id) or today.get(rule.id):
            yield Total(f"then_{rule.id}", f"{rule.title}：第 {since} 版", then.get(rule.id, 0), "项")
            yield Total(f"now_{rule.id}", f"{rule.title}：第 {now} 版", today.get(rule.id, 0), "项")


def _rules(context: Inquiry) -> list[Rule]:
    """The rules of the id and the severity asked about."""
    chosen = _rule(context)
    return [r for r in context.book.rules.values() if chosen in ("", r.id) and context.severity in ("", r.severity)]


def _notes(history: History, since: int | None, now: int) -> tuple[str, ...]:
    if since is None:
        return ("图库里还没有可以比较的更早一版：载入两次以上，才看得出变化。",)
    return (
        f"比较{history.label(since)}与{history.label(now)}。每次载入、撤销之后都计量一次，"
        f"有效期和任期分别按 {history.as_of[since]} 和 {history.as_of[now]} 计算。",
        "数据的变化：两版之间该对象的台账行和写明它的其他台账行，改动前 → 改动后。",
    )


def _failed(context: Inquiry, history: History, revisions: Iterable[int]) -> tuple[str, ...]:
    """A note on each rule that failed when some of the revisions were measured."""
    notes = []
    for rule in _rules(context):
        if numbers := [str(n) for n in sorted({*revisions}) if rule.id in history.failed.get(n, ())]:
            where = f"在第 {'、'.join(numbers)} 版计量时出错"
            notes.append(f"规则 {rule.id}（{rule.title}）{where}：没有它在该版的数，其变化不准。")
    return tuple(notes)


def _fields(history: History, since: int | None, now: int) -> tuple[Field, ...]:
    offered = [number for number in history.measured if number < now][-OFFERED:][::-1]
    shown = "" if since is None else history.label(since)
    return (Field(SINCE.name, SINCE.label, tuple((str(n), history.label(n)) for n in offered), value=shown),)


def trends(reader: Reader, context: Inquiry) -> Answer:
    """Both coverages and the number of problems at each revision, the latest first.

    Raises QuestionError for a chain, by which nothing is measured.
    """
    rules = _rules(context)
    if context.chain:
        raise QuestionError("趋势按区划计量，不能按产业链看。请去掉产业链。")
    history = History.read(reader)
    table = reader.query(TRENDS_CYPHER)
    # the revision whose rows are the figures of a revision
    since = {
        (row["revision"], row["rule"], row["base"]): row["since"]
        for row in table.filter(pc.equal(table["division"].cast(pa.string()), "")).to_pylist()
    }
    if context.scope:
        table = table.filter(pc.is_in(table["division"].cast(pa.string()), value_set=pa.array(context.scope)))
    summed = table.group_by(["revision", "rule", "base"]).aggregate(
        [(name, "sum") for name in ("population", "findings", "unverified")]
    )
    figures = {
        (row["revision"], row["rule"], row["base"]): (row["population_sum"], row["findings_sum"], row["unverified_sum"])
        for row in summed.to_pylist()
    }

    def figures_of(revision: int, rule: str, base: str) -> tuple[int, int, int]:
        return figures.get((since.get((revision, rule, base), revision), rule, base), (0, 0, 0))

    bases = {kind: one_base(context.book, context.locality, kind, context.base) for kind in UNIT_KINDS}
    one_rule = _rule(context)
    columns = [Column("number", "版本", "integer"), Column("at", "时间"), Column("as_of", "计量日期", "date")]
    if not one_rule:
        for kind, base in bases.items():
            name = UNIT_KINDS[kind]
            columns.append(in_base(kind, name, base or NO_BASE))
            for coverage, (aspect, counted, label) in COVERAGES.items():
                columns += [
                    Column(
                        f"{coverage}_covered_{kind}", f"{name}{counted}", "integer", "家",
                        group=name, short=counted, aspect=aspect,
                    ),
                    Column(
                        f"{coverage}_{kind}", f"{name}{label}", "percent",
                        group=name, short=label, aspect=aspect, role="coverage", blank_from=blank_of(f"{coverage}_{kind}"),
                    ),
                ]  # fmt: skip
    rows = []
    for number in reversed(history.measured):
        row: dict[str, Any] = {"number": number, "at": history.at.get(number, ""), "as_of": history.as_of[number]}
        for kind, base in bases.items():
            for coverage in COVERAGES:
                units, covered, unverified = figures_of(number, coverage, base or "")
                row |= {
                    f"{coverage}_covered_{kind}": covered,
                    f"units_{kind}": units,
                    **share(f"{coverage}_{kind}", covered, units, unverified),
                }
        for rule in rules:
            base = context.base if "bases" in rule.given else ""
            row[f"population_{rule.id}"], row[rule.id], _ = (
                (None, None, None) if rule.id in history.failed.get(number, ()) else figures_of(number, rule.id, base)
            )
        rows.append(row)
    for rule in rules:
        if one_rule:
            columns.append(Column(f"population_{rule.id}", "总数", "integer", "个"))
        if one_rule or any(row[rule.id] for row in rows):
            columns.append(Column(rule.id, rule.title, "integer", "个"))
    return context.answer(
        reader, "trends", "趋势", columns, rows,
        totals=(Total("revisions", "计量的版本", len(rows), "个"),),
        basis=("每次载入、撤销之后计量一次；两个覆盖率各按所注口径，口径不同的不相比。",),
        notes=(
            *_failed(context, history, history.measured),
            "规则、参数或口径改变之后，前后的数不可直接相比；变化见“变化”。",
        ),
        cypher=(TRENDS_CYPHER, CHANGES_CYPHER, MEASURED_CYPHER),
    )  # fmt: skip


QUESTIONS: tuple[Question, ...] = (
    Question(
        "changes",
        "变化",
        "自某一版或某一天以来，哪些问题消除了、新增了、再次出现，数据里改了什么；默认比较最近一次载入前后",
        changes,
        (SINCE, RULE, CHANGE, SEVERITY),
        by_date=False,
    ),
    Question("trends", "趋势", "历次载入之后的两个覆盖率和各类问题数", trends, (RULE, SEVERITY), by_date=False),
)
