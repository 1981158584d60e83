"""Checks of old workbooks (.xls) before a library reads them: the compound file [MS-CFB] and its records [MS-XLS].

They show what the file is, whether it is encrypted, and how many cells its sheets span.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Sequence

from loaders.read.tables import DAMAGED, EMPTY, ENCRYPTED, READABLE, UnusableError

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: cells that a sheet may span (last row × last column); more are allowed if there are 4 bytes of XML for each.
#: python-calamine allocates 32 bytes for each cell, filled or not
MAX_SPAN = 4_000_000
SPARSE = "内容稀少，却占到第 {} 行、第 {} 列，没有读取：请删除末尾多余的行和列后另存"

_SIGNATURES = {
    b"%PDF": "PDF 文档", b"\x89PNG": "图片", b"\xff\xd8\xff": "图片", b"GIF8": "图片", b"BM": "图片",
    b"{\\rtf": "RTF 文档", b"Rar!": "RAR 压缩包", b"7z\xbc\xaf": "7z 压缩包", b"\x1f\x8b": "GZIP 压缩包",
}  # fmt: skip
_CHAIN_END = 0xFFFFFFFA  # from here on a sector's number is a mark, not a sector
_RECORD = struct.Struct("<HH")
_CELL_RECORDS = frozenset({0x0006, 0x00BD, 0x00D6, 0x00FD, 0x0203, 0x0204, 0x0205, 0x027E})


def check_compound(data: bytes) -> None:
    """Raise UnusableError unless these bytes are an .xls workbook that is not encrypted."""
    if not data:
        raise UnusableError(EMPTY)
    if not data.startswith(OLE):
        raise UnusableError(f"内容{_kind(data)}，不是 Excel 工作簿：{READABLE}")
    try:
        streams = _ole_streams(data)
        if "EncryptionInfo" in streams:
            raise UnusableError(ENCRYPTED)
        if "WordDocument" in streams:
            raise UnusableError(f"内容是 Word 文档，与后缀不符：{READABLE}")
        _check_records(streams.get("Workbook") or streams["Book"])
    except (struct.error, IndexError, KeyError, ValueError):
        raise UnusableError(DAMAGED) from None


def _ole_streams(data: bytes) -> dict[str, bytes]:
    """The streams of a compound file by name ([MS-CFB]); raises one of several errors where it is damaged."""
    size, small = 1 << min(data[30], 16), 64
    table_sectors = list(struct.unpack_from("<109I", data, 76))
    (following,) = struct.unpack_from("<I", data, 68)
    while following < _CHAIN_END and len(table_sectors) * size <= len(data) * 2:
        more = struct.unpack_from(f"<{size // 4}I", data, (following + 1) * size)
        table_sectors += more[:-1]
        following = more[-1]
    table = array("I")
    for sector in table_sectors:
        if sector < _CHAIN_END:
            table.extend(struct.unpack_from(f"<{size // 4}I", data, (sector + 1) * size))

    def chain(start: int, links: Sequence[int], source: bytes, step: int) -> bytes:
        parts: list[bytes] = []
        while start < _CHAIN_END:
            if len(parts) > len(links):
                raise ValueError("a chain of sectors that comes back to itself")
            parts.append(source[start * step : (start + 1) * step])
            start = links[start]
        return b"".join(parts)

    body = data[size:]
    directory = chain(struct.unpack_from("<I", data, 48)[0], table, body, size)
    small_start = struct.unpack_from("<I", data, 60)[0]
    small_table = array("I", struct.unpack(f"<{len(raw := chain(small_start, table, body, size)) // 4}I", raw))
    small_body = b""
    streams: dict[str, bytes] = {}
    for at in range(0, len(directory) - 127, 128):
        length, kind = struct.unpack_from("<HB", directory, at + 64)
        name = directory[at : at + max(length - 2, 0)].decode("utf-16-le")
        start, weight = struct.unpack_from("<II", directory, at + 116)
        if kind == 5:
            small_body = chain(start, table, body, size)
        elif kind == 2 and weight < 4096:
            streams[name] = chain(start, small_table, small_body, small)[:weight]
        elif kind == 2:
            streams[name] = chain(start, table, body, size)[:weight]
    return streams


def _check_records(stream: bytes) -> None:
    """Raise if the records of an .xls are encrypted, impossible, or span more cells than they fill."""
    position = rows = columns = 0
    while position + 4 <= len(stream):
        record, length = _RECORD.unpack_from(stream, position)
        if record == 0x2F:  # FILEPASS
            raise UnusableError(ENCRYPTED)
        if record == 0x0809:  # BOF: a sheet begins
            rows = columns = 0
        elif record == 0x0200:  # DIMENSIONS: rows and columns, each from and up to
            layout = "<IIHH" if length >= 14 else "<HHHH"
            top, bottom, left, right = struct.unpack_from(layout, stream, position + 4)
            if not (top <= bottom <= 65536 and left <= right <= 256):
                raise ValueError("more than an .xls can hold")
        elif record in _CELL_RECORDS:
            row, column = _RECORD.unpack_from(stream, position + 4)
            if record == 0x00BD:  # MULRK: several cells
                column += max(length // 6 - 1, 0)
            if column > 255:
                raise ValueError("more columns than an .xls can hold")
            rows, columns = max(rows, row + 1), max(columns, column + 1)
            if rows * columns > max(MAX_SPAN, len(stream) // 4):
                raise UnusableError(f"有一张工作表{SPARSE.format(rows, columns)}")
        position += 4 + length


def _kind(data: bytes) -> str:
    for signature, kind in _SIGNATURES.items():
        if data.startswith(signature):
            return f"是{kind}"
    if data[:200].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return "是网页"
    return "无法识别"
