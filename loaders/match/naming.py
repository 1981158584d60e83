"""Names as matching compares them, and the id of an organization that only its unit states."""

from __future__ import annotations

import re
from functools import lru_cache

from graph.ids import mint
from loaders.cleaning import names

name_key = lru_cache(maxsize=1 << 16)(names.name_key)

#: how ledgers write an organization's name around that of its unit
_ORG_PREFIXES = ("中国共产党", "中共")
#: the style in which an organization's name ends, by the endings that mean the same; the longest first
_STYLES = {
    "联合支部委员会": "联合党支部", "联合党支部委员会": "联合党支部", "联合党支部": "联合党支部", "联合支部": "联合党支部",
    "临时支部委员会": "临时党支部", "临时党支部委员会": "临时党支部", "临时党支部": "临时党支部", "临时支部": "临时党支部",
    "功能型党支部": "功能型党支部", "功能型支部": "功能型党支部",
    "党总支部委员会": "党总支", "党总支委员会": "党总支", "总支部委员会": "党总支", "党总支部": "党总支", "总支部": "党总支",
    "党总支": "党总支", "总支": "党总支",
    "党支部委员会": "党支部", "支部委员会": "党支部", "党支部": "党支部", "支部": "党支部",
    "党的工作委员会": "党工委", "党工作委员会": "党工委", "党工委": "党工委",
    "党委员会": "党委", "党委": "党委",
    "党组织": "党组织",
}  # fmt: skip
_LONGEST_FIRST = sorted(_STYLES, key=len, reverse=True)
#: endings that others have too, and the words before them or at the beginning that say so
_SHARED = {"工作委员会": "党工委", "工委": "党工委", "基层委员会": "党委", "委员会": "党委"}
_OTHERS = ("村民", "居民", "业主", "管理", "工会", "监察", "纪律检查")
_OTHERS_BEGIN = ("共青团", "中国共产主义青年团", "共产主义青年团")


def _parts(name: str) -> tuple[str, str]:
    """The name of the unit inside that of its organization, and the style it ends in; '' for no organization's name."""
    prefix = next((p for p in _ORG_PREFIXES if name.startswith(p)), "")
    stem = name[len(prefix) :]
    for ending in _LONGEST_FIRST:
        if stem.endswith(ending) and len(stem) > len(ending):
            return stem[: -len(ending)], _STYLES[ending]
    for ending, style in _SHARED.items():
        if stem.endswith(ending) and len(stem) > len(ending):
            unit = stem[: -len(ending)]
            return (stem, "") if unit.endswith(_OTHERS) or stem.startswith(_OTHERS_BEGIN) else (unit, style)
    return stem, ""


def unit_of_organization(name: str) -> str:
    """The name of the unit inside the name of its organization: 中共某某公司支部委员会 -> 某某公司."""
    return _parts(name)[0]


@lru_cache(maxsize=1 << 16)
def organization_key(name: str) -> str:
    """The form of an organization's name that its styles share: 中共某公司支部委员会, 某公司支部 -> 某公司党支部."""
    return "".join(_parts(name_key(name)))


def key_of(node_type: str, name: str) -> str:
    """The form in which names of a type are compared."""
    return organization_key(name) if node_type == "PartyOrg" else name_key(name)


#: what an organization is called in many units: its name alone tells nothing
_GENERIC = re.compile(
    "(?:第[一二三四五六七八九十0-9]+|机关|联合|综合|离退休(?:干部|人员|职工)?|退休|职工|在职|流动|企业"
    "|行政|生产|销售|车间|研发|技术|管理|后勤|项目|临时|社区|村|园区|商会|商圈|楼宇|网格|物业|医院|学校|教师|学生)*"
)


def is_generic(name: str) -> bool:
    """Whether an organization's name is one that many have, as 第一党支部 and 机关党支部."""
    return bool(_GENERIC.fullmatch(unit_of_organization(name_key(name))))


#: the longest first
LEGAL_FORMS = ("股份有限公司", "有限责任公司", "有限公司", "股份公司", "公司")


def are_one_name(node_type: str, one: str, other: str) -> bool:
    """Whether two names of one type are spellings of one name: but for the legal form and what stands before it.

    某县甲商贸有限公司 and 甲商贸公司 are; 甲商贸 and 乙商贸, 甲公司 and 甲公司分公司 are not.
    """
    a, b = (_without_form(key_of(node_type, n)) for n in (one, other))
    return a == b or (min(len(a), len(b)) > 1 and (a.endswith(b) or b.endswith(a)))


def _without_form(key: str) -> str:
    return next((key[: -len(f)] for f in LEGAL_FORMS if key.endswith(f) and len(key) > len(f)), key)


def stated_id(unit: str) -> str:
    """The id of the organization that the row of a unit states without naming it."""
    return mint("o", "stated", unit)
