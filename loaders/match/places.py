"""The division that a name or an address means, in the tree of Regions inside the division of the ledger."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from graph.ids import mint
from graph.regions import Regions
from loaders.match.naming import name_key
from loaders.recognize.ledgers import Ledger

#: kinds of place inside a division, which an address does not descend through
PLACES = frozenset({"园区", "楼宇", "商圈"})
UNPLACED = "未落地"
_LONGEST_NAME = 24
_LEVELS = {2: "省", 4: "市", 6: "县", 9: "镇街", 12: "村"}
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
    """The tree of Regions, searched by name, code and address."""

    def __init__(self, regions: Iterable[Region]) -> None:
        self.by_id: dict[str, Region] = {r.id: r for r in regions}
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
        for region in self.by_id.values():
            for variant in _variants(region):
                self._names.setdefault(variant, []).append(region.id)
        self._find = lru_cache(maxsize=None)(self._find_uncached)
        self._towns = [r for r in self.by_id.values() if r.kind == "镇街"]
        self._counties = [r for r in self.by_id.values() if r.kind == "县"]
        self._today = self._successors()

    def _successors(self) -> dict[str, str]:
        """Of a county that became a 市 or 区 but is still listed (宁乡县), the county of today, which has towns."""
        today = {
            (r.parent, _stem(r.name)): r.id for r in self._counties if _stem(r.name) and r.id in self.tree.children
        }
        former = (r for r in self._counties if r.name.endswith("县") and r.id not in self.tree.children)
        return {r.id: today[r.parent, r.name[:-1]] for r in former if (r.parent, r.name[:-1]) in today}

    def inside(self, root: str) -> frozenset[str]:
        """`root` and all Regions below it; without a root, all."""
        if root not in self._inside:
            self._inside[root] = frozenset(self.tree.below({root} & self.by_id.keys()) if root else self.by_id)
        return self._inside[root]

    def around(self, root: str) -> frozenset[str]:
        """`root`, all below it and all above it: a street's ledger may name an office of its county."""
        if root not in self._around:
            self._around[root] = self.inside(root) | {*self.above(root)}
        return self._around[root]

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
        ids = [i for i in ids if (self.by_id[i].kind in PLACES) == places]
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
        lowest = self.address(text, within)
        return [lowest] if lowest and lowest != within else []

    def address(self, text: str, within: str = "") -> str:
        """The lowest Region that an address names inside `within`, or ''.

        A county is named by its full name (or the name it had as 县, 市 or 区), or by its bare stem at the very
        start. A town is named by its full name alone, after its county: 浏阳河路 is not 浏阳.
        """
        here, rest = within, text
        if not here or self.by_id[here].kind in ("省", "市", ""):
            county = self._county(text, within)
            if not county and not here:
                return ""
            if county:
                here, rest = county
        while True:
            step = self._below(here, rest)
            if step is None:
                return here
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


class Placer:
    """Places rows by their own column, else by their address, inside the division of the ledger; else in 未落地 there."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.unplaced: dict[str, str] = {}
        self._by_text: dict[tuple[str, str, bool], tuple[str, str]] = {}

    def place(self, values: Mapping[str, Any], ledger: Ledger, base: str) -> tuple[str, str]:
        """The id of the Region that a row lies in, and the name that could not be resolved ('' for none)."""
        unresolved = ""
        for column, is_name in ledger.placing:
            text = values.get(column)
            if not isinstance(text, str):
                continue
            key = (text, base, is_name)
            if key not in self._by_text:
                self._by_text[key] = self._look(text, base, is_name)
            region, missed = self._by_text[key]
            if region and (region != base or ledger.entity != "Unit"):
                return region, ""
            unresolved = unresolved or missed
        if ledger.entity != "Unit" and not unresolved:
            return base or self._below(""), ""
        return self._below(base), unresolved

    def _look(self, text: str, base: str, is_name: bool) -> tuple[str, str]:
        if not is_name:
            return self.places.address(text, base), ""
        named = self.places.find(text, base)
        if len(named) == 1:
            return named[0], ""
        above = [r for r in self.places.above(base) if self.places.by_id[r].name == text]
        if above:
            return above[0], ""
        park = self.places.find(text, base, places=True)
        if len(park) == 1:
            return self.places.by_id[park[0]].parent or base, ""
        return "", text

    def _below(self, base: str) -> str:
        """`base` if it is a town or lower; else the 未落地 below it, because a lower division is unknown."""
        if base and self.places.by_id[base].kind in ("镇街", "村", "社区", UNPLACED):
            return base
        id_ = unplaced_id(base)
        self.unplaced[id_] = base
        return id_


@lru_cache(maxsize=1024)
def unplaced_id(base: str) -> str:
    """The id of 未落地 under a division."""
    return mint("r", "Region", UNPLACED, base)


def level_of(code: str, name: str) -> str:
    """The kind of a division by the length of its code, a community told from a village by its name."""
    kind = _LEVELS.get(len(code), "")
    return "社区" if kind == "村" and ("社区" in name or "居委会" in name) else kind


def parent_code(code: str) -> list[str]:
    """Codes of the divisions above, nearest first (GB/T 2260 and the statistics bureau's town and village codes)."""
    return [code[:n] for n in (9, 6, 4, 2) if n < len(code)]


def grow(facts: Mapping[str, Mapping[str, Any]], bases: Mapping[str, str]) -> tuple[Places, dict[str, str]]:
    """The tree of Regions from the stated facts of each id, and the names of parents that could not be resolved, by id.

    A parent is stated by code or name, or follows from the code (43 0181 101 lies in 43 0181). Names are resolved in
    two passes: a name of several Regions may be that of one inside the division of its ledger (`bases`).
    """

    def tree_of(parents: Mapping[str, str]) -> Places:
        return Places(
            Region(
                id_,
                str(f.get("name") or ""),
                str(f.get("code") or ""),
                str(f.get("kind") or level_of(str(f.get("code") or ""), str(f.get("name") or ""))),
                parents.get(id_, ""),
            )
            for id_, f in facts.items()
        )

    coded = {str(f["code"]): id_ for id_, f in facts.items() if f.get("code")}
    parents: dict[str, str] = {}
    unresolved: dict[str, str] = {}
    waiting: list[str] = []
    for id_, fact in facts.items():
        if fact.get("parent_id"):
            parents[id_] = str(fact["parent_id"])
            continue
        named = str(fact.get("parent") or "")
        codes = [named] if named.isdigit() else []
        codes += parent_code(str(fact.get("code") or "")) if not named or codes else []
        above = next((coded[c] for c in codes if c in coded), "")
        if above and above != id_:
            parents[id_] = above
        elif named and not named.isdigit():
            waiting.append(id_)
    for within_base in (False, True):
        if not waiting:
            break
        tree = tree_of(parents)
        left: list[str] = []
        for id_ in waiting:
            named = str(facts[id_]["parent"])
            ids = [r for r in tree.find(named, bases.get(id_, "") if within_base else "") if r != id_]
            if len(ids) == 1:
                parents[id_] = ids[0]
            else:
                left.append(id_)
        waiting = left
    for id_ in waiting:
        unresolved[id_] = str(facts[id_]["parent"])
    # a circle of parents would have no top: cut it where it closes
    for id_ in list(parents):
        seen = {id_}
        at = id_
        while at in parents:
            if parents[at] in seen:
                unresolved[at] = str(facts.get(at, {}).get("parent") or "")
                del parents[at]
                break
            at = parents[at]
            seen.add(at)
    return tree_of(parents), unresolved
