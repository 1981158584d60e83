"""Ordinary files that people write (settings, meanings of headers, rules): read whole, within a bound, as UTF-8.

A path may lead to anything: a folder, a pipe that never ends, a device, a name that no file system allows. What is no
ordinary file is refused before it is opened.
"""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Literal

from graph.errors import InputError, LiangxinError

#: most bytes of such a file: the largest of the product has a twentieth of it
MOST_BYTES = 1 << 20
Kind = Literal["absent", "file", "folder", "other"]
_OTHERS = (
    (stat.S_ISFIFO, "管道"),
    (stat.S_ISSOCK, "套接字"),
    (stat.S_ISCHR, "设备"),
    (stat.S_ISBLK, "设备"),
)


def kind_of(path: Path) -> Kind:
    """What a path leads to, links followed; OSError or ValueError where the system cannot tell."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return "absent"
    return "file" if stat.S_ISREG(mode) else "folder" if stat.S_ISDIR(mode) else "other"


def trouble(path: Path, what: str, wanted: Kind = "file") -> str:
    """Why a path cannot be an ordinary file or folder, as a sentence about `what`; '' where it can, or is absent.

    For `wanted` "folder" an ordinary file will do too, as it does for ledgers.
    """
    shown = shown_path(path)
    try:
        kind = kind_of(path)
        if kind == "folder" and wanted != "folder":
            return f"{what} {shown} 是文件夹，不是文件。请写明文件名。"
        if kind == "other":
            mode = path.stat().st_mode
            named = next((word for test, word in _OTHERS if test(mode)), "特殊文件")
            return f"{what} {shown} 是{named}，不是普通文件。请换一个文件。"
    except (OSError, ValueError) as error:
        return f"{what} {shown} 用不了（{why(error)}）。请检查路径和权限。"
    return ""


def read_text(path: Path, what: str, refused: type[LiangxinError] = InputError) -> str:
    """The text of a file that is there. Raises `refused` with a sentence about `what` where it cannot be used."""
    if problem := trouble(path, what):
        raise refused(problem)
    shown = shown_path(path)
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise refused(f"没有找到{what} {shown}。请检查路径。") from None
    except (OSError, ValueError) as error:
        raise refused(f"{what} {shown} 读不出来（{why(error)}）。请检查权限。") from error
    if len(data) > MOST_BYTES:
        raise refused(f"{what} {shown} 超过 {MOST_BYTES >> 10} KB，不像是{what}。请检查是否指错了文件。")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise refused(f"{what} {shown} 第 {line} 行不是 UTF-8 编码。请在记事本中另存为 UTF-8 后重试。") from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise refused(f"{what} {shown} 第 {line} 行有空字符，不是文本文件。请检查是否指错了文件。")
    return text


def shown_path(path: Path) -> str:
    """A path for a message: on one line, its end where it is long."""
    text = "".join(letter if letter.isprintable() else "�" for letter in str(path))
    return text if len(text) <= 120 else f"…{text[-119:]}"


def why(error: OSError | ValueError) -> str:
    """The reason that the system gives, in a few words."""
    return (error.strerror or type(error).__name__) if isinstance(error, OSError) else "路径中有不能用的字符"
