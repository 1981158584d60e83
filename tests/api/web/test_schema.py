"""The OpenAPI document says what answers are: every answer of every question is of its schema, cell by cell."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

import jsonschema_rs
import pytest

from api.office import Office
from api.web.openapi import document
from graph.questions.asking import Question
from tests.api.client import Client
from tests.api.county import NAMELESS
from tests.api.town import Town

#: entities asked about, at most, of each type
FEW = 1


def _asked(office: Office, question: Question) -> Iterator[dict[str, str]]:
    """Parameters to ask a question with: none, each value that is declared, or some entities of each type that it takes."""
    required = [p for p in question.parameters if p.required]
    entities = [p for p in question.parameters if p.entity]
    if not required:
        yield {}
    for parameter in question.parameters:
        for value in [*(parameter.offered(office) or ())][:FEW] if len(required) <= 1 else ():
            if not required or required == [parameter]:
                yield {parameter.name: value}
    if {p.name for p in required} <= {p.name for p in entities}:
        with office.reader() as reader:
            for parameter in required or entities:
                query = f"MATCH (n:{parameter.entity}) RETURN n.id AS id ORDER BY id LIMIT {FEW}"
                for id_ in reader.query(query)["id"].to_pylist():
                    yield {p.name: id_ for p in required} | {parameter.name: id_}


@pytest.mark.parametrize("which", ["county", "town"])
def test_every_answer_is_as_the_document_says(which: str, office: Office, client: Client, loaded: Town) -> None:
    if which == "town":
        office, client = loaded.office, loaded.client
    described = document(office, NAMELESS, "0")
    schemas = described["components"]["schemas"]
    answers = 0
    wrong: list[str] = []
    for name, question in office.questions.items():
        operation = described["paths"][f"/answers/{name}.json"]["get"]
        reference = operation["responses"]["200"]["content"]["application/json"]["schema"]
        validator = jsonschema_rs.validator_for({**reference, "components": {"schemas": schemas}})
        for parameters in _asked(office, question):
            got = client.get(f"/answers/{name}.json?{urlencode(parameters)}")
            if got.status_code != 200:
                assert got.status_code in (400, 404), (name, parameters, got.text)
                continue
            answers += 1
            wrong += [
                f"{name} {parameters} {e.instance_path}: {e.message}"[:300] for e in validator.iter_errors(got.json())
            ]
    assert not wrong, "\n".join(wrong[:40])
    assert answers > len(office.questions)
