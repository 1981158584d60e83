"""A walk over the network: from chosen nodes, one relation of one node is opened after another, and no node moves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from graph.ontology import Ontology
from graph.questions.network.subgraphs import Network

#: relations that read the same from both ends
SYMMETRIC = frozenset({"PAIRED_WITH"})
INWARD = ".in"
#: the distance between rings around a node, and the least between two nodes
RING, GAP = 190.0, 125.0

Ints = npt.NDArray[np.int64]
Point = tuple[float, float]


class Relation(NamedTuple):
    """A type of edge as seen from one of its ends; `inward` where that end is its target."""

    edge: str
    inward: bool = False

    def __str__(self) -> str:
        return self.edge + (INWARD if self.inward else "")

    def label(self, ontology: Ontology, node_type: str) -> str:
        """The label at a node of this type: 覆盖, or 隶属本方 where the type may be at either end."""
        edge = ontology.edges[self.edge]
        both = {near for near, _ in edge.ends} & {far for _, far in edge.ends}
        if self.inward and node_type in both and self.edge not in SYMMETRIC:
            return edge.sentence.format_map({"from": "", "to": "本方"}).replace(" ", "")
        return edge.label


class Opened(NamedTuple):
    """One step of a walk: a relation of a node."""

    node: str
    relation: Relation

    def __str__(self) -> str:
        return f"{self.node}.{self.relation}"


class Ties:
    """The edges of a network by their ends, so that the neighbours of a node are found without a pass over all.

    They are of the types in `edges`, in that order, with at least one end in the core.
    """

    def __init__(self, network: Network, edges: Sequence[str], core: npt.NDArray[np.bool_]) -> None:
        table = network.edges
        self.names = list(edges)
        source, target = network.graph.positions(table["source"]), network.graph.positions(table["target"])
        index = pc.index_in(table["type"], value_set=pa.array(self.names, pa.string()))
        kind = np.asarray(pc.fill_null(index, -1).to_numpy(), dtype=np.int64)
        used = (kind >= 0) & (core[source] | core[target])
        self.source, self.target, self.kind = source[used], target[used], kind[used]
        count = len(network.graph)
        self._out, self._in = (np.argsort(end, kind="stable") for end in (self.source, self.target))
        self._from = np.searchsorted(self.source[self._out], np.arange(count + 1))
        self._to = np.searchsorted(self.target[self._in], np.arange(count + 1))

    def at(self, node: int) -> dict[Relation, Ints]:
        """The neighbours of a node by relation. Relations are in the order of the types, neighbours in that of position."""
        out = self._out[self._from[node] : self._from[node + 1]]
        into = self._in[self._to[node] : self._to[node + 1]]
        by_relation: dict[Relation, Ints] = {}
        for kind in sorted({*self.kind[out].tolist(), *self.kind[into].tolist()}):
            name = self.names[kind]
            ends = {False: self.target[out[self.kind[out] == kind]], True: self.source[into[self.kind[into] == kind]]}
            if name in SYMMETRIC:
                ends = {False: np.concatenate([ends[False], ends[True]])}
            for inward, neighbours in ends.items():
                others = np.unique(neighbours[neighbours != node])
                if len(others):
                    by_relation[Relation(name, inward)] = others
        return by_relation


@dataclass
class Walk:
    """The state of a picture: its nodes with their places, in the order of arrival, and the relations opened.

    `cut` is the number of neighbours of an opened relation that are not drawn.
    """

    ties: Ties
    degrees: Ints
    places: dict[int, Point] = field(default_factory=dict)
    opened: dict[tuple[int, Relation], None] = field(default_factory=dict)
    cut: dict[tuple[int, Relation], int] = field(default_factory=dict)

    def begin(self, starts: Sequence[int]) -> None:
        """Place the first nodes side by side."""
        for i, node in enumerate(dict.fromkeys(starts)):
            self.places[node] = (i * 5 * RING, 0.0)

    def open(self, node: int, relation: Relation, fits: npt.NDArray[np.bool_], most: int, room: int) -> bool:
        """Place the neighbours of a node by a relation that are in `fits`, the best connected first.

        At most `most` new nodes, and at most `room`, are placed. False if the node has no place or no such relation.
        """
        others = self.ties.at(node).get(relation) if node in self.places else None
        if others is None:
            return False
        others = others[fits[others]]
        self.opened[node, relation] = None
        ranked = others[np.lexsort((others, -self.degrees[others]))]
        new = [int(n) for n in ranked if int(n) not in self.places]
        shown = new[: max(0, min(most, room))]
        if len(new) > len(shown):
            self.cut[node, relation] = len(new) - len(shown)
        self._around(node, shown)
        return True

    def _around(self, node: int, new: Sequence[int]) -> None:
        """Place nodes on rings around another, where there is room, on the side away from the nodes placed before."""
        x, y = self.places[node]
        taken = np.array(list(self.places.values()))
        away = np.array([x, y]) - taken.mean(axis=0)
        first = math.atan2(away[1], away[0]) if np.hypot(*away) > 1 else -math.pi / 2
        waiting = list(reversed(new))
        ring = 1
        while waiting:
            radius = ring * RING
            slots = max(6, int(2 * math.pi * radius / (GAP * 1.15)))
            # few nodes share a whole ring, so that a star looks like a star
            if ring == 1 and len(taken) == 1 and len(waiting) < slots:
                slots = len(waiting)
            # the slots next to the outward direction first, on either side in turn
            for step in sorted(range(slots), key=lambda s: (min(s, slots - s), s)):
                angle = first + 2 * math.pi * step / slots
                point = (round(x + radius * math.cos(angle), 1), round(y + radius * math.sin(angle), 1))
                if waiting and np.hypot(*(taken - point).T).min() >= GAP:
                    self.places[waiting.pop()] = point
                    taken = np.vstack([taken, point])
            ring += 1
