"""Rows that do not name their town: below the heading of a group, or below the one row of it that does."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from graph.workbook import Cell
from loaders.recognize.ledgers import PLACED
from tests.loaders.desk import Desk, only
from tests.loaders.shape.test_layouts import one

HEAD: list[Cell] = ["序号", "企业名称", "从业人数", "年营业收入（万元）"]
TOWNS: list[Cell] = ["序号", "所属镇街", "企业名称", "从业人数", "年营业收入（万元）"]


def places(rows: Sequence[Sequence[Cell]]) -> dict[str, str | None]:
    """The place that each unit states or is given."""
    return {row.values["name"]: row.values.get(PLACED) for row in one(rows).rows}


def firm(number: Cell, name: str) -> list[Cell]:
    return [number, f"{name}有限公司", 10, 20]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (["一、东镇"], ["二、西镇"]),
        (["一、东镇（2家）"], ["二、西镇（共1家）"]),
        (["东镇（2家）"], ["西镇（1家）"]),
        (["（一）东镇"], ["（二）西镇"]),
        (["一", "东镇"], ["二", "西镇"]),
        ([None, "东镇"], [None, "西镇"]),
        (["第一部分东镇"], ["第二部分西镇"]),
        (["一、东镇："], ["二、西镇："]),
    ],
)
def test_a_heading_places_the_rows_below_it(first: list[Cell], second: list[Cell]) -> None:
    rows = [HEAD, first, firm(1, "甲"), firm(2, "乙"), second, firm(3, "丙")]
    assert places(rows) == {"甲有限公司": "东镇", "乙有限公司": "东镇", "丙有限公司": "西镇"}
    assert one(rows).remarks.counts["placed_by_heading"] == 3


@pytest.mark.parametrize(
    ("first", "second"), [("东镇", "西镇"), ("一、东镇", "二、西镇"), ("东镇（1家）", "西镇（1家）")]
)
def test_the_heading_of_the_first_group_may_stand_above_the_header(first: str, second: str) -> None:
    rows = [["非公企业台账"], [first], HEAD, firm(1, "甲"), [second], firm(2, "乙")]
    assert places(rows) == {"甲有限公司": "东镇", "乙有限公司": "西镇"}
    # a title of the whole sheet is none
    assert places([["东镇"], HEAD, firm(1, "甲"), firm(2, "乙")]) == {"甲有限公司": None, "乙有限公司": None}


def test_what_ends_the_group_of_a_town() -> None:
    assert places(
        [
            HEAD, ["一、东镇"], ["（一）规上企业"], firm(1, "甲"), ["本页小计", None, 10], firm(2, "乙"), ["（二）规下企业"],
            firm(3, "丙"), ["小计", None, 30], firm(4, "丁"), ["二、西镇"], firm(5, "戊"), ["三、其他企业"], firm(6, "己"),
        ]
    ) == {
        "甲有限公司": "东镇", "乙有限公司": "东镇", "丙有限公司": "东镇", "丁有限公司": None, "戊有限公司": "西镇",
        "己有限公司": None,
    }  # fmt: skip


def test_a_row_that_names_its_town_lies_there() -> None:
    rows = [TOWNS, ["一、东镇"], [1, None, "甲有限公司", 1, 2], [2, "西镇", "乙有限公司", 1, 2]]
    assert places(rows) == {"甲有限公司": "东镇", "乙有限公司": "西镇"}


def column(*cells: tuple[Cell, Cell]) -> list[list[Cell]]:
    """Firms with these numbers and towns."""
    return [TOWNS, *([number, town, f"第{i}号有限公司", 1, 2] for i, (number, town) in enumerate(cells))]


@pytest.mark.parametrize(
    ("cells", "filled"),
    [
        ([(1, "东镇"), (2, None), (3, "西镇"), (4, None), (5, None)], "东东西西西"),
        # numbers that begin anew with each town
        ([(1, "东镇"), (2, None), (1, "西镇"), (2, None)], "东东西西"),
        ([(None, "东镇"), (None, None), (None, "西镇"), (None, None)], "东东西西"),
        # not at changes alone, not from the first row, mostly filled, or a number missing: a blank says nothing
        ([(1, "东镇"), (2, None), (3, "东镇"), (4, None)], "东 东 "),
        ([(1, None), (2, "东镇"), (3, None), (4, "西镇"), (5, None)], " 东 西 "),
        ([(1, "东镇"), (2, "西镇"), (3, "南街道"), (4, None)], "东西南 "),
        ([(1, "东镇"), (2, None), (4, "西镇"), (5, None)], "东 西 "),
        ([(1, "东镇"), (2, None), (3, None)], "东  "),
    ],
)
def test_a_town_written_once_is_that_of_the_blank_rows_below(cells: list[tuple[Cell, Cell]], filled: str) -> None:
    shaped = one(column(*cells))
    assert "".join(str(row.values.get(PLACED, " "))[0] for row in shaped.rows) == filled
    blank = sum(town is None for _, town in cells)
    assert shaped.remarks.counts["placed_by_row_above"] == (0 if " " in filled else blank)


def test_a_town_in_the_first_row_alone_is_remarked() -> None:
    shaped = one(column((1, "东镇"), (2, None), (3, None)))
    assert shaped.remarks.counts["place_in_first_row"] == 2


def test_units_lie_where_headings_put_them(desk: Desk) -> None:
    rows = [HEAD, ["一、东镇"], firm(1, "甲"), ["二、北镇"], firm(2, "乙")]
    result = desk.load(desk.xlsx("非公企业.xlsx", rows))
    assert desk.edges("LOCATED_IN", "Unit", "Region") == {("甲有限公司", "东镇"), ("乙有限公司", "未落地")}
    assert any("分组的标题" in message.text for message in only(result).messages)
    assert ["北镇" in review["question"] for review in desk.reviews()] == [True]
