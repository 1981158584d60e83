"""What comes of asking a rule: its rows, by which values it judged, what it says of all subjects or of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from graph.answers import Finding, Value
from graph.errors import DeclarationError
from graph.rules.overrides import DEFAULT
from graph.rules.rule import VERDICTS, Rule, fill
from graph.stores.base import Reader

#: what a rule says of a subject that is not of its population
OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class InForce:
    """A threshold as it was applied; `default` is false where the county or a division set it, `origin` says who."""

    name: str
    label: str
    value: Any
    unit: str
    default: bool
    origin: str = DEFAULT

    def __str__(self) -> str:
        value = "、".join(map(str, self.value)) if isinstance(self.value, list) else self.value
        return f"{self.label} {value}{self.unit}（{self.origin}）"


@dataclass(frozen=True, slots=True)
class Force:
    """What a rule is judged by in a part of the county (`part`: the divisions that decide so, '' for the county).

    Each with whose word it is; a rule that is not `on` finds nothing and has no denominator there.
    """

    severity: str
    severity_origin: str
    on: bool
    on_origin: str
    parameters: tuple[InForce, ...]
    part: str = ""

    @property
    def values(self) -> dict[str, Any]:
        """The parameters by name."""
        return {p.name: p.value for p in self.parameters}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one rule found: ids of its denominator, findings and 待核实 among them, each in order of id."""

    rule: Rule
    population: tuple[str, ...]
    findings: tuple[Finding, ...]
    unverified: tuple[Finding, ...]
    cypher: str
    #: the county's, then those of divisions that decide otherwise
    forces: tuple[Force, ...]
    #: those of divisions by the subjects found there
    elsewhere: Mapping[str, Force] = field(default_factory=dict)

    @property
    def parameters(self) -> tuple[InForce, ...]:
        """The thresholds applied, those of each part of the county."""
        return tuple({str(p): p for force in self.forces for p in force.parameters}.values())

    def text(self, template: str, subject: str = "") -> str:
        """A text of the rule with the thresholds in force (where `subject` lies) in place of their names."""
        return fill(template, self.elsewhere.get(subject, self.forces[0]).values)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one rule says of one subject: "finding", "unverified", "clear", or "outside" its denominator.

    `facts` are what the query that says so compared, in its order; of a subject outside, there are none.
    """

    rule: Rule
    state: str
    facts: Mapping[str, Value]
    #: what it is judged by where it lies, and what the queries were given
    force: Force
    given: Mapping[str, Any]

    def text(self, template: str) -> str:
        """A text of the rule with the values in force where the subject lies in place of their names."""
        return fill(template, self.given)


def verdict_rows(reader: Reader, rule: Rule, parameters: Mapping[str, Any]) -> pa.Table:
    """What the query of a rule returns: `id`, `verdict` and the facts; a subject may have several rows.

    Raises DeclarationError where it says something else than a verdict: a county's own rule may.
    """
    table = reader.query(rule.query.text(parameters), parameters)
    # a server tells no type of a column in which there is nothing
    ids, verdicts = (table[name].cast(pa.string()) for name in ("id", "verdict"))
    strange = verdicts.filter(pc.invert(pc.is_in(verdicts, value_set=pa.array(VERDICTS))))
    if len(strange):
        raise DeclarationError(
            f"{rule.source} 第 {rule.query.line} 行：规则 {rule.id} 的 verdict 有“{strange[0].as_py() or '空'}”"
            f"（{len(strange)} 个对象）。请使它总是 {'、'.join(VERDICTS)} 之一（CASE 要写 ELSE）。"
        )
    for name, column in (("id", ids), ("verdict", verdicts)):
        table = table.set_column(table.column_names.index(name), name, column)
    return table


def of_verdict(table: pa.Table, verdict: str) -> pa.Table:
    """The rows that say so."""
    return table.filter(pc.equal(table["verdict"], verdict))


def by_subject(table: pa.Table) -> dict[str, tuple[str, dict[str, Value]]]:
    """The verdict and the facts of each subject of these rows, from the row whose verdict goes first in VERDICTS."""
    deciding: dict[str, tuple[str, dict[str, Value]]] = {}
    for verdict in VERDICTS:
        for row in of_verdict(table, verdict).to_pylist():
            deciding.setdefault(row["id"], (verdict, facts_of(row)))
    return deciding


def facts_of(row: Mapping[str, Any]) -> dict[str, Value]:
    """The facts of a row, beside its id and verdict; collect() promises no order."""
    return {n: sorted(v) if isinstance(v, list) else v for n, v in row.items() if n not in ("id", "verdict")}
