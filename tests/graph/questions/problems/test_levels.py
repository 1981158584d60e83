"""依据层级: the level of what a rule rests on, shown beside its articles, and the choice by it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from graph.answers import Answer
from graph.errors import QuestionError
from graph.questions.glossary import glossary
from graph.rules.book import book
from graph.rules.inquiry import Inquiry
from graph.rules.rule import LEVELS, SEVERITIES


def test_problems_are_narrowed_by_the_level_of_their_basis(asked: Callable[..., Answer]) -> None:
    whole = asked("gaps")
    assert {row["level"] for row in whole.rows} > {"党内法规", "地方做法"}
    assert all(row["level"] == book().rules[row["rule"]].level for row in whole.rows)
    counted = Counter(row["level"] for row in whole.rows)
    (facet,) = [f for f in whole.facets if f.parameter == "level"]
    assert facet.label == "依据层级"
    assert {c.value: c.count for c in facet.choices} == counted
    for level in LEVELS:
        narrowed = asked("gaps", level=level)
        assert narrowed.rows == tuple(row for row in whole.rows if row["level"] == level)
        assert narrowed.total("findings").value == counted[level]
        of_rules = {t.name for t in narrowed.totals} & book().rules.keys()
        assert of_rules == {rule.id for rule in book().rules.values() if rule.level == level}
    both = asked("gaps", level="地方做法", severity="high").rows
    assert {row["rule"] for row in both} <= {"key_unit_without_officer"}


def test_the_catalogue_is_narrowed_by_level_too(asked: Callable[..., Answer]) -> None:
    rows = asked("rules").rows
    assert {row["rule"]: row["level"] for row in rows} == {r.id: r.level for r in book().rules.values()}
    local = asked("rules", level="地方做法")
    assert {row["level"] for row in local.rows} == {"地方做法"}
    (facet,) = local.facets
    assert {c.value: c.count for c in facet.choices} == Counter(row["level"] for row in rows)
    assert [c.value for c in facet.choices if c.chosen] == ["地方做法"]
    assert [row["rule"] for row in asked("rules", level="数据质量").rows] == ["org_without_superior"]


@pytest.mark.parametrize(
    ("question", "parameters"), [("rules", {"level": "地方做法"}), ("gaps", {"level": "党内法规", "kind": "企业"})]
)
def test_a_figure_of_a_narrowed_list_leads_to_its_rows(
    asked: Callable[..., Answer], question: str, parameters: dict[str, str]
) -> None:
    answer = asked(question, **parameters)
    totals = [t for t in answer.totals if t.name in SEVERITIES]
    for total in totals:
        assert total.listed
        name, narrowed = total.listed
        assert len(asked(name, **dict(narrowed)).rows) == total.value, total.label
    assert any(total.value for total in totals)


@pytest.mark.parametrize("question", ["gaps", "rules"])
@pytest.mark.parametrize("level", ["党规", "党内法规 ，", "high"])
def test_a_level_that_does_not_exist_is_refused_with_those_that_do(
    asked: Callable[..., Answer], question: str, level: str
) -> None:
    with pytest.raises(QuestionError, match=f"level 不能是“{level.strip()}”。可用：") as refused:
        asked(question, level=level)
    offered = str(refused.value).partition("可用：")[2].removesuffix("。").split("、")
    assert sorted(offered) == sorted(LEVELS), "the nearest is the first"


def test_the_level_stands_beside_the_articles(asked: Callable[..., Answer], context: Inquiry) -> None:
    assert asked("org_should_exist").basis[-1] == "层级：党内法规"
    assert any(text.endswith("（党内法规）") for text in asked("gaps", rule="org_should_exist").basis)
    why = [row for row in asked("why", unit="u5").rows if row["item"] == "依据"]
    assert {row["rule"]: row["detail"] for row in why} == {r.id: r.level for r in book().about("Unit")}
    problem = next(row for row in asked("unit", unit="u5").rows if row["item"] == "应建未建")
    assert "（党内法规）" in problem["detail"]
    terms = {term.question: term for term in glossary(book(), context.locality, context.ontology)["规则"]}
    assert terms["coverage_blank"].basis[-1] == "层级：规范性文件"
