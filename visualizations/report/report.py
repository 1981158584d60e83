"""The report on a division as one HTML file, which needs no network and prints to A4."""

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

#: rows of a list that are shown; the rest is counted
SHOWN = 20
#: the columns of loads that are shown, and the columns of reviews that are left out
LOADS = ("number", "at", "kind", "state", "files", "rows", "accepted", "merged", "rejected", "reviews", "note")
WORKING = ("id", "evidence_for", "evidence_against", "other", "sheet", "words", "decision")


@dataclass(frozen=True, slots=True)
class ReportInput:
    """The parts of a report; each answer is redacted for its reader.

    `overview` has the figures as totals and a row for each division. `gaps` (问题分布) has a row for each severity and
    division: `division_id`, `division`, `severity` and `findings`, their number. `lists` are the answers of rules with
    findings, `deadlines` the terms that end within the next months. `bases` are the 口径 in use; `fictional` marks the
    sample; `generated` is the date of today.
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


def report(parts: ReportInput, ontology: Ontology) -> str:
    """The report as one HTML file without references to any host."""
    places = charts.by_division(parts.gaps.rows)
    severities = {name: sum(place.counts[name] for place in places) for name in SEVERITIES}
    drawing = network.draw(parts.network, ontology) if parts.network and parts.network.nodes else None
    return markup.render(
        "report.html",
        loads=_loads(parts.loads),
        review_columns=filled([c for c in parts.reviews.columns if c.name not in WORKING], parts.reviews.rows[:SHOWN]),
        attention=attention(parts.overview),
        due=_by_kind(parts.deadlines),
        tables=_tables(parts.overview) if parts.overview.rows else [],
        policy=markup.policy(network.script_hashes() if drawing else ()),
        r=parts,
        places=places,
        severities=severities,
        all_problems=sum(severities.values()),
        drawn=charts.MAX_PLACES,
        chart=charts.problems(places) if places else None,
        lists=parts.lists,
        drawing=drawing,
        answers=[parts.overview, parts.gaps, *parts.lists, parts.deadlines, parts.reviews],
        shown=SHOWN,
    )


def _tables(overview: Answer) -> list[tuple[str, list[Column]]]:
    """Captions and columns of the tables by division: 非公企业 and 社会组织 apart, so that each fits a page.

    The columns of problems are left out, because problems have a section of their own.
    """
    first, *rest = overview.columns
    tables = []
    alone: list[Column] = []
    for heading in headings([c for c in rest if not c.level]):
        if heading.label:
            short = [
                replace(c, label=name, unit="", group="")
                for c, name in zip(heading.columns, heading.labels, strict=True)
            ]
            tables.append((f"分区划情况：{heading.label}", [first, *short]))
        else:
            alone += heading.columns
    return tables + ([("分区划情况", [first, *alone])] if alone else [])


def _by_kind(deadlines: Answer) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """The deadlines by kind, in the order of the figures, so that a frequent kind does not hide another."""
    kinds: dict[str, list[Mapping[str, Any]]] = {t.state: [] for t in deadlines.totals if t.state}
    for row in deadlines.rows:
        kinds.setdefault(str(row["kind"]), []).append(row)
    return [(kind, rows) for kind, rows in kinds.items() if rows]


def _loads(loads: Answer) -> tuple[list[Column], list[Mapping[str, Any]]]:
    """Columns and rows of the loads, narrow enough for A4: files are counted, not listed."""
    columns = [
        replace(c, label=f"{c.label}数", type="integer") if c.type == "strings" else c
        for name in LOADS
        for c in loads.columns
        if c.name == name
    ]
    rows = [{k: len(v) if isinstance(v, list | tuple) else v for k, v in row.items()} for row in loads.rows]
    return filled(columns or loads.columns, rows), list(rows)
