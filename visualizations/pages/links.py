"""The addresses that the cells and figures of a page lead to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from graph.answers import Answer, Column, QuestionLink
from graph.ontology import Ontology

#: the folder of the addresses of profiles by node type; entities of other types have no profile
FOLDERS = {
    "Unit": "units",
    "PartyOrg": "orgs",
    "GuidanceOfficer": "officers",
    "Region": "regions",
    "IndustryChain": "chains",
    "PartnerUnit": "partners",
    "JointGroup": "groups",
}
PROFILES = {node_type: f"/{folder}/{{}}" for node_type, folder in FOLDERS.items()}
#: parameters that a question inherits from the page that leads to it
INHERITED = ("region", "base", "chain", "as_of")
#: answers that have a page of their own, where they are worked on
OWN_PAGES = {"reviews": "/reviews", "deferrals": "/deferrals"}


def url(path: str, state: Mapping[str, str]) -> str:
    """A path with parameters, which are added to those it has."""
    return f"{path}{'&' if '?' in path else '?'}{urlencode(state)}" if state else path


def question_url(asked: QuestionLink | None, state: Mapping[str, str]) -> str:
    """The address of a question with its parameters and those that it inherits from `state`; '' for None."""
    if asked is None:
        return ""
    question, parameters = asked
    address = OWN_PAGES.get(question, f"/answers/{question}")
    return url(address, {**{k: v for k, v in state.items() if k in INHERITED and v}, **dict(parameters)})


def href(row: Mapping[str, Any], column: Column, ontology: Ontology) -> str:
    """The address that a cell leads to, '' for none.

    The link of a column is a kind and the field of the row with the target. The kind is a node type for the profile of
    the target, `*` for the type of its id, `explore` or `remedy` for these questions about it, and anything else where
    the target is the name of a question or rule.
    """
    if column.link is None:
        return ""
    kind, field = column.link
    target = row.get(field)
    if not isinstance(target, str) or not target:
        return ""
    if kind == "*":
        kind = ontology.type_of(target)
    if kind == "explore":
        return url("/answers/explore", {"node": target})
    if kind == "remedy":
        about = {"unit" if ontology.type_of(target) == "Unit" else "node": target}
        return url("/answers/remedy", about | ({"rule": str(row["rule"])} if row.get("rule") else {}))
    if kind in ("", *ontology.nodes):
        return PROFILES[kind].format(quote(target, safe="")) if kind in PROFILES else ""
    return f"/answers/{quote(target, safe='')}"


def _asks(column: Column, ontology: Ontology) -> bool:
    """Whether the link of a column leads to a question, not to an entity."""
    return column.link is not None and column.link[0] not in ("*", "explore", *ontology.nodes)


def by_division(answer: Answer) -> bool:
    """Whether each row is a division, which leads to the same answer for that division."""
    return bool(answer.columns) and answer.columns[0].link is not None and answer.columns[0].link[0] == "Region"


#: an address, or several as (label, address, kind of step)
Link = str | list[tuple[str, str, str]]


def cell_links(
    path: str, state: Mapping[str, str], answer: Answer, ontology: Ontology
) -> Callable[[Mapping[str, Any], Column], Link]:
    """A function for the link of a cell: a division leads to the same answer for it, a count to what it counts there.

    `path` is the address of the answer, `state` its parameters without the page.
    """
    first = answer.columns[0] if by_division(answer) else None
    steps = {n.id: n.steps for n in answer.graph.nodes} if answer.graph else {}
    inherited = {k: v for k, v in state.items() if k in INHERITED and v}

    def link(row: Mapping[str, Any], column: Column) -> Link:
        if column.steps:
            return [(s.label, question_url(s.question, state), s.kind) for s in steps.get(str(row.get("id")), ())]
        region = str(row.get(first.link[1]) or "") if first and first.link else ""
        if column is first and region:
            return url(path, {**state, "region": region})
        if column.listed and row.get(column.name):
            return question_url(column.listed, {**state, "region": region} if region else state)
        address = href(row, column, ontology)
        # a question inherits the scope of this one, the profile of an entity has none
        return url(address, inherited) if _asks(column, ontology) and address else address

    return link
