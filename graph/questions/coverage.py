"""两个覆盖: the state of every unit in its base, and the overview that counts them by division.

Definitions: domain.md §1–§3. A rate counts units, names its base, and 企业 and 社会组织 are never added up.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from graph.answers import Answer, Asked, Column, Total, rate
from graph.locality import Locality
from graph.questions.base import KINDS, SEVERITIES, Context, Question
from graph.questions.divisions import CYPHER as DIVISIONS_CYPHER
from graph.questions.divisions import Divisions
from graph.questions.gaps import LOCATED_CYPHER, Located, by_severity, problems
from graph.questions.gaps import QUESTIONS as GAPS_QUESTIONS
from graph.questions.states import (
    ALONE,
    COVERED,
    COVERED_STATES,
    LIAISON,
    ORG_STATES,
    RATES,
    SHOULD_EXIST,
    UNVERIFIED,
    WITHIN,
    WORK_STATES,
    UnitFacts,
    not_applicable,
    organization_state,
    work_state,
)
from graph.rules.book import Book, one_base
from graph.rules.files import fill
from graph.stores.base import Reader

_LOCATED = "EXISTS {{ MATCH ({})-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope }}"
_FIRM_IN_SCOPE = """(u:Unit)-[:LOCATED_IN]->(r:Region)
    WHERE u.listed AND r.id IN $scope AND i.valid_from <= $as_of AND $as_of <= i.valid_to"""


class Scoped(NamedTuple):
    """A query of the whole graph, and of a scope: a condition on an empty scope costs as much as one on a full one."""

    whole: str
    scoped: str

    @classmethod
    def of(cls, cypher: str, condition: str) -> Scoped:
        """Both from one text, in which %s stands where the scope is asked about."""
        return cls(cypher.replace("%s", ""), cypher.replace("%s", f" AND ({condition})"))

    def asked(self, context: Context) -> str:
        """The one that answers what is asked."""
        return self.scoped if context.scope else self.whole


UNITS = Scoped.of(
    """MATCH (u:Unit)
WHERE u.listed%s
RETURN u.id AS id, u.kind AS kind, u.ownership AS ownership, u.operating AS operating,
  u.bases AS bases, u.bases_undecided AS undecided,
  u.formal_members AS formal, u.formal_and_probationary AS wider, u.members AS members,
  coalesce(u.has_officer, false) AS stated,
  coalesce(u.trade_union, false) OR coalesce(u.youth_league, false) OR coalesce(u.women_federation, false) AS unions
ORDER BY id""",
    _LOCATED.format("u"),
)
# asked apart, once for all units: as conditions inside the query above they take half as long again
_COVERS = """o.listed AND c.valid_from <= $as_of AND $as_of <= c.valid_to
  AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)"""
_IN_POST = """o.listed AND NOT (coalesce(o.duty, '') IN $duties_gone)
    AND coalesce(g.role, o.role, '指导员') IN $work_roles
    AND g.valid_from <= $as_of AND $posting_since <= g.valid_to"""
COVERED_CYPHER = f"""MATCH (o:PartyOrg)-[c:COVERS]->(u:Unit)
WHERE {_COVERS}
RETURN DISTINCT u.id AS id, coalesce(c.mode, '') AS mode"""
GUIDED_CYPHER = f"""MATCH (o:GuidanceOfficer)-[g:GUIDES]->(u:Unit)
RETURN DISTINCT u.id AS id, coalesce(g.role, o.role, '指导员') AS role,
  {_IN_POST} AS in_force"""
#: the same of one unit, or of one organization: which they are
COVERING_CYPHER = f"""MATCH (o:PartyOrg)-[c:COVERS]->(u:Unit {{id: $id}})
WHERE {_COVERS}
RETURN o.id AS id, o.name AS name, coalesce(c.mode, '') AS mode
ORDER BY id"""
GUIDING_CYPHER = f"""MATCH (o:GuidanceOfficer)-[g:GUIDES]->(u:Unit {{id: $id}})
RETURN o.id AS id, o.name AS name, coalesce(g.role, o.role, '指导员') AS role,
  {_IN_POST} AS in_force
ORDER BY id"""
COVERS_CYPHER = f"""MATCH (o:PartyOrg {{id: $id}})-[c:COVERS]->(u:Unit)
WHERE u.listed AND {_COVERS}
RETURN u.id AS id, coalesce(c.mode, '') AS mode
ORDER BY id"""
BRANCHES_CYPHER = """MATCH (u:Unit)<-[:COVERS]-(o:PartyOrg)-[:COVERS]->(p:Unit)
WHERE u.branch_of_parent AND o.listed AND p.listed AND NOT coalesce(p.branch_of_parent, false)
RETURN DISTINCT u.id AS id"""
ORGANIZATIONS = Scoped.of("MATCH (o:PartyOrg) WHERE o.listed%s RETURN o.id AS id ORDER BY id", _LOCATED.format("o"))
OFFICERS = Scoped.of(
    """MATCH (o:GuidanceOfficer)
WHERE o.listed AND coalesce(o.role, '指导员') IN ['指导员', '联络员']%s
RETURN o.id AS id, coalesce(o.duty, '') IN $duties_gone AS gone, coalesce(o.role, '指导员') AS role
ORDER BY id""",
    f"""{_LOCATED.format("o")} OR EXISTS {{
    MATCH (o)-[g:GUIDES]->(u:Unit)-[:LOCATED_IN]->(r:Region)
    WHERE u.listed AND r.id IN $scope AND g.valid_from <= $as_of AND $posting_since <= g.valid_to
  }}""",
)
CHAINS = Scoped.of(
    """MATCH (c:IndustryChain)
WHERE c.listed AND NOT EXISTS { MATCH (c)-[:PART_OF]->(:IndustryChain) }%s
RETURN c.id AS id
ORDER BY id""",
    f"""{_LOCATED.format("c")} OR EXISTS {{
    MATCH (c)<-[i:IN_CHAIN]-{_FIRM_IN_SCOPE}
  }} OR EXISTS {{
    MATCH (c)<-[:PART_OF*1..8]-(:IndustryChain)<-[i:IN_CHAIN]-{_FIRM_IN_SCOPE}
  }}""",
)
PAIRS = Scoped.of(
    """MATCH (a)-[p:PAIRED_WITH]->(b)
WHERE a.listed AND b.listed AND p.valid_from <= $as_of AND $as_of <= p.valid_to%s
RETURN p.key AS id, a.id AS one, b.id AS other
ORDER BY id""",
    f"a.id IN $scope OR b.id IN $scope OR {_LOCATED.format('a')} OR {_LOCATED.format('b')}",
)

REVIEWS_CYPHER = "MATCH (v:Review) WHERE v.state = 'open' RETURN v.division AS division"
LATEST_CYPHER = """MATCH (c:Change) WHERE c.kind IN ['load', 'undo']
RETURN c.number AS number, c.kind AS kind, c.at AS at
ORDER BY number DESC LIMIT 1"""


def cypher(context: Context) -> tuple[str, ...]:
    """What the overview asks of the store besides its rules."""
    asked = (scoped.asked(context) for scoped in (UNITS, ORGANIZATIONS, OFFICERS, CHAINS, PAIRS))
    return (*asked, COVERED_CYPHER, GUIDED_CYPHER, BRANCHES_CYPHER, LOCATED_CYPHER, DIVISIONS_CYPHER)


_TYPES: Mapping[str, pa.DataType] = {
    **dict.fromkeys(("bases", "undecided"), pa.list_(pa.string())),
    **dict.fromkeys(("formal", "wider", "members"), pa.int64()),
    **dict.fromkeys(("stated", "unions", "in_force"), pa.bool_()),
}


def facts_table(reader: Reader, context: Context, only: Sequence[str] | None = None) -> pa.Table:
    """The units listed in the scope, those of the chain where one is asked about, by id; or `only` some of them.

    Columns are those of UnitFacts, lists joined by line ends: units that share all but the id share their states.
    """
    given = context.book.parameters("coverage_blank", context)

    def asked(cypher: str, given: Mapping[str, Any] | None = None) -> pa.Table:
        table = reader.query(cypher, given or {})
        # a server tells no type of a column in which there is nothing
        table = table.cast(pa.schema([(name, _TYPES.get(name, pa.string())) for name in table.column_names]))
        return table if only is None else table.filter(_among(table["id"], pa.array(only, pa.string())))

    units = asked(UNITS.asked(context), given)
    if context.chain:
        firms = context.book.of_chain(reader, context)["Unit"]
        units = units.filter(_among(units["id"], pa.array(sorted(firms), pa.string())))
    ids = units["id"]
    covering, guiding, branches = asked(COVERED_CYPHER, given), asked(GUIDED_CYPHER, given), asked(BRANCHES_CYPHER)
    made = {name: units[name] for name in units.column_names}
    for name in ("bases", "undecided"):
        made[name] = pc.fill_null(pc.binary_join(units[name], "\n"), "")
    made["stated"] = pc.and_(units["stated"], pc.invert(_among(ids, guiding["id"])))
    made["branch"] = _among(ids, branches["id"])
    made["covered"] = _among(ids, covering["id"])
    for name, mode in (("alone", "单独"), ("joint", "联合")):
        made[name] = _among(ids, covering.filter(pc.equal(covering["mode"], mode))["id"])
    roles: dict[str, list[str]] = defaultdict(list)
    for row in guiding.filter(guiding["in_force"]).to_pylist():
        roles[row["id"]].append(row["role"])
    known = pa.array(roles, pa.string())
    texts = pa.array(["\n".join(sorted(r)) for r in roles.values()], pa.string())
    made["guided"] = pc.fill_null(texts.take(pc.index_in(ids, known)), "")
    return pa.table({name: made[name] for name in UnitFacts._fields})


def unit_facts(reader: Reader, context: Context, only: Sequence[str] | None = None) -> list[UnitFacts]:
    """See facts_table: one for each unit, by id."""
    return list(_units(facts_table(reader, context, only)))


def _among(ids: pa.ChunkedArray, known: pa.Array | pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.is_in(ids, value_set=known)


def _units(table: pa.Table) -> Iterator[UnitFacts]:
    apart = lru_cache(maxsize=None)(lambda text: tuple(text.split("\n")) if text else ())
    for id_, kind, ownership, operating, bases, undecided, *rest, guided in zip(
        *(table[c].to_pylist() for c in UnitFacts._fields), strict=True
    ):
        yield UnitFacts._make((id_, kind, ownership, operating, apart(bases), apart(undecided), *rest, apart(guided)))


def grouped(facts: pa.Table, row: pa.Array) -> Iterator[tuple[str, UnitFacts, int]]:
    """Each kind of unit there is in each row of an answer, and how many of them: a county has a few hundred."""
    columns = [c for c in UnitFacts._fields if c != "id"]
    counted = (
        facts.drop_columns("id").append_column("row", row).group_by([*columns, "row"]).aggregate([([], "count_all")])
    )
    units = _units(counted.append_column("id", pa.array([""]).take(pa.array([0] * counted.num_rows, pa.int64()))))
    return zip(counted["row"].to_pylist(), units, counted["count_all"].to_pylist(), strict=True)


def minimum_members(book: Book, context: Context) -> int:
    """The number of 正式党员 that calls for an organization, as org_should_exist has it."""
    return int(book.parameters("org_should_exist", context)["org_min_members"])


def units(kind: str, **states: str) -> Asked:
    """The question that lists the units of a kind that are in a state."""
    return "units", (("kind", kind), *states.items())


class Tally:
    """Units of one kind and base, counted by state."""

    def __init__(self) -> None:
        self.org: Counter[str] = Counter()
        self.work: Counter[str] = Counter()
        self.should = self.should_covered = self.should_alone = self.by_liaison = 0

    @property
    def units(self) -> int:
        return self.org.total()

    @property
    def covered(self) -> int:
        return sum(self.org[s] for s in COVERED_STATES)

    def add(self, unit: UnitFacts, base: str, minimum: int, broad: bool, number: int = 1) -> None:
        """Count a number of units of the same facts, where they have a state in the base."""
        state, work = organization_state(unit, base, minimum), work_state(unit, base, broad)
        if state is None or work is None:
            return
        self.org[state] += number
        self.work[work] += number
        self.by_liaison += number * (work == COVERED and not unit.covered and set(unit.guided) == {LIAISON})
        if unit.formal is not None and unit.formal >= minimum:
            self.should += number
            self.should_covered += number * (state in COVERED_STATES)
            self.should_alone += number * (state == ALONE)

    def totals(self, kind: str, base: str) -> list[Total]:
        """The rates of a kind, then its states."""
        name, n = KINDS.get(kind, kind), self.units
        should = f"{base}中正式党员达到应建标准的单位"
        of_kind = units(kind, within=WITHIN)
        return [
            rate(f"org_coverage_{kind}", f"{name}组织覆盖率", self.covered, n, base, of_kind),
            rate(f"work_coverage_{kind}", f"{name}工作覆盖率", self.work[COVERED], n, base, units(kind, work=COVERED)),
            rate(f"should_exist_{kind}", f"{name}应建组建率", self.should_covered, self.should, should),
            rate(f"alone_{kind}", f"{name}单独组建率（全口径）", self.org[ALONE], n, base),
            rate(f"should_alone_{kind}", f"{name}单独组建率（应建口径）", self.should_alone, self.should, should),
            *(
                Total(f"org_{s}_{kind}", f"{name}组织覆盖：{s}", self.org[s], "家", None, n, base, units(kind, org=s))
                for s in ORG_STATES
            ),
            *(
                Total(
                    f"work_{s}_{kind}", f"{name}工作覆盖：{s}", self.work[s], "家", None, n, base, units(kind, work=s)
                )
                for s in WORK_STATES
            ),
            Total(f"work_by_liaison_{kind}", f"{name}工作覆盖：已覆盖中仅由联络员联系", self.by_liaison, "家"),
        ]


def overview(reader: Reader, context: Context) -> Answer:
    """Units, organizations, officers, chains, pairs, both coverage rates by kind, and problems, by division."""
    book, locality = context.book, context.locality
    minimum, broad = minimum_members(book, context), locality.broad_work_coverage
    facts = facts_table(reader, context)
    kinds = dict.fromkeys([*KINDS, *(book.bases[b].kind for b in (*locality.bases, *filter(None, [context.base])))])
    bases = {kind: one_base(book, locality, kind, context.base) for kind in kinds}
    found = problems(reader, context)
    located, divisions = Located.read(reader), Divisions.read(reader)
    of_units = [located.get(id_, "") for id_ in facts["id"].to_pylist()]
    of_found = [(located.of(context, finding.subject), rule.severity) for rule, finding in found]
    row_of = divisions.rows({*of_units, *(region for region, _ in of_found)}, context.scope)

    whole = {kind: Tally() for kind in kinds}
    by_row: dict[str, dict[str, Tally]] = defaultdict(lambda: {kind: Tally() for kind in kinds})
    excluded: Counter[str] = Counter()
    for row, unit, number in grouped(facts, pa.array([row_of.get(region, "") for region in of_units], pa.string())):
        for kind, base in bases.items():
            whole[kind].add(unit, base, minimum, broad, number)
            by_row[row][kind].add(unit, base, minimum, broad, number)
        excluded.update({kind: number for kind in KINDS if not_applicable(unit, kind)})
    severities: dict[str, Counter[str]] = defaultdict(Counter)
    for region, severity in of_found:
        severities[row_of.get(region, "")][severity] += 1

    regions = sorted(by_row.keys() | severities.keys(), key=divisions.sort_key)
    higher = divisions.higher(regions)
    return context.answer(
        reader,
        "overview",
        "两个覆盖总览",
        _columns(kinds, bases),
        [
            _row(divisions.name(r) + ("（本级）" if r in higher else ""), r, by_row[r], severities[r]) for r in regions
        ],
        totals=(
            *_counts(reader, context, facts.num_rows),
            *by_severity(rule.severity for rule, _ in found),
            *_waiting(reader, context),
            *(t for kind in kinds for t in whole[kind].totals(kind, bases[kind] or "未设口径")),
            *(
                Total(f"not_applicable_{kind}", f"{name}不适用", excluded[kind], "家") for kind, name in KINDS.items()
            ),
        ),
        basis=(
            *(f"{r} = {RATES[r].format(minimum=minimum)}" for r in ("组织覆盖率", "工作覆盖率", "应建组建率")),
            "口径内单位数 = 单独组建 + 联合组建 + 方式不明 + 应建未建 + 应联建未联建 + 无党员 + 待核实",
            *(f"口径 {b}：{base_meaning(context.book, context.locality, b)}" for b in bases.values() if b),
        ),
        cypher=(*cypher(context), *(rule.finding.cypher for rule in book.rules.values())),
        notes=("非公企业与社会组织分别统计，不相加。", "功能型党支部、党工委不计入组织覆盖。", *_latest(reader)),
    )  # fmt: skip


def _counts(reader: Reader, context: Context, units: int) -> list[Total]:
    """How many of each are listed, in the scope and on the chain asked about."""
    given = context.book.parameters("coverage_blank", context)
    of_chain = context.book.of_chain(reader, context) if context.chain else {}

    def ids(query: Scoped, node_type: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = reader.query(query.asked(context), given).to_pylist()
        return [r for r in rows if r["id"] in of_chain[node_type]] if context.chain else rows

    organizations, chains = ids(ORGANIZATIONS, "PartyOrg"), ids(CHAINS, "IndustryChain")
    officers = ids(OFFICERS, "GuidanceOfficer")
    kept = frozenset[str]().union(*of_chain.values())
    pairs = {
        frozenset((row["one"], row["other"]))
        for row in reader.query(PAIRS.asked(context), given).to_pylist()
        if not context.chain or row["one"] in kept or row["other"] in kept
    }
    return [
        Total("units", "两新组织", units, "家", listed=("units", ())),
        Total("organizations", "党组织", len(organizations), "个"),
        Total("officers", "指导员、联络员", len(officers), "名"),
        Total("liaisons", "其中联络员", sum(o["role"] == LIAISON for o in officers), "名"),
        Total("officers_in_post", "其中在岗", sum(not o["gone"] for o in officers), "名"),
        Total("chains", "产业链", len(chains), "条"),
        Total("pairs", "结对", len(pairs), "对"),
    ]


def _waiting(reader: Reader, context: Context) -> list[Total]:
    """What waits for a person's decision, in the scope asked about."""
    found = reader.query(REVIEWS_CYPHER)["division"].to_pylist()
    scope = frozenset(context.scope)
    waiting = sum(not scope or region in scope for region in found)
    return [Total("reviews", "待核实事项", waiting, "项", listed=("reviews", ()))]


def _latest(reader: Reader) -> tuple[str, ...]:
    """When what was written last. Which files and by whom stands in the 载入记录, which tells each viewer what is theirs."""
    rows = reader.query(LATEST_CYPHER).to_pylist()
    said = {"load": "载入", "undo": "撤销"}
    return tuple(
        f"最近一次{said[r['kind']]}：{r['at'][:16].replace('T', ' ')}（第 {r['number']} 版），文件和操作人见载入记录。"
        for r in rows
    )


def base_meaning(book: Book, locality: Locality, base: str) -> str:
    """Which units are in a base, with the thresholds in force."""
    item = book.bases[base]
    return fill(item.meaning, {p.name: p.value for p in book.thresholds(item, locality)})


def _columns(kinds: Iterable[str], bases: Mapping[str, str]) -> list[Column]:
    columns = [Column("division", "区划", link=("Region", "division_id"))]
    for kind in kinds:
        name = KINDS.get(kind, kind)
        columns += [
            Column(
                f"units_{kind}",
                f"{name}数（{bases[kind] or '未设口径'}）",
                "integer",
                "家",
                listed=units(kind, within=WITHIN),
            ),
            Column(f"covered_{kind}", f"{name}组织覆盖数", "integer", "家"),
            Column(f"org_coverage_{kind}", f"{name}组织覆盖率", "percent"),
            Column(f"work_covered_{kind}", f"{name}工作覆盖数", "integer", "家", listed=units(kind, work=COVERED)),
            Column(f"work_coverage_{kind}", f"{name}工作覆盖率", "percent"),
            Column(f"should_exist_{kind}", f"{name}应建未建", "integer", "家", listed=units(kind, org=SHOULD_EXIST)),
            Column(f"unverified_{kind}", f"{name}待核实", "integer", "家", listed=units(kind, org=UNVERIFIED)),
        ]
    return columns + [
        Column(s, f"问题（{label}）", "integer", "项", listed=("gaps", (("severity", s),)))
        for s, label in SEVERITIES.items()
    ]


def _row(division: str, region: str, tallies: Mapping[str, Tally], found: Counter[str]) -> dict[str, Any]:
    row: dict[str, Any] = {"division": division, "division_id": region}
    for kind, tally in tallies.items():
        n = tally.units
        row |= {
            f"units_{kind}": n,
            f"covered_{kind}": tally.covered,
            f"org_coverage_{kind}": tally.covered / n if n else None,
            f"work_covered_{kind}": tally.work[COVERED],
            f"work_coverage_{kind}": tally.work[COVERED] / n if n else None,
            f"should_exist_{kind}": tally.org[SHOULD_EXIST],
            f"unverified_{kind}": tally.org[UNVERIFIED],
        }
    return row | {severity: found[severity] for severity in SEVERITIES}


QUESTIONS: tuple[Question, ...] = (
    Question(
        "overview",
        "两个覆盖总览",
        "两新组织、党组织、指导员、产业链、结对各有多少，两个覆盖率各是多少，按区划分列",
        overview,
    ),
    *GAPS_QUESTIONS,
)
