"""A client of the service in process, without a network."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import FastAPI

from api.web.guard import TOKEN

ADDRESS = "http://127.0.0.1"


@dataclass(frozen=True)
class Client:
    """Requests answered in process."""

    app: FastAPI

    def get(self, url: str, method: str = "GET", **headers: str) -> httpx.Response:
        return self._ask(method, url, headers)

    def post(
        self,
        url: str,
        data: Mapping[str, Any] | None = None,
        files: Sequence[tuple[str, bytes]] = (),
        *,
        token: str = TOKEN,
        origin: str = ADDRESS,
        **headers: str,
    ) -> httpx.Response:
        """Send a form as our own pages do; `files` are (name, content)."""
        sent = {"token": token, **(data or {})}
        more = {"origin": origin} if origin else {}
        parts = [("files", file) for file in files]
        return self._ask("POST", url, {**more, **headers}, data=sent, files=parts or None)

    def send(self, url: str, body: bytes, **headers: str) -> httpx.Response:
        """Send any body, from our own address."""
        return self._ask("POST", url, {"origin": ADDRESS, **headers}, content=body)

    def _ask(self, method: str, url: str, headers: Mapping[str, str], **more: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url=ADDRESS) as client:
                return await client.request(method, url, headers=headers, **more)

        return asyncio.run(ask())

    def settled(self, url: str) -> str:
        """The page of an upload after its load has ended."""
        for _ in range(600):
            page = self.get(url, accept="text/html")
            assert page.status_code == 200, page.text
            if "data-poll" not in page.text:
                return page.text
            time.sleep(0.05)
        raise AssertionError("the load does not end")
