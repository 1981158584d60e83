"""What rows of several ledgers say together: stated organizations, open questions and what people decide."""

from __future__ import annotations

import datetime as dt

import openpyxl
import pytest

from graph.locality import Locality
from graph.ontology import load as load_ontology
from graph.questions import catalogue
from graph.questions.asking import ask
from graph.rules.book import book
from graph.rules.inquiry import Inquiry
from tests.loaders.desk import ON_EITHER, Desk, credit_code, only
from visualizations.sheets.writing import answer_workbook, write

A, B, C = (credit_code(n) for n in (1, 2, 3))
STATED = ("是否成立党组织", "组建形式", "类别", "党组织成立时间", "党组织书记姓名")


# -- precedence -------------------------------------------------------------------------------------


def test_the_better_ledger_gives_a_property_and_the_other_fills_what_it_leaves_blank(desk: Desk) -> None:
    desk.load(
        desk.csv("社会组织.csv", f"社会组织名称,统一社会信用代码,登记机关,从业人员总数,住地\n一社,{A},某局,7,某路1号\n")
    )
    desk.load(desk.units("企业.csv", ("一社", A, "东镇", 5)))
    (unit,) = desk.query("MATCH (u:Unit) WHERE u.listed RETURN u.staff AS staff, u.address AS address, u.kind AS kind")
    assert unit == {"staff": 5, "address": "某路1号", "kind": "企业"}


def test_a_countys_own_precedence(desk: Desk) -> None:
    society_code = credit_code(1, "52")
    society = desk.csv(
        "社会组织.csv", f"社会组织名称,统一社会信用代码,登记机关,从业人员总数\n一社,{society_code},某局,7\n"
    )
    desk.load(
        society,
        desk.units("企业.csv", ("一社", society_code, "东镇", 5)),
        locality=Locality(home="甲县", precedence=("社会组织台账",)),
    )
    (unit,) = desk.query("MATCH (u:Unit) WHERE u.listed RETURN u.staff AS staff, u.kind AS kind")
    assert unit == {"staff": 7, "kind": "社会组织"}


def test_kinds_by_code(desk: Desk) -> None:
    codes = {"92": "个体工商户", "93": "合作社", "51": "社会组织", "91": "企业"}
    desk.load(desk.units("企业.csv", *((f"单位{p}", credit_code(7, p), "东镇", 1) for p in codes)))
    rows = desk.query("MATCH (u:Unit) RETURN u.name AS name, u.kind AS kind")
    assert {r["name"].removeprefix("单位"): r["kind"] for r in rows} == codes


# -- organizations that a unit's row states ---------------------------------------------------------


def test_a_stated_organization_covers_its_unit(desk: Desk) -> None:
    desk.load(
        desk.units("企业.csv", ("一公司", A, "东镇", 5, "是", "联合", "党支部", "2020年3月", "书记甲"), more=STATED)
    )
    (found,) = desk.query(
        "MATCH (o:PartyOrg)-[e:COVERS]->(u:Unit) RETURN o.name AS name, o.kind AS kind, o.stated AS stated, "
        "o.legal_unit AS legal, e.mode AS mode, e.stated AS told, e.valid_from AS since, o.secretary AS secretary"
    )
    assert found.pop("since").isoformat() == "2020-03-01"
    assert found == {
        "name": "一公司党支部",
        "kind": "支部",
        "stated": True,
        "legal": A,
        "mode": "联合",
        "told": True,
        "secretary": "书记甲",
    }
    assert desk.edges("LOCATED_IN", "PartyOrg", "Region") == {("一公司党支部", "东镇")}


@pytest.mark.parametrize("row", ["中共一公司支部委员会,东镇,", f"旧名党支部,东镇,{A}"])
def test_its_own_ledger_claims_it(desk: Desk, row: str) -> None:
    desk.load(desk.units("企业.csv", ("一公司", A, "东镇", 5, "是", "单独", "党支部", "", ""), more=STATED))
    (stated,) = desk.listed("PartyOrg").values()
    desk.load(desk.csv("党组织.csv", f"党组织全称,行政区划,法人单位统一社会信用代码\n{row}\n"))
    orgs = desk.listed("PartyOrg")
    assert list(orgs.values()) == [stated], "the same organization under its own name"
    assert desk.edges("COVERS", "PartyOrg", "Unit") == {(next(iter(orgs)), "一公司")}
    (org,) = desk.query("MATCH (o:PartyOrg) WHERE o.listed RETURN o.stated AS stated")
    assert not org["stated"]


def test_stated_and_listed_at_once_are_one(desk: Desk) -> None:
    units = desk.units("企业.csv", ("一公司", A, "东镇", 5, "是", "单独", "党支部", "2020年3月", ""), more=STATED)
    desk.load(units, desk.csv("党组织.csv", f"党组织全称,行政区划,法人单位统一社会信用代码\n旧名党支部,东镇,{A}\n"))
    assert desk.listed("PartyOrg").keys() == {"旧名党支部"}
    (edge,) = desk.query("MATCH (:PartyOrg)-[e:COVERS]->(:Unit) RETURN e.mode AS mode, e.valid_from AS since")
    assert edge["mode"] == "单独"
    assert edge["since"].isoformat() == "2020-03-01"


def test_the_name_of_another_countys_unit_claims_nothing(desk: Desk) -> None:
    desk.load(desk.units("企业.csv", ("一公司", A, "东镇", 5, "是", "单独", "党支部", "", ""), more=STATED))
    desk.load(desk.csv("乙县区划.csv", "代码,名称,上级,类别\n990002,乙县,,县\n990002101,北镇,乙县,镇街\n"))
    desk.load(desk.csv("乙县党组织.csv", "党组织全称,行政区划,党组织类别\n中共一公司支部委员会,北镇,党支部\n"))
    assert desk.listed("PartyOrg").keys() == {"一公司党支部", "中共一公司支部委员会"}


def test_no_longer_stated_no_longer_there(desk: Desk) -> None:
    desk.load(desk.units("企业.csv", ("一公司", A, "东镇", 5, "是", "单独", "党支部", "", ""), more=STATED))
    desk.load(desk.units("企业.csv", ("一公司", A, "东镇", 5, "否", "", "", "", ""), more=STATED))
    assert desk.listed("PartyOrg") == {}
    assert desk.edges("COVERS", "PartyOrg", "Unit") == set()


# -- references -------------------------------------------------------------------------------------

OFFICERS = "指导员姓名,工作单位,指导企业\n"


def test_a_dangling_reference_is_asked_about_and_closes_by_itself(desk: Desk) -> None:
    desk.load(desk.units("企业.csv", ("一公司", A, "东镇", 5)))
    officers = desk.csv("指导员.csv", OFFICERS + "指导员甲,某局,一公司、二公司\n")
    report = only(desk.load(officers))
    assert (report.accepted, report.reviews) == (1, 1)
    (review,) = desk.reviews()
    assert (review["kind"], review["file"], review["sheet"], review["line"]) == (
        "dangling",
        "指导员.csv",
        "指导员",
        2,
    )
    assert "二公司" in review["question"]
    assert only(desk.load(officers)).reviews == 1, "an unchanged row with an open question still counts"
    desk.load(desk.units("更多.csv", ("二公司", B, "东镇", 5)))
    assert desk.reviews() == []
    assert [r["id"] for r in desk.reviews("closed")] == [review["id"]]
    assert desk.edges("GUIDES", "GuidanceOfficer", "Unit") == {("指导员甲", "一公司"), ("指导员甲", "二公司")}
    desk.undo()
    assert [r["id"] for r in desk.reviews()] == [review["id"]]


def test_an_edge_with_a_missing_end_is_kept_without_an_edge(desk: Desk) -> None:
    desk.load(desk.units("企业.csv", ("一公司", A, "东镇", 5)))
    report = only(desk.load(desk.csv("结对.csv", "甲方,乙方\n一公司,没有的商会\n一公司,一公司\n")))
    assert (report.accepted, report.rejected, report.reviews) == (1, 1, 1)
    assert desk.query("MATCH ()-[e:PAIRED_WITH]->() RETURN e.key AS key") == []


@ON_EITHER
def test_one_name_of_two_units_is_not_guessed(desk: Desk) -> None:
    desk.load(desk.units("企业.csv", ("一公司", A, "东镇", 5), ("一公司", B, "西镇", 5)))
    desk.load(desk.csv("指导员.csv", OFFICERS + "指导员甲,某局,一公司\n"))
    (review,) = [r for r in desk.reviews() if r["kind"] == "dangling"]
    ids = {r["code"]: r["id"] for r in desk.query("MATCH (u:Unit) RETURN u.id AS id, u.credit_code AS code")}
    assert all(i in review["evidence_for"] for i in ids.values())
    desk.load(desk.decide("核实.xlsx", (review["id"], ids[B])))
    rows = desk.query("MATCH (:GuidanceOfficer)-[:GUIDES]->(u:Unit) RETURN u.credit_code AS code")
    assert rows == [{"code": B}]
    assert [r["decision"] for r in desk.reviews("decided")] == [ids[B]]


def test_a_decided_name_that_is_nowhere_settles_nothing(desk: Desk) -> None:
    desk.load(desk.units("企业.csv", ("一公司", A, "东镇", 5)))
    desk.load(desk.csv("指导员.csv", OFFICERS + "指导员甲,某局,一公式\n"))
    (review,) = desk.reviews()
    for said in ("一工司", "合并"):
        desk.load(desk.decide("核实.xlsx", (review["id"], said)))
        (still,) = desk.reviews()
        assert (still["id"], still["decision"]) == (review["id"], said)
    desk.load(desk.decide("核实.xlsx", (review["id"], "一公司")))
    assert desk.reviews() == []
    assert desk.edges("GUIDES", "GuidanceOfficer", "Unit") == {("指导员甲", "一公司")}


def test_an_ignored_reference_is_asked_no_more(desk: Desk) -> None:
    desk.load(desk.csv("指导员.csv", OFFICERS + "指导员甲,某局,二公司\n"))
    (review,) = desk.reviews()
    desk.load(desk.decide("核实.xlsx", (review["id"], "忽略")))
    assert (desk.reviews(), len(desk.reviews("decided"))) == ([], 1)
    desk.load(desk.csv("指导员.csv", OFFICERS + "指导员甲,某局调整后,二公司\n"))
    assert len(desk.reviews("decided")) == 1


@ON_EITHER
def test_undecided_lines_of_the_workbook_decide_nothing(desk: Desk) -> None:
    desk.load(desk.csv("指导员.csv", OFFICERS + "指导员甲,某局,二公司、三公司\n"))
    first, second = (r["id"] for r in desk.reviews())
    report = only(desk.load(desk.decide("核实.xlsx", (first, "忽略"), (second, ""))))
    assert (report.ledger, report.accepted, report.rejected) == ("待核实处理", 2, 0)
    assert [r["id"] for r in desk.reviews()] == [second]
    desk.load(desk.decide("核实.xlsx", (first, "")))
    assert [r["id"] for r in desk.reviews()] == [second], "a blank states nothing"
    desk.load(desk.decide("核实.xlsx", (first, "清空")))
    assert len(desk.reviews()) == 2, "a decision that is cleared is taken back"


@ON_EITHER
def test_a_division_that_no_ledger_has(desk: Desk) -> None:
    desk.load(desk.units("企业.csv", ("一公司", A, "北镇", 5), ("二公司", B, "北镇", 5)))
    (review,) = desk.reviews()
    assert review["kind"] == "division"
    assert "北镇" in review["question"]
    assert desk.edges("LOCATED_IN", "Unit", "Region") == {("一公司", "未落地"), ("二公司", "未落地")}
    desk.load(desk.decide("核实.xlsx", (review["id"], "990001102")))
    assert desk.edges("LOCATED_IN", "Unit", "Region") == {("一公司", "西镇"), ("二公司", "西镇")}
    assert desk.reviews() == []


# -- look-alikes ------------------------------------------------------------------------------------


def alike(desk: Desk) -> str:
    """Two units that may be one; the id of the question."""
    desk.load(desk.units("企业.csv", ("甲县红星食品有限公司", A, "东镇", 5), ("红星食品有限责任公司", "", "西镇", 6)))
    desk.load(desk.csv("指导员.csv", OFFICERS + "指导员甲,某局,红星食品有限责任公司\n"))
    (review,) = desk.reviews()
    assert review["kind"] == "lookalike"
    assert review["evidence_for"]
    assert review["evidence_against"]
    return str(review["id"])


@ON_EITHER
def test_merging_is_remembered_and_undone(desk: Desk) -> None:
    review = alike(desk)
    before = desk.everything()
    apart = desk.listed()
    desk.load(desk.decide("核实.xlsx", (review, "合并")))
    assert desk.listed() == {"甲县红星食品有限公司": apart["甲县红星食品有限公司"]}
    assert desk.edges("GUIDES", "GuidanceOfficer", "Unit") == {("指导员甲", "甲县红星食品有限公司")}, (
        "found by either name"
    )
    assert [(r["id"], r["decision"]) for r in desk.reviews("decided")] == [(review, "合并")]
    merged = desk.everything()
    units = desk.units("企业.csv", ("甲县红星食品有限公司", A, "东镇", 5), ("红星食品有限责任公司", "", "西镇", 6))
    assert only(desk.load(units)).unchanged == 2
    desk.load(desk.units("三.csv", ("三公司", C, "东镇", 1)))
    assert desk.listed().keys() == {"甲县红星食品有限公司", "三公司"}, "and at every later load"
    desk.undo()
    assert desk.everything() == merged
    desk.undo()
    assert desk.everything() == before
    assert [r["id"] for r in desk.reviews()] == [review]


def test_a_decision_older_than_the_store(desk: Desk, divided_store: object) -> None:
    review = alike(desk)
    decisions = desk.decide("核实.xlsx", (review, "合并"))
    for _ in range(2):
        desk.undo()
    assert desk.listed() == {}
    desk.load(desk.folder / "企业.csv", decisions)
    assert desk.listed().keys() == {"甲县红星食品有限公司"}


def test_three_records_merged_in_a_chain(desk: Desk) -> None:
    desk.load(
        desk.units(
            "企业.csv", ("红星食品有限公司", A, "东镇", 5), ("红星食品公司", "", "东镇", 6), ("红星食品", "", "东镇", 6)
        )
    )
    reviews = [r["id"] for r in desk.reviews()]
    assert len(reviews) == 3
    desk.load(desk.decide("核实.xlsx", *((r, "合并") for r in reviews)))
    assert desk.listed().keys() == {"红星食品有限公司"}
    assert (desk.reviews(), len(desk.reviews("decided"))) == ([], 3)


def test_the_record_with_a_code_speaks_first_for_what_is_merged(desk: Desk) -> None:
    desk.load(desk.units("企业.csv", ("红星食品公司", "", "东镇", 6), ("红星食品有限公司", A, "东镇", 5)))
    (review,) = desk.reviews()
    desk.load(desk.decide("核实.xlsx", (review["id"], "合并")))
    (unit,) = desk.query("MATCH (u:Unit) WHERE u.listed RETURN u.name AS name, u.staff AS staff, u.credit_code AS code")
    assert unit == {"name": "红星食品有限公司", "staff": 5, "code": A}


def test_kept_apart_is_asked_no_more(desk: Desk) -> None:
    review = alike(desk)
    desk.load(desk.decide("核实.xlsx", (review, "分开")))
    assert (len(desk.listed()), desk.reviews()) == (2, [])
    desk.load(desk.units("三.csv", ("三公司", C, "东镇", 1)))
    assert [(r["id"], r["decision"]) for r in desk.reviews("decided")] == [(review, "分开")]


def test_the_same_name_in_another_county_is_no_question(desk: Desk) -> None:
    desk.load(desk.csv("乙县区划.csv", "代码,名称,上级,类别\n990002,乙县,,县\n990002101,北镇,乙县,镇街\n"))
    desk.load(desk.units("企业.csv", ("一公司", "", "东镇", 5)))
    desk.load(desk.units("乙县企业.csv", ("一公司", "", "北镇", 5)))
    assert desk.reviews() == []
    assert len(desk.query("MATCH (u:Unit) WHERE u.listed RETURN u.id AS id")) == 2


def test_the_workbook_that_ask_reviews_gives(desk: Desk) -> None:
    review = alike(desk)
    with desk.store.reader() as reader:
        context = Inquiry(dt.date(2026, 6, 30), Locality(), load_ontology(), book=book())
        answer = ask(catalogue(book()), reader, context, "reviews", {})
    path = desk.folder / "待核实清单.xlsx"
    write(answer_workbook(answer), path)
    workbook = openpyxl.load_workbook(path)
    (sheet,) = [
        s for s in workbook.worksheets if s.max_row > 1 and "待核实编号" in str([c.value for r in s.rows for c in r])
    ]
    header = next(row for row in sheet.rows if any(c.value == "待核实编号" for c in row))
    column = {cell.value: cell.column for cell in header}
    (line,) = [row[0].row for row in sheet.rows if row[column["待核实编号"] - 1].value == review]
    sheet.cell(line, column["处理决定"], "合并")
    workbook.save(path)
    report = next(f for f in desk.load(path).report.files if f.ledger)
    assert (report.ledger, report.rows, report.accepted) == ("待核实处理", 1, 1)
    assert desk.listed().keys() == {"甲县红星食品有限公司"}
