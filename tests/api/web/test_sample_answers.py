"""Every question and profile of the sample: what is sent is what the models say, and names leave for no one else."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from api.office import Office, open_office
from api.viewer import Viewer, leave
from api.web import models
from graph.answers import Answer, Node, Subgraph
from graph.privacy import HIDDEN
from graph.questions.entity.subjects import PROFILES
from graph.stores.ladybug.store import EmbeddedStore
from loaders.sample import REFERENCE_DATE
from visualizations.html.markup import Site
from visualizations.network import picture
from visualizations.pages import page
from visualizations.sheets import writing

NOBODY = Viewer("路人")
CLERK = Viewer("经办人", (), frozenset({"person", "members", "case"}))
#: who is asked about, of a type whose first would tell little
TELLING = {
    "Unit": "MATCH (:PartyOrg)-[:COVERS]->(n:Unit)<-[:GUIDES]-(:GuidanceOfficer)",
    "Region": "MATCH (:ListItem)-[:LOCATED_IN]->(n:Region)",
}

Asked = tuple[str, Mapping[str, str]]


@pytest.fixture(scope="module")
def office(sample_store: EmbeddedStore) -> Iterator[Office]:
    opened = open_office(str(sample_store.path), as_of=REFERENCE_DATE)
    with closing(opened.store):
        yield opened


@pytest.fixture(scope="module")
def asked(office: Office) -> list[Asked]:
    """Each question, about somebody where it must be, and walks from a person and from a 诉求."""

    def first(node_type: str) -> str:
        with office.store.reader() as reader:
            found = reader.query(f"{TELLING.get(node_type, f'MATCH (n:{node_type})')} RETURN min(n.id) AS id")
        return str(found["id"][0].as_py())

    ids = {name: first(node_type) for name, node_type, _ in PROFILES}
    given = {"search": {"q": "食品"}, "path": {"from": ids["unit"], "to": ids["org"]}, "why": {"unit": ids["unit"]}}
    given |= {name: {name: id_} for name, id_ in ids.items()}
    walks = [("explore", {"node": first(kind)}) for kind in ("ListItem", "GuidanceOfficer")]
    return [*((name, given.get(name, {})) for name in office.questions), *walks, ("remedy", {"unit": ids["unit"]})]


@pytest.fixture(scope="module")
def secrets(office: Office) -> dict[str, set[str]]:
    """The texts of the sample that the ontology calls the name of a person, and those of cases, by class."""
    found: dict[str, set[str]] = {"person": set(), "case": set()}
    with office.store.reader() as reader:
        for kind in office.ontology.entities:
            for prop in kind.properties.values():
                if prop.sensitivity in found and prop.type == "string":
                    told = reader.query(f"MATCH (n:{kind.name}) RETURN DISTINCT n.{prop.name} AS v ORDER BY v")
                    found[prop.sensitivity].update(filter(None, told["v"].to_pylist()))
    assert len(found["person"]) > 1000
    assert len(found["case"]) > 20
    return found


def renderings(answer: Answer, office: Office) -> dict[str, str]:
    """The answer in every form in which it leaves."""
    stream = io.BytesIO()
    writing.write(writing.answer_workbook(answer), stream)
    with zipfile.ZipFile(stream) as book:
        xlsx = "".join(book.read(name).decode("utf-8") for name in book.namelist())
    made = {
        "json": json.dumps(answer.to_json(), ensure_ascii=False),
        "csv": writing.answer_csv(answer).decode("utf-8-sig"),
        "xlsx": xlsx,
        "page": page.page(answer, Site((), f"/answers/{answer.name}", "n"), office.ontology),
        "html": page.single_file(answer, office.ontology),
    }
    return made | ({"svg": picture.svg(answer, office.ontology)} if answer.graph and answer.graph.nodes else {})


def quoted(text: str, wanted: set[str]) -> set[str]:
    """Those of the wanted texts that stand in a text."""
    found: set[str] = set()
    for length in {len(w) for w in wanted}:
        found |= {text[i : i + length] for i in range(len(text) - length + 1)} & wanted
    return found


def test_names_and_cases_leave_in_no_form_for_who_may_not_see_them(
    office: Office, asked: list[Asked], secrets: dict[str, set[str]]
) -> None:
    both = secrets["person"] | secrets["case"]
    for name, given in asked:
        for form, text in renderings(office.answer(name, given, NOBODY), office).items():
            assert quoted(text, both) == set(), (name, given, form)


def test_who_may_see_them_does(office: Office, asked: list[Asked], secrets: dict[str, set[str]]) -> None:
    seen = ""
    for name, given in asked:
        if name in ("explore", "officer", "region", "reviews"):
            seen += json.dumps(office.answer(name, given, CLERK).to_json(), ensure_ascii=False)
    assert quoted(seen, secrets["person"])
    assert quoted(seen, secrets["case"])


def test_a_case_is_hidden_even_if_its_question_did_not_say_so(office: Office) -> None:
    item = Node("i00003f2a", "ListItem", "厂区道路照明", (("进展", "办理中", "open"),))
    answer = Answer(
        "x", "图谱：厂区道路照明", REFERENCE_DATE, 1, (), (), notes=("厂区道路照明等",), graph=Subgraph((item,))
    )
    seen = leave(answer, NOBODY, office.ontology)
    assert seen.graph is not None
    assert (seen.graph.nodes[0].label, seen.title, seen.notes) == (HIDDEN, f"图谱：{HIDDEN}", (f"{HIDDEN}等",))
    assert leave(answer, Viewer("x", (), frozenset({"case"})), office.ontology) == answer


def keys(sent: Any, model: Any, path: str = "") -> Iterator[str]:
    """Where the keys that are sent and those of the model are not the same."""
    parts = [a for a in (model, *get_args(model)) if isinstance(a, type) and issubclass(a, BaseModel)]
    if isinstance(sent, list):
        for one in sent:
            yield from keys(one, parts[0] if parts else None, path)
    elif isinstance(sent, dict) and parts:
        fields = parts[0].model_fields
        needed = {name for name, field in fields.items() if field.is_required()}
        yield from (f"{path}/{key} is not in the model" for key in sent.keys() - fields.keys())
        yield from (f"{path}/{key} is not sent" for key in needed - sent.keys())
        for key, value in sent.items():
            # a row may hold more than its columns: ids, and what no table shows
            if key in fields and key != "rows":
                yield from keys(value, fields[key].annotation, f"{path}/{key}")


def test_what_is_sent_is_what_the_models_say(office: Office, asked: list[Asked]) -> None:
    seen = set()
    for name, given in asked:
        answer = office.answer(name, given, CLERK)
        sent = answer.to_json()
        assert sorted(set(keys(sent, models.answer_model(answer)))) == [], name
        seen |= sent.keys()
        assert all(row.keys() >= {c.name for c in answer.columns} for row in sent["rows"][:5]), name
    assert seen >= models.AnswerModel.model_fields.keys() - {"of_rows"}
    paged = office.page("gaps", {"size": "5"}, CLERK).to_json()
    assert paged["of_rows"] > 5
    assert list(keys(paged, models.AnswerModel)) == []
    assert any(
        "facets/choices" in wrong for wrong in keys({**paged, "facets": [{"choices": [{}]}]}, models.AnswerModel)
    )
