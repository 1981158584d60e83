"""Files of every kind that holds ledgers, as tables of cells, read in this process (see loaders.read.apart).

`read` takes a workbook (.xlsx, .xlsm, .xls), a text table (.csv, .tsv, .txt), a folder of them or a zip of
them. Nothing is unpacked to disk. The size that a file declares is checked before memory is spent on it.

The value of a formula cell is the last one shown. An error value (#REF!, #N/A …) and a formula never calculated
are None, and the table says where they stand.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from pathlib import Path, PurePosixPath

from graph.errors import InputError
from loaders.read import delimited, tables
from loaders.read.archives import member_bytes, member_name, members_of, open_archive
from loaders.read.tables import READABLE, Skipped, Table, UnusableError, preview_text, shown_name, shown_path

_WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xls"})
_TEXTS = frozenset({".csv", ".tsv", ".txt"})
#: files that systems add to folders; hidden files and the ~$… of office programs are passed over too
_LITTER = frozenset({"thumbs.db", "desktop.ini", "__macosx"})


@dataclass(frozen=True, slots=True)
class File:
    """One file to read: the name it is shown under, its declared size, what gives its bytes."""

    shown: str
    size: int
    load: Callable[[], bytes]


class Guide:
    """How files are read, by their number in the order; a process that reads for another one does it otherwise."""

    def wants(self, number: int) -> bool:
        """Whether a file is to be read."""
        return True

    def begins(self, number: int) -> str | None:
        """Told before a file is read. A reason returned is why it is not."""
        return None

    def careful(self, number: int) -> bool:
        """Whether each cell of a workbook is looked at before a library is let at it; it takes as long as reading."""
        return True

    def confine(self, size: int) -> None:
        """Told how many bytes of content are about to be read."""


def read(path: Path, guide: Guide | None = None) -> Iterator[Table | Skipped]:
    """Every sheet of a file, or of the files in a folder (and below it) or a zip, in a fixed order.

    Hidden files and leftovers of office programs (~$…, .DS_Store) are passed over silently. Raises InputError
    during the iteration if `path` itself cannot be used: missing, not permitted, of a wrong kind, damaged,
    encrypted, or without one readable sheet. Inside a folder or a zip such a file is a Skipped.
    """
    guide = guide or Guide()
    shown = preview_text(path, 200)
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(f"找不到“{shown}”：请检查路径是否写对。") from None
    except (OSError, ValueError):
        raise InputError(f"“{shown}”无法访问：请检查路径和权限。") from None
    if stat.S_ISDIR(mode):
        files = _folder(path, guide)
    elif stat.S_ISREG(mode):
        files = _opened(_on_disk(shown_path(path.name), path), guide)
    else:
        raise InputError(f"“{shown}”不是普通文件：{READABLE}。")
    several = stat.S_ISDIR(mode) or path.suffix.lower() == ".zip"
    skipped: list[Skipped] = []
    usable = False
    try:
        for number, file in enumerate(files):
            usable = usable or several
            if not guide.wants(number):
                continue
            for item in [file] if isinstance(file, Skipped) else _tables(number, file, guide, several):
                if isinstance(item, Skipped):
                    skipped.append(item)
                usable = usable or isinstance(item, Table)
                yield item
    except UnusableError as error:
        raise InputError(f"“{shown}”{error}。") from None
    if not usable:
        reasons = "；".join(f"{item.sheet}：{item.reason}" for item in skipped[:3]) or "没有内容"
        raise InputError(f"“{shown}”中没有可以读取的表（{reasons}）：请检查后再载入。")


def _tables(number: int, file: File, guide: Guide, several: bool) -> Iterator[Table | Skipped]:
    """The tables of one file. Raises UnusableError if it cannot be used and is not one of several."""
    try:
        if reason := guide.begins(number):
            raise UnusableError(reason)
        suffix = PurePosixPath(file.shown).suffix.lower()
        if suffix in _WORKBOOKS:
            from loaders.read.workbooks import workbook  # a reader of texts alone starts faster without libraries

            guide.confine(file.size)
            nothing = True
            for sheet in workbook(file.shown, file.load(), guide.careful(number), guide.confine):
                nothing = False
                yield sheet
            if nothing:
                raise UnusableError("里没有工作表：请用 WPS 打开检查后另存")
        elif suffix in _TEXTS:
            # a character takes one byte or more in the file, up to four in memory, and fields are objects
            guide.confine(file.size * 3)
            rows, lost, records = delimited.read(file.load())
            yield Table(file.shown, shown_name(PurePosixPath(file.shown).stem), rows, lost=lost, records=records)
        else:
            raise UnusableError(f"不是可以读取的类型（{preview_text(suffix) or '没有后缀'}）：{READABLE}")
    except UnusableError as error:
        if not several:
            raise
        yield Skipped(file.shown, "", str(error))


# Files, folders, zips --------------------------------------------------------------------------------


def _opened(file: File, guide: Guide) -> Iterator[File | Skipped]:
    """A file itself, or what is in it if it is a zip."""
    if PurePosixPath(file.shown).suffix.lower() != ".zip":
        yield file
        return
    guide.confine(file.size)
    with open_archive(file.load()) as archive:
        named = sorted(((member_name(info), info) for info in members_of(archive)), key=itemgetter(0))
        for name, info in named:
            if any(map(_litter, name.split("/"))):
                continue
            shown = f"{file.shown}/{shown_path(name)}"
            if PurePosixPath(name).suffix.lower() == ".zip":
                yield Skipped(shown, "", "是压缩包里的压缩包，没有打开：请解压后再载入")
            else:
                yield File(shown, info.file_size, partial(member_bytes, archive, info))


def _folder(folder: Path, guide: Guide) -> Iterator[File | Skipped]:
    closed: list[OSError] = []
    for directory, subfolders, files in os.walk(folder, onerror=closed.append):
        subfolders[:] = sorted(name for name in subfolders if not _litter(name))
        for name in sorted(name for name in files if not _litter(name)):
            path = Path(directory, name)
            file = _on_disk(shown_path(path.relative_to(folder).as_posix()), path)
            try:
                yield from _opened(file, guide)
            except UnusableError as error:
                yield Skipped(file.shown, "", str(error))
    for fault in closed:
        if fault.filename is None or Path(fault.filename) == folder:
            raise UnusableError("无法打开：请检查文件夹的权限")
        inside = Path(fault.filename).relative_to(folder).as_posix()
        yield Skipped(shown_path(inside), "", "文件夹无法打开：请检查权限")


def _on_disk(shown: str, path: Path) -> File:
    try:
        size = path.stat().st_size
    except OSError:
        size = 0
    return File(shown, size, partial(_bytes, path))


def _bytes(path: Path) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise UnusableError(f"不是普通文件：{READABLE}")
        if status.st_size > tables.MAX_BYTES:
            raise UnusableError(f"超过 {tables.MAX_BYTES >> 20} MB：请拆成几个文件再载入")
        return path.read_bytes()
    except OSError:
        raise UnusableError("无法打开：请检查文件的权限，或者是否已被移走") from None


def _litter(name: str) -> bool:
    return (name.startswith((".", "~$")) and name not in (".", "..")) or name.lower() in _LITTER
