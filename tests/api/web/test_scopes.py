"""What a viewer of some divisions can learn, and what one who may not see cases can count out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.office import Office, open_office
from api.viewer import Viewer
from api.web.app import create_app
from graph.errors import QuestionError, UnknownError
from graph.privacy import steps
from graph.regions import Regions
from graph.stores.base import Store
from loaders.sample import REFERENCE_DATE
from tests import scopes
from tests.api.client import Client

#: addresses that each crawl of the suite asks; `make torture` follows every link
MOST = 25
EVERYTHING = frozenset({"members", "person", "case"})
WEAK = "weak_org_five_ones"


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = scopes.loaded(tmp_path_factory.mktemp("scopes"))
    yield store
    store.close()


@pytest.fixture(scope="module")
def town(county: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[scopes.Pair]:
    made = scopes.pair(county, tmp_path_factory.mktemp("town"), scopes.places(county)[0])
    yield made
    made.close()


@pytest.fixture(scope="module")
def office(county: Store) -> Iterator[Office]:
    made = open_office(str(county.path), as_of=REFERENCE_DATE)  # type: ignore[attr-defined]
    yield made
    made.close()


def test_a_viewer_of_a_town_is_served_the_same_whatever_lies_elsewhere(town: scopes.Pair) -> None:
    assert scopes.crawl(town, MOST) == []


def test_a_viewer_of_a_park_is_served_the_same_whatever_lies_elsewhere(county: Store, tmp_path: Path) -> None:
    made = scopes.pair(county, tmp_path, scopes.places(county)[1])
    try:
        assert scopes.crawl(made, MOST) == []
    finally:
        made.close()


def test_what_lies_elsewhere_is_not_there_by_id_name_or_walk(town: scopes.Pair) -> None:
    folders = {"u": "units", "o": "orgs", "g": "officers", "r": "regions", "n": "partners"}
    for id_ in town.outside[:: max(1, len(town.outside) // 12)]:
        for address in (
            f"/answers/unit.json?unit={id_}",
            f"/answers/remedy.json?node={id_}",
            f"/answers/why.json?unit={id_}",
        ):
            absent = town.one.get(address.replace(id_, f"{id_[0]}ffffffffffffffff"))
            there = town.one.get(address)
            assert there.status_code == absent.status_code == 404, (address, there.text)
            assert there.json()["title"] == absent.json()["title"]
        if id_[0] in folders:
            assert town.one.get(f"/{folders[id_[0]]}/{id_}").status_code == 307


def test_nodes_from_elsewhere_are_named_and_no_more(town: scopes.Pair) -> None:
    outside, drawn = {*town.outside}, 0
    for unit in town.one.get("/answers/units.json").json()["rows"][:8]:
        graph = town.one.get(f"/answers/unit.json?unit={unit['unit_id']}").json()["graph"]
        for node in graph["nodes"]:
            drawn += node["id"] in outside
            assert node["id"] not in outside or not node.get("facts"), node
    assert drawn


def test_the_figures_of_a_limited_viewer_are_those_of_the_county_for_their_town(county: Store, office: Office) -> None:
    name = scopes.places(county)[0]
    everyone, limited = Viewer("县", (), EVERYTHING), Viewer("镇", (name,), EVERYTHING)
    for question in (*office.book.rules, "overview", "units", "grassroots", "chains", "deadlines"):
        whole, own = office.answer(question, {"region": name}, everyone), office.answer(question, {}, limited)
        assert {t.name: t.value for t in own.totals} == {t.name: t.value for t in whole.totals}, question
        assert len(own.rows) == len(whole.rows), question


def test_a_limited_viewer_decides_and_changes_nothing_elsewhere(town: scopes.Pair) -> None:
    with town.offices[0].reader() as reader:
        reviews = reader.query("MATCH (v:Review) RETURN v.id AS id, v.subject AS subject, v.other AS other").to_pylist()
    elsewhere = [r for r in reviews if {r["subject"], r["other"]} & {*town.outside}]
    assert elsewhere
    for review in elsewhere[:3]:
        for decision in ("合并", "忽略"):
            assert town.one.post("/reviews/decide", {f"decision-{review['id']}": decision}).status_code == 422
    for address in ("/load", "/load/undo", "/load/x/commit", "/load/x/drop"):
        assert town.one.post(address).status_code == 403
    form = {"subject": town.outside[0], "rule": "coverage_blank", "reason": "a", "approved_by": "b"}
    form |= {"approved_on": "2026-01-01", "until": "2026-12-31"}
    assert town.one.post("/deferrals/set", form).status_code == 404


def test_a_division_that_is_not_there_is_reported_without_the_names_of_others(office: Office) -> None:
    with pytest.raises(QuestionError, match=r"viewer\.regions") as failed:
        office.answer("overview", {}, Viewer("镇", ("没有的镇",), EVERYTHING))
    assert "相近" not in str(failed.value)


# -- protected facts ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def weak(office: Office) -> list[dict[str, str]]:
    with office.reader() as reader:
        rows: list[dict[str, str]] = reader.query(
            "MATCH (v:Region) WHERE v.weak_organization RETURN v.id AS id, v.name AS name ORDER BY id"
        ).to_pylist()
    assert rows
    return rows


def test_a_protected_rule_is_in_no_count_and_no_list(office: Office, weak: list[dict[str, str]]) -> None:
    clerk, desk = Viewer("经办", (), EVERYTHING), Viewer("值班", (), frozenset({"members", "person"}))
    assert office.answer(WEAK, {}, clerk).totals[0].value == len(weak)
    for question in ("gaps", "overview", "gaps_by_division", "rules", "trends", "changes", "deferrals"):
        for narrowed in ({}, {"region": weak[0]["id"]}):
            answer = office.answer(question, narrowed, desk)
            text = str(answer.to_json() | {"cypher": ""})
            assert WEAK not in text, question
            assert "五个一" not in text, question
    own = office.answer(WEAK, {}, desk)
    assert (own.rows, own.totals) == ((), ())
    assert any(steps(len(weak)) in note for note in own.notes)
    for narrowed in ({"region": weak[0]["id"]}, {"as_of": "2026-05-01"}, {"state": "待核实"}):
        noted = office.answer(WEAK, narrowed, desk).notes
        assert not any("一档" in note for note in noted), noted
    with pytest.raises((QuestionError, UnknownError)):
        office.answer("gaps", {"rule": WEAK}, desk)


def test_villages_that_are_protected_look_like_those_that_are_not(office: Office, weak: list[dict[str, str]]) -> None:
    desk = Viewer("值班", (), frozenset({"members", "person"}))
    client = Client(create_app(office, desk))
    label = office.ontology.nodes["Region"].properties["weak_organization"].label
    with office.reader() as reader:
        divisions = Regions.read(reader)
    others = [r for r, kind in divisions.kinds.items() if kind == "村" and r not in {w["id"] for w in weak}]
    for region in (weak[0]["id"], others[0]):
        for suffix in ("", ".json", ".csv", ".html"):
            assert label not in client.get(f"/answers/region{suffix}?region={region}").text
        overview = office.answer("overview", {"region": region}, desk)
        assert not any(WEAK in str(t.listed) for t in overview.totals)
