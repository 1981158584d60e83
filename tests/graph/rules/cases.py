"""The cases of tests/rule_cases: what each says of its subjects, and how it asks."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from graph import ontology
from graph.locality import Locality
from graph.questions.base import Context
from graph.rules.book import book
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

    @property
    def prefix(self) -> str:
        return f"{self.rule}.{self.number}."

    @property
    def town(self) -> str:
        return self.prefix + "镇"

    def named(self, said: str) -> set[str]:
        return {self.prefix + name for name in self.spec.get(said, ())}

    def add_to(self, graph: Graph) -> None:
        graph.node("Region", self.town, kind="镇街")
        given = [(self.prefix + a, kind, self.prefix + b, more) for a, kind, b, *more in self.spec.get("edges", ())]
        placed = {start for start, kind, _, _ in given if kind == "LOCATED_IN"}
        for node_type in TYPES & self.spec.keys():
            for name, properties in self.spec[node_type].items():
                node = graph.node(node_type, self.prefix + name, **properties)
                if node not in placed:
                    graph.edge(node, "PART_OF" if node_type == "Region" else "LOCATED_IN", self.town)
        for start, kind, end, more in given:
            graph.edge(start, kind, end, **(more[0] if more else {}))
        for name, until in self.spec.get("deferred", {}).items():
            graph.defer(self.rule, self.prefix + name, until)


def read_cases() -> list[Case]:
    cases = []
    for path in sorted(FOLDER.glob("*.yaml")):
        whole = yaml.safe_load(path.read_text(encoding="utf-8"))
        for number, spec in enumerate(whole["cases"]):
            unknown = spec.keys() - TYPES - {"case", "edges", "as_of", "locality", "base", "deferred", *SAID}
            assert not unknown, f"{path.name}: {unknown}"
            cases.append(Case(path.stem, number, spec, spec.get("as_of", whole["as_of"])))
    return cases


CASES = read_cases()


def context_of(case: Case) -> Context:
    locality = replace(Locality(), **case.spec.get("locality", {}))
    return Context(case.as_of, locality, book(), ontology.load(), base=case.spec.get("base", ""))
