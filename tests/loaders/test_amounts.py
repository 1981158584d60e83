"""Amounts and counts in the unit that a cell, a header, a title or a number format states."""

from __future__ import annotations

import decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.workbook import Cell
from loaders.cleaning import formats, headings, numbers


@given(st.integers(0, 10**9), st.sampled_from(["元", "千元", "万元", "亿元"]))
def test_money_is_below_a_threshold_where_the_amount_is(fen: int, unit: str) -> None:
    scale = {"元": 1, "千元": 1000, "万元": 10**4, "亿元": 10**8}[unit]
    amount = decimal.Decimal(fen) / 100
    for cell in (f"{amount / scale:f}{unit}", f"{amount:,}"):
        yuan, _ = numbers.money(cell)
        assert yuan is not None
        assert all((yuan < bound) == (amount < bound) for bound in (1, 50_000, 200_000, int(amount), int(amount) + 1))


@pytest.mark.parametrize(
    ("cell", "unit", "count"),
    [
        (3, "万户", 30_000),
        ("3.25", "万户", 32_500),
        ("3户", "万户", 3),
        ("3万", "户", 30_000),
        (12, "百人", 1_200),
        ("5千人", None, 5_000),
        (2.9999999999999996, "人", 3),
    ],
)
def test_a_count_takes_the_unit_of_its_header(cell: Cell, unit: str | None, count: int) -> None:
    assert numbers.integer(cell, unit) == (count, None)


@pytest.mark.parametrize("cell", ["3.5E+07", "3.50e+07", "4E+11"])
def test_an_amount_in_scientific_notation_may_have_lost_digits(cell: str) -> None:
    for parse in (numbers.money, numbers.integer):
        value, problem = parse(cell)
        assert value is None
        assert problem is not None
        assert "科学记数" in problem


def test_a_count_under_a_unit_of_money_is_no_count() -> None:
    count, problem = numbers.integer(10, "万元")
    assert count is None
    assert problem is not None
    assert "万元" in problem


@pytest.mark.parametrize(
    ("title", "units"),
    [
        ("单位：万元、人", ["万元", "人"]),
        ("（金额单位：万元）", ["万元"]),
        ("注：本表金额单位为千元。", ["千元"]),
        ("计量单位:人民币万元", ["万元"]),
        ("单位 万元  万户", ["万元", "万户"]),
        ("填表单位：某镇   单位：元", ["元"]),
        ("某县营业收入统计表（万元）", ["万元"]),
        ("填报单位：万元镇人民政府", []),
        ("单位：个体劳动者协会", []),
        ("单位名称", []),
    ],
)
def test_units_that_a_title_states(title: str, units: list[str]) -> None:
    assert headings.stated_units(title) == units


@pytest.mark.parametrize(
    ("cell", "unit"),
    [
        ("万元", "万元"),
        ("（万元）", "万元"),
        ("单位：人", "人"),
        ("万户", "万户"),
        ("序号", None),
        ("", None),
        ("1", None),
    ],
)
def test_a_cell_with_a_unit_alone(cell: Cell, unit: str | None) -> None:
    assert headings.unit_alone(cell) == unit


@pytest.mark.parametrize(
    ("code", "number", "divisor", "unit"),
    [
        ("0!.0,", 35_000_000, 10_000, ""),
        ("0\\.0,", 35_000_000, 10_000, ""),
        ('0"."0,', 35_000_000, 10_000, ""),
        ("0!.0000", 35_000_000, 10_000, ""),
        ("0.00,,", 35_000_000, 1_000_000, ""),
        ("#,##0,", 35_000_000, 1_000, ""),
        ('#,##0.00"万元"', 3500, 1, "万元"),
        ('0!.0,"万元"', 35_000_000, 10_000, "万元"),
        ('[>=10000]0!.0,"万元";0"元"', 35_000_000, 10_000, "万元"),
        ('[>=10000]0!.0,"万元";0"元"', 3500, 1, "元"),
        ('G/通用格式"万户"', 3, 1, "万户"),
        ("[$$-409]#,##0.00", 35, 1, "$"),
    ],
)
def test_a_number_format_that_tells(code: str, number: float, divisor: int, unit: str) -> None:
    assert formats.tells(code)
    assert formats.effect(number, code) == formats.NumberFormat(divisor, unit)


@pytest.mark.parametrize(
    "code",
    [
        "General",
        "#,##0.00",
        "0.00_);[Red](0.00)",
        "[$¥-804]#,##0.00",
        '"¥"#,##0',
        "000000",
        "@",
        "0.00%",
        "yyyy-mm-dd",
        'yyyy"年"m"月"d"日"',
        '#,##0;-#,##0;"无"',
        '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ',
    ],
)
def test_a_number_format_that_tells_nothing(code: str) -> None:
    assert not formats.tells(code)


@pytest.mark.parametrize("cell", ["(500)", "（1,200）", "(3.5)"])
def test_an_amount_in_brackets_may_be_below_zero(cell: str) -> None:
    assert numbers.money(cell, "万元")[0] is None
    assert numbers.money("10,191(万元人民币)")[0] == 101_910_000
