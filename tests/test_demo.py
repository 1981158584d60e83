"""The demo's report as a reader gets it: one file, no network, and in it what was planted in the ledgers."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from api.cli.run import main
from graph.rules.book import book
from graph.stores.ladybug.store import EmbeddedStore
from loaders.sample import REFERENCE_DATE, planted
from tests.browsers import Browser

#: names a report made elsewhere, as by `make demo`; without it one is made here
GIVEN = "DEMO_REPORT"
PLACE = "丁市"
#: inside the margins of A4, in CSS pixels
A4_WIDTH = 688


@dataclass(frozen=True, slots=True)
class Opened:
    """A page and everything it complained of or asked another place for."""

    page: Page
    wrong: list[str]
    network: dict[str, Any]


@pytest.fixture(scope="module")
def demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of 丁市."""
    if given := os.environ.get(GIVEN):
        return Path(given).resolve(strict=True)
    store: EmbeddedStore = request.getfixturevalue("sample_store")
    folder = tmp_path_factory.mktemp("demo")
    shutil.copyfile(store.path, folder / "demo.lbug")
    made = folder / "报告.html"
    with pytest.MonkeyPatch.context() as patch:
        # settings of the one who runs the tests are none of the demo's
        patch.chdir(folder)
        for name in [name for name in os.environ if name.startswith("LIANGXIN_")]:
            patch.delenv(name)
        as_of = REFERENCE_DATE.isoformat()
        assert main(["--store", "demo.lbug", "report", str(made), "--region", PLACE, "--as-of", as_of]) == 0
    return made


@pytest.fixture(scope="module")
def opened(browser: Browser, demo: Path) -> Iterator[Opened]:
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    context.set_offline(True)
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda r: None if r.url.startswith(("file:", "data:", "blob:")) else wrong.append(r.url))
    page.goto(demo.as_uri())
    page.wait_for_selector("#network[data-ready]", timeout=30_000)
    yield Opened(page, wrong, page.evaluate("JSON.parse(document.getElementById('network-data').textContent)"))
    context.close()


def number(text: str) -> int:
    """The first number of a text."""
    found = re.search(r"\d[\d,]*", text)
    assert found is not None, text
    return int(found[0].replace(",", ""))


def test_figures_are_those_of_the_source_documents(opened: Opened) -> None:
    page = opened.page
    shown = {n: number(page.inner_text(f'[data-figure="{n}"] .figure-value')) for n in ("units", "officers", "chains")}
    assert shown == {"units": 1_426, "officers": 525, "chains": 15}
    assert page.inner_text("h1") == f"{PLACE}两新组织党建情况报告"
    assert page.is_visible(".mark.fictional")
    assert REFERENCE_DATE.isoformat() in page.inner_text(".cover")
    assert opened.wrong == []


def test_states_of_one_kind_add_up_and_kinds_are_not_added(opened: Opened) -> None:
    rows = opened.page.locator(".composition tbody tr").evaluate_all(
        "rows => rows.map(row => Array.from(row.querySelectorAll('.num'), cell => cell.textContent))"
    )
    assert len(rows) == 4
    for *states, whole in rows:
        assert sum(map(number, states)) == number(whole)
    assert opened.wrong == []


def test_lists_hold_what_was_planted(opened: Opened) -> None:
    titles = {book().rules[rule].title: n for rule, n in planted(PLACE).items() if n}
    assert titles["重点未派驻"] == 300
    assert titles["应建未建"] == 38
    headings = opened.page.locator("#problems h3").all_inner_texts()
    lists = {re.sub(r"\s*[\d,]+\s*条$", "", heading): number(heading) for heading in headings}
    assert lists.pop("暂缓清单") == 3
    assert lists == titles
    assert number(opened.page.inner_text('[data-figure="problems"]')) == sum(titles.values())
    assert opened.wrong == []


def test_a_unit_is_found_by_a_part_of_its_name_and_tells_its_facts(opened: Opened) -> None:
    page, nodes = opened.page, opened.network["nodes"]
    types = [kind["label"] for kind in opened.network["types"]]
    wanted, name = next((i, n[1]) for i, n in enumerate(nodes) if types[n[0]] == "两新组织" and n[3])
    before = page.evaluate("liangxin.network.getPositions()")
    page.fill("#network-search", name[2:-2])
    page.locator("#network-options li", has_text=name).first.click()
    assert page.inner_text("#network-facts h3") == name
    facts = page.inner_text("#network-facts")
    assert nodes[wanted][3] in facts
    assert "所在区划" in facts
    assert "直接关联" in facts
    assert len(before) == len(nodes) > 1_000
    assert page.evaluate("liangxin.network.getPositions()") == before
    assert opened.wrong == []


def test_a_click_on_a_node_tells_its_facts(opened: Opened) -> None:
    page = opened.page
    chain = next(n[1] for n in opened.network["nodes"] if opened.network["types"][n[0]]["label"] == "产业链")
    page.fill("#network-search", chain)
    page.press("#network-search", "Enter")
    page.click("#network-facts li button")
    page.fill("#network-search", "")
    # the node just chosen stands in the middle of the stage
    page.evaluate("document.getElementById('network-facts').textContent = ''")
    stage = page.locator("#network canvas").bounding_box()
    assert stage is not None
    page.mouse.click(stage["x"] + stage["width"] / 2, stage["y"] + stage["height"] / 2)
    page.wait_for_selector("#network-facts h3")
    assert "链上" in page.inner_text("#network-facts") or "产业链" in page.inner_text("#network-facts")
    assert opened.wrong == []


def test_nothing_is_cut_off_on_screen_or_on_a4(opened: Opened) -> None:
    page = opened.page
    cut = "Array.from(document.querySelectorAll('.table')).filter(t => t.scrollWidth > t.clientWidth + 1).map(t => t.ariaLabel)"
    assert page.evaluate(cut) == []
    page.emulate_media(media="print")
    page.set_viewport_size({"width": A4_WIDTH, "height": 970})
    assert page.evaluate(cut) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= A4_WIDTH
    printed = page.pdf(prefer_css_page_size=True)
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 1366, "height": 768})
    boxes = {tuple(round(float(n)) for n in box.split()) for box in re.findall(rb"/MediaBox \[([^\]]+)\]", printed)}
    assert boxes == {(0, 0, 595, 842)}
    assert opened.wrong == []


def test_the_file_can_be_mailed(demo: Path) -> None:
    assert demo.stat().st_size < 900_000
    assert not re.search(r'(?:src|href)="(?:https?:)?//', demo.read_text(encoding="utf-8"))
