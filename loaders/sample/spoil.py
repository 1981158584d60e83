"""Mistakes as people make them in the ledger of enterprises, in the numbers that a place's figures name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from graph.workbook import Cell, Row
from loaders.sample import names
from loaders.sample.layout import Column
from loaders.sample.model import County, Unit


def mistaken_rows(county: County, columns: Sequence[Column[Unit]], units: Sequence[Unit]) -> dict[int, list[Row]]:
    """Mistaken rows by the number of the unit that each follows.

    All but two kinds repeat a unit that is there, with one value spoiled, so that it is still listed once
    whether the mistaken row is refused or merged; the others name nobody or a body that is no unit of ours.
    """
    made: dict[int, list[Row]] = {}
    kinds = county.place.mistakes
    tops = [entry.path[-1] for entry in columns]
    spoiled: tuple[tuple[int, dict[tuple[str, ...], Cell], Callable[[Unit], bool]], ...] = (
        (kinds.duplicate_row, {}, lambda u: u.coded),
        (
            kinds.impossible_date,
            {("党组织成立时间",): "2021年13月"},
            lambda u: u.coded and u.organization is None,
        ),
        (kinds.negative_number, {("从业人员数量", "职工数", "从业人数", "职工人数"): -12}, lambda u: u.coded),
        (
            kinds.nameless_row,
            {("企业名称", "单位名称"): None, _CODES: None},
            lambda u: u.organization is None,
        ),
    )
    position = 7
    for count, changes, fits in spoiled:
        for _ in range(count):
            position = _next(units, position, fits)
            made.setdefault(position, []).append(_changed(columns, tops, units[position], position, changes))
    for _ in range(kinds.invalid_code):
        position = _next(units, position, lambda u: u.coded)
        broken = names.broken_code(units[position].code)
        made.setdefault(position, []).append(_changed(columns, tops, units[position], position, {_CODES: broken}))
    for serial in range(kinds.code_prefix_12):
        position = _next(units, position, lambda u: u.organization is None)
        body: dict[tuple[str, ...], Cell] = {
            ("企业名称", "单位名称"): f"{county.place.county}{units[position].town.name}便民服务中心",
            _CODES: names.credit_code("12", county.place.code[:6], 800_005_000 + serial),
        }
        made.setdefault(position, []).append(_changed(columns, tops, units[position], position, body))
    return made


_CODES = ("统一社会信用代码", "统一信用代码", "信用代码")


def _next(units: Sequence[Unit], after: int, fits: Callable[[Unit], bool]) -> int:
    """The number of a fitting unit a good way on, in operation and mistaken for no other."""
    for step in range(13, 13 + len(units)):
        position = (after + step) % len(units)
        if units[position].operating == "在营" and fits(units[position]):
            return position
    return after


def _changed(
    columns: Sequence[Column[Unit]],
    tops: Sequence[str],
    unit: Unit,
    position: int,
    changes: dict[tuple[str, ...], Cell],
) -> Row:
    row = [entry.cell(unit, position) for entry in columns]
    for headers, value in changes.items():
        for number, top in enumerate(tops):
            if top in headers:
                row[number] = value
    return row
