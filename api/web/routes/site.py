"""What every served page shares: navigation, nonce, token, and the browser's caching."""

from __future__ import annotations

import hashlib

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from api.sample_data import fictional
from api.web.guard import TOKEN
from graph.errors import StoreError
from visualizations.html.explanations import Explanations
from visualizations.html.markup import Site

#: the main pages: address, label, and the key that opens it after g
NAVIGATION = (
    ("/answers/overview", "总览", "z"),
    ("/answers/gaps", "问题清单", "w"),
    ("/answers/changes", "变化", "v"),
    ("/answers/units", "单位名册", "d"),
    ("/answers/explore", "图谱", "t"),
    ("/answers/pairings", "结对共建", "j"),
    ("/answers/chains", "产业链", "c"),
    ("/answers/influence", "辐射带动", "f"),
    ("/answers/deadlines", "期限提醒", "q"),
    ("/answers/annual_form", "年报表", "y"),
    ("/answers/rules", "规则", "r"),
    ("/reviews", "待核实", "h"),
    ("/load", "数据导入", "s"),
    ("/help", "帮助", "b"),
)


def site(request: Request, path: str = "", *, failed: bool = False) -> Site:
    """The Site of the page at `path`; a page that reports that something `failed` does not ask the store."""
    try:
        sample = not failed and fictional(request.app.state.office)
    except StoreError:
        sample = False
    terms: Explanations = request.app.state.terms
    return Site(
        NAVIGATION, path or request.url.path, request.state.nonce, TOKEN, fictional=sample, explain=terms.once()
    )


def html_response(request: Request, text: str) -> Response:
    """The page, or 304 where the browser has the same one."""
    nonce: str = request.state.nonce
    digest = hashlib.blake2b(text.replace(nonce, "").encode(), digest_size=12).hexdigest()
    headers = {"ETag": f'"{digest}"', "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return HTMLResponse(text, headers=headers)
