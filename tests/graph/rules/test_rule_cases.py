"""Every rule against its readable cases: all of them stand in one store, each in a town of its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from graph import ontology
from graph.locality import Locality
from graph.questions.base import Context
from graph.rules.book import Outcome, book
from graph.stores.base import Reader, Store
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


@pytest.fixture(scope="module")
def reader(module_store: Store) -> Iterator[Reader]:
    graph = Graph()
    for case in CASES:
        case.add_to(graph)
    with module_store.writer("测试", "案例") as writer:
        graph.write(writer)
        book().refresh(writer, Locality())
    with module_store.reader() as opened:
        yield opened


def context_of(case: Case) -> Context:
    locality = replace(Locality(), **case.spec.get("locality", {}))
    return Context(case.as_of, locality, book(), ontology.load(), base=case.spec.get("base", ""))


@pytest.fixture(scope="module")
def outcome_of(reader: Reader) -> Any:
    """Runs a rule over all cases at once, once for each distinct way of asking."""

    @cache
    def run(rule: str, asked: str) -> Outcome:
        first = next(c for c in CASES if c.rule == rule and repr(context_of(c)) == asked)
        return book().run(reader, rule, context_of(first))

    return lambda case: run(case.rule, repr(context_of(case)))


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.rule}-{c.spec['case']}")
def test_case(case: Case, outcome_of: Any) -> None:
    outcome = outcome_of(case)

    def own(ids: Any) -> set[str]:
        return {i for i in ids if i.startswith(case.prefix)}

    assert own(f.subject for f in outcome.findings) == case.named("finding")
    assert own(f.subject for f in outcome.unverified) == case.named("unverified")
    assert own(outcome.population) == case.named("finding") | case.named("unverified") | case.named("clear")


@pytest.mark.parametrize("rule", book().rules)
def test_every_rule_has_cases_that_hit_and_cases_that_do_not(rule: str) -> None:
    own = [c for c in CASES if c.rule == rule]
    assert any(c.spec.get("finding") for c in own)
    assert any(c.spec.get("clear") for c in own)
    assert any(not any(c.spec.get(s) for s in SAID) for c in own), "no case of a subject outside the denominator"
    if book().rules[rule].unverified:
        assert any(c.spec.get("unverified") for c in own)


def test_cases_belong_to_rules() -> None:
    assert {c.rule for c in CASES} == set(book().rules)


@pytest.mark.parametrize("rule", book().rules)
def test_outcome_of_everything(rule: str, reader: Reader) -> None:
    """Findings and 待核实 are subjects of the denominator, apart, sorted; none of them is retired."""
    asked = Context(dt.date(2026, 6, 30), Locality(), book(), ontology.load())
    outcome = book().run(reader, rule, asked)
    found, unverified = [f.subject for f in outcome.findings], [f.subject for f in outcome.unverified]
    assert set(found) | set(unverified) <= set(outcome.population)
    assert not set(found) & set(unverified)
    for ids in (list(outcome.population), found, unverified):
        assert ids == sorted(ids)
        assert len(ids) == len(set(ids))
    listed = set(reader.query("MATCH (n) WHERE n.listed RETURN n.id AS id")["id"].to_pylist())
    assert set(outcome.population) <= listed
    for finding in (*outcome.findings, *outcome.unverified):
        assert set(finding.facts) <= set(outcome.rule.facts)
    assert book().findings(reader, rule, asked) == outcome.findings
    for query in outcome.rule.queries:
        ids = reader.query(query.cypher, book().parameters(rule, asked))["id"].to_pylist()
        parts = query.cypher.count("UNION ALL") + 1
        falls = sum(a >= b for a, b in pairwise(ids))
        assert falls < parts, "the query itself is not in a total order"


@pytest.mark.parametrize("rule", book().rules)
def test_scope_cuts_to_the_division(rule: str, reader: Reader) -> None:
    case = next(c for c in CASES if c.rule == rule and c.spec.get("finding") and "as_of" not in c.spec)
    villages = [case.prefix + name for name in case.spec.get("Region", ())]
    outcome = book().run(reader, rule, replace(context_of(case), scope=(case.town, *villages)))
    assert {f.subject for f in outcome.findings} == case.named("finding")
    assert not book().run(reader, rule, replace(context_of(case), scope=("nowhere",))).population
