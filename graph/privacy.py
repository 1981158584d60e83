"""Classes of sensitivity: what the values of an answer carry, and what stands where a viewer may not see one."""

from __future__ import annotations

from collections.abc import Iterable

#: the class of a value that everybody may see
OPEN = "open"
#: the class of a value whose class nobody declared: it is hidden from everybody
UNDECLARED = "undeclared"
#: classes that the code knows by name: names of persons, and counts of members
PERSON, MEMBERS = "person", "members"
#: classes of facts whose very presence would say what is hidden, as that an organization is 软弱涣散: to who may not see
#: them they are neither shown nor counted anywhere (see Book.without), for what is counted can be counted out
PROTECTED = frozenset({"case"})
#: a number of protected subjects is told only in steps of this many
STEP = 5
#: keys that a row may have beside its columns and that name no one: codes, flags, and texts of rules
BESIDE = frozenset({"id", "rule", "severity", "section", "lead", "remarks", "rest", "undone"})
#: what stands for a person's name, or for another value, that a viewer may not see
HIDDEN_NAME, HIDDEN = HIDING = ("（姓名已隐藏）", "（已隐藏）")


def classes(sensitivities: Iterable[str]) -> str:
    """The class of a text that quotes values of these classes: their names joined by spaces, all needed to read it."""
    return " ".join(sorted({s for s in sensitivities if s != OPEN})) or OPEN


def protects(sensitivity: str, protected: Iterable[str]) -> bool:
    """Whether a value of these classes (separated by spaces) is of one of those `protected` from who asks."""
    return not set(protected).isdisjoint(sensitivity.split())


def steps(count: int) -> str:
    """A number of protected subjects in words, in steps of STEP."""
    low = count // STEP * STEP
    return f"{low} 至 {low + STEP - 1}" if low else f"不到 {STEP}"


def band(count: float) -> str:
    """A unit's member count as a viewer without clearance for it sees it: 0, 1–2 or ≥3."""
    return "0" if count <= 0 else "1–2" if count < 3 else "≥3"
