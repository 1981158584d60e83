"""Headers as offices write them: which ledger, and what each column says."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from graph.answers import Answer
from graph.errors import InputError
from graph.locality import Locality
from graph.ontology import load as load_ontology
from graph.workbook import Cell, Span
from loaders.read import files
from loaders.read.tables import Table
from loaders.recognize import mapping
from loaders.recognize.headers import Layout, Recognizer, Unrecognized, mapping_for
from loaders.recognize.inspection import inspect
from loaders.recognize.ledgers import ledgers
from loaders.shape.evidence import UNEVIDENT
from loaders.shape.rows import Spool
from loaders.shape.shaping import Shaped, shape
from tests.loaders.desk import credit_code, shaped_files

CODE = credit_code(1)


def recognized(
    rows: list[list[Cell]], merges: tuple[Span, ...] = (), *, file: str = "台账.xlsx", sheet: str = "Sheet1"
) -> Layout | Unrecognized:
    return Recognizer(ledgers(), load_ontology()).recognize(Table(file, sheet, rows, merges))


def shaped(rows: list[list[Cell]], merges: tuple[Span, ...] = ()) -> Shaped:
    table = Table("台账.xlsx", "Sheet1", rows, merges)
    layout = Recognizer(ledgers(), load_ontology()).recognize(table)
    assert isinstance(layout, Layout)
    return shape(table, layout, Spool())


def fields(layout: Layout | Unrecognized) -> dict[str, str]:
    """Field by header."""
    assert isinstance(layout, Layout), layout.sentence()
    return {u.path: u.field + (f"={u.tick}" if u.tick else "") or u.role for u in layout.columns}


#: a form as counties publish it
TICKS: list[list[Cell]] = [
    ["某县非公企业党建工作台账", *[None] * 15],
    ["填表单位：某镇", *[None] * 15],
    ["序号", "坐落地", None, None, "企业名称", "统一社会信用代码", "联系电话", "年营业收入\n（万元）", "组建形式", None, None,
     "未建立原因", None, None, "党员", None],
    [None, "园区", "楼宇", "其他", None, None, None, None, "单独", "联合", "网格建立", "没有党员", "出资人不支持", "其他",
     "组织关系在非公企业的党员", "组织关系不在非公企业的党员总数"],
    [1, "√", None, None, "一公司", CODE, "13800000000", 12.5, None, "√", None, None, None, None, 4, 2],
    [2, None, None, "√", "二公司", None, None, "3亿元", "√", "×", None, None, None, "√", None, None],
]  # fmt: skip
MERGES: tuple[Span, ...] = (
    (0, 0, 0, 15), (1, 0, 1, 15), (2, 1, 2, 3), (2, 8, 2, 10), (2, 11, 2, 13), (2, 14, 2, 15),
    *((2, c, 3, c) for c in (0, 4, 5, 6, 7)),
)  # fmt: skip


def test_ticks_under_merged_headers() -> None:
    by_header = fields(recognized(TICKS, MERGES))
    assert by_header == {
        "序号": "serial",
        "坐落地/园区": "site_kind=园区",
        "坐落地/楼宇": "site_kind=楼宇",
        "坐落地/其他": "site_kind=其他",
        "企业名称": "name",
        "统一社会信用代码": "credit_code",
        "联系电话": "drop",
        "年营业收入": "revenue",
        "组建形式/单独": "mode=单独",
        "组建形式/联合": "mode=联合",
        "组建形式/网格建立": "mode=联合",
        "未建立原因/没有党员": "reason_unbuilt=没有党员",
        "未建立原因/出资人不支持": "reason_unbuilt=出资人不支持",
        "未建立原因/其他": "reason_unbuilt=其他",
        "党员/组织关系在非公企业的党员": "formal_and_probationary",
        "党员/组织关系不在非公企业的党员总数": "members_elsewhere",
    }


def test_rows_under_ticks() -> None:
    one, two = (row.values for row in shaped(TICKS, MERGES).rows)
    assert one == {
        "site_kind": "园区", "name": "一公司", "credit_code": CODE, "revenue": 125_000, "mode": "联合",
        "formal_and_probationary": 4, "members_elsewhere": 2,
    }  # fmt: skip
    assert two == {
        "site_kind": "其他",
        "name": "二公司",
        "revenue": 300_000_000,
        "mode": "单独",
        "reason_unbuilt": "其他",
    }


def test_without_merges_a_blank_belongs_to_the_word_on_its_left() -> None:
    assert fields(recognized([list(r) for r in TICKS])) == fields(recognized(TICKS, MERGES))


def test_three_rows_of_header() -> None:
    rows: list[list[Cell]] = [
        ["基本情况", None, "党建情况", None, None],
        ["企业名称", "年营业收入", "党组织", None, None],
        [None, "（万元）", "组建形式", "类别", "是否成立党组织"],
        ["一公司", 3, "单独", "党支部", "是"],
    ]
    merges = ((0, 0, 0, 1), (0, 2, 0, 4), (1, 0, 2, 0), (1, 2, 1, 4))
    last = {path.rpartition("/")[2]: field for path, field in fields(recognized(rows, merges)).items()}
    assert last | {"年营业收入": ""} == {
        "企业名称": "name", "年营业收入": "", "组建形式": "mode", "类别": "category", "是否成立党组织": "has_organization",
    }  # fmt: skip
    (row,) = shaped(rows, merges).rows
    assert row.values == {
        "name": "一公司", "revenue": 30_000, "mode": "单独", "category": "党支部", "has_organization": True,
        UNEVIDENT: True,
    }  # fmt: skip


def test_one_name_under_two_parents() -> None:
    rows: list[list[Cell]] = [
        ["企业名称", "年营业收入（万元）", "党组织", None, "团组织", None, "是否成立党组织"],
        [None, None, "书记名称", "成立时间", "书记名称", "成立时间", None],
        ["一公司", 1, "书记甲", "2020.3", "书记乙", "2021.3", "是"],
    ]
    merges = ((0, 2, 0, 3), (0, 4, 0, 5), (0, 0, 1, 0), (0, 1, 1, 1), (0, 6, 1, 6))
    by_header = fields(recognized(rows, merges))
    assert by_header["党组织/书记名称"] == "org.secretary"
    assert by_header["团组织/书记名称"] == "drop"
    assert shaped(rows, merges).rows[0].values["org.secretary"] == "书记甲"


@pytest.mark.parametrize(
    ("header", "cell", "money"),
    [("年营业收入（万元）", 12, 120_000), ("年营业收入(亿元)", "1.2", 120_000_000), ("年营业收入", "12万元", 120_000),
     ("年营业收入（单位：元）", 12, 12), ("年营业收入（万元）", "3亿元", 300_000_000)],
)  # fmt: skip
def test_the_unit_stands_in_the_header_or_in_the_cell(header: str, cell: Cell, money: int) -> None:
    assert shaped([["企业名称", header], ["一公司", cell]]).rows[0].values["revenue"] == money


def test_titles_notes_totals_and_repeated_headers_are_no_rows() -> None:
    header: list[Cell] = ["企业名称", "所属镇街", "从业人员数量", "年营业收入"]
    rows: list[list[Cell]] = [
        ["某县企业台账"], ["填报单位：某镇", None, "2026年6月"], [], header,
        ["一公司", "东镇", 3, 1], ["东镇（2家）"], list(header), ["合计通信有限公司", "东镇", 3, 1], [None, "东镇小计", 6, 2], [],
        ["合计：2家", None, 6, 2], ["注：数据截止6月"], ["填表人：", "某某"],
    ]  # fmt: skip
    one = shaped(rows, ((5, 0, 5, 3),))
    assert [r.values["name"] for r in one.rows] == ["一公司", "合计通信有限公司"]
    assert (one.total, [r.line for r in one.rows]) == (2, [5, 8])


def test_a_value_merged_downwards_holds_for_all_rows_it_covers() -> None:
    rows: list[list[Cell]] = [
        ["所属镇街", "企业名称", "年营业收入"],
        ["东镇", "一公司", 1],
        [None, "二公司", 2],
        ["西镇", "三公司", 3],
    ]
    assert [r.values["@placed"] for r in shaped(rows, ((1, 0, 2, 0),)).rows] == ["东镇", "东镇", "西镇"]


def test_unknown_columns_are_named_and_personal_ones_dropped() -> None:
    layout = recognized([["企业名称", "年营业收入", "法人代表", "备注", "幸福指数", "从业人数", "职工人数"]])
    assert isinstance(layout, Layout)
    assert layout.named("drop") == ("法人代表",)
    assert layout.named("unknown") == ("备注", "幸福指数")
    assert layout.named("repeated") == ("职工人数",)


def test_true_and_one_are_not_the_same_cell() -> None:
    one = shaped(
        [["企业名称", "从业人员数量", "年营业收入"], ["一公司", True, 1], ["二公司", 1, 1], ["三公司", 1.0, 1]]
    )
    assert [r.values.get("staff") for r in one.rows] == [None, 1, 1]


# -- what is no ledger ------------------------------------------------------------------------------


def test_a_sheet_that_is_no_ledger_says_what_was_seen_and_what_is_missing() -> None:
    unrecognized = recognized([["党建工作"], ["统一社会信用代码", "年营业收入", "备注"], [CODE, 3, "x"]])
    assert isinstance(unrecognized, Unrecognized)
    sentence = unrecognized.sentence()
    assert "最接近“非公企业台账”" in sentence
    assert "缺少 企业名称" in sentence
    assert "认出 统一社会信用代码、年营业收入" in sentence
    nothing = recognized([["某某", "甲"], ["乙", "丙"]])
    assert isinstance(nothing, Unrecognized)
    assert "不是能识别的台账" in nothing.sentence()


def test_only_numbers_only_blanks() -> None:
    for rows in ([[1, 2], [3, 4]], [["只有一格"]], [["110101199003070011", "某某"], ["x", "y"]]):
        unrecognized = recognized(rows)
        assert isinstance(unrecognized, Unrecognized)
        assert unrecognized.sentence().startswith("没有找到表头")


# -- the sample -------------------------------------------------------------------------------------

EXPECTED = {
    "区划": "regions", "村（社区）情况": "villages", "非公企业台账": "enterprises", "小个专台账": "enterprises",
    "社会组织台账": "societies", "党组织": "organizations", "党建指导员": "officers", "乡村振兴指导员": "officers",
    "产业链名单": "chains", "链上企业": "chain_members", "产业链党委": "chain_committees", "供货": "supplies",
    "结对": "pairings", "结对单位": "partners", "联组名单": "groups", "联组编组": "grouping", "诉求": "items",
    "资源清单": "items", "政策清单": "items", "项目清单": "items", "暂缓": "deferrals", "阵地": "sites",
    "组织生活记录": "life",
    "联村领导": "leaders",
    "驻村工作队": "teams",
    "领导联企": "leaders",
    "网格联户": "grids",
    "人才情况": "talents",
}  # fmt: skip


def test_every_sheet_of_the_sample_is_recognized(sample_dir: Path) -> None:
    recognizer = Recognizer(ledgers(), load_ontology())
    seen = set()
    for item in files.read(sample_dir):
        if isinstance(item, Table) and item.sheet != "Sheet3":
            layout = recognizer.recognize(item)
            assert isinstance(layout, Layout), (item.file, item.sheet, layout.sentence())
            assert layout.ledger.name == EXPECTED[item.sheet], (item.file, item.sheet)
            seen.add(item.sheet)
    assert seen == EXPECTED.keys()


def test_inspect_shows_each_column_and_nothing_personal(sample_dir: Path) -> None:
    answer: Answer = inspect(sample_dir / "丁市/党建指导员台账.xlsx", Locality())
    by_column = {row["column"]: row for row in answer.rows}
    assert by_column["指导员姓名"]["meaning"] == "指导员姓名"
    assert by_column["身份证号"]["meaning"] == "个人信息，不保存"
    assert by_column["身份证号"]["example"] is None
    assert by_column["备注"]["meaning"] == "未能识别，不保存"
    assert {row["ledger"] for row in answer.rows} == {"指导员"}


# -- the mapping file -------------------------------------------------------------------------------


def mapped(tmp_path: Path, text: str) -> tuple[mapping.SheetMapping, ...]:
    path = tmp_path / "对应.yaml"
    path.write_text(text, encoding="utf-8")
    return mapping.read(path)


def test_a_mapping_names_ledger_header_and_columns(tmp_path: Path) -> None:
    maps = mapped(
        tmp_path, "- {file: '*.xlsx', ledger: 非公企业台账, header: 2, columns: {厂名: 单位名称, 人头: staff}}\n"
    )
    table = Table("a/b.xlsx", "表", [["标题", "企业名称"], ["厂名", "人头", "代表"], ["一厂", 7, "x"]])
    layout = Recognizer(ledgers(), load_ontology()).recognize(table, mapping_for(maps, table))
    assert fields(layout) == {"厂名": "name", "人头": "staff", "代表": "unknown"}
    assert mapping_for(maps, Table("b.csv", "表", [])) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {ledger: 没有}", "不是台账"),
        ("- {ledger: 结对, columns: {甲: 没有}}", "没有“没有”"),
        ("- {ledger: 结对, header: 零}", "行号"),
        ("- {ledger: 结对, 多余: 1}", "不认识的“多余”"),
        ("- 结对", "键: 值"),
        ("- {ledger: 结对, columns: [甲]}", "名: 值"),
        ("a: [", "YAML"),
        ("- {ledger: 结对, file: '" + "[" * 300 + "'}", "太长"),
        ("- {ledger: 结对, sheet: '" + "[" * 300 + "'}", "太长"),
    ],
)
def test_a_broken_mapping_says_what_to_write(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        mapped(tmp_path, text)
    assert "对应.yaml" in str(caught.value)


def test_a_mapping_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="没有找到对应表"):
        mapping.read(tmp_path / "没有.yaml")


# -- real files -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("hangye_fenlei.xlsx", "缺少"),
        ("crazyqii_gongsi.csv", "不是能识别的台账"),
        ("crazyqii_gongsi.xlsx", "不是能识别的台账"),
        ("hosp_湖南省.xls", "没有找到表头|不是能识别的台账"),
        ("moe_2017_vczero.xls", "不是能识别的台账"),
    ],
)
def test_real_files_that_are_no_ledgers(data_dir: Path, name: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        shaped_files([data_dir / "excel" / name])
    assert name in str(caught.value)
    assert len(str(caught.value)) < 600


def test_a_real_list_with_a_mapping(data_dir: Path, tmp_path: Path) -> None:
    maps = mapped(tmp_path, "- {ledger: 社会组织台账, header: 3, columns: {学校名称: 单位名称, 所在地: 所属镇街}}\n")
    (one,), skipped = shaped_files([data_dir / "excel/moe_2017_vczero.xls"], mapping=maps)
    assert skipped == []
    assert all(not str(r.values["name"]).endswith("所）") for r in one.rows), "31 merged rows of provinces are no rows"
    assert (len(one.rows), one.rejected) == (2631, [])
    assert one.rows[0].values["name"] == "北京大学"


def test_dates_survive(tmp_path: Path) -> None:
    one = shaped([["党组织全称", "党组织类别", "届满日期", "起始日期"], ["某支部", "党支部", "2026年6月", 44197]])
    assert one.rows[0].values["term_to"] == dt.date(2026, 6, 30)
    assert one.rows[0].values["term_from"] == dt.date(2021, 1, 1)
