"""What each column of a header states in a ledger: a field, a tick, a unit, or nothing that is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from graph.privacy import PERSON
from loaders.cleaning.periods import Period, latest
from loaders.recognize import rosters
from loaders.recognize.choices import paired_ticks, tick
from loaders.recognize.heads import Head, key, readings, without_period
from loaders.recognize.ledgers import Field, Ledger
from loaders.recognize.mapping import IGNORED, SheetMapping

Role = Literal["field", "tick", "unit", "drop", "unknown", "repeated", "earlier", "serial", "ignored"]
#: classes of sensitivity of fields that hold names of persons
_OF_PERSONS = frozenset({PERSON, "phone"})
#: a heading without a year comes before one with it
_DATED = 100
#: headings of columns that only number the rows, or were added to rejected ones
SERIAL = frozenset({"序号", "编号", "no", "no.", "行号", "拒收原因"})


@dataclass(frozen=True, slots=True)
class ColumnUse:
    """The meaning of one column of a sheet. `path` is its header from top to bottom, joined by /.

    `tick` is the value that a mark in this column stands for. `unit` of money or counts comes from the header;
    `units_in` is the column, of role `unit`, that has the one of each row. An `earlier` column states a field for an
    earlier year than another. `refused` is what a mapping takes a personal column for, which is dropped all the same.
    """

    index: int
    path: str
    role: Role
    field: str = ""
    tick: str = ""
    unit: str | None = None
    refused: str = ""
    units_in: int | None = None


class Columns:
    """Assigns columns to the fields of the declared ledgers. `drop` are the headings of columns that are dropped."""

    def __init__(self, ledgers: Mapping[str, Ledger], drop: Mapping[str, str]) -> None:
        self._drop = drop
        self._synonyms = {name: _synonyms(ledger) for name, ledger in ledgers.items()}
        self._ticks: dict[tuple[str, tuple[str, ...]], tuple[str, str] | None] = {}

    def uses(self, head: Head, ledger: Ledger, mapping: SheetMapping | None) -> list[ColumnUse]:
        """The use of each column in `ledger`; each field takes the column with its best synonym."""
        found: list[ColumnUse] = []
        claims: list[tuple[float, int, int, str]] = []
        dated: list[tuple[int, str, float, int, Period]] = []
        ticks: dict[int, tuple[str, str]] = {}
        synonyms = self._synonyms[ledger.name]
        named = _mapped_columns(mapping, ledger)
        taken: dict[str, int] = {}
        chosen: dict[int, str] = {}
        refused: dict[int, str] = {}
        whole = {key("/".join(path)) for path in head.paths}
        for index, path in enumerate(head.paths):
            if not path:
                continue
            leaf = key(path[-1])
            # the last word alone stands for a column where none is called just that
            forced = named.get(key("/".join(path))) or (named.get(leaf) if leaf not in whole else None)
            if forced and forced != IGNORED and self._is_personal(path, ledger.fields[forced].property.sensitivity):
                refused[index] = ledger.fields[forced].property.label
                continue
            if forced == IGNORED:
                chosen[index] = IGNORED
                continue
            if forced and forced not in taken:
                chosen[index] = forced
                taken[forced] = index
                continue
            if self._dropped(path):
                continue
            if (ledger.name, path) not in self._ticks:
                self._ticks[ledger.name, path] = tick(path, ledger)
            ticked = self._ticks[ledger.name, path]
            if ticked:
                ticks[index] = ticked
                continue
            of_a_period = without_period(path)[1] is not None
            for word, better in readings(path):
                for position, order, name in synonyms.get(word, ()):
                    if not (of_a_period and _is_figure(ledger.fields[name])):
                        claims.append((position + better, order, index, name))
            dated.extend((index, *claim) for claim in _dated_claims(path, ledger, synonyms))
        last = {name: latest({p for _, n, _, _, p in dated if n == name}) for _, name, _, _, _ in dated}
        earlier = {index for index, name, _, _, period in dated if period != last[name]}
        claims += [
            (place + _DATED, order, index, name) for index, name, place, order, period in dated if period == last[name]
        ]
        for _, _, index, name in sorted(claims):
            if name not in taken and index not in chosen:
                taken[name] = index
                chosen[index] = name
        claiming = {index for _, _, index, _ in claims}
        free = [
            i for i, path in enumerate(head.paths) if path and i not in chosen and i not in claiming and i not in ticks
        ]
        ticks |= paired_ticks([(i, head.paths[i]) for i in free if not self._dropped(head.paths[i])], ledger)
        for index, path in enumerate(head.paths):
            if not path:
                continue
            joined = "/".join(path)
            unit = head.units[index]
            if chosen.get(index) == IGNORED:
                found.append(ColumnUse(index, joined, "ignored"))
            elif index in chosen:
                found.append(ColumnUse(index, joined, "field", chosen[index], unit=unit))
            elif index in refused or self._dropped(path):
                found.append(ColumnUse(index, joined, "drop", refused=refused.get(index, "")))
            elif index in ticks and ticks[index][0] not in taken:
                found.append(ColumnUse(index, joined, "tick", ticks[index][0], ticks[index][1]))
            elif key(path[-1]) in SERIAL:
                found.append(ColumnUse(index, joined, "serial"))
            elif index in earlier or (index in claiming and any(i == index for i, *_ in dated)):
                found.append(ColumnUse(index, joined, "earlier"))
            elif index in claiming or index in ticks:
                found.append(ColumnUse(index, joined, "repeated"))
            else:
                found.append(ColumnUse(index, joined, "unknown"))
        return found

    def _dropped(self, path: tuple[str, ...]) -> bool:
        """Whether a column is dropped: by its heading, or because one above it is of persons."""
        return (
            key("/".join(path)) in self._drop
            or key(path[-1]) in self._drop
            or any(rosters.of_persons(above) for above in path[:-1])
        )

    def _is_personal(self, path: tuple[str, ...], sensitivity: str) -> bool:
        """Whether a column must not be taken for a field of this sensitivity: dropped, or of persons for one that is not."""
        return self._dropped(path) or (sensitivity not in _OF_PERSONS and rosters.personal(path[-1]))


def _dated_claims(
    path: tuple[str, ...], ledger: Ledger, synonyms: Mapping[str, list[tuple[int, int, str]]]
) -> Iterator[tuple[str, float, int, Period]]:
    """The fields that a heading with a period states: name, how good a synonym it is, order, and the period.

    An amount of money is that of a whole year.
    """
    bare, period = without_period(path)
    if bare == path or not bare:
        return
    for word, better in readings(bare):
        for position, order, name in synonyms.get(word, ()):
            money = ledger.fields[name].property.type == "money"
            if _is_figure(ledger.fields[name]) and (not money or period is None or period.whole):
                yield name, position + better, order, period or Period(0, relative=True)


def _is_figure(one: Field) -> bool:
    """Whether a field may be that of a year: a figure, a choice, or a yes and no."""
    return one.property.type in ("integer", "number", "money", "boolean") or bool(one.property.values)


def _synonyms(ledger: Ledger) -> dict[str, list[tuple[int, int, str]]]:
    """The fields that a word may head: (how good a synonym it is, 0 the best; order of the field; its name)."""
    by_word: dict[str, list[tuple[int, int, str]]] = {}
    for order, one in enumerate(ledger.fields.values()):
        for position, header in enumerate(one.headers):
            by_word.setdefault(key(header), []).append((position, order, one.name))
    return by_word


def _mapped_columns(mapping: SheetMapping | None, ledger: Ledger) -> dict[str, str]:
    """The field by header in a mapping file, which names a field by its name, its label or a synonym."""
    if mapping is None:
        return {}
    words: dict[str, str] = {key(IGNORED): IGNORED}
    for one in ledger.fields.values():
        for word in (one.name, one.property.label, *one.headers):
            words.setdefault(key(word), one.name)
    return {key(header): words[key(name)] for header, name in mapping.columns.items() if key(name) in words}
