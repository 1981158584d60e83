"""Renews the pictures of the README from the demo: `make demo`, then `python -m tests.pictures [FOLDER]`."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

from playwright.sync_api import sync_playwright

from api.office import Office, open_office
from api.settings import ViewerSettings
from api.viewer import of_command_line, of_server
from api.web.app import create_app
from loaders.sample import REFERENCE_DATE
from tests.browsers import CHROMIUM
from tests.serving import served

ROOT = Path(__file__).resolve().parents[1]
PLACE, CHAIN = "丁市", "再生资源产业链"
SIZE = {"width": 1366, "height": 900}


def addresses(office: Office) -> dict[str, str]:
    """The address of each picture: of a place, of its first 应建未建, and around one of its chains."""
    answer = office.answer("org_should_exist", {"region": PLACE}, of_command_line())
    chains = office.answer("chains", {"region": PLACE}, of_command_line())
    chain = next(row["id"] for row in chains.rows if row["name"] == CHAIN)
    return {
        "page-overview": f"/answers/overview?region={PLACE}",
        "page-gaps": f"/answers/gaps?region={PLACE}",
        "page-unit": f"/answers/unit?unit={answer.rows[0]['subject_id']}",
        "page-network": f"/answers/explore?node={chain}&open={chain}.IN_CHAIN.in&colour=coverage",
    }


def main(folder: Path = ROOT / "docs") -> None:
    """Write the pictures to a folder."""
    with closing(open_office(str(ROOT / "demo" / "demo.lbug"), as_of=REFERENCE_DATE)) as office:
        app = create_app(office, of_server(ViewerSettings(name="演示"), "演示"))
        with served(app) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
            page = browser.new_page(viewport=SIZE, locale="zh-CN")  # type: ignore[arg-type]
            report = {"report": (ROOT / "demo" / "report.html").as_uri()}
            for name, url in {**{n: address + path for n, path in addresses(office).items()}, **report}.items():
                page.goto(url, wait_until="networkidle")
                if name == "page-network":
                    page.locator("canvas").first.evaluate("canvas => canvas.scrollIntoView({block: 'end'})")
                    # the drawing comes to rest
                    page.wait_for_timeout(2_000)
                page.screenshot(path=folder / f"{name}.png")
            browser.close()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
