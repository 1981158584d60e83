"""Plants problems among the organizations of a finished place. Nothing is drawn, so nothing else changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TypeVar

from loaders.sample.model import County, Organization, Unit
from loaders.sample.places import REFERENCE_DATE

_T = TypeVar("_T")
_WIDE = 6  # one unit more than a joint branch may have
_LONG = 1000  # days to go that a term of three years still can have


def plant(county: County) -> None:
    """Plant as many problems as the place's `wide_joints`, `swapped`, `flat`, `closing` and `vacant` say."""
    _widen(county)
    _swap(county)
    _flatten(county)
    _close(county)
    _vacate(county)


def _spread(items: Sequence[_T], count: int) -> list[_T]:
    """So many of the items, evenly spread."""
    count = min(count, len(items))
    return [items[(2 * number + 1) * len(items) // (2 * count)] for number in range(count)]


def _widen(county: County) -> None:
    """Let a joint branch take over units of its neighbour in the same town until it has one too many."""
    pairs = _neighbours([org for org in county.organizations if org.kind == "联合支部" and not org.stray])
    for wide, other in _spread(list(pairs), county.place.wide_joints):
        while len(wide.covers) < _WIDE:
            unit = other.covers.pop()
            wide.covers.append(unit)
            unit.organization = wide
            other.formal -= unit.formal or 0
            wide.formal += unit.formal or 0


def _neighbours(joint: list[Organization]) -> Iterator[tuple[Organization, Organization]]:
    """Pairs of neighbours that together have enough units; none is in two pairs."""
    taken = -1
    for first, second in pairwise(joint):
        enough = len(first.covers) + len(second.covers) >= _WIDE + 2 and len(first.covers) < _WIDE
        if enough and first.town == second.town and first.number > taken:
            taken = second.number
            yield first, second


def _swap(county: County) -> None:
    """Let a member move from a branch of three to a unit of two in a joint branch: each is now in the wrong form."""
    based = [
        unit for unit in county.units if unit.organization is not None and not unit.twin and unit.probationary == 0
    ]
    joint = [unit for unit in based if unit.covered == "联合" and unit.formal == 2 and unit.staff >= 3]
    single = [unit for unit in based if unit.covered == "单独" and unit.formal == 3 and _plain(unit)]
    count = min(county.place.swapped, len(joint), len(single))
    for receiving, losing in zip(_spread(joint, count), _spread(single, count), strict=True):
        _move(receiving, 1)
        _move(losing, -1)


def _plain(unit: Unit) -> bool:
    """Whether a ledger of organizations lists its branch."""
    return unit.organization is not None and unit.organization.listed


def _move(unit: Unit, members: int) -> None:
    unit.formal = (unit.formal or 0) + members
    unit.together = unit.formal
    if unit.organization is not None:
        unit.organization.formal += members


def _flatten(county: County) -> None:
    """Leave some large organizations a step too low: branches of more than 50 正式党员, 总支 of more than 100."""
    large = [org for org in county.organizations if org.unit is not None and org.listed and _shortly(org)]
    for kind, below, most in (("总支", "支部", 50), ("党委", "总支", 100)):
        chosen = [org for org in large if org.kind == kind and org.formal > most]
        for organization in _spread(chosen, county.place.flat):
            organization.kind = below
            _term(organization)


def _close(county: County) -> None:
    """Turn branches of villages into those of firms that have closed since."""
    above = {org.town: org for org in county.organizations if org.kind == "综合党委"}
    spare = [org for org in county.organizations if org.kind == "支部" and org.unit is None and _shortly(org)]
    closed = [unit for unit in county.units if unit.operating in ("停业", "注销") and unit.organization is None]
    count = min(county.place.closing, len(spare), len(closed))
    for organization, unit in zip(spare[-count:] if count else [], _spread(closed, count), strict=True):
        organization.title, organization.town, organization.superior = "", unit.town.name, above[unit.town.name]
        organization.unit, organization.covers = unit, [unit]
        organization.formal, organization.probationary = 3, 0
        _term(organization)
        unit.covered, unit.organization = "单独", organization
        unit.formal, unit.probationary, unit.together = 3, 0, 3


def _shortly(org: Organization) -> bool:
    return org.end is not None and (org.end - REFERENCE_DATE).days < _LONG


def _term(org: Organization) -> None:
    """Make its term one of three years with the same end."""
    if org.end is not None:
        org.years, org.start = 3, org.end.replace(year=org.end.year - 3, day=min(org.end.day, 28))


def _vacate(county: County) -> None:
    """Leave organizations of units without secretary, but for those that lead a group."""
    leaders = {org.number for group in county.groups for org, role in group.members if role == "组长"}
    single = [org for org in county.organizations if org.unit is not None and org.listed and org.number not in leaders]
    for organization in _spread(single, county.place.vacant):
        organization.vacant = True
