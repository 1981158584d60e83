"""Times commands from the start of their process, beside the import of pyarrow alone."""

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
#: the most times as long as the peer that a command may take
LIMITS = {"questions": 3.0, "ask overview": 9.0}


def measure(folder: Path, runs: int) -> list[Line]:
    """Time each command on the store of the demo, in its own process."""
    # modules are compiled before the timing, as in an installed program
    compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    environment = {**os.environ, **compiled, "LIANGXIN_STORE": str(_demo(folder))}
    arguments = {"questions": ["questions"], "ask overview": ["ask", "overview", "--as-of", str(REFERENCE_DATE)]}
    lines = {PEER: [sys.executable, "-c", "import pyarrow"]} | {
        name: command(words) for name, words in arguments.items()
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
    """The store of `make demo`, loaded unless another benchmark has loaded it."""
    store = folder / "demo.lbug"
    if not store.exists():
        ledgers = folder / "台账"
        liangxin(["sample", str(ledgers)], {})
        liangxin(["load", str(ledgers), "--as-of", str(REFERENCE_DATE)], {"LIANGXIN_STORE": str(store)})
    return store
