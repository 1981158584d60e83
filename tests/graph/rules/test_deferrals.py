"""暂缓 excuses nothing: what a rule finds, and of how many, is the same with and without; and it ends by itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest

from graph import ontology
from graph.answers import Answer
from graph.locality import Locality
from graph.questions import catalogue
from graph.questions.asking import ask
from graph.rules.book import book
from graph.rules.inquiry import Inquiry
from graph.rules.verdicts import Outcome
from graph.stores.base import Reader, Store
from tests.graph.rules.building import Graph
from tests.graph.rules.cases import CASES

TODAY = dt.date(2026, 6, 30)
#: what may be deferred by itself; an officer waits with the division
TYPES = {end for _, end in ontology.load().edges["DEFERS"].ends}
#: what some rules wait for
SET = Locality(
    key_industries=("物业", "快递外卖", "互联网"), visit_interval_days=92, thresholds={"party_staff_min_members": 3}
)
BEFORE = Inquiry(TODAY, SET, ontology.load(), book=book())


@pytest.fixture(scope="module")
def outcomes(module_store: Store) -> tuple[Mapping[str, Outcome], Mapping[str, Outcome], Store]:
    """What every rule says of all cases, before and after every finding is deferred, itself or with its division."""
    graph = Graph()
    for case in CASES:
        case.add_to(graph)
    # those that cases defer themselves come with the others
    graph.edges = [edge for edge in graph.edges if edge[1] != "DEFERS"]
    graph.nodes = {id_: node for id_, node in graph.nodes.items() if node[0] != "Deferral"}
    with module_store.writer("测试", "案例") as writer:
        graph.write(writer)
        book().refresh(writer, Locality(), dt.date(2026, 6, 30))
    with module_store.reader() as reader:
        before = {rule: book().run(reader, rule, BEFORE) for rule in book().rules}
    graph.edges = []
    for rule, outcome in before.items():
        found = {finding.subject for finding in outcome.findings}
        alone = {subject for subject in found if graph.nodes[subject][0] in TYPES}
        # an officer lies in the town of a case, whichever rule it is of
        towns = {
            case.town for case in CASES if case.rule == rule or any(s.startswith(case.prefix) for s in found - alone)
        }
        for subject in sorted(alone | towns):
            graph.defer(rule, subject, TODAY)
    with module_store.writer("测试", "暂缓") as writer:
        graph.write(writer)
    with module_store.reader() as reader:
        after = {rule: book().run(reader, rule, BEFORE) for rule in book().rules}
    return before, after, module_store


@pytest.mark.parametrize("rule", book().rules)
def test_a_deferral_changes_neither_denominator_nor_findings(rule: str, outcomes: Any) -> None:
    before, after, store = outcomes
    assert before[rule].findings
    assert after[rule] == before[rule]
    with store.reader() as reader:
        answer = asked(reader, rule, TODAY)
        later = asked(reader, rule, TODAY + dt.timedelta(1))
    assert answer.total("population").value == len(before[rule].population)
    # each lies in the town of its case, or is deferred itself
    assert answer.total("deferred").value == answer.total("findings").value == len(before[rule].findings)
    assert {r["deferred"] for r in answer.rows} == {"至 2026-06-30，工委批准：改制"}
    assert later.total("deferred").value == 0
    assert later.total("findings").value


def test_gaps_count_what_may_wait(outcomes: Any) -> None:
    with outcomes[2].reader() as reader:
        answer = asked(reader, "gaps", TODAY)
        assert answer.total("deferred").value == answer.total("findings").value == len(answer.rows)
        states = asked(reader, "deferrals", TODAY + dt.timedelta(1))
    assert {r["state"] for r in states.rows} == {"已到期"}


def asked(reader: Reader, name: str, as_of: dt.date) -> Answer:
    return ask(catalogue(book()), reader, BEFORE, name, {"as_of": as_of.isoformat()})
