"""A figure that leads to a list equals the number of its rows, on the sample, town by town."""

from __future__ import annotations

from typing import Any

import pytest

from api.memory.cache import TableCache
from api.memory.reader import CachingReader
from graph import ontology
from graph.answers import Answer
from graph.errors import QuestionError
from graph.locality import Locality
from graph.questions import catalogue
from graph.questions.asking import ask, select
from graph.rules.book import book
from graph.rules.inquiry import Inquiry
from graph.stores.base import Store
from tests.api.county import AS_OF

CONTEXT = Inquiry(AS_OF, Locality(), ontology.load(), book=book())
QUESTIONS = catalogue(book())
#: what was asked of the one store that is asked here
TABLES = TableCache()


def answers(store: Store, *asked: tuple[str, dict[str, str]]) -> list[Answer]:
    with store.reader() as opened:
        reader = CachingReader(opened, TABLES)
        return [ask(QUESTIONS, reader, CONTEXT, name, given) for name, given in asked]


@pytest.mark.parametrize(
    "given",
    [
        {}, {"region": "丁市"}, {"region": "乙市", "chain": "水产品加工产业链"},
        {"region": "丁市", "base": "小个专"}, {"region": "丁市", "base": "规上企业"},
    ],
    ids=str,
)  # fmt: skip
def test_figures_count_the_rows_they_lead_to(sample_store: Store, given: dict[str, str]) -> None:
    (overview,) = answers(sample_store, ("overview", given))
    counted = 0
    for total in overview.totals:
        if total.listed:
            name, narrowed = total.listed
            (rows,) = answers(sample_store, (name, {**given, **dict(narrowed)}))
            expected = total.value if total.numerator is None else (total.numerator, total.denominator)
            assert len(rows.rows) == expected if total.numerator is None else len(rows.rows) in expected, total.label
            counted += 1
    assert counted > 20


def test_the_overview_notes_the_time_of_a_load_but_not_its_files(sample_store: Store) -> None:
    """A viewer of one division sees the overview too, and may not see the files of other divisions."""
    for overview in answers(sample_store, ("overview", {}), ("overview", {"region": "甲市"})):
        (latest,) = (note for note in overview.notes if note.startswith("最近一次载入："))
        assert "（第 1 版）" in latest
        assert ".xlsx" not in "".join(overview.notes)


def test_counts_of_a_division_lead_to_its_rows(sample_store: Store) -> None:
    (overview,) = answers(sample_store, ("overview", {"region": "甲市"}))
    listed = [c for c in overview.columns if c.listed]
    assert len(listed) == 12
    # every fifth town of them
    for row in overview.rows[::5]:
        for column in listed:
            assert column.listed
            name, narrowed = column.listed
            if not row["division"].endswith("（本级）") and row["division_id"]:
                (rows,) = answers(sample_store, (name, {"region": row["division_id"], **dict(narrowed)}))
                assert len(rows.rows) == row[column.name], (row["division"], column.label)


def test_the_states_of_units_add_up_to_the_overview(sample_store: Store) -> None:
    overview, units = answers(sample_store, ("overview", {}), ("units", {}))
    states: dict[Any, int] = {}
    for row in units.rows:
        states[row["kind"], row["org"]] = states.get((row["kind"], row["org"]), 0) + 1
    for (kind, state), n in states.items():
        if kind in ("企业", "社会组织") and state not in ("不适用", "口径外"):
            assert overview.total(f"org_{state}_{kind}").value == n
    assert len(units.rows) == overview.total("units").value


@pytest.mark.parametrize("name", ["overview", "annual_form", "units"])
def test_a_base_is_a_field_of_what_goes_by_it(sample_store: Store, name: str) -> None:
    (answer,) = answers(sample_store, (name, {"region": "丁市", "base": "小个专"}))
    (field,) = (f for f in answer.fields if f.parameter == "base")
    assert [value for value, _ in field.choices] == ["", *book().bases]
    assert any("小个专" in text for text in answer.basis)


def test_units_are_listed_by_a_base_across_kinds(sample_store: Store) -> None:
    overview, units = answers(sample_store, ("overview", {"base": "小个专"}), ("units", {"base": "小个专"}))
    inside = [row for row in units.rows if row["org"] not in ("口径外", "不适用")]
    assert len(inside) == overview.total("org_coverage_小个专").denominator
    assert {row["kind"] for row in inside} == {"企业", "个体工商户"}
    for state in ("应建未建", "单独组建"):
        assert overview.total(f"org_{state}_小个专").value == sum(row["org"] == state for row in inside)


def test_columns_are_chosen_and_ordered(sample_store: Store) -> None:
    (units,) = answers(sample_store, ("units", {"columns": "org,name", "region": "丁市"}))
    assert [c.name for c in units.columns] == ["org", "name"]
    assert "work" in {c.name for c in units.unchosen}
    with pytest.raises(QuestionError, match="没有列“nothing”"):
        select(units, "nothing")
