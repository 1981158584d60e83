"""What someone asks to have loaded, and how."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from graph.locality import Locality
from graph.rules.book import Book
from loaders.recognize.mapping import SheetMapping

#: told what is being done, how far it is, and how far it goes (0: not known)
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class LoadRequest:
    """Files, folders and zips to be loaded in a county's terms, in somebody's name.

    `as_of` is the date (default: today) on which problems are measured afterwards. `division` is where rows lie that
    do not say so themselves; `complete` lists (ledger, division) pairs of which these files are the whole. A
    `preview` writes nothing; `confirmed` lets a complete ledger retire more than a few rows.
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
