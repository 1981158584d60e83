"""Who asks, and what leaves for them: the one place where answers are redacted, whatever their format."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from graph.answers import HIDDEN, HIDDEN_NAME, OPEN, UNDECLARED, Answer, Column, Node, Subgraph
from graph.ontology import NodeType, Ontology

PERSON = "person"
MEMBERS = "members"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Someone who asks. `regions` are codes or names of what they may see, all below included (empty: all).

    `clearance` are the classes of sensitivity they may see; the open one needs none.
    """

    name: str
    regions: tuple[str, ...] = ()
    clearance: frozenset[str] = frozenset()

    def sees(self, sensitivity: str, ontology: Ontology) -> bool:
        """Whether values of this class, or of all of these, are shown; a class that nobody declared is not."""
        wanted = sensitivity.split()
        return bool(wanted) and all(
            one == OPEN or (one in self.clearance and one in ontology.sensitivities) for one in wanted
        )

    def without_names(self) -> Viewer:
        """The same viewer for a file that will be handed on."""
        return replace(self, clearance=self.clearance - {PERSON, "phone", "case"})


def of_command_line() -> Viewer:
    """The user of the operating system, who works with the ledgers and sees what they say."""
    return Viewer(user_name(), (), frozenset({PERSON, MEMBERS, "case"}))


def user_name() -> str:
    """The name the operating system knows; an account without one is called by its number."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "未知用户"


def band(count: float) -> str:
    """A unit's member count as others may see it: 0, 1–2, ≥3 (domain.md §7)."""
    return "0" if count <= 0 else "1–2" if count < 3 else "≥3"


def leave(answer: Answer, viewer: Viewer, ontology: Ontology) -> Answer:
    """`answer` as `viewer` may see it: in rows, in what rows hold beside their columns, in graph and texts."""
    hidden: set[str] = set()
    changed = {c.name for c in answer.columns if not c.sensitivity_from and not viewer.sees(c.sensitivity, ontology)}
    columns = tuple(replace(c, type="string", unit="") if c.name in changed else c for c in answer.columns)
    declared = (
        {c.name for c in columns} | {c.link[1] for c in columns if c.link} | {c.sensitivity_from for c in columns}
    )
    asked = [c for c in columns if c.name in changed or c.sensitivity_from]

    def redact(row: Mapping[str, Any]) -> dict[str, Any]:
        shown = {c.name: row.get(c.name) for c in columns}
        shown |= {k: v for k, v in row.items() if k not in shown and (k in declared or _machine(k))}
        names: set[str] = set()
        lost: set[str] = set()
        for column in asked:
            by_row = column.sensitivity_from
            kind = str(row.get(by_row) or UNDECLARED) if by_row else column.sensitivity
            if not viewer.sees(kind, ontology) and row.get(column.name) is not None:
                shown[column.name] = _instead(row[column.name], kind, _role(column, row, ontology), names)
                if (
                    column.link
                    and not {*kind.split()} <= {PERSON, MEMBERS}
                    and _named(row.get(column.link[1]), viewer, ontology)
                ):
                    # the page of it would tell what this cell may not
                    lost.add(column.link[1])
        shown |= dict.fromkeys(lost)
        hidden.update(names)
        return _scrub_row(shown, names)

    rows = tuple(redact(row) for row in answer.rows)
    graph = answer.graph and _graph(answer.graph, viewer, ontology, hidden)
    # an answer about a person names them in its title, and may in any of its texts
    about = {name for name in hidden if len(name) > 1 and name in answer.title}
    if about:
        rows = tuple(_scrub_row(row, about) for row in rows)
    return replace(
        answer,
        columns=columns,
        rows=rows,
        graph=graph,
        title=_scrub(answer.title, hidden),
        notes=tuple(_scrub(note, hidden) for note in answer.notes),
        parameters={k: _scrub(v, about) if isinstance(v, str) else v for k, v in answer.parameters.items()},
    )


def _machine(key: str) -> bool:
    """Whether a key beside the columns holds a word of the system, which names no one; any other is left out."""
    return key in ("id", "rule", "severity") or key.endswith(("_id", "_type"))


def _instead(value: Any, kind: str, role: str, hidden: set[str]) -> str:
    """What stands where `value` may not; a person's name is remembered, to be taken out of the texts too."""
    if kind == MEMBERS:
        try:
            return band(float(value))
        except (TypeError, ValueError):
            return HIDDEN
    if kind != PERSON:
        # several classes: a text that quotes, which is no name of its own
        return HIDDEN
    hidden.update(str(v) for v in (value if isinstance(value, list | tuple) else [value]))
    return role or HIDDEN_NAME


def _role(column: Column, row: Mapping[str, Any], ontology: Ontology) -> str:
    """“指导员 3f2a” for a cell that leads to an officer: told apart, not named."""
    return _called(row.get(column.link[1]), ontology) if column.link else ""


def _named(entity: Any, viewer: Viewer, ontology: Ontology) -> bool:
    """Whether the page of an entity tells this viewer its name."""
    kind = _type(entity, ontology)
    return kind is not None and not kind.system and viewer.sees(kind.called.sensitivity, ontology)


def _type(entity: Any, ontology: Ontology) -> NodeType | None:
    """The type of an entity, None for what is no id."""
    return ontology.nodes.get(ontology.type_of(entity)) if isinstance(entity, str) else None


def _called(entity: Any, ontology: Ontology) -> str:
    """The label of an entity's type and the end of its id."""
    kind = _type(entity, ontology)
    return f"{kind.label} {entity[-4:]}" if kind else ""


def _graph(graph: Subgraph, viewer: Viewer, ontology: Ontology, hidden: set[str]) -> Subgraph:
    def redact(node: Node) -> Node:
        label, kind = node.label, ontology.nodes.get(node.type)
        named = kind.properties["name"].sensitivity if kind and "name" in kind.properties else OPEN
        sensitivity = node.sensitivity if node.sensitivity != OPEN else named
        if not viewer.sees(sensitivity, ontology):
            label = _instead(label, sensitivity, _called(node.id, ontology), hidden)
        facts = tuple(
            (fact, value if value is None or viewer.sees(of, ontology) else _instead(value, of, "", hidden), of)
            for fact, value, of in node.facts
        )
        return replace(node, label=label, facts=facts)

    return replace(graph, nodes=tuple(redact(node) for node in graph.nodes))


def _scrub(text: str, names: set[str]) -> str:
    """`text` without these names; one of a single character is left, it would be found everywhere."""
    for name in sorted((n for n in names if len(n) > 1), key=len, reverse=True):
        text = text.replace(name, HIDDEN_NAME)
    return text


def _scrub_row(row: dict[str, Any], names: set[str]) -> dict[str, Any]:
    if not names:
        return row
    return {k: _scrub(v, names) if isinstance(v, str) and not _machine(k) else v for k, v in row.items()}
