"""The rules about the meetings of branches: a branch with records and no meeting of a kind in the last whole period."""

from __future__ import annotations

from tests.opinion.ledgers import Ledgers
from tests.opinion.rule import Outcome, Parameters, every, outcome


def org_meeting_overdue(ledgers: Ledgers, parameters: Parameters) -> Outcome:
    """党员大会 in the last quarter."""
    return _missed(ledgers, parameters, "Q", "党员大会")


def org_committee_overdue(ledgers: Ledgers, parameters: Parameters) -> Outcome:
    """支委会 in the last month, of branches that have one: the ledger counts its members, or is blank and it has met."""
    return _missed(ledgers, parameters, "M", "支委会")


def org_day_overdue(ledgers: Ledgers, parameters: Parameters) -> Outcome:
    """主题党日 in the last month."""
    return _missed(ledgers, parameters, "M", "主题党日")


def org_life_meeting_overdue(ledgers: Ledgers, parameters: Parameters) -> Outcome:
    """组织生活会 in the last year; one record may be of it and of 民主评议党员."""
    return _missed(ledgers, parameters, "Y", "组织生活会", "民主评议")


def member_review_overdue(ledgers: Ledgers, parameters: Parameters) -> Outcome:
    """民主评议党员 in the last year; one record may be of it and of 组织生活会."""
    return _missed(ledgers, parameters, "Y", "民主评议", "组织生活会")


def _missed(ledgers: Ledgers, parameters: Parameters, frequency: str, kind: str, beside: str = "") -> Outcome:
    """Branches whose records begin before the end of the period, with none of this kind in it.

    A record of the kind `beside` counts too where its title names this one.
    """
    branches = ledgers.organizations[ledgers.organizations["kind"].isin(["支部", "联合支部"])]
    period = parameters.last(frequency)
    records = ledgers.meetings[ledgers.meetings["held"] <= parameters.at]
    names = records["kind"].fillna("")
    of_kind = records[names == kind]
    if beside:
        titled = names.str.contains(beside) & records["title"].fillna("").str.contains(kind)
        of_kind = records[names.str.contains(kind) | titled]
    held = of_kind.loc[of_kind["held"].between(period.start_time, period.end_time), "organization"]
    begun = records.loc[records["held"] <= period.end_time, "organization"]
    has = every(branches)
    if kind == "支委会":
        met = branches["name"].isin(of_kind["organization"])
        has = (branches["committee"] > 0) | (branches["committee"].isna() & met)
    name = branches["name"]
    return outcome(branches, has & name.isin(records["organization"]), name.isin(begun) & ~name.isin(held))


RULES = (
    org_meeting_overdue,
    org_committee_overdue,
    org_day_overdue,
    org_life_meeting_overdue,
    member_review_overdue,
)
