"""One corpus of numbers of persons in every way they are written, and a search for them in bytes, texts and workbooks."""

from __future__ import annotations

import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

#: fictional numbers, as they may stand in a cell
MOBILE, IDENTITY = "13800000035", "430102198001010321"
TOKENS = (
    MOBILE,
    "138-0000-0036",
    "138 0000 0037",
    "+86 13800000038",
    "86-13800000039",
    "１３８００００００４０",
    "13800000041、13800000042",
    "13800000043/0731-88880001",
    "(0731)88880002",
    "0731 8888 0003",
    "张三 13800000044",
    IDENTITY,
    "43010219800101109x",
    "430102 19800101 1014",
    "430102800101012",
    "李四430102800101013",
)
#: what must be found nowhere: each number with digits only
_NUMBERS = frozenset(
    number
    for token in TOKENS
    for part in re.split("[、/]", unicodedata.normalize("NFKC", token))
    if len(number := re.sub(r"^86(?=1)", "", re.sub(r"[^0-9xX]", "", part))) > 10
)
_APART = re.compile(r"(?<=\d)[\s\-()]{1,2}(?=\d)")


def numbers_in(content: str | bytes, known: frozenset[str] = _NUMBERS) -> set[str]:
    """The numbers of the corpus in a text, a file's bytes or a workbook, however their digits are apart."""
    if isinstance(content, bytes) and content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = [numbers_in(package.read(name), known) | numbers_in(name, known) for name in package.namelist()]
        return set().union(*parts)
    if isinstance(content, bytes):
        # Latin digits are the same bytes in each encoding of a byte a character; in UTF-8 others are read whole
        content = content.decode("utf-8", "replace")
    decoded = unicodedata.normalize("NFKC", unquote(content))
    if re.search(r"\\u[0-9a-f]{4}", decoded):
        decoded += decoded.encode("ascii", "backslashreplace").decode("unicode_escape", "replace")
    joined = decoded + "\n" + _APART.sub("", decoded)
    return {number for number in known if number in joined}


def numbers_below(folder: Path) -> dict[str, set[str]]:
    """The numbers in the names and bytes of all files below a folder, by file."""
    seen = {
        str(path): numbers_in(path.name) | (numbers_in(path.read_bytes()) if path.is_file() else set())
        for path in folder.rglob("*")
    }
    return {path: numbers for path, numbers in seen.items() if numbers}


def rows(header: list[str], tokens: Iterator[str] | tuple[str, ...]) -> list[list[str]]:
    """A row for each column and token: the token in that column, something fitting in the others."""
    fitting = {"企业名称": "甲有限公司", "所属镇街": "东镇", "从业人数": "5", "党员数": "3", "成立日期": "2020-01-01"}
    made = []
    for token in tokens:
        for place, _ in enumerate(header):
            row = [fitting.get(heading, "无") for heading in header]
            row[0] = f"第{len(made)}有限公司"
            row[place] = token if place else f"{row[0]}{token}"
            made.append(row)
    return made


def as_text(value: object) -> str:
    """A value as JSON that a test searches."""
    return json.dumps(value, ensure_ascii=False, default=str)
