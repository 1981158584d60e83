"""Texts that are broken: refused with the line, or the record named; nothing is read on a guess."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.errors import InputError
from loaders.read import delimited
from loaders.read.files import read
from loaders.read.tables import Table

HEAD = "名称,人数,地址,收入\n"


def refusal(folder: Path, content: bytes) -> str:
    path = folder / "台账.csv"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        list(read(path))
    return str(caught.value)


def table(folder: Path, content: str | bytes) -> Table:
    path = folder / "台账.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    (one,) = read(path)
    assert isinstance(one, Table)
    return one


def faults(folder: Path, content: str) -> dict[int, str]:
    one = table(folder, content)
    header = one.rows.index(["名称", "人数", "地址", "收入"])
    return one.records.faults(range(header, header + 1), range(header + 1, len(one.rows)))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (HEAD + '"甲,10,东街,1\n乙,11,西街,2\n"丙,12,南街,3\n', "第 2 至 4 行"),  # two quotes that open and never close
        (HEAD + '"甲","10","东街5号,"1"\n"乙","20","西街","2"\n', "第 2 行"),  # one lost in the middle
        (HEAD + '甲,10,"东街"5号,1\n', "第 2 行"),  # quotes inside that are not doubled
        (HEAD + '甲,10,东街,1\n乙,11,"西街,2\n丙,12,南街,3\n', "第 3 至 4 行"),  # one that never closes
        (HEAD + '甲,10,"一\n二",1\n乙,11,"西街"x,2\n', "第 4 行"),  # below a cell of two lines
        ('"名称,"人数"\n甲,10\n', "第 1 行"),  # in the header
        ('甲,"乙"x\n1,2\n', "第 1 行"),
    ],
)
def test_quotes_that_do_not_fit_are_refused_with_their_lines(tmp_path: Path, text: str, lines: str) -> None:
    message = refusal(tmp_path, text.encode())
    assert f"”{lines}的引号没有配对" in message
    assert message == refusal(tmp_path, text.replace("\n", "\r\n").encode("gb18030"))


@pytest.mark.parametrize(
    ("text", "rows", "reason"),
    [
        (HEAD + "甲,1,200,东街,1\n乙,50,西街,1\n", [1], "5 列，表头只有 4 列"),  # thousands without quotes
        (HEAD + "甲,1,200,东街,\n", [1], "5 列"),  # and the last cell blank
        (HEAD + "甲,10,东街,5号,1\n乙,11,西街,2\n丙,12,,3,,\n", [1, 3], "列，表头只有 4 列"),
        (HEAD + '"甲,10",东街,1\n乙,11,西街,2\n', [1], "引号"),  # two cells in one pair of quotes
        (HEAD + '甲,10,"东街,1\n乙,11,西街,2\n丙,12,南街",3\n', [1], "引号"),  # rows in one pair of quotes
        (HEAD + '"甲,10,东街,1"\n乙,11,西街,2\n', [1], "引号"),  # a whole row
        ("企业\n台账\n某县\n" + HEAD + '"甲,10,东街,1"\n', [4], "引号"),
        (HEAD + '甲",10,东街,1\n乙,11,西街,2\n', [1], "引号"),  # the opening one is lost
        (HEAD + '甲,10,东街 5" 楼,1\n乙,11,西街,2\n', [1], "引号"),
        (HEAD + "甲,10,东街\n5号,1\n乙,11,西街,2\n", [1, 2], "换行"),  # a line break without quotes
        (HEAD + "乙,11,西街,2\n甲,10,东\n街\n5号,1\n", [2, 3, 4], "换行"),
        (HEAD + "甲,10,东\ufffd街,1\n乙,11,西街,2\n", [1], "乱码"),
        (HEAD + "锟斤拷锟斤拷,10,东街,1\n", [1], "乱码"),
    ],
)
def test_records_that_came_apart_are_named(tmp_path: Path, text: str, rows: list[int], reason: str) -> None:
    by_row = faults(tmp_path, text)
    assert sorted(by_row) == rows
    assert all(reason in text for text in by_row.values())


@pytest.mark.parametrize(
    "text",
    [
        HEAD + '甲,"1,200","东街,5号",1\n',
        HEAD + '甲,10,"东街\n5号",1\n',
        HEAD + '甲,10,"他说""好""",1\n',
        HEAD + '甲,10,关于"两新"工作,1\n',
        HEAD + '"甲", "10", "东街,5号", "1"\n',
        HEAD + "甲,10\n乙\n",  # blank cells at the end left out
        "某县台账\n" + HEAD + "甲,10,东街,1\n注：截至6月\n",
        "企业台账,,,\n" + HEAD + "甲,10,,\n,,,\n乙,11,西街,\n",
        HEAD.replace(",", "\t") + "甲\t1,200\t东街,5号\t1\n",
    ],
)
def test_what_is_written_well_has_no_fault(tmp_path: Path, text: str) -> None:
    one = table(tmp_path, text)
    header = next(i for i, row in enumerate(one.rows) if "人数" in row)
    assert one.records.faults(range(header, header + 1), range(header + 1, len(one.rows))) == {}


@pytest.mark.parametrize(
    ("parts", "line"),
    [
        ([("甲公司,东街\n", "gb18030"), ("混码乙公司,西街\n", "utf-8")], 3),
        ([("甲公司,东街\n", "utf-8"), ("乙公司,西街\n", "gb18030")], 3),
        ([("甲公司,东街\n", "utf-8-sig"), ("乙公司,西街\n", "gb18030")], 3),
        ([("甲公司,东街\n", "utf-16"), ("乙公司混在后面,西街道\n", "utf-8")], 3),
        ([("甲公司,", "gb18030"), ("西街五号大院\n", "utf-8")], 2),
        ([("a,b\n" * 3, "utf-8"), ("甲公司,东街\n", "utf-8"), ("乙公司,西街\n", "gb18030")], 6),
    ],
)
def test_two_encodings_in_one_file_are_refused(tmp_path: Path, parts: list[tuple[str, str]], line: int) -> None:
    head = "企业名称,经营地址\n"
    content = b"".join([(head + parts[0][0]).encode(parts[0][1]), *(text.encode(code) for text, code in parts[1:])])
    message = refusal(tmp_path, content)
    assert "混有两种编码" in message
    assert f"第 {line} 行" in message


def test_a_text_that_is_cut_in_a_character_is_refused(tmp_path: Path) -> None:
    assert "第 2 行" in refusal(tmp_path, "名称,人数\n甲公司,东街".encode("gb18030")[:-1])
    assert "编码" in refusal(tmp_path, "名称,人数\n甲公司,东街".encode("utf-16")[:-1])


@settings(deadline=None)
@given(st.lists(st.text("甲乙丙镕喆堃街道公司有限1a", min_size=1, max_size=8), min_size=1, max_size=20))
def test_one_encoding_is_never_taken_for_two(names: list[str]) -> None:
    text = "名称,人数\n" + "".join(f"{name},1\n" for name in names)
    for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16"):
        rows, _, _ = delimited.read(text.encode(encoding))
        assert [row[0] for row in rows[1:]] == names


@pytest.mark.parametrize("head", ["企業名稱,所屬鎮街,從業人員數量", "組織全稱,類別", "單位名稱,地址"])
def test_big5_is_refused_by_its_name(tmp_path: Path, head: str) -> None:
    assert "Big5" in refusal(tmp_path, f"{head}\n甲公司,東鎮,1\n".encode("big5"))


def test_marks_of_joined_files_are_no_text(tmp_path: Path) -> None:
    part = "\ufeff名称,人数\n甲公司,1\n"
    assert table(tmp_path, part * 2).rows[2] == ["名称", "人数"]
    assert table(tmp_path, ('\ufeff"名称","人数"\n"甲公司","1"\n' * 2)).rows[2] == ["名称", "人数"]


@pytest.mark.parametrize(
    "word", ["#REF!", "#VALUE!", "#N/A", "#DIV/0!", "#NAME?", "######", "nan", "NaN", "Err:502", "undefined"]
)
def test_error_words_are_blank_and_told(tmp_path: Path, word: str) -> None:
    one = table(tmp_path, f"名称,人数\n甲公司,{word}\n{word}号楼,1\n")
    assert one.rows == [["名称", "人数"], ["甲公司"], [f"{word}号楼", "1"]]
    assert one.lost == {(1, 1): word}
