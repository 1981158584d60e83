"""The headings and widths of columns, so that wide tables stay legible."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from markupsafe import Markup

from graph.answers import Column
from visualizations.show import BLANK, NUMERIC, heading, show

#: a column of texts up to SHORT half-width characters does not wrap; one beyond LONG is wide
SHORT, LONG = 24, 72
#: rows whose texts decide the width of a column
_SAMPLED = 60
_BREAKS = re.compile(r"(?<=..)(?=（)|(?<=....)(?=[数率]$)")


@dataclass(frozen=True, slots=True)
class Heading:
    """Columns under one heading: `label` is '' for a single column, `labels` are the headings of the columns."""

    label: str
    columns: tuple[Column, ...]
    labels: tuple[str, ...]


def headings(columns: Sequence[Column]) -> list[Heading]:
    """The columns under their headings; the heading of a group states its unit and its base once.

    A column that is alone in its group has no heading above its own, unless its label is short for it.
    """
    result = []
    for group, members in groupby(columns, lambda c: c.group):
        together = tuple(members)
        if group and (len(together) > 1 or together[0].label == together[0].short):
            result.append(Heading(_headed(group, together), together, tuple(c.short for c in together)))
        else:
            result += [Heading("", (c,), (heading(c),)) for c in together]
    return result


def _headed(group: str, columns: tuple[Column, ...]) -> str:
    """The heading of a group, with its base and its unit unless the group names them."""
    bases = dict.fromkeys(c.base for c in columns if c.base and c.base != group)
    units = {c.unit for c in columns if c.unit and c.unit not in group}
    notes = [f"口径：{base}" for base in bases] + [f"单位：{unit}" for unit in units if len(units) == 1]
    return group + (f"（{'；'.join(notes)}）" if notes else "")


def breakable(label: str) -> Markup:
    """A heading that may wrap only before a bracket and before 数 or 率 at its end."""
    return Markup("<wbr>").join(_BREAKS.split(label))


def fits(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The CSS class of each column by name: num or date by its type, else short, medium or wide by its longest text."""
    classes = {}
    for column in columns:
        if column.type in NUMERIC:
            classes[column.name] = "num"
        elif column.type == "date":
            classes[column.name] = "date"
        else:
            longest = max((_width(show(row.get(column.name), column, row)) for row in rows[:_SAMPLED]), default=0)
            classes[column.name] = "short" if longest <= SHORT else "wide" if longest > LONG else "medium"
    return classes


def _width(text: str) -> int:
    """The width of a text in half-width characters."""
    return len(text) + sum(not c.isascii() for c in text)


def filled(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> list[Column]:
    """The first column, and the columns that have a value, or say why they have none, in any of these rows."""
    return [c for i, c in enumerate(columns) if i == 0 or any(show(row.get(c.name), c, row) != BLANK for row in rows)]
