"""The rules about units, the officers who guide them, their chains and the places where many of them are."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tests.opinion.ledgers import ROLES, Ledgers
from tests.opinion.rule import Outcome, Parameters, every, outcome

_COMMITTEES = ("产业链党委", "牵头部门党组织")
#: kinds of organizations that a unit may have of its own
_OWN = ("支部", "临时党支部", "总支", "党委")
_HUBS = ("楼宇", "商圈")
_CAPACITY = 5


def org_should_exist(ledgers: Ledgers, _: Parameters) -> Outcome:
    """3 正式党员, not covered."""
    units = ledgers.units
    return outcome(units, units["based"] & (units["formal"] >= 3), ~units["covered"])


def org_should_join(ledgers: Ledgers, _: Parameters) -> Outcome:
    """1 or 2 正式党员, not covered."""
    units = ledgers.units
    return outcome(units, units["based"] & units["formal"].isin([1, 2]), ~units["covered"])


def org_suspected(ledgers: Ledgers, _: Parameters) -> Outcome:
    """Not covered, 正式党员 blank, and a wider count of at least 3; a wider count of 0 means that there is none."""
    units = ledgers.units
    blank = units["formal"].isna() & (units["together"] != 0) & (units["members"] != 0)
    return outcome(
        units, units["based"] & ~units["covered"] & blank, (units["together"] >= 3) | (units["members"] >= 3)
    )


def members_not_transferred(ledgers: Ledgers, _: Parameters) -> Outcome:
    """Fewer than 3 正式党员 and, with those whose 组织关系 is elsewhere, 3; not covered."""
    units = ledgers.units
    none = (units["together"] == 0) | (units["members"] == 0)
    formal = units["formal"].fillna(none.map({True: 0.0}))
    whole = formal + units["elsewhere"]
    within = units["based"] & ~(formal >= 3) & ~(whole < 3)
    return outcome(units, within, (whole >= 3) & ~units["covered"])


def org_should_stand_alone(ledgers: Ledgers, _: Parameters) -> Outcome:
    """3 正式党员, covered by joint organizations only; a 联合支部 is one however it was founded."""
    units, covers = ledgers.units, ledgers.covers
    joint = (covers["mode"] == "联合") | (covers["mode"].isna() & (covers["kind"] == "联合支部"))
    alone = units["name"].isin(covers.loc[covers["counts"] & ~joint, "unit"])
    return outcome(units, units["based"] & units["covered"] & (units["formal"] >= 3), ~alone)


def staff_without_member(ledgers: Ledgers, _: Parameters) -> Outcome:
    """50 staff and no member, 预备 or elsewhere included: a count is 0 and none is more."""
    units = ledgers.units
    inside = units[["formal", "together", "members"]]
    some = inside.gt(0).any(axis=1) | (units["elsewhere"] > 0) | (units["probationary"] > 0)
    return outcome(units, units["based"] & (units["staff"] >= 50), inside.notna().any(axis=1) & ~some)


def staff_without_org(ledgers: Ledgers, _: Parameters) -> Outcome:
    """100 staff, not covered."""
    units = ledgers.units
    return outcome(units, units["based"] & (units["staff"] >= 100), ~units["covered"])


def coverage_blank(ledgers: Ledgers, parameters: Parameters) -> Outcome:
    """Neither an organization nor an officer or liaison in force."""
    units = ledgers.units
    return outcome(units, units["based"], ~units["covered"] & ~_guided(ledgers, parameters, ROLES))


def key_unit_without_officer(ledgers: Ledgers, parameters: Parameters) -> Outcome:
    """规上企业 and 重点 units without an officer in force."""
    units = ledgers.units
    return outcome(units, units["based"] & (units["scaled"] | units["key"]), ~_guided(ledgers, parameters, ROLES[:1]))


def party_staff_missing(ledgers: Ledgers, parameters: Parameters) -> Outcome:
    """Incubated units with so many 正式党员 (a blank may be as many) and nobody who does party work."""
    units, least = ledgers.units, parameters.party_staff_from
    within = units["incubated"] & ~(units["formal"] < least) & (least > 0)
    return outcome(units, within, units["formal"].notna() & (units["party_staff"] == 0))


def officer_gone(ledgers: Ledgers, parameters: Parameters) -> Outcome:
    """Units with a posting that has not ended of an officer who is gone."""
    lasting = _lasting(ledgers, parameters)
    return _units_of(ledgers, lasting, lasting["gone"])


def visit_overdue(ledgers: Ledgers, parameters: Parameters) -> Outcome:
    """Units whose officer in force came last longer ago than the county allows."""
    held = _held(ledgers, parameters)
    if not parameters.visit_days:
        return Outcome([], [])
    return _units_of(ledgers, held, held["visited"] < parameters.at - pd.Timedelta(days=parameters.visit_days))


def officer_idle(ledgers: Ledgers, parameters: Parameters) -> Outcome:
    """Officers on duty and in term without a unit."""
    officers = ledgers.officers
    busy = officers.index.isin(_held(ledgers, parameters)["officer"])
    in_term = ~(officers["since"] > parameters.at) & ~(officers["until"] < parameters.at)
    return outcome(officers, _there(officers) & in_term, every(officers) & ~busy)


def officer_overloaded(ledgers: Ledgers, parameters: Parameters) -> Outcome:
    """Officers with more units than they can have."""
    officers = ledgers.officers
    loads = _held(ledgers, parameters).groupby("officer").size().reindex(officers.index, fill_value=0)
    return outcome(officers, _there(officers), loads > officers["capacity"].fillna(_CAPACITY))


def officer_expired(ledgers: Ledgers, parameters: Parameters) -> Outcome:
    """Officers whose term is over and whose postings still count."""
    officers, held = ledgers.officers, _held(ledgers, parameters)
    return outcome(officers, every(officers) & officers.index.isin(held["officer"]), officers["until"] < parameters.at)


def chain_head_without_org(ledgers: Ledgers, _: Parameters) -> Outcome:
    """链主 that are open and not covered."""
    units = ledgers.units
    within = units["name"].isin(ledgers.heads) & units["open"] & units["private"]
    return outcome(units, within, ~units["covered"])


def chain_unit_unlinked(ledgers: Ledgers, _: Parameters) -> Outcome:
    """Firms whose own organization is tied to no committee of their chain: not in its list, nor under it, nor is the firm."""
    units, covers, leads = ledgers.units, ledgers.covers, ledgers.leads
    led = leads[leads["role"].isin(_COMMITTEES)]
    single = covers.groupby("organization")["unit"].transform("size") == 1
    own = covers[covers["counts"] & ((covers["mode"] == "单独") | (covers["mode"].isna() & single))]
    ties = ledgers.firms[ledgers.firms["chain"].isin(led["chain"])].merge(own[["organization", "unit"]], on="unit")
    below = ledgers.superiors.merge(led, left_on="superior", right_on="organization")[["chain", "name"]]
    tied = pd.concat([leads[["chain", "organization"]], below.rename(columns={"name": "organization"})])
    committees = covers.loc[covers["kind"].isin(["产业链党委", "联盟党委"]), ["organization", "unit"]].merge(
        led, on="organization"
    )
    listing = ties.merge(committees[["unit", "chain"]].drop_duplicates(), on=["unit", "chain"])[
        ["chain", "organization"]
    ]
    tied = pd.concat([tied, listing])
    loose = ties.merge(tied.drop_duplicates(), how="left", indicator=True)
    loose = loose[loose["_merge"] == "left_only"]
    return outcome(units, units["open"] & units["name"].isin(ties["unit"]), units["name"].isin(loose["unit"]))


def chain_without_committee(ledgers: Ledgers, _: Parameters) -> Outcome:
    """重点产业链 that no committee leads."""
    chains, leads = ledgers.chains, ledgers.leads
    led = leads[leads["role"].isin(_COMMITTEES)]
    return outcome(chains, chains["key"], ~chains["name"].isin(led["chain"]))


def hub_blank(ledgers: Ledgers, _: Parameters) -> Outcome:
    """Buildings and districts of 3 正式党员 without an organization of the place; a unit's own there does not count."""
    hubs, within, large = _hubs(ledgers)
    covers, organizations = ledgers.covers, ledgers.organizations
    blank = covers[covers["mode"].isna() & covers["kind"].fillna("支部").isin(_OWN)]
    once = blank[~blank["organization"].duplicated(keep=False)]
    place = once["organization"].map(organizations.set_index("name")[["hub", "code"]].fillna("").agg(list, axis=1))
    named = [
        not code and bool(hub) and name.startswith(hub)
        for name, (hub, code) in zip(once["organization"], place, strict=True)
    ]
    own = pd.concat(
        [covers.loc[covers["mode"] == "单独", "organization"], once.loc[[not one for one in named], "organization"]]
    )
    of_places = organizations.loc[~organizations["name"].isin(own), "hub"]
    return outcome(hubs, within, large & ~hubs["name"].isin(of_places))


def hub_without_center(ledgers: Ledgers, _: Parameters) -> Outcome:
    """Buildings and districts of 3 正式党员 without a site."""
    hubs, within, large = _hubs(ledgers)
    return outcome(hubs, within, large & ~hubs["name"].isin(ledgers.sites["hub"]))


def _lasting(ledgers: Ledgers, parameters: Parameters) -> pd.DataFrame:
    """Postings that have begun and not ended before the last quarter."""
    postings = ledgers.postings[ledgers.postings["role"].isin(ROLES)]
    begun = postings["since"].isna() | (postings["since"] <= parameters.at)
    return postings[begun & ~(postings["until"] < parameters.last("Q").start_time)]


def _held(ledgers: Ledgers, parameters: Parameters) -> pd.DataFrame:
    """Postings in force: the officer is on duty as well."""
    lasting = _lasting(ledgers, parameters)
    return lasting[~lasting["gone"]]


def _there(officers: pd.DataFrame) -> pd.Series[Any]:
    return ~officers["gone"] & officers["role"].isin(ROLES)


def _guided(ledgers: Ledgers, parameters: Parameters, roles: tuple[str, ...]) -> pd.Series[Any]:
    """Units with one of these in force; 是否选派=是 is evidence where no ledger names anyone."""
    units, held = ledgers.units, _held(ledgers, parameters)
    return units["name"].isin(held.loc[held["role"].isin(roles), "unit"]) | (units["posted"] & ~units["named"])


def _units_of(ledgers: Ledgers, postings: pd.DataFrame, finding: pd.Series[Any]) -> Outcome:
    names = ledgers.units["name"]
    return outcome(ledgers.units, names.isin(postings["unit"]), names.isin(postings.loc[finding, "unit"]))


def _hubs(ledgers: Ledgers) -> tuple[pd.DataFrame, pd.Series[Any], pd.Series[Any]]:
    """Buildings and districts; which may have 3 正式党员 (a blank may be 3), and which have."""
    units = ledgers.units[ledgers.units["open"] & ledgers.units["private"]]
    hubs = ledgers.regions[ledgers.regions["kind"].isin(_HUBS)]
    at_most = units["formal"].fillna(units["together"]).fillna(units["members"]).fillna(3)
    counted = units.assign(at_most=at_most).groupby("hub")
    return hubs, hubs["name"].map(counted["at_most"].sum()) >= 3, hubs["name"].map(counted["formal"].sum()) >= 3


RULES = (
    org_should_exist,
    org_should_join,
    org_suspected,
    members_not_transferred,
    org_should_stand_alone,
    staff_without_member,
    staff_without_org,
    coverage_blank,
    key_unit_without_officer,
    party_staff_missing,
    officer_gone,
    visit_overdue,
    officer_idle,
    officer_overloaded,
    officer_expired,
    chain_head_without_org,
    chain_unit_unlinked,
    chain_without_committee,
    hub_blank,
    hub_without_center,
)
