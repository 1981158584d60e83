"""For a moment after a load, pages show what was there before it, while the answers of the new revision are made."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor

#: how long a page may show a revision after it was last known to be the latest
SECONDS = 15.0


class Lately:
    """Which revisions were the latest a moment ago, and the answers that are made while no one waits for them.

    Without it a load makes everyone wait who clicks next: all answers of all pages are computed anew at once.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._latest: dict[int, float] = {}
        self._wanted: set[Hashable] = set()
        self._lock = threading.Lock()
        self._worker = ThreadPoolExecutor(1, "liangxin-lately")

    def before(self, revision: int) -> list[int]:
        """The revisions that may be shown in place of the latest one, the newest first."""
        now = time.monotonic()
        with self._lock:
            self._latest = {r: at for r, at in self._latest.items() if now - at < self._seconds and r < revision}
            found = sorted(self._latest, reverse=True)
            self._latest[revision] = now
        return found

    def forget(self) -> None:
        """Show none of them any more: who has just written here is to see it."""
        with self._lock:
            self._latest.clear()

    def make(self, key: Hashable, make: Callable[[], object]) -> None:
        """Have an answer made, one after another, each once; a failure is left to whoever asks for it again."""
        with self._lock:
            if key in self._wanted:
                return
            self._wanted.add(key)

        def work() -> None:
            try:
                make()
            finally:
                with self._lock:
                    self._wanted.discard(key)

        self._worker.submit(work)

    def close(self) -> None:
        """Wait for what is being made, and leave the rest."""
        self._worker.shutdown(cancel_futures=True)
