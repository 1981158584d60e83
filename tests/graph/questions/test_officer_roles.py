"""An officer without a role counts as 指导员, unless the posting says otherwise, in every query that counts roles.

Ladybug 0.22 loses such an officer where `coalesce(g.role, o.role, '指导员') IN [...]` stands in an OPTIONAL MATCH that
starts from the officer. No query of these folders may have that form.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from graph.coverage import unit_facts
from graph.questions.problems import deadlines
from graph.questions.remedies.candidates import officers
from graph.stores.base import Reader, Store
from tests.graph.rules.building import Graph

AS_OF = dt.date(2026, 6, 30)
ROLES = ("指导员", "联络员")
#: the roles of an officer and of the posting
PAIRS = tuple(itertools.product((None, *ROLES, "书记"), (None, *ROLES)))
COUNTED = sorted(f"u{i}" for i, (own, posted) in enumerate(PAIRS) if (posted or own or "指导员") in ROLES)
GIVEN = {"as_of": AS_OF, "posting_since": AS_OF, "duties_gone": ["调离"], "work_roles": list(ROLES)}


@pytest.fixture(scope="module")
def reader(module_store: Store) -> Iterator[Reader]:
    graph = Graph()
    for number, (own, posted) in enumerate(PAIRS):
        unit = graph.node("Unit", f"u{number}")
        graph.edge(graph.node("GuidanceOfficer", f"g{number}", role=own), "GUIDES", unit, role=posted, last_visit=AS_OF)
    with module_store.writer("测试", "建立") as writer:
        graph.write(writer)
    with module_store.reader() as opened:
        yield opened


def rows(reader: Reader, cypher: str, **more: Any) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = reader.query(cypher, {**GIVEN, **more}).to_pylist()
    return found


def test_of_all_units(reader: Reader) -> None:
    assert len(COUNTED) == len(PAIRS) - 1
    assert sorted(r["id"] for r in rows(reader, unit_facts.GUIDED_CYPHER) if r["in_force"]) == COUNTED
    assert sorted(r["unit"] for r in rows(reader, unit_facts.POSTED_CYPHER)) == COUNTED
    assert sorted(r["unit"] for r in rows(reader, deadlines.POSTINGS_CYPHER)) == COUNTED


def test_of_one_unit(reader: Reader) -> None:
    units = [f"u{number}" for number in range(len(PAIRS))]
    guided = [u for u in units if any(r["in_force"] for r in rows(reader, unit_facts.GUIDING_CYPHER, id=u))]
    assert sorted(guided) == COUNTED
    assert sorted(u for u in units if rows(reader, officers.VISITS_CYPHER, id=u)) == COUNTED
