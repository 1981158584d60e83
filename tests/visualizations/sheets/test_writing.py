"""Workbooks and CSV: nothing runs, nothing is lost, the same input gives the same bytes."""

from __future__ import annotations

import csv
import datetime as dt
import io
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from python_calamine import CalamineWorkbook

from graph.answers import Answer, Column, rate
from graph.errors import InputError
from graph.workbook import Formula, Row, Sheet, Workbook
from tests.visualizations.conftest import DAY, HOSTILE, listing
from visualizations.sheets.writing import answer_csv, answer_workbook, write
from visualizations.sheets.xlsx import MAX_TEXT

DANGEROUS = (
    "=1+1",
    "+1",
    "-1+1",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    '=HYPERLINK("http://x")',
    "http://x.example",
    "007",
)


def written(*sheets: Sheet, name: str = "试.xlsx") -> bytes:
    stream = io.BytesIO()
    write(Workbook(name, sheets), stream)
    return stream.getvalue()


def test_text_is_never_a_formula_link_or_number() -> None:
    book = openpyxl.load_workbook(io.BytesIO(written(Sheet("a", [DANGEROUS]))))
    cells = list(book["a"][1])
    assert [c.value for c in cells] == [t.replace("\r", "_x000D_") for t in DANGEROUS] or [
        c.value for c in cells
    ] == list(DANGEROUS)
    assert {c.data_type for c in cells} == {"s"}
    assert not any(c.hyperlink for c in cells)


def test_values_keep_their_types_and_a_formula_its_last_value() -> None:
    rows: list[Row] = [
        [Formula("=SUM(1,2)", 3), DAY, dt.datetime(2026, 1, 2, 3, 4, 5), 1.5, True, 10**17, dt.date(1, 1, 1)]
    ]
    content = written(Sheet("a", rows))
    seen = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()[0]
    assert seen == [3.0, DAY, dt.datetime(2026, 1, 2, 3, 4, 5), 1.5, True, str(10**17), "0001-01-01"]
    sheet = openpyxl.load_workbook(io.BytesIO(content))["a"]
    assert sheet["A1"].value == "=SUM(1,2)"
    assert sheet["B1"].number_format == "yyyy-mm-dd"


def test_merges_headers_widths_and_hidden_sheets_survive_streaming() -> None:
    def rows() -> Iterator[Row]:
        yield ["花名册", None, None]
        yield ["坐落地", None, "名称"]
        yield ["园区", "楼宇", "不应出现"]
        yield ["√", None, "甲"]

    merges = [(0, 0, 0, 2), (1, 0, 1, 1), (1, 2, 2, 2)]
    first = Sheet("隐", [["x"]], hidden=True)
    book = openpyxl.load_workbook(io.BytesIO(written(first, Sheet("表", rows(), merges, header_rows=3, widths=(30,)))))
    sheet = book["表"]
    assert book["隐"].sheet_state == "hidden"
    assert book.active is sheet
    assert {str(m) for m in sheet.merged_cells.ranges} == {"A1:C1", "A2:B2", "C2:C3"}
    assert [c.value for c in sheet[3]] == ["园区", "楼宇", None]
    assert [c.value for c in sheet[4]] == [
        "√",
        None,
        "甲",
    ]
    assert sheet.freeze_panes == "A4"
    assert sheet["A2"].font.bold
    assert sheet["A2"].alignment.wrap_text
    assert sheet.column_dimensions["A"].width > 30
    assert not sheet["A4"].font.bold


def test_the_same_input_gives_the_same_bytes_at_any_time(monkeypatch: pytest.MonkeyPatch) -> None:
    first = written(Sheet("a", [["甲", DAY, 1]]))
    monkeypatch.setattr(time, "time", lambda: 4e9)
    assert written(Sheet("a", [["甲", DAY, 1]])) == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert "2000-01-01" in archive.read("docProps/core.xml").decode()


def test_sheet_names_are_made_acceptable_and_unique() -> None:
    names = ("../[a]:*?", "../[a]:*?", "", "长" * 40, "长" * 40, "History", "'x'")
    made = openpyxl.load_workbook(io.BytesIO(written(*(Sheet(n, [[1]]) for n in names)))).sheetnames
    assert len(made) == len({m.lower() for m in made}) == 7
    assert all(0 < len(m) <= 31 and not set(m) & set("[]:*?/\\") and m.lower() != "history" for m in made)


def test_a_cell_too_long_for_a_spreadsheet_is_cut_with_a_sign() -> None:
    seen = CalamineWorkbook.from_filelike(io.BytesIO(written(Sheet("a", [["x" * 40_000, "𠮷" * 20_000]]))))
    for text in seen.get_sheet_by_index(0).to_python()[0]:
        assert isinstance(text, str)
        assert text.endswith("…")
        assert len(text.encode("utf-16-le")) // 2 <= MAX_TEXT


def test_what_cannot_be_written_says_where_and_what_to_do(tmp_path: Path) -> None:
    for name in ("a.xlsx", "a.csv"):
        with pytest.raises(InputError, match=r"无法写入 .*请关闭"):
            write(Workbook(name, [Sheet("a", [["x"]])]), tmp_path / "没有" / name)

    def broken() -> Iterator[Row]:
        yield ["x"]
        raise InputError("坏行")

    with pytest.raises(InputError, match="坏行"):
        write(Workbook("a.xlsx", [Sheet("a", broken())]), tmp_path / "a.xlsx")
    assert not (tmp_path / "a.xlsx").exists()


def test_csv_of_a_workbook_in_its_encoding(tmp_path: Path) -> None:
    sheet = Sheet("a", [["名称", "日期"], ['甲,"乙"', DAY], ["=1+1", -5]])
    write(Workbook("a.csv", [sheet], "gb18030"), tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes().decode("gb18030") == '名称,日期\r\n"甲,""乙""",2026-06-30\r\n\'=1+1,-5\r\n'
    with pytest.raises(ValueError, match="one sheet"):
        write(Workbook("a.csv", [sheet, sheet]), tmp_path / "b.csv")


def test_an_answer_as_csv_for_wps() -> None:
    answer = replace(
        listing(),
        columns=(Column("text", "文字"), Column("n", "数", "integer", "人"), Column("p", "率", "percent")),
        rows=tuple({"text": t, "n": -7, "p": 0.3807} for t in (*DANGEROUS, "＝1", "-", "91350100123456789", "123")),
    )
    content = answer_csv(answer)
    assert content.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in content
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows[0] == ["文字", "数（人）", "率"]
    assert all(r[1:] == ["-7", "38.07%"] for r in rows[1:])
    texts = [r[0] for r in rows[1:]]
    assert texts == [
        *(f"'{t}" for t in DANGEROUS[:7]),
        DANGEROUS[7],
        "007\t",
        "'＝1",
        "-",
        "91350100123456789\t",
        "123",
    ]
    assert not any(t[:1] in "=+@\t\r" or (t[:1] == "-" and t != "-") for t in texts)


def test_a_rate_that_cannot_be_told_says_so_in_its_sheet() -> None:
    stream = io.BytesIO()
    undecided = rate("r", "组织覆盖率", 0, 278, "三有企业", unverified=278)
    write(answer_workbook(replace(listing(), totals=(undecided,)), fictional=False), stream)
    figures = openpyxl.load_workbook(stream)["指标"]
    assert [c.value for c in figures[4]] == ["组织覆盖率", None, None, "无法计算（278 待核实）", 0, 278, "三有企业"]


def test_an_answer_as_workbook_keeps_types_figures_and_basis() -> None:
    answer = listing()
    stream = io.BytesIO()
    write(answer_workbook(answer, fictional=True), stream)
    book = openpyxl.load_workbook(stream)
    assert book.sheetnames == ["应建未建", "指标", "依据与说明"]
    rows, figures, basis = book.worksheets
    assert rows["A1"].value == "应建未建"
    assert rows["A3"].value == "单位名称"
    assert rows["F3"].value == "营业收入（元）"
    assert all("2026-06-30" in s["A2"].value and "演示数据·虚构" in s["A2"].value for s in book.worksheets)
    code, share, money, day = (rows.cell(5, c) for c in (2, 5, 6, 7))
    assert code.value == "012345678901234567"
    assert code.data_type == "s"
    assert (share.number_format, money.number_format, day.number_format) == ("0.0%", "#,##0", "yyyy-mm-dd")
    assert rows["I4"].value == "钢材、水泥"
    assert rows["H4"].value == "是"
    assert rows["C5"].value is None
    assert [c.value for c in rows["A"][3:]] == [r["name"] for r in answer.rows]
    assert [c.value for c in figures[5]][3:] == [1947 / 1948, 1947, 1948, "口径内正式党员3名以上的单位"]
    text = {c.value for c in basis["B"]}
    assert {"《中国共产党章程》第三十条", "region = 丁市", "MATCH (u:Unit)\nRETURN u.id AS id"} <= text


def test_the_decision_column_is_last_and_the_id_stays() -> None:
    columns = (
        Column("decision", "处理决定", role="decision"),
        Column("id", "待核实编号"),
        Column("question", "待核实事项"),
    )
    answer = Answer("reviews", "待核实事项", DAY, 1, columns, ({"id": "v1", "question": HOSTILE[0], "decision": None},))
    sheet = answer_workbook(answer).sheets[0]
    assert list(sheet.rows)[2:] == [["待核实编号", "待核实事项", "处理决定"], ["v1", HOSTILE[0], None]]
    assert answer_csv(answer).decode("utf-8-sig").splitlines()[0] == "待核实编号,待核实事项,处理决定"
