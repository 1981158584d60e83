"""The answer to a question as plain frozen data, which pages, spreadsheets and reports render.

Nothing here knows an engine, a file format or a web framework.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal

from graph.privacy import OPEN

if TYPE_CHECKING:
    import networkx as nx

Value = str | int | float | bool | dt.date | None | list[str]
ColumnType = Literal["string", "integer", "number", "percent", "money", "date", "boolean", "strings"]
#: which of the two coverages (组织覆盖, 工作覆盖) a figure is about
Aspect = Literal["", "organization", "work"]
#: what a figure is: the share of a base that is covered, one of the states that a base is divided into (they add up to
#: it), or what lies outside every base
TotalRole = Literal["", "coverage", "state", "outside"]
#: what a column holds: the share of a base that is covered, the code of a severity, or what a person decides
ColumnRole = Literal["", "coverage", "severity", "decision"]
#: how a page shows an answer: as a list, as the profile of one entity, or as a drawing with its list beneath
Layout = Literal["list", "profile", "drawing"]
#: the section of a profile in which a row stands; a row without one stands in the section headed by its `group`
Section = Literal["problems", "coverage", "reviews", "sources", ""]
#: the name of a question and the parameters to ask it with, as a page links to it
QuestionLink = tuple[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class Column:
    """One typed column of an answer.

    A count may name the question whose rows it counts (`listed`), asked for the division that the row is about.
    `type` percent holds a fraction 0–1, money whole 元. `sensitivity` names a class of the ontology, or several
    joined by a space: a viewer needs all of them.
    `sensitivity_from` names another field of the same row that gives the class row by row. `link` is
    (type of entity, field of the row that holds its id): the cell leads to that entity's own answer, or with
    `explore` as the type to the network around it, with `remedy` to who could mend the row's problem. In a column with
    `steps`, the words of a cell are the steps of the node whose id the row holds. Columns of one `group`
    (非公企业, 已建党组织) stand together under that heading, each as its `short` label. `base` is the 口径 that it
    counts, `aspect` the coverage it is about, `level` the severity whose problems it counts. `blank_from` names another
    field of the same row, which says in words why the cell is blank.
    """

    name: str
    label: str
    type: ColumnType = "string"
    unit: str = ""
    sensitivity: str = OPEN
    sensitivity_from: str = ""
    link: tuple[str, str] | None = None
    listed: QuestionLink | None = None
    steps: bool = False
    group: str = ""
    short: str = ""
    base: str = ""
    aspect: Aspect = ""
    role: ColumnRole = ""
    level: str = ""
    blank_from: str = ""


@dataclass(frozen=True, slots=True)
class Total:
    """A figure. A rate is a fraction 0–1 and always carries numerator, denominator and its name.

    `listed` is the question whose rows it counts. `group` says whose figure it is (非公企业), `aspect` which coverage it
    is about, `state` the state that it counts (应建未建, 换届). `blank` says in words why there is no value.
    """

    name: str
    label: str
    value: int | float | None
    unit: str = ""
    numerator: int | None = None
    denominator: int | None = None
    denominator_label: str = ""
    listed: QuestionLink | None = None
    group: str = ""
    aspect: Aspect = ""
    state: str = ""
    role: TotalRole = ""
    blank: str = ""

    def __post_init__(self) -> None:
        if self.numerator is not None and (self.denominator is None or self.numerator > self.denominator):
            raise ValueError(f"{self.name}: the numerator is not a subset of a named denominator")


def rate(
    name: str,
    label: str,
    numerator: int,
    denominator: int,
    denominator_label: str,
    listed: QuestionLink | None = None,
    unverified: int = 0,
    **more: Any,
) -> Total:
    """A rate with its parts. `more` are fields of Total.

    Its value is None, never 0 or 1, over an empty denominator, and where all of it is `unverified`.
    """
    value, blank = _fraction(numerator, denominator, unverified)
    return Total(name, label, value, "", numerator, denominator, denominator_label, listed, blank=blank, **more)


def share(name: str, numerator: int, denominator: int, unverified: int) -> dict[str, Value]:
    """The fields of a row for a column of the same figure as a `rate`, and for the `blank_from` of the column."""
    value, blank = _fraction(numerator, denominator, unverified)
    return {name: value, blank_of(name): blank}


def blank_of(name: str) -> str:
    """The field that says why a share is blank."""
    return f"{name}_blank"


def _fraction(numerator: int, denominator: int, unverified: int) -> tuple[float | None, str]:
    if denominator and unverified == denominator:
        return None, f"无法计算（{unverified:,} 待核实）"
    return (numerator / denominator if denominator else None), ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a facet, how many rows have it, and whether it is the one chosen."""

    value: str
    label: str
    count: int
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Facet:
    """A way to narrow a list: the parameter that does it, and its choices, the most frequent first."""

    parameter: str
    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter that a reader may set: its label, and its (value, label) choices where only those are possible.

    With `several`, any number of choices may be taken. `value` is the current value in words, '' to show it as written.
    """

    parameter: str
    label: str
    choices: tuple[tuple[str, str], ...] = ()
    several: bool = False
    value: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A link from a node: its words and the question that it asks.

    `kind` says whether it opens more of the same picture, closes what was opened, or leads to another page.
    """

    label: str
    question: QuestionLink
    kind: Literal["open", "back", "lead"] = "lead"


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of an answer that are submitted as a form of their own: those whose `column` holds `value`.

    `columns` are those of the form. `above` are the lines over its heading, `below` those under its rows.
    """

    title: str
    column: str
    value: str
    columns: tuple[str, ...]
    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """A node of a subgraph. `facts` are (label, value, sensitivity) shown on a click, in order.

    `sensitivity` is that of the label itself (a person's name); `x`, `y` a layout computed in advance;
    `mark` an optional highlight such as 应建未建; `state` what its colour shows where the subgraph has `states`;
    `size` is 1 where nothing is measured.
    """

    id: str
    type: str
    label: str
    facts: tuple[tuple[str, Value, str], ...] = ()
    sensitivity: str = OPEN
    mark: str = ""
    size: float = 1.0
    x: float | None = None
    y: float | None = None
    state: str = ""
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Edge:
    """An edge of a subgraph between two node ids; `label` is its word (覆盖, 联系指导).

    `weight` is the number of relations that it stands for.
    """

    source: str
    target: str
    type: str
    label: str
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Subgraph:
    """The part of the graph an answer is about. `left_out` says how many nodes were not shown.

    `states` is what colours show (组织覆盖; '': only the type), `measure` what sizes show, and `sizes` their legend as
    (words, size).
    """

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    left_out: int = 0
    states: str = ""
    measure: str = ""
    sizes: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to one question; every page, file and report is a rendering of it.

    `rows` have one key for each column and may hold more: ids for links, and those of BESIDE. `basis` names the articles or
    formulas the answer rests on. `cypher` holds the queries that the store answered. `of_rows` is the number of rows
    before paging (None: not paged). `facets` are the ways in which a list can be narrowed, `fields` what a reader
    may set, `steps` where to go on from here, `unchosen` the columns that were not asked for, `prepared_by` the 制表单位,
    `parts` the forms that its rows make up, `within` the names of the division and the chain asked about, by parameter.
    """

    name: str
    title: str
    as_of: dt.date
    revision: int
    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, Any], ...]
    totals: tuple[Total, ...] = ()
    basis: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    cypher: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    graph: Subgraph | None = None
    of_rows: int | None = None
    facets: tuple[Facet, ...] = ()
    fields: tuple[Field, ...] = ()
    steps: tuple[Step, ...] = ()
    unchosen: tuple[Column, ...] = ()
    prepared_by: str = ""
    layout: Layout = "list"
    parts: tuple[Part, ...] = ()
    within: Mapping[str, str] = field(default_factory=dict)

    def total(self, name: str) -> Total:
        """The total called `name`; KeyError if the answer has none."""
        for total in self.totals:
            if total.name == name:
                return total
        raise KeyError(name)

    def to_networkx(self) -> nx.MultiDiGraph[str]:
        """The subgraph as a networkx graph, edges keyed by their type; empty where the answer has none."""
        # a command starts faster without networkx
        import networkx as nx

        graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
        for node in self.graph.nodes if self.graph else ():
            graph.add_node(node.id, type=node.type, label=node.label)
        for edge in self.graph.edges if self.graph else ():
            graph.add_edge(edge.source, edge.target, key=edge.type, label=edge.label)
        return graph

    def to_json(self) -> dict[str, Any]:
        """The JSON form; dates are ISO strings. Facets, graph and `of_rows` are left out where the answer has none."""
        body: dict[str, Any] = _sent(self)
        for name in OPTIONAL:
            if body[name] in (None, []):
                del body[name]
        return body


#: the fields of each part of an answer that leave as JSON, in their order
SENT: Mapping[type, tuple[str, ...]] = {
    Answer: (
        "name", "title", "as_of", "revision", "basis", "parameters", "columns", "rows", "totals", "cypher", "notes",
        "facets", "of_rows", "graph",
    ),
    Column: ("name", "label", "type", "unit", "group", "base", "aspect", "role", "level"),
    Total: (
        "name", "label", "value", "unit", "numerator", "denominator", "denominator_label", "group", "aspect", "state",
        "role",
    ),
    Facet: ("parameter", "label", "choices"),
    Choice: ("value", "label", "count", "chosen"),
    Subgraph: ("nodes", "edges", "left_out"),
    Node: ("id", "type", "label", "mark", "state", "x", "y", "facts"),
    Edge: ("source", "target", "type", "label", "weight"),
}  # fmt: skip
#: the fields of an answer that are left out of its JSON where it has none
OPTIONAL = ("facets", "of_rows", "graph")


def _sent(part: Any) -> Any:
    """A part of an answer as JSON: the fields that are sent of it; of a node's facts all but their sensitivity."""
    if isinstance(part, Node):
        facts = [{"label": label, "value": plain(value)} for label, value, _ in part.facts]
        return {name: plain(getattr(part, name)) for name in SENT[Node] if name != "facts"} | {"facts": facts}
    if type(part) in SENT:
        return {name: _sent(getattr(part, name)) for name in SENT[type(part)]}
    return [_sent(one) for one in part] if isinstance(part, tuple) else plain(part)


@dataclass(frozen=True, slots=True)
class Term:
    """A word and its meaning; for a rule or base also its basis, its parameters in force and its remedy.

    `labels` are further ways in which pages write it; `question` is the one that lists what it names.
    """

    name: str
    text: str
    labels: tuple[str, ...] = ()
    basis: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    remedy: str = ""
    severity: str = ""
    question: str = ""


#: terms under the headings of the help page, in its order
Glossary = Mapping[str, tuple[Term, ...]]


@dataclass(frozen=True, slots=True)
class Finding:
    """One subject that a rule reports, with the facts that its query compared, in the order of the query.

    `severity` is the one in force where the subject lies.
    """

    rule: str
    subject: str
    facts: Mapping[str, Value]
    severity: str = ""


def plain(value: Any) -> Any:
    """A value in the types JSON has: dates as ISO text, tuples as lists, dataclasses as mappings."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, Sequence):
        return [plain(v) for v in value]
    return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
