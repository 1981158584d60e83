"""The candidates for each action, ranked, with reasons: the nearest first, unless a finder says otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from graph.answers import Finding
from graph.questions.remedies.candidates.joint import joint_branch, receiving
from graph.questions.remedies.candidates.officers import assign_officer, assign_units, reassign, renew, visit
from graph.questions.remedies.candidates.organizations import (
    appoint,
    build,
    found_branch,
    group,
    link,
    propose_committee,
    superior,
    superiors,
)
from graph.questions.remedies.candidates.partners import arrange, match, pair, standing_by
from graph.questions.remedies.proximity import Around, Candidates

Find = Callable[[Around, Finding], Candidates]

#: by action, who could carry it out, or who oversees a subject that must act itself. 核实 has no candidates, and neither
#: has the rule on “五个一”, whose subjects only their handlers may know
FINDERS: Mapping[str, Find] = {
    "assign_officer": assign_officer,
    "replace": assign_officer,
    "reassign": reassign,
    "found_branch": found_branch,
    "by_place": found_branch,
    "joint_branch": joint_branch,
    "transfer": receiving,
    "attach": superiors,
    "election": superior,
    "by_election": superior,
    "elect_committee": superior,
    "raise": superior,
    "split": superior,
    "close": superior,
    "propose_committee": propose_committee,
    "group": group,
    "pair": pair,
    "arrange": arrange,
    "plan": standing_by,
    "contact": standing_by,
    "match": match,
    "link": link,
    "appoint": appoint,
    "build": build,
    "hold": superior,
    "accept": superior,
    "renew": renew,
    "assign_units": assign_units,
    "visit": visit,
}


def action(around: Around, finding: Finding, named: str) -> str:
    """The action that a rule names; for by_members, the action that the number of 正式党员 calls for."""
    if named != "by_members":
        return named
    members = finding.facts.get("formal_members")
    minimum = int(around.context.book.parameters("org_should_join", around.context)["org_min_members"])
    if not isinstance(members, int):
        return "verify"
    return "found_branch" if members >= minimum else "joint_branch" if members else "assign_officer"
