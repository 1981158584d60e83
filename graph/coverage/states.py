"""The states of one unit in one base (口径), the meaning of each, and the reason why a unit has its state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

ALONE, JOINT, UNKNOWN_MODE = "单独组建", "联合组建", "方式不明"
SHOULD_EXIST, SHOULD_JOIN, NO_MEMBERS = "应建未建", "应联建未联建", "无党员"
UNVERIFIED, COVERED, NOT_COVERED = "待核实", "已覆盖", "未覆盖"
NOT_APPLICABLE, OUTSIDE, WITHIN = "不适用", "口径外", "口径内"
COVERED_STATES = (ALONE, JOINT, UNKNOWN_MODE)
#: the states of one base; they add up to its units
ORG_STATES = (*COVERED_STATES, SHOULD_EXIST, SHOULD_JOIN, NO_MEMBERS, UNVERIFIED)
WORK_STATES = (COVERED, NOT_COVERED, UNVERIFIED)
STOPPED = ("停业", "注销", "吊销", "迁出")
#: the role whose postings count for 工作覆盖 and are also counted by themselves
LIAISON = "联络员"

#: what each word means; {minimum} is the number of 正式党员 that calls for an organization
MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "口径": "一个比率所说的那一批单位，由县（市、区）选定；不说口径的比率没有意义。",
        "组织覆盖": "有党组织覆盖该单位，不论党员多少。功能型党支部、党工委、产业链党委、联盟党委不计入。",
        "工作覆盖": "有党组织覆盖，或有在岗的指导员、联络员；本地另有规定的，工会、共青团、妇联也计入。",
        ALONE: "有党组织单独覆盖该单位；既有单独又有联合的，计为单独。",
        JOINT: "由与其他单位联合组建（按单位、按行业或按区域）的党组织覆盖；联合党支部没有写组建方式的，也是联合。",
        UNKNOWN_MODE: "有党组织覆盖，没有写明单独组建的，其中有的没有写组建方式。",
        SHOULD_EXIST: "正式党员{minimum}名以上，没有党组织覆盖。",
        SHOULD_JOIN: "有正式党员但不足{minimum}名，没有党组织覆盖，应当与其他单位联合组建。",
        NO_MEMBERS: "没有正式党员，也没有党组织覆盖。",
        UNVERIFIED: "资料不全，尚不能认定，由人核实；在覆盖率里计入分母，不算已覆盖。",
        COVERED: "有党组织、在岗指导员或联络员，至少其一。",
        "到期待续派": "派驻任期已满、尚在宽限期内的，仍计入工作覆盖，单列为其中到期待续派；过了宽限期为到期未续派，不计入。",
        NOT_COVERED: "没有党组织，也没有在岗的指导员或联络员。",
        NOT_APPLICABLE: "停业、注销、吊销、迁出，公有控股企业，由上级单位的党组织覆盖的分支机构：不计入分母。",
        WITHIN: "计入分母的单位：符合口径的，以及资料不全、尚不能判断是否符合的。",
        OUTSIDE: "其余不在口径之内的单位。",
        "待核实事项": "载入时系统不能代人判断的事：指向不明、疑似同一单位、区划不明等，由人逐条决定。",
    }
)
#: how each rate is formed
RATES: Mapping[str, str] = MappingProxyType(
    {
        "组织覆盖率": "有党组织覆盖的单位数 ÷ 口径内单位数",
        "工作覆盖率": "有党组织、在岗指导员或联络员的单位数 ÷ 口径内单位数",
        "应建组建率": "正式党员{minimum}名以上且有党组织覆盖的单位数 ÷ 正式党员{minimum}名以上的单位数",
        "单独组建率（全口径）": "单独组建的单位数 ÷ 口径内单位数",
        "单独组建率（应建口径）": "正式党员{minimum}名以上且单独组建的单位数 ÷ 正式党员{minimum}名以上的单位数",
    }
)


class UnitFacts(NamedTuple):
    """What the states of one unit are derived from; the first names are those that facts.UNITS returns.

    `stated`: its ledger says that an officer was sent, and no ledger names an officer or liaison. `branch`: a branch
    office that an organization of its parent covers. `alone`: an organization that covers it is its own. `unclear`: of
    one that covers it neither 组建方式 nor kind says whether it is. `minimum` is the number of 正式党员 that calls for
    an organization where it lies. `guided` are the roles of the postings in force, sorted.
    """

    id: str
    kind: str | None
    ownership: str | None
    operating: str | None
    bases: Sequence[str]
    undecided: Sequence[str]
    formal: int | None
    wider: int | None
    members: int | None
    stated: bool
    unions: bool
    branch: bool
    covered: bool
    alone: bool
    unclear: bool
    minimum: int
    guided: tuple[str, ...]
    #: the terms of all postings in force are over
    in_grace: bool = False


def organization_state(unit: UnitFacts, base: str, minimum: int) -> str | None:
    """The 组织覆盖 state of a unit in a base, None outside it; `minimum` 正式党员 call for an organization."""
    if base not in unit.bases:
        return UNVERIFIED if base in unit.undecided else None
    if unit.covered:
        return ALONE if unit.alone else UNKNOWN_MODE if unit.unclear else JOINT
    if unit.kind == "企业" and unit.ownership in (None, "不明"):
        return UNVERIFIED
    formal = unit.formal
    if formal is None and 0 in (unit.wider, unit.members):
        formal = 0
    if formal is None:
        return UNVERIFIED
    return SHOULD_EXIST if formal >= minimum else SHOULD_JOIN if formal >= 1 else NO_MEMBERS


def work_state(unit: UnitFacts, base: str, broad: bool) -> str | None:
    """The 工作覆盖 state of a unit in a base, None outside it; `broad` also counts 工会, 共青团, 妇联."""
    if base not in unit.bases:
        return UNVERIFIED if base in unit.undecided else None
    covered = unit.covered or bool(unit.guided) or unit.stated or (broad and unit.unions)
    return COVERED if covered else NOT_COVERED


def not_applicable(unit: UnitFacts, kind: str) -> bool:
    """Whether a unit of the kind is outside every base by fact: closed, moved, 公有控股, a branch covered by its parent."""
    return unit.kind == kind and bool(_excluded(unit))


def outside(unit: UnitFacts) -> str:
    """The word for a unit that is in no state."""
    return NOT_APPLICABLE if _excluded(unit) else OUTSIDE


def _excluded(unit: UnitFacts) -> str:
    """The fact that keeps a unit out of every base, '' where there is none."""
    if unit.operating in STOPPED:
        return f"经营状态为{unit.operating}"
    if unit.kind == "企业" and unit.ownership == "公有控股":
        return "公有控股企业"
    return "分支机构，由上级单位的党组织覆盖" if unit.branch else ""


def organization_reason(unit: UnitFacts, base: str, minimum: int) -> str:
    """The reason for organization_state; it reveals no more about members than the state does."""
    state = organization_state(unit, base, minimum)
    if undecided := _in_no_state(unit, base):
        return undecided
    if state == UNVERIFIED:
        unknown = unit.kind == "企业" and unit.ownership in (None, "不明")
        return "没有党组织覆盖；" + ("所有制不明，尚不能认定为非公企业" if unknown else "正式党员数未填报")
    return MEANINGS[state or OUTSIDE].format(minimum=minimum).rstrip("。")


def work_reason(unit: UnitFacts, base: str, broad: bool, lapsed: int) -> str:
    """The reason for work_state; `lapsed` is the number of recorded postings that do not count."""
    if undecided := _in_no_state(unit, base):
        return undecided
    term = "在岗，任期已满，到期待续派" if unit.in_grace else "在岗"
    officers = [f"{role}{unit.guided.count(role)}名{term}" for role in dict.fromkeys(unit.guided)]
    evidence = [
        *(["有党组织覆盖"] if unit.covered else []),
        *officers,
        *(["台账写明已选派，未写姓名"] if unit.stated else []),
        *(["有工会、共青团或妇联，本地计入"] if broad and unit.unions else []),
    ]
    lost = [f"另有{lapsed}名登记在册的到期未续派、已离任或角色不计入"] if lapsed else []
    return "；".join((evidence or ["没有党组织覆盖，也没有在岗的指导员或联络员"]) + lost)


def _in_no_state(unit: UnitFacts, base: str) -> str:
    """Why a unit is not decided in a base, '' where it is in it."""
    if base and base in unit.bases:
        return ""
    if base and base in unit.undecided:
        return f"资料不全，不能判断是否在口径“{base}”之内"
    if excluded := _excluded(unit):
        return f"{excluded}，不计入口径"
    return f"不符合口径“{base}”" if base else f"{unit.kind or '这类单位'}没有设定口径"
