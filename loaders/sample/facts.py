"""The cells of a ledger of units: one function each, called with the unit and its number in the sheet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from graph.workbook import Cell
from loaders.sample import names
from loaders.sample.layout import month, yes
from loaders.sample.model import Unit

REASONS = ("没有党员", "出资人不支持", "上级未及时指导", "其他")
REGISTRATIONS = ("私营企业", "港澳台商投资企业", "外商投资企业")
CHECKS = ("合格", "基本合格", "不合格", "未参检")


def name(unit: Unit, _: int) -> Cell:
    return unit.name


def code(unit: Unit, _: int) -> Cell:
    return unit.code or None


def town(unit: Unit, _: int) -> Cell:
    return unit.town.name


def address(unit: Unit, _: int) -> Cell:
    return unit.address


def operating(unit: Unit, _: int) -> Cell:
    return unit.operating


def staff(unit: Unit, _: int) -> Cell:
    return unit.staff


def formal(unit: Unit, _: int) -> Cell:
    return unit.formal


def probationary(unit: Unit, _: int) -> Cell:
    return unit.probationary


def together(unit: Unit, _: int) -> Cell:
    return unit.together


def elsewhere(unit: Unit, _: int) -> Cell:
    return unit.elsewhere


def park(unit: Unit, _: int) -> Cell:
    return unit.park.name if unit.park else None


def has_organization(unit: Unit, _: int) -> Cell:
    return yes(unit.organization is not None)


def posted(unit: Unit, _: int) -> Cell:
    return yes(unit.posted)


def organization(unit: Unit, _: int) -> Cell:
    """The name of its organization; blank if no ledger lists the organization."""
    organization = unit.organization
    return organization.name if organization is not None and organization.listed else None


def founded(unit: Unit, number: int) -> Cell:
    """The day on which its organization was founded, in all spellings."""
    if unit.organization is None:
        return None
    return month(dt.date(2006 + unit.number % 18, 1 + unit.number % 12, 1 + unit.number % 28), number)


def mode(unit: Unit) -> str:
    if unit.covered == "联合" and unit.number % 9 == 0:
        return "网格建立"
    return unit.covered


def category(unit: Unit) -> str:
    if unit.organization is None:
        return ""
    return {"党委": "党委", "总支": "党总支"}.get(unit.organization.kind, "党支部")


def reason(unit: Unit) -> str:
    if unit.organization is not None:
        return ""
    if unit.formal is None:
        return "其他"
    return REASONS[0] if unit.formal == 0 else REASONS[2] if unit.formal < 3 else REASONS[1]


def registration(unit: Unit) -> str:
    return REGISTRATIONS[{3: 1, 7: 2}.get(unit.number % 23, 0)]


def site(unit: Unit) -> str:
    return "其他" if unit.park is None else "园区" if unit.park.kind == "园区" else "楼宇"


def investor(unit: Unit, _: int) -> Cell:
    return names.person(30_000 + unit.number % 30_000)


def phone(unit: Unit, _: int) -> Cell:
    return names.phone(unit.number)


def secretary(unit: Unit, _: int) -> Cell:
    organization = unit.organization
    if organization is None or organization.vacant:
        return None
    return names.person(10_000 + organization.number % 50_000)


def when_covered(text: str) -> Callable[[Unit, int], Cell]:
    return lambda unit, _: text if unit.organization is not None else None


def longitude(unit: Unit, _: int) -> Cell:
    """Near the centre of its village, or else of its town."""
    return round((unit.settled or unit.town).longitude + unit.number % 17 * 0.0007, 4)


def latitude(unit: Unit, _: int) -> Cell:
    """Near the centre of its village, or else of its town."""
    return round((unit.settled or unit.town).latitude + unit.number % 19 * 0.0006, 4)


def has_group(step: int) -> Callable[[Unit, int], Cell]:
    """A cell of 工会, 共青团 or 妇联: larger firms have one, except every `step`th."""
    return lambda unit, _: yes(unit.staff >= 50 and unit.number % step > 0)
