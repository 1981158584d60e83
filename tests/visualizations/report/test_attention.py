"""Which divisions a report asks to look at first, and for what."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from graph.answers import Answer, Column, rate
from graph.ontology import load
from tests.visualizations.conftest import DAY
from visualizations.report.attention import EACH, attention
from visualizations.report.report import ReportInput, report


def overview(*towns: tuple[str, int, float | None]) -> Answer:
    rows: list[dict[str, Any]] = [
        {"division": name, "division_id": f"r{i}" if name != "未落地" else "", "high": high, "org_coverage_企业": share}
        | {"rest": name == "甲市本级"}
        for i, (name, high, share) in enumerate(towns)
    ]
    columns = (
        Column("division", "区划"),
        Column("org_coverage_企业", "非公企业组织覆盖率", "percent", aspect="organization", role="coverage"),
        Column("high", "问题（高）", "integer", "项"),
    )
    total = rate("org_coverage_企业", "非公企业组织覆盖率", 70, 100, "实体运营非公企业")
    return Answer("overview", "总览", DAY, 1, columns, tuple(rows), totals=(total,))


def test_each_is_named_for_its_reasons_the_most_first() -> None:
    columns, rows = attention(
        overview(("甲镇", 0, 0.9), ("乙镇", 3, 0.7), ("丙镇", 9, 0.2), ("丁镇", 0, 0.69), ("戊镇", 0, None))
    )
    assert [c.name for c in columns] == ["division", "org_coverage_企业", "high", "reasons"]
    assert [(r["division"], r["reasons"]) for r in rows] == [
        ("丙镇", "严重程度高的问题 9 项，居前；非公企业组织覆盖率 20.0%，低于全域 70.0%"),
        ("乙镇", "严重程度高的问题 3 项，居前"),
        ("丁镇", "非公企业组织覆盖率 69.0%，低于全域 70.0%"),
    ]


def test_no_more_than_a_few_for_one_reason_and_no_row_that_is_no_town() -> None:
    towns = [(f"镇{i}", i, 0.9) for i in range(12)]
    assert len(attention(overview(*towns))[1]) == EACH
    assert attention(overview(("未落地", 9, 0.1), ("甲市本级", 9, 0.1), ("甲镇", 0, 0.8))) == ([], [])


def test_the_report_has_both_and_calls_no_one_the_worst(county: ReportInput) -> None:
    made = report(replace(county, overview=overview(("丙镇", 9, 0.2)), network=None), load())
    assert '<h3 id="attention">需重点关注的镇街</h3>' in made
    assert "严重程度高的问题 9 项，居前" in made
    assert '<section id="deadlines">' in made
    due = made.partition('<section id="deadlines">')[2].partition("</section>")[0]
    # those of a kind together, however many come before them in date
    assert [part.partition("<")[0] for part in due.split("<caption>")[1:]] == ["换届", "派驻到期"]
    assert due.count("<tr>") == 2 + 9 + 20
    assert "另有 7 条" in due
    assert "最差" not in made
    assert 'id="attention"' not in report(replace(county, overview=overview(("甲镇", 0, 0.9)), network=None), load())
