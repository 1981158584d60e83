"""Medians of interleaved runs, and their table."""

from __future__ import annotations

import gc
import statistics
import time
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table: `ratio` is to the peer named in `beside`, `within` whether the limit is kept."""

    what: str
    measured: str
    beside: str = ""
    ratio: float | None = None
    limit: str = ""
    within: bool | None = None

    def limited(self, value: float, limit: float, text: str) -> Line:
        """The same line with its limit, and whether `value` is within it."""
        return replace(self, limit=text, within=value <= limit)


def medians(cases: Mapping[str, Callable[[], object]], runs: int) -> dict[str, float]:
    """The median seconds of each case; cases run in turn, so that a busy machine slows all of them alike."""
    taken: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(runs):
        for name, case in cases.items():
            gc.collect()
            start = time.perf_counter()
            case()
            taken[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) for name, times in taken.items()}


def duration(seconds: float) -> str:
    """Seconds as text, in seconds or milliseconds."""
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.1f} ms"


def show(title: str, lines: list[Line]) -> None:
    """Print a table with aligned columns."""
    head = ("what", "measured", "peer", "ratio", "limit", "")
    cells = [head] + [
        (
            line.what,
            line.measured,
            line.beside,
            "" if line.ratio is None else f"{line.ratio:.2f} x",
            line.limit,
            "" if line.within is None else "ok" if line.within else "OVER",
        )
        for line in lines
    ]
    widths = [max(_width(row[i]) for row in cells) for i in range(len(head))]
    print(f"\n{title}")
    for row in cells:
        print("  " + "  ".join(c + " " * (w - _width(c)) for c, w in zip(row, widths, strict=True)).rstrip())


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
