"""The rules beside pandas over the same workbooks: random counties, random corrections of cells, random days."""

from __future__ import annotations

import datetime as dt
import random
import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from benchmarks import spreadsheets
from graph.locality import Locality
from graph.ontology import load as load_ontology
from graph.questions.base import Context
from graph.questions.gaps import locate
from graph.rules.book import book
from graph.stores.base import Store
from graph.workbook import Cell, Sheet, Workbook
from loaders.pipeline import load
from loaders.sample import REFERENCE_DATE, generate
from tests.places import Place
from visualizations import sheets

#: what an office may write into a cell of the enterprises' ledger instead
CELLS: dict[str, tuple[Cell, ...]] = {
    "正式党员数": (None, 0, 1, 2, 3, 7),
    "组织关系在非公企业的党员": (None, 0, 2, 3),
    "从业人员数量": (None, 49, 50, 99, 100),
    "经营状态": ("在营", "停业", "注销"),
    "是否规模以上企业": ("是", "否"),
    "是否重点": ("是", "否"),
    "是否选派党建工作指导员或联络员": ("是", "否"),
}


def corrected(workbook: Workbook, rnd: random.Random) -> Workbook:
    """The enterprises' ledger with a tenth of its rows changed in one cell; any other workbook as it is.

    Rows of a unit that is listed twice stay: which of two that differ counts is a matter of its own.
    """
    if "非公企业台账" not in workbook.name:
        return workbook
    first, *others = workbook.sheets
    rows = [list(row) for row in first.rows]
    at = {str(name): position for position, name in enumerate(rows[2]) if name in CELLS}
    name_at = rows[2].index("企业名称")
    times = Counter(row[name_at] for row in rows)
    for row in rows[4:-1]:
        if times[row[name_at]] == 1 and rnd.random() < 0.1:
            name = rnd.choice(sorted(at))
            row[at[name]] = rnd.choice(CELLS[name])
    kept = Sheet(first.name, rows, first.merges, first.hidden, first.header_rows, first.widths)
    return Workbook(workbook.name, [kept, *others], workbook.encoding)


@settings(
    max_examples=4,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(units=st.integers(100, 260), seed=st.integers(0, 999), days=st.integers(-200, 400))
def test_every_rule_finds_what_pandas_finds(place: Place, units: int, seed: int, days: int) -> None:
    as_of = REFERENCE_DATE + dt.timedelta(days)
    if not place.embedded:
        place.empty()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for workbook in generate("丁市", units=units, seed=seed):
            path = folder / workbook.name
            path.parent.mkdir(exist_ok=True)
            sheets.write(corrected(workbook, random.Random(seed)), path)
        store = _opened(place, folder)
        try:
            load(store, [folder], Locality(), author="测试", book=book(), division="丁市")
            context = Context(as_of, Locality(), book(), load_ontology())
            with store.reader() as reader:
                expected = spreadsheets.findings(spreadsheets.read(folder / "丁市"), as_of)
                for rule, names in expected.items():
                    outcome = book().run(reader, rule, context)
                    places = locate(reader, context, ((outcome.rule, f) for f in outcome.findings))
                    found = [places[f.subject].name for f in outcome.findings]
                    assert sorted(found) == sorted(names), rule
        finally:
            store.close()


def _opened(place: Place, folder: Path) -> Store:
    """A store of the example's own: hypothesis asks many times within one test."""
    if place.embedded:
        place = Place(str(folder / "store.lbug"))
    return place.open()


def test_it_is_the_same_with_the_days_as_they_are_spelled() -> None:
    spelled = (dt.datetime(2026, 6, 30), "2026-06-30", "20260630", "2026年6月30日", "2026/6/30", 46203)
    assert {spreadsheets.day(value) for value in spelled} == {dt.date(2026, 6, 30)}
    assert spreadsheets.day("2026-13-45") is None
