"""How the columns of a table are headed and how wide they must be, so that wide tables stay legible."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile
from typing import Any

from markupsafe import Markup

from graph.answers import Column
from visualizations.show import NUMERIC, heading, show
from visualizations.style import SEVERITIES

#: texts of so many half-width characters never wrap; longer ones get a column in which they can be read
SHORT, LONG = 24, 72
#: rows that decide how wide a column is
_SEEN = 60
_BREAKS = re.compile(r"(?<=..)(?=（)|(?<=....)(?=[数率]$)")
_COUNT = re.compile(r"数（(.+)）$")


@dataclass(frozen=True, slots=True)
class Heading:
    """Columns under one heading; `label` is '' for a column that stands alone. `labels` are those beneath."""

    label: str
    columns: tuple[Column, ...]
    labels: tuple[str, ...]


def headings(columns: Sequence[Column]) -> list[Heading]:
    """The columns, those of a group, about one kind of unit (names ending in it) and the severities under one heading.

    What their labels share, their unit and the base that is counted are said once, above.
    """
    found = []
    for key, group in groupby(columns, _about):
        together = tuple(group)
        if key and together[0].group:
            labels = tuple(c.label.removeprefix(c.group) for c in together)
            found.append(Heading(_grouped(together), together, labels))
            continue
        shared = _shared([c.label for c in together]) if key and len(together) > 1 else ""
        if shared:
            found.append(_headed(together, shared))
        else:
            found += [Heading("", (c,), (heading(c),)) for c in together]
    return found


def _shared(labels: Sequence[str]) -> str:
    """What all labels begin with."""
    same = takewhile(lambda chars: len(set(chars)) == 1, zip(*labels, strict=False))
    return "".join(chars[0] for chars in same)


def _grouped(columns: tuple[Column, ...]) -> str:
    """The heading of columns declared to stand together, with the unit that they share."""
    units = {c.unit for c in columns}
    return columns[0].group + (f"（{units.pop()}）" if len(units) == 1 and units != {""} else "")


def _about(column: Column) -> str:
    if column.group:
        return f"{column.group}/"
    if column.name in SEVERITIES:
        return "severity"
    kind = column.name.rpartition("_")[2]
    return "" if kind.isascii() else kind


def _headed(columns: tuple[Column, ...], shared: str) -> Heading:
    labels = [c.label.removeprefix(shared) for c in columns]
    units = {c.unit for c in columns if c.unit}
    notes = [f"单位：{u}" for u in units if len(units) == 1]
    for i, label in enumerate(labels):
        if base := _COUNT.match(label):
            labels[i] = "单位数"
            notes[:0] = [f"口径：{base[1]}"] if base[1] != shared else []
        elif label.endswith("）"):
            labels[i] = label.removesuffix("）")
    note = f"（{'；'.join(notes)}）" if notes else ""
    return Heading(shared.rstrip("（") + note, columns, tuple(labels))


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
