"""What is about the service itself: its health, its questions, its documentation without a network."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from jinja2 import ChoiceLoader, PackageLoader

from api import inventory
from api.web.openapi import FORMATS
from api.web.routes.site import shown, site
from graph.errors import UnknownError
from graph.parameters import COMMON
from visualizations.html import assets, markup
from visualizations.pages import guide

router = APIRouter(include_in_schema=False)


@router.api_route("/healthz", methods=["GET", "HEAD"])
def health(request: Request) -> dict[str, Any]:
    """Whether the store can be read, and which revision it is at; 503 where it cannot."""
    return {"status": "ok", "revision": request.app.state.office.revision()}


@router.api_route("/questions", methods=["GET", "HEAD"])
def questions(request: Request) -> Response:
    """What can be asked: a page, or JSON for a program."""
    if "text/html" in request.headers.get("accept", ""):
        return documentation(request)
    return JSONResponse(inventory.questions(request.app.state.office.questions.values()))


@router.api_route("/rules", methods=["GET", "HEAD"])
def rules() -> Response:
    """Leads to the rules, which are an answer like any other."""
    return RedirectResponse("/answers/rules", 307)


@router.api_route("/docs", methods=["GET", "HEAD"])
def documentation(request: Request) -> Response:
    """Every question, its parameters and addresses to try, on one page that loads nothing."""
    office = request.app.state.office
    pages = markup.environment()
    assert pages.loader is not None
    own = pages.overlay(loader=ChoiceLoader([PackageLoader("api.web", "static"), pages.loader]))
    text = own.get_template("docs.html").render(
        site=site(request),
        questions=[q for q in office.questions.values() if q.name not in office.book.rules],
        rules=[q for q in office.questions.values() if q.name in office.book.rules],
        common=COMMON,
        formats=FORMATS,
    )
    return shown(request, text)


@router.api_route("/help", methods=["GET", "HEAD"])
def guide_page(request: Request) -> Response:
    """What to do first, every term, rule and key."""
    state, office = request.app.state, request.app.state.office
    questions = (
        guide.Asking(q.name, q.title, q.help, tuple((p.name, p.label) for p in q.parameters if p.required))
        for q in office.questions.values()
        if q.name not in office.book.rules
    )
    return shown(request, guide.help_page(state.glossary, questions, site(request), empty=not office.revision()))


@router.api_route("/static/{file}", methods=["GET", "HEAD"])
def static(request: Request, file: str) -> Response:
    """A style sheet or script, which never changes at its address."""
    found = assets.served().get(request.url.path)
    if found is None:
        raise UnknownError(f"没有文件 /static/{file[:60]}。请刷新页面。")
    packed = "gzip" in request.headers.get("accept-encoding", "")
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    if packed:
        headers["Content-Encoding"] = "gzip"
    return Response(found.packed if packed else found.data, headers=headers, media_type=found.media_type)
