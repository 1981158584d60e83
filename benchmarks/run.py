"""The whole table: loading, asking, peers, memory."""

from __future__ import annotations

import argparse
import platform
import tempfile
from pathlib import Path

PARTS = ("memory", "loading", "asking", "peers")


def main() -> None:
    """Measure what is asked for, all by default, and print it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="what to measure (default: all)")
    parser.add_argument("--units", type=int, default=35_000, help="units of the ledger that is loaded")
    parser.add_argument("--runs", type=int, default=5, help="runs that a median is taken of")
    given = parser.parse_args()
    wanted = given.parts or PARTS
    print(f"{platform.machine()}, Python {platform.python_version()}, medians of {given.runs} interleaved runs")
    with tempfile.TemporaryDirectory(prefix="liangxin-bench-") as name:
        folder = Path(name)
        # a child's peak counts its parent's memory at the fork: measured first, before anything big is imported
        if "memory" in wanted:
            from benchmarks import memory
            from benchmarks.timing import show

            show("Peak memory of the demo, interpreter included", memory.measure(folder))
        from benchmarks import asking, loading, peers
        from benchmarks.timing import show

        if "loading" in wanted:
            title = "Reading and loading one ledger (interpreter start not counted)"
            show(title, loading.measure(folder, given.units, given.runs))
        if "asking" in wanted or "peers" in wanted:
            store = asking.store_of(folder, 6_000)
            if "asking" in wanted:
                show("Every question on 6,000 units, in process", asking.measure(store, given.runs))
            if "peers" in wanted:
                title = (
                    "Rules on 6,000 units: the finding's Cypher beside naive peers (ratio < 1: faster than the peer)"
                )
                show(title, peers.measure(store, given.runs))
