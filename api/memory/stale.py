"""The revisions that pages may show for a moment after a load, while the answers of the new revision are made."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor

#: how long a page may show a revision after it was last seen to be the latest
SECONDS = 15.0


class RecentRevisions:
    """The revisions that were the latest a moment ago, and a thread that makes answers in the background.

    Without it everyone who clicks after a load waits, because the answers of all pages are computed at once.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._latest: dict[int, float] = {}
        self._queued: set[Hashable] = set()
        self._lock = threading.Lock()
        self._worker = ThreadPoolExecutor(1, "liangxin-answers")

    def before(self, revision: int) -> list[int]:
        """The revisions that may be shown in place of `revision`, the latest, the newest first."""
        now = time.monotonic()
        with self._lock:
            self._latest = {r: at for r, at in self._latest.items() if now - at < self._seconds and r < revision}
            earlier = sorted(self._latest, reverse=True)
            self._latest[revision] = now
        return earlier

    def forget(self) -> None:
        """Show none of them any more."""
        with self._lock:
            self._latest.clear()

    def make(self, key: Hashable, make: Callable[[], object]) -> None:
        """Have an answer made in the background, each once; after a failure it can be queued again."""
        with self._lock:
            if key in self._queued:
                return
            self._queued.add(key)

        def work() -> None:
            try:
                make()
            finally:
                with self._lock:
                    self._queued.discard(key)

        self._worker.submit(work)

    def close(self) -> None:
        """Wait for the answer that is being made, and drop the queue."""
        self._worker.shutdown(cancel_futures=True)
