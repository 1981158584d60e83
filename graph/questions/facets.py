"""Facets of a list: the rows that a choice leaves, and how many each other choice would leave."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph.answers import Choice, Column, Facet, Value
from graph.context import Context
from graph.ontology import Ontology, Property
from graph.parameters import KINDS, Parameter
from graph.privacy import OPEN
from graph.regions import Regions
from graph.stores.base import Reader
from graph.validity import in_force

Row = Mapping[str, Any]
#: what a blank, true and false are called where the ontology does not say
BLANK, YES_NO = "未填", ("是", "否")
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


# -- facets that the ontology declares --------------------------------------------------------------


def declared(ontology: Ontology) -> tuple[Property, ...]:
    """The properties of units by which lists are narrowed."""
    return tuple(p for p in ontology.nodes["Unit"].properties.values() if p.facet)


def parameters(ontology: Ontology) -> tuple[Parameter, ...]:
    """The filter of each."""
    return tuple(Parameter(p.facet.name, p.facet.label) for p in declared(ontology) if p.facet)


def column(prop: Property) -> Column:
    """What a list shows of a property of units: as its facet calls it, where it has one."""
    if prop.facet and prop.facet.words:
        return Column(prop.facet.name, prop.facet.label)
    return prop.column(prop.facet.name, label=prop.facet.label) if prop.facet else prop.column()


def cell(prop: Property, value: Value) -> Value:
    """The cell of that column."""
    return _word(prop, value) if prop.facet and prop.facet.words else value


def _word(prop: Property, value: Any) -> str:
    """A boolean in words."""
    yes, no = (prop.facet and prop.facet.words) or YES_NO
    return BLANK if value is None else yes if value else no


def _choices(prop: Property, value: Any) -> Iterable[tuple[str, str]]:
    """The choice that a value of a property counts for; a blank text counts for none."""
    if prop.type == "boolean":
        return [(_word(prop, value),) * 2]
    labels = KINDS if prop.name == "kind" else {}
    return [(value, labels.get(value, value))] if value else ()


def values(reader: Reader, ontology: Ontology) -> dict[str, Row]:
    """The values of these properties of every unit listed, by id."""
    columns = "".join(f", u.{p.name} AS {p.name}" for p in declared(ontology))
    found = reader.query(f"MATCH (u:Unit) WHERE u.listed RETURN u.id AS id{columns} ORDER BY id")
    return {row["id"]: row for row in found.to_pylist()}


def of_units(
    reader: Reader, context: Context, divisions: Regions, units: Mapping[str, Row], key: str
) -> tuple[By, ...]:
    """How a list can be narrowed whose rows hold an id in `key`, mostly that of one of `units`, and a `division_id`.

    A division is no choice where the rule that a row is of must not name it.
    """
    chains: dict[str, list[tuple[str, str]]] = {}
    for row in reader.query(CHAINS_CYPHER, {"as_of": context.as_of}).to_pylist():
        chains.setdefault(row["id"], []).append((row["chain"], row["name"]))

    def place(row: Row) -> Iterable[tuple[str, str]]:
        region = row["division_id"]
        return [(region, divisions.name(region))] if region and row.get("division_sensitivity", OPEN) == OPEN else ()

    def by(prop: Property, parameter: Parameter) -> By:
        def of(row: Row) -> Iterable[tuple[str, str]]:
            unit = units.get(row[key])
            return _choices(prop, unit[prop.name]) if unit else ()

        return By(parameter.name, parameter.label, of)

    return (
        By("region", "区划", place, asked=True),
        By("chain", "产业链", lambda row: chains.get(row[key], ()), asked=True),
        *map(by, declared(context.ontology), parameters(context.ontology)),
    )
