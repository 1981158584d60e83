"""Times the load of one county and every rule on it, on both engines."""

from __future__ import annotations

import csv
import statistics
import time
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

from python_calamine import load_workbook

from api.declarations import declarations
from api.office import Office
from api.viewer import of_command_line
from benchmarks import asking, county
from benchmarks.asking import Times
from benchmarks.timing import Line, duration
from graph import ontology
from graph.questions import catalogue
from graph.stores.base import Store
from graph.stores.ladybug.store import EmbeddedStore
from graph.stores.neo4j.bolt import Server as Connection
from graph.stores.neo4j.store import Neo4jStore
from loaders.sample import REFERENCE_DATE
from tests.neo4j_server import Server, running

#: units, liaisons (and as many joint branches), and units that each lists: this makes 50,000 nodes besides the source
#: rows, and 240,000 edges
UNITS, LISTS, LISTED = 21_650, 4_400, 12
Taken = Mapping[str, Mapping[str, Times]]
LOAD_WITHIN, ANSWER_WITHIN = 60, 1.0
#: how often all rules are planned and run before they are timed
WARM = 4


def measure(folder: Path, runs: int) -> dict[str, list[Line]]:
    """Load the county of `write` on each engine, and run every rule; lines by title."""
    ledgers = write(folder / "engines", UNITS, LISTS)
    with running(brief=False) as server:
        served = on_server(server)
        stores: dict[str, Store] = {
            "embedded": EmbeddedStore(folder / "engines.lbug", create=True),
            "neo4j": served,
        }
        loaded = {engine: _load(store, ledgers) for engine, store in stores.items()}
        size = _size(stores["embedded"])
        assert size == _size(stores["neo4j"]), "the engines hold different graphs"
        started = {engine: _rules(store, 1) for engine, store in stores.items()}
        # a new server compiles its code for the first minutes; its query plans are cleared before the timing
        for _ in range(WARM):
            served.server.change("CALL db.clearQueryCaches() YIELD value RETURN value", {})
            _rules(served, 1)
        served.server.change("CALL db.clearQueryCaches() YIELD value RETURN value", {})
        rules = {engine: _rules(store, runs) for engine, store in stores.items()}
        for store in stores.values():
            store.close()
    what = "{:,} nodes, {:,} edges, {:,} rows kept".format(*size)
    return {f"Load of one county ({what})": _of_load(loaded), "Every rule on it": _of_rules(started, rules)}


def on_server(server: Server) -> Neo4jStore:
    """The store on a server, with a long timeout."""
    connection = Connection(server.url, server.user, server.password, timeout=300)
    return Neo4jStore(connection, partial(EmbeddedStore, create=True), create=True)


def write(folder: Path, units: int, lists: int) -> Path:
    """Write the ledgers of a county, and liaisons and joint branches that make its graph denser."""
    county.write(folder, units)
    sheet = load_workbook(str(folder / county.LEDGER)).get_sheet_by_index(0).to_python()
    header = next(row for row in sheet if "企业名称" in row)
    names = list(dict.fromkeys(str(row[header.index("企业名称")]) for row in sheet if isinstance(row[0], float)))
    listed = ["、".join(names[(n * LISTED + i) % len(names)] for i in range(LISTED)) for n in range(lists)]
    people = [(f"虚构{n:05d}", "联络员", f"丁市虚构{n % 40}局", listed[n], "2025-01-01") for n in range(lists)]
    branches = [(f"丁市虚构第{n}联合支部", "联合支部", county.PLACE, listed[n], "2027-12-31") for n in range(lists)]
    _csv(folder / "联络员.csv", ("联络员姓名", "角色", "工作单位", "指导企业", "任期起"), people)
    _csv(folder / "党组织.csv", ("党组织全称", "类别", "行政区划", "覆盖单位", "届满日期"), branches)
    return folder


def _csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def _load(store: Store, ledgers: Path) -> float:
    start = time.perf_counter()
    county.load_on(store, [ledgers])
    return time.perf_counter() - start


def _size(store: Store) -> tuple[int, int, int]:
    """The counts of nodes without system types, of edges, and of source rows."""
    kinds = ontology.load()
    with store.reader() as reader:
        nodes = {name: reader.query(f"MATCH (n:`{name}`) RETURN count(*) AS n")["n"][0].as_py() for name in kinds.nodes}
        edges = [
            reader.query(f"MATCH (:`{a}`)-[e:`{name}`]->(:`{b}`) RETURN count(*) AS n")["n"][0].as_py()
            for name, edge in kinds.edges.items()
            for a, b in edge.ends
        ]
    field = sum(count for name, count in nodes.items() if not kinds.nodes[name].system)
    return field, sum(edges), nodes["SourceRow"]


def _rules(store: Store, runs: int) -> dict[str, Times]:
    settings, rules = declarations()
    office = Office(store, settings, settings.locality(), rules, ontology.load(), catalogue(rules), REFERENCE_DATE)
    return asking.times(office, {name: {} for name in rules.rules}, of_command_line(), runs)


def _of_load(taken: Mapping[str, float]) -> list[Line]:
    ratio = taken["neo4j"] / taken["embedded"]
    line = Line("on Neo4j", duration(taken["neo4j"]), f"embedded {duration(taken['embedded'])}", ratio)
    return [line.limited(max(taken.values()), LOAD_WITHIN, f"{LOAD_WITHIN} s on each")]


def _of_rules(started: Taken, taken: Taken) -> list[Line]:
    """Lines of rules, the slowest first; the last line, without a limit, has the times just after the start."""
    embedded, neo4j = taken["embedded"], taken["neo4j"]
    lines = []
    for name in sorted(neo4j, key=lambda n: -max(neo4j[n].slowest, embedded[n].slowest)):
        line = Line(
            name, f"neo4j {neo4j[name]}", f"embedded {embedded[name]}", neo4j[name].again / embedded[name].again
        )
        worst = max(neo4j[name].slowest, embedded[name].slowest)
        lines.append(line.limited(worst, ANSWER_WITHIN, f"{ANSWER_WITHIN:g} s on each"))
    first = {engine: [times.first for times in rules.values()] for engine, rules in started.items()}
    texts = {e: f"{e} median {duration(statistics.median(f))}, slowest {duration(max(f))}" for e, f in first.items()}
    return [*lines, Line("first of a server just started", texts["neo4j"], texts["embedded"])]
