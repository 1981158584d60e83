"""Walks over the network, shortest paths, and clusters of a network too large to draw."""

from __future__ import annotations

from collections.abc import Callable
from math import dist

import pytest

from graph.answers import Answer, Node
from graph.errors import QuestionError, UnknownError
from graph.questions.network import clusters
from graph.questions.network.expansion import GAP

QuestionLink = Callable[..., Answer]


def nodes(answer: Answer) -> dict[str, Node]:
    assert answer.graph is not None
    return {node.id: node for node in answer.graph.nodes}


def relations(answer: Answer, node: str) -> str:
    return str(next(row["relations"] for row in answer.rows if row["id"] == node))


def follow(asked: QuestionLink, answer: Answer, node: str, label: str) -> Answer:
    """The answer to the question of a step."""
    name, given = next(step.question for step in nodes(answer)[node].steps if step.label == label)
    return asked(name, **dict(given))


def test_a_start_counts_the_neighbours_of_each_relation(asked: QuestionLink) -> None:
    answer = asked("explore", node="第1企业有限公司")
    assert list(nodes(answer)) == ["u1"]
    assert relations(answer, "u1") == "覆盖 1、联系指导 1、链上 1、引领 1、位于 1"
    assert relations(asked("explore", node="o2"), "o2") == "隶属 1、覆盖 1、引领 1、位于 1"
    assert relations(asked("explore", node="o1"), "o1").startswith("隶属本方 1、"), "the other way round says so"
    assert relations(asked("explore", node="n1"), "n1") == "结对 1、位于 1", "one that has ended does not count"


def test_steps_open_and_take_back(asked: QuestionLink) -> None:
    start = asked("explore", node="c1")
    opened = follow(asked, start, "c1", "链上 4")
    assert set(nodes(opened)) == {"c1", "u1", "u2", "u3", "u4"}, "u5 has left, u6 is no longer listed"
    assert relations(opened, "c1") == "引领 3、位于 1"
    further = follow(asked, opened, "u4", "链上 2")
    assert set(nodes(further)) == {*nodes(opened), "c2"}
    back = follow(asked, further, "c1", "收起 链上 4")
    assert set(nodes(back)) == {"c1"}, "what hung on what is no longer shown goes with it"
    assert follow(asked, further, "u4", "收起 链上 2").graph == opened.graph


def test_nodes_never_move_and_never_overlap(asked: QuestionLink) -> None:
    answer = asked("explore", node="c1")
    for node, relation in (("c1", "链上"), ("u1", "位于"), ("r1", "属于"), ("r1", "位于"), ("o2", "隶属")):
        steps = nodes(answer)[node].steps
        label = next(s.label for s in steps if s.label.startswith(relation) and s.kind == "open")
        following = follow(asked, answer, node, label)
        before, after = nodes(answer), nodes(following)
        assert before.keys() < after.keys()
        assert {i: (n.x, n.y) for i, n in before.items()} == {i: (after[i].x, after[i].y) for i in before}
        answer = following
    points = [(n.x or 0.0, n.y or 0.0) for n in nodes(answer).values()]
    assert min(dist(a, b) for i, a in enumerate(points) for b in points[i + 1 :]) >= GAP * 0.99


def test_several_starts_and_the_edges_between_them(asked: QuestionLink) -> None:
    answer = asked("explore", node="u1, o2")
    assert answer.graph is not None
    assert [(e.source, e.target, e.type) for e in answer.graph.edges] == [("o2", "u1", "COVERS")]
    assert {n.mark for n in answer.graph.nodes} == {"起点"}


def test_types_relations_and_date_narrow_counts_and_nodes(asked: QuestionLink) -> None:
    step = "c1.LEADS_CHAIN.in"
    assert set(nodes(asked("explore", node="c1", open=step))) == {"c1", "u1", "o1", "o2"}
    assert set(nodes(asked("explore", node="c1", open=step, types="PartyOrg"))) == {"c1", "o1", "o2"}
    assert set(nodes(asked("explore", node="c1", open=step, types="党组织"))) == {"c1", "o1", "o2"}
    assert relations(asked("explore", node="c1", relations="IN_CHAIN"), "c1") == "链上 4"
    assert relations(asked("explore", node="c1", as_of="2025-06-30"), "c1").startswith("链上 5")


def test_a_large_relation_is_cut_and_says_so(asked: QuestionLink) -> None:
    answer = asked("explore", node="c1", open="c1.IN_CHAIN.in", limit="2")
    assert len(nodes(answer)) == 3
    assert answer.graph is not None
    assert answer.graph.left_out == answer.total("left_out").value == 2
    assert {"u1", "u2"} < nodes(answer).keys(), "the best tied first"
    name, given = next(step.question for step in answer.steps if step.label.startswith("每次展开"))
    assert len(nodes(asked(name, **dict(given)))) == 5


def test_steps_that_no_longer_apply_are_left_out(asked: QuestionLink) -> None:
    answer = asked("explore", node="c1", open="u9.COVERS.in,u1.COVERS.in,c1.GUIDES")
    assert set(nodes(answer)) == {"c1"}
    assert "3 步" in answer.notes[0]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"open": "c1.NICHTS"}, "open"), ({"types": "没有"}, "types"), ({"relations": "没有"}, "relations"),
        ({"colour": "red"}, "colour"), ({"measure": "age"}, "measure"), ({"limit": "0"}, "limit"), ({"node": ","}, "node"),
    ],
)  # fmt: skip
def test_an_unusable_parameter_is_named(asked: QuestionLink, given: dict[str, str], said: str) -> None:
    with pytest.raises(QuestionError, match=said):
        asked("explore", **({"node": "c1"} | given))


def test_a_scope_includes_edges_with_one_end_in_it(asked: QuestionLink) -> None:
    with pytest.raises(UnknownError):
        asked("explore", node="u4", region="东镇")
    with pytest.raises(UnknownError):
        asked("explore", node="u4", allowed=("r1", "r3"))
    answer = asked("explore", node="u1", open="u1.IN_CHAIN,c1.IN_CHAIN.in", allowed=("r1", "r3"))
    assert set(nodes(answer)) == {"u1", "c1", "u2", "u3"}, "u4 lies elsewhere"


def test_people_start_by_their_id_alone(asked: QuestionLink) -> None:
    assert nodes(asked("explore", node="g1"))["g1"].sensitivity == "person"
    assert asked("explore", node="g1").title == "图谱：指导员"
    with pytest.raises(UnknownError):
        asked("explore", node="指导员甲")


def test_colours_tell_coverage_and_sizes_a_measure(asked: QuestionLink) -> None:
    plain = asked("explore", node="c1", open="c1.IN_CHAIN.in")
    answer = asked("explore", node="c1", open="c1.IN_CHAIN.in", colour="coverage", measure="staff")
    shown = nodes(answer)
    assert (shown["u1"].state, shown["u3"].state, shown["c1"].state) == ("已覆盖", "应联建未联建", "")
    assert nodes(plain)["u1"].state == ""
    # areas are in proportion: 10 people and 40
    assert shown["u4"].size == pytest.approx(2 * shown["u1"].size)
    assert answer.graph is not None
    assert answer.graph.sizes[-1] == ("40 人", shown["u4"].size)
    banded = nodes(asked("explore", node="r2", open="r2.LOCATED_IN.in", measure="members"))
    assert banded["u5"].size > banded["u4"].size, "4 and 1, told apart as bands"


def test_all_shortest_paths(asked: QuestionLink) -> None:
    answer = asked("path", **{"from": "第2企业有限公司", "to": "u3"})
    assert [(r["path"], r["one"], r["relation"], r["other"]) for r in answer.rows] == [
        (1, "第2企业有限公司", "链上 →", "烟花"),
        (1, "烟花", "← 链上", "第3企业有限公司"),
    ]
    twice = asked("path", **{"from": "o2", "to": "u2"})
    assert (twice.total("steps").value, twice.total("paths").value) == (2, 1)
    both = asked("path", **{"from": "o2", "to": "c1", "relations": "COVERS,IN_CHAIN"})
    assert [row["other_id"] for row in both.rows] == ["u1", "c1"], "only by the relations that were asked for"
    assert set(nodes(both)) == {"o2", "u1", "c1"}
    columns = [nodes(both)[i].x for i in ("o2", "u1", "c1")]
    assert columns == sorted(columns, key=lambda x: x or 0), "from left to right"


def test_notes_on_no_path_and_on_equal_ends(asked: QuestionLink) -> None:
    answer = asked("path", **{"from": "u1", "to": "j1"})
    assert answer.rows == ()
    assert answer.total("steps").value is None
    assert "没有" in answer.notes[0]
    assert "同一个" in asked("path", **{"from": "u1", "to": "u1"}).notes[0]
    with pytest.raises(UnknownError, match="to"):
        asked("path", **{"from": "u1", "to": "没有的"})
    with pytest.raises(UnknownError, match="from"):
        asked("path", **{"from": "u4", "to": "u1"}, allowed=("r1", "r3"))


def test_clusters_add_up_and_open(asked: QuestionLink, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "u1" in nodes(asked("network")), "few enough to be drawn as they are"
    answer = asked("network", group="region")
    counts = {row["id"]: row["nodes"] for row in answer.rows}
    assert counts["r1"] == 8, "three units, two organizations, an officer, a group, a paired village"
    assert sum(counts.values()) == answer.total("nodes").value
    row = next(row for row in answer.rows if row["id"] == "r1")
    assert (row["units_企业"], row["covered_企业"]) == (3, 1), "a 临时党支部 covers no one"
    opened = follow(asked, answer, "r1", "打开")
    assert opened.name == "network"
    assert {"u1", "u2", "u3", "c1"} <= nodes(opened).keys()
    monkeypatch.setattr(clusters, "MOST_NODES", 5)
    assert asked("network").title == answer.title, "too many to draw come as groups"
    assert asked("network", group="none").total("nodes").value == 5
    assert asked("network", limit="7").total("nodes").value == 7


def test_clusters_by_chain_share_members(asked: QuestionLink) -> None:
    answer = asked("network", group="chain")
    assert answer.graph is not None
    assert [(e.source, e.target, e.label) for e in answer.graph.edges] == [("c1", "c2", "共有成员 1 个")]
    assert answer.graph.edges[0].weight == 1


def test_the_page_of_starts(asked: QuestionLink) -> None:
    answer = asked("explore")
    assert {row["id"] for row in answer.rows} >= {"r1", "r2", "c1", "c2"}
    assert follow(asked, answer, "c1", "逐步展开").rows[0]["id"] == "c1"
    assert [step.question[0] for step in answer.steps] == ["network", "network"]
