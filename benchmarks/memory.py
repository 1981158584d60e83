"""Measures the peak memory of the commands of the demo, each in its own process."""

from __future__ import annotations

from pathlib import Path

from benchmarks.commands import liangxin
from benchmarks.timing import Line

LIMIT_MB = 500


def measure(folder: Path) -> list[Line]:
    """The peaks of sample, load and report as in `make demo`, and the size of the report."""
    ledgers, store, report = folder / "台账", folder / "demo.lbug", folder / "report.html"
    as_of = "2026-06-30"
    lines = []
    for command in (
        ["sample", str(ledgers)],
        ["load", str(ledgers)],
        ["report", str(report), "--region", "丁市", "--as-of", as_of],
    ):
        peak = liangxin(command, {"LIANGXIN_STORE": str(store)}).peak
        lines.append(Line(f"liangxin {command[0]}", f"{peak:.0f} MB").limited(peak, LIMIT_MB, f"{LIMIT_MB} MB"))
    size = report.stat().st_size / 1024
    lines.append(Line("report.html", f"{size:.0f} KB").limited(size, 800, "800 KB"))
    return lines
