"""kill -9 in the middle of loads, with readers asking all the while: `python -m tests.torture [KILLS]`.

Each round starts a load in a process of its own and kills it at some moment between its first lock and its last
rename. After it the store must be at a complete revision, the one before or the one after; no reader may have seen
anything else; and what the crash left behind must hinder no one.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from multiprocessing.synchronize import Event
from pathlib import Path

from graph.locality import Locality
from graph.rules.book import book
from graph.stores.base import Reader
from graph.stores.embedded import EmbeddedStore
from loaders import pipeline

#: a reader that has asked less often than this was not there
ASKED_AT_LEAST = 20


def _units(path: Path, generation: int, rows: int) -> None:
    """A ledger in which every row says which generation wrote it."""
    lines = ["企业名称,从业人员数量,年营业收入（元）"]
    lines += [f"第{n}公司,{generation},{generation}" for n in range(rows)]
    path.write_text("\n".join(lines), encoding="utf-8")


def _load(store: Path, ledger: Path) -> None:
    pipeline.load(EmbeddedStore(store), [ledger], Locality(home="甲县"), author="受害者", book=book())


def _seen(reader: Reader) -> tuple[int, int, tuple[int, ...], int]:
    """Revision, units, their generations, live rows: all of one complete revision, or something is torn."""
    units = reader.query("MATCH (u:Unit) WHERE u.listed RETURN u.staff AS staff, u.revenue AS revenue").to_pylist()
    generations = {u["staff"] for u in units} | {u["revenue"] for u in units}
    live = reader.query("MATCH (t:SourceRow) WHERE t.ended IS NULL RETURN count(*) AS n")["n"][0].as_py()
    return reader.revision, len(units), tuple(sorted(generations)), live


def _ask(store: Path, ready: Event, done: Event, report: Path) -> None:
    """Ask until told to stop; write down how often, and everything that was wrong."""
    wrong: list[str] = []
    asked = last = 0
    opened = EmbeddedStore(store)
    while not done.is_set():
        try:
            with opened.reader() as reader:
                revision, units, generations, live = _seen(reader)
            if revision < last or len(generations) != 1 or live != units:
                wrong.append(f"revision {revision} after {last}: {units} units of {generations}, {live} rows")
            last = revision
        except Exception as error:
            wrong.append(repr(error))
        asked += 1
        ready.set()
    report.write_text(json.dumps({"asked": asked, "wrong": wrong[:10]}), encoding="utf-8")


def torture(folder: Path, kills: int, *, rows: int = 3_000, seed: int = 0) -> Iterator[str]:
    """Yield a line for each kill; AssertionError on the first that leaves anything but a complete revision."""
    # imported once, forked for each process: what is waited for is the load
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["loaders.pipeline", "graph.rules.book", "graph.stores.embedded"])
    store, ledger, heard = folder / "kill.lbug", folder / "企业.csv", folder / "reader.json"
    _units(ledger, 1, rows)
    own = EmbeddedStore(store, create=True)
    with own.reader():
        pass
    _load(store, ledger)
    ready, done = context.Event(), context.Event()
    asking = context.Process(target=_ask, args=(store, ready, done, heard))
    asking.start()
    assert ready.wait(60), "the reader never asked"
    chance = random.Random(seed)
    duration = 0.0
    try:
        for number in range(kills + 1):
            with own.reader() as reader:
                before = _seen(reader)
            _units(ledger, number + 2, rows)
            holder = store.with_name(store.name + ".holder")
            holder.unlink(missing_ok=True)
            victim = context.Process(target=_load, args=(store, ledger))
            victim.start()
            while not holder.exists() and victim.is_alive():
                time.sleep(0.002)
            begun = time.monotonic()
            if number == 0:
                # the first is let live: how long a write takes tells when to kill the others
                victim.join()
                duration = time.monotonic() - begun
            else:
                victim.join(chance.uniform(0, duration * 1.1))
                if victim.pid and victim.is_alive():
                    os.kill(victim.pid, signal.SIGKILL)
                victim.join()
            with own.reader() as reader:
                after = _seen(reader)
                number_of_changes = reader.query("MATCH (c:Change) RETURN count(*) AS n")["n"][0].as_py()
                imports = reader.query("MATCH (m:Import) RETURN max(m.change) AS n")["n"][0].as_py()
            assert after[0] == number_of_changes == imports, "a revision without its Change or its Import"
            assert after in (before, (before[0] + 1, rows, (number + 2,), rows)), (
                f"neither {before} nor the next: {after}"
            )
            at = time.monotonic() - begun
            yield f"{number}: killed after {at:.2f} s, revision {before[0]} -> {after[0]}, {_left(store)} left behind"
        _units(ledger, kills + 3, rows)
        _load(store, ledger)
        with own.reader() as reader:
            assert _seen(reader)[1:] == (rows, (kills + 3,), rows), "the next load does not work"
        assert _left(store) == [], "the next load does not clear what crashes left"
    finally:
        done.set()
        asking.join(60)
    said = json.loads(heard.read_text(encoding="utf-8"))
    assert said["wrong"] == []
    assert said["asked"] >= ASKED_AT_LEAST, said
    yield f"a reader asked {said['asked']} times without an error"


def _left(store: Path) -> list[str]:
    return sorted(p.name for p in store.parent.glob(store.name + ".*") if p.suffix != ".lock")


def main(kills: int = 20) -> None:
    """Print each kill."""
    with tempfile.TemporaryDirectory() as folder:
        for line in torture(Path(folder), kills, seed=int(time.time())):
            print(line, flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
