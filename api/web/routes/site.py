"""What every served page shares: the main pages, its nonce, how a browser may keep it."""

from __future__ import annotations

import hashlib

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from api.sample_data import fictional
from api.web.guard import TOKEN
from graph.errors import StoreError
from visualizations.html.hints import Index
from visualizations.html.markup import Site

#: the main pages, each with the letter that leads there after g
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
    """What the page at `path` has in common with all others; one that tells that something `failed` asks no more."""
    try:
        sample = not failed and fictional(request.app.state.office)
    except StoreError:
        sample = False
    terms: Index = request.app.state.terms
    return Site(
        NAVIGATION, path or request.url.path, request.state.nonce, TOKEN, fictional=sample, explain=terms.once()
    )


def shown(request: Request, text: str) -> Response:
    """A page, or word that the one which the browser has is still the same."""
    nonce: str = request.state.nonce
    digest = hashlib.blake2b(text.replace(nonce, "").encode(), digest_size=12).hexdigest()
    headers = {"ETag": f'"{digest}"', "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return HTMLResponse(text, headers=headers)
