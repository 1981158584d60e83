"""The request for a load: its files, and how they are to be loaded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from graph.locality import Locality
from graph.rules.book import Book
from loaders.recognize.mapping import SheetMapping

#: called with the present step, how many are done, and how many there are (0: unknown)
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class LoadRequest:
    """Files, folders and zips to be loaded by `author` under the settings of a county.

    `as_of` is the date (default: today) on which problems are measured afterwards. Rows that name no division lie in
    `division`. `complete` lists (ledger, division) pairs of which these files are the whole. A `preview` writes
    nothing. `confirmed` lets a complete ledger retire more than a few rows.
    """

    paths: Sequence[Path]
    locality: Locality
    author: str
    book: Book
    as_of: dt.date | None = None
    division: str = ""
    mapping: Sequence[SheetMapping] = ()
    complete: Sequence[tuple[str, str]] = ()
    preview: bool = False
    confirmed: bool = False
