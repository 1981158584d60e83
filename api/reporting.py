"""Gathers the answers that a report is made of; visualizations.report renders it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

from api.office import Office
from api.sample_data import fictional
from api.viewer import Viewer
from graph.answers import Answer
from graph.errors import LiangxinError, StoreFullError, StoreSlowError
from graph.questions.lookup import find
from graph.questions.problems.findings import SINCE, SINCE_NOTE
from visualizations.report.report import ReportInput, report


def county_report(office: Office, viewer: Viewer, region: str = "") -> str:
    """The report on `region`, or on all that `viewer` may see, as one HTML file.

    Closes the store. Raises UnknownError for an unknown division, StoreError for a store that cannot be used.
    """
    scope = {"region": region} if region else {}

    def answer(name: str, **parameters: str) -> Answer:
        return office.answer(name, scope | parameters, viewer)

    lists = [
        _printed(a) for name in (*office.book.rules, "deferrals") if (a := _unless_failed(answer, name)) and a.rows
    ]
    parts = ReportInput(
        overview=answer("overview"),
        gaps=answer("gaps_by_division"),
        lists=lists,
        deadlines=answer("deadlines"),
        network=answer("network", group="none").graph,
        loads=answer("loads"),
        reviews=answer("reviews"),
        place=_place(office, viewer, region or office.settings.home),
        prepared_by=office.settings.prepared_by,
        bases=[f"{name}：{office.book.bases[name].meaning}" for name in office.settings.bases],
        fictional=fictional(office),
        generated=dt.date.today(),
    )
    # rendering does not need the store, whose memory would add to the peak
    office.store.close()
    return report(parts, office.ontology)


def _unless_failed(answer: Callable[[str], Answer], rule: str) -> Answer | None:
    """The answer of a rule; None where it takes too long or too much, which the notes of the overview say."""
    try:
        return answer(rule)
    except (StoreSlowError, StoreFullError) as error:
        if isinstance(error, StoreSlowError) and not error.by_query:
            raise
        return None


def _printed(answer: Answer) -> Answer:
    """A list for print: without columns that are empty, link to remedies or tell since when a problem is open."""
    filled = {c.name for c in answer.columns if any(row.get(c.name) not in (None, "", []) for row in answer.rows)}
    columns = tuple(
        c for c in answer.columns if c.name in filled and c != SINCE and not (c.link and c.link[0] == "remedy")
    )
    return replace(answer, columns=columns, notes=tuple(n for n in answer.notes if n != SINCE_NOTE))


def _place(office: Office, viewer: Viewer, region: str) -> str:
    """The name of the division `region`; without one, that of the only division at the top, or ''."""
    with office.view(viewer) as (reader, _, _):
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
