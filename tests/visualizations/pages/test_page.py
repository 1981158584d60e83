"""Pages, single files, errors and charts as text; what a browser makes of them is in test_browser.py."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

from graph.answers import Column
from graph.ontology import load
from tests.visualizations.conftest import DAY, HOSTILE, Elements, listing, subgraph
from visualizations.html.markup import Site
from visualizations.pages.links import href
from visualizations.pages.page import error_page, page, single_file
from visualizations.report import charts
from visualizations.report.report import ReportInput, report

ONTOLOGY = load()
SITE = Site([("/", "总览", "z"), ("/answers/gaps", "问题清单", "w")], "/answers/gaps", "n0nce")


def shown(**changes: object) -> str:
    return page(replace(listing(), **changes), SITE, ONTOLOGY)  # type: ignore[arg-type]


def test_everything_from_a_ledger_is_escaped() -> None:
    for text in (
        shown(title=HOSTILE[2], notes=HOSTILE, basis=HOSTILE, cypher=HOSTILE),
        single_file(listing(), ONTOLOGY),
    ):
        assert "<script>alert" not in text
        assert "<img" not in text
        assert "{{7*7}}" in text
        assert Elements(text).handlers() == []
        assert "𠮷田𠮷" in text
    assert "<x>" not in error_page(404, "没有找到", "没有“<x>”", SITE, "e1")
    assert "e1" in error_page(404, "a", "b", SITE, "e1")


def test_the_url_is_the_whole_state() -> None:
    state = {"region": "丁市", "sort": "staff", "page": 2, "size": 20, "top": 5}
    text = shown(parameters=state, of_rows=60)
    assert (
        '<a rel="prev" href="/answers/gaps?region=%E4%B8%81%E5%B8%82&amp;sort=staff&amp;page=1&amp;size=20&amp;top=5"'
        in text
    )
    assert "第 2 页，共 3 页，60 行" in text
    assert 'aria-sort="ascending"' in text
    assert "sort=-staff" in text
    assert "/answers/gaps.csv?region=%E4%B8%81%E5%B8%82&amp;sort=staff&amp;top=5" in text
    filters, choosing = (
        re.findall(r'<input type="hidden" name="(\w+)" value="(\w+)">', form) for form in text.split("<form")[1:]
    )
    assert filters == [("sort", "staff"), ("size", "20"), ("top", "5")]
    assert choosing == [("region", "丁市"), *filters]
    assert 'name="region" value="丁市"' in text


def test_cells_lead_to_answers_and_a_file_leads_nowhere() -> None:
    text = shown()
    assert '<a href="/units/u3">' in text
    assert 'aria-current="page"' in text
    alone = single_file(listing(), ONTOLOGY)
    assert "<form" not in alone
    assert 'href="/' not in alone
    assert "form-action 'none'" in alone.replace("&#39;", "'")


def test_links_by_type_prefix_or_name() -> None:
    def to(kind: str, target: str | None) -> str:
        return href({"x": target}, Column("a", "a", link=(kind, "x")), ONTOLOGY)

    assert to("PartyOrg", "o1") == "/orgs/o1"
    assert to("*", "o1") == "/orgs/o1"
    assert to("*", "u1") == "/units/u1"
    assert to("Rule", "term_overdue") == "/answers/term_overdue"
    assert to("Rule", "a/b?") == "/answers/a%2Fb%3F"
    assert to("Region", "r1") == "/regions/r1"
    assert to("GuidanceOfficer", "g1") == "/officers/g1"
    assert to("*", "n1") == "/partners/n1"
    assert to("Leader", "l1") == ""
    assert to("Unit", None) == ""


def test_figures_have_parts_tables_have_headings_and_blanks_are_named() -> None:
    text = shown()
    assert "1,947" in text
    assert "1,948" in text
    assert "99.9%" in text
    assert "分母：口径内正式党员3名以上的单位" in text
    assert 'scope="col"' in text
    assert "<caption>" in text
    assert 'title="未填报">—' in text
    assert "演示数据" not in text
    assert "演示数据·虚构" in single_file(listing(), ONTOLOGY, fictional=True)


def test_chart_text_is_text_and_nothing_outside_is_needed() -> None:
    rows = [
        {"division_id": f"r{i}", "division": name, "severity": "high", "findings": i + 1}
        for i, name in enumerate((*HOSTILE[:5], "甲镇"))
    ]
    rows += [
        {"division_id": "r5", "division": "甲镇", "severity": "warn", "findings": 4},
        {"division_id": "r6", "division": "乙镇", "severity": "warn", "findings": 0},
    ]
    drawn = charts.problems(charts.by_division(rows))
    tree = ElementTree.fromstring(drawn)
    texts = [t.text for t in tree.iter("{http://www.w3.org/2000/svg}text")]
    assert "甲镇" in texts
    assert "10" in texts
    assert HOSTILE[0] in texts
    assert "乙镇" not in texts
    assert tree[0].text == "各镇街问题数（按严重程度）"
    assert "甲镇 10 个" in str(tree[1].text)
    assert not re.search(r"href|url\(http|<image|<script", drawn)
    assert charts.by_division(rows)[0].name == "甲镇"


def test_divisions_of_the_same_name_are_counted_and_drawn_apart(county: ReportInput) -> None:
    rows = tuple(
        {"division_id": f"r{i}", "division": "城关镇", "severity": "high", "findings": n}
        for i, n in enumerate((41, 37))
    )
    assert [(p.name, p.total) for p in charts.by_division(rows)] == [("城关镇", 41), ("城关镇", 37)]
    text = report(replace(county, network=None, gaps=replace(county.gaps, rows=rows)), ONTOLOGY)
    chart = text.partition("<svg")[2].partition("</svg>")[0]
    assert chart.count(">城关镇</text>") == 2
    assert ">41</text>" in chart
    assert ">37</text>" in chart
    assert ">78</text>" not in chart
    assert text.count('<tr><th scope="row">城关镇</th>') == 2


def test_report_without_findings_or_network(county: ReportInput) -> None:
    empty = replace(county, network=None, lists=[], gaps=replace(county.gaps, rows=()), fictional=False)
    text = report(empty, ONTOLOGY)
    assert "所查规则均未发现问题" in text
    assert "<script" not in text
    assert "演示数据" not in text
    assert "script-src 'none'" in text.replace("&#39;", "'")


def test_report_carries_what_an_office_expects(county: ReportInput) -> None:
    text = report(county, ONTOLOGY)
    for words in (
        "内部资料",
        "非涉密系统，严禁录入涉密信息",
        "演示数据·虚构",
        "丁市两新工委",
        DAY.isoformat(),
        "实体运营非公企业",
    ):
        assert words in text
    assert "另有 110 条" in text
    assert "43.4%" in text
    assert "<b>512</b> ÷ <b>1,180</b>" in text
    assert "<script>alert" not in text
    assert Elements(text).handlers() == []
    assert len(text.encode()) < 800_000


def test_page_with_a_network_allows_only_its_own_scripts() -> None:
    text = single_file(replace(listing(), graph=subgraph(30)), ONTOLOGY)
    assert text.count("'sha256-") + text.count("&#39;sha256-") == 2
    assert "unsafe-eval" not in text
