"""Models of what the service answers, made from the ontology and the answers; only OpenAPI needs them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from types import GenericAlias
from typing import Any

from pydantic import BaseModel, Field, create_model

from graph.answers import Answer, Column
from graph.ontology import Ontology

TYPES: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": float,
    "percent": float,
    "money": int,
    "date": dt.date,
    "boolean": bool,
    "strings": list[str],
}


class ColumnModel(BaseModel):
    """One typed column."""

    name: str
    label: str
    type: str
    unit: str


class TotalModel(BaseModel):
    """A figure; a rate carries its numerator and its named denominator."""

    name: str
    label: str
    value: float | None
    numerator: int | None
    denominator: int | None
    denominator_label: str


class FactModel(BaseModel):
    """A labelled fact of a node."""

    label: str
    value: Any


class NodeModel(BaseModel):
    """A node of the answer's subgraph."""

    id: str
    type: str
    label: str
    mark: str
    state: str
    x: float | None
    y: float | None
    facts: list[FactModel]


class EdgeModel(BaseModel):
    """An edge of the answer's subgraph."""

    source: str
    target: str
    type: str
    label: str
    weight: int


class GraphModel(BaseModel):
    """The part of the graph an answer is about."""

    nodes: list[NodeModel]
    edges: list[EdgeModel]
    left_out: int


class AnswerModel(BaseModel):
    """What every answer has; `rows` are typed by each question."""

    name: str
    title: str
    as_of: dt.date
    revision: int
    basis: list[str]
    parameters: dict[str, Any]
    columns: list[ColumnModel]
    rows: list[dict[str, Any]]
    totals: list[TotalModel]
    cypher: list[str]
    notes: list[str]
    of_rows: int | None = None
    graph: GraphModel | None = None


class ProblemModel(BaseModel):
    """Why a request was not answered (RFC 9457); `number` finds it in the log."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    number: str


class HealthModel(BaseModel):
    """The service is up and its store can be read."""

    status: str
    revision: int


def answer_model(answer: Answer) -> type[BaseModel]:
    """The model of one question's answer, its rows typed by its columns; any cell may be blank."""
    cells: dict[str, Any] = {c.name: _cell(c) for c in answer.columns}
    row = create_model(f"{_camel(answer.name)}Row", **cells)
    rows: Any = GenericAlias(list, row)
    return create_model(f"{_camel(answer.name)}Answer", __base__=AnswerModel, rows=(rows, ...))


def entity_models(ontology: Ontology) -> Iterable[type[BaseModel]]:
    """A model of each type of the ontology: what is kept of it, in its types and units."""
    for kind in ontology.entities:
        fields: dict[str, Any] = {"id": (str, Field(description="编号"))}
        for p in kind.properties.values():
            about = f"{p.label}（{p.unit}）" if p.unit else p.label
            fields[p.name] = (TYPES[p.type] | None, Field(default=None, description=about))
        yield create_model(kind.name, __doc__=kind.label, **fields)


def _cell(column: Column) -> Any:
    kind = Any if column.sensitivity_from else TYPES[column.type] | None
    label = f"{column.label}（{column.unit}）" if column.unit else column.label
    return (kind, Field(default=None, description=label))


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
