"""How a revision comes about: measured as far as a write can change it, and by nobody who only asks."""

from __future__ import annotations

import contextlib
import datetime as dt
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.office import Office
from graph.errors import InputError
from graph.history import commit as committing
from graph.history.commit import sorting
from graph.history.measurements import measure
from graph.history.touched import reads
from graph.locality import Locality
from graph.ontology import load as load_ontology
from graph.rules.book import Book, book
from graph.rules.inquiry import Inquiry
from graph.stores.base import Store
from graph.stores.ladybug.store import EmbeddedStore
from loaders import pipeline
from loaders.shape.entry import Entry
from tests.loaders.desk import FEW, ON_EITHER, Desk
from tests.places import CLERK, office

SUMMER = dt.date(2026, 6, 30)
#: a base with a threshold
BASE = "三有企业"


def deferral(subject: str = "一公司", **more: str) -> dict[str, str]:
    """A 暂缓 as a form states it, by the names of fields."""
    stated = {"title": "空白点", "reason": "筹备开业", "approved_by": "甲县工委", "until": "2026-12-31"}
    return {**stated, "subject": subject, **more}


# -- questions ----------------------------------------------------------------------------------------


@ON_EITHER
def test_a_question_under_other_bases_is_answered_by_them_and_writes_nothing(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))

    def load(*staff: int) -> None:
        rows = [(f"{n}人公司", "", "东镇", n, "有", "是") for n in staff]
        desk.load(desk.units("企业.csv", *rows, more=("是否有固定场所", "是否实体运营")), locality=usual, as_of=SUMMER)

    def blank(of: Office) -> set[str]:
        answer = of.answer("coverage_blank", {}, CLERK)
        assert answer.revision == of.revision() == desk.revision
        return {row["subject"] for row in answer.rows}

    usual = replace(desk.locality, bases=(BASE,))
    load(6, 9, 12)
    first = replace(office(desk.store), book=FEW, locality=usual)
    other = replace(office(desk.store), book=FEW, locality=replace(usual, thresholds={f"{BASE}.min_staff": 8}))
    before = desk.revision
    assert blank(first) == {"12人公司"}
    assert blank(other) == {"9人公司", "12人公司"}
    assert blank(first) == {"12人公司"}, "the store has what it had"
    assert desk.revision == before
    # of a later revision another copy is asked
    load(6, 9, 12, 15)
    assert blank(other) == {"9人公司", "12人公司", "15人公司"}
    assert desk.revision == before + 1
    # the next write brings the store up to date, in a revision apart from what it writes itself
    other.enter(Entry("deferrals", [deferral("15人公司")], "登记", "暂缓"), "测试")
    with desk.store.reader() as reader:
        assert sorting(reader) == FEW.bases_digest(other.locality)
    changes = desk.query("MATCH (c:Change) RETURN c.kind AS kind ORDER BY c.number")
    assert [row["kind"] for row in changes[before:]] == ["load", "bases", "load"]
    assert blank(other) == {"9人公司", "12人公司", "15人公司"}
    other.close()
    assert [*(tmp_path / "temporary").iterdir()] == [], "the copy is gone"


def test_a_copy_that_has_no_room_is_said(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.load(desk.units("企业.csv", ("一公司", "", "东镇", 5)), as_of=SUMMER)
    monkeypatch.setattr(tempfile, "tempdir", str(desk.folder / "nowhere"))
    other = replace(office(desk.store), locality=replace(desk.locality, thresholds={f"{BASE}.min_staff": 8}))
    with pytest.raises(Exception, match=r"放不下图库的副本.*TMPDIR"):
        other.answer("coverage_blank", {}, CLERK)


# -- what a write measures again ------------------------------------------------------------------------


def test_a_deferral_measures_nothing_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.load(desk.units("企业.csv", ("一公司", "", "东镇", 5)), as_of=SUMMER)
    asked: list[str] = []
    ids = Book.ids

    def noted(self: Book, reader: Any, rule: str, context: Any) -> Any:
        asked.append(rule)
        return ids(self, reader, rule, context)

    monkeypatch.setattr(Book, "ids", noted)
    kept = [_kept(desk.store)]
    for reason, as_of in (("一", SUMMER), ("二", SUMMER), ("三", SUMMER + dt.timedelta(1))):
        enter(desk, "deferrals", deferral(reason=reason), as_of=as_of)
        kept.append(_kept(desk.store))
        assert _written(desk.store, desk.revision) == set(), "no figure changed, on another day either"
        if as_of == SUMMER:
            assert asked == []
    assert {*asked} == {*FEW.rules}, "on another day all are"
    assert kept[0] == kept[1] == kept[2]
    asked.clear()
    desk.load(desk.units("企业.csv", ("一公司", "", "东镇", 6)), as_of=SUMMER + dt.timedelta(1))
    # of organizations and their terms alone
    assert {*asked} == {*FEW.rules} - {"term_overdue"}
    desk.load(desk.units("企业.csv", ("一公司", "", "东镇", 6), ("二公司", "", "西镇", 6)), as_of=SUMMER)
    assert "coverage_blank" in _written(desk.store, desk.revision), "another unit is counted"


@pytest.mark.parametrize(
    ("text", "touched", "whether"),
    [
        ("MATCH (u:Unit) RETURN u.id AS id", ("Unit",), True),
        ("MATCH (u:Unit) RETURN u.id AS id", ("Deferral",), False),
        ("MATCH (u:Unit)-[:LOCATED_IN]->(r:Region) RETURN u.id AS id", ("LOCATED_IN", "Unit", "Region"), True),
        ("MATCH (u:Unit)-[:LOCATED_IN]->(r:Region) RETURN u.id AS id", ("LOCATED_IN", "Deferral", "Region"), False),
        ("MATCH (u:Unit)-[:LOCATED_IN]->(r:Region) RETURN u.id AS id", ("COVERS", "PartyOrg", "Unit"), False),
        ("MATCH (u:Unit)<-[:COVERS|GUIDES]-(o) RETURN u.id AS id", ("GUIDES", "GuidanceOfficer", "Unit"), True),
        ("MATCH (u:Unit)<-[:COVERS|GUIDES]-(o) RETURN u.id AS id", ("Deferral",), True),
        ("MATCH (u:Unit)<-[e]-(o:PartyOrg) RETURN u.id AS id", ("COVERS", "PartyOrg", "Unit"), True),
        ("MATCH (u:Unit)--(o:PartyOrg) RETURN u.id AS id", ("COVERS", "PartyOrg", "Unit"), True),
        ("MATCH (u:Unit) WHERE EXISTS { MATCH (u)<-[:COVERS]-() } RETURN u.id AS id", ("Site",), True),
        ("MATCH (u:Unit {id: $id}) WHERE size(u.name) = 0 RETURN count(u) AS id", ("Site",), False),
        ("MATCH(o)-[g:GUIDES]->(u:Unit) RETURN u.id AS id", ("GUIDES", "GuidanceOfficer", "Unit"), True),
        (
            "MATCH (u:Unit) WHERE EXISTS { MATCH (x:PartyOrg)-[:COVERS]->(u) } OR EXISTS { MATCH (x)-[:GUIDES]->(u) }"
            " RETURN u.id AS id",
            ("GUIDES", "GuidanceOfficer", "Unit"), True,
        ),
        (
            "MATCH (x:Unit) RETURN x.id AS id UNION ALL MATCH (x)-[:GUIDES]->(u:Unit) RETURN u.id AS id",
            ("GUIDES", "GuidanceOfficer", "Unit"), True,
        ),
        (
            "MATCH (u:Unit) WHERE EXISTS { MATCH (u)<-[:COVERS]-(o:PartyOrg) } RETURN u.id AS id",
            ("GUIDES", "GuidanceOfficer", "Unit"), False,
        ),
        ("MATCH (u:Unit) // not of a (d:Deferral)\nWHERE u.name <> '(d:Deferral)' RETURN u.id AS id", ("Deferral",), False),
    ],
)  # fmt: skip
def test_what_a_query_reads(text: str, touched: tuple[str, ...], whether: bool) -> None:
    assert reads([text], load_ontology()).any_of({touched}) == whether


def test_every_rule_is_known_to_read_something() -> None:
    for rule in book().rules.values():
        every = reads([rule.query.cypher], load_ontology())
        assert every.nodes is None or every.nodes & {*rule.subjects}, rule.id


def test_another_precedence_reaches_the_graph_with_the_next_write_whatever_it_is(desk: Desk) -> None:
    def modes() -> set[str]:
        with desk.store.reader() as reader:
            return {*reader.query("MATCH (:PartyOrg)-[c:COVERS]->(:Unit) RETURN c.mode AS mode")["mode"].to_pylist()}

    desk.load(desk.csv("组织.csv", "党组织全称,类别,所属镇街,覆盖单位,组建方式\n甲支部,支部,东镇,一公司,单独\n"))
    desk.load(
        desk.csv(
            "企业.csv",
            "企业名称,所属镇街,从业人员数量,年营业收入（万元）,所属党组织名称,组建形式\n一公司,东镇,5,9,甲支部,联合\n",
        )
    )
    before = modes()
    assert len(before) == 1
    first = "enterprises" if before == {"单独"} else "organizations"
    desk.locality = replace(desk.locality, precedence=(first,))
    enter(desk, "deferrals", deferral(), as_of=SUMMER)
    assert modes() == {"单独", "联合"} - before


_TOWNS = st.sampled_from(["东镇", "西镇", "", "无名镇"])
_UNITS = st.sampled_from(["一公司", "二公司", "三公司", "三有限公司", "三有限责任公司"])
_ORGS = st.sampled_from(["甲支部", "乙支部", "丙支部"])
_STEP = st.one_of(
    st.just(("undo",)),
    st.tuples(st.just("units"), _UNITS, _TOWNS, st.integers(0, 4), st.one_of(st.just(""), _ORGS)),
    st.tuples(st.just("orgs"), _ORGS, _TOWNS, st.sampled_from(["2026-04-30", "2027-04-30"])),
    st.tuples(
        st.just("officers"), st.sampled_from(["某甲", "某乙"]), _TOWNS, _UNITS, st.sampled_from(["在岗", "调离"])
    ),
    st.tuples(st.just("deferrals"), st.one_of(_UNITS, _ORGS), _TOWNS, st.sampled_from(["一", "二"])),
    st.tuples(st.just("decisions"), st.sampled_from(["合并", "分开", "忽略", "东镇"]), st.integers(0, 5)),
)


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(_STEP, min_size=2, max_size=7))
def test_what_is_written_in_part_is_what_the_whole_would_be(
    divided_store: Path, tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[Any, ...]]
) -> None:
    """Of two stores the same is asked; in one all tables are compared and all rules measured each time."""
    folder = tmp_path_factory.mktemp("steps")
    (folder / "part").mkdir()
    (folder / "whole").mkdir()
    part, whole = Desk(folder / "part", divided_store), Desk(folder / "whole", divided_store)
    for number, step in enumerate(steps):
        _take(part, step, number)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pipeline, "affected_tables", lambda *_: None)
            patch.setattr(committing, "measure", lambda *words: measure(*words[:5]))
            _take(whole, step, number)
        assert part.everything() == whole.everything()
        assert part.reviews() == whole.reviews()
        assert part.reviews("decided") == whole.reviews("decided")
        assert _kept(part.store) == _kept(whole.store)
        assert _spans(part.store) == _spans(whole.store)
    for desk in (part, whole):
        assert isinstance(desk.store, EmbeddedStore)
        desk.store.close()


def _take(desk: Desk, step: tuple[Any, ...], number: int) -> None:
    """One write: by a form, or of a file where the ledger has none."""
    kind, *values = step
    if kind == "undo":
        with contextlib.suppress(InputError):
            desk.undo(SUMMER)
    elif kind == "units":
        name, town, members, organization = values
        rows = [(name, "", town, 20, members, organization)]
        desk.load(desk.units(f"{number}.csv", *rows, more=("正式党员数", "所属党组织名称")), as_of=SUMMER)
    elif kind == "orgs":
        text = f"党组织全称,类别,行政区划,届满日期\n{values[0]},支部,{values[1]},{values[2]}\n"
        desk.load(desk.csv(f"{number}.csv", text), as_of=SUMMER)
    elif kind == "officers":
        name, town, unit, duty = values
        text = f"指导员姓名,工作单位,所属镇街,指导企业,在岗状态\n{name},某局,{town},{unit},{duty}\n"
        desk.load(desk.csv(f"{number}.csv", text), as_of=SUMMER)
    elif kind == "deferrals":
        subject, town, reason = values
        enter(desk, "deferrals", {**deferral(subject, reason=reason), "所属区划": town}, as_of=SUMMER)
    else:
        open_ = [*desk.reviews(), *desk.reviews("decided")]
        if open_:
            row = {"id": open_[values[1] % len(open_)]["id"], "decision": values[0]}
            enter(desk, "decisions", row, as_of=SUMMER)


def enter(desk: Desk, ledger: str, row: dict[str, str], as_of: dt.date) -> pipeline.LoadResult:
    """What a form states, in the desk's name."""
    request = pipeline.LoadRequest((), desk.locality, "测试", FEW, as_of=as_of)
    return pipeline.enter(desk.store, Entry(ledger, [row], "登记", "表"), request)


def _kept(store: Store) -> list[dict[str, Any]]:
    """The figures of the last revision."""
    with store.reader() as reader:
        return reader.query(
            "MATCH (h:Measurement) WHERE h.revision = $revision AND h.division = '' WITH h "
            "MATCH (k:Measurement) WHERE k.revision = h.unchanged_since AND k.rule = h.rule AND k.base = h.base "
            "RETURN h.rule AS rule, h.rule_digest AS digest, h.base AS base, k.division AS division, "
            "k.population AS population, k.findings AS findings, k.unverified AS unverified, h.as_of AS as_of "
            "ORDER BY rule, base, division",
            {"revision": reader.revision},
        ).to_pylist()  # type: ignore[no-any-return]


def _written(store: Store, revision: int) -> set[str]:
    """The rules whose figures of divisions a revision wrote."""
    with store.reader() as reader:
        table = reader.query(
            "MATCH (k:Measurement) WHERE k.revision = $revision AND k.division <> '' RETURN DISTINCT k.rule AS rule",
            {"revision": revision},
        )
    return {*table["rule"].to_pylist()}


def _spans(store: Store) -> list[dict[str, Any]]:
    with store.reader() as reader:
        return reader.query(
            "MATCH (f:FindingSpan) RETURN f.id AS id, f.rule_digest AS digest, f.division AS division, "
            "f.opened AS opened, f.closed AS closed ORDER BY id"
        ).to_pylist()  # type: ignore[no-any-return]


def test_a_rule_has_another_digest_by_any_setting_that_it_goes_by_and_the_same_on_any_day() -> None:
    def digest(rule: str, day: dt.date = SUMMER, **settings: Any) -> str:
        return book().rule_digest(rule, Inquiry(day, Locality(**settings), load_ontology(), book=book()))

    for rule, setting, value in (
        ("officer_expired", "posting_grace_quarters", 3),
        ("visit_overdue", "visit_interval_days", 7),
        ("partner_inactive", "pairing_idle_months", 2),
    ):
        assert digest(rule) == digest(rule, SUMMER + dt.timedelta(400)) != digest(rule, **{setting: value})
        assert digest("branch_oversize") == digest("branch_oversize", **{setting: value})
