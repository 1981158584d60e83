"""Times the Neo4j adapter beside the server alone, and beside the driver reading a row at a time."""

from __future__ import annotations

import contextlib
import datetime as dt
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from itertools import count

import pyarrow as pa

from benchmarks import rows
from benchmarks.engines import on_server
from benchmarks.timing import Line, duration, medians
from graph.stores.cypher import neo4j_upsert
from graph.stores.neo4j.store import AT_ONCE, Neo4jStore
from tests.neo4j_server import Server, running

WRITTEN, READ = 100_000, 200_000
MOST_OF_SERVER, MOST_OF_ROWS = 1.3, 0.1
_DAYS = [dt.date(1990 + n % 35, 1 + n % 12, 1 + n % 28) for n in range(1000)]
#: expressions by which the server makes row `i` itself, with values like those that `_units` sends
_MADE = {
    "id": "$run + right('0000000' + toString($start + i), 7)",
    "listed": "true",
    "name": "'丁市虚构有限公司' + toString($start + i)",
    "kind": "CASE WHEN i % 9 = 0 THEN '社会组织' ELSE '企业' END",
    "staff": "i % 800",
    "revenue": "($start + i) * 1000",
    "founded_on": "$days[i % 1000]",
}


def measure(runs: int) -> list[Line]:
    """A bulk write against the same MERGE of values that the server makes; a bulk read against plain rows."""
    with running(brief=False) as server:
        store = on_server(server)
        try:
            return [_write(store, runs), *_read(store, server, runs)]
        finally:
            store.close()


def _write(store: Neo4jStore, runs: int) -> Line:
    number = count()
    # a server is slow until it has compiled its queries
    _upsert(store, _units(next(number)))
    _server_alone(store, number)
    tables = iter([_units(next(number)) for _ in range(runs)])
    cases = {"adapter": lambda: _upsert(store, next(tables)), "server": lambda: _server_alone(store, number)}
    taken = medians(cases, runs)
    ratio = taken["adapter"] / taken["server"]
    beside = f"the server alone {duration(taken['server'])}"
    line = Line(f"{WRITTEN:,} nodes of {len(_MADE)} properties written", duration(taken["adapter"]), beside, ratio)
    return line.limited(ratio, MOST_OF_SERVER, f"{MOST_OF_SERVER} x")


def _upsert(store: Neo4jStore, units: pa.Table) -> None:
    with store.writer("benchmarks", "units") as writer:
        writer.upsert("Unit", units)


def _server_alone(store: Neo4jStore, number: Iterator[int]) -> None:
    """Run the statement of the adapter in batches of the same size, in one transaction."""
    text, run = neo4j_upsert("Unit", _MADE), f"s{next(number):02d}"
    transaction = store.server.begin()
    for start in range(0, WRITTEN, AT_ONCE):
        transaction.run(text, {"run": run, "start": start, "size": min(AT_ONCE, WRITTEN - start), "days": _DAYS})
    transaction.commit()


def _units(run: int) -> pa.Table:
    numbers = range(WRITTEN)
    return pa.table(
        {
            "id": [f"a{run:02d}{n:07d}" for n in numbers],
            "listed": [True] * WRITTEN,
            "name": [f"丁市虚构有限公司{n}" for n in numbers],
            "kind": ["企业" if n % 9 else "社会组织" for n in numbers],
            "staff": [n % 800 for n in numbers],
            "revenue": [n * 1000 for n in numbers],
            "founded_on": [_DAYS[n % 1000] for n in numbers],
        }
    )


def _read(store: Neo4jStore, server: Server, runs: int) -> list[Line]:
    numbers = range(READ)
    with store.writer("benchmarks", "organizations") as writer:
        names = [f"中共丁市虚构有限公司{n}支部委员会" for n in numbers]
        writer.upsert("PartyOrg", pa.table({"id": [f"o{n:07d}" for n in numbers], "name": names}))
    with _driver_process(server, "python") as python, _driver_process(server, "extension") as extension:
        cases = {
            "adapter": partial(_query, store),
            "python": partial(_read_rows, python),
            "ext": partial(_read_rows, extension),
        }
        taken = medians(cases, runs)
    what, measured = f"{READ:,} rows of two properties read", duration(taken["adapter"])
    ratio = taken["adapter"] / taken["python"]
    plain = Line(what, measured, f"plain rows, driver in Python {duration(taken['python'])}", ratio)
    return [
        plain.limited(ratio, MOST_OF_ROWS, f"{MOST_OF_ROWS} x"),
        Line(what, measured, f"plain rows, its extension {duration(taken['ext'])}", taken["adapter"] / taken["ext"]),
    ]


def _query(store: Neo4jStore) -> None:
    with store.reader() as reader:
        assert reader.query(rows.TEXT).num_rows == READ


@contextlib.contextmanager
def _driver_process(server: Server, how: str) -> Iterator[subprocess.Popen[str]]:
    """A process with an open driver, which reads all rows for each line of input."""
    line = [sys.executable, "-m", "benchmarks.rows", server.url, server.user, how]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin is not None
        # the password must not be on the command line
        print(server.password, file=child.stdin, flush=True)
        _read_rows(child)
        yield child
        child.stdin.close()


def _read_rows(child: subprocess.Popen[str]) -> None:
    assert child.stdin is not None
    assert child.stdout is not None
    print("read", file=child.stdin, flush=True)
    assert child.stdout.readline().strip() == str(READ), "the process that reads rows ended"
