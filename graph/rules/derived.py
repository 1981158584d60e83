"""What a rule file may ask for besides its own parameters: dates derived from as_of, and decisions of the county.

A rule names them under `given`; no rule reads the clock or does arithmetic on dates.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from graph.locality import Locality
from graph.validity import posting_since, quarter_start

#: duties of an officer who is gone: such a posting covers nothing (domain.md §2)
GONE = ("调离", "退休", "离任")


class Asked(Protocol):
    """The part of a question's Context that parameters are derived from."""

    @property
    def base(self) -> str: ...

    @property
    def as_of(self) -> dt.date: ...

    @property
    def locality(self) -> Locality: ...


def extension_since(asked: Asked) -> dt.date:
    """The same day a year earlier: an approved extension of a term lasts at most one year."""
    day = asked.as_of
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


def last_quarter(asked: Asked) -> tuple[dt.date, dt.date]:
    """First and last day of the last quarter that ended before as_of."""
    return quarter_start(asked.as_of, 1), quarter_start(asked.as_of) - dt.timedelta(1)


def last_month(asked: Asked) -> tuple[dt.date, dt.date]:
    """First and last day of the last month that ended before as_of."""
    last = asked.as_of.replace(day=1) - dt.timedelta(1)
    return last.replace(day=1), last


def last_year(asked: Asked) -> tuple[dt.date, dt.date]:
    """First and last day of the last calendar year that ended before as_of."""
    year = asked.as_of.year - 1
    return dt.date(year, 1, 1), dt.date(year, 12, 31)


def months_on(day: dt.date, months: int) -> dt.date:
    """The same day so many months later (earlier where negative), or the last of that month where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def kinds_not_covering(asked: Asked) -> list[str]:
    """Kinds of organizations that are never 组织覆盖; 临时党支部 unless the county counts them."""
    kinds = ["党工委", "功能型党支部"]
    return kinds if asked.locality.temporary_branches_cover else [*kinds, "临时党支部"]


def bases(asked: Asked) -> list[str]:
    """The base asked for, else the county's reporting bases."""
    return [asked.base] if asked.base else list(asked.locality.bases)


GIVEN: Mapping[str, Callable[[Asked], Any]] = {
    "bases": bases,
    "as_of": lambda asked: asked.as_of,
    "posting_since": lambda asked: posting_since(asked.as_of, asked.locality),
    "extension_since": extension_since,
    "six_months_on": lambda asked: months_on(asked.as_of, 6),
    "last_quarter_from": lambda asked: last_quarter(asked)[0],
    "last_quarter_to": lambda asked: last_quarter(asked)[1],
    "last_month_from": lambda asked: last_month(asked)[0],
    "last_month_to": lambda asked: last_month(asked)[1],
    "last_year_from": lambda asked: last_year(asked)[0],
    "last_year_to": lambda asked: last_year(asked)[1],
    "pairing_active_since": lambda asked: months_on(asked.as_of, -asked.locality.pairing_idle_months),
    "kinds_not_covering": kinds_not_covering,
    "duties_gone": lambda _: list(GONE),
    "key_chains": lambda asked: list(asked.locality.key_chains),
    "key_industries": lambda asked: [name for name in asked.locality.key_industries if name],
    "visit_interval_days": lambda asked: asked.locality.visit_interval_days,
    "visited_since": lambda asked: asked.as_of - dt.timedelta(asked.locality.visit_interval_days),
    "pairing_sides": lambda asked: list(asked.locality.pairing_sides),
    "broad_work_coverage": lambda asked: asked.locality.broad_work_coverage,
}
