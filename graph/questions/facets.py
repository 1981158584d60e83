"""Facets of a list: the rows that fit the choices made, and the number of rows that each other choice would leave."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graph.answers import Choice, Column, Facet, Value
from graph.chains import chains_of
from graph.context import Context
from graph.ontology import Ontology, Property
from graph.parameters import KINDS, Parameter, words
from graph.privacy import OPEN
from graph.regions import PLACES, Regions
from graph.stores.base import Reader

Row = Mapping[str, Any]
#: the words for a blank, and for true and false where the ontology declares none
BLANK, YES_NO = "未填", ("是", "否")
RECORDED_CYPHER = """MATCH (u:Unit)
WHERE u.{name} <> '' AND (size($scope) = 0 OR EXISTS {{ MATCH (u)-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope }})
RETURN DISTINCT u.{name} AS value
ORDER BY value"""
PLACE = Parameter("place", "园区、楼宇", entity="Region", kinds=PLACES)
PLACE_COLUMN = Column(PLACE.name, PLACE.label, link=("Region", "place_id"))
PLACES_CYPHER = "MATCH (n)-[:IN_PLACE]->(r:Region) RETURN n.id AS id, r.id AS place, r.name AS name ORDER BY id, name"
CHAINS_CYPHER = "MATCH (c:IndustryChain) WHERE c.listed RETURN c.id AS id, c.name AS name ORDER BY id"


@dataclass(frozen=True, slots=True)
class By:
    """One way to narrow a list: the parameter that does it, and the (value, label) pairs that a row counts for.

    `applied` says that the question itself applied the parameter (区划, 产业链): `narrow` then leaves out no rows for it.
    `names` are the labels of values that no row may count for. `ranked` says that values stand in the order of `names`.
    """

    parameter: str
    label: str
    of: Callable[[Row], Iterable[tuple[str, str]]]
    applied: bool = False
    names: Mapping[str, str] = field(default_factory=dict)
    ranked: bool = False


def narrow(rows: Sequence[Row], ways: Sequence[By], chosen: Mapping[str, str]) -> tuple[list[Row], tuple[Facet, ...]]:
    """The rows that fit every choice, and for each way a facet: its values among the rows that fit all other choices.

    The values of a facet are in the order of their counts, the most frequent first, unless they are ranked.
    """
    left: list[Row] = []
    counts: list[dict[str, list[Any]]] = [{} for _ in ways]
    choices_made = ["" if way.applied else chosen.get(way.parameter, "") for way in ways]
    for row in rows:
        values = [list(way.of(row)) for way in ways]
        misfits = [
            i
            for i, (choice, pairs) in enumerate(zip(choices_made, values, strict=True))
            if choice and all(value != choice for value, _ in pairs)
        ]
        if len(misfits) > 1:
            continue
        if not misfits:
            left.append(row)
        for i in misfits or range(len(ways)):
            for value, label in values[i]:
                counts[i].setdefault(value, [label, 0])[1] += 1
    facets = []
    for way, choice, counted in zip(ways, choices_made, counts, strict=True):
        choices = sorted(
            (Choice(value, label, count, value == choice) for value, (label, count) in counted.items()),
            key=lambda c: (-c.count, c.label),
        )
        if choice and choice not in counted:
            choices.append(Choice(choice, way.names.get(choice, choice), 0, True))
        if way.ranked:
            choices.sort(key=lambda c: [*way.names].index(c.value))
        if choices:
            facets.append(Facet(way.parameter, way.label, tuple(choices)))
    return left, tuple(facets)


# -- facets that the ontology declares --------------------------------------------------------------


def declared(ontology: Ontology) -> tuple[Property, ...]:
    """The properties of units by which lists are narrowed."""
    return tuple(p for p in ontology.nodes["Unit"].properties.values() if p.facet)


def parameters(ontology: Ontology) -> tuple[Parameter, ...]:
    """The parameter that narrows by each of these properties, and the one that narrows by a park or a building."""
    return (*map(_parameter, declared(ontology)), PLACE)


def _parameter(prop: Property) -> Parameter:
    """The parameter of a property. It knows the words of a boolean; of a text the values declared and recorded."""
    shown = column(prop)
    if prop.type == "boolean":
        choices = words((*((prop.facet and prop.facet.words) or YES_NO), BLANK))
        return Parameter(shown.name, shown.label, values=choices)
    labels = KINDS if prop.name == "kind" else {}
    values = {value: labels.get(value, value) for value in prop.values}
    return Parameter(shown.name, shown.label, values=values, recorded=RECORDED_CYPHER.format(name=prop.name))


def column(prop: Property) -> Column:
    """The column of a property of units, with the name and the label of its facet if it has one."""
    if prop.facet and prop.facet.words:
        return Column(prop.facet.name, prop.facet.label)
    return prop.column(prop.facet.name, label=prop.facet.label) if prop.facet else prop.column()


def cell(prop: Property, value: Value) -> Value:
    """The cell of that column for a value."""
    return _word(prop, value) if prop.facet and prop.facet.words else value


def _word(prop: Property, value: Any) -> str:
    """The word for a boolean."""
    yes, no = (prop.facet and prop.facet.words) or YES_NO
    return BLANK if value is None else yes if value else no


def _choices(prop: Property, value: Any) -> Iterable[tuple[str, str]]:
    """The (value, label) pairs that a value of a property counts for; none for a blank text."""
    if prop.type == "boolean":
        return [(_word(prop, value),) * 2]
    labels = KINDS if prop.name == "kind" else {}
    return [(value, labels.get(value, value))] if value else ()


def values(reader: Reader, ontology: Ontology) -> dict[str, Row]:
    """The values of these properties of every listed unit, by the id of the unit."""
    columns = "".join(f", u.{p.name} AS {p.name}" for p in declared(ontology))
    table = reader.query(f"MATCH (u:Unit) WHERE u.listed RETURN u.id AS id{columns} ORDER BY id")
    return {row["id"]: row for row in table.to_pylist()}


def places(reader: Reader) -> dict[str, list[tuple[str, str]]]:
    """The parks and buildings (id, name) of each entity that is in one; of a park or building itself its own."""
    of: dict[str, list[tuple[str, str]]] = {}
    for row in reader.query(PLACES_CYPHER).to_pylist():
        one = (row["place"], row["name"])
        of.setdefault(row["id"], []).append(one)
        of[row["place"]] = [one]
    return of


def place_cell(own: Sequence[tuple[str, str]]) -> dict[str, str | None]:
    """The cell of PLACE_COLUMN with its link."""
    return {PLACE.name: "、".join(name for _, name in own) or None, "place_id": own[0][0] if own else None}


def of_units(
    reader: Reader,
    context: Context,
    divisions: Regions,
    units: Mapping[str, Row],
    key: str,
    types: Iterable[str] = ("Unit",),
) -> tuple[By, ...]:
    """The ways to narrow a list by division, chain, the properties of `units`, and park or building.

    A row of the list holds in `key` the id of an entity of one of `types`, and a `division_id`. The division and the
    place are no choice where its rule must not name them.
    """
    names = {row["id"]: row["name"] for row in reader.query(CHAINS_CYPHER).to_pylist()}
    chains = {
        entity: [(chain, names[chain]) for chain in sorted(own) if chain in names]
        for entity, own in chains_of(reader, context, types).items()
    }

    beside = places(reader)

    def division(row: Row) -> Iterable[tuple[str, str]]:
        region = row["division_id"]
        return [(region, divisions.name(region))] if region and row.get("division_sensitivity", OPEN) == OPEN else ()

    def within(row: Row) -> Iterable[tuple[str, str]]:
        return beside.get(row[key], ()) if row.get("division_sensitivity", OPEN) == OPEN else ()

    def by(prop: Property, parameter: Parameter) -> By:
        def of(row: Row) -> Iterable[tuple[str, str]]:
            unit = units.get(row[key])
            return _choices(prop, unit[prop.name]) if unit else ()

        return By(parameter.name, parameter.label, of)

    return (
        By("region", "区划", division, applied=True),
        By("chain", "产业链", lambda row: chains.get(row[key], ()), applied=True),
        *map(by, declared(context.ontology), parameters(context.ontology)),
        By(PLACE.name, PLACE.label, within, names=divisions.names),
    )
