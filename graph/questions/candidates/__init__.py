"""Candidates for each action of a remedy (domain.md §2), ranked, with reasons; the nearest first unless said otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from graph.answers import Finding
from graph.questions.candidates.joint import joint_branch, receiving
from graph.questions.candidates.officers import assign_officer, reassign
from graph.questions.candidates.organizations import found_branch, group, propose_committee, superior, superiors
from graph.questions.candidates.partners import pair
from graph.questions.nearby import Around, Candidates

Find = Callable[[Around, Finding], Candidates]

#: who could mend it, by the action of the rule; the other actions are mended by the subject itself
FINDERS: Mapping[str, Find] = {
    "assign_officer": assign_officer,
    "replace": assign_officer,
    "reassign": reassign,
    "found_branch": found_branch,
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
}


def action(around: Around, finding: Finding, named: str) -> str:
    """The action that a rule names, or where it says so the one that the number of 正式党员 calls for."""
    if named != "by_members":
        return named
    members = finding.facts.get("formal_members")
    minimum = int(around.context.book.parameters("org_should_join", around.context)["org_min_members"])
    if not isinstance(members, int):
        return "verify"
    return "found_branch" if members >= minimum else "joint_branch" if members else "assign_officer"
