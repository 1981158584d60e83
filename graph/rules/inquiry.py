"""A Context together with the book of rules that may be asked in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from graph.context import Context
from graph.rules.book import Book


@dataclass(frozen=True, slots=True)
class Inquiry(Context):
    """The Context of a question, which may also ask the rules of a book."""

    book: Book = field(kw_only=True)
