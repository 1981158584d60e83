"""Runs commands of the product as processes, with their time and peak memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_COMMAND = "import sys; from api.cli.run import main; sys.exit(main())"


@dataclass(frozen=True, slots=True)
class Ran:
    """Wall seconds and peak MB of a process that succeeded."""

    seconds: float
    peak: float


def command(arguments: Sequence[str]) -> list[str]:
    """The command line that runs `liangxin` with these arguments."""
    return [sys.executable, "-c", _COMMAND, *arguments]


def liangxin(arguments: Sequence[str], environment: Mapping[str, str]) -> Ran:
    """Run one command of the product; RuntimeError if it failed."""
    return run(command(arguments), environment, f"liangxin {arguments[0]}")


def run(line: Sequence[str], environment: Mapping[str, str], name: str) -> Ran:
    """Run a command line; RuntimeError if it failed.

    The peak of a child includes that of its parent at the fork, so call it before this process grows.
    """
    start = time.perf_counter()
    child = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ, **environment})
    assert child.stderr is not None
    message = child.stderr.read()
    _, status, used = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    child.stderr.close()
    if child.returncode:
        raise RuntimeError(f"{name} ended with {child.returncode}: {message.decode(errors='replace')}")
    return Ran(seconds, used.ru_maxrss / 1024)
