"""Arranges the figures of an answer: few are shown large, the others in small tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from graph.answers import Aspect, Total
from visualizations.show import counted, figure, is_rate, is_share, number

#: the captions of the aspects whose states divide a base
ASPECTS: Mapping[Aspect, str] = {"organization": "组织覆盖", "work": "工作覆盖"}
#: so many figures are all shown large
FEW = 6


@dataclass(frozen=True, slots=True)
class Composition:
    """A table of populations divided into the same states; rows are (label, states, size, name of the population).

    Rows have no sum, because 非公企业 and 社会组织 are counted separately.
    """

    caption: str
    states: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Total, ...], int, str], ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of an answer by their place on a page; each figure has one place."""

    counts: tuple[Total, ...]
    rates: tuple[Total, ...]
    compositions: tuple[Composition, ...]
    others: tuple[Total, ...]
    outside: tuple[Total, ...]


def figures(totals: Sequence[Total]) -> Figures:
    """The place of each figure: all large if they are few, else the counts and the two coverage rates."""
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
        # counts outside every base are written in the text below the large figures
        tuple(t for t in counts if t.role == "outside"),
    )


def _compositions(totals: Sequence[Total]) -> tuple[Composition, ...]:
    compositions = []
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
            compositions.append(Composition(caption, states, divided))
    return tuple(compositions)


def sentences(totals: Sequence[Total]) -> Iterator[tuple[str, str]]:
    """All figures as lines of (heading, text): counts in one line, the others grouped by their population."""
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
        texts = (
            f"{t.label} {figure(t)}（{number(t.numerator or 0)}）"
            if is_rate(t) and t.value is not None
            else f"{t.label} {counted(t)}"
            for t in parts
        )
        yield f"{label} {number(size)}", "，".join(texts)
    for composition in compositions:
        for kind, states, size, label in composition.rows:
            texts = (f"{t.state} {figure(t)}" for t in states)
            yield f"{kind}{composition.caption}", f"{'，'.join(texts)}；合计 {number(size)}（{label}）"
