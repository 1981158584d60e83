"""Yes and no as offices answer: whole words of a closed vocabulary, marks, and choices between words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.workbook import Cell
from loaders.cleaning import marks

YES: list[Cell] = [
    "是", "有", "√", "✔", "☑", "■", "Y", "1", 1, 1.0, True, "TRUE", "已建", "有（3个）", " 是 ", "Ｙ", "是。", "v", "V",
    "已成立", "1.0", "已组建", "已建立党组织", "有党支部", "已选派", "是（2021年成立）", "有，1个", "是，已成立", "R", "þ", "\uf0fe", "\uf052",
]  # fmt: skip
NO: list[Cell] = [
    "否", "无", "×", "✗", "N", "0", 0, False, "未建", "没有", "/", "—", "未成立", "0.0", "错", "尚未成立", "暂未建立", "未建立党组织", "未选派",
    "正在筹建", "筹建中", "正在筹备", "拟建", "拟组建", "拟成立党支部", "计划组建", "准备成立", "待建", "待批复", "已申请", "申请中",
    "已申请，待批复", "不需要", "无需", "已撤销", "已解散", "条件不成熟", "不具备", "否（没有党员）", "否，出资人不同意", "£", "o", "¨", "□",
]  # fmt: skip
UNREADABLE: list[Cell] = [
    "不详", "待定", "待核实", "是否", "是/否", "其他", "有意向", "有待核实", "有问题再说", "是不是", "是，已撤销", "是（已撤销）", "已停业",
    "无锡分公司", "未来三年", "不锈钢", "有限公司", "已退", "对外投资", "真的吗", "☒",
]  # fmt: skip


@pytest.mark.parametrize("cell", YES)
def test_yes(cell: Cell) -> None:
    assert marks.yes_no(cell) == (True, None)
    assert marks.ticked(cell)


@pytest.mark.parametrize("cell", NO)
def test_no(cell: Cell) -> None:
    assert marks.yes_no(cell) == (False, None)


@pytest.mark.parametrize("cell", UNREADABLE)
def test_neither(cell: Cell) -> None:
    answer, problem = marks.yes_no(cell)
    assert answer is None
    assert problem


def test_blank_is_no_answer_and_no_problem() -> None:
    for blank in (None, "", "  "):
        assert marks.yes_no(blank) == (None, None)
        assert not marks.ticked(blank)


@pytest.mark.parametrize("tick", "√✓✔☑■Rþ")
@pytest.mark.parametrize("box", ["□", "☐", "¨", "£", "○"])
@pytest.mark.parametrize("space", ["", " ", "　"])
def test_the_answer_of_a_choice_is_the_marked_one(tick: str, box: str, space: str) -> None:
    for yes, no in (("是", "否"), ("有", "无"), ("已建", "未建")):
        for first, second, answer in ((tick, box, True), (box, tick, False)):
            assert marks.yes_no(f"{yes}{first}{space}{no}{second}") == (answer, None)
            assert marks.yes_no(f"{first}{yes}{space}{second}{no}") == (answer, None)
            assert marks.yes_no(f"{yes}{first}/{no}{second}") == (answer, None)


@pytest.mark.parametrize(
    ("cell", "answer"),
    [
        ("是（ ）否（√）", False), ("是(√) 否()", True), ("是[√]否[ ]", True), ("是【】 否【√】", False), ("是√ 否", True),
        ("是 √否", False), ("是 否√", False), ("√是 否", True), ("是√否×", True), ("是×否√", False), ("是☒ 否☐", True),
        ("已建☑ 未建□ 拟建□", True), ("已建□ 未建□ 拟建☑", False), ("是v否□", True),
    ],
)  # fmt: skip
def test_other_ways_to_choose(cell: str, answer: bool) -> None:
    assert marks.yes_no(cell) == (answer, None)


@pytest.mark.parametrize(
    ("cell", "problem"),
    [("是□ 否□", marks.UNANSWERED), ("是（ ）否（ ）", marks.UNANSWERED), ("是√ 否√", marks.SEVERAL), ("☑是 ☑否", marks.SEVERAL),
     ("是√否", marks.UNREADABLE), ("是 √ 否", marks.UNREADABLE), ("是☒ 否☒", marks.UNREADABLE)],
)  # fmt: skip
def test_a_choice_without_one_answer(cell: str, problem: str) -> None:
    assert marks.yes_no(cell) == (None, problem)


@given(st.sampled_from("是有已建否无未不没×√"), st.text("某甲乙丙公司问题人员名单", min_size=2, max_size=8))
def test_no_first_character_answers(first: str, rest: str) -> None:
    assert marks.yes_no(first + rest)[0] is None


def test_words_of_a_column_are_whole_too() -> None:
    words = {"正常": True, "停业": False}
    assert marks.yes_no("正常", words) == (True, None)
    assert marks.yes_no("停业", words) == (False, None)
    assert marks.yes_no("正常□ 停业☑", words) == (False, None)
    assert marks.yes_no("停业整顿", words)[0] is None
    assert marks.yes_no("停业")[0] is None


def test_a_tick_is_any_mark_but_a_negative_one() -> None:
    for mark in ("其他", "私营", "不支持组建", "R", "þ", "P", "\uf052", "1"):
        assert marks.ticked(mark)
    for none in ("£", "o", "O", "¨", "□", "☐", "×", "x", "否", "无", "不详", "待定", "0", "/", "\uf0a8", "☒"):
        assert not marks.ticked(none)
    assert marks.crossed("☒")
    assert marks.crossed("\uf0fd")
    assert not marks.crossed("☑")
