"""Computes the places of the nodes of a network, so that browsers need no layout.

Each connected part is drawn as rings around its best connected node, loosened by a spring layout. A large part is
divided into islands, groups of nodes with more ties to each other than to the rest. Parts are placed side by side. The
same subgraph always has the same places.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

import networkx as nx
import numpy as np
import rustworkx as rx
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from graph.answers import Subgraph

#: the least distance between two nodes, in units of the drawing
GAP = 90.0
#: width to height of the whole drawing, that of most screens
SHAPE = 1.7
SEED = 7
#: layouts in the cache; one of 1,500 nodes takes a quarter of a second and half a MB
CACHED = 32
#: a connected part of more nodes is divided into islands
ONE_ISLAND = 60

Points = NDArray[np.float64]


def positions(subgraph: Subgraph) -> Mapping[str, tuple[float, float]]:
    """x and y of every node by id; nodes that have both keep them, the others are placed beside them."""
    return _positions(
        tuple((n.id, n.x, n.y) for n in subgraph.nodes), tuple((e.source, e.target) for e in subgraph.edges)
    )


@lru_cache(maxsize=CACHED)
def _positions(
    nodes: tuple[tuple[str, float | None, float | None], ...], edges: tuple[tuple[str, str], ...]
) -> Mapping[str, tuple[float, float]]:
    """The places by ids alone, so that labels and colours do not change them and the cache is shared."""
    placed = {node: (x, y) for node, x, y in nodes if x is not None and y is not None}
    graph: rx.PyGraph[str, None] = rx.PyGraph(multigraph=False)
    free = [node for node, _, _ in nodes if node not in placed]
    index = dict(zip(free, graph.add_nodes_from(free), strict=True))
    graph.add_edges_from(
        [(index[a], index[b], None) for a, b in edges if a in index and b in index and a != b],
    )
    parts = [sorted(part) for part in rx.connected_components(graph)]
    parts.sort(key=lambda part: (-len(part), part[0]))
    lone = [part[0] for part in parts if len(part) == 1]
    drawn = [(part, _part(graph, part)) for part in parts if len(part) > 1]
    if lone:
        drawn.append((lone, _grid(len(lone))))
    shift = max((x for x, _ in placed.values()), default=-4 * GAP) + 4 * GAP
    result = dict(placed)
    for part, points in zip([p for p, _ in drawn], _packed([p for _, p in drawn]), strict=True):
        for node, (x, y) in zip(part, points, strict=True):
            result[graph[node]] = (round(float(x) + shift, 1), round(float(y), 1))
    return MappingProxyType(result)


def _part(graph: rx.PyGraph[str, None], part: list[int]) -> Points:
    """The places of a connected part around its centre, wider than high."""
    if len(part) > ONE_ISLAND:
        return _islands(graph, part)
    return _wide(_island(graph, part)) if len(part) > 3 else _island(graph, part)


def _islands(graph: rx.PyGraph[str, None], part: list[int]) -> Points:
    """The places of a large part as islands; islands with ties are near each other."""
    whole: nx.Graph[int] = nx.Graph()
    whole.add_nodes_from(part)
    whole.add_edges_from((a, b) for a in part for b in sorted(graph.neighbors(a)))
    groups = [
        sorted(group)
        for community in nx.community.louvain_communities(whole, seed=SEED)
        for group in nx.connected_components(whole.subgraph(community))
    ]
    groups.sort(key=lambda group: (-len(group), group[0]))
    island = {node: i for i, group in enumerate(groups) for node in group}
    ties: rx.PyGraph[int, float] = rx.PyGraph(multigraph=False)
    ties.add_nodes_from(range(len(groups)))
    for a, b in whole.edges:
        if island[a] != island[b]:
            ties.add_edge(island[a], island[b], 1.0)
    drawn = [_island(graph, group) for group in groups]
    # a few outer nodes may lie outside the radius; _apart moves them from their neighbours
    radii = np.array([float(np.quantile(np.hypot(*points.T), 0.8)) + 0.8 * GAP for points in drawn])
    sprung = rx.spring_layout(ties, num_iter=100, seed=SEED)
    start = np.array([sprung[i] for i in range(len(groups))])
    centres = _discs(start, radii)
    at = {n: p + centres[i] for i, g in enumerate(groups) for n, p in zip(g, drawn[i], strict=True)}
    return _apart(np.array([at[node] for node in part]))


def _discs(start: Points, radii: NDArray[np.float64]) -> Points:
    """The centres of discs moved together from `start` as far as they do not overlap."""
    points = (start - start.mean(axis=0)) * math.sqrt(float((radii**2).sum())) * 2
    reach = radii[:, None] + radii[None, :]
    np.fill_diagonal(reach, 0.0)
    for step in range(500):
        if step < 400:
            points *= 1 - 0.01 * np.array([1.0, SHAPE**1.5])
        for _ in range(3):
            apart = points[:, None, :] - points[None, :, :]
            distance = np.maximum(np.hypot(apart[..., 0], apart[..., 1]), 1e-6)
            push = np.maximum(reach - distance, 0.0) / distance / 2
            points = points + (apart * push[..., None]).sum(axis=1) * 0.5
    return np.asarray(points - points.mean(axis=0))


def _island(graph: rx.PyGraph[str, None], part: list[int]) -> Points:
    """The places of connected nodes around their centre, no two closer than GAP."""
    rings = _rings(graph, part)
    size = len(part)
    if size > 3:
        unit = rings / max(float(np.abs(rings).max()), 1.0)
        start = {i: (float(x), float(y)) for i, (x, y) in enumerate(unit)}
        sprung = rx.spring_layout(graph.subgraph(part), pos=start, num_iter=60, seed=SEED)
        rings = np.array([sprung[i] for i in range(size)]) * GAP * math.sqrt(size)
    return _apart(rings - rings.mean(axis=0))


def _wide(points: Points) -> Points:
    """The places turned so that they are widest from left to right, and stretched towards SHAPE."""
    centred = points - points.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    turned = centred @ axes.T
    width, height = np.maximum(turned.max(axis=0) - turned.min(axis=0), 1.0)
    stretch = math.sqrt(min(1.5, max(1.0, SHAPE * height / width)))
    return np.asarray(turned * np.array([stretch, 1 / stretch]))


def _rings(graph: rx.PyGraph[str, None], part: list[int]) -> Points:
    """A tree around the best connected node: the depth is the radius, a branch has an angle for its number of leaves."""
    root = max(part, key=lambda n: (graph.degree(n), -n))
    children: dict[int, list[int]] = {root: []}
    order = [root]
    for node in order:
        for other in sorted(graph.neighbors(node)):
            if other not in children:
                children[other] = []
                children[node].append(other)
                order.append(other)
    leaves = dict.fromkeys(order, 1)
    for node in reversed(order):
        leaves[node] = max(1, sum(leaves[c] for c in children[node]))
    depth, wedge = {root: 0}, {root: (0.0, 2 * math.pi)}
    for node in order:
        start, width = wedge[node]
        for child in children[node]:
            share = width * leaves[child] / leaves[node]
            depth[child], wedge[child] = depth[node] + 1, (start, share)
            start += share
    counts = np.bincount(list(depth.values()))
    radius = np.zeros(len(counts))
    for level in range(1, len(counts)):
        radius[level] = max(radius[level - 1] + 2 * GAP, counts[level] * GAP / (2 * math.pi))
    angle = {n: wedge[n][0] + wedge[n][1] / 2 for n in order}
    return np.array([[radius[depth[n]] * math.cos(angle[n]), radius[depth[n]] * math.sin(angle[n])] for n in part])


def _apart(points: Points) -> Points:
    """The places moved so that no two are closer than GAP."""
    points = points + np.arange(len(points))[:, None] * np.array([1e-6, -1e-6])
    for _ in range(60):
        pairs = cKDTree(points).query_pairs(GAP, output_type="ndarray")
        if len(pairs) == 0:
            break
        away = points[pairs[:, 0]] - points[pairs[:, 1]]
        distance = np.maximum(np.hypot(away[:, 0], away[:, 1]), 1e-6)
        push = away * ((GAP * 1.02 - distance) / distance / 2)[:, None]
        np.add.at(points, pairs[:, 0], push)
        np.subtract.at(points, pairs[:, 1], push)
    return points


def _grid(count: int) -> Points:
    width = max(1, math.ceil(math.sqrt(count * SHAPE)))
    return np.array([[(i % width) * GAP * 1.5, (i // width) * GAP * 1.5] for i in range(count)])


def _packed(parts: list[Points]) -> list[Points]:
    """The places of parts in rows with margins, the whole about SHAPE times as wide as high."""
    margin = 1.6 * GAP
    boxes = [p.max(axis=0) - p.min(axis=0) + margin for p in parts]
    width = max([math.sqrt(sum(b[0] * b[1] for b in boxes) * SHAPE), *(b[0] for b in boxes)], default=0.0)
    placed: list[Points] = []
    x = y = height = 0.0
    for points, box in zip(parts, boxes, strict=True):
        if x > 0 and x + box[0] > width * 1.02:
            x, y, height = 0.0, y + height, 0.0
        placed.append(points - points.min(axis=0) + np.array([x, y]))
        x, height = x + box[0], max(height, box[1])
    return placed
