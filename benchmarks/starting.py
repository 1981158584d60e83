"""How long a command takes from a cold start, beside the import of pyarrow alone."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

from benchmarks.commands import command, liangxin
from benchmarks.timing import Line, duration, medians
from loaders.sample import REFERENCE_DATE

PEER = "python -c 'import pyarrow'"
#: commands, and how many times as long as the peer each may take
LIMITS = {"questions": 3.0, "ask overview": 9.0}


def measure(folder: Path, runs: int) -> list[Line]:
    """Each command on the demo's store, in a process of its own."""
    # as an installed program: what is imported was compiled before
    compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    environment = {**os.environ, **compiled, "LIANGXIN_STORE": str(_demo(folder))}
    arguments = {"questions": ["questions"], "ask overview": ["ask", "overview", "--as-of", str(REFERENCE_DATE)]}
    lines = {PEER: [sys.executable, "-c", "import pyarrow"]} | {
        name: command(given) for name, given in arguments.items()
    }
    cases = {
        name: partial(subprocess.run, line, env=environment, check=True, capture_output=True)
        for name, line in lines.items()
    }
    medians(cases, 1)
    times = medians(cases, runs)
    beside = f"{PEER} {duration(times[PEER])}"
    return [
        Line(f"liangxin {name}", duration(times[name]), beside, ratio := times[name] / times[PEER]).limited(
            ratio, limit, f"{limit:.0f} x"
        )
        for name, limit in LIMITS.items()
    ]


def _demo(folder: Path) -> Path:
    """The store of `make demo`, loaded unless another part of the benchmarks has done so."""
    store = folder / "demo.lbug"
    if not store.exists():
        ledgers = folder / "台账"
        liangxin(["sample", str(ledgers)], {})
        liangxin(["load", str(ledgers), "--as-of", str(REFERENCE_DATE)], {"LIANGXIN_STORE": str(store)})
    return store
