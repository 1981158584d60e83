"""Pydantic models of responses, made from the ontology and the answers, for the OpenAPI document."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from types import GenericAlias
from typing import Any, get_type_hints

from pydantic import BaseModel, Field, create_model

from graph.answers import OPTIONAL, SENT, Answer, Choice, Column, Edge, Facet, Node, Subgraph, Total
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


def _list(of: Any) -> Any:
    return GenericAlias(list, of)


class FactModel(BaseModel):
    """A labelled fact of a node."""

    label: str
    value: Any


def _of(part: type, name: str, **parts: Any) -> type[BaseModel]:
    """The model of a part of an answer: the fields that are sent, with their types, except those in `parts`."""
    hints = get_type_hints(part)
    fields: dict[str, Any] = {
        field: (parts.get(field, hints[field]), None)
        if field in OPTIONAL and part is Answer
        else parts.get(field, hints[field])
        for field in SENT[part]
    }
    return create_model(name, __doc__=(part.__doc__ or "").partition("\n")[0], **fields)


ColumnModel = _of(Column, "ColumnModel")
TotalModel = _of(Total, "TotalModel")
FacetModel = _of(Facet, "FacetModel", choices=_list(_of(Choice, "ChoiceModel")))
GraphModel = _of(
    Subgraph,
    "GraphModel",
    nodes=_list(_of(Node, "NodeModel", facts=list[FactModel])),
    edges=_list(_of(Edge, "EdgeModel")),
)
#: the fields of every answer; each question types its own `rows`
AnswerModel = _of(
    Answer,
    "AnswerModel",
    basis=list[str],
    parameters=dict[str, Any],
    columns=_list(ColumnModel),
    rows=list[dict[str, Any]],
    totals=_list(TotalModel),
    cypher=list[str],
    notes=list[str],
    facets=_list(FacetModel),
    graph=GraphModel | None,
)


class ProblemModel(BaseModel):
    """Why a request failed (RFC 9457); `number` identifies it in the log."""

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
    return create_model(f"{_camel(answer.name)}Answer", __base__=AnswerModel, rows=_list(row))


def entity_models(ontology: Ontology) -> Iterable[type[BaseModel]]:
    """A model of each type of the ontology, with its properties, types and units."""
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
