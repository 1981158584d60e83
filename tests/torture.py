"""kill -9 in the middle of loads, with readers asking all the while: `python -m tests.torture [KILLS]`.

Each round starts a load in a process of its own and kills, at some moment between its claim to write and its end,
that process, or the server that it writes to. After it the store must be at a complete revision, the one before or
the one after; a write in batches may stand unfinished instead, which no one sees, and which the same load completes.
No reader may have seen anything else, nothing that was acknowledged may be gone, and what the crash left behind must
hinder no one.
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
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event
from pathlib import Path

from graph.errors import StoreError, StoreMovedError, StoreUnfinishedError
from graph.locality import Locality
from graph.rules.book import book
from graph.stores.base import Reader, Store, Writer
from graph.stores.neo4j import lease
from graph.stores.neo4j import store as neo4j
from graph.stores.neo4j.store import Neo4jStore
from graph.stores.verify import verify
from loaders import pipeline
from tests import neo4j_server
from tests.places import NEO4J, Place

#: a reader that has asked less often than this was not there
ASKED_AT_LEAST = 20
#: seconds in which a store answers again, and in which a load that lost its server ends
AGAIN = 10.0
#: seconds between two questions: who writes needs the machine too
PAUSE = 0.02
#: what is killed, and whether the load is made in batches
WAYS = (("load", False), ("server", False), ("load", True), ("server", True))

#: revision, units, their generations, live rows, units in their place
Seen = tuple[int, int, tuple[int, ...], int, int]


# -- what others do -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Telling:
    """A store that tells when a write to it begins."""

    store: Store
    begun: Event

    def reader(self, resuming: str = "") -> AbstractContextManager[Reader]:
        return self.store.reader(resuming)

    def writer(self, author: str, purpose: str) -> AbstractContextManager[Writer]:
        self.begun.set()
        return self.store.writer(author, purpose)

    def close(self) -> None:
        self.store.close()


def _load(store: Store, ledger: Path) -> None:
    pipeline.load(store, pipeline.LoadRequest([ledger], Locality(home="甲县"), author="受害者", book=book()))


def _victim(place: Place, ledger: Path, batches: bool, begun: Event) -> None:
    """Load, and end with the contract's status."""
    if batches:
        neo4j.ONE_TRANSACTION, neo4j.AT_ONCE = 1, 200
    try:
        with closing(place.open(wait=AGAIN)) as store:
            _load(_Telling(store, begun), ledger)
    except StoreError as error:
        sys.exit(error.exit_status)


def _ask(place: Place, down: Event, ready: Event, done: Event, report: Path) -> None:
    """Ask until told to stop; write down how often, how often in vain, and everything that was wrong."""
    wrong: list[str] = []
    asked = last = 0
    refused: Counter[str] = Counter()
    with closing(place.open()) as opened:
        while not done.is_set():
            away = down.is_set()
            try:
                with opened.reader() as reader:
                    seen = _seen(reader)
                revision, units, generations, live, placed = seen
                if revision < last or len(generations) != 1 or not units == live == placed:
                    wrong.append(f"after revision {last}: {seen}")
                last = revision
            except (StoreMovedError, StoreUnfinishedError) as error:
                # a file is never in either state
                if place.engine.keeps_revisions:
                    wrong.append(repr(error))
                refused[type(error).__name__] += 1
            except StoreError as error:
                if not (away or down.is_set()):
                    wrong.append(repr(error))
                refused[type(error).__name__] += 1
            except Exception as error:
                wrong.append(repr(error))
            asked += 1
            ready.set()
            time.sleep(PAUSE)
    report.write_text(json.dumps({"asked": asked, "refused": refused, "wrong": wrong[:10]}), encoding="utf-8")


def _seen(reader: Reader) -> Seen:
    """What is seen of a store: all of one complete revision, or something is torn."""
    units = reader.query("MATCH (u:Unit) WHERE u.listed RETURN u.staff AS staff, u.revenue AS revenue").to_pylist()
    generations = {u["staff"] for u in units} | {u["revenue"] for u in units}
    live = reader.query("MATCH (t:SourceRow) WHERE t.ended IS NULL RETURN count(*) AS n")["n"][0].as_py()
    placed = reader.query("MATCH (u:Unit)-[e:LOCATED_IN]->(:Region) RETURN count(*) AS n")["n"][0].as_py()
    return reader.revision, len(units), tuple(sorted(generations)), live, placed


# -- what is done to them -------------------------------------------------------------------------------


def torture(
    place: Place,
    folder: Path,
    kills: int,
    *,
    server: neo4j_server.Server | None = None,
    rows: int = 3_000,
    seed: int = 0,
) -> Iterator[str]:
    """Yield a line for each kill; AssertionError on the first that leaves anything but a complete revision.

    Where a `server` is given it is killed too, every other time.
    """
    # imported once, forked for each process: what is waited for is the load
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["graph.rules.book", "graph.stores.neo4j.store", "loaders.pipeline", "tests.places"])
    ledger, heard = folder / "企业.csv", folder / "reader.json"
    down, ready, done = context.Event(), context.Event(), context.Event()
    ways = [
        (what, batches)
        for what, batches in WAYS
        if (server or what == "load") and (place.engine.batches or not batches)
    ]
    chance = random.Random(seed)
    killed = rounds = unfinished = 0
    duration = 0.0
    with closing(place.open(wait=AGAIN)) as own:
        _units(ledger, 0, rows)
        _load(own, ledger)
        asking = context.Process(target=_ask, args=(place, down, ready, done, heard))
        asking.start()
        assert ready.wait(60), "the reader never asked"
        try:
            while killed < kills:
                what, batches = ways[killed % len(ways)]
                rounds += 1
                before = _complete(own)
                assert before is not None
                after = (before[0] + 1, rows, (rounds,), rows, rows)
                _units(ledger, rounds, rows)
                begun = context.Event()
                victim = context.Process(target=_victim, args=(place, ledger, batches, begun))
                victim.start()
                assert begun.wait(60), "the load never began to write"
                started = time.monotonic()
                # the first is let live: how long a write takes tells when to kill the others
                victim.join(chance.uniform(0, duration) if duration else None)
                at = time.monotonic() - started
                alive = victim.is_alive()
                # a server that was just started takes longer than one that is warm
                duration = 1.2 * duration if alive else at
                if not alive:
                    assert victim.exitcode == 0, f"a load that nobody disturbed ended with {victim.exitcode}"
                elif what == "server" and server is not None:
                    down.set()
                    server.kill()
                    victim.join(AGAIN)
                    assert victim.exitcode in (0, StoreError.exit_status), f"the load ended with {victim.exitcode}"
                    server.start()
                    down.clear()
                else:
                    _kill(victim)
                found = _complete(own)
                left = _left(own, place)
                if found is None:
                    # no one sees it until the same load has completed it
                    unfinished += 1
                    _load(own, ledger)
                    found = _complete(own)
                    assert found == after, f"resumed, and not {after}: {found}"
                # what a load reported as done is done
                assert found == after or (found == before and victim.exitcode != 0), (
                    f"neither {before} nor {after}: {found}"
                )
                if alive:
                    killed += 1
                    way = f"{what}{' in batches' if batches else ''}"
                    yield f"{killed}: {way} killed after {at:.2f} s, revision {before[0]} -> {found[0]}{left}"
            _units(ledger, rounds + 1, rows)
            _load(own, ledger)
            found = _complete(own)
            assert found is not None
            assert found[1:] == (rows, (rounds + 1,), rows, rows), "the next load does not work"
            assert _left(own, place) == "", "the next load does not clear what crashes left"
        finally:
            done.set()
            asking.join(60)
    said = json.loads(heard.read_text(encoding="utf-8"))
    assert said["wrong"] == []
    assert said["asked"] - sum(said["refused"].values()) >= ASKED_AT_LEAST, said
    yield (
        f"{killed} kills in {rounds} loads, {unfinished} resumed; a reader asked {said['asked']} times without an error, "
        f"and was told to wait {said['refused']}; no acknowledged revision of {found[0]} was lost"
    )


def _units(path: Path, generation: int, rows: int) -> None:
    """A ledger in which every row says which generation wrote it."""
    lines = ["企业名称,从业人员数量,年营业收入（元）"]
    lines += [f"第{n}公司,{generation},{generation}" for n in range(rows)]
    path.write_text("\n".join(lines), encoding="utf-8")


def _kill(victim: BaseProcess) -> None:
    assert victim.pid is not None
    os.kill(victim.pid, signal.SIGKILL)
    victim.join()


def _complete(store: Store) -> Seen | None:
    """What is seen of a store once it answers, with its Change and its Import; None while it stands unfinished."""
    until = time.monotonic() + AGAIN
    while True:
        try:
            with store.reader() as reader:
                seen = _seen(reader)
                changes = reader.query("MATCH (c:Change) RETURN count(*) AS n")["n"][0].as_py()
                imports = reader.query("MATCH (m:Import) RETURN max(m.change) AS n")["n"][0].as_py()
            assert seen[0] == changes == imports, "a revision without its Change or its Import"
            return seen
        except StoreUnfinishedError:
            return None
        except StoreError:
            assert time.monotonic() < until, "the store does not answer again"


def _left(store: Store, place: Place) -> str:
    """What a crash left beside a store, or on its server, in words; "" for nothing."""
    if isinstance(store, Neo4jStore):
        found = lease.read_state(store.server.read(lease.READ, {}))
        assert found is not None
        what = " and ".join(filter(None, (found.mark and f"the mark of {found.mark}", found.writer and "a lease")))
        return f", {what} left" if what else ""
    names = sorted(p.name for p in place.path.parent.glob(place.path.name + ".*") if p.suffix != ".lock")
    return f", {names} left" if names else ""


def main(kills: int = 50) -> None:
    """Print each kill, on the embedded engine and on a server of its own."""
    seed = int(time.time())
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        _print(Place(str(folder / "kill.lbug")), folder, kills, seed)
        with neo4j_server.running(settings={"db.tx_log.rotation.size": "64m"}) as server:
            place = Place(server.url, server.user, server.password, engine=NEO4J)
            _print(place, folder, kills, seed, server)


def _print(place: Place, folder: Path, kills: int, seed: int, server: neo4j_server.Server | None = None) -> None:
    for line in torture(place, folder, kills, server=server, seed=seed):
        print(line, flush=True)
    with closing(place.open()) as store, store.reader() as reader:
        found = verify(reader)
        assert found.rows == (), found.rows
        print(f"revision {found.revision} holds together")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
