"""待核实 where rows contradict each other in a figure that matters, and where dates run backwards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from graph.history.differences import declared_field, value_text
from graph.ontology import Ontology
from graph.privacy import classes
from loaders.fold.reviews import IGNORE, Reviews
from loaders.match.facts import Key, facts_of, stated_by
from loaders.match.matching import Entity
from loaders.match.naming import name_key, unit_of_organization
from loaders.recognize.ledgers import PLACED
from loaders.shape.rows import Row

#: what tells an entity from others: of entities that people merged, each has its own
_IDENTITY = frozenset({"name", "credit_code", "code", "legal_unit", PLACED})
#: the figures that matter, by type: code, name, place, members, state, coverage and term
_FIGURES = {
    "Unit": (
        "name", "credit_code", PLACED, "formal_members", "probationary_members", "formal_and_probationary", "members",
        "members_elsewhere", "operating", "entity_operated", "has_organization", "has_officer", "mode", "@org",
    ),
    "PartyOrg": (
        "name", "code", "legal_unit", PLACED, "formal_members", "probationary_members", "term_from", "term_to", "mode",
        "@superior",
    ),
    "GuidanceOfficer": (PLACED, "duty"),
}  # fmt: skip


class Contradictions:
    """Adds reviews of rows that contradict each other. `place` gives the Region that a row names, '' for none."""

    def __init__(self, ontology: Ontology, reviews: Reviews, place: Callable[[Row, str], str]) -> None:
        self._ontology = ontology
        self._reviews = reviews
        self._place = place

    def ask(self, entity: Entity, rows: Sequence[Row]) -> None:
        """Ask about each figure of which several sheets, or several lines of one, state different values.

        `rows` are those of the entity that are listed, the best first.
        """
        for name in _FIGURES.get(entity.type, ()):
            if len({repr(r.values[name]) for r in rows if name in r.values}) > 1:
                self._ask(entity, rows, name)
        if any(link.field in r.values and "valid_from" in link.carried for r in rows for link in r.origin.ledger.links):
            self._ask_terms(entity, rows)

    def _ask(self, entity: Entity, rows: Sequence[Row], name: str) -> None:
        own = [r for r in rows if r.entity == entity.id or name not in _IDENTITY]
        if any(isinstance(r.values.get(name), list) for r in own):
            return
        by_meaning: dict[Any, tuple[Any, Row]] = {}
        for value, row in stated_by(own, (name,)):
            meaning = self._meaning(entity.type, name, value, row)
            if meaning is not None:
                by_meaning.setdefault(meaning, (value, row))
        if len(by_meaning) > 1:
            self._add(entity, name, name, list(by_meaning.values()))

    def _ask_terms(self, entity: Entity, rows: Sequence[Row]) -> None:
        fields = {(link.field, link.edge) for r in rows for link in r.origin.ledger.links if "valid_to" in link.carried}
        for field, edge in sorted(fields):
            targets = dict.fromkeys(key[:2] for r in rows for key in facts_of(r) if len(key) == 3 and key[0] == field)
            for target in targets:
                named = next(str(value) for value, _ in stated_by(rows, target))
                self.ask_term(entity, f"{self._ontology.edges[edge].label}“{named}”", rows, target)

    def ask_term(self, entity: Entity, what: str, rows: Sequence[Row], relation: Key = ()) -> None:
        """Ask about a relation of which rows, the best first, state terms that overlap and differ, or that run backwards.

        `relation` is the key of the relation where rows state several.
        """
        starts, ends = (list(stated_by(rows, (*relation, name))) for name in ("valid_from", "valid_to"))
        start_of, end_of = ({id(row): value for value, row in stated} for stated in (starts, ends))
        if starts and ends and starts[0][1] is not ends[0][1] and ends[0][0] < starts[0][0]:
            latest = max(starts[0][1], ends[0][1], key=lambda r: r.issue.date)
            if start_of.get(id(ends[0][1]), starts[0][0]) == starts[0][0]:
                add_backward(self._reviews, self._ontology, entity, what, starts[0][0], ends[0][0], latest)
                return
        for name, stated, of_others in (("valid_from", starts, end_of), ("valid_to", ends, start_of)):
            for value, row in stated[1:]:
                best, first = stated[0]
                apart = (
                    of_others.get(id(row))
                    and of_others.get(id(first))
                    and (
                        max(value, of_others[id(row)]) < min(best, of_others[id(first)])
                        or max(best, of_others[id(first)]) < min(value, of_others[id(row)])
                    )
                )
                if value != best and not apart:
                    self._add(entity, name, "/".join((*relation, name)), [(best, first), (value, row)], what)
                    break

    def _meaning(self, entity_type: str, name: str, value: Any, row: Row) -> Any:
        """What a value says, however it is written; None where that cannot be told."""
        if name == PLACED:
            return self._place(row, value) or None
        if not isinstance(value, str):
            return value
        if (entity_type == "PartyOrg" and name in ("name", "@superior")) or name == "@org":
            return unit_of_organization(name_key(value))
        return name_key(value)

    def _add(self, entity: Entity, name: str, key: str, stated: Sequence[tuple[Any, Row]], what: str = "") -> None:
        label, prop, sensitivity = declared_field(self._ontology, stated[0][1].ledger, name) or (name, None, "")
        texts = [value_text(value, prop) for value, _ in stated]
        where = [f"{text}（{_source(row)}）" for text, (_, row) in zip(texts, stated, strict=True)]
        id_ = self._reviews.add(
            "contradiction",
            (entity.id, key, *sorted(texts)),
            f"“{entity.name}”{what}的{label}说法不一：{'、'.join(texts)}。现按“{texts[0]}”。"
            f"请核对：如属实填“{IGNORE}”；如不对，请改正台账后重新载入。",
            stated[0][1],
            division=entity.place,
            subject=entity.id,
            sensitivity=classes((self._ontology.nodes[entity.type].called.sensitivity, sensitivity)),
            evidence_for=where[0],
            evidence_against="；".join(where[1:]),
        )
        self._reviews.mark(id_, (row for _, row in stated[1:]))


def add_backward(
    reviews: Reviews,
    ontology: Ontology,
    subject: Entity,
    what: str,
    since: dt.date,
    to: dt.date,
    row: Row,
    other: str = "",
) -> None:
    """Add the review of dates that end before they begin. `what` says of what they are."""
    reviews.add(
        "dates",
        (subject.id, other, what, since.isoformat(), to.isoformat()),
        f"“{subject.name}”{what}的起止日期颠倒：{since} 起，{to} 止。两个日期都未采用，请改正台账后重新载入。",
        row,
        division=row.place,
        subject=subject.id,
        sensitivity=ontology.nodes[subject.type].called.sensitivity,
        evidence_against=f"终止早于起始（{_source(row)}）",
        **({"other": other} if other else {}),
    )


def ask_days(reviews: Reviews, ontology: Ontology, unit: Entity, rows: Sequence[Row]) -> None:
    """Ask about a unit that closed before it was founded, or that operates and closed by one of its rows, best first."""
    if not any(row.values.get("closed_on") for row in rows):
        return
    since, to = (next((r.values[n] for r in rows if r.values.get(n)), None) for n in ("founded_on", "closed_on"))
    if since and to and to < since:
        add_backward(reviews, ontology, unit, "成立、注销", since, to, rows[0])
        return
    for row in rows:
        closed = row.values.get("closed_on")
        if closed and row.values.get("operating") == "在营":
            reviews.add(
                "contradiction",
                (unit.id, "closed_on", closed.isoformat()),
                f"“{unit.name}”的经营状态为在营，又写有注销（吊销、停业、迁出）日期 {closed}。现按日期，从次日起不计入。"
                f"请核对：如属实填“{IGNORE}”；如不对，请改正台账后重新载入。",
                row,
                division=row.place,
                subject=unit.id,
                sensitivity=ontology.nodes[unit.type].called.sensitivity,
                evidence_for=f"日期 {closed}（{_source(row)}）",
                evidence_against="经营状态为在营",
            )


def _source(row: Row) -> str:
    day = f"数据日期 {row.issue.date}" if row.issue.dated else f"{row.issue.day} 载入"
    return f"{row.file}“{row.sheet}”第 {row.line} 行，{day}"
