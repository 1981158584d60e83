"""Sheets as they were read, each with the ledger it is recognized as."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from loaders.read.tables import Skipped, Table
from loaders.recognize.door import cleansed, cleansed_reason, guarded
from loaders.recognize.headers import Layout, Recognizer, Unrecognized, mapping_for
from loaders.recognize.mapping import SheetMapping
from loaders.recognize.sections import sections


@dataclass(frozen=True, slots=True)
class RecognizedSheet:
    """A sheet and what it is taken for; `mapping` is the entry of a mapping file that fits it."""

    table: Table
    layout: Layout | Unrecognized
    mapping: SheetMapping | None


def recognize(
    tables: Iterable[Table | Skipped], recognizer: Recognizer, mappings: Sequence[SheetMapping] = ()
) -> Iterator[RecognizedSheet | Skipped]:
    """Each table with its layout, several in one sheet as sheets of their own; what was not read has its reason.

    Numbers of persons are masked in all of it.
    """
    for read in tables:
        if isinstance(read, Skipped):
            yield cleansed_reason(read)
            continue
        clean = cleansed(read)
        mapping = mapping_for(mappings, clean.table)
        for section in sections(clean.table, recognizer, mapping):
            if isinstance(section, Skipped):
                yield section
            else:
                part, layout = section
                yield RecognizedSheet(guarded(part, layout, clean.numbers), layout, mapping)
