"""Builds the officers of a sample place and their postings."""

from __future__ import annotations

import datetime as dt
from random import Random

from loaders.sample import names
from loaders.sample.divisions import quotas
from loaders.sample.links import DEPARTMENTS
from loaders.sample.model import County, Officer, Unit
from loaders.sample.places import REFERENCE_DATE

_ENDED = (dt.date(2025, 12, 31), dt.date(2025, 9, 30), dt.date(2025, 6, 30), dt.date(2025, 3, 31))
_EXPIRING = (dt.date(2026, 1, 1), dt.date(2026, 3, 31), dt.date(2026, 6, 29))
_RUNNING = (dt.date(2026, 12, 31), dt.date(2027, 6, 30), dt.date(2026, 6, 30), None, dt.date(2027, 3, 31))


def post(county: County, rnd: Random) -> None:
    """Fill the county's officers; sets `posted` of units whose ledger says that an officer is assigned."""
    place = county.place
    key = [unit for unit in county.units if unit.key]
    dropped = {unit.number for unit in rnd.sample(key, min(place.ended, len(key)))}
    left = [unit for unit in key if unit.number in dropped]
    kept = [unit for unit in key if unit.number not in dropped]
    # beside the key units the small ones, then whoever is in operation
    small = [unit for unit in county.units if unit.kind in ("合作社", "个体工商户")]
    rest = [
        unit
        for unit in county.units
        if not unit.key and unit.operating == "在营" and unit.kind in ("企业", "社会组织") and unit.ownership == "非公"
    ]
    rnd.shuffle(rest)
    abandoned = [rest.pop() for _ in range(min(2 * place.gone_officers, len(rest)))]
    more = max(0, place.guided - len(key) - len(abandoned))
    active = kept + (small + rest)[:more]
    rest = rest[max(0, more - len(small)) :]
    liaised = [rest.pop() for _ in range(min(2 * place.liaisons, len(rest)))]
    for unit in [rest.pop() for _ in range(min(place.stated_officers, len(rest)))] + active + liaised:
        unit.posted = True
    active.sort(key=lambda unit: unit.number)

    staff = _Staff(county)
    _appoint(county, staff, left, abandoned, active, rnd)
    for first in range(0, len(liaised), 2):
        staff.add("联络员", liaised[first : first + 2], None)
    for _ in range(place.revitalization_officers):
        staff.add("乡村振兴指导员", [], dt.date(2027, 5, 31))
    light = [officer for officer in county.officers if officer.role == "指导员" and len(officer.units) == 1]
    for number, officer in enumerate(light[: place.mistakes.dangling_unit]):
        officer.strays.append(f"{place.county}{names.mark(1_020_000 + number)}再生科技有限公司")


def _visited(number: int, end: dt.date | None) -> dt.date | None:
    """When he last visited his units: most within a month, some months ago, some nobody has recorded."""
    if number % 10 == 7:
        return None
    day = REFERENCE_DATE - dt.timedelta(95 + number % 60 if number % 12 == 5 else number * 7 % 31)
    return min(day, end) if end else day


class _Staff:
    """Adds officers one by one, each with a name of its own within the place."""

    def __init__(self, county: County) -> None:
        self.county = county
        self.first = int(county.place.code[3:6]) * 131
        self.towns = county.towns

    def add(self, role: str, units: list[Unit], end: dt.date | None, capacity: int = 0, duty: str = "在岗") -> Officer:
        number = len(self.county.officers)
        workplace, town = self.county.place.county + DEPARTMENTS[number % len(DEPARTMENTS)], None
        if number % 2:  # every second one works in a town: that of his units, where he has any
            town = units[0].town if units else self.towns[number % len(self.towns)]
            workplace = town.name + ("党工委" if town.kind == "街道" else "党委")
        officer = Officer(
            number=self.first + number,
            role=role,
            full_time=number % 7 == 0,
            workplace=workplace,
            town=town,
            duty=duty,
            units=units,
            start=dt.date(2023 + number % 2, 1 + number % 12, 1 + number % 28),
            end=end,
            capacity=capacity,
            visited=_visited(number, end),
        )
        self.county.officers.append(officer)
        return officer


def _appoint(
    county: County, staff: _Staff, left: list[Unit], abandoned: list[Unit], active: list[Unit], rnd: Random
) -> None:
    """Spread the units over the place's officers: ended postings, gone officers, then those in force."""
    place = county.place
    ended = max(1, len(left) * 110 // 300) if left else 0
    for number, units in enumerate(_share(left, ended, rnd)):
        staff.add("指导员", units, _ENDED[number % len(_ENDED)])
    for number in range(len(abandoned) // 2):
        duty = ("调离", "退休")[number % 2]
        staff.add("指导员", abandoned[2 * number : 2 * number + 2], None, duty=duty)
    count = max(1, place.officers - len(county.officers) - place.idle_officers)
    # every third overloaded officer has a small capacity of his own, the others the county's default of five
    heavy = [(4, 3) if number % 3 == 2 else (7, 0) for number in range(min(place.overloaded, count - 1))]
    while heavy and sum(size for size, _ in heavy) > len(active) - (count - len(heavy)):
        heavy.pop()
    light = quotas(len(active) - sum(size for size, _ in heavy), count - len(heavy), 1, 5, rnd)
    loads = heavy + [(size, 0 if size != 5 else 6) for size in light]
    rnd.shuffle(loads)
    start = 0
    for number, (size, capacity) in enumerate(loads):
        end = _EXPIRING[number % len(_EXPIRING)] if number < place.expiring else _RUNNING[number % len(_RUNNING)]
        staff.add("指导员", active[start : start + size], end, capacity)
        start += size
    for number in range(place.idle_officers):
        staff.add("指导员", [], _RUNNING[number % len(_RUNNING)])


def _share(units: list[Unit], count: int, rnd: Random) -> list[list[Unit]]:
    parts, start = [], 0
    for size in quotas(len(units), count, 1, 5, rnd) if count else []:
        parts.append(units[start : start + size])
        start += size
    return parts
