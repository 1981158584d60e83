"""Loads as a clerk meets them: what they keep, replace, refuse, retire, take back."""

from __future__ import annotations

import datetime as dt
import json
import re
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from graph.errors import InputError
from graph.ontology import load as load_ontology
from graph.questions import catalogue
from graph.questions.asking import ask as ask_question
from graph.rules.inquiry import Inquiry
from graph.stores.ladybug.store import EmbeddedStore
from graph.stores.neo4j.store import Neo4jStore
from graph.workbook import Workbook
from loaders import pipeline
from loaders.cleaning.names import name as clean_name
from loaders.pipeline import LoadResult
from loaders.sample import REFERENCE_DATE
from tests.loaders.desk import DIVISIONS, FEW, Desk, credit_code, only
from tests.places import ENGINES
from visualizations.sheets.writing import write

A, B, C = (credit_code(n) for n in (1, 2, 3))


def adds_up(result: LoadResult) -> bool:
    return all(
        f.rows == f.accepted + f.merged + f.rejected and f.accepted == f.new + f.changed + f.unchanged
        for f in result.report.files
    )


# -- again, corrected -------------------------------------------------------------------------------


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test of a desk runs on both engines."""
    if "desk" in metafunc.fixturenames:
        metafunc.parametrize("desk", ENGINES, indirect=True, ids=str)


def test_loading_twice_changes_nothing(desk: Desk) -> None:
    path = desk.units("企业.csv", ("一公司", A, "东镇", 5), ("二公司", "", "西镇", 6))
    first = only(desk.load(path))
    assert (first.new, desk.revision) == (2, 2)
    before, changes = desk.everything(), desk.query("MATCH (c:Change) RETURN count(*) AS n")
    stamp = desk.path.stat() if desk.path.exists() else None
    again = desk.load(path)
    assert (only(again).unchanged, again.report.revision, desk.revision) == (2, 2, 2)
    assert desk.everything() == before
    assert desk.query("MATCH (c:Change) RETURN count(*) AS n") == changes
    if stamp is not None:
        assert desk.path.stat().st_ino == stamp.st_ino, "an unchanged store is not written"


def test_a_corrected_row_replaces_its_former_self(desk: Desk) -> None:
    header = "党组织全称,行政区划,覆盖单位\n"
    desk.load(desk.units("企业.csv", ("一公司", A, "东镇", 5), ("二公司", B, "东镇", 6)))
    desk.load(desk.csv("党组织.csv", header + "联合党支部,东镇,一公司、二公司\n"))
    assert desk.edges("COVERS", "PartyOrg", "Unit") == {("联合党支部", "一公司"), ("联合党支部", "二公司")}
    report = only(desk.load(desk.csv("党组织.csv", header + "联合党支部,东镇,一公司\n")))
    assert (report.changed, report.new) == (1, 0)
    assert desk.edges("COVERS", "PartyOrg", "Unit") == {("联合党支部", "一公司")}
    rows = desk.query(
        "MATCH (t:SourceRow) WHERE t.ledger = 'organizations' RETURN t.brought AS b, t.ended AS e ORDER BY b"
    )
    assert rows == [{"b": 3, "e": 4}, {"b": 4, "e": None}], "the former row is ended, never overwritten"


def test_a_new_start_of_a_posting_ends_the_edge_it_made_before(desk: Desk) -> None:
    header = "指导员姓名,工作单位,指导企业,任期起,任期止\n"
    desk.load(desk.units("企业.csv", ("一公司", A, "东镇", 5)))
    keys = []
    for start in ("2023-01-01", "2024-01-01"):
        desk.load(desk.csv("指导员.csv", header + f"指导员甲,某局,一公司,{start},2026年12月\n"))
        rows = desk.query(
            "MATCH (:GuidanceOfficer)-[e:GUIDES]->(:Unit) RETURN e.key AS key, e.valid_from AS f, e.valid_to AS t"
        )
        assert [(r["f"], r["t"]) for r in rows] == [(dt.date.fromisoformat(start), dt.date(2026, 12, 31))]
        keys.append(rows[0]["key"])
    assert keys[0] != keys[1]


def test_an_edge_ledger_row_with_a_new_date_is_the_same_relation(desk: Desk) -> None:
    desk.load(desk.units("企业.csv", ("一公司", A, "东镇", 5), ("二公司", B, "东镇", 6)))
    for day in ("2024-03-01", "2025-03-01"):
        report = only(desk.load(desk.csv("结对.csv", f"甲方,乙方,签约日期\n一公司,二公司,{day}\n")))
    assert report.changed == 1
    rows = desk.query("MATCH (:Unit)-[e:PAIRED_WITH]->(:Unit) RETURN e.valid_from AS f")
    assert rows == [{"f": dt.date(2025, 3, 1)}]


# -- the report -------------------------------------------------------------------------------------


def test_the_report_adds_up_on_the_sample(sample_loaded: tuple[EmbeddedStore, LoadResult]) -> None:
    _, result = sample_loaded
    assert adds_up(result)
    loaded = [f for f in result.report.files if f.ledger]
    assert len(loaded) > 40
    assert {f.sheet for f in result.report.files if not f.ledger} == {"选项", "Sheet3"}
    assert result.report.totals["rejected"] == sum(f.rejected for f in loaded) > 0


def test_duplicates_are_merged_and_bad_rows_rejected(desk: Desk) -> None:
    report = only(
        desk.load(
            desk.units(
                "企业.csv",
                ("一公司", A, "东镇", 5),
                ("一公司", A, "东镇", 5),
                ("一公司", A, "东镇", 9),
                ("", "", "东镇", 5),
                ("负公司", B, "东镇", -3),
                ("机关中心", credit_code(5, "12"), "东镇", 5),
                ("合计", "", "", 31),
            )
        )
    )
    assert (report.rows, report.accepted, report.merged, report.rejected) == (6, 1, 2, 3)
    codes = {m.code: m.count for m in report.messages}
    assert codes["missing_name"] == codes["negative_staff"] == codes["not_a_unit"] == 1
    example = next(m for m in report.messages if m.code == "negative_staff").examples[0]
    assert "企业.csv" in example
    assert "第 6 行" in example


def test_folder_and_zip_say_the_same(sample_dir: Path, tmp_path: Path, empty_store: Path) -> None:
    source = sample_dir / "戊街道"
    archive = tmp_path / "戊街道.zip"
    with zipfile.ZipFile(archive, "w") as made:
        for path in sorted(source.iterdir()):
            made.write(path, path.name)
    desks = []
    for name, given in (("folder", source), ("zip", archive)):
        (tmp_path / name).mkdir()
        desk = Desk(tmp_path / name, empty_store, home="戊街道")
        totals = desk.load(given).report.totals
        desks.append((totals, desk.everything()))
    assert desks[0] == desks[1]


def test_preview_writes_nothing(desk: Desk) -> None:
    result = desk.load(desk.units("企业.csv", ("一公司", A, "东镇", 5)), preview=True)
    assert result.report.preview
    assert (only(result).new, result.report.revision, desk.revision) == (1, 1, 1)
    assert desk.listed() == {}


# -- files that cannot be used ----------------------------------------------------------------------


def test_an_explicit_file_that_cannot_be_used_stops_the_load(desk: Desk) -> None:
    good = desk.units("企业.csv", ("一公司", A, "东镇", 5))
    for name, text, said in (
        ("名册.csv", "姓名,民族\n某人,汉\n", "像是人员名册"),
        ("空表.csv", "企业名称,统一社会信用代码,年营业收入\n", "没有数据行"),
        ("零.csv", "", "0 字节"),
    ):
        bad = desk.csv(name, text)
        with pytest.raises(InputError, match=said):
            desk.load(good, bad)
    with pytest.raises(InputError, match="找不到"):
        desk.load(good, desk.folder / "没有.xlsx")
    assert (desk.revision, desk.listed()) == (1, {})


def test_in_a_folder_it_is_listed_as_skipped(desk: Desk) -> None:
    folder = desk.folder / "台账"
    desk.units("台账/企业.csv", ("一公司", A, "东镇", 5))
    desk.csv("台账/名册.csv", "姓名,民族\n某人,汉\n")
    desk.csv("台账/报告.docx", "x")
    report = desk.load(folder).report
    skipped = {f.file: f.messages[0] for f in report.files if not f.ledger}
    assert skipped.keys() == {"名册.csv", "报告.docx"}
    assert all(m.code == "skipped" and m.text.startswith("未载入：") for m in skipped.values())
    assert desk.listed().keys() == {"一公司"}


def test_a_folder_without_any_ledger_is_refused(desk: Desk) -> None:
    desk.csv("台账/名册.csv", "姓名,民族\n某人,汉\n")
    with pytest.raises(InputError, match="没有可以载入的台账"):
        desk.load(desk.folder / "台账")


def test_hostile_text_is_only_text(desk: Desk) -> None:
    names = ["<script>alert(1)</script>", "');MATCH (n) DETACH DELETE n;//", "=1+1", "𠮷田商店", "../../x"]
    desk.load(desk.units("企业.csv", *((n, "", "东镇", 1) for n in names)))
    assert set(desk.listed()) == {clean_name(n) for n in names}


def test_a_cell_of_a_megabyte_rejects_its_row(desk: Desk) -> None:
    report = only(desk.load(desk.units("企业.csv", ("长" * 1_000_000, "", "东镇", 1), ("一公司", A, "东镇", 5))))
    assert (report.accepted, report.rejected) == (1, 1)
    (message,) = [m for m in report.messages if "过长" in m.text]
    assert len(str(message)) < 500


# -- what is dropped --------------------------------------------------------------------------------

PERSONAL = ("曾某人", "13912345678", "110101199003070011", "欧阳出资")


def test_dropped_columns_are_nowhere(desk: Desk) -> None:
    name, phone, identity, investor = PERSONAL
    columns = "企业名称,统一社会信用代码,所属镇街,从业人员数量,年营业收入（万元）,法定代表人,联系电话,身份证号,企业出资人姓名,是否是党员\n"
    text = columns + f"一公司,{A},东镇,5,1,{name},{phone},{identity},{investor},是\n"
    text += f"坏公司,{B},东镇,-5,1,{name},{phone},{identity},{investor},是\n"
    # the number of a person where a code should be
    text += f"错列公司,{identity},东镇,5,1,{name},{phone},{identity},{investor},是\n"
    result = desk.load(desk.csv("企业.csv", text))
    report = only(result)
    assert report.dropped_columns == ("法定代表人", "联系电话", "身份证号", "企业出资人姓名", "是否是党员")
    (dropped,) = [m for m in report.messages if m.code == "dropped_columns"]
    assert "身份证号" in dropped.text
    assert (report.accepted, report.rejected) == (2, 1)
    report_text = json.dumps(result.report.to_json(), ensure_ascii=False)
    assert result.rejects is not None
    handed_back = str([list(s.rows) for s in result.rejects.sheets])
    on_server = isinstance(desk.store, Neo4jStore)
    # a question asks for properties by name: these are all that there are
    stored = str(desk.store.server.read("MATCH (n) RETURN properties(n) AS p", {})) if on_server else ""
    desk.store.close()
    stored += "".join(
        p.read_bytes().decode("utf-8", "replace") for p in desk.folder.iterdir() if p.name.startswith("county.lbug")
    )
    for secret in PERSONAL:
        assert secret not in report_text
        assert secret not in handed_back
        assert secret not in stored


def test_a_headerless_roster_is_not_quoted(desk: Desk) -> None:
    desk.csv("台账/名册.csv", f"某某人,{PERSONAL[2]},某村\n某某人,{PERSONAL[2]},某村\n")
    desk.units("台账/企业.csv", ("一公司", A, "东镇", 5))
    report = desk.load(desk.folder / "台账").report
    assert "某某人" not in str(report)


# -- rejects ----------------------------------------------------------------------------------------


def test_rejects_corrected_and_loaded_again(desk: Desk) -> None:
    rows = [
        ["甲县东镇非公企业台账"],
        ["序号", "企业名称", "统一社会信用代码", "联系电话", "从业人员数量", "党组织成立时间", "年营业收入（万元）"],
        [1, "一公司", A, "13800000000", 5, "2020年3月", 10],
        [2, "二公司", "", "13800000000", 5, "2021年13月", 10],
    ]
    result = desk.load(desk.xlsx("企业.xlsx", rows, merges=[(0, 0, 0, 6)]))
    assert (only(result).accepted, only(result).rejected) == (1, 1)
    assert result.rejects is not None
    (sheet,) = result.rejects.sheets
    made = [list(row) for row in sheet.rows]
    assert made[0][0] == "甲县东镇非公企业台账"
    assert [row[-1] for row in made[2:]] == ["拒收原因", "起始日期“2021年13月”没有这个月份"]
    assert made[-1][:4] == [2, "二公司", None, None], "dropped at the door, so blank here"
    made[-1][5] = "2021年12月"
    path = desk.folder / "已改正.xlsx"
    write(Workbook(path.name, [type(sheet)(sheet.name, made, sheet.merges)]), path)
    again = only(desk.load(path))
    assert (again.ledger, again.accepted, again.rejected) == ("非公企业台账", 1, 0)
    assert desk.edges("LOCATED_IN", "Unit", "Region") == {("一公司", "东镇"), ("二公司", "东镇")}, "as its title said"


def test_no_rejects_no_workbook(desk: Desk) -> None:
    assert desk.load(desk.units("企业.csv", ("一公司", A, "东镇", 5))).rejects is None


# -- undo -------------------------------------------------------------------------------------------


def test_undo_takes_back_one_load_after_another(desk: Desk) -> None:
    states = [desk.everything()]
    for staff in (5, 6, 7):
        desk.load(desk.units("企业.csv", ("一公司", A, "东镇", staff), (f"公司{staff}", "", "西镇", 1)))
        states.append(desk.everything())
    for number, state in enumerate(reversed(states[:-1])):
        assert desk.undo() == 5 + number
        assert desk.everything() == state
    desk.undo()  # the divisions
    with pytest.raises(InputError, match="没有可以撤销的导入"):
        desk.undo()


def test_a_load_is_taken_back_once_and_by_its_number_alone(desk: Desk) -> None:
    for staff in (5, 6):
        desk.load(desk.units("企业.csv", ("一公司", A, "东镇", staff)))

    def undo(load: int) -> int:
        return pipeline.undo(desk.store, "乙", FEW, desk.locality, load=load)

    for load, why in ((2, "第 2 版不是最近一次导入，没有撤销。最近一次导入是第 3 版（"), (9, "第 9 版不是一次导入")):
        with pytest.raises(InputError, match=re.escape(why)):
            undo(load)
    assert desk.revision == 3
    assert undo(3) == 4
    after = desk.everything()
    for load, why in ((3, "第 3 版的导入已经撤销过了"), (4, "第 4 版不是一次导入")):
        with pytest.raises(InputError, match=why):
            undo(load)
    assert (desk.revision, desk.everything()) == (4, after)


def test_of_several_who_take_back_the_same_load_one_does(desk: Desk) -> None:
    for staff in (5, 6, 7):
        desk.load(desk.units("企业.csv", ("一公司", A, "东镇", staff)))
    desk.store.wait = 60  # type: ignore[attr-defined]
    seen = pipeline.last_load(desk.store).number
    together = Barrier(3)

    def undo(author: str) -> str:
        together.wait()
        try:
            return str(pipeline.undo(desk.store, author, FEW, desk.locality, load=seen))
        except InputError as error:
            return str(error)

    with ThreadPoolExecutor(3) as threads:
        ended = sorted(threads.map(undo, "甲乙丙"))
    assert ended == ["5", *["第 4 版的导入已经撤销过了，这次没有再撤销什么。"] * 2]
    (unit,) = desk.query("MATCH (u:Unit) WHERE u.listed RETURN u.staff AS staff")
    assert unit["staff"] == 6


def test_undo_and_load_again_gives_the_same_ids(desk: Desk) -> None:
    path = desk.units("企业.csv", ("一公司", A, "东镇", 5), ("二公司", "", "西镇", 6))
    desk.load(path)
    before = desk.everything()
    desk.undo()
    assert desk.listed() == {}
    assert only(desk.load(path)).new == 2
    assert desk.everything() == before


def test_undo_of_a_retirement_lists_again(desk: Desk) -> None:
    both = desk.units("企业.csv", ("一公司", A, "东镇", 5), ("二公司", B, "东镇", 6))
    one = desk.units("少.csv", ("一公司", A, "东镇", 5))
    desk.load(both)
    whole = desk.everything()
    desk.load(one, complete=[("非公企业台账", "甲县")], confirmed=True)
    assert desk.listed().keys() == {"一公司"}
    retired = desk.everything()
    desk.load(both)
    assert desk.everything() == whole, "listed again by a later load"
    desk.undo()
    assert desk.everything() == retired
    desk.undo()
    assert desk.everything() == whole


def test_undo_says_what_it_undid(desk: Desk) -> None:
    desk.load(desk.units("企业.csv", ("一公司", A, "东镇", 5)))
    desk.undo()
    changes = desk.query(
        "MATCH (c:Change) RETURN c.number AS number, c.kind AS kind, c.undoes AS undoes ORDER BY number"
    )
    assert [tuple(c.values()) for c in changes] == [(1, "load", None), (2, "load", None), (3, "undo", 2)]


# -- complete ledgers -------------------------------------------------------------------------------


def many(desk: Desk, name: str, numbers: range, town: str = "东镇") -> Path:
    return desk.units(name, *((f"第{n}公司", credit_code(n), town, 1) for n in numbers))


def test_a_complete_ledger_retires_what_it_no_longer_lists(desk: Desk) -> None:
    desk.load(many(desk, "东.csv", range(40)), many(desk, "西.csv", range(100, 110), "西镇"))
    result = desk.load(many(desk, "新.csv", range(2, 40)), complete=[("非公企业台账", "东镇")])
    assert only(result).retired == 2
    assert len(desk.listed()) == 48, "西镇 is outside the scope"
    gone = desk.query("MATCH (u:Unit) WHERE NOT u.listed RETURN u.name AS name ORDER BY name")
    assert [g["name"] for g in gone] == ["第0公司", "第1公司"], "nothing is deleted"


def test_an_incremental_load_retires_nothing(desk: Desk) -> None:
    desk.load(many(desk, "东.csv", range(5)))
    desk.load(many(desk, "新.csv", range(3, 8)))
    assert len(desk.listed()) == 8


def test_more_than_a_twentieth_must_be_confirmed(desk: Desk) -> None:
    desk.load(many(desk, "东.csv", range(40)))
    less = many(desk, "新.csv", range(3, 40))
    scope = [("enterprises", "990001101")]
    with pytest.raises(InputError, match="40 条，其中 3 条不在"):
        desk.load(less, complete=scope)
    assert (desk.revision, len(desk.listed())) == (2, 40)
    preview = desk.load(less, complete=scope, preview=True)
    assert (only(preview).retired, desk.revision) == (3, 2)
    assert only(desk.load(less, complete=scope, confirmed=True)).retired == 3


def test_a_key_in_a_rejected_row_is_not_retired(desk: Desk) -> None:
    desk.load(desk.units("企业.csv", ("一公司", A, "东镇", 5), ("二公司", "", "东镇", 6), ("三公司", C, "东镇", 7)))
    worse = desk.units("新.csv", ("一公司", A, "东镇", -5), ("二公司", "", "东镇", -6), ("三公司", C, "东镇", 7))
    result = desk.load(worse, complete=[("非公企业台账", "甲县")])
    assert (only(result).rejected, only(result).retired) == (2, 0)
    assert len(desk.listed()) == 3


def test_a_relation_in_a_rejected_row_is_not_retired(desk: Desk) -> None:
    desk.load(desk.units("企业.csv", ("一公司", A, "东镇", 5), ("二公司", B, "东镇", 6)))
    desk.load(desk.csv("结对.csv", "甲方,乙方,签约日期\n一公司,二公司,2024-03-01\n二公司,东镇,2024-03-01\n"))
    worse = desk.csv("结对.csv", "甲方,乙方,签约日期\n一公司,二公司,2024-13-01\n二公司,东镇,2024-03-01\n")
    desk.load(worse, complete=[("结对", "甲县")], confirmed=True)
    assert desk.edges("PAIRED_WITH", "Unit", "Unit") == {("一公司", "二公司")}


def test_a_declaration_that_names_nothing_is_refused(desk: Desk) -> None:
    path = desk.units("企业.csv", ("一公司", A, "东镇", 5))
    for ledger, division, said in (
        ("没有台账", "甲县", "不在这次的文件之中"),
        ("结对", "甲县", "没有这种台账"),
        ("非公企业台账", "北镇", "没有找到区划"),
        ("非公企业台账", "河口村", "不止一个"),
    ):
        with pytest.raises(InputError, match=said):
            desk.load(path, complete=[(ledger, division)])
    assert desk.revision == 1


# -- divisions that come late -----------------------------------------------------------------------


@pytest.mark.parametrize("home", ["甲县", ""])
@pytest.mark.parametrize("again", [False, True])
def test_divisions_loaded_after_units_place_them_anew(
    tmp_path: Path, empty_store: Path, home: str, again: bool
) -> None:
    desk = Desk(tmp_path, empty_store, home)
    units = desk.units(
        "甲县企业.csv", ("一公司", A, "东镇", 5), ("二公司", "", "西镇", 6), ("三公司", "", "甲县南街道", 6)
    )
    desk.load(units)
    before = desk.listed()
    divisions = desk.csv("区划.csv", DIVISIONS)
    result = desk.load(divisions, units) if again else desk.load(divisions)
    assert desk.listed() == before, "the same units, not others of the same name"
    assert desk.edges("LOCATED_IN", "Unit", "Region") >= {("一公司", "东镇"), ("二公司", "西镇")}
    assert adds_up(result)
    names = [r["name"] for r in desk.query("MATCH (r:Region) WHERE r.listed AND r.name = '甲县' RETURN r.name AS name")]
    assert names == ["甲县"], "named by the setting first, by its ledger then: one county"
    assert only(desk.load(units)).unchanged == (3 if again or home else 0)


# -- what a profile cites ---------------------------------------------------------------------------


def test_two_relations_of_one_type_between_the_same_two_cite_the_row_of_each(desk: Desk) -> None:
    units = desk.units("企业.csv", ("一公司", A, "东镇", 5, "甲"), more=["联络员"])
    desk.load(units, desk.csv("指导员.csv", "指导员姓名,指导企业,任期起\n甲,一公司,2025-03-01\n"))
    context = Inquiry(REFERENCE_DATE, desk.locality, load_ontology(), book=FEW)
    with desk.store.reader() as reader:
        rows = ask_question(catalogue(FEW), reader, context, "unit", {"unit": desk.listed()["一公司"]}).rows
    cited = {row["detail"].partition("；")[0]: row["file"] for row in rows if row["value"] == "甲" and row["detail"]}
    assert cited == {"角色 指导员": "指导员.csv", "角色 联络员": "企业.csv"}


# -- 无 ---------------------------------------------------------------------------------------------


def test_none_is_remarked_where_it_is_no_value_and_other_marks_are_blank(desk: Desk) -> None:
    rows = [(f"{n}公司", credit_code(n), "东镇", 5, word) for n, word in enumerate(("无", "暂无", "-", "", "私营"), 1)]
    report = only(desk.load(desk.units("企业.csv", *rows, more=["经营状态"])))
    messages_by_text = {m.text: m for m in report.messages if "按空白处理" in m.text}
    (text,) = (t for t in messages_by_text if "不在可用的值之中（在营、" in t)
    assert messages_by_text[text].count == 3
    assert [example.partition("：")[2] for example in messages_by_text[text].examples] == [
        "经营状态“无”",
        "经营状态“暂无”",
        "经营状态“私营”",
    ]
    assert {r["v"] for r in desk.query("MATCH (u:Unit) RETURN u.operating AS v")} == {None}
    stored = desk.query("MATCH (t:SourceRow) WHERE t.ledger = 'enterprises' RETURN t.values AS v ORDER BY t.line")
    assert [json.loads(r["v"]).get("?operating") for r in stored] == ["无", "暂无", None, None, "私营"]
