"""Rules that failed: which, why, and for how long they are switched off, so that all else is answered."""

from __future__ import annotations

import threading
import time
from collections.abc import Hashable
from dataclasses import dataclass, field

from graph.errors import LiangxinError, StoreSlowError

#: seconds after which a rule that took too long is tried again: the machine may have been busy
AGAIN = 600.0
#: rules that may take too long in one question: where more do, it is the machine, and there is no answer
SLOW_RULES = 2


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that failed. `why` says with file and line what is wrong and what to do.

    `error` is what an answer that is about nothing else raises. `lasting` is true where the file itself is at fault,
    whatever the graph holds.
    """

    rule: str
    title: str
    why: str
    error: LiangxinError
    lasting: bool = False

    @property
    def note(self) -> str:
        """The notice on every answer that lacks the rule."""
        return f"规则 {self.rule}（{self.title}）出错，已停用，其问题没有计入，其他规则不受影响。{self.why}"

    @property
    def slow(self) -> bool:
        """Whether it took too long."""
        return isinstance(self.error, StoreSlowError)


@dataclass(slots=True)
class _Off:
    """A fault, and until when it counts: of which revision (None: of all), and before which moment."""

    fault: Fault
    revision: int | None
    until: float


@dataclass(slots=True)
class _Known:
    """The rules that are off in an office, by their queries."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    off: dict[Hashable, _Off] = field(default_factory=dict)
    count: int = 0


class Faults:
    """The faults that one question, or one write, meets; those known to its office are not run into again."""

    def __init__(self, known: _Known | None = None) -> None:
        self._known = known or _Known()
        #: by the id of the rule, those that were met
        self.met: dict[str, Fault] = {}

    def apart(self) -> Faults:
        """Faults of another question to the same office: what is known stays known, and nothing is met yet."""
        return Faults(self._known)

    def find(self, key: Hashable, revision: int) -> Fault | None:
        """The fault by which the query `key` is off at a revision; it is met by asking."""
        off = self._known.off.get(key)
        if off is None or off.revision not in (None, revision) or time.monotonic() > off.until:
            return None
        self.met[off.fault.rule] = off.fault
        return off.fault

    def add(self, key: Hashable, revision: int, fault: Fault) -> None:
        """Switch a query off: for good, for this revision, or where it was slow for a while."""
        self.met[fault.rule] = fault
        until = time.monotonic() + AGAIN if fault.slow else float("inf")
        with self._known.lock:
            self._known.off[key] = _Off(fault, None if fault.lasting else revision, until)
            self._known.count += 1

    @property
    def too_many_slow(self) -> bool:
        """Whether so many rules of this question took too long that no answer should be made without them."""
        return sum(fault.slow for fault in self.met.values()) > SLOW_RULES

    @property
    def state(self) -> Hashable:
        """What tells apart moments between which an answer may change without another revision."""
        now = time.monotonic()
        with self._known.lock:
            return self._known.count, sum(off.until > now for off in self._known.off.values())
