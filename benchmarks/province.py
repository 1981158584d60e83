"""Times the load and all rules of a million units with all their ledgers, the largest case."""

from __future__ import annotations

from pathlib import Path

from benchmarks import county
from benchmarks.commands import Ran, liangxin
from benchmarks.timing import Line, duration
from graph.stores.ladybug.store import EmbeddedStore
from loaders.sample import REFERENCE_DATE
from tests.neo4j_server import running

UNITS = 1_000_000
LOAD_WITHIN, RULES_WITHIN, MOST_MB = 300, 60, 4_000
#: heap, page cache and query limit of the server of a province
HEAP, PAGES, QUERY_SECONDS = "6g", "3g", "900"
_COUNTS = {
    "source rows": "MATCH (t:SourceRow) RETURN count(*) AS n",
    "units": "MATCH (u:Unit) RETURN count(*) AS n",
    "nodes": "MATCH (n) RETURN count(*) AS n",
    "edges": "MATCH ()-[e]->() RETURN count(*) AS n",
}


ASKED = ["ask", "gaps_by_division", "--as-of", REFERENCE_DATE.isoformat()]


def measure(folder: Path, units: int = UNITS) -> list[Line]:
    """Time the load into an empty embedded store, and all rules there and on a server."""
    ledgers, path = folder / f"province-{units}", folder / "province.lbug"
    written = liangxin(["sample", str(ledgers), "--place", county.PLACE, "--units", str(units)], {})
    ran = liangxin(["load", str(ledgers)], {"LIANGXIN_STORE": str(path)})
    store = EmbeddedStore(path)
    with store.reader() as reader:
        counted = "，".join(f"{reader.query(query)['n'][0].as_py():,} {what}" for what, query in _COUNTS.items())
    store.close()
    asked = liangxin(ASKED, {"LIANGXIN_STORE": str(path)})
    beside = f"the sample written in {duration(written.seconds)}"
    size = path.stat().st_size / 1e6
    lines = [
        Line("load", duration(ran.seconds), beside, ran.seconds / written.seconds),
        Line("its peak memory", f"{ran.peak:.0f} MB", f"a store of {size:.0f} MB", ran.peak / size),
    ]
    lines += [
        Line("all rules, counted by division", duration(asked.seconds), "the load", asked.seconds / ran.seconds),
        Line("their peak memory", f"{asked.peak:.0f} MB", "that of the load", asked.peak / ran.peak),
    ]
    if units == UNITS:
        lines[0] = lines[0].limited(ran.seconds, LOAD_WITHIN, duration(LOAD_WITHIN))
        lines[1] = lines[1].limited(ran.peak, MOST_MB, f"{MOST_MB} MB")
        lines[2] = lines[2].limited(asked.seconds, RULES_WITHIN, duration(RULES_WITHIN))
        lines[3] = lines[3].limited(asked.peak, MOST_MB, f"{MOST_MB} MB")
    return [*lines, *_on_server(path, asked), Line(f"what it holds: {counted}", "")]


def _on_server(path: Path, embedded: Ran) -> list[Line]:
    """Time the copy of the store to Neo4j, and all rules there, first and again."""
    with running(brief=False, heap=HEAP, settings={"server.memory.pagecache.size": PAGES}) as server:
        environment = {**server.environment, "LIANGXIN_QUERY_SECONDS": QUERY_SECONDS}
        copied = liangxin(["copy", "--from", str(path), "--to", server.url], environment)
        first, again = (liangxin(ASKED, environment) for _ in range(2))
    return [
        Line("copied to Neo4j", duration(copied.seconds)),
        Line("all rules on Neo4j, asked first", duration(first.seconds), "embedded", first.seconds / embedded.seconds),
        Line("asked again", duration(again.seconds), "embedded", again.seconds / embedded.seconds),
        Line("peak memory of the process that asks", f"{again.peak:.0f} MB", "embedded", again.peak / embedded.peak),
    ]
