"""The ledger row of an edge, where several rows state an edge between the same two ends."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, cast

import pyarrow as pa
import pytest

from graph.locality import Locality
from graph.ontology import ALWAYS_FROM, ALWAYS_TO
from graph.ontology import load as load_ontology
from graph.questions.entity.provenance import Sources
from graph.stores.base import Reader

OFFICER, UNIT = ("g1", "甲"), ("u1", "一公司")
_NONE = {"sheet": "表", "brought": 1, "retired": None}


class Rows:
    """A reader that returns only these ledger rows."""

    def __init__(self, *rows: dict[str, Any]) -> None:
        self._rows = [
            {**_NONE, "id": f"t{n}", "line": n, **row, "stated": json.dumps(row["stated"])}
            for n, row in enumerate(rows)
        ]

    def query(self, cypher: str, parameters: Any = None) -> pa.Table:
        return pa.Table.from_pylist(self._rows if "$ids" in cypher else [])


def sources(*rows: dict[str, Any]) -> Sources:
    return Sources(cast(Reader, Rows(*rows)), load_ontology(), Locality(), *OFFICER, beside=[UNIT[0]])


def term(file: str, start: str, **stated: Any) -> dict[str, Any]:
    """A row of the ledger of officers."""
    return {
        "entity": OFFICER[0],
        "ledger": "officers",
        "file": file,
        "stated": {"@units": [UNIT[1]], **({"valid_from": start} if start else {}), **stated},
    }


@pytest.mark.parametrize(
    ("facts", "file"),
    [
        ({"role": "指导员", "valid_from": dt.date(2024, 1, 1), "valid_to": ALWAYS_TO}, "早.csv"),
        ({"role": "指导员", "valid_from": dt.date(2026, 1, 1), "valid_to": ALWAYS_TO}, "晚.csv"),
        ({"role": "指导员", "valid_from": ALWAYS_FROM, "valid_to": ALWAYS_TO}, "不详.csv"),
        # a row without a start speaks of any term, one with another start of another
        ({"role": "指导员", "valid_from": dt.date(2025, 1, 1), "valid_to": ALWAYS_TO}, "不详.csv"),
        ({"role": "联络员", "valid_from": dt.date(2024, 1, 1), "valid_to": ALWAYS_TO}, "企业.csv"),
        ({}, "企业.csv"),
    ],
)
def test_the_row_that_agrees_with_role_and_dates_drew_the_edge(facts: dict[str, Any], file: str) -> None:
    own = {"entity": UNIT[0], "ledger": "enterprises", "file": "企业.csv", "stated": {"@liaisons": [OFFICER[1]]}}
    rows = (own, term("早.csv", "2024-01-01"), term("晚.csv", "2026-01-01"), term("不详.csv", ""))
    found = sources(*rows).of_edge("GUIDES", OFFICER, UNIT, facts)
    assert found is not None
    assert found.file == file


def test_a_row_of_another_role_is_cited_only_where_there_is_no_better() -> None:
    found = sources(term("指导员.csv", "2024-01-01", role="指导员")).of_edge(
        "GUIDES", OFFICER, UNIT, {"role": "联络员"}
    )
    assert found is not None
    assert found.file == "指导员.csv"
