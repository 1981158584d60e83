"""The problems that an overview counts are those that the rules find, whether measurements or rules are read."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.memory.cache import TableCache
from api.memory.reader import CachingReader
from api.viewer import Viewer
from graph.answers import Answer
from graph.history import counting
from graph.history.commit import commit
from graph.history.measurements import measure
from graph.history.touched import Recording
from graph.locality import Locality, Overrides
from graph.ontology import load as load_ontology
from graph.parameters import SEVERITIES
from graph.questions import catalogue
from graph.questions.asking import ask
from graph.rules.book import Book, book
from graph.rules.dated import dated
from graph.rules.inquiry import Inquiry
from graph.rules.parse import read_rule
from graph.stores.base import Reader, Store
from graph.stores.ladybug.store import EmbeddedStore
from loaders import pipeline
from loaders.sample import REFERENCE_DATE
from loaders.shape.entry import Entry
from tests.graph.rules.building import Graph
from tests.loaders.desk import FEW, ON_EITHER, Desk
from tests.places import CLERK, office

SUMMER = REFERENCE_DATE
EVERY = frozenset(book().rules)
#: the rules that a smallest number of members decides
BY_MEMBERS = frozenset(rule.id for rule in book().rules.values() if "org_min_members" in rule.params)
COUNTING = ("overview", "gaps_by_division")
#: a base that no county of these tests reports
BASE = "三有企业"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The rules that were asked for their findings, in order."""
    rules: list[str] = []
    findings = Book.findings

    def noted(self: Book, reader: Reader, rule: str, context: Any) -> Any:
        rules.append(rule)
        return findings(self, reader, rule, context)

    monkeypatch.setattr(Book, "findings", noted)
    return rules


def either_way(answer: Callable[[str], Answer], asked: list[str]) -> frozenset[str]:
    """The rules that the counting questions ask; their answers are those that asking all rules gives."""
    asked.clear()
    answers = [answer(name) for name in COUNTING]
    rules = frozenset(asked)
    with patch.object(counting, "_measured", return_value={}):
        assert [answer(name) for name in COUNTING] == answers
    return rules


# -- the sample -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reader(either_sample: Store) -> Iterator[Reader]:
    with either_sample.reader() as opened:
        yield CachingReader(opened, TableCache())


DIVIDED = Locality(
    severities={"org_should_join": "high", "term_overdue": "suggest"},
    divisions={
        "丁市": Overrides(severities={"coverage_blank": "warn", "branch_oversize": "high"}),
        "戊街道": Overrides(severities={"coverage_blank": "suggest", "org_should_join": "medium"}),
    },
)


@pytest.mark.parametrize(
    ("parameters", "decisions", "rules"),
    [
        ({}, {"divisions": {}, "severities": {}}, frozenset()),
        ({}, {}, frozenset()),
        ({"severity": "high"}, {}, frozenset()),
        ({"severity": "suggest"}, {}, frozenset()),
        # what nobody has measured
        ({"region": "丁市"}, {}, EVERY),
        ({"region": "戊街道"}, {}, EVERY),
        ({"base": "规上企业"}, {}, EVERY),
        ({"as_of": "2026-07-01"}, {}, EVERY),
        ({}, {"bases": ("社会组织",)}, {rule.id for rule in book().rules.values() if "bases" in rule.given}),
        ({}, {"thresholds": {f"{BASE}.min_staff": 8}}, EVERY),
        # what was decided otherwise when it was measured
        ({}, {"thresholds": {"org_min_members": 4}}, BY_MEMBERS),
        ({}, {"divisions": {"戊街道": Overrides({"org_min_members": 4}, {"coverage_blank": "high"})}}, BY_MEMBERS),
        ({}, {"divisions": {"丁市": Overrides(switches={"coverage_blank": False})}}, {"coverage_blank"}),
        ({}, {"switches": {"coverage_blank": False}}, {"coverage_blank"}),
        ({}, {"visit_interval_days": 30}, {"visit_overdue"}),
    ],
    # the order of a set differs between processes
    ids=lambda value: str(value) if isinstance(value, dict) else str(len(value)),
)
def test_the_sample_is_counted_alike(
    reader: Reader, asked: list[str], parameters: dict[str, str], decisions: dict[str, Any], rules: frozenset[str]
) -> None:
    context = Inquiry(SUMMER, replace(DIVIDED, **decisions), load_ontology(), book=book())
    assert either_way(lambda name: ask(catalogue(book()), reader, context, name, parameters), asked) == rules


def test_the_figures_are_those_of_the_rules(reader: Reader) -> None:
    context = Inquiry(SUMMER, DIVIDED, load_ontology(), book=book())
    severities = [f.severity for rule in book().rules for f in book().run(reader, rule, context).findings]
    answer = ask(catalogue(book()), reader, context, "overview", {})
    for severity in SEVERITIES:
        number = severities.count(severity)
        assert answer.total(severity).value == sum(row[severity] for row in answer.rows) == number > 0


def test_a_chain_is_counted_by_its_members(reader: Reader, asked: list[str]) -> None:
    chain = reader.query("MATCH (c:IndustryChain) WHERE c.listed RETURN c.id AS id ORDER BY id")["id"][0].as_py()
    context = Inquiry(SUMMER, DIVIDED, load_ontology(), book=book())
    parameters = {"chain": chain}
    assert either_way(lambda name: ask(catalogue(book()), reader, context, name, parameters), asked) == EVERY


# -- writes -----------------------------------------------------------------------------------------------


def units(desk: Desk, *rows: tuple[str, str, int], file: str = "非公企业.csv") -> Path:
    """Enterprises: name, town, 正式党员."""
    return desk.units(file, *((name, "", town, 20, members) for name, town, members in rows), more=["正式党员数"])


def of_desk(desk: Desk, rules: Book = FEW, viewer: Viewer = CLERK, **more: Any) -> Callable[[str], Answer]:
    """Asks a question of an office that has no cached answer, with the problems of each severity in each row."""
    return lambda name: replace(office(desk.store), book=rules, **more).answer(name, {}, viewer)


@ON_EITHER
def test_no_write_leaves_figures_of_before_it(desk: Desk, asked: list[str]) -> None:
    usual = replace(office(desk.store), book=FEW)
    highs = []

    def counted() -> None:
        assert either_way(of_desk(desk), asked) == frozenset()
        highs.append(of_desk(desk)("overview").total("high").value)

    usual.load([units(desk, ("一公司", "东镇", 4), ("二公司", "西镇", 5))], "测试")
    counted()
    assert len(of_desk(desk)("org_should_exist").rows) == 2
    usual.load([units(desk, ("一公司", "东镇", 1), ("二公司", "西镇", 5), ("三公司", "西镇", 4))], "测试")
    counted()
    deferral = {"title": "空白点", "subject": "一公司", "reason": "筹备", "approved_by": "工委", "until": "2026-12-31"}
    usual.enter(Entry("deferrals", [deferral], "登记", "暂缓"), "测试")
    counted()
    usual.undo("测试", pipeline.last_load(desk.store).number)
    counted()
    usual.undo("测试", pipeline.last_load(desk.store).number)
    counted()
    assert highs[0] == highs[-1] != highs[1] == highs[2] == highs[3]
    # another day, other decisions, a viewer of a town
    assert either_way(of_desk(desk, as_of=SUMMER + dt.timedelta(1)), asked) == {*FEW.rules}
    stricter = replace(Locality(), thresholds={"org_min_members": 5})
    assert either_way(of_desk(desk, locality=stricter), asked) == BY_MEMBERS & {*FEW.rules}
    assert either_way(of_desk(desk, viewer=Viewer("某人", ("东镇",))), asked) == {*FEW.rules}
    # a load for another day is measured for that day
    later = replace(usual, as_of=SUMMER + dt.timedelta(1))
    later.load([units(desk, ("四公司", "东镇", 4), file="新非公企业.csv")], "测试")
    assert either_way(of_desk(desk), asked) == {*FEW.rules}
    assert either_way(of_desk(desk, as_of=later.as_of), asked) == frozenset()


OWN = """// id: {id}
// title: 自定的规则
// severity: high
// subject: Unit
// meaning: 自定
// denominator: 单位
// basis: [本地做法]
// remedy: 核实
// facts:
//   name: Unit.name
// given: {given}

MATCH (u:Unit)
WHERE u.listed AND (size($scope) = 0 OR EXISTS {{ MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope }})
RETURN u.id AS id, CASE WHEN {finding} THEN 'finding' ELSE 'clear' END AS verdict, u.name AS name
ORDER BY id;
"""


def with_own(folder: Path, rule: str, finding: str, given: str = "[]") -> Book:
    """The few rules and one of a county."""
    path = folder / f"{rule}.cypher"
    path.write_text(OWN.format(id=rule, finding=finding, given=given), encoding="utf-8")
    return replace(FEW, rules={**FEW.rules, rule: read_rule(path, load_ontology())})


def test_a_rule_that_compares_the_bases_is_measured_as_it_is_asked(desk: Desk, asked: list[str]) -> None:
    rules = with_own(desk.folder, "own", "NOT '社会组织' IN $bases", "[bases]")
    replace(office(desk.store), book=rules).load([units(desk, ("一公司", "东镇", 4), ("二公司", "西镇", 5))], "测试")
    assert either_way(of_desk(desk, rules), asked) == frozenset()
    rows = desk.query(
        "MATCH (k:Measurement) WHERE k.rule = 'own' RETURN k.base AS base, sum(k.findings) AS n ORDER BY base"
    )
    assert [(row["base"], row["n"]) for row in rows] == [("", 0), ("实体运营非公企业", 2), ("社会组织", 0)]


def test_units_that_are_sorted_anew_are_counted_anew(desk: Desk, asked: list[str]) -> None:
    """A rule may read a base that is not reported: its digest does not tell that the base has another threshold."""
    rules = with_own(desk.folder, "own", f"'{BASE}' IN u.bases")
    rows = [(f"{n}人公司", "", "东镇", n, "有", "是") for n in (6, 9, 12)]
    ledger = desk.units("企业.csv", *rows, more=("是否有固定场所", "是否实体运营"))
    replace(office(desk.store), book=rules).load([ledger], "测试")
    usual, lower = Locality(), Locality(thresholds={f"{BASE}.min_staff": 8})
    assert either_way(of_desk(desk, rules, locality=usual), asked) == frozenset()
    assert either_way(of_desk(desk, rules, locality=lower), asked) == {*rules.rules}
    usual_sum, lower_sum = (
        sum(row["high"] for row in of_desk(desk, rules, locality=each)("overview").rows) for each in (usual, lower)
    )
    assert lower_sum == usual_sum + 1


def test_a_write_broken_off_under_other_rules_measures_none_of_them(desk: Desk, asked: list[str]) -> None:
    desk.load(units(desk, ("一公司", "东镇", 1)), as_of=SUMMER)
    fewer = replace(FEW, rules={k: rule for k, rule in FEW.rules.items() if k != "org_should_join"})
    with desk.store.writer("测试", "断") as writer:
        measure(writer, FEW, desk.locality, SUMMER, writer.revision + 1)
        writer.unfinished = True  # type: ignore[misc]
        commit(Recording(writer), "load", "测试", "", book=fewer, locality=desk.locality, as_of=SUMMER)
    assert either_way(of_desk(desk), asked) == {"org_should_join"}


def test_figures_of_a_version_that_runs_a_rule_otherwise_do_not_count(desk: Desk, asked: list[str]) -> None:
    with patch("graph.rules.book.dated", lambda cypher: cypher):
        desk.load(units(desk, ("一公司", "东镇", 1)), as_of=SUMMER)
    by_days = {name for name, rule in FEW.rules.items() if dated(rule.query.cypher) != rule.query.cypher}
    assert either_way(of_desk(desk), asked) == by_days


# -- any county -------------------------------------------------------------------------------------------

PLACES = {"县": None, "东镇": "县", "西镇": "县", "东村": "东镇", "": None}
overrides = st.builds(
    Overrides,
    thresholds=st.sampled_from([{}, {"org_min_members": 2}, {"org_should_exist.org_min_members": 4}]),
    severities=st.dictionaries(st.sampled_from([*FEW.rules]), st.sampled_from([*SEVERITIES]), max_size=3),
    switches=st.dictionaries(st.sampled_from([*FEW.rules]), st.booleans(), max_size=1),
)
localities = st.builds(
    Locality,
    severities=st.dictionaries(st.sampled_from([*FEW.rules]), st.sampled_from([*SEVERITIES]), max_size=3),
    divisions=st.dictionaries(st.sampled_from(["县", "东镇", "西镇", "东村"]), overrides, max_size=3),
)
county_units = st.tuples(
    st.sampled_from([*PLACES]),
    st.sampled_from(["企业", "社会组织", None]),
    st.sampled_from([None, 0, 1, 2, 3, 4, 5]),
    st.booleans(),
)


@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(county_units, max_size=25), locality=localities, other=localities)
def test_any_county_is_counted_alike(
    tmp_path_factory: pytest.TempPathFactory,
    empty_store: Path,
    asked: list[str],
    rows: list[Any],
    locality: Locality,
    other: Locality,
) -> None:
    graph = Graph()
    for region in filter(None, PLACES):
        graph.node("Region", region, kind="镇街")
    for region, above in PLACES.items():
        if above:
            graph.edge(region, "PART_OF", above)
    for number, (region, kind, members, has_branch) in enumerate(rows):
        unit = graph.node("Unit", f"u{number}", kind=kind, formal_members=members)
        branch = graph.node("PartyOrg", f"o{number}", term_to=SUMMER - dt.timedelta(number - 5))
        if has_branch:
            graph.edge(branch, "COVERS", unit)
        if region:
            graph.edge(unit, "LOCATED_IN", region)
            graph.edge(branch, "LOCATED_IN", region)
    path = tmp_path_factory.mktemp("county") / "county.lbug"
    shutil.copyfile(empty_store, path)
    store = EmbeddedStore(path)
    with store.writer("测试", "任意") as opened:
        writer = Recording(opened)
        graph.write(writer)
        commit(writer, "load", "测试", "", book=FEW, locality=locality, as_of=SUMMER)
    with store.reader() as opened_:
        reader = CachingReader(opened_, TableCache())
        for decided, region in ((locality, ""), (other, ""), (locality, "东镇")):
            context = Inquiry(SUMMER, decided, load_ontology(), book=FEW)
            parameters = {"region": region} if region else {}
            rules = either_way(lambda name: ask(catalogue(FEW), reader, context, name, parameters), asked)  # noqa: B023
            assert decided is other or rules == ({*FEW.rules} if region else frozenset())
    store.close()
