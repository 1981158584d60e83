"""待核实: each with its evidence side by side; a decision is a row of the same ledger as in the spreadsheet."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from api.web.guard import form
from api.web.routes.answers import asked
from api.web.routes.site import shown, site
from graph.errors import InputError
from graph.privacy import HIDING
from graph.questions.records.imports import DECISIONS, STATES
from loaders.shape.entry import Entry
from visualizations.pages.reviews import page

router = APIRouter(include_in_schema=False)

#: what decisions made here are called in the history of loads
FILE = "网页处理决定.xlsx"
DECISION = "decision-"
#: reviews of one page
SIZE = "20"
#: what may be decided on each kind of review: of the words, and whether in words of one's own
ALLOWED = {
    "lookalike": (DECISIONS, False),
    "dangling": (DECISIONS[-1:], True),
    "division": (DECISIONS[-1:], True),
    "ends": (DECISIONS[-1:], False),
}
#: what a decision in words may be at most: a name
_LONGEST = 200


@router.api_route("/reviews", methods=["GET", "HEAD"])
def reviews(request: Request) -> Response:
    """The reviews that are open, or as filtered; the address is the whole state."""
    office, viewer, given = asked(request)
    # each is shown whole, whatever columns a table would have
    given.pop("columns", None)
    answer = office.page("reviews", {"size": SIZE, **given}, viewer)
    return shown(request, page(answer, site(request, "/reviews"), office.ontology, request.url.query, STATES, ALLOWED))


@router.post("/reviews/decide")
def decide(request: Request, sent: Annotated[FormData, Depends(form())]) -> Response:
    """Decide what was filled in, all or nothing, and lead back to the list as it was filtered."""
    office, viewer, uploads = request.app.state.office, request.app.state.viewer, request.app.state.uploads
    decided: dict[str, str] = {}
    for name, value in sent.multi_items():
        if name.startswith(DECISION) and isinstance(value, str) and value.strip():
            # a word of one's own goes before the one that was chosen
            decided[name.removeprefix(DECISION).removesuffix("-text")] = value.strip()
    if not decided:
        raise InputError("没有选择处理决定。请返回，至少为一项选择后再保存。")
    with uploads.alone():
        known = {
            str(row["id"])
            for state in ("open", "decided")
            for row in office.answer("reviews", {"state": state}, viewer).rows
        }
        for id_, said in decided.items():
            if id_ not in known:
                raise InputError("其中一项已经不在清单里（可能刚有新的导入）。请刷新页面后重新处理。")
            if len(said) > _LONGEST or said in HIDING:
                raise InputError(
                    f"处理决定“{said[:20]}”不能使用。请填合并、分开、忽略，或不超过 {_LONGEST} 字的名称、代码。"
                )
        rows = [{"id": id_, "decision": said} for id_, said in sorted(decided.items())]
        office.enter(Entry("decisions", rows, FILE, "待核实"), viewer.name)
    kept = [(k, v) for k, v in parse_qsl(request.url.query) if k not in ("page", "size")]
    return RedirectResponse(f"/reviews?{urlencode(kept)}" if kept else "/reviews", 303)
