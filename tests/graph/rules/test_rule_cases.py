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

from api.cache import Remembering, Tables
from graph import ontology
from graph.answers import OPEN, Answer
from graph.locality import Locality
from graph.questions import catalogue
from graph.questions.base import Context, ask
from graph.questions.gaps import fact_text
from graph.questions.profiles import PROFILES
from graph.questions.why import VERDICTS
from graph.rules.book import book
from graph.rules.evidence import evidence
from graph.rules.outcomes import Outcome
from graph.stores.base import Reader, Store
from tests.graph.rules.building import Graph

FOLDER = Path(__file__).parents[2] / "rule_cases"
TYPES = {kind.name for kind in ontology.load().entities}
SAID = ("finding", "unverified", "clear")
#: the parameter that names a subject of a type; one of a type without a profile cannot be asked about
ASKED_AS = {node_type: name for name, node_type, _ in PROFILES}


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


@pytest.fixture(scope="module")
def why(reader: Reader) -> Any:
    """Why a rule says what it says of a node of a case."""
    remembering, questions = Remembering(reader, Tables()), catalogue(book())

    def answer(case: Case, node_type: str, node: str) -> Answer:
        given = {ASKED_AS[node_type]: case.prefix + node, "rule": case.rule, "base": case.spec.get("base", "")}
        return ask(questions, remembering, context_of(case), "why", given)

    return answer


#: a rule that names no one to everybody is not explained subject by subject
TOLD = [case for case in CASES if book().rules[case.rule].sensitivity == OPEN]


@pytest.mark.parametrize("case", TOLD, ids=lambda c: f"{c.rule}-{c.spec['case']}")
def test_why_agrees_with_the_rule(case: Case, outcome_of: Any, why: Any) -> None:
    """The verdict on every subject of a case, and the facts, are those of the rule's run."""
    rule, outcome = book().rules[case.rule], outcome_of(case)
    stated = {f.subject: f.facts for f in (*outcome.findings, *outcome.unverified)}
    for node_type in ASKED_AS.keys() & set(rule.subjects):
        for node in case.spec.get(node_type, ()):
            answer = why(case, node_type, node)
            said = next((s for s in SAID if node in case.spec.get(s, ())), "outside")
            assert answer.total(said).value == 1, node
            rows = [row for row in answer.rows if row["rule"] == case.rule]
            assert {row["verdict"] for row in rows} == {VERDICTS[said]}
            # of a fact that is a number the value stays one
            told = {(row["item"], str(row["value"])) for row in rows}
            for name, value in stated.get(case.prefix + node, {}).items():
                column = rule.facts[name]
                label = f"{column.label}（{column.unit}）" if column.unit else column.label
                assert (label, fact_text(value)) in told
            turned = [row["value"] for row in rows if row["item"] == "怎样会改变"]
            assert len(turned) == (len(rule.turns) if said == "finding" else 0)


@pytest.mark.parametrize("rule", ["org_should_exist", "org_should_join", "chain_head_without_org"])
def test_what_covers_a_subject_is_told_where_the_rule_counts_it_and_nowhere_else(rule: str, why: Any) -> None:
    """These ask for a cover alone: a finding has none, and what is clear of it has one, by the rule's own condition."""
    for case in (c for c in CASES if c.rule == rule):
        for node in case.spec.get("Unit", ()):
            rows = [r for r in why(case, "Unit", node).rows if r["item"] == "覆盖它的党组织"]
            if node in case.spec.get("finding", ()) or node in case.spec.get("unverified", ()):
                assert [r["value"] for r in rows] == ["无"]
            elif node in case.spec.get("clear", ()):
                assert rows
                assert all(str(r["target"]).startswith(case.prefix) for r in rows)


#: how many conditions on edges there are to be told of each rule, for one type of subject
RELATIONS = {
    "chain_head_without_org": 1, "chain_without_committee": 1, "coverage_blank": 2, "key_unit_without_officer": 1,
    "not_in_group": 2, "officer_overloaded": 1, "org_should_exist": 1, "org_should_join": 1, "org_suspected": 1,
    "partner_missing": 1, "term_overdue": 0,
}  # fmt: skip


@pytest.mark.parametrize("rule", RELATIONS)
def test_the_conditions_on_edges_are_read_from_the_rule_itself(rule: str) -> None:
    """One that is written in a way that is not understood would be missing from every explanation."""
    for subject in book().rules[rule].subjects:
        assert len(evidence(book().rules[rule], subject).relations) == RELATIONS[rule]
