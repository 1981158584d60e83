"""The page on which reviews are decided: each with its evidence side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from graph.answers import Answer
from graph.ontology import Ontology
from visualizations.html import markup
from visualizations.html.markup import Site
from visualizations.pages.page import href
from visualizations.show import show

#: by the kind of review: the words that may be chosen, and whether words of one's own may be filled in
Allowed = Mapping[str, tuple[tuple[str, ...], bool]]


@dataclass(frozen=True, slots=True)
class Review:
    """One review as it is shown: `about` are (label, text, address) of whom it is about, `words` what may be chosen."""

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
    """The reviews of a page of the answer; `query` is that of the address, which is the whole state.

    `states` are those that can be asked for, with their labels.
    """
    given = {k: str(v) for k, v in answer.parameters.items() if v not in (None, "")}
    number, size = int(given.pop("page", 1)), int(given.pop("size", 1))
    count = max(1, -(-(answer.of_rows or 0) // size))

    def at(wanted: int) -> str:
        return f"{site.path}?{urlencode({**given, 'page': wanted})}" if 1 <= wanted <= count else ""

    filters = urlencode(given)
    return markup.render(
        "reviews.html",
        site=site,
        answer=answer,
        given=given,
        states=states,
        reviews=[_review(row, answer, ontology, allowed) for row in answer.rows],
        action=f"{site.path}/decide" + (f"?{query}" if query else ""),
        export="/answers/reviews.xlsx" + (f"?{filters}" if filters else ""),
        listed="/answers/reviews" + (f"?{filters}" if filters else ""),
        current=number,
        count=count,
        previous=at(number - 1),
        next=at(number + 1),
    )


def _review(row: Mapping[str, Any], answer: Answer, ontology: Ontology, allowed: Allowed) -> Review:
    columns = {c.name: c for c in answer.columns}
    about = tuple(
        (columns[end].label, show(row[end], columns[end]), href(row, columns[end], ontology))
        for end in ("subject", "other")
        if row.get(end)
    )
    words, free = allowed.get(str(row["review_type"]), ((), True))
    said = [str(row[k]) for k in ("file", "sheet") if row.get(k)]
    line = [f"第 {row['line']} 行"] if row.get("line") else []
    return Review(
        str(row["id"]),
        str(row["kind"]),
        str(row["question"] or ""),
        _points(row.get("evidence_for")),
        _points(row.get("evidence_against")),
        about,
        "，".join((*said, *line, *([str(row["division"])] if row.get("division") else []))),
        str(row.get("decision") or ""),
        words,
        free,
    )


def _points(text: Any) -> tuple[str, ...]:
    """Evidence, point by point."""
    return tuple(part for part in str(text or "").split("；") if part)
