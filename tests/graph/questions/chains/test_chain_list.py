"""The list of chains, on a county whose answers can be counted by hand."""

from __future__ import annotations

from collections.abc import Callable

from graph.answers import Answer

QuestionLink = Callable[..., Answer]


def test_chains_count_firms_and_organizations_in_force(asked: QuestionLink) -> None:
    rows = {row["id"]: row for row in asked("chains").rows}
    fireworks, storage = rows["c1"], rows["c2"]
    assert (fireworks["firms"], fireworks["with_org"]) == (4, 1), "a 临时党支部 does not count"
    assert fireworks["committee"] == ["烟花产业链党委"], "a member does not lead"
    assert fireworks["heads"] == ["第1企业有限公司"]
    assert fireworks["heads_covered"] is True
    assert fireworks["key_chain"] is True
    assert fireworks["output"] == 12_000_000_000
    assert (storage["firms"], storage["committee"], storage["heads_covered"]) == (1, [], False)
    totals = asked("chains").total
    assert (totals("chains").value, totals("firms").value, totals("with_committee").value) == (2, 4, 1)


def test_one_chain_comes_with_its_network(asked: QuestionLink) -> None:
    answer = asked("chains", chain="储能")
    assert [row["id"] for row in answer.rows] == ["c2"]
    assert answer.graph is not None
    assert {"c2", "u4"} <= {node.id for node in answer.graph.nodes}
    assert asked("chains").graph is None


def test_chains_of_a_division_count_its_own_firms(asked: QuestionLink) -> None:
    rows = {row["id"]: row["firms"] for row in asked("chains", region="东镇").rows}
    assert rows == {"c1": 3}
