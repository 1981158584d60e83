"""The output of a command: standard output, or a file, which is checked before any work is done."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from api.console import say
from api.locations import DEFAULT_STORE
from graph.errors import InputError
from graph.plain_files import shown_path, trouble


def store_of(options: Namespace | None) -> str:
    """The address of the graph: that of the options, else the default."""
    return (options.store if options is not None else "") or DEFAULT_STORE


def emit(content: bytes, out: Path | None) -> None:
    """Write to a file, or to standard output without one."""
    if out is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        return
    try:
        out.write_bytes(content)
    except OSError as error:
        raise unwritable(out, error) from error
    say(f"已写入 {out}。")


def writable(path: Path) -> None:
    """Raise InputError for a path that cannot be a file."""
    above = path.absolute().parent
    if problem := trouble(path, "输出文件") or trouble(above, "文件夹", "folder"):
        raise InputError(problem)
    if not above.is_dir():
        raise InputError(f"文件夹 {shown_path(above)} 不存在。请先建立，或换一个位置。")


def folder_of(text: str) -> Path:
    """The folder of an argument, which may be absent. Raises InputError for what cannot be one."""
    path = Path(text).absolute()
    if problem := trouble(path, "文件夹", "folder"):
        raise InputError(problem)
    return path


def unwritable(path: Path, error: OSError) -> InputError:
    """The error for a file that could not be written."""
    return InputError(f"无法写入 {path}（{error.strerror}）。请关闭正在打开它的程序，或换一个可写的位置。")


def show_json(value: Any) -> None:
    """Print as JSON."""
    print(json.dumps(value, ensure_ascii=False, indent=2))
