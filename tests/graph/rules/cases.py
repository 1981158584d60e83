"""The cases of tests/rule_cases: what each says of its subjects, and how it asks.

Each stands twice: as it is written, and with every relation that has no dates of its own in force on that day alone,
which changes nothing of what it says.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from graph import ontology
from graph.locality import Locality
from graph.rules.book import Book, book
from graph.rules.inquiry import Inquiry
from graph.rules.rule import Rule
from graph.rules.verdicts import facts_of, verdict_rows
from graph.stores.base import Reader
from tests.graph.rules.building import Graph

FOLDER = Path(__file__).parents[2] / "rule_cases"
TYPES = {kind.name for kind in ontology.load().entities}
SAID = ("finding", "unverified", "clear")


@dataclass(frozen=True)
class Case:
    """One case: the ids of its graph carry `prefix`, and `town` is its scope."""

    rule: str
    number: int
    spec: dict[str, Any]
    as_of: dt.date
    #: whether its relations are in force on that day alone
    brief: bool = False

    @property
    def prefix(self) -> str:
        return f"{self.rule}.{self.number}{'b' if self.brief else ''}."

    @property
    def town(self) -> str:
        return self.prefix + "镇"

    @property
    def retired(self) -> bool:
        """Whether something in it is no longer listed, or a relation has run out."""
        nodes = (properties for kind in TYPES & self.spec.keys() for properties in self.spec[kind].values())
        dated = (edge[3] for edge in self.spec.get("edges", ()) if len(edge) > 3)
        unlisted = any(properties.get("listed") is False for properties in nodes)
        return unlisted or any(properties.get("valid_to", self.as_of) < self.as_of for properties in dated)

    def named(self, said: str) -> set[str]:
        return {self.prefix + name for name in self.spec.get(said, ())}

    def add_to(self, graph: Graph) -> None:
        graph.node("Region", self.town, kind="镇街")
        given = [
            (self.prefix + a, kind, self.prefix + b, self._dated(kind, more[0] if more else {}))
            for a, kind, b, *more in self.spec.get("edges", ())
        ]
        placed = {start for start, kind, _, _ in given if kind == "LOCATED_IN"}
        for node_type in TYPES & self.spec.keys():
            for name, properties in self.spec[node_type].items():
                node = graph.node(node_type, self.prefix + name, **properties)
                if node not in placed:
                    graph.edge(node, "PART_OF" if node_type == "Region" else "LOCATED_IN", self.town)
        for start, kind, end, properties in given:
            graph.edge(start, kind, end, **properties)
        for name, until in self.spec.get("deferred", {}).items():
            graph.defer(self.rule, self.prefix + name, until)

    def _dated(self, kind: str, properties: dict[str, Any]) -> dict[str, Any]:
        """The properties of a relation; a brief one that says only when it begins or ends is in force as it was."""
        if not (self.brief and ontology.load().edges[kind].dated):
            return properties
        dates = {"valid_from": self.as_of, "valid_to": self.as_of} | properties
        return dates if dates["valid_from"] <= self.as_of <= dates["valid_to"] else properties


def read_cases() -> list[Case]:
    cases = []
    for path in sorted(FOLDER.glob("*.yaml")):
        whole = yaml.safe_load(path.read_text(encoding="utf-8"))
        for number, spec in enumerate(whole["cases"]):
            unknown = spec.keys() - TYPES - {"case", "edges", "as_of", "locality", "base", "deferred", "facts", *SAID}
            assert not unknown, f"{path.name}: {unknown}"
            case = Case(path.stem, number, spec, spec.get("as_of", whole["as_of"]))
            cases += [case, replace(case, brief=True)] if spec.get("edges") else [case]
    return cases


CASES = read_cases()


def tells(reader: Reader, rules: Book, case: Case) -> bool:
    """Whether a rule tells the facts of a case as the case does."""
    context = context_of(case)
    return all(
        expected.items() <= rules.judged(reader, case.rule, context, case.prefix + name).facts.items()
        for name, expected in case.spec.get("facts", {}).items()
    )


def at_odds(reader: Reader, rule: Rule, given: Mapping[str, Any]) -> list[str]:
    """Subjects of which one row of a rule says something else than another.

    A subject has one row for each verdict, or one for each base that says the same of it.
    """
    facts_by_row: dict[tuple[str, str], Mapping[str, Any]] = {}
    differing = []
    for row in verdict_rows(reader, rule, given).to_pylist():
        key, facts = (row["id"], row["verdict"]), facts_of(row)
        listed = {name: facts[name] for name in rule.listed(row["verdict"])}
        if key in facts_by_row and ("bases" not in rule.given or listed != facts_by_row[key]):
            differing.append(row["id"])
        facts_by_row[key] = listed
    return differing


def context_of(case: Case) -> Inquiry:
    locality = replace(Locality(), **case.spec.get("locality", {}))
    return Inquiry(case.as_of, locality, ontology.load(), base=case.spec.get("base", ""), book=book())
