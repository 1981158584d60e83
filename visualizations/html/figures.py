"""Which figures of an answer stand large, and how the many others are gathered into small tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from graph.answers import Aspect, Total
from visualizations.show import counted, figure, is_rate, is_share, number

#: what the states are about into which a base is divided
ASPECTS: Mapping[Aspect, str] = {"organization": "组织覆盖", "work": "工作覆盖"}
#: up to so many figures all stand large
FEW = 6


@dataclass(frozen=True, slots=True)
class Composition:
    """One population after another divided into the same states; rows are (label, states, size, its name).

    Rows are never added up: 非公企业 and 社会组织 are counted apart.
    """

    caption: str
    states: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Total, ...], int, str], ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of an answer by the place each has on a page; every one has exactly one."""

    counts: tuple[Total, ...]
    rates: tuple[Total, ...]
    compositions: tuple[Composition, ...]
    others: tuple[Total, ...]
    outside: tuple[Total, ...]


def figures(totals: Sequence[Total]) -> Figures:
    """Where each figure stands: all large if they are few, else counts and the two coverage rates."""
    if len(totals) <= FEW:
        return Figures(tuple(t for t in totals if not is_rate(t)), tuple(t for t in totals if is_rate(t)), (), (), ())
    compositions = _compositions(totals)
    divided = {t.name for c in compositions for _, states, _, _ in c.rows for t in states}
    rates = [t for t in totals if is_rate(t)]
    if len(rates) > 4:
        rates = [t for t in rates if t.role == "coverage"]
    counts = [t for t in totals if not is_rate(t) and not is_share(t)]
    return Figures(
        tuple(t for t in counts if t.role != "outside"),
        tuple(rates),
        compositions,
        tuple(t for t in totals if t not in rates and t not in counts and t.name not in divided),
        # what lies outside every base belongs to the text beneath, not to the large figures
        tuple(t for t in counts if t.role == "outside"),
    )


def _compositions(totals: Sequence[Total]) -> tuple[Composition, ...]:
    made = []
    for aspect, caption in ASPECTS.items():
        rows: dict[str, list[Total]] = {}
        for total in totals:
            if total.role == "state" and total.aspect == aspect:
                rows.setdefault(total.group, []).append(total)
        states = tuple(dict.fromkeys(t.state for parts in rows.values() for t in parts))
        if all(tuple(t.state for t in parts) == states for parts in rows.values()) and rows:
            divided = tuple(
                (group, tuple(parts), parts[0].denominator or 0, parts[0].denominator_label)
                for group, parts in rows.items()
            )
            made.append(Composition(caption, states, divided))
    return tuple(made)


def sentences(totals: Sequence[Total]) -> Iterator[tuple[str, str]]:
    """All figures in few lines of (heading, text): counts together, the rest by what they are a part of."""
    counts = [t for t in totals if not is_rate(t) and not is_share(t)]
    whole = {(t.denominator_label, t.denominator) for t in totals}
    if apart := [t for t in counts if (t.label, t.value) not in whole]:
        yield "", "，".join(f"{t.label} {counted(t)}" for t in apart)
    compositions = _compositions(totals)
    divided = {t.name for c in compositions for _, states, _, _ in c.rows for t in states}
    populations: dict[tuple[str, int], list[Total]] = {}
    for t in totals:
        if t not in counts and t.name not in divided:
            populations.setdefault((t.denominator_label, t.denominator or 0), []).append(t)
    for (label, size), parts in populations.items():
        told = (
            f"{t.label} {figure(t)}（{number(t.numerator or 0)}）" if is_rate(t) else f"{t.label} {counted(t)}"
            for t in parts
        )
        yield f"{label} {number(size)}", "，".join(told)
    for made in compositions:
        for kind, states, size, label in made.rows:
            told = (f"{t.state} {figure(t)}" for t in states)
            yield f"{kind}{made.caption}", f"{'，'.join(told)}；合计 {number(size)}（{label}）"
