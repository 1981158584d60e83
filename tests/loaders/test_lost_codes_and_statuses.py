"""Codes that lost digits make no record of two, and a status is no organization: whole loads, on both engines."""

from __future__ import annotations

import pytest

from graph.workbook import Cell
from tests.loaders.desk import ON_EITHER, Desk, only


@ON_EITHER
@pytest.mark.parametrize(
    "codes",
    [
        (1.234567890123457e17,) * 3,
        ("1.23457E+17",) * 3,
        ("123456789012345000",) * 3,
        (1.234567890123457e17, "1.23457E+17", "123456789012345000"),
    ],
    ids=["number", "scientific", "rounded", "mixed"],
)
def test_organizations_whose_codes_lost_digits_stay_apart(desk: Desk, codes: tuple[Cell, ...]) -> None:
    rows = [[f"{name}公司党支部", code, "某镇党委"] for name, code in zip("甲乙丙", codes, strict=True)]
    report = only(desk.load(desk.xlsx("党组织.xlsx", [["党组织全称", "党组织编码", "上级党组织名称"], *rows])))
    assert (report.rows, report.accepted, report.merged) == (3, 3, 0)
    assert desk.listed("PartyOrg").keys() == {"甲公司党支部", "乙公司党支部", "丙公司党支部"}
    assert desk.query("MATCH (o:PartyOrg) WHERE o.code IS NOT NULL RETURN o.id AS id") == []
    (message,) = (m for m in report.messages if m.code.startswith("blank_code"))
    assert message.count == 3
    assert "已丢失" in message.text


@pytest.mark.parametrize("header", ["统一社会信用代码", "信用代码"])
def test_units_whose_codes_lost_digits_stay_apart(desk: Desk, header: str) -> None:
    lines = "".join(f"{name}公司,9.19900E+17,东镇,5,1\n" for name in "甲乙丙")
    report = only(desk.load(desk.csv("企业.csv", f"企业名称,{header},所属镇街,从业人数,年营业收入（万元）\n{lines}")))
    assert (report.accepted, report.merged) == (3, 0)


def test_villages_whose_codes_lost_digits_stay_apart(desk: Desk) -> None:
    lines = "".join(f"9.90001E+11,{name}村,东镇,村\n" for name in "甲乙丙")
    report = only(desk.load(desk.csv("新区划.csv", f"区划代码,名称,上级,类别\n{lines}")))
    assert (report.accepted, report.merged) == (3, 0)
    assert any("已丢失" in message.text for message in report.messages)


#: answers to 是否正常经营 and 是否成立党组织, and whether the unit operates
STATUSES = {
    "甲": ("是", "已撤销", True),
    "乙": ("是", "已申请，待批复", True),
    "丙": ("是", "有意向", True),
    "丁": ("已停业", "否", False),
    "戊": ("是□ 否☑", "否", False),
    "己": ("正常", "是□ 否☑", True),
    "庚": ("是", "是（ ）否（√）", True),
    "辛": ("已注销", "不需要", False),
}


@ON_EITHER
def test_a_status_is_no_organization(desk: Desk) -> None:
    rows = "".join(f"{name}公司,东镇,5,{works},{built},1\n" for name, (works, built, _) in STATUSES.items())
    header = "企业名称,所属镇街,正式党员数,是否正常经营,是否成立党组织,年营业收入（万元）\n"
    report = only(desk.load(desk.csv("非公企业台账.csv", header + rows)))
    assert desk.listed("PartyOrg") == {}
    operated = desk.query("MATCH (u:Unit) RETURN u.name AS name, u.entity_operated AS yes, u.operating AS state")
    assert {row["name"][0]: row["yes"] for row in operated} == {name: works for name, (_, _, works) in STATUSES.items()}
    assert {row["name"][0]: row["state"] for row in operated if row["state"]} == {
        "丁": "停业", "己": "在营", "辛": "注销"
    }  # fmt: skip
    unread = [message for message in report.messages if message.code.startswith("blank_has_organization")]
    assert [message.count for message in unread] == [1], "有意向 is no answer"
    assert "有意向" in unread[0].examples[0]


@ON_EITHER
def test_an_income_below_a_threshold_stays_below_it(desk: Desk) -> None:
    incomes = {"甲村": "49,999.99元", "乙村": "5万元", "丙村": "4.99999万元", "丁村": "50000"}
    rows = "".join(f'{name},东镇,"{income}"\n' for name, income in incomes.items())
    desk.load(desk.csv("村情.csv", f"村名称,所属镇街,村集体经济收入\n{rows}"))
    below = desk.query("MATCH (r:Region) WHERE r.income < 50000 RETURN r.name AS name ORDER BY name")
    assert {row["name"] for row in below} == {"甲村", "丙村"}
