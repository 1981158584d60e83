"""The store's edges as CSR arrays, and what is computed on them.

Edges come as Arrow tables of ids and stay arrays throughout: a million edges never become Python objects.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from scipy import sparse

Scores = npt.NDArray[np.float64]
Positions = npt.NDArray[np.int64]

#: the value of Brin & Page (1998) and of every Graphalytics data set
DAMPING = 0.85
#: a county's network settles within 60 rounds; the bound only stops a tolerance that floats cannot reach
MOST_ITERATIONS = 500


@dataclass(frozen=True, slots=True)
class Arrays:
    """A weighted graph: `ids` in order, `matrix[i, j]` the weight of the edge from ids[i] to ids[j]."""

    ids: pa.Array
    matrix: sparse.csr_array

    def __len__(self) -> int:
        return len(self.ids)

    def positions(self, ids: pa.Array | pa.ChunkedArray) -> Positions:
        """Where each of `ids` stands; KeyError names the first that is not in the graph."""
        texts = _strings(ids)
        positions = pc.index_in(texts, value_set=self.ids)
        if positions.null_count:
            raise KeyError(texts.filter(positions.is_null())[0].as_py())
        return _integers(positions)


def build(
    edges: Iterable[pa.Table], nodes: pa.Array | pa.ChunkedArray | None = None, *, directed: bool = True
) -> Arrays:
    """CSR arrays of Arrow tables with columns `source`, `target` and, optionally, `weight` (else 1 each).

    `nodes` adds nodes without an edge. The ids are sorted, so that the same graph gives the same arrays in
    whatever order its edges come; parallel edges add their weights; undirected edges count both ways, a
    self-loop once.
    """
    # a command starts faster without SciPy
    from scipy import sparse

    tables = list(edges)
    ends = [_strings(t[side]) for t in tables for side in ("source", "target")]
    alone = pa.array([], pa.string()) if nodes is None else _strings(nodes)
    unsorted = pc.unique(pa.concat_arrays([*ends, alone]))
    ids = unsorted.take(pc.array_sort_indices(unsorted))
    empty = np.empty(0, np.int64)
    source = np.concatenate([empty, *(_codes(end, ids) for end in ends[0::2])])
    target = np.concatenate([empty, *(_codes(end, ids) for end in ends[1::2])])
    weight = np.concatenate([np.empty(0), *(_weights(t) for t in tables)])
    if not directed:
        apart = source != target
        source, target = np.concatenate([source, target[apart]]), np.concatenate([target, source[apart]])
        weight = np.concatenate([weight, weight[apart]])
    matrix = sparse.coo_array((weight, (source, target)), shape=(len(ids), len(ids))).tocsr()
    return Arrays(ids, matrix)


def pagerank(
    graph: Arrays, *, damping: float = DAMPING, iterations: int | None = None, tolerance: float = 1e-10
) -> Scores:
    """The PageRank of every node, summing to 1, in the order of `graph.ids`.

    As LDBC Graphalytics defines it (specification, section PageRank): start at 1/n; each round a node keeps (1-d)/n and
    receives d times what its in-neighbours hand on in proportion to weight, and d/n of what nodes without
    out-edges hold. Runs `iterations` rounds, or until a round moves less than `tolerance` in all.
    """
    n = len(graph)
    if not n:
        return np.empty(0)
    out = np.asarray(graph.matrix.sum(axis=1)).ravel()
    dangling = out == 0
    share = np.divide(1.0, out, out=np.zeros(n), where=~dangling)
    inward = graph.matrix.T.tocsr()
    scores = np.full(n, 1.0 / n)
    for _ in range(MOST_ITERATIONS if iterations is None else iterations):
        lost = scores[dangling].sum() / n
        following = (1 - damping) / n + damping * (inward @ (scores * share) + lost)
        moved = np.abs(following - scores).sum()
        scores = following
        if iterations is None and moved < tolerance:
            break
    return scores


@dataclass(frozen=True, slots=True)
class Shortest:
    """The shortest paths between two nodes: the `steps` of each (None: no path), the `count` of all, some `paths`."""

    steps: int | None
    count: int
    paths: tuple[tuple[int, ...], ...]


def shortest(graph: Arrays, start: int, end: int, *, most: int) -> Shortest:
    """All shortest paths between two positions of an undirected graph, counted; the first `most` in order of ids.

    Breadth first from both ends; a node is on a shortest path where its two distances add up to that of the ends.
    """
    # a command starts faster without SciPy
    from scipy.sparse import csgraph

    distances = csgraph.dijkstra(graph.matrix, directed=True, unweighted=True, indices=[start, end])
    whole = distances[0, end]
    if not np.isfinite(whole):
        return Shortest(None, 0, ())
    on = np.flatnonzero(distances[0] + distances[1] == whole)
    left = {int(node): int(to) for node, to in zip(on, distances[1, on], strict=True)}
    indptr, indices = graph.matrix.indptr, graph.matrix.indices
    onward = {
        node: sorted(int(n) for n in indices[indptr[node] : indptr[node + 1]] if left.get(int(n)) == to - 1)
        for node, to in left.items()
    }
    ways: dict[int, int] = {}
    for node in sorted(left, key=lambda n: left[n]):
        ways[node] = 1 if node == end else sum(ways[n] for n in onward[node])
    paths: list[tuple[int, ...]] = []
    stack: list[tuple[int, ...]] = [(start,)]
    while stack and len(paths) < most:
        path = stack.pop()
        if path[-1] == end:
            paths.append(path)
        else:
            stack.extend((*path, n) for n in reversed(onward[path[-1]]))
    return Shortest(int(whole), ways[start], tuple(paths))


def contributions(
    graph: Arrays, scores: Scores, of: Positions, *, top: int = 3, damping: float = DAMPING
) -> list[list[tuple[int, float]]]:
    """For each position in `of`, its `top` in-neighbours by the share of its score that comes from each.

    A share is d · score(u) · w(u,v) / Σw(u,·) ÷ score(v). What is missing to 1 is the part every node has alike.
    Neighbours are positions, the largest share first, equal shares in the order of ids.
    """
    out = np.asarray(graph.matrix.sum(axis=1)).ravel()
    handed = damping * np.divide(scores, out, out=np.zeros(len(scores)), where=out != 0)
    inward = graph.matrix.tocsc()
    largest: list[list[tuple[int, float]]] = []
    for node in of:
        part = slice(inward.indptr[node], inward.indptr[node + 1])
        neighbours = inward.indices[part]
        shares = handed[neighbours] * inward.data[part] / scores[node]
        order = np.lexsort((neighbours, -shares))[:top]
        largest.append([(int(neighbours[i]), float(shares[i])) for i in order])
    return largest


def _strings(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return whole.cast(pa.string())


def _codes(ends: pa.Array, ids: pa.Array) -> Positions:
    """The position in `ids` of every one of `ends`; dictionary-encoded first, since ends repeat."""
    encoded = ends.dictionary_encode()
    return _integers(pc.index_in(encoded.dictionary, value_set=ids))[_integers(encoded.indices)]


def _integers(column: pa.Array) -> Positions:
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.int64)


def _weights(table: pa.Table) -> Scores:
    if "weight" not in table.column_names:
        return np.ones(table.num_rows)
    return np.asarray(table["weight"].to_numpy(), dtype=np.float64)
