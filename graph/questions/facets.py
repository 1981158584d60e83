"""Facets of a list: the rows that a choice leaves, and how many each other choice would leave."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph.answers import Choice, Facet
from graph.context import Context
from graph.parameters import KINDS, Parameter
from graph.regions import Regions
from graph.stores.base import Reader
from graph.validity import in_force

Row = Mapping[str, Any]
KIND = Parameter("kind", "单位类型")
SCALE = Parameter("scale", "规模")
SCALES = {True: "规上", False: "规下", None: "未填"}
KINDS_CYPHER = (
    "MATCH (u:Unit) WHERE u.listed RETURN u.id AS id, u.kind AS kind, u.above_scale AS above_scale ORDER BY id"
)
CHAINS_CYPHER = f"""MATCH (u:Unit)-[i:IN_CHAIN]->(c:IndustryChain)
WHERE u.listed AND c.listed AND {in_force("i")}
RETURN DISTINCT u.id AS id, c.id AS chain, c.name AS name
ORDER BY chain, id"""


@dataclass(frozen=True, slots=True)
class By:
    """One way to narrow a list: the parameter that does it, and the (value, label) pairs that a row counts for.

    `asked` says that the question was asked with it already (区划, 产业链): then no rows are left out here.
    """

    parameter: str
    label: str
    of: Callable[[Row], Iterable[tuple[str, str]]]
    asked: bool = False


def narrow(rows: Sequence[Row], ways: Sequence[By], chosen: Mapping[str, str]) -> tuple[list[Row], tuple[Facet, ...]]:
    """The rows that fit every choice; for each facet its values among the rows that fit all the others, most first."""
    left: list[Row] = []
    counts: list[dict[str, list[Any]]] = [{} for _ in ways]
    wanted = ["" if way.asked else chosen.get(way.parameter, "") for way in ways]
    for row in rows:
        said = [list(way.of(row)) for way in ways]
        missed = [
            i
            for i, (want, pairs) in enumerate(zip(wanted, said, strict=True))
            if want and all(value != want for value, _ in pairs)
        ]
        if len(missed) > 1:
            continue
        if not missed:
            left.append(row)
        for i in missed or range(len(ways)):
            for value, label in said[i]:
                counts[i].setdefault(value, [label, 0])[1] += 1
    facets = []
    for way, want, found in zip(ways, wanted, counts, strict=True):
        choices = sorted(
            (Choice(value, label, count, value == want) for value, (label, count) in found.items()),
            key=lambda c: (-c.count, c.label),
        )
        if want and want not in found:
            choices.append(Choice(want, want, 0, True))
        if choices:
            facets.append(Facet(way.parameter, way.label, tuple(choices)))
    return left, tuple(facets)


def of_units(reader: Reader, context: Context, divisions: Regions, key: str) -> tuple[By, ...]:
    """How a list can be narrowed whose rows hold an id in `key`, mostly a unit's, and a `division_id`."""
    kinds = {row["id"]: row for row in reader.query(KINDS_CYPHER).to_pylist()}
    chains: dict[str, list[tuple[str, str]]] = {}
    for row in reader.query(CHAINS_CYPHER, {"as_of": context.as_of}).to_pylist():
        chains.setdefault(row["id"], []).append((row["chain"], row["name"]))

    def place(row: Row) -> Iterable[tuple[str, str]]:
        region = row["division_id"]
        return [(region, divisions.name(region))] if region else ()

    def kind(row: Row) -> Iterable[tuple[str, str]]:
        found = (kinds.get(row[key]) or {}).get("kind")
        return [(found, KINDS.get(found, found))] if found else ()

    def scale(row: Row) -> Iterable[tuple[str, str]]:
        found = kinds.get(row[key])
        return [(SCALES[found["above_scale"]],) * 2] if found else ()

    return (
        By("region", "区划", place, asked=True),
        By("chain", "产业链", lambda row: chains.get(row[key], ()), asked=True),
        By(KIND.name, KIND.label, kind),
        By(SCALE.name, SCALE.label, scale),
    )
