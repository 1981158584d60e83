"""The page of one entity: what stands where, which source a fact has, and that nothing is lost or run."""

from __future__ import annotations

import html
import re
from typing import Any

from graph.answers import Answer, Column, Term
from graph.ontology import load
from tests.visualizations.conftest import DAY, HOSTILE, Elements
from visualizations.html.explanations import Explanations
from visualizations.html.markup import Site
from visualizations.pages.page import page, single_file
from visualizations.pages.profile import SHOWN, profile

ONTOLOGY = load()
COLUMNS = (
    Column("group", "分组"),
    Column("item", "项目", link=("rule", "rule")),
    Column("value", "内容", sensitivity_from="sensitivity", link=("*", "target")),
    Column("detail", "说明"),
    Column("file", "来源文件"),
    Column("sheet", "工作表"),
    Column("line", "行", "integer"),
)


def row(
    group: str, item: str, value: Any, detail: str = "", at: tuple[str, str, int] | None = None, **more: Any
) -> Any:
    file, sheet, line = at or (None, None, None)
    place = {"file": file, "sheet": sheet, "line": line}
    return {"group": group, "item": item, "value": value, "detail": detail, "target": None, **place, **more}


def problem(*texts: str, **more: Any) -> Any:
    """A row of a problem; its details are the severity, then what else is said."""
    item, value, severity, *remarks = texts
    detail = "；".join((severity, *remarks))
    return row("查出", item, value, detail, section="problems", remarks=remarks, **more)


def answer(*rows: Any, name: str = "unit") -> Answer:
    return Answer(name, "两新组织：某公司", DAY, 3, COLUMNS, rows, parameters={"unit": "u1"}, layout="profile")


OWN, OTHER = ("台账.xlsx", "企业", 7), ("产业链.xlsx", "链上企业", 18)
ROWS = (
    problem(
        "应建未建", "建议：指导成立党支部", "严重程度：高", "正式党员3名以上", "依据：党章",
        rule="org_should_exist", severity="high",
    ),
    row("覆盖情况", "组织覆盖", "应建未建", "正式党员3名以上，没有党组织覆盖", OWN, section="coverage"),
    row("基本情况", "单位名称", "某公司", at=OWN),
    row("产业链", "链上的产业链", "烟花", "环节 制造", OTHER, target="c1"),
    row("基本情况", "位于的区划", "东镇", at=OWN, target="r1", lead=True),
    row("台账", "非公企业台账", "现行", at=OWN, section="sources"),
)  # fmt: skip


def test_each_row_has_one_place_and_each_source_one_number() -> None:
    about = profile(answer(*ROWS))
    assert [r["item"] for r in about.lead] == ["位于的区划"]
    assert [r["item"] for r in about.problems] == ["应建未建"]
    assert [i.label for i in about.coverage] == ["组织覆盖"]
    assert [(group, [i.label for i in items]) for group, items in about.sections] == [
        ("基本情况", ["单位名称", "位于的区划"]),
        ("产业链", ["链上的产业链"]),
    ]
    assert [(s.number, s.file, s.line, s.about) for s in about.sources] == [
        (1, "台账.xlsx", 7, "非公企业台账（现行）"),
        (2, "产业链.xlsx", 18, ""),
    ]
    assert [about.number(r) for r in ROWS] == [0, 1, 1, 2, 1, 1]


def test_a_problem_leads_to_its_rule_and_a_fact_to_its_source() -> None:
    terms = Explanations({"规则": (Term("应建未建", "没有党组织覆盖。", remedy="指导成立党支部"),)})
    text = page(answer(*ROWS), Site((), "/answers/unit", "n", explain=terms.once()), ONTOLOGY)
    assert re.search(r'<span class="severity".*?高</span>\s*<a href="/answers/org_should_exist">应建未建</a>', text)
    assert "严重程度：高" not in text
    assert "<p>正式党员3名以上；依据：党章</p>" in text
    assert 'href="#source-2" title="产业链.xlsx · 链上企业 · 第 18 行" aria-label="来源 2"' in text
    assert '<a href="/regions/r1">东镇</a>' in text
    assert text.count('id="source-') == 2
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))


def test_long_lists_are_folded_and_lose_nothing() -> None:
    many = [row("两新组织", "覆盖的两新组织", f"第{i}家") for i in range(SHOWN + 5)]
    text = page(answer(*many, name="org"), Site((), "/answers/org", "n"), ONTOLOGY)
    assert "另有 5 项" in text
    assert all(f"第{i}家" in text for i in range(SHOWN + 5))
    assert "另有" not in page(answer(*many[: SHOWN + 1], name="org"), Site((), "/answers/org", "n"), ONTOLOGY)


def test_hostile_facts_are_text() -> None:
    rows = [row(t, t, t, t, (t, t, 1), target=t, rule=t, severity="high") for t in HOSTILE]
    rows += [
        row(t, t, t, t, (t, t, 1), severity="warn", section=section, remarks=[t])
        for t in HOSTILE
        for section in ("problems", "coverage", "reviews", "sources")
    ]
    for text in (page(answer(*rows), Site((), "/answers/unit", "n"), ONTOLOGY), single_file(answer(*rows), ONTOLOGY)):
        assert "<script>alert" not in text
        assert "<img" not in text
        assert Elements(text).handlers() == []
        assert all(t in html.unescape(text) for t in HOSTILE)


def test_a_file_of_a_profile_leads_nowhere_but_to_its_own_sources() -> None:
    text = single_file(answer(*ROWS), ONTOLOGY)
    assert set(re.findall(r'href="([^"]*)"', text)) <= {"#main", "data:,", "#source-1", "#source-2"}
    assert "第 18 行" in text
