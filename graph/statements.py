"""The one order in which rows of ledgers that state the same are believed, and the sheet that an issue of it replaces."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from typing import Any

_NUMBERS = re.compile(r"(\d+)")


def recency(date: dt.date, loaded: int, file: str, sheet: str, line: int) -> tuple[Any, ...]:
    """A sort key of a row, the latest greatest: by its date, the load that read it, its file, its sheet and its line.

    So a later load replaces an earlier one, and of the files of one load the last by name goes first, in whatever order
    they are named.
    """
    return date, loaded, in_order(file), in_order(sheet), line


@lru_cache(maxsize=10_000)
def in_order(name: str) -> tuple[tuple[str, int], ...]:
    """A sort key of a file's or a sheet's name: numbers in it count as numbers."""
    stem = name.rpartition(".")[0] or name
    parts = _NUMBERS.split(stem)
    return tuple((part, 0) if i % 2 == 0 else ("", int(part[:18])) for i, part in enumerate(parts))
