"""Keeps answers before and after redaction, and for a moment after a load shows those of the revision before it."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from api.memory.cache import AnswerCache
from api.memory.stale import RecentRevisions
from graph.answers import Answer


class Answers:
    """The answers of all revisions that fit into memory."""

    def __init__(self) -> None:
        self._cache = AnswerCache()
        self._recent = RecentRevisions()

    def redacted(
        self,
        revision: int,
        question: tuple[Hashable, ...],
        clearance: frozenset[str],
        compute: Callable[[], Answer],
        redact: Callable[[Answer], Answer],
    ) -> Answer:
        """The answer to a question at a revision as a clearance may see it, made if it is absent."""
        return self._cache.once(
            (revision, question, clearance), lambda: redact(self._cache.once((revision, question), compute))
        )

    def stale(
        self, revision: int, question: tuple[Hashable, ...], clearance: frozenset[str], renew: Callable[[], object]
    ) -> Answer | None:
        """The answer of a revision that was the latest a moment ago, while `renew` makes that of `revision`.

        None where the answer of `revision` is present, or that of no recent one.
        """
        key = (revision, question, clearance)
        earlier = self._recent.before(revision)
        if self._cache.get(key):
            return None
        for recent in earlier:
            if answer := self._cache.get((recent, question, clearance)):
                self._recent.make(key, renew)
                return answer
        return None

    def forget_recent(self) -> None:
        """Show no earlier revision any more: whoever has just written here is to see it."""
        self._recent.forget()

    def close(self) -> None:
        """Wait for the answer that is being made."""
        self._recent.close()
