"""The rules about organizations themselves: their size, secretary, term, superior, site, and the 联组 they are in."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tests.opinion.ledgers import CLOSED, Ledgers
from tests.opinion.rule import Outcome, Parameters, every, outcome

_ELECTED = ("党委", "总支", "支部", "联合支部")
_COMMITTEES = ("综合党委", "行业党委", "小个专党委", "产业链党委", "联盟党委")
_BRANCHES = ("支部", "联合支部")
_ACCEPTED = ("一类", "二类", "三类")


def branch_oversize(ledgers: Ledgers, _: Parameters) -> Outcome:
    """Branches of more than 50."""
    organizations = ledgers.organizations
    return outcome(organizations, _of_kind(ledgers, *_BRANCHES), organizations["kind"].notna() & (_size(ledgers) > 50))


def branch_undersize(ledgers: Ledgers, _: Parameters) -> Outcome:
    """Branches founded alone, with fewer than 3 正式党员."""
    organizations = ledgers.organizations
    within = _of_kind(ledgers, "支部") & _covering(ledgers) & ~_founded(ledgers, "联合")
    return outcome(organizations, within, (organizations["formal"] < 3) & _founded(ledgers, "单独"))


def committee_missing(ledgers: Ledgers, _: Parameters) -> Outcome:
    """Branches of 7 正式党员 (a blank may be as many) without a committee of 3 to 7."""
    organizations = ledgers.organizations
    formal = organizations["formal"]
    return outcome(
        organizations,
        _of_kind(ledgers, *_BRANCHES) & ~(formal < 7),
        (formal >= 7) & organizations["committee"].notna() & ~organizations["committee"].between(3, 7),
    )


def secretary_vacant(ledgers: Ledgers, _: Parameters) -> Outcome:
    """Organizations without a secretary, where the ledger names those of others."""
    organizations = ledgers.organizations
    listed, blank = ~organizations["stated"].astype(bool), organizations["secretary"].isna()
    return outcome(organizations, every(organizations), listed & blank & bool((listed & ~blank).any()))


def org_should_close(ledgers: Ledgers, _: Parameters) -> Outcome:
    """Organizations all of whose units are closed."""
    organizations = ledgers.organizations
    units = ledgers.units
    closed = units.loc[units["state"].isin(CLOSED), "name"]
    alive = ledgers.covers.loc[~ledgers.covers["unit"].isin(closed), "organization"]
    return outcome(organizations, _covering(ledgers), ~organizations["name"].isin(alive))


def ladder_level(ledgers: Ledgers, _: Parameters) -> Outcome:
    """Organizations of single units: a branch of more than 50 正式党员, or a 总支 of more than 100."""
    organizations = ledgers.organizations
    single = organizations["name"].map(ledgers.covers.groupby("organization").size()) == 1
    within = _of_kind(ledgers, "支部", "总支", "党委") & single & ~_founded(ledgers, "联合")
    kind, size = organizations["kind"], organizations["formal"]
    return outcome(organizations, within, (kind == "支部") & (size > 50) | (kind == "总支") & (size > 100))


def joint_too_wide(ledgers: Ledgers, _: Parameters) -> Outcome:
    """Joint branches of more than 5 units."""
    organizations, covers = ledgers.organizations, ledgers.covers
    kind = covers["kind"].fillna("支部")
    joint = covers[(kind == "联合支部") | kind.isin(["支部", "临时党支部"]) & (covers["mode"] == "联合")]
    units = organizations["name"].map(joint.groupby("organization").size())
    return outcome(organizations, units.notna(), units > 5)


def term_overdue(ledgers: Ledgers, parameters: Parameters) -> Outcome:
    """Elected organizations past the end of their term."""
    organizations = ledgers.organizations
    return outcome(organizations, _of_kind(ledgers, *_ELECTED), organizations["until"] < parameters.at)


def term_due_soon(ledgers: Ledgers, parameters: Parameters) -> Outcome:
    """Elected organizations with at most 6 months to go."""
    organizations = ledgers.organizations
    soon = organizations["until"].between(parameters.at, parameters.months_on(6))
    return outcome(organizations, _of_kind(ledgers, *_ELECTED), soon)


def org_without_superior(ledgers: Ledgers, _: Parameters) -> Outcome:
    """Of two-new organizations and those right above them, below the 党工委: no superior, two, or a ring."""
    organizations, above = ledgers.organizations, ledgers.superiors
    names = organizations["name"]
    over = above.loc[above["name"].isin(ledgers.covers["organization"]), "superior"]
    two_new = organizations["kind"].isin(_COMMITTEES) | _covering(ledgers) | names.isin(over)
    superiors = names.map(above.groupby("name").size()).fillna(0)
    unknown = (superiors == 0) & ~organizations["stated"].astype(bool)
    finding = unknown | (superiors > 1) | names.isin(_ring(above))
    return outcome(organizations, two_new & (organizations["kind"] != "党工委"), finding)


def site_not_accepted(ledgers: Ledgers, _: Parameters) -> Outcome:
    """Organizations with sites of which none has a class; a blank class may be one."""
    organizations, sites = ledgers.organizations, ledgers.sites
    within = organizations["name"].isin(sites["organization"]) & _covering(ledgers)
    well = sites.loc[sites["grade"].isna() | sites["grade"].isin(_ACCEPTED), "organization"]
    return outcome(organizations, within, ~organizations["name"].isin(well))


def not_in_group(ledgers: Ledgers, _: Parameters) -> Outcome:
    """Organizations of two-new units that are not in exactly one 联组, in towns that have any."""
    organizations = ledgers.organizations
    within = _covering(ledgers) & ~organizations["kind"].isin((*_COMMITTEES, "党工委"))
    within &= organizations["town"].isin(ledgers.groups["town"])
    times = ledgers.grouped.drop_duplicates(["group", "organization"]).groupby("organization").size()
    return outcome(organizations, within, organizations["name"].map(times).fillna(0) != 1)


def group_leadership(ledgers: Ledgers, _: Parameters) -> Outcome:
    """联组 with other than 1 组长 and 2 副组长 (whoever has no role may be one), or alone in its town without 专干."""
    groups = ledgers.groups
    roles = ledgers.grouped.assign(role=ledgers.grouped["role"].fillna("")).drop_duplicates()
    heads, deputies, blank = (
        groups["name"].map(roles[roles["role"] == role].groupby("group").size()).fillna(0)
        for role in ("组长", "副组长", "")
    )
    staffed = groups.loc[groups["staff"].notna(), "town"]
    unstaffed = groups["staff"].isna() & groups["town"].isin(staffed)
    lacking = (blank == 0) & ((heads < 1) | (deputies < 2))
    return outcome(groups, every(groups), (heads > 1) | (deputies > 2) | lacking | unstaffed)


def industry_without_committee(ledgers: Ledgers, parameters: Parameters) -> Outcome:
    """The county, if an industry that it names has no committee of its name."""
    organizations, regions = ledgers.organizations, ledgers.regions
    names = organizations.loc[organizations["kind"].isin(["行业党委", "小个专党委"]), "name"]
    lacking = [industry for industry in parameters.industries if not names.str.contains(industry).any()]
    within = (regions["kind"] == "县级") & bool(parameters.industries)
    return outcome(regions, within, every(regions) & bool(lacking))


def _of_kind(ledgers: Ledgers, *kinds: str) -> pd.Series[Any]:
    """Organizations of these kinds; a blank kind counts as a branch."""
    return ledgers.organizations["kind"].fillna("支部").isin(kinds)


def _size(ledgers: Ledgers) -> pd.Series[Any]:
    return ledgers.organizations["formal"] + ledgers.organizations["probationary"].fillna(0)


def _covering(ledgers: Ledgers) -> pd.Series[Any]:
    return ledgers.organizations["name"].isin(ledgers.covers["organization"])


def _founded(ledgers: Ledgers, mode: str) -> pd.Series[Any]:
    covers = ledgers.covers
    return ledgers.organizations["name"].isin(covers.loc[covers["mode"] == mode, "organization"])


def _ring(above: pd.DataFrame) -> set[str]:
    """Organizations that are their own superior within four steps."""
    up = above.rename(columns={"name": "middle", "superior": "top"})
    steps, ring = above, set[str]()
    for _ in range(4):
        ring |= set(steps.loc[steps["name"] == steps["superior"], "name"])
        steps = steps.merge(up, left_on="superior", right_on="middle")[["name", "top"]].drop_duplicates()
        steps = steps.rename(columns={"top": "superior"})
    return ring


RULES = (
    branch_oversize,
    branch_undersize,
    committee_missing,
    secretary_vacant,
    org_should_close,
    ladder_level,
    joint_too_wide,
    term_overdue,
    term_due_soon,
    org_without_superior,
    site_not_accepted,
    not_in_group,
    group_leadership,
    industry_without_committee,
)
