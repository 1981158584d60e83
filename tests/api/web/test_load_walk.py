"""A clerk in a browser that reaches no other place: a folder loaded, a sheet set right, a review decided, an undo."""

from __future__ import annotations

import csv
import datetime as dt
import io
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route

from api.office import open_office
from api.viewer import Viewer
from api.web.app import create_app
from loaders.sample import generate
from tests import serving
from tests.browsers import Browser
from tests.loaders.desk import ask_few
from visualizations.sheets.writing import write

PLACE = "戊街道"
#: headings that no ledger knows, in a table with a title, one row that cannot be taken
NAMES = "戊街道新设企业,,,\n序号,厂名,所属镇街,人头,成立日期\n1,澄测试制造厂,戊街道,7,2020-05-01\n2,朗测试制造厂,戊街道,x,去年\n"


@dataclass
class Desk:
    """A page, what it complained of, and the address of the service."""

    page: Page
    address: str
    wrong: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)

    def checked(self) -> None:
        """Nothing to be said against the page as it stands."""
        found = Axe().run(self.page).response["violations"]
        assert [(v["id"], [n["target"] for n in v["nodes"]]) for v in found] == []
        assert self.wrong == []


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The service over a store with nothing in it."""
    store = tmp_path_factory.mktemp("desk") / "desk.lbug"
    with pytest.MonkeyPatch.context() as patch:
        ask_few(patch)
        office = open_office(str(store), as_of=dt.date(2026, 6, 30), create=True)
    app = create_app(office, Viewer("经办人", (), frozenset({"members", "person"})))
    with serving.served(app) as here:
        yield here
    app.state.uploads.close()
    office.close()


@pytest.fixture
def desk(browser: Browser, address: str) -> Iterator[Desk]:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, accept_downloads=True)
    context.set_default_timeout(15_000)
    made = Desk(context.new_page(), address)

    def only_here(route: Route) -> None:
        if route.request.url.startswith((address, "data:", "blob:")):
            route.continue_()
        else:
            made.wrong.append(route.request.url)
            route.abort()

    context.route("**/*", only_here)
    made.page.on("console", lambda message: made.wrong.append(f"{message.type}: {message.text}"))
    made.page.on("pageerror", lambda error: made.wrong.append(str(error)))
    yield made
    context.close()


def test_a_year_of_a_clerk(desk: Desk, tmp_path: Path) -> None:
    page = desk.page
    folder = tmp_path / PLACE
    folder.mkdir()
    for workbook in generate(PLACE):
        write(workbook, folder / Path(workbook.name).name)
    # the first page says what to do
    desk.go("/")
    assert "图库还是空的" in page.inner_text("main")
    desk.checked()
    page.click("text=上传并查看识别结果")
    assert "还没有选择文件" in page.inner_text("[role=alert]")
    page.set_input_files("#folder", folder)
    page.click("text=上传并查看识别结果")
    page.wait_for_selector("text=识别结果")
    assert page.locator("main table").first.locator("tbody tr").count() >= 5
    desk.checked()
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1366, "height": 768})
    page.click("text=预览会有什么变化")
    page.wait_for_selector("text=这是预演，图库没有改变")
    desk.checked()
    page.click('button:text-is("导入")')
    page.wait_for_selector('h1:text-is("导入结果")')
    assert "图库现为版本 1" in page.inner_text(".intro")
    desk.checked()

    # a sheet that is not recognized is set right
    strange = tmp_path / "新设企业.csv"
    strange.write_text(NAMES, encoding="utf-8")
    page.click("nav >> text=数据导入")
    page.set_input_files("#files", strange)
    page.click("text=上传并查看识别结果")
    page.wait_for_selector("text=不会导入")
    page.select_option("select[name=ledger]", label="非公企业台账")
    page.select_option("select[name=header]", value="2")
    page.click("text=保存更正")
    page.select_option('select[aria-label="厂名更正为"]', label="单位名称")
    page.select_option('select[aria-label="人头更正为"]', label="从业人数")
    page.click("text=保存更正")
    page.wait_for_selector("text=不会导入", state="detached")
    desk.checked()
    page.click("text=预览会有什么变化")
    page.wait_for_selector("text=这是预演")
    page.click('button:text-is("导入")')
    page.wait_for_selector('h1:text-is("导入结果")')
    assert "收下 1 行，退回 1 行" in page.inner_text(".intro")
    with page.expect_download() as got:
        page.click("text=下载退回的行")
    assert got.value.suggested_filename == "拒收行.xlsx"
    sheet = openpyxl.load_workbook(io.BytesIO(got.value.path().read_bytes())).worksheets[0]
    assert "朗测试制造厂" in {cell.value for row in sheet.iter_rows() for cell in row}

    # one review is decided, and is no longer listed
    page.click(".exports >> text=待核实")
    desk.checked()
    waiting = int(page.inner_text('[data-figure="reviews"] .figure-value').split("\n")[0].rstrip("项"))
    pair = page.locator("ol.deciding > li", has_text="是不是同一家单位").first
    question = pair.locator("h2").inner_text()
    pair.get_by_label("分开").check()
    pair.locator("text=保存").click()
    page.wait_for_selector(f"text={waiting - 1}项")
    assert question not in page.inner_text("main")

    # the last load is taken back, after a question
    page.click("nav >> text=数据导入")
    page.on("dialog", lambda dialog: dialog.accept())
    page.click("text=撤销最近一次导入")
    page.click("text=撤销这次导入")
    page.wait_for_selector("td:text-is('已撤销')")
    page.click("nav >> text=待核实")
    assert question in page.inner_text("main")
    desk.checked()


def test_pages_are_usable_on_a_phone_and_on_paper(desk: Desk) -> None:
    desk.page.set_viewport_size({"width": 390, "height": 844})
    for path in ("/load", "/reviews"):
        desk.go(path)
        assert desk.page.evaluate("document.documentElement.scrollWidth") <= 390
    desk.page.emulate_media(media="print")
    assert desk.page.is_hidden("fieldset")
    assert desk.wrong == []


def test_without_script_too(browser: Browser, address: str, tmp_path: Path) -> None:
    file = tmp_path / "增补.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        rows = [["企业名称", "所属镇街", "从业人员数量"], *([f"增补{n}公司", PLACE, n] for n in range(300))]
        csv.writer(out).writerows(rows)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/load")
    page.set_input_files("#files", file)
    page.click("text=上传并查看识别结果")
    page.click("text=预览会有什么变化")
    for _ in range(100):
        if page.locator("text=这是预演").count():
            break
        # the page comes again by itself, but not so often
        time.sleep(0.2)
        page.reload()
    assert "收下 300 行" in page.inner_text(".intro")
    page.click("text=放弃这批文件")
    assert page.url == f"{address}/load"
    context.close()
