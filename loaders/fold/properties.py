"""The properties of an entity from its rows, and which entities people merged."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from loaders.fold.kinds import committee_by_name, kind_of, ownership_by_type
from loaders.shape.evidence import UNEVIDENT
from loaders.shape.rows import Props, Row, together

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
    # a single row has nothing to be told apart from, and most are
    every = rows[0].values if len(rows) == 1 else together([r for r in rows if not listed or r.retired is None])
    props = {name: value for name, value in every.items() if value is not None and name in names}
    for row in rows:
        for name, value in row.origin.ledger.constants.items():
            props.setdefault(name, (kind_of(props) if name == "kind" and entity_type == "Unit" else None) or value)
    if entity_type == "Unit" and (owned := ownership_by_type(str(props.get("registration_type") or ""))):
        props.setdefault("ownership", owned)
    for row in rows:
        for name, value in row.origin.ledger.defaults.items():
            if name != "ownership" or not row.values.get(UNEVIDENT):
                props.setdefault(name, value)
    if entity_type == "Unit" and props.get("kind") == "企业":
        props.setdefault("ownership", "不明")
    if entity_type == "Unit":
        _drop_backward(props, "founded_on", "closed_on")
    if entity_type == "PartyOrg":
        _complete_organization(props)
    if entity_type == "GuidanceOfficer":
        _complete_officer(props, [row for row in rows if row.retired is None] or rows)
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


def _complete_officer(props: Props, rows: Sequence[Row]) -> None:
    """Add the term: from the first start to the last end that the rows state; one row without either leaves it open."""
    for name, column, pick in (("term_from", "valid_from", min), ("term_to", "valid_to", max)):
        days = [day for row in rows if (day := row.values.get(column)) is not None]
        if len(days) == len(rows):
            props[name] = pick(days)


def _complete_organization(props: Props) -> None:
    """Add the end of the term if only its start is stated, and the kind of a chain committee that only its name tells.

    A term that ends before it begins is left out.
    """
    if props.get("kind") in (None, "党委") and (kind := committee_by_name(str(props.get("name") or ""))):
        props["kind"] = kind
    _drop_backward(props, "term_from", "term_to")
    start = props.get("term_from")
    years = props.get("term_years") or _term_years(props)
    if start and years and not props.get("term_to"):
        try:
            end = start.replace(year=start.year + years)
        except ValueError:
            end = start.replace(year=start.year + years, day=28)
        props["term_to"] = end


def _drop_backward(props: Props, since: str, to: str) -> None:
    """Leave out two dates of which the end lies before the start."""
    if props.get(since) and props.get(to) and props[to] < props[since]:
        del props[since], props[to]


def _term_years(props: Props) -> int | None:
    """The years of a term by kind; an organization with the code of a unit, or a two-new one, is of no village."""
    kind = str(props.get("kind"))
    if kind not in TERM_YEARS or props.get("legal_unit") or props.get("two_new"):
        return TERM_YEARS.get(kind)
    return _VILLAGE_YEARS if _OF_VILLAGE.search(str(props.get("name") or "")) else TERM_YEARS[kind]
