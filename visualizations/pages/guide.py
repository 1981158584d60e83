"""The help page, and what a page of an empty store says: what to do first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from graph.answers import Glossary
from visualizations.html import markup
from visualizations.html.hints import KEYS
from visualizations.html.markup import Site


@dataclass(frozen=True, slots=True)
class Asking:
    """A question as the help page offers it; `fields` are the (name, label) of what must be given."""

    name: str
    title: str
    help: str
    fields: tuple[tuple[str, str], ...] = ()


def help_page(glossary: Glossary, questions: Iterable[Asking], site: Site, *, empty: bool) -> str:
    """What to do first, what can be asked, every term, rule and key; `empty` where nothing has been loaded."""
    asked = list(questions)
    return markup.render("help.html", site=site, glossary=glossary, questions=asked, keys=KEYS.values(), empty=empty)


def empty_page(title: str, site: Site) -> str:
    """What stands in place of any answer while nothing has been loaded."""
    return markup.render("empty.html", site=site, title=title)
