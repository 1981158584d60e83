"""单位名册: every unit with its states of 组织覆盖 and 工作覆盖, in a list that facets narrow."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graph.answers import Answer, Column, Total
from graph.coverage.states import (
    MEANINGS,
    NOT_APPLICABLE,
    ORG_STATES,
    OUTSIDE,
    WITHIN,
    WORK_STATES,
    organization_state,
    outside,
    work_state,
)
from graph.coverage.unit_facts import unit_facts
from graph.parameters import KINDS, Parameter, words
from graph.questions.asking import Question
from graph.questions.coverage.overview import base_field, unit_base
from graph.questions.coverage.overview import cypher as coverage_cypher
from graph.questions.facets import (
    PLACE_COLUMN,
    PLACES_CYPHER,
    By,
    cell,
    column,
    declared,
    narrow,
    of_units,
    place_cell,
    places,
)
from graph.regions import Regions
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader

ORG = Parameter("org", "组织覆盖", values=words((*ORG_STATES, NOT_APPLICABLE, OUTSIDE)))
WORK = Parameter("work", "工作覆盖", values=words((*WORK_STATES, NOT_APPLICABLE, OUTSIDE)))
INSIDE = Parameter("within", "口径内外", values=words((WITHIN, NOT_APPLICABLE, OUTSIDE)))
#: properties with a column whether they are facets or not, in this order; the columns of other facets follow
SHOWN = ("staff", "above_scale", "key_unit", "industry")


def units(reader: Reader, context: Inquiry) -> Answer:
    """Each listed unit with its states in the base of its kind."""
    broad = context.locality.broad_work_coverage
    unit_type = context.ontology.nodes["Unit"]
    kind_property, *others = (
        unit_type.properties[name]
        for name in dict.fromkeys(("kind", *SHOWN, *(p.name for p in declared(context.ontology))))
    )
    kind_column = column(kind_property).name
    query = _properties_cypher(p.name for p in (kind_property, *others))
    properties = {row["id"]: row for row in reader.query(query).to_pylist()}
    beside = places(reader)
    divisions = Regions.read(reader)
    located = divisions.located(reader)
    bases: dict[str, str] = {}
    rows: list[dict[str, Any]] = []
    for unit in unit_facts(reader, context):
        kind = unit.kind or ""
        if kind not in bases:
            bases[kind] = unit_base(context, kind)
        state, work = organization_state(unit, bases[kind], unit.minimum), work_state(unit, bases[kind], broad)
        none = outside(unit)
        own = properties[unit.id]
        region = located.by_id.get(unit.id, "")
        rows.append(
            {
                "name": own["name"],
                kind_column: kind,
                "division": divisions.name(region),
                "org": state or none,
                "work": work or none,
                "within": WITHIN if state else none,
                "formal": unit.formal,
                **{column(p).name: cell(p, own[p.name]) for p in others},
                **place_cell(beside.get(unit.id, ())),
                "code": own["code"],
                "unit_id": unit.id,
                "division_id": region,
            }
        )
    rows.sort(key=lambda r: (divisions.sort_key(r["division_id"]), r["name"] or "", r["unit_id"]))
    states = (
        By(ORG.name, ORG.label, lambda row: [(row["org"], row["org"])]),
        By(WORK.name, WORK.label, lambda row: [(row["work"], row["work"])]),
        By(INSIDE.name, INSIDE.label, lambda row: [(row["within"], row["within"])]),
    )
    ways = (*states, *of_units(reader, context, divisions, properties, "unit_id"))
    left, facets = narrow(rows, ways, context.parameters)
    return context.answer(
        reader,
        "units",
        "单位名册",
        (
            Column("name", "单位名称", link=("Unit", "unit_id")),
            column(kind_property),
            Column("division", "所在区划", link=("Region", "division_id")),
            Column("org", "组织覆盖"),
            Column("work", "工作覆盖"),
            context.ontology.column("Unit.formal_members", "formal"),
            *map(column, others),
            PLACE_COLUMN,
            context.ontology.column("Unit.credit_code", "code"),
        ),
        left,
        totals=(
            Total("units", "两新组织", len(left), "家"),
            *(
                Total(f"units_{kind}", f"其中{name}", sum(r[kind_column] == kind for r in left), "家")
                for kind, name in KINDS.items()
            ),
        ),
        basis=(
            *(f"{KINDS.get(kind, kind)}按口径“{base}”划分" for kind, base in bases.items() if base),
            *(f"{state}：{MEANINGS[state].rstrip('。')}" for state in (NOT_APPLICABLE, OUTSIDE)),
        ),
        cypher=(*coverage_cypher(context), query, PLACES_CYPHER),
        facets=facets,
        fields=(base_field(context),),
    )


def _properties_cypher(properties: Iterable[str]) -> str:
    """The query for the name, the code and these properties of units."""
    columns = "".join(f", u.{name} AS {name}" for name in properties)
    return (
        f"MATCH (u:Unit) WHERE u.listed\nRETURN u.id AS id, u.name AS name, u.credit_code AS code{columns}\nORDER BY id"
    )


QUESTIONS: tuple[Question, ...] = (
    Question(
        "units",
        "单位名册",
        "有哪些单位，各自的组织覆盖、工作覆盖是什么情形；可按区划、产业链、类型、规模、行业、未建立原因、园区或楼宇逐层缩小",
        units,
        (ORG, WORK, INSIDE),
        narrowed=True,
    ),
)
