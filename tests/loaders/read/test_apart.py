"""Files that would end who reads them: each is read rightly or refused in a sentence, and the next file is read."""

from __future__ import annotations

import os
import signal
import time
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from graph.errors import InputError
from loaders.read import apart, child
from loaders.read.apart import Reading
from loaders.read.files import Guide, read
from loaders.read.tables import Skipped, Table
from tests.loaders.read.mutants import KINDS, read_all, whole
from tests.loaders.read.test_files import changed, put, workbook_bytes, zipped

SHEET = "xl/worksheets/sheet1.xml"


def plain() -> bytes:
    return workbook_bytes(lambda book: book.add_worksheet("企业").write_row(0, 0, ["企业名称", "人数"]))


def with_row(row: bytes) -> bytes:
    return changed(plain(), SHEET, lambda xml: xml.replace(b"</sheetData>", row + b"</sheetData>"))


def parts() -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(plain())) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def lying_strings() -> bytes:
    def claim(xml: bytes) -> bytes:
        return xml.replace(b' count="2" uniqueCount="2"', b' count="999999999" uniqueCount="999999999"')

    return changed(plain(), "xl/sharedStrings.xml", claim)


def elsewhere(target: str, mode: str = "") -> bytes:
    content = parts()
    rels = content["xl/_rels/workbook.xml.rels"]
    content["xl/_rels/workbook.xml.rels"] = rels.replace(
        b'Target="worksheets/sheet1.xml"', f'Target="{target}"{mode}'.encode()
    )
    return zipped({**content, "other/place.xml": content[SHEET].replace(b"</sheetData>", FAR + b"</sheetData>")})


FAR = b'<row r = "1048576"><c r = "XFD1048576"><v>1</v></c></row>'
HOSTILE = {
    "spaces around =": (with_row(FAR), "第 1048576 行、第 16384 列"),
    "single quotes": (with_row(FAR.replace(b'"', b"'")), "第 1048576 行、第 16384 列"),
    "dimension that lies": (
        changed(with_row(b"<!--%b-->" % (b" " * 4_200_000) + FAR), SHEET, lambda xml: xml.replace(b"A1:B1", b"A1:C3")),
        "第 1048576 行、第 16384 列",
    ),
    "column of seven letters": (with_row(b'<row><c r="AAAAAAA3"><v>1</v></c></row>'), "AAAAAAA3"),
    "column of four letters": (with_row(b'<row r="3"><c r="AAAA3"><v>1</v></c></row>'), "18278 列"),
    "row of eight digits": (with_row(b'<row r="12345678"><c r="A12345678"><v>1</v></c></row>'), "12345678"),
    "shared strings that lie": (lying_strings(), "999999999"),
    "sheet elsewhere": (elsewhere("/other/place.xml"), "没有读取"),
    "sheet outside": (elsewhere("../../../etc/passwd"), "没有读取"),
    "sheet on the net": (elsewhere("http://a.example/x.xml", ' TargetMode="External"'), "没有读取"),
    "entities": (
        changed(plain(), SHEET, lambda xml: b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + xml),
        "实体声明",
    ),
    "entities in the workbook": (
        changed(plain(), "xl/workbook.xml", lambda xml: b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + xml.partition(b"?>")[2]),
        "实体声明",
    ),
    "two parts of one name": (zipped({**parts(), "XL/Workbook.xml": b"<x/>"}), "两份"),
    "no sheet": (
        changed(plain(), "xl/workbook.xml", lambda xml: xml.replace(b"<sheet ", b"<other ")),
        "没有",
    ),
}  # fmt: skip


@pytest.mark.parametrize("shape", HOSTILE)
def test_a_hostile_workbook_is_refused_in_a_sentence(tmp_path: Path, shape: str) -> None:
    content, word = HOSTILE[shape]
    bad, good = put(tmp_path / "坏.xlsx", content), put(tmp_path / "好.xlsx", plain())
    with Reading() as reading:
        with pytest.raises(InputError) as caught:
            list(reading.read(bad))
        (table,) = reading.read(good)
    assert word in str(caught.value)
    assert "坏.xlsx" in str(caught.value)
    assert str(caught.value).endswith("。")
    assert isinstance(table, Table)


def test_a_sheet_is_found_where_its_relationship_says(tmp_path: Path) -> None:
    content = parts()
    content["xl/deep/1.xml"] = content.pop(SHEET)
    rels = "xl/_rels/workbook.xml.rels"
    content[rels] = content[rels].replace(b"worksheets/sheet1.xml", b"/xl/deep/1.xml")
    with Reading() as reading:
        (table,) = reading.read(put(tmp_path / "a.xlsx", zipped(content)))
    assert isinstance(table, Table)
    assert table.rows == [["企业名称", "人数"]]


TEXTS = {
    "columns": (b"a,b\n" + b",".join([b"x"] * 5_000), "第 2 行有 5000 列"),
    "line": (b"a,b\n" + b"x y " * 1_100_000, "第 2 行有 4400000 个字符"),
    "cell": (b'a,b\n1,"' + b"x\n" * 600_000 + b'"\n', "第 2 行有一格"),
}


@pytest.mark.parametrize("shape", TEXTS)
def test_a_text_that_is_no_ledger_is_refused_with_its_line(tmp_path: Path, shape: str) -> None:
    content, word = TEXTS[shape]
    with Reading() as reading, pytest.raises(InputError, match=word):
        list(reading.read(put(tmp_path / "a.csv", content)))


def test_blank_columns_are_not_counted(tmp_path: Path) -> None:
    with Reading() as reading:
        (table,) = reading.read(put(tmp_path / "a.csv", b"a,b" + b"," * 2_000 + b"\n1,2" + b"," * 2_000))
    assert isinstance(table, Table)
    assert table.rows == [["a", "b"], ["1", "2"]]


def test_what_is_beside_the_file_that_killed_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "夹"
    folder.mkdir()
    put(folder / "1.csv", b"a,b\n1,2")
    put(folder / "2.xlsx", with_row(b'<row><c r="AAAAAAA3"><v>1</v></c></row>'))
    put(folder / "3.csv", b"c,d\n3,4")
    put(tmp_path / "包.zip", zipped({p.name: p.read_bytes() for p in folder.iterdir()}))
    with Reading() as reading:
        for path, prefix in ((folder, ""), (tmp_path / "包.zip", "包.zip/")):
            items = list(reading.read(path))
            assert [(item.file, type(item)) for item in items] == [
                (f"{prefix}1.csv", Table),
                (f"{prefix}2.xlsx", Skipped),
                (f"{prefix}3.csv", Table),
            ]


def test_tables_are_those_read_in_one_process(tmp_path: Path) -> None:
    for kind in KINDS:
        put(tmp_path / f"a{kind}", whole(kind))
    with Reading() as reading:
        assert list(reading.read(tmp_path)) == list(read(tmp_path, Guide()))


def test_the_next_files_are_read_by_the_process_that_waits(tmp_path: Path) -> None:
    path = put(tmp_path / "a.csv", b"a,b\n1,2")
    with Reading() as reading:
        list(reading.read(path))
    waiting = apart._spare
    assert waiting
    os.kill(waiting.pid, signal.SIGKILL)
    waiting.wait()
    with Reading() as reading:
        assert len(list(reading.read(path))) == 1


def test_a_relative_path_is_that_of_the_process_that_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("甲", "乙"):
        (tmp_path / name).mkdir()
        put(tmp_path / name / "a.csv", f"a,{name}\n1,2".encode())
        monkeypatch.chdir(tmp_path / name)
        with Reading() as reading:
            (table,) = reading.read(Path("a.csv"))
        assert isinstance(table, Table)
        assert table.rows[0] == ["a", name]


@pytest.mark.parametrize("status", [signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL, signal.SIGXCPU, signal.SIGSTOP])
def test_however_the_process_ends_there_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: signal.Signals
) -> None:
    monkeypatch.setattr(apart, "_PATIENCE", 0.02)
    path = put(tmp_path / "a.csv", b"a,b\n1,2")
    ask = Reading._ask

    def struck(reading: Reading, request: child.Request) -> object:
        assert reading._process
        os.kill(reading._process.pid, status)
        return ask(reading, request)

    monkeypatch.setattr(Reading, "_ask", struck)
    with Reading() as reading, pytest.raises(InputError, match="没有读取：") as caught:
        list(reading.read(path))
    assert "a.csv" in str(caught.value)


def test_a_process_that_answers_something_else_is_not_believed(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="中断"):
        apart._content(b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R.")


def test_where_no_limits_are_known_each_cell_is_looked_at_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "child", None)
    content, word = HOSTILE["spaces around ="]
    with Reading() as reading, pytest.raises(InputError, match=word):
        list(reading.read(put(tmp_path / "a.xlsx", content)))


@pytest.mark.parametrize("kind", KINDS)
def test_every_mutant_is_answered(tmp_path: Path, kind: str) -> None:
    started = time.monotonic()
    refused = read_all(tmp_path, kind, count=100, seed=18)
    assert refused > 0
    assert time.monotonic() - started < 30


def test_a_process_that_was_started_before_reads_the_next_file(tmp_path: Path) -> None:
    apart.stop_idle()
    apart.prepare()
    prepared = apart._spare
    assert prepared
    apart.prepare()
    assert apart._spare is prepared
    put(tmp_path / "a.csv", b"a,b\n1,2")
    with Reading() as reading:
        assert reading._process is prepared
        (table,) = reading.read(tmp_path / "a.csv")
    assert isinstance(table, Table)
    assert table.rows == [["a", "b"], ["1", "2"]]


def test_cells_of_a_text_that_have_the_separators_of_the_pipe_stay_as_they_are(tmp_path: Path) -> None:
    rows = [["a", "b"], [f"x{child.CELL}y", None, f"{child.ROW}z"], [], [None, "w"]]
    put(tmp_path / "a.csv", "\n".join(",".join(cell or "" for cell in row) for row in rows).encode())
    with Reading() as reading:
        (table,) = reading.read(tmp_path / "a.csv")
    (here,) = read(tmp_path / "a.csv")
    assert table == here
    assert isinstance(table, Table)
    assert table.rows == rows
