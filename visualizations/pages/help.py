"""The help page, and the page of an empty store, which says what to do first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from graph.answers import Glossary
from visualizations.html import markup
from visualizations.html.markup import Site
from visualizations.html.shortcuts import SHORTCUTS


@dataclass(frozen=True, slots=True)
class QuestionForm:
    """A question on the help page; `fields` are the (name, label) of its required parameters."""

    name: str
    title: str
    help: str
    fields: tuple[tuple[str, str], ...] = ()


def help_page(glossary: Glossary, questions: Iterable[QuestionForm], site: Site, *, empty: bool) -> str:
    """First steps, questions, terms, rules and shortcuts; `empty` says that nothing has been loaded."""
    return markup.render(
        "help.html", site=site, glossary=glossary, questions=list(questions), keys=SHORTCUTS.values(), empty=empty
    )


def empty_page(title: str, site: Site) -> str:
    """The page in place of any answer while nothing has been loaded."""
    return markup.render("empty.html", site=site, title=title)
