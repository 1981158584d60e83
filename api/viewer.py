"""The viewer of an answer, and its redaction: the one place where answers are redacted, for every format."""

from __future__ import annotations

import getpass
from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from api.settings import ViewerSettings
from graph.answers import Answer, Node, Subgraph
from graph.ontology import NodeType, Ontology
from graph.personal import cleaned
from graph.privacy import BESIDE, HIDDEN, HIDDEN_NAME, MEMBERS, OPEN, PERSON, PROTECTED, UNDECLARED, band, classes


@dataclass(frozen=True, slots=True)
class Viewer:
    """Someone who asks: `regions` are the codes or names of the divisions they may see (empty: all).

    `clearance` are the classes of sensitivity they may see; the open class needs none.
    """

    name: str
    regions: tuple[str, ...] = ()
    clearance: frozenset[str] = frozenset()

    def sees(self, sensitivity: str, ontology: Ontology) -> bool:
        """Whether values of all these classes (separated by spaces) are shown; an undeclared class is hidden."""
        required = sensitivity.split()
        return bool(required) and all(
            c == OPEN or (c in self.clearance and c in ontology.sensitivities) for c in required
        )

    @property
    def protected(self) -> frozenset[str]:
        """The classes of which this viewer may not even learn that there is something."""
        return PROTECTED - self.clearance

    def without_names(self) -> Viewer:
        """The same viewer without clearance for names, for a file that is handed on."""
        return replace(self, clearance=self.clearance - {PERSON, "phone", "case"})


def of_command_line() -> Viewer:
    """The user of the operating system, who has the ledgers and may see the names in them."""
    return Viewer(user_name(), (), frozenset({PERSON, MEMBERS, "case"}))


def of_server(settings: ViewerSettings, user: str) -> Viewer:
    """The viewer of the pages until accounts exist; called `user` where the settings give no name."""
    return Viewer(settings.name or user, tuple(settings.regions), frozenset(settings.clearance))


def user_name() -> str:
    """The name of the user of the operating system; 未知用户 for an account without a name."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "未知用户"


def leave(answer: Answer, viewer: Viewer, ontology: Ontology, inside: Container[str] | None = None) -> Answer:
    """`answer` as `viewer` may see it: columns, values beside the columns, graph and texts are redacted.

    `inside` are the ids of what lies in the divisions of a limited viewer: other things are named, without facts and
    without a link.
    """
    if inside is not None:
        answer = _inside(answer, ontology, inside)
    hidden: dict[str, str] = {}
    changed = {c.name for c in answer.columns if not c.sensitivity_from and not viewer.sees(c.sensitivity, ontology)}
    columns = tuple(replace(c, type="string", unit="") if c.name in changed else c for c in answer.columns)
    declared = (
        {c.name for c in columns}
        | {c.link[1] for c in columns if c.link}
        | {field for c in columns for field in (c.sensitivity_from, c.blank_from)}
    )
    sensitive = [c for c in columns if c.name in changed or c.sensitivity_from]

    def redact(row: Mapping[str, Any]) -> dict[str, Any]:
        shown = {c.name: row.get(c.name) for c in columns}
        shown |= {k: v for k, v in row.items() if k not in shown and (k in declared or _machine(k))}
        names: dict[str, str] = {}
        unlinked: set[str] = set()
        for column in sensitive:
            by_row = column.sensitivity_from
            classes_of_value = str(row.get(by_row) or UNDECLARED) if by_row else column.sensitivity
            if not viewer.sees(classes_of_value, ontology) and row.get(column.name) is not None:
                entity = row.get(column.link[1]) if column.link else None
                shown[column.name] = _instead(row[column.name], classes_of_value, entity, ontology, names)
                if (
                    column.link
                    and not {*classes_of_value.split()} <= {PERSON, MEMBERS}
                    and _named(row.get(column.link[1]), viewer, ontology)
                ):
                    # the linked page shows the name, which would reveal what this cell hides
                    unlinked.add(column.link[1])
        shown |= dict.fromkeys(unlinked)
        hidden.update(names)
        return _scrub_row(shown, names)

    rows = tuple(redact(row) for row in answer.rows)
    graph = answer.graph and _graph(answer.graph, viewer, ontology, hidden)
    # an answer about a person has the name in its title, and any of its texts may contain it
    about = {name: word for name, word in hidden.items() if len(name) > 1 and name in answer.title}
    if about:
        rows = tuple(_scrub_row(row, about) for row in rows)
    return _cleaned(
        replace(
            answer,
            columns=columns,
            rows=rows,
            graph=graph,
            title=_scrub(answer.title, hidden),
            notes=tuple(_scrub(note, hidden) for note in answer.notes),
            parameters={k: _scrub(v, about) if isinstance(v, str) else v for k, v in answer.parameters.items()},
        )
    )


_WITH_TEXTS = frozenset({str, list, tuple})


def _cleaned(answer: Answer) -> Answer:
    """`answer` without numbers of persons and deceiving characters, which a store of an older version may have."""
    nodes = answer.graph.nodes if answer.graph else ()
    texts = {answer.title, *answer.notes, *map(str, answer.parameters.values())}
    values = [v for v in chain.from_iterable(row.values() for row in answer.rows) if type(v) in _WITH_TEXTS]
    texts.update(value for value in values if type(value) is str)
    texts.update(str(one) for value in values if type(value) is not str for one in value)
    texts.update(str(value) for node in nodes for value in (node.label, *(fact[1] for fact in node.facts)))
    texts.update(choice.label for facet in answer.facets for choice in facet.choices)
    changed = cleaned(texts)
    if not changed:
        return answer

    def clean(value: Any) -> Any:
        if isinstance(value, list | tuple):
            return [clean(one) for one in value]
        return changed.get(value, value) if isinstance(value, str) else value

    graph = answer.graph and replace(
        answer.graph,
        nodes=tuple(
            replace(node, label=clean(node.label), facts=tuple((name, clean(v), of) for name, v, of in node.facts))
            for node in nodes
        ),
    )
    return replace(
        answer,
        title=clean(answer.title),
        notes=tuple(map(clean, answer.notes)),
        parameters={name: clean(value) for name, value in answer.parameters.items()},
        rows=tuple(
            {key: value if _machine(key) else clean(value) for key, value in row.items()} for row in answer.rows
        ),
        graph=graph,
        facets=tuple(
            replace(facet, choices=tuple(replace(one, label=clean(one.label)) for one in facet.choices))
            for facet in answer.facets
        ),
    )


def _inside(answer: Answer, ontology: Ontology, inside: Container[str]) -> Answer:
    """The answer in which what does not lie inside is only named."""
    links = {c.link[1] for c in answer.columns if c.link}

    def outside(value: Any) -> bool:
        kind = _type(value, ontology)
        return kind is not None and not kind.system and value not in inside

    def named(node: Node) -> Node:
        return replace(node, facts=(), mark="", state="") if outside(node.id) else node

    rows = tuple(
        {k: None if k in links and outside(value) else value for k, value in row.items()} for row in answer.rows
    )
    graph = answer.graph and replace(answer.graph, nodes=tuple(map(named, answer.graph.nodes)))
    return replace(answer, rows=rows, graph=graph)


def _machine(key: str) -> bool:
    """Whether a key beside the columns holds an id, a type or another word of the system; other keys are left out."""
    return key in BESIDE or key.endswith(("_id", "_type"))


def _instead(value: Any, kind: str, entity: Any, ontology: Ontology, hidden: dict[str, str]) -> str:
    """The text that replaces a hidden `value`; “指导员 3f2a” for the name of an officer, which tells officers apart.

    `kind` are the classes of the value, `entity` the id it belongs to, or ''. Names of persons and of entities are
    added to `hidden`, each with its replacement, because texts may contain them too.
    """
    if kind == MEMBERS:
        try:
            return band(float(value))
        except (TypeError, ValueError):
            return HIDDEN
    of = _type(entity, ontology)
    calls = of is not None and not of.system and of.called.sensitivity in kind.split()
    # a text of several classes quotes others, and is not a name, unless it is that of the entity
    if kind == PERSON or calls:
        word = HIDDEN_NAME if PERSON in kind.split() else HIDDEN
        hidden.update({str(v): word for v in (value if isinstance(value, list | tuple) else [value])})
    if kind != PERSON:
        return HIDDEN
    return _called(entity, ontology) or HIDDEN_NAME


def _named(entity: Any, viewer: Viewer, ontology: Ontology) -> bool:
    """Whether this viewer may see the name of an entity."""
    kind = _type(entity, ontology)
    return kind is not None and not kind.system and viewer.sees(kind.called.sensitivity, ontology)


def _type(entity: Any, ontology: Ontology) -> NodeType | None:
    """The type of an entity; None for a value that is not an id."""
    return ontology.nodes.get(ontology.type_of(entity)) if isinstance(entity, str) else None


def _called(entity: Any, ontology: Ontology) -> str:
    """The label of an entity's type and the end of its id; '' for a value that is not an id."""
    kind = _type(entity, ontology)
    return f"{kind.label} {entity[-4:]}" if kind else ""


def _graph(graph: Subgraph, viewer: Viewer, ontology: Ontology, hidden: dict[str, str]) -> Subgraph:
    def redact(node: Node) -> Node:
        label, kind = node.label, ontology.nodes.get(node.type)
        named = kind.called.sensitivity if kind and not kind.system else OPEN
        sensitivity = classes((node.sensitivity, named))
        if not viewer.sees(sensitivity, ontology):
            label = _instead(label, sensitivity, node.id, ontology, hidden)
        facts = tuple(
            (
                fact,
                value if value is None or viewer.sees(of, ontology) else _instead(value, of, "", ontology, hidden),
                of,
            )
            for fact, value, of in node.facts
        )
        return replace(node, label=label, facts=facts)

    return replace(graph, nodes=tuple(redact(node) for node in graph.nodes))


def _scrub(text: str, names: Mapping[str, str]) -> str:
    """`text` without these names; a name of one character is left, because it would match everywhere."""
    for name in sorted((n for n in names if len(n) > 1), key=len, reverse=True):
        text = text.replace(name, names[name])
    return text


def _scrub_row(row: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    def scrubbed(key: str, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return [_scrub(v, names) if isinstance(v, str) else v for v in value]
        return _scrub(value, names) if isinstance(value, str) and not _machine(key) else value

    return {k: scrubbed(k, v) for k, v in row.items()} if names else row
