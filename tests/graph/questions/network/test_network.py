"""Influence, chains, pairings and the drawn network, on a county whose answers can be counted by hand."""

from __future__ import annotations

from collections.abc import Callable

import networkx as nx
import numpy as np
import pytest

from graph.answers import Answer
from graph.errors import QuestionError
from graph.questions.network import subgraphs
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader

Asked = Callable[..., Answer]


def test_influence_equals_networkx_on_the_relations_in_force(asked: Asked) -> None:
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


def test_influence_names_the_neighbours_a_score_comes_from(asked: Asked) -> None:
    rows = {row["id"]: row for row in asked("influence").rows}
    assert [source.split(" ")[0] for source in rows["u3"]["sources"]] == ["烟花"], "u3 has no other neighbour"
    assert [source.split(" ")[0] for source in rows["u4"]["sources"]] == ["储能", "烟花"]
    assert all(len(row["sources"]) <= 3 for row in rows.values())


def test_influence_is_cut_by_type_top_division_and_chain(asked: Asked) -> None:
    assert {row["id"][0] for row in asked("influence", type="PartyOrg").rows} == {"o"}
    assert asked("influence", type="两新组织").rows == asked("influence", type="Unit").rows
    assert len(asked("influence", top="2").rows) == 2
    assert {row["id"] for row in asked("influence", region="西镇").rows} == {"u4"}
    assert {row["id"] for row in asked("influence", chain="储能").rows} == {"u4"}
    assert asked("influence", region="甲村").rows == ()


@pytest.mark.parametrize("given", [{"top": "0"}, {"top": "许多"}, {"type": "Region"}])
def test_influence_refuses_what_it_cannot_use(asked: Asked, given: dict[str, str]) -> None:
    with pytest.raises(QuestionError, match=next(iter(given))):
        asked("influence", **given)


def test_chains_count_firms_and_organizations_in_force(asked: Asked) -> None:
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


def test_one_chain_comes_with_its_network(asked: Asked) -> None:
    answer = asked("chains", chain="储能")
    assert [row["id"] for row in answer.rows] == ["c2"]
    assert answer.graph is not None
    assert {"c2", "u4"} <= {node.id for node in answer.graph.nodes}
    assert asked("chains").graph is None


def test_chains_of_a_division_count_its_own_firms(asked: Asked) -> None:
    rows = {row["id"]: row["firms"] for row in asked("chains", region="东镇").rows}
    assert rows == {"c1": 3}


def test_pairings_list_who_is_paired_and_who_is_not(asked: Asked) -> None:
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


def test_pairings_at_another_day(asked: Asked) -> None:
    answer = asked("pairings", as_of="2025-06-30")
    assert answer.total("pairs").value == 2
    assert {row["one"] for row in answer.rows if row["state"] == "未结对"} == {"第一联组"}


def test_pairings_of_a_division(asked: Asked) -> None:
    assert asked("pairings", region="西镇").total("pairs").value == 0
    assert {row["one"] for row in asked("pairings", region="西镇").rows} == {"乙村"}
    assert asked("pairings", region="东镇").total("pairs").value == 1


def test_the_network_holds_what_is_in_force(asked: Asked) -> None:
    answer = asked("network")
    assert answer.graph is not None
    edges = {(e.source, e.target, e.type) for e in answer.graph.edges}
    assert ("g1", "u2", "GUIDES") in edges, "a posting counts to the end of the quarter after it ended"
    assert ("g1", "u3", "GUIDES") not in edges
    assert ("g2", "u4", "GUIDES") not in edges, "an officer who is gone"
    assert not {"u6"} & {node.id for node in answer.graph.nodes}
    assert {row["id"] for row in answer.rows} == {node.id for node in answer.graph.nodes}
    assert not {"r0", "r1"} & {node.id for node in answer.graph.nodes}, "places that nothing is tied to"
    officer = next(node for node in answer.graph.nodes if node.id == "g1")
    assert officer.sensitivity == "person"
    assert ("可联系数", 5, "open") in officer.facts
    branch = next(node for node in answer.graph.nodes if node.id == "o2")
    assert ("书记", "书记乙", "person") in branch.facts


def test_the_network_of_a_division_shows_it_and_what_stands_beside_it(asked: Asked) -> None:
    answer = asked("network", region="西镇")
    assert answer.graph is not None
    assert {node.id for node in answer.graph.nodes} == {"u4", "u5", "c1", "c2", "g2"}


def test_the_network_marks_the_problems_of_a_severity(asked: Asked) -> None:
    marks = {row["id"]: row["mark"] for row in asked("network").rows}
    assert marks["u5"] in ("应建未建", "空白点")
    assert marks["u1"] == ""
    assert asked("network").total("marked").value == sum(bool(mark) for mark in marks.values())
    assert {row["id"]: row["mark"] for row in asked("network", severity="medium").rows}["j1"] == "未结对"


def test_a_cut_network_says_how_much_is_left_out_and_is_always_the_same(asked: Asked) -> None:
    whole, small = asked("network").graph, asked("network", limit="5").graph
    assert whole is not None
    assert small is not None
    assert whole.left_out == 0
    assert len(small.nodes) == 5
    assert len(small.nodes) + small.left_out == len(whole.nodes)
    assert small == asked("network", limit="5").graph
    assert {"c1", "u1"} <= {node.id for node in small.nodes}, "the best connected first"


def test_marked_nodes_are_kept_first(county: Reader, context: Inquiry) -> None:
    graph = subgraphs.subgraph(county, context, limit=3, marks={"u5": "应建未建", "nobody": "不在图中"})
    assert len(graph.nodes) == 3
    assert {node.id: node.mark for node in graph.nodes}["u5"] == "应建未建"


def test_edges_of_a_chosen_part_end_inside_it(county: Reader, context: Inquiry) -> None:
    network = subgraphs.read(county, context)
    everything = np.ones(len(network.graph), dtype=bool)
    for limit in range(1, len(network.graph)):
        graph = subgraphs.cut(county, context, network, everything, limit)
        ids = {node.id for node in graph.nodes}
        assert len(ids) == limit
        assert all(edge.source in ids and edge.target in ids for edge in graph.edges)
