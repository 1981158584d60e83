"""A base in which nobody can be decided: 无法计算, and how many wait for 核实, wherever a rate is shown."""

from __future__ import annotations

import io
from collections.abc import Iterator

import openpyxl
import pytest

from api.cli import terminal
from api.viewer import Viewer, leave
from graph import ontology
from graph.answers import Answer
from graph.locality import Locality
from graph.questions import catalogue
from graph.questions.asking import ask
from graph.rules.book import book
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader, Store
from tests.graph.questions.towns import AS_OF, placed, two_towns
from visualizations.html.figures import sentences
from visualizations.html.markup import macro
from visualizations.html.tables import filled
from visualizations.sheets.writing import answer_csv, answer_workbook, write
from visualizations.show import figure

WORDS = "无法计算（2 待核实）"


@pytest.fixture(scope="module")
def reader(module_store: Store) -> Iterator[Reader]:
    """East: two of unknown 所有制. West: one of them, and one that is covered."""
    made = two_towns()
    for unit, town in (("甲", "r1"), ("乙", "r1"), ("丙", "r2")):
        placed(made, "Unit", unit, 0, town, ownership="不明", formal_members=3)
    placed(made, "Unit", "丁", 0, "r2")
    made.edge(made.node("PartyOrg", "支部"), "COVERS", "丁", mode="单独")
    made.edge("支部", "LOCATED_IN", "r2")
    with module_store.writer("测试", "待核实") as writer:
        made.write(writer)
        book().refresh(writer, Locality(), AS_OF)
    with module_store.reader() as opened:
        yield opened


def overview(reader: Reader, **parameters: str) -> Answer:
    context = Inquiry(AS_OF, Locality(), ontology.load(), book=book())
    answer = ask(catalogue(book()), reader, context, "overview", parameters)
    return leave(answer, Viewer("测试"), ontology.load())


def test_a_rate_of_nobody_decided_has_no_value(reader: Reader) -> None:
    east, whole = overview(reader, region="东镇"), overview(reader)
    assert [(t.value, t.blank) for t in (east.total("org_coverage_企业"), east.total("alone_企业"))] == [
        (None, WORDS)
    ] * 2
    assert (east.total("org_coverage_企业").numerator, east.total("org_coverage_企业").denominator) == (0, 2)
    assert east.total("work_coverage_企业").value == 0, "nothing of it is 待核实"
    assert whole.total("org_coverage_企业").value == 0.25
    by_division = {row["division"]: row["org_coverage_企业"] for row in whole.rows}
    assert by_division == {"东镇": None, "西镇": 0.5}


def test_it_says_so_on_pages_in_sheets_and_in_the_terminal(reader: Reader) -> None:
    answer, east = overview(reader), overview(reader, region="东镇")
    (row,) = east.rows
    column = next(c for c in east.columns if c.name == "org_coverage_企业")
    assert column in filled(east.columns, east.rows)
    assert WORDS in str(macro("cell", row=row, column=column, href=""))
    assert figure(east.total("org_coverage_企业")) == WORDS
    assert any(WORDS in text for _, text in sentences(east.totals))
    assert WORDS in answer_csv(answer).decode("utf-8-sig")
    out = io.StringIO()
    terminal.answer(east, out)
    assert out.getvalue().count(WORDS) == 5
    assert "0.0%" in out.getvalue()


def test_it_says_so_in_a_workbook(reader: Reader, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("book") / "overview.xlsx"
    write(answer_workbook(overview(reader, region="东镇")), path)
    sheets = openpyxl.load_workbook(path)
    found = {s.title for s in sheets for line in s.iter_rows(values_only=True) for c in line if WORDS in str(c)}
    assert found == {"两个覆盖总览", "指标", "依据与说明"}
