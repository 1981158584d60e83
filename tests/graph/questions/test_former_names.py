"""An entity is found by a name that only a former row has stated; a name of today goes first, and two are asked about."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest

from graph.errors import QuestionError, UnknownError
from graph.locality import Locality
from graph.ontology import load as load_ontology
from graph.questions import catalogue
from graph.questions.asking import ask
from graph.rules.book import book
from graph.rules.inquiry import Inquiry
from graph.stores.base import Store
from tests.graph.questions.towns import AS_OF, two_towns


def test_a_name_of_a_former_row_finds_the_unit_of_today(module_store: Store) -> None:
    made = two_towns()
    stated = [
        ("今甲", "u1", "旧甲", 1),
        ("今乙", "u2", "旧乙", 1),
        ("今丙", "u3", "旧乙", 1),
        ("旧甲二", "u4", "撤销名", 2),
    ]
    rows = []
    for number, (now, unit, before, ended) in enumerate(stated):
        made.edge(made.node("Unit", unit, name=now), "LOCATED_IN", "r1" if number < 3 else "r2")
        values = json.dumps({"name": before, "address": "旧丁"}, ensure_ascii=False, separators=(",", ":"))
        row = {
            "id": f"t{number}",
            "entity": unit,
            "values": values,
            "ledger": "enterprises",
            "brought": 1,
            "ended": ended,
        }
        rows.append(row)
    with module_store.writer("测试", "建立") as writer:
        made.write(writer)
        writer.upsert("SourceRow", pa.Table.from_pylist(rows))
        # what a load stated that was taken back is no name of anything
        writer.upsert("Change", pa.table({"id": ["c1", "c2"], "number": [1, 2], "kind": ["load", "undo"]}))
    context = Inquiry(AS_OF, Locality(), load_ontology(), book=book())
    questions = catalogue(book())
    with module_store.reader() as reader:

        def found(name: str, *allowed: str) -> tuple[str, tuple[str, ...]]:
            answer = ask(questions, reader, context, "unit", {"unit": name}, allowed=allowed)
            return answer.title, tuple(note for note in answer.notes if "以前的名称" in note)

        assert found("今甲") == ("两新组织：今甲", ())
        assert found("旧甲") == ("两新组织：今甲", ("“旧甲”是以前的名称，现名为“今甲”。",))
        assert found("u1")[1] == ()
        with pytest.raises(QuestionError, match=r"“旧乙”不止一个：今乙.*今丙"):
            found("旧乙")
        for nothing in ("撤销名", "旧丁", "旧", '旧"甲'):
            with pytest.raises(UnknownError):
                found(nothing)
        with pytest.raises(UnknownError):
            found("旧甲", "r2")
