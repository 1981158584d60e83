"""The report in a browser that has no network: quiet, still, searchable, printable."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from graph.ontology import load
from tests.browsers import Browser
from tests.visualizations.conftest import HOSTILE
from visualizations.report.report import ReportInput, report


@pytest.fixture(scope="module")
def opened(
    browser: Browser, county: ReportInput, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Page, list[str]]]:
    """The report open at 1366×768, and everything it complained of or asked another place for."""
    file = tmp_path_factory.mktemp("report") / "报告.html"
    file.write_text(report(county, load()), encoding="utf-8")
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    context.set_offline(True)
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda r: None if r.url.startswith(("file:", "data:", "blob:")) else wrong.append(r.url))
    page.goto(file.as_uri())
    page.wait_for_selector("#network[data-ready]", timeout=20_000)
    yield page, wrong
    context.close()


def test_opens_quietly_with_its_figures(opened: tuple[Page, list[str]]) -> None:
    page, wrong = opened
    assert page.inner_text('[data-figure="units"] .figure-value').startswith("1,426")
    assert page.inner_text('[data-figure="org_coverage_企业"] .figure-value') == "43.4%"
    assert page.evaluate("[typeof vis, Object.keys(liangxin).sort().join()]") == [
        "undefined",
        "network,select",
    ]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert HOSTILE[0] in str(page.text_content("#problems figure svg"))
    assert wrong == []


def test_network_is_still_at_once(opened: tuple[Page, list[str]]) -> None:
    page, wrong = opened
    before = page.evaluate("liangxin.network.getPositions()")
    page.wait_for_timeout(300)
    assert len(before) == 1500
    assert page.evaluate("liangxin.network.getPositions()") == before
    assert page.is_hidden("#network-status")
    assert wrong == []


def test_a_node_is_found_by_keyboard_and_tells_its_facts(opened: tuple[Page, list[str]]) -> None:
    page, wrong = opened
    page.fill("#network-search", "<script>")
    assert page.get_attribute("#network-search", "aria-expanded") == "true"
    page.press("#network-search", "ArrowDown")
    assert page.get_attribute("#network-search", "aria-activedescendant") == "network-option-0"
    page.press("#network-search", "Enter")
    facts = page.inner_text("#network-facts")
    assert facts.startswith(HOSTILE[0])
    assert "单位类型" in facts
    assert "—" in facts
    assert "联系指导" in facts
    chosen = page.evaluate("liangxin.network.getSelectedNodes()[0]")
    page.click("#network-facts button")
    assert page.inner_text("#network-facts h3").startswith("指导员")
    assert page.evaluate("liangxin.network.getSelectedNodes()[0]") != chosen
    page.fill("#network-search", "没有这样的名称")
    assert "没有" in page.inner_text("#network-count")
    assert page.is_hidden("#network-options")
    assert page.query_selector("#network-facts script, #network-options script") is None
    assert wrong == []


def test_prints_to_a4_with_the_network_as_a_picture(opened: tuple[Page, list[str]]) -> None:
    page, wrong = opened
    page.emulate_media(media="print")
    box = page.locator("#network canvas").bounding_box()
    assert page.is_hidden(".contents")
    assert page.is_hidden("#network-facts")
    assert box is not None
    assert box["height"] > 100
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    page.emulate_media(media="screen")
    assert wrong == []
