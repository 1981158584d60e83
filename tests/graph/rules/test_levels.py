"""Each rule of the product states the level of what it rests on, and its severity follows it."""

from __future__ import annotations

import pytest

from graph.rules.book import FOLDER, book
from graph.rules.rule import LEVELS, SEVERITIES, Rule

#: the highest severity that a level gives
MOST = {"党内法规": "high", "规范性文件": "high", "地方做法": "medium", "数据质量": "warn"}
#: full posting to 规上 and 重点 is what the office is judged by
EXCEPTED = {"key_unit_without_officer"}
#: what an article names in the words of a law, an opinion or a local practice
LAWS = ("《中国共产党章程》", "条例")


@pytest.mark.parametrize("rule", book().rules.values(), ids=lambda rule: rule.id)
def test_severity_follows_the_level(rule: Rule) -> None:
    text = (FOLDER / rule.source).read_text(encoding="utf-8")
    assert f"// level: {rule.level}\n" in text, f"{rule.source}: write // level: one of {'、'.join(LEVELS)}"
    if rule.id not in EXCEPTED:
        at_most = MOST[rule.level]
        assert SEVERITIES.index(rule.severity) >= SEVERITIES.index(at_most), f"{rule.source}: at most {at_most}"


@pytest.mark.parametrize("rule", book().rules.values(), ids=lambda rule: rule.id)
def test_the_level_is_that_of_the_articles(rule: Rule) -> None:
    regulated = any(word in text for text in rule.basis for word in LAWS)
    if rule.id == "ladder_level":
        assert rule.level == "地方做法", "党章第三十条 names no number: the numbers are a province's"
    else:
        assert regulated == (rule.level == "党内法规"), rule.basis


def test_no_remedy_asks_a_unit_without_members_to_found_a_branch() -> None:
    """A rule on units either calls for 正式党员 by its denominator, or says what else is done where there are none."""
    for rule in book().about("Unit"):
        if any(word in rule.remedy for word in ("成立", "组建", "建立")):
            assert "正式党员" in rule.denominator or "没有党员的先派指导员" in rule.remedy, rule.source
        if rule.action in ("found_branch", "joint_branch"):
            assert "正式党员" in rule.denominator, rule.source
