"""The pages as a browser gets them: accessible, quiet, of one host, as wide as the screen, walked by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from api.office import Office, open_office
from api.viewer import Viewer
from api.web.app import create_app
from graph.stores.ladybug.store import EmbeddedStore
from loaders.sample import REFERENCE_DATE
from tests import serving
from tests.browsers import Browser

#: one of each kind of profile, that has as much on its page as may be
EXAMPLES = {
    "unit": "MATCH (:PartyOrg)-[:COVERS]->(n:Unit)<-[:GUIDES]-(:GuidanceOfficer), (n)-[:IN_CHAIN]->(:IndustryChain)",
    "org": "MATCH (n:PartyOrg)-[:COVERS]->(:Unit)",
    "officer": "MATCH (n:GuidanceOfficer)-[:GUIDES]->(:Unit)",
    "region": "MATCH (n:Region) WHERE n.name = '戊街道'",
    "chain": "MATCH (:Unit)-[:IN_CHAIN]->(n:IndustryChain)",
    "partner": "MATCH (n:PartnerUnit)-[:PAIRED_WITH]->(:Region)",
    "group": "MATCH (:PartyOrg)-[:GROUPED_IN]->(n:JointGroup)",
}


@pytest.fixture(scope="module")
def office(sample_store: EmbeddedStore) -> Iterator[Office]:
    opened = open_office(str(sample_store.path), as_of=REFERENCE_DATE)
    with closing(opened.store):
        yield opened


@pytest.fixture(scope="module")
def served(office: Office) -> Iterator[str]:
    """The address of the service over the sample."""
    with serving.served(create_app(office, Viewer("值班室", (), frozenset({"members"})))) as address:
        yield address


@pytest.fixture(scope="module")
def addresses(office: Office) -> list[str]:
    """Every main page, one profile of each kind, and an error."""
    with office.store.reader() as reader:
        ids = {kind: reader.query(f"{q} RETURN min(n.id) AS id")["id"][0].as_py() for kind, q in EXAMPLES.items()}
    lists = (
        "gaps",
        "units",
        "pairings",
        "chains",
        "influence",
        "reviews",
        "loads",
        "org_should_exist",
        "rules",
        "deadlines",
    )
    # ten rows are examined as well as fifty, in less time
    listed = (f"/answers/{name}?size=10" for name in lists)
    profiles = (f"/answers/{kind}?{kind}={id_}" for kind, id_ in ids.items())
    pictures = ("network?region=戊街道", "explore", f"explore?node={ids['unit']}", "search?q=食品")
    drawn = (f"/answers/{name}" for name in pictures)
    return [
        "/",
        "/answers/annual_form",
        *listed,
        *drawn,
        *profiles,
        "/load",
        "/reviews",
        "/help",
        "/docs",
        "/answers/nothing",
    ]


@pytest.fixture
def page(browser: Browser, served: str) -> Iterator[Page]:
    """A page of the service at 1366 × 768."""
    context = browser.new_context(base_url=served, viewport={"width": 1366, "height": 768})
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_every_page_is_accessible_quiet_and_as_wide_as_the_screen(
    browser: Browser, served: str, addresses: list[str], width: int, height: int
) -> None:
    """On a screen of an office and of a phone, under its own policy; nothing is asked of another host."""
    axe, wrong = Axe(), list[str]()
    context = browser.new_context(base_url=served, viewport={"width": width, "height": height})
    page = context.new_page()
    page.on("console", lambda m: wrong.append(f"{page.url}: {m.text}") if "status of 404" not in m.text else None)
    page.on("pageerror", lambda error: wrong.append(f"{page.url}: {error}"))
    page.on("request", lambda r: None if r.url.startswith((served, "data:", "blob:")) else wrong.append(r.url))
    for address in addresses:
        page.goto(address)
        # what differs on a phone, differs on one profile as on the others
        if width > 400 or "size=" in address or "/answers/unit?" in address or "?" not in address:
            found = axe.run(page).response["violations"]
            wrong += [f"{address}: {v['id']} {v['nodes'][0]['html'][:120]}" for v in found]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wrong.append(f"{address} is wider than {width}")
    context.close()
    assert wrong == []


def test_every_page_opens_in_a_browser_of_2021(old_browser: Browser, served: str, addresses: list[str]) -> None:
    wrong: list[str] = []
    page = old_browser.new_context(base_url=served, viewport={"width": 1366, "height": 768}).new_page()
    page.on("console", lambda m: wrong.append(f"{page.url}: {m.text}") if "status of 404" not in m.text else None)
    page.on("pageerror", lambda error: wrong.append(f"{page.url}: {error}"))
    for address in addresses:
        page.goto(address)
        if page.evaluate("document.getElementById('network') !== null"):
            page.wait_for_function("document.querySelector('#network').hasAttribute('data-ready')")
        if page.evaluate("document.documentElement.scrollWidth") > 1366:
            wrong.append(f"{address} is wider than the screen")
    assert wrong == []


@pytest.mark.parametrize("place", ["甲市", "乙市", "丙县", "丁市", "己区"])
def test_from_the_first_page_to_a_unit_and_why_in_three_clicks(page: Page, place: str) -> None:
    """As a clerk does who has never seen it: the place, the figure, the unit; there the rule, its basis, what to do."""
    page.goto("/")
    page.click(f"td a:text-is('{place}')")
    page.click("[data-figure='org_应建未建_企业'] a")
    assert page.inner_text(".facets [aria-current]").startswith("应建未建")
    rows = page.locator("main table tbody tr")
    assert all("应建未建" in text for text in rows.all_inner_texts())
    name = rows.first.locator("a").first.inner_text()
    rows.first.locator("a").first.click()
    assert name in page.inner_text("h1")
    said = page.inner_text(".problems")
    assert "应建未建" in said
    assert "建议：" in said
    assert "《中国共产党章程》第三十条" in said
    assert "应建未建" in page.inner_text(".coverage")


def test_a_fact_is_one_click_from_its_source(page: Page, addresses: list[str]) -> None:
    page.goto(next(a for a in addresses if "unit=" in a))
    assert page.inner_text(".gist").startswith("单位类型：")
    first = page.locator(".coverage dd .ref").first
    number = first.inner_text()
    first.click()
    assert page.evaluate("document.querySelector(':target').textContent").strip().startswith(
        "丁市/"
    ) or page.inner_text(f"#source-{number}")
    assert " 行" in page.inner_text(f"#source-{number}")
    page.emulate_media(media="print")
    assert page.is_visible(f"#source-{number}")
    assert page.is_hidden(".exports")


def test_paper_shows_what_is_folded(page: Page, addresses: list[str]) -> None:
    page.goto(next(a for a in addresses if "?region=r" in a))
    folded = "document.querySelectorAll('.facts details:not(.what):not([open])').length"
    assert page.evaluate(folded) > 0
    page.evaluate(f"window.addEventListener('beforeprint', () => {{ window.left = {folded} }})")
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    assert page.evaluate("window.left") == 0
    assert page.evaluate(folded) > 0


def test_an_explanation_opens_in_place_and_closes_by_key(page: Page) -> None:
    page.goto("/")
    mark = page.locator(".composition summary[aria-label='“应建未建”是什么意思']")
    mark.focus()
    page.keyboard.press("Enter")
    meaning = page.locator(".what[open] .meaning")
    assert "整改：指导成立党支部" in meaning.inner_text()
    box = meaning.bounding_box()
    assert box is not None
    assert 0 <= box["x"] < box["x"] + box["width"] <= 1366
    assert 0 <= box["y"] < box["y"] + box["height"] <= 768
    page.keyboard.press("Escape")
    assert page.locator(".what[open]").count() == 0
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_keys_lead_to_pages_unless_one_types_or_has_turned_them_off(page: Page) -> None:
    page.goto("/answers/units?size=20")
    page.keyboard.press("n")
    page.wait_for_url("**page=2**")
    page.keyboard.press("p")
    page.wait_for_url("**page=1**")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "region"
    page.keyboard.type("gz?n")
    assert page.input_value("[name=region]") == "gz?n"
    assert "page=1" in page.url
    page.evaluate("document.activeElement.blur()")
    page.keyboard.type("gw")
    page.wait_for_url("**/answers/gaps")
    page.keyboard.type("?")
    page.wait_for_url("**/help#keys")
    page.locator("[data-setting=keys]").uncheck()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.type("gw")
    page.wait_for_timeout(300)
    assert page.url.endswith("/help#keys")
