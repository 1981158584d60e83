"""A question takes severity= where it changes the answer, and refuses it elsewhere as any parameter it does not know."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from graph.answers import Answer
from graph.errors import QuestionError
from graph.parameters import SEVERITY
from graph.questions import catalogue
from graph.rules.book import book

#: what lists or counts problems of every severity, whatever the graph holds
COUNTING = ("overview", "gaps", "gaps_by_division", "rules")


@pytest.mark.parametrize("name", [q.name for q in catalogue(book()).values() if SEVERITY not in q.parameters])
def test_what_lists_no_severities_refuses_one(asked: Callable[..., Answer], name: str) -> None:
    with pytest.raises(QuestionError, match=f"“{name}”没有参数“severity”。可用的参数：region、"):
        asked(name, severity="high")
    with pytest.raises(QuestionError, match=f"“{name}”没有参数“nonsense”"):
        asked(name, nonsense="1")


@pytest.mark.parametrize("name", COUNTING)
def test_what_takes_a_severity_answers_by_it(asked: Callable[..., Answer], name: str) -> None:
    every, some = asked(name), [asked(name, severity=severity) for severity in SEVERITY.choices]
    assert any((one.rows, one.totals) != (every.rows, every.totals) for one in some)
    assert asked(name, severity="高") == asked(name, severity="high")
