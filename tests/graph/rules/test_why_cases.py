"""Why, of every subject of every case: it says what the rule says, with the facts that it compared."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from api.memory.cache import TableCache
from api.memory.reader import CachingReader
from graph.answers import Answer
from graph.privacy import OPEN
from graph.questions import catalogue
from graph.questions.asking import ask
from graph.questions.entity.subjects import PROFILES
from graph.questions.entity.why import VERDICTS
from graph.questions.problems.findings import fact_text
from graph.rules.book import book
from graph.stores.base import Reader, Store
from graph.stores.ladybug.store import EmbeddedStore
from tests.graph.rules.cases import CASES, SAID, Case, context_of

#: the parameter that names a subject of a type; one of a type without a profile cannot be asked about
ASKED_AS = {node_type: name for name, node_type, _ in PROFILES}


@pytest.fixture(scope="module")
def module_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One engine will do: that both say the same of a case is asked beside this."""
    made = EmbeddedStore(tmp_path_factory.mktemp("why") / "a.lbug", create=True)
    yield made
    made.close()


@pytest.fixture(scope="module")
def why(reader: Reader) -> Any:
    """Why a rule says what it says of a node of a case."""
    remembering, questions = CachingReader(reader, TableCache()), catalogue(book())

    def answer(case: Case, node_type: str, node: str) -> Answer:
        given = {ASKED_AS[node_type]: case.prefix + node, "rule": case.rule, "base": case.spec.get("base", "")}
        return ask(questions, remembering, context_of(case), "why", given)

    return answer


#: a rule that names no one to everybody is not explained subject by subject
TOLD = [case for case in CASES if not case.brief and book().rules[case.rule].sensitivity == OPEN]


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


#: the types of edges that facts of a rule rest on
EDGES = {
    "chain_head_without_org": {"COVERS"}, "chain_without_committee": {"LEADS_CHAIN"},
    "coverage_blank": {"COVERS", "GUIDES"}, "key_unit_without_officer": {"GUIDES"}, "not_in_group": {"GROUPED_IN"},
    "officer_overloaded": {"GUIDES"}, "org_should_exist": {"COVERS"}, "org_should_join": {"COVERS"},
    "org_suspected": {"COVERS"}, "partner_missing": {"PAIRED_WITH"}, "term_overdue": set[str](),
}  # fmt: skip


@pytest.mark.parametrize("rule", EDGES)
def test_the_edges_that_facts_rest_on_are_declared(rule: str) -> None:
    """One that is not would be missing from every explanation."""
    assert set(book().rules[rule].via.values()) == EDGES[rule]
