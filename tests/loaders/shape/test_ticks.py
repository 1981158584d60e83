"""Ticks in a set of columns: the marks of Wingdings, several of them, and columns 是 and 否."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from loaders.shape.shaping import Shaped
from tests.loaders.desk import shaped

KINDS = ("私营企业", "外商投资企业", "港澳台商投资企业")


def ticked(folder: Path, question: str, choices: tuple[str, ...], *rows: tuple[str, ...]) -> Shaped:
    """Firms with marks under the choices of a question."""
    lines = [["企业名称", question, *[""] * (len(choices) - 1), "从业人员数量"], ["", *choices, ""]]
    lines += [[f"{n}公司", *marks, "5"] for n, marks in enumerate(rows, 1)]
    path = folder / "非公企业.csv"
    path.write_text("\n".join(",".join(line) for line in lines), encoding="utf-8")
    return shaped(path)


@pytest.mark.parametrize(
    ("tick", "box"),
    [("R", "£"), ("þ", "¨"), ("þ", "o"), ("\uf0fe", "\uf0a8"), ("√", ""), ("☑", "□"), ("☒", "☐"), ("●", "○")],
)
def test_each_row_has_the_value_that_is_ticked(tmp_path: Path, tick: str, box: str) -> None:
    rows = [tuple(tick if column == row else box for column in range(3)) for row in range(3)]
    one = ticked(tmp_path, "企业类型", KINDS, *rows, (box, box, box))
    assert [row.values.get("registration_type") for row in one.rows] == [*KINDS, None]
    assert one.remarks.counts == {}


def test_several_ticks_are_remarked(tmp_path: Path) -> None:
    one = ticked(tmp_path, "企业类型", KINDS, ("√", "", "√"), ("√", "", ""), ("☒", "☒", ""))
    assert [row.values.get("registration_type") for row in one.rows] == ["私营企业", "私营企业", None]
    assert one.remarks.counts == {"several_registration_type": 1}
    assert "私营企业、港澳台商投资企业" in one.remarks.examples["several_registration_type"][0]


def test_a_unit_with_both_modes_is_counted_alone(tmp_path: Path) -> None:
    one = ticked(tmp_path, "组建形式", ("联合", "网格建立", "单独"), ("√", "", "√"), ("√", "√", ""))
    assert [row.values["mode"] for row in one.rows] == ["单独", "联合"]
    assert one.remarks.counts == {"several_mode": 1}, "联合 and 网格建立 are one mode"


@pytest.mark.parametrize("choices", [("是", "否"), ("有", "无"), ("已建", "未建")])
def test_columns_of_yes_and_no(tmp_path: Path, choices: tuple[str, str]) -> None:
    one = ticked(tmp_path, "是否成立党组织", choices, ("√", ""), ("", "√"), ("", ""), ("√", "√"))
    answers: list[Any] = [row.values.get("has_organization") for row in one.rows]
    assert answers == [True, False, None, None]
    assert one.remarks.counts == {"several_has_organization": 1}
