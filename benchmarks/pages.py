"""Times the pages of a county in a browser: first after a load, later, until painted; and their weight."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import httpx
from playwright.sync_api import sync_playwright

from api.web.routes.site import NAVIGATION
from benchmarks import county
from benchmarks.commands import liangxin
from benchmarks.serving import crowd, served
from benchmarks.timing import Line, duration

#: by units: seconds of a page first after a load, and later
LIMITS = {6_000: (1.0, 0.1), 50_000: (2.0, 0.3)}
PAINTED_WITHIN, HEAVIEST = 1.0, 400_000
CLICKING, CLICK_WITHIN = 32, 0.5
#: seconds between two clicks, and between two loads
PAUSE, REST = 2.0, 10.0
CHROMIUM = "/usr/bin/chromium"
_PAINT = "performance.getEntriesByName('first-contentful-paint').map(e => e.startTime / 1000)"


def measure(folder: Path, units: int, runs: int) -> list[Line]:
    """Time the pages of the navigation, a profile and lists on a county of `units` units."""
    environment = {"LIANGXIN_STORE": str(folder / f"pages-{units}.lbug")}
    liangxin(["load", str(county.write(folder / f"pages-{units}", units))], environment)
    with served(environment, folder) as port, httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        paths = _paths(client)
        for path in paths:
            _get(client, path)
        _change(folder, environment)
        # with this header a page is never of the revision before the load
        first = {path: _timed(client, path, {"Cache-Control": "max-age=0"}) for path in paths}
        later = {path: statistics.median(_timed(client, path) for _ in range(runs)) for path in paths}
        weight = {path: _weight(client, path) for path in paths}
        painted = _painted(port, paths)
        clicking = crowd(port, CLICKING, environment, folder, paths, PAUSE, REST)
    most, most_later = LIMITS[units]
    lines = []
    for path in paths:
        drawn = "，with a network" if weight[path][1] else ""
        measured = f"first {duration(first[path])}, later {duration(later[path])}, painted {duration(painted[path])}"
        line = Line(
            path[:60], measured, f"{weight[path][0] / 1000:.0f} KB with its assets{drawn}", later[path] / first[path]
        )
        worst = max(
            first[path] / most,
            later[path] / most_later,
            painted[path] / PAINTED_WITHIN,
            0 if drawn else weight[path][0] / HEAVIEST,
        )
        lines.append(line.limited(worst, 1, f"{most:g} s, later {most_later * 1000:g} ms, painted 1 s, 400 KB"))
    crowded = Line(f"{CLICKING} people clicking while ledgers are loaded", str(clicking))
    bad = max(clicking.at(95) / CLICK_WITHIN, len(clicking.errors) * 2)
    return [*lines, crowded.limited(bad, 1, f"p95 {CLICK_WITHIN * 1000:g} ms, no error")]


def _paths(client: httpx.Client) -> list[str]:
    unit = client.get("/answers/units.json?size=1").json()["rows"][0]["unit_id"]
    return [*(href for href, *_ in NAVIGATION), "/answers/gaps?severity=high&page=2", "/answers/org_should_exist",
            f"/answers/unit?unit={unit}", "/answers/network?chain=" + _chain(client)]  # fmt: skip


def _chain(client: httpx.Client) -> str:
    return str(client.get("/answers/chains.json?size=1").json()["rows"][0]["id"])


def _get(client: httpx.Client, path: str, headers: Mapping[str, str] = MappingProxyType({})) -> httpx.Response:
    got = client.get(path, headers={"Accept": "text/html", "Accept-Encoding": "identity", **headers})
    if got.status_code != httpx.codes.OK:
        raise RuntimeError(f"{path}: {got.status_code} {got.text[:200]}")
    return got


def _timed(client: httpx.Client, path: str, headers: Mapping[str, str] = MappingProxyType({})) -> float:
    start = time.perf_counter()
    _get(client, path, headers)
    return time.perf_counter() - start


def _weight(client: httpx.Client, path: str) -> tuple[int, bool]:
    """Uncompressed bytes of a page with its assets, and whether it has a network."""
    page = _get(client, path)
    assets = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
    return len(page.content) + sum(len(_get(client, a).content) for a in assets), any(
        "vis-network" in a for a in assets
    )


def _change(folder: Path, environment: dict[str, str]) -> None:
    ledger = folder / "非公企业台账.csv"
    ledger.write_text("企业名称,所属镇街,从业人员数量\n丁市虚构又一家有限公司,桐坪街道,7\n", encoding="utf-8")
    liangxin(["load", str(ledger), "--division", county.PLACE], environment)


def _painted(port: int, paths: list[str]) -> dict[str, float]:
    """Seconds from the click to the first paint, with the assets in the browser's cache."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        seconds = {}
        for path in [paths[0], *paths]:
            page.goto(f"http://127.0.0.1:{port}{path}", wait_until="load")
            while not (paint := page.evaluate(_PAINT)):
                page.wait_for_timeout(20)
            seconds[path] = float(paint[0])
        browser.close()
    return seconds
