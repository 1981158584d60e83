"""Any file a ledger comes in, as rows that know their file, sheet and line.

`read` takes a workbook (.xlsx, .xlsm, .xls), a text table (.csv, .tsv, .txt), a folder of them or a zip of
them. Nothing is unpacked to disk, and what a file claims about its size is checked before memory is spent.

Formula cells come as the value they last showed. An Excel error value (#REF!, #N/A …) and a formula never
calculated come as None: python-calamine hands both out as an empty cell.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
import posixpath
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import IO
from xml.etree import ElementTree

import charset_normalizer
import python_calamine as calamine

from graph.errors import InputError
from graph.workbook import Cell, Span

#: what a file, and all that a zip or workbook expands to, may weigh in memory
MAX_BYTES = 1 << 30
MAX_MEMBERS = 10_000
#: a member this large that expands this many times is no ledger; formatted empty rows reach about 60
SUSPECT_BYTES, MAX_RATIO = 8 << 20, 200
#: cells a sheet may span (last row × last column), or one for every 4 bytes of its XML where that is more:
#: python-calamine allocates 32 bytes for each, filled or not
MAX_SPAN = 4_000_000

_WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xls"})
_TEXTS = frozenset({".csv", ".tsv", ".txt"})
_READABLE = "请另存为 .xlsx 或 .csv 后再载入"
_DAMAGED = "已损坏或不完整（可能没有传完）：请重新拷贝，或用 WPS 打开后另存为 .xlsx"
_ENCRYPTED = "已加密：请打开后取消密码，另存再载入"
_SPARSE = "内容稀少，却占到第 {} 行、第 {} 列，没有读取：请删除末尾多余的行和列后另存"
_BOMB = "展开后过大（疑似压缩炸弹），没有打开：请确认来源，删去多余内容后另存"
#: what systems leave beside the files that people made; hidden files and ~$… of office programs besides
_LITTER = frozenset({"thumbs.db", "desktop.ini", "__macosx"})
_SIGNATURES = {
    b"%PDF": "PDF 文档", b"\x89PNG": "图片", b"\xff\xd8\xff": "图片", b"GIF8": "图片", b"BM": "图片",
    b"{\\rtf": "RTF 文档", b"Rar!": "RAR 压缩包", b"7z\xbc\xaf": "7z 压缩包", b"\x1f\x8b": "GZIP 压缩包",
}  # fmt: skip
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_REFERENCE = re.compile(rb"""\br=["']([A-Z]{0,3})(\d{1,7})["']""")
_DIMENSION = re.compile(rb'dimension ref="[^":]*:([A-Z]{1,3})(\d{1,7})"')
_Value = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta
_TIMES = frozenset({dt.time, dt.timedelta})
_OLE_END = 0xFFFFFFFA  # from here on a sector's number is a mark, not a sector
_RECORD = struct.Struct("<HH")
_CELL_RECORDS = frozenset({0x0006, 0x00BD, 0x00D6, 0x00FD, 0x0203, 0x0204, 0x0205, 0x027E})
_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, struct.error, ValueError)

# one cell may be as long as the file that holds it; the csv module's own limit is 128 KiB
csv.field_size_limit(MAX_BYTES)


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet that was read.

    `file` is shown to the user: the path relative to what was handed in; a member of a zip is
    "台账.zip/企业.xlsx". `sheet` is the sheet's name, for text the file's stem. `rows[i]` is line i + 1 of the
    sheet (of a text: record i + 1): blank rows above and between are kept, as [], those below are not; rows
    differ in length and end in a filled cell. Blank cells are None. `merges`: see graph.workbook.Span.
    """

    file: str
    sheet: str
    rows: list[list[Cell]]
    merges: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file (`sheet` is '') or a sheet that is listed but was not read: what is wrong, and what to do."""

    file: str
    sheet: str
    reason: str


class _UnusableError(Exception):
    """Why a file cannot be used; reads as what follows its name."""


def read(path: Path) -> Iterator[Table | Skipped]:
    """Every sheet of a file, or of the files in a folder (and below it) or a zip, in a fixed order.

    Hidden files and what office programs leave behind (~$…, .DS_Store) are passed over silently. Raises
    InputError, when the iteration comes to it, if `path` itself cannot be used: missing, not permitted, of a
    wrong kind, damaged, encrypted, without one readable sheet. Inside a folder or a zip that is a Skipped.
    """
    shown = preview_text(path, 200)
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(f"找不到“{shown}”：请检查路径是否写对。") from None
    except (OSError, ValueError):
        raise InputError(f"“{shown}”无法访问：请检查路径和权限。") from None
    if stat.S_ISDIR(mode):
        items = _folder(path)
    elif stat.S_ISREG(mode):
        items = _file(_shown_path(path.name), partial(_bytes, path))
    else:
        raise InputError(f"“{shown}”不是普通文件：{_READABLE}。")
    several = stat.S_ISDIR(mode) or path.suffix.lower() == ".zip"
    skipped: list[Skipped] = []
    found = False
    try:
        for item in items:
            if isinstance(item, Skipped):
                skipped.append(item)
            found = found or several or isinstance(item, Table)
            yield item
    except _UnusableError as error:
        raise InputError(f"“{shown}”{error}。") from None
    if not found:
        reasons = "；".join(f"{item.sheet}：{item.reason}" for item in skipped[:3]) or "没有内容"
        raise InputError(f"“{shown}”中没有可以读取的表（{reasons}）：请检查后再载入。")


def preview_text(value: object, limit: int = 60) -> str:
    """A value as it may be quoted in a message: one line, no control characters, cut with … after `limit`."""
    text = value if isinstance(value, str) else str(value)
    head = text[: limit * 4]
    spaced = (" " if c.isspace() else "" if unicodedata.category(c)[0] == "C" else c for c in head)
    clean = " ".join("".join(spaced).split())
    return clean[: limit - 1] + "…" if len(clean) > limit or len(head) < len(text) else clean


# Files, folders, zips -------------------------------------------------------------------------------------


def _file(shown: str, load: Callable[[], bytes], in_zip: bool = False) -> Iterator[Table | Skipped]:
    suffix = PurePosixPath(shown).suffix.lower()
    if suffix == ".zip":
        if in_zip:
            raise _UnusableError("是压缩包里的压缩包，没有打开：请解压后再载入")
        yield from _zip(shown, load())
    elif suffix in _WORKBOOKS:
        yield from _workbook(shown, load())
    elif suffix in _TEXTS:
        yield Table(shown, _shown_name(PurePosixPath(shown).stem), _text(load()))
    else:
        raise _UnusableError(f"不是可以读取的类型（{preview_text(suffix) or '没有后缀'}）：{_READABLE}")


def _listed(shown: str, load: Callable[[], bytes], in_zip: bool = False) -> Iterator[Table | Skipped]:
    try:
        yield from _file(shown, load, in_zip)
    except _UnusableError as error:
        yield Skipped(shown, "", str(error))


def _folder(folder: Path) -> Iterator[Table | Skipped]:
    closed: list[OSError] = []
    for directory, subfolders, files in os.walk(folder, onerror=closed.append):
        subfolders[:] = sorted(name for name in subfolders if not _litter(name))
        for name in sorted(name for name in files if not _litter(name)):
            path = Path(directory, name)
            yield from _listed(_shown_path(path.relative_to(folder).as_posix()), partial(_bytes, path))
    for error in closed:
        if error.filename is None or Path(error.filename) == folder:
            raise _UnusableError("无法打开：请检查文件夹的权限")
        inside = Path(error.filename).relative_to(folder).as_posix()
        yield Skipped(_shown_path(inside), "", "文件夹无法打开：请检查权限")


def _zip(shown: str, data: bytes) -> Iterator[Table | Skipped]:
    with _archive(data) as archive:
        for info in sorted(_members(archive), key=_member_name):
            name = _member_name(info)
            if any(map(_litter, name.split("/"))):
                continue
            inside = f"{shown}/{_shown_path(name)}"
            yield from _listed(inside, partial(_member, archive, info), in_zip=True)


def _bytes(path: Path) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise _UnusableError(f"不是普通文件：{_READABLE}")
        if status.st_size > MAX_BYTES:
            raise _UnusableError(f"超过 {MAX_BYTES >> 20} MB：请拆成几个文件再载入")
        return path.read_bytes()
    except OSError:
        raise _UnusableError("无法打开：请检查文件的权限，或者是否已被移走") from None


def _archive(data: bytes) -> zipfile.ZipFile:
    if not data:
        raise _UnusableError("是空文件（0 字节）：请重新导出或拷贝")
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except (*_ZIP_ERRORS, NotImplementedError):
        raise _UnusableError(_DAMAGED) from None


def _members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The files in a zip or workbook, once their declared sizes are found bearable."""
    members = [info for info in archive.infolist() if not info.is_dir()]
    suspect = any(m.file_size > SUSPECT_BYTES and m.file_size > MAX_RATIO * m.compress_size for m in members)
    if suspect or len(members) > MAX_MEMBERS or sum(info.file_size for info in members) > MAX_BYTES:
        raise _UnusableError(_BOMB)
    return members


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    # never reads more than the declared size, and a size that is a lie fails the checksum
    try:
        with _open(archive, info) as stream:
            return stream.read(info.file_size)
    except _ZIP_ERRORS:
        raise _UnusableError(_DAMAGED) from None


def _open(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    if info.flag_bits & 0x1:
        raise _UnusableError(_ENCRYPTED)
    try:
        return archive.open(info)
    except (NotImplementedError, RuntimeError):
        raise _UnusableError("压缩方式不受支持：请解压后再载入") from None


def _member_name(info: zipfile.ZipInfo) -> str:
    name = info.filename
    if not info.flag_bits & 0x800:  # not marked UTF-8: zipfile took it for cp437, Windows here writes GBK
        raw = name.encode("cp437", "replace")
        for encoding in ("utf-8", "gb18030"):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    return name.replace("\\", "/")


def _litter(name: str) -> bool:
    return (name.startswith((".", "~$")) and name not in (".", "..")) or name.lower() in _LITTER


def _shown_path(path: str) -> str:
    parts = (preview_text(part, 100) for part in path.split("/"))
    return "/".join(p for p in parts if p not in ("", ".", "..") and not re.fullmatch("[A-Za-z]:", p)) or "…"


def _shown_name(name: str) -> str:
    return preview_text(name).replace("/", "／").replace("\\", "＼") or "（无名）"


# Workbooks ------------------------------------------------------------------------------------------------


def _workbook(shown: str, data: bytes) -> Iterator[Table | Skipped]:
    if data.startswith(b"PK"):
        faults = _check_package(data)
    else:
        _check_ole(data)
        faults = {}
    with _damage():
        book = calamine.load_workbook(io.BytesIO(data))
    with book:
        for index, sheet in enumerate(book.sheets_metadata):
            if sheet.typ != calamine.SheetTypeEnum.WorkSheet:
                continue
            name = _shown_name(sheet.name)
            if sheet.visible != calamine.SheetVisibleEnum.Visible:
                yield Skipped(shown, name, "隐藏工作表，没有读取：需要载入时请先取消隐藏")
            elif sheet.name in faults:
                yield Skipped(shown, name, faults[sheet.name])
            else:
                yield _sheet(shown, name, book, index)


def _sheet(shown: str, name: str, book: calamine.CalamineWorkbook, index: int) -> Table | Skipped:
    try:
        with _damage():
            sheet = book.get_sheet_by_index(index)
            values = sheet.to_python(skip_empty_area=False)
            merges = sheet.merged_cell_ranges or []
    except _UnusableError:
        return Skipped(shown, name, "工作表已损坏，没有读取：请用 WPS 打开检查后另存")
    rows = _trimmed(map(_cells, values))
    if not rows:
        return Skipped(shown, name, "空表，没有内容")
    return Table(shown, name, rows, tuple((*first, *last) for first, last in merges))


@contextmanager
def _damage() -> Iterator[None]:
    """What python-calamine raises on damaged content, as _UnusableError."""
    try:
        yield
    except calamine.CalamineError:
        raise _UnusableError(_DAMAGED) from None
    except BaseException as error:
        # a slip of its Rust code over damaged bytes; the type is not importable and no Exception
        if type(error).__name__ == "PanicException":
            raise _UnusableError(_DAMAGED) from None
        raise


def _cells(row: list[_Value]) -> list[Cell]:
    if _TIMES.isdisjoint(map(type, row)):
        return [None if v == "" else v for v in row if not isinstance(v, dt.time | dt.timedelta)]
    return [None if v == "" else str(v) if isinstance(v, dt.time | dt.timedelta) else v for v in row]


def _trimmed(rows: Iterable[list[Cell]]) -> list[list[Cell]]:
    """Rows without the blank cells at their ends, and without the blank rows at the end."""
    kept: list[list[Cell]] = []
    last = 0
    for number, row in enumerate(rows, 1):
        while row and ((v := row[-1]) is None or (isinstance(v, str) and not v.strip())):
            row.pop()
        kept.append(row)
        if row:
            last = number
    del kept[last:]
    return kept


def _check_package(data: bytes) -> dict[str, str]:
    """Why sheets of an .xlsx must not be read, by sheet name; raises where none may be.

    Reads every member once to its end, so that no size is a lie and no checksum wrong when the library,
    which trusts them, allocates what the sheets say they need.
    """
    with _archive(data) as archive:
        members = _members(archive)
        names = {info.filename for info in members}
        if not any(name.startswith("xl/") for name in names):
            kind = "Word 文档" if "word/document.xml" in names else "不是 Excel 工作簿的压缩文件"
            raise _UnusableError(f"内容是{kind}，与后缀不符：{_READABLE}")
        if "xl/workbook.bin" in names:
            raise _UnusableError(f"内容是 .xlsb 工作簿：{_READABLE}")
        faults = {}
        for info in members:
            sheet = info.filename.startswith("xl/worksheets/") and info.filename.endswith(".xml")
            try:
                with _open(archive, info) as stream:
                    rows, columns = _span(stream, info.file_size if sheet else None)
            except _ZIP_ERRORS:
                raise _UnusableError(_DAMAGED) from None
            if rows * columns > max(MAX_SPAN, info.file_size // 4):
                faults[info.filename] = _SPARSE.format(rows, columns)
        return _by_sheet(archive, faults) if faults else {}


def _span(stream: IO[bytes], size: int | None) -> tuple[int, int]:
    """The last row and column that a sheet's XML of this size refers to; (0, 0) for what is no sheet (None).

    A large sheet is believed when it declares a bearable size: to lie at that length is not worth the bytes.
    """
    letters: set[bytes] = set()
    digits: set[bytes] = {b"0"}
    tail = b""
    while chunk := stream.read(1 << 20):
        if size is None:
            continue
        block = tail + chunk
        if not tail and size > MAX_SPAN and (declared := _DIMENSION.search(block, 0, 4096)):
            rows, columns = int(declared[2]), _column(declared[1])
            if rows * columns <= size // 4:
                size = None
                continue
        for column, row in set(_REFERENCE.findall(block)):
            letters.add(column)
            digits.add(row)
        tail = block[-24:]
    return max(map(int, digits)), max(map(_column, letters), default=0)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _by_sheet(archive: zipfile.ZipFile, faults: dict[str, str]) -> dict[str, str]:
    named: dict[str, str] = {}
    try:
        relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
        target = {r.get("Id"): posixpath.join("/xl", r.get("Target", "")).lstrip("/") for r in relations}
        for sheet in ElementTree.fromstring(archive.read("xl/workbook.xml")).iterfind(".//{*}sheet"):
            identity = next((value for key, value in sheet.items() if key.endswith("}id")), None)
            if (path := target.get(identity)) in faults:
                named[sheet.get("name", "")] = faults[path]
    except (KeyError, ElementTree.ParseError):
        named = {}
    if len(named) < len(faults):
        raise _UnusableError(f"有一张工作表{next(iter(faults.values()))}")
    return named


def _check_ole(data: bytes) -> None:
    """Raise unless these bytes are an .xls workbook that is not encrypted."""
    if not data:
        raise _UnusableError("是空文件（0 字节）：请重新导出或拷贝")
    if not data.startswith(_OLE):
        raise _UnusableError(f"内容{_kind(data)}，不是 Excel 工作簿：{_READABLE}")
    try:
        streams = _ole_streams(data)
        if "EncryptionInfo" in streams:
            raise _UnusableError(_ENCRYPTED)
        if "WordDocument" in streams:
            raise _UnusableError(f"内容是 Word 文档，与后缀不符：{_READABLE}")
        _check_records(streams.get("Workbook") or streams["Book"])
    except (struct.error, IndexError, KeyError, ValueError):
        raise _UnusableError(_DAMAGED) from None


def _ole_streams(data: bytes) -> dict[str, bytes]:
    """The streams of a compound file by name ([MS-CFB]); raises one of several errors where it is damaged."""
    size, small = 1 << min(data[30], 16), 64
    table_sectors = list(struct.unpack_from("<109I", data, 76))
    (following,) = struct.unpack_from("<I", data, 68)
    while following < _OLE_END and len(table_sectors) * size <= len(data) * 2:
        more = struct.unpack_from(f"<{size // 4}I", data, (following + 1) * size)
        table_sectors += more[:-1]
        following = more[-1]
    table = array("I")
    for sector in table_sectors:
        if sector < _OLE_END:
            table.extend(struct.unpack_from(f"<{size // 4}I", data, (sector + 1) * size))

    def chain(start: int, links: Sequence[int], source: bytes, step: int) -> bytes:
        parts: list[bytes] = []
        while start < _OLE_END:
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
            raise _UnusableError(_ENCRYPTED)
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
                raise _UnusableError(f"有一张工作表{_SPARSE.format(rows, columns)}")
        position += 4 + length


def _kind(data: bytes) -> str:
    for signature, kind in _SIGNATURES.items():
        if data.startswith(signature):
            return f"是{kind}"
    if data[:200].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return "是网页"
    return "无法识别"


# Text -----------------------------------------------------------------------------------------------------


def _text(data: bytes) -> list[list[Cell]]:
    if not data:
        raise _UnusableError("是空文件（0 字节）：请重新导出或拷贝")
    if data.startswith((b"PK\x03\x04", _OLE)):
        raise _UnusableError("内容是工作簿或压缩包，与后缀不符：请把后缀改回 .xlsx、.xls 或 .zip 后再载入")
    text = _decoded(data)
    delimiter = _delimiter(text)
    try:
        records = _records(text, delimiter, strict=True)
    except csv.Error as error:
        if "end of data" in str(error):
            raise _UnusableError("里有一个引号没有配对，分不清后面的行：请补上或删去后再载入") from None
        records = _records(text, delimiter, strict=False)  # a stray quote inside a field
    rows = _trimmed([[v or None for v in record] for record in records])
    if not rows:
        raise _UnusableError("没有内容：请检查后再载入")
    return rows


def _records(text: str, delimiter: str, strict: bool) -> list[list[str]]:
    records = list(csv.reader(io.StringIO(text, newline=None), delimiter=delimiter, strict=strict))
    if '="' in text:  # ="0012" keeps a spreadsheet program from making a number of it
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
        raise _UnusableError("不是文本，或编码无法识别：请用 WPS 打开后另存为 .xlsx，或另存为 UTF-8 编码的 .csv")
    return text


def _delimiter(text: str) -> str:
    """The one of , ; and tab that cuts the most of the first records into the same number of fields."""

    def regularity(delimiter: str) -> tuple[int, int]:
        records = csv.reader(io.StringIO(text[: 1 << 16], newline=None), delimiter=delimiter)
        widths = Counter(len(record) for record in islice(records, 50) if len(record) > 1)
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
        return count, width

    return max(",;\t", key=regularity)
