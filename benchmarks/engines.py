"""One county on both engines: its load, and every rule asked of it."""

from __future__ import annotations

import csv
import time
from collections.abc import Mapping
from pathlib import Path

from python_calamine import load_workbook

from api.bootstrap import Office, declarations
from api.viewer import of_command_line
from benchmarks import asking, county
from benchmarks.asking import Times
from benchmarks.timing import Line, duration
from graph import ontology
from graph.questions import catalogue
from graph.stores.base import Store
from graph.stores.bolt import Server as Connection
from graph.stores.embedded import EmbeddedStore
from graph.stores.neo4j import Neo4jStore
from loaders.sample import REFERENCE_DATE
from tests.neo4j_server import Server, running

#: with so many units, and so many liaisons who look after so many each, a county has 50,000 nodes besides the rows
#: that it was read from, and 240,000 edges
UNITS, LIAISONS, LISTED = 21_650, 8_800, 12
LOAD_WITHIN, ANSWER_WITHIN = 60, 1.0


def measure(folder: Path, runs: int) -> dict[str, list[Line]]:
    """Load the county of `write` on each engine, the product's own way, and ask it every rule; lines by title."""
    ledgers = write(folder / "engines", UNITS, LIAISONS)
    with running(brief=False) as server:
        stores: dict[str, Store] = {
            "embedded": EmbeddedStore(folder / "engines.lbug", create=True),
            "neo4j": on_server(server),
        }
        loaded = {engine: _load(store, ledgers) for engine, store in stores.items()}
        size = _size(stores["embedded"])
        assert size == _size(stores["neo4j"]), "the engines hold different graphs"
        rules = {engine: _rules(store, runs) for engine, store in stores.items()}
        for store in stores.values():
            store.close()
    what = "{:,} nodes, {:,} edges, {:,} rows kept".format(*size)
    return {f"Load of one county ({what})": _of_load(loaded), "Every rule on it": _of_rules(rules)}


def on_server(server: Server) -> Neo4jStore:
    """The store on a server; what is measured takes as long as it takes."""
    return Neo4jStore(Connection(server.url, server.user, server.password, timeout=300), create=True)


def write(folder: Path, units: int, liaisons: int) -> Path:
    """A county's ledgers, and one of liaisons that makes its graph as dense as those of larger ones."""
    county.write(folder, units)
    sheet = load_workbook(str(folder / county.LEDGER)).get_sheet_by_index(0).to_python()
    header = next(row for row in sheet if "企业名称" in row)
    names = list(dict.fromkeys(str(row[header.index("企业名称")]) for row in sheet if isinstance(row[0], float)))
    with (folder / county.PLACE / "联络员.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("联络员姓名", "角色", "工作单位", "指导企业", "任期起"))
        for number in range(liaisons):
            listed = (names[(number * LISTED + n) % len(names)] for n in range(LISTED))
            rows.writerow((f"虚构{number:05d}", "联络员", f"丁市虚构{number % 40}局", "、".join(listed), "2025-01-01"))
    return folder


def _load(store: Store, ledgers: Path) -> float:
    start = time.perf_counter()
    county.load_on(store, [ledgers])
    return time.perf_counter() - start


def _size(store: Store) -> tuple[int, int, int]:
    """Nodes of the field, edges, and ledger rows kept beside them."""
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
    decided, rules = declarations()
    office = Office(store, decided, decided.locality(), rules, ontology.load(), catalogue(rules), REFERENCE_DATE)
    return asking.times(office, {name: {} for name in rules.rules}, of_command_line(), runs)


def _of_load(taken: Mapping[str, float]) -> list[Line]:
    ratio = taken["neo4j"] / taken["embedded"]
    line = Line("on Neo4j", duration(taken["neo4j"]), f"embedded {duration(taken['embedded'])}", ratio)
    return [line.limited(max(taken.values()), LOAD_WITHIN, f"{LOAD_WITHIN} s on each")]


def _of_rules(taken: Mapping[str, Mapping[str, Times]]) -> list[Line]:
    """The slowest first: how long a rule takes when it is first asked, asked again, and computed again."""
    embedded, neo4j = taken["embedded"], taken["neo4j"]
    lines = []
    for name in sorted(neo4j, key=lambda n: -max(neo4j[n].first, embedded[n].first)):
        worst = max(
            value for times in (embedded[name], neo4j[name]) for value in (times.first, times.later, times.again)
        )
        ratio = neo4j[name].again / embedded[name].again
        line = Line(name, f"neo4j {neo4j[name]}", f"embedded {embedded[name]}", ratio)
        lines.append(line.limited(worst, ANSWER_WITHIN, f"{ANSWER_WITHIN:g} s on each"))
    return lines
