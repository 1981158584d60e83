"""Peak memory of the demo's commands, each in a process of its own."""

from __future__ import annotations

from pathlib import Path

from benchmarks.commands import liangxin
from benchmarks.timing import Line

LIMIT_MB = 500


def measure(folder: Path) -> list[Line]:
    """Sample, load and report as `make demo` does."""
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
