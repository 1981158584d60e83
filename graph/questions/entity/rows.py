"""The rows of a profile: their headings, their cells, and values as text."""

from __future__ import annotations

import datetime as dt
from typing import Any

from graph.answers import Section, Value
from graph.privacy import OPEN
from graph.questions.entity.provenance import where

#: headings of the rows
PROBLEMS, COVERAGE, REVIEWS, SOURCES, FACTS, PEOPLE = "问题", "两个覆盖", "待核实", "来源", "基本情况", "人员"

Row = dict[str, Any]


def profile_row(
    group: str,
    item: str,
    value: Value,
    detail: str = "",
    *,
    section: Section = "",
    lead: bool = False,
    sensitivity: str = OPEN,
    **more: Any,
) -> Row:
    """A row under the heading `group`. A page shows a `lead` row, of the kind or the place, beneath the title."""
    cells = {"group": group, "item": item, "value": value, "detail": detail, "sensitivity": sensitivity}
    return cells | {"section": section, "lead": lead} | where(None) | {"target": None, "action": None} | more


def cell(value: Any) -> Value:
    """A value of any type as a cell of a column that mixes types."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(str(v) for v in value)
    return value.isoformat() if isinstance(value, dt.date) else value
