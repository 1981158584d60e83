"""Text tables (.csv, .tsv, .txt) as rows, whatever their encoding and delimiter."""

from __future__ import annotations

import csv
import io
from collections import Counter
from itertools import islice

import charset_normalizer

from graph.workbook import Cell
from loaders.read.tables import EMPTY, MAX_BYTES, UnusableError, trimmed
from loaders.read.xls import OLE

# one cell may be as long as the file that holds it; the csv module's own limit is 128 KiB
csv.field_size_limit(MAX_BYTES)


def read(data: bytes) -> list[list[Cell]]:
    """The records of a text. Raises UnusableError if it cannot be read."""
    if not data:
        raise UnusableError(EMPTY)
    if data.startswith((b"PK\x03\x04", OLE)):
        raise UnusableError("内容是工作簿或压缩包，与后缀不符：请把后缀改回 .xlsx、.xls 或 .zip 后再载入")
    text = _decoded(data)
    delimiter = _delimiter(text)
    try:
        records = _records(text, delimiter, strict=True)
    except csv.Error as error:
        if "end of data" in str(error):
            raise UnusableError("里有一个引号没有配对，分不清后面的行：请补上或删去后再载入") from None
        records = _records(text, delimiter, strict=False)  # a stray quote inside a field
    rows = trimmed([[v or None for v in record] for record in records])
    if not rows:
        raise UnusableError("没有内容：请检查后再载入")
    return rows


def _records(text: str, delimiter: str, strict: bool) -> list[list[str]]:
    records = list(csv.reader(io.StringIO(text, newline=None), delimiter=delimiter, strict=strict))
    if '="' in text:  # a spreadsheet program does not turn ="0012" into a number
        return [[v[2:-1] if v.startswith('="') and v.endswith('"') else v for v in r] for r in records]
    return records


def _decoded(data: bytes) -> str:
    marked = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
    encodings = [encoding for mark, encoding in marked.items() if data.startswith(mark)]
    for encoding in encodings or ["utf-8", "gb18030"]:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    guess = charset_normalizer.from_bytes(data[: 1 << 16], cp_isolation=["utf_16_le", "utf_16_be", "big5"]).best()
    try:
        text = data.decode(guess.encoding) if guess else "\0"
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise UnusableError("不是文本，或编码无法识别：请用 WPS 打开后另存为 .xlsx，或另存为 UTF-8 编码的 .csv")
    return text


def _delimiter(text: str) -> str:
    """Of comma, semicolon and tab, the one that gives most of the first records the same number of fields."""

    def regularity(delimiter: str) -> tuple[int, int]:
        records = csv.reader(io.StringIO(text[: 1 << 16], newline=None), delimiter=delimiter)
        widths = Counter(len(record) for record in islice(records, 50) if len(record) > 1)
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
        return count, width

    return max(",;\t", key=regularity)
