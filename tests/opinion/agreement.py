"""The comparison of the two opinions on every rule: the graph's, and that of pandas over the same workbooks."""

from __future__ import annotations

from pathlib import Path

from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader
from tests import opinion
from tests.opinion import Outcome, Parameters


def agree(reader: Reader, folder: Path, context: Inquiry) -> None:
    """Assert that both give the same denominator and the same findings of each rule."""
    graph, pandas = _of_graph(reader, context), _of_pandas(folder, context)
    alone, stale = sorted(set(graph) - set(pandas)), sorted(set(pandas) - set(graph))
    assert not alone, f"{alone}: add a function of that name to a module of tests/opinion, and to its RULES"
    assert not stale, f"{stale}: no such rule; take the function out of its module of tests/opinion and of its RULES"
    for rule, outcome in graph.items():
        differing = [sorted(set(one) ^ set(other)) for one, other in zip(outcome, pandas[rule], strict=True)]
        assert outcome == pandas[rule], (
            f"{rule}: graph/rules/catalogue/{rule}.cypher and the function in tests/opinion differ in the population by "
            f"{differing[0][:9]}, in findings by {differing[1][:9]}; mend the one that reads the words of the rule wrongly"
        )


def _of_graph(reader: Reader, context: Inquiry) -> dict[str, Outcome]:
    """The outcome of every rule in the graph."""
    named: dict[str, dict[str, str]] = {}
    for kind in {subject for rule in context.book.rules.values() for subject in rule.subjects}:
        called = context.ontology.nodes[kind].called.name
        nodes = reader.query(f"MATCH (n:{kind}) RETURN n.id AS id, n.{called} AS name ORDER BY id")
        named[kind] = dict(zip(nodes["id"].to_pylist(), nodes["name"].to_pylist(), strict=True))
    answers = {}
    for id_ in context.book.rules:
        outcome = context.book.run(reader, id_, context)
        names = {subject: name for kind in outcome.rule.subjects for subject, name in named[kind].items()}
        answers[id_] = Outcome(
            sorted(names[subject] for subject in outcome.population),
            sorted(names[finding.subject] for finding in outcome.findings),
        )
    return answers


def _of_pandas(folder: Path, context: Inquiry) -> dict[str, Outcome]:
    """The outcome of every rule in the workbooks of a folder, under the settings of `context`."""
    locality = context.locality
    parameters = Parameters(
        context.as_of,
        locality.key_industries,
        locality.visit_interval_days,
        locality.thresholds.get("party_staff_min_members", 0),
    )
    return opinion.findings(opinion.read(folder), parameters)
