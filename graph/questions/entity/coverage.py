"""两个覆盖 of one unit with the reasons, and the coverage by one organization, as lines of a profile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from graph.coverage.states import organization_reason, organization_state, outside, work_reason, work_state
from graph.coverage.unit_facts import COVERING_CYPHER, COVERS_CYPHER, GUIDING_CYPHER, unit_facts
from graph.privacy import OPEN
from graph.questions.coverage.overview import base_meaning, unit_base
from graph.questions.entity.provenance import SourceRow, Sources
from graph.rules.derived import TYING, kinds_not_covering
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader


class Line(NamedTuple):
    """A line about coverage; `source` is the ledger row of the fact or relation that it rests on."""

    item: str
    value: str
    detail: str = ""
    target: str = ""
    sensitivity: str = OPEN
    source: SourceRow | None = None


def lines(
    reader: Reader,
    context: Inquiry,
    node_type: str,
    entity: tuple[str, str],
    facts: Mapping[str, Any],
    sources: Sources,
    queries: list[str],
) -> list[Line]:
    """The lines of an entity (id, title) with these properties; [] for neither a unit nor an organization."""
    # asked for all divisions, as most other answers are: a reader remembers the result
    whole = replace(context, scope=(), chain="")
    if node_type == "Unit":
        return _of_unit(reader, whole, entity, facts, sources, queries)
    return _of_organization(reader, whole, entity[0], facts["kind"], queries) if node_type == "PartyOrg" else []


def _of_unit(
    reader: Reader,
    context: Inquiry,
    me: tuple[str, str],
    facts: Mapping[str, Any],
    sources: Sources,
    queries: list[str],
) -> list[Line]:
    """Both states of a unit in the base of its kind, the reasons, the organizations, the officers; [] if not listed.

    Of a unit without an organization also 未建立原因, as its ledger has it.
    """
    units = unit_facts(reader, context, [me[0]])
    if not units:
        return []
    (unit,) = units
    book, locality = context.book, context.locality
    minimum, broad = unit.minimum, locality.broad_work_coverage
    base = unit_base(context, unit.kind or "")
    parameters = {**book.parameters("coverage_blank", context), "id": me[0]}
    queries += [COVERING_CYPHER, GUIDING_CYPHER]
    covering = reader.query(COVERING_CYPHER, parameters).to_pylist()
    guiding = reader.query(GUIDING_CYPHER, parameters).to_pylist()
    lapsed = len({r["id"] for r in guiding} - {r["id"] for r in guiding if r["in_force"]})
    none = outside(unit)

    def related(item: str, row: Mapping[str, Any], detail: str, edge: str, node_type: str) -> Line:
        source = sources.of_edge(edge, (row["id"], str(row["name"])), me, row)
        sensitivity = context.ontology.nodes[node_type].called.sensitivity
        return Line(item, str(row["name"]), detail, row["id"], sensitivity, source)

    reason = None
    if facts["reason_unbuilt"] and not unit.covered:
        source = sources.of_property("reason_unbuilt", facts["reason_unbuilt"])
        reason = Line("未建立原因", facts["reason_unbuilt"], "台账所填", source=source)
    members = None if unit.covered or unit.formal is None else sources.of_property("formal_members", unit.formal)
    return [
        Line(
            "组织覆盖",
            organization_state(unit, base, minimum) or none,
            organization_reason(unit, base, minimum),
            source=members,
        ),
        *([reason] if reason else []),
        *(related("覆盖它的党组织", r, _mode(r["mode"]), "COVERS", "PartyOrg") for r in covering),
        Line("工作覆盖", work_state(unit, base, broad) or none, work_reason(unit, base, broad, lapsed)),
        *(
            related(f"在岗的{r['role']}", r, "", "GUIDES", "GuidanceOfficer")
            for r in {r["id"]: r for r in guiding if r["in_force"]}.values()
        ),
        *([Line("口径", base, base_meaning(book, locality, base))] if base else []),
    ]


def _of_organization(
    reader: Reader, context: Inquiry, organization: str, kind: str | None, queries: list[str]
) -> list[Line]:
    """The units that an organization covers, counted by mode; or why its coverage does not count as 组织覆盖."""
    parameters = {**context.book.parameters("coverage_blank", context), "id": organization}
    queries.append(COVERS_CYPHER)
    if kind in kinds_not_covering(context):
        none = Line("组织覆盖", "不计入", f"{kind}不计入组织覆盖")
        tied = reader.query(COVERS_CYPHER, parameters | {"kinds_not_covering": []}).num_rows
        return [
            none,
            *([Line("联建", f"{tied} 家单位", "联建、归口，党员的组织关系不在此")] if tied and kind in TYING else []),
        ]
    modes = Counter(_mode(r["mode"]) for r in reader.query(COVERS_CYPHER, parameters).to_pylist())
    if not modes:
        return []
    return [Line("组织覆盖", f"{modes.total()} 家单位", "，".join(f"{m} {n} 家" for m, n in modes.items()))]


def _mode(mode: str) -> str:
    return f"{mode}组建" if mode in ("单独", "联合") else mode or "组建方式不明"
