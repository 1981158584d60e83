"""Files as they arrive, whole and broken: each is read or refused in one sentence, and none does harm."""

from __future__ import annotations

import datetime as dt
import io
import os
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from graph.errors import InputError
from loaders.read import archives, tables
from loaders.read.files import read
from loaders.read.tables import Skipped, Table, preview_text

EXCEL = Path(__file__).resolve().parents[3] / "../shared/data/excel"


def workbook_bytes(fill: Callable[[xlsxwriter.Workbook], None]) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        fill(book)
    return stream.getvalue()


def ledger(book: xlsxwriter.Workbook) -> None:
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet("企业")
    sheet.merge_range(1, 0, 1, 3, "演示数据·虚构")
    sheet.write_row(2, 0, ["名称", "日期", "人数", "是否"])
    sheet.write(3, 0, "甲公司")
    sheet.write_datetime(3, 1, dt.datetime(2021, 3, 5), day)
    sheet.write_formula(3, 2, "=1+2", None, 3)
    sheet.write_boolean(3, 3, True)
    sheet.write_formula(5, 0, "=#REF!", None, "#REF!")
    sheet.write(5, 1, "末行")
    sheet.write(6, 0, " ")
    book.add_worksheet("空")
    book.add_worksheet("藏").hide()
    book.add_worksheet("深藏").very_hidden()
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": "=企业!$C$4:$C$4"})
    book.add_chartsheet("图").set_chart(chart)


@pytest.fixture(scope="module")
def xlsx() -> bytes:
    return workbook_bytes(ledger)


def only(path: Path) -> Table:
    (table,) = read(path)
    assert isinstance(table, Table)
    return table


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        list(read(path))
    message = str(caught.value)
    assert message.endswith("。")
    assert len(message) < 250
    assert message.isprintable()
    return message


def put(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def changed(xlsx: bytes, member: str, change: Callable[[bytes], bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(xlsx)) as archive:
        return zipped({n: change(archive.read(n)) if n == member else archive.read(n) for n in archive.namelist()})


def compound(streams: dict[str, bytes]) -> bytes:
    """The smallest [MS-CFB] file with these streams."""
    none, end = 0xFFFFFFFF, 0xFFFFFFFE
    body, entries = b"", []
    links: list[int] = []

    def entry(name: str, kind: int, right: int, child: int, start: int, size: int) -> bytes:
        label = (name + "\0").encode("utf-16-le")
        tree = struct.pack("<HBBIII", len(label), kind, 1, none, right, child)
        return label.ljust(64, b"\0") + tree + bytes(36) + struct.pack("<IQ", start, size)

    def append(content: bytes) -> int:
        nonlocal body
        start, count = len(links), -(-len(content) // 512)
        body += content.ljust(count * 512, b"\0")
        links.extend([*range(start + 1, start + count), end])
        return start

    entries.append(entry("Root Entry", 5, none, 1, end, 0))
    for number, (name, content) in enumerate(streams.items(), 1):
        content = content.ljust(4096, b"\0")
        right = number + 1 if number < len(streams) else none
        entries.append(entry(name, 2, right, none, append(content), len(content)))
    directory = append(b"".join(entries).ljust(512, b"\0"))
    table = len(links)
    links.append(0xFFFFFFFD)
    body += struct.pack("<128I", *links, *[none] * (128 - len(links)))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<9I", 0, 1, directory, 0, 4096, end, 0, end, 0)
    return head + struct.pack("<109I", table, *[none] * 108) + body


def biff(*records: tuple[int, bytes]) -> bytes:
    first = (0x0809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 6))
    return b"".join(struct.pack("<HH", kind, len(content)) + content for kind, content in (first, *records))


def test_workbook_keeps_lines_values_and_merges(tmp_path: Path, xlsx: bytes) -> None:
    table, *others = read(put(tmp_path / "台账.xlsx", xlsx))
    assert table == Table(
        "台账.xlsx",
        "企业",
        [
            [],
            ["演示数据·虚构"],
            ["名称", "日期", "人数", "是否"],
            ["甲公司", dt.date(2021, 3, 5), 3.0, True],
            [],
            [None, "末行"],
        ],
        ((1, 0, 1, 3),),
        lost={(5, 0): "#REF!"},
    )
    assert [(s.sheet, s.reason[:2]) for s in others if isinstance(s, Skipped)] == [
        ("空", "空表"),
        ("藏", "隐藏"),
        ("深藏", "隐藏"),
    ]


def test_workbook_with_nothing_to_read_is_refused(tmp_path: Path) -> None:
    content = workbook_bytes(lambda book: book.add_worksheet("空"))
    assert "空：空表" in refusal(put(tmp_path / "a.xlsx", content))


def test_times_of_day_come_as_text(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        book.add_worksheet().write_datetime(0, 0, dt.time(10, 1), book.add_format({"num_format": "hh:mm"}))

    assert only(put(tmp_path / "a.xlsx", workbook_bytes(fill))).rows == [["10:01:00"]]


def test_formatted_empty_rows_are_not_rows(tmp_path: Path) -> None:
    blank = b"".join(b'<row r="%d" s="1"><c r="A%d" s="0"/></row>' % (n, n) for n in range(2, 200_001))
    book = workbook_bytes(lambda book: book.add_worksheet("S").write(0, 0, "名称"))
    book = changed(book, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"</sheetData>", blank + b"</sheetData>"))
    assert only(put(tmp_path / "a.xlsx", book)).rows == [["名称"]]


@pytest.mark.parametrize("honest", [True, False])
def test_a_stray_cell_in_the_last_corner_is_not_paid_for(tmp_path: Path, honest: bool) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        book.add_worksheet("好").write(0, 0, "名称")
        sheet = book.add_worksheet("远")
        sheet.write(0, 0, "名称")
        sheet.write(1048575, 16383, "x")

    book = workbook_bytes(fill)
    if not honest:
        book = changed(book, "xl/worksheets/sheet2.xml", lambda xml: xml.replace(b"A1:XFD1048576", b"A1:A2"))
    good, stray = read(put(tmp_path / "a.xlsx", book))
    assert isinstance(good, Table)
    assert isinstance(stray, Skipped)
    assert stray.sheet == "远"
    assert "第 1048576 行、第 16384 列" in stray.reason


def test_a_cell_of_a_megabyte_is_read(tmp_path: Path) -> None:
    long = "x" * 1_000_000
    book = workbook_bytes(lambda book: book.add_worksheet().write(0, 0, "短"))
    book = changed(book, "xl/sharedStrings.xml", lambda xml: xml.replace("短".encode(), long.encode()))
    same = only(put(tmp_path / "a.xlsx", book)).rows == [[long]]  # not compared by pytest: it would print both
    assert same
    same = only(put(tmp_path / "a.csv", f"a,b\n1,{long}".encode())).rows[1] == ["1", long]
    assert same


def test_sheet_names_are_shown_harmless(tmp_path: Path, xlsx: bytes) -> None:
    book = changed(xlsx, "xl/workbook.xml", lambda xml: xml.replace("企业".encode(), "../../etc\u202e".encode(), 1))
    table = next(read(put(tmp_path / "a.xlsx", book)))
    assert table.sheet == "..／..／etc"


WRONG = {
    "0 字节": b"",
    "图片": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "PDF": b"%PDF-1.7 ...",
    "网页": b"\xef\xbb\xbf\r\n<html><table></table></html>",
    "文本": b"a,b\n1,2\n",
    "XML 表格": b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
    "无法识别": bytes(range(1, 9)) * 10,
    "Word": zipped({"word/document.xml": b"<x/>"}),
    "不是 Excel 工作簿的": zipped({"a.txt": b"x"}),
    "xlsb": zipped({"xl/workbook.bin": b"x"}),
    "已加密": compound({"EncryptionInfo": b"x", "EncryptedPackage": b"y"}),
    "Word 文档": compound({"WordDocument": b"x"}),
    "已损坏": compound({"Contents": b"x"}),
}


@pytest.mark.parametrize("word", WRONG)
@pytest.mark.parametrize("suffix", [".xlsx", ".xls"])
def test_what_is_no_workbook_is_refused(tmp_path: Path, word: str, suffix: str) -> None:
    message = refusal(put(tmp_path / f"台账{suffix}", WRONG[word]))
    assert word in message
    assert f"台账{suffix}" in message


@pytest.mark.parametrize(
    ("records", "word"),
    [
        ([(0x2F, bytes(54))], "已加密"),
        ([(0x0203, struct.pack("<HHHd", 0, 9999, 0, 1.0))], "已损坏"),
        ([(0x0200, struct.pack("<IIHHH", 9, 3, 0, 1, 0))], "已损坏"),
        ([(0x0203, struct.pack("<HHHd", 65535, 255, 0, 1.0))], "第 65536 行、第 256 列"),
    ],
)
def test_xls_records_are_checked_before_they_are_trusted(
    tmp_path: Path, records: list[tuple[int, bytes]], word: str
) -> None:
    assert word in refusal(put(tmp_path / "a.xls", compound({"Workbook": biff(*records)})))


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.99])
def test_truncated_files_are_refused(tmp_path: Path, xlsx: bytes, keep: float) -> None:
    cut = xlsx[: int(len(xlsx) * keep)]
    assert "已损坏或不完整" in refusal(put(tmp_path / "a.xlsx", cut))
    assert "已损坏或不完整" in refusal(put(tmp_path / "a.zip", cut))


def test_damage_inside_a_member_is_found_by_its_checksum(tmp_path: Path, xlsx: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(xlsx)) as archive:
        info = archive.getinfo("xl/worksheets/sheet1.xml")
    at = info.header_offset + 30 + len(info.filename) + info.compress_size // 2
    broken = xlsx[:at] + bytes([xlsx[at] ^ 0xFF]) + xlsx[at + 1 :]
    assert "已损坏" in refusal(put(tmp_path / "a.xlsx", broken))


def test_zip_bombs_are_refused_by_their_declaration_and_by_their_lie(tmp_path: Path, xlsx: bytes) -> None:
    bomb = zipped({"a.csv": bytes(20 << 20)})
    assert "压缩炸弹" in refusal(put(tmp_path / "a.zip", bomb))
    inside = changed(xlsx, "xl/sharedStrings.xml", lambda _: bytes(20 << 20))
    assert "压缩炸弹" in refusal(put(tmp_path / "a.xlsx", inside))
    lying = inside.replace(struct.pack("<I", 20 << 20), struct.pack("<I", 1000))
    assert "已损坏" in refusal(put(tmp_path / "b.xlsx", lying))


def test_too_many_members_and_too_much_together(tmp_path: Path, xlsx: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path / "a.xlsx", xlsx)
    monkeypatch.setattr(archives, "MAX_MEMBERS", 3)
    assert "压缩炸弹" in refusal(path)
    monkeypatch.undo()
    monkeypatch.setattr(tables, "MAX_BYTES", len(xlsx) + 1)
    assert "压缩炸弹" in refusal(path)
    monkeypatch.setattr(tables, "MAX_BYTES", 10)
    assert "超过" in refusal(path)


def test_sheets_of_the_same_part_are_refused(tmp_path: Path, xlsx: bytes) -> None:
    again = b'<sheet name="%d" sheetId="9%d" r:id="rId1"/>'
    many = b"".join(again % (i, i) for i in range(2000))
    copied = changed(xlsx, "xl/workbook.xml", lambda data: data.replace(b"</sheets>", many + b"</sheets>"))
    assert "同一份内容" in refusal(put(tmp_path / "a.xlsx", copied))


def test_a_text_of_more_lines_than_a_sheet_has_is_refused_at_once(tmp_path: Path) -> None:
    assert "行，超过 1048576 行" in refusal(put(tmp_path / "a.csv", "名称,人数\n".encode() + b"\r" * (1 << 20)))


TEXT = "名称,备注\n甲公司,“一”\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
def test_text_in_the_encodings_of_the_trade(tmp_path: Path, encoding: str) -> None:
    table = only(put(tmp_path / "企业.csv", TEXT.encode(encoding)))
    assert (table.file, table.sheet) == ("企业.csv", "企业")
    assert table.rows == [["名称", "备注"], ["甲公司", "“一”"]]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_text_delimiters_and_line_ends(tmp_path: Path, delimiter: str, ending: str) -> None:
    lines = ["关于台账的说明", "", delimiter.join("甲乙丙"), delimiter.join(['"1\n2"', "", '="007"'])]
    table = only(put(tmp_path / "a.txt", ending.join(lines).encode()))
    assert table.rows == [["关于台账的说明"], [], ["甲", "乙", "丙"], ["1\n2", None, "007"]]


def test_text_that_is_none(tmp_path: Path, xlsx: bytes) -> None:
    assert "0 字节" in refusal(put(tmp_path / "a.csv", b""))
    assert "没有内容" in refusal(put(tmp_path / "a.csv", b"\n , \n"))
    assert "与后缀不符" in refusal(put(tmp_path / "a.csv", xlsx))
    assert "编码无法识别" in refusal(put(tmp_path / "a.csv", bytes(range(256)) * 4))


def test_paths_that_cannot_be_read(tmp_path: Path) -> None:
    assert "找不到" in refusal(tmp_path / "没有.xlsx")
    assert ".docx" in refusal(put(tmp_path / "a.docx", b"x"))
    (tmp_path / "空夹").mkdir()
    assert "没有可以读取的表" in refusal(tmp_path / "空夹")
    os.mkfifo(tmp_path / "a.csv")
    assert "不是普通文件" in refusal(tmp_path / "a.csv")


def test_a_file_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> bytes:
        raise PermissionError

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert "权限" in refusal(put(tmp_path / "a.csv", b"a,b"))


def test_a_folder_is_read_in_order_and_what_fails_is_listed(tmp_path: Path, xlsx: bytes) -> None:
    (tmp_path / "乙" / ".git").mkdir(parents=True)
    for name in ("~$甲.xlsx", ".DS_Store", "Thumbs.db", "乙/.git/x.csv"):
        put(tmp_path / name, b"x,y")
    put(tmp_path / "甲.csv", b"a,b\n1,2")
    put(tmp_path / "图.png", b"x")
    put(tmp_path / "乙" / "丙.xls", b"")
    os.mkfifo(tmp_path / "f.csv")
    items = list(read(tmp_path))
    assert [(item.file, type(item)) for item in items] == [
        ("f.csv", Skipped),
        ("图.png", Skipped),
        ("甲.csv", Table),
        ("乙/丙.xls", Skipped),
    ]
    assert items == list(read(tmp_path))


def test_a_zip_is_read_in_memory_under_harmless_names(tmp_path: Path, xlsx: bytes) -> None:
    text = b"a,b\n1,2"
    members = {"../../坏.csv": text, "/etc/c.csv": text, "C:\\d.csv": text, "表/台账.xlsx": xlsx, "内.zip": b"PK"}
    litter = {"__MACOSX/._a.csv": text, "表/~$台账.xlsx": b"x", "夹/": b"", "e.pdf": b"x"}
    path = put(tmp_path / "台账.zip", zipped(members | litter))
    items = list(read(path))
    assert {item.file for item in items if isinstance(item, Table)} == {
        "台账.zip/坏.csv",
        "台账.zip/etc/c.csv",
        "台账.zip/d.csv",
        "台账.zip/表/台账.xlsx",
    }
    assert {item.file for item in items if isinstance(item, Skipped) and not item.sheet} == {
        "台账.zip/内.zip",
        "台账.zip/e.pdf",
    }
    assert list(tmp_path.iterdir()) == [path]


def test_zip_names_in_gbk(tmp_path: Path) -> None:
    content = zipped({"AAAA.csv": b"a,b\n1,2"}).replace(b"AAAA.csv", "企业".encode("gbk") + b".csv")
    assert only(put(tmp_path / "a.zip", content)).file == "a.zip/企业.csv"


def test_encrypted_and_unknown_members_are_listed(tmp_path: Path) -> None:
    content = bytearray(zipped({"a.csv": b"a,b\n1,2"}))
    central = content.index(b"PK\x01\x02")
    encrypted = bytes(content[:6] + b"\x01" + content[7 : central + 8] + b"\x01" + content[central + 9 :])
    strange = bytes(content[:8] + b"\x63" + content[9 : central + 10] + b"\x63" + content[central + 11 :])
    for data, word in ((encrypted, "已加密"), (strange, "压缩方式")):
        (item,) = read(put(tmp_path / "a.zip", data))
        assert isinstance(item, Skipped)
        assert word in item.reason


def test_preview_text() -> None:
    assert preview_text("a\x00\u202eb\n c") == "ab c"
    assert preview_text("x" * 60) == "x" * 60
    assert preview_text("x" * 1_000_000) == "x" * 59 + "…"
    assert preview_text(1.5) == "1.5"


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("crazyqii_gongsi.csv", [3374]),
        ("crazyqii_gongsi.xlsx", [3428]),
        ("hangye_fenlei.xlsx", [681, 1428]),
        ("hosp_湖南省.xls", [14]),
        ("moe_2017_vczero.xls", [2665]),
    ],
)
def test_real_files(name: str, sizes: list[int]) -> None:
    if not EXCEL.exists():
        pytest.skip(f"没有真实数据：{name}")
    read_tables = [item for item in read(EXCEL / name) if isinstance(item, Table)]
    assert [len(table.rows) for table in read_tables] == sizes
    if name.startswith("moe"):
        assert len(read_tables[0].merges) >= 31
