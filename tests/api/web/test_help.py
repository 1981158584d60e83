"""Help where it appears, the page of it, and what an empty store says."""

from __future__ import annotations

import html
import re
from pathlib import Path

from api.office import Office, open_office
from api.web.app import create_app
from graph.coverage.states import MEANINGS, ORG_STATES, RATES, WORK_STATES
from tests.api.client import Client
from tests.api.county import AS_OF, NAMELESS


def terms(page: str) -> list[str]:
    """The terms explained on a page, in order."""
    return re.findall(r'<summary aria-label="“(.+?)”是什么意思">', page)


def test_the_help_page_tells_every_rule_base_state_and_rate(office: Office, client: Client) -> None:
    page = html.unescape(client.get("/help").text)
    for rule in office.book.rules.values():
        assert f'<div id="{rule.title}"' in page
        assert all(basis in page for basis in rule.basis if "{" not in basis)
        assert f'href="/answers/{rule.id}"' in page
    for name in (*office.book.bases, *RATES, *ORG_STATES, *WORK_STATES):
        assert page.count(f'<div id="{name}"') == 1
    assert "应建党组织的正式党员数 3人（默认）" in page
    assert MEANINGS["联合组建"] in page
    assert "{minimum}" not in page
    assert "图库里还没有数据" not in page


def test_a_term_is_explained_where_it_first_stands_and_there_alone(client: Client) -> None:
    found = terms(client.get("/").text)
    assert len(found) == len(set(found))
    assert {"组织覆盖率", "工作覆盖率", "高", "单独组建", "应建未建", "实体运营非公企业"} <= set(found)
    assert "整改：指导成立党支部" in client.get("/").text, "a rule's remedy, from its file"
    assert terms(client.get("/answers/overview.html").text) == [], "a file leads to no help page"
    assert terms(client.get("/").text) == found, "the second reader is told as much as the first"


def test_every_explanation_leads_to_its_place(client: Client) -> None:
    places = set(re.findall(r' id="([^"]+)"', client.get("/help").text))
    for address in ("/", "/answers/gaps", "/answers/units", "/answers/unit?unit=u1", "/answers/loads"):
        page = client.get(address).text
        assert {html.unescape(term) for term in re.findall(r'href="/help#([^"]+)"', page)} <= places


def test_keys_stand_on_what_they_lead_to(client: Client) -> None:
    page = client.get("/help").text
    keys = re.findall(r'data-key="g (\w)"', page)
    assert len(keys) == len(set(keys)) == page.count("先按 g")
    gaps = client.get("/answers/units?size=2&page=2").text
    assert {"/", "n", "p", "?"} <= set(re.findall(r'data-key="(.)"', gaps))


def test_an_empty_store_says_what_to_do_first(tmp_path: Path) -> None:
    office = open_office(str(tmp_path / "empty.lbug"), as_of=AS_OF, create=True)
    try:
        empty = Client(create_app(office, NAMELESS))
        assert empty.get("/").headers["location"] == "/load"
        for address in ("/answers/overview", "/answers/gaps", "/answers/units", "/answers/explore", "/help"):
            page = empty.get(address)
            assert page.status_code == 200
            assert "图库里还没有数据" in page.text
            assert "liangxin load" in page.text
            assert not re.search(r"(?<!\d)0%", page.text)
        assert empty.get("/answers/overview.json").json()["revision"] == 0, "a program gets the figures"
    finally:
        office.close()
