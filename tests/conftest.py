"""The sample, written and loaded once; the real data and a browser, where they are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from graph.locality import Locality
from graph.rules.book import book
from graph.stores.embedded import EmbeddedStore
from loaders import pipeline
from loaders.sample import generate
from visualizations.sheets import write

CHROMIUM = Path("/usr/bin/chromium")
_DATA = Path(__file__).resolve().parents[1] / "../shared/data"


@pytest.fixture(scope="session")
def sample_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ledgers of all five sample places, a folder each."""
    folder = tmp_path_factory.mktemp("sample")
    for workbook in generate():
        target = folder / workbook.name
        target.parent.mkdir(parents=True, exist_ok=True)
        write(workbook, target)
    return folder


@pytest.fixture(scope="session")
def sample_loaded(
    sample_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[EmbeddedStore, pipeline.LoadResult]]:
    """A store of all five sample places, to be read only, and what their load reported."""
    store = EmbeddedStore(tmp_path_factory.mktemp("store") / "sample.lbug", create=True)
    result = pipeline.load(store, [sample_dir], Locality(), author="测试", book=book())
    yield store, result
    store.close()


@pytest.fixture(scope="session")
def sample_store(sample_loaded: tuple[EmbeddedStore, pipeline.LoadResult]) -> EmbeddedStore:
    """A store of all five sample places, to be read only."""
    return sample_loaded[0]


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real data beside the project; skips where it is absent."""
    if not _DATA.is_dir():
        pytest.skip("没有 ../shared/data，用到真实数据的测试跳过。")
    return _DATA.resolve()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium for the tests of one file; skips where there is none.

    No longer, for while Playwright runs, no other test of this process can run an event loop of its own.
    """
    if not CHROMIUM.exists():
        pytest.skip("没有 /usr/bin/chromium，浏览器测试跳过。请安装：apt-get install chromium fonts-noto-cjk")
    quiet = ["disable-gpu", "no-first-run", "disable-background-networking", "disable-component-update"]
    flags = [f"--{flag}" for flag in ("no-sandbox", "disable-sync", *quiet)]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=flags)
        yield chromium
        chromium.close()
