"""Where a row lies does not decide what it is: units in 未落地 are found by name, and a question asks for the place."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest

from graph.errors import InputError
from graph.locality import Locality
from graph.ontology import load as load_ontology
from graph.questions.lookup import find
from loaders.match.growth import grow
from loaders.match.places import Places, unplaced_id
from loaders.match.placing import Placer
from loaders.recognize.ledgers import ledgers
from tests.loaders.desk import ON_EITHER, Desk, credit_code

PLACES = {"misspelt": "东真", "blank": "", "unknown": "远方街道", "county": "甲县", "whole": "甲县东真"}


def ledgers_of(desk: Desk, town: str) -> list[Path]:
    """A unit in a town, and everything that refers to it by its name."""
    return [
        desk.units("企业.csv", ("一公司", "", town, 50)),
        desk.csv("党组织.csv", "党组织全称,行政区划,覆盖单位,组建方式\n一公司党支部,甲县,一公司,单独\n"),
        desk.csv("指导员.csv", "指导员姓名,工作单位,指导企业\n官一,某局,一公司\n"),
        desk.csv("产业链.csv", "产业链名称,牵头部门,链主\n新材料,某局,一公司\n"),
        desk.csv("链上企业.csv", "企业名称,产业链,环节\n一公司,新材料,上\n"),
        desk.csv("结对.csv", "甲方党组织,乙方党组织,签约日期\n一公司党支部,一公司,2026-01-01\n"),
        desk.csv("联系领导.csv", "领导姓名,领导职务,联系重点企业\n领一,县长,一公司\n"),
        desk.csv("诉求.csv", "问题诉求,诉求单位,当前进展\n修路,一公司,办理中\n"),
    ]


def references(desk: Desk) -> int:
    """How many relations the unit has."""
    ends = [(e.name, a, b) for e in load_ontology().edges.values() for a, b in e.ends if "Unit" in (a, b) and a != b]
    return sum(
        len(desk.query(f"MATCH (x:{a})-[e:{name}]->(y:{b}) RETURN e.key AS key"))
        for name, a, b in ends
        if name != "LOCATED_IN"
    )


@ON_EITHER
@pytest.mark.parametrize("place", PLACES)
def test_every_reference_finds_a_unit_of_which_no_town_is_known(desk: Desk, place: str) -> None:
    desk.load(*ledgers_of(desk, PLACES[place]))
    assert desk.edges("LOCATED_IN", "Unit", "Region") == {("一公司", "未落地")}
    assert references(desk) == 7
    asked = [(r["kind"], PLACES[place] in r["question"]) for r in desk.reviews()]
    assert asked == ([] if place in ("blank", "county") else [("division", True)])
    with desk.store.reader() as reader:
        assert find(reader, load_ontology(), {"unit": ("Unit", "一公司")})["unit"].place == "未落地"


@pytest.mark.parametrize("shift", range(0, 8, 3))
def test_in_any_order_and_in_loads_of_their_own(desk: Desk, shift: int) -> None:
    paths = ledgers_of(desk, "东真")
    for path in paths[shift:] + paths[:shift]:
        desk.load(path)
    assert references(desk) == 7
    assert [r["kind"] for r in desk.reviews()] == ["division"]


def test_a_town_s_ledger_refers_to_a_unit_of_which_no_town_is_known(desk: Desk) -> None:
    desk.load(desk.units("企业.csv", ("一公司", "", "", 5)))
    desk.load(desk.csv("东镇指导员.csv", "指导员姓名,工作单位,指导企业\n官一,东镇政府,一公司\n"))
    assert desk.edges("GUIDES", "GuidanceOfficer", "Unit") == {("官一", "一公司")}


def test_the_question_proposes_the_nearest_names(desk: Desk) -> None:
    desk.load(desk.units("企业.csv", ("一公司", "", "东真", 5), ("二公司", "", "东真", 5), ("三公司", "", "南街到", 5)))
    evidence = {r["question"].split("”")[0][3:]: r["evidence_for"] for r in desk.reviews()}
    assert evidence["东真"] == "名称相近：东镇"
    assert "南街道" in evidence["南街到"]


def test_the_question_stands_where_another_row_says_the_town(desk: Desk) -> None:
    desk.load(desk.units("企业.csv", ("一公司", "", "东镇", 5), ("一公司", "", "东真", 5)))
    assert desk.edges("LOCATED_IN", "Unit", "Region") == {("一公司", "东镇")}
    assert [r["kind"] for r in desk.reviews()] == ["division"]


def test_a_place_that_people_decided_keeps_the_unit(desk: Desk) -> None:
    desk.load(desk.units("企业.csv", ("一公司", "", "北镇", 5)))
    before, (review,) = desk.listed(), desk.reviews()
    desk.load(desk.decide("核实.xlsx", (review["id"], "990001102")))
    desk.load(desk.units("企业.csv", ("一公司", "", "北镇", 6)))
    assert desk.listed() == before
    assert desk.edges("LOCATED_IN", "Unit", "Region") == {("一公司", "西镇")}


# -- counties with towns of one name ----------------------------------------------------------------

DIVISIONS = {
    "codes": "代码,名称,上级,类别\n99000{0},{1},,县\n99000{0}001,城关镇,{1},镇街\n99000{0}001001,{2},城关镇,村\n",
    "parents": "名称,上级,类别\n{1},,县\n城关镇,{1},镇街\n{2},城关镇,村\n",
    "bare": "名称,类别\n{1},县\n城关镇,镇街\n{2},村\n",
}
UNITS = "企业名称,所属镇街,从业人员数量,年营业收入（万元）\n{}公司,城关镇,5,1\n"


@ON_EITHER
@pytest.mark.parametrize("form", DIVISIONS)
def test_towns_of_one_name_in_the_folders_of_two_counties(desk: Desk, form: str) -> None:
    folder = desk.folder / "台账"
    for number, county, village in ((8, "庚县", "庚山村"), (9, "辛县", "辛山村")):
        desk.csv(f"台账/{county}/区划.csv", DIVISIONS[form].format(number, county, village))
        desk.csv(f"台账/{county}/村.csv", f"村名称,所属镇街,类别,户数,收入（万元）\n{village},城关镇,一般村,100,3\n")
        desk.csv(f"台账/{county}/企业.csv", UNITS.format(county[0]))
    desk.load(folder)
    villages = desk.query(
        "MATCH (v:Region {kind: '村'})-[:PART_OF]->(t:Region)-[:PART_OF]->(c:Region) WHERE v.income = 30000 "
        "RETURN v.name AS village, t.name AS town, c.name AS county ORDER BY village"
    )
    assert [tuple(v.values()) for v in villages] == [("庚山村", "城关镇", "庚县"), ("辛山村", "城关镇", "辛县")]
    units = desk.query(
        "MATCH (u:Unit)-[:LOCATED_IN]->(:Region)-[:PART_OF]->(c:Region) RETURN u.name AS unit, c.name AS county"
    )
    assert {tuple(u.values()) for u in units} == {("庚公司", "庚县"), ("辛公司", "辛县")}
    assert desk.reviews() == []


def test_what_cannot_be_told_apart_is_asked(bare_desk: Desk) -> None:
    desk = bare_desk
    desk.load(
        desk.csv(
            "区划.csv", "名称,上级,类别\n庚县,,县\n辛县,,县\n城关镇,庚县,镇街\n城关镇,辛县,镇街\n庚山村,城关镇,村\n"
        ),
        desk.csv("企业.csv", UNITS.format("一") + "二公司,辛县城关镇,5,1\n"),
    )
    assert sorted(r["kind"] for r in desk.reviews()) == ["dangling", "division"]
    (review,) = [r for r in desk.reviews() if r["kind"] == "division"]
    assert review["evidence_for"] == "名称相近：庚县城关镇、辛县城关镇"
    places = desk.edges("LOCATED_IN", "Unit", "Region")
    assert places == {("一公司", "未落地"), ("二公司", "城关镇")}


def test_a_town_whose_county_is_misspelt_stays_in_the_county_of_its_ledger(desk: Desk) -> None:
    desk.load(
        desk.csv("区划.csv", "名称,上级,类别\n新镇,甲先,镇街\n"), desk.units("企业.csv", ("一公司", "", "新镇", 5))
    )
    desk.load(desk.csv("指导员.csv", "指导员姓名,工作单位,指导企业\n官一,某局,一公司\n"))
    assert desk.edges("GUIDES", "GuidanceOfficer", "Unit") == {("官一", "一公司")}
    assert ("新镇", "甲县") in desk.edges("PART_OF", "Region", "Region")
    assert [r["kind"] for r in desk.reviews()] == ["dangling"]


@pytest.mark.parametrize("order", list(permutations((0, 1))))
def test_a_division_with_and_without_its_code_is_one(bare_desk: Desk, order: tuple[int, int]) -> None:
    rows = ["990008,庚县,,县\n,城关镇,庚县,镇街\n", "990008001,城关镇,庚县,镇街\n"]
    desk = bare_desk
    desk.load(desk.csv("区划.csv", "代码,名称,上级,类别\n" + "".join(rows[i] for i in order)))
    assert desk.listed("Region").keys() == {"庚县", "城关镇"}


# -- --division and home ----------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["甲市", "乙县", "甲先", "甲县北镇", "990002", "长长长"])
def test_a_division_that_the_ledger_does_not_know_is_refused(desk: Desk, text: str) -> None:
    units = desk.units("企业.csv", ("一公司", "", "东镇", 5))
    for options in ({"division": text}, {"locality": Locality(home=text)}):
        with pytest.raises(InputError, match=f"“{text}”不在区划台账之中") as refused:
            desk.load(units, **options)
        assert ("--division" if "division" in options else "home") in str(refused.value)
        assert "甲县" in str(refused.value)
    assert desk.revision == 1


@pytest.mark.parametrize("text", ["甲县", "990001", "东镇", "甲县东镇", "990001101"])
def test_one_that_it_knows_is_taken(desk: Desk, text: str) -> None:
    desk.load(desk.units("企业.csv", ("一公司", "", "东镇", 5)), division=text)
    assert desk.edges("LOCATED_IN", "Unit", "Region") == {("一公司", "东镇")}


@pytest.mark.parametrize("text", ["丙市", "9900"])
def test_one_that_it_implies_is_taken(bare_desk: Desk, text: str) -> None:
    desk = bare_desk
    divisions = desk.csv("区划.csv", "代码,名称,上级,类别\n990001,甲县,丙市,县\n990002,乙县,丙市,县\n")
    desk.load(divisions, desk.units("企业.csv", ("一公司", "", "甲县", 5)), division=text)
    desk.load(desk.units("更多.csv", ("二公司", "", "乙县", 5)), division=text)
    assert desk.edges("LOCATED_IN", "Unit", "Region") == {("一公司", "甲县"), ("二公司", "乙县")}


def test_without_a_ledger_of_divisions_any_is_taken_until_there_is_one(bare_desk: Desk) -> None:
    desk = bare_desk
    desk.load(desk.units("企业.csv", ("一公司", "", "", 5)), division="甲先")
    with pytest.raises(InputError, match="相近的有：甲县"):
        desk.load(desk.csv("区划.csv", "名称,上级,类别\n甲县,,县\n东镇,甲县,镇街\n"), division="甲先")


def test_the_county_goes_before_a_village_of_its_name(bare_desk: Desk) -> None:
    desk = bare_desk
    text = "代码,名称,类别\n990001,甲水县,县\n990002,乙县,县\n990002001,乙镇,镇街\n990002001001,甲水村,村\n"
    desk.load(desk.csv("区划.csv", text), desk.units("企业.csv", ("一公司", "", "甲水县", 5)), division="甲水")
    with pytest.raises(InputError, match=r"不止一个：.*990003"):
        desk.load(desk.csv("区划.csv", text + "990003,甲水县,县\n"), division="甲水县")


# -- columns for wider divisions --------------------------------------------------------------------


@pytest.fixture(scope="module")
def city() -> Places:
    names = {
        "99": "丙省", "9901": "丁市", "990101": "甲县", "990102": "乙县", "990101001": "城关镇", "990102001": "城关镇",
        "9902": "戊市", "990201": "丁县", "990201001": "东镇",
    }  # fmt: skip
    return grow({code: {"code": code, "name": name} for code, name in names.items()}, {})[0]


WIDER = {"@county": "county", "@city": "city", "@province": "province"}


def placed(places: Places, base: str, **cells: str) -> tuple[str, str]:
    """Where a unit with these cells lies: town, county, city, province, address."""
    unit = ledgers()["enterprises"]
    placing = (("@placed", True), ("address", False), *((f"@{w}", True) for w in ("county", "city", "province")))
    values = {{"town": "@placed", "address": "address"}.get(k, f"@{k}"): v for k, v in cells.items()}
    return Placer(places).place(values, replace(unit, placing=placing), base)


@pytest.mark.parametrize(
    ("base", "cells", "expected"),
    [
        ("99", {"province": "丙省", "city": "丁市", "county": "甲县"}, ("990101", "")),
        ("99", {"province": "丙", "city": "丁", "county": "甲县", "town": "城关镇"}, ("990101001", "")),
        ("", {"city": "丁市", "county": "乙县", "town": "城关镇"}, ("990102001", "")),
        ("", {"county": "乙县", "address": "城关镇人民路1号"}, ("990102001", "")),
        ("9901", {"county": "乙", "address": "丙省丁市乙县城关镇1号"}, ("990102001", "")),
        ("990101", {"province": "丙省", "city": "丁市", "county": "甲县"}, (unplaced_id("990101"), "")),
        ("990101", {"province": "丙", "city": "丁", "county": "甲县", "town": "城关镇"}, ("990101001", "")),
        ("990101", {"city": "戊市", "county": "丁县"}, (unplaced_id("990101"), "丁县")),
        ("990101", {"town": "丙省丁市甲县城关镇"}, ("990101001", "")),
        ("990101", {"town": "丙省丁市甲县"}, (unplaced_id("990101"), "")),
        ("9901", {"town": "丙省丁市甲县城关镇"}, ("990101001", "")),
        ("9901", {"town": "丙省丁市甲县"}, ("990101", "")),
        ("9901", {"town": "甲县城观镇"}, ("990101", "甲县城观镇")),
        ("", {"town": "丙省丁市乙县城关镇"}, ("990102001", "")),
        ("9901", {"city": "丁市", "town": "城关镇"}, (unplaced_id("9901"), "城关镇")),
    ],
)
def test_wider_columns(city: Places, base: str, cells: dict[str, str], expected: tuple[str, str]) -> None:
    assert placed(city, base, **cells) == expected


def test_the_name_of_a_city_that_nobody_listed_is_not_its_namesake_of_a_county() -> None:
    counties = grow(
        {c: {"code": c, "name": n} for c, n in (("990201", "丁县"), ("990202", "己县"), ("9902", "9902"))}, {}
    )[0]
    # 丁 is 丁市, which the ledger of divisions does not list; it is no question either
    assert placed(counties, "9902", province="丙", city="丁") == (unplaced_id("9902"), "")
    assert placed(counties, "9902", city="丁", county="己县") == ("990202", "")
    assert placed(counties, "9902", county="丁县") == ("990201", "")


def test_a_unit_known_by_its_county_and_by_its_town_is_in_the_town(desk: Desk) -> None:
    for order in permutations((("一公司", credit_code(1), "甲县", 5), ("一公司", credit_code(1), "东镇", 5))):
        desk.load(desk.units("企业.csv", *order))
        assert desk.edges("LOCATED_IN", "Unit", "Region") == {("一公司", "东镇")}
        desk.undo()


@pytest.mark.parametrize(
    "heading", ["乡镇（街道）", "镇（街道）", "镇(街)", "所属乡镇（街道）", "街道（乡镇）", "所在乡镇"]
)
@pytest.mark.parametrize("name", ["企业名称,年营业收入", "社会组织名称,年检"])
def test_the_town_stands_under_what_offices_call_it(desk: Desk, heading: str, name: str) -> None:
    desk.load(desk.csv("a.csv", f"{name},{heading}\n一家,,西镇\n"))
    assert desk.edges("LOCATED_IN", "Unit", "Region") == {("一家", "西镇")}


# -- parks, buildings and business districts ---------------------------------------------------------

SITES = "名称,上级,类别\n星光产业园,东镇,园区\n星光大厦,西镇,楼宇\n月湖商圈,,商圈\n月湖商圈,南街道,商圈\n"
IN_SITES = "企业名称,所属镇街,年营业收入（万元）,所在园区/商务楼宇名称\n"


@ON_EITHER
def test_a_park_that_no_ledger_knows_is_one_question_and_loses_nothing(desk: Desk) -> None:
    rows = "一公司,东镇,1,星广产业园\n二公司,南街道,1,星广产业园\n三公司,东镇,1,星光产业园\n四公司,西镇,1,无\n"
    desk.load(desk.csv("园区.csv", SITES), desk.csv("企业.csv", IN_SITES + rows))
    (review,) = desk.reviews()
    assert (review["kind"], review["evidence_for"], len(review["rows"])) == ("division", "名称相近：星光产业园", 2)
    assert "“星广产业园”" in review["question"]
    assert desk.edges("IN_PLACE", "Unit", "Region") == {("三公司", "星光产业园")}
    places = desk.edges("LOCATED_IN", "Unit", "Region")
    assert places == {("一公司", "东镇"), ("二公司", "南街道"), ("三公司", "东镇"), ("四公司", "西镇")}


@pytest.mark.parametrize("text", ["星光", "月湖商圈", "东镇"], ids=["part", "several", "town"])
def test_what_is_no_park_or_several_is_asked(desk: Desk, text: str) -> None:
    desk.load(desk.csv("园区.csv", SITES), desk.csv("企业.csv", f"{IN_SITES}一公司,西镇,1,{text}\n"))
    assert [r["kind"] for r in desk.reviews()] == ["division"]
    assert desk.edges("IN_PLACE", "Unit", "Region") == set()


def test_organizations_and_sites_ask_too_and_together_once(desk: Desk) -> None:
    desk.load(
        desk.csv("园区.csv", SITES),
        desk.csv("企业.csv", f"{IN_SITES}一公司,西镇,1,星光大夏\n"),
        desk.csv("党组织.csv", "党组织全称,党组织类别,行政区划,所在楼宇\n星光支部,党支部,西镇,星光大夏\n"),
        desk.csv("阵地.csv", "阵地名称,所属镇街,验收等级,所在楼宇\n星光中心,西镇,一类,星光大夏\n"),
    )
    (review,) = desk.reviews()
    assert (review["evidence_for"], len(review["rows"])) == ("名称相近：星光大厦", 3)


@pytest.mark.parametrize("said", ["星光大厦", "忽略", "东镇"])
def test_what_people_decide_of_a_park(desk: Desk, said: str) -> None:
    desk.load(desk.csv("园区.csv", SITES), desk.csv("企业.csv", f"{IN_SITES}一公司,,1,星光大夏\n"))
    assert desk.edges("LOCATED_IN", "Unit", "Region") == {("一公司", "未落地")}
    (review,) = desk.reviews()
    desk.load(desk.decide("核实.xlsx", (review["id"], said)))
    decided = said == "星光大厦"
    assert len(desk.reviews()) == (said == "东镇")
    assert desk.edges("IN_PLACE", "Unit", "Region") == ({("一公司", "星光大厦")} if decided else set())
    assert desk.edges("LOCATED_IN", "Unit", "Region") == {("一公司", "西镇" if decided else "未落地")}


def test_a_unit_of_which_no_town_is_stated_lies_in_that_of_its_park(desk: Desk) -> None:
    desk.load(desk.csv("园区.csv", SITES), desk.csv("企业.csv", f"{IN_SITES}一公司,,1,星光产业园\n"))
    assert desk.edges("LOCATED_IN", "Unit", "Region") == {("一公司", "东镇")}
    assert desk.reviews() == []


def test_a_park_that_a_later_ledger_brings_closes_the_question(desk: Desk) -> None:
    desk.load(desk.csv("企业.csv", f"{IN_SITES}一公司,,1,星光产业园\n"))
    assert [r["evidence_for"] for r in desk.reviews()] == [None]
    desk.load(desk.csv("园区.csv", SITES))
    assert desk.reviews() == []
    assert desk.edges("IN_PLACE", "Unit", "Region") == {("一公司", "星光产业园")}
    assert desk.edges("LOCATED_IN", "Unit", "Region") == {("一公司", "东镇")}


# -- villages ----------------------------------------------------------------------------------------

VILLAGES = "村名称,所属镇街,户数,收入（万元）\n"


@pytest.mark.parametrize("rows", ["河口村,,500,12\n河口村,,400,4\n", "河口村,,500,12\n"])
def test_a_village_that_may_be_several_is_asked(desk: Desk, rows: str) -> None:
    desk.load(desk.csv("村.csv", VILLAGES + rows))
    (review,) = desk.reviews()
    assert (review["kind"], review["evidence_for"]) == ("division", "名称相近：东镇河口村、甲县河口村、西镇河口村")
    assert "“河口村”在区划台账中不止一个" in review["question"]
    desk.undo()
    desk.load(desk.csv("村.csv", VILLAGES + "河口村,东镇,500,12\n河口村,西镇,400,4\n"))
    assert desk.reviews() == []


def test_a_village_alone_of_its_name_needs_no_town(desk: Desk) -> None:
    desk.load(desk.csv("村.csv", f"{VILLAGES}河上村,,500,12\n"))
    assert desk.reviews() == []
