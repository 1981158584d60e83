"""两个覆盖总览: units by state in their base, both coverage rates, and what else a county counts, by division.

A rate counts units and names its base. 非公企业 and 社会组织 are never added up.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from graph import chains
from graph.answers import Answer, Aspect, Column, Field, QuestionLink, Total, blank_of, share
from graph.context import Context
from graph.coverage.states import (
    COVERED,
    LIAISON,
    NOT_APPLICABLE,
    RATES,
    SHOULD_EXIST,
    SHOULD_JOIN,
    UNVERIFIED,
    WITHIN,
    not_applicable,
    organization_state,
)
from graph.coverage.tally import NO_BASE, Tally, across, units
from graph.coverage.unit_facts import (
    BRANCHES_CYPHER,
    COVERED_CYPHER,
    GUIDED_CYPHER,
    LOCATED,
    UNITS,
    Scoped,
    facts_table,
    grouped,
    minimum_elsewhere,
    minimum_members,
    unit_facts,
)
from graph.history.counting import problem_counts
from graph.locality import Locality
from graph.parameters import KINDS, SEVERITIES, SEVERITY, words
from graph.privacy import protects
from graph.questions.asking import Question
from graph.questions.problems.deferrals import Deferrals
from graph.questions.problems.findings import by_severity
from graph.regions import LOCATED_CYPHER, REGIONS_CYPHER, Located, Regions
from graph.rules.book import Book, one_base
from graph.rules.inquiry import Inquiry
from graph.rules.rule import fill
from graph.stores.base import Reader
from graph.validity import in_force, posting_in_force

_FIRM_IN_SCOPE = f"""(u:Unit)-[:LOCATED_IN]->(r:Region)
    WHERE u.listed AND r.id IN $scope AND {in_force("i")}"""

ORGANIZATIONS = Scoped.of("MATCH (o:PartyOrg) WHERE o.listed%s RETURN o.id AS id ORDER BY id", LOCATED.format("o"))
OFFICERS = Scoped.of(
    """MATCH (o:GuidanceOfficer)
WHERE o.listed AND coalesce(o.role, '指导员') IN ['指导员', '联络员']%s
RETURN o.id AS id, coalesce(o.duty, '') IN $duties_gone AS gone, coalesce(o.role, '指导员') AS role
ORDER BY id""",
    f"""{LOCATED.format("o")} OR EXISTS {{
    MATCH (o)-[g:GUIDES]->(u:Unit)-[:LOCATED_IN]->(r:Region)
    WHERE u.listed AND r.id IN $scope AND {posting_in_force("g")}
  }}""",
)
CHAINS = Scoped.of(
    """MATCH (c:IndustryChain)
WHERE c.listed AND NOT EXISTS { MATCH (c)-[:PART_OF]->(:IndustryChain) }%s
RETURN c.id AS id
ORDER BY id""",
    f"""{LOCATED.format("c")} OR EXISTS {{
    MATCH (c)<-[i:IN_CHAIN]-{_FIRM_IN_SCOPE}
  }} OR EXISTS {{
    MATCH (c)<-[:PART_OF*1..8]-(:IndustryChain)<-[i:IN_CHAIN]-{_FIRM_IN_SCOPE}
  }}""",
)
PAIRS = Scoped.of(
    f"""MATCH (a)-[p:PAIRED_WITH]->(b)
WHERE a.listed AND b.listed AND {in_force("p")}%s
RETURN p.key AS id, a.id AS one, b.id AS other
ORDER BY id""",
    f"a.id IN $scope OR b.id IN $scope OR {LOCATED.format('a')} OR {LOCATED.format('b')}",
)

REVIEWS_CYPHER = (
    "MATCH (v:Review) WHERE v.state = 'open' RETURN v.division AS division, v.sensitivity AS sensitivity ORDER BY v.id"
)
LATEST_CYPHER = """MATCH (c:Change) WHERE c.kind IN ['load', 'undo']
RETURN c.number AS number, c.kind AS kind, c.at AS at
ORDER BY number DESC LIMIT 1"""


def cypher(context: Context) -> tuple[str, ...]:
    """The queries of the overview, without those of its rules."""
    scoped = (query.text(context) for query in (UNITS, ORGANIZATIONS, OFFICERS, CHAINS, PAIRS))
    return (*scoped, COVERED_CYPHER, GUIDED_CYPHER, BRANCHES_CYPHER, LOCATED_CYPHER, REGIONS_CYPHER)


def reported(context: Inquiry) -> dict[str, str]:
    """The reporting base of each kind of unit that the county reports on; '' for a kind without one."""
    book, locality = context.book, context.locality
    kinds = dict.fromkeys([*KINDS, *(book.bases[b].kind for b in (*locality.bases, *filter(None, [context.base])))])
    return {kind: one_base(book, locality, kind, context.base) for kind in kinds}


def unit_base(context: Inquiry, kind: str) -> str:
    """The base by which a unit of a kind is judged: one across kinds where the question names it, else that of its kind."""
    base = context.base
    if base and across(context.book.bases[base].kind):
        return base
    return one_base(context.book, context.locality, kind, base)


def base_field(context: Inquiry) -> Field:
    """The field for the base of a question."""
    return Field("base", "口径", (("", "本地上报口径"), *words(context.book.bases).items()))


def overview(reader: Reader, context: Inquiry) -> Answer:
    """Units, both coverage rates by kind, and problems by division; in all also organizations, officers, chains, pairs."""
    book, locality = context.book, context.locality
    minimum, broad = minimum_members(book, context), locality.broad_work_coverage
    facts = facts_table(reader, context)
    bases = reported(context)
    kinds = tuple(bases)
    divisions = Regions.read(reader)
    located = divisions.located(reader)
    of_units = [located.by_id.get(id_, "") for id_ in facts["id"].to_pylist()]
    problems = problem_counts(reader, context, located)
    row_of = divisions.rows({*of_units, *(region for region, _ in problems)}, context.scope)

    whole = {kind: Tally() for kind in kinds}
    by_row: dict[str, dict[str, Tally]] = defaultdict(lambda: {kind: Tally() for kind in kinds})
    excluded: Counter[str] = Counter()
    for row, unit, number in grouped(facts, pa.array([row_of.get(region, "") for region in of_units], pa.string())):
        for kind, base in bases.items():
            whole[kind].add(unit, base, broad, number)
            by_row[row][kind].add(unit, base, broad, number)
        excluded.update({kind: number for kind in KINDS if not_applicable(unit, kind)})
    severities: dict[str, Counter[str]] = defaultdict(Counter)
    for (region, severity), number in problems.items():
        severities[row_of.get(region, "")][severity] += number

    regions = sorted(by_row.keys() | severities.keys(), key=divisions.sort_key)
    higher = divisions.higher(regions)
    return context.answer(
        reader,
        "overview",
        "两个覆盖总览",
        _columns(kinds, bases),
        [
            _row(divisions.name(r) + ("（本级）" if r in higher else ""), r, by_row[r], severities[r])
            | {"rest": r in higher}
            for r in regions
        ],
        totals=(
            *_counts(reader, context, facts.num_rows),
            *by_severity(s for counts in severities.values() for s in counts.elements()),
            _reviews(reader, context),
            *(t for kind in kinds for t in whole[kind].totals(kind, bases[kind] or NO_BASE)),
            *deferred(reader, context, divisions, located, bases, whole),
            *(
                Total(
                    f"not_applicable_{kind}", f"{name}不适用", excluded[kind], "家",
                    group=name, state=NOT_APPLICABLE, role="outside",
                )
                for kind, name in KINDS.items()
            ),
        ),
        basis=(
            *(f"{r} = {RATES[r].format(minimum=minimum)}" for r in ("组织覆盖率", "工作覆盖率", "应建组建率")),
            "口径内单位数 = 单独组建 + 联合组建 + 方式不明 + 应建未建 + 应联建未联建 + 无党员 + 待核实",
            *(f"口径 {b}：{base_meaning(context.book, context.locality, b)}" for b in bases.values() if b),
        ),
        cypher=(*cypher(context), *(rule.query.cypher for rule in book.rules.values())),
        notes=(*minimum_elsewhere(facts, minimum), "非公企业与社会组织分别统计，不相加。", "功能型党支部、党工委、产业链党委、联盟党委不计入组织覆盖。", *_latest(reader)),
        fields=(base_field(context),),
    )  # fmt: skip


def _counts(reader: Reader, context: Inquiry, units: int) -> list[Total]:
    """The number of things listed of each type, in the scope and on the chain asked about."""
    parameters = context.book.parameters("coverage_blank", context)
    of_chain = chains.members(reader, context) if context.chain else {}

    def listed(query: Scoped, node_type: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = reader.query(query.text(context), parameters).to_pylist()
        return [r for r in rows if r["id"] in of_chain[node_type]] if context.chain else rows

    officers = listed(OFFICERS, "GuidanceOfficer")
    members = frozenset[str]().union(*of_chain.values())
    pairs = {
        frozenset((row["one"], row["other"]))
        for row in reader.query(PAIRS.text(context), parameters).to_pylist()
        if not context.chain or row["one"] in members or row["other"] in members
    }
    return [
        Total("units", "两新组织", units, "家", listed=("units", ())),
        Total("organizations", "党组织", len(listed(ORGANIZATIONS, "PartyOrg")), "个"),
        Total("officers", "指导员、联络员", len(officers), "名"),
        Total("liaisons", "其中联络员", sum(o["role"] == LIAISON for o in officers), "名"),
        Total("officers_in_post", "其中在岗", sum(not o["gone"] for o in officers), "名"),
        Total("chains", "产业链", len(listed(CHAINS, "IndustryChain")), "条"),
        Total("pairs", "结对", len(pairs), "对"),
    ]


#: the states that a 暂缓 of these rules is about
_DEFERRABLE = {"org_should_exist": SHOULD_EXIST, "org_should_join": SHOULD_JOIN}


def deferred(
    reader: Reader,
    context: Inquiry,
    divisions: Regions,
    located: Located,
    bases: Mapping[str, str],
    whole: Mapping[str, Tally],
) -> list[Total]:
    """The units by kind that lack an organization and have a 暂缓 in force. They stay in the numbers of `whole`."""
    counts: Counter[tuple[str, str]] = Counter()
    deferrals = Deferrals.read(reader, context, divisions)
    if any(rule in _DEFERRABLE for rule, _ in deferrals.by_subject):
        for unit in unit_facts(reader, context):
            kind = unit.kind or ""
            if kind in KINDS and bases.get(kind):
                state = organization_state(unit, bases[kind], unit.minimum)
                rule = next((r for r, s in _DEFERRABLE.items() if s == state), "")
                counts[kind, state or ""] += bool(rule and deferrals.of(rule, unit.id, located.by_id.get(unit.id, "")))
    return [
        Total(
            f"deferred_{state}_{kind}", f"{name}组织覆盖：{state}，其中已批准暂缓", counts[kind, state], "家", None,
            whole[kind].org[state], f"{name}{state}", group=name, aspect="organization", state=state,
        )
        for kind, name in KINDS.items()
        if kind in whole
        for state in _DEFERRABLE.values()
    ]  # fmt: skip


def _reviews(reader: Reader, context: Context) -> Total:
    """The number of open reviews in the scope asked about."""
    scope = frozenset(context.scope)
    waiting = sum(
        (not scope or review["division"] in scope) and not protects(review["sensitivity"] or "", context.protected)
        for review in reader.query(REVIEWS_CYPHER).to_pylist()
    )
    return Total("reviews", "待核实事项", waiting, "项", listed=("reviews", ()))


def _latest(reader: Reader) -> tuple[str, ...]:
    """A note on the latest load or undo. Files and author stay in the 载入记录, which shows each viewer only their own."""
    labels = {"load": "载入", "undo": "撤销"}
    return tuple(
        f"最近一次{labels[r['kind']]}：{r['at'][:16].replace('T', ' ') if r['at'] else '时间不详'}"
        f"（第 {r['number']} 版），文件和操作人见载入记录。"
        for r in reader.query(LATEST_CYPHER).to_pylist()
    )


def base_meaning(book: Book, locality: Locality, base: str) -> str:
    """The meaning of a base: which units are in it, with the thresholds in force."""
    item = book.bases[base]
    return fill(item.meaning, {p.name: p.value for p in book.thresholds(item, locality)})


def _columns(kinds: Iterable[str], bases: Mapping[str, str]) -> list[Column]:
    columns = [Column("division", "区划", link=("Region", "division_id"))]
    for kind in kinds:
        columns += _columns_of(kind, KINDS.get(kind, kind), bases[kind] or NO_BASE)
    return columns + [
        Column(
            s, f"问题（{label}）", "integer", "项", listed=("gaps", (("severity", s),)),
            group="问题", short=label, level=s,
        )
        for s, label in SEVERITIES.items()
    ]  # fmt: skip


def _columns_of(kind: str, name: str, base: str) -> list[Column]:
    """The columns about one kind of unit: the number in its base, in the states, and the rates."""

    def count(column: str, short: str, aspect: Aspect = "", listed: QuestionLink | None = None) -> Column:
        return Column(
            f"{column}_{kind}", f"{name}{short}", "integer", "家", listed=listed, group=name, short=short, aspect=aspect
        )

    def rate(column: str, short: str, aspect: Aspect) -> Column:
        label = f"{name}{short}"
        return Column(
            f"{column}_{kind}", label, "percent", group=name, short=short, aspect=aspect, role="coverage",
            blank_from=blank_of(f"{column}_{kind}"),
        )  # fmt: skip

    return [
        in_base(kind, name, base, units(kind, base, within=WITHIN)),
        count("covered", "组织覆盖数", "organization"),
        rate("org_coverage", "组织覆盖率", "organization"),
        count("work_covered", "工作覆盖数", "work", units(kind, base, work=COVERED)),
        rate("work_coverage", "工作覆盖率", "work"),
        count("should_exist", SHOULD_EXIST, "organization", units(kind, base, org=SHOULD_EXIST)),
        count("unverified", UNVERIFIED, "organization", units(kind, base, org=UNVERIFIED)),
    ]


def in_base(kind: str, name: str, base: str, listed: QuestionLink | None = None) -> Column:
    """The column that counts the units of a kind in their base."""
    return Column(
        f"units_{kind}", f"{name}数（{base}）", "integer", "家", listed=listed, group=name, short="单位数", base=base
    )


def rate_of(covered: int, units: int, unverified: int) -> float | None:
    """The share of the units that are covered; None where there is none of which that can be told."""
    return covered / units if units > unverified else None


def _row(division: str, region: str, tallies: Mapping[str, Tally], severities: Counter[str]) -> dict[str, Any]:
    row: dict[str, Any] = {"division": division, "division_id": region}
    for kind, tally in tallies.items():
        n = tally.units
        row |= {
            f"units_{kind}": n,
            f"covered_{kind}": tally.covered,
            **share(f"org_coverage_{kind}", tally.covered, n, tally.org[UNVERIFIED]),
            f"work_covered_{kind}": tally.work[COVERED],
            **share(f"work_coverage_{kind}", tally.work[COVERED], n, tally.work[UNVERIFIED]),
            f"should_exist_{kind}": tally.org[SHOULD_EXIST],
            f"unverified_{kind}": tally.org[UNVERIFIED],
        }
    return row | {severity: severities[severity] for severity in SEVERITIES}


QUESTIONS: tuple[Question, ...] = (
    Question(
        "overview",
        "两个覆盖总览",
        "两新组织、党组织、指导员、产业链、结对各有多少，两个覆盖率各是多少，按区划分列",
        overview,
        (SEVERITY,),
    ),
)
