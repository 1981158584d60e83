"""Counts in the model of a place the findings about organizations, postings and groups, by docs/rules.md."""

from __future__ import annotations

from collections import Counter

from loaders.sample.model import County, Organization

_BRANCH, _GENERAL = 50, 100  # members that a 支部, and a 总支, may have
_COMMITTEES = ("综合党委", "行业党委", "小个专党委", "产业链党委", "联盟党委")


def planted(county: County) -> dict[str, int]:
    """Findings by rule id among the party organizations and 联组."""
    listed = [org for org in county.organizations if org.listed]
    single = [org for org in listed if org.unit is not None]
    return {
        "branch_undersize": sum(org.kind == "支部" and org.formal < 3 for org in single),
        "branch_oversize": sum(org.kind in ("支部", "联合支部") and _size(org) > _BRANCH for org in listed),
        "ladder_level": sum(
            org.formal > _GENERAL if org.kind == "总支" else org.kind == "支部" and org.formal > _BRANCH
            for org in single
        ),
        "secretary_vacant": sum(org.vacant for org in listed),
        "org_without_superior": _without_superior(county),
        "org_should_close": sum(
            bool(org.covers) and all(unit.operating != "在营" for unit in org.covers) for org in county.organizations
        ),
        "group_leadership": sum(
            Counter(role for _, role in group.members if role != "成员") != {"组长": 1, "副组长": 2} or not group.staff
            for group in county.groups
        ),
    }


def _size(org: Organization) -> int:
    return org.formal + org.probationary


def _without_superior(county: County) -> int:
    """Listed organizations that cover units, those directly above them, and committees of two-new organizations."""
    above = {org.superior.number for org in county.organizations if org.covers and org.superior}
    return sum(
        org.listed
        and org.superior is None
        and org.kind != "党工委"
        and (bool(org.covers) or org.number in above or org.kind in _COMMITTEES)
        for org in county.organizations
    )
