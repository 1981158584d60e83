"""A drawing as a file: well-formed whatever the names, complete, and read without its colours."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

from graph import ontology
from graph.answers import Node, Subgraph
from tests.visualizations.conftest import HOSTILE, listing, subgraph
from visualizations.network.network import build, legend_of
from visualizations.network.picture import svg
from visualizations.style import STATES

SVG = "{http://www.w3.org/2000/svg}"


def states() -> Subgraph:
    nodes = tuple(Node(f"u{i}", "Unit", f"某{i}号公司", state=state) for i, state in enumerate(STATES))
    return Subgraph((*nodes, Node("c1", "IndustryChain", "烟花")), states="组织覆盖")


def test_every_node_stands_in_the_file_as_it_stands_on_the_page() -> None:
    graph = subgraph(60)
    tree = ElementTree.fromstring(svg(replace(listing(), graph=graph), ontology.load(), fictional=True))
    titles = [t.text for t in tree.iter(f"{SVG}title")]
    assert set(HOSTILE[2:7]) <= set(titles)
    text = "".join(tree.itertext())
    assert "应建未建" in text
    assert "演示数据·虚构" in text
    assert "另有 12 个节点未画出" in text
    places = {(n["x"], n["y"]) for n in build(graph, ontology.load()).nodes}
    drawn = re.findall(
        r'<g transform="translate\((-?[\d.]+) (-?[\d.]+)\)"><title>',
        svg(replace(listing(), graph=graph), ontology.load()),
    )
    assert {(float(x), float(y)) for x, y in drawn} == places


def test_nothing_in_it_runs_or_is_fetched() -> None:
    text = svg(
        replace(listing(), graph=Subgraph(tuple(Node(f"u{i}", "Unit", n + "\x01\x0b") for i, n in enumerate(HOSTILE)))),
        ontology.load(),
    )
    tree = ElementTree.fromstring(text)
    plain = {"svg", "rect", "text", "tspan", "g", "path", "title", "circle", "defs", "marker"}
    assert {e.tag.removeprefix(SVG) for e in tree.iter()} <= plain
    assert not any(name.startswith("on") or name.endswith("href") for e in tree.iter() for name in e.attrib)


def test_states_are_told_apart_without_colour() -> None:
    network = build(states(), ontology.load())
    units = [n for n in network.nodes if n["state"]]
    hollow = {n["state"]: n["color"]["background"] == "#ffffff" for n in units}
    outlines = {
        (hollow[n["state"]], n["borderWidth"], str(n["shapeProperties"]["borderDashes"]))
        for n in units
        if hollow[n["state"]]
    }
    assert len(outlines) == sum(hollow.values()) == 3
    # those that are filled are told by words alone, as all are
    assert all(n["label"].endswith(f"〔{n['state']}〕") for n in units)
    assert {n["color"]["background"] for n in network.nodes if not n["state"]} == {"#8c99a3"}


def test_the_legend_explains_colours_and_sizes() -> None:
    sized = replace(states(), measure="从业人数", sizes=(("10 人", 1.0), ("40 人", 2.0)))
    explained = legend_of(sized, ontology.load())
    assert {label for label, *_ in explained.shapes} == {"两新组织", "产业链", *STATES}
    text = svg(replace(listing(), graph=sized), ontology.load())
    assert all(words in text for words in ("大小为从业人数", "10 人", "40 人", "组织覆盖", *STATES))
    radii = [float(r) for r in re.findall(r'<circle [^>]*r="([\d.]+)"', text)]
    assert len(radii) == 2
    assert radii[0] < radii[1]
