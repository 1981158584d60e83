"""Old and odd workbooks: read with the right characters, or refused with the true reason."""

from __future__ import annotations

import datetime as dt
import io
import re
import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
import xlsxwriter

from graph.workbook import Cell
from loaders.read.files import read
from loaders.read.tables import Table
from tests.loaders.read.test_files import biff, changed, compound, put, refusal, workbook_bytes

ROWS: list[list[Cell]] = [["企业名称", "人数"], ["旧式甲公司", 10.0]]


def record(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def excel_5(rows: Sequence[Sequence[Cell]], encoding: str, code_page: int | None) -> bytes:
    """The stream of a workbook of Excel 5 with one sheet, 古."""
    name = "古".encode(encoding)
    head = record(0x0809, struct.pack("<HHHH", 0x500, 5, 0, 0))
    head += record(0x0042, struct.pack("<H", code_page)) if code_page is not None else b""
    after = len(head) + 4 + 7 + len(name) + 4
    head += record(0x0085, struct.pack("<IHB", after, 0, len(name)) + name) + record(0x000A, b"")
    return head + sheet(rows, encoding, record(0x0809, struct.pack("<HHHH", 0x500, 16, 0, 0)))


def sheet(rows: Sequence[Sequence[Cell]], encoding: str, beginning: bytes) -> bytes:
    cells = b""
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            if isinstance(cell, str):
                text = cell.encode(encoding)
                cells += record(0x0204, struct.pack("<HHHH", r, c, 0, len(text)) + text)
            elif isinstance(cell, float):
                cells += record(0x0203, struct.pack("<HHHd", r, c, 0, cell))
    return beginning + cells + record(0x000A, b"")


def rows_of(path: Path) -> list[list[Cell]]:
    (table,) = read(path)
    assert isinstance(table, Table)
    return table.rows


@pytest.mark.parametrize("stream", ["Book", "BOOK", "book"])
@pytest.mark.parametrize(
    ("encoding", "code_page"),
    [("gbk", 936), ("gbk", 10008), ("gbk", 1252), ("gbk", 32769), ("gbk", 1200), ("gbk", None), ("utf-8", 65001),
     ("utf-8", None), ("big5", 10002), ("big5", 950)],
)  # fmt: skip
def test_excel_5_in_its_code_pages(tmp_path: Path, encoding: str, code_page: int | None, stream: str) -> None:
    rows: list[list[Cell]] = [["名", "人"], ["古公司", 10.0]] if encoding == "big5" else ROWS
    content = compound({stream: excel_5(rows, encoding, code_page)})
    assert rows_of(put(tmp_path / "a.xls", content)) == rows


@pytest.mark.parametrize(
    "beginning",
    [
        record(0x0009, struct.pack("<HH", 2, 16)),
        record(0x0209, struct.pack("<HHH", 0x300, 16, 0)),
        record(0x0409, struct.pack("<HHH", 0x400, 16, 0)),
        record(0x0809, struct.pack("<HHHH", 0x500, 16, 0, 0)),
        record(0x0809, struct.pack("<HHHH", 0, 16, 0, 0)),
    ],
)
def test_records_without_a_compound_file(tmp_path: Path, beginning: bytes) -> None:
    """Excel 2 to 4, and the reports of simple programs."""
    for encoding in ("gbk", "utf-8"):
        assert rows_of(put(tmp_path / "a.xls", sheet(ROWS, encoding, beginning))) == ROWS


@pytest.mark.parametrize("code_page", [1200, 936, 1252, 10000, 10008, 10002, 65001, 0])
def test_excel_97_is_read_whatever_its_code_page(tmp_path: Path, code_page: int) -> None:
    assert rows_of(put(tmp_path / "a.xls", compound({"Workbook": excel_97(code_page)}))) == ROWS


@pytest.mark.parametrize("stream", ["WORKBOOK", "workbook", "Book"])
def test_excel_97_in_a_stream_of_another_name(tmp_path: Path, stream: str) -> None:
    assert rows_of(put(tmp_path / "a.xls", compound({stream: excel_97(1200)}))) == ROWS


def excel_97(code_page: int) -> bytes:
    def text(value: str) -> bytes:
        return struct.pack("<HB", len(value), 1) + value.encode("utf-16-le")

    name = struct.pack("<BB", 2, 1) + "台账".encode("utf-16-le")
    head = record(0x0809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 6)) + record(0x0042, struct.pack("<H", code_page))
    after = len(head) + 4 + 6 + len(name) + 4
    head += record(0x0085, struct.pack("<IH", after, 0) + name) + record(0x000A, b"")
    cells = record(0x0809, struct.pack("<HHHHII", 0x600, 16, 0, 0, 0, 6))
    for r, row in enumerate(ROWS):
        for c, cell in enumerate(row):
            if isinstance(cell, str):
                cells += record(0x0204, struct.pack("<HHH", r, c, 0) + text(cell))
            elif isinstance(cell, float):
                cells += record(0x0203, struct.pack("<HHHd", r, c, 0, cell))
    cells += record(0x00E5, struct.pack("<HHHHH", 1, 1, 2, 0, 0))
    return head + cells + record(0x000A, b"")


def test_merged_cells_come_with_every_library(tmp_path: Path) -> None:
    for code_page in (1200, 10008):
        (table,) = read(put(tmp_path / "a.xls", compound({"Workbook": excel_97(code_page)})))
        assert isinstance(table, Table)
        assert table.merges == ((1, 0, 2, 0),)


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.95])
def test_old_workbooks_that_are_cut_are_refused(tmp_path: Path, keep: float) -> None:
    whole = compound({"Book": excel_5(ROWS * 40, "gbk", 936)})
    assert "已损坏" in refusal(put(tmp_path / "a.xls", whole[: int(len(whole) * keep)]))
    alone = excel_5(ROWS * 40, "gbk", 936)
    assert "已损坏" in refusal(put(tmp_path / "a.xls", alone[: int(len(alone) * keep) | 1]))


def test_characters_in_no_code_page_are_refused(tmp_path: Path) -> None:
    stream = excel_5(ROWS, "gbk", 1252).replace("旧".encode("gbk"), b"\xff\xff")
    assert "旧格式" in refusal(put(tmp_path / "a.xls", compound({"Book": stream})))


def formatted(rows: Sequence[Sequence[Cell]], code: str, *, version: int, code_page: int = 936) -> bytes:
    """The stream of a workbook of Excel 5 or 97 (`version` 5 or 8) whose numbers behind the first have a format.

    The first row of numbers is written as several cells in one record.
    """
    wide = version == 8

    def text(value: str, size: str) -> bytes:
        if wide:
            return struct.pack(f"<{size}B", len(value), 1) + value.encode("utf-16-le")
        encoded = value.encode("gbk")
        return struct.pack(f"<{size}", len(encoded)) + encoded

    def begins(kind: int) -> bytes:
        return record(0x0809, struct.pack("<HHHH", 0x600 if wide else 0x500, kind, 0, 0) + bytes(8 if wide else 0))

    head = begins(5) + record(0x0042, struct.pack("<H", code_page))
    for number, one in ((164, "0.00_ "), (165, code)):
        head += record(0x041E, struct.pack("<H", number) + text(one, "H" if wide else "B"))
    for number in (0, 164, 165):
        head += record(0x00E0, struct.pack("<HH", 0, number) + bytes(16))
    name = text("台账", "B")
    head += record(0x0085, struct.pack("<IH", len(head) + 4 + 6 + len(name) + 4, 0) + name) + record(0x000A, b"")
    cells = begins(16)
    for r, row in enumerate(rows):
        numbers = [(c, cell) for c, cell in enumerate(row) if isinstance(cell, int | float)]
        for c, cell in enumerate(row):
            if isinstance(cell, str):
                cells += record(0x0204, struct.pack("<HHH", r, c, 0) + text(cell, "H"))
        if numbers and all(float(cell).is_integer() for _, cell in numbers) and r % 2:
            parts = b"".join(struct.pack("<HI", 2 if at else 1, int(n) << 2 | 2) for at, (_, n) in enumerate(numbers))
            cells += record(0x00BD, struct.pack("<HH", r, numbers[0][0]) + parts + struct.pack("<H", numbers[-1][0]))
        else:
            for at, (c, cell) in enumerate(numbers):
                cells += record(0x0203, struct.pack("<HHHd", r, c, 2 if at else 1, cell))
    return head + cells + record(0x000A, b"")


@pytest.mark.parametrize(
    ("version", "stream", "code_page"),
    [(8, "Workbook", 1200), (8, "Workbook", 936), (8, "BOOK", 1200), (5, "Book", 936), (5, "Book", 1252)],
)
def test_number_formats_are_read_with_either_library(tmp_path: Path, version: int, stream: str, code_page: int) -> None:
    rows: list[list[Cell]] = [["企业名称", "人数", "营收"], ["甲公司", 10.0, 35.0], ["乙公司", 20.0, 3.5]]
    content = compound({stream: formatted(rows, '0.00"万元"', version=version, code_page=code_page)})
    (table,) = read(put(tmp_path / "a.xls", content))
    assert isinstance(table, Table)
    assert table.rows == rows
    assert table.formats == {(1, 2): '0.00"万元"', (2, 2): '0.00"万元"'}


# -- xlsx ------------------------------------------------------------------------------------------------


def ledger(book: xlsxwriter.Workbook) -> None:
    one = book.add_worksheet("台账")
    one.write_row(0, 0, ["企业名称", "人数"])
    one.write_row(1, 0, ["旧式甲公司", 10])


@pytest.mark.parametrize("rename", [lambda n: n.replace("/", "\\"), lambda n: n.replace("/", "\\").replace("xl", "XL")])
def test_paths_as_some_programs_write_them(tmp_path: Path, rename: object) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook_bytes(ledger))) as plain, zipfile.ZipFile(stream, "w") as odd:
        for name in plain.namelist():
            odd.writestr(rename(name), plain.read(name))  # type: ignore[operator]
    assert rows_of(put(tmp_path / "a.xlsx", stream.getvalue())) == ROWS


def test_the_sizes_behind_backslashes_are_checked_too(tmp_path: Path) -> None:
    def far(book: xlsxwriter.Workbook) -> None:
        book.add_worksheet("远").write(1048575, 16383, "x")

    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook_bytes(far))) as plain, zipfile.ZipFile(stream, "w") as odd:
        for name in plain.namelist():
            odd.writestr(name.replace("/", "\\"), plain.read(name))
    assert "第 1048576 行" in refusal(put(tmp_path / "a.xlsx", stream.getvalue()))


CELLS = {
    '<c r="B2"><f>1+2</f><v></v></c>': "",
    '<c r="B2"><f>1+2</f><v/></c>': "",
    '<c r="B2"><f>1+2</f></c>': "",
    '<c r="B2" s="1"><f t="shared" si="0"/><v /></c>': "",
    '<x:c r="B2"><x:f>1+2</x:f><x:v></x:v></x:c>': "",
    '<c r="B2"><f>1+2</f><v>0</v></c>': "",  # written by a program that computes nothing
    '<c r="B2" t="e"><v>#REF!</v></c>': "#REF!",
    '<c r="B2" t="e"><f>A1/0</f><v>#DIV/0!</v></c>': "#DIV/0!",
    '<c t="e" r="B2" s="3"><f>A1/0</f><v>#N/A</v></c>': "#N/A",
    '<c r="B2" t="inlineStr"><is><t>#VALUE!</t></is></c>': "#VALUE!",
    '<c r="B2" t="str"><f>IF(1,"","")</f><v></v></c>': None,  # an empty text is the value
    '<c r="B2"><f>1+2</f><v>3</v></c>': None,
    '<c r="B2"><v>0</v></c>': None,
}


@pytest.mark.parametrize("cell", CELLS)
def test_cells_without_the_value_they_should_show(tmp_path: Path, cell: str) -> None:
    def change(xml: bytes) -> bytes:
        return re.sub(rb'<c r="B2"[^>]*>.*?</c>', cell.encode(), xml)

    content = changed(workbook_bytes(ledger), "xl/worksheets/sheet1.xml", change)
    (table,) = read(put(tmp_path / "a.xlsx", content))
    assert isinstance(table, Table)
    assert table.lost == ({} if CELLS[cell] is None else {(1, 1): CELLS[cell]})
    if CELLS[cell] is not None:
        assert table.rows[1] == ["旧式甲公司"]


def test_a_computed_zero_is_a_value(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        ledger(book)
        book.get_worksheet_by_name("台账").write_formula(1, 1, "=1-1", None, 0)

    content = changed(workbook_bytes(fill), "xl/workbook.xml", lambda xml: xml.replace(b' fullCalcOnLoad="1"', b""))
    assert rows_of(put(tmp_path / "a.xlsx", content))[1] == ["旧式甲公司", 0.0]


def test_lost_cells_far_down_a_large_sheet(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        one = book.add_worksheet("大")
        for row in range(30_000):
            one.write_row(row, 0, ["某某有限公司", row, "x" * 30])
        one.write_formula(29_990, 1, "=1/0", None, "#DIV/0!")
        one.write_formula(15_000, 1, "=1", None, "")

    (table,) = read(put(tmp_path / "a.xlsx", workbook_bytes(fill)))
    assert isinstance(table, Table)
    assert table.lost == {(29_990, 1): "#DIV/0!", (15_000, 1): ""}


def test_lost_cells_of_an_xls(tmp_path: Path) -> None:
    error = record(0x0205, struct.pack("<HHHBB", 1, 1, 0, 0x17, 1))
    uncomputed = record(0x0006, struct.pack("<HHHdHIH", 1, 0, 0, 0.0, 2, 0, 0))
    stream = excel_97(1200)
    at = stream.rindex(record(0x00E5, struct.pack("<HHHHH", 1, 1, 2, 0, 0)))
    stream = stream[:at] + error + uncomputed + stream[at:]
    for code_page in (1200, 10008):
        patched = stream.replace(record(0x0042, struct.pack("<H", 1200)), record(0x0042, struct.pack("<H", code_page)))
        (table,) = read(put(tmp_path / "a.xls", compound({"Workbook": patched})))
        assert isinstance(table, Table)
        assert table.lost == {(1, 1): "#REF!", (1, 0): ""}
        assert table.rows == [["企业名称", "人数"]]


def test_dates_of_both_systems(tmp_path: Path) -> None:
    for mac in (False, True):
        stream = io.BytesIO()
        with xlsxwriter.Workbook(stream, {"date_1904": mac}) as book:
            book.add_worksheet().write_datetime(
                0, 0, dt.datetime(2021, 3, 5), book.add_format({"num_format": "yyyy-mm-dd"})
            )
        assert rows_of(put(tmp_path / "a.xlsx", stream.getvalue())) == [[dt.date(2021, 3, 5)]]


def test_an_encrypted_workbook_of_excel_5(tmp_path: Path) -> None:
    assert "已加密" in refusal(put(tmp_path / "a.xls", compound({"BOOK": biff((0x2F, bytes(6)))})))
