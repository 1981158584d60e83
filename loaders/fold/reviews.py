"""待核实: the questions that a person has to decide, with the evidence for and against."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from graph import privacy
from graph.ids import mint
from loaders.match.matching import Entity
from loaders.match.naming import LEGAL_FORMS, key_of, name_key, organization_key
from loaders.match.places import Places
from loaders.shape.rows import Row

MERGE, APART, IGNORE = "合并", "分开", "忽略"
OPEN, DECIDED, CLOSED = "open", "decided", "closed"
#: more look-alikes than this share a naming custom and are not one unit recorded twice
MOST_ALIKE = 12

#: properties that look-alikes are compared by
_COMPARED = (
    ("成立日期", "founded_on"),
    ("从业人数", "staff"),
    ("经营地址", "address"),
    ("注册地址", "registered_address"),
)


@dataclass(slots=True)
class Reviews:
    """The reviews of one fold, by an id that is the same as long as the question is the same.

    `decisions` holds people's decisions by review id. A review's `rows` are the SourceRows it marks.
    """

    decisions: Mapping[str, str]
    by_id: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(
        self,
        kind: str,
        identity: Iterable[str],
        question: str,
        row: Row | None,
        *,
        sensitivity: str = privacy.OPEN,
        **more: Any,
    ) -> str:
        """Add a review of a row, open or decided, and return its id. `sensitivity` is that of the names its texts quote."""
        id_ = mint("v", kind, *identity)
        if id_ not in self.by_id:
            decision = self.decisions.get(id_)
            # a name or code as the decision settles the question only if it resolves, and then nothing asks it
            settled = decision == IGNORE or (kind == "lookalike" and decision in (MERGE, APART))
            where = {"file": row.file, "sheet": row.sheet, "line": row.line} if row else {}
            self.by_id[id_] = {
                "id": id_,
                "kind": kind,
                "state": DECIDED if settled else OPEN,
                "decision": decision or None,
                "sensitivity": sensitivity,
                "question": question,
                "rows": [],
                **where,
                **more,
            }
        if row:
            self.by_id[id_]["rows"].append(row.id)
        return id_

    def mark(self, id_: str, rows: Iterable[Row]) -> None:
        """Have a review mark further rows."""
        self.by_id[id_]["rows"] += [row.id for row in rows]

    def decision(self, kind: str, *identity: str) -> str:
        """The decision on the question of this identity, or ''."""
        return self.decisions.get(mint("v", kind, *identity), "") if self.decisions else ""


def add_namesakes(
    organizations: Iterable[Entity],
    sharing: Iterable[Sequence[Entity]],
    places: Places,
    reviews: Reviews,
    props_of: Callable[[Entity], Mapping[str, Any]],
    row_of: Callable[[Entity], Row],
) -> None:
    """Add a review for each pair of organizations of one name in one place, or of one code. See `add_lookalikes`."""
    blocks: dict[tuple[str, str], list[Entity]] = {}
    for one in organizations:
        blocks.setdefault((organization_key(one.name), one.place), []).append(one)
    for block in (*blocks.values(), *sharing):
        for one, other in _pairs(block):
            _compare(one, other, places, reviews, props_of, row_of)


def add_lookalikes(
    units: Iterable[Entity],
    sharing: Iterable[Sequence[Entity]],
    places: Places,
    reviews: Reviews,
    props_of: Callable[[Entity], Mapping[str, Any]],
    row_of: Callable[[Entity], Row],
) -> None:
    """Add a review for each pair of units that may be one and that nothing proves the same or different.

    `sharing` holds units that ledgers gave one code, `props_of` gives the properties of a unit, `row_of` the first of
    its rows by precedence.
    """
    stems: dict[str, tuple[str, ...]] = {}
    blocks: dict[str, Entity | list[Entity]] = {}
    for unit in units:
        if not unit.listed or not unit.name:
            continue
        if unit.place not in stems:
            stems[unit.place] = _stems(unit.place, places)
        core = _core(unit.name, stems[unit.place])
        earlier = blocks.setdefault(core, unit)
        if earlier is not unit:
            blocks[core] = [*(earlier if isinstance(earlier, list) else [earlier]), unit]
    for block in blocks.values():
        if isinstance(block, list) and len(block) <= MOST_ALIKE:
            for one, other in _pairs(block):
                _compare(one, other, places, reviews, props_of, row_of)
    for units_of_code in sharing:
        for one, other in _pairs(units_of_code):
            _compare(one, other, places, reviews, props_of, row_of)


def add_renamed(
    blocks: Iterable[Sequence[Entity]],
    places: Places,
    reviews: Reviews,
    props_of: Callable[[Entity], Mapping[str, Any]],
    row_of: Callable[[Entity], Row],
) -> None:
    """Add a review for each pair of units of which one has the name that the other had. See `add_lookalikes`."""
    for block in blocks:
        for one, other in _pairs(block):
            if name_key(one.name) != name_key(other.name):
                _compare(one, other, places, reviews, props_of, row_of, "一方的曾用名是另一方的名称")


def _pairs(block: Sequence[Entity]) -> Iterable[tuple[Entity, Entity]]:
    """Every two listed ones of a block; of many, the first with each other."""
    listed = sorted((e for e in block if e.listed), key=lambda e: e.id)
    return combinations(listed, 2) if len(listed) <= MOST_ALIKE else ((listed[0], e) for e in listed[1:])


def _compare(
    a: Entity,
    b: Entity,
    places: Places,
    reviews: Reviews,
    props_of: Callable[[Entity], Mapping[str, Any]],
    row_of: Callable[[Entity], Row],
    alike: str = "",
) -> None:
    """Add the review of a pair; `alike` says what they share where it is neither name nor code nor what names tell."""
    here, there = a.place, b.place
    counties = _county(here, places), _county(there, places)
    same_code = bool(a.code) and a.code == b.code
    if all(counties) and counties[0] != counties[1] and not same_code:
        return
    same_name = key_of(a.type, a.name) == key_of(b.type, b.name)
    if a.code and b.code and not same_code and not (same_name and here == there):
        return
    one, other = props_of(a), props_of(b)
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
        agree.append(f"同在{_name(here, places)}")
    else:
        differ.append(f"分别在{_name(here, places)}、{_name(there, places)}")
    superiors = (row_of(a).values.get("@superior"), row_of(b).values.get("@superior"))
    compared = [(label, one.get(key), other.get(key)) for label, key in _COMPARED] + [("上级党组织", *superiors)]
    for label, value, second_value in compared:
        if value is not None and second_value is not None:
            same = value == second_value
            (agree if same else differ).append(label + ("相同" if same else "不同"))
    subject, second = (a, b) if a.code or not b.code else (b, a)
    reviews.add(
        "lookalike",
        sorted((a.id, b.id)),
        f"“{subject.name}”与“{second.name}”是不是同一{'家单位' if a.type == 'Unit' else '个党组织'}？是填“{MERGE}”，不是填“{APART}”。",
        row_of(second),
        subject=subject.id,
        other=second.id,
        division=here,
        evidence_for="；".join(agree),
        evidence_against="；".join(differ),
    )


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
