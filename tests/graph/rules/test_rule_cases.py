"""Every rule against its readable cases: all of them stand in one store, each in a town of its own."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from graph import ontology
from graph.context import Context
from graph.locality import Locality
from graph.rules.book import book
from graph.rules.rule import UNVERIFIED
from graph.rules.verdicts import verdict_rows
from graph.stores.base import Reader
from graph.stores.ladybug.store import EmbeddedStore
from tests.graph.rules.cases import CASES, SAID, Case, at_odds, context_of, tells


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.rule}-{c.spec['case']}{'（只在当天）' if c.brief else ''}")
def test_case(case: Case, outcome_of: Any, reader: Reader) -> None:
    outcome = outcome_of(case)

    def own(ids: Any) -> set[str]:
        return {i for i in ids if i.startswith(case.prefix)}

    assert own(f.subject for f in outcome.findings) == case.named("finding")
    assert own(f.subject for f in outcome.unverified) == case.named("unverified")
    assert own(outcome.population) == case.named("finding") | case.named("unverified") | case.named("clear")
    assert tells(reader, book(), case)


@pytest.mark.parametrize("rule", book().rules)
def test_every_rule_has_cases_that_hit_and_cases_that_do_not(rule: str) -> None:
    own, add = [c for c in CASES if c.rule == rule], f"add to tests/rule_cases/{rule}.yaml a case"
    assert any(c.spec.get("finding") for c in own), f"{add} with a finding"
    assert any(c.spec.get("clear") for c in own), f"{add} with a subject that is clear"
    assert any(not any(c.spec.get(s) for s in SAID) for c in own), f"{add} of a subject outside the denominator"
    if UNVERIFIED in book().rules[rule].verdicts:
        assert any(c.spec.get("unverified") for c in own), f"{add} with a subject that is 待核实"
    assert any(c.spec.get("finding") and c.spec.get("deferred") for c in own), f"{add} of a 暂缓"
    assert any(c.retired for c in own), f"{add} of a fact that holds no longer"


def test_cases_belong_to_rules() -> None:
    differing = sorted({c.rule for c in CASES} ^ set(book().rules))
    assert not differing, f"{differing}: each rule needs tests/rule_cases/RULE.yaml, and each such file a rule"


@pytest.mark.parametrize("rule", book().rules)
def test_outcome_of_everything(rule: str, reader: Reader) -> None:
    """Findings and 待核实 are subjects of the denominator, apart, sorted; none of them is retired."""
    asked = Context(dt.date(2026, 6, 30), Locality(), ontology.load())
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
    assert at_odds(reader, outcome.rule, book().parameters(rule, asked)) == []
    query = outcome.rule.query
    ids = reader.query(query.cypher, book().parameters(rule, asked))["id"].to_pylist()
    parts = query.cypher.count("UNION ALL") + 1
    assert sum(a > b for a, b in pairwise(ids)) < parts, "the query itself is not in order"


def mistyped(reader: Reader, rule: str) -> dict[str, str]:
    """The facts that a rule returns as another type than its file declares; a column without a value has any type."""
    asked = Context(dt.date(2026, 6, 30), Locality(), ontology.load())
    rows = verdict_rows(reader, book().rules[rule], book().parameters(rule, asked))
    declared = {name: ontology.ARROW[column.type] for name, column in book().rules[rule].facts.items()}
    filled = {name: rows[name] for name in declared if rows[name].null_count < len(rows)}
    return {name: str(values.type) for name, values in filled.items() if values.type != declared[name]}


@pytest.mark.parametrize("rule", book().rules)
def test_the_type_of_every_fact_is_what_the_query_returns(
    rule: str, reader: Reader, sample_store: EmbeddedStore
) -> None:
    assert not mistyped(reader, rule)
    with sample_store.reader() as sample:
        assert not mistyped(sample, rule)


@pytest.mark.parametrize("rule", book().rules)
def test_scope_cuts_to_the_division(rule: str, reader: Reader) -> None:
    dated = [c for c in CASES if c.rule == rule and c.spec.get("finding") and "as_of" not in c.spec]
    assert dated, f"add to tests/rule_cases/{rule}.yaml a case with a finding and no as_of of its own"
    case = dated[0]
    villages = [case.prefix + name for name in case.spec.get("Region", ())]
    outcome = book().run(reader, rule, replace(context_of(case), scope=(case.town, *villages)))
    assert {f.subject for f in outcome.findings} == case.named("finding")
    assert not book().run(reader, rule, replace(context_of(case), scope=("nowhere",))).population
