"""待核实: what a person has to decide, with the evidence for and against. Never decided by guess."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from graph import privacy
from loaders.match.matching import Known
from loaders.match.naming import mint, name_key
from loaders.match.places import Places
from loaders.shape.rows import Row

MERGE, APART, IGNORE = "合并", "分开", "忽略"
OPEN, DECIDED, CLOSED = "open", "decided", "closed"
#: blocks of look-alikes larger than this are a naming custom, not a doubled record
MOST_ALIKE = 12

#: the longest first
_LEGAL_FORMS = ("股份有限公司", "有限责任公司", "有限公司", "股份公司", "公司")


@dataclass(slots=True)
class Reviews:
    """Reviews of one fold, by an id that is the same as long as the question is the same.

    `decisions` are what people decided, by review id. A review's `rows` are the SourceRows it marks.
    """

    decisions: Mapping[str, str]
    found: dict[str, dict[str, Any]] = field(default_factory=dict)

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
        """Open a review, or find it decided; its id. `sensitivity` is that of what its texts quote."""
        id_ = mint("v", kind, *identity)
        if id_ not in self.found:
            decision = self.decisions.get(id_)
            # a name or code that was decided on and resolved asks no more; one that did not, still does
            settled = decision == IGNORE or (kind == "lookalike" and decision in (MERGE, APART))
            where = {"file": row.file, "sheet": row.sheet, "line": row.line} if row else {}
            self.found[id_] = {
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
            self.found[id_]["rows"].append(row.id)
        return id_

    def decision(self, kind: str, *identity: str) -> str:
        """What was decided on a question of this identity, or ''."""
        return self.decisions.get(mint("v", kind, *identity), "") if self.decisions else ""


def add_lookalikes(
    units: Iterable[Known],
    places: Places,
    reviews: Reviews,
    said: Callable[[Known], Mapping[str, Any]],
    row: Callable[[Known], Row],
) -> None:
    """Open a review for each pair of units that may be one and cannot be proven the same or different.

    `said` is what is known of a unit, `row` the one believed most.
    """
    stems: dict[str, tuple[str, ...]] = {}
    blocks: dict[str, Known | list[Known]] = {}
    for unit in units:
        if not unit.listed or not unit.name:
            continue
        if unit.place not in stems:
            stems[unit.place] = _stems(unit.place, places)
        core = _core(unit.name, stems[unit.place])
        held = blocks.setdefault(core, unit)
        if held is not unit:
            blocks[core] = [*(held if isinstance(held, list) else [held]), unit]
    for block in blocks.values():
        if isinstance(block, list) and len(block) <= MOST_ALIKE:
            for one, other in combinations(sorted(block, key=lambda u: u.id), 2):
                _compare(one, other, places, reviews, said, row)


def _compare(
    a: Known,
    b: Known,
    places: Places,
    reviews: Reviews,
    said: Callable[[Known], Mapping[str, Any]],
    row: Callable[[Known], Row],
) -> None:
    here, there = a.place, b.place
    counties = _county(here, places), _county(there, places)
    if all(counties) and counties[0] != counties[1]:
        return
    same_name = name_key(a.name) == name_key(b.name)
    if a.code and b.code and not (same_name and here == there):
        return
    one, other = said(a), said(b)
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
        row(second),
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
