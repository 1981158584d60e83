"""Sheets as people lay them out: every line is a record, or is named as what it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.ontology import load as load_ontology
from graph.workbook import Cell, Span
from loaders.read.tables import Skipped, Table
from loaders.recognize.headers import Layout, Recognizer
from loaders.recognize.ledgers import ledgers
from loaders.recognize.mapping import SheetMapping
from loaders.recognize.sheets import RecognizedSheet, recognize
from loaders.shape import data_rows
from loaders.shape.rows import Spool
from loaders.shape.shaping import Shaped, shape
from tests.loaders.desk import ON_EITHER, Desk, only

RECOGNIZER = Recognizer(ledgers(), load_ontology())
HEAD: list[Cell] = ["企业名称", "从业人员数量", "正式党员数", "年营业收入（万元）"]
ONE: list[Cell] = ["甲甲公司", 10, 0, 1]
TWO: list[Cell] = ["乙乙公司", 11, 0, 2]
PARTY: list[Cell] = ["党组织名称", "书记姓名", "上级党组织", "成立时间"]
BRANCH: list[Cell] = ["甲甲公司党支部", "某某", "某镇党委", "2020-05-01"]


def tables(
    rows: Sequence[Sequence[Cell]], merges: Sequence[Span] = (), sheet: str = "表"
) -> tuple[list[Shaped], list[Skipped]]:
    """The tables of a sheet, shaped, and those that are not read."""
    read, unread = [], []
    for part in recognize([Table("两新台账.xlsx", sheet, [list(row) for row in rows], tuple(merges))], RECOGNIZER):
        if isinstance(part, Skipped):
            unread.append(part)
        else:
            assert isinstance(part.layout, Layout), part.layout.sentence()
            read.append(shape(part.table, part.layout, Spool()))
    return read, unread


def one(rows: Sequence[Sequence[Cell]], merges: Sequence[Span] = (), sheet: str = "表") -> Shaped:
    (table,), unread = tables(rows, merges, sheet)
    assert not unread
    return table


def names(shaped: Shaped) -> list[Any]:
    return [row.values["name"] for row in shaped.rows]


def other_rows(shaped: Shaped) -> str:
    return shaped.remarks.texts.get("other_rows", "")


# -- lines that are no records -----------------------------------------------------------------------

TOTALS = [
    "合计", "合 计", "总 计：", "小计", "合计：2家", "合计（2家）", "合计2家", "全县合计", "本页合计", "本页小计", "东镇小计", "累计", "本月累计",
    "平均", "全县平均值", "共2家企业", "共计2家", "全镇共有企业2家", "以上共2家", "过次页", "承前页", "Total", "同比增长", "占比", "上年同期",
    "其中", "其中：规上企业", "其中规上企业",
]  # fmt: skip
NOTES: list[list[Cell]] = [
    ["数据来源：某局"], ["填报单位（盖章）：某办"], ["填报单位(公章)"], ["注：1.一式两份"], ["注1、含分支"], ["说明", "由各镇填报"], ["备注：无"],
    ["填表人：某某", None, "审核人：某某", "日期：2026年6月"], ["填表人", "某某", "审核人", "某某"], ["单位负责人（签字）：", None, "填表人："],
    ["第1页"], ["第 1 页 共 3 页"], ["- 3 -"], ["本表数据截至2026年6月30日"], ["※ 带星号的必填"], ["*为必填项"], ["（由镇街填写）"],
    ["以下空白"], ["附件1"], ["续表"], ["单位：万元"], ["截至6月底，全县共有企业2家。"], ["制表单位：", "某办", None, "2026年6月30日"],
    ["填报时间", None, "2026-06-30"], ["统计截止时间：6月", 5], ["……"], ["***"], [". . ."],
]  # fmt: skip
HEADINGS: list[list[Cell]] = [
    ["一、东样镇"], ["（一）东样镇"], ["二、东样镇（1家）"], ["东样镇"], ["东样镇（3家）"], ["第一部分 规上企业"], ["Ⅱ、规上"], ["东样村"], ["1.东样镇"],
    ["小微企业（5家）"], ["规上企业："], ["东样镇:"], ["二、东样镇", 60, 0, 2],
]  # fmt: skip
EXAMPLES: list[list[Cell]] = [["示例：某公司", 1, 1, 1], ["某公司（示例）", 1, 1, 1], ["例：某公司", 1, 1, 1]]
#: names that look like one of those and are units
UNITS = [
    "合计通信有限公司", "共计科技公司", "小计部落网吧", "累计时光书店", "一心堂药店", "第一建筑公司", "时间科技有限公司", "说明书印刷厂", "注塑厂", "截止阀厂",
    "东镇供销合作社", "单位餐厅", "附一医院", "电话设备公司", "三村超市", "东街道口饭店", "示例科技有限公司", "XXL服饰有限公司", "一、某某公司", "（中外合资）某公司",
    "例行检测公司", "平均律所", "备注打印店", "Total润滑油公司", "城关镇第一幼儿园", "其中堂药房", "其中文化传媒有限公司",
]  # fmt: skip


def with_serial(row: Sequence[Cell], number: Cell) -> list[Cell]:
    return [number, *row]


@pytest.mark.parametrize("numbered", [False, True])
@pytest.mark.parametrize(
    ("line", "kind"),
    [([text, 130, 0, 2], "合计") for text in TOTALS]
    + [([text], "合计") for text in TOTALS]
    + [(row, "说明") for row in NOTES]
    + [(row, "分组标题") for row in HEADINGS]
    + [(row, "填写示例") for row in EXAMPLES],
)
def test_a_line_between_records_is_named_and_no_record(line: list[Cell], kind: str, numbered: bool) -> None:
    rows = [HEAD, ONE, line, TWO, line]
    if numbered:
        rows = [["序号", *HEAD], [1, *ONE], [None, *line], [2, *TWO], [None, *line]]
    shaped = one(rows)
    assert (names(shaped), shaped.rejected) == (["甲甲公司", "乙乙公司"], [])
    assert f"{kind} 2（第 3、5 行）" in other_rows(shaped)


@pytest.mark.parametrize("more", ["2.营业收入按审计数填报", "2）营业收入按审计数填报", "②按年末数", "3、不含分支"])
def test_a_note_goes_on_in_the_next_lines(more: str) -> None:
    shaped = one([HEAD, ONE, TWO, ["注：1.从业人数按年末填报"], [more], [more]])
    assert names(shaped) == ["甲甲公司", "乙乙公司"]
    assert "说明 3（第 4–6 行）" in other_rows(shaped)


def test_what_may_go_on_with_a_note_is_rejected_and_a_unit_below_it_is_read() -> None:
    shaped = one([HEAD, ONE, ["注：以下为今年新增"], ["2.丙丙公司"], TWO, ["说明：按年末数"], ["营业收入按审计数"]])
    assert names(shaped) == ["甲甲公司", "丙丙公司", "乙乙公司"]
    assert [cells for cells, _ in shaped.rejected] == [["营业收入按审计数"]]


@pytest.mark.parametrize(
    "numbers",
    [["1", "2", "3", "4=2+3"], ["①", "②", "③", "④"], ["Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ"], [1, 2, 3, 4], ["(1)", "(2)", "(3)", "(4)"]],
)
def test_numbers_of_columns_stand_anywhere(numbers: list[Cell]) -> None:
    shaped = one([HEAD, numbers, ONE, TWO, ["丙丙公司", 1, 0, 1], ["丁丁公司", 1, 0, 1], numbers, ["1919", 2, 3, 4]])
    assert names(shaped) == ["甲甲公司", "乙乙公司", "丙丙公司", "丁丁公司", "1919"]
    assert "栏号 2（第 2、7 行）" in other_rows(shaped)


@pytest.mark.parametrize("label", ["合计", "小计", "东样镇小计"])
def test_a_total_in_the_column_of_numbers_beside_a_merged_town(label: str) -> None:
    head: list[Cell] = ["所属镇街", "序号", *HEAD]
    rows = [head, ["东样镇", 1, *ONE], [None, 2, *TWO], [None, label, None, 21, 0, 3]]
    shaped = one(rows, [(1, 0, 3, 0)])
    assert (names(shaped), shaped.rejected) == (["甲甲公司", "乙乙公司"], [])
    assert "合计 1（第 4 行）" in other_rows(shaped)


@pytest.mark.parametrize("number", ["{}.", "{}、", "（{}）", "({})", "{}．"])
def test_headings_with_their_numbers(number: str) -> None:
    head: list[Cell] = [number.format(i) + str(text) for i, text in enumerate(HEAD, 1)]
    (row,) = one([["非公企业台账"], head, ONE]).rows
    assert (row.values["name"], row.values["staff"], row.values["revenue"]) == ("甲甲公司", 10, 10_000)


def test_a_header_of_three_lines() -> None:
    head: list[list[Cell]] = [
        ["企业名称", "从业人员", None, None, "党员情况", None, None],
        [None, "总数", "其中", None, "正式", "预备", "未转入"],
        [None, None, "专职", "兼职", None, None, None],
    ]
    merges = [(0, 0, 2, 0), (0, 1, 0, 3), (0, 4, 0, 6), (1, 1, 2, 1), (1, 2, 1, 3), *((1, c, 2, c) for c in (4, 5, 6))]
    (row,) = one([*head, ["甲甲公司", 10, 6, 4, 3, 1, 2]], merges, sheet="非公企业台账").rows
    stated = {"staff": 10, "formal_members": 3, "probationary_members": 1, "members_elsewhere": 2}
    assert {name: row.values.get(name) for name in stated} == stated


@pytest.mark.parametrize("numbered", [False, True])
def test_units_whose_names_look_like_something_else_are_units(numbered: bool) -> None:
    rows = [[*([number] if numbered else []), name, 1, 1, 1] for number, name in enumerate(UNITS, 1)]
    shaped = one([["序号", *HEAD] if numbered else HEAD, *rows])
    assert names(shaped) == UNITS
    assert not other_rows(shaped)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (["XX有限公司", 1, 1, 1], "示例"),
        (["××县××公司", 1, 1, 1], "示例"),
        (["规上企业"], "分组标题"),
        (["东样镇", 60, 0, 1], "镇街"),
        (["规上企业：", 60, 0, 1], "分组标题"),
        ([None, 60, 0, 1], "缺少"),
    ],
)
def test_what_may_be_no_record_is_rejected(row: list[Cell], reason: str) -> None:
    shaped = one([HEAD, ONE, row])
    assert names(shaped) == ["甲甲公司"]
    assert [reason in why for _, why in shaped.rejected] == [True]


@pytest.mark.parametrize(
    "numbers",
    [
        ["甲", 1, 2, 3], ["甲", "乙", "丙", "丁"], ["甲", "乙", 1, 2], [1, 2, 3, 4], ["1", "2", "3", "4"], ["A", "B", "C", "D"],
        ["（1）", "（2）", "（3）", "（4）"], ["①", "②", "③", "④"], ["栏次", 1, 2, 3], ["—", 1, 2, 3], ["甲", "1", "2=3+4", "3"],
    ],
)  # fmt: skip
def test_numbers_of_columns_are_no_record(numbers: list[Cell]) -> None:
    shaped = one([HEAD, numbers, ONE])
    assert (names(shaped), shaped.rejected) == (["甲甲公司"], [])
    assert "栏号 1（第 2 行）" in other_rows(shaped)


def test_units_called_by_one_character_are_units() -> None:
    shaped = one([["序号", *HEAD], [1, "甲", 1, 2, 3], [2, "乙", 2, 0, 1]])
    assert names(shaped) == ["甲", "乙"]


@pytest.mark.parametrize("mark", ["例", "示例", "样例", "填写示例", "例1", "示例：", "范例"])
def test_an_example_is_marked_in_front_or_behind(mark: str) -> None:
    shaped = one([["序号", *HEAD], [mark, *ONE], [1, *TWO]])
    assert names(shaped) == ["乙乙公司"]
    shaped = one([["序号", *HEAD, "备注"], [1, *ONE, f"（{mark.strip('：1')}）请删除"], [2, *TWO, "例外管理"]])
    assert names(shaped) == ["乙乙公司"]


def test_numbers_prepared_for_lines_not_filled_in() -> None:
    shaped = one([["序号", *HEAD, "所属镇街"], [1, *ONE, "东镇"], [2, *TWO], [3], [4]], [(1, 5, 4, 5)])
    assert [row.values["@placed"] for row in shaped.rows] == ["东镇", "东镇"]
    assert "只有序号 2（第 4–5 行）" in other_rows(shaped)


@settings(deadline=None)
@given(st.data())
def test_every_line_of_any_sheet_is_accounted_for(data: st.DataObject) -> None:
    """Records, and lines of every other kind, in any order: each line is in one place, and the records are these."""
    others = [[text, 9, 9, 9] for text in TOTALS] + NOTES + HEADINGS + EXAMPLES + [HEAD, [], ["XX公司", 1, 1, 1]]
    above = data.draw(
        st.lists(st.sampled_from([["某县企业台账"], ["填报单位：某镇", None, "2026年6月"], []]), max_size=3)
    )
    lines = data.draw(st.lists(st.one_of(st.integers(0, 999), st.sampled_from(others)), min_size=1, max_size=12))
    rows = [*above, HEAD, *([f"第{line}号公司", 5, 1, 2] if isinstance(line, int) else line for line in lines)]
    table = Table("台账.xlsx", "表", [list(row) for row in rows])
    expected = [f"第{line}号公司" for line in lines if isinstance(line, int)]
    accounted: list[int] = []
    got: list[str] = []
    for part in recognize([table], RECOGNIZER):
        assert not isinstance(part, Skipped)
        assert isinstance(part.layout, Layout)
        sheet = data_rows.classify(part.table, part.layout)
        accounted += [*sheet.data, *(line for kind in sheet.others.values() for line in kind)]
        shaped = shape(part.table, part.layout, Spool())
        got += names(shaped)
        assert shaped.total == len(shaped.rows) + len(shaped.rejected)
    assert sorted(accounted) == [index for index, row in enumerate(rows) if any(c is not None for c in row)]
    assert got == expected


# -- merged cells ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sheet", "rows", "merges", "values"),
    [
        ("链上企业", [["产业链", "企业名称", "环节"], ["某材料", "甲公司", "上游"], [None, "乙公司", "下游"]], [(1, 0, 2, 0)], "某材料"),
        ("链上企业", [["企业名称", "环节", "产业链"], ["甲公司", "上游", "某材料"], ["乙公司", "下游"]], [(1, 2, 2, 2)], "某材料"),
        ("指导员", [["指导员姓名", "工作单位", "指导企业"], ["某某", "某局", "甲公司"], [None, None, "乙公司"]], [(1, 0, 2, 0), (1, 1, 2, 1)], "某局"),
        ("结对", [["甲方党组织", "乙方党组织", "签约日期"], ["某局党委", "东村", "2021-03-05"], [None, "西村", "2021-03-06"]], [(1, 0, 2, 0)], "某局党委"),
        ("结对", [["甲方党组织", "乙方党组织", "签约日期"], ["某局党委", "东村", "2021-03-05"], ["某厂党委", None, "2021-03-06"]], [(1, 1, 2, 1)], "东村"),
        ("组织生活", [["党组织名称", "活动类别", "开展日期", "应到人数"], ["一支部", "主题党日", "2026-03-05", 5], [None, "党员大会", "2026-03-06", 6]], [(1, 0, 2, 0)], "一支部"),
        ("联组编组", [["联组", "党组织"], ["第一联组", "一支部"], [None, "二支部"]], [(1, 0, 2, 0)], "第一联组"),
        ("暂缓", [["暂缓事项", "暂缓对象", "暂缓理由", "批准机关", "暂缓至"], ["建支部", "甲公司", "搬迁", "县委", "2026-12-31"], ["建支部", "乙公司"]],
         [(1, 2, 2, 2), (1, 3, 2, 3), (1, 4, 2, 4)], "县委"),
        ("企业", [["所属镇街", "片区", "企业名称", "年营业收入"], ["东镇", None, "甲公司", 1], [None, None, "乙公司", 1]], [(1, 0, 2, 1)], "东镇"),
        ("企业", [["企业名称", "年营业收入", "党建指导员"], ["甲公司", 1, "某甲"], [None, None, "某乙"]], [(1, 0, 2, 0)], "甲公司"),
    ],
)  # fmt: skip
def test_a_cell_merged_downwards_belongs_to_every_line_it_covers(
    sheet: str, rows: list[list[Cell]], merges: list[Span], values: str
) -> None:
    shaped = one(rows, merges, sheet)
    assert (len(shaped.rows), shaped.rejected) == (2, [])
    assert [values in str(row.values) for row in shaped.rows] == [True, True]


@pytest.mark.parametrize("merges", [[(0, 0, 0, 1)], []])
@pytest.mark.parametrize("head", ["企业名称", "所属镇街"])
def test_a_heading_over_numbers_and_names_is_that_of_the_names(head: str, merges: list[Span]) -> None:
    rest = ["从业人员数量", "年营业收入"] if head == "企业名称" else ["企业名称", "年营业收入"]
    cells: list[list[Cell]] = [[1, "东镇甲公司", 7, 1], [2, "西镇乙公司", 8, 1]]
    shaped = one([[head, None, *rest], *cells], merges)
    assert [row.values["name" if head == "企业名称" else "@placed"] for row in shaped.rows] == [
        "东镇甲公司",
        "西镇乙公司",
    ]


# -- several tables in a sheet -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "between",
    [[], [[]], [["党组织一览表"]], [["二、党组织情况"]], [[], ["党组织一览表"], ["填报单位：某办"]], [["合计", 10, 0, 1], [], ["党支部名单"]]],
)  # fmt: skip
def test_a_table_below_another_is_read_as_its_own(between: list[list[Cell]]) -> None:
    (first, second), unread = tables([HEAD, ONE, TWO, *between, PARTY, BRANCH])
    assert (names(first), names(second)) == (["甲甲公司", "乙乙公司"], ["甲甲公司党支部"])
    assert second.rows[0].line == 5 + len(between)
    assert (first.rejected, second.rejected, unread) == ([], [], [])
    assert second.layout.ledger.name == "organizations"


def test_columns_in_another_order_below_are_read_in_that_order() -> None:
    (first, second), _ = tables(
        [HEAD, ONE, ["企业名称", "年营业收入（元）", "正式党员数", "从业人员数量"], ["丙丙公司", 50000, 1, 7]]
    )
    assert first.rows[0].values["revenue"] == 10_000
    assert second.rows[0].values == {"name": "丙丙公司", "revenue": 50_000, "formal_members": 1, "staff": 7}


@pytest.mark.parametrize(
    "head",
    [["镇街", "企业个数", "党员个数"], ["镇街", "企业数", "党组织数", "覆盖率"], ["项目", "数量", "说明"], ["姓名", "性别", "民族", "入党时间"]],
)  # fmt: skip
@pytest.mark.parametrize("title", [[[]], [["汇总表"]], [[], ["汇总表"], []]])
def test_a_table_below_that_is_no_ledger_is_named_with_its_rows(head: list[Cell], title: list[list[Cell]]) -> None:
    (first,), (unread,) = tables([HEAD, ONE, *title, head, ["东镇", 5, 6], ["西镇", 7, 8]])
    assert (names(first), first.rejected) == (["甲甲公司"], [])
    filled = 3 + sum(map(bool, title))
    assert f"是另一张表，{filled} 行没有读取" in unread.reason


@pytest.mark.parametrize("title", [[], [["某县企业台账"]], [["第2页"], ["某县企业台账"], ["填报单位：某办"]], [[]]])
@pytest.mark.parametrize("head", [HEAD, ["企业名称\n（全称）", *HEAD[1:]], ["*企业 名称", *HEAD[1:]]])
def test_the_header_of_a_second_page_is_no_record(title: list[list[Cell]], head: list[Cell]) -> None:
    for rows in ([HEAD, ONE, *title, head, TWO], [head, ONE, *title, HEAD, TWO]):
        shaped = one([["某县企业台账"], *rows])
        assert (names(shaped), shaped.rejected) == (["甲甲公司", "乙乙公司"], [])


def test_a_later_page_leaves_the_units_out() -> None:
    head: list[Cell] = [*HEAD[:3], "年营业收入"]
    shaped = one([head, [None, "人", "人", "万元"], ONE, head, TWO])
    assert [row.values["revenue"] for row in shaped.rows] == [10_000, 20_000]
    assert shaped.total == 2


@pytest.mark.parametrize(
    "below", [["（全称）", "（人）", None, "（万元）"], ["（与执照一致）", "人", "（不含预备）", "万元"]]
)
def test_remarks_beside_the_units_below_a_header_are_no_record(below: list[Cell]) -> None:
    shaped = one([[*HEAD[:3], "年营业收入"], below, ONE])
    assert names(shaped) == ["甲甲公司"]
    assert shaped.rows[0].values["revenue"] == 10_000


@pytest.mark.parametrize("error", ["#REF!", "nan", "#N/A"])
@pytest.mark.parametrize("count", [3, "3"])
def test_a_figure_beside_an_error_or_nothing_is_a_record_without_name(error: str, count: Cell) -> None:
    path = Table("台账.xlsx", "表", [HEAD, [None, count], ONE, [None, count]], lost={(1, 0): error})
    layout = RECOGNIZER.recognize(path)
    assert isinstance(layout, Layout)
    shaped = shape(path, layout, Spool())
    assert names(shaped) == ["甲甲公司"]
    assert [reason for _, reason in shaped.rejected] == ["缺少单位名称", "缺少单位名称"]


@pytest.mark.parametrize("town", ["东样镇", "城关镇", "第二街道", "总部园"])
@pytest.mark.parametrize(
    "line", [["合计", None, 5, 0, 1], ["全县总计", None, 5, 0, 1], ["例", "丙丙公司", 5, 0, 1], ["占比", None, 5, 0, 1]]
)
def test_lines_are_told_apart_where_a_town_stands_in_front(town: str, line: list[Cell]) -> None:
    rows = [[town, f"第{number}号公司", 10, 0, 1] for number in range(6)]
    shaped = one([["所属镇街", *HEAD], *rows, line, [town, *TWO]])
    assert names(shaped) == [*(row[1] for row in rows), "乙乙公司"]


def test_a_header_of_two_lines_stands_again() -> None:
    head: list[list[Cell]] = [
        ["企业名称", "人员", None, "年营业收入（万元）"],
        [None, "从业人员数量", "正式党员数", None],
    ]
    spans = [(0, 0, 1, 0), (0, 1, 0, 2), (0, 3, 1, 3)]
    shaped = one([*head, ONE, *head, TWO], [*spans, *((a + 3, b, c + 3, d) for a, b, c, d in spans)])
    assert [row.values["staff"] for row in shaped.rows] == [10, 11]


def test_rows_above_the_header_that_look_like_data_are_named_and_place_nothing() -> None:
    shaped = one([["厂名", *HEAD[1:]], ["东镇一厂", 10, 0, 1], HEAD, TWO])
    assert names(shaped) == ["乙乙公司"]
    assert "第 2 行" in shaped.remarks.texts["rows_above_header"]
    assert shaped.layout.titles == ()


@pytest.mark.parametrize("space", [[None], [None, None], []])
def test_tables_beside_each_other_are_read_each(space: list[Cell]) -> None:
    left, right = tables([[*HEAD, *space, *HEAD], [*ONE, *space, *TWO], ["丙丙公司", 1, 0, 1]])[0]
    assert (names(left), names(right)) == (["甲甲公司", "丙丙公司"], ["乙乙公司"])
    assert left.table.sheet != right.table.sheet


def test_tables_beside_each_other_have_titles_of_their_own() -> None:
    left, right = tables([["东镇企业", *[None] * 4, "西镇企业"], [*HEAD, None, *HEAD], [*ONE, None, *TWO]])[0]
    assert (left.layout.titles, right.layout.titles) == (("东镇企业",), ("西镇企业",))
    left, right = tables([["东镇企业"], [*HEAD, None, *HEAD], [*ONE, None, *TWO]])[0]
    assert left.layout.titles == right.layout.titles == ("东镇企业",)


def test_another_ledger_beside() -> None:
    for more in ([*TWO], [*[None] * 5, "乙乙公司党支部", "某某", "某镇党委", "2020-05-01"]):
        left, right = tables([[*HEAD, None, *PARTY], [*ONE, None, *BRANCH], more])[0]
        assert (left.layout.ledger.name, right.layout.ledger.name) == ("enterprises", "organizations")


def test_a_summary_beside_is_named_and_states_nothing_of_the_rows() -> None:
    rows = [[*HEAD, None, "镇街", "个数"], [*ONE, None, "东镇", 5], [*TWO, None, "西镇", 6], [*[None] * 5, "南镇", 7]]
    (left,), (unread,) = tables(rows)
    assert (names(left), left.rejected) == (["甲甲公司", "乙乙公司"], [])
    assert all("@placed" not in row.values for row in left.rows)
    assert "4 行没有读取" in unread.reason


@pytest.mark.parametrize("gap", [["备注"], ["党组织名称", "书记姓名"]])
def test_one_table_may_have_empty_columns(gap: list[Cell]) -> None:
    shaped = one([["企业名称", "年营业收入", None, *gap], ["甲甲公司", 1, None, *["某"] * len(gap)]])
    assert names(shaped) == ["甲甲公司"]


# -- columns without a heading -----------------------------------------------------------------------


def test_a_column_without_heading_is_the_place_or_is_named() -> None:
    shaped = one([[None, *HEAD], ["城关样镇", *ONE], [None, *TWO], ["东样镇", "丙丙公司", 1, 0, 1]], [(1, 0, 2, 0)])
    assert [row.values["@placed"] for row in shaped.rows] == ["城关样镇", "城关样镇", "东样镇"]
    shaped = one([[*HEAD, None], [*ONE, "某某"], [*TWO, "某某"]])
    assert shaped.layout.named("unknown") == ("（无表头）E 列",)
    shaped = one([["所属镇街", None, *HEAD], ["东镇", "河口村", *ONE]])
    assert shaped.rows[0].values["@placed"] == "东镇"
    assert shaped.layout.named("unknown") == ("（无表头）B 列",)
    shaped = one([[None, *HEAD], [1, *ONE], [2, *TWO]])
    assert shaped.layout.named("unknown") == ()
    shaped = one([HEAD, ONE, [*[None] * 6, "制表：某办"]])
    assert shaped.layout.named("unknown") == ()


def test_what_a_person_said_of_a_header_holds_on_every_page() -> None:
    head: list[Cell] = ["厂名", "从业人员数量", "年营业收入（万元）"]
    rows = [head, ["甲厂", 1, 2], ["第1页"], head, ["乙厂", 1, 2], [], PARTY, BRANCH]
    chosen = SheetMapping("enterprises", header=1, columns={"厂名": "单位名称"})
    parts = [*recognize([Table("台账.xlsx", "表", rows)], RECOGNIZER, [chosen])]
    read = [
        shape(p.table, p.layout, Spool())
        for p in parts
        if isinstance(p, RecognizedSheet) and isinstance(p.layout, Layout)
    ]
    assert [names(shaped) for shaped in read] == [["甲厂", "乙厂"], ["甲甲公司党支部"]]


# -- through a load ------------------------------------------------------------------------------------


@ON_EITHER
def test_a_load_reports_every_line(desk: Desk) -> None:
    rows = [
        ["某县企业台账"],
        HEAD,
        ["甲", 1, 2, 3],
        ["一、东镇"],
        ONE,
        ["二、西镇（1家）"],
        TWO,
        ["全县合计", 21, 0, 3],
        ["数据来源：某局"],
    ]
    report = only(desk.load(desk.xlsx("企业.xlsx", rows)))
    assert (report.rows, report.accepted, report.rejected) == (2, 2, 0)
    (message,) = (m for m in report.messages if m.code == "other_rows")
    assert message.count == 5
    assert (
        message.text
        == "不是记录、没有读取的行：栏号 1（第 3 行）、分组标题 2（第 4、6 行）、合计 1（第 8 行）、说明 1（第 9 行）"
    )
    assert desk.listed().keys() == {"甲甲公司", "乙乙公司"}


@ON_EITHER
def test_two_tables_of_a_sheet_are_loaded_both(desk: Desk) -> None:
    beside = desk.xlsx("并列.xlsx", [[*HEAD, None, *HEAD], [*ONE, None, *TWO]])
    below = desk.xlsx("上下.xlsx", [HEAD, ["丙丙公司", 1, 0, 1], [], PARTY, BRANCH])
    result = desk.load(beside, below)
    assert [(f.rows, f.accepted) for f in result.report.files] == [(1, 1)] * 4
    assert desk.listed().keys() == {"甲甲公司", "乙乙公司", "丙丙公司"}
    assert "甲甲公司党支部" in desk.listed("PartyOrg")


def test_broken_records_and_lost_cells_are_reported(desk: Desk) -> None:
    text = (
        "企业名称,从业人员数量,正式党员数,年营业收入（万元）\n错列公司,1,200,0,1\n错值公司,#VALUE!,0,1\n#REF!,10,0,1\n"
    )
    result = desk.load(desk.csv("企业.csv", text))
    report = only(result)
    assert (report.rows, report.accepted, report.rejected) == (3, 1, 2)
    texts = {m.code: (m.count, m.examples) for m in report.messages}
    assert texts["doubtful_row"][0] == 1
    assert "第 2 行" in texts["doubtful_row"][1][0]
    assert texts["error_cells"] == (
        2, ("企业.csv“企业”第 3 行：从业人员数量“#VALUE!”", "企业.csv“企业”第 4 行：企业名称“#REF!”"),
    )  # fmt: skip
    assert result.rejects is not None
