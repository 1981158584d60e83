"""Influence equals that of networkx, on a county whose answers can be counted by hand."""

from __future__ import annotations

from collections.abc import Callable

import networkx as nx
import pytest

from graph.answers import Answer
from graph.errors import QuestionError

QuestionLink = Callable[..., Answer]


def test_influence_equals_networkx_on_the_relations_in_force(asked: QuestionLink) -> None:
    peer: nx.MultiGraph[str] = nx.MultiGraph()
    peer.add_edges_from([
        ("u1", "c1"), ("u2", "c1"), ("u3", "c1"), ("u4", "c1"), ("u4", "c2"),  # on a chain; u5 has left, u6 is gone
        ("u1", "c1"), ("u4", "c2"), ("o1", "c1"), ("o2", "c1"),  # leading one
        ("o2", "u1"), ("o3", "u2"), ("o2", "o1"), ("n1", "r3"),
    ])  # fmt: skip
    expected = nx.pagerank(peer, alpha=0.85, tol=1e-12, max_iter=1000)
    answer = asked("influence")
    found = {row["id"]: row["score"] for row in answer.rows}
    assert found == pytest.approx({k: v for k, v in expected.items() if k[0] in "uo"}, abs=1e-8)
    assert [row["rank"] for row in answer.rows] == list(range(1, len(answer.rows) + 1))
    assert [row["score"] for row in answer.rows] == sorted(found.values(), reverse=True)
    assert answer.total("nodes").value == len(expected)
    assert answer.rows[0]["multiple"] == pytest.approx(answer.rows[0]["score"] * len(expected), abs=0.01)


def test_influence_names_the_neighbours_a_score_comes_from(asked: QuestionLink) -> None:
    rows = {row["id"]: row for row in asked("influence").rows}
    assert [source.split(" ")[0] for source in rows["u3"]["sources"]] == ["烟花"], "u3 has no other neighbour"
    assert [source.split(" ")[0] for source in rows["u4"]["sources"]] == ["储能", "烟花"]
    assert all(len(row["sources"]) <= 3 for row in rows.values())


def test_influence_is_cut_by_type_top_division_and_chain(asked: QuestionLink) -> None:
    assert {row["id"][0] for row in asked("influence", type="PartyOrg").rows} == {"o"}
    assert asked("influence", type="两新组织").rows == asked("influence", type="Unit").rows
    assert len(asked("influence", top="2").rows) == 2
    assert {row["id"] for row in asked("influence", region="西镇").rows} == {"u4"}
    assert {row["id"] for row in asked("influence", chain="储能").rows} == {"u4"}
    assert asked("influence", region="甲村").rows == ()


@pytest.mark.parametrize("given", [{"top": "0"}, {"top": "许多"}, {"type": "Region"}])
def test_influence_refuses_unusable_parameters(asked: QuestionLink, given: dict[str, str]) -> None:
    with pytest.raises(QuestionError, match=next(iter(given))):
        asked("influence", **given)
