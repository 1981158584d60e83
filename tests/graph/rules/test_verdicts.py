"""The verdicts of a rule: one row a subject, made once for each table that a cache keeps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pytest

from api.memory.cache import TableCache
from api.memory.reader import CachingReader
from graph import ontology
from graph.context import Context
from graph.errors import DeclarationError
from graph.locality import Locality
from graph.rules import verdicts as module
from graph.rules.book import book
from graph.rules.verdicts import Verdicts, verdicts

RULE = book().rules["term_overdue"]
PARAMETERS = book().parameters(RULE.id, Context(dt.date(2026, 6, 30), Locality(), ontology.load()))
ROWS = [("b", "unverified"), ("b", "finding"), ("c", "clear"), ("a", "unverified"), ("a", "unverified"), ("a", "clear")]


class Reader:
    """A reader of one table."""

    revision, unfinished = 1, False

    def __init__(self, rows: list[tuple[str, str]]) -> None:
        self.rows, self.queries = rows, 0

    def query(self, cypher: str, parameters: Mapping[str, Any] | None = None) -> pa.Table:
        self.queries += 1
        columns = {"id": [i for i, _ in self.rows], "verdict": [v for _, v in self.rows]}
        return pa.table(columns | {"row": [*range(len(self.rows))]})


def ask(reader: Any) -> Verdicts:
    return verdicts(reader, RULE, PARAMETERS)


def test_each_part_has_a_subject_once_in_order_with_its_first_row() -> None:
    own = ask(Reader(ROWS))
    assert own.rows.num_rows == len(ROWS)
    assert own.population.to_pydict() == {"id": ["a", "b", "c"]}
    assert own.findings.to_pydict() == {"id": ["b"], "verdict": ["finding"], "row": [1]}
    assert own.unverified.to_pydict() == {"id": ["a"], "verdict": ["unverified"], "row": [3]}


def test_nobody_and_nothing() -> None:
    own = ask(Reader([]))
    assert [own.population.num_rows, own.findings.num_rows, own.unverified.num_rows] == [0, 0, 0]


def test_a_table_of_the_cache_is_checked_once_and_forgotten_with_it() -> None:
    reader, before = Reader(ROWS), {*module._OF_TABLES}
    caching: Any = CachingReader(reader, TableCache())  # type: ignore[arg-type]
    assert ask(caching) is ask(caching)
    assert reader.queries == 1
    assert ask(reader) is not ask(reader)
    caching = None
    assert {*module._OF_TABLES} <= before


def test_a_strange_verdict_is_refused_each_time() -> None:
    caching: Any = CachingReader(Reader([("a", "perhaps")]), TableCache())  # type: ignore[arg-type]
    for _ in range(2):
        with pytest.raises(DeclarationError, match="verdict 有别的值"):
            ask(caching)
