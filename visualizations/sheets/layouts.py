"""Sheets in the layout of the forms that offices hand in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graph.answers import Answer, Column, Part
from graph.workbook import Row, Sheet, Span
from visualizations.html.tables import headings
from visualizations.sheets.xlsx import FormattedSheet

_SIGNED = "填表人：　　　　　　　审核人：　　　　　　　单位负责人：　　　　　　　填报日期：　　　年　　月　　日"


def forms(answer: Answer, note: str) -> list[Sheet]:
    """A sheet for each part of an answer that is a form, with `note` below its title; [] for any other answer.

    [] also where only some columns were chosen. Parts are not added up, because their bases differ.
    """
    if answer.unchosen:
        return []
    parts = [(part, [row for row in answer.rows if row[part.column] == part.value]) for part in answer.parts]
    return [_form(answer, part, own, note) for part, own in parts if own]


def _form(answer: Answer, part: Part, own: list[Mapping[str, Any]], note: str) -> Sheet:
    columns = [c for c in answer.columns if c.name in part.columns]
    over, under = (part.title, *part.above, note), (*part.below, _SIGNED)
    first, last = len(over) + 2, len(over) + 2 + len(own)
    wide = len(columns) - 1

    def rows() -> Iterator[Row]:
        yield from ([text] for text in over)
        yield from _heading(columns)
        yield ["合计", *(sum(row[c.name] for row in own) for c in columns[1:])]
        yield from ([row[c.name] for c in columns] for row in own)
        yield from ([text] for text in under)

    return FormattedSheet(
        part.value,
        rows(),
        [
            *((line, 0, line, wide) for line in range(len(over))),
            *_merged(columns, len(over)),
            *((line, 0, line, wide) for line in range(last + 1, last + 1 + len(under))),
        ],
        header_rows=first,
        widths=[22, *([11] * wide)],
        formats=["@", *(["#,##0"] * wide)],
    )


def _heading(columns: list[Column]) -> list[Row]:
    """The two lines of the heading: groups of columns, and columns."""
    upper: list[str | None] = []
    lower: list[str | None] = []
    for head in headings(columns):
        upper += [head.label or head.labels[0], *([None] * (len(head.columns) - 1))]
        lower += head.labels if head.label else [None]
    return [upper, lower]


def _merged(columns: list[Column], line: int) -> Iterator[Span]:
    """The merged cells of the heading that begins at `line`."""
    start = 0
    for head in headings(columns):
        end = start + len(head.columns) - 1
        yield (line, start, line if head.label else line + 1, end)
        start = end + 1
