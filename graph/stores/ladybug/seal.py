"""The checksums of a published file, which stand in the file itself: a copy of it has them too, and no crash parts them.

After the pages of the engine follow the checksums of each block of them, then the seal: how long the pages are and the
checksum of those checksums. The seal stands a second time at the end of the first page, which the engine leaves unused:
a file that was cut short, or has something after it, has only one of the two. The engine ignores what follows its own
pages; whoever writes a copy takes the seal off first.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

import xxhash

#: bytes that one checksum is of: 250 of a county's store, and a fault is told to a quarter of a megabyte
BLOCK = 1 << 18
#: a page of the engine
PAGE = 4096
_MAGIC = b"LX-SUMS1"
#: mark, bytes of the engine's pages, checksum of the checksums; then the checksum of these
_FIELDS = struct.Struct("<8sQQ")
_SEAL = _FIELDS.size + 8
#: where the seal stands in the first page
_FIRST = PAGE - _SEAL
#: how a file of the engine begins
_ENGINE = b"LBUG"


class AlteredError(Exception):
    """A file is not as it was published; the message says where, in Chinese."""


class ForeignError(Exception):
    """A file is none of the engine's; the message says why, in Chinese."""


def put_on(path: Path) -> None:
    """Seal a file that the engine has closed."""
    with open(path, "r+b") as file:
        size = file.seek(0, os.SEEK_END)
        # what the engine left in the place of the seal is none of its own
        _write_first(file.fileno(), bytes(_SEAL))
        sums = _sums(file.fileno(), size)
        fields = _FIELDS.pack(_MAGIC, size, xxhash.xxh3_64_intdigest(sums))
        seal = fields + struct.pack("<Q", xxhash.xxh3_64_intdigest(fields))
        # to whole pages, as the engine expects of its files
        filling = bytes(-(len(sums) + _SEAL) % PAGE)
        file.seek(size)
        file.write(sums + filling + seal)
        file.flush()
        _write_first(file.fileno(), seal)


def take_off(path: Path) -> None:
    """Leave the engine its own pages, as before `put_on`. The seal is not checked."""
    with open(path, "r+b") as file:
        seal = os.pread(file.fileno(), _SEAL, _FIRST)
        if seal.startswith(_MAGIC):
            _write_first(file.fileno(), bytes(_SEAL))
            file.truncate(_FIELDS.unpack(seal[: _FIELDS.size])[1])


def check(path: Path, *, from_disk: bool = False) -> int:
    """Compare a file with its checksums; the number of blocks compared, 0 for a file without any.

    With `from_disk`, what the system remembers of the file is forgotten first where it can be. Raises AlteredError
    where it differs, ForeignError where it is no file of the engine, OSError where it cannot be read.
    """
    with open(path, "rb", buffering=0) as file:
        number, size = file.fileno(), os.fstat(file.fileno()).st_size
        if from_disk and hasattr(os, "posix_fadvise"):
            os.posix_fadvise(number, 0, 0, os.POSIX_FADV_DONTNEED)
        if not size:
            raise ForeignError("是空文件")
        if os.pread(number, len(_ENGINE), 0) != _ENGINE:
            raise ForeignError("开头不是图库文件的格式")
        if size < PAGE:
            raise AlteredError("长度不足一页")
        first, last = os.pread(number, _SEAL, _FIRST), os.pread(number, _SEAL, size - _SEAL)
        if not first.startswith(_MAGIC) and not last.startswith(_MAGIC):
            return 0
        if first != last:
            raise AlteredError("长度与写入时不同，或首尾被改动")
        length = _length(first)
        count = -(-length // BLOCK)
        sums = os.pread(number, 8 * count, length)
        if size != length + 8 * count + -(8 * count + _SEAL) % PAGE + _SEAL:
            raise AlteredError("长度与写入时不同")
        if xxhash.xxh3_64_intdigest(sums) != _FIELDS.unpack(first[: _FIELDS.size])[2]:
            raise AlteredError("校验和被改动")
        if any(os.pread(number, size - _SEAL - length - len(sums), length + len(sums))):
            raise AlteredError("校验和之后被改动")
        present = _sums(number, length)
        wrong = [i for i in range(count) if present[8 * i : 8 * i + 8] != sums[8 * i : 8 * i + 8]]
        if wrong:
            at = wrong[0] * BLOCK
            raise AlteredError(f"第 {at:,} 到 {min(at + BLOCK, length):,} 字节之间等 {len(wrong)} 处与写入时不同")
        return count


def _length(seal: bytes) -> int:
    """The bytes of the engine's pages; AlteredError for a seal that is not whole."""
    (own,) = struct.unpack("<Q", seal[_FIELDS.size :])
    if own != xxhash.xxh3_64_intdigest(seal[: _FIELDS.size]):
        raise AlteredError("校验和被改动")
    length: int = _FIELDS.unpack(seal[: _FIELDS.size])[1]
    return length


def _sums(number: int, size: int) -> bytes:
    """The checksums of the blocks of an open file; the place of the seal counts as zeros."""
    sums = bytearray()
    block = bytearray(BLOCK)
    view = memoryview(block)
    os.lseek(number, 0, os.SEEK_SET)
    for at in range(0, size, BLOCK):
        wanted = min(BLOCK, size - at)
        filled = 0
        while filled < wanted:
            got = os.readv(number, [view[filled:wanted]])
            if not got:
                raise AlteredError("长度与写入时不同")
            filled += got
        if not at:
            view[_FIRST:PAGE] = bytes(_SEAL)
        sums += struct.pack("<Q", xxhash.xxh3_64_intdigest(view[:wanted]))
    return bytes(sums)


def _write_first(number: int, seal: bytes) -> None:
    os.pwrite(number, seal, _FIRST)
