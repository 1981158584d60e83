"""Headings with a year, units in a column of their own, columns that answer one question, and empty circles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from graph.workbook import Cell
from tests.loaders.desk import Desk, only
from tests.loaders.shape.test_layouts import one


def values(*rows: Sequence[Cell], row: int = 0) -> dict[str, Any]:
    """The values of one row of a sheet."""
    return one(rows).rows[row].values


@pytest.mark.parametrize(
    ("heading", "field", "value"),
    [
        ("2025年营业收入（万元）", "revenue", 50_000),
        ("2025年度营业收入（万元）", "revenue", 50_000),
        ("上年度营业收入（万元）", "revenue", 50_000),
        ("营业收入（2025年，万元）", "revenue", 50_000),
        ("二〇二五年年营业收入（万元）", "revenue", 50_000),
        ("2025年1-12月产值（万元）", "output", 50_000),
        ("2024年末从业人数", "staff", 5),
        ("截至2025年6月底从业人数", "staff", 5),
        ("年末从业人数", "staff", 5),
        ("2025年上半年营业收入（万元）", "revenue", None),
        ("2025年一季度产值（万元）", "output", None),
        ("2025年营业收入增长率", "revenue", None),
    ],
)
def test_a_heading_with_a_year_is_that_of_its_field(heading: str, field: str, value: int | None) -> None:
    rows: list[list[Cell]] = [["企业名称", "企业类型", "注册地址", heading], ["甲有限公司", "私营企业", "东镇", 5]]
    assert values(*rows).get(field) == value


@pytest.mark.parametrize(
    "headings",
    [
        [["2024年营业收入（万元）", "2025年营业收入（万元）"]],
        [["年营业收入（2024年，万元）", "年营业收入（2025年，万元）"]],
        [["2024年", "2025年"], ["营业收入（万元）", "营业收入（万元）"]],
        [["上年度营业收入（万元）", "本年度营业收入（万元）"]],
        [["上年营业收入（万元）", "2025年营业收入（万元）"]],
        [["2024年营业收入（万元）", "营业收入（万元）"]],
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_of_two_years_the_later_counts_and_the_other_is_named(headings: list[list[Cell]], turned: bool) -> None:
    step = -1 if turned else 1
    head = [["企业名称" if not i else None, *line[::step]] for i, line in enumerate(headings)]
    shaped = one([*head, ["甲有限公司", *[3, 5][::step]]])
    assert shaped.rows[0].values["revenue"] == 50_000
    assert len(shaped.layout.named("earlier")) == 1


@pytest.mark.parametrize("heading", ["单位", "计量单位", "金额单位"])
def test_a_row_may_state_the_unit_of_its_amount(heading: str) -> None:
    head = ["企业名称", "年营业收入", heading, "从业人数"]
    rows = [
        ["甲", 5, "万元", 1],
        ["乙", 5, "元", 1],
        ["丙", 5, "（千元）", 1],
        ["丁", "5亿元", "万元", 1],
        ["戊", 5, "人民币万元", 1],
    ]
    amounts = [row.values["revenue"] for row in one([head, *rows]).rows]
    assert amounts == [50_000, 5, 5_000, 500_000_000, 50_000]


def test_a_unit_that_is_none_or_missing_is_not_passed_over() -> None:
    head = ["企业名称", "年营业收入", "产值", "单位"]
    full = [[f"第{n}号", 5, 6, "万元"] for n in range(8)]
    shaped = one([head, *full, ["乙公司", 5, 6, "吨"], ["丙公司", 5, 6, None]])
    assert shaped.rows[0].values["output"] == 60_000
    assert "revenue" not in shaped.rows[8].values
    assert shaped.rows[9].values["revenue"] == 5
    assert shaped.remarks.counts["no_unit_revenue"] == 1


def test_a_unit_of_a_row_beside_another_in_the_heading_is_remarked() -> None:
    shaped = one([["企业名称", "年营业收入（万元）", "单位"], ["甲公司", 5, "元"], ["乙公司", 5, "万元"]])
    assert [row.values["revenue"] for row in shaped.rows] == [5, 50_000]
    assert shaped.remarks.counts["other_unit_revenue"] == 1


@pytest.mark.parametrize(
    ("columns", "field"),
    [
        ([("已建党组织", "未建党组织")], "has_organization"),
        ([("已成立党支部", "未成立党支部")], "has_organization"),
        ([("有党组织", "无党组织")], "has_organization"),
        ([("党组织组建情况", None), ("已组建", "未组建")], "has_organization"),
        ([("党组织建设情况", None), ("已建", "尚未建")], "has_organization"),
        ([("已选派", "未选派")], "has_officer"),
        ([("已派指导员", "未派指导员")], "has_officer"),
        ([("工会", None), ("有", "无")], "trade_union"),
        ([("规上", "规下")], "above_scale"),
        ([("有固定场所", "无固定场所")], "fixed_premises"),
    ],
)
def test_two_columns_that_answer_one_question(columns: list[tuple[Cell, Cell]], field: str) -> None:
    head = [
        ["企业名称" if not i else None, *line, "年产值（万元）" if not i else None] for i, line in enumerate(columns)
    ]
    merges = [(0, 1, 0, 2)] if len(head) > 1 else []
    shaped = one(
        [*head, ["甲", "√", None, 1], ["乙", None, "√", 1], ["丙", None, None, 1], ["丁", "√", "√", 1]], merges
    )
    assert [row.values.get(field) for row in shaped.rows] == [True, False, None, None]
    assert shaped.remarks.counts[f"several_{field}"] == 1


@pytest.mark.parametrize(
    ("state", "active", "remarked"),
    [("注销", "是", 1), ("已吊销", "正常", 1), ("注销", "否", 0), ("存续", "否", 0), ("存续", "是", 0), ("", "是", 0)],
)
def test_two_answers_about_the_state_of_a_unit(state: str, active: str, remarked: int) -> None:
    shaped = one([["企业名称", "登记状态", "是否正常经营", "年产值（万元）"], ["甲公司", state or None, active, 1]])
    assert shaped.remarks.counts["states_differ"] == remarked


def test_a_founding_in_the_future_is_remarked() -> None:
    shaped = one([["企业名称", "成立日期", "年产值（万元）"], ["甲公司", "2099-01-01", 1], ["乙公司", "2019-01-01", 1]])
    assert shaped.remarks.counts["founded_later"] == 1


def test_one_of_two_columns_alone_states_nothing() -> None:
    shaped = one([["企业名称", "已建党组织", "年产值（万元）"], ["甲", "√", 1]])
    assert "has_organization" not in shaped.rows[0].values
    assert shaped.layout.named("unknown") == ("已建党组织",)


@pytest.mark.parametrize("circle", ["○", "◯"])
@pytest.mark.parametrize(("mark", "meaning"), [("●", True), ("√", True), ("☑", True), ("×", False), ("否", False)])
def test_an_empty_circle_is_no_beside_a_tick_and_unknown_elsewhere(circle: str, mark: str, meaning: bool) -> None:
    shaped = one([["企业名称", "是否成立党组织", "产值（万元）"], ["甲", circle, 1], ["乙", mark, 1]])
    answers = [row.values.get("has_organization") for row in shaped.rows]
    assert answers == ([False, True] if meaning else [None, False])
    assert sum(count for code, count in shaped.remarks.counts.items() if "has_organization" in code) == (not meaning)


@pytest.mark.parametrize(("other", "modes"), [("●", [None, "联合"]), (None, [None, None])])
def test_circles_in_columns_to_be_ticked(other: Cell, modes: list[str | None]) -> None:
    rows: list[list[Cell]] = [
        ["企业名称", "组建方式", None, "产值（万元）"],
        [None, "单独", "联合", None],
        ["甲", "○", None, 1],
        ["乙", None, other, 1],
    ]
    shaped = one(rows, [(0, 1, 0, 2)])
    assert [row.values.get("mode") for row in shaped.rows] == modes
    assert sum(count for code, count in shaped.remarks.counts.items() if "mode" in code) == (other is None)


def test_an_officer_of_an_unknown_role_guides_nobody(desk: Desk) -> None:
    desk.load(desk.csv("非公企业.csv", "企业名称,所属镇街,正式党员数,年产值（万元）\n甲厂,东镇,0,1\n乙厂,东镇,0,1\n"))
    text = "姓名,角色,所属镇街,指导企业\n张三,驻企特派员,东镇,甲厂\n李四,,东镇,乙厂\n"
    result = desk.load(desk.csv("指导员台账.csv", text))
    assert any("按“不明”计" in message.text for message in only(result).messages)
    roles = desk.query(
        "MATCH (o:GuidanceOfficer)-[g:GUIDES]->(u:Unit) RETURN u.name AS unit, g.role AS role ORDER BY unit"
    )
    assert {row["unit"]: row["role"] for row in roles} == {"甲厂": "不明", "乙厂": "指导员"}
