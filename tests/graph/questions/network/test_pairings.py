"""Pairings, on a county whose answers can be counted by hand."""

from __future__ import annotations

from collections.abc import Callable

from graph.answers import Answer
from graph.questions import catalogue
from graph.questions.asking import ask
from graph.rules.inquiry import Inquiry
from graph.stores.base import Store

QuestionLink = Callable[..., Answer]


def test_pairings_list_who_is_paired_and_who_is_not(asked: QuestionLink) -> None:
    answer = asked("pairings")
    paired = [row for row in answer.rows if row["state"] == "已结对"]
    assert [(row["one"], row["other"], row["items"], row["contact"]) for row in paired] == [
        ("丁市财政服务局", "甲村", "修路", "联系人甲")
    ]
    assert paired[0]["since"].isoformat() == "2024-03-01"
    assert paired[0]["until"] is None, "an end that no ledger gives is blank"
    assert {row["one"] for row in answer.rows if row["state"] == "未结对"} == {"乙村", "第一联组"}
    assert (answer.total("pairs").value, answer.total("missing").value) == (1, 2)
    assert next(c for c in answer.columns if c.name == "contact").sensitivity == "person"
    assert answer.graph is not None
    assert {node.id: node.mark for node in answer.graph.nodes} == {"n1": "", "r3": "", "r4": "未结对", "j1": "未结对"}


def test_pairings_at_another_day(asked: QuestionLink) -> None:
    answer = asked("pairings", as_of="2025-06-30")
    assert answer.total("pairs").value == 2
    assert {row["one"] for row in answer.rows if row["state"] == "未结对"} == {"第一联组"}


def test_pairings_of_a_division(asked: QuestionLink) -> None:
    assert asked("pairings", region="西镇").total("pairs").value == 0
    assert {row["one"] for row in asked("pairings", region="西镇").rows} == {"乙村"}
    assert asked("pairings", region="东镇").total("pairs").value == 1


def test_a_store_without_nodes_has_no_pairings(store: Store, context: Inquiry) -> None:
    with store.reader() as reader:
        answer = ask(catalogue(context.book), reader, context, "pairings", {})
    assert answer.rows == ()
    assert answer.total("pairs").value == 0
