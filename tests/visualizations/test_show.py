"""How values are written for people."""

from __future__ import annotations

import datetime as dt

import pytest

from graph.answers import Column, ColumnType, Total, Value, rate
from visualizations.show import figure, heading, show


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, "integer", "—"),
        ([], "strings", "—"),
        (0, "integer", "0"),
        (1_234_567, "integer", "1,234,567"),
        (0.000123456, "number", "0.0001235"),
        (2.0, "number", "2"),
        (0.3807, "percent", "38.1%"),
        (0.99996, "percent", "99.9%"),
        (1, "percent", "100.0%"),
        (0.0002, "percent", "<0.1%"),
        (0, "percent", "0.0%"),
        (9_999, "money", "9,999元"),
        (10_000, "money", "1万元"),
        (49_999, "money", "4.99万元"),
        (99_999_999, "money", "9,999.99万元"),
        (34_700_000_000, "money", "347亿元"),
        (-12_345_678, "money", "-1,234.56万元"),
        (True, "boolean", "是"),
        (False, "boolean", "否"),
        (dt.date(2026, 6, 30), "date", "2026-06-30"),
        (["甲", "乙"], "strings", "甲、乙"),
        ("<b>", "string", "<b>"),
    ],
)
def test_a_value(value: Value, kind: ColumnType, text: str) -> None:
    assert show(value, Column("x", "x", kind)) == text


#: a rate over units none of which is decided
UNDECIDED = rate("r", "率", 0, 278, "三有企业", unverified=278)


def test_a_rate_over_nothing_is_blank_and_a_unit_is_named_once() -> None:
    assert figure(rate("r", "率", 0, 0, "社会组织")) == "—"
    assert figure(UNDECIDED) == "无法计算（278 待核实）"
    assert figure(Total("m", "营业收入", 25_000, "元")) == "2.5万元"
    assert heading(Column("n", "从业人员", "integer", "名")) == "从业人员（名）"
    assert heading(Column("n", "从业人数", "integer", "人")) == "从业人数"
    assert heading(Column("n", "营业收入", "money", "元")) == "营业收入"
