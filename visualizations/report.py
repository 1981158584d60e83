"""The report: one HTML file about a division, or the whole, that opens anywhere without a network and prints to A4."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from graph import ontology
from graph.answers import Answer, Column, Subgraph
from visualizations import charts, markup, network
from visualizations.style import SEVERITIES

#: rows of a list that are shown before "另有 N 条"
SHOWN = 20


@dataclass(frozen=True, slots=True)
class ReportInput:
    """What a report is made of; every part is an Answer already cut and redacted for its reader.

    `overview` has the figures as totals and one row for each division. `gaps` (问题分布) has one row for each severity
    and division: `severity`, `division` (its name) and `findings` (how many). `lists` holds the answer of each
    rule with findings. `bases` are the 口径 in use; `fictional` marks the sample; `generated` is today's date.
    """

    overview: Answer
    gaps: Answer
    lists: Sequence[Answer]
    network: Subgraph | None
    loads: Answer
    reviews: Answer
    place: str
    prepared_by: str
    bases: Sequence[str]
    fictional: bool
    generated: dt.date


def report(pages: ReportInput) -> str:
    """The whole report as one HTML file; it asks no other host for anything."""
    places = charts.pivot(pages.gaps.rows)
    severities = {name: sum(counts[name] for counts in places.values()) for name in SEVERITIES}
    drawing = network.draw(pages.network, ontology.load()) if pages.network and pages.network.nodes else None
    return markup.render(
        "report.html",
        tables=_tables(pages.overview) if pages.overview.rows else [],
        policy=markup.policy(network.script_hashes() if drawing else ()),
        r=pages,
        places=places,
        severities=severities,
        all_problems=sum(severities.values()),
        drawn=charts.MAX_PLACES,
        chart=charts.problems(pages.gaps.rows) if places else None,
        lists=pages.lists,
        drawing=drawing,
        answers=[pages.overview, pages.gaps, *pages.lists, pages.reviews],
        shown=SHOWN,
    )


def _tables(overview: Answer) -> list[tuple[str, list[Column]]]:
    """Captions and columns of the tables by division: 非公企业 and 社会组织 apart, so that each fits a page.

    Columns of one kind of unit end in its name; problems by severity have a section of their own.
    """
    first, *rest = overview.columns
    kinds: dict[str, list[Column]] = {}
    for column in rest:
        if column.name not in SEVERITIES:
            kind = column.name.rpartition("_")[2] if not column.name.isascii() else ""
            kinds.setdefault(kind, [first]).append(column)
    return [(f"分区划情况（{kind}）" if kind else "分区划情况", columns) for kind, columns in kinds.items()]
