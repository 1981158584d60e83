"""What comes of asking a rule: by which values it judged, and what it found of all subjects or of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graph.answers import Finding, Value
from graph.rules.deciding import DEFAULT
from graph.rules.files import Rule, fill


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
    cypher: tuple[str, ...]
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
