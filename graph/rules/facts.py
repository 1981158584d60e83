"""The facts that a rule returns beside the verdict: their columns, the edges they rest on, where they are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graph.answers import Column
from graph.ontology import ARROW, Ontology
from graph.ontology.declaration import Declaration
from graph.privacy import OPEN

_KEYS = {"label", "type", "unit", "sensitivity", "via", "listed"}


@dataclass(frozen=True, slots=True)
class Facts:
    """A column for each fact; the types of edges that some rest on; those that lists of findings do not show."""

    columns: Mapping[str, Column]
    via: Mapping[str, str]
    conditions: frozenset[str]
    #: those that only lists of 待核实 show
    unverified: frozenset[str]


def read_facts(head: Declaration, subjects: Sequence[str], names: Sequence[str], ontology: Ontology) -> Facts:
    """The facts of a rule whose query returns `names`; DeclarationError with line and mend.

    Each is as the file declares it, else the property of the subject. A boolean is not listed
    unless the file says so.
    """
    declared = head.data.get("facts") or {}
    columns: dict[str, Column] = {}
    for name in dict.fromkeys(names):
        if name not in ("id", "verdict"):
            columns[name] = _column(head, name, declared.get(name), subjects, ontology)
    for name in declared:
        if name not in columns:
            head.fail(f"/facts/{name}", f"事实 {name} 没有查询返回", f"删去 {name}，或在查询中 RETURN … AS {name}")
    stated = {name: spec for name, spec in declared.items() if isinstance(spec, dict)}
    via = {name: spec["via"] for name, spec in stated.items() if "via" in spec}
    for name, edge in via.items():
        fitting = [e.name for e in ontology.edges.values() if any({*pair} & {*subjects} for pair in e.ends)]
        if edge not in fitting:
            head.fail(f"/facts/{name}", f"对象没有名为“{edge}”的关系", f"改为 {'、'.join(fitting)} 之一")
    conditions = frozenset(n for n, spec in stated.items() if not spec.get("listed", spec["type"] != "boolean"))
    unverified = head.data.get("unverified_facts") or []
    unverified = unverified if isinstance(unverified, list) else [unverified]
    for name in unverified:
        if name not in columns:
            head.fail("/unverified_facts", f"没有查询返回“{name}”", f"改为 {'、'.join(columns)} 之一")
    return Facts(columns, via, conditions, frozenset(unverified))


def _column(head: Declaration, name: str, spec: object, subjects: Sequence[str], ontology: Ontology) -> Column:
    path = f"/facts/{name}"
    if spec is None:
        spec = next((f"{s}.{name}" for s in subjects if name in ontology.nodes[s].properties), None)
    if isinstance(spec, str):
        try:
            return ontology.column(spec, name)
        except KeyError:
            head.fail(path, f"“{spec}”不是本体中的属性", "改为 类型.属性，或写成 {label: 中文名, type: string}")
    if not isinstance(spec, dict):
        head.fail("/facts", f"返回的“{name}”不是对象的属性", f"在 facts 中写 {name}: {{label: 中文名, type: string}}")
    if set(spec) - _KEYS or "label" not in spec or spec.get("type") not in ARROW:
        head.fail(path, f"事实 {name} 写得不对", f"写成 {name}: {{label: 中文名, type: integer, unit: 家}}")
    if spec.get("sensitivity", OPEN) not in ontology.sensitivities:
        head.fail(path, f"敏感级别“{spec['sensitivity']}”未声明", f"改为 {'、'.join(ontology.sensitivities)} 之一")
    if not isinstance(spec.get("listed", True), bool):
        head.fail(path, f"事实 {name} 的 listed 写成了“{spec['listed']}”", "写成 true 或 false")
    return Column(name, **{key: value for key, value in spec.items() if key not in ("via", "listed")})
