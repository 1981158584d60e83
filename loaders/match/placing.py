"""Where a row lies: by its own columns, else by its address, else in 未落地 below the division of its ledger."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from loaders.match.places import LOW, Places, unplaced_id
from loaders.recognize.ledgers import Ledger

#: the level that a column for wider divisions names
_WIDE = {"@city": "市", "@province": "省"}
#: the name of a division, and not of a road
_DIVISION = re.compile(r"[^路街道巷号\d]{1,10}(?:街道.{0,10})?")

#: the field of a row that names a park or building
SITE = "@place"
#: what joins the name of a division to that of another
_ANOTHER = re.compile("[/、，,；;和及与]")


class Placer:
    """Places rows inside the division of their ledger, in what their columns name there."""

    def __init__(self, places: Places) -> None:
        self.places = places
        #: the division of each 未落地 that a row lies in
        self.unplaced: dict[str, str] = {}
        self._levels: dict[tuple[str, str], bool] = {}
        #: of each ledger the columns that name a division, the widest first, and those of addresses
        self._columns: dict[str, tuple[list[str], list[str]]] = {}
        self._by_text: dict[tuple[str, str], tuple[str, str]] = {}

    def place(self, values: Mapping[str, Any], ledger: Ledger, base: str) -> tuple[str, str]:
        """The id of the Region that a row lies in, and the name that could not be resolved ('' for none).

        Columns that name a division are read from the widest (the province) to the narrowest (the town). A Unit that
        they do not put in a town is looked for by its address, then by the park or building that it is in.
        """
        here, unresolved = base, ""
        unit = ledger.entity == "Unit"
        if ledger.name not in self._columns:
            narrowest_first = [column for column, is_name in ledger.placing if is_name]
            addresses = [column for column, is_name in ledger.placing if not is_name]
            self._columns[ledger.name] = narrowest_first[::-1], addresses
        names, addresses = self._columns[ledger.name]
        for column in names:
            text = values.get(column)
            if not isinstance(text, str):
                continue
            region, missed = self._look(text, here)
            unresolved = missed if self._is_known(column, base) else unresolved
            # that it lies in the county tells nothing of a unit in a town's ledger, nor does a wider column
            if region and (region in self.places.inside(here) or not (unit or column != names[-1])):
                here = region
        if here != base and not (unit and self.places.is_vague(here)):
            return here, unresolved
        for column in addresses:
            text = values.get(column)
            # most addresses are of one unit only
            if isinstance(text, str) and (region := self.places.address(text, here)[0]) != here:
                return region, ""
        if unit and not unresolved and (town := self._town_of_place(values.get(SITE), here)):
            return town, unresolved
        if here != base or not (unit or unresolved):
            return here or self._below(""), unresolved
        return self._below(base), unresolved

    def _town_of_place(self, park: Any, within: str) -> str:
        """The division that a park or building lies in, the one of its name; '' where there is none or it is no town."""
        found = self.places.find(park, within, places=True) if isinstance(park, str) else []
        return self.town_of(found[0]) if len(found) == 1 else ""

    def town_of(self, place: str) -> str:
        """The division that a park or building lies in; '' where it is no town."""
        parent = self.places.by_id[place].parent
        return parent if parent and not self.places.is_vague(parent) else ""

    def _is_known(self, column: str, base: str) -> bool:
        """Whether the divisions of the level that a column names are known, so that an unknown name is a question.

        A county's ledger of divisions need not say in which city and province the county lies.
        """
        level = _WIDE.get(column)
        if not level:
            return True
        if (base, level) not in self._levels:
            around = (self.places.by_id[i] for i in self.places.around(base))
            self._levels[base, level] = any(r.kind == level and not r.name.isdigit() for r in around)
        return self._levels[base, level]

    def surest(self, places: Sequence[str]) -> str:
        """Of the places that rows put one entity in, best row first, the first that is a town, or at least a division."""
        if len(places) == 1:
            return places[0]
        towns = [p for p in places if not self.places.is_vague(p)]
        return next(iter(towns or [p for p in places if p not in self.unplaced] or places))

    def _look(self, text: str, base: str) -> tuple[str, str]:
        """The Region that a cell names inside `base`, and what of it could not be resolved, as `place` answers."""
        key = (text, base)
        if key not in self._by_text:
            self._by_text[key] = self._look_up(text, base)
        return self._by_text[key]

    def _look_up(self, text: str, base: str) -> tuple[str, str]:
        places = self.places
        named = places.find(text, base)
        if len(named) == 1:
            _, rest = places.address(text, base)
            # 东镇、西镇 is two
            if rest != text and _ANOTHER.match(rest) and places.find(rest[1:], base):
                return "", text
            # a county, and behind it what is no town of it, nor a road
            misspelt = places.is_vague(named[0]) and rest != text and _DIVISION.fullmatch(rest)
            return named[0], text if misspelt else ""
        above = [r for r in places.above(base) if len(text) > 1 and places.by_id[r].name.startswith(text)]
        if above:
            return above[0], ""
        park = places.find(text, base, places=True)
        if len(park) == 1:
            return places.by_id[park[0]].parent or base, ""
        # the division and those above it may be written before what lies in it
        county, rest = places.address(text)
        if county == base and not named:
            region = places.find(rest, base) if rest else [base]
            return (region[0], "") if len(region) == 1 else ("", text)
        return "", text

    def _below(self, base: str) -> str:
        """`base` if it is a town or lower; else the 未落地 below it, because a lower division is unknown."""
        if base and self.places.by_id[base].kind in LOW:
            return base
        id_ = unplaced_id(base)
        self.unplaced[id_] = base
        return id_
