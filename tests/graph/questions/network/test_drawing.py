"""The drawn network, on a county whose answers can be counted by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from graph.answers import Answer
from graph.questions.network import subgraphs
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader

QuestionLink = Callable[..., Answer]


def test_the_network_holds_what_is_in_force(asked: QuestionLink) -> None:
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


def test_the_network_of_a_division_includes_neighbours_outside(asked: QuestionLink) -> None:
    answer = asked("network", region="西镇")
    assert answer.graph is not None
    assert {node.id for node in answer.graph.nodes} == {"u4", "u5", "c1", "c2", "g2"}


def test_the_network_marks_the_problems_of_a_severity(asked: QuestionLink) -> None:
    marks = {row["id"]: row["mark"] for row in asked("network").rows}
    assert marks["u5"] in ("应建未建", "空白点")
    assert marks["u1"] == ""
    assert asked("network").total("marked").value == sum(bool(mark) for mark in marks.values())
    assert {row["id"]: row["mark"] for row in asked("network", severity="medium").rows}["j1"] == "未结对"


def test_a_cut_network_says_how_much_is_left_out_and_is_always_the_same(asked: QuestionLink) -> None:
    whole, small = asked("network").graph, asked("network", limit="5").graph
    assert whole is not None
    assert small is not None
    assert whole.left_out == 0
    assert len(small.nodes) == 5
    assert len(small.nodes) + small.left_out == len(whole.nodes)
    assert small == asked("network", limit="5").graph
    assert {"c1", "u1"} <= {node.id for node in small.nodes}, "the best connected first"


def test_marked_nodes_are_kept_first(county: Reader, context: Inquiry) -> None:
    network = subgraphs.read(county, context)
    everything = np.ones(len(network.graph), dtype=bool)
    marks = {"u5": "应建未建", "nobody": "不在图中"}
    graph = subgraphs.cut(county, context, network, everything, 3, marks)
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
