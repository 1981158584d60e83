"""All cases in one store, and what the rules say of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from graph.locality import Locality
from graph.rules.book import book
from graph.rules.verdicts import Outcome
from graph.stores.base import Reader, Store
from tests.graph.rules.building import Graph
from tests.graph.rules.cases import CASES, context_of


@pytest.fixture(scope="module")
def reader(module_store: Store) -> Iterator[Reader]:
    graph = Graph()
    for case in CASES:
        case.add_to(graph)
    with module_store.writer("测试", "案例") as writer:
        graph.write(writer)
        book().refresh(writer, Locality(), dt.date(2026, 6, 30))
    with module_store.reader() as opened:
        yield opened


@pytest.fixture(scope="module")
def outcome_of(reader: Reader) -> Any:
    """Runs a rule over all cases at once, once for each distinct way of asking."""

    @cache
    def run(rule: str, asked: str) -> Outcome:
        first = next(c for c in CASES if c.rule == rule and repr(context_of(c)) == asked)
        return book().run(reader, rule, context_of(first))

    return lambda case: run(case.rule, repr(context_of(case)))
