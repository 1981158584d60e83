"""A town with short ledgers: its store, its office and a client of its pages."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from api.office import Office, open_office
from api.viewer import Viewer
from api.web.app import create_app
from api.web.uploads import Uploads
from graph.stores import transfer
from tests.api.client import Client
from tests.api.county import NAMELESS
from tests.loaders.desk import DIVISIONS, ask_few, credit_code

AS_OF = dt.date(2026, 6, 30)
UNITS = "企业名称,统一社会信用代码,所属镇街,从业人员数量,成立日期\n"
ROWS = [f"第{n}公司,{credit_code(n)},{'东镇' if n % 2 else '西镇'},{n},2020-01-01\n" for n in range(12)]
#: two similar units, a rejected row, and a unit in an unknown division
ODD = "明德有限公司,,东镇,3,\n明德有限责任公司,,东镇,4,\n坏日期公司,,东镇,5,昨天\n远方公司,,无名镇,6,\n"
LEDGERS = [("区划.csv", DIVISIONS.encode()), ("非公企业.csv", (UNITS + "".join(ROWS) + ODD).encode("gb18030"))]


@dataclass
class Town:
    """A store with its office and a client of its pages."""

    folder: Path
    office: Office
    client: Client

    @property
    def uploads(self) -> Uploads:
        found: Uploads = self.client.app.state.uploads
        return found

    @property
    def revision(self) -> int:
        return self.office.revision()

    def upload(self, *files: tuple[str, bytes]) -> str:
        """Upload files; returns the address of their page."""
        got = self.client.post("/load", files=files)
        assert got.status_code == 303, got.text
        return str(got.headers["location"])

    def load(self, *files: tuple[str, bytes], **fields: Any) -> str:
        """Load files; returns the page of the result."""
        address = self.upload(*files)
        got = self.client.post(f"{address}/commit", fields)
        assert got.status_code == 303, got.text
        return self.client.settled(address)

    def reviews(self, state: str = "open") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.client.get(f"/answers/reviews.json?state={state}").json()["rows"]
        return found

    def digests(self, *without: str) -> dict[str, str]:
        """The digests of the files of an export, except Change and the types in `without`."""
        folder = self.folder / f"export-{time.monotonic_ns()}"
        made = transfer.export(self.office.store, folder, "0")
        return {f.name: f.sha256 for f in made.files if not f.name.startswith(("Change", *without))}


def town(folder: Path, viewer: Viewer = NAMELESS, location: str = "") -> Town:
    """A town over the store in a folder, or at a location."""
    with pytest.MonkeyPatch.context() as patch:
        ask_few(patch)
        office = open_office(location or str(folder / "town.lbug"), as_of=AS_OF, create=True)
    return Town(folder, office, Client(create_app(office, viewer)))


def end(made: Town) -> None:
    """Close the uploads and the office of a town."""
    made.uploads.close()
    made.office.close()
