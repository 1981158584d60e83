"""Nothing is changed but by a form of a page of ours."""

from __future__ import annotations

import pytest

from api.office import Office
from api.web import guard
from tests.api.client import ADDRESS, Client

POSTS = (
    "/load",
    "/load/undo",
    "/load/x/mapping",
    "/load/x/preview",
    "/load/x/commit",
    "/load/x/drop",
    "/reviews/decide",
    "/deferrals/set",
)


@pytest.mark.parametrize("url", POSTS)
@pytest.mark.parametrize(
    ("wrong", "status", "said"),
    [
        ({"token": ""}, 403, "刷新后重试"),
        ({"token": "猜的"}, 403, "刷新后重试"),
        ({"origin": ""}, 403, "不是由本服务的页面"),
        ({"origin": "null"}, 403, "不是由本服务的页面"),
        ({"origin": "http://evil.example"}, 403, "不是由本服务的页面"),
        ({"origin": "https://127.0.0.1"}, 403, "不是由本服务的页面"),
        ({"origin": "http://127.0.0.1:81"}, 403, "不是由本服务的页面"),
        ({"origin": "http://127.0.0.1.evil.example"}, 403, "不是由本服务的页面"),
        ({"origin": "http://[::1"}, 403, "不是由本服务的页面"),
        ({"origin": "", "referer": "http://evil.example/127.0.0.1"}, 403, "不是由本服务的页面"),
        ({"host": "evil.example", "origin": "http://evil.example"}, 421, "本机"),
    ],
)
def test_what_no_page_of_ours_sent_is_refused(
    office: Office, client: Client, url: str, wrong: dict[str, str], status: int, said: str
) -> None:
    before = office.revision()
    got = client.post(url, {"number": "1"}, **wrong)  # type: ignore[arg-type]
    problem = got.json()
    assert got.status_code == problem["status"] == status
    assert got.headers["content-type"] == "application/problem+json"
    assert said in problem["detail"]
    assert problem["number"]
    page = client.post(url, {"number": "1"}, accept="text/html", **wrong)  # type: ignore[arg-type]
    assert page.status_code == status
    assert "编号" in page.text
    assert office.revision() == before


def test_a_referer_stands_for_an_origin(client: Client) -> None:
    assert client.post("/load/x/drop", origin="", referer=f"{ADDRESS}/load").status_code == 404


def test_looking_changes_nothing(client: Client) -> None:
    for url in POSTS:
        assert client.get(url).status_code in (200, 404, 405)
        assert client.get(url, "PUT").status_code == 405


def test_pages_carry_the_token_and_files_to_hand_on_do_not(client: Client) -> None:
    assert guard.TOKEN in client.get("/load").text
    assert guard.TOKEN in client.get("/reviews").text
    assert guard.TOKEN not in client.get("/answers/reviews.html").text
    # with no referrer at all a browser tells no origin either
    assert 'name="referrer"' not in client.get("/load").text


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=x", b"rubbish"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="a\xff"\r\n\r\n\xff\r\n--x--\r\n',
        ),
        ("multipart/form-data; boundary=x; charset=none", b"--x\r\nContent-Disposition: form-data\r\n\r\n--x--"),
        ("application/x-www-form-urlencoded", b"token=%ff&%=&&\xff"),
        ("application/json", b'{"token": 1}'),
        ("text/plain", b"token=x"),
    ],
)
def test_rubbish_is_a_problem_and_no_defect(client: Client, kind: str, body: bytes) -> None:
    for url in POSTS:
        got = client.send(url, body, **{"content-type": kind})
        assert 400 <= got.status_code < 500
        assert got.headers["content-type"] == "application/problem+json"


def test_numbers_that_are_none(client: Client) -> None:
    assert client.send("/load/undo", b"", **{"content-length": "9" * 5000}).status_code == 411
    got = client.post("/load", files=[("a.csv", "企业名称,所属镇街\n一厂,东镇\n".encode())])
    for number in ("%C2%B2", "-1", "9" * 5000, "x"):
        assert client.get(f"{got.headers['location']}?sheet={number}").status_code == 200
    assert client.get("/reviews?columns=id").status_code == 200
    assert client.post(f"{got.headers['location']}/mapping", {"sheet": "²", "column-²": "x"}).status_code == 422
    assert client.post(f"{got.headers['location']}/drop").status_code == 303


def test_a_form_too_large_is_not_read(client: Client) -> None:
    got = client.post("/load/undo", {"number": "1" * (guard.SMALL + 1)})
    assert got.status_code == 413
    assert "1 MB" in got.json()["detail"]
    got = client.post("/reviews/decide", {f"decision-{n}": "忽略" for n in range(guard.FIELDS + 1)})
    assert got.status_code == 413
    got = client.post("/load", files=[(f"{n}.csv", b"x") for n in range(203)])
    assert got.status_code == 413
    assert "个文件" in got.json()["detail"]
    got = client.post("/load/undo", {"number": "1"}, **{"content-length": str(1 << 40)})
    assert got.status_code == 413
