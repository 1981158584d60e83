"""A later sheet says only what it says: a blank or a column that is not there takes nothing away."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.cli import terminal
from api.viewer import Viewer, leave
from graph.errors import InputError
from graph.locality import Locality
from graph.ontology import load as load_ontology
from tests.loaders.desk import ON_EITHER, Desk, credit_code, only
from visualizations.pages import loading

A, B, C = (credit_code(n) for n in (1, 2, 3))
HEADER = (
    "企业名称", "统一社会信用代码", "所属镇街", "经营状态", "从业人员数量", "是否规模以上企业", "正式党员数",
    "是否成立党组织", "组建形式", "党组织成立时间", "党组织书记姓名", "党建指导员",
)  # fmt: skip
FULL = ("一公司", A, "东镇", "在营", 60, "是", 4, "是", "联合", "2020-03-01", "书记甲", "指导员甲")


def sheet(desk: Desk, name: str, *rows: Sequence[Any], header: Sequence[str] = HEADER, title: str = "") -> Path:
    """A 非公企业台账 as a .csv."""
    lines = [",".join("" if cell is None else str(cell) for cell in row) for row in (header, *rows)]
    return desk.csv(name, "\n".join([*([title + "," * (len(header) - 1)] if title else []), *lines]) + "\n")


def some(desk: Desk, name: str, **values: Any) -> Path:
    """A 非公企业台账 of one firm in a few columns."""
    return sheet(desk, name, tuple(values.values()), header=tuple(values))


def facts(desk: Desk, name: str = "一公司") -> dict[str, Any]:
    """What the graph says of a unit: its properties, its town, who covers and who guides it."""
    (unit,) = desk.query(
        "MATCH (u:Unit {name: $name}) OPTIONAL MATCH (u)-[:LOCATED_IN]->(r:Region) OPTIONAL MATCH (o)-[c:COVERS]->(u) "
        "RETURN u.credit_code AS code, u.operating AS operating, u.staff AS staff, u.above_scale AS scale, "
        "u.formal_members AS members, r.name AS town, c.mode AS mode, c.valid_from AS since, o.secretary AS secretary",
        name=name,
    )
    return unit


STATED = {
    "code": A, "operating": "在营", "staff": 60, "scale": True, "members": 4, "town": "东镇", "mode": "联合",
    "since": dt.date(2020, 3, 1), "secretary": "书记甲",
}  # fmt: skip


def changes(result: Any) -> list[tuple[str, str, str]]:
    """The changes that a report lists, as (field, before, after)."""
    return [(c["field"], c["before"], c["after"]) for f in result.report.to_json()["files"] for c in f["changes"]]


@pytest.mark.parametrize("name", ["企业.csv", "企业回填.csv", "下发/企业.csv"])
def test_a_sheet_of_fewer_columns_takes_nothing_away(desk: Desk, name: str) -> None:
    desk.load(sheet(desk, "企业.csv", FULL))
    assert facts(desk) == STATED
    path = some(desk, name, 企业名称="一公司", 统一社会信用代码=A, 正式党员数=5, 是否规模以上企业="否")
    result = desk.load(path)
    assert facts(desk) == STATED | {"members": 5, "scale": False}
    assert changes(result) == [("是否规上", "是", "否"), ("正式党员数", "4人", "5人")]
    assert (only(result).new, only(result).changed) == (0, 1)
    assert len(desk.listed()) == 1


@ON_EITHER
def test_a_blank_cell_takes_nothing_away(desk: Desk) -> None:
    desk.load(sheet(desk, "企业.csv", FULL))
    for blank in (None, "/", "-", "无", "未填", "N/A", "暂无"):
        # / answers a question with no
        answers = {5: None, 7: None}
        row = [answers.get(position, blank) for position in range(2, len(HEADER))]
        desk.load(sheet(desk, "企业.csv", ("一公司", A, *row)))
        assert facts(desk) == STATED, blank
    assert desk.edges("GUIDES", "GuidanceOfficer", "Unit") == set()


def test_what_stays_is_cited_by_the_row_that_states_it(desk: Desk) -> None:
    desk.load(sheet(desk, "企业.csv", FULL))
    desk.load(some(desk, "回填.csv", 企业名称="一公司", 统一社会信用代码=A, 正式党员数=5, 是否规模以上企业="是"))
    live = desk.query(
        "MATCH (t:SourceRow) WHERE t.ended IS NULL AND t.ledger = 'enterprises' RETURN t.file AS file ORDER BY file"
    )
    assert [row["file"] for row in live] == ["企业.csv", "回填.csv"]


@pytest.mark.parametrize("word", ["清空", "—", "——"])
def test_a_word_clears(desk: Desk, word: str) -> None:
    desk.load(sheet(desk, "企业.csv", FULL))
    result = desk.load(
        some(desk, "改.csv", 企业名称="一公司", 统一社会信用代码=A, 经营状态=word, 正式党员数=word, 是否成立党组织=word)
    )
    cleared = {"operating": None, "members": None, "mode": None, "since": None, "secretary": None}
    assert facts(desk) == STATED | cleared
    assert ("正式党员数", "4人", "") in changes(result)
    desk.load(some(desk, "再改.csv", 企业名称="一公司", 统一社会信用代码=A, 正式党员数=7, 经营状态="", 是否规上="是"))
    assert facts(desk) == STATED | cleared | {"members": 7}


def test_a_town_is_cleared_and_not_moved_by_an_address(desk: Desk) -> None:
    desk.load(sheet(desk, "企业.csv", FULL))
    moved = "甲县西镇河口村1号"
    desk.load(some(desk, "企业.csv", 企业名称="一公司", 统一社会信用代码=A, 经营地址=moved, 是否规上="是"))
    assert facts(desk)["town"] == "东镇"
    desk.load(some(desk, "企业.csv", 企业名称="一公司", 统一社会信用代码=A, 所属镇街="清空", 是否规上="是"))
    assert facts(desk)["town"] == "河口村"


def test_the_words_that_clear_are_a_setting(desk: Desk) -> None:
    desk.locality = replace(desk.locality, clearing=("作废",))
    desk.load(sheet(desk, "企业.csv", FULL))
    desk.load(some(desk, "企业.csv", 企业名称="一公司", 统一社会信用代码=A, 正式党员数="—", 经营状态="作废"))
    assert facts(desk) == STATED | {"operating": None}


def test_clearing_takes_back_what_the_same_ledger_states_alone(desk: Desk) -> None:
    society = desk.csv("社会组织.csv", f"社会组织名称,统一社会信用代码,登记机关,从业人员总数\n一公司,{A},某局,7\n")
    desk.load(sheet(desk, "企业.csv", FULL), society)
    desk.load(some(desk, "企业.csv", 企业名称="一公司", 统一社会信用代码=A, 从业人员数量="清空", 是否规上="是"))
    assert facts(desk)["staff"] == 7


@ON_EITHER
def test_a_row_of_a_whole_ledger_clears(desk: Desk) -> None:
    desk.load(
        sheet(desk, "非公企业台账.csv", FULL),
        sheet(desk, "小个专台账.csv", ("一公司", A, "", "停业"), header=HEADER[:4]),
    )
    desk.load(
        some(desk, "非公企业台账.csv", 企业名称="一公司", 统一社会信用代码=A, 所属镇街="东镇", 是否规模以上企业="是"),
        complete=[("非公企业台账", "甲县")],
    )
    assert facts(desk) == STATED | {
        "operating": "停业", "staff": None, "members": None, "mode": None, "since": None, "secretary": None,
    }  # fmt: skip


def test_a_list_in_the_same_sheet_is_replaced_and_in_another_added_to(desk: Desk) -> None:
    header = "党组织全称,行政区划,覆盖单位,组建方式\n"
    desk.load(desk.units("企业.csv", ("一公司", A, "东镇", 5), ("二公司", B, "东镇", 6), ("三公司", C, "东镇", 6)))
    desk.load(desk.csv("党组织.csv", header + "联合支部,东镇,一公司、二公司,联合\n"))
    desk.load(desk.csv("补.csv", "党组织全称,行政区划,覆盖单位\n联合支部,东镇,三公司\n"))
    assert {unit for _, unit in desk.edges("COVERS", "PartyOrg", "Unit")} == {"一公司", "二公司", "三公司"}
    result = desk.load(desk.csv("党组织.csv", header + "联合支部,东镇,一公司,\n"))
    assert {unit for _, unit in desk.edges("COVERS", "PartyOrg", "Unit")} == {"一公司", "三公司"}
    (change,) = changes(result)
    assert change[1:] == ("一公司、三公司、二公司", "一公司、三公司")
    modes = desk.query("MATCH (:PartyOrg)-[e:COVERS]->(u:Unit) RETURN u.name AS unit, e.mode AS mode ORDER BY mode")
    assert {"unit": "一公司", "mode": "联合"} in modes


# -- officers ---------------------------------------------------------------------------------------


def postings(desk: Desk) -> set[tuple[str, str | None, str | None]]:
    rows = desk.query(
        "MATCH (:GuidanceOfficer)-[e:GUIDES]->(u:Unit) RETURN u.name AS unit, e.valid_from AS f, e.valid_to AS t"
    )
    return {(r["unit"], *(d.isoformat() if 1900 < d.year < 9999 else None for d in (r["f"], r["t"]))) for r in rows}


@pytest.mark.parametrize("name", ["指导员.csv", "补充/指导员.csv", "新增派驻.csv"])
@pytest.mark.parametrize("one_cell", [True, False])
def test_a_partial_sheet_of_officers_ends_no_posting(desk: Desk, name: str, one_cell: bool) -> None:
    header = "指导员姓名,工作单位,指导企业,任期起,任期止\n"
    dates = "2025-01-01,2027-12-31"
    desk.load(desk.units("企业.csv", ("一公司", A, "东镇", 5), ("二公司", B, "东镇", 6), ("三公司", C, "东镇", 6)))
    before = ["一公司、二公司"] if one_cell else ["一公司", "二公司"]
    desk.load(desk.csv("指导员.csv", header + "".join(f"指导员甲,某局,{units},{dates}\n" for units in before)))
    result = desk.load(desk.csv(name, "指导员姓名,工作单位,指导企业\n指导员甲,某局,三公司\n"))
    assert postings(desk) == {
        ("一公司", "2025-01-01", "2027-12-31"), ("二公司", "2025-01-01", "2027-12-31"), ("三公司", None, None),
    }  # fmt: skip
    (remark,) = [m for m in only(result).messages if m.code == "kept_relations"]
    assert remark.count == 2
    # the end of one is stated, and the list declared whole ends what it does not name
    desk.load(desk.csv(name, "指导员姓名,工作单位,指导企业,任期止\n指导员甲,某局,二公司,2026-03-31\n"))
    assert ("二公司", "2025-01-01", "2026-03-31") in postings(desk)
    whole = desk.csv(name, "指导员姓名,工作单位,指导企业\n指导员甲,某局,三公司\n")
    desk.load(whole, complete=[("指导员", "甲县")], confirmed=True)
    assert {unit for unit, _, _ in postings(desk)} == {"三公司"}


@ON_EITHER
def test_a_later_end_without_a_unit_is_that_of_every_posting(desk: Desk) -> None:
    desk.load(desk.units("企业.csv", ("一公司", A, "东镇", 5), ("二公司", B, "东镇", 6)))
    desk.load(desk.csv("指导员.csv", "指导员姓名,工作单位,指导企业,任期起\n指导员甲,某局,一公司、二公司,2025-01-01\n"))
    desk.load(desk.csv("离任.csv", "指导员姓名,工作单位,在岗状态,任期止\n指导员甲,某局,离任,2026-01-31\n"))
    assert postings(desk) == {("一公司", "2025-01-01", "2026-01-31"), ("二公司", "2025-01-01", "2026-01-31")}


def test_two_terms_of_one_posting_in_one_sheet_are_two(desk: Desk) -> None:
    rows = "指导员甲,某局,一公司,2023-01-01,2024-12-31\n指导员甲,某局,一公司,2025-01-01,2026-12-31\n"
    desk.load(desk.units("企业.csv", ("一公司", A, "东镇", 5)))
    desk.load(desk.csv("指导员.csv", "指导员姓名,工作单位,指导企业,任期起,任期止\n" + rows))
    assert postings(desk) == {("一公司", "2023-01-01", "2024-12-31"), ("一公司", "2025-01-01", "2026-12-31")}
    assert desk.reviews() == []


@pytest.mark.parametrize(
    ("name", "header", "row", "edge"),
    [
        ("指导员.csv", "指导员姓名,工作单位,指导企业,任期起,任期止", "指导员甲,某局,一公司", "GUIDES"),
        ("结对.csv", "甲方,乙方,签约日期,到期日期", "一公司,二公司", "PAIRED_WITH"),
        ("联村领导.csv", "领导姓名,领导职务,联系村,联系起,联系止", "领导甲,某职,南街道", "CONTACTS"),
    ],
)
def test_dates_that_run_backwards_are_asked_about(desk: Desk, name: str, header: str, row: str, edge: str) -> None:
    desk.load(desk.units("企业.csv", ("一公司", A, "东镇", 5), ("二公司", B, "东镇", 6)))
    before = desk.query(f"MATCH (x)-[e:{edge}]->(y) RETURN e.key AS key")
    report = only(desk.load(desk.csv(name, f"{header}\n{row},2026-12-01,2026-08-31\n")))
    assert (report.accepted, report.rejected, report.reviews) == (1, 0, 1), "the row stays"
    assert desk.query(f"MATCH (x)-[e:{edge}]->(y) RETURN e.key AS key") == before, "nothing is in force"
    (review,) = desk.reviews()
    assert review["kind"] == "dates"
    assert "2026-12-01 起，2026-08-31 止" in review["question"]
    desk.load(desk.csv(name, f"{header}\n{row},2026-08-01,2026-08-31\n"))
    assert desk.reviews() == []


@ON_EITHER
def test_an_end_before_the_start_of_an_earlier_sheet_is_asked_about(desk: Desk) -> None:
    desk.load(desk.units("企业.csv", ("一公司", A, "东镇", 5)))
    desk.load(desk.csv("指导员.csv", "指导员姓名,工作单位,指导企业,任期起\n指导员甲,某局,一公司,2026-05-01\n"))
    desk.load(desk.csv("指导员.csv", "指导员姓名,工作单位,指导企业,任期止\n指导员甲,某局,一公司,2026-03-31\n"))
    assert postings(desk) == set()
    assert [r["kind"] for r in desk.reviews()] == ["dates"]


def test_a_term_of_an_organization_that_runs_backwards_is_none(desk: Desk) -> None:
    desk.load(
        desk.csv("党组织.csv", "党组织全称,类别,行政区划,起始日期,届满日期\n一支部,支部,东镇,2025-04-30,2022-04-30\n")
    )
    (org,) = desk.query("MATCH (o:PartyOrg) RETURN o.term_from AS f, o.term_to AS t")
    assert org == {"f": None, "t": None}
    assert [r["kind"] for r in desk.reviews()] == ["dates"]


# -- names ------------------------------------------------------------------------------------------


@ON_EITHER
def test_a_former_name_still_finds_the_unit(desk: Desk) -> None:
    desk.load(desk.units("企业.csv", ("一公司", A, "东镇", 5)))
    desk.load(desk.csv("指导员.csv", "指导员姓名,工作单位,指导企业\n指导员甲,某局,一公司\n"))
    result = desk.load(desk.units("企业.csv", ("改名公司", A, "东镇", 5)))
    assert changes(result) == [("单位名称", "一公司", "改名公司")]
    assert desk.edges("GUIDES", "GuidanceOfficer", "Unit") == {("指导员甲", "改名公司")}
    assert desk.reviews() == []
    desk.load(desk.units("企业.csv", ("再改公司", A, "东镇", 5)))
    assert desk.edges("GUIDES", "GuidanceOfficer", "Unit") == {("指导员甲", "再改公司")}
    # a sheet that names it by its new name names no other
    result = desk.load(desk.csv("指导员.csv", "指导员姓名,工作单位,指导企业\n指导员甲,某局,再改公司\n"))
    assert [m.code for m in only(result).messages] == []


@ON_EITHER
@pytest.mark.parametrize("code", ["", A])
@pytest.mark.parametrize("reverse", [False, True])
def test_a_unit_that_had_the_name_of_another_is_asked_about(desk: Desk, code: str, reverse: bool) -> None:
    old = desk.units("1/企业.csv", ("一公司", "", "东镇", 5))
    new = desk.units("2/企业.csv", ("改名公司", code, "东镇", 5, "一公司"), more=["曾用名"])
    desk.load(desk.csv("指导员.csv", "指导员姓名,工作单位,指导企业\n指导员甲,某局,一公司\n"))
    for file in (new, old) if reverse else (old, new):
        desk.load(file)
    question = next(r for r in desk.reviews() if r["kind"] == "lookalike")
    assert "曾用名" in question["evidence_for"]
    desk.load(desk.decide("处理.xlsx", (question["id"], "合并")))
    assert desk.edges("GUIDES", "GuidanceOfficer", "Unit") == {("指导员甲", next(iter(desk.listed())))}
    assert [r["kind"] for r in desk.reviews()] in ([], ["contradiction"])


def test_units_of_two_codes_are_not_asked_about_for_a_former_name(desk: Desk) -> None:
    desk.load(desk.units("1/企业.csv", ("一公司", B, "东镇", 5)))
    desk.load(desk.units("2/企业.csv", ("改名公司", A, "东镇", 5, "一公司"), more=["曾用名"]))
    assert desk.reviews() == []


# -- ledgers declared whole -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "title"),
    [
        ("小个专台账.csv", ""),
        ("个体工商户名单.csv", ""),
        ("甲县规上企业台账（2026年6月）.csv", ""),
        ("表.csv", "甲县小个专党建工作台账"),
    ],
)
def test_a_whole_ledger_retires_what_a_ledger_of_its_name_brought(desk: Desk, other: str, title: str) -> None:
    columns = HEADER[:6]
    desk.load(
        sheet(
            desk,
            "非公企业台账.csv",
            *((f"{n}公司", credit_code(n), "东镇", "", 1, "否") for n in range(1, 41)),
            header=columns,
        ),
        sheet(
            desk,
            other,
            *((f"{n}店", credit_code(n, "92"), "东镇", "", 1, "否") for n in range(50, 90)),
            header=columns,
            title=title,
        ),
    )
    less = sheet(
        desk,
        "2026/甲县非公企业台账.csv",
        *((f"{n}公司", credit_code(n), "东镇", "", 1, "否") for n in range(2, 41)),
        header=columns,
    )
    report = only(desk.load(less, complete=[("非公企业台账", "甲县")]))
    assert report.retired == 1
    assert len(desk.listed()) == 79
    assert [m.count for m in report.messages if m.code == "other_ledgers"] == [40]


@ON_EITHER
def test_a_ledger_may_be_declared_whole_by_its_own_name(desk: Desk) -> None:
    columns = HEADER[:6]
    firms = sheet(desk, "非公企业台账.csv", ("一公司", A, "东镇", "", 1, "否"), header=columns)
    shops = [(f"{n}店", credit_code(n, "92"), "东镇", "", 1, "否") for n in range(50, 90)]
    desk.load(firms, sheet(desk, "小个专台账.csv", *shops, header=columns))
    result = desk.load(sheet(desk, "小个专台账.csv", *shops[1:], header=columns), complete=[("小个专台账", "甲县")])
    assert only(result).retired == 1
    assert changes(result) == [("非公企业台账", "列入", "不再列入")]
    assert "一公司" in desk.listed()
    with pytest.raises(InputError, match="“规上企业名单”不在这次的文件之中。这次的台账有：非公企业台账、小个专台账。"):
        desk.load(sheet(desk, "小个专台账.csv", *shops[1:], header=columns), complete=[("规上企业名单", "甲县")])


# -- undo -------------------------------------------------------------------------------------------


@ON_EITHER
def test_undo_of_a_partial_sheet_gives_what_was_there(desk: Desk) -> None:
    desk.load(sheet(desk, "企业.csv", FULL))
    desk.load(some(desk, "回填.csv", 企业名称="一公司", 统一社会信用代码=A, 正式党员数=5, 是否规上="否"))
    before = desk.everything()
    desk.load(
        some(desk, "企业.csv", 企业名称="一公司", 统一社会信用代码=A, 正式党员数=9, 从业人员数量=3, 是否规上="否")
    )
    assert (facts(desk)["members"], facts(desk)["staff"]) == (9, 3)
    desk.undo()
    assert desk.everything() == before
    assert facts(desk) == STATED | {"members": 5, "scale": False}
    desk.undo()
    assert facts(desk) == STATED
    # a row that an undo brought back is as old as it was
    desk.load(some(desk, "回填.csv", 企业名称="一公司", 统一社会信用代码=A, 正式党员数=6, 是否规上="否"))
    desk.load(sheet(desk, "企业.csv", (*FULL[:6], 7, *FULL[7:])))
    desk.undo()
    assert facts(desk)["members"] == 6


def test_the_locality_has_words_that_clear() -> None:
    assert Locality().clearing == ("清空", "—", "——")


# -- the report -----------------------------------------------------------------------------------------


def test_the_report_lists_changes_in_words_and_by_what_a_viewer_may_see(desk: Desk) -> None:
    desk.load(sheet(desk, "企业.csv", FULL))
    result = desk.load(
        some(desk, "企业.csv", 企业名称="一公司", 统一社会信用代码=A, 正式党员数=2, 党组织书记姓名="书记乙")
    )
    out = io.StringIO()
    terminal.load_report(result.report, str, out)
    assert "一公司 正式党员数：4人 → 2人（企业.csv第 2 行）" in out.getvalue()
    assert "一公司 书记：书记甲 → 书记乙" in out.getvalue()
    shown = leave(loading.changes_answer(result.report), Viewer("某人"), load_ontology()).rows
    assert {row["name"] for row in shown} == {"一公司"}
    assert not {"书记甲", "书记乙", "4人", "2人"} & {row[c] for row in shown for c in ("before", "after")}
