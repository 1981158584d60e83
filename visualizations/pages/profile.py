"""Arranges an answer about one entity: problems, coverage, reviews, facts by group, and numbered sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph.answers import Answer, Column, Section

#: values of an item that are shown; the others are folded away
SHOWN = 12

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """A row of a ledger that facts come from; `about` is its ledger and state if the row is about the entity."""

    number: int
    file: str
    sheet: str
    line: int
    about: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A label of a section with its values: those shown, and those folded away."""

    label: str
    shown: tuple[Row, ...]
    rest: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """The parts of a profile page, in their order; `lead` are the rows below the title."""

    lead: tuple[Row, ...]
    problems: tuple[Row, ...]
    coverage: tuple[Item, ...]
    reviews: tuple[Row, ...]
    sections: tuple[tuple[str, tuple[Item, ...]], ...]
    sources: tuple[Source, ...]
    value: Column
    item: Column
    action: Column | None
    _numbers: Mapping[tuple[Any, Any, Any], int]

    def number(self, row: Row) -> int:
        """The number of the source of a row, 0 where it has none."""
        return self._numbers.get(_where(row), 0)


def profile(answer: Answer) -> Profile:
    """The rows of an answer by their place; rows of no section are arranged by their group."""
    sections: dict[Section, list[Row]] = {}
    groups: dict[str, list[Row]] = {}
    for row in answer.rows:
        if section := row.get("section"):
            sections.setdefault(section, []).append(row)
        else:
            groups.setdefault(str(row["group"]), []).append(row)
    own = {_where(row): f"{row['item']}（{row['value']}）" for row in sections.get("sources", ())}
    places = dict.fromkeys([*own, *(_where(row) for row in answer.rows if row["file"])])
    sources = tuple(Source(i, *where, own.get(where, "")) for i, where in enumerate(places, 1))
    columns = {c.name: c for c in answer.columns}
    return Profile(
        tuple(row for row in answer.rows if row.get("lead")),
        tuple(sections.get("problems", ())),
        _items(sections.get("coverage", ())),
        tuple(sections.get("reviews", ())),
        tuple((group, _items(rows)) for group, rows in groups.items()),
        sources,
        columns["value"],
        columns["item"],
        columns.get("action"),
        {(s.file, s.sheet, s.line): s.number for s in sources},
    )


def _items(rows: Sequence[Row]) -> tuple[Item, ...]:
    by_item: dict[str, list[Row]] = {}
    for row in rows:
        by_item.setdefault(str(row["item"]), []).append(row)
    items = []
    for label, values in by_item.items():
        # the line that folds a single value away would take its room
        cut = SHOWN if len(values) > SHOWN + 1 else len(values)
        items.append(Item(label, tuple(values[:cut]), tuple(values[cut:])))
    return tuple(items)


def _where(row: Row) -> tuple[Any, Any, Any]:
    return row["file"], row["sheet"], row["line"]
