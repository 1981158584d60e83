"""The page of any answer, the same as one file, and the page of an error."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph.answers import Answer, Column, Facet, Field, Total
from graph.ontology import Ontology
from visualizations.html import markup
from visualizations.html.markup import Site
from visualizations.network import network
from visualizations.pages.help import empty_page
from visualizations.pages.links import INHERITED, PROFILES, Link, by_division, cell_links, question_url, url
from visualizations.pages.profile import profile
from visualizations.sheets.writing import ordered
from visualizations.show import is_share, show_as
from visualizations.style import SEVERITIES

#: the labels of the formats of an answer, by suffix
FORMATS = {".xlsx": "Excel 表格", ".csv": "CSV", ".html": "单个网页文件", ".json": "JSON"}
#: rows on one page of a profile, which should have one page
WHOLE = 500
#: parameters that are not written under the title, because the page shows them otherwise
UNWRITTEN = {"page", "size", "sort", "columns", "as_of", "node", "open"}
#: most divisions drawn as bars, and most choices of a facet that are shown
BARS, CHOICES = 20, 8
#: the labels of the parameters that have a field in the filter
FILTERS = {"region": "区划", "chain": "产业链", "severity": "严重程度", "as_of": "截止日期"}
_LABELS = {**FILTERS, "base": "口径", "rule": "规则"}
#: the shape of an id, whose name is written in its place
_ID = re.compile(r"[a-z]{1,2}[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Pages:
    """The page of a table, the number of pages, and the addresses of its neighbours, '' at the ends."""

    number: int = 1
    count: int = 1
    previous: str = ""
    next: str = ""


def page(answer: Answer, site: Site, ontology: Ontology) -> str:
    """The page of an answer as it is served at the site's path.

    Filters, sorting and paging are links and a GET form, so that the URL is the whole state and only the network needs
    a script. The page of an empty store says what to do first.
    """
    if not answer.revision:
        return empty_page(answer.title, site)
    parameters = _parameters(answer)
    state = {k: v for k, v in parameters.items() if k != "page"}
    unpaged = {k: v for k, v in state.items() if k != "size"}
    base_url = site.path
    return _render(
        answer,
        ontology,
        site=site,
        parameters=parameters,
        fictional=site.fictional,
        kept=[(k, v) for k, v in state.items() if k not in FILTERS and k not in {f.parameter for f in answer.fields}],
        sorts={c.name: _sort(answer, c, base_url, state) for c in answer.columns},
        links=cell_links(base_url, state, answer, ontology),
        listed=lambda total: question_url(total.listed, state),
        drawing_links=_drawing_links(answer, site, unpaged),
        searches=_searches(answer, unpaged),
        steps=[(s.label, question_url(s.question, state), s.kind) for s in answer.steps],
        facets=[_choices(facet, base_url, unpaged) for facet in answer.facets],
        bars=_bars(answer, state),
        kept_by_columns=[(k, v) for k, v in state.items() if k != "columns"],
        pages=_pages(answer, base_url, parameters),
        exports=[(url(base_url + suffix, unpaged), label) for suffix, label in FORMATS.items()],
    )


def single_file(answer: Answer, ontology: Ontology, *, fictional: bool = False) -> str:
    """The page of an answer as one file to be passed on, without navigation and links to a server."""
    return _render(answer, ontology, parameters=_parameters(answer), fictional=fictional)


def _parameters(answer: Answer) -> dict[str, str]:
    """The parameters of an answer as text, without blank ones."""
    return {k: show_as(v, "string") for k, v in answer.parameters.items() if v not in (None, "")}


def error_page(status: int, title: str, detail: str, site: Site, number: str = "") -> str:
    """The page of an error: what went wrong, what to do, and the number to report."""
    return markup.render("error.html", site=site, status=status, title=title, detail=detail, number=number)


@dataclass(frozen=True, slots=True)
class SearchForm:
    """A form of one field that leads to another question; `kept` are its hidden parameters."""

    action: str
    label: str
    name: str
    button: str
    kept: tuple[tuple[str, str], ...] = ()


def _searches(answer: Answer, state: Mapping[str, str]) -> list[SearchForm]:
    """The forms above a drawing: a search, and in `explore` the shortest path from its start."""
    inherited = tuple((k, v) for k, v in state.items() if k in INHERITED)
    forms = []
    if answer.layout == "drawing":
        forms.append(SearchForm("/answers/search", "查找名称、代码、拼音首字母或区划", "q", "查找", inherited))
    if answer.name == "explore" and answer.graph and "node" in state:
        start = next(n.id for n in answer.graph.nodes)
        kept = (("from", start), *inherited)
        forms.append(SearchForm("/answers/path", "从起点到（名称、代码或编号）", "to", "查最短路径", kept))
    return forms


def _drawing_links(answer: Answer, site: Site, state: Mapping[str, str]) -> network.Links:
    """The addresses that the drawing leads to."""
    inherited = {k: v for k, v in state.items() if k in INHERITED}
    return network.Links(
        PROFILES,
        url("/answers/explore", {**inherited, "node": ""}),
        lambda asked: question_url(asked, state),
        url(f"{site.path}.svg", state),
    )


@dataclass(frozen=True, slots=True)
class Choices:
    """The links of a facet: (label, count, address, whether chosen); `rest` are folded away."""

    label: str
    shown: tuple[tuple[str, int, str, bool], ...]
    rest: tuple[tuple[str, int, str, bool], ...]


def _choices(facet: Facet, path: str, state: Mapping[str, str]) -> Choices:
    others = {k: v for k, v in state.items() if k != facet.parameter}
    links = tuple(
        (c.label, c.count, url(path, others if c.chosen else {**others, facet.parameter: c.value}), c.chosen)
        for c in sorted(facet.choices, key=lambda c: not c.chosen)
    )
    # the line that folds a single choice away would take its room
    cut = CHOICES if len(links) > CHOICES + 1 else len(links)
    return Choices(facet.label, links[:cut], links[cut:])


@dataclass(frozen=True, slots=True)
class Bar:
    """The problems of a division: `parts` are (severity, percent of the longest bar, count)."""

    label: str
    address: str
    total: int
    parts: tuple[tuple[str, float, int], ...]


def _bars(answer: Answer, state: Mapping[str, str]) -> tuple[Bar, ...]:
    """The divisions with the most problems, for answers that count them by division and severity."""
    columns = {c.level: c.name for c in answer.columns if c.level}
    if not by_division(answer) or not columns.keys() >= SEVERITIES.keys():
        return ()
    first = answer.columns[0]
    assert first.link is not None
    counted = [(row, sum(row[columns[s]] for s in SEVERITIES)) for row in answer.rows]
    counted = sorted((c for c in counted if c[1]), key=lambda c: -c[1])[:BARS]
    longest = max((total for _, total in counted), default=1)
    return tuple(
        Bar(
            str(row[first.name]),
            question_url(("gaps", ()), {**state, "region": str(row[first.link[1]] or "")}),
            total,
            tuple((s, 100 * n / longest, n) for s in SEVERITIES if (n := row[columns[s]])),
        )
        for row, total in counted
    )


def _in_words(name: str, value: str, answer: Answer) -> str:
    """The value of a parameter, with the name in place of an id; '' where the answer does not contain the name."""
    if not _ID.fullmatch(value):
        return value
    drawn = [n.label for n in answer.graph.nodes if n.id == value] if answer.graph else []
    return answer.within.get(name) or next(iter(drawn), "")


def _parameters_in_words(answer: Answer, parameters: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Label and value of each parameter in words, from its field, its facet or the parameter itself."""
    fields = {f.parameter: f for f in answer.fields}
    facets = {f.parameter: f for f in answer.facets}
    for name, value in parameters.items():
        if name in UNWRITTEN or name == answer.name:
            continue
        label, words = _LABELS.get(name, name), _in_words(name, value, answer)
        if name in fields:
            label, words = fields[name].label, _field_in_words(value, fields[name])
        elif name in facets:
            label = facets[name].label
            words = next((c.label for c in facets[name].choices if c.chosen), words)
        if words:
            yield label, words


def _field_in_words(value: str, field: Field) -> str:
    """The value of a field in words."""
    labels = dict(field.choices)
    return field.value or "、".join(labels.get(part, part) for part in value.split(","))


def _render(
    answer: Answer,
    ontology: Ontology,
    *,
    parameters: Mapping[str, str],
    fictional: bool,
    site: Site | None = None,
    kept: Sequence[tuple[str, str]] = (),
    sorts: Mapping[str, tuple[str, str]] | None = None,
    listed: Callable[[Total], str] | None = None,
    facets: Sequence[Choices] = (),
    bars: Sequence[Bar] = (),
    kept_by_columns: Sequence[tuple[str, str]] = (),
    links: Callable[[Mapping[str, Any], Column], Link] | None = None,
    drawing_links: network.Links | None = None,
    searches: Sequence[SearchForm] = (),
    steps: Sequence[tuple[str, str, str]] = (),
    pages: Pages | None = None,
    exports: Sequence[tuple[str, str]] = (),
) -> str:
    drawing = None
    if answer.graph and answer.graph.nodes:
        drawing = network.draw(answer.graph, ontology, site=site, links=drawing_links)
    # a profile of no entity yet is shown as a list, with a field to name one
    about = profile(answer) if answer.layout == "profile" and answer.rows else None
    return markup.render(
        "profile.html" if about else "page.html",
        site=site,
        policy=markup.policy(network.script_hashes() if drawing else ()),
        answer=answer,
        # a share of this list is left out where its facets show and link it
        totals=[t for t in answer.totals if not (facets and is_share(t) and t.listed and t.listed[0] == answer.name)],
        fictional=fictional,
        columns=ordered(answer),
        value_of=lambda name: parameters.get(name, ""),
        parameters=list(_parameters_in_words(answer, parameters)),
        kept=kept,
        sorts=sorts or {},
        listed=listed,
        facets=facets,
        bars=bars,
        kept_by_columns=kept_by_columns,
        links=links,
        pages=pages or Pages(),
        exports=exports,
        drawing=drawing,
        drawn_first=answer.layout == "drawing",
        about=about,
        searches=searches,
        steps=steps,
        by_severity="severity" in parameters or any(c.role == "severity" or c.level for c in answer.columns),
    )


def _sort(answer: Answer, column: Column, path: str, state: Mapping[str, str]) -> tuple[str, str]:
    """(address, aria-sort) of a heading: the first click sorts ascending, the next descending."""
    by = str(answer.parameters.get("sort", ""))
    order = {column.name: "ascending", f"-{column.name}": "descending"}.get(by, "")
    next_order = f"-{column.name}" if order == "ascending" else column.name
    return url(path, {**state, "sort": next_order}), order


def _pages(answer: Answer, path: str, parameters: Mapping[str, str]) -> Pages:
    if answer.of_rows is None or "size" not in answer.parameters:
        return Pages()
    number, size = int(answer.parameters.get("page", 1)), int(answer.parameters["size"])
    count = max(1, -(-answer.of_rows // size))
    return Pages(
        number,
        count,
        url(path, {**parameters, "page": str(number - 1)}) if number > 1 else "",
        url(path, {**parameters, "page": str(number + 1)}) if number < count else "",
    )
