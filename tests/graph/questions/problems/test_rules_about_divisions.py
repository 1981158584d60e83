"""The answers of rules about divisions show each division once, and beside it the one above."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from graph.locality import Locality
from graph.ontology import load as load_ontology
from graph.questions import catalogue
from graph.questions.asking import ask
from graph.rules.book import book
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader, Store
from tests.graph.questions.towns import AS_OF, two_towns

CONTEXT = Inquiry(AS_OF, Locality(), load_ontology(), book=book())
QUESTIONS = catalogue(book())


@pytest.fixture(scope="module")
def reader(module_store: Store) -> Iterator[Reader]:
    made = two_towns()
    for village, town in (("v1", "r1"), ("v2", "r2"), ("v3", "")):
        made.node("Region", village, name="河口村", kind="村", income=30_000)
        if town:
            made.edge(village, "PART_OF", town)
    with module_store.writer("测试", "建立") as writer:
        made.write(writer)
    with module_store.reader() as opened:
        yield opened


def test_villages_of_one_name_are_told_apart_by_their_towns(reader: Reader) -> None:
    answer = ask(QUESTIONS, reader, CONTEXT, "village_income_weak", {})
    assert [(c.name, c.label) for c in answer.columns[:2]] == [("subject", "区划"), ("division", "上级区划")]
    rows = [(row["subject"], row["subject_id"], row["division"], row["division_id"]) for row in answer.rows]
    assert sorted(rows) == [
        ("河口村", "v1", "东镇", "r1"), ("河口村", "v2", "西镇", "r2"), ("河口村", "v3", None, ""),
    ]  # fmt: skip
    within = ask(QUESTIONS, reader, CONTEXT, "village_income_weak", {"region": "西镇"})
    assert [row["subject_id"] for row in within.rows] == ["v2"]


@pytest.mark.parametrize("rule", [rule.id for rule in book().rules.values()])
def test_no_two_columns_of_a_rule_have_one_label(reader: Reader, rule: str) -> None:
    labels = Counter(column.label for column in ask(QUESTIONS, reader, CONTEXT, rule, {}).columns)
    assert max(labels.values()) == 1, labels
