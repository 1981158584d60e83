"""The one template environment, and what keeps a page from running or loading anything that is not ours."""

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
from visualizations.html import figures, hints, tables
from visualizations.html.assets import asset

HERE = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Site:
    """What a served page has that a file has not.

    `nav` are (href, label, key) of the main pages and `path` the address without suffix or query; scripts run that
    carry `nonce`, forms that change something carry `token`. `fictional` marks pages over the sample. `explain` gives
    what a label means, None where there is nothing to say.
    """

    nav: Sequence[tuple[str, str, str]]
    path: str
    nonce: str
    token: str = ""
    fictional: bool = False
    explain: Callable[[str], Term | None] = lambda _: None


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Templates with everything escaped and no undefined name tolerated."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
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
        HELP=hints.PAGE,
        KEYS=hints.KEYS,
        NUMERIC=show.NUMERIC,
        BLANK=show.BLANK,
        BLANK_TITLE=show.BLANK_TITLE,
        SEVERITIES=style.SEVERITIES,
        MARKED=style.MARKED,
        radius=style.radius,
    )
    made.tests.update(rate=show.is_rate, share=show.is_share)
    return made


def render(template: str, **context: Any) -> str:
    """A whole page."""
    return environment().get_template(template).render(context)


def macro(name: str, **arguments: Any) -> Markup:
    """One macro of the shared parts, called by name."""
    module: Any = environment().get_template("_parts.html").module
    return Markup(getattr(module, name)(**arguments))


def script_hash(text: str) -> str:
    """The CSP source of a script run inline; a browser normalizes line ends before hashing."""
    normal = text.replace("\r\n", "\n").replace("\r", "\n")
    return f"'sha256-{base64.b64encode(hashlib.sha256(normal.encode()).digest()).decode()}'"


def embedded(data: Any) -> Markup:
    """JSON to stand inside a script element: nothing in it can end the element or open a comment."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return Markup(text)


def policy(scripts: Iterable[str] = ()) -> str:
    """The Content-Security-Policy of a file: nothing from any host, only the scripts whose hashes are given."""
    run = " ".join(scripts) or "'none'"
    return (
        f"default-src 'none'; script-src {run}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def served_policy(nonce: str) -> str:
    """The Content-Security-Policy of a served page: our own assets, the scripts that carry the nonce, no other host."""
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self'; style-src-attr 'unsafe-inline'; "
        "img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
