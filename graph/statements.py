"""The one order in which rows of ledgers that state the same are believed: the latest first."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from graph.stores.base import Reader

DAYS_CYPHER = "MATCH (c:Change) RETURN c.number AS number, c.at AS at"
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


def row_recency(row: Mapping[str, Any], days: Mapping[int, dt.date]) -> tuple[Any, ...]:
    """The sort key of a SourceRow of the store; `days` are those of `revision_days`."""
    # a release before this one stored neither
    loaded, dated = row.get("loaded") or row["brought"], row.get("dated")
    day = days.get(loaded, dt.date.max)
    return recency(min(dated, day) if dated else day, loaded, row["file"], row["sheet"], row["line"])


def revision_days(reader: Reader) -> dict[int, dt.date]:
    """The day of each revision."""
    rows = reader.query(DAYS_CYPHER).to_pylist()
    return {row["number"]: dt.date.fromisoformat(row["at"][:10]) for row in rows if row["at"]}
