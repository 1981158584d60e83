"""The help page, and what a page of an empty store says: what to do first."""

from __future__ import annotations

from graph.answers import Glossary
from visualizations import markup
from visualizations.help import KEYS
from visualizations.markup import Site


def help_page(glossary: Glossary, site: Site, empty: bool) -> str:
    """What to do first, how to read a page, every term, rule and key; `empty` where nothing has been loaded."""
    return markup.render("help.html", site=site, glossary=glossary, keys=KEYS.values(), empty=empty)


def empty_page(title: str, site: Site) -> str:
    """What stands in place of any answer while nothing has been loaded."""
    return markup.render("empty.html", site=site, title=title)
