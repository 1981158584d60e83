"""Lists of persons are refused in a sentence, and no name in them is quoted; ledgers of officers and leaders are not."""

from __future__ import annotations

import pytest

from graph.errors import InputError
from graph.locality import Locality
from graph.ontology import load as load_ontology
from graph.workbook import Cell
from loaders.read.tables import Table
from loaders.recognize.headers import Layout, Recognizer, Unrecognized
from loaders.recognize.inspection import inspect, look
from loaders.recognize.ledgers import ledgers
from loaders.recognize.mapping import SheetMapping
from tests.loaders.desk import ON_EITHER, Desk, only, shaped_files

PERSONS: list[list[Cell]] = [
    ["赵甲样", "男", "汉族", "1980.01", "车间主任", "某厂", "在职", "一", "二", "三"],
    ["钱乙样", "女", "苗族", "1990.02", "会计", "某厂", "在职", "一", "二", "三"],
]
ROSTERS = {
    "党员": ["序号", "姓名", "性别", "民族", "出生年月", "入党时间", "职务", "联系电话"],
    "党员2": ["姓名", "性别", "学历", "入党时间", "所在党组织", "工作单位", "职务"],
    "党员3": ["党组织名称", "党组织编码", "党员姓名", "性别", "入党时间", "身份证号"],
    "党员4": ["企业名称", "姓名", "性别", "民族", "入党时间", "联系电话"],
    "员工": ["工号", "姓名", "部门", "职务", "入职日期"],
    "员工2": ["企业名称", "员工姓名", "岗位", "入职日期", "身份证号码"],
    "职工": ["职工姓名", "所属镇街", "职务", "状态"],
    "积极分子": ["姓名", "性别", "民族", "学历", "申请入党时间", "确定积极分子时间", "培养联系人", "工作单位"],
    "发展对象": ["发展对象姓名", "性别", "党组织名称", "联系电话"],
    "申请人": ["申请人姓名", "递交入党申请书时间", "所在单位"],
    "志愿者": ["志愿者姓名", "性别", "服务时长", "联系电话", "工作单位"],
    "志愿者2": ["姓名", "专职/兼职", "工作单位", "职务", "联系电话"],
    "退休": ["姓名", "性别", "退休时间", "原工作单位", "联系电话"],
    "流动党员": ["姓名", "性别", "流出地", "流入时间", "所属党组织名称", "联系电话"],
    "通讯录": ["单位名称", "姓名", "职务", "联系电话"],
    "支委": ["党支部名称", "姓名", "党内职务", "任期起", "任期止"],
    "居民": ["户主姓名", "所属村", "身份证号", "户数"],
    "联系企业": ["党员姓名", "联系企业", "职务"],
    "人才": ["人才姓名", "性别", "学历", "专业", "所在企业"],
    "代表": ["代表姓名", "性别", "工作单位", "职务"],
}
LEDGERS = {
    "指导企业": ("officers", ["姓名", "性别", "入党时间", "工作单位", "指导企业"], "a.xlsx", "Sheet1"),
    "指导员姓名": ("officers", ["指导员姓名", "工作单位", "性别", "入党时间"], "a.xlsx", "Sheet1"),
    "文件名": ("officers", ["姓名", "工作单位", "职务", "联系电话"], "党建指导员.xlsx", "Sheet1"),
    "表名": ("officers", ["姓名", "性别", "民族", "学历", "工作单位"], "a.xlsx", "党建指导员花名册"),
    "联系村": ("leaders", ["姓名", "职务", "联系村"], "a.xlsx", "Sheet1"),
    "联村领导": ("leaders", ["姓名", "职务"], "联村领导.xlsx", "Sheet1"),
    "业主": ("enterprises", ["企业名称", "姓名", "性别", "民族", "从业人数", "年营业收入", "是否规上"], "a.xlsx", "Sheet1"),
    "书记": ("organizations", ["党组织名称", "党组织编码", "书记姓名", "性别", "民族", "学历"], "a.xlsx", "Sheet1"),
    "人数": ("enterprises", ["企业名称", "党员数", "员工数", "年营业收入"], "党员情况.xlsx", "Sheet1"),
}  # fmt: skip


#: titles that call the persons something other than officers or leaders
OTHERS = ["联系服务专家名单", "律师进企业安排表", "科技特派员名单", "党代表联系企业名单", "志愿者联系企业名单"]


def recognized(header: list[str], file: str = "a.xlsx", sheet: str = "Sheet1") -> Layout | Unrecognized:
    rows: list[list[Cell]] = [[*header], *([*row] for row in PERSONS)]
    return Recognizer(ledgers(), load_ontology()).recognize(Table(file, sheet, rows))


@pytest.mark.parametrize(
    ("file", "sheet"), [("a.xlsx", "Sheet1"), ("指导员/党员名册.xlsx", "Sheet1"), ("a.xlsx", "花名册")]
)
@pytest.mark.parametrize("kind", ROSTERS)
def test_a_roster_is_refused_as_one(kind: str, file: str, sheet: str) -> None:
    layout = recognized(ROSTERS[kind], file, sheet)
    assert isinstance(layout, Unrecognized)
    assert layout.roster
    assert "人员名册" in layout.sentence()
    assert "赵甲样" not in layout.sentence()
    assert layout.layout is not None
    assert {use.role for use in layout.layout.columns} == {"drop"}


@pytest.mark.parametrize("title", OTHERS)
def test_a_title_that_names_other_persons_makes_no_officers(title: str) -> None:
    layout = recognized(["姓名", "工作单位", "联系单位"], f"{title}.xlsx")
    assert isinstance(layout, Unrecognized)
    assert layout.roster


@pytest.mark.parametrize("kind", LEDGERS)
def test_a_ledger_that_says_what_it_is_is_none(kind: str) -> None:
    name, header, file, sheet = LEDGERS[kind]
    layout = recognized(header, file, sheet)
    assert isinstance(layout, Layout), layout.sentence()
    assert layout.ledger.name == name


def test_titles_and_headers_of_two_rows() -> None:
    recognizer = Recognizer(ledgers(), load_ontology())
    for rows in (
        [["某公司党员花名册"], ["姓名", "性别", "职务"], *PERSONS],
        [["序号", "基本信息", None, None], [None, "姓名", "性别", "入党时间"], *PERSONS],
    ):
        layout = recognizer.recognize(Table("党建指导员.xlsx", "Sheet1", [[*row] for row in rows]))
        assert isinstance(layout, Unrecognized)
        assert layout.roster


def test_a_sheet_of_members_in_a_workbook_of_officers() -> None:
    assert isinstance(
        recognized(["姓名", "性别", "入党时间", "工作单位"], "党建指导员台账.xlsx", "Sheet2"), Unrecognized
    )
    assert isinstance(recognized(["姓名", "性别", "入党时间", "工作单位"], "a.xlsx", "党建指导员"), Layout)


@pytest.mark.parametrize("width", [2, 4, 7])
def test_without_a_header_no_name_is_quoted(width: int) -> None:
    for rows in (
        PERSONS,
        [[n, *row] for n, row in enumerate(PERSONS, 1)],
        [["赵甲样", "指导员"], ["钱乙样", "联络员"]],
    ):
        unrecognized = Recognizer(ledgers(), load_ontology()).recognize(
            Table("a.xlsx", "Sheet1", [[*row[:width]] for row in rows])
        )
        assert isinstance(unrecognized, Unrecognized)
        assert "赵甲样" not in unrecognized.sentence()


@ON_EITHER
@pytest.mark.parametrize("kind", ["党员", "员工", "党员4"])
def test_no_name_of_a_roster_reaches_store_report_rejects_or_inspect(desk: Desk, kind: str) -> None:
    lines = [",".join(ROSTERS[kind]), *(",".join(map(str, row[: len(ROSTERS[kind])])) for row in PERSONS)]
    roster = desk.csv("资料/名单.csv", "\n".join(lines))
    with pytest.raises(InputError, match="人员名册") as refused:
        desk.load(roster)
    desk.units("资料/企业.csv", ("一公司", "", "东镇", 5))
    result = desk.load(roster.parent)
    assert desk.listed().keys() == {"一公司"}
    assert desk.listed("Leader") == desk.listed("GuidanceOfficer") == {}
    seen = look([roster], Locality())
    shown = [str(inspect(roster, Locality()).rows), str(seen[0].lines()), str(seen[0].columns)]
    stored = desk.query("MATCH (t:SourceRow) RETURN t.values AS v") + desk.query(
        "MATCH (m:Import) RETURN m.report AS v"
    )
    assert result.rejects is None
    for text in (str(refused.value), str(result.report.to_json()), str(stored), *shown):
        assert "赵甲样" not in text
        assert "钱乙样" not in text
    if desk.path.exists():
        assert "赵甲样".encode() not in desk.path.read_bytes()


def test_names_and_numbers_of_persons_in_a_ledger_are_dropped(desk: Desk) -> None:
    header = "企业名称,从业人员数量,年营业收入（万元）,联系人姓名,负责人手机,团支部书记,经办人,备注"
    path = desk.csv("企业.csv", f"{header}\n,3,1,赵甲样,13800000000,钱乙样,孙丙样,无\n")
    result = desk.load(path)
    (report,) = result.report.files
    assert report.dropped_columns == ("联系人姓名", "负责人手机", "团支部书记", "经办人")
    assert report.unknown_columns == ("备注",)
    assert result.rejects is not None
    cells = str([[*row] for sheet in result.rejects.sheets for row in sheet.rows])
    assert not any(name in cells for name in ("赵甲样", "钱乙样", "孙丙样", "13800000000"))


@pytest.mark.parametrize(
    "heading",
    [
        "填表人",
        "制表人",
        "报送人",
        "审批人签字",
        "联络人",
        "联系人2",
        "对接人",
        "业主",
        "老板",
        "实控人",
        "委托代理人",
        "责任人",
        "园长",
        "家庭成员",
        "配偶",
        "班子成员",
        "网格员",
        "楼长",
        "党建专员",
        "流动党员",
        "护照号",
        "QQ",
        "固话",
        "银行账号",
        "车牌号",
        "性别",
        "政治面貌",
    ],
)
def test_what_no_field_takes_of_persons_is_not_in_the_rejects(desk: Desk, heading: str) -> None:
    path = desk.csv("企业.csv", f"企业名称,从业人员数量,年营业收入（万元）,{heading}\n,3,1,赵甲样\n")
    result = desk.load(path)
    assert only(result).dropped_columns == (heading,)
    assert result.rejects is not None
    assert "赵甲样" not in str([[*row] for sheet in result.rejects.sheets for row in sheet.rows])


def test_a_person_who_maps_a_sheet_of_officers_has_decided(desk: Desk) -> None:
    path = desk.csv("a.csv", "姓名,性别,工作单位\n周某,男,某局\n")
    (one,), _ = shaped_files([path], mapping=(SheetMapping("officers"),))
    assert [row.values["name"] for row in one.rows] == ["周某"]
