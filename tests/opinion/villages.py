"""The rules about villages and grids, who helps them, who is paired with whom, and demands."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tests.opinion.ledgers import Ledgers
from tests.opinion.rule import Outcome, Parameters, every, outcome

_SIDES = ("乡村振兴重点村", "脱贫村", "易地搬迁安置村")


def village_income_weak(ledgers: Ledgers, _: Parameters) -> Outcome:
    """Villages and 涉农 communities with an income below 50 000 元."""
    regions = ledgers.regions
    rural = (regions["kind"] == "社区") & (regions["category"] == "涉农社区")
    return outcome(regions, rural | (regions["kind"] == "行政村"), regions["income"] < 50_000)


def village_income_low(ledgers: Ledgers, _: Parameters) -> Outcome:
    """Villages with an income below 200 000 元."""
    return _below(ledgers, "income", 200_000)


def village_own_income_low(ledgers: Ledgers, _: Parameters) -> Outcome:
    """Villages that earn less than 50 000 元 themselves."""
    return _below(ledgers, "own_income", 50_000)


def weak_org_five_ones(ledgers: Ledgers, parameters: Parameters) -> Outcome:
    """软弱涣散: without a leader of the county, one of the town, a work team, or a 机关 of the county paired with them.

    A leader of whom nobody says the level may be either, a work team's 第一书记 whom nobody names may be there.
    """
    regions, leaders, teams = ledgers.regions, _begun(ledgers.leaders, parameters), _begun(ledgers.teams, parameters)
    level = leaders["level"].map({"县级": "县", "县级领导": "县", "镇级": "镇", "乡镇领导": "镇"}).fillna("")
    county, town, either = (
        regions["name"].map(leaders[level == which].groupby("village").size()).fillna(0) for which in ("县", "镇", "")
    )
    leaderless = (county == 0).astype(int) + (town == 0).astype(int) > either
    partners = ledgers.partners
    offices = (partners["kind"].isna() | (partners["kind"] == "机关")) & (partners["level"] != "镇级")
    pairs = _pairs(ledgers, parameters)
    paired = pairs.loc[pairs["first"].isin(partners.loc[offices, "name"]), "second"]
    unhelped = ~regions["name"].isin(teams["village"]) | ~regions["name"].isin(paired)
    return outcome(regions, regions["weak"], leaderless | unhelped)


def partner_missing(ledgers: Ledgers, parameters: Parameters) -> Outcome:
    """Villages of the county's scheme and 联组 that are paired with nobody."""
    sides = pd.concat([ledgers.regions[ledgers.regions["category"].isin(_SIDES)], ledgers.groups], ignore_index=True)
    pairs = _pairs(ledgers, parameters)
    return outcome(sides, every(sides), ~sides["name"].isin([*pairs["first"], *pairs["second"]]))


def partner_inactive(ledgers: Ledgers, parameters: Parameters) -> Outcome:
    """Second sides of pairings of more than 6 months without an activity for 6 months."""
    pairs, since = _pairs(ledgers, parameters), parameters.months_on(-6)
    # a pairing without a date has always been in force
    idle = pairs.loc[~(pairs["signed"] >= since) & (pairs["active"] < since), "second"]
    sides = pairs.drop_duplicates("second").rename(columns={"second": "name"})
    return outcome(sides, every(sides), sides["name"].isin(idle))


def demand_unmet(ledgers: Ledgers, parameters: Parameters) -> Outcome:
    """Demands not yet solved that are matched with nothing, or past due."""
    demands, offers = ledgers.demands, ledgers.offers
    matched = demands["resource"].isin(offers.loc[offers["kind"].isin(["资源", "任务"]), "name"])
    late = demands["due"] < parameters.at
    return outcome(demands, demands["progress"] != "已办结", demands["progress"].notna() & (~matched | late))


def household_ratio(ledgers: Ledgers, _: Parameters) -> Outcome:
    """Grids with more than 15 households for each who keeps contact."""
    grids = ledgers.grids
    return outcome(grids, every(grids), grids["households"] > grids["linkers"] * 15)


def household_contact(ledgers: Ledgers, _: Parameters) -> Outcome:
    """Grids where not all were talked to last month, or visited last quarter."""
    grids = ledgers.grids
    less = (grids["talked"] < grids["households"]) | (grids["visited"] < grids["households"])
    return outcome(grids, every(grids), less)


def _below(ledgers: Ledgers, income: str, least: int) -> Outcome:
    regions = ledgers.regions
    return outcome(regions, regions["kind"] == "行政村", regions[income] < least)


def _begun(helpers: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    return helpers[~(helpers["since"] > parameters.at)]


def _pairs(ledgers: Ledgers, parameters: Parameters) -> pd.DataFrame:
    """Pairings signed by the day, both sides of which a ledger lists."""
    things: tuple[pd.DataFrame, ...] = (
        ledgers.organizations[~ledgers.organizations["stated"].astype(bool)],
        ledgers.partners,
        ledgers.units,
        ledgers.groups,
        ledgers.regions,
    )
    names: pd.Series[Any] = pd.concat([thing["name"] for thing in things])
    pairs = ledgers.pairs[~(ledgers.pairs["signed"] > parameters.at)]
    return pairs[pairs["first"].isin(names) & pairs["second"].isin(names)]


RULES = (
    village_income_weak,
    village_income_low,
    village_own_income_low,
    weak_org_five_ones,
    partner_missing,
    partner_inactive,
    demand_unmet,
    household_ratio,
    household_contact,
)
