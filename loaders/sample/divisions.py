"""Builds the divisions of a sample place: towns on a grid, villages in them, parks and business districts."""

from __future__ import annotations

import datetime as dt
from random import Random

from loaders.sample import names
from loaders.sample.model import County, Region

#: the first number of each place in the lists of town and village names, so that no two places share a name
_FIRST_TOWN = {"甲市": 0, "乙市": 30, "丙县": 46, "丁市": 62, "戊街道": 96}
_FIRST_VILLAGE = {"甲市": 0, "乙市": 300, "丙县": 480, "丁市": 600, "戊街道": 940}
_STEP = 0.08  # degrees between the centres of neighbouring towns


def quotas(total: int, count: int, low: int, high: int, rnd: Random) -> list[int]:
    """`count` uneven numbers of `low` to `high` that add up to `total`.

    Where total does not fit between count × low and count × high the limits give way.
    """
    base, more = divmod(total, count)
    numbers = [base + 1] * more + [base] * (count - more)
    rnd.shuffle(numbers)
    reach = max(1, (high - low) // 4)
    for _ in range(3):
        for giver in range(count):
            taker = int(rnd.random() * count)
            amount = min(int(rnd.random() * (reach + 1)), numbers[giver] - low, high - numbers[taker])
            if amount > 0 and giver != taker:
                numbers[giver] -= amount
                numbers[taker] += amount
    return numbers


def divide(county: County, rnd: Random) -> None:
    """Fill the county's regions: itself, its towns, villages, communities, parks."""
    place = county.place
    longitude, latitude = place.center
    root = Region(place.code[:6], place.county, "", "县级", longitude, latitude)
    county.regions.append(root)
    towns = _towns(county)
    for number, town in enumerate(towns):
        town.talents, town.doctors, town.masters = (
            (total + number) // len(towns) for total in (place.talents, place.doctors, place.masters)
        )
    county.regions.extend(towns)
    _villages(county, towns, rnd)
    for number, (name, kind) in enumerate(place.parks):
        east, north = longitude + 0.011 * (number + 1), latitude + 0.007 * (number + 1)
        parent = place.name if place.kind == "街道" else place.county
        county.parks.append(Region("", name, parent, kind, round(east, 4), round(north, 4)))
    county.regions.extend(county.parks)


def _towns(county: County) -> list[Region]:
    place = county.place
    longitude, latitude = place.center
    if place.kind == "街道":
        return [Region(place.code, place.name, place.county, "街道", longitude, latitude)]
    width = 6
    towns = []
    for number in range(place.towns):
        street = number < 4
        code = f"{place.code}{1 + number if street else 96 + number:03d}"
        name = names.town(_FIRST_TOWN[place.name] + number) + ("街道" if street else "镇")
        row, column = divmod(number, width)
        east, north = longitude + _STEP * (column - width / 2), latitude + _STEP * (row - 2)
        towns.append(Region(code, name, place.county, "街道" if street else "镇", round(east, 4), round(north, 4)))
    for number, town in enumerate(towns):
        beside = [number - 1] if number % width else []
        beside += [number + 1] if (number + 1) % width else []
        beside += [number - width, number + width]
        town.adjacent = [towns[other].name for other in beside if 0 <= other < len(towns)]
    return towns


def _villages(county: County, towns: list[Region], rnd: Random) -> None:
    place = county.place
    count = place.villages + place.communities
    categories = (
        ["乡村振兴重点村"] * place.key_villages
        + ["脱贫村"] * place.poor_villages
        + ["易地搬迁安置村"] * place.resettled_villages
    )
    categories += ["一般村"] * (place.villages - len(categories))
    rnd.shuffle(categories)
    categories += ["社区"] * place.communities
    households = quotas(place.households, count, 120, max(200, place.households // count * 3), rnd)
    within: dict[str, int] = {}
    for number, category in enumerate(categories):
        # communities go to the streets first, villages evenly to all
        town = towns[number % len(towns)]
        serial = within[town.code] = within.get(town.code, 0) + 1
        kind = "社区" if category == "社区" else "行政村"
        village = Region(
            f"{town.code}{(0 if kind == '社区' else 200) + serial:03d}",
            names.village(_FIRST_VILLAGE[place.name] + number) + ("社区" if kind == "社区" else "村"),
            town.name,
            kind,
            round(town.longitude + 0.03 * (rnd.random() - 0.5), 4),
            round(town.latitude + 0.03 * (rnd.random() - 0.5), 4),
            category=category,
            households=households[number],
        )
        if category not in ("一般村", "社区"):
            village.designated = dt.date(2021, 5 + number % 8, 1 + number % 28)
        # distributed evenly without drawing, so that the numbers drawn elsewhere do not change
        village.groups = (place.villager_groups + number) // count
        village.linkers = (place.linkers + number) // count
        county.regions.append(village)
    _incomes(county, rnd)


def _incomes(county: County, rnd: Random) -> None:
    place = county.place
    villages = [village for village in county.villages if village.kind == "行政村"]
    if not villages:
        return
    floor = place.income_floor
    if place.income_total:
        incomes = quotas(place.income_total, len(villages), floor, floor * 5, rnd)
    else:
        incomes = []
        for least, count in place.income_above:
            incomes += [least + int(rnd.random() * least * 0.7) for _ in range(count)]
        below = place.income_above[-1][0] if place.income_above else floor * 12
        while len(incomes) < len(villages):
            incomes.append(floor + int(rnd.random() * (below - floor)))
        rnd.shuffle(incomes)
    for village, income in zip(villages, incomes, strict=True):
        village.income = income
        village.own_income = int(income * (0.3 + rnd.random() * 0.5))
    for number, village in enumerate(villages[: place.poor_incomes]):
        village.income, village.own_income = 2 + number % 3, 1
