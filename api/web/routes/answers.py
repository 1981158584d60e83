"""One address for each answer; the suffix after its name is the format it leaves in."""

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
from api.web.routes.site import shown, site
from graph.answers import Answer
from graph.errors import QuestionError, UnknownError
from graph.questions.entity import profiles
from visualizations.network import picture
from visualizations.pages import page
from visualizations.sheets import writing

router = APIRouter(include_in_schema=False)
#: parameters that are lists joined by commas
LISTS = {"columns", "types", "relations"}
#: stands in a remembered page for the nonce of the request that it answers; known to no one who writes into it
_NONCE = secrets.token_urlsafe(12)
#: beside the formats that every answer has, that of the drawing of those with one
PICTURE = "svg"

#: where the address of an entity leads: question and parameter
PROFILES = {page.FOLDERS[node_type]: question for question, node_type, _ in profiles.PROFILES}


@router.api_route("/", methods=["GET", "HEAD"])
def overview(request: Request) -> Response:
    """The overview, which is where everyone starts; with nothing in the store, that is where ledgers are loaded."""
    if not request.app.state.office.revision():
        return RedirectResponse("/load", 307)
    return _page(request, "overview")


@router.api_route("/answers/{file}", methods=["GET", "HEAD"])
def answer(request: Request, file: str) -> Response:
    """An answer as a page, or in the format its name ends in."""
    name, dot, suffix = file.partition(".")
    if not dot:
        return _page(request, name)
    if suffix == PICTURE:
        return _picture(request, name)
    if f".{suffix}" not in FORMATS:
        raise UnknownError(f"没有格式 .{suffix[:20]}。可用：{'、'.join(FORMATS)}。")
    office, viewer, given = asked(request)
    content = _RENDERED[f".{suffix}"](office, name, given, viewer)
    return Response(content, media_type=FORMATS[f".{suffix}"][0], headers=_disposition(office, name, suffix))


@router.api_route("/{kind}/{entity}", methods=["GET", "HEAD"])
def entity(kind: str, entity: str) -> Response:
    """Leads to everything known of one entity."""
    if kind not in PROFILES:
        raise UnknownError(f"没有地址 /{kind[:40]}/。可用：{'、'.join(f'/{k}/编号' for k in PROFILES)}。")
    question = PROFILES[kind]
    return RedirectResponse(f"/answers/{question}?{urlencode({question: entity})}", 307)


def asked(request: Request) -> tuple[Office, Viewer, dict[str, str]]:
    """Whom a request asks, for whom, and with which parameters."""
    given: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name in LISTS:
            # a form sends each box that was ticked
            given[name] = ",".join(filter(None, (given.get(name), value)))
        elif name in given:
            raise QuestionError(f"参数 {name[:60]} 写了两次。请只留一个。")
        else:
            given[name] = value
    return request.app.state.office, request.app.state.viewer, given


def _page(request: Request, name: str) -> Response:
    office, viewer, given = asked(request)
    if name in office.questions and office.questions[name].layout == "profile":
        given = {"size": str(page.WHOLE), **given}
    found = office.page(name, given, viewer, stale_allowed=not _reloaded(request))
    around = site(request, f"/answers/{name}")
    key = (found.revision, found.as_of, name, tuple(sorted(given.items())), around.fictional)
    pages: PageCache = request.app.state.pages
    text = pages.once(key, lambda: page.page(found, replace(around, nonce=_NONCE), office.ontology))
    return shown(request, text.replace(_NONCE, around.nonce))


def _reloaded(request: Request) -> bool:
    """Whether someone wants the page as it is now: they pressed reload, and the browser says so."""
    said = request.headers.get("cache-control", "")
    return "max-age=0" in said or "no-cache" in said


def _picture(request: Request, name: str) -> Response:
    """The drawing as a file; like every file that is handed on, it names no one."""
    office, viewer, given = asked(request)
    found = office.answer(name, given, viewer.without_names())
    if not found.graph or not found.graph.nodes:
        raise UnknownError(f"“{found.title}”没有图。请打开有图的页面，例如 /answers/explore。")
    text = picture.svg(found, office.ontology, fictional=fictional(office))
    return Response(text.encode(), media_type="image/svg+xml", headers=_disposition(office, name, PICTURE))


def _json(office: Office, name: str, given: Mapping[str, str], viewer: Viewer) -> bytes:
    paged = "page" in given or "size" in given
    found = office.page(name, given, viewer) if paged else office.answer(name, given, viewer)
    return json.dumps(found.to_json(), ensure_ascii=False).encode()


def _csv(office: Office, name: str, given: Mapping[str, str], viewer: Viewer) -> bytes:
    return writing.answer_csv(office.answer(name, given, viewer))


def _xlsx(office: Office, name: str, given: Mapping[str, str], viewer: Viewer) -> bytes:
    stream = io.BytesIO()
    found = office.answer(name, given, viewer)
    writing.write(writing.answer_workbook(found, fictional=fictional(office)), stream)
    return stream.getvalue()


def _html(office: Office, name: str, given: Mapping[str, str], viewer: Viewer) -> bytes:
    """A file is handed on, so it names no one, whoever asks."""
    found: Answer = office.answer(name, given, viewer.without_names())
    return page.single_file(found, office.ontology, fictional=fictional(office)).encode()


_RENDERED: dict[str, Callable[[Office, str, Mapping[str, str], Viewer], bytes]] = {
    ".json": _json,
    ".csv": _csv,
    ".xlsx": _xlsx,
    ".html": _html,
}


def _disposition(office: Office, name: str, suffix: str) -> dict[str, str]:
    """A download under its Chinese title (RFC 5987); JSON is read in place."""
    if suffix == "json" or name not in office.questions:
        return {}
    title = quote(f"{office.questions[name].title}.{suffix}", safe="")
    return {"Content-Disposition": f"attachment; filename=\"{name}.{suffix}\"; filename*=UTF-8''{title}"}
