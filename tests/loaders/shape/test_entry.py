"""What a form states is shaped as a row of a file is."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from graph.errors import InputError
from loaders.recognize.ledgers import ledgers
from loaders.shape.entry import Entry, shape_entry
from tests.loaders.desk import Desk, shaped

DEFERRAL = {
    "暂缓事项": "空白点", "暂缓对象": "一公司", "理由": "筹备开业", "批准机关": "甲县工委", "暂缓期限": "2026年12月"
}  # fmt: skip


def stated(ledger: str, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    """The values of rows as they are kept."""
    return [row.values for row in shape_entry(Entry(ledger, rows, "登记", "表"), ledgers()).rows]


def test_by_name_or_by_header_it_says_what_the_row_of_a_file_says(desk: Desk) -> None:
    text = ",".join(DEFERRAL) + "\n" + ",".join(DEFERRAL.values()) + "\n"
    (row,) = shaped(desk.csv("暂缓.csv", text)).rows
    fields = ("title", "subject", "reason", "approved_by", "until")
    named = dict(zip(fields, DEFERRAL.values(), strict=True))
    assert stated("deferrals", DEFERRAL) == stated("deferrals", named) == [row.values]
    assert row.values["until"] == dt.date(2026, 12, 31)
    (entered,) = shape_entry(Entry("deferrals", [named], "登记", "表"), ledgers()).rows
    assert (entered.file, entered.sheet, entered.line, entered.text) == ("登记", "表", 2, row.text)


def test_rows_may_state_different_fields() -> None:
    values_of_rows = stated("deferrals", DEFERRAL, {**DEFERRAL, "批准日期": "2026-01-02"}, {**DEFERRAL, "所属区划": ""})
    assert ["approved_on" in values for values in values_of_rows] == [False, True, False]
    assert values_of_rows[0] == values_of_rows[2], "a blank states nothing"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({**DEFERRAL, "理由": ""}, "暂缓台账没有收下：缺少暂缓理由"),
        ({**DEFERRAL, "暂缓期限": "明年"}, "暂缓台账没有收下：暂缓期限“明年”"),
        ({**dict.fromkeys(DEFERRAL, ""), "暂缓事项": "合计"}, "暂缓台账没有收下：其中有一项看不出写的是什么"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_its_reason(row: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        stated("deferrals", DEFERRAL, row)


def test_what_is_no_field_is_a_mistake_of_the_program() -> None:
    with pytest.raises(KeyError, match="deferrals has no field '颜色'"):
        stated("deferrals", {**DEFERRAL, "颜色": "红"})
