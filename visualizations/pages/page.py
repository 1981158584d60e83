"""A plain, accessible page for any Answer; the same as one file; and the page an error gets."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from graph.answers import Answer, Column, Facet, Field, QuestionLink, Total
from graph.ontology import Ontology
from visualizations.html import markup
from visualizations.html.markup import Site
from visualizations.network import network
from visualizations.pages.guide import empty_page
from visualizations.pages.profile import profile
from visualizations.sheets.writing import ordered
from visualizations.show import is_share, show_as
from visualizations.style import SEVERITIES

#: the suffixes of one answer, as people call them
FORMATS = {".xlsx": "Excel 表格", ".csv": "CSV", ".html": "单个网页文件", ".json": "JSON"}
#: the folder in which the profiles of a type have their addresses; entities of others are shown as text
FOLDERS = {
    "Unit": "units",
    "PartyOrg": "orgs",
    "GuidanceOfficer": "officers",
    "Region": "regions",
    "IndustryChain": "chains",
    "PartnerUnit": "partners",
    "JointGroup": "groups",
}
PROFILES = {node_type: f"/{folder}/{{}}" for node_type, folder in FOLDERS.items()}
#: rows on one page of a profile, which is read as a whole
WHOLE = 500
#: parameters that the page itself shows: where in it one is, in which order and columns, how far a walk has come
UNSAID = {"page", "size", "sort", "columns", "as_of", "node", "open"}
#: parameters that go along to the question that lists what is counted
ALONG = ("region", "base", "chain", "as_of")
#: lists that are worked on, on pages of their own
OWN_PAGES = {"reviews": "/reviews", "deferrals": "/deferrals"}
#: divisions drawn as bars; choices of a facet shown at once
BARS, CHOICES = 20, 8
#: parameters that have a field of their own in the filter, and their labels
FILTERS = {"region": "区划", "chain": "产业链", "severity": "严重程度", "as_of": "截止日期"}
_LABELS = {**FILTERS, "base": "口径", "rule": "规则"}
_ID = re.compile(r"[a-z]{1,2}[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Pages:
    """Where in its pages a table is; `previous` and `next` are links, '' at the ends."""

    number: int = 1
    count: int = 1
    previous: str = ""
    next: str = ""


def page(answer: Answer, site: Site, ontology: Ontology) -> str:
    """The page of an answer as it is served at the site's path.

    Filters, sorting and paging are links and a GET form: the URL is the whole state, and nothing needs a script but
    the network. Of an empty store a page says what to do first, instead of rows of zeros.
    """
    if not answer.revision:
        return empty_page(answer.title, site)
    given = {k: show_as(v, "string") for k, v in answer.parameters.items() if v not in (None, "")}
    state = {k: v for k, v in given.items() if k != "page"}
    unpaged = {k: v for k, v in state.items() if k != "size"}
    base_url = site.path
    return _render(
        answer,
        ontology,
        site=site,
        given=given,
        fictional=site.fictional,
        kept=[(k, v) for k, v in state.items() if k not in FILTERS and k not in {f.parameter for f in answer.fields}],
        sorts={c.name: _sort(answer, c, base_url, state) for c in answer.columns},
        links=_links(base_url, state, answer, ontology),
        listed=lambda total: _listed(total.listed, state),
        ways=_ways(answer, site, unpaged),
        seeking=_seeking(answer, unpaged),
        steps=[(s.label, _listed(s.asked, state), s.kind) for s in answer.steps],
        facets=[_choices(facet, base_url, unpaged) for facet in answer.facets],
        bars=_bars(answer, state),
        choosing=[(k, v) for k, v in state.items() if k != "columns"],
        pages=_pages(answer, base_url, given),
        exports=[(_url(base_url + suffix, unpaged), label) for suffix, label in FORMATS.items()],
    )


def single_file(answer: Answer, ontology: Ontology, *, fictional: bool = False) -> str:
    """The same answer as one file to be passed on: no navigation, no links to a server."""
    given = {k: show_as(v, "string") for k, v in answer.parameters.items() if v not in (None, "")}
    return _render(answer, ontology, given=given, fictional=fictional)


def error_page(status: int, title: str, detail: str, site: Site, number: str = "") -> str:
    """What a browser gets instead of an answer: what went wrong, what to do, and a number to report."""
    return markup.render("error.html", site=site, status=status, title=title, detail=detail, number=number)


def href(row: Mapping[str, Any], column: Column, ontology: Ontology) -> str:
    """The link of a cell: the answer about the entity or the question its row names, '' for none.

    A column's link names a node type, `*` for the type that the id's own prefix tells, `explore` for the walk that starts at it,
    `remedy` for who could mend the row's problem of it, or anything else for a question or rule of that name.
    """
    if column.link is None:
        return ""
    kind, field = column.link
    target = row.get(field)
    if not isinstance(target, str) or not target:
        return ""
    nodes = ontology.nodes
    if kind == "*":
        kind = ontology.type_of(target) or "Unit"
    if kind == "explore":
        return _url("/answers/explore", {"node": target})
    if kind == "remedy":
        about = {"unit" if ontology.type_of(target) == "Unit" else "node": target}
        return _url("/answers/remedy", about | ({"rule": str(row["rule"])} if row.get("rule") else {}))
    if kind in nodes:
        return PROFILES[kind].format(quote(target, safe="")) if kind in PROFILES else ""
    return f"/answers/{quote(target, safe='')}"


def _asks(column: Column, ontology: Ontology) -> bool:
    """Whether a column's link leads to a question, not to an entity."""
    return column.link is not None and column.link[0] not in ("*", "explore", *ontology.nodes)


def _by_division(answer: Answer) -> bool:
    """Whether its rows are divisions that it counts, so that each leads to the same answer for that division."""
    return bool(answer.columns) and answer.columns[0].link is not None and answer.columns[0].link[0] == "Region"


#: where a cell leads: an address, or several with their words and the kind of step each is
Led = str | list[tuple[str, str, str]]


def _links(
    path: str, state: Mapping[str, str], answer: Answer, ontology: Ontology
) -> Callable[[Mapping[str, Any], Column], Led]:
    """Where each cell leads: a division to the same answer for it, a count to what it counts there."""
    first = answer.columns[0] if _by_division(answer) else None
    steps = {n.id: n.steps for n in answer.graph.nodes} if answer.graph else {}
    along = {k: v for k, v in state.items() if k in ALONG and v}

    def link(row: Mapping[str, Any], column: Column) -> Led:
        if column.steps:
            return [(s.label, _listed(s.asked, state), s.kind) for s in steps.get(str(row.get("id")), ())]
        region = str(row.get(first.link[1]) or "") if first and first.link else ""
        if column is first and region:
            return _url(path, {**state, "region": region})
        if column.listed and row.get(column.name):
            return _listed(column.listed, {**state, "region": region} if region else state)
        address = href(row, column, ontology)
        # a question is asked within what this one was asked about, an entity is the same everywhere
        return _url(address, along) if _asks(column, ontology) and address else address

    return link


@dataclass(frozen=True, slots=True)
class Seek:
    """A small form of one field that leads to another question."""

    action: str
    label: str
    name: str
    button: str
    kept: tuple[tuple[str, str], ...] = ()


def _seeking(answer: Answer, state: Mapping[str, str]) -> list[Seek]:
    """What stands above a picture: a search, and on a walk the way from where it began to somewhere else."""
    along = tuple((k, v) for k, v in state.items() if k in ALONG)
    found = []
    if answer.layout == "drawing":
        found.append(Seek("/answers/search", "查找名称、代码、拼音首字母或区划", "q", "查找", along))
    if answer.name == "explore" and answer.graph and "node" in state:
        start = next(n.id for n in answer.graph.nodes)
        found.append(
            Seek("/answers/path", "从起点到（名称、代码或编号）", "to", "查最短路径", (("from", start), *along))
        )
    return found


def _ways(answer: Answer, site: Site, state: Mapping[str, str]) -> network.Ways:
    """Where the drawing leads."""
    along = {k: v for k, v in state.items() if k in ALONG}
    return network.Ways(
        PROFILES,
        _url("/answers/explore", {**along, "node": ""}),
        lambda asked: _listed(asked, state),
        _url(f"{site.path}.svg", state),
    )


def _listed(listed: QuestionLink | None, state: Mapping[str, str]) -> str:
    """The address of what a figure counts, within what was asked about; '' where nothing lists it."""
    if listed is None:
        return ""
    question, given = listed
    address = OWN_PAGES.get(question, f"/answers/{question}")
    return _url(address, {**{k: v for k, v in state.items() if k in ALONG and v}, **dict(given)})


@dataclass(frozen=True, slots=True)
class Choices:
    """A facet as links: (label, count, address, whether chosen); `rest` are those that are folded away."""

    label: str
    shown: tuple[tuple[str, int, str, bool], ...]
    rest: tuple[tuple[str, int, str, bool], ...]


def _choices(facet: Facet, path: str, state: Mapping[str, str]) -> Choices:
    others = {k: v for k, v in state.items() if k != facet.parameter}
    links = tuple(
        (c.label, c.count, _url(path, others if c.chosen else {**others, facet.parameter: c.value}), c.chosen)
        for c in sorted(facet.choices, key=lambda c: not c.chosen)
    )
    # one folded away takes no less room than one shown
    cut = CHOICES if len(links) > CHOICES + 1 else len(links)
    return Choices(facet.label, links[:cut], links[cut:])


@dataclass(frozen=True, slots=True)
class Bar:
    """Problems of one division: the share of the longest bar, and of each severity (share, count)."""

    label: str
    address: str
    total: int
    parts: tuple[tuple[str, float, int], ...]


def _bars(answer: Answer, state: Mapping[str, str]) -> tuple[Bar, ...]:
    """The divisions with the most problems, for answers that count them by division and severity."""
    columns = {c.level: c.name for c in answer.columns if c.level}
    if not _by_division(answer) or not columns.keys() >= SEVERITIES.keys():
        return ()
    first = answer.columns[0]
    assert first.link is not None
    counted = [(row, sum(row[columns[s]] for s in SEVERITIES)) for row in answer.rows]
    counted = sorted((c for c in counted if c[1]), key=lambda c: -c[1])[:BARS]
    longest = max((total for _, total in counted), default=1)
    return tuple(
        Bar(
            str(row[first.name]),
            _listed(("gaps", ()), {**state, "region": str(row[first.link[1]] or "")}),
            total,
            tuple((s, 100 * n / longest, n) for s in SEVERITIES if (n := row[columns[s]])),
        )
        for row, total in counted
    )


def _in_words(name: str, value: str, answer: Answer) -> str:
    """A parameter as people know it: the name of what an id stands for, '' where this answer does not tell it."""
    if not _ID.fullmatch(value):
        return value
    drawn = [n.label for n in answer.graph.nodes if n.id == value] if answer.graph else []
    return answer.within.get(name) or next(iter(drawn), "")


def _asked(answer: Answer, given: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What was asked with, in words: a field's and a facet's own, else the parameter's."""
    fields = {f.parameter: f for f in answer.fields}
    facets = {f.parameter: f for f in answer.facets}
    for name, value in given.items():
        if name in UNSAID or name == answer.name:
            continue
        label, said = _LABELS.get(name, name), _in_words(name, value, answer)
        if name in fields:
            label, said = fields[name].label, _chosen(value, fields[name])
        elif name in facets:
            label = facets[name].label
            said = next((c.label for c in facets[name].choices if c.chosen), said)
        if said:
            yield label, said


def _chosen(value: str, field: Field) -> str:
    """What a field is set to, in words."""
    labels = dict(field.choices)
    return field.value or "、".join(labels.get(part, part) for part in value.split(","))


def _render(
    answer: Answer,
    ontology: Ontology,
    *,
    given: Mapping[str, str],
    fictional: bool,
    site: Site | None = None,
    kept: Sequence[tuple[str, str]] = (),
    sorts: Mapping[str, tuple[str, str]] | None = None,
    listed: Callable[[Total], str] | None = None,
    facets: Sequence[Choices] = (),
    bars: Sequence[Bar] = (),
    choosing: Sequence[tuple[str, str]] = (),
    links: Callable[[Mapping[str, Any], Column], Led] | None = None,
    ways: network.Ways | None = None,
    seeking: Sequence[Seek] = (),
    steps: Sequence[tuple[str, str, str]] = (),
    pages: Pages | None = None,
    exports: Sequence[tuple[str, str]] = (),
) -> str:
    drawing = None
    if answer.graph and answer.graph.nodes:
        drawing = network.draw(answer.graph, ontology, site=site, ways=ways)
    # one that names no entity yet is a list like others, with a field to name it
    about = profile(answer) if answer.layout == "profile" and answer.rows else None
    return markup.render(
        "profile.html" if about else "page.html",
        site=site,
        policy=markup.policy(network.script_hashes() if drawing else ()),
        answer=answer,
        # what a facet tells, and leads to, need not stand above it again
        totals=[t for t in answer.totals if not (facets and is_share(t) and t.listed and t.listed[0] == answer.name)],
        fictional=fictional,
        columns=ordered(answer),
        given=lambda name: given.get(name, ""),
        asked=list(_asked(answer, given)),
        kept=kept,
        sorts=sorts or {},
        listed=listed,
        facets=facets,
        bars=bars,
        choosing=choosing,
        links=links,
        pages=pages or Pages(),
        exports=exports,
        drawing=drawing,
        drawn_first=answer.layout == "drawing",
        about=about,
        seeking=seeking,
        steps=steps,
        by_severity="severity" in given or any(c.role == "severity" or c.level for c in answer.columns),
    )


def _url(path: str, state: Mapping[str, str]) -> str:
    return f"{path}{'&' if '?' in path else '?'}{urlencode(state)}" if state else path


def _sort(answer: Answer, column: Column, path: str, state: Mapping[str, str]) -> tuple[str, str]:
    """(href, aria-sort) of a heading: one click ascending, the next descending."""
    by = str(answer.parameters.get("sort", ""))
    order = {column.name: "ascending", f"-{column.name}": "descending"}.get(by, "")
    wanted = f"-{column.name}" if order == "ascending" else column.name
    return _url(path, {**state, "sort": wanted}), order


def _pages(answer: Answer, path: str, given: Mapping[str, str]) -> Pages:
    if answer.of_rows is None or "size" not in answer.parameters:
        return Pages()
    number, size = int(answer.parameters.get("page", 1)), int(answer.parameters["size"])
    count = max(1, -(-answer.of_rows // size))
    return Pages(
        number,
        count,
        _url(path, {**given, "page": str(number - 1)}) if number > 1 else "",
        _url(path, {**given, "page": str(number + 1)}) if number < count else "",
    )
