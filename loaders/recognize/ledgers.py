"""The ledgers that ontology.yaml declares, as fields to recognize and edges to make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from graph.ontology import Ontology, Property
from graph.ontology import load as load_ontology

FROM, TO, PLACED, DATED, PERIOD = "@from", "@to", "@placed", "@dated", "@period"
#: the two dates of which a column may state both
_PERIODS = (("valid_from", "valid_to"), ("term_from", "term_to"))
#: what a column of a wider division names, from the narrowest
_WIDER = {"county": "所属县（市、区）", "city": "所属城市", "province": "所属省份"}
#: headers of the column that says on which day a row was true
_DATED = ("数据截止日期", "数据日期", "填报日期", "更新日期", "更新时间", "统计日期", "统计时间", "填表日期")


@dataclass(frozen=True, slots=True)
class Field:
    """A column that a ledger may have. `headers` are its synonyms, best first; the cells of a `many` field hold lists.

    The names of a ledger's fields are unique in it: properties of the entity, properties of an edge that its row makes,
    names of other entities (`@link`), and the place.
    """

    name: str
    property: Property
    headers: tuple[str, ...]
    many: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """An edge that a row makes between its entity and those that `field` names.

    `outward`: from the row's entity to the named ones. `types` are looked up in this order. `constants` and
    `carried` (fields of the row) become properties of the edge. `quiet`: a name that nothing or several have raises
    no review.
    """

    edge: str
    field: str
    types: tuple[str, ...]
    outward: bool
    constants: Mapping[str, Any]
    carried: tuple[str, ...]
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Stated:
    """The fields by which a unit's row states an organization that it does not name."""

    flag: str
    carried: tuple[str, ...]
    properties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ledger:
    """One ledger. `entity` is the type that a row is about, '' where a row is an edge (`edge`, `ends`).

    `placing` are the fields that state where a row lies, each with whether it is a name or an address: the town, the
    addresses best first, then the wider divisions, the narrowest first.
    `period` are the fields of the two dates that a column PERIOD states.
    `rank` orders ledgers by precedence, best least. `of_persons`: a row is about a person, whose name is sensitive.
    """

    name: str
    label: str
    titles: tuple[str, ...]
    entity: str
    edge: str
    ends: tuple[tuple[str, ...], ...]
    fields: Mapping[str, Field]
    links: tuple[Link, ...]
    needs: tuple[str, ...]
    signs: frozenset[str]
    sign_headers: frozenset[str]
    constants: Mapping[str, Any]
    defaults: Mapping[str, Any]
    placing: tuple[tuple[str, bool], ...]
    stated: Stated | None
    rank: int
    dates: tuple[str, ...]
    of_persons: bool
    #: words of a title or heading without which the ledger's default 所有制 is not taken for granted
    evidence: tuple[str, ...] = ()
    period: tuple[str, str] | None = None


def _text(name: str, label: str) -> Property:
    return Property(name, label, "string")


_DATES = {
    "valid_from": Property("valid_from", "起始日期", "date"),
    "valid_to": Property("valid_to", "终止日期", "date", end=True),
}


def _ledger(name: str, spec: Mapping[str, Any], rank: int, ontology: Ontology) -> Ledger:
    fields: dict[str, Field] = {}
    entity = spec.get("entity", "")
    overrides = {k: tuple(v) for k, v in spec.get("headers", {}).items()}
    excluded = set(spec.get("exclude", ()))

    def add(field_name: str, prop: Property, headers: tuple[str, ...], many: bool = False) -> None:
        headers = overrides.get(field_name, headers)
        if headers and field_name not in fields:
            fields[field_name] = Field(field_name, prop, headers, many)

    if entity:
        for prop in ontology.nodes[entity].properties.values():
            if prop.name not in excluded:
                add(prop.name, prop, prop.headers)
    if entity == "Review":
        add("id", _text("id", "待核实编号"), ())
    links = []
    for link in spec.get("links", ()):
        edge = ontology.edges[link["edge"]]
        outward = "to" in link
        field_name = link.get("of") or "@" + link["field"]
        if link["headers"]:
            label = f"{edge.label}：{ontology.nodes[link['to' if outward else 'from'][0]].label}"
            add(field_name, _text(field_name, label), tuple(link["headers"]), bool(link.get("many")))
        carried = tuple(link.get("with", ()))
        for prop_name in carried:
            add(prop_name, edge.properties[prop_name], edge.properties[prop_name].headers)
        for date, headers in link.get("dates", {}).items():
            add(date, _DATES[date], tuple(headers))
        links.append(
            Link(
                link["edge"],
                field_name,
                tuple(link["to" if outward else "from"]),
                outward,
                link.get("set", {}),
                carried + tuple(link.get("dates", ())),
                bool(link.get("quiet")),
            )
        )
    ends: tuple[tuple[str, ...], ...] = ()
    if "edge" in spec:
        edge = ontology.edges[spec["edge"]]
        ends = (tuple(spec["from"]["types"]), tuple(spec["to"]["types"]))
        for end, side in ((FROM, "from"), (TO, "to")):
            add(
                end,
                _text(end, "、".join(ontology.nodes[t].label for t in spec[side]["types"])),
                tuple(spec[side]["headers"]),
            )
        for prop in edge.properties.values():
            add(prop.name, prop, prop.headers)
    for date, headers in spec.get("dates", {}).items():
        add(date, _DATES[date], tuple(headers))
    stated = None
    if "stated" in spec:
        stating = spec["stated"]
        for prop_name in stating["with"]:
            add(
                prop_name,
                ontology.edges["COVERS"].properties[prop_name],
                ontology.edges["COVERS"].properties[prop_name].headers,
            )
        for date, headers in stating.get("dates", {}).items():
            add(date, _DATES[date], tuple(headers))
        about = [f"org.{p}" for p in stating["org"]]
        for prop_name, headers in stating["org"].items():
            add(f"org.{prop_name}", ontology.nodes["PartyOrg"].properties[prop_name], tuple(headers))
        if "superior" in stating:
            add("@superior", _text("@superior", "上级党组织"), tuple(stating["superior"]))
        stated = Stated(stating["organization"], (*stating["with"], *stating.get("dates", ())), tuple(about))
    if spec.get("placed_by"):
        add(PLACED, _text(PLACED, "所在区划"), tuple(spec["placed_by"]))
    within = spec.get("placed_within", {})
    wider = [f"@{level}" for level in _WIDER if level in within]
    for field_name in wider:
        level = field_name.removeprefix("@")
        add(field_name, _text(field_name, _WIDER[level]), tuple(within[level]))
    add(DATED, _text(DATED, "数据日期"), _DATED)
    if spec.get("period"):
        add(PERIOD, Property(PERIOD, "起止日期", "string", format="period"), tuple(spec["period"]))
    return Ledger(
        name=name,
        label=spec["label"],
        titles=tuple(spec.get("titles", ())),
        entity=entity,
        edge=spec.get("edge", ""),
        ends=ends,
        fields=fields,
        links=tuple(links),
        needs=tuple(spec["needs"]) if entity else (FROM, TO),
        signs=frozenset(f if f in fields else "@" + f for f in spec.get("signs", ())),
        sign_headers=frozenset(spec.get("sign_headers", ())),
        constants=spec.get("set", {}),
        defaults=spec.get("default", {}),
        placing=(
            (PLACED, True),
            *((column, False) for column in spec.get("address", ())),
            *((column, True) for column in wider),
        ),
        stated=stated,
        rank=rank,
        dates=tuple(n for n, f in fields.items() if f.property.type == "date"),
        of_persons="name" in fields and fields["name"].property.sensitivity == "person",
        evidence=tuple(spec.get("evidence", ())),
        period=next((pair for pair in _PERIODS if fields.keys() >= {PERIOD, *pair}), None),
    )


def compile_ledgers(ontology: Ontology, precedence: tuple[str, ...] = ()) -> dict[str, Ledger]:
    """Every declared ledger by name, ranked by `precedence` (names or labels) and then in the declared order."""
    order = list(ontology.ledgers)
    first = [n for p in precedence for n in order if p in (n, ontology.ledgers[n]["label"])]
    ranked = first + [n for n in order if n not in first]
    return {name: _ledger(name, ontology.ledgers[name], rank, ontology) for rank, name in enumerate(ranked)}


@lru_cache(maxsize=8)
def ledgers(precedence: tuple[str, ...] = ()) -> Mapping[str, Ledger]:
    """The product's own ledgers, compiled once for each precedence."""
    return compile_ledgers(load_ontology(), precedence)
