"""Old workbooks (.xls) before a library reads them: the compound file [MS-CFB] and its records [MS-XLS].

They show what the file is, whether it is encrypted, how many cells its sheets span, and which library reads it.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass, field

import olefile

from graph.workbook import Span
from loaders.read.tables import DAMAGED, EMPTY, ENCRYPTED, OLE, READABLE, SPARSE, Place, UnusableError, is_sparse

_SIGNATURES = {
    b"%PDF": "PDF 文档", b"\x89PNG": "图片", b"\xff\xd8\xff": "图片", b"GIF8": "图片", b"BM": "图片",
    b"{\\rtf": "RTF 文档", b"Rar!": "RAR 压缩包", b"7z\xbc\xaf": "7z 压缩包", b"\x1f\x8b": "GZIP 压缩包",
}  # fmt: skip
_RECORD = struct.Struct("<HH")
_BOUNDSHEET, _CODEPAGE, _MERGES, _MULRK = 0x0085, 0x0042, 0x00E5, 0x00BD
#: the records in which a sheet, or the part that all sheets share, begins: Excel 2, 3, 4, and 5 and later
_BEGINNINGS = frozenset({0x0009, 0x0209, 0x0409, 0x0809})
_FORMULAS = frozenset({0x0006, 0x0206, 0x0406})
_ERROR_OR_BOOLEAN = 0x0205
#: number formats, and the styles of cells that name them, of Excel 5 and later
_FORMAT, _XF = 0x041E, 0x00E0
_NUMBERS = frozenset({_MULRK, 0x0203, 0x027E}) | _FORMULAS
_CELL_RECORDS = frozenset(
    {0x0001, 0x0002, 0x0003, 0x0004, 0x0005, 0x00BD, 0x00D6, 0x00FD, 0x0201, 0x0203, 0x0204, 0x0205, 0x027E}
) | _FORMULAS  # fmt: skip
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
#: encodings by code page; those of old Mac OS (10001 …) have no codec of their own and hardly differ from these
_ENCODINGS = {
    936: "gb18030", 10008: "gb18030", 20936: "gb18030", 54936: "gb18030", 950: "big5", 10002: "big5",
    932: "cp932", 10001: "cp932", 949: "cp949", 10003: "cp949",
}  # fmt: skip
#: of a workbook that names none of them; some programs name Western Europe whatever they write
_LIKELY = ("utf-8", "gb18030")
#: the code page of workbooks whose texts are UTF-16; python-calamine garbles or refuses those that name another
_UTF_16 = 1200


@dataclass(slots=True)
class SheetRecords:
    """What the records of one sheet tell: cells whose value is lost, telling number formats (see Table), merged cells."""

    worksheet: bool = True
    lost: dict[Place, str] = field(default_factory=dict)
    merges: list[Span] = field(default_factory=list)
    formats: dict[Place, str] = field(default_factory=dict)


@dataclass(slots=True)
class OldWorkbook:
    """The records of an .xls: the stream, whether it is of Excel 97 or later, its code page, its sheets.

    `plain`: whether python-calamine reads the file.
    """

    stream: bytes
    unicode: bool = False
    code_page: int | None = None
    plain: bool = False
    sheets: list[SheetRecords] = field(default_factory=list)


def encodings(code_page: int | None) -> tuple[str, ...]:
    """The encodings that the texts of a workbook before Excel 97 may have, the likeliest first."""
    known = _ENCODINGS.get(code_page or 0)
    return (known,) if known else _LIKELY


def examine(data: bytes) -> OldWorkbook:
    """The records in these bytes. Raises UnusableError unless they are an .xls that may be read."""
    if not data:
        raise UnusableError(EMPTY)
    try:
        if data.startswith(OLE):
            name, stream = _workbook_stream(data)
            book = _records(stream)
            book.plain = name in ("Workbook", "Book") and book.unicode and book.code_page in (None, _UTF_16)
            return book
        if len(data) > 8 and _RECORD.unpack_from(data)[0] in _BEGINNINGS and data[2] in (4, 6, 8, 16):
            return _records(data)  # the records alone, as Excel 4 and simple programs write them
    except UnusableError:
        raise
    except Exception:  # olefile raises whatever comes of damaged bytes
        raise UnusableError(DAMAGED) from None
    raise UnusableError(f"内容{_kind(data)}，不是 Excel 工作簿：{READABLE}")


def _workbook_stream(data: bytes) -> tuple[str, bytes]:
    """The name and the content of the stream that has the workbook; that of Excel 97 where there is an older one too."""
    with olefile.OleFileIO(io.BytesIO(data)) as compound:
        names = {path[0].casefold(): path[0] for path in compound.listdir() if len(path) == 1}
        if "encryptioninfo" in names:
            raise UnusableError(ENCRYPTED)
        if "worddocument" in names:
            raise UnusableError(f"内容是 Word 文档，与后缀不符：{READABLE}")
        if "powerpoint document" in names:
            raise UnusableError(f"内容是 PowerPoint 文档，与后缀不符：{READABLE}")
        name = names.get("workbook") or names["book"]
        stream = compound.openstream(name).read()
        if len(stream) != compound.get_size(name):
            raise UnusableError(DAMAGED)
        return name, stream


def _records(stream: bytes) -> OldWorkbook:
    """What the records of an .xls tell. Raises if they are encrypted, impossible, or span more cells than they fill."""
    book = OldWorkbook(stream)
    (first, version) = struct.unpack_from("<H2xH", stream)
    book.unicode = first == 0x0809 and version == 0x0600
    at_position: dict[int, SheetRecords] = {}
    sheet = SheetRecords()
    codes: dict[int, str] = {}
    styles: list[str] = []
    position = rows = columns = 0
    while position + 4 <= len(stream):
        record, length = _RECORD.unpack_from(stream, position)
        body = position + 4
        if body + length > len(stream):
            raise ValueError("the last record is cut off")
        if record == 0x2F:  # FILEPASS
            raise UnusableError(ENCRYPTED)
        if record in _BEGINNINGS:
            rows = columns = 0
            sheet = at_position.setdefault(position, SheetRecords())
        elif record == 0x0200:  # DIMENSIONS: rows and columns, each from and up to
            top, bottom, left, right = struct.unpack_from("<IIHH" if length >= 14 else "<HHHH", stream, body)
            if not (top <= bottom <= 65536 and left <= right <= 256):
                raise ValueError("more than an .xls can hold")
        elif record in _CELL_RECORDS:
            row, column = _RECORD.unpack_from(stream, body)
            if codes and record in _NUMBERS:
                _add_formats(sheet.formats, styles, record, stream[body : body + length])
            if record == _MULRK:  # several cells
                column += max(length // 6 - 1, 0)
            if column > 255:
                raise ValueError("more columns than an .xls can hold")
            rows, columns = max(rows, row + 1), max(columns, column + 1)
            if is_sparse(rows, columns, len(stream)):
                raise UnusableError(f"有一张工作表{SPARSE.format(rows, columns)}")
            if record in _FORMULAS or record == _ERROR_OR_BOOLEAN:
                lost = _lost_value(record, stream[body : body + length])
                if lost is not None:
                    sheet.lost[row, column] = lost
        elif record == _MERGES:
            for at in range(body + 2, body + length - 7, 8):
                top, bottom, left, right = struct.unpack_from("<HHHH", stream, at)
                sheet.merges.append((top, left, bottom, right))
        elif record == _CODEPAGE and book.code_page is None:
            (book.code_page,) = struct.unpack_from("<H", stream, body)
        elif record == _FORMAT and length > 3:
            codes |= _telling_format(stream[body : body + length], book)
        elif record == _XF and length > 3:
            (number,) = struct.unpack_from("<2xH", stream, body)
            styles.append(codes.get(number, ""))
        elif record == _BOUNDSHEET:
            offset, kind = struct.unpack_from("<IxB", stream, body)
            book.sheets.append(at_position.setdefault(offset, SheetRecords()))
            book.sheets[-1].worksheet = kind == 0
        position = body + length
    if not book.sheets:
        book.sheets = [*at_position.values()][:1]
    return book


def _telling_format(body: bytes, book: OldWorkbook) -> dict[int, str]:
    """The number format of a record by its number, if it shows numbers smaller than they are or with a unit."""
    from loaders.cleaning.formats import tells  # a reader that starts faster: few workbooks have formats of their own

    (number,) = struct.unpack_from("<H", body)
    code = ""
    if book.unicode:
        code = body[5:].decode("utf-16-le" if body[4] & 1 else "latin-1", "replace")
    else:
        for encoding in encodings(book.code_page):
            try:
                code = body[3 : 3 + body[2]].decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    return {number: code} if tells(code) else {}


def _add_formats(formats: dict[Place, str], styles: list[str], record: int, body: bytes) -> None:
    """Add the telling formats of the cells of a record: one number, or several of one row."""
    row, first = _RECORD.unpack_from(body)
    for number, at in enumerate(range(4, len(body) - 7, 6) if record == _MULRK else (4,)):
        style = int.from_bytes(body[at : at + 2], "little")
        if style < len(styles) and styles[style]:
            formats[row, first + number] = styles[style]


def _lost_value(record: int, body: bytes) -> str | None:
    """The error value of a cell, '' for a formula to be computed when the file is opened; None for any other."""
    if record == _ERROR_OR_BOOLEAN:
        return _ERRORS.get(body[6], "错误值") if len(body) > 7 and body[7] else None
    result, flags = body[6:14], body[14:16]
    if result[6:] == b"\xff\xff":
        return _ERRORS.get(result[2], "错误值") if result[0] == 2 else None
    return "" if not any(result) and len(flags) == 2 and flags[0] & 2 else None


def _kind(data: bytes) -> str:
    for signature, kind in _SIGNATURES.items():
        if data.startswith(signature):
            return f"是{kind}"
    head = data[:2000]
    if b"urn:schemas-microsoft-com:office:spreadsheet" in head:
        return "是 XML 表格（Excel 2003）"
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return "是网页"
    if b"mime-version:" in head.lower():
        return "是网页归档（.mht）"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or not any(byte < 9 for byte in head):
        return "是文本（后缀应为 .csv 或 .txt）"
    return "无法识别"
