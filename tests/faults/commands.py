"""Commands of ours as processes of their own: how they ended, and the service while it runs."""

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
#: seconds that the contract grants for saying that a store is away
AT_ONCE = 5.0


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    status: int
    out: str
    err: str

    def said(self) -> str:
        """What a store that cannot be used leaves behind: status 3 and one sentence or two in Chinese."""
        assert (self.status, self.out) == (3, ""), self
        (line,) = self.err.splitlines()
        assert line.endswith("。"), line
        return line


@dataclass(frozen=True)
class Desk:
    """Where commands are given: variables that name the store in use, a working folder."""

    environment: Mapping[str, str] = field(repr=False)
    folder: Path

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        """Begin a command; `more` are further variables."""
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
        """How a command ended."""
        return ended(self.start(*arguments, **more))

    @contextlib.contextmanager
    def serving(self, complaint: str = "", **more: str) -> Iterator[httpx.Client]:
        """The service in a process of its own, and a client of it; `complaint` is all that it says besides."""
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


def said(capture: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command, in this process, says at once of a store that cannot be used."""
    begun = time.monotonic()
    status = main(arguments)
    took = time.monotonic() - begun
    assert took < AT_ONCE
    return Ended(status, *capture.readouterr()).said()


def contents(place: Place, *, without: Collection[str] = ("at",)) -> list[str]:
    """Every node and edge on a server with its properties, less when it was written and the server's own node."""
    node = "labels(n) AS l, properties(n) AS p"
    with contextlib.closing(place.server()) as server:
        nodes = server.read(f"MATCH (n) WHERE NOT n:LiangxinState RETURN {node}", {})
        edges = server.read("MATCH (a)-[e]->(b) RETURN [type(e), a.id, b.id] AS l, properties(e) AS p", {})
    return sorted(
        f"{said} {sorted((name, str(value)) for name, value in properties.items() if name not in without)}"
        for said, properties in (*nodes, *edges)
    )


def ended(running: subprocess.Popen[str], within: float = 120.0) -> Ended:
    """How a command ends; one that does not fails the test."""
    try:
        out, err = running.communicate(timeout=within)
    except subprocess.TimeoutExpired:
        running.kill()
        out, err = running.communicate()
        raise AssertionError(f"still running after {within} s: {out} {err}") from None
    return Ended(running.returncode, out, err)
