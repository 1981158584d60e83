"""Times the load of one county ledger beside python-calamine, which only reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from python_calamine import load_workbook

from benchmarks import county
from benchmarks.timing import Line, duration, medians
from graph.rules.book import Book, book


def measure(folder: Path, units: int, runs: int) -> list[Line]:
    """Time the load of a ledger of `units` units into an empty store and again, and of one of 6,000."""
    lines: list[Line] = []
    # the limits are for the load alone; sorting into 口径 and measuring the rules have a line of their own
    unmeasured = replace(book(), bases={}, rules={})
    for size in dict.fromkeys((units, min(units, 6_000))):
        files = county.write(folder / f"{size}-narrow", size, narrowed=True)
        ledger = files / county.LEDGER
        empty, full = folder / f"{size}-empty.lbug", folder / f"{size}-full.lbug"
        accepted = county.load_into(full, [ledger]).report.totals["accepted"]
        cases: dict[str, Callable[[], object]] = {
            "calamine": partial(read, ledger),
            "load": partial(_afresh, empty, ledger, unmeasured),
            "again": partial(county.load_into, full, [ledger], unmeasured),
            "measured": partial(_afresh, empty, ledger, book()),
        }
        taken = medians(cases, runs)
        alone = taken["calamine"]
        peer = f"calamine alone {duration(alone)}"
        whole = Line(
            "  and sorted into 口径, and measured", duration(taken["measured"]), peer, taken["measured"] / alone
        )
        for name, case, most in (("into an empty store", "load", 6), ("again", "again", 8)):
            ratio = taken[case] / alone
            line = Line(f"{accepted:,} rows {name}", duration(taken[case]), peer, ratio)
            # a large ledger has a limit as a ratio, 6,000 units one in seconds
            lines.append(
                line.limited(ratio, most, f"{most} x") if size == units else line.limited(taken[case], 2, "2 s")
            )
        lines.insert(-1, whole)
    return lines


def read(path: Path) -> int:
    """Read every cell of every sheet with calamine; returns the number of rows."""
    workbook = load_workbook(str(path))
    return sum(len(workbook.get_sheet_by_name(name).to_python()) for name in workbook.sheet_names)


def _afresh(store: Path, ledger: Path, rules: Book) -> None:
    for leftover in store.parent.glob(store.name + "*"):
        leftover.unlink()
    county.load_into(store, [ledger], rules)
