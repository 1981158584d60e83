"""Routes of 待核实: the list, and a form that enters decisions as rows of the 处理决定 ledger."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from api.office import Office
from api.viewer import Viewer
from api.web.guard import form
from api.web.routes.answers import query
from api.web.routes.site import html_response, site
from graph.errors import InputError, UnknownError
from graph.privacy import HIDING
from graph.questions.lookup import find
from graph.questions.records.imports import DECISIONS, STATES
from graph.regions import Regions
from loaders.shape.entry import Entry
from visualizations.pages.reviews import page

router = APIRouter(include_in_schema=False)

#: the file name of these entries in the history of loads
FILE = "网页处理决定.xlsx"
DECISION = "decision-"
#: reviews on one page
SIZE = "20"
#: the decisions allowed on each kind of review, and whether a name or code may be entered instead
ALLOWED = {
    "lookalike": (DECISIONS, False),
    "dangling": (DECISIONS[-1:], True),
    "division": (DECISIONS[-1:], True),
    "ends": (DECISIONS[-1:], False),
    "contradiction": (DECISIONS[-1:], False),
    "dates": (DECISIONS[-1:], False),
}
#: most characters of an entered decision
_LONGEST = 200


@router.api_route("/reviews", methods=["GET", "HEAD"])
def reviews(request: Request) -> Response:
    """The open reviews, or those of the filter."""
    office, viewer, parameters = query(request)
    # the page needs all columns
    parameters.pop("columns", None)
    answer = office.page("reviews", {"size": SIZE, **parameters}, viewer)
    return html_response(
        request, page(answer, site(request, "/reviews"), office.ontology, request.url.query, STATES, ALLOWED)
    )


@router.post("/reviews/decide")
def decide(request: Request, data: Annotated[FormData, Depends(form())]) -> Response:
    """Enter the decisions of the form, all or nothing, and redirect to the list as it was filtered."""
    office, viewer, uploads = request.app.state.office, request.app.state.viewer, request.app.state.uploads
    decisions: dict[str, str] = {}
    for name, value in data.multi_items():
        if name.startswith(DECISION) and isinstance(value, str) and value.strip():
            # an entered text, which comes after the choice, replaces it
            decisions[name.removeprefix(DECISION).removesuffix("-text")] = value.strip()
    if not decisions:
        raise InputError("没有选择处理决定。请返回，至少为一项选择后再保存。")
    with uploads.alone():
        listed = {
            str(row["id"])
            for state in ("open", "decided")
            for row in office.answer("reviews", {"state": state}, viewer).rows
        }
        for id_, decision in decisions.items():
            if id_ not in listed:
                raise InputError("其中一项已经不在清单里（可能刚有新的导入）。请刷新页面后重新处理。")
            if len(decision) > _LONGEST or decision in HIDING:
                raise InputError(
                    f"处理决定“{decision[:20]}”不能使用。请填合并、分开、忽略，或不超过 {_LONGEST} 字的名称、代码。"
                )
        if viewer.regions:
            decisions = {id_: _within(office, viewer, decision) for id_, decision in decisions.items()}
        rows = [{"id": id_, "decision": decision} for id_, decision in sorted(decisions.items())]
        office.enter(Entry("decisions", rows, FILE, "待核实"), viewer.name)
    filters = [(k, v) for k, v in parse_qsl(request.url.query) if k not in ("page", "size")]
    return RedirectResponse(f"/reviews?{urlencode(filters)}" if filters else "/reviews", 303)


def _within(office: Office, viewer: Viewer, decision: str) -> str:
    """A decision of a limited viewer, in which a name is replaced by the id or code of the one thing that they may see.

    Else a name would be looked for in the whole county. Raises UnknownError where it names nothing that they may see.
    """
    if decision in (*DECISIONS, *office.locality.clearing):
        return decision
    with office.view(viewer) as (reader, allowed, _):
        for kind in office.ontology.entities:
            try:
                found = find(reader, office.ontology, {"decision": (kind.name, decision)}, frozenset(allowed))[
                    "decision"
                ]
            except UnknownError:
                continue
            codes = Regions.read(reader).codes
            return codes.get(found.id, found.id) if kind.name == "Region" else found.id
    raise UnknownError(f"没有找到名为“{decision[:60]}”的对象，或不在可见范围内。请检查名称，或改用代码、编号。")
