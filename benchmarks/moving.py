"""Times export, import and copy of a large graph between engines."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from benchmarks.commands import Ran, liangxin, run
from benchmarks.timing import Line, duration
from graph.ontology import ALWAYS_TO
from graph.stores import transfer
from graph.stores.ladybug.store import EmbeddedStore
from graph.stores.transfer import Portion
from tests.neo4j_server import running

#: edges for each node
DENSITY = 3
LIMIT_SECONDS, LIMIT_MB = 600, 2048
_MAKE = "import sys; from benchmarks.moving import make; make(sys.argv[1], int(sys.argv[2]))"
_PREFIXES = {"Region": "r", "Unit": "u", "PartyOrg": "o", "GuidanceOfficer": "g", "Change": "x"}


def measure(folder: Path, nodes: int) -> list[Line]:
    """Export from the embedded engine, import into Neo4j, copy back, and check that the graph is the same.

    Call it before this process grows, because the peak of a child includes that of its parent at the fork.
    """
    sent, back, exported = folder / "sent.lbug", folder / "back.lbug", folder / "exported"
    run([sys.executable, "-c", _MAKE, str(sent), str(nodes)], {}, "the graph")
    with running(brief=False) as server:
        password = server.environment
        out = liangxin(["--store", str(sent), "export", str(exported)], {})
        into = liangxin(["import", str(exported)], password)
        over = liangxin(["copy", "--from", server.url, "--to", str(back)], password)
    local = liangxin(["--store", str(folder / "local.lbug"), "import", str(exported)], {})
    made = transfer.check(exported)
    assert transfer.export(EmbeddedStore(back), folder / "again", made.product) == made, "the graph copied back differs"
    records = sum(file.rows for file in made.files)
    both = Ran(out.seconds + into.seconds, max(out.peak, into.peak))
    return [
        _line(f"{records:,} records exported from the embedded engine", out),
        _line("  imported into the embedded engine", local),
        _line("  imported into Neo4j", into, local),
        _line("  copied from Neo4j to the embedded engine", over, Ran(out.seconds + local.seconds, 0)),
        _limited(_line("exported and imported into Neo4j", both), both),
        _limited(_line("copied back", over), over),
    ]


def _line(what: str, taken: Ran, peer: Ran | None = None) -> Line:
    text = f"{duration(taken.seconds)}, {taken.peak:.0f} MB"
    if peer is None:
        return Line(what, text)
    return Line(what, text, f"embedded alone {duration(peer.seconds)}", taken.seconds / peer.seconds)


def _limited(line: Line, taken: Ran) -> Line:
    worst = max(taken.seconds / LIMIT_SECONDS, taken.peak / LIMIT_MB)
    return line.limited(worst, 1, f"{LIMIT_SECONDS} s, {LIMIT_MB} MB")


# -- the graph ------------------------------------------------------------------------------------------


def make(path: str, nodes: int) -> None:
    """Write a fictional graph of `nodes` nodes, and DENSITY times as many edges, to a store at `path`."""
    with EmbeddedStore(Path(path), create=True).writer("benchmarks", "a large graph") as writer:
        transfer.write(writer, portions(nodes))


def portions(nodes: int) -> Iterator[Portion]:
    """Regions, units, organizations and officers with their places; units are covered, guided and supplied."""
    counts = {"Region": max(nodes // 1000, 1), "Unit": nodes * 7 // 10, "PartyOrg": nodes // 5, "Change": 1}
    counts["GuidanceOfficer"] = nodes - sum(counts.values())
    for kind, count in counts.items():
        for numbers in _parted(count):
            yield Portion(kind, _nodes(kind, numbers))
    edges = [("LOCATED_IN", kind, "Region", counts[kind]) for kind in ("Unit", "PartyOrg", "GuidanceOfficer")]
    edges += [
        (edge, kind, "Unit", counts["Unit"]) for edge, kind in (("COVERS", "PartyOrg"), ("GUIDES", "GuidanceOfficer"))
    ]
    edges.append(("SUPPLIES", "Unit", "Unit", DENSITY * nodes - sum(edge[3] for edge in edges)))
    for edge, source, target, count in edges:
        for numbers in _parted(count):
            yield Portion(edge, _edges(edge, numbers, source, counts[source], target, counts[target]), (source, target))


def _parted(count: int) -> Iterator[range]:
    for start in range(0, count, transfer.PORTION):
        yield range(start, min(start + transfer.PORTION, count))


def _ids(prefix: str, numbers: Iterable[int]) -> list[str]:
    """Distinct ids for numbers, which look like hashes."""
    return [f"{prefix}{(number + 1) * 0x9E3779B97F4A7C15 % 2**64:016x}" for number in numbers]


def _nodes(kind: str, numbers: range) -> pa.Table:
    rows: dict[str, list[Any]] = {"id": _ids(_PREFIXES[kind], numbers)}
    if kind == "Change":
        return pa.table(rows | {"number": [1], "kind": ["import"], "author": ["benchmarks"]})
    rows |= {"listed": [True] * len(numbers), "name": [f"丁市虚构{kind}第{n:07d}号" for n in numbers]}
    if kind == "Unit":
        rows["kind"] = ["企业" if n % 9 else "社会组织" for n in numbers]
        rows["staff"] = [n % 800 for n in numbers]
        rows["formal_members"] = [n % 7 if n % 5 else None for n in numbers]
        rows["revenue"] = [n * 1_000 for n in numbers]
        rows["founded_on"] = [dt.date(1990 + n % 35, 1 + n % 12, 1 + n % 28) for n in numbers]
        rows["address"] = [f"丁市虚构街道兴业路{n}号" for n in numbers]
        rows["bases"] = [["规上企业", "三有企业"][: n % 3] for n in numbers]
    return pa.table(rows)


def _edges(edge: str, numbers: range, source: str, sources: int, target: str, targets: int) -> pa.Table:
    rows: dict[str, Any] = {
        "from": _ids(_PREFIXES[source], (n % sources for n in numbers)),
        # a prime that divides no count here spreads the edges evenly over the targets
        "to": _ids(_PREFIXES[target], (n * 999_983 % targets for n in numbers)),
        "key": _ids(f"{edge}{source}", numbers),
    }
    if edge != "LOCATED_IN":
        rows["valid_from"] = [dt.date(2020 + n % 6, 1, 1) for n in numbers]
        rows["valid_to"] = [ALWAYS_TO] * len(numbers)
    return pa.table(rows)
