"""The template environment, and the policies that keep a page from running or loading anything foreign."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from graph.answers import Term
from visualizations import show, style
from visualizations.html import figures, shortcuts, tables
from visualizations.html.assets import asset

HERE = Path(__file__).parents[1]
#: the address of the help page, which explains each term at `#` and its name
HELP = "/help"


@dataclass(frozen=True, slots=True)
class Site:
    """What a served page has and a file does not.

    `nav` are (href, label, key) of the main pages, `path` is the address without suffix or query. Only scripts with
    `nonce` run; forms that change something contain `token`. `fictional` marks pages of the sample. `explain` gives
    the term of a label, or None.
    """

    nav: Sequence[tuple[str, str, str]]
    path: str
    nonce: str
    token: str = ""
    fictional: bool = False
    explain: Callable[[str], Term | None] = lambda _: None


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Templates that escape every value and raise for an undefined name."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        css=Markup(asset("style.css").text),
        asset=lambda name: asset(name).address,
        site=None,
        show=show.show,
        heading=show.heading,
        figure=show.figure,
        figures_of=figures.figures,
        sentences=figures.sentences,
        breakable=tables.breakable,
        headings=tables.headings,
        fits=tables.fits,
        number=show.number,
        HELP=HELP,
        SHORTCUTS=shortcuts.SHORTCUTS,
        NUMERIC=show.NUMERIC,
        BLANK=show.BLANK,
        BLANK_TITLE=show.BLANK_TITLE,
        SEVERITIES=style.SEVERITIES,
        MARKED=style.MARKED,
        radius=style.radius,
    )
    environment.tests.update(rate=show.is_rate, share=show.is_share)
    return environment


def render(template: str, **context: Any) -> str:
    """A whole page."""
    return environment().get_template(template).render(context)


def macro(name: str, **arguments: Any) -> Markup:
    """The markup of a macro of _parts.html."""
    module: Any = environment().get_template("_parts.html").module
    return Markup(getattr(module, name)(**arguments))


def script_hash(text: str) -> str:
    """The CSP source of an inline script; a browser normalizes line ends before it hashes."""
    normal = text.replace("\r\n", "\n").replace("\r", "\n")
    return f"'sha256-{base64.b64encode(hashlib.sha256(normal.encode()).digest()).decode()}'"


def embedded(data: Any) -> Markup:
    """JSON for a script element, escaped so that it cannot end the element or open a comment."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return Markup(text)


def policy(scripts: Iterable[str] = ()) -> str:
    """The Content-Security-Policy of a file: no host, and only the scripts of these hashes."""
    run = " ".join(scripts) or "'none'"
    return (
        f"default-src 'none'; script-src {run}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def served_policy(nonce: str) -> str:
    """The Content-Security-Policy of a served page: our own assets, scripts with the nonce, no other host."""
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; style-src-attr 'unsafe-inline'; "
        "img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
