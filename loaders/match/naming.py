"""Names as matching compares them, and the id of an organization that only its unit states."""

from __future__ import annotations

from functools import lru_cache

from graph.ids import mint
from loaders.cleaning import names

name_key = lru_cache(maxsize=1 << 16)(names.name_key)

#: how ledgers write an organization's name around that of its unit
_ORG_PREFIXES = ("中国共产党", "中共")
_ORG_SUFFIXES = (
    "总支部委员会", "支部委员会", "联合支部委员会", "联合党支部", "联合支部", "临时党支部", "党总支部", "党总支",
    "党支部", "党委", "党组织", "总支", "支部", "委员会",
)  # fmt: skip


def unit_of_organization(name: str) -> str:
    """The name of the unit inside the name of its organization: 中共某某公司支部委员会 -> 某某公司."""
    for prefix in _ORG_PREFIXES:
        name = name.removeprefix(prefix)
    for suffix in _ORG_SUFFIXES:
        if name.endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)]
    return name


def stated_id(unit: str) -> str:
    """The id of the organization that the row of a unit states without naming it."""
    return mint("o", "stated", unit)
