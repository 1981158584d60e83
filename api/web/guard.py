"""What may change something: a form of a page of ours, sent by that page. One guard for every POST."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import AsyncIterator, Callable
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

#: known to this process and its pages alone; another site cannot read a page of ours
TOKEN = secrets.token_urlsafe(32)
FIELD = "token"
#: what a form without files may weigh, and how many fields any form may have
SMALL, FIELDS = 1 << 20, 2_000

_RELOAD = "请返回上一页，刷新后重试。如果是从别处的链接来到这里，请不要继续。"


def form(most_bytes: int = SMALL, most_files: int = 0) -> Callable[[Request], AsyncIterator[FormData]]:
    """A dependency: the form that was sent, once it is known that a page of ours sent it and that it can be borne.

    The Host is checked before, for every request (api/web/app.py).
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
            # what is read beyond a megabyte goes to a file without a name
            sent = await request.form(max_files=most_files, max_fields=FIELDS, max_part_size=SMALL)
        except HTTPException as error:
            if "Too many" not in str(error.detail):
                raise HTTPException(400, "请求的内容不完整。请用本服务的页面重新提交。") from error
            raise HTTPException(413, f"一次最多提交 {most_files} 个文件、{FIELDS} 个字段。请分几次提交。") from error
        try:
            token = sent.get(FIELD)
            if not isinstance(token, str) or not hmac.compare_digest(token.encode(), TOKEN.encode()):
                raise HTTPException(403, f"页面已经过期（服务重新启动过）。{_RELOAD}")
            yield sent
        finally:
            await sent.close()

    return checked


def ours(request: Request) -> bool:
    """Whether the page that sent a request is at this very address; one that does not tell is not ours."""
    said = request.headers.get("origin") or request.headers.get("referer", "")
    try:
        origin = urlsplit(said)
    except ValueError:
        return False
    return (origin.scheme, origin.netloc) == (request.url.scheme, request.headers.get("host", ""))


def whole(said: str) -> int:
    """A number that a form or header says, -1 for anything else."""
    return int(said) if said.isascii() and said.isdigit() and len(said) < 16 else -1


def text(sent: FormData, name: str) -> str:
    """A field of a form, '' where it was not sent."""
    value = sent.get(name, "")
    return value.strip() if isinstance(value, str) else ""
