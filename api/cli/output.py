"""Where a command puts what it has to say: standard output, or a file that is refused before any work is done."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from api.console import say
from graph.errors import InputError


def store_of(options: Namespace | None) -> str:
    """Where the graph is: where the options say, else where it usually is."""
    from api.office import DEFAULT_STORE

    return (options.store if options is not None else "") or DEFAULT_STORE


def emit(content: bytes, out: Path | None) -> None:
    """Write what was made to a file, or to standard output as it is."""
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
    """Refuse, before any work is done, a file that could not be written."""
    if path.is_dir():
        raise InputError(f"{path} 是文件夹。请写明文件名。")
    if not path.absolute().parent.is_dir():
        raise InputError(f"文件夹 {path.absolute().parent} 不存在。请先建立，或换一个位置。")


def unwritable(path: Path, error: OSError) -> InputError:
    """What to say of a file that could not be written."""
    return InputError(f"无法写入 {path}（{error.strerror}）。请关闭正在打开它的程序，或换一个可写的位置。")


def show_json(value: Any) -> None:
    """Print for a program to read."""
    print(json.dumps(value, ensure_ascii=False, indent=2))
