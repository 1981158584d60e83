"""Files of every kind that holds ledgers, as tables of cells.

`read` takes a workbook (.xlsx, .xlsm, .xls), a text table (.csv, .tsv, .txt), a folder of them or a zip of
them. Nothing is unpacked to disk. The size that a file declares is checked before memory is spent on it.

The value of a formula cell is the last one shown. An error value (#REF!, #N/A …) and a formula never calculated
are None, and the table says where they stand.
"""

from __future__ import annotations

import os
import stat
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from operator import itemgetter
from pathlib import Path, PurePosixPath

from graph.errors import InputError
from loaders.read import delimited, tables
from loaders.read.archives import member_bytes, member_name, members_of, open_archive
from loaders.read.formats import with_formats
from loaders.read.tables import READABLE, Skipped, Table, UnusableError, preview_text, shown_name, shown_path
from loaders.read.workbooks import workbook

_WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xls"})
_TEXTS = frozenset({".csv", ".tsv", ".txt"})
#: files that systems add to folders; hidden files and the ~$… of office programs are passed over too
_LITTER = frozenset({"thumbs.db", "desktop.ini", "__macosx"})


def read(path: Path) -> Iterator[Table | Skipped]:
    """Every sheet of a file, or of the files in a folder (and below it) or a zip, in a fixed order.

    Hidden files and leftovers of office programs (~$…, .DS_Store) are passed over silently. Raises InputError
    during the iteration if `path` itself cannot be used: missing, not permitted, of a wrong kind, damaged,
    encrypted, or without one readable sheet. Inside a folder or a zip such a file is a Skipped.
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
        items = _file(shown_path(path.name), partial(_bytes, path))
    else:
        raise InputError(f"“{shown}”不是普通文件：{READABLE}。")
    several = stat.S_ISDIR(mode) or path.suffix.lower() == ".zip"
    skipped: list[Skipped] = []
    usable = False
    try:
        for item in items:
            if isinstance(item, Skipped):
                skipped.append(item)
            usable = usable or several or isinstance(item, Table)
            yield item
    except UnusableError as error:
        raise InputError(f"“{shown}”{error}。") from None
    if not usable:
        reasons = "；".join(f"{item.sheet}：{item.reason}" for item in skipped[:3]) or "没有内容"
        raise InputError(f"“{shown}”中没有可以读取的表（{reasons}）：请检查后再载入。")


# Files, folders, zips --------------------------------------------------------------------------------


def _file(shown: str, load: Callable[[], bytes], in_zip: bool = False) -> Iterator[Table | Skipped]:
    suffix = PurePosixPath(shown).suffix.lower()
    if suffix == ".zip":
        if in_zip:
            raise UnusableError("是压缩包里的压缩包，没有打开：请解压后再载入")
        yield from _zip(shown, load())
    elif suffix in _WORKBOOKS:
        data = load()
        yield from with_formats(workbook(shown, data), data)
    elif suffix in _TEXTS:
        rows, lost, records = delimited.read(load())
        yield Table(shown, shown_name(PurePosixPath(shown).stem), rows, lost=lost, records=records)
    else:
        raise UnusableError(f"不是可以读取的类型（{preview_text(suffix) or '没有后缀'}）：{READABLE}")


def _listed(shown: str, load: Callable[[], bytes], in_zip: bool = False) -> Iterator[Table | Skipped]:
    try:
        yield from _file(shown, load, in_zip)
    except UnusableError as error:
        yield Skipped(shown, "", str(error))


def _folder(folder: Path) -> Iterator[Table | Skipped]:
    closed: list[OSError] = []
    yield from _together(_inside(folder, closed))
    for error in closed:
        if error.filename is None or Path(error.filename) == folder:
            raise UnusableError("无法打开：请检查文件夹的权限")
        inside = Path(error.filename).relative_to(folder).as_posix()
        yield Skipped(shown_path(inside), "", "文件夹无法打开：请检查权限")


def _inside(folder: Path, closed: list[OSError]) -> Iterator[Iterator[Table | Skipped]]:
    for directory, subfolders, files in os.walk(folder, onerror=closed.append):
        subfolders[:] = sorted(name for name in subfolders if not _litter(name))
        for name in sorted(name for name in files if not _litter(name)):
            path = Path(directory, name)
            yield _listed(shown_path(path.relative_to(folder).as_posix()), partial(_bytes, path))


def _together(files: Iterable[Iterator[Table | Skipped]]) -> Iterator[Table | Skipped]:
    """The tables of the files in order. Two files are read ahead in threads: the library releases the interpreter lock."""
    with ThreadPoolExecutor(2, thread_name_prefix="liangxin-read") as workers:
        following: deque[Future[list[Table | Skipped]]] = deque()
        for file in files:
            following.append(workers.submit(list, file))
            if len(following) > 2:
                yield from following.popleft().result()
        while following:
            yield from following.popleft().result()


def _zip(shown: str, data: bytes) -> Iterator[Table | Skipped]:
    with open_archive(data) as archive:
        named = sorted(((member_name(info), info) for info in members_of(archive)), key=itemgetter(0))
        yield from _together(
            _listed(f"{shown}/{shown_path(name)}", partial(member_bytes, archive, info), in_zip=True)
            for name, info in named
            if not any(map(_litter, name.split("/")))
        )


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
