"""The parameters that questions accept, the values that each knows, and how their texts are read."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graph.errors import QuestionError

#: rules look back from the date asked about, so that it must lie well inside the calendar
YEARS = range(1900, 2201)
#: kinds of units that always have a figure of their own, and what they are called
KINDS = {"企业": "非公企业", "社会组织": "社会组织"}
SEVERITIES = {"high": "高", "medium": "中", "warn": "提醒", "suggest": "建议"}
#: the most values that a message lists, and the most that are compared with a text in full
LISTED, COMPARED = 60, 500
_COMMAS = re.compile("[,，、]")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of one question; `entity` is the node type whose id, code or unique name it accepts.

    Of a Region, `kinds` are those that it accepts (empty: every kind).

    `values` are those that it accepts, each with its label, which means the same: a mapping, or a function that makes it
    from the `book` and the `ontology` of its argument; None accepts any text. `recorded` is a query of further values in
    its column `value`, which may keep to the divisions of $scope. With `several`, a text holds values joined by commas.
    `bounds` are those of a whole number.
    """

    name: str
    label: str
    entity: str = ""
    required: bool = False
    default: str = ""
    values: Mapping[str, str] | Callable[[Any], Mapping[str, str]] | None = None
    recorded: str = ""
    several: bool = False
    bounds: tuple[int, int] | None = None
    kinds: tuple[str, ...] = ()

    def offered(self, declared: Any) -> Mapping[str, str] | None:
        """The values under the `book` and `ontology` of `declared`, without the recorded ones; None for any text."""
        return self.values(declared) if callable(self.values) else self.values

    @property
    def choices(self) -> Mapping[str, str]:
        """The values where they are the same in every county and store, for descriptions; else none."""
        return {} if self.recorded or callable(self.values) else self.values or {}

    def read(self, text: str, offered: Mapping[str, str]) -> str:
        """The value that a text means: one of `offered`, or that of a label. QuestionError lists those offered."""
        by_label = {label: value for value, label in offered.items()}
        values = []
        for part in filter(None, map(str.strip, _COMMAS.split(text))) if self.several else [text]:
            value = part if part in offered else by_label.get(part)
            if value is None:
                known = f"可用：{offers(part, offered)}" if offered else f"台账里还没有填写过{self.label}"
                raise QuestionError(f"{self.name} 不能是“{part[:60]}”。{known}。")
            values.append(value)
        return ",".join(values)


def words(names: Iterable[str]) -> dict[str, str]:
    """Values that are their own labels."""
    return {name: name for name in names}


def nearest(text: str, names: Iterable[str], most: int, least: float = 0.0) -> list[str]:
    """The names most like a text: those that contain it first, then by the share of characters in the same order.

    A share below `least` is not alike.
    """
    letters = set(text)
    # names that have no character in common are compared with nothing else
    likely = sorted(names, key=lambda name: (text not in name, -len(letters & set(name))))[: max(most, COMPARED)]
    matcher = difflib.SequenceMatcher(None, "", text, autojunk=False)

    def likeness(name: str) -> tuple[bool, float]:
        matcher.set_seq1(name)
        return text in name, matcher.ratio()

    ranked = sorted(((likeness(name), name) for name in likely), key=lambda pair: pair[0], reverse=True)
    return [name for (within, share), name in ranked if within or share >= least][:most]


def offers(text: str, offered: Mapping[str, str]) -> str:
    """The values with their labels in the order of their likeness to a text; of very many, the first."""
    shown = [value if label in ("", value) else f"{value}（{label}）" for value, label in offered.items()]
    rest = f" 等 {len(shown)} 个" if len(shown) > LISTED else ""
    return "、".join(nearest(text, shown, LISTED)) + rest


#: what every question accepts
COMMON = (
    Parameter("region", "区划", entity="Region"),
    Parameter("base", "口径", values=lambda inquiry: words(inquiry.book.bases)),
    Parameter("chain", "产业链", entity="IndustryChain"),
    Parameter("sort", "排序"),
    Parameter("page", "页"),
    Parameter("size", "每页行数"),
    Parameter("columns", "列", several=True),
    Parameter("as_of", "截止日期"),
)

#: what the questions take that count or list problems of each severity
SEVERITY = Parameter("severity", "严重程度", values=SEVERITIES)


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
