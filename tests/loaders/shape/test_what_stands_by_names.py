"""What stands before or behind a name, or in its place, and says something else than a name."""

from __future__ import annotations

from itertools import permutations

import pytest

from tests.loaders.desk import Desk, only

HEADER = "企业名称,所属镇街,从业人员数量,年营业收入（万元）"


@pytest.mark.parametrize(
    ("written", "state"),
    [
        ("一公司（已注销）", "注销"), ("一公司(注销)", "注销"), ("一公司【停业】", "停业"), ("一公司（已停产）", "停业"),
        ("一公司〔搬迁〕", "迁出"), ("一公司 （已吊销）", "吊销"), ("一公司（歇业）", "停业"),
    ],
)  # fmt: skip
def test_a_state_behind_a_name_is_the_state(desk: Desk, written: str, state: str) -> None:
    report = only(desk.load(desk.csv("企业.csv", f"{HEADER}\n{written},东镇,5,1\n")))
    assert desk.query("MATCH (u:Unit) RETURN u.name AS n, u.operating AS o") == [{"n": "一公司", "o": state}]
    (message,) = (m for m in report.messages if m.code == "state_in_name")
    assert message.examples[0].startswith("企业.csv“企业”第 2 行：一公司（")


def test_it_is_the_unit_of_that_name_and_a_column_goes_before_it(desk: Desk) -> None:
    desk.load(desk.units("企业.csv", ("一公司", "", "东镇", 5)))
    before = desk.listed()
    desk.load(desk.csv("更新.csv", f"{HEADER},经营状态\n一公司（停业）,东镇,5,1,存续\n"))
    assert desk.listed() == before
    assert desk.query("MATCH (u:Unit) RETURN u.operating AS o") == [{"o": "在营"}]


@pytest.mark.parametrize(
    "name", ["一公司（分厂）", "一（集团）公司", "（停业）", "一公司（东镇店）", "一公司（普通合伙）"]
)
def test_other_words_in_brackets_stay(desk: Desk, name: str) -> None:
    desk.load(desk.csv("企业.csv", f"{HEADER}\n{name},东镇,5,1\n"))
    assert set(desk.listed()) <= {name}


@pytest.mark.parametrize("mark", ["*", "★", "☆", "＊", "▲"])
def test_a_mark_before_a_name_is_no_part_of_it(desk: Desk, mark: str) -> None:
    desk.load(desk.units("企业.csv", ("一公司", "", "东镇", 5)))
    desk.load(desk.units("规上.csv", (f"{mark}一公司", "", "东镇", 6)))
    assert list(desk.listed()) == ["一公司"]


@pytest.mark.parametrize("word", ["未建", "拟成立", "待派", "未选派", "正在筹建", "无", "否"])
def test_a_word_for_none_is_no_name(desk: Desk, word: str) -> None:
    desk.load(desk.csv("企业.csv", f"{HEADER},所属党组织,党建指导员\n一公司,东镇,5,1,{word},{word}\n"))
    assert desk.reviews() == []


@pytest.mark.parametrize("written", ["631 党支部", "631-党支部", "631.党支部", "党支部"])
def test_a_code_before_a_kind_is_no_part_of_it(desk: Desk, written: str) -> None:
    desk.load(desk.csv("党组织.csv", f"党组织代码,党组织全称,党组织类别\n0101,一支部,{written}\n"))
    assert desk.query("MATCH (o:PartyOrg) RETURN o.kind AS k") == [{"k": "支部"}]


@pytest.mark.parametrize("heading", ["镇（街道）", "所属乡镇", "镇（街）", "所属街道", "所在镇街"])
def test_villages_of_one_name_lie_in_their_towns(desk: Desk, heading: str) -> None:
    header = f"{heading},村（社区）名称,户数,总收入（万元）,其中：经营性收入（万元）"
    for rows in permutations(("东镇,河口村,500,12.5,3.2", "西镇,河口村,420,4.8,1.1")):
        report = only(desk.load(desk.csv("村.csv", "\n".join((header, *rows)) + "\n")))
        assert (report.rows, report.merged) == (2, 0)
        found = desk.query(
            "MATCH (v:Region {kind: '村'})-[:PART_OF]->(t:Region) "
            "RETURN t.name AS t, v.income AS i, v.operating_income AS o ORDER BY i"
        )
        assert [tuple(row.values()) for row in found] == [("西镇", 48_000, 11_000), ("东镇", 125_000, 32_000)]


@pytest.mark.parametrize(
    ("name", "header", "row"),
    [
        ("党组织.csv", "党组织全称,党组织类别,{}", "一支部,党支部,西镇"),
        ("指导员.csv", "指导员姓名,工作单位,可联系数,{}", "官一,某局,5,西镇"),
        ("阵地.csv", "阵地名称,验收等级,{}", "一中心,一类,西镇"),
        ("诉求.csv", "问题诉求,当前进展,{}", "修路,办理中,西镇"),
    ],
)
@pytest.mark.parametrize("heading", ["镇（街）", "街道（乡镇）", "所在乡镇", "所属镇（街道）"])
def test_the_town_has_one_set_of_headings_in_every_ledger(
    desk: Desk, name: str, header: str, row: str, heading: str
) -> None:
    report = only(desk.load(desk.csv(name, f"{header.format(heading)}\n{row}\n")))
    assert (report.accepted, report.unknown_columns) == (1, ())
