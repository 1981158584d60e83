"""What a Neo4j store says of itself: its schema, its revision, who writes, and what write is being applied.

A server's reader sees a commit while it is being applied, so one node, `LiangxinState`, tells complete revisions
from others. `seq` counts the writes that were made visible; `mark` stands while one is: "commit" for one
transaction, "batches" for a write too large for one. What was read counts if `seq` was the same before and after,
and no mark stood. The right to write is a lease on the same node: it is renewed while its holder lives, runs out
when the machine of the holder is gone, and every transaction that writes checks it last ("fence"), holding the
node's lock until it is over. So what is free to be taken over is also at rest.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graph.errors import StoreBusyError, StoreError, StoreUnfinishedError
from graph.stores.neo4j.bolt import Rows, Server, Transaction, answered, timed_out

#: seconds after which a holder that no longer renews has lost the right to write
LEASE = 20.0
BEAT = 4.0
#: seconds between two looks at whether what is waited for has come
LOOK = 0.05

#: the state as the last item of a RETURN, its node being `s`
ITEM = "properties(s) AS state"
FOUND = "MATCH (s:LiangxinState)"
READ = f"{FOUND} RETURN {ITEM}"
#: the name of every property of the node, most of which are there only while someone writes
NAMES = (
    "id", "schema", "tables", "revision", "seq", "mark", "purpose", "done",
    "writer", "author", "writes", "since", "place", "host", "pid", "expires", "claims",
)  # fmt: skip
# a write to the node comes first: it takes the lock, and what is read after it is what stands
_CLAIM = f"""{FOUND} SET s.claims = coalesce(s.claims, 0) + 1
WITH s, s.writer IS NULL OR s.writer IN [$token, $absent] OR coalesce(s.expires < timestamp(), true) AS free
FOREACH (_ IN CASE WHEN free THEN [1] ELSE [] END | SET s.writer = $token, s.author = $author, s.writes = $writes,
  s.since = $since, s.place = $place, s.host = $host, s.pid = $pid, s.expires = timestamp() + $lease)
RETURN {ITEM}"""
_OWN = f"{FOUND} SET s.claims = coalesce(s.claims, 0) + 1 WITH s WHERE s.writer = $token"
_BEAT = f"{_OWN} SET s.expires = timestamp() + $lease RETURN 1"
_MARK = f"{_OWN} SET s.mark = $mark, s.purpose = $purpose, s.done = $done, s.seq = s.seq + 1 RETURN 1"
_FENCE = f"{_OWN} SET s.done = $done RETURN 1"
_FREE = "SET s.writer = null, s.author = null, s.writes = null, s.since = null, s.place = null, s.expires = null"
_SETTLE = """OPTIONAL MATCH (c:Change) WITH max(c.number) AS last
MATCH (s:LiangxinState) SET s.claims = coalesce(s.claims, 0) + 1 WITH s, last WHERE s.writer = $token
SET s.revision = coalesce(last, 0), s.mark = null, s.purpose = null, s.done = null"""
_END = f"{_SETTLE} {_FREE} RETURN 1"
_SETTLE = f"{_SETTLE} RETURN 1"
_RELEASE = f"{_OWN} {_FREE} RETURN 1"


@dataclass(frozen=True, slots=True)
class State:
    """The state node as it was read."""

    schema: str = ""
    tables: str = ""
    revision: int = 0
    seq: int = 0
    mark: str = ""
    purpose: str = ""
    done: int = 0
    writer: str = ""
    author: str = ""
    writes: str = ""
    since: str = ""
    place: str = ""
    host: str = ""
    pid: int = 0

    def holder(self) -> str:
        """Who writes, since when and what, for a message."""
        return f"{self.author} 自 {self.since} 起（{self.writes}，{self.host} 上的进程 {self.pid}）"

    def unfinished(self, location: str) -> StoreUnfinishedError:
        """What to say to those who must wait for a large write."""
        if self.writer and not _gone(self):
            return StoreUnfinishedError(
                f"图库 {location} 正在成批写入：{self.holder()}，已写入 {self.done:,} 行。请稍后重试。"
            )
        return StoreUnfinishedError(
            f"图库 {location} 有一次写入没有完成：{self.purpose}，已写入 {self.done:,} 行。"
            "请用同样的文件和选项重新执行该操作，它会从断处继续。"
        )


def read_state(rows: Rows) -> State | None:
    """The state from the column ITEM, None where there is none."""
    return State(**{n: v for n, v in rows[0][-1].items() if n in _KNOWN}) if rows else None


_KNOWN = frozenset(State.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write, held; see `claim`."""

    server: Server
    token: str

    def mark(self, mark: str, purpose: str, done: int) -> None:
        """Say that from now on what is read may be incomplete."""
        self._own(_MARK, mark=mark, purpose=purpose, done=done)

    def fence(self, transaction: Transaction, done: int) -> None:
        """The last statement of a transaction that writes: it only counts if this lease still holds."""
        if not transaction.run(_FENCE, {"token": self.token, "done": done}):
            raise self._lost()

    def settle(self) -> None:
        """What was written is over: take its mark away and publish the revision."""
        self._own(_SETTLE)

    def end(self) -> None:
        """Settle, and let others write. Whoever has it by now settled first: what passed the fence counts."""
        self.server.change(_END, {"token": self.token})

    def release(self) -> None:
        """Let others write; a mark that stands stays."""
        self.server.change(_RELEASE, {"token": self.token})

    @contextlib.contextmanager
    def renewing(self, lost: Callable[[], None]) -> Iterator[None]:
        """Renew the lease as long as the block runs; `lost` is called when nothing is heard for its whole length."""
        over = threading.Event()

        def beat() -> None:
            heard = time.monotonic()
            while not over.wait(BEAT):
                # what fails now is found out by the next statement, or by the fence; while a commit is being applied
                # it fails each time, the server being well
                try:
                    self.server.change(_BEAT, {"token": self.token, "lease": int(LEASE * 1000)}, timeout=BEAT)
                    heard = time.monotonic()
                except (StoreError, RuntimeError) as error:
                    if answered(error.__cause__):
                        heard = time.monotonic()
                if time.monotonic() > heard + LEASE:
                    # whoever writes may be waiting for an answer that never comes
                    lost()

        thread = threading.Thread(target=beat, name="liangxin-lease", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _own(self, text: str, **parameters: Any) -> None:
        if not self.server.change(text, {"token": self.token, **parameters}):
            raise self._lost()

    def _lost(self) -> StoreError:
        return StoreError(
            f"写入图库 {self.server.location} 期间与服务器失去联系太久，写入的权利已交给别人，这次写入不算。请重新执行。"
        )


def claim(server: Server, author: str, purpose: str, wait: float) -> tuple[Lease, State]:
    """The right to write, and the state that was found.

    Raises StoreBusyError naming the holder when it does not become free within `wait` seconds.
    """
    until = time.monotonic() + wait
    token = secrets.token_hex(8)
    parameters: Mapping[str, Any] = {
        "token": token,
        "author": author,
        "writes": purpose,
        "since": dt.datetime.now().astimezone().isoformat(timespec="seconds"),
        "place": _place(),
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "lease": int(LEASE * 1000),
    }
    absent = ""
    while True:
        try:
            state = read_state(server.change(_CLAIM, {**parameters, "absent": absent}, timeout=max(wait, 2.0)))
        except StoreError as error:
            # held up by a commit that is being applied
            if not timed_out(error.__cause__) or time.monotonic() > until + LEASE:
                raise
            continue
        if state is None:
            raise StoreError(f"图库 {server.location} 已被清空。请重新执行 liangxin load。")
        if state.writer == token:
            return Lease(server, token), state
        absent = state.writer if _gone(state) else ""
        if not absent and time.monotonic() > until:
            raise StoreBusyError(
                f"图库 {server.location} 正在被写入：{state.holder()}。请稍后重试，或用 --wait 秒数 等待更久。"
            )
        if not absent:
            time.sleep(LOOK)


def _place() -> str:
    """This process, so that another one on this machine can tell whether it still lives; "" where none can."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()} {os.getpid()} {_started(os.getpid())}"
    except OSError:
        return ""


def _started(pid: int) -> str:
    """When a process was started, in ticks since the machine was; "" for one that is dead and not yet buried."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return "" if fields[0] in "ZX" else fields[19]


def _gone(state: State) -> bool:
    """Whether the holder was a process of this machine that is no more."""
    own, place = _place().split(), state.place.split()
    if len(own) != 4 or len(place) != 4 or own[:2] != place[:2]:
        return False
    try:
        return _started(int(place[2])) != place[3]
    except OSError:
        return True
