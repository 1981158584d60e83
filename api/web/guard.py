"""Checks every POST: only a form of our own page, sent by that page, may change something."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import AsyncIterator, Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

#: a secret of this process and its pages; another site cannot read our pages
TOKEN = secrets.token_urlsafe(32)
FIELD = "token"
#: most bytes of a form without files, and most fields of any form
SMALL, FIELDS = 1 << 20, 2_000

_RELOAD = "请返回上一页，刷新后重试。如果是从别处的链接来到这里，请不要继续。"


def form(most_bytes: int = SMALL, most_files: int = 0) -> Callable[[Request], AsyncIterator[FormData]]:
    """A dependency that returns the form of a request after checking its origin, token and size.

    Raises HTTPException. The Host is checked for every request in api/web/app.py.
    """

    async def checked(request: Request) -> AsyncIterator[FormData]:
        if not ours(request):
            raise HTTPException(403, f"这个请求不是由本服务的页面发出的。{_RELOAD}")
        length = whole(request.headers.get("content-length", ""))
        if length < 0:
            raise HTTPException(411, "请求没有说明大小。请用本服务的页面提交。")
        if length > most_bytes:
            raise HTTPException(413, f"一次最多提交 {most_bytes >> 20} MB。请分几次提交。")
        try:
            # Starlette writes what exceeds a megabyte to an anonymous temporary file
            data = await request.form(max_files=most_files, max_fields=FIELDS, max_part_size=SMALL)
        except HTTPException as error:
            if error.status_code == HTTPStatus.REQUEST_TIMEOUT:
                raise
            if "Too many" not in str(error.detail):
                raise HTTPException(400, "请求的内容不完整。请用本服务的页面重新提交。") from error
            raise HTTPException(413, f"一次最多提交 {most_files} 个文件、{FIELDS} 个字段。请分几次提交。") from error
        try:
            token = data.get(FIELD)
            if not isinstance(token, str) or not hmac.compare_digest(token.encode(), TOKEN.encode()):
                raise HTTPException(403, f"页面已经过期（服务重新启动过）。{_RELOAD}")
            yield data
        finally:
            await data.close()

    return checked


def ours(request: Request) -> bool:
    """Whether the page that sent a request is at our address; False where the request does not tell."""
    sender = request.headers.get("origin") or request.headers.get("referer", "")
    try:
        origin = urlsplit(sender)
    except ValueError:
        return False
    return (origin.scheme, origin.netloc) == (request.url.scheme, request.headers.get("host", ""))


def whole(value: str) -> int:
    """The whole number that a form or header contains, -1 for any other text."""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else -1


def text(data: FormData, name: str) -> str:
    """The text of a field of a form, '' where it was not sent."""
    value = data.get(name, "")
    return value.strip() if isinstance(value, str) else ""
