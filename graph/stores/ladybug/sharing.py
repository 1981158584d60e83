"""The memory that the queries of a process share: one that finds it taken is run once more with no other beside it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

_turn = threading.Condition()
_running = 0
_waiting = 0


@contextlib.contextmanager
def beside_others() -> Iterator[None]:
    """Run a query beside others; one that is to run alone goes first."""
    global _running
    with _turn:
        _turn.wait_for(lambda: not _waiting)
        _running += 1
    try:
        yield
    finally:
        with _turn:
            _running -= 1
            _turn.notify_all()


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Run a query once no other runs, while those that come later wait."""
    global _running, _waiting
    with _turn:
        _waiting += 1
        _turn.wait_for(lambda: not _running)
        _running += 1
    try:
        yield
    finally:
        with _turn:
            _running -= 1
            _waiting -= 1
            _turn.notify_all()
