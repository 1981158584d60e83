"""Splits a ledger too long for one file into several, each with the header; the serial numbers continue."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import PurePosixPath

from graph.workbook import Sheet, Workbook
from loaders.sample.layout import Records

#: records of one file; a longer one is slow to open in any program
LONGEST = 50_000


def split_long(workbook: Workbook) -> Iterator[Workbook]:
    """The workbook with the first LONGEST records of each sheet, then the further ones as 名（2）, 名（3） …."""
    path = PurePosixPath(workbook.name)
    yield replace(workbook, sheets=[_part(sheet, 0) or sheet for sheet in workbook.sheets])
    for number in count(1):
        parts = [part for sheet in workbook.sheets if (part := _part(sheet, number))]
        if not parts:
            return
        yield replace(workbook, name=str(path.with_name(f"{path.stem}（{number + 1}）{path.suffix}")), sheets=parts)


def _part(sheet: Sheet, number: int) -> Sheet | None:
    """A part of a sheet, numbered from 0; None if the sheet has fewer."""
    first = number * LONGEST
    if not isinstance(sheet.rows, Records) or len(sheet.rows.records) <= first:
        return None
    return replace(sheet, rows=sheet.rows.part(first, LONGEST))
