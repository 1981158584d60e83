"""The period that a heading names: 2025年营业收入, 上年度产值, 从业人数（2024年末）."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_YEAR = "(?P<year>(?:19|20)\\d\\d|[一二][〇零○一二三四五六七八九]{3}|\\d\\d(?=年))年?"
_RELATIVE = "(?P<relative>本|今|当|上一?|去|前)年"
_MONTHS = "(?:1|01)月?[-—–~～至到](?P<until>1[0-2]|0?[1-9])月份?(?:累计)?"
_PART = f"(?:{_MONTHS}|(?P<month>1[0-2]|0?[1-9])月份?(?:[底末]|\\d{{1,2}}[日号])?|(?P<half>[上下])半年|第?(?P<quarter>[一二三四1-4])季度)?"
_END = "(?:全年度?|度|[末底]|(?P<start>初))?"
_PERIOD = f"(?:截[至止]到?)?(?:{_YEAR}|{_RELATIVE}){_END}{_PART}(?:[末底])?"
_BEFORE = re.compile(f"{_PERIOD}的?(?P<rest>.*)")
_IN_BRACKETS = re.compile(f"(?P<rest>.+?)（{_PERIOD}）")
_BEHIND = re.compile(f"(?P<rest>.+?)[_-]?{_PERIOD}")
#: the end of a period that is not named
_UNNAMED = re.compile("[年期]末(?P<rest>.+)")
_RELATIONS = {"本": 0, "今": 0, "当": 0, "上": -1, "上一": -1, "去": -1, "前": -2}


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A year, or its beginning up to `month`; `relative` years count from the present one: 0 is 本年, -1 上年."""

    year: int
    month: int = 12
    whole: bool = True
    relative: bool = False


@lru_cache(maxsize=1 << 12)
def dated_heading(heading: str) -> tuple[str, Period | None]:
    """A heading without the period that it names, and the period; the heading itself and None where it names none.

    '2025年营业收入' is 营业收入 of 2025, '1-6月' of a year are no whole one. 年末 alone names no period.
    """
    for pattern in (_BEFORE, _IN_BRACKETS, _BEHIND):
        if match := pattern.fullmatch(heading):
            return match["rest"], _period(match)
    match = _UNNAMED.fullmatch(heading)
    return (match["rest"] if match else heading), None


def _period(match: re.Match[str]) -> Period:
    month, whole = 12, True
    if match["start"]:
        month, whole = 0, False
    elif match["until"]:
        month, whole = int(match["until"]), int(match["until"]) == 12
    elif match["month"]:
        month, whole = int(match["month"]), False
    elif match["half"]:
        month, whole = 6 if match["half"] == "上" else 12, False
    elif match["quarter"]:
        month, whole = 3 * ("一二三四".find(match["quarter"]) + 1 or int(match["quarter"])), False
    if match["relative"]:
        return Period(_RELATIONS[match["relative"]], month, whole, relative=True)
    year = int(match["year"].translate(_DIGITS))
    return Period(year if year > 99 else 2000 + year, month, whole)


def latest(periods: set[Period]) -> Period:
    """The latest of some periods; 本年 is the last one that is named by its number where there is one."""
    numbers = [one.year for one in periods if not one.relative]
    present = max(numbers, default=0)
    return max(periods, key=lambda one: (one.year + present if one.relative else one.year, one.month))
