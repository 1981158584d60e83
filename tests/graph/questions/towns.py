"""A county of two towns and one beside it, for tests of what is near."""

from __future__ import annotations

import datetime as dt
from typing import Any

from tests.graph.rules.building import Graph

AS_OF = dt.date(2026, 6, 30)
BASE = "实体运营非公企业"
#: a unit of the base
LIKE: dict[str, Any] = {"bases": [BASE], "bases_undecided": []}
#: a hundredth of a degree of latitude is 1.11 km
NORTH, EAST = 28.0, 113.0


def two_towns() -> Graph:
    """东镇 (r1) and 西镇 (r2), which touch, of 丁市 (r0); 邻县 (r8); the middle of a town is where its name is."""
    made = Graph()
    made.node("Region", "r0", name="丁市", kind="县", latitude=NORTH, longitude=EAST)
    made.node("Region", "r1", name="东镇", kind="镇街", latitude=NORTH, longitude=EAST, adjacent=["西镇"])
    made.node("Region", "r2", name="西镇", kind="镇街", latitude=NORTH + 0.2, longitude=EAST)
    made.node("Region", "r8", name="邻县", kind="县", latitude=NORTH, longitude=EAST)
    for town in ("r1", "r2"):
        made.edge(town, "PART_OF", "r0")
    return made


def placed(made: Graph, node_type: str, node: str, at: float, region: str = "r1", **more: Any) -> None:
    """Add a node `at` hundredths of a degree north of the middle of 东镇."""
    made.node(node_type, node, latitude=NORTH + at / 100, longitude=EAST, **more)
    made.edge(node, "LOCATED_IN", region)
