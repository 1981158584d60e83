"""Where figures stand on a page, and how the columns of wide tables are headed."""

from __future__ import annotations

from dataclasses import replace

from graph.answers import Column, Total, rate
from graph.ontology import load
from tests.visualizations.conftest import listing
from visualizations.html.figures import figures, sentences
from visualizations.html.markup import Site
from visualizations.html.tables import breakable, filled, fits, headings
from visualizations.pages.page import page
from visualizations.report.report import ReportInput, report
from visualizations.sheets.writing import answer_csv
from visualizations.show import moment

BASES = {"企业": ("非公企业", "实体运营非公企业", 10), "社会组织": ("社会组织", "社会组织", 4)}
STATES = {"单独组建": 1, "应建未建": 3}


def overview() -> list[Total]:
    totals = [Total("units", "两新组织", 14, "家"), Total("pairs", "结对", 3, "对")]
    for kind, (name, base, n) in BASES.items():
        totals += [
            rate(f"org_coverage_{kind}", f"{name}组织覆盖率", 1, n, base, role="coverage"),
            rate(f"work_coverage_{kind}", f"{name}工作覆盖率", 2, n, base, role="coverage"),
            rate(f"should_exist_{kind}", f"{name}应建组建率", 0, 3, f"{base}中达到应建标准的单位"),
            *(
                Total(
                    f"org_{s}_{kind}", f"{name}的{s}", v, "家", None, n, base,
                    group=name, aspect="organization", state=s, role="state",
                )
                for s, v in STATES.items()
            ),
            Total(f"not_applicable_{kind}", f"{name}不适用", 0, "家", role="outside"),
        ]  # fmt: skip
    return totals


def test_every_figure_stands_in_one_place_and_kinds_are_rows_never_added() -> None:
    totals = overview()
    found = figures(totals)
    assert [t.name for t in found.counts] == ["units", "pairs"]
    assert [t.name for t in found.rates] == [f"{r}_{k}" for k in BASES for r in ("org_coverage", "work_coverage")]
    (made,) = found.compositions
    assert (made.caption, made.states) == ("组织覆盖", tuple(STATES))
    assert [(kind, size, base) for kind, _, size, base in made.rows] == [
        (name, n, base) for name, base, n in BASES.values()
    ]
    divided = [t for _, states, _, _ in made.rows for t in states]
    placed = [*found.counts, *found.rates, *found.others, *found.outside, *divided]
    assert sorted(t.name for t in placed) == sorted(t.name for t in totals)
    assert [t.name for t in found.others] == [f"should_exist_{k}" for k in BASES]


def test_few_figures_all_stand_large() -> None:
    totals = listing().totals
    found = figures(totals)
    assert (*found.counts, *found.rates) == totals
    assert not found.others


def test_figures_in_few_lines_keep_their_denominators() -> None:
    told = dict(sentences(overview()))
    assert told[""] == "两新组织 14 家，结对 3 对，非公企业不适用 0 家，社会组织不适用 0 家"
    assert told["实体运营非公企业 10"] == "非公企业组织覆盖率 10.0%（1），非公企业工作覆盖率 20.0%（2）"
    assert told["非公企业组织覆盖"] == "单独组建 1，应建未建 3；合计 10（实体运营非公企业）"


def test_a_rate_of_which_nothing_is_decided_has_no_numerator_in_words() -> None:
    undecided = (
        rate("r", "组织覆盖率", 0, 278, "三有企业", unverified=278),
        Total("n", "待核实", 278, "家", None, 278, "三有企业"),
    )
    assert dict(sentences(undecided)) == {"三有企业 278": "组织覆盖率 无法计算（278 待核实），待核实 278 家"}


def wide() -> tuple[Column, ...]:
    return (
        Column("division", "区划", link=("Region", "division_id")),
        Column(
            "units_企业", "非公企业数（实体运营非公企业）", "integer", "家",
            group="非公企业", short="单位数", base="实体运营非公企业",
        ),
        Column("org_coverage_企业", "非公企业组织覆盖率", "percent", group="非公企业", short="组织覆盖率"),
        Column("high", "问题（高）", "integer", "项", group="问题", short="高", level="high"),
        Column("medium", "问题（中）", "integer", "项", group="问题", short="中", level="medium"),
    )  # fmt: skip


def test_what_headings_share_is_said_once() -> None:
    found = [(h.label, h.labels) for h in headings(wide())]
    assert found == [
        ("", ("区划",)),
        ("非公企业（口径：实体运营非公企业；单位：家）", ("单位数", "组织覆盖率")),
        ("问题（单位：项）", ("高", "中")),
    ]
    assert breakable("组织覆盖率") == "组织覆盖<wbr>率"
    assert breakable("在<岗数（家）") == "在&lt;岗数<wbr>（家）"


def test_columns_are_as_wide_as_what_they_hold() -> None:
    columns = [Column(n, n) for n in ("code", "name", "text", "none")]
    rows = [{"code": "2026-11-22 23:03", "name": "某" * 20, "text": "某" * 40, "none": None}]
    assert fits(columns, rows) == {"code": "short", "name": "medium", "text": "wide", "none": "short"}
    assert [c.name for c in filled(columns, rows)] == ["code", "name", "text"]


def test_a_division_leads_to_the_same_answer_for_it() -> None:
    row = {"division": "甲镇", "division_id": "r0123456789abcdef", "units_企业": 1, "org_coverage_企业": 1.0}
    region = "r0123456789abcdef"
    answer = replace(listing(), columns=wide(), rows=(row,), parameters={"region": region}, within={"region": "甲镇"})
    text = page(answer, Site((), "/answers/overview", "n"), load())
    assert '<a href="/answers/overview?region=r0123456789abcdef">甲镇</a>' in text
    assert "区划：甲镇" in text
    assert text.count("<thead><tr>") == 1
    assert 'colspan="2">非公企业' in text


def test_codes_and_moments_leave_in_words() -> None:
    columns = (Column("severity", "严重程度", role="severity"), Column("at", "时间"))
    at = "2026-11-22T23:03:24+00:00"
    text = answer_csv(replace(listing(), columns=columns, rows=({"severity": "high", "at": at},))).decode("utf-8-sig")
    assert text == f"严重程度,时间\r\n高,{moment(at)}\r\n"
    assert moment(at)[13:] == ":03"
    assert moment("丁市") == "丁市"


def test_loads_are_told_in_columns_that_fit(county: ReportInput) -> None:
    columns = (Column("number", "版本", "integer"), Column("author", "操作人"), Column("files", "文件", "strings"))
    rows = ({"number": 1, "author": "（姓名已隐藏）", "files": ["甲.xlsx", "乙.xlsx"]},)
    text = report(replace(county, network=None, loads=replace(county.loads, columns=columns, rows=rows)), load())
    loads = text[text.index('id="loads"') :]
    assert "文件数" in loads
    assert "甲.xlsx" not in loads
    assert "操作人" not in loads


def test_the_report_says_of_each_kind_once_what_its_table_is_about(county: ReportInput) -> None:
    row = {"division": "甲镇", "division_id": "r1", "units_企业": 1, "org_coverage_企业": 1.0, "high": 0, "medium": 0}
    overview = replace(county.overview, columns=wide(), rows=(row,))
    made = report(replace(county, overview=overview, network=None), load())
    assert "<caption>分区划情况：非公企业（口径：实体运营非公企业；单位：家）</caption>" in made
    table = made[made.index("<caption>分区划情况：") :].partition("</table>")[0]
    assert 'class="group"' not in table
    assert all(label in table for label in ("单位数", "组织覆盖"))
    assert "问题（" not in table
