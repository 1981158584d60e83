"""Routes about the service: health, questions, documentation, help and static files."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from jinja2 import ChoiceLoader, PackageLoader

from api import inventory
from api.web.openapi import FORMATS
from api.web.routes.site import html_response, site
from graph.errors import UnknownError
from graph.parameters import COMMON
from visualizations.html import assets, markup
from visualizations.pages.help import QuestionForm, help_page

router = APIRouter(include_in_schema=False)


@router.api_route("/healthz", methods=["GET", "HEAD"])
def health(request: Request) -> dict[str, Any]:
    """The revision of the store; 503 where the store cannot be read."""
    return {"status": "ok", "revision": request.app.state.office.revision()}


@router.api_route("/questions", methods=["GET", "HEAD"])
def questions(request: Request) -> Response:
    """The questions as a page for a browser, else as JSON."""
    if "text/html" in request.headers.get("accept", ""):
        return documentation(request)
    return JSONResponse(inventory.questions(request.app.state.office.questions.values()))


@router.api_route("/rules", methods=["GET", "HEAD"])
def rules() -> Response:
    """Redirects to the answer about the rules."""
    return RedirectResponse("/answers/rules", 307)


@router.api_route("/docs", methods=["GET", "HEAD"])
def documentation(request: Request) -> Response:
    """A page of every question, its parameters and addresses to try."""
    office = request.app.state.office
    environment = markup.environment()
    assert environment.loader is not None
    loader = ChoiceLoader([PackageLoader("api.web", "static"), environment.loader])
    text = (
        environment.overlay(loader=loader)
        .get_template("docs.html")
        .render(
            site=site(request),
            questions=[q for q in office.questions.values() if q.name not in office.book.rules],
            rules=[q for q in office.questions.values() if q.name in office.book.rules],
            common=COMMON,
            formats=FORMATS,
        )
    )
    return html_response(request, text)


@router.api_route("/help", methods=["GET", "HEAD"])
def help_(request: Request) -> Response:
    """The help page."""
    state, office = request.app.state, request.app.state.office
    questions = (
        QuestionForm(q.name, q.title, q.help, tuple((p.name, p.label) for p in q.parameters if p.required))
        for q in office.questions.values()
        if q.name not in office.book.rules
    )
    return html_response(request, help_page(state.glossary, questions, site(request), empty=not office.revision()))


@router.api_route("/static/{file}", methods=["GET", "HEAD"])
def static(request: Request, file: str) -> Response:
    """A style sheet or script; its address changes with its content."""
    asset = assets.served().get(request.url.path)
    if asset is None:
        raise UnknownError(f"没有文件 /static/{file[:60]}。请刷新页面。")
    packed = "gzip" in request.headers.get("accept-encoding", "")
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    if packed:
        headers["Content-Encoding"] = "gzip"
    return Response(asset.packed if packed else asset.data, headers=headers, media_type=asset.media_type)
