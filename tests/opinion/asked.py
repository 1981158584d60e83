"""What is asked of the ledgers and how an answer looks: a day with what the county has decided; names."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd


@dataclass(frozen=True, slots=True)
class Asked:
    """The day, and what has no national default: industries to have a committee, days between visits, 党务工作者.

    `party_staff_from` are the 正式党员 from which an incubated unit must have one, 0 where the county has not said.
    """

    day: dt.date
    industries: tuple[str, ...] = ()
    visit_days: int = 0
    party_staff_from: int = 0

    @property
    def at(self) -> pd.Timestamp:
        """The day, to be compared with those of ledgers."""
        return pd.Timestamp(self.day)

    def last(self, frequency: str) -> pd.Period:
        """The last whole month (M), quarter (Q) or year (Y) before the day."""
        return pd.Period(self.at, freq=frequency) - 1

    def months_on(self, months: int) -> pd.Timestamp:
        """The same day so many months later, or the last of that month where it is shorter."""
        return self.at + pd.DateOffset(months=months)


class Found(NamedTuple):
    """Names in order, each as often as something of that name is meant."""

    population: list[str]
    findings: list[str]


def found(table: pd.DataFrame, within: pd.Series[Any], finding: pd.Series[Any]) -> Found:
    """The names of the lines `within`, and of those of them with the `finding`."""
    return Found(sorted(table.loc[within, "name"]), sorted(table.loc[within & finding, "name"]))


def every(table: pd.DataFrame) -> pd.Series[Any]:
    """All lines of a table."""
    return pd.Series(True, index=table.index)
