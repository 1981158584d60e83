"""Text tables (.csv, .tsv, .txt) as rows, whatever their encoding and delimiter.

A text that is broken is refused with its line, or the record is named in `Records`; nothing is read on a guess.
"""

from __future__ import annotations

import csv
import io
import re
from array import array
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any

from graph.workbook import Cell
from loaders.read.records import Records
from loaders.read.tables import (
    EMPTY,
    LONG,
    MAX_CELL,
    MAX_COLUMNS,
    MOST_ROWS,
    OLE,
    WIDE,
    Place,
    UnusableError,
    may_have_error_words,
    trimmed,
)

# the csv module's own limit is 128 KiB
csv.field_size_limit(MAX_CELL)

#: characters of one line
_MAX_LINE = 4 * MAX_CELL

#: what an earlier conversion left of characters that it could not read
_GARBLED = ("\ufffd", "锟斤拷", "烫烫烫")
#: bytes that end a field; none of them is part of a character in GB 18030
_FIELD_ENDS = (b",", b";", b"\t", b'"', b"\r", b"\n")
#: a Chinese character in UTF-8
_UTF_8 = re.compile(rb"[\xe4-\xe9][\x80-\xbf]{2}")
_SAVE_ANEW = "请用 WPS 打开后另存为 .xlsx，或另存为 UTF-8 编码的 .csv"


def read(data: bytes) -> tuple[list[list[Cell]], dict[Place, str], Records]:
    """The records of a text, the cells whose value is lost (see Table), and how the records were written.

    Raises UnusableError if it cannot be read.
    """
    if not data:
        raise UnusableError(EMPTY)
    if data.startswith((b"PK\x03\x04", OLE)):
        raise UnusableError("内容是工作簿或压缩包，与后缀不符：请把后缀改回 .xlsx、.xls 或 .zip 后再载入")
    text = _decoded(data)
    if "\r" in text:
        text = text.replace("\r\n", "\n")
        text = text.replace("\r", "\n") if "\r" in text else text
    _check_lines(text)
    delimiter = _delimiter(text)
    try:
        records = [*csv.reader(io.StringIO(text, newline=""), **_format(delimiter))]
    except csv.Error as error:
        if "field limit" in str(error):
            raise UnusableError(LONG.format(_line_of_long_cell(text, delimiter))) from None
        raise UnusableError(_where_quotes_break(text, delimiter)) from None
    written = _written(text, delimiter, records)
    if max(written.widths, default=0) > MAX_COLUMNS:
        for number, record in enumerate(records, 1):
            if any(map(str.strip, record[MAX_COLUMNS:])):
                raise UnusableError(WIDE.format(number, len(record)))
    if '="' in text:  # a spreadsheet program does not turn ="0012" into a number
        records = [[v[2:-1] if v.startswith('="') and v.endswith('"') else v for v in r] for r in records]
    lost: dict[Place, str] = {}
    rows = trimmed([[v or None for v in record] for record in records], lost, may_have_error_words(text))
    if not rows:
        raise UnusableError("没有内容：请检查后再载入")
    return rows, lost, written


def _format(delimiter: str, strict: bool = True) -> dict[str, Any]:
    # a space before an opening quote is no part of the field
    return {"delimiter": delimiter, "strict": strict, "skipinitialspace": True}


def _check_lines(text: str) -> None:
    """Raise UnusableError if a line is longer, or there are more lines, than in any ledger, before that takes memory."""
    count = text.count("\n")
    if count > MOST_ROWS:
        raise UnusableError(f"有 {count} 行，超过 {MOST_ROWS} 行，不像台账，没有读取：请删去空行，或分成几个文件后另存")
    begin = 0
    while len(text) - begin > _MAX_LINE:
        end = text.rfind("\n", begin, begin + _MAX_LINE)
        if end < 0:
            number, length = text.count("\n", 0, begin) + 1, len(text[begin:].partition("\n")[0])
            raise UnusableError(f"第 {number} 行有 {length} 个字符，不像台账，没有读取：请检查换行后另存")
        begin = end + 1


def _line_of_long_cell(text: str, delimiter: str) -> int:
    """The line in which a cell begins that is longer than the csv module reads."""
    records = csv.reader(io.StringIO(text, newline=""), **_format(delimiter))
    first = 1
    try:
        for _ in records:
            first = records.line_num + 1
    except csv.Error:
        pass
    return first


def _where_quotes_break(text: str, delimiter: str) -> str:
    """The reason for refusing a text whose quotes do not fit together, with the lines."""
    records = csv.reader(io.StringIO(text, newline=""), **_format(delimiter))
    first = last = 1
    try:
        for _ in records:
            first = records.line_num + 1
    except csv.Error:
        last = max(records.line_num, first)
    lines = f"第 {first} 行" if last == first else f"第 {first} 至 {last} 行"
    return f"{lines}的引号没有配对，分不清后面的列和行：请补上或删去多余的引号后再载入"


def _written(text: str, delimiter: str, records: list[list[str]]) -> Records:
    """How these records of the text were written."""
    widths = array("I", map(len, records))
    unquoted: dict[int, tuple[int, ...]] = {}
    broken: dict[int, str] = {}
    fields = sum(widths) - sum(width > 0 for width in widths)
    if fields != text.count(delimiter) or len(records) != text.count("\n") + (not text.endswith("\n")):
        one_line = len(records) == text.count("\n") + (not text.endswith("\n"))
        usual = Counter(widths).most_common(1)[0][0]
        for row, record in enumerate(records):
            if one_line and len(record) == usual > 1:
                continue
            whole = delimiter.join(record)
            if "\n" in whole or whole.count(delimiter) >= len(record) > 0:
                unquoted[row] = tuple(line.count(delimiter) + 1 for line in whole.split("\n"))
    if '"' in text and any('"' in values for values in map("".join, records)):
        broken |= dict.fromkeys(_unpaired(text, delimiter), "有一个引号没有配对")
    if marks := [mark for mark in _GARBLED if mark in text]:
        garbled = (row for row, record in enumerate(records) if any(m in value for m in marks for value in record))
        broken |= dict.fromkeys(garbled, "含有乱码，原来的文字已经丢失")
    return Records(widths, unquoted, broken)


def _unpaired(text: str, delimiter: str) -> list[int]:
    """The records with a field that is not quoted and has an odd number of quotes inside."""
    lines: list[str] = []

    def remembered() -> Iterator[str]:
        for line in io.StringIO(text, newline=""):
            lines.append(line)
            yield line

    unpaired = []
    for row, record in enumerate(csv.reader(remembered(), **_format(delimiter))):
        # in a record that is written well, every quote opens, closes, or is one of a pair inside
        if any('"' in value for value in record) and "".join(lines).count('"') % 2:
            unpaired.append(row)
        lines.clear()
    return unpaired


#: characters of headings of ledgers, as they are written in traditional and in simplified Chinese
_BIG5 = "稱鎮鄉業號數單類黨組織經營員額屬東區縣"
_SIMPLIFIED = "称镇乡业号数单类党组织经营员额属东区县"

# Encodings ------------------------------------------------------------------------------------------------


def _decoded(data: bytes) -> str:
    """The text in its encoding. Raises UnusableError if it has none, or two."""
    marked = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
    encoding = next((encoding for mark, encoding in marked.items() if data.startswith(mark)), None)
    if encoding is None:
        encoding = _utf_16(data) if b"\0" in data else "utf-8"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise UnusableError(f"不是文本，或编码无法识别：{_SAVE_ANEW}") from None
        text = _gb18030(data, error.start)
    if encoding.startswith("utf-16"):
        _check_utf_16(text)
    if "\0" in text:
        raise UnusableError(f"不是文本，或编码无法识别：{_SAVE_ANEW}")
    # texts that were joined have a mark at each beginning
    return text.replace("\ufeff", "")


def _utf_16(data: bytes) -> str:
    """The UTF-16 of a text without a mark; ASCII characters, line ends at least, show where the zeros are."""
    return "utf-16-le" if data.count(b"\0", 1) and data[1::2].count(0) >= data[::2].count(0) else "utf-16-be"


def _check_utf_16(text: str) -> None:
    """Raise UnusableError if a line is no Chinese: the line of a text in another encoding that was appended."""
    for number, line in enumerate(text.split("\n"), 1):
        foreign = [c for c in line if not c.isascii()]
        if sum(not _is_common(c, "gbk") for c in foreign) * 2 > len(foreign):
            raise UnusableError(_mixed(number) if number > 1 else f"不是文本，或编码无法识别：{_SAVE_ANEW}")


def _gb18030(data: bytes, start: int) -> str:
    """The text in GB 18030; it is no UTF-8 at `start`. Raises UnusableError if other fields are, or if it is neither."""
    line = data.count(b"\n", 0, start) + 1
    if data.startswith(b"\xef\xbb\xbf"):
        raise UnusableError(_mixed(line))
    for match in _UTF_8.finditer(data):
        begin = max(data.rfind(end, 0, match.start()) for end in _FIELD_ENDS) + 1
        ends = [at for end in _FIELD_ENDS if (at := data.find(end, match.end())) >= 0]
        if _is_rather_utf_8(data[begin : min(ends, default=len(data))]):
            raise UnusableError(_mixed(max(line, data.count(b"\n", 0, begin) + 1)))
    beginning = data[:2000]
    if _frequency(beginning, "big5", _BIG5) > _frequency(beginning, "gb18030", _SIMPLIFIED):
        raise UnusableError(f"是繁体中文（Big5）编码，读出来会是乱码：{_SAVE_ANEW}")
    try:
        return data.decode("gb18030")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnusableError(f"编码无法识别（第 {line} 行起读不成文字）：{_SAVE_ANEW}") from None


def _frequency(data: bytes, encoding: str, characters: str) -> int:
    """How many of these characters, common in headings, bytes have when read in an encoding."""
    text = data.decode(encoding, "ignore")
    return sum(text.count(character) for character in characters)


def _mixed(line: int) -> str:
    return f"混有两种编码（第 {line} 行与前面的不同）：请把各部分分别另存为 UTF-8 编码的 .csv 后再载入"


def _is_rather_utf_8(field: bytes) -> bool:
    """Whether bytes are text in UTF-8 with fewer unusual characters than in GB 18030."""
    try:
        text = field.decode("utf-8")
        other = field.decode("gb18030", "replace")
    except UnicodeDecodeError:
        return False
    return sum(not _is_common(c, "gb2312") for c in text) < sum(not _is_common(c, "gb2312") for c in other)


def _is_common(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _delimiter(text: str) -> str:
    """Of comma, semicolon and tab, the one that gives most of the first records the same number of fields."""

    def regularity(delimiter: str) -> tuple[int, int]:
        records = csv.reader(io.StringIO(text[: 1 << 16], newline=""), **_format(delimiter, strict=False))
        widths = Counter(len(record) for record in islice(records, 50) if len(record) > 1)
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
        return count, width

    return max(",;\t", key=regularity)
