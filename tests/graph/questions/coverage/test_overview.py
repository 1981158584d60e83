"""States, rates and lists agree with one another and with the rules, for any ledgers."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph import ontology
from graph.answers import Answer
from graph.coverage.states import ORG_STATES, WORK_STATES, UnitFacts, organization_state, work_state
from graph.coverage.tally import Tally
from graph.coverage.unit_facts import unit_facts
from graph.errors import DeclarationError, QuestionError
from graph.locality import Locality
from graph.parameters import SEVERITIES
from graph.questions import catalogue
from graph.questions.asking import ask
from graph.rules.book import book
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader, Store
from graph.stores.ladybug.store import EmbeddedStore
from tests.graph.rules.building import Graph

AS_OF = dt.date(2026, 6, 30)
CONTEXT = Inquiry(AS_OF, Locality(), ontology.load(), book=book())
NEXT = itertools.count()
KINDS = ("企业", "社会组织")


def question(reader: Reader, name: str, context: Inquiry = CONTEXT, **given: str) -> Answer:
    return ask(catalogue(book()), reader, context, name, given)


def kept(folder: Path, graph: Graph) -> EmbeddedStore:
    store = EmbeddedStore(folder / f"{next(NEXT)}.lbug", create=True)
    fill(store, graph)
    return store


def fill(store: Store, graph: Graph) -> None:
    with store.writer("测试", "覆盖") as writer:
        graph.write(writer)
        book().refresh(writer, Locality(), AS_OF)


def small_county() -> Graph:
    """Two towns and a village; every state of both coverages; one organization of the county itself."""
    g = Graph()
    g.node("Region", "r", name="丁市", kind="县", code="990001")
    for town, code in (("东镇", "01"), ("西镇", "02")):
        g.edge(g.node("Region", f"r{town}", name=town, kind="镇街", code="9900011" + code), "PART_OF", "r")
    g.edge(g.node("Region", "r村", name="东村", kind="村", category=["脱贫村"]), "PART_OF", "r东镇")
    east: dict[str, dict[str, Any]] = {
        "u单独": {"formal_members": 5},
        "u联合": {"formal_members": 1},
        "u不明": {"formal_members": None},
        "u应建": {"formal_members": 3},
        "u应联": {"formal_members": 2},
        "u没有": {"formal_members": 0},
        "u零": {"members": 0},
        "u待核": {"members": 4},
        "u所有制": {"formal_members": 9, "ownership": "不明"},
        "u注销": {"operating": "注销", "formal_members": 9},
        "u公有": {"ownership": "公有控股"},
    }
    for name, facts in east.items():
        g.edge(g.node("Unit", name, **facts), "LOCATED_IN", "r村" if name == "u单独" else "r东镇")
    g.edge(g.node("Unit", "u协会", kind="社会组织", formal_members=3, has_officer=True), "LOCATED_IN", "r西镇")
    for org, unit, mode in (
        ("o1", "u单独", "单独"),
        ("o2", "u联合", "联合"),
        ("o2", "u不明", None),
        ("o1", "u联合", "联合"),
    ):
        if org not in g.nodes:
            g.edge(g.node("PartyOrg", org, term_to=dt.date(2020, 1, 1)), "LOCATED_IN", "r东镇")
        g.edge(org, "COVERS", unit, mode=mode)
    g.edge(g.node("PartyOrg", "o县", kind="综合党委"), "LOCATED_IN", "r")
    for officer, duty in (("g1", "在岗"), ("g2", "调离")):
        g.edge(g.node("GuidanceOfficer", officer, name=f"姓名{officer}", duty=duty, capacity=0), "LOCATED_IN", "r")
    g.edge("g1", "GUIDES", "u应建", role="指导员")
    g.edge("g2", "GUIDES", "u应联", role="指导员")
    g.edge(g.node("IndustryChain", "c1", key_chain=True), "LOCATED_IN", "r")
    g.edge(g.node("IndustryChain", "c2"), "PART_OF", "c1")
    g.edge("u应建", "IN_CHAIN", "c2")
    g.node("PartnerUnit", "n1")
    g.edge("n1", "PAIRED_WITH", "r村", valid_to=AS_OF)
    g.edge("o1", "PAIRED_WITH", "n1")
    g.edge("n1", "PAIRED_WITH", "o1", valid_from=dt.date(2026, 1, 1))
    g.edge("o2", "PAIRED_WITH", "n1", valid_to=dt.date(2025, 1, 1))
    return g


@pytest.fixture(scope="module")
def reader(module_store: Store) -> Iterator[Reader]:
    fill(module_store, small_county())
    with module_store.reader() as opened:
        yield opened


def figures(answer: Answer, *names: str) -> list[Any]:
    return [answer.total(name).value for name in names]


def test_overview_counts(reader: Reader) -> None:
    answer = question(reader, "overview")
    counted = figures(answer, "units", "organizations", "officers", "officers_in_post", "chains", "pairs")
    assert counted == [12, 3, 2, 1, 1, 2]
    rate = answer.total("org_coverage_企业")
    assert (rate.numerator, rate.denominator, rate.denominator_label) == (3, 9, "实体运营非公企业")
    rate = answer.total("work_coverage_企业")
    assert (rate.numerator, rate.denominator) == (4, 9)
    rate = answer.total("org_coverage_社会组织")
    assert (rate.value, rate.denominator, rate.denominator_label) == (0, 1, "社会组织")
    assert answer.total("work_coverage_社会组织").value == 1
    rate = answer.total("should_exist_企业")
    assert (rate.numerator, rate.denominator) == (1, 3), "one that is 待核实 has its members all the same"
    population = question(reader, "org_should_exist").total("population").value
    assert rate.denominator + answer.total("should_exist_社会组织").denominator == population
    assert answer.total("not_applicable_企业").value == 2


@pytest.mark.parametrize(
    ("roles", "covered", "counted"),
    [(("联络员",), False, 1), (("指导员", "联络员"), False, 0), (("联络员",), True, 0), ((), True, 0)],
)
def test_liaisons_count_for_work_coverage_and_are_counted_apart(
    roles: tuple[str, ...], covered: bool, counted: int
) -> None:
    plain = dict.fromkeys(UnitFacts._fields)
    unit = UnitFacts(**plain | {"bases": ["甲"], "formal": 1, "minimum": 3, "guided": roles, "covered": covered})
    tally = Tally()
    tally.add(unit, "甲", False)
    assert (tally.work["已覆盖"], tally.by_liaison) == (1, counted)


@pytest.mark.parametrize(
    ("facts", "broad", "counted"),
    [({}, False, 1), ({"covered": True}, False, 0), ({"unions": True}, True, 0), ({"unions": True}, False, 1)],
)
def test_units_that_only_a_posting_in_grace_covers_are_counted_apart(
    facts: dict[str, bool], broad: bool, counted: int
) -> None:
    plain = dict.fromkeys(UnitFacts._fields) | {"bases": ["甲"], "formal": 1, "minimum": 3, "guided": ("指导员",)}
    tally = Tally()
    tally.add(UnitFacts(**plain | {"in_grace": True} | facts), "甲", broad)
    tally.add(UnitFacts(**plain | {"in_grace": False}), "甲", broad)
    (total,) = [t for t in tally.totals("企业", "甲") if t.name == "work_in_grace_企业"]
    assert (tally.work["已覆盖"], total.numerator, total.denominator) == (2, None, 2)
    assert (total.value, total.label) == (counted, "非公企业工作覆盖：已覆盖，其中到期待续派")


def test_states_balance(reader: Reader) -> None:
    answer = question(reader, "overview")
    states = {s: answer.total(f"org_{s}_企业").value for s in ORG_STATES}
    assert states == {
        "单独组建": 1,
        "联合组建": 1,
        "方式不明": 1,
        "应建未建": 1,
        "应联建未联建": 1,
        "无党员": 2,
        "待核实": 2,
    }


def test_overview_by_division(reader: Reader) -> None:
    answer = question(reader, "overview")
    assert [(r["division"], r["division_id"]) for r in answer.rows] == [
        ("丁市（本级）", "r"),
        ("东镇", "r东镇"),
        ("西镇", "r西镇"),
    ]
    county, east, west = answer.rows
    assert (east["units_企业"], east["covered_企业"], east["org_coverage_企业"]) == (9, 3, pytest.approx(1 / 3))
    assert (west["units_社会组织"], west["units_企业"], west["org_coverage_企业"]) == (1, 0, None)
    assert county["units_企业"] == 0
    assert county["warn"] == 2  # the officer with a capacity of 0, and the organization without superior
    assert [r["division"] for r in question(reader, "overview", region="东镇").rows] == ["东镇（本级）", "东村"]


def test_pairs_and_officers_of_a_town(reader: Reader) -> None:
    east, west = question(reader, "overview", region="东镇"), question(reader, "overview", region="西镇")
    assert figures(east, "units", "organizations", "officers", "chains", "pairs") == [11, 2, 2, 1, 2]
    assert figures(west, "units", "organizations", "officers", "chains", "pairs") == [1, 0, 0, 0, 0]
    assert question(reader, "overview", as_of="2026-07-01").total("pairs").value == 1


def test_overview_of_a_chain(reader: Reader) -> None:
    answer = question(reader, "overview", chain="c1")
    assert figures(answer, "units", "organizations", "officers", "chains", "pairs") == [1, 0, 1, 1, 0]
    assert answer.total("org_coverage_企业").denominator == 1


def test_overview_in_another_base(reader: Reader) -> None:
    answer = question(reader, "overview", base="规上企业")
    assert answer.total("org_coverage_企业").denominator_label == "规上企业"
    assert answer.total("org_待核实_企业").value == 9
    assert answer.total("org_coverage_社会组织").denominator_label == "社会组织"
    without = replace(CONTEXT, locality=Locality(bases=("社会组织",)))
    assert question(reader, "overview", without).total("org_coverage_企业").value is None


def test_gaps_list_every_finding_once(reader: Reader) -> None:
    answer = question(reader, "gaps")
    by_rule = Counter(r["rule"] for r in answer.rows)
    for rule in book().rules:
        single = question(reader, rule)
        assert by_rule[rule] == len(single.rows) == single.total("findings").value == answer.total(rule).value
        assert answer.total(rule).denominator == single.total("population").value
    assert answer.total("findings").value == len(answer.rows)
    ranks = [list(SEVERITIES).index(r["severity"]) for r in answer.rows]
    assert ranks == sorted(ranks)
    for severity in SEVERITIES:
        part = question(reader, "gaps", severity=severity)
        assert list(part.rows) == [r for r in answer.rows if r["severity"] == severity]
        assert answer.total(severity).value == len(part.rows)
    assert all(r["remedy"] and r["basis"] and r["facts"] for r in answer.rows)


def test_gaps_by_division_adds_up(reader: Reader) -> None:
    gaps, spread, whole = (question(reader, name) for name in ("gaps", "gaps_by_division", "overview"))
    counted = {(r["division_id"], r["severity"]): r["findings"] for r in spread.rows}
    assert sum(counted.values()) == len(gaps.rows) == spread.total("findings").value
    for row in whole.rows:
        for severity in SEVERITIES:
            assert row[severity] == counted.get((row["division_id"], severity), 0)


def test_gaps_keep_counts_and_names_in_their_classes(reader: Reader) -> None:
    answer = question(reader, "gaps")
    columns = {c.name: c for c in answer.columns}
    assert columns["subject"].sensitivity_from == "subject_sensitivity"
    assert columns["facts"].sensitivity_from == "facts_sensitivity"
    by_rule = {r["rule"]: r for r in answer.rows}
    assert by_rule["officer_overloaded"]["subject_sensitivity"] == "person"
    assert by_rule["officer_overloaded"]["facts"] == "在岗联系单位数 1家；上限 0家"
    assert by_rule["org_should_exist"]["facts_sensitivity"] == "members"
    assert by_rule["term_overdue"]["facts_sensitivity"] == "open"
    assert by_rule["term_overdue"]["facts"] == "类别 支部；届满日期 2020-01-01；是否批准延期换届 未填"


def test_rule_answers_show_the_facts_compared(reader: Reader) -> None:
    answer = question(reader, "org_should_exist", region="东镇")
    assert [(r["subject"], r["formal_members"], r["division"]) for r in answer.rows] == [("u应建", 3, "东镇")]
    assert answer.columns[-1].sensitivity == "members"
    assert answer.columns[0].link == ("Unit", "subject_id")
    assert len(answer.cypher) == 1
    assert "参数：应建党组织的正式党员数 3人（默认）。" in answer.notes
    unverified = question(reader, "org_should_exist", state="待核实")
    assert [(r["subject"], r["ownership"]) for r in unverified.rows] == [("u所有制", "不明")]
    assert unverified.total("unverified").value == 1


def test_severity_of_the_county_changes_the_text(reader: Reader) -> None:
    county = replace(CONTEXT, locality=Locality(thresholds={"org_min_members": 2}))
    answer = question(reader, "org_should_exist", county)
    assert {r["subject"] for r in answer.rows} == {"u应建", "u应联", "u协会"}
    assert answer.total("population").label == "口径内正式党员2名以上的单位"
    assert question(reader, "overview", county).total("org_应建未建_企业").value == 2


def test_a_division_of_which_nothing_is_decided_has_no_rate(reader: Reader) -> None:
    undecided = question(reader, "overview", base="三有企业").rows
    assert {row["org_coverage_企业"] for row in undecided} == {row["work_coverage_企业"] for row in undecided} == {None}
    assert sum(row["unverified_企业"] for row in undecided) == sum(row["units_企业"] for row in undecided) > 0


def test_unknown_rule_and_state(reader: Reader) -> None:
    with pytest.raises(QuestionError, match="rule 不能是“no_such”"):
        question(reader, "gaps", rule="no_such")
    with pytest.raises(QuestionError, match="全部"):
        question(reader, "term_overdue", state="全部")


def test_one_rule_of_the_list(reader: Reader) -> None:
    assert {r["rule"] for r in question(reader, "gaps", rule="term_overdue").rows} == {"term_overdue"}


def test_empty_store_answers(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path / "empty.lbug", create=True)
    with store.reader() as reader:
        answer = question(reader, "overview")
        assert answer.rows == ()
        assert answer.total("org_coverage_企业").value is None
        assert question(reader, "gaps").rows == question(reader, "gaps_by_division").rows == ()
    store.close()


def test_catalogue_has_every_rule_and_refuses_a_second_name() -> None:
    known = catalogue(book())
    assert {"overview", "gaps", "gaps_by_division", *book().rules} <= set(known)
    assert all(q.help and q.title and "{" not in q.help for q in known.values())
    taken = replace(book().rules["term_overdue"], id="overview")
    with pytest.raises(DeclarationError, match="overview"):
        catalogue(replace(book(), rules={"overview": taken}))


count = st.sampled_from([None, 0, 1, 2, 3, 7])
units = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["企业", "企业", "社会组织", "合作社", None]),
        "ownership": st.sampled_from(["非公", "非公", "不明", "公有控股", None]),
        "operating": st.sampled_from(["在营", "在营", "注销", None]),
        "listed": st.sampled_from([True, True, True, False]),
        "formal_members": count,
        "formal_and_probationary": count,
        "members": count,
        "has_officer": st.sampled_from([None, True, False]),
    }
)
covers = st.lists(
    st.tuples(st.sampled_from(["支部", "功能型党支部", None]), st.sampled_from(["单独", "联合", None])), max_size=2
)
guides = st.lists(st.sampled_from([dt.date(2026, 3, 31), dt.date(2025, 12, 31)]), max_size=1)


@settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(units, covers, guides, st.sampled_from(["r1", "r2", "r3"])), min_size=15, max_size=60))
def test_states_balance_and_agree_with_the_rules(tmp_path: Path, made: list[Any]) -> None:
    graph = Graph()
    for region, parent in (("r0", None), ("r1", "r0"), ("r2", "r0"), ("r3", "r1")):
        graph.node("Region", region, kind="镇街")
        if parent:
            graph.edge(region, "PART_OF", parent)
    graph.node("GuidanceOfficer", "g")
    for number, (facts, orgs, postings, region) in enumerate(made):
        unit = graph.node("Unit", f"u{number:03}", **facts)
        graph.edge(unit, "LOCATED_IN", region)
        for i, (kind, mode) in enumerate(orgs):
            graph.edge(graph.node("PartyOrg", f"o{number}-{i}", kind=kind), "COVERS", unit, mode=mode)
        for end in postings:
            graph.edge("g", "GUIDES", unit, valid_to=end)
    store = kept(tmp_path, graph)
    with store.reader() as reader:
        check_agreement(reader, lambda name, **given: question(reader, name, **given))
    store.close()


def check_agreement(reader: Reader, asked: Callable[..., Answer]) -> None:
    answer = asked("overview")
    for kind in KINDS:
        in_base = answer.total(f"org_coverage_{kind}").denominator
        assert in_base == sum(answer.total(f"org_{s}_{kind}").value or 0 for s in ORG_STATES)
        assert in_base == sum(answer.total(f"work_{s}_{kind}").value or 0 for s in WORK_STATES)
        for name in ("units", "covered", "work_covered", "should_exist", "unverified"):
            assert all(row[f"{name}_{kind}"] <= row[f"units_{kind}"] for row in answer.rows)
        assert in_base == sum(row[f"units_{kind}"] for row in answer.rows)
        assert answer.total(f"org_coverage_{kind}").numerator == sum(row[f"covered_{kind}"] for row in answer.rows)

    states: dict[str, set[str]] = {}
    for unit in unit_facts(reader, CONTEXT):
        for base in CONTEXT.locality.bases:
            state, work = organization_state(unit, base, 3), work_state(unit, base, False)
            for kept_in in (state, work):
                states.setdefault(str(kept_in), set()).add(unit.id)
    for rule, state in (
        ("org_should_exist", "应建未建"),
        ("org_should_join", "应联建未联建"),
        ("coverage_blank", "未覆盖"),
    ):
        outcome = book().run(reader, rule, CONTEXT)
        assert {f.subject for f in outcome.findings} == states.get(state, set()), rule
        assert len(outcome.findings) == len(asked(rule).rows)
    suspected = {f.subject for f in book().run(reader, "org_suspected", CONTEXT).findings}
    assert suspected <= states.get("待核实", set())


def test_the_overview_of_a_store_whose_load_has_no_time(store: Store) -> None:
    with store.writer("测试", "载入") as writer:
        writer.upsert("Change", pa.Table.from_pylist([{"id": "x1", "number": 9, "kind": "load"}]))
    with store.reader() as opened:
        notes = question(opened, "overview").notes
    assert "最近一次载入：时间不详（第 9 版），文件和操作人见载入记录。" in notes
