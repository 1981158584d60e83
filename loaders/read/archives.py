"""Zip archives, and the workbooks that are ones: opened only where what they claim to hold can be borne."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import IO

from loaders.read import tables
from loaders.read.tables import DAMAGED, EMPTY, ENCRYPTED, UnusableError

MAX_MEMBERS = 10_000
#: a member this large that expands this many times is no ledger; formatted empty rows reach about 60
SUSPECT_BYTES, MAX_RATIO = 8 << 20, 200
ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, struct.error, ValueError)

_BOMB = "展开后过大（疑似压缩炸弹），没有打开：请确认来源，删去多余内容后另存"


def open_archive(data: bytes) -> zipfile.ZipFile:
    if not data:
        raise UnusableError(EMPTY)
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except (*ZIP_ERRORS, NotImplementedError):
        raise UnusableError(DAMAGED) from None


def members_of(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The files in a zip or workbook, once their declared sizes are found bearable."""
    members = [info for info in archive.infolist() if not info.is_dir()]
    suspect = any(m.file_size > SUSPECT_BYTES and m.file_size > MAX_RATIO * m.compress_size for m in members)
    if suspect or len(members) > MAX_MEMBERS or sum(info.file_size for info in members) > tables.MAX_BYTES:
        raise UnusableError(_BOMB)
    return members


def member_bytes(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    # never reads more than the declared size, and a size that is a lie fails the checksum
    try:
        with open_member(archive, info) as stream:
            return stream.read(info.file_size)
    except ZIP_ERRORS:
        raise UnusableError(DAMAGED) from None


def open_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    if info.flag_bits & 0x1:
        raise UnusableError(ENCRYPTED)
    try:
        return archive.open(info)
    except (NotImplementedError, RuntimeError):
        raise UnusableError("压缩方式不受支持：请解压后再载入") from None


def member_name(info: zipfile.ZipInfo) -> str:
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
