"""待核实 about records that may be one: units and organizations that are alike, and that nothing proves different."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from loaders.fold.reviews import APART, MERGE, Reviews
from loaders.match.matching import Entity
from loaders.match.naming import LEGAL_FORMS, key_of, name_key, organization_key
from loaders.match.places import Places
from loaders.shape.rows import Row

#: more look-alikes than this share a naming custom and are not one unit recorded twice
MOST_ALIKE = 12

#: properties that look-alikes are compared by
_COMPARED = (
    ("成立日期", "founded_on"),
    ("从业人数", "staff"),
    ("经营地址", "address"),
    ("注册地址", "registered_address"),
)


@dataclass(frozen=True, slots=True)
class Lookalikes:
    """Adds a review for each pair that may be one.

    `props_of` gives the properties of an entity, `row_of` the first of its rows by precedence.
    """

    places: Places
    reviews: Reviews
    props_of: Callable[[Entity], Mapping[str, Any]]
    row_of: Callable[[Entity], Row]

    def add_organizations(self, organizations: Iterable[Entity], sharing: Iterable[Sequence[Entity]]) -> None:
        """Compare the organizations of one name in one place, and those that ledgers gave one code (`sharing`)."""
        blocks: dict[tuple[str, str], list[Entity]] = {}
        for one in organizations:
            blocks.setdefault((organization_key(one.name), one.place), []).append(one)
        for block in (*blocks.values(), *sharing):
            self._compare_all(block)

    def add_units(self, units: Iterable[Entity], sharing: Iterable[Sequence[Entity]]) -> None:
        """Compare the units whose names differ at most in place and legal form, and those of one code (`sharing`)."""
        stems: dict[str, tuple[str, ...]] = {}
        blocks: dict[str, Entity | list[Entity]] = {}
        for unit in units:
            if not unit.listed or not unit.name:
                continue
            if unit.place not in stems:
                stems[unit.place] = _stems(unit.place, self.places)
            core = _core(unit.name, stems[unit.place])
            earlier = blocks.setdefault(core, unit)
            if earlier is not unit:
                blocks[core] = [*(earlier if isinstance(earlier, list) else [earlier]), unit]
        for block in blocks.values():
            if isinstance(block, list) and len(block) <= MOST_ALIKE:
                self._compare_all(block)
        for units_of_code in sharing:
            self._compare_all(units_of_code)

    def add_renamed(self, blocks: Iterable[Sequence[Entity]]) -> None:
        """Compare the units of which one has the name that the other had."""
        for block in blocks:
            for one, other in _pairs(block):
                if name_key(one.name) != name_key(other.name):
                    self._compare(one, other, "一方的曾用名是另一方的名称")

    def _compare_all(self, block: Sequence[Entity]) -> None:
        for one, other in _pairs(block):
            self._compare(one, other)

    def _compare(self, a: Entity, b: Entity, alike: str = "") -> None:
        """Add the review of a pair; `alike` says what they share where it is neither name nor code nor what names tell."""
        here, there = a.place, b.place
        counties = _county(here, self.places), _county(there, self.places)
        same_code = bool(a.code) and a.code == b.code
        if all(counties) and counties[0] != counties[1] and not same_code:
            return
        same_name = key_of(a.type, a.name) == key_of(b.type, b.name)
        if a.code and b.code and not same_code and not (same_name and here == there):
            return
        one, other = self.props_of(a), self.props_of(b)
        agree: list[str] = []
        differ: list[str] = []
        names, code = f"名称“{a.name}”与“{b.name}”", "信用代码" if a.type == "Unit" else "代码"
        if same_name:
            agree.append(names + "相同")
        elif same_code or alike:
            differ.append(names + "不同")
            agree += [alike] if alike else []
        else:
            differ.append(names + "去掉地名和组织形式后相同")
            agree.append("字号和行业相同")
        if same_code:
            agree.append(f"{code}相同（{a.code}）")
        elif a.code and b.code:
            differ.append(f"{code}不同（{a.code}、{b.code}）")
        else:
            differ.append(f"至少一方没有有效的{code}")
        if here == there:
            agree.append(f"同在{_name(here, self.places)}")
        else:
            differ.append(f"分别在{_name(here, self.places)}、{_name(there, self.places)}")
        superiors = (self.row_of(a).values.get("@superior"), self.row_of(b).values.get("@superior"))
        compared = [(label, one.get(key), other.get(key)) for label, key in _COMPARED] + [("上级党组织", *superiors)]
        for label, value, second_value in compared:
            if value is not None and second_value is not None:
                same = value == second_value
                (agree if same else differ).append(label + ("相同" if same else "不同"))
        subject, second = (a, b) if a.code or not b.code else (b, a)
        self.reviews.add(
            "lookalike",
            sorted((a.id, b.id)),
            f"“{subject.name}”与“{second.name}”是不是同一{'家单位' if a.type == 'Unit' else '个党组织'}？是填“{MERGE}”，不是填“{APART}”。",
            self.row_of(second),
            subject=subject.id,
            other=second.id,
            division=here,
            evidence_for="；".join(agree),
            evidence_against="；".join(differ),
        )


def _pairs(block: Sequence[Entity]) -> Iterable[tuple[Entity, Entity]]:
    """Every two listed ones of a block; of many, the first with each other."""
    listed = sorted((e for e in block if e.listed), key=lambda e: e.id)
    return combinations(listed, 2) if len(listed) <= MOST_ALIKE else ((listed[0], e) for e in listed[1:])


def _core(name: str, stems: Iterable[str]) -> str:
    """A name without its legal form and without the names of the divisions it lies in."""
    core = name_key(name)
    form = next((f for f in LEGAL_FORMS if core.endswith(f)), "")
    core = core[: len(core) - len(form)]
    for stem in stems:
        core = core.removeprefix(stem)
        if stem in core:
            core = core.replace(f"({stem})", "").replace(f"（{stem}）", "")
    return core or name


def _stems(place: str, places: Places) -> tuple[str, ...]:
    words: list[str] = []
    for id_ in places.above(place):
        name = name_key(places.by_id[id_].name)
        if places.by_id[id_].kind in ("省", "市", "县") and len(name) > 1:
            words += [name, name[:-1]] if len(name) > 2 else [name]
    return tuple(words)


def _county(place: str, places: Places) -> str:
    return next((i for i in places.above(place) if places.by_id[i].kind == "县"), "")


def _name(place: str, places: Places) -> str:
    return places.by_id[place].name if place in places.by_id else "未落地"
