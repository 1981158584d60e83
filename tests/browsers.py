"""Browsers for tests, a current Chromium and one of 2021, each replaced when it hangs.

Playwright waits without a limit for an evaluation in a page and for a browser to close. pytest-timeout ends the test;
its browser is then killed, because it would not close either, and the next test gets another one.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, ClassVar

import pytest
from playwright.sync_api import BrowserContext, Playwright, sync_playwright

from tests import neo4j_server
from tests.conftest import lacking

CHROMIUM = Path("/usr/bin/chromium")
CHROMIUM_91 = neo4j_server.cache("chromium-91") / "chromium"
_LAUNCH_MS = 60_000


class Browser:
    """A Chromium, launched again for the next context if it has ended."""

    running: ClassVar[set[Browser]] = set()

    def __init__(self, playwright: Playwright, path: Path, flags: Sequence[str]) -> None:
        self._options: dict[str, Any] = {
            "executable_path": str(path),
            "args": [f"--{flag}" for flag in flags],
            "timeout": _LAUNCH_MS,
        }
        self._playwright = playwright
        self._launch()

    def _launch(self) -> None:
        others = _grandchildren()
        self._chromium = self._playwright.chromium.launch(**self._options)
        self._processes = _grandchildren() - others
        Browser.running.add(self)

    def new_context(self, **options: Any) -> BrowserContext:
        """See Browser.new_context of Playwright."""
        if self not in Browser.running or not self._chromium.is_connected():
            self.close()
            self._launch()
        return self._chromium.new_context(**options)

    def close(self) -> None:
        """Kill the browser with all its processes, without waiting."""
        for process in self._processes:
            with suppress(ProcessLookupError):
                # Playwright gives each browser a process group of its own
                os.killpg(process, signal.SIGKILL)
        Browser.running.discard(self)


def _children(process: int) -> set[int]:
    with suppress(OSError):
        lists = (thread / "children" for thread in Path(f"/proc/{process}/task").iterdir())
        return {int(child) for children in lists for child in children.read_text().split()}
    return set()


def _grandchildren() -> set[int]:
    """The processes of browsers: children of Playwright's driver, which is a child of this process."""
    return {browser for driver in _children(os.getpid()) for browser in _children(driver)}


def pytest_exception_interact(call: pytest.CallInfo[Any]) -> None:
    """Kill the browsers of a test that ran out of time."""
    if call.excinfo is not None and "from pytest-timeout" in str(call.excinfo.value):
        for browser in [*Browser.running]:
            browser.close()


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """The driver of browsers, for the tests of one file.

    It ends with the file, because no other test of the process can run an event loop while it runs.
    """
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A current Chromium; tests skip where there is none."""
    if not CHROMIUM.exists():
        lacking("没有 /usr/bin/chromium，浏览器测试跳过。请安装：apt-get install chromium fonts-noto-cjk")
    quiet = ["disable-gpu", "no-first-run", "disable-background-networking", "disable-component-update"]
    with closing(Browser(playwright, CHROMIUM, ["no-sandbox", "disable-sync", *quiet])) as chromium:
        yield chromium


@pytest.fixture(scope="module")
def old_browser(playwright: Playwright) -> Iterator[Browser]:
    """A Chromium as old as those of offices; tests skip where it is absent (tests/chromium_91.sh fetches it).

    It is not run with --single-process, because it would crash or hang when its last page closes.
    """
    if not CHROMIUM_91.exists():
        lacking("没有 Chromium 91，旧浏览器的测试跳过。请执行：sh tests/chromium_91.sh（需要 npm，x86-64）")
    with closing(Browser(playwright, CHROMIUM_91, ["no-sandbox", "disable-gpu"])) as chromium:
        yield chromium
