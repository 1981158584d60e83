"""Times a service that many clients ask at once on either engine, while ledgers are loaded into its store."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import statistics
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, takewhile
from pathlib import Path

from benchmarks import county
from benchmarks.commands import command, liangxin
from benchmarks.timing import Line, duration
from loaders.sample import REFERENCE_DATE
from tests.neo4j_server import running

ASKERS = (1, 8, 32)
#: seconds for which each crowd asks
ASKING = 10.0
UNITS, CHANGED = 6_000, 1_000
#: the addresses that each client asks in turn; all are computed again after a load
PATHS = (
    "/",
    "/answers/overview.json",
    "/answers/gaps_by_division.json",
    "/answers/org_should_exist.json?size=50",
    "/answers/coverage_blank.json?size=50&page=2",
    "/answers/term_overdue.json?sort=division",
    "/answers/officer_overloaded.json",
    "/answers/org_should_join.csv",
    "/healthz",
)


@dataclass
class Responses:
    """The responses to a crowd: seconds of each, errors, and the number of loads meanwhile."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    loads: int = 0

    def __str__(self) -> str:
        text = f"{len(self.seconds) / ASKING:.0f}/s, p50 {duration(self.at(50))}, p95 {duration(self.at(95))}"
        failed = f", {len(self.errors)} errors ({self.errors[0]})" if self.errors else ""
        return f"{text}, {self.loads} loads{failed}"

    def at(self, percent: int) -> float:
        """The percentile of the seconds."""
        return statistics.quantiles(self.seconds, n=100, method="inclusive")[percent - 1]


def measure(folder: Path) -> list[Line]:
    """The throughput, median and 95th percentile of each crowd on each engine; no response may be an error."""
    ledgers = county.write(folder / "serving", UNITS)
    embedded = _crowds({"LIANGXIN_STORE": str(folder / "serving.lbug")}, ledgers, folder)
    with running(brief=False) as server:
        neo4j = _crowds(server.environment, ledgers, folder)
    lines = []
    for askers in ASKERS:
        ours, peer = neo4j[askers], embedded[askers]
        line = Line(f"{askers} askers", f"neo4j {ours}", f"embedded {peer}", ours.at(50) / peer.at(50))
        lines.append(line.limited(len(ours.errors) + len(peer.errors), 0, "no error"))
    return lines


def _crowds(environment: Mapping[str, str], ledgers: Path, folder: Path) -> dict[int, Responses]:
    """The responses to each crowd in turn, from one service of a county that was just loaded."""
    liangxin(["load", str(ledgers)], environment)
    with served(environment, folder) as port:
        # the first answers of a service are timed in engines.py
        _ask(port, range(len(PATHS)), Responses())
        return {askers: crowd(port, askers, environment, folder) for askers in ASKERS}


@contextlib.contextmanager
def served(environment: Mapping[str, str], folder: Path) -> Iterator[int]:
    """The port of a service in its own process."""
    line = command(["serve", "--port", "0", "--as-of", REFERENCE_DATE.isoformat()])
    output = folder / "served.txt"
    with (
        output.open("w", encoding="utf-8") as out,
        subprocess.Popen(
            line, stderr=out, stdin=subprocess.DEVNULL, env={**os.environ, **environment}, cwd=folder
        ) as service,
    ):
        try:
            until = time.monotonic() + 60
            while not (match := re.search(r"http://127\.0\.0\.1:(\d+)/", output.read_text(encoding="utf-8"))):
                if service.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"liangxin serve did not start: {output.read_text(encoding='utf-8')}")
                time.sleep(0.05)
            yield int(match[1])
        finally:
            service.terminate()


def crowd(
    port: int,
    askers: int,
    environment: Mapping[str, str],
    folder: Path,
    paths: Sequence[str] = PATHS,
    pause: float = 0.0,
    rest: float = 0.0,
) -> Responses:
    """The responses to `askers` clients that ask the paths in turn and pause `pause` seconds after each.

    Ledgers are loaded meanwhile, with `rest` seconds between two loads.
    """
    responses, over = Responses(), threading.Event()
    asking = [
        threading.Thread(target=_ask, args=(port, _until(over, first), responses, paths, pause))
        for first in range(askers)
    ]
    loading = threading.Thread(target=_load, args=(environment, folder, over, responses, rest))
    for thread in (loading, *asking):
        thread.start()
    time.sleep(ASKING)
    over.set()
    for thread in (loading, *asking):
        thread.join()
    return responses


def _until(over: threading.Event, first: int) -> Iterator[int]:
    return takewhile(lambda _: not over.is_set(), count(first))


def _ask(
    port: int, numbers: Iterable[int], responses: Responses, paths: Sequence[str] = PATHS, pause: float = 0.0
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for number in numbers:
        path, start = paths[number % len(paths)], time.perf_counter()
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            responses.errors.append(f"{path}: {error!r}")
            connection.close()
            continue
        responses.seconds.append(time.perf_counter() - start)
        if answer.status != http.client.OK:
            responses.errors.append(f"{path}: {answer.status} {body[:200].decode(errors='replace')}")
        time.sleep(pause)
    connection.close()


def _load(
    environment: Mapping[str, str], folder: Path, over: threading.Event, responses: Responses, rest: float = 0.0
) -> None:
    """Load a ledger with other numbers again and again until `over`."""
    ledger = folder / "非公企业台账.csv"
    while not over.is_set():
        lines = ["企业名称,所属镇街,从业人员数量"]
        lines += [f"丁市虚构第{n:04d}号有限公司,桐坪街道,{time.time_ns() // 1000 % 10_000}" for n in range(CHANGED)]
        ledger.write_text("\n".join(lines), encoding="utf-8")
        try:
            liangxin(["load", str(ledger), "--division", county.PLACE], environment)
            responses.loads += 1
        except RuntimeError as error:
            responses.errors.append(str(error))
        over.wait(rest)
