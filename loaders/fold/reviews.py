"""待核实: the questions that a person has to decide, with the evidence for and against."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from graph import privacy
from graph.ids import mint
from loaders.match.matching import Entity
from loaders.match.naming import name_key
from loaders.match.places import Places
from loaders.shape.rows import Row

MERGE, APART, IGNORE = "合并", "分开", "忽略"
OPEN, DECIDED, CLOSED = "open", "decided", "closed"
#: more look-alikes than this share a naming custom and are not one unit recorded twice
MOST_ALIKE = 12

#: the longest first
_LEGAL_FORMS = ("股份有限公司", "有限责任公司", "有限公司", "股份公司", "公司")


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


def add_lookalikes(
    units: Iterable[Entity],
    places: Places,
    reviews: Reviews,
    props_of: Callable[[Entity], Mapping[str, Any]],
    row_of: Callable[[Entity], Row],
) -> None:
    """Add a review for each pair of units that may be one and that nothing proves the same or different.

    `props_of` gives the properties of a unit, `row_of` the first of its rows by precedence.
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
            for one, other in combinations(sorted(block, key=lambda u: u.id), 2):
                _compare(one, other, places, reviews, props_of, row_of)


def _compare(
    a: Entity,
    b: Entity,
    places: Places,
    reviews: Reviews,
    props_of: Callable[[Entity], Mapping[str, Any]],
    row_of: Callable[[Entity], Row],
) -> None:
    here, there = a.place, b.place
    counties = _county(here, places), _county(there, places)
    if all(counties) and counties[0] != counties[1]:
        return
    same_name = name_key(a.name) == name_key(b.name)
    if a.code and b.code and not (same_name and here == there):
        return
    one, other = props_of(a), props_of(b)
    agree: list[str] = []
    differ: list[str] = []
    (agree if same_name else differ).append(
        f"名称“{a.name}”与“{b.name}”" + ("相同" if same_name else "去掉地名和组织形式后相同")
    )
    if not same_name:
        agree.append("字号和行业相同")
    if a.code and b.code:
        differ.append(f"信用代码不同（{a.code}、{b.code}）")
    else:
        differ.append("至少一方没有有效的信用代码")
    if here == there:
        agree.append(f"同在{_name(here, places)}")
    else:
        differ.append(f"分别在{_name(here, places)}、{_name(there, places)}")
    for label, key in (("成立日期", "founded_on"), ("从业人数", "staff"), ("经营地址", "address")):
        if one.get(key) is not None and other.get(key) is not None:
            (agree if one[key] == other[key] else differ).append(
                f"{label}{'相同' if one[key] == other[key] else '不同'}"
            )
    subject, second = (a, b) if a.code or not b.code else (b, a)
    reviews.add(
        "lookalike",
        sorted((a.id, b.id)),
        f"“{subject.name}”与“{second.name}”是不是同一家单位？是填“{MERGE}”，不是填“{APART}”。",
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
    form = next((f for f in _LEGAL_FORMS if core.endswith(f)), "")
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
