"""The results of a rule: the rows of its query, the values in force, the outcome for all subjects or for one."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from graph.answers import Finding, Value
from graph.errors import DeclarationError
from graph.rules.overrides import DEFAULT
from graph.rules.rule import FINDING, UNVERIFIED, VERDICTS, Rule, fill
from graph.stores.base import Reader

#: the verdict on a subject that is not in the population
OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class InForce:
    """A threshold as it was applied; `default` is false where the county or a division set it, `origin` names which."""

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
    """The values of a rule in force in a part of the county, each with its origin.

    `part` names the divisions that set them, '' for the county. A rule that is not `on` finds nothing there and has
    no denominator.
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
    """The result of one rule: the ids of its denominator, its findings and its 待核实, each in order of id."""

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
    """The verdict of one rule on one subject: "finding", "unverified", "clear", or "outside" its denominator.

    `facts` are what the query compared, in its order; a subject outside has none.
    """

    rule: Rule
    state: str
    facts: Mapping[str, Value]
    #: the values in force where the subject lies, and the parameters of the query
    force: Force
    parameters: Mapping[str, Any]

    def text(self, template: str) -> str:
        """A text of the rule with the values in force where the subject lies in place of their names."""
        return fill(template, self.parameters)


# cached properties need a __dict__, so the class has no slots
@dataclass(frozen=True)
class Verdicts:
    """What the query of a rule returned: all `rows`, and parts of them with one row a subject, in order of id."""

    rows: pa.Table

    @cached_property
    def population(self) -> pa.Table:
        """The ids."""
        return _each_once(self.rows.select(["id"]))

    @cached_property
    def findings(self) -> pa.Table:
        """The rows of the subjects that have a finding."""
        return _each_once(of_verdict(self.rows, FINDING))

    @cached_property
    def unverified(self) -> pa.Table:
        """The rows of the subjects that are 待核实 and have no finding."""
        rows = _each_once(of_verdict(self.rows, UNVERIFIED))
        return rows.filter(pc.invert(pc.is_in(rows["id"], value_set=self.findings["id"])))


#: the verdicts by the identity of the table that they were made from, for as long as a cache of queries keeps it
_OF_TABLES: dict[int, Verdicts] = {}


def verdicts(reader: Reader, rule: Rule, parameters: Mapping[str, Any]) -> Verdicts:
    """What the query of a rule says. Raises DeclarationError for a value that is no verdict, as `verdict_rows`."""
    table = reader.query(rule.query.text(parameters), parameters)
    made = _OF_TABLES.get(id(table))
    if made is None:
        made = _OF_TABLES[id(table)] = Verdicts(_checked(table, rule))
        weakref.finalize(table, _OF_TABLES.pop, id(table), None).atexit = False
    return made


def verdict_rows(reader: Reader, rule: Rule, parameters: Mapping[str, Any]) -> pa.Table:
    """What the query of a rule returns: `id`, `verdict` and the facts; a subject may have several rows.

    Raises DeclarationError for a value that is no verdict, which a county's own rule may return.
    """
    return verdicts(reader, rule, parameters).rows


def _checked(table: pa.Table, rule: Rule) -> pa.Table:
    """Another table with the same rows, whose ids and verdicts are texts."""
    # Neo4j gives no type for a column without values
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


def _each_once(rows: pa.Table) -> pa.Table:
    """The first row of each subject, in order of id."""
    ids = rows["id"]
    # most queries return their rows so, and this takes no memory
    if pc.all(pc.less(ids[:-1], ids[1:])).as_py():
        return rows
    first = pc.equal(pc.index_in(ids, value_set=ids), pa.array(range(len(ids)), pa.int32()))
    return rows.filter(first).sort_by("id")


def of_verdict(table: pa.Table, verdict: str) -> pa.Table:
    """The rows of a verdict."""
    return table.filter(pc.equal(table["verdict"], verdict))


def facts_of(row: Mapping[str, Any]) -> dict[str, Value]:
    """The facts of a row, beside its id and verdict; collect() promises no order."""
    return {n: sorted(v) if isinstance(v, list) else v for n, v in row.items() if n not in ("id", "verdict")}
