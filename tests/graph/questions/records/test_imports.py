"""The reviews, the changes of the store, and the ledger rows."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from graph.answers import Answer
from graph.errors import QuestionError

QuestionLink = Callable[..., Answer]


def test_open_reviews_have_an_empty_column_for_the_decision(asked: QuestionLink) -> None:
    answer = asked("reviews")
    assert [row["id"] for row in answer.rows] == ["v2", "v1"]
    assert answer.columns[0].label == "待核实编号"
    assert answer.columns[-1].label == "处理决定"
    assert all(row["decision"] is None for row in answer.rows)
    lookalike = answer.rows[1]
    assert (lookalike["kind"], lookalike["subject"], lookalike["other"], lookalike["division"]) == (
        "疑似同一单位", "第1企业有限公司", "第2企业有限公司", "东镇",
    )  # fmt: skip
    assert (lookalike["evidence_for"], lookalike["evidence_against"]) == ("名称相近", "代码不同")
    assert all(word in "".join(answer.notes) for word in ("合并", "分开", "忽略"))
    assert (answer.total("reviews").value, answer.total("reviews_疑似同一单位").value) == (2, 1)


def test_the_name_of_an_officer_keeps_its_sensitivity(asked: QuestionLink) -> None:
    row = asked("reviews").rows[0]
    assert (row["subject"], row["subject_sensitivity"]) == ("指导员甲", "person")
    column = next(c for c in asked("reviews").columns if c.name == "subject")
    assert column.sensitivity_from == "subject_sensitivity"


def test_decided_reviews_are_asked_for_by_state(asked: QuestionLink) -> None:
    assert [(row["id"], row["decision"]) for row in asked("reviews", state="decided").rows] == [("v3", "分开")]
    with pytest.raises(QuestionError, match="state"):
        asked("reviews", state="maybe")


def test_reviews_of_a_division(asked: QuestionLink) -> None:
    assert [row["id"] for row in asked("reviews", region="东镇").rows] == ["v1"]


def test_loads_list_authors_and_undone_changes(asked: QuestionLink) -> None:
    undo, load = asked("loads").rows
    assert (undo["number"], undo["kind"], undo["rows"]) == (2, "撤销", None)
    assert (load["kind"], load["state"], load["files"]) == ("载入", "已撤销", ["企业.xlsx"])
    assert (load["rows"], load["accepted"], load["merged"], load["rejected"]) == (10, 8, 1, 1)
    assert next(c for c in asked("loads").columns if c.name == "author").sensitivity == "person"


def test_only_live_rows_are_counted(asked: QuestionLink) -> None:
    rows = {row["sheet"]: (row["ledger"], row["rows"], row["retired"]) for row in asked("rows").rows}
    assert rows == {"enterprises": ("非公企业台账", 2, 0), "officers": ("指导员", 1, 0), "pairings": ("结对", 1, 0)}


def test_a_scope_limits_loads_and_rows(asked: QuestionLink) -> None:
    town = asked("rows", region="东镇")
    assert {row["sheet"]: row["rows"] for row in town.rows} == {"enterprises": 2, "officers": 1}
    assert town.notes
    assert asked("rows", allowed=("r2",)).rows == ()
    undo, load = asked("loads", region="东镇").rows
    assert (undo["number"], load["number"], load["files"]) == (2, 1, ["台账.xlsx"])
    assert {load["rows"], load["accepted"], load["note"]} == {None}
    assert asked("loads", allowed=("r2",)).rows == ()
