"""The colours and sizes of a drawing: the state of 组织覆盖 of the units, and a measure of the nodes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from graph.answers import Field, Subgraph
from graph.coverage.states import (
    COVERED,
    COVERED_STATES,
    NO_MEMBERS,
    SHOULD_EXIST,
    SHOULD_JOIN,
    UNVERIFIED,
    organization_state,
)
from graph.coverage.unit_facts import unit_facts
from graph.parameters import Parameter
from graph.questions.coverage.overview import cypher as coverage_cypher
from graph.questions.coverage.overview import unit_base
from graph.questions.network.subgraphs import Network
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader

COLOURS = {"type": "按类型", "coverage": "按组织覆盖"}
MEASURES = {"none": "一样大", "staff": "从业人数", "members": "正式党员数（分档）", "relations": "关系数"}
COLOUR = Parameter("colour", "颜色", default="type", values=COLOURS)
MEASURE = Parameter("measure", "大小", default="none", values=MEASURES)
OUTSIDE = "不在口径内"
#: the states by which units are coloured
STATES = (COVERED, SHOULD_EXIST, SHOULD_JOIN, NO_MEMBERS, UNVERIFIED, OUTSIDE)
#: member counts are drawn in the bands that everyone may see: least count, label, size
BANDS = ((0, "0", 0.4), (1, "1–2", 1.2), (3, "≥3", 2.4))
#: the size of a node without a value, and of the node with the largest value
LEAST, LARGEST = 0.4, 4.0
_MEASURED = "MATCH (u:Unit) WHERE u.listed RETURN u.id AS id, u.staff AS staff, u.formal_members AS members"


class State(NamedTuple):
    """The state of a unit and its kind."""

    kind: str
    state: str


def states(reader: Reader, context: Inquiry, only: Sequence[str] | None = None) -> dict[str, State]:
    """The state of 组织覆盖 of the units in `only` (None: of all in every division), each in the base of its kind."""
    bases: dict[str, str] = {}
    states = {}
    for unit in unit_facts(reader, _everywhere(context), only):
        kind = unit.kind or ""
        if kind not in bases:
            bases[kind] = unit_base(context, kind)
        state = organization_state(unit, bases[kind], unit.minimum)
        states[unit.id] = State(kind, COVERED if state in COVERED_STATES else state or OUTSIDE)
    return states


def cypher(context: Inquiry) -> tuple[str, ...]:
    """The queries of `states`."""
    return coverage_cypher(_everywhere(context))


def _everywhere(context: Inquiry) -> Inquiry:
    return replace(context, scope=(), chain="")


#: the fields for colour and size
FIELDS = tuple(
    Field(p.name, p.label, tuple(offered.items())) for p, offered in ((COLOUR, COLOURS), (MEASURE, MEASURES))
)


def dressed(
    reader: Reader, context: Inquiry, network: Network, graph: Subgraph, by_unit: Mapping[str, State] | None = None
) -> Subgraph:
    """The drawing with the chosen colours and sizes; `by_unit` are the states of its units (None: read them)."""
    if context.parameters[COLOUR.name] == "coverage":
        by_unit = states(reader, context, [n.id for n in graph.nodes]) if by_unit is None else by_unit
        nodes = (replace(n, state=by_unit[n.id].state if n.id in by_unit else "") for n in graph.nodes)
        graph = replace(graph, nodes=tuple(nodes), states="组织覆盖")
    measure = context.parameters[MEASURE.name]
    if measure == "none":
        return graph
    values = _values(reader, network, measure)
    if measure == "members":
        nodes = (replace(n, size=_band(values.get(n.id))) for n in graph.nodes)
        words = tuple((f"{label} 人", size) for _, label, size in BANDS)
        return replace(graph, nodes=tuple(nodes), measure="正式党员数（未填的同 0）", sizes=words)
    most = max((values.get(n.id, 0) for n in graph.nodes), default=0)
    unit = "条" if measure == "relations" else "人"

    def size(value: float) -> float:
        """The size whose area is in proportion to the value."""
        return max(LEAST, LARGEST * math.sqrt(value / most)) if most else LEAST

    steps = sorted({most, _round(most / 4), _round(most / 16)} - {0})
    return replace(
        graph,
        nodes=tuple(replace(n, size=size(values.get(n.id, 0))) for n in graph.nodes),
        measure=f"{MEASURES[measure]}（{'截止日有效的关系' if measure == 'relations' else '未填的和非单位画成最小'}）",
        sizes=tuple((f"{value:,} {unit}", size(value)) for value in steps),
    )


def _values(reader: Reader, network: Network, measure: str) -> dict[str, int]:
    if measure == "relations":
        degrees = np.diff(network.graph.matrix.indptr)
        return dict(zip(network.nodes["id"].to_pylist(), map(int, degrees), strict=True))
    rows = reader.query(_MEASURED)
    pairs = zip(rows["id"].to_pylist(), rows[measure].to_pylist(), strict=True)
    return {unit: int(value) for unit, value in pairs if value and value > 0}


def _band(value: int | None) -> float:
    return [size for least, _, size in BANDS if (value or 0) >= least][-1]


def _round(value: float) -> int:
    """The value cut to one significant digit, for the key of sizes."""
    digits = 10 ** max(0, len(str(int(value))) - 1)
    return int(value // digits * digits)
