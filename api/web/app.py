"""The web service: the application, its answers to errors, and the guard in front of every request."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import log
from api.memory.cache import PageCache
from api.office import Office
from api.viewer import Viewer
from api.web.openapi import document
from api.web.routes import answers, deferrals, loads, reviews, service
from api.web.routes.site import site
from api.web.uploads import Uploads
from graph.errors import LiangxinError, StoreError
from graph.parameters import COMMON, SEVERITY
from graph.personal import clean
from graph.questions.glossary import glossary
from visualizations.html import markup
from visualizations.html.explanations import Explanations
from visualizations.pages.page import error_page

if TYPE_CHECKING:
    from fastapi.telemetry import TelemetryConfig  # absent from older versions, which ignore the argument

#: in the order in which an address is looked for
ROUTERS = (service.router, loads.router, reviews.router, deferrals.router, answers.router)
#: names of this machine; another name in Host comes from a page of another site
LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]"})
RETRY_AFTER = 5
#: switched off because nothing may leave this machine; newer versions of FastAPI report to OpenTelemetry
TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}
#: seconds in which more of a request's body must come
PATIENCE = 30.0
_TITLES = {
    400: "请求不完整",
    403: "没有照办",
    404: "没有这个地址",
    405: "不支持这种请求",
    408: "请求不完整",
    411: "请求不完整",
    413: "提交的内容太多",
    421: "拒绝访问",
}
_DETAILS = {
    404: "请检查地址，或从首页进入。",
    405: "这个地址不支持这种请求。查看请用 GET；导入和处理待核实请在网页上进行。",
    408: "等了很久，请求的内容没有传完。请检查网络后重新提交。",
    421: "只接受以本机名称访问。请用 http://127.0.0.1 打开。",
}
#: parameters whose values are logged
_LOGGED = frozenset(p.name for p in (*COMMON, SEVERITY))


def create_app(office: Office, viewer: Viewer, *, version: str = "0") -> FastAPI:
    """The application that serves one office to one viewer."""
    app = FastAPI(title="两新党建图谱", version=version, docs_url=None, redoc_url=None, telemetry=TELEMETRY)
    app.state.office, app.state.viewer, app.state.uploads, app.state.pages = office, viewer, Uploads(), PageCache()
    app.state.glossary = glossary(office.book, office.locality, office.ontology)
    app.state.terms = Explanations(app.state.glossary)
    for router in ROUTERS:
        app.include_router(router)
    app.add_exception_handler(LiangxinError, refuse)
    app.add_exception_handler(HTTPException, refuse)

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = document(office, viewer, version)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the way FastAPI documents
    app.add_middleware(Guard, viewer=viewer.name)
    return app


async def refuse(request: Request, error: Exception) -> Response:
    """The response to a request that failed: problem+json (RFC 9457), or a page for a browser."""
    number = log.number()
    if isinstance(error, LiangxinError):
        status, title, detail = error.http_status, error.title, str(error)
        cause = detail if status >= 500 else type(error).__name__
    elif isinstance(error, HTTPException):
        status = error.status_code
        title = _TITLES.get(status, HTTPStatus(status).phrase)
        detail = _DETAILS.get(status, clean(str(error.detail)))
        cause = title
    else:
        status, title = 500, LiangxinError.title
        detail = f"程序出了故障。请把编号 {number} 告诉维护人员。"
        cause = log.trace(error)
    write = log.ACCESS.error if status >= 500 else log.ACCESS.info
    write("编号 %s 状态 %d 路径 %s %s", number, status, ascii(clean(request.url.path)), cause)
    headers = {"Retry-After": str(RETRY_AFTER)} if isinstance(error, StoreError) else {}
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods(request))
        if request.method == "OPTIONS":
            return Response(status_code=HTTPStatus.NO_CONTENT, headers=headers)
    if "text/html" in request.headers.get("accept", ""):
        return HTMLResponse(error_page(status, title, detail, site(request, failed=True), number), status, headers)
    body = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": clean(request.url.path),
        "number": number,
    }
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def _methods(request: Request) -> list[str]:
    """The methods that the address of a request knows, of every route that it fits."""
    methods = {"OPTIONS"}
    scope = {"type": "http", "path": request.scope["path"], "method": "OPTIONS", "root_path": "", "headers": []}
    for route in (*request.app.routes, *(route for router in ROUTERS for route in router.routes)):
        if isinstance(route, Route) and route.matches(scope)[0] is not Match.NONE:
            methods |= route.methods or set()
    return sorted(methods)


@dataclass(frozen=True, slots=True)
class Guard:
    """Middleware that checks the Host, bounds waiting, sets security headers, answers defects and writes the access log."""

    app: ASGIApp
    viewer: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, status = time.perf_counter(), 0
        nonce = scope.setdefault("state", {})["nonce"] = secrets.token_urlsafe(12)

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *security_headers(nonce, status, message["headers"])]
            await send(message)

        async def received() -> Message:
            """The next part of the request; once it is answered, only the end of its connection is waited for."""
            if status:
                return await receive()
            try:
                return await asyncio.wait_for(receive(), PATIENCE)
            except TimeoutError:
                raise HTTPException(408) from None

        try:
            if not _local(scope):
                raise HTTPException(421)
            await self.app(scope, received, answer)
        except ClientDisconnect:
            # nobody is left to be answered
            status = status or 499
        except Exception as error:
            # a response that has begun cannot be replaced; the connection ends there
            response = await refuse(Request(scope), error)
            if not status:
                await response(scope, receive, answer)
        finally:
            took = round((time.perf_counter() - started) * 1000)
            log.ACCESS.info("%s %s %s %d %d毫秒", self.viewer, scope["method"], _line(scope), status, took)


def _local(scope: Scope) -> bool:
    host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host) in LOCAL


def _line(scope: Scope) -> str:
    """Path and parameters for the log, without the values of parameters that may name a person."""
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    parameters = "&".join(f"{k[:40]}={v[:80]}" if k in _LOGGED else k[:40] for k, v in query)
    return ascii(clean(scope["path"][:200] + (f"?{parameters}" if parameters else "")))


def security_headers(nonce: str, status: int, present: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Headers that let a browser run only our scripts, load only our assets and show no page in a frame.

    A page that is not modified keeps its earlier policy, because it contains the nonce of that policy.
    """
    headers = [
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"DENY"),
        (b"referrer-policy", b"same-origin"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
    ]
    if status != HTTPStatus.NOT_MODIFIED:
        headers.append((b"content-security-policy", markup.served_policy(nonce).encode()))
    if not any(name.lower() == b"cache-control" for name, _ in present):
        headers.append((b"cache-control", b"no-store"))
    return headers
