"""The array core: against the reference of LDBC Graphalytics, against networkx, and where a score comes from."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import networkx as nx
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph import arrays

EXAMPLE = Path(__file__).resolve().parents[2] / "../shared/data/graphalytics"


def edges(pairs: list[tuple[str, str]], weights: list[float] | None = None) -> pa.Table:
    ends = {"source": [a for a, _ in pairs], "target": [b for _, b in pairs]}
    table = {side: pa.array(ids, pa.string()) for side, ids in ends.items()}
    return pa.table(table | ({"weight": pa.array(weights)} if weights is not None else {}))


@pytest.mark.parametrize("name", ["example-directed", "example-undirected"])
def test_pagerank_equals_the_graphalytics_reference(name: str) -> None:
    if not EXAMPLE.is_dir():
        pytest.skip("shared/data/graphalytics is not on this machine")
    properties = dict(
        line.split(" = ")
        for line in (EXAMPLE / f"{name}.properties").read_text().splitlines()
        if " = " in line and not line.startswith("#")
    )
    pairs = [tuple(line.split()[:2]) for line in (EXAMPLE / "example" / f"{name}.e").read_text().splitlines()]
    nodes = pa.array((EXAMPLE / "example" / f"{name}.v").read_text().split())
    graph = arrays.build(
        [edges([(a, b) for a, b in pairs])], nodes, directed=properties[f"graph.{name}.directed"] == "true"
    )
    scores = arrays.pagerank(
        graph,
        damping=float(properties[f"graph.{name}.pr.damping-factor"]),
        iterations=int(properties[f"graph.{name}.pr.num-iterations"]),
    )
    reference = dict(line.split() for line in (EXAMPLE / "example" / f"{name}-PR").read_text().splitlines())
    assert set(graph.ids.to_pylist()) == set(reference)
    expected = [float(reference[node]) for node in graph.ids.to_pylist()]
    np.testing.assert_allclose(scores, expected, rtol=1e-4)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(1, 9)), max_size=40),
    st.booleans(),
)
def test_pagerank_equals_networkx_on_weighted_graphs(triples: list[tuple[int, int, int]], directed: bool) -> None:
    nodes = [str(i) for i in range(13)]
    if not directed:
        triples = [(min(a, b), max(a, b), w) for a, b, w in triples]
    weights = {(str(a), str(b)): float(w) for a, b, w in triples}
    peer: nx.Graph[str] = nx.DiGraph() if directed else nx.Graph()
    peer.add_nodes_from(nodes)
    for (a, b), w in weights.items():
        peer.add_edge(a, b, weight=w)
    graph = arrays.build([edges(list(weights), list(weights.values()))], pa.array(nodes), directed=directed)
    scores = dict(zip(graph.ids.to_pylist(), arrays.pagerank(graph), strict=True))
    expected = nx.pagerank(peer, alpha=0.85, tol=1e-12, max_iter=1000)
    assert scores == pytest.approx(expected, abs=1e-8)
    assert sum(scores.values()) == pytest.approx(1.0)


def test_arrays_do_not_depend_on_the_order_or_split_of_edges() -> None:
    pairs = [("b", "a"), ("a", "c"), ("c", "b"), ("a", "c")]
    one = arrays.build([edges(pairs)])
    other = arrays.build([edges(pairs[2:]), edges([]), edges(pairs[:2])])
    assert one.ids.to_pylist() == other.ids.to_pylist() == ["a", "b", "c"]
    assert (one.matrix != other.matrix).nnz == 0
    assert one.matrix[0, 2] == 2, "parallel edges add their weights"


def test_a_self_loop_counts_once_when_undirected() -> None:
    graph = arrays.build([edges([("a", "a"), ("a", "b")])], directed=False)
    assert graph.matrix.toarray().tolist() == [[1, 1], [1, 0]]


def test_an_empty_graph_has_no_scores() -> None:
    graph = arrays.build([])
    assert len(graph) == 0
    assert arrays.pagerank(graph).tolist() == []


def test_contributions_and_the_common_part_make_up_the_whole_score() -> None:
    pairs = [("a", "v"), ("b", "v"), ("a", "x"), ("x", "a"), ("v", "b"), ("c", "v")]
    graph = arrays.build([edges(pairs)], pa.array(["alone"]))
    scores = arrays.pagerank(graph, tolerance=1e-14)
    (v,) = graph.positions(pa.array(["v"]))
    (found,) = arrays.contributions(graph, scores, np.array([v]), top=9)
    alone = graph.positions(pa.array(["alone"]))[0]
    common = scores[alone] / scores[v]
    assert sum(share for _, share in found) + common == pytest.approx(1.0)
    assert graph.ids[found[0][0]].as_py() == "b", "b hands on everything it has, a only half"
    assert [share for _, share in found] == sorted((share for _, share in found), reverse=True)
    assert arrays.contributions(graph, scores, np.array([v]), top=1)[0] == found[:1]


def test_an_unknown_id_is_named() -> None:
    with pytest.raises(KeyError, match="nobody"):
        arrays.build([edges([("a", "b")])]).positions(pa.array(["a", "nobody"]))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), min_size=1, max_size=30))
def test_shortest_paths_are_all_those_that_networkx_finds(pairs: list[tuple[int, int]]) -> None:
    named = [(f"n{a:02}", f"n{b:02}") for a, b in pairs]
    graph = arrays.build([edges(named)], directed=False)
    ids = graph.ids.to_pylist()
    peer = nx.Graph(named)
    start, end = ids[0], ids[-1]
    found = arrays.shortest(graph, 0, len(ids) - 1, most=1_000)
    if not nx.has_path(peer, start, end):
        assert (found.steps, found.count, found.paths) == (None, 0, ())
        return
    expected = sorted(tuple(path) for path in nx.all_shortest_paths(peer, start, end))
    assert [tuple(ids[i] for i in path) for path in found.paths] == expected, "each once, in the order of ids"
    assert found.count == len(expected)
    assert found.steps == len(expected[0]) - 1


def test_of_many_shortest_paths_some_are_listed_and_all_counted() -> None:
    # three layers of four nodes each, all tied to the next: 4 ** 3 ways
    layers = [["a"], *([f"{level}{i}" for i in range(4)] for level in "bcd"), ["e"]]
    ties = [(one, other) for near, far in pairwise(layers) for one in near for other in far]
    graph = arrays.build([edges(ties)], directed=False)
    ids = graph.ids.to_pylist()
    found = arrays.shortest(graph, ids.index("a"), ids.index("e"), most=5)
    assert (found.steps, found.count, len(found.paths)) == (4, 64, 5)
