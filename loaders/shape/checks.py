"""What is wrong with the rows of a sheet: why rows are rejected, which values are left blank, and the remarks on both."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graph.ontology import Property
from graph.personal import MASK
from graph.workbook import Cell
from loaders.cleaning.codes import code_prefix_kind
from loaders.cleaning.names import name_key
from loaders.cleaning.numbers import is_quantity
from loaders.read.tables import preview_text
from loaders.recognize.ledgers import FROM, TO, Ledger
from loaders.shape.parsing import NOT_ALL, TOO_LONG

#: the unit that a remark gives as an example
_UNITS = {"元": "万元"}
#: what stands before a name and is no part of it: its number, or a mark
_NUMBERED = re.compile(r"^(?:\d{1,5}[、．.]\s*(?=[^\d\s])|[*★☆▲△●◆■※]+)")
_NAME_AND_STATE = re.compile(r"(.+[^（]) ?（([^（）]{2,8})）")


@dataclass(slots=True)
class Remarks:
    """Remarks on one sheet by code: their text, how often they apply, and up to three examples."""

    texts: dict[str, str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def add(self, code: str, text: str, example: str = "") -> None:
        """Count a remark; the first three examples are kept."""
        self.texts.setdefault(code, text)
        self.counts[code] += 1
        shown = self.examples.setdefault(code, [])
        if example and len(shown) < 3:
            shown.append(example)


@dataclass(slots=True)
class Problems:
    """The problems of one sheet. `reasons` are those for which rows are rejected, by the position of the row.

    `place` gives file, sheet and line of a position.
    """

    place: Callable[[int], str]
    remarks: Remarks = field(default_factory=Remarks)
    reasons: dict[int, list[str]] = field(default_factory=dict)

    def reject(self, position: int, reason: str, code: str, text: str, example: str = "") -> None:
        """Reject a row for a reason, and remark on it; the example is its place unless another is named."""
        self.reasons.setdefault(position, []).append(reason)
        self.remarks.add(code, text, example or self.place(position))

    def unreadable(self, position: int, prop: Property, cell: Cell, problem: str) -> None:
        """A cell that does not parse: its row is rejected for a date or a cell too long, else its value is blank."""
        personal = not is_quotable(prop, cell)
        quoted = f"{prop.label}（疑似个人信息，不显示）" if personal else f"{prop.label}“{preview_text(cell)}”"
        example = f"{self.place(position)}：{quoted}"
        if prop.type == "date" or problem == TOO_LONG:
            text = f"{prop.label}{problem}，该行未收。请改正后重新载入"
            self.reject(position, f"{quoted}{problem}", f"unusable_{prop.name}", text, example)
        elif problem == NOT_ALL:
            text = f"{prop.label}{problem}，只读入写出的名称。请补全后重新载入"
            self.remarks.add(f"not_all_{prop.name}", text, example)
        else:
            counted = f"按“{prop.unlisted}”计" if prop.unlisted else "按空白处理"
            text = f"{prop.label}{problem}，{counted}{'' if personal else '，原文留存'}"
            self.remarks.add(f"blank_{prop.name}_{problem[:12]}", text, example)

    def without_unit(self, prop: Property, positions: Sequence[int], column: Sequence[Cell]) -> None:
        """Remark once on a column with amounts, at these positions, whose unit cannot be known; they are kept."""
        code = f"no_unit_{prop.name}"
        if positions and code not in self.remarks.texts:
            example = f"{self.place(positions[0])}：{prop.label}“{preview_text(column[positions[0]])}”"
            text = f"{prop.label}看不出单位，没有写明的按{prop.unit or '原数'}计。请在表头写明，如“{prop.headers[0]}（{_UNITS.get(prop.unit, prop.unit)}）”"
            self.remarks.add(code, text, example)

    def other_unit(self, prop: Property, heading: str, own: str, positions: Sequence[int]) -> None:
        """Remark on rows whose own unit is another than the heading's."""
        for position in positions:
            text = f"{prop.label}的表头写{heading}，单位一栏写的不同，按单位一栏计。请核对"
            self.remarks.add(f"other_unit_{prop.name}", text, f"{self.place(position)}：{own}")

    def several_ticks(self, position: int, prop: Property, ticks: Sequence[str]) -> None:
        """Remark on a row with more than one tick in the columns of one property."""
        counted = "按空白处理" if prop.type == "boolean" else "按所列各项中的第一项计"
        example = f"{self.place(position)}：{'、'.join(ticks)}"
        self.remarks.add(f"several_{prop.name}", f"{prop.label}勾了不止一项，{counted}。请核对", example)


def is_quotable(prop: Property, cell: Cell) -> bool:
    """Whether a cell that does not parse may be quoted and kept: a number of a person may not, nor names for a count."""
    if cell == MASK:
        return False
    return prop.type != "integer" or is_quantity(cell)


def _states(ledger: Ledger) -> Mapping[str, Sequence[str]]:
    return ledger.fields["operating"].property.values if "operating" in ledger.fields else {}


def _take_state(position: int, values: dict[str, Any], name: str, state: str | None, problems: Problems) -> None:
    """Take what is written behind the name of a unit, such as 甲公司（已注销）, for its state, unless a column states it."""
    if state is None:
        return
    example = f"{problems.place(position)}：{values['name']}"
    values["name"] = name
    values.setdefault("operating", state)
    text = "名称后面写有经营状态，已从名称中去掉，没有另填经营状态的按它计。请核对"
    problems.remarks.add("state_in_name", text, example)


def check(ledger: Ledger, rows: list[dict[str, Any]], problems: Problems) -> None:
    """Reject rows without a name, with a negative count, with a code of no unit, or relating something to itself.

    The number before a name (1、某公司) is taken off it.
    """
    counted = [f for f in ledger.fields.values() if f.property.type in ("integer", "money") or f.name == "weight"]
    named = "name" in ledger.fields
    states = {word: state for state, words in _states(ledger).items() for word in (state, *words) if state != "在营"}
    today = dt.date.today()
    for position, values in enumerate(rows):
        for need in ledger.needs:
            if values.get(need) in (None, "", []):
                label = ledger.fields[need].property.label
                text = f"缺少{label}，该行未收。请补填后重新载入"
                problems.reject(position, f"缺少{label}", f"missing_{need}", text)
        for one in counted:
            value = values.get(one.name)
            if value is not None and value < 0:
                label = one.property.label
                text = f"{label}为负数，该行未收。请改正后重新载入"
                problems.reject(position, f"{label}“{value}”为负数", f"negative_{one.name}", text)
        if named and isinstance(values.get("name"), str):
            values["name"] = _NUMBERED.sub("", values["name"])
            if ledger.entity == "Unit" and (match := _NAME_AND_STATE.fullmatch(values["name"])):
                _take_state(position, values, match[1], states.get(match[2] or ""), problems)
        founded = values.get("founded_on")
        if founded is not None and founded > today:
            text = "成立日期在今天以后，在那之前不计入。请核对年份"
            problems.remarks.add("founded_later", text, f"{problems.place(position)}：{founded}")
        if values.get("entity_operated") and values.get("operating") not in (None, "在营"):
            text = "经营状态与是否实体运营说法不一。请核对"
            example = f"{problems.place(position)}：经营状态{values['operating']}，实体运营是"
            problems.remarks.add("states_differ", text, example)
        if ledger.entity == "Unit":
            code = values.get("credit_code")
            if code and not code_prefix_kind(code):
                text = "信用代码的机构类别不是两新组织，该行未收。请核对是否应列入本台账"
                example = f"{problems.place(position)}：{code}"
                reason = f"信用代码“{code}”以 {code[:2]} 开头，不是两新组织"
                problems.reject(position, reason, "not_a_unit", text, example)
        elif ledger.edge and name_key(str(values.get(FROM, ""))) == name_key(str(values.get(TO, " "))):
            problems.reject(position, "两端是同一个对象", "self_loop", "两端是同一个对象，该行未收。请核对后重新载入")
