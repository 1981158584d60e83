"""Facets: the rows left fit every choice, and the count of a choice is the number of rows it leaves."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from graph.questions.facets import By, narrow

NAMES = ("kind", "scale", "chain")
VALUES = st.lists(st.sampled_from("甲乙丙"), unique=True, max_size=2)
ROWS = st.lists(st.fixed_dictionaries(dict.fromkeys(NAMES, VALUES)), max_size=20)
WAYS = tuple(By(n, n, lambda row, n=n: [(v, v) for v in row[n]]) for n in NAMES)  # type: ignore[misc]


@given(ROWS, st.fixed_dictionaries({}, optional={n: st.sampled_from("甲乙丁") for n in NAMES}))
def test_a_choice_leaves_as_many_rows_as_it_says(rows: list[dict[str, Any]], chosen: dict[str, str]) -> None:
    left, facets = narrow(rows, WAYS, chosen)
    assert left == [r for r in rows if all(v in r[n] for n, v in chosen.items())]
    for facet in facets:
        for choice in facet.choices:
            then, _ = narrow(rows, WAYS, {**chosen, facet.parameter: choice.value})
            assert len(then) == choice.count
            assert choice.chosen == (chosen.get(facet.parameter) == choice.value)
    # every value that would leave a row is offered, and every choice made can be taken back
    offered = {(f.parameter, c.value) for f in facets for c in f.choices}
    assert offered >= chosen.items()
    for name in NAMES:
        others = {n: v for n, v in chosen.items() if n != name}
        would = {v for r in narrow(rows, WAYS, others)[0] for v in r[name]}
        assert {v for n, v in offered if n == name} - {chosen.get(name)} == would - {chosen.get(name)}


@given(ROWS)
def test_an_applied_choice_leaves_no_rows_out(rows: list[dict[str, Any]]) -> None:
    asked = (By("chain", "产业链", lambda row: [(v, v) for v in row["chain"]], applied=True),)
    assert narrow(rows, asked, {"chain": "甲"})[0] == rows
