"""Branch offices: which unit is one, the unit above it, and the organizations of that unit that cover it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from loaders.match.matching import Index
from loaders.match.naming import name_key, unit_of_organization
from loaders.shape.rows import Props

#: how the names of branch offices end, which are no legal persons of their own
_ENDINGS = (
    "分公司", "支公司", "分店", "分厂", "分部", "分行", "支行", "分社", "分院", "分校", "分园", "分会", "分所", "分中心",
    "营业部", "办事处", "代表处", "分支机构",
)  # fmt: skip
_PARENT = re.compile(r"(.+?公司|.+?(?:合作社|联合社|银行|协会|商会|学会|联合会|基金会))(?=.)")


def parent_of(unit: Props) -> str:
    """The name or code of the unit that a branch office belongs to; '' for another unit, or where none is known.

    是否分支机构 decides where it is stated, else the registration type or the end of the name.
    """
    name = str(unit.get("name") or "")
    stated = unit.get("branch_of_parent")
    if stated is None:
        kind = str(unit.get("registration_type") or "")
        stated = "分公司" in kind or "分支机构" in kind or name.rstrip(")）").endswith(_ENDINGS)
    if not stated:
        return ""
    named = _PARENT.match(name)
    return str(unit.get("parent_unit") or (named.group(1) if named else ""))


def marked(
    edges: Iterable[Props],
    covers: Iterable[tuple[str, str]],
    parents: Mapping[str, str],
    own: Mapping[str, Iterable[str]],
    index: Index,
) -> Iterator[Props]:
    """The edges COVERS, with `of_parent` on those to a branch office from an organization of the unit above it.

    Such an organization covers that unit (`covers` are all pairs of organization and unit), is its own by code
    (`own`, by unit), or bears its name. `parents` gives the name or code of the unit above each branch office.
    """
    above = {branch: frozenset(_units(text, index)) - {branch} for branch, text in parents.items()}
    units = frozenset[str]().union(*above.values())
    of_unit: dict[str, set[str]] = {unit: set(own.get(unit, ())) for unit in units}
    for organization, unit in covers:
        if unit in of_unit:
            of_unit[unit].add(organization)
    for edge in edges:
        branch = edge["to"]
        if branch in parents:
            organization = edge["from"]
            edge["of_parent"] = any(organization in of_unit[unit] for unit in above[branch]) or _bears(
                index, organization, parents[branch]
            )
        yield edge


def _units(text: str, index: Index) -> list[str]:
    coded = index.code("Unit", text)
    return [coded] if coded else [unit.id for unit in index.named("Unit", text)]


def _bears(index: Index, organization: str, parent: str) -> bool:
    """Whether an organization is called by the name of a unit: 远方公司党委."""
    entity = index.by_id.get(organization)
    return entity is not None and name_key(unit_of_organization(entity.name)) == name_key(parent)
