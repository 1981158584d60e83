"""A store of the small county, an office over it, and a client that needs no network."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from api.bootstrap import Office, open_office, open_store
from tests.api.county import AS_OF, NAMELESS, write_county


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("county") / "county.lbug"
    store = open_store(str(path), create=True)
    with store.writer("测试", "建立") as writer:
        write_county(writer)
    store.close()
    return path


@pytest.fixture(scope="session")
def office(county: Path) -> Iterator[Office]:
    found = open_office(str(county), as_of=AS_OF, author="测试")
    yield found
    found.store.close()


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


@pytest.fixture(scope="session")
def client(office: Office) -> Client:
    return Client(create_app(office, NAMELESS))
