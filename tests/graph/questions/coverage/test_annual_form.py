"""The annual form balances for any ledgers, and reproduces published figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph import ontology
from graph.answers import Answer, rate
from graph.coverage.states import UnitFacts
from graph.coverage.tally import Tally
from graph.locality import Locality
from graph.questions import catalogue
from graph.questions.asking import ask
from graph.questions.coverage.annual_form import STATES, form
from graph.rules.book import book
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader, Store
from graph.stores.ladybug.store import EmbeddedStore
from loaders import pipeline
from tests.loaders.desk import credit_code
from visualizations.show import percent

CONTEXT = Inquiry(dt.date(2026, 6, 30), Locality(), ontology.load(), book=book())
BASE = "实体运营非公企业"
COLUMNS = (*STATES, "units", "built", "unbuilt")

count = st.sampled_from([None, 0, 1, 2, 3, 7])
units = st.builds(
    UnitFacts,
    id=st.just("u"),
    kind=st.sampled_from(["企业", "社会组织", "合作社", None]),
    ownership=st.sampled_from(["非公", "不明", "公有控股", None]),
    operating=st.sampled_from(["在营", "注销", None]),
    bases=st.sampled_from([(), (BASE,), ("社会组织",), (BASE, "规上企业")]),
    undecided=st.sampled_from([(), (BASE,)]),
    formal=count,
    wider=count,
    members=count,
    stated=st.booleans(),
    unions=st.booleans(),
    branch=st.booleans(),
    covered=st.booleans(),
    alone=st.booleans(),
    unclear=st.booleans(),
    guided=st.just(()),
)


def balances(row: dict[str, Any]) -> None:
    """Both equations of the form hold, and it can be sealed if nothing is unsettled."""
    assert row["units"] == row["alone"] + row["joint"] + row["unknown_mode"] + row["unbuilt"] + row["unverified"]
    assert row["unbuilt"] == row["should_exist"] + row["few_members"] + row["no_members"]
    assert row["built"] == row["alone"] + row["joint"] + row["unknown_mode"]
    assert row["sealable"] == (row["unknown_mode"] == 0 and row["unverified"] == 0)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(st.tuples(units, st.integers(0, 9)), max_size=30), st.integers(1, 5))
def test_every_unit_of_a_base_is_in_exactly_one_column(made: list[tuple[UnitFacts, int]], minimum: int) -> None:
    tally = Tally()
    for unit, number in made:
        tally.add(unit._replace(minimum=minimum), BASE, False, number)
    row = form(tally)
    balances(row)
    assert row["units"] == sum(n for unit, n in made if BASE in unit.bases or BASE in unit.undecided)


def agrees(reader: Reader, context: Inquiry = CONTEXT, **given: str) -> Answer:
    """The form balances in each row, and its rows add up to the figures of the overview."""
    questions = catalogue(book())
    answer = ask(questions, reader, context, "annual_form", given)
    overview = ask(questions, reader, context, "overview", given)
    for row in answer.rows:
        balances(dict(row))
    for kind, name in (("企业", "非公企业"), ("社会组织", "社会组织")):
        own = [row for row in answer.rows if row["kind"] == name]
        for column, state in STATES.items():
            assert sum(row[column] for row in own) == overview.total(f"org_{state}_{kind}").value, (name, column)
        assert sum(row["units"] for row in own) == overview.total(f"org_coverage_{kind}").denominator
        assert answer.total(f"unbuilt_{kind}").value == sum(row["unbuilt"] for row in own)
        unsettled = sum(row["unknown_mode"] + row["unverified"] for row in own)
        assert answer.total(f"unsettled_{kind}").value == unsettled
        assert any(note.startswith(f"{name}{'不能' if unsettled else '可以'}封表：") for note in answer.notes)
        assert len({row["base"] for row in own}) <= 1
    return answer


def test_it_balances_in_every_breakdown_of_the_sample(sample_store: Store) -> None:
    with sample_store.reader() as reader:
        whole = agrees(reader)
        assert {row["kind"] for row in whole.rows} == {"非公企业", "社会组织"}
        assert any(not row["sealable"] for row in whole.rows)
        for division in {row["division_id"] for row in whole.rows if row["division_id"]}:
            below = agrees(reader, region=division)
            for kind in ("非公企业", "社会组织"):
                (above,) = [r for r in whole.rows if r["division_id"] == division and r["kind"] == kind] or [None]
                own = [row for row in below.rows if row["kind"] == kind]
                for column in COLUMNS:
                    assert sum(row[column] for row in own) == (above[column] if above else 0)
        agrees(reader, base="规上企业")
        agrees(reader, region="丁市", base="三有企业")


def loaded(folder: Path, organizations: Iterable[tuple[str, Iterable[int]]], units: int) -> EmbeddedStore:
    """A store of 甲市 from two ledgers: a number of 企业, and 党组织 that cover those with the given numbers."""
    firms = ["企业名称,统一社会信用代码,所属镇街,从业人员数量,正式党员数,经营状态"]
    firms += [f"第{n}有限公司,{credit_code(n)},东镇,20,{n % 4},在营" for n in range(units)]
    orgs = ["党组织全称,类别,行政区划,覆盖单位,组建方式"]
    for name, covered in organizations:
        named = [f"第{n}有限公司" for n in covered]
        orgs.append(f"{name},支部,东镇,{'、'.join(named)},{'单独' if len(named) == 1 else '联合'}")
    (folder / "区划.csv").write_text(
        "代码,名称,上级,类别\n990001,甲市,,县\n990001101,东镇,甲市,镇街\n", encoding="utf-8"
    )
    (folder / "非公企业台账.csv").write_text("\n".join(firms), encoding="utf-8")
    (folder / "党组织.csv").write_text("\n".join(orgs), encoding="utf-8")
    store = EmbeddedStore(folder / "county.lbug", create=True)
    pipeline.load(store, pipeline.LoadRequest([folder], Locality(home="甲市"), author="测试", book=book()))
    return store


@pytest.mark.parametrize(
    ("organizations", "covered", "units", "said"),
    [(306, 1948, 5117, "38.07%"), (28, 28, 66, "42.42%")],
    ids=["朔州 2012", "南平互联网企业"],
)
def test_published_figures_come_out_of_ledgers_of_their_size(
    tmp_path: Path, organizations: int, covered: int, units: int, said: str
) -> None:
    """Each organization covers its share of the units; the figures count units, never organizations."""
    store = loaded(
        tmp_path,
        ((f"第{n}党支部", range(n, covered, organizations)) for n in range(organizations)),
        units,
    )
    with store.reader() as reader:
        overview = ask(catalogue(book()), reader, CONTEXT, "overview", {})
        assert overview.total("organizations").value == organizations
        coverage = overview.total("org_coverage_企业")
        assert (coverage.numerator, coverage.denominator) == (covered, units)
        assert coverage.value is not None
        assert percent(coverage.value, 2) == said
        answer = agrees(reader)
        assert sum(row["built"] for row in answer.rows) == covered
        assert all(row["sealable"] for row in answer.rows)
    store.close()


def test_the_national_figure_of_2008_and_an_empty_base() -> None:
    """In units of a thousand, as published in 万: 38 of 238.5."""
    found = rate("org_coverage_企业", "组织覆盖率", 380, 2385, BASE)
    assert found.value is not None
    assert percent(found.value, 1) == "15.9%"
    assert rate("org_coverage_企业", "组织覆盖率", 0, 0, BASE).value is None
    with pytest.raises(ValueError, match="not a subset"):
        rate("org_coverage_企业", "组织覆盖率", 2386, 2385, BASE)
    empty = form(Tally())
    balances(empty)
    assert empty["sealable"]
