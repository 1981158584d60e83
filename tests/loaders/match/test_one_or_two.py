"""One record or two: rows of one code, one name, one place, in any order, and what is asked where they disagree."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.ontology import load as load_ontology
from loaders.match.identity import Identities
from loaders.match.naming import are_one_name, is_generic, organization_key
from loaders.match.stored_rows import heads
from loaders.recognize.ledgers import ledgers
from tests.loaders.desk import ON_EITHER, Desk, credit_code, only, shaped_files

A, B, C = (credit_code(n) for n in (1, 2, 3))
ADDRESS = ("企业经营地",)
PROPERTY = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)


def units(desk: Desk) -> list[dict[str, Any]]:
    """Name, code, place and staff of every listed unit."""
    return desk.query(
        "MATCH (u:Unit)-[:LOCATED_IN]->(r:Region) WHERE u.listed RETURN u.name AS name, u.credit_code AS code, "
        "r.name AS place, u.staff AS staff ORDER BY name, code, place, staff"
    )


def count(desk: Desk, node_type: str = "Unit") -> int:
    return len(desk.query(f"MATCH (n:{node_type}) WHERE n.listed RETURN n.id AS id"))


def entities(desk: Desk, *files: Path) -> dict[str, str]:
    """The entity of each row by its values, as the store stands."""
    sheets, _ = shaped_files(files)
    with desk.store.reader() as reader:
        Identities(reader, load_ontology(), ledgers(), ("甲县", ""), heads(reader)).assign(sheets)
    return {str(sorted(row.values.items())): row.entity for one in sheets for row in one.rows}


# -- one code, several names ------------------------------------------------------------------------


@ON_EITHER
def test_one_code_of_several_names_is_several_units_and_asked(desk: Desk) -> None:
    rows = [("一科技有限公司", A, "东镇", 120), ("二商贸有限公司", A, "东镇", 80), ("三物流有限公司", A, "西镇", 60)]
    report = only(desk.load(desk.units("企业.csv", *rows)))
    assert (report.accepted, report.merged) == (3, 0)
    assert [u["staff"] for u in units(desk)] == [120, 60, 80]
    reviews = desk.reviews()
    assert [r["kind"] for r in reviews] == ["lookalike"] * 3
    assert all(f"信用代码相同（{A}）" in r["evidence_for"] and "不同" in r["evidence_against"] for r in reviews)
    again = only(desk.load(desk.units("企业.csv", *reversed(rows))))
    assert (again.unchanged, count(desk)) == (3, 3)
    # a posting finds each by its name, and none by the code that three have
    desk.load(desk.csv("指导员.csv", f"指导员姓名,工作单位,指导企业\n官一,某局,二商贸有限公司\n官二,某局,{A}\n"))
    assert desk.edges("GUIDES", "GuidanceOfficer", "Unit") == {("官一", "二商贸有限公司")}
    assert [r["kind"] for r in desk.reviews() if r["kind"] != "lookalike"] == ["dangling"]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_in_any_order(desk: Desk, order: Sequence[int]) -> None:
    rows = [("一科技有限公司", A, "东镇", 1), ("二商贸有限公司", A, "东镇", 2), ("三物流有限公司", "", "西镇", 3)]
    ids = entities(desk, desk.units("企业.csv", *(rows[i] for i in order)))
    assert ids == entities(desk, desk.units("企业.csv", *rows))
    assert len({*ids.values()}) == 3


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("一科技有限公司", "一科技有限责任公司"),
        ("一科技有限公司", "甲县一科技有限公司"),
        ("一科技（甲县）有限公司", "一科技(甲县)有限公司"),
    ],
)
def test_spellings_of_one_name_with_one_code_are_one(desk: Desk, one: str, other: str) -> None:
    desk.load(desk.units("企业.csv", (one, A, "东镇", 5), (other, A, "东镇", 5)))
    assert count(desk) == 1


def test_a_shared_code_that_is_corrected_changes_no_id(desk: Desk) -> None:
    desk.load(desk.units("企业.csv", ("一科技公司", A, "东镇", 1), ("二商贸公司", A, "东镇", 2)))
    before = desk.listed()
    desk.load(desk.units("企业.csv", ("一科技公司", A, "东镇", 1), ("二商贸公司", B, "东镇", 2)))
    assert desk.listed() == before
    assert desk.reviews() == []


def test_names_of_one_code_are_merged_by_decision(desk: Desk) -> None:
    desk.load(desk.units("企业.csv", ("一科技公司", A, "东镇", 1), ("二商贸公司", A, "东镇", 2)))
    (review,) = desk.reviews()
    desk.load(desk.decide("核实.xlsx", (review["id"], "合并")))
    assert count(desk) == 1
    desk.load(desk.csv("指导员.csv", "指导员姓名,工作单位,指导企业\n官一,某局,二商贸公司\n官二,某局,一科技公司\n"))
    assert len(desk.edges("GUIDES", "GuidanceOfficer", "Unit")) == 2


def test_one_code_of_two_organizations(desk: Desk) -> None:
    desk.load(desk.csv("党组织.csv", "党组织全称,党组织编码,行政区划\n一公司党支部,001,东镇\n二公司党支部,001,东镇\n"))
    assert desk.listed("PartyOrg").keys() == {"一公司党支部", "二公司党支部"}
    (review,) = desk.reviews()
    assert "同一个党组织" in review["question"]


# -- one name, several addresses or superiors -------------------------------------------------------


@ON_EITHER
@pytest.mark.parametrize(("heading", "label"), [("企业经营地", "经营地址"), ("注册地址", "注册地址")])
def test_one_name_at_three_addresses_of_a_sheet(desk: Desk, heading: str, label: str) -> None:
    more = (heading,)
    rows = [("便民超市", "", "东镇", n, f"{road}路1号") for n, road in enumerate(("东", "南", "西"), 1)]
    for order in (rows, rows[::-1]):
        desk.load(desk.units("企业.csv", *order, more=more))
        assert sorted(u["staff"] for u in units(desk)) == [1, 2, 3]
    assert {r["kind"] for r in desk.reviews()} == {"lookalike"}
    assert all(f"{label}不同" in r["evidence_against"] for r in desk.reviews())
    # the next quarter's figures go to the shop at that address
    desk.load(desk.units("企业.csv", ("便民超市", "", "东镇", 9, "南路1号"), more=more))
    assert sorted(u["staff"] for u in units(desk)) == [1, 3, 9]


@pytest.mark.parametrize("other", ["东路1号", "东镇东路1号", "东路１号", ""])
def test_one_address_in_other_words_is_one_record(desk: Desk, other: str) -> None:
    desk.load(
        desk.units("企业.csv", ("便民超市", "", "东镇", 1, "东路1号"), ("便民超市", "", "东镇", 1, other), more=ADDRESS)
    )
    assert count(desk) == 1


ORGANIZATIONS = "党组织全称,上级党组织名称,正式党员数\n"


@ON_EITHER
def test_a_branch_name_under_two_superiors(desk: Desk) -> None:
    above = "甲党委,,50\n乙党总支,,20\n"
    rows = ["第一党支部,甲党委,5\n", "第一党支部,乙党总支,6\n"]
    for order in (rows, rows[::-1]):
        desk.load(desk.csv("党组织.csv", ORGANIZATIONS + above + "".join(order)))
        assert desk.edges("SUBORDINATE_TO", "PartyOrg", "PartyOrg") == {
            ("第一党支部", "甲党委"),
            ("第一党支部", "乙党总支"),
        }
        assert count(desk, "PartyOrg") == 4
    (review,) = desk.reviews()
    assert "上级党组织不同" in review["evidence_against"]


def test_a_name_that_many_branches_have_is_told_by_its_superior_at_each_load(desk: Desk) -> None:
    desk.load(desk.csv("甲.csv", ORGANIZATIONS + "甲党委,,50\n第一党支部,甲党委,5\n"))
    desk.load(desk.csv("乙.csv", ORGANIZATIONS + "乙党总支,,20\n第一党支部,乙党总支,6\n"))
    assert count(desk, "PartyOrg") == 4
    desk.load(desk.csv("甲.csv", ORGANIZATIONS + "甲党委,,50\n第一党支部,中共甲委员会,7\n"))
    rows = desk.query(
        "MATCH (o:PartyOrg {name: '第一党支部'})-[:SUBORDINATE_TO]->(s:PartyOrg) RETURN s.name AS s, o.formal_members AS n"
    )
    assert {(r["s"], r["n"]) for r in rows} == {("甲党委", 7), ("乙党总支", 6)}


def test_an_organization_of_a_name_of_its_own_may_move(desk: Desk) -> None:
    desk.load(desk.csv("党组织.csv", ORGANIZATIONS + "甲党委,,\n乙党委,,\n一公司党支部,甲党委,5\n"))
    desk.load(desk.csv("党组织.csv", ORGANIZATIONS + "甲党委,,\n乙党委,,\n一公司党支部,乙党委,5\n"))
    assert count(desk, "PartyOrg") == 3


# -- without code and town --------------------------------------------------------------------------


@ON_EITHER
def test_a_row_without_code_and_town_is_the_one_of_its_name(desk: Desk) -> None:
    for name in ("一公司", "甲县一公司"):
        for order in permutations([(name, "", "东镇", 5), (name, "", "", 5)]):
            report = only(desk.load(desk.units("企业.csv", *order)))
            assert (report.accepted, report.merged) == (1, 1)
            assert units(desk) == [{"name": name, "code": None, "place": "东镇", "staff": 5}]
            assert desk.reviews() == []
            desk.undo()


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("code", ["", A])
def test_across_loads_too(desk: Desk, first: int, code: str) -> None:
    files = [desk.units("有.csv", ("甲县一公司", code, "东镇", 5)), desk.units("无.csv", ("甲县一公司", "", "", 5))]
    desk.load(files[first])
    (before,) = desk.listed().values()
    desk.load(files[1 - first])
    assert desk.listed() == {"甲县一公司": before}


@pytest.mark.parametrize("name", ["一公司", "甲县一公司"])
def test_of_two_in_the_county_it_is_neither_and_asked_about_both(desk: Desk, name: str) -> None:
    rows = [(name, "", "东镇", 1), (name, "", "西镇", 2), (name, "", "", 3)]
    for order in (rows, rows[::-1]):
        desk.load(desk.units("企业.csv", *order))
        assert [u["staff"] for u in units(desk)] == [1, 3, 2]
        assert [r["kind"] for r in desk.reviews()] == ["lookalike"] * 3


def test_a_code_without_town_and_a_town_without_code_are_asked_about(desk: Desk) -> None:
    desk.load(desk.units("企业.csv", ("甲县一公司", A, "", 1), ("甲县一公司", "", "东镇", 2)))
    assert count(desk) == 2
    assert [r["kind"] for r in desk.reviews()] == ["lookalike"]


def test_a_namesake_that_arrives_later_takes_nothing_away(desk: Desk) -> None:
    sheet = desk.units("无.csv", ("一公司", "", "", 5))
    desk.load(sheet)
    desk.load(desk.units("东.csv", ("一公司", "", "东镇", 5)))
    desk.load(desk.units("西.csv", ("一公司", "", "西镇", 6)))
    before = {n["id"] for n in desk.query("MATCH (u:Unit) RETURN u.id AS id")}
    assert len(before) == 2
    desk.load(sheet)
    assert {n["id"] for n in desk.query("MATCH (u:Unit) RETURN u.id AS id")} == before


_NAMES = st.sampled_from(["一公司", "甲县一公司", "二公司"])
_TOWNS = st.sampled_from(["东镇", "西镇", "", "北镇"])
_ROWS = st.lists(
    st.tuples(
        _NAMES, st.sampled_from(["", "", A, B]), _TOWNS, st.integers(1, 2), st.sampled_from(["", "东路1号", "西路2号"])
    ),
    min_size=1,
    max_size=7,
)


@PROPERTY
@given(data=st.data(), rows=_ROWS)
def test_the_order_of_rows_decides_nothing(desk: Desk, data: st.DataObject, rows: list[tuple[Any, ...]]) -> None:
    other = data.draw(st.permutations(rows))
    one, two = (entities(desk, desk.units("企业.csv", *order, more=ADDRESS)) for order in (rows, other))
    assert one == two


@settings(PROPERTY, max_examples=15)
@given(data=st.data(), stored=_ROWS, rows=_ROWS)
def test_nor_on_top_of_a_store(
    desk: Desk, data: st.DataObject, stored: list[tuple[Any, ...]], rows: list[tuple[Any, ...]]
) -> None:
    desk.load(desk.units("旧.csv", *stored, more=ADDRESS))
    try:
        other = data.draw(st.permutations(rows))
        one, two = (entities(desk, desk.units("企业.csv", *order, more=ADDRESS)) for order in (rows, other))
        assert one == two
        # what the store has is the same again
        old = desk.folder / "旧.csv"
        assert only(desk.load(old)).new == 0
    finally:
        desk.undo()


# -- names of organizations, and names of before ----------------------------------------------------

STYLES = {
    "一公司党支部": ["中共一公司支部委员会", "一公司支部", "中国共产党一公司支部委员会", "中共一公司党支部", "一公司支部委员会"],
    "一公司党总支": ["中共一公司总支部委员会", "一公司总支", "一公司党总支部", "中共一公司总支部"],
    "一公司党委": ["中共一公司委员会", "中国共产党一公司委员会", "一公司委员会"],
    "一公司联合党支部": ["中共一公司联合支部委员会", "一公司联合支部"],
    "一公司临时党支部": ["中共一公司临时支部委员会", "一公司临时支部"],
    "甲街道党工委": ["中共甲街道工作委员会", "甲街道党工委", "中共甲街道工委"],
}  # fmt: skip


@pytest.mark.parametrize("style", STYLES)
def test_styles_of_a_name(style: str) -> None:
    assert {organization_key(n) for n in (style, *STYLES[style])} == {organization_key(style)}


def test_kinds_of_organization_stay_apart() -> None:
    others = [
        "甲村村民委员会",
        "共青团一公司委员会",
        "一公司工会委员会",
        "甲园区管理委员会",
        "一公司团支部",
        "中共一公司纪律检查委员会",
    ]
    keys = [organization_key(n) for n in (*STYLES, *others)]
    assert len({*keys}) == len(keys)


def test_names_that_are_one() -> None:
    assert are_one_name("Unit", "甲县一商贸有限公司", "一商贸公司")
    assert not are_one_name("Unit", "一商贸公司", "二商贸公司")
    assert not are_one_name("Unit", "一商贸有限公司", "一商贸有限公司东镇分公司")
    assert are_one_name("PartyOrg", "中共一公司支部委员会", "一公司党支部")
    assert [is_generic(n) for n in ("第一党支部", "机关党支部", "中共机关第二支部委员会", "一公司党支部")] == [
        True
    ] * 3 + [False]


@ON_EITHER
@pytest.mark.parametrize("style", ["中共一公司支部委员会", "一公司支部"])
def test_an_organization_is_found_in_any_style(desk: Desk, style: str) -> None:
    desk.load(
        desk.units(
            "企业.csv", ("一公司", "", "东镇", 5, "是", "一公司党支部"), more=("是否成立党组织", "所属党组织名称")
        ),
        desk.csv("党组织.csv", f"党组织全称,党组织类别,行政区划\n{style},党支部,东镇\n"),
    )
    assert desk.edges("COVERS", "PartyOrg", "Unit") == {(style, "一公司")}
    assert desk.reviews() == []
    desk.load(desk.csv("党组织.csv", "党组织全称,党组织类别,行政区划\n一公司党支部,党支部,东镇\n"))
    assert count(desk, "PartyOrg") == 1


OFFICERS = "指导员姓名,工作单位,指导企业\n"


@ON_EITHER
def test_a_posting_stays_when_its_unit_is_renamed(desk: Desk) -> None:
    desk.load(
        desk.units("企业.csv", ("一公司", A, "东镇", 5), ("二公司", "", "东镇", 5)),
        desk.csv("指导员.csv", OFFICERS + "官一,某局,一公司、二公司\n"),
    )
    before = desk.everything()
    desk.load(desk.units("企业.csv", ("子公司", A, "东镇", 5)))
    assert desk.edges("GUIDES", "GuidanceOfficer", "Unit") == {("官一", "子公司"), ("官一", "二公司")}
    assert desk.reviews() == []
    # at later loads too, and by rows of the old name
    desk.load(desk.units("三.csv", ("三公司", C, "西镇", 5)))
    desk.load(desk.csv("指导员.csv", OFFICERS + "官一,某局,一公司、二公司\n官二,某局,一公司\n"))
    assert ("官二", "子公司") in desk.edges("GUIDES", "GuidanceOfficer", "Unit")
    desk.load(desk.units("旧名.csv", ("一公司", "", "东镇", 5)))
    assert count(desk) == 3
    for _ in range(4):
        desk.undo()
    assert desk.everything() == before


def test_a_name_that_a_load_taken_back_brought_is_no_alias(desk: Desk) -> None:
    desk.load(desk.units("企业.csv", ("一公司", A, "东镇", 5)), desk.csv("指导员.csv", OFFICERS + "官一,某局,子公司\n"))
    desk.load(desk.units("企业.csv", ("子公司", A, "东镇", 5)))
    assert desk.edges("GUIDES", "GuidanceOfficer", "Unit") == {("官一", "子公司")}
    desk.undo()
    desk.load(desk.units("三.csv", ("三公司", C, "西镇", 5)))
    assert desk.edges("GUIDES", "GuidanceOfficer", "Unit") == set()
