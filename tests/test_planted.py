"""The sample, end to end: what is planted in the ledgers is what the rules find, place by place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.viewer import Viewer, leave
from graph.locality import Locality
from graph.ontology import load as load_ontology
from graph.questions import catalogue
from graph.questions.asking import ask
from graph.questions.problems.gaps import rule_question
from graph.rules.book import book
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader, Store
from loaders.sample import PLACES, REFERENCE_DATE, deferred, mistakes, planted
from tests.opinion import agreement


@pytest.fixture(scope="module")
def reader(either_sample: Store) -> Iterator[Reader]:
    with either_sample.reader() as reader:
        yield reader


#: what a county must have set before two of the rules ask anything
SET = Locality(
    key_industries=("物业", "小个专", "互联网"), visit_interval_days=92, thresholds={"party_staff_min_members": 3}
)


@pytest.mark.parametrize("locality", [Locality(), SET], ids=["default", "set"])
@pytest.mark.parametrize("place", PLACES)
def test_rules_find_what_was_planted(reader: Reader, place: str, locality: Locality) -> None:
    context = Inquiry(REFERENCE_DATE, locality, load_ontology(), scope=_inside(reader, place), book=book())
    expected = planted(place, locality=locality)
    untold = sorted(book().rules.keys() - expected.keys())
    assert not untold, f"{untold}: count in loaders/sample/truth.py or truth_organizations.py what the sample has of it"
    stale = sorted(expected.keys() - book().rules.keys())
    assert not stale, f"{stale}: no such rule; take it out of loaders/sample/truth.py or truth_organizations.py"
    found = {rule: len(book().findings(reader, rule, context)) for rule in expected}
    assert found == dict(expected)


@pytest.mark.parametrize("place", PLACES)
def test_rules_find_what_pandas_finds(reader: Reader, sample_dir: Path, place: str) -> None:
    """Of the whole county: what pairs with a street, or names its industries, lies outside the street."""
    county = _inside(reader, "己区" if place == "戊街道" else place)
    context = Inquiry(REFERENCE_DATE, SET, load_ontology(), scope=county, book=book())
    agreement.agree(reader, sample_dir / place, context)


def _inside(reader: Reader, place: str) -> tuple[str, ...]:
    found = reader.query(
        "MATCH (r:Region)-[:PART_OF*0..6]->(p:Region) WHERE p.name = $place AND NOT p.kind IN ['村', '社区'] "
        "RETURN DISTINCT r.id AS id ORDER BY id",
        {"place": place},
    )
    return tuple(found["id"].to_pylist())


#: the figures that public reports give of the places after which the sample is made, as 镇村情况 shows them
PUBLISHED = {
    "甲市": {
        "towns": 29, "villages": 278, "villager_groups": 2680, "households": 483_600, "linkers": 37_100,
        "teams": 140, "team_villages": 140, "team_people": 331, "demands": 1170, "demands_closed": 1170,
        "talents": 82, "doctors": 106, "masters": 1970,
    },
    "乙市": {"grids": 603, "members": 10_425, "teams": 144, "team_people": 247},
    "丁市": {
        "villages": 302, "households": 419_200, "linkers": 35_000, "income": 102_000_000, "team_people": 339,
        "team_people_sent": 59, "held_units": 64,
    },
}  # fmt: skip


@pytest.mark.parametrize("place", PUBLISHED)
def test_a_place_shows_its_published_figures(reader: Reader, place: str) -> None:
    context = Inquiry(REFERENCE_DATE, Locality(), load_ontology(), book=book())
    answer = ask(catalogue(book()), reader, context, "grassroots", {"region": place})
    assert {name: answer.total(name).value for name in PUBLISHED[place]} == PUBLISHED[place]
    for total in answer.totals:
        assert sum(row[total.name] or 0 for row in answer.rows) == (total.value or 0), total.name
    # 甲市 alone counts its talents, 丁市 alone says who sent its teams: of the others nothing is known, which is not 0
    assert (answer.total("talents").value is None) == (place != "甲市")
    assert (answer.total("team_people_sent").value is None) == (place != "丁市")


def test_seventeen_departments_lead_fifteen_chains(reader: Reader) -> None:
    context = Inquiry(REFERENCE_DATE, Locality(), load_ontology(), book=book())
    answer = ask(catalogue(book()), reader, context, "chains", {"region": "丁市"})
    assert [answer.total(name).value for name in ("chains", "departments")] == [15, 17]


def test_demands_are_closed_by_level(reader: Reader) -> None:
    """Every fifth one is 难点: its village called, and departments came; 回访 follows what is closed."""
    context = Inquiry(REFERENCE_DATE, Locality(), load_ontology(), book=book())
    answer = ask(catalogue(book()), reader, context, "grassroots", {"region": "丙县"})
    names = ("demands", "closed", "plain", "plain_closed", "hard", "called", "reported", "revisited")
    told = [answer.total(name if name == "demands" else f"demands_{name}").value for name in names]
    assert told == [30, 20, 24, 16, 6, 6, 5, 20]
    unmet = ask(catalogue(book()), reader, context, "demand_unmet", {"region": "丙县"})
    called = [row for row in unmet.rows if row["level"] == "难点"]
    assert called
    assert all(row["called_on"] for row in called)


@pytest.mark.parametrize("place", PLACES)
def test_what_may_wait_is_marked_and_found_all_the_same(reader: Reader, place: str) -> None:
    context = Inquiry(REFERENCE_DATE, Locality(), load_ontology(), book=book())
    for rule, number in deferred(place).items():
        answer = ask(catalogue(book()), reader, context, rule, {"region": place})
        assert answer.total("deferred").value == number == sum(bool(r["deferred"]) for r in answer.rows), rule
    overview = ask(catalogue(book()), reader, context, "overview", {"region": place})
    of_both = sum(t.value for t in overview.totals if t.name.startswith("deferred_"))
    assert of_both == sum(deferred(place).values())
    listed = ask(catalogue(book()), reader, context, "deferrals", {"region": place})
    waits = 1 if place == "丁市" else 0
    assert [int(t.value or 0) for t in listed.totals] == [2 * waits, waits, 0, 0]


def test_mistakes_are_rejected_merged_or_asked_about(reader: Reader) -> None:
    made = {place: mistakes(place) for place in PLACES}
    kinds = {kind: sum(m[kind] for m in made.values()) for kind in made["丁市"]}
    reviews = reader.query("MATCH (v:Review) WHERE v.state = 'open' RETURN v.kind AS kind").to_pylist()
    counts = {kind: sum(r["kind"] == kind for r in reviews) for kind in ("lookalike", "dangling", "division")}
    assert counts == {
        "lookalike": kinds["look_alike"],
        "dangling": kinds["dangling_unit"] + kinds["dangling_superior"],
        "division": 0,
    }


def test_weak_organizations_are_counted_and_not_named(reader: Reader) -> None:
    context = Inquiry(REFERENCE_DATE, Locality(), load_ontology(), parameters={"state": "问题"}, book=book())
    answer = rule_question(book().rules["weak_org_five_ones"]).ask(reader, context)
    assert answer.rows
    named = {row["subject"] for row in answer.rows} | {row["subject_id"] for row in answer.rows}
    told = leave(answer, Viewer("路人"), load_ontology())
    assert len(told.rows) == len(answer.rows)
    assert not any(str(value) in named for row in told.rows for value in row.values())
    assert leave(answer, Viewer("经办人", (), frozenset({"case"})), load_ontology()).rows == answer.rows
