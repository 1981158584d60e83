"""Routes of answers: a page for each, and a file in the format of its suffix."""

from __future__ import annotations

import io
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.memory.cache import PageCache
from api.office import Office
from api.sample_data import fictional
from api.viewer import Viewer
from api.web.openapi import FORMATS
from api.web.routes.site import html_response, site
from graph.errors import QuestionError, UnknownError
from graph.questions.entity import subjects
from visualizations.network import picture
from visualizations.pages import links, page
from visualizations.sheets import writing

router = APIRouter(include_in_schema=False)
#: parameters that are lists joined by commas
LISTS = {"columns", "types", "relations"}
#: replaced in a cached page by the nonce of each request; random, so that no ledger can contain it
_NONCE = secrets.token_urlsafe(12)
#: the format of the drawing, for answers that have one
PICTURE = "svg"

#: the question about an entity by the folder of its address
PROFILES = {links.FOLDERS[node_type]: question for question, node_type, _ in subjects.PROFILES}


@router.api_route("/", methods=["GET", "HEAD"])
def overview(request: Request) -> Response:
    """The overview, or a redirect to the page that loads ledgers where the store is empty."""
    if not request.app.state.office.revision():
        return RedirectResponse("/load", 307)
    return _page(request, "overview")


@router.api_route("/answers/{file}", methods=["GET", "HEAD"])
def answer(request: Request, file: str) -> Response:
    """An answer as a page, or as a file in the format of its suffix."""
    name, dot, suffix = file.partition(".")
    if not dot:
        return _page(request, name)
    if suffix == PICTURE:
        return _picture(request, name)
    if f".{suffix}" not in FORMATS:
        raise UnknownError(f"没有格式 .{suffix[:20]}。可用：{'、'.join(FORMATS)}。")
    office, viewer, parameters = query(request)
    content = _RENDERED[f".{suffix}"](office, name, parameters, viewer)
    return Response(content, media_type=FORMATS[f".{suffix}"][0], headers=_disposition(office, name, suffix))


@router.api_route("/{kind}/{entity}", methods=["GET", "HEAD"])
def entity(kind: str, entity: str) -> Response:
    """Redirects to the profile of one entity."""
    if kind not in PROFILES:
        raise UnknownError(f"没有地址 /{kind[:40]}/。可用：{'、'.join(f'/{k}/编号' for k in PROFILES)}。")
    question = PROFILES[kind]
    return RedirectResponse(f"/answers/{question}?{urlencode({question: entity})}", 307)


def query(request: Request) -> tuple[Office, Viewer, dict[str, str]]:
    """The office, the viewer and the parameters of a request. Raises QuestionError for a repeated parameter."""
    parameters: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name in LISTS:
            # a form sends one value for each ticked box
            parameters[name] = ",".join(filter(None, (parameters.get(name), value)))
        elif name in parameters:
            raise QuestionError(f"参数 {name[:60]} 写了两次。请只留一个。")
        else:
            parameters[name] = value
    return request.app.state.office, request.app.state.viewer, parameters


def _page(request: Request, name: str) -> Response:
    office, viewer, parameters = query(request)
    if name in office.questions and office.questions[name].layout == "profile":
        parameters = {"size": str(page.WHOLE), **parameters}
    answer = office.page(name, parameters, viewer, stale_allowed=not _reloaded(request))
    around = site(request, f"/answers/{name}")
    key = (viewer, answer.revision, answer.as_of, name, tuple(sorted(parameters.items())), around.fictional)
    pages: PageCache = request.app.state.pages
    text = pages.once(key, lambda: page.page(answer, replace(around, nonce=_NONCE), office.ontology))
    return html_response(request, text.replace(_NONCE, around.nonce))


def _reloaded(request: Request) -> bool:
    """Whether the reader pressed reload and expects the latest revision."""
    cache = request.headers.get("cache-control", "")
    return "max-age=0" in cache or "no-cache" in cache


def _picture(request: Request, name: str) -> Response:
    """The drawing of an answer as a file without names, because it is handed on."""
    office, viewer, parameters = query(request)
    answer = office.answer(name, parameters, viewer.without_names())
    if not answer.graph or not answer.graph.nodes:
        raise UnknownError(f"“{answer.title}”没有图。请打开有图的页面，例如 /answers/explore。")
    text = picture.svg(answer, office.ontology, fictional=fictional(office))
    return Response(text.encode(), media_type="image/svg+xml", headers=_disposition(office, name, PICTURE))


def _json(office: Office, name: str, parameters: Mapping[str, str], viewer: Viewer) -> bytes:
    paged = "page" in parameters or "size" in parameters
    answer = (office.page if paged else office.answer)(name, parameters, viewer)
    return json.dumps(answer.to_json(), ensure_ascii=False).encode()


def _csv(office: Office, name: str, parameters: Mapping[str, str], viewer: Viewer) -> bytes:
    return writing.answer_csv(office.answer(name, parameters, viewer))


def _xlsx(office: Office, name: str, parameters: Mapping[str, str], viewer: Viewer) -> bytes:
    stream = io.BytesIO()
    answer = office.answer(name, parameters, viewer)
    writing.write(writing.answer_workbook(answer, fictional=fictional(office)), stream)
    return stream.getvalue()


def _html(office: Office, name: str, parameters: Mapping[str, str], viewer: Viewer) -> bytes:
    """A page as a file without names, because it is handed on."""
    answer = office.answer(name, parameters, viewer.without_names())
    return page.single_file(answer, office.ontology, fictional=fictional(office)).encode()


_RENDERED: dict[str, Callable[[Office, str, Mapping[str, str], Viewer], bytes]] = {
    ".json": _json,
    ".csv": _csv,
    ".xlsx": _xlsx,
    ".html": _html,
}


def _disposition(office: Office, name: str, suffix: str) -> dict[str, str]:
    """The header that names a download by its Chinese title (RFC 5987); none for JSON, which is read in place."""
    if suffix == "json" or name not in office.questions:
        return {}
    title = quote(f"{office.questions[name].title}.{suffix}", safe="")
    return {"Content-Disposition": f"attachment; filename=\"{name}.{suffix}\"; filename*=UTF-8''{title}"}
