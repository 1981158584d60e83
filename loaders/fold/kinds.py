"""What an entity is by what its rows say of it in other words: by code, registration type or name."""

from __future__ import annotations

import re
from functools import lru_cache

from loaders.cleaning.codes import code_prefix_kind
from loaders.shape.rows import Props

_KINDS = (
    (re.compile(r"个体"), "个体工商户"),
    (re.compile(r"农民专业合作|合作社"), "合作社"),
    (re.compile(r"社会团体|社团|社会服务机构|民办非企业|民非|基金会"), "社会组织"),
)
_COOPERATIVES = ("专业合作社", "专业合作社联合社")
_PUBLIC = re.compile(r"(?<!非)(?:国有(?!参股)|全民所有|集体)")
_PRIVATE = re.compile(
    r"私营|民营|个体|个人|(?<!非)自然人|合伙|外商|外资|外国|港澳台|台港澳|香港|澳门|台湾|中外|非国有|非公有"
)
_COMMITTEE = re.compile(r"(产业链|联盟)(?:综合|联合)?(?:党委|委员会)$")


def kind_of(unit: Props) -> str:
    """A unit's kind by its credit code, else by its 企业类型, else by its name; '' where none of them tells.

    A 非公企业台账 lists 个体工商户 and 合作社 too, which are no enterprises.
    """
    kind = code_prefix_kind(str(unit["credit_code"])) if unit.get("credit_code") else None
    kind = kind or _kind_by_type(str(unit.get("registration_type") or ""))
    if not kind and str(unit.get("name") or "").endswith(_COOPERATIVES):
        return "合作社"
    return "社会组织" if kind in ("社会团体", "社会服务机构", "基金会") else kind or ""


@lru_cache(maxsize=1 << 12)
def _kind_by_type(registration_type: str) -> str:
    return next((kind for pattern, kind in _KINDS if pattern.search(registration_type)), "")


@lru_cache(maxsize=1 << 12)
def ownership_by_type(registration_type: str) -> str:
    """非公 or 公有控股 where the 企业类型 says so, else ''."""
    if _PUBLIC.search(registration_type):
        return "公有控股"
    return "非公" if _PRIVATE.search(registration_type) else ""


def committee_by_name(organization: str) -> str:
    """产业链党委 or 联盟党委 where the name of an organization says that it is one, else ''."""
    committee = _COMMITTEE.search(organization)
    if not committee:
        return ""
    return "产业链党委" if committee.group(1) == "产业链" else "联盟党委"
