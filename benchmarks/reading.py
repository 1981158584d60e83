"""Times the reading of a ledger in a process of its own beside python-calamine and the csv module in this one."""

from __future__ import annotations

import csv
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks import county
from benchmarks.loading import read as calamine
from benchmarks.timing import Line, duration, medians
from loaders.read.apart import Reading, stop_idle

_FEW = 100


def measure(folder: Path, units: int, runs: int) -> list[Line]:
    """Time a ledger of `units` units and one of 100, as .xlsx and as .csv, with a process that waits and without."""
    lines: list[Line] = []
    for size in (units, _FEW):
        book = county.write(folder / f"{size}-read", size, narrowed=True) / county.LEDGER
        text = book.with_suffix(".csv")
        with Reading() as reading, text.open("w", encoding="utf-8", newline="") as stream:
            for table in reading.read(book):
                csv.writer(stream).writerows(getattr(table, "rows", ()))
        for path, peer, alone in ((book, "calamine", calamine), (text, "csv", _records)):
            cases: dict[str, Callable[[], object]] = {
                peer: partial(alone, path),
                "process that waits": partial(_apart, path),
                "process that starts": partial(_afresh, path),
            }
            taken = medians(cases, runs)
            beside = f"{peer} alone {duration(taken[peer])}"
            lines += [
                Line(f"{size:,} units {path.suffix}, {name}", duration(taken[name]), beside, taken[name] / taken[peer])
                for name in list(cases)[1:]
            ]
    return lines


def _records(path: Path) -> int:
    with path.open(encoding="utf-8", newline="") as stream:
        return len([*csv.reader(stream)])


def _apart(path: Path) -> int:
    with Reading() as reading:
        return len([*reading.read(path)])


def _afresh(path: Path) -> int:
    stop_idle()
    return _apart(path)
