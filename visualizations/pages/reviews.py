"""The page of 待核实, each with its evidence and the form to decide it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from graph.answers import Answer
from graph.ontology import Ontology
from visualizations.html import markup
from visualizations.html.markup import Site
from visualizations.pages.links import href
from visualizations.show import show

#: by kind of review: the decisions to choose from, and whether a text may be entered instead
Allowed = Mapping[str, tuple[tuple[str, ...], bool]]


@dataclass(frozen=True, slots=True)
class Review:
    """A review: `about` are (label, text, address) of its entities, `words` the decisions to choose from."""

    id: str
    kind: str
    question: str
    supports: tuple[str, ...]
    opposes: tuple[str, ...]
    about: tuple[tuple[str, str, str], ...]
    where: str
    decision: str
    words: tuple[str, ...]
    free: bool


def page(
    answer: Answer, site: Site, ontology: Ontology, query: str, states: Mapping[str, str], allowed: Allowed
) -> str:
    """The page of an answer to `reviews`; `query` is the query of its address, to which a decision returns.

    `states` are the labels of the states to filter by.
    """
    parameters = {k: str(v) for k, v in answer.parameters.items() if v not in (None, "")}
    number, size = int(parameters.pop("page", 1)), int(parameters.pop("size", 1))
    count = max(1, -(-(answer.of_rows or 0) // size))

    def address(page: int) -> str:
        return f"{site.path}?{urlencode({**parameters, 'page': page})}" if 1 <= page <= count else ""

    filters = urlencode(parameters)
    return markup.render(
        "reviews.html",
        site=site,
        answer=answer,
        parameters=parameters,
        states=states,
        reviews=[_review(row, answer, ontology, allowed) for row in answer.rows],
        action=f"{site.path}/decide" + (f"?{query}" if query else ""),
        export="/answers/reviews.xlsx" + (f"?{filters}" if filters else ""),
        listed="/answers/reviews" + (f"?{filters}" if filters else ""),
        current=number,
        count=count,
        previous=address(number - 1),
        next=address(number + 1),
    )


def _review(row: Mapping[str, Any], answer: Answer, ontology: Ontology, allowed: Allowed) -> Review:
    columns = {c.name: c for c in answer.columns}
    about = tuple(
        (columns[end].label, show(row[end], columns[end]), href(row, columns[end], ontology))
        for end in ("subject", "other")
        if row.get(end)
    )
    words, free = allowed.get(str(row["review_type"]), ((), True))
    source = [str(row[k]) for k in ("file", "sheet") if row.get(k)]
    line = [f"第 {row['line']} 行"] if row.get("line") else []
    return Review(
        str(row["id"]),
        str(row["kind"]),
        str(row["question"] or ""),
        _points(row.get("evidence_for")),
        _points(row.get("evidence_against")),
        about,
        "，".join((*source, *line, *([str(row["division"])] if row.get("division") else []))),
        str(row.get("decision") or ""),
        words,
        free,
    )


def _points(text: Any) -> tuple[str, ...]:
    """The points of a text of evidence."""
    return tuple(part for part in str(text or "").split("；") if part)
