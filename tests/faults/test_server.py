"""A server that is away, refuses, dies or takes too long: said in words, at once; and all is well once it is back."""

from __future__ import annotations

import contextlib
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from api.office import open_office
from api.web.app import create_app
from tests import neo4j_server
from tests.api.client import Client
from tests.api.county import NAMELESS
from tests.faults.commands import AT_ONCE, Desk, contents, ended, store_message
from tests.faults.conftest import NEVER
from tests.faults.link import linked, swallowing
from tests.places import Place

Capture = pytest.CaptureFixture[str]
Patch = pytest.MonkeyPatch
#: seconds in which a service finds its server again
AGAIN = 10.0
#: bytes of a load that are on the server when it dies
HALF = 60_000


# -- at the start -------------------------------------------------------------------------------------


@pytest.fixture
def nobody(monkeypatch: Patch) -> None:
    """A store in use that has credentials and no address yet."""
    monkeypatch.setenv("LIANGXIN_NEO4J_PASSWORD", "a-secret")


@pytest.mark.usefixtures("nobody")
def test_where_nothing_listens(ledgers: Path, capsys: Capture) -> None:
    for words in (["ask", "overview"], ["load", str(ledgers)], ["serve", "--port", "0"]):
        line = store_message(capsys, "--store", "bolt://127.0.0.1:1", *words)
        assert line.startswith("连不上 Neo4j 服务器 bolt://127.0.0.1:1（Connection refused）。请检查地址")
        assert "a-secret" not in line
    assert store_message(capsys, "--store", "neo4j://127.0.0.1:1", "verify").startswith(
        "连不上 Neo4j 服务器 neo4j://127.0.0.1:1"
    )


@pytest.mark.usefixtures("nobody")
def test_where_what_is_sent_is_swallowed(capsys: Capture) -> None:
    with swallowing() as address:
        assert store_message(capsys, "--store", address, "ask", "overview").startswith(f"连不上 Neo4j 服务器 {address}")


@pytest.mark.usefixtures("using")
def test_a_wrong_password_and_a_wrong_database(capsys: Capture, monkeypatch: Patch) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("LIANGXIN_NEO4J_PASSWORD", "not-this-one")
        line = store_message(capsys, "ask", "overview")
    assert "用户名或密码不对" in line
    assert "not-this-one" not in line
    monkeypatch.setenv("LIANGXIN_NEO4J_DATABASE", "other")
    assert "请检查设置 neo4j.database" in store_message(capsys, "ask", "overview")


# -- past its time ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("rules")
def test_a_question_past_its_time(using: Place, capsys: Capture, monkeypatch: Patch) -> None:
    monkeypatch.setenv("LIANGXIN_QUERY_SECONDS", "1")
    assert "1 秒内没有答完" in store_message(capsys, "ask", "never_ends")
    office = open_office(using.location)
    with contextlib.closing(office):
        client = Client(create_app(office, NAMELESS))
        unavailable(client.get("/answers/never_ends.json"))
        assert client.get("/healthz").status_code == 200


def unavailable(response: httpx.Response) -> None:
    """503, when to come again, and in which form it is said."""
    assert response.status_code == 503
    assert int(response.headers["retry-after"]) > 0
    if response.headers["content-type"].startswith("application/problem+json"):
        assert response.json()["detail"].endswith("。")
    else:
        assert response.headers["content-type"].startswith("text/html")
        assert "Neo4j 服务器" in response.text


# -- killed -------------------------------------------------------------------------------------------


@contextlib.contextmanager
def under_way(desk: Desk) -> Iterator[subprocess.Popen[str]]:
    """A question that the server is working on."""
    begun = threading.Event()
    with linked(desk.environment["LIANGXIN_STORE"]) as link:
        link.on_sent = lambda piece: begun.set() if NEVER in piece else None
        asking = desk.start("ask", "never_ends", LIANGXIN_STORE=link.url)
        assert begun.wait(60)
        yield asking


@pytest.mark.usefixtures("rules")
def test_killed_in_the_middle_of_a_load_and_of_a_question(
    desk: Desk,
    place: Place,
    server: neo4j_server.Server,
    ledgers: Path,
    undisturbed: list[str],
) -> None:
    with desk.serving() as first, desk.serving() as second, linked(place.location) as link:
        assert first.get("/healthz").json() == {"status": "ok", "revision": 0}
        killed = threading.Event()

        def kill(_: bytes) -> None:
            if link.sent > HALF and not killed.is_set():
                killed.set()
                server.kill()

        link.on_sent = kill
        with under_way(desk) as asking:
            loading = desk.start("load", str(ledgers), LIANGXIN_STORE=link.url, LIANGXIN_RULES_FOLDER="")
            assert killed.wait(60)
            # nobody hangs, and all are told
            begun = time.monotonic()
            with ThreadPoolExecutor(20) as pool:
                paths = ["/healthz", "/answers/overview.json", "/answers/gaps.csv", "/"] * 5
                browser = {"accept": "text/html"}
                for answer in pool.map(lambda path: first.get(path, headers=browser if path == "/" else {}), paths):
                    unavailable(answer)
            assert time.monotonic() - begun < AT_ONCE
            assert "Neo4j 服务器" in ended(asking, AT_ONCE).store_message()
            assert "Neo4j 服务器" in ended(loading, AT_ONCE).store_message()
        server.start()
        begun = time.monotonic()
        while first.get("/healthz").status_code != 200:
            assert time.monotonic() - begun < AGAIN
        # nothing of it is left, and another process takes its place
        assert first.get("/answers/loads.json").json()["rows"] == []
        # which rules find how much is counted with a load: one that never ends is no rule to load with
        assert desk.run("load", str(ledgers), LIANGXIN_RULES_FOLDER="").status == 0
        for client in (first, second):
            assert client.get("/healthz").json()["revision"] == 1
            assert len(client.get("/answers/loads.json").json()["rows"]) > 0
    assert contents(place) == undisturbed
