"""Zip archives, and workbooks that are zip archives. Only an archive of bearable declared size is opened."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import IO

from loaders.read import tables
from loaders.read.tables import DAMAGED, EMPTY, ENCRYPTED, UnusableError

MAX_MEMBERS = 10_000
#: a member of this size that expands this many times is no ledger; empty formatted rows reach about 60
SUSPECT_BYTES, MAX_RATIO = 8 << 20, 200
ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, struct.error, ValueError)

_BOMB = "展开后过大（疑似压缩炸弹），没有打开：请确认来源，删去多余内容后另存"


def open_archive(data: bytes) -> zipfile.ZipFile:
    """The zip archive in these bytes. Raises UnusableError if it is empty or damaged."""
    if not data:
        raise UnusableError(EMPTY)
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except (*ZIP_ERRORS, NotImplementedError):
        raise UnusableError(DAMAGED) from None


def members_of(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The files in a zip or workbook. Raises UnusableError if their number or declared sizes are unbearable."""
    members = [info for info in archive.infolist() if not info.is_dir()]
    suspect = any(m.file_size > SUSPECT_BYTES and m.file_size > MAX_RATIO * m.compress_size for m in members)
    if suspect or len(members) > MAX_MEMBERS or sum(info.file_size for info in members) > tables.MAX_BYTES:
        raise UnusableError(_BOMB)
    return members


def member_bytes(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """The content of a member. Raises UnusableError if it is damaged, encrypted or packed in an unknown way."""
    # no more than the declared size is read, and a false size fails the checksum
    try:
        with open_member(archive, info) as stream:
            return stream.read(info.file_size)
    except ZIP_ERRORS:
        raise UnusableError(DAMAGED) from None


def open_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    """The stream of a member. Raises UnusableError if it is encrypted or packed in an unknown way."""
    if info.flag_bits & 0x1:
        raise UnusableError(ENCRYPTED)
    try:
        return archive.open(info)
    except (NotImplementedError, RuntimeError):
        raise UnusableError("压缩方式不受支持：请解压后再载入") from None


def member_name(info: zipfile.ZipInfo) -> str:
    """The path of a member with /, decoded as UTF-8 or GBK."""
    name = info.filename
    if not info.flag_bits & 0x800:  # not marked UTF-8: zipfile decodes it as cp437, Chinese Windows writes GBK
        raw = name.encode("cp437", "replace")
        for encoding in ("utf-8", "gb18030"):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    return name.replace("\\", "/")
