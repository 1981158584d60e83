"""Names made to do harm, in every field of every entity, on every page and in every export: shown, never obeyed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urlencode

import httpx
import openpyxl
import pyarrow as pa
import pytest
from playwright.sync_api import Route

from api.office import Office, open_office
from api.opening import open_store
from api.web.app import create_app
from graph.history.commit import renew
from graph.ontology import load as load_ontology
from graph.stores.base import Writer
from tests.api.client import Client
from tests.api.county import AS_OF, CLERK, write_county
from tests.browsers import Browser
from visualizations.html import assets

#: each tries one way out: of an element, an attribute, a script, a style, a template, a formula, a line, a direction
CORPUS = (
    "<x-evil>甲</x-evil>",
    "<script>window.evil=1</script>",
    '"><img src=x onerror="window.evil=1">',
    "' onmouseover='window.evil=1",
    "</script><script>window.evil=1</script>",
    "</style><svg onload=window.evil=1>",
    "<!--", "]]>", "&lt;b&gt;", "%3Cscript%3E",
    "{{7*7}}${7*7}{%if 1%}", "javascript:window.evil=1",
    "=1+1", "@SUM(A1)", "+1", "-1", "\t=1",
    "甲\u202e乙\u2066丙", "甲\u200b乙\ufeff", "甲\u2028乙\u2029", "𠮷野家𠮷", "👨‍👩‍👧‍👦🏳️‍🌈", "名" * 1000, "a" * 300, "甲\r\n乙", "\x01\x1f",
)  # fmt: skip
#: what only our own pages have
OWN = {"script", "style", "link", "meta"}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    path = str(tmp_path_factory.mktemp("hostile") / "hostile.lbug")
    store = open_store(path, create=True)
    with store.writer("<x-evil>", "建立") as writer:
        write_county(writer)
    with store.writer("<x-evil>", "改名") as writer:
        rename(writer)
    store.close()
    office = open_office(path, as_of=AS_OF)
    renew(office.store, "<x-evil>", office.book, office.locality, AS_OF)
    yield office
    office.close()


def rename(writer: Writer) -> None:
    """Every text of every entity is one of the corpus."""
    number = 0
    for kind in load_ontology().entities:
        ids = writer.query(f"MATCH (n:`{kind.name}`) RETURN n.id AS id ORDER BY id")["id"].to_pylist()
        texts = [
            p.name for p in kind.properties.values()
            if p.type == "string" and not p.values and not p.derived and not p.format and p.name != "kind"
        ]  # fmt: skip
        for id_ in ids:
            row = {"id": id_}
            for name in texts:
                row[name] = CORPUS[number % len(CORPUS)] + (f"·{number}" if name == "name" else "")
                number += 1
            writer.upsert(kind.name, pa.Table.from_pylist([row]))
    writer.upsert(
        "Change",
        pa.Table.from_pylist(
            [{"id": "x9", "number": 9, "kind": "load", "at": "2026-06-30T08:00:00+08:00", "note": CORPUS[0]}]
        ),
    )


def asked(office: Office) -> list[tuple[str, dict[str, str]]]:
    """Every question, with each entity that it needs."""
    found: list[tuple[str, dict[str, str]]] = []
    with office.store.reader() as reader:
        for question in office.questions.values():
            needed = [p for p in question.parameters if p.required]
            if not needed:
                found.append((question.name, {}))
            elif needed[0].entity and len(needed) == 1:
                ids = reader.query(f"MATCH (n:`{needed[0].entity}`) RETURN n.id AS id ORDER BY id")["id"].to_pylist()
                found += [(question.name, {needed[0].name: id_}) for id_ in ids]
        ids = reader.query("MATCH (n:PartyOrg) RETURN n.id AS id ORDER BY id")["id"].to_pylist()
    found.append(("explore", {"node": "g1,o1", "open": "g1.GUIDES,o1.COVERS,o1.PAIRED_WITH", "colour": "coverage"}))
    found += [("path", {"from": "g1", "to": id_}) for id_ in ids]
    return found + [("search", {"q": text}) for text in CORPUS if text.strip()]


class Parsed(HTMLParser):
    """The elements of a page and what its scripts hold."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag.startswith("x-") or tag in ("img", "iframe", "object", "embed", "base"):
            self.wrong.append(tag)
        for name, value in attrs:
            # what was searched for stands in the field again
            leads = (tag, name) != ("input", "value") and (value or "").strip().lower().startswith("javascript:")
            if name.startswith("on") or leads:
                self.wrong.append(f"{tag} {name}={value}")


def test_pages_and_files_show_it(hostile: Office) -> None:
    client = Client(create_app(hostile, CLERK))
    shown = ""
    for name, given in asked(hostile):
        for suffix in ("", ".html"):
            got = client.get(f"/answers/{name}{suffix}?{urlencode(given)}", accept="text/html")
            assert got.status_code == 200, (name, given, got.text[:300])
            assert Parsed(got.text).wrong == [], (name, suffix)
            shown += got.text if not suffix else ""
    assert "{{7*7}}${7*7}{%if 1%}" in shown
    assert "𠮷野家𠮷" in shown
    assert "window.evil" in shown


def test_spreadsheets_hold_it_as_text(hostile: Office) -> None:
    client = Client(create_app(hostile, CLERK))
    cells: set[str] = set()
    for name, given in asked(hostile):
        book = openpyxl.load_workbook(io.BytesIO(client.get(f"/answers/{name}.xlsx?{urlencode(given)}").content))
        for sheet in book:
            for row in sheet.iter_rows():
                for cell in row:
                    assert cell.data_type != "f", (name, cell.value)
        text = client.get(f"/answers/{name}.csv?{urlencode(given)}").content.decode("utf-8-sig")
        cells |= {cell for line in csv.reader(io.StringIO(text)) for cell in line}
    # what a spreadsheet would take for a formula is kept from being one
    assert not {c for c in cells if c[:1] in "=@+\t" and c[:1]} - {"+"}


@pytest.fixture(scope="module")
def kept(hostile: Office) -> dict[str, httpx.Response]:
    """Every page by its address, of the rules a few, which are alike; asked before there is a browser, while whose loop
    runs no other can."""
    client = Client(create_app(hostile, CLERK))
    alike = set(list(hostile.book.rules)[3:])
    addresses = [f"/answers/{name}?{urlencode(given)}" for name, given in asked(hostile) if name not in alike]
    return {a: client.get(a, accept="text/html") for a in addresses}


@pytest.mark.parametrize("which", ["browser", "old_browser"])
def test_a_browser_runs_none_of_it(kept: dict[str, httpx.Response], which: str, request: pytest.FixtureRequest) -> None:
    browser: Browser = request.getfixturevalue(which)
    context = browser.new_context()
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix("http://127.0.0.1")
        got = kept.get(path)
        if got is None and path.startswith("/static/"):
            asset = assets.served()[path]
            route.fulfill(status=200, body=asset.data, headers={"content-type": asset.media_type})
        elif got is None:
            wrong.append(route.request.url)
            route.abort()
        else:
            route.fulfill(status=got.status_code, body=got.content, headers=dict(got.headers))

    page.route("**/*", answer)
    for address in kept:
        page.goto(f"http://127.0.0.1{address}")
        if 'id="network"' in kept[address].text:
            # what Playwright calls visible is worked out by what old browsers do not have
            page.wait_for_function("document.querySelector('#network[data-ready]')", timeout=20_000)
        assert page.evaluate("typeof window.evil") == "undefined", address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1"), address
    assert wrong == []
    context.close()
