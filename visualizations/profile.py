"""An answer about one entity as a reader takes it in: problems, both coverages, facts by group, numbered sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph import ontology
from graph.answers import Answer, Column

#: what the rows of a profile are gathered under; the rest are sections of their own
PROBLEMS, COVERAGE, REVIEWS, SOURCES, FACTS = "问题", "两个覆盖", "待核实", "来源", "基本情况"
#: values of one item that are shown before the others are folded away
SHOWN = 12

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """One row of a ledger that facts rest on; `about` is its ledger and state where it is the entity's own."""

    number: int
    file: str
    sheet: str
    line: int
    about: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One heading of a section with its values."""

    label: str
    shown: tuple[Row, ...]
    rest: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """What a profile page shows, in its order; `lead` are the rows that stand beneath the title."""

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
    """The rows of an answer about one entity, each in its place."""
    groups: dict[str, list[Row]] = {}
    for row in answer.rows:
        groups.setdefault(str(row["group"]), []).append(row)
    own = {_where(row): f"{row['item']}（{row['value']}）" for row in groups.pop(SOURCES, ())}
    found = dict.fromkeys([*own, *(_where(row) for row in answer.rows if row["file"])])
    sources = tuple(Source(i, *where, own.get(where, "")) for i, where in enumerate(found, 1))
    columns = {c.name: c for c in answer.columns}
    problems, reviews = groups.pop(PROBLEMS, []), groups.pop(REVIEWS, [])
    coverage = _items(groups.pop(COVERAGE, ()))
    return Profile(
        tuple(_lead(answer, groups.get(FACTS, ()))),
        tuple({**row, "detail": str(row["detail"]).partition("；")[2]} for row in problems),
        coverage,
        tuple(reviews),
        tuple((group, _items(rows)) for group, rows in groups.items()),
        sources,
        columns["value"],
        columns["item"],
        columns.get("action"),
        {(s.file, s.sheet, s.line): s.number for s in sources},
    )


def _lead(answer: Answer, facts: Sequence[Row]) -> list[Row]:
    """Of what kind it is and where: the row of its kind, and those that lead to a place."""
    first = answer.graph.nodes[0].type if answer.graph and answer.graph.nodes else ""
    kinds = [
        k.properties["kind"].label for k in ontology.load().nodes.values() if k.name == first and "kind" in k.properties
    ]
    return [row for row in facts if row["item"] in kinds or row["target"]]


def _items(rows: Sequence[Row]) -> tuple[Item, ...]:
    by_item: dict[str, list[Row]] = {}
    for row in rows:
        by_item.setdefault(str(row["item"]), []).append(row)
    made = []
    for label, values in by_item.items():
        # one folded away takes no less room than one shown
        cut = SHOWN if len(values) > SHOWN + 1 else len(values)
        made.append(Item(label, tuple(values[:cut]), tuple(values[cut:])))
    return tuple(made)


def _where(row: Row) -> tuple[Any, Any, Any]:
    return row["file"], row["sheet"], row["line"]
