"""Explains the labels of pages with the terms of the glossary."""

from __future__ import annotations

from collections.abc import Callable

from graph.answers import Glossary, Term


class Explanations:
    """The terms of the glossary by the labels that pages use."""

    def __init__(self, glossary: Glossary) -> None:
        self._terms: dict[str, Term] = {}
        for term in (term for terms in glossary.values() for term in terms):
            for label in (term.name, *term.labels):
                self._terms.setdefault(label, term)

    def find(self, label: str) -> Term | None:
        """The term of a label; None where the glossary has none."""
        return self._terms.get(label)

    def once(self) -> Callable[[str], Term | None]:
        """A function for one page, which explains each term where it appears first."""
        explained: set[str] = set()

        def explain(label: str) -> Term | None:
            term = self.find(label)
            if term is None or term.name in explained:
                return None
            explained.add(term.name)
            return term

        return explain
