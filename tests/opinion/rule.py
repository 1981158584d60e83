"""The parameters and the outcome of a rule."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd


@dataclass(frozen=True, slots=True)
class Parameters:
    """The day, and the settings without a national default; of the latter () and 0 mean that a county sets none.

    `industries` must have a committee each. `visit_days` are the most between two visits. An incubated unit with
    `party_staff_from` 正式党员 must have a 党务工作者.
    """

    day: dt.date
    industries: tuple[str, ...] = ()
    visit_days: int = 0
    party_staff_from: int = 0

    @property
    def at(self) -> pd.Timestamp:
        """The day, comparable with the days of ledgers."""
        return pd.Timestamp(self.day)

    def last(self, frequency: str) -> pd.Period:
        """The last whole month (M), quarter (Q) or year (Y) before the day."""
        return pd.Period(self.at, freq=frequency) - 1

    def months_on(self, months: int) -> pd.Timestamp:
        """The same day so many months later, or the last day of a shorter month."""
        return self.at + pd.DateOffset(months=months)


class Outcome(NamedTuple):
    """Sorted names; a name of several things occurs as often."""

    population: list[str]
    findings: list[str]


def outcome(table: pd.DataFrame, within: pd.Series[Any], finding: pd.Series[Any]) -> Outcome:
    """The names of the lines `within`, and of those among them with the `finding`."""
    return Outcome(sorted(table.loc[within, "name"]), sorted(table.loc[within & finding, "name"]))


def every(table: pd.DataFrame) -> pd.Series[Any]:
    """All lines of a table."""
    return pd.Series(True, index=table.index)
