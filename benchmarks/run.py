"""Runs benchmarks, all by default, and prints their tables."""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.timing import Line, show

Tables = Iterator[tuple[str, list[Line]]]


def main() -> None:
    """Run the benchmarks named on the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="what to measure (default: all)")
    parser.add_argument("--units", type=int, default=35_000, help="units of the ledger that is loaded")
    parser.add_argument("--nodes", type=int, default=1_000_000, help="nodes of the graph that is moved")
    parser.add_argument("--runs", type=int, default=5, help="runs that a median is taken of")
    options = parser.parse_args()
    print(f"{platform.machine()}, Python {platform.python_version()}, medians of {options.runs} interleaved runs")
    with tempfile.TemporaryDirectory(prefix="liangxin-bench-") as name:
        for part, measure in PARTS.items():
            if part in (options.parts or PARTS):
                for title, lines in measure(Path(name), options):
                    show(title, lines)
                # the times are comparable where this is about 1
                print(f"  load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors", flush=True)


# each benchmark is imported when it runs, because the peak memory of a child includes that of its parent at the fork


def _memory(folder: Path, _: Namespace) -> Tables:
    from benchmarks import memory

    yield "Peak memory of the demo, interpreter included", memory.measure(folder)


def _starting(folder: Path, options: Namespace) -> Tables:
    from benchmarks import starting

    yield "Commands from a cold start, on the demo", starting.measure(folder, options.runs)


def _moving(folder: Path, options: Namespace) -> Tables:
    from benchmarks import moving

    yield "A large graph moved between engines", moving.measure(folder, options.nodes)


def _province(folder: Path, _: Namespace) -> Tables:
    from benchmarks import province

    yield "A million units with all their ledgers", province.measure(folder)


def _reading(folder: Path, options: Namespace) -> Tables:
    from benchmarks import reading

    yield "Reading a ledger in a process of its own", reading.measure(folder, options.units, options.runs)


def _loading(folder: Path, options: Namespace) -> Tables:
    from benchmarks import loading

    title = "Reading and loading one ledger (interpreter start not counted)"
    yield title, loading.measure(folder, options.units, options.runs)


def _entering(folder: Path, options: Namespace) -> Tables:
    from benchmarks import entering

    yield "Rows that a form states, entered into the sample", entering.measure(folder, options.runs)


def _asking(folder: Path, options: Namespace) -> Tables:
    from benchmarks import asking

    yield "Every question on 6,000 units, in process", asking.measure(asking.store_of(folder, 6_000), options.runs)


def _rules(folder: Path, options: Namespace) -> Tables:
    from benchmarks import rules

    for units in rules.LIMITS:
        yield f"All rules on {units:,} units", rules.measure(folder, units, options.runs)


def _changes(folder: Path, options: Namespace) -> Tables:
    from benchmarks import changing

    yield f"What changed in {changing.UNITS:,} units", changing.measure(folder, options.runs)


def _peers(folder: Path, options: Namespace) -> Tables:
    from benchmarks import asking, peers

    title = "Rules on 6,000 units: the finding's Cypher beside naive peers (ratio < 1: faster than the peer)"
    yield title, peers.measure(asking.store_of(folder, 6_000), options.runs)


def _engines(folder: Path, options: Namespace) -> Tables:
    from benchmarks import engines

    yield from engines.measure(folder, options.runs).items()


def _bolt(_: Path, options: Namespace) -> Tables:
    from benchmarks import bolt

    yield "The Neo4j adapter", bolt.measure(options.runs)


def _serving(folder: Path, _: Namespace) -> Tables:
    from benchmarks import serving

    yield "A service asked by many while ledgers are loaded", serving.measure(folder)


def _pages(folder: Path, options: Namespace) -> Tables:
    from benchmarks import pages

    for units in pages.LIMITS:
        yield f"Pages of {units:,} units", pages.measure(folder, units, options.runs)


#: in the order of their run; those that measure memory come first
PARTS: dict[str, Callable[[Path, Namespace], Tables]] = {
    "memory": _memory,
    "starting": _starting,
    "moving": _moving,
    "province": _province,
    "reading": _reading,
    "loading": _loading,
    "entering": _entering,
    "asking": _asking,
    "rules": _rules,
    "changes": _changes,
    "peers": _peers,
    "engines": _engines,
    "bolt": _bolt,
    "serving": _serving,
    "pages": _pages,
}
