"""The division that a name or an address means, in the tree of Regions inside the division of the ledger."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from graph.ids import mint
from graph.regions import Regions
from loaders.match.naming import name_key

#: kinds of place inside a division, which an address does not descend through
PLACES = frozenset({"园区", "楼宇", "商圈"})
UNPLACED = "未落地"
#: kinds of Region below which nothing is 未落地: what lies in them lies low enough
LOW = frozenset({"镇街", "村", "社区", "网格", UNPLACED, *PLACES})
_LONGEST_NAME = 24
#: in a larger tree only divisions down to the town are proposed as what a name may have meant
_MOST_NAMES = 5000
_LAST_WORDS = frozenset("省市县区镇乡村街道社")
#: the bare stem of a county means the county only before a town or a development zone, not before a road
_AFTER_STEM = re.compile(r"^(?:[^路街巷道号]{1,5}(?:镇|乡|街道|村|办事处)|(?:国家级)?(?:经济|高新|工业|开发|生物))")
_ABOVE = re.compile(r"^(?:[^省市区县]{2,6}省)?(?:[^省市区县]{2,7}(?:市|自治州|地区))?")
_SUFFIXES = (
    "街道办事处",
    "办事处",
    "人民政府",
    "社区居委会",
    "居民委员会",
    "村民委员会",
    "居委会",
    "村委会",
    "街道",
    "社区",
    "镇",
    "乡",
    "村",
)


#: the name that people write for a division that is listed by its office
_SPOKEN = {"街道办事处": "街道", "居委会": "社区", "居民委员会": "社区", "村委会": "村", "村民委员会": "村"}


@dataclass(slots=True)
class Region:
    """A division, or a place inside one."""

    id: str
    name: str
    code: str = ""
    kind: str = ""
    parent: str = ""


class Places:
    """The tree of Regions, searched by name, code and address.

    Every division above the town has its 未落地 in it, whether or not anything lies there.
    """

    def __init__(self, regions: Iterable[Region]) -> None:
        self.by_id: dict[str, Region] = {r.id: r for r in regions}
        #: the divisions that have others below them
        self.divided = {r.parent for r in self.by_id.values() if r.kind != UNPLACED} - {""}
        for base in ("", *(r.id for r in self.by_id.values() if r.kind not in LOW)):
            self.by_id[unplaced_id(base)] = Region(unplaced_id(base), UNPLACED, kind=UNPLACED, parent=base)
        self.by_code: dict[str, str] = {r.code: r.id for r in self.by_id.values() if r.code}
        self.tree = Regions(
            {r.id: r.name for r in self.by_id.values()},
            {r.id: r.code for r in self.by_id.values() if r.code},
            {r.id: r.parent for r in self.by_id.values() if r.parent in self.by_id},
            {r.id: r.kind for r in self.by_id.values() if r.kind},
        )
        self._names: dict[str, list[str]] = {}
        self._inside: dict[str, frozenset[str]] = {}
        self._around: dict[str, frozenset[str]] = {}
        self._county_words: dict[str, tuple[dict[str, list[str]], dict[str, list[str]]]] = {}
        self._child_words: dict[str, dict[str, list[str]]] = {}
        for region in (r for r in self.by_id.values() if r.kind != UNPLACED):
            for variant in _variants(region):
                self._names.setdefault(variant, []).append(region.id)
        self._find = lru_cache(maxsize=None)(self._find_uncached)
        self.nearest = lru_cache(maxsize=None)(self._nearest)
        self._towns = [r for r in self.by_id.values() if r.kind == "镇街"]
        self._counties = [r for r in self.by_id.values() if r.kind == "县"]
        self._today = self._successors()

    def _successors(self) -> dict[str, str]:
        """Of a county that became a 市 or 区 but is still listed (宁乡县), the county of today, which has towns."""
        today = {(r.parent, _stem(r.name)): r.id for r in self._counties if _stem(r.name) and r.id in self.divided}
        former = (r for r in self._counties if r.name.endswith("县") and r.id not in self.divided)
        return {r.id: today[r.parent, r.name[:-1]] for r in former if (r.parent, r.name[:-1]) in today}

    def inside(self, root: str) -> frozenset[str]:
        """`root` and all Regions below it; without a root, all."""
        if root not in self._inside:
            self._inside[root] = frozenset(self.tree.below({root} & self.by_id.keys()) if root else self.by_id)
        return self._inside[root]

    def around(self, root: str) -> frozenset[str]:
        """`root`, all below it, all above it, and what is 未落地 there.

        A street's ledger may name an office of its county, or a unit of which nobody said that it lies in the street.
        """
        if root not in self._around:
            above = self.above(root)
            self._around[root] = self.inside(root) | {*above} | {unplaced_id(i) for i in ("", *above)}
        return self._around[root]

    def is_vague(self, place: str) -> bool:
        """Whether a place is no town and nothing in one: a county, or 未落地."""
        region = self.by_id.get(place)
        return region is None or region.kind == UNPLACED or region.kind not in LOW

    def extent(self, place: str) -> frozenset[str]:
        """Where something may lie of which only `place` is known: in it, or, if it is 未落地, in the division above."""
        region = self.by_id.get(place)
        return self.inside(region.parent if region and region.kind == UNPLACED else place)

    def _nearest(self, text: str, within: str = "", *, places: bool = False) -> list[str]:
        """Up to three names of divisions inside `within` that `text` may have meant, the most similar first.

        `places`: of parks, buildings and business districts instead, wherever they are.
        """
        several = [self.by_id[i] for i in self.find(text, within, places=places)]
        if len(several) > 1:
            towards = ((self.by_id[r.parent].name if r.parent in self.by_id else "") for r in several)
            return sorted(f"{above}{r.name}" for above, r in zip(towards, several, strict=True))[:3]
        for above in self.above(within):
            text = text.removeprefix(self.by_id[above].name)
        scope = [r for i in self.inside(within) if (r := self.by_id[i]).kind not in (UNPLACED, "网格")]
        if places:
            scope = [r for r in scope if r.kind in PLACES]
        elif len(scope) > _MOST_NAMES:
            scope = [r for r in scope if r.kind in ("省", "市", "县", "镇街")]
        # most names share nothing but their last word, which is soon seen
        telling = set(text) - _LAST_WORDS or set(text)
        alike = {
            (-ratio, r.id not in self.divided, r.name)
            for r in scope
            if telling & set(r.name) and (ratio := difflib.SequenceMatcher(None, text, r.name).ratio()) >= 0.5
        }
        return list(dict.fromkeys(name for _, _, name in sorted(alike)))[:3]

    def above(self, region: str) -> list[str]:
        """The ids from `region` upwards; none for a region that is not in the tree."""
        return self.tree.path(region)[::-1] if region in self.by_id else []

    def find(self, text: str, within: str = "", *, places: bool = False) -> list[str]:
        """Ids of the Regions that `text` (a code, a name, or names from the county down) may mean inside `within`.

        `places`: look for parks, buildings and business districts instead of divisions.
        """
        return self._find(text, within, places)

    def _find_uncached(self, text: str, within: str, places: bool) -> list[str]:
        if text in self.by_code:
            coded = self.by_code[text]
            return [self._today.get(coded, coded)]
        scope = self.inside(within)
        ids = [self._today.get(i, i) for i in self._names.get(name_key(text), ()) if i in scope]
        ids = list(dict.fromkeys(ids))
        ids = [i for i in ids if (self.by_id[i].kind in PLACES) == places and not self._may_be_city(i, text)]
        exact = [i for i in ids if name_key(self.by_id[i].name) == name_key(text)]
        ids = exact or ids
        if len(ids) == 1 or places:
            return ids
        if len(ids) > 1:
            # the county of that name rather than a village in it
            highest = sorted(ids, key=lambda i: len(self.above(i)))
            if len(self.above(highest[0])) < len(self.above(highest[1])) and highest[0] in self.above(highest[1]):
                return highest[:1]
            return ids
        lowest, _ = self.address(text, within)
        return [lowest] if lowest and lowest != within else []

    def _may_be_city(self, region: str, text: str) -> bool:
        """Whether `text` is the bare stem of a 县 in a city that nobody named: 长沙 may be 长沙市 rather than 长沙县."""
        return (
            self.by_id[region].kind == "县"
            and name_key(text) + "县" == name_key(self.by_id[region].name)
            and not any(self.by_id[i].kind == "市" and not self.by_id[i].name.isdigit() for i in self.above(region))
            and len(self._counties) > 1
        )

    def address(self, text: str, within: str = "") -> tuple[str, str]:
        """The lowest Region that an address names inside `within`, or '', and the text behind its name.

        A county is named by its full name (or the name it had as 县, 市 or 区), or by its bare stem at the very
        start. A town is named by its full name alone, after its county: 浏阳河路 is not 浏阳.
        """
        here, rest = within, text
        if not here or self.by_id[here].kind in ("省", "市", ""):
            county = self._county(text, within)
            if not county and not here:
                return "", text
            if county:
                here, rest = county
        while True:
            step = self._below(here, rest)
            if step is None:
                return here, rest
            here, rest = step

    def titled(self, text: str) -> str:
        """The county, or the town in it, whose full name stands in a title or a file's name; '' for none."""
        counties = [r for r in self._counties if len(r.name) > 1 and r.name in text]
        if counties:
            best = max(counties, key=lambda r: (len(r.name), -text.find(r.name)))
            if sum(r.name == best.name for r in counties) > 1:
                return ""
            step = self._below(best.id, text[text.find(best.name) + len(best.name) :])
            return step[0] if step else self._today.get(best.id, best.id)
        towns = [r.id for r in self._towns if len(r.name) > 2 and r.name in text]
        return towns[0] if len(towns) == 1 else ""

    def _county(self, text: str, within: str) -> tuple[str, str] | None:
        names, stems = self._county_names(within)
        start = _ABOVE.match(text)
        first = _first(text, names)
        for at in sorted({0, start.end() if start else 0}):
            if first is not None and first[0] <= at:
                break
            stem = next((text[at : at + n] for n in (4, 3, 2) if text[at : at + n] in stems), "")
            if stem and _AFTER_STEM.match(text[at + len(stem) :]):
                first = (at, at + len(stem), stems[stem])
        if first is None or len(first[2]) > 1:
            # counties of one name are told apart only by the name of the city before it
            return None
        return first[2][0], text[first[1] :]

    def _county_names(self, within: str) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        """The full names and the bare stems of the counties inside `within`, each with the ids that it may mean."""
        if within not in self._county_words:
            scope = self.inside(within)
            names: dict[str, list[str]] = {}
            stems: dict[str, list[str]] = {}
            for county in self._counties:
                if county.id in scope and county.id not in self._today:
                    for word in _county_words(county.name):
                        names.setdefault(word, []).append(county.id)
                    if stem := _stem(county.name):
                        stems.setdefault(stem, []).append(county.id)
            self._county_words[within] = names, stems
        return self._county_words[within]

    def _below(self, here: str, text: str) -> tuple[str, str] | None:
        if here not in self._child_words:
            words: dict[str, list[str]] = {}
            for child in self.tree.children.get(here, ()):
                region = self.by_id[child]
                if region.kind not in PLACES and region.kind != UNPLACED and child not in self._today:
                    for word in _address_words(region.name):
                        words.setdefault(word, []).append(child)
            self._child_words[here] = words
        first = _first(text, self._child_words[here])
        return (first[2][0], text[first[1] :]) if first else None


def _first(text: str, words: Mapping[str, list[str]]) -> tuple[int, int, list[str]] | None:
    """Start and end of the first of `words` in a text (the longest that begins there), and the ids that it means."""
    if words:
        for at in range(len(text) - 1):
            for end in range(min(len(text), at + _LONGEST_NAME), at + 1, -1):
                if text[at:end] in words:
                    return at, end, words[text[at:end]]
    return None


def _stem(name: str) -> str:
    """The name without 市 or 区. A 县 keeps its own: 长沙 alone is the city, never 长沙县."""
    return name[:-1] if len(name) > 2 and name[-1] in "市区" else ""


@lru_cache(maxsize=10_000)
def _county_words(name: str) -> tuple[str, ...]:
    """The full name of a county, and its name while it was a 县."""
    stem = _stem(name)
    return (name, stem + "县") if stem else (name,)


@lru_cache(maxsize=100_000)
def _address_words(name: str) -> tuple[str, ...]:
    """The forms of a town's or a village's name in an address: the full one, and a village's without 居委会."""
    for suffix in ("社区居委会", "居委会", "村委会", "村民委员会", "社区居民委员会"):
        if name.endswith(suffix) and len(name) > len(suffix) + 1:
            stem = name[: -len(suffix)]
            return (
                (name, stem + "社区", stem + "村")
                if "社区" in suffix
                else (name, stem if stem.endswith(("村", "社区")) else stem + "村")
            )
    return (name,) if len(name) > 1 else ()


def _variants(region: Region) -> Iterator[str]:
    """Normalized names under which a Region is looked up in a cell of its own."""
    key = name_key(region.name)
    yield key
    seen = {key}
    for suffix in _SUFFIXES:
        if key.endswith(suffix) and len(key) > len(suffix) + 1:
            stem = key[: -len(suffix)]
            more = next((word for ending, word in _SPOKEN.items() if suffix.endswith(ending)), "")
            for one in (stem, stem + more):
                if one not in seen:
                    seen.add(one)
                    yield one
            break
    else:
        if key.endswith(("县", "市", "区")) and len(key) > 2:
            yield key[:-1]
    if region.kind == "镇街" and key.endswith("街道"):
        yield key + "办事处"


@lru_cache(maxsize=1024)
def unplaced_id(base: str) -> str:
    """The id of 未落地 under a division."""
    return mint("r", "Region", UNPLACED, base)
