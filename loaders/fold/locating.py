"""Where entities lie: in the Region that their rows name, else in 未落地; a name that the tree lacks is a 待核实."""

from __future__ import annotations

from collections.abc import Sequence

from loaders.fold.drawing import placing
from loaders.fold.reviews import IGNORE, Reviews
from loaders.match.places import PLACES, Places
from loaders.match.placing import SITE, Placer
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
                if decided := self._decided(row.division, unresolved):
                    places.append(decided)
                    continue
                self._ask(
                    row,
                    (row.division, unresolved),
                    place,
                    f"区划“{unresolved}”在区划台账中没有找到或不止一个，有关单位暂列未落地。",
                    self._places.nearest(unresolved, row.division),
                )
            elif place in self.unplaced and (site := self._decided(row.division, values.get(SITE), SITE)):
                place = self._placer.town_of(site) or place
            places.append(place)
        return self._placer.surest(places)

    def site(self, row: Row, text: str) -> str:
        """The park, building or business district that a row names, '' where none or several have the name.

        A review asks about it, one for all the rows of a division that name it.
        """
        found = self._places.find(text, row.division, places=True)
        if len(found) == 1:
            return found[0]
        decided = self._decided(row.division, text, SITE)
        if not decided and row.retired is None:
            self._ask(
                row,
                (row.division, text, SITE),
                row.division,
                f"园区、楼宇或商圈“{text}”在区划台账中没有找到或不止一个，有关单位暂不列入其中。",
                self._places.nearest(text, row.division, places=True),
            )
        return decided

    def ask_of_region(self, region: str, rows: Sequence[Row]) -> None:
        """Ask about a village or grid of which a row names no town though several have its name."""
        kind = self._places.by_id[region].kind
        for row in rows:
            values = row.values
            if row.retired is not None or PLACED not in row.origin.ledger.fields or values.get(PLACED):
                continue
            name = str(values.get("name") or "")
            named = [i for i in self._places.find(name, row.division) if self._places.by_id[i].kind == kind]
            if len({*named} - {region}) > 1:
                self._ask(
                    row,
                    (row.division, name, "Region"),
                    row.division,
                    f"“{name}”在区划台账中不止一个，又没有写明所在镇街（村），暂另列在上一级之下。",
                    self._places.nearest(name, row.division),
                    f"请撤销载入，补填所在镇街（村）后重新载入；属实填“{IGNORE}”。",
                )

    def _decided(self, division: str, text: str | None, *kind: str) -> str:
        """The Region that people decided an unknown name to be, '' for none."""
        decision = self._reviews.decision("division", division, text, *kind) if text else ""
        found = self._places.find(decision, places=bool(kind)) if decision and decision != IGNORE else []
        found = [i for i in found if not kind or self._places.by_id[i].kind in PLACES]
        return found[0] if len(found) == 1 else ""

    def _ask(
        self, row: Row, identity: tuple[str, ...], division: str, question: str, nearest: Sequence[str], mend: str = ""
    ) -> None:
        near = "、".join(nearest)
        self._reviews.add(
            "division",
            identity,
            question + (mend or f"请补充区划，或在处理决定中填代码、“{IGNORE}”。"),
            row,
            division=division,
            evidence_for=f"名称相近：{near}" if near else None,
            evidence_against="没有唯一的名称或代码",
        )

    def named(self, row: Row, name: str) -> str:
        """The Region that a row names as its own, '' where the tree has none."""
        place, unresolved = self._placer.place({PLACED: name}, row.origin.ledger, row.division)
        return "" if unresolved or place in self.unplaced else place

    def county(self, place: str) -> str:
        """The county that a Region lies in, '' for none."""
        return next((i for i in self._places.above(place) if self._places.by_id[i].kind == "县"), "")
