"""What a rule file says would turn its finding, done to the first case that it finds: then it finds it no more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from graph import ontology
from graph.errors import DeclarationError
from graph.locality import Locality
from graph.rules.book import FOLDER, book
from graph.rules.parse import read_rule
from graph.stores.base import Reader, Store
from tests.graph.rules.building import Graph
from tests.graph.rules.cases import CASES, Case, context_of

#: every rule as it is (-1), and with each of its turns done
DONE = [(rule.id, number) for rule in book().rules.values() for number in range(-1, len(rule.turns))]


def first_found(rule: str, number: int) -> tuple[Case, str]:
    """The rule's first case with a finding, in a town of its own for each number, and the id of the finding."""
    cases = [c for c in CASES if c.rule == rule and c.spec.get("finding")]
    assert cases, f"add to tests/rule_cases/{rule}.yaml a case with a finding"
    own = replace(cases[0], number=10_000 + number)
    return own, own.prefix + own.spec["finding"][0]


def add(graph: Graph, rule: str, number: int) -> None:
    """The first finding of a rule, with one of its turns done."""
    case, subject = first_found(rule, number)
    case.add_to(graph)
    if number < 0:
        return
    turn, node_type = book().rules[rule].turns[number], graph.nodes[subject][0]
    graph.nodes[subject][1].update(turn.set)
    graph.edges = [e for e in graph.edges if not (turn.unlink and e[1] == turn.unlink and subject in (e[0], e[2]))]
    if turn.link:
        other = graph.node(turn.other, case.prefix + "turn", **turn.other_properties)
        outward = (node_type, turn.other) in ontology.load().edges[turn.link].ends
        start, end = (subject, other) if outward else (other, subject)
        graph.edge(start, turn.link, end, **turn.edge_properties)


@pytest.fixture(scope="module")
def reader(module_store: Store) -> Iterator[Reader]:
    graph = Graph()
    for rule, number in DONE:
        add(graph, rule, number)
    with module_store.writer("测试", "改变") as writer:
        graph.write(writer)
        book().refresh(writer, Locality(), dt.date(2026, 6, 30))
    with module_store.reader() as opened:
        yield opened


@pytest.mark.parametrize(("rule", "number"), DONE)
def test_every_turn_turns_the_finding(rule: str, number: int, reader: Reader) -> None:
    case, subject = first_found(rule, number)
    found = {f.subject for f in book().findings(reader, rule, context_of(case))}
    assert (subject in found) == (number < 0), "a change that is declared to turn it does not"


def test_the_rules_of_the_product_say_what_turns_them() -> None:
    """A rule need not; those of which it was worked out keep it."""
    assert sum(bool(rule.turns) for rule in book().rules.values()) >= 11


@pytest.mark.parametrize(
    ("turns", "said"),
    [
        ("{text: 好, set: {没有: 1}}", "不是对象的属性"),
        ("{text: '{没有}', set: {formal_members: 1}}", "不是 params 中的参数"),
        ("{text: 好}", "写得不对"),
        ("{set: {formal_members: 1}}", "写得不对"),
        ("{text: 好, set: {formal_members: 1}, unlink: COVERS}", "写得不对"),
        ("{text: 好, link: COVERS}", "写得不对"),
        ("{text: 好, link: 没有, other: {PartyOrg: {}}}", "没有名为“没有”的关系"),
        ("{text: 好, link: COVERS, other: {Region: {}}}", "不能连到所写的“Region”"),
        ("{text: 好, link: COVERS, other: {PartyOrg: {没有: 1}}}", "不能连到所写的“PartyOrg”"),
        ("{text: 好, link: COVERS, other: {PartyOrg: {}}, edge: {没有: 1}}", "COVERS 没有所写的属性"),
        ("好", "应是一组"),
    ],
)
def test_a_turn_that_says_nothing_the_graph_knows_is_refused_with_its_line(
    turns: str, said: str, tmp_path: Path
) -> None:
    rule = (FOLDER / "org_should_exist.cypher").read_text(encoding="utf-8")
    first = next(line for line in rule.splitlines() if line.startswith("//   - {text"))
    path = tmp_path / "org_should_exist.cypher"
    path.write_text(rule.replace(first, f"//   - {turns}"), encoding="utf-8")
    line = rule.splitlines().index(first) + 1
    with pytest.raises(DeclarationError, match=f"org_should_exist.cypher 第 {line} 行：.*{said}"):
        read_rule(path, ontology.load())
