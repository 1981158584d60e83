"""A client that asks the service in process, without a network."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import httpx
from fastapi import FastAPI


@dataclass(frozen=True)
class Client:
    """Requests answered in process."""

    app: FastAPI

    def get(self, url: str, method: str = "GET", **headers: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                return await client.request(method, url, headers=headers)

        return asyncio.run(ask())
