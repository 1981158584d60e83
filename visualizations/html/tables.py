"""How the columns of a table are headed and how wide they must be, so that wide tables stay legible."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from markupsafe import Markup

from graph.answers import Column
from visualizations.show import NUMERIC, heading, show

#: texts of so many half-width characters never wrap; longer ones get a column in which they can be read
SHORT, LONG = 24, 72
#: rows that decide how wide a column is
_SEEN = 60
_BREAKS = re.compile(r"(?<=..)(?=（)|(?<=....)(?=[数率]$)")


@dataclass(frozen=True, slots=True)
class Heading:
    """Columns under one heading; `label` is '' for a column that stands alone. `labels` are those beneath."""

    label: str
    columns: tuple[Column, ...]
    labels: tuple[str, ...]


def headings(columns: Sequence[Column]) -> list[Heading]:
    """The columns, those of a group under one heading, which says once their unit and the base that is counted.

    One alone, whose label says by itself whom it is about, needs no heading above it.
    """
    found = []
    for group, members in groupby(columns, lambda c: c.group):
        together = tuple(members)
        if group and (len(together) > 1 or together[0].label == together[0].short):
            found.append(Heading(_headed(group, together), together, tuple(c.short for c in together)))
        else:
            found += [Heading("", (c,), (heading(c),)) for c in together]
    return found


def _headed(group: str, columns: tuple[Column, ...]) -> str:
    """The heading of a group, with its base and its unit where it does not name them itself."""
    bases = dict.fromkeys(c.base for c in columns if c.base and c.base != group)
    units = {c.unit for c in columns if c.unit and c.unit not in group}
    notes = [f"口径：{base}" for base in bases] + [f"单位：{unit}" for unit in units if len(units) == 1]
    return group + (f"（{'；'.join(notes)}）" if notes else "")


def breakable(label: str) -> Markup:
    """A heading that may wrap before a bracket and before the 数 or 率 at its end, and nowhere else."""
    return Markup("<wbr>").join(_BREAKS.split(label))


def fits(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The class of each column by name: num and date as typed, else by its longest text: short, medium or wide."""
    made = {}
    for column in columns:
        if column.type in NUMERIC:
            made[column.name] = "num"
        elif column.type == "date":
            made[column.name] = "date"
        else:
            longest = max((_width(show(row.get(column.name), column)) for row in rows[:_SEEN]), default=0)
            made[column.name] = "short" if longest <= SHORT else "wide" if longest > LONG else "medium"
    return made


def _width(text: str) -> int:
    """How many half-width characters a text takes."""
    return len(text) + sum(not c.isascii() for c in text)


def filled(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> list[Column]:
    """The columns that hold anything in these rows; the first always."""
    return [c for i, c in enumerate(columns) if i == 0 or any(row.get(c.name) not in (None, "", []) for row in rows)]
