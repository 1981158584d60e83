"""The page that lists 暂缓 and has the form to enter one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from urllib.parse import urlencode

from graph.answers import Answer
from graph.ontology import Ontology
from visualizations.html import markup
from visualizations.html.markup import Site
from visualizations.pages.links import href


def page(answer: Answer, site: Site, ontology: Ontology, rules: Sequence[tuple[str, str]]) -> str:
    """The page of an answer to `deferrals`; `rules` are (id, title) of the rules that can be deferred."""
    parameters = {k: str(v) for k, v in answer.parameters.items() if v not in (None, "") and k not in ("page", "size")}
    filters = f"?{urlencode(parameters)}" if parameters else ""
    return markup.render(
        "deferrals.html",
        site=site,
        answer=answer,
        rules=rules,
        links=partial(href, ontology=ontology),
        export=f"/answers/deferrals.xlsx{filters}",
        listed=f"/answers/deferrals{filters}",
    )
