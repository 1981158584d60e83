"""The network walked as a user walks it: found, opened, joined by a path, kept as a picture; nothing from elsewhere."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, Route

from api.office import Office
from api.web.app import create_app
from tests import serving
from tests.api.county import CLERK, OFFICER
from tests.browsers import Browser


@dataclass(frozen=True)
class Opened:
    """A page, where the service is, and what the page complained of or asked another place for."""

    page: Page
    root: str
    wrong: list[str]


@pytest.fixture(scope="module")
def served(office: Office) -> Iterator[str]:
    """The service over the small county, to a clerk who may see names."""
    with serving.served(create_app(office, CLERK)) as address:
        yield address


@pytest.fixture(scope="module")
def opened(browser: Browser, served: str) -> Iterator[Opened]:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, accept_downloads=True)
    page = context.new_page()
    wrong: list[str] = []

    def only_here(route: Route) -> None:
        if route.request.url.startswith(f"{served}/"):
            route.continue_()
        else:
            wrong.append(route.request.url)
            route.abort()

    page.route("**/*", only_here)
    page.on("console", lambda message: wrong.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield Opened(page, served, wrong)
    context.close()


def ready(page: Page) -> None:
    page.wait_for_selector("#network[data-ready]", timeout=20_000)


def test_search_open_path_and_picture(opened: Opened) -> None:
    page = opened.page
    page.goto(f"{opened.root}/answers/explore")
    ready(page)
    assert page.get_attribute("nav a[aria-current]", "href") == "/answers/explore"
    page.fill("input[name=q]", "yhzb")
    page.press("input[name=q]", "Enter")
    page.click("td a:text-is('在图谱中展开')")
    ready(page)
    assert page.inner_text("h1") == "图谱：一号支部"
    # by keyboard: the table beside the picture has every step
    page.focus("td.steps a:has-text('覆盖 1')")
    page.keyboard.press("Enter")
    ready(page)
    assert page.locator("tbody tr").count() == 2
    # in the picture: a node tells its steps
    page.fill("#network-search", "u1号公司")
    page.press("#network-search", "Enter")
    page.click("#network-facts a:has-text('联系指导 1')")
    ready(page)
    facts = page.inner_text("#network-facts")
    assert facts.startswith("u1号公司"), "who took a step at a node finds it again"
    assert "收起 联系指导 1" in facts
    assert OFFICER in page.inner_text("tbody")
    page.select_option("select[name=colour]", "coverage")
    page.click("form.filters button[type=submit]")
    ready(page)
    assert "已覆盖" in page.inner_text(".legend")
    assert page.locator("tbody tr").count() == 3, "the walk is kept"
    page.fill("input[name=to]", "u6号公司")
    page.press("input[name=to]", "Enter")
    ready(page)
    assert page.inner_text("[data-figure=steps] .figure-value").startswith("3")
    with page.expect_download() as download:
        page.click("button[data-picture]")
    content = download.value.path().read_bytes()
    assert content.startswith(b"\x89PNG")
    assert min(struct.unpack(">II", content[16:24])) > 300
    assert download.value.suggested_filename.endswith(".png")
    assert opened.wrong == []


def test_back_and_a_link_show_the_same(opened: Opened) -> None:
    page = opened.page
    address = f"{opened.root}/answers/explore?node=g1&open=g1.GUIDES,u1.COVERS.in&measure=relations"
    page.goto(address)
    ready(page)
    before = page.inner_text("main")
    places = page.evaluate("liangxin.network.getPositions()")
    page.click("td.steps a:has-text('收起 联系指导')")
    ready(page)
    assert page.locator("tbody tr").count() == 1
    page.go_back()
    ready(page)
    assert page.inner_text("main") == before
    assert page.evaluate("liangxin.network.getPositions()") == places
    assert opened.wrong == []


def test_the_page_works_without_scripts(browser: Browser, served: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{served}/answers/explore")
    page.fill("input[name=q]", "二号支部")
    page.click("form[role=search] button")
    page.click("td a:text-is('在图谱中展开')")
    page.click("td.steps a:has-text('覆盖 1')")
    page.click("td.steps a:has-text('与起点的最短路径')")
    assert page.inner_text("h1") == "最短路径：二号支部 — u3号公司"
    context.close()
