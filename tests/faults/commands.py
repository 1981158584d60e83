"""Runs commands as processes, and the service."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from api.cli.run import main
from tests.places import Place

ROOT = Path(__file__).resolve().parents[2]
#: most seconds until a command reports that a store cannot be reached
AT_ONCE = 5.0


@dataclass(frozen=True)
class Ended:
    """The exit status and the output of a command."""

    status: int
    out: str
    err: str

    def store_message(self) -> str:
        """The message about a store that cannot be used; asserts status 3 and one line of Chinese."""
        assert (self.status, self.out) == (3, ""), self
        (line,) = self.err.splitlines()
        assert line.endswith("。"), line
        return line


@dataclass(frozen=True)
class Desk:
    """The environment variables and the working folder of commands."""

    environment: Mapping[str, str] = field(repr=False)
    folder: Path

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        """Start a command; `more` are further variables."""
        return subprocess.Popen(
            [sys.executable, "-m", "api.cli.run", *arguments],
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error", **self.environment, **more},
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, **more: str) -> Ended:
        """Run a command."""
        return ended(self.start(*arguments, **more))

    @contextlib.contextmanager
    def serving(self, complaint: str = "", **more: str) -> Iterator[httpx.Client]:
        """A client of the service in its own process; `complaint` is its only output besides the usual."""
        running = self.start("serve", "--port", "0", "--as-of", "2026-06-30", **more)
        try:
            assert running.stderr is not None
            line = running.stderr.readline()
            assert "已启动：" in line, line
            with httpx.Client(base_url=line.partition("已启动：")[2].split()[0], trust_env=False, timeout=60) as client:
                yield client
        finally:
            running.send_signal(signal.SIGINT)
            out, err = running.communicate(timeout=60)
        assert running.returncode == 130
        assert (out, err) == ("", f"{complaint}已中断。\n")


def store_message(capture: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The message of a command in this process about a store that cannot be used; asserts that it comes at once."""
    begun = time.monotonic()
    status = main(arguments)
    took = time.monotonic() - begun
    assert took < AT_ONCE
    return Ended(status, *capture.readouterr()).store_message()


def contents(place: Place, *, without: Collection[str] = ("at",)) -> list[str]:
    """Every node and edge on a server with its properties except `without`, without the node of the server's state."""
    node = "labels(n) AS l, properties(n) AS p"
    with contextlib.closing(place.server()) as server:
        nodes = server.read(f"MATCH (n) WHERE NOT n:LiangxinState RETURN {node}", {})
        edges = server.read("MATCH (a)-[e]->(b) RETURN [type(e), a.id, b.id] AS l, properties(e) AS p", {})
    return sorted(
        f"{labels} {sorted((name, str(value)) for name, value in properties.items() if name not in without)}"
        for labels, properties in (*nodes, *edges)
    )


def ended(running: subprocess.Popen[str], within: float = 120.0) -> Ended:
    """Wait for a command; one that does not end fails the test."""
    try:
        out, err = running.communicate(timeout=within)
    except subprocess.TimeoutExpired:
        running.kill()
        out, err = running.communicate()
        raise AssertionError(f"still running after {within} s: {out} {err}") from None
    return Ended(running.returncode, out, err)
