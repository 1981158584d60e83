"""The grids of a sample place, the contacts of their households, and their ledger."""

from __future__ import annotations

from graph.workbook import Sheet
from loaders.sample.layout import Column, column, number_column, sheet
from loaders.sample.model import County, Grid


def lay(county: County) -> None:
    """Part the villages into two grids each, or as many more as it takes; the planted ones come first.

    The first of these are one household beyond the limit.
    """
    place = county.place
    each = max(2, -(-place.grids // len(county.villages)))
    # as many in each of the first villages, one fewer in the others where all have some
    fewer = each * len(county.villages) - place.grids if each > 2 else 0
    sizes = [each] * (len(county.villages) - fewer) + [each - 1] * fewer
    parts = [
        (village, part, size) for village, size in zip(county.villages, sizes, strict=True) for part in range(size)
    ]
    for number, (village, part, size) in enumerate(parts[: place.grids]):
        households = village.households // size + (part == size - 1) * (village.households % size)
        linkers = -(-households // 12)
        if number % 7 == 5:  # just within
            households = linkers * 15
        visited = households
        if number < place.grids_over * 2 and number % 2 == 0:
            households = visited = linkers * 15 + 1 + number
        talked: int | None = households
        if number >= place.grids - place.grids_unvisited:
            talked, visited = (households - 1, households) if number % 2 else (households, households - 9)
        elif number == place.grids // 2:
            talked = None
        members = (place.grid_members + number) // place.grids
        name = f"{village.name}第{'一二三四五六七八九'[part]}网格"
        county.grids.append(Grid(name, village, households, linkers, talked, visited, members))


def contacts(county: County) -> Sheet:
    """网格联户."""
    columns: list[Column[Grid]] = [
        column("序号", number_column),
        column("所属镇街", lambda g, _: g.village.parent),
        column("所属村（社区）", lambda g, _: g.village.name),
        column("网格名称", lambda g, _: g.name),
        column("户数", lambda g, _: g.households, total=True),
        column("联户人员数", lambda g, _: g.linkers, total=True),
        column("上月沟通户数", lambda g, _: g.talked, total=True),
        column("上季走访户数", lambda g, _: g.visited, total=True),
    ]
    if county.place.grid_members:
        columns.append(column("网格党员数", lambda g, _: g.members, total=True))
    return sheet("网格联户", f"{county.place.name}网格联户台账", columns, county.grids)
