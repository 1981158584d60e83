"""The parameters that questions accept, and how their texts are read."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from graph.errors import QuestionError

#: rules look back from the date asked about, so that it must lie well inside the calendar
YEARS = range(1900, 2201)
#: kinds of units that always have a figure of their own, and what they are called
KINDS = {"企业": "非公企业", "社会组织": "社会组织"}
SEVERITIES = {"high": "高", "medium": "中", "warn": "提醒", "suggest": "建议"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of one question; `entity` is the node type whose id, code or unique name it accepts."""

    name: str
    label: str
    entity: str = ""
    required: bool = False
    default: str = ""


#: what every question accepts
COMMON = (
    Parameter("region", "区划", entity="Region"),
    Parameter("base", "口径"),
    Parameter("chain", "产业链", entity="IndustryChain"),
    Parameter("severity", "严重程度"),
    Parameter("sort", "排序"),
    Parameter("page", "页"),
    Parameter("size", "每页行数"),
    Parameter("columns", "列"),
    Parameter("as_of", "截止日期"),
)


def parse_date(text: str) -> dt.date:
    """An ISO date of a year that ledgers speak of; QuestionError says what to write."""
    try:
        date = dt.date.fromisoformat(text)
    except ValueError as error:
        raise QuestionError(f"日期“{text[:60]}”无法识别。请写成 2026-06-30 的形式。") from error
    if date.year not in YEARS:
        raise QuestionError(f"日期“{text[:60]}”不在 {YEARS[0]} 年至 {YEARS[-1]} 年之间。请改为这之间的日期。")
    return date


def whole(text: str, name: str, least: int, most: int) -> int:
    """A parameter that is a whole number; QuestionError says what to write."""
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if not least <= number <= most:
        raise QuestionError(f"{name} 不能是“{text[:20]}”。请取 {least} 到 {most} 的整数。")
    return number
