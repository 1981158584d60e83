"""The page on which 暂缓 are listed and set."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from urllib.parse import urlencode

from graph.answers import Answer
from graph.ontology import Ontology
from visualizations.html import markup
from visualizations.html.markup import Site
from visualizations.pages.page import href


def page(answer: Answer, site: Site, ontology: Ontology, rules: Sequence[tuple[str, str]]) -> str:
    """What may wait, and a form to set more; `rules` are (id, title) of those that can be deferred."""
    given = {k: str(v) for k, v in answer.parameters.items() if v not in (None, "") and k not in ("page", "size")}
    filters = f"?{urlencode(given)}" if given else ""
    return markup.render(
        "deferrals.html",
        site=site,
        answer=answer,
        rules=rules,
        links=partial(href, ontology=ontology),
        export=f"/answers/deferrals.xlsx{filters}",
        listed=f"/answers/deferrals{filters}",
    )
