"""Ledgers too long for one file, parted into several as offices do: each with the header, numbers going on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import PurePosixPath

from graph.workbook import Sheet, Workbook
from loaders.sample.layout import Records

#: records of one file: what is longer nobody scrolls through, and no program opens readily
LONGEST = 50_000


def parted(workbook: Workbook) -> Iterator[Workbook]:
    """The workbook, then what is left of its sheets longer than LONGEST as 名（2）, 名（3） …."""
    path = PurePosixPath(workbook.name)
    yield replace(workbook, sheets=[_part(sheet, 0) or sheet for sheet in workbook.sheets])
    for number in count(1):
        left = [part for sheet in workbook.sheets if (part := _part(sheet, number))]
        if not left:
            return
        yield replace(workbook, name=str(path.with_name(f"{path.stem}（{number + 1}）{path.suffix}")), sheets=left)


def _part(sheet: Sheet, number: int) -> Sheet | None:
    """A part of a sheet, from 0; None where it has none of this number."""
    first = number * LONGEST
    if not isinstance(sheet.rows, Records) or len(sheet.rows.records) <= first:
        return None
    return replace(sheet, rows=sheet.rows.part(first, LONGEST))
