"""The report: one HTML file about a division, or the whole, that opens anywhere without a network and prints to A4."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from graph.answers import Answer, Column, Subgraph
from graph.ontology import Ontology
from visualizations.html import markup
from visualizations.html.tables import filled, headings
from visualizations.network import network
from visualizations.report import charts
from visualizations.report.attention import attention
from visualizations.style import SEVERITIES

#: rows of a list that are shown before "另有 N 条"
SHOWN = 20
#: what is told of each change, and what only those who work on the list need
LOADS = ("number", "at", "kind", "state", "files", "rows", "accepted", "merged", "rejected", "reviews", "note")
WORKING = ("id", "evidence_for", "evidence_against", "other", "sheet", "words", "decision")


@dataclass(frozen=True, slots=True)
class ReportInput:
    """What a report is made of; every part is an Answer already cut and redacted for its reader.

    `overview` has the figures as totals and one row for each division. `gaps` (问题分布) has one row for each severity
    and division: `severity`, `division` (its name) and `findings` (how many). `lists` holds the answer of each
    rule with findings, `deadlines` what runs out within the next months. `bases` are the 口径 in use; `fictional` marks the sample; `generated` is today's date.
    """

    overview: Answer
    gaps: Answer
    lists: Sequence[Answer]
    deadlines: Answer
    network: Subgraph | None
    loads: Answer
    reviews: Answer
    place: str
    prepared_by: str
    bases: Sequence[str]
    fictional: bool
    generated: dt.date


def report(pages: ReportInput, ontology: Ontology) -> str:
    """The whole report as one HTML file; it asks no other host for anything."""
    places = charts.by_division(pages.gaps.rows)
    severities = {name: sum(place.counts[name] for place in places) for name in SEVERITIES}
    drawing = network.draw(pages.network, ontology) if pages.network and pages.network.nodes else None
    return markup.render(
        "report.html",
        loads=_loads(pages.loads),
        review_columns=filled([c for c in pages.reviews.columns if c.name not in WORKING], pages.reviews.rows[:SHOWN]),
        attention=attention(pages.overview),
        due=_by_kind(pages.deadlines),
        tables=_tables(pages.overview) if pages.overview.rows else [],
        policy=markup.policy(network.script_hashes() if drawing else ()),
        r=pages,
        places=places,
        severities=severities,
        all_problems=sum(severities.values()),
        drawn=charts.MAX_PLACES,
        chart=charts.problems(places) if places else None,
        lists=pages.lists,
        drawing=drawing,
        answers=[pages.overview, pages.gaps, *pages.lists, pages.deadlines, pages.reviews],
        shown=SHOWN,
    )


def _tables(overview: Answer) -> list[tuple[str, list[Column]]]:
    """Captions and columns of the tables by division: 非公企业 and 社会组织 apart, so that each fits a page.

    Problems by severity have a section of their own.
    """
    first, *rest = overview.columns
    made = []
    alone: list[Column] = []
    for heading in headings([c for c in rest if not c.level]):
        if heading.label:
            short = [
                replace(c, label=name, unit="", group="")
                for c, name in zip(heading.columns, heading.labels, strict=True)
            ]
            made.append((f"分区划情况：{heading.label}", [first, *short]))
        else:
            alone += heading.columns
    return made + ([("分区划情况", [first, *alone])] if alone else [])


def _by_kind(deadlines: Answer) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """The deadlines of each kind, in the order of the figures: the many of one kind must not hide those of another."""
    kinds: dict[str, list[Mapping[str, Any]]] = {t.state: [] for t in deadlines.totals if t.state}
    for row in deadlines.rows:
        kinds.setdefault(str(row["kind"]), []).append(row)
    return [(kind, rows) for kind, rows in kinds.items() if rows]


def _loads(loads: Answer) -> tuple[list[Column], list[Mapping[str, Any]]]:
    """How the data came, a row for each change, narrow enough for A4: files are counted, not listed."""
    columns = [
        replace(c, label=f"{c.label}数", type="integer") if c.type == "strings" else c
        for name in LOADS
        for c in loads.columns
        if c.name == name
    ]
    rows = [{k: len(v) if isinstance(v, list | tuple) else v for k, v in row.items()} for row in loads.rows]
    return filled(columns or loads.columns, rows), list(rows)
