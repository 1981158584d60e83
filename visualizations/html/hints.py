"""Help where it appears: what a label means, from the glossary, and which keys there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from graph.answers import Glossary, Term

#: where terms stand in full; `#` and the term lead to one
PAGE = "/help"


@dataclass(frozen=True, slots=True)
class Key:
    """One key and what it does. Elements of a page carry it as data-key; the script knows no key of its own."""

    key: str
    does: str


#: keys that every page has where it makes sense, by what templates call them; those of the main pages are in the nav
KEYS: Mapping[str, Key] = {
    "find": Key("/", "到本页的查找框或第一个筛选框"),
    "next": Key("n", "下一页"),
    "previous": Key("p", "上一页"),
    "help": Key("?", "键盘快捷键"),
}


class Index:
    """What labels mean, looked up as pages write them."""

    def __init__(self, glossary: Glossary) -> None:
        self._terms: dict[str, Term] = {}
        for term in (term for terms in glossary.values() for term in terms):
            for label in (term.name, *term.labels):
                self._terms.setdefault(label, term)

    def find(self, label: str) -> Term | None:
        """The term that a label is; None where there is nothing to explain."""
        return self._terms.get(label)

    def once(self) -> Callable[[str], Term | None]:
        """For one page: each term where it appears first, and not again."""
        told: set[str] = set()

        def explain(label: str) -> Term | None:
            term = self.find(label)
            if term is None or term.name in told:
                return None
            told.add(term.name)
            return term

        return explain
