"""年报表: the annual form, in which every unit of a base is counted in exactly one column, so that the form balances.

非公企业 and 社会组织 have rows of their own, each over its own base, and are never added up.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pyarrow as pa

from graph.answers import Answer, Column, Part, Total
from graph.coverage.states import ALONE, JOINT, NO_MEMBERS, RATES, SHOULD_EXIST, SHOULD_JOIN, UNKNOWN_MODE, UNVERIFIED
from graph.coverage.tally import Tally
from graph.coverage.unit_facts import facts_table, grouped, minimum_members
from graph.parameters import KINDS
from graph.questions.asking import Question
from graph.questions.coverage.overview import base_field, base_meaning, cypher, deferred, reported
from graph.regions import Regions
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader

#: the state that each column counts
STATES = {
    "alone": ALONE,
    "joint": JOINT,
    "unknown_mode": UNKNOWN_MODE,
    "should_exist": SHOULD_EXIST,
    "few_members": SHOULD_JOIN,
    "no_members": NO_MEMBERS,
    "unverified": UNVERIFIED,
}
#: the columns that a subtotal sums, and those that must be 0 before the form can be sealed
BUILT, UNBUILT = ("alone", "joint", "unknown_mode"), ("should_exist", "few_members", "no_members")
UNSETTLED = ("unknown_mode", "unverified")
BALANCE = (
    "单位数 = 单独组建 + 联合组建 + 方式不明 + 未建 + 待核实",
    "未建 = 应建未建 + 仅有个别党员 + 没有党员",
)


def form(tally: Tally) -> dict[str, Any]:
    """One row of the form: the units of a base, those in each column, the subtotals, and whether it can be sealed."""
    row: dict[str, Any] = {name: tally.org[state] for name, state in STATES.items()}
    row |= {
        "units": tally.units,
        "built": sum(row[name] for name in BUILT),
        "unbuilt": sum(row[name] for name in UNBUILT),
    }
    return row | {"sealable": not any(row[name] for name in UNSETTLED)}


def annual_form(reader: Reader, context: Inquiry) -> Answer:
    """The units of each reporting base by the state of their organization, by kind and division."""
    book, locality = context.book, context.locality
    minimum, broad = minimum_members(book, context), locality.broad_work_coverage
    bases = {kind: base for kind, base in reported(context).items() if base}
    facts = facts_table(reader, context)
    divisions = Regions.read(reader)
    located = divisions.located(reader)
    of_units = [located.by_id.get(id_, "") for id_ in facts["id"].to_pylist()]
    row_of = divisions.rows(of_units, context.scope)
    whole = {kind: Tally() for kind in bases}
    by_row: dict[str, dict[str, Tally]] = defaultdict(lambda: {kind: Tally() for kind in bases})
    for row, unit, number in grouped(facts, pa.array([row_of.get(region, "") for region in of_units], pa.string())):
        for kind, base in bases.items():
            whole[kind].add(unit, base, broad, number)
            by_row[row][kind].add(unit, base, broad, number)
    regions = sorted(by_row, key=divisions.sort_key)
    higher = divisions.higher(regions)
    deferrals = deferred(reader, context, divisions, located, bases, whole)
    rows = [
        {
            "division": divisions.name(region) + ("（本级）" if region in higher else ""),
            "kind": KINDS.get(kind, kind),
            "base": base,
            **form(by_row[region][kind]),
            "division_id": region,
        }
        for kind, base in bases.items()
        for region in regions
        if by_row[region][kind].units
    ]
    meanings = {kind: base_meaning(book, locality, base) for kind, base in bases.items()}
    sealing = {kind: _sealing(KINDS.get(kind, kind), whole[kind]) for kind in bases}
    still_counted = [(t.group, f"{t.label} {t.value} 家，仍计入未建。") for t in deferrals if t.value]
    columns = _columns()
    return context.answer(
        reader, "annual_form", "年报表", columns, rows,
        totals=(*(t for kind, base in bases.items() for t in _totals(kind, base, whole[kind])), *deferrals),
        basis=(
            *BALANCE,
            f"组织覆盖率 = {RATES['组织覆盖率']}",
            f"仅有个别党员：有正式党员但不足{minimum}名，没有党组织覆盖（即{SHOULD_JOIN}）；没有党员：没有正式党员，也没有党组织覆盖",
            *(f"口径 {base}：{meanings[kind]}" for kind, base in bases.items()),
        ),
        cypher=cypher(context),
        notes=(
            *sealing.values(),
            *(text for _, text in still_counted),
            "非公企业与社会组织口径不同，分列各行，不相加。",
        ),
        fields=(base_field(context),),
        parts=tuple(
            Part(
                f"{name}党组织组建情况年报表", "kind", name,
                tuple(c.name for c in columns if c.name not in ("kind", "base", "sealable")),
                above=(f"口径：{base}：{meanings[kind]}",),
                below=(sealing[kind], *(text for group, text in still_counted if group == name), "；".join(BALANCE)),
            )
            for kind, base in bases.items() for name in [KINDS.get(kind, kind)]
        ),
    )  # fmt: skip


def _columns() -> tuple[Column, ...]:
    def count(name: str, label: str, group: str = "", short: str = "") -> Column:
        return Column(name, label, "integer", "家", group=group, short=short or label)

    built, unbuilt = "已建党组织（家）", "未建党组织（家）"
    return (
        Column("division", "区划", link=("Region", "division_id")),
        Column("kind", "类别"),
        Column("base", "口径"),
        count("units", "单位数"),
        count("built", "已建党组织小计", built, "小计"),
        count("alone", ALONE, built),
        count("joint", JOINT, built),
        count("unknown_mode", UNKNOWN_MODE, built),
        count("unbuilt", "未建党组织小计", unbuilt, "小计"),
        count("should_exist", SHOULD_EXIST, unbuilt),
        count("few_members", "仅有个别党员", unbuilt),
        count("no_members", "没有党员", unbuilt),
        count("unverified", UNVERIFIED),
        Column("sealable", "可以封表", "boolean"),
    )


def _totals(kind: str, base: str, tally: Tally) -> list[Total]:
    """The rate and the states of 组织覆盖, as in the overview, and the two sums of the form."""
    name, row = KINDS.get(kind, kind), form(tally)
    unsettled = sum(row[column] for column in UNSETTLED)
    return [
        *(t for t in tally.totals(kind, base) if t.aspect == "organization" and t.role),
        Total(f"unbuilt_{kind}", f"{name}未建党组织", row["unbuilt"], "家", None, tally.units, base),
        Total(f"unsettled_{kind}", f"{name}封表前须查清", unsettled, "家", None, tally.units, base),
    ]


def _sealing(name: str, tally: Tally) -> str:
    """Whether the form of a kind can be sealed, and if not, what has to be settled."""
    row = form(tally)
    if row["sealable"]:
        return f"{name}可以封表：方式不明、待核实均为 0。"
    return f"{name}不能封表：方式不明 {row['unknown_mode']} 家、待核实 {row['unverified']} 家，须先查清。"


QUESTIONS: tuple[Question, ...] = (
    Question(
        "annual_form",
        "年报表",
        "各区划非公企业、社会组织单独组建、联合组建、未建的各有多少，是否平衡，能否封表",
        annual_form,
    ),
)
