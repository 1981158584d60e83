from __future__ import annotations

import csv
import html
import io
import json
import logging
import re
import time
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from api import office
from api.memory.cache import AnswerCache
from api.office import Office
from api.opening import open_store
from api.viewer import Viewer
from api.web.app import create_app
from graph.errors import StoreBusyError, StoreError, UnknownError
from graph.history.commit import renew
from loaders.shape.entry import Entry
from tests.api.client import Client
from tests.api.county import AS_OF, CLERK, NAMELESS, OFFICER, PEOPLE, text_of

PROFILES = {
    "unit": "u1",
    "org": "o1",
    "officer": "g1",
    "region": "r1",
    "partner": "n1",
    "group": "j1",
}


def addresses(office: Office) -> list[tuple[str, str]]:
    """Name and query of every question that the small county can answer."""
    found = []
    for question in office.questions.values():
        required = [p.name for p in question.parameters if p.required]
        if all(name in PROFILES for name in required):
            found.append((question.name, "&".join(f"{name}={PROFILES[name]}" for name in required)))
    return found


def test_no_answer_in_any_format_names_anyone(office: Office, client: Client) -> None:
    asked = addresses(office)
    assert len(asked) > 20
    for name, query in asked:
        for suffix in ("", ".json", ".csv", ".xlsx", ".html"):
            got = client.get(f"/answers/{name}{suffix}?{query}")
            assert got.status_code == 200, (name, suffix, got.text)
            text = text_of(got.content, suffix)
            for person in PEOPLE:
                assert person not in text, (name, suffix)


def test_one_who_may_see_names_sees_them_but_a_single_file_has_none(office: Office) -> None:
    client = Client(create_app(office, CLERK))
    assert OFFICER in client.get("/answers/officer.json?officer=g1").text
    assert OFFICER in client.get("/answers/officer?officer=g1").text
    assert OFFICER not in client.get("/answers/officer.html?officer=g1").text
    assert OFFICER in client.get("/answers/reviews").text


def test_formats_agree(client: Client) -> None:
    for name in ("gaps", "org_should_exist", "overview", "influence"):
        found = client.get(f"/answers/{name}.json").json()
        rows = list(csv.reader(io.StringIO(client.get(f"/answers/{name}.csv").content.decode("utf-8-sig"))))
        assert len(rows) == len(found["rows"]) + 1
        for column in found["columns"]:
            assert any(column["label"] in heading for heading in rows[0]), (name, column)
        page = client.get(f"/answers/{name}").text
        for row in rows[1:]:
            assert all(cell in page for cell in row if cell and "\n" not in cell and cell.isalpha()), name


def test_json_is_the_contract(client: Client) -> None:
    found = client.get("/answers/overview.json").json()
    assert found["name"] == "overview"
    assert found["as_of"] == "2026-06-30"
    assert found["revision"] >= 1
    totals = {t["name"]: t for t in found["totals"]}
    for name in ("units", "organizations", "officers", "chains", "pairs"):
        assert totals[name]["value"] is not None
    assert totals["units"]["value"] == 6
    rate = totals["org_coverage_企业"]
    assert (rate["numerator"], rate["denominator"]) == (2, 6)
    assert rate["denominator_label"]


def test_a_region_may_be_named_in_three_ways(client: Client) -> None:
    answers = [
        client.get(f"/answers/overview.json?region={r}").json()["totals"][0]["value"]
        for r in ("r2", "990909102", "西镇")
    ]
    assert answers == [2, 2, 2]


def test_pages_and_sorting(client: Client) -> None:
    whole = client.get("/answers/gaps.json?sort=-subject").json()
    assert len(whole["rows"]) > 3
    subjects = [row["subject"] for row in whole["rows"]]
    assert subjects == sorted(subjects, reverse=True)
    second = client.get("/answers/gaps.json?sort=-subject&page=2&size=2").json()
    assert [row["subject"] for row in second["rows"]] == subjects[2:4]
    assert second["of_rows"] == len(subjects)
    exported = client.get("/answers/gaps.csv?page=2&size=2").content.decode("utf-8-sig").splitlines()
    assert len(exported) == len(subjects) + 1


def test_downloads_carry_their_chinese_title(client: Client) -> None:
    got = client.get("/answers/gaps.xlsx")
    assert got.headers["content-type"].startswith("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    assert f"filename*=UTF-8''{quote('问题清单.xlsx')}" in got.headers["content-disposition"]
    assert 'filename="gaps.xlsx"' in got.headers["content-disposition"]


@pytest.mark.parametrize(
    ("url", "status", "said"),
    [
        ("/answers/nothing", 404, "没有名为“nothing”的问题"),
        ("/answers/nothing.json", 404, "没有名为“nothing”的问题"),
        ("/answers/gaps.pdf", 404, "没有格式 .pdf"),
        ("/answers/gaps?colour=red", 400, "没有参数“colour”"),
        ("/answers/gaps?severity=red", 400, "severity 不能是“red”"),
        ("/answers/gaps?sort=red", 400, "不能按“red”排序"),
        ("/answers/gaps?page=99", 400, "没有第 99 页"),
        ("/answers/gaps?page=-1", 400, "没有第 -1 页"),
        ("/answers/gaps.json?size=x", 400, "应为整数"),
        ("/answers/gaps?page=1&page=2", 400, "写了两次"),
        ("/answers/gaps?as_of=2026-13-01", 400, "无法识别"),
        ("/answers/gaps?base=无此口径", 400, "base 不能是“无此口径”。可用："),
        ("/answers/units?org=瞎写", 400, "org 不能是“瞎写”。可用：单独组建、"),
        ("/answers/units.json?kind=非公", 400, "kind 不能是“非公”。可用：企业（非公企业）、"),
        ("/answers/gaps.csv?scale=大", 400, "scale 不能是“大”。可用：规上、规下、未填。"),
        ("/answers/units?industry=制造", 400, "industry 不能是“制造”。台账里还没有填写过所属行业"),
        ("/answers/reviews.xlsx?state=x", 400, "state 不能是“x”。可用：open（待处理）、"),
        ("/answers/gaps.csv?page=x", 400, "应为整数"),
        ("/answers/units?place=无此楼", 404, "没有找到区划“无此楼”"),
        ("/answers/unit", 400, "需要参数 unit"),
        ("/answers/unit?unit=无此公司", 404, "没有找到两新组织“无此公司”"),
        ("/wards/u1", 404, "没有地址 /wards/"),
        ("/nowhere", 404, "请检查地址"),
        ("/answers/officer?officer=欧阳", 404, "没有找到指导员“欧阳”。请检查"),
    ],
)
def test_what_cannot_be_answered_is_a_problem(client: Client, url: str, status: int, said: str) -> None:
    got = client.get(url)
    problem = got.json()
    assert got.status_code == problem["status"] == status
    assert got.headers["content-type"] == "application/problem+json"
    assert said in problem["detail"]
    assert problem["number"]
    page = client.get(url, accept="text/html")
    assert page.status_code == status
    assert page.headers["content-type"].startswith("text/html")
    assert "编号" in page.text


HOSTILE = (
    "'; MATCH (n) DETACH DELETE n //",
    "<script>alert(1)</script>",
    '"} RETURN 1 //',
    "../../etc/passwd",
    "$id",
    "\x00",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_ids_are_looked_up_and_not_obeyed(office: Office, client: Client, text: str) -> None:
    before = client.get("/healthz").json()
    for url in (f"/answers/unit?unit={quote(text)}", f"/answers/gaps?region={quote(text)}"):
        got = client.get(url, accept="text/html")
        assert got.status_code == 404
        assert "<script>alert" not in got.text
        assert client.get(url).headers["content-type"] == "application/problem+json"
    led = client.get(f"/units/{quote(text, safe='')}")
    assert led.status_code in (307, 404)
    assert "<script>" not in led.headers.get("location", "")
    assert client.get("/healthz").json() == before
    assert client.get("/answers/overview.json").json()["totals"][0]["value"] == 6


def test_an_entity_has_an_address(client: Client) -> None:
    got = client.get("/units/u1")
    assert (got.status_code, got.headers["location"]) == (307, "/answers/unit?unit=u1")
    assert "u1号公司" in client.get(got.headers["location"]).text


def test_only_this_machine_is_answered(client: Client) -> None:
    assert client.get("/", host="evil.example").status_code == 421
    assert client.get("/", host="127.0.0.1.evil.example:80").status_code == 421
    for host in ("localhost:8000", "127.0.0.1", "[::1]:8000"):
        assert client.get("/healthz", host=host).status_code == 200


def test_every_answer_says_what_a_browser_may_do(client: Client) -> None:
    for url in ("/", "/answers/gaps.json", "/nowhere", "/docs"):
        headers = client.get(url).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert "script-src 'nonce-" in headers["content-security-policy"]
        # a browser may keep a page, but asks each time whether it still holds
        assert headers["cache-control"] == ("private, no-cache" if url in ("/", "/docs") else "no-store")


def test_nothing_can_be_changed(client: Client) -> None:
    for method in ("POST", "PUT", "DELETE"):
        got = client.get("/answers/gaps", method)
        assert got.status_code == 405
        assert "请用 GET" in got.json()["detail"]
    assert client.get("/answers/gaps", "HEAD").status_code == 200


def test_the_documentation_needs_no_other_host(office: Office, client: Client) -> None:
    page = client.get("/docs").text
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page
    for name in office.questions:
        assert name in page
    assert client.get("/questions").json()[0]["name"] == "overview"
    assert "可以问什么" in client.get("/questions", accept="text/html").text


def test_every_question_is_two_clicks_from_the_first_page(office: Office, client: Client) -> None:
    """From any page the list of questions, from there each of them: by a link, or by a field for what it is about."""
    assert 'href="/help"' in client.get("/").text
    listed = client.get("/help").text
    assert 'href="/docs"' in listed
    for page in (listed, client.get("/docs").text):
        for question in office.questions.values():
            required = [p.name for p in question.parameters if p.required]
            assert (f'action="/answers/{question.name}"' if required else f'href="/answers/{question.name}"') in page
            assert all(f'<input name="{name}" required' in page for name in required)


def test_what_a_list_within_one_place_leads_to_is_there(client: Client) -> None:
    page = client.get("/answers/gaps?region=东镇&as_of=2026-06-30").text
    body = page[page.index("<tbody") : page.index("</tbody>")]
    links = {html.unescape(link) for link in re.findall(r'href="([^"]+)"', body)}
    assert any(link.startswith("/answers/remedy?") and "rule=" in link and "as_of=" in link for link in links)
    for link in sorted(links):
        got = client.get(link)
        # the address of an entity leads to its profile
        assert got.status_code in (200, 307), (link, got.text[:300])


def test_openapi_has_every_question_with_typed_rows(office: Office, client: Client) -> None:
    document = client.get("/openapi.json").json()
    for name in office.questions:
        assert f"/answers/{name}.json" in document["paths"]
    schemas = document["components"]["schemas"]
    rows = schemas["OrgShouldExistAnswer"]["properties"]["rows"]["items"]["$ref"].rpartition("/")[2]
    columns = client.get("/answers/org_should_exist.json").json()["columns"]
    assert list(schemas[rows]["properties"]) == [c["name"] for c in columns]
    assert "formal_members" in schemas["Unit"]["properties"]
    for reference in set(_references(document)):
        assert reference.rpartition("/")[2] in schemas


def _references(value: object) -> list[str]:
    if isinstance(value, dict):
        return [value["$ref"]] if "$ref" in value else [r for v in value.values() for r in _references(v)]
    return [r for v in value for r in _references(v)] if isinstance(value, list) else []


def test_a_store_in_trouble_is_503_and_says_when_to_come_back(
    office: Office, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object) -> None:
        raise StoreBusyError("图库正在被写入。")

    monkeypatch.setattr(Office, "revision", busy)
    got = client.get("/healthz")
    assert got.status_code == 503
    assert int(got.headers["retry-after"]) > 0


def test_a_defect_is_logged_under_its_number_without_what_it_quotes(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError(f"invalid literal: {OFFICER}")

    monkeypatch.setattr(Office, "page", broken)
    with caplog.at_level(logging.INFO, "liangxin.access"):
        got = client.get("/answers/gaps")
    assert got.status_code == 500
    assert got.json()["number"] in caplog.text
    assert "ValueError" in caplog.text
    assert OFFICER not in caplog.text + got.text


def test_the_log_says_who_asked_what_but_not_about_whom(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "liangxin.access"):
        client.get(f"/answers/officer.json?officer={quote(OFFICER)}&page=1")
    line = caplog.records[-1].getMessage()
    assert line.startswith("值班室 GET '/answers/officer.json?officer&page=1' 200")
    assert OFFICER.encode("unicode_escape").decode() not in caplog.text


# -- the office behind it -----------------------------------------------------------------------------


def test_a_viewer_of_one_town_sees_that_town(office: Office) -> None:
    west = Viewer("西镇", ("西镇",), frozenset({"members"}))
    assert office.answer("overview", {}, west).total("units").value == 2
    assert office.answer("overview", {"region": "测试县"}, NAMELESS).total("units").value == 6
    assert office.answer("unit", {"unit": "u5"}, west).title.endswith("u5号公司")
    for name, given in (
        ("unit", {"unit": "u1"}),
        ("unit", {"unit": "u1号公司"}),
        ("unit", {"unit": "无此公司"}),
        ("overview", {"region": "东镇"}),
        ("region", {"region": "r1"}),
    ):
        with pytest.raises(UnknownError, match="或不在可见范围内") as caught:
            office.answer(name, given, west)
        assert "号公司（" not in str(caught.value)


def test_sorting_by_a_hidden_column_tells_nothing(office: Office) -> None:
    blind = Viewer("路人")
    plain = office.answer("gaps", {}, blind)
    for column in ("facts", "-facts"):
        ordered = office.answer("gaps", {"sort": column}, blind)
        hidden = [r["subject"] for r in ordered.rows if r["facts"] == "（已隐藏）"]
        assert hidden == [r["subject"] for r in plain.rows if r["facts"] == "（已隐藏）"]
        assert ordered.parameters["sort"] == column


def test_an_answer_is_kept_until_the_store_changes(office: Office) -> None:
    office.answer("influence", {}, NAMELESS)
    started = time.perf_counter()
    office.answer("influence", {}, NAMELESS)
    assert time.perf_counter() - started < 0.05
    seen = [office.answer("officer", {"officer": "g1"}, v).title for v in (CLERK, NAMELESS)]
    assert OFFICER in seen[0]
    assert OFFICER not in seen[1]


def test_bases_are_decided_anew_by_the_next_write_after_a_threshold_moved(
    county: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "copy.lbug"
    path.write_bytes(county.read_bytes())
    first = office.open_office(str(path))
    renew(first.store, "测试", first.book, first.locality, AS_OF)
    before = first.revision()
    assert not renew(first.store, "测试", first.book, first.locality, AS_OF)
    parameter = next(f"{b.id}.{p.name}={p.default + 1}" for b in first.book.bases.values() for p in b.params.values()
                     if isinstance(p.default, int))  # fmt: skip
    first.close()
    monkeypatch.setenv("LIANGXIN_THRESHOLDS", parameter)
    second = office.open_office(str(path), as_of=AS_OF)
    assert second.answer("loads", {}, CLERK).rows[0]["number"] == second.revision() == before, (
        "a question writes nothing"
    )
    second.enter(Entry("decisions", [{"id": "v1", "decision": "忽略"}], "登记", "待核实"), "测试")
    assert second.revision() == before + 2
    change = second.answer("loads", {}, CLERK).rows[1]
    assert (change["number"], change["author"], change["kind"]) == (before + 1, "测试", "更新口径")
    second.close()


def test_the_cache_lets_go_of_what_was_asked_longest_ago(office: Office) -> None:
    answer = office.answer("gaps", {}, CLERK)
    room = 20 + len(answer.rows)
    cache = AnswerCache(2 * room)
    for key in ("a", "b"):
        cache.put(key, answer)
    assert cache.get("a") is answer
    cache.put("c", answer)
    assert [key for key in "abc" if cache.get(key)] == ["a", "c"]


def test_an_address_that_is_no_store_is_refused() -> None:
    with pytest.raises(StoreError, match="请用 --store 指明一个文件路径"):
        open_store("http://x")


def test_json_of_every_answer_is_plain(office: Office) -> None:
    for name, query in addresses(office):
        given = dict([query.split("=")]) if query else {}
        json.dumps(office.answer(name, given, CLERK).to_json(), allow_nan=False)


def test_the_rules_have_an_address_and_lead_to_what_each_finds(client: Client) -> None:
    assert client.get("/rules").headers["location"] == "/answers/rules"
    page = client.get("/answers/rules?region=东镇").text
    # within what was asked about
    assert f'href="/answers/term_overdue?{urlencode({"region": "东镇"})}"' in page
