"""Peak memory of the demo's commands, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from benchmarks.timing import Line

LIMIT_MB = 500
_COMMAND = "import sys; from api.cli import main; sys.exit(main(sys.argv[1:]))"


def measure(folder: Path) -> list[Line]:
    """Sample, load and report as `make demo` does. Call it first: a child's peak counts its parent's at the fork."""
    ledgers, store, report = folder / "台账", folder / "demo.lbug", folder / "report.html"
    as_of = "2026-06-30"
    lines = []
    for command in (
        ["sample", str(ledgers)],
        ["load", str(ledgers)],
        ["report", str(report), "--region", "丁市", "--as-of", as_of],
    ):
        peak = _peak(command, store)
        lines.append(Line(f"liangxin {command[0]}", f"{peak:.0f} MB").limited(peak, LIMIT_MB, f"{LIMIT_MB} MB"))
    size = report.stat().st_size / 1024
    lines.append(Line("report.html", f"{size:.0f} KB").limited(size, 800, "800 KB"))
    return lines


def _peak(arguments: list[str], store: Path) -> float:
    """MB that one command took at most; RuntimeError if it failed."""
    child = subprocess.Popen(
        [sys.executable, "-c", _COMMAND, *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=os.environ | {"LIANGXIN_STORE": str(store)},
    )
    assert child.stderr is not None
    said = child.stderr.read()
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    child.stderr.close()
    if child.returncode:
        raise RuntimeError(f"liangxin {arguments[0]} ended with {child.returncode}: {said.decode(errors='replace')}")
    return used.ru_maxrss / 1024
