"""Deciding on the pages: the same as by the spreadsheet."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import openpyxl

from api.viewer import Viewer
from api.web.app import create_app
from tests.api.client import Client
from tests.api.county import OFFICER
from tests.api.town import LEDGERS, Town, end, town


def test_reviews_are_shown_with_what_speaks_for_and_against(loaded: Town) -> None:
    page = loaded.client.get("/reviews").text
    (pair,) = [r for r in loaded.reviews() if r["kind"] == "疑似同一单位"]
    assert page.count('href="/units/') >= 2
    assert "字号和行业相同" in page
    assert "至少一方没有有效的信用代码" in page
    for word in ("合并", "分开", "忽略"):
        assert f'name="decision-{pair["id"]}" value="{word}"' in page
    (lost,) = [r for r in loaded.reviews() if r["kind"] == "区划不明"]
    assert f'name="decision-{lost["id"]}-text"' in page
    assert "/answers/reviews.xlsx" in page
    assert "没有符合条件" in loaded.client.get("/reviews?state=decided").text
    assert loaded.client.get("/reviews?state=x").status_code == 400


def test_a_decision_is_that_of_the_spreadsheet(loaded: Town, copied: Town, tmp_path: Path) -> None:
    said = {
        r["id"]: "合并" if r["kind"] == "疑似同一单位" else "990001101" if r["kind"] == "区划不明" else "忽略"
        for r in loaded.reviews()
    }
    fields = {f"decision-{id_}{'-text' if text.isdigit() else ''}": text for id_, text in said.items()}
    got = copied.client.post("/reviews/decide?state=open&region=%E7%94%B2%E5%8E%BF&page=1", fields)
    assert got.status_code == 303, got.text
    assert got.headers["location"] == "/reviews?state=open&region=%E7%94%B2%E5%8E%BF"
    (tmp_path / "sheet").mkdir()
    shutil.copyfile(loaded.folder / "town.lbug", tmp_path / "sheet" / "town.lbug")
    other = town(tmp_path / "sheet")
    book = openpyxl.load_workbook(io.BytesIO(other.client.get("/answers/reviews.xlsx").content))
    sheet = book.worksheets[0]
    headings = {c.value: c.column for c in sheet[3]}
    for row in sheet.iter_rows(min_row=4):
        sheet.cell(row[0].row, headings["处理决定"]).value = said[str(row[headings["待核实编号"] - 1].value)]
    stream = io.BytesIO()
    book.save(stream)
    assert "收下" in other.load(("待核实.xlsx", stream.getvalue()))
    assert copied.digests("SourceRow", "Import") == other.digests("SourceRow", "Import")
    assert copied.reviews() == []
    with copied.office.store.reader() as reader:
        decided = reader.query("MATCH (v:Review) WHERE v.state = 'decided' RETURN v.decision AS said")
    assert {*decided["said"].to_pylist()} == {"合并", "990001101"}
    end(other)


def test_one_at_a_time_and_what_cannot_be_decided(copied: Town) -> None:
    first, *others = copied.reviews()
    for fields, said in (
        ({}, "没有选择"),
        ({f"decision-{first['id']}": ""}, "没有选择"),
        ({"decision-v0000000000000000": "忽略"}, "不在清单里"),
        ({f"decision-{first['id']}": "x" * 201}, "不能使用"),
        ({f"decision-{first['id']}": "（已隐藏）"}, "不能使用"),
    ):
        got = copied.client.post("/reviews/decide", fields)
        assert got.status_code == 422
        assert said in got.json()["detail"]
    assert copied.revision == 1
    assert copied.client.post("/reviews/decide", {f"decision-{first['id']}": "忽略"}).status_code == 303
    assert {r["id"] for r in copied.reviews()} == {r["id"] for r in others}
    # the same again changes nothing, and an undo takes the decision back
    assert copied.client.post("/reviews/decide", {f"decision-{first['id']}": "忽略"}).status_code == 303
    assert copied.revision == 2
    assert copied.client.post("/load/undo", {"number": "2"}).status_code == 303
    assert {r["id"] for r in copied.reviews()} == {r["id"] for r in (first, *others)}


def test_who_may_see_a_part_decides_there_and_loads_nothing(copied: Town) -> None:
    east = Client(create_app(copied.office, Viewer("东镇", ("东镇",), frozenset({"members"}))))
    mine = {r["id"] for r in east.get("/answers/reviews.json").json()["rows"]}
    others = {r["id"] for r in copied.reviews()} - mine
    assert mine
    assert others
    assert east.post("/reviews/decide", {f"decision-{min(others)}": "忽略"}).status_code == 422
    assert east.post("/reviews/decide", {f"decision-{min(mine)}": "忽略"}).status_code == 303
    assert "不能导入" in east.get("/load").text
    for url in ("/load", "/load/undo", "/load/x/commit"):
        assert east.post(url, {"number": "2"}, files=[LEDGERS[0]] if url == "/load" else ()).status_code == 403


def test_what_may_not_be_read_may_be_decided(client: Client) -> None:
    page = client.get("/reviews").text
    assert OFFICER not in page
    assert "已隐藏）" in page
    assert 'name="decision-v1" value="忽略"' in page
    assert 'name="decision-v1-text"' in page
