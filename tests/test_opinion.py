"""The rules beside pandas over the same workbooks: random counties, random corrections of their ledgers, random days."""

from __future__ import annotations

import datetime as dt
import random
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from graph.ontology import load as load_ontology
from graph.rules.book import book
from graph.rules.inquiry import Inquiry
from graph.stores.base import Store
from graph.workbook import Cell, Sheet, Workbook
from loaders.pipeline import LoadRequest, load
from loaders.sample import REFERENCE_DATE, generate
from tests import opinion
from tests.loaders.desk import FEW
from tests.opinion import agreement
from tests.places import Place
from tests.test_planted import SET
from visualizations.sheets import writing

#: stands for what another row has in the column
OTHER = "另一行的"
#: stands for a day near one on which something begins or ends, or none
DAY = "某日"
NEAR = (-400, -184, -182, -181, -92, -90, -1, 0, 1, 90, 181, 183, 184)
DAYS: tuple[Cell, ...] = (DAY,)
YES: tuple[Cell, ...] = ("是", "否")
_UNIT: dict[str, tuple[Cell, ...]] = {
    "正式党员数": (None, 0, 1, 2, 3, 7),
    "组织关系在非公企业的党员": (None, 0, 2, 3),
    "组织关系在本单位的党员": (None, 0, 3),
    "组织关系不在非公企业的党员总数": (None, 0, 1, 3),
    "未转入党员数": (None, 0, 1, 3),
    "从业中共党员数": (None, 0, 3),
    "从业人员数量": (None, 49, 50, 99, 100),
    "总数": (None, 49, 50, 99, 100),
    "从业人数": (None, 49, 50, 99, 100),
    "经营状态": ("在营", "停业", "注销"),
    "企业性质": ("非公", "公有控股"),
    "是否规模以上企业": YES,
    "是否重点": YES,
    "是否选派党建工作指导员或联络员": YES,
    "是否成立党组织": YES,
    "是否建立党组织": YES,
    "单独": (None, "√"),
    "联合": (None, "√"),
    "组建方式": (None, "单独", "联合"),
    "所属党组织名称": (None, OTHER),
    "所在园区/商务楼宇名称": (None, OTHER),
    "是否在孵": YES,
    "专（兼）职党务工作者数": (None, 0, 1),
}
#: what an office may write into a cell instead, by sheet and column
CELLS: dict[str, dict[str, tuple[Cell, ...]]] = {
    "非公企业台账": _UNIT,
    "社会组织台账": _UNIT,
    "小个专台账": {"经营状态": _UNIT["经营状态"], "是否成立党组织": YES, "正式党员数": (None, 0, 3)},
    "党组织": {
        "党组织类别": (
            "党支部",
            "联合党支部",
            "党总支",
            "党委",
            "临时党支部",
            "功能型党支部",
            "产业链党委",
            "联盟党委",
        ),
        "上级党组织名称": (None, OTHER),
        "党组织书记": (None,),
        "起始日期": (None, OTHER),
        "届满日期": DAYS,
        "任期年限": (None, 3),
        "正式党员数": (None, 0, 2, 3, 6, 7, 50, 51, 101),
        "预备党员数": (None, 0, 1, 50),
        "支委会委员数": (None, 0, 2, 3, 7, 8),
        "法人单位统一社会信用代码": (None, OTHER),
        "所在园区/商务楼宇名称": (None, OTHER),
    },
    "党建指导员": {
        "指导企业": (None, OTHER),
        "任期起": DAYS,
        "任期止": DAYS,
        "最近走访": DAYS,
        "可联系数": (None, 1, 2),
        "角色": (None, "指导员", "联络员", "乡村振兴指导员"),
        "在岗状态": (None, "在岗", "调离", "退休"),
    },
    "产业链名单": {"“链主”企业名称": (OTHER,), "是否重点": YES},
    "链上企业": {"企业": (OTHER,), "角色": ("链主", "成员", "链主企业")},
    "产业链党委": {"党组织": (OTHER,), "角色": ("产业链党委", "牵头部门党组织", "成员")},
    "村（社区）情况": {
        "类别": ("一般村", "脱贫村", "乡村振兴重点村", "涉农社区"),
        "是否软弱涣散党组织": YES,
        "收入（万元）": (None, 4, 5, 19, 20),
        "经营性收入（万元）": (None, 4, 5),
    },
    "组织生活记录": {
        "党组织": (OTHER,),
        "类别": ("党员大会", "支委会", "主题党日", "党课", "组织生活会", "民主评议党员", "组织生活会、民主评议党员"),
        "主题": (None, "组织生活会暨民主评议党员大会"),
        "日期": DAYS,
    },
    "结对": {"甲方党组织": (OTHER,), "乙方党组织": (OTHER,), "签约日期": DAYS, "最近活动日期": DAYS},
    "结对单位": {"单位类别": ("机关", "国企", "民企"), "单位层级": (None, "县级", "镇级")},
    "联村领导": {"领导层级": (None, "县级", "镇级"), "联系村（社区）": (OTHER,), "联系起": DAYS},
    "驻村工作队": {"驻点村（社区）": (OTHER,), "驻村起": DAYS},
    "联组名单": {"专干": (None,)},
    "联组编组": {"联组": (OTHER,), "角色": (None, "组长单位", "副组长单位", "成员")},
    "诉求": {"当前进展": (None, "办理中", "已办结"), "解决时限": DAYS, "匹配资源": (None, OTHER)},
    "阵地": {
        "所在园区/商务楼宇名称": (None, OTHER),
        "所属党组织名称": (None, OTHER),
        "验收等级": (None, "一类", "未达标"),
    },
    "网格联户": {
        "户数": (None, 300, 1500),
        "联户人员数": (None, 20, 100),
        "上月沟通户数": (None, 300, 1500),
        "上季走访户数": (None, 300, 1500),
    },
}
_NAMES = ("企业名称", "社会组织名称", "单位名称")


def corrected(sheet: Sheet, as_of: dt.date, rnd: random.Random) -> Sheet:
    """The sheet with one cell changed in a tenth of its rows, and every fiftieth row left out.

    Rows of a unit that is listed twice stay: which of two that differ counts is a matter of its own.
    """
    rows = [list(row) for row in sheet.rows]
    first = sheet.header_rows
    choices = {at: CELLS[sheet.name][name] for at, name in _columns(rows[2:first]).items() if name in CELLS[sheet.name]}
    named = [at for at, name in _columns(rows[2:first]).items() if name in _NAMES]
    times = Counter(row[at] for row in rows for at in named)
    records = [row for row in rows[first:] if row[0] != "合计"]
    kept = []
    for row in records:
        if all(times[row[at]] == 1 for at in named):
            if rnd.random() < 0.02:
                continue
            if rnd.random() < 0.1:
                at = rnd.choice(sorted(choices))
                value = rnd.choice(choices[at])
                row[at] = {OTHER: rnd.choice(records)[at], DAY: _day(as_of, rnd)}.get(str(value), value)
        kept.append(row)
    total = [row for row in rows[first:] if row[0] == "合计"]
    return Sheet(sheet.name, [*rows[:first], *kept, *total], sheet.merges, sheet.hidden, first, sheet.widths)


def _day(as_of: dt.date, rnd: random.Random) -> Cell:
    """A day near `as_of` or what is counted from it; often the first or the last of a month."""
    day = as_of + dt.timedelta(rnd.choice(NEAR))
    first = day.replace(day=1)
    return rnd.choice((None, day, first, first - dt.timedelta(1)))


def _columns(header: Sequence[Sequence[Cell]]) -> dict[int, str]:
    """The lowest name of each column."""
    return {at: [str(name) for name in names if name][-1] for at, names in enumerate(zip(*header, strict=True))}


def written(place: str, units: int, seed: int, as_of: dt.date, folder: Path) -> None:
    """The ledgers of a county of so many units, corrected here and there."""
    rnd = random.Random(seed)
    for workbook in generate(place, units=units, seed=seed):
        path = folder / workbook.name
        path.parent.mkdir(exist_ok=True)
        made = [corrected(sheet, as_of, rnd) if sheet.name in CELLS else sheet for sheet in workbook.sheets]
        writing.write(Workbook(workbook.name, made, workbook.encoding), path)


@pytest.mark.parametrize("county", ["丁市", "丙县", "戊街道"])
@settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(units=st.integers(100, 260), seed=st.integers(0, 999), days=st.integers(-200, 400))
def test_every_rule_finds_what_pandas_finds(place: Place, county: str, units: int, seed: int, days: int) -> None:
    as_of = REFERENCE_DATE + dt.timedelta(days)
    if not place.engine.file:
        place.empty()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        written(county, units, seed, as_of, folder)
        store = _opened(place, folder)
        try:
            load(store, LoadRequest([folder / county], SET, author="测试", book=FEW, division=county))
            context = Inquiry(as_of, SET, load_ontology(), book=book())
            with store.reader() as reader:
                agreement.agree(reader, folder / county, context)
        finally:
            store.close()


def _opened(place: Place, folder: Path) -> Store:
    """A store of the example's own: hypothesis asks many times within one test."""
    if place.engine.file:
        place = Place(str(folder / "store.lbug"))
    return place.open()


def test_it_is_the_same_with_the_days_as_they_are_spelled() -> None:
    spelled = (dt.datetime(2026, 6, 30), "2026-06-30", "20260630", "2026年6月30日", "2026/6/30", 46203)
    assert {opinion.day(value) for value in spelled} == {dt.date(2026, 6, 30)}
    assert opinion.day("2026-13-45") is None


@pytest.mark.parametrize(
    ("graph", "pandas", "mend"),
    [
        (("one", "two"), ("one",), r"\['two'\]: add a function of that name to a module of tests/opinion"),
        (("one",), ("one", "two"), r"\['two'\]: no such rule; take the function out of its module of tests/opinion"),
    ],
)
def test_a_rule_without_a_second_opinion_is_named_with_the_mend(
    graph: tuple[str, ...], pandas: tuple[str, ...], mend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    none = opinion.Outcome([], [])
    monkeypatch.setattr(agreement, "_of_graph", lambda reader, context: dict.fromkeys(graph, none))
    monkeypatch.setattr(agreement, "_of_pandas", lambda folder, context: dict.fromkeys(pandas, none))
    context = Inquiry(REFERENCE_DATE, SET, load_ontology(), book=book())
    with pytest.raises(AssertionError, match=mend):
        agreement.agree(None, Path(), context)  # type: ignore[arg-type]
