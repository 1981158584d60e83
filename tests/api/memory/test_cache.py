"""A value that many threads request at once is made once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pytest

from api.memory.cache import TableCache

ASKERS = 8


def asked_at_once(tables: TableCache, make: Callable[[], pa.Table]) -> list[pa.Table | Exception]:
    """The result of each of several threads that request a value while the first makes it."""
    begun, go = threading.Event(), threading.Event()

    def made() -> pa.Table:
        begun.set()
        assert go.wait(10)
        return make()

    def ask() -> pa.Table | Exception:
        try:
            return tables.once("key", made)
        except ValueError as error:
            return error

    with ThreadPoolExecutor(ASKERS) as pool:
        first = pool.submit(ask)
        assert begun.wait(10)
        others = [pool.submit(ask) for _ in range(ASKERS - 1)]
        go.set()
        return [asker.result() for asker in (first, *others)]


def test_one_makes_what_all_wait_for() -> None:
    made: list[pa.Table] = []

    def make() -> pa.Table:
        made.append(pa.table({"n": [len(made)]}))
        return made[-1]

    tables = TableCache()
    heard = asked_at_once(tables, make)
    assert len(made) == 1
    assert all(table is made[0] for table in heard)
    assert tables.once("key", lambda: pytest.fail("made anew")) is made[0]


def test_a_failure_is_one_for_all_and_not_remembered() -> None:
    def fail() -> pa.Table:
        raise ValueError("the store is away")

    tables = TableCache()
    assert all(isinstance(heard, ValueError) for heard in asked_at_once(tables, fail))
    table = pa.table({"n": [1]})
    assert tables.once("key", lambda: table) is table
