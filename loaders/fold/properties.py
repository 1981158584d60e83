"""The properties of an entity from its rows, and which entities people merged."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from loaders.cleaning.codes import code_prefix_kind
from loaders.shape.rows import Props, Row, together

#: years of a term where the ledger states none (《关于党的基层组织任期的意见》, 2018)
TERM_YEARS = {"支部": 3, "联合支部": 3, "总支": 3, "党委": 5}


def fold_properties(entity_type: str, rows: Sequence[Row], names: Collection[str]) -> Props:
    """The properties of an entity; each comes from the first of its rows that states it, in order of precedence.

    `names` are the properties that ledgers may state.
    """
    listed = rows[0].retired is None
    every = together(r for r in rows if not listed or r.retired is None)
    props = {name: value for name, value in every.items() if name in names}
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
    """Add the end of the term if only its start is stated; leave out a term that ends before it begins."""
    if props.get("term_from") and props.get("term_to") and props["term_to"] < props["term_from"]:
        del props["term_from"], props["term_to"]
    start = props.get("term_from")
    years = props.get("term_years") or TERM_YEARS.get(str(props.get("kind")))
    if start and years and not props.get("term_to"):
        try:
            end = start.replace(year=start.year + years)
        except ValueError:
            end = start.replace(year=start.year + years, day=28)
        props["term_to"] = end
