"""Networks: still, placed, escaped, cut to what can be read."""

from __future__ import annotations

import html
import json
import math
import re

import pytest

from graph import ontology
from graph.answers import Edge, Node, Subgraph
from graph.parameters import SEVERITIES as LABELS
from graph.questions.network import colouring
from tests.visualizations.conftest import HOSTILE, subgraph
from visualizations.network.layout import GAP, positions
from visualizations.network.network import MAX_NODES, around, build, draw
from visualizations.style import OUTLINES, SEVERITIES, STATES, legend


def test_layout_is_repeatable_finite_and_nothing_overlaps() -> None:
    picture = subgraph(200)
    places = positions(picture)
    assert places == positions(picture)
    assert places.keys() == {n.id for n in picture.nodes}
    points = sorted(places.values())
    assert all(math.isfinite(v) for point in points for v in point)
    near = min(math.dist(a, b) for i, a in enumerate(points) for b in points[i + 1 :])
    assert near > GAP * 0.8


def test_given_places_are_kept_and_the_others_stand_beside() -> None:
    nodes = (Node("u1", "Unit", "甲", x=5.0, y=7.0), Node("u2", "Unit", "乙"), Node("u3", "Unit", "丙"))
    places = positions(Subgraph(nodes, (Edge("u1", "u2", "SUPPLIES", "供货"), Edge("u2", "u2", "SUPPLIES", "供货"))))
    assert places["u1"] == (5.0, 7.0)
    assert places["u2"][0] > 5 + GAP
    assert places["u2"] != places["u3"]


@pytest.mark.parametrize("nodes", [(), (Node("u1", "Unit", "甲"),), (Node("x1", "没有的类型", "甲"),)])
def test_the_smallest_networks_are_drawn(nodes: tuple[Node, ...]) -> None:
    assert build(Subgraph(nodes), ontology.load()).num_nodes() == len(nodes)
    assert 'id="network"' in draw(Subgraph(nodes), ontology.load())


def test_a_pyvis_network_with_escaped_titles_and_styles_of_the_ontology() -> None:
    known = ontology.load()
    network = build(subgraph(40), known)
    unit = next(n for n in network.nodes if n["name"] == HOSTILE[0])
    assert html.unescape(unit["title"]).endswith(HOSTILE[0])
    assert "<" not in unit["title"]
    assert unit["shape"] == "dot"
    assert unit["color"]["background"] == "#2f6f9f"
    assert unit["physics"] is False
    marked = next(n for n in network.nodes if n["mark"])
    assert marked["borderWidth"] > 1
    assert marked["label"].endswith("〔应建未建〕")
    assert all(len(n["label"].replace("\n", "")) <= 22 for n in network.nodes)
    assert network.options["physics"] == {"enabled": False}


def test_beyond_what_can_be_drawn_the_rest_is_counted() -> None:
    hub = Node("g0", "GuidanceOfficer", "中心")
    leaves = tuple(Node(f"u{i}", "Unit", "甲") for i in range(MAX_NODES + 100))
    edges = tuple(Edge("g0", f"u{i}", "GUIDES", "联系指导") for i in range(50, MAX_NODES + 100))
    cut = around(Subgraph((*leaves, hub), edges, left_out=5))
    assert len(cut.nodes) == MAX_NODES
    assert cut.left_out == 106
    assert hub in cut.nodes
    assert leaves[0] not in cut.nodes
    assert {e.target for e in cut.edges} <= {n.id for n in cut.nodes}


def test_rendered_data_cannot_end_its_element_and_says_what_is_left_out() -> None:
    text = draw(subgraph(60), ontology.load())
    data = re.search(r'<script type="application/json" id="network-data">(.*?)</script>', text, re.S)
    assert data is not None
    assert "<" not in data[1]
    names = [node[1] for node in json.loads(data[1])["nodes"]]
    assert set(HOSTILE[2:7]) <= set(names)
    assert "另有 12 个节点未画出" in text
    assert "〔应建未建〕" in text
    assert "alert(1)</script>" not in text
    assert "http://" not in text.replace("http://www.w3.org/", "")


def test_legend_in_the_order_of_the_ontology_and_no_meaning_by_colour_alone() -> None:
    entries = legend(ontology.load(), ["没有的类型", "Unit", "Region"])
    assert [e.label for e in entries] == ["区划", "两新组织", "没有的类型"]
    assert {t.style.shape for t in ontology.load().entities if t.style} <= OUTLINES.keys()
    assert len({s.glyph for s in SEVERITIES.values()}) == len({s.label for s in SEVERITIES.values()}) == 4


def test_colours_are_readable_on_white() -> None:
    for severity in SEVERITIES.values():
        channels = [int(severity.color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        assert 1.05 / (luminance + 0.05) >= 4.5, severity


def test_words_that_are_drawn_are_those_that_are_answered() -> None:
    assert tuple(STATES) == colouring.STATES
    assert {name: severity.label for name, severity in SEVERITIES.items()} == LABELS
