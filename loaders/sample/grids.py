"""The grids of a sample place, who keeps contact with their households, and the ledger of it."""

from __future__ import annotations

from graph.workbook import Sheet
from loaders.sample.layout import Column, column, number_column, sheet
from loaders.sample.model import County, Grid


def lay(county: County) -> None:
    """Part the first villages into two grids each; the first of the planted ones are one household beyond the limit."""
    place = county.place
    for number in range(place.grids):
        village = county.villages[number // 2]
        households = village.households // 2 + number % 2 * (village.households % 2)
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
        name = f"{village.name}第{'二' if number % 2 else '一'}网格"
        county.grids.append(Grid(name, village, households, linkers, talked, visited))


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
    return sheet("网格联户", f"{county.place.name}网格联户台账", columns, county.grids)
