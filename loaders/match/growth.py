"""The tree of divisions, grown from what ledgers and codes state of each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from loaders.match.naming import name_key
from loaders.match.places import Places, Region

_LEVELS = {2: "省", 4: "市", 6: "县", 9: "镇街", 12: "村"}
#: parks, buildings and the rest lie in a county or a town
_RANKS = {"省": 0, "市": 1, "县": 2, "镇街": 3, "村": 4, "社区": 4, "网格": 5}
_ENDINGS = {"省": ("省",), "县": ("县", "区"), "镇街": ("镇", "乡", "街道", "办事处"), "村": ("村", "社区", "居委会")}


def level_of(code: str, name: str) -> str:
    """The kind of a division by the length of its code, a community told from a village by its name."""
    kind = _LEVELS.get(len(code), "")
    return village_kind(name) if kind == "村" else kind


def village_kind(name: str) -> str:
    """The kind of a division below a town: a community by its name, else a village."""
    return "社区" if "社区" in name or "居委会" in name or "居民委员会" in name else "村"


def parent_code(code: str) -> list[str]:
    """Codes of the divisions above, nearest first (GB/T 2260 and the statistics bureau's town and village codes)."""
    return [code[:n] for n in (9, 6, 4, 2) if n < len(code)]


def grow(facts: Mapping[str, Mapping[str, Any]], bases: Mapping[str, str]) -> tuple[Places, dict[str, str]]:
    """The tree of Regions from the stated facts of each id, and the names of parents that could not be resolved, by id.

    A parent is stated by code or name, or follows from the code (43 0181 101 lies in 43 0181). Of several Regions of
    the stated name it is the one that the code lies in, or the one inside the division of its ledger (`bases`). What
    has no parent lies in that division, if it is of a higher level.
    """

    def tree_of(parents: Mapping[str, str]) -> Places:
        return Places(
            Region(id_, str(f.get("name") or ""), str(f.get("code") or ""), _kind(f), parents.get(id_, ""))
            for id_, f in facts.items()
        )

    coded = {str(f["code"]): id_ for id_, f in facts.items() if f.get("code")}
    parents: dict[str, str] = {}
    waiting: list[str] = []
    for id_, fact in facts.items():
        if fact.get("parent_id"):
            parents[id_] = str(fact["parent_id"])
            continue
        named = str(fact.get("parent") or "")
        codes = [named] if named.isdigit() else []
        codes += parent_code(str(fact.get("code") or ""))
        above = [i for c in codes if (i := coded.get(c, id_)) != id_]
        if named and not named.isdigit():
            # the name decides which of those above is the next one
            above = [i for i in above if name_key(str(facts[i].get("name"))) == name_key(named)]
        if above:
            parents[id_] = above[0]
        elif named and not named.isdigit():
            waiting.append(id_)
    _adopt(facts, bases, parents, waiting)
    within_base = False
    while waiting:
        tree = tree_of(parents)
        left: list[str] = []
        for id_ in waiting:
            named = str(facts[id_]["parent"])
            ids = [r for r in tree.find(named, bases.get(id_, "") if within_base else "") if r != id_]
            if len(ids) == 1:
                parents[id_] = ids[0]
            else:
                left.append(id_)
        if within_base and len(left) == len(waiting):
            break
        waiting, within_base = left, True
    unresolved = {id_: str(facts[id_]["parent"]) for id_ in waiting}
    _adopt(facts, bases, parents, ())
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


def _adopt(
    facts: Mapping[str, Mapping[str, Any]], bases: Mapping[str, str], parents: dict[str, str], waiting: Collection[str]
) -> None:
    """Put what has no parent, and is not waiting for one, into the division of its ledger."""
    later = set(waiting)
    for id_, fact in facts.items():
        base = bases.get(id_, "")
        if id_ not in parents and id_ not in later and base in facts and _is_below(fact, facts[base]):
            parents[id_] = base


def _kind(fact: Mapping[str, Any]) -> str:
    return str(fact.get("kind") or level_of(str(fact.get("code") or ""), str(fact.get("name") or "")))


def _is_below(fact: Mapping[str, Any], base: Mapping[str, Any]) -> bool:
    """Whether a Region can lie in the division of its ledger: it is of a lower level, and its code does not deny it."""
    own, above = str(fact.get("code") or ""), str(base.get("code") or "")
    return _rank(fact) > _rank(base) and (not own or not above or own.startswith(above))


def _rank(fact: Mapping[str, Any]) -> int:
    """The level of a Region, the highest least; of one whose kind nobody states by the last word of its name."""
    kind = _kind(fact)
    if not kind:
        name = str(fact.get("name") or "")
        kind = next((k for k, endings in _ENDINGS.items() if name.endswith(endings)), "市")
    return _RANKS.get(kind, 3)
