"""The OpenAPI document: every question with its parameters, its formats and the model of its answer."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api.office import Office
from api.viewer import Viewer
from api.web import models
from graph.errors import LiangxinError
from graph.parameters import COMMON, Parameter
from graph.questions.asking import Question

REF = "#/components/schemas/{model}"
#: the suffixes of an answer: media type and purpose
FORMATS = {
    ".json": ("application/json", "数据"),
    ".csv": ("text/csv", "表格，WPS 可直接打开"),
    ".xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "工作簿"),
    ".html": ("text/html", "单个文件的页面，可离线打开"),
}


def document(office: Office, viewer: Viewer, version: str) -> dict[str, Any]:
    """The document of this service; asks each question once to learn the columns of its answer."""
    paths: dict[str, Any] = {}
    used: list[type[BaseModel]] = [models.ProblemModel, models.HealthModel, *models.entity_models(office.ontology)]
    for question in office.questions.values():
        model = _model(office, viewer, question)
        used.append(model)
        for suffix, (media, _) in FORMATS.items():
            paths[f"/answers/{question.name}{suffix}"] = {"get": _operation(question, suffix, media, model, office)}
    paths["/healthz"] = {
        "get": {
            "summary": "服务和图库是否可用",
            "operationId": "healthz",
            "tags": ["服务"],
            "responses": {
                "200": _content("可用", "application/json", models.HealthModel),
                "503": _problem("图库不可用"),
            },
        }
    }
    _, schema = models_json_schema([(m, "serialization") for m in dict.fromkeys(used)], ref_template=REF)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "两新党建图谱",
            "version": version,
            "description": "台账变成图，回答条条有依据。这里所列都是只读的。",
        },
        "paths": paths,
        "components": {"schemas": schema.get("$defs", {})},
    }


def _model(office: Office, viewer: Viewer, question: Question) -> type[BaseModel]:
    if any(p.required for p in question.parameters):
        return models.AnswerModel
    try:
        return models.answer_model(office.answer(question.name, {}, viewer))
    except LiangxinError:
        return models.AnswerModel


def _operation(question: Question, suffix: str, media: str, model: type[BaseModel], office: Office) -> dict[str, Any]:
    return {
        "summary": question.title,
        "description": question.help,
        "operationId": f"{question.name}_{suffix.lstrip('.')}",
        "tags": ["规则" if question.name in office.book.rules else "问题"],
        "parameters": [_parameter(p, office) for p in (*question.parameters, *COMMON)],
        "responses": {
            "200": _content(FORMATS[suffix][1], media, model if suffix == ".json" else None),
            "400": _problem("参数不能用"),
            "404": _problem("没有这个对象"),
            "503": _problem("图库不可用"),
        },
    }


def _parameter(parameter: Parameter, office: Office) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    offered = parameter.offered(office)
    if offered and not parameter.recorded:
        schema["enum"] = list(offered)
    elif parameter.bounds:
        schema = {"type": "integer", "minimum": parameter.bounds[0], "maximum": parameter.bounds[1]}
    elif parameter.name in ("page", "size"):
        schema = {"type": "integer", "minimum": 1}
    elif parameter.name == "as_of":
        schema["format"] = "date"
    if parameter.default:
        schema["default"] = int(parameter.default) if parameter.bounds else parameter.default
    listed: dict[str, Any] = {}
    if parameter.several:
        schema = {"type": "array", "items": schema}
        # one value with commas, as in every link of the pages
        listed = {"style": "form", "explode": False}
    about = f"{parameter.label}：编号、代码或唯一的名称" if parameter.entity else parameter.label
    return {
        "name": parameter.name,
        "in": "query",
        "required": parameter.required,
        "description": about,
        "schema": schema,
        **listed,
    }


def _content(about: str, media: str, model: type[BaseModel] | None) -> dict[str, Any]:
    schema = {"$ref": REF.format(model=model.__name__)} if model else {"type": "string"}
    return {"description": about, "content": {media: {"schema": schema}}}


def _problem(about: str) -> dict[str, Any]:
    return _content(about, "application/problem+json", models.ProblemModel)
