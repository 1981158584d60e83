"""The properties of an entity from its rows, and which entities people merged."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from loaders.cleaning.codes import code_prefix_kind
from loaders.shape.rows import Props, Row

#: years of a term where the ledger states none (《关于党的基层组织任期的意见》, 2018)
TERM_YEARS = {"支部": 3, "联合支部": 3, "总支": 3, "党委": 5}
#: by the same opinion 5 years for the organization of a village or community itself, of whatever kind, not for one below it
_VILLAGE_YEARS = 5
_OF_VILLAGE = re.compile(r".(村|社区)(党委|委员会|党?总支部?|党?支部)(委员会)?$")


def fold_properties(entity_type: str, rows: Sequence[Row], names: Collection[str]) -> Props:
    """The properties of an entity; each comes from the first of its rows that states it, in order of precedence.

    `names` are the properties that ledgers may state.
    """
    listed = rows[0].retired is None
    props: Props = {}
    for row in rows:
        if row.retired is not None and listed:
            continue
        stated = {name: value for name, value in row.values.items() if name in names}
        props = stated | props if props else stated
    for row in rows:
        for name, value in row.origin.ledger.constants.items():
            props.setdefault(name, _kind_by_code(props) if name == "kind" and entity_type == "Unit" else value)
            if props[name] is None:
                props[name] = value
    for row in rows:
        for name, value in row.origin.ledger.defaults.items():
            props.setdefault(name, value)
    if entity_type == "PartyOrg":
        _complete_organization(props)
    props["listed"] = listed
    return props


def merge_all(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """For each entity that people merged into another, the entity that stands for all of them."""
    into: dict[str, str] = {}

    def top(id_: str) -> str:
        while id_ in into:
            id_ = into[id_]
        return id_

    for subject, other in sorted(pairs):
        one, second = top(subject), top(other)
        if one != second:
            into[second] = one
    return {id_: top(id_) for id_ in into}


def _kind_by_code(props: Props) -> str | None:
    """A unit's kind by its credit code: a 非公企业台账 lists 92 and 93 too, which are no enterprises."""
    kind = code_prefix_kind(str(props["credit_code"])) if props.get("credit_code") else None
    if kind in ("社会团体", "社会服务机构", "基金会"):
        return "社会组织"
    return kind or None


def _complete_organization(props: Props) -> None:
    """Add the end of the term if only its start is stated."""
    start = props.get("term_from")
    years = props.get("term_years") or _term_years(props)
    if start and years and not props.get("term_to"):
        try:
            end = start.replace(year=start.year + years)
        except ValueError:
            end = start.replace(year=start.year + years, day=28)
        props["term_to"] = end


def _term_years(props: Props) -> int | None:
    """The years of a term by kind; an organization with the code of a unit, or a two-new one, is of no village."""
    kind = str(props.get("kind"))
    if kind not in TERM_YEARS or props.get("legal_unit") or props.get("two_new"):
        return TERM_YEARS.get(kind)
    return _VILLAGE_YEARS if _OF_VILLAGE.search(str(props.get("name") or "")) else TERM_YEARS[kind]
