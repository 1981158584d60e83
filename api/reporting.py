"""Gathers the answers a report is made of; what it looks like is visualizations' business."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from api.office import Office
from api.sample_data import fictional
from api.viewer import Viewer
from graph.answers import Answer
from graph.errors import LiangxinError
from graph.questions.lookup import find
from graph.questions.problems.findings import SINCE, SINCE_NOTE
from visualizations.report.report import ReportInput, report


def county_report(office: Office, viewer: Viewer, region: str = "") -> str:
    """The report for `region`, or everything `viewer` may see, as one HTML file.

    Raises UnknownError for an unknown division, StoreError for a store that cannot be used.
    """
    given = {"region": region} if region else {}

    def answer(name: str, **more: str) -> Answer:
        return office.answer(name, given | more, viewer)

    lists = [_printed(found) for name in (*office.book.rules, "deferrals") if (found := answer(name)).rows]
    pages = ReportInput(
        overview=answer("overview"),
        gaps=answer("gaps_by_division"),
        lists=lists,
        deadlines=answer("deadlines"),
        network=answer("network", group="none").graph,
        loads=answer("loads"),
        reviews=answer("reviews"),
        place=_place(office, region or office.settings.home),
        prepared_by=office.settings.prepared_by,
        bases=[f"{name}：{office.book.bases[name].meaning}" for name in office.settings.bases],
        fictional=fictional(office),
        generated=dt.date.today(),
    )
    # drawing needs no more of the store, and what it holds in memory comes on top of what drawing takes
    office.store.close()
    return report(pages, office.ontology)


def _printed(answer: Answer) -> Answer:
    """A list as it is printed: without what leads to another page alone, since when, and columns that are empty."""
    told = {c.name for c in answer.columns if any(row.get(c.name) not in (None, "", []) for row in answer.rows)}
    kept = tuple(c for c in answer.columns if c.name in told and c != SINCE and not (c.link and c.link[0] == "remedy"))
    return replace(answer, columns=kept, notes=tuple(n for n in answer.notes if n != SINCE_NOTE))


def _place(office: Office, region: str) -> str:
    """The name of the division a report is about; without one, that of the only division at the top."""
    with office.store.reader() as reader:
        if region:
            try:
                return find(reader, office.ontology, {"region": ("Region", region)})["region"].name
            except LiangxinError:
                return region
        tops = reader.query(
            "MATCH (r:Region) WHERE r.listed AND NOT EXISTS { MATCH (r)-[:PART_OF]->(:Region) } "
            "RETURN r.name AS name ORDER BY name"
        )["name"].to_pylist()
    return str(tops[0]) if len(tops) == 1 else ""
