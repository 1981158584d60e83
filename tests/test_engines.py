"""One sample on every engine: each question has the same answer, as a value."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from api.office import Office
from graph.questions import catalogue
from graph.questions.asking import Question
from graph.rules.book import book
from graph.stores.base import Store
from tests.places import CLERK, ENGINES, office

QUESTIONS = catalogue(book())
#: how many entities of a type each question that needs one is asked about
SUBJECTS = 2
#: when a load was done is not in the ledgers
OF_THE_CLOCK = {"loads": ("at",), "trends": ("at",)}
LATEST = "最近一次载入："
#: texts that the search is asked for: a name, a place, initials
SOUGHT = ("食品", "丁市", "sp")


@pytest.fixture(scope="module")
def embedded(sample_store: Store) -> Office:
    return office(sample_store)


@pytest.fixture(scope="module", params=ENGINES[1:], ids=str)
def other(request: pytest.FixtureRequest) -> Office:
    return office(request.getfixturevalue(request.param.sample))


def asked(question: Question, embedded: Office) -> list[dict[str, str]]:
    """How a question is asked: of all, of a place and sorted; of some entities where it needs one or two."""
    required = [p for p in question.parameters if p.required]
    if question.name == "search":
        return [{required[0].name: text} for text in SOUGHT]
    if question.name == "path":
        with embedded.store.reader() as reader:
            ends = [
                reader.query(f"MATCH (n:{kind}) WHERE n.listed RETURN max(n.id) AS id")["id"][0].as_py()
                for kind in ("Unit", "PartyOrg")
            ]
        return [dict(zip((p.name for p in required), ends, strict=True))]
    if not required:
        columns = embedded.answer(question.name, {}, CLERK).columns
        return [{}, {"region": "丁市", "sort": f"-{columns[0].name}"}]
    (parameter,) = required
    with embedded.store.reader() as reader:
        found = reader.query(
            f"MATCH (n:{parameter.entity}) WHERE n.listed RETURN n.id AS id ORDER BY id LIMIT {SUBJECTS}"
        )
    return [{parameter.name: id_} for id_ in found["id"].to_pylist()]


def value(office: Office, name: str, given: dict[str, str]) -> dict[str, Any]:
    answer = dataclasses.asdict(office.answer(name, given, CLERK))
    answer["notes"] = [note for note in answer["notes"] if not note.startswith(LATEST)]
    for column in OF_THE_CLOCK.get(name, ()):
        for row in answer["rows"]:
            assert row.pop(column)
    return answer


@pytest.mark.parametrize("name", QUESTIONS)
def test_answers_are_equal(name: str, embedded: Office, other: Office) -> None:
    ways = asked(QUESTIONS[name], embedded)
    assert ways
    for given in ways:
        assert value(other, name, given) == value(embedded, name, given), given
