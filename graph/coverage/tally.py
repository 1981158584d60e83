"""Units of one kind and base counted by their states, and the figures and rates that follow from the counts."""

from __future__ import annotations

from collections import Counter

from graph.answers import QuestionLink, Total, rate
from graph.coverage.states import (
    ALONE,
    COVERED,
    COVERED_STATES,
    LIAISON,
    ORG_STATES,
    UNVERIFIED,
    WITHIN,
    WORK_STATES,
    UnitFacts,
    organization_state,
    work_state,
)
from graph.ontology import load
from graph.parameters import KINDS

#: what stands for the base of a kind that has none
NO_BASE = "未设口径"


def units(kind: str, base: str, **states: str) -> QuestionLink:
    """The question that lists the units of a kind that are in a state of the base."""
    kinds = () if across(kind) else (("kind", kind),)
    bases = () if base == NO_BASE else (("base", base),)
    return "units", (*kinds, *bases, *states.items())


def across(kind: str) -> bool:
    """Whether a base of this kind holds units of several kinds, as 小个专 does."""
    return kind not in load().property("Unit.kind").values


class Tally:
    """Units of one kind and base, counted by state."""

    def __init__(self) -> None:
        self.org: Counter[str] = Counter()
        self.work: Counter[str] = Counter()
        self.should = self.should_covered = self.should_alone = self.should_unverified = 0
        self.by_liaison = self.in_grace = 0

    @property
    def units(self) -> int:
        return self.org.total()

    @property
    def covered(self) -> int:
        return sum(self.org[s] for s in COVERED_STATES)

    def add(self, unit: UnitFacts, base: str, broad: bool, number: int = 1) -> None:
        """Count a number of units of the same facts, where they have a state in the base."""
        minimum = unit.minimum
        state, work = organization_state(unit, base, minimum), work_state(unit, base, broad)
        if state is None or work is None:
            return
        self.org[state] += number
        self.work[work] += number
        self.by_liaison += number * (work == COVERED and not unit.covered and set(unit.guided) == {LIAISON})
        by_officer = work == COVERED and not unit.covered and not (broad and unit.unions)
        self.in_grace += number * bool(by_officer and unit.in_grace)
        if unit.formal is not None and unit.formal >= minimum:
            self.should += number
            self.should_covered += number * (state in COVERED_STATES)
            self.should_alone += number * (state == ALONE)
            self.should_unverified += number * (state == UNVERIFIED)

    def totals(self, kind: str, base: str) -> list[Total]:
        """The rates of a kind, then its states."""
        name, n = KINDS.get(kind, kind), self.units
        should = f"{base}中正式党员达到应建标准的单位"
        of_kind = units(kind, base, within=WITHIN)
        return [
            rate(
                f"org_coverage_{kind}", f"{name}组织覆盖率", self.covered, n, base, of_kind, self.org[UNVERIFIED],
                group=name, aspect="organization", role="coverage",
            ),
            rate(
                f"work_coverage_{kind}", f"{name}工作覆盖率", self.work[COVERED], n, base,
                units(kind, base, work=COVERED), self.work[UNVERIFIED],
                group=name, aspect="work", role="coverage",
            ),
            *(
                rate(f"{short}_{kind}", f"{name}{term}", numerator, denominator, of, None, unverified, group=name)
                for short, term, numerator, denominator, of, unverified in (
                    ("should_exist", "应建组建率", self.should_covered, self.should, should, self.should_unverified),
                    ("alone", "单独组建率（全口径）", self.org[ALONE], n, base, self.org[UNVERIFIED]),
                    ("should_alone", "单独组建率（应建口径）", self.should_alone, self.should, should, self.should_unverified),
                )
            ),
            *(
                Total(
                    f"org_{s}_{kind}", f"{name}组织覆盖：{s}", self.org[s], "家", None, n, base, units(kind, base, org=s),
                    group=name, aspect="organization", state=s, role="state",
                )
                for s in ORG_STATES
            ),
            *(
                Total(
                    f"work_{s}_{kind}", f"{name}工作覆盖：{s}", self.work[s], "家", None, n, base, units(kind, base, work=s),
                    group=name, aspect="work", state=s, role="state",
                )
                for s in WORK_STATES
            ),
            Total(
                f"work_by_liaison_{kind}", f"{name}工作覆盖：已覆盖中仅由联络员联系", self.by_liaison, "家",
                group=name, aspect="work",
            ),
            Total(
                f"work_in_grace_{kind}", f"{name}工作覆盖：已覆盖，其中到期待续派", self.in_grace, "家", None,
                self.work[COVERED], f"{name}工作覆盖：已覆盖", group=name, aspect="work",
            ),
        ]  # fmt: skip
