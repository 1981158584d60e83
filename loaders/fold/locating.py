"""Where entities lie: in the Region that their rows name, else in 未落地; a name that the tree lacks is a 待核实."""

from __future__ import annotations

from collections.abc import Sequence

from loaders.fold.drawing import placing
from loaders.fold.reviews import IGNORE, Reviews
from loaders.match.places import Places
from loaders.match.placing import Placer
from loaders.recognize.ledgers import PLACED
from loaders.shape.rows import Row


class Locator:
    """Finds the Regions that rows name, by what people decided and by name or code.

    `unplaced` gives the division of each 未落地 that something may lie in.
    """

    def __init__(self, places: Places, reviews: Reviews) -> None:
        self._places = places
        self._reviews = reviews
        self._placer = Placer(places)
        self.unplaced = self._placer.unplaced

    def place(self, rows: Sequence[Row], listed: bool) -> str:
        """The Region that the first row with a place puts the entity in. A review asks about an unknown division."""
        if rows[0].origin.ledger.entity == "Region":
            return ""
        places: list[str] = []
        for row, values in placing(rows):
            place, unresolved = self._placer.place(values, row.origin.ledger, row.division)
            if unresolved and listed:
                decided = self._places.find(self._reviews.decision("division", row.division, unresolved) or IGNORE)
                if len(decided) == 1:
                    places.append(decided[0])
                    continue
                near = "、".join(self._places.nearest(unresolved, row.division))
                self._reviews.add(
                    "division",
                    (row.division, unresolved),
                    f"区划“{unresolved}”在区划台账中没有找到或不止一个，有关单位暂列未落地。请补充区划，或在处理决定中填代码、“{IGNORE}”。",
                    row,
                    division=place,
                    evidence_for=f"名称相近：{near}" if near else None,
                    evidence_against="没有唯一的名称或代码",
                )
            places.append(place)
        return self._placer.surest(places)

    def named(self, row: Row, name: str) -> str:
        """The Region that a row names as its own, '' where the tree has none."""
        place, unresolved = self._placer.place({PLACED: name}, row.origin.ledger, row.division)
        return "" if unresolved or place in self.unplaced else place

    def county(self, place: str) -> str:
        """The county that a Region lies in, '' for none."""
        return next((i for i in self._places.above(place) if self._places.by_id[i].kind == "县"), "")
