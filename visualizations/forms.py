"""Sheets in the layout in which offices hand them in."""

from __future__ import annotations

from collections.abc import Iterator

from graph.answers import Answer, Column
from graph.workbook import Row, Sheet, Span
from visualizations.tables import headings
from visualizations.xlsx import FormattedSheet

ANNUAL = "annual_form"
#: lines above the heading: title, 口径, what every report carries
_ABOVE = 3
_SIGNED = "填表人：　　　　　　　审核人：　　　　　　　单位负责人：　　　　　　　填报日期：　　　年　　月　　日"


def annual_sheets(answer: Answer, below: str) -> list[Sheet]:
    """The annual form, one sheet for each kind of unit, since bases that differ are not added up; [] for another answer.

    Also [] where only some columns were asked for, which is no form.
    """
    if answer.name != ANNUAL or answer.unchosen:
        return []
    return [_annual_sheet(answer, str(kind), below) for kind in dict.fromkeys(row["kind"] for row in answer.rows)]


def _annual_sheet(answer: Answer, kind: str, below: str) -> Sheet:
    own = [row for row in answer.rows if row["kind"] == kind]
    base = str(own[0]["base"])
    said = next((text for text in answer.basis if text.startswith(f"口径 {base}：")), base)
    columns = [c for c in answer.columns if c.name not in ("kind", "base", "sealable")]
    # what is said of this kind, and of no other
    said_of_it = [t for t in answer.notes if t.startswith(kind) and ("封表" in t or "暂缓" in t)]
    under = [*said_of_it, "；".join(answer.basis[:2]), _SIGNED]
    first, last = _ABOVE + 2, _ABOVE + 2 + len(own)
    wide = len(columns) - 1

    def rows() -> Iterator[Row]:
        yield [f"{kind}党组织组建情况年报表"]
        yield [f"口径：{said.removeprefix('口径 ')}"]
        yield [below]
        yield from _heading(columns)
        yield ["合计", *(sum(row[c.name] for row in own) for c in columns[1:])]
        yield from ([row[c.name] for c in columns] for row in own)
        yield from ([text] for text in under)

    return FormattedSheet(
        kind,
        rows(),
        [
            *((line, 0, line, wide) for line in range(_ABOVE)),
            *_merged(columns),
            *((line, 0, line, wide) for line in range(last + 1, last + 1 + len(under))),
        ],
        header_rows=first,
        widths=[22, *([11] * wide)],
        formats=["@", *(["#,##0"] * wide)],
    )


def _heading(columns: list[Column]) -> list[Row]:
    """Two lines: what columns have in common, and beneath it each of them."""
    upper: list[str | None] = []
    lower: list[str | None] = []
    for head in headings(columns):
        upper += [head.label or head.labels[0], *([None] * (len(head.columns) - 1))]
        lower += head.labels if head.label else [None]
    return [upper, lower]


def _merged(columns: list[Column]) -> Iterator[Span]:
    """A heading over several columns, or over both lines of its own."""
    start = 0
    for head in headings(columns):
        end = start + len(head.columns) - 1
        yield (_ABOVE, start, _ABOVE if head.label else _ABOVE + 1, end)
        start = end + 1
