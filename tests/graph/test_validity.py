"""What is in force on a day, and how long a posting counts."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph import ontology
from graph.locality import Locality
from graph.validity import in_force, posting_end, posting_in_force, posting_since, relation_in_force

GRAPH = Path(__file__).resolve().parents[2] / "graph"
WRITTEN = re.compile(r"valid_from <= \$as_of|\$(as_of|posting_since) <= \w+\.valid_to|valid_to >= \$")


def test_conditions_are_those_that_rule_files_write_out() -> None:
    assert in_force("c") == "c.valid_from <= $as_of AND $as_of <= c.valid_to"
    assert in_force("c", "i") == f"{in_force('c')} AND {in_force('i')}"
    rules = "".join(path.read_text(encoding="utf-8") for path in (GRAPH / "rules").rglob("*.cypher"))
    for edge in ("c", "p", "l"):
        assert in_force(edge) in rules
    assert posting_in_force("g") in rules


def test_relations_without_dates_always_hold() -> None:
    edges = ontology.load().edges
    assert relation_in_force(edges["LOCATED_IN"]) == ""
    assert relation_in_force(edges["COVERS"]) == in_force("e")
    assert relation_in_force(edges["GUIDES"]).startswith(posting_in_force("e"))


def test_python_writes_the_conditions_nowhere_else() -> None:
    modules = {path.name for path in GRAPH.rglob("*.py") if WRITTEN.search(path.read_text(encoding="utf-8"))}
    # what runs out later may also begin later
    assert modules == {"validity.py", "deadlines.py"}


@pytest.mark.parametrize(
    ("day", "quarters", "since"),
    [
        ("2026-03-31", 1, "2025-10-01"),
        ("2026-04-01", 1, "2026-01-01"),
        ("2026-06-30", 0, "2026-06-30"),
        ("2026-02-01", 4, "2025-01-01"),
    ],
)
def test_a_posting_counts_to_the_end_of_the_quarters_after(day: str, quarters: int, since: str) -> None:
    locality = Locality(posting_grace_quarters=quarters)
    assert posting_since(dt.date.fromisoformat(day), locality) == dt.date.fromisoformat(since)


@given(st.dates(dt.date(1950, 1, 1), dt.date(2150, 1, 1)), st.integers(0, 8))
def test_its_last_day_is_where_it_stops_counting(valid_to: dt.date, quarters: int) -> None:
    locality = Locality(posting_grace_quarters=quarters)
    end = posting_end(valid_to, locality)
    assert posting_since(end, locality) <= valid_to < posting_since(end + dt.timedelta(days=1), locality)
