"""Requests as no browser sends them: a sentence with the right status, never a 5xx, and nothing waits for ever."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from api.web import app as application
from api.web.guard import TOKEN
from tests.api.client import Client
from tests.serving import served


@pytest.fixture(scope="module")
def address(client: Client) -> Iterator[tuple[str, int]]:
    with served(client.app) as url:
        parts = urlsplit(url)
        assert parts.hostname
        assert parts.port
        yield parts.hostname, parts.port


def answered(address: tuple[str, int], request: bytes) -> tuple[int, dict[str, str], bytes]:
    """The status, the headers and the body that a server answers these bytes with, {port} put in."""
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(request.replace(b"{here}", b"127.0.0.1:%d" % address[1]))
        got = b""
        try:
            while part := connection.recv(1 << 16):
                got += part
        except ConnectionResetError:
            pass
    head, _, body = got.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return int(first.split()[1]), headers, body


HOST = b"Host: {here}\r\nConnection: close\r\n"
FORM = HOST + b"Origin: http://{here}\r\nContent-Type: application/x-www-form-urlencoded\r\n"


@pytest.mark.parametrize(
    ("request_", "status", "said"),
    [
        (b"GARBAGE\r\n\r\n", 400, "不是完整的 HTTP 请求"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, "不是完整的 HTTP 请求"),
        (b"GET /healthz HTTP/1.1\r\n\r\n", 400, "不是完整的 HTTP 请求"),
        (b"GET /healthz HTTP/1.0\r\n\r\n", 421, "本机"),
        (b"GET /answers/\xff.json HTTP/1.1\r\n" + HOST + b"\r\n", 400, "不是完整的 HTTP 请求"),
        (b"GET /answers/%ff%fe.json HTTP/1.1\r\n" + HOST + b"\r\n", 404, "没有名为"),
        (b"GET /answers/gaps.json?region=%ff HTTP/1.1\r\n" + HOST + b"\r\n", 404, "没有找到区划"),
        (b"GET /answers/gaps.json?region=%E4%B8%9C&region=x HTTP/1.1\r\n" + HOST + b"\r\n", 400, "写了两次"),
        (b"GET /healthz HTTP/1.1\r\n" + HOST + b"X: " + b"x" * 200_000 + b"\r\n\r\n", 431, "太长"),
        (b"GET /answers/gaps.json?" + b"a=1&" * 60_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 431, "太长"),
        (b"GET /healthz HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\n", 400, "不是完整的 HTTP 请求"),
        (b"POST /load HTTP/1.1\r\n" + FORM + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411, "没有说明大小"),
        (b"POST /load HTTP/1.1\r\n" + FORM + b"Content-Length: 999999999999\r\n\r\n", 413, "一次最多"),
        (b"POST /load HTTP/1.1\r\n" + FORM + b"Content-Length: 100\r\n\r\na=b", 408, "没有传完"),
        (b"POST /load HTTP/1.1\r\n" + FORM + b"Content-Length: 9\r\n\r\n%ff=%fe&%", 403, "过期"),
    ],
)
def test_no_request_is_a_defect(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch, request_: bytes, status: int, said: str
) -> None:
    monkeypatch.setattr(application, "PATIENCE", 0.5)
    got, headers, body = answered(address, request_)
    assert got == status, body
    assert headers["content-type"] == "application/problem+json"
    problem = json.loads(body)
    assert problem["status"] == status
    assert said in problem["detail"]


def test_a_client_that_leaves_is_no_defect(
    address: tuple[str, int], client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "liangxin.access"):
        with socket.create_connection(address, timeout=10) as connection:
            connection.sendall(
                (b"POST /load HTTP/1.1\r\n" + FORM + b"Content-Length: 100\r\n\r\n").replace(
                    b"{here}", b"127.0.0.1:%d" % address[1]
                )
            )
        assert answered(address, b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n")[0] == 200
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("/", "GET, HEAD, OPTIONS"),
        ("/answers/gaps.json", "GET, HEAD, OPTIONS"),
        ("/openapi.json", "GET, HEAD, OPTIONS"),
        ("/load", "GET, HEAD, OPTIONS, POST"),
        ("/load/x/commit", "OPTIONS, POST"),
    ],
)
def test_a_method_that_an_address_does_not_know_is_told_those_it_knows(client: Client, url: str, allowed: str) -> None:
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "FOO"):
        got = client.get(url, method)
        assert (got.status_code, got.headers["allow"]) == (405, allowed)
        assert "不支持" in got.json()["detail"]
    asked = client.get(url, "OPTIONS")
    assert (asked.status_code, asked.headers["allow"], asked.content) == (204, allowed, b"")
    assert client.get("/nowhere", "OPTIONS").status_code == 404
    for other in ("application/json", "text/plain", "multipart/form-data", ""):
        sent = client.send("/load", json.dumps({"token": TOKEN}).encode(), **{"content-type": other})
        assert sent.status_code in (400, 403), other


@pytest.mark.parametrize(
    "url", ["/", "/answers/gaps.json", "/answers/gaps.csv", "/load", "/healthz", "/openapi.json", "/help"]
)
def test_a_head_has_the_headers_of_the_answer_and_no_body(client: Client, url: str) -> None:
    whole, head = client.get(url), client.get(url, "HEAD")
    assert (head.status_code, head.content) == (whole.status_code, b"")
    assert head.headers["content-type"] == whole.headers["content-type"]
