"""Rows that contradict each other: one order decides, however they are loaded, and a 待核实 shows both."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.ontology import load as load_ontology
from loaders.match.issues import dated, listing_key, series
from tests.loaders.desk import ON_EITHER, Desk, credit_code, only
from tests.loaders.test_later_sheets import FULL, HEADER, STATED, facts, sheet, some

A, B = credit_code(1), credit_code(2)


def firm(desk: Desk, name: str, town: str, state: str, members: int, title: str = "") -> Path:
    header = ("企业名称", "统一社会信用代码", "所属镇街", "经营状态", "是否规上", "正式党员数")
    return sheet(desk, name, ("一公司", A, town, state, "否", members), header=header, title=title)


def said(desk: Desk) -> tuple[Any, ...]:
    unit = facts(desk)
    return unit["town"], unit["operating"], unit["members"]


@pytest.mark.parametrize("together", [True, False])
def test_the_last_by_name_counts_in_one_load_as_the_later_of_two(desk: Desk, together: bool) -> None:
    a, b = firm(desk, "a.csv", "东镇", "在营", 3), firm(desk, "b.csv", "西镇", "注销", 1)
    if together:
        desk.load(b, a)
    else:
        desk.load(a)
        desk.load(b)
    assert said(desk) == ("西镇", "注销", 1)
    reviews = {r["question"].partition("说法不一")[0].partition("”的")[2]: r for r in desk.reviews()}
    assert {r["kind"] for r in reviews.values()} == {"contradiction"}
    assert set(reviews) == {"所在区划", "经营状态", "正式党员数"}
    members = reviews["正式党员数"]
    assert members["evidence_for"] == f"1人（b.csv“b”第 2 行，{dt.date.today()} 载入）"
    assert members["evidence_against"] == f"3人（a.csv“a”第 2 行，{dt.date.today()} 载入）"
    assert "members" in members["sensitivity"].split()
    desk.load(desk.decide("核实.xlsx", *((r["id"], "忽略") for r in reviews.values())))
    assert (desk.reviews(), len(desk.reviews("decided"))) == ([], 3)
    desk.load(firm(desk, "a.csv", "西镇", "注销", 2))
    (again,) = desk.reviews()
    assert "2人" in again["question"], "another value is another question"
    desk.load(firm(desk, "a.csv", "西镇", "注销", 1), firm(desk, "b.csv", "西镇", "注销", 1))
    assert desk.reviews() == []


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (2, 1, 0)], ids=str)
@pytest.mark.parametrize(
    ("names", "titles"),
    [
        (
            ("甲.csv", "乙.csv", "丙.csv"),
            ("企业台账（截至2026年3月31日）", "企业台账（2025年度）", "企业台账 2026年第二季度"),
        ),
        (("三月 2026-03.csv", "去年 20251231.csv", "六月 2026.6.csv"), ("", "", "")),
    ],
)
def test_the_date_of_a_ledger_decides_whenever_it_is_loaded(
    desk: Desk, order: tuple[int, ...], names: tuple[str, ...], titles: tuple[str, ...]
) -> None:
    values = (("东镇", "在营", 3), ("西镇", "停业", 2), ("南街道", "注销", 1))
    for number in order:
        desk.load(firm(desk, names[number], *values[number], title=titles[number]))
    assert said(desk) == values[2]
    assert len(desk.reviews()) == 3
    assert "数据日期 2026-06-30" in desk.reviews()[0]["evidence_for"]


def test_the_date_of_a_folder_decides(desk: Desk) -> None:
    for folder, members in (("县/2026年上半年", 5), ("县/2026年一季度", 4), ("县/2025年", 3)):
        firm(desk, f"{folder}/企业.csv", "东镇", "在营", members)
    desk.load(desk.folder / "县")
    assert facts(desk)["members"] == 5
    assert desk.reviews() == [], "issues of one sheet"


@pytest.mark.parametrize("late_first", [True, False])
def test_the_date_of_a_row_decides(desk: Desk, late_first: bool) -> None:
    rows = {"a": ("2026/6/30 10:00", 5), "b": ("2026年5月", 4)}
    for name in rows if late_first else reversed(rows):
        day, members = rows[name]
        desk.load(
            some(
                desk,
                f"{name}.csv",
                企业名称="一公司",
                统一社会信用代码=A,
                是否规上="是",
                正式党员数=members,
                更新日期=day,
            )
        )
    assert facts(desk)["members"] == 5
    (review,) = desk.reviews()
    assert "数据日期 2026-05-31" in review["evidence_against"]


@ON_EITHER
def test_the_issues_of_one_sheet_do_not_contradict_each_other(desk: Desk) -> None:
    for month, members in ((6, 5), (5, 4), (7, 6)):
        desk.load(firm(desk, f"非公企业台账2026年{month}月.csv", "东镇", "在营", members))
    assert facts(desk)["members"] == 6
    assert desk.reviews() == []
    assert (
        len(desk.query("MATCH (t:SourceRow) WHERE t.ledger = 'enterprises' AND t.ended IS NULL RETURN t.id AS id")) == 1
    )


def test_an_earlier_issue_that_comes_later_changes_nothing_but_fills_what_is_blank(desk: Desk) -> None:
    desk.load(some(desk, "企业2026年6月.csv", 企业名称="一公司", 统一社会信用代码=A, 是否规上="是", 正式党员数=5))
    desk.load(
        some(
            desk,
            "企业2026年3月.csv",
            企业名称="一公司",
            统一社会信用代码=A,
            是否规上="否",
            正式党员数=4,
            所属镇街="东镇",
        )
    )
    assert (facts(desk)["members"], facts(desk)["scale"], facts(desk)["town"]) == (5, True, "东镇")


@pytest.mark.parametrize(
    ("column", "one", "other", "asked"),
    [
        ("企业名称", "一公司", "另一公司", True),
        ("企业名称", "一公司（分厂）", "一公司(分厂)", False),
        ("所属镇街", "东镇", "西镇", True),
        ("所属镇街", "东镇", "东镇人民政府", False),
        ("正式党员数", "3", "4", True),
        ("正式党员数", "3", "3人", False),
        ("党员总数", "3", "4", True),
        ("经营状态", "在营", "注销", True),
        ("经营状态", "在营", "存续", False),
        ("是否成立党组织", "是", "否", True),
        ("组建形式", "单独", "联合", True),
        ("所属党组织", "甲支部", "乙支部", True),
        ("所属党组织", "中共甲支部委员会", "甲党支部", False),
        ("从业人员数量", "3", "4", False),
        ("经营地址", "某路1号", "某路2号", False),
        ("正式党员数", "3", "", False),
    ],
)
@pytest.mark.parametrize("lines", [True, False])
def test_what_is_asked_about(
    tmp_path: Path, divided_store: Path, column: str, one: str, other: str, asked: bool, lines: bool
) -> None:
    desk = Desk(tmp_path, divided_store)
    header = dict.fromkeys(("企业名称", "统一社会信用代码", "是否规上", column))
    rows = [
        [{"企业名称": "一公司", "统一社会信用代码": A, "是否规上": "是", column: v}[c] for c in header]
        for v in (one, other)
    ]
    if lines:
        desk.load(sheet(desk, "企业.csv", *rows, header=tuple(header)))
    else:
        desk.load(*(sheet(desk, f"{n}.csv", row, header=tuple(header)) for n, row in enumerate(rows)))
    # two names under one code are two records, see loaders.match.assigning
    kind = "lookalike" if column == "企业名称" else "contradiction"
    assert [r["kind"] for r in desk.reviews() if r["kind"] in ("lookalike", "contradiction")] == [kind] * asked


@pytest.mark.parametrize(
    ("header", "one", "other"),
    [
        ("党组织全称,行政区划,届满日期", "一支部,东镇,2026-06-30", "一支部,东镇,2027-06-30"),
        ("党组织全称,行政区划,党组织编码,正式党员数", "一支部,东镇,0101,3", "一支部,东镇,0101,4"),
        ("党组织全称,行政区划,党组织编码", "一支部,东镇,0101", "一支部,西镇,0101"),
        ("指导员姓名,工作单位,指导企业,任期止", "指导员甲,某局,一公司,2026-06-30", "指导员甲,某局,一公司,2027-06-30"),
        ("指导员姓名,工作单位,指导企业,任期起,任期止", "指导员甲,某局,一公司,2025-01-01,2027-06-30", "指导员甲,某局,一公司,2026-01-01,2027-06-30"),
        ("指导员姓名,工作单位,在岗状态", "指导员甲,某局,在岗", "指导员甲,某局,退休"),
        ("甲方,乙方,签约日期", "一公司,二公司,2026-01-01", "一公司,二公司,2026-02-01"),
    ],
)  # fmt: skip
def test_what_is_asked_about_in_other_ledgers(desk: Desk, header: str, one: str, other: str) -> None:
    desk.load(desk.units("企业.csv", ("一公司", A, "东镇", 5), ("二公司", B, "东镇", 5)))
    desk.load(desk.csv("一.csv", f"{header}\n{one}\n"), desk.csv("二.csv", f"{header}\n{other}\n"))
    assert [r["kind"] for r in desk.reviews() if r["kind"] != "dangling"] == ["contradiction"]


def test_one_name_under_two_superiors_is_two_organizations_and_asked_about(desk: Desk) -> None:
    rows = [f"党组织全称,行政区划,上级党组织名称\n一支部,东镇,{superior}\n" for superior in ("甲党委", "乙党委")]
    desk.load(desk.csv("一.csv", rows[0]), desk.csv("二.csv", rows[1]))
    assert [r["kind"] for r in desk.reviews() if r["kind"] != "dangling"] == ["lookalike"]


@ON_EITHER
def test_ledgers_of_another_rank_contradict_too(desk: Desk) -> None:
    society = desk.csv("社会组织.csv", f"社会组织名称,统一社会信用代码,登记机关,正式党员数\n一公司,{A},某局,7\n")
    desk.load(society, some(desk, "企业.csv", 企业名称="一公司", 统一社会信用代码=A, 是否规上="是", 正式党员数=4))
    assert facts(desk)["members"] == 4, "the better ledger"
    assert [r["kind"] for r in desk.reviews()] == ["contradiction"]


def test_records_that_people_merged_differ_in_name_and_place(desk: Desk) -> None:
    desk.load(desk.units("企业.csv", ("甲县样例公司", A, "东镇", 5), ("样例公司", "", "西镇", 5)))
    (review,) = desk.reviews()
    desk.load(desk.decide("核实.xlsx", (review["id"], "合并")))
    assert desk.reviews() == []


# -- the same store however it is loaded ---------------------------------------------------------------

COLUMNS = {
    "所属镇街": ["东镇", "西镇", ""],
    "经营状态": ["在营", "注销", ""],
    "正式党员数": ["1", "3", ""],
    "从业人员数量": ["5", "60", ""],
    "是否成立党组织": ["是", "否", ""],
    "组建形式": ["单独", "联合", ""],
    "党建指导员": ["指导员甲", "指导员乙", ""],
}
#: what a row states of a firm does not touch another, so an example is as many as it has firms
FIRMS = [(f"{n}公司", credit_code(number)) for number, n in enumerate("一二三四五六", 1)]
cells = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in COLUMNS.items()})
ledger = st.tuples(
    st.sets(st.sampled_from(list(COLUMNS)), min_size=1),
    st.lists(cells, min_size=len(FIRMS) - 1, max_size=len(FIRMS)),
    st.integers(1, 9),
)
quick = settings(
    max_examples=5, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def write(desk: Desk, number: int, one: Any) -> Path:
    """A ledger of these columns, dated in the name of its file."""
    columns, rows, month = one
    chosen = [name for name in COLUMNS if name in columns]
    lines = [(*FIRMS[n], "是", *(row[name] for name in chosen)) for n, row in enumerate(rows)]
    header = ("企业名称", "统一社会信用代码", "是否规上", *chosen)
    return sheet(desk, f"{'甲乙丙'[number]}2026-0{month}.csv", *lines, header=header)


def whole(desk: Desk) -> Any:
    """Everything that the graph says and asks."""
    edges = {
        f"{a} {edge.name} {b}": desk.query(
            f"MATCH (x:{a})-[e:{edge.name}]->(y:{b}) RETURN x.id AS x, y.id AS y, e.key AS key"
            + "".join(f", e.{name} AS {name}" for name in edge.properties)
            + " ORDER BY key"
        )
        for edge in load_ontology().edges.values()
        for a, b in edge.ends
        if edge.name in ("COVERS", "GUIDES", "LOCATED_IN")
    }
    reviews = sorted((r["id"], r["evidence_for"], r["evidence_against"]) for r in desk.reviews())
    return desk.everything(), edges, reviews


@quick
@given(st.lists(ledger, min_size=2, max_size=3, unique_by=lambda one: one[2]), st.randoms(use_true_random=False))
def test_any_order_and_any_number_of_loads_give_the_same(
    tmp_path_factory: pytest.TempPathFactory, divided_store: Path, ledgers: list[Any], random: Any
) -> None:
    states = []
    for together in (True, False):
        desk = Desk(tmp_path_factory.mktemp("order"), divided_store)
        paths = [write(desk, number, one) for number, one in enumerate(ledgers)]
        random.shuffle(paths)
        for some_paths in [paths] if together else [[path] for path in paths]:
            desk.load(*some_paths)
        states.append(whole(desk))
        desk.store.close()
    assert states[0] == states[1]


@quick
@given(
    st.lists(cells, min_size=len(FIRMS), max_size=len(FIRMS)),
    st.sets(st.sampled_from(list(COLUMNS)), min_size=1),
    st.booleans(),
)
def test_some_of_the_columns_again_change_nothing(
    tmp_path_factory: pytest.TempPathFactory, divided_store: Path, rows: list[Any], columns: set[str], same_file: bool
) -> None:
    desk = Desk(tmp_path_factory.mktemp("again"), divided_store)
    desk.load(write(desk, 0, (set(COLUMNS), rows, 1)))
    before, revision = whole(desk), desk.revision
    again = desk.load(write(desk, 0 if same_file else 1, (columns, rows, 1)))
    assert (whole(desk), desk.revision) == (before, revision)
    assert (only(again).unchanged, only(again).changes) == (len(FIRMS), ())
    desk.store.close()


@ON_EITHER
def test_order_and_columns_on_either_engine(desk: Desk) -> None:
    full = sheet(desk, "企业2026-05.csv", FULL)
    part = some(desk, "回填2026-06.csv", 企业名称="一公司", 统一社会信用代码=A, 是否规上="否", 正式党员数=5)
    desk.load(part)
    desk.load(full)
    late = whole(desk)
    assert facts(desk) == STATED | {"members": 5, "scale": False}
    desk.undo()
    desk.undo()
    desk.load(full)
    desk.load(part)
    assert whole(desk) == late
    desk.load(some(desk, "回填2026-06.csv", 企业名称="一公司", 统一社会信用代码=A, 是否规上="否"))
    assert whole(desk) == late
    assert HEADER[0] == "企业名称"


# -- dates and names of ledgers --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("非公企业台账（截至2026年3月31日）", "2026-03-31"),
        ("2026年3月非公企业台账", "2026-03-31"),
        ("企业2026-06-15", "2026-06-15"),
        ("企业2026.6", "2026-06-30"),
        ("企业_20260615", "2026-06-15"),
        ("企业202606", "2026-06-30"),
        ("2026年第一季度", "2026-03-31"),
        ("2026年上半年", "2026-06-30"),
        ("2025年度台账", "2025-12-31"),
        ("2024年2月底", "2024-02-29"),
        ("２０２６年３月", "2026-03-31"),
        ("企业台账", None),
        ("企业台账3月", None),
        ("信用代码91990001000000001", None),
        ("1200家企业", None),
    ],
)
def test_the_date_of_a_text(text: str, day: str | None) -> None:
    assert dated([text]) == (dt.date.fromisoformat(day) if day else None)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("企业2026年5月.xlsx", "企业2026年6月.xlsx", True),
        ("2026上半年/企业.xlsx", "2026下半年/企业.xlsx", True),
        ("企业（5月）.xlsx", "企业(6月).xls", True),
        ("企业20260501.csv", "企业.csv", True),
        ("东镇/企业.xlsx", "西镇/企业.xlsx", False),
        ("企业.xlsx", "企业2.xlsx", False),
    ],
)
def test_the_issues_of_a_sheet(one: str, other: str, same: bool) -> None:
    assert (series(one, "表") == series(other, "表")) is same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("甲县非公企业台账（2026年6月）", "非公企业名单", True),
        ("非公有制企业党建工作台账", "非公企业", True),
        ("小个专台账", "非公企业台账", False),
        ("规上企业台账", "企业台账", False),
    ],
)
def test_what_a_ledger_calls_itself(one: str, other: str, same: bool) -> None:
    assert (listing_key(one, ["甲县"]) == listing_key(other, ["甲县"])) is same
