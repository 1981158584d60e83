"""Parameters that a rule file takes besides its own: dates derived from as_of, and decisions of the county.

A rule names them under `given`; no rule reads the clock or does arithmetic on dates.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from graph.locality import Locality
from graph.validity import posting_since, quarter_start

#: duties of an officer who is gone: such a posting covers nothing
GONE = ("调离", "退休", "离任")
#: kinds of organizations to which units are tied (联建, 归口): their members belong elsewhere
TYING = ("产业链党委", "联盟党委")


class ContextValues(Protocol):
    """The part of a question's Context that parameters are derived from."""

    @property
    def base(self) -> str: ...

    @property
    def as_of(self) -> dt.date: ...

    @property
    def locality(self) -> Locality: ...


def extension_since(context: ContextValues) -> dt.date:
    """The first end of a term whose approved extension, of at most one year, is not over on the day.

    An extension of a term that ends on 28 February is over on 28 February, also in a leap year.
    """
    day = context.as_of
    if (day.month, day.day) == (2, 29):
        return dt.date(day.year - 1, 3, 1)
    return day.replace(year=day.year - 1)


def last_quarter(context: ContextValues) -> tuple[dt.date, dt.date]:
    """First and last day of the last quarter that ended before as_of."""
    return quarter_start(context.as_of, 1), quarter_start(context.as_of) - dt.timedelta(1)


def last_month(context: ContextValues) -> tuple[dt.date, dt.date]:
    """First and last day of the last month that ended before as_of."""
    last = context.as_of.replace(day=1) - dt.timedelta(1)
    return last.replace(day=1), last


def last_year(context: ContextValues) -> tuple[dt.date, dt.date]:
    """First and last day of the last calendar year that ended before as_of."""
    year = context.as_of.year - 1
    return dt.date(year, 1, 1), dt.date(year, 12, 31)


def months_on(day: dt.date, months: int) -> dt.date:
    """The same day so many months later (earlier where negative), or the last of that month where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def kinds_not_covering(context: ContextValues) -> list[str]:
    """Kinds of organizations that are never 组织覆盖; 临时党支部 unless the county counts them."""
    kinds = ["党工委", "功能型党支部", *TYING]
    return kinds if context.locality.temporary_branches_cover else [*kinds, "临时党支部"]


def bases(context: ContextValues) -> list[str]:
    """The base that the question names, else the county's reporting bases."""
    return [context.base] if context.base else list(context.locality.bases)


GIVEN: Mapping[str, Callable[[ContextValues], Any]] = {
    "bases": bases,
    "as_of": lambda context: context.as_of,
    "posting_since": lambda context: posting_since(context.as_of, context.locality),
    "extension_since": extension_since,
    "six_months_on": lambda context: months_on(context.as_of, 6),
    "last_quarter_from": lambda context: last_quarter(context)[0],
    "last_quarter_to": lambda context: last_quarter(context)[1],
    "last_month_from": lambda context: last_month(context)[0],
    "last_month_to": lambda context: last_month(context)[1],
    "last_year_from": lambda context: last_year(context)[0],
    "last_year_to": lambda context: last_year(context)[1],
    "pairing_active_since": lambda context: months_on(context.as_of, -context.locality.pairing_idle_months),
    "kinds_not_covering": kinds_not_covering,
    "duties_gone": lambda _: list(GONE),
    "key_chains": lambda context: list(context.locality.key_chains),
    "key_industries": lambda context: [name for name in context.locality.key_industries if name],
    "visit_interval_days": lambda context: context.locality.visit_interval_days,
    "visited_since": lambda context: context.as_of - dt.timedelta(context.locality.visit_interval_days),
    "pairing_sides": lambda context: list(context.locality.pairing_sides),
    "broad_work_coverage": lambda context: context.locality.broad_work_coverage,
}
