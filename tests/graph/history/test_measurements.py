"""What each load keeps of problems and coverages, and what `changes` and `trends` say of it."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.office import Office
from api.viewer import Viewer
from graph.answers import Answer
from graph.errors import InputError, QuestionError
from graph.history import measurements
from graph.history.spans import MENDED, NEW, OF_RULE, RETURNED
from graph.locality import Locality
from graph.ontology import load as load_ontology
from graph.privacy import HIDDEN
from graph.regions import Regions
from graph.rules.book import Book, book
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader, Store
from graph.stores.ladybug.store import EmbeddedStore
from graph.stores.verify import verify
from loaders import pipeline
from loaders.sample import REFERENCE_DATE
from loaders.shape.entry import Entry
from tests.loaders.desk import DIVISIONS, FEW, ON_EITHER, Desk
from tests.places import CLERK, office

SPRING, SUMMER = dt.date(2026, 3, 31), REFERENCE_DATE
MORE = ("正式党员数", "所属党组织名称")
Found = list[tuple[str, str, str]]
#: a 暂缓 as a form states it
DEFERRAL = {
    "title": "空白点", "subject": "一公司", "reason": "筹备开业", "approved_by": "甲县工委", "until": "2026-12-31"
}  # fmt: skip


def units(desk: Desk, *rows: tuple[str, str, int, str], file: str = "非公企业.csv") -> Path:
    """Enterprises: name, town, 正式党员, the organization that covers them."""
    return desk.units(file, *((name, "", town, 20, members, org) for name, town, members, org in rows), more=MORE)


def ask(desk: Desk, name: str = "changes", viewer: Viewer = CLERK, **given: str) -> Answer:
    return office(desk.store).answer(name, given, viewer)


def told(answer: Answer) -> Found:
    return [(row["change"], row["rule"], row["subject"]) for row in answer.rows]


def spans(desk: Desk) -> list[tuple[str, str, int, int | None]]:
    """Those of units: rule, name, opened, closed."""
    rows = desk.query(
        "MATCH (f:FindingSpan) WHERE f.closed IS NULL OR f.closed > f.opened "
        "RETURN f.rule AS rule, f.subject AS subject, f.opened AS opened, f.closed AS closed"
    )
    called = {r["id"]: r["name"] for r in desk.query("MATCH (u:Unit) RETURN u.id AS id, u.name AS name")}
    found = [(r["rule"], called[r["subject"]], r["opened"], r["closed"]) for r in rows if r["subject"] in called]
    return sorted(found, key=lambda s: s[:3])


def branch(desk: Desk) -> Path:
    """The ledger of one organization, whose term has not run out."""
    return desk.csv("党组织.csv", "党组织全称,类别,行政区划,届满日期\n一公司党支部,支部,东镇,2027-04-30\n")


@ON_EITHER
def test_a_problem_is_new_then_mended_then_back(desk: Desk) -> None:
    desk.load(units(desk, ("一公司", "东镇", 4, "")), branch(desk), as_of=SUMMER)
    first = ask(desk)
    assert told(first) == [(NEW, "coverage_blank", "一公司"), (NEW, "org_should_exist", "一公司")]
    assert {row["data"] for row in first.rows} == {"非公企业台账新列入"}

    desk.load(units(desk, ("一公司", "东镇", 4, "一公司党支部")), as_of=SUMMER)
    mended = ask(desk, rule="org_should_exist")
    assert told(mended) == [(MENDED, "org_should_exist", "一公司")]
    (row,) = mended.rows
    assert row["data"] == "覆盖（党组织） 未填 → 一公司党支部"
    assert (row["file"], row["line"], row["division"]) == ("非公企业.csv", 2, "东镇")
    assert (row["opened"][:5], row["closed"][:5]) == ("第 2 版", "第 3 版")
    assert (mended.total("changes_0").value, mended.total("changes_1").value) == (1, 0)
    assert [mended.total(f"{when}_org_should_exist").value for when in ("then", "now")] == [1, 0]

    desk.load(units(desk, ("一公司", "东镇", 5, "清空")), as_of=SUMMER)
    back = ask(desk, rule="org_should_exist")
    assert told(back) == [(RETURNED, "org_should_exist", "一公司")]
    # what the rule compares comes first
    assert back.rows[0]["data"].startswith("正式党员数 4人 → 5人；")
    assert spans(desk)[2:] == [("org_should_exist", "一公司", 2, 3), ("org_should_exist", "一公司", 4, None)]
    assert told(ask(desk, since="2")) == [], "there then as now"
    assert [row["org_should_exist"] for row in ask(desk, "trends").rows] == [1, 0, 1, 0]
    with desk.store.reader() as reader:
        assert verify(reader).rows == ()


@ON_EITHER
def test_a_problem_is_told_with_the_day_since_when_it_is_there(desk: Desk) -> None:
    def days(name: str = "org_should_exist", **given: str) -> dict[str, dt.date | None]:
        return {row["subject"]: row["since"] for row in ask(desk, name, **given).rows}

    desk.load(units(desk, ("一公司", "东镇", 4, ""), ("二公司", "东镇", 4, "")), branch(desk), as_of=SPRING)
    desk.load(units(desk, ("一公司", "东镇", 4, "一公司党支部"), ("二公司", "东镇", 5, "")), as_of=SUMMER)
    assert days() == days("gaps", rule="org_should_exist") == {"二公司": SPRING}
    # back again: from then on; of a date before it nobody has said so
    later = SUMMER + dt.timedelta(30)
    desk.load(units(desk, ("一公司", "东镇", 4, "清空"), ("二公司", "东镇", 5, "")), as_of=later)
    assert days(as_of=later.isoformat()) == {"一公司": later, "二公司": SPRING}
    assert days(as_of=SUMMER.isoformat()) == {"一公司": None, "二公司": SPRING}
    # another threshold begins no other problem
    stricter = replace(desk.locality, thresholds={"org_min_members": 4})
    desk.load(
        branch(desk), units(desk, ("三公司", "东镇", 6, ""), file="新非公企业.csv"), locality=stricter, as_of=later
    )
    assert days(as_of=later.isoformat()) == {"一公司": later, "二公司": SPRING, "三公司": later}
    found = ask(desk, "unit", unit=desk.listed()["二公司"], as_of=SUMMER.isoformat()).rows
    assert [f"自 {SPRING} 起" in row["detail"] for row in found if row["item"] == "应建未建"] == [True]
    came = {row["loaded"] for row in found if row["item"].startswith("正式党员")}
    assert came == {dt.datetime.now().astimezone().date()}


@ON_EITHER
def test_an_undo_measures_too(desk: Desk) -> None:
    desk.load(units(desk, ("一公司", "东镇", 4, ""), ("二公司", "西镇", 1, "")), branch(desk), as_of=SUMMER)
    desk.load(units(desk, ("一公司", "东镇", 4, "一公司党支部"), ("三公司", "西镇", 0, "")), as_of=SUMMER)
    assert {s[:2] for s in spans(desk) if s[3] is None} == {
        ("coverage_blank", "二公司"), ("coverage_blank", "三公司"), ("org_should_join", "二公司"),
    }  # fmt: skip
    desk.undo(SUMMER)
    assert told(ask(desk, since="2")) == []
    assert told(ask(desk)) == [
        (MENDED, "coverage_blank", "三公司"),
        (RETURNED, "coverage_blank", "一公司"),
        (RETURNED, "org_should_exist", "一公司"),
    ]
    assert ask(desk, change=MENDED).rows[0]["data"] == "非公企业台账的这一行已撤回"
    assert {s[:2] for s in spans(desk) if s[3] is None} == {
        ("coverage_blank", "一公司"), ("coverage_blank", "二公司"), ("org_should_exist", "一公司"), ("org_should_join", "二公司"),
    }  # fmt: skip


def test_a_term_that_runs_out_is_no_change_in_the_data(desk: Desk) -> None:
    orgs = desk.csv("党组织.csv", "党组织全称,类别,行政区划,届满日期\n甲支部,支部,东镇,2026-04-30\n")
    desk.load(orgs, as_of=SPRING)
    desk.load(units(desk, ("一公司", "东镇", 0, "")), as_of=SUMMER)
    (row,) = ask(desk, rule="term_overdue").rows
    assert (row["change"], row["subject"], row["file"]) == (NEW, "甲支部", None)
    assert row["data"] == "日期推移（2026-03-31 → 2026-06-30），有关的台账行没有变化"
    # a change that the rule does not compare is told after it
    orgs = desk.csv("党组织.csv", "党组织全称,类别,行政区划,届满日期,地址\n甲支部,支部,东镇,2026-04-30,新址\n")
    desk.load(orgs, as_of=SUMMER)
    (row,) = ask(desk, rule="term_overdue", since="2").rows
    assert row["data"] == "日期推移（2026-03-31 → 2026-06-30）；同期：地址 未填 → 新址"


def test_another_ledger_may_have_mended_it(desk: Desk) -> None:
    head = "指导员姓名,工作单位,所属镇街,指导企业,在岗状态\n"
    desk.load(units(desk, ("一公司", "东镇", 0, "")), as_of=SUMMER)
    desk.load(desk.csv("指导员.csv", head + "某甲,某局,东镇,一公司,在岗\n"), as_of=SUMMER)
    (row,) = ask(desk).rows
    assert (row["change"], row["rule"], row["subject"]) == (MENDED, "coverage_blank", "一公司")
    assert (row["data"], row["file"]) == ("指导员新写明与它的关系", "指导员.csv")
    desk.load(desk.csv("指导员.csv", head + "某甲,某局,东镇,一公司,调离\n"), as_of=SUMMER)
    (row,) = ask(desk, rule="coverage_blank").rows
    assert (row["change"], row["data"]) == (RETURNED, "指导员中与它有关的一行：在岗状态 在岗 → 调离")
    # to who may see the division alone, rows about others are not quoted
    (row,) = ask(desk, rule="coverage_blank", region="东镇").rows
    assert (row["data"], row["file"]) == ("指导员中与它有关的一行有变", None)
    assert ask(desk, region="西镇").rows == ()


def test_who_may_not_see_members_does_not_see_how_they_changed(desk: Desk) -> None:
    desk.load(units(desk, ("一公司", "东镇", 4, "")), as_of=SUMMER)
    desk.load(units(desk, ("一公司", "东镇", 2, "")), as_of=SUMMER)
    (row,) = ask(desk, rule="org_should_exist").rows
    assert row["data"] == "正式党员数 4人 → 2人"
    (row,) = ask(desk, rule="org_should_exist", viewer=Viewer("某人")).rows
    assert row["data"] == HIDDEN


def test_a_rule_that_changed_mends_nothing(desk: Desk) -> None:
    desk.load(units(desk, ("一公司", "东镇", 3, ""), ("二公司", "东镇", 5, "")), branch(desk), as_of=SUMMER)
    stricter = replace(desk.locality, thresholds={"org_min_members": 4})
    desk.load(units(desk, ("三公司", "东镇", 6, ""), file="新非公企业.csv"), locality=stricter, as_of=SUMMER)
    found = told(ask(desk, rule="org_should_exist"))
    assert found == [(OF_RULE, "org_should_exist", "一公司"), (OF_RULE, "org_should_exist", "三公司")]
    assert {row["data"] for row in ask(desk, rule="org_should_exist").rows} == {"规则、参数或口径有变"}
    # its span goes on, and what the data mend afterwards is mended
    held = [s for s in spans(desk) if s[:2] == ("org_should_exist", "二公司")]
    assert held == [("org_should_exist", "二公司", 2, 3), ("org_should_exist", "二公司", 3, None)]
    desk.load(units(desk, ("二公司", "东镇", 5, "一公司党支部")), locality=stricter, as_of=SUMMER)
    (row,) = ask(desk, rule="org_should_exist", since="2", change=MENDED).rows
    assert (row["subject"], row["opened"][:5], row["closed"][:5]) == ("二公司", "第 2 版", "第 4 版")
    assert told(ask(desk, rule="org_should_exist")) == [(MENDED, "org_should_exist", "二公司")]


def test_an_edited_rule_file_is_measured_before_the_next_write(desk: Desk) -> None:
    desk.load(units(desk, ("一公司", "东镇", 3, ""), ("二公司", "东镇", 1, "")), as_of=SUMMER)
    usual = replace(office(desk.store), book=FEW)
    deferral = Entry("deferrals", [DEFERRAL], "登记", "暂缓")
    usual.enter(deferral, "测试")
    assert desk.revision == 3, "measured by these rules already"
    rule = book().rule("org_should_exist")
    edited = Book({**FEW.rules, rule.id: replace(rule, digest="edited")}, book().bases, "edited")
    changed = replace(usual, book=edited)
    assert len(changed.answer("org_should_exist", {}, CLERK).rows) == 1
    assert desk.revision == 3, "a question writes nothing"
    changed.enter(replace(deferral, rows=[{**DEFERRAL, "reason": "另一个理由"}]), "测试")
    changes = desk.query("MATCH (c:Change) RETURN c.kind AS kind, c.note AS note ORDER BY c.number")
    assert [c["kind"] for c in changes[2:]] == ["load", "bases", "load"]
    assert changes[3]["note"] == "规则或参数有变，重新计量"
    assert told(ask(desk, since="2")) == [], "found by both"
    gone = Book({k: r for k, r in FEW.rules.items() if k != "org_should_join"}, book().bases, "gone")
    replace(usual, book=gone).undo("测试", pipeline.last_load(desk.store).number)
    (row,) = ask(desk, since="2").rows
    assert (row["change"], row["opened"][:5]) == (OF_RULE, "第 2 版")


def test_since_is_a_revision_or_a_day(bare_desk: Desk) -> None:
    with pytest.raises(QuestionError, match="没有第 1 版。请先载入台账"):
        ask(bare_desk, since="1")
    bare_desk.load(bare_desk.csv("区划.csv", DIVISIONS))
    alone = ask(bare_desk)
    assert alone.rows == ()
    assert "还没有可以比较的更早一版" in alone.notes[0]
    bare_desk.load(units(bare_desk, ("一公司", "东镇", 3, "")))
    assert len(ask(bare_desk, since=dt.date.today().isoformat()).rows) == 0
    assert len(ask(bare_desk, since="1").rows) == 2
    for since, message in (("9", "没有第 9 版"), ("2020-01-01", "2020-01-01 以前没有载入过"), ("去年", "无法识别")):
        with pytest.raises(QuestionError, match=message):
            ask(bare_desk, since=since)
    with pytest.raises(QuestionError, match="rule 不能是“x”"):
        ask(bare_desk, rule="x")
    assert len(ask(bare_desk, base="实体运营非公企业").rows) == 2
    assert ask(bare_desk, base="社会组织").rows == ()
    with pytest.raises(QuestionError, match="不能按“规上企业”比较"):
        ask(bare_desk, base="规上企业")


def test_a_write_that_was_broken_off_on_another_day_leaves_nothing(desk: Desk) -> None:
    orgs = desk.csv("党组织.csv", "党组织全称,类别,行政区划,届满日期\n甲支部,支部,东镇,2026-04-30\n")
    desk.load(orgs, units(desk, ("一公司", "东镇", 4, "")), as_of=SUMMER)

    def kept() -> tuple[list[Any], list[Any]]:
        found = desk.query(
            "MATCH (k:Measurement) WHERE k.population > 0 RETURN k.id AS id, k.population AS population, "
            "k.findings AS findings, k.as_of AS as_of ORDER BY id"
        )
        return found, desk.query(
            "MATCH (f:FindingSpan) WHERE f.closed IS NULL OR f.closed > f.opened "
            "RETURN f.id AS id, f.closed AS closed ORDER BY id"
        )

    # in spring the term has not run out; then, resumed in summer, it has; and the other way round
    for first, last in ((SPRING, SUMMER), (SUMMER, SPRING)):
        before = kept()
        whole, resumed = (_measured(desk, days) for days in ((last,), (first, last)))
        assert kept() == before, "neither was published"
        assert resumed == whole != _measured(desk, (first,))


def _measured(desk: Desk, days: tuple[dt.date, ...]) -> tuple[list[Any], list[Any]]:
    """What the next revision would be measured by after attempts on these days, the last of which ended."""
    found: tuple[list[Any], list[Any]] = [], []
    with contextlib.suppress(InterruptedError), desk.store.writer("测试", "断") as writer:
        revision = writer.revision + 1
        for number, day in enumerate(days):
            writer.unfinished = number > 0  # type: ignore[misc]
            measurements.measure(writer, FEW, desk.locality, day, revision)
        spans = writer.query(
            "MATCH (f:FindingSpan) WHERE f.closed IS NULL OR f.closed > f.opened "
            "RETURN f.id AS id, f.closed AS closed ORDER BY id"
        )
        found = _counted(writer, revision), spans.to_pylist()
        raise InterruptedError
    return found


def _counted(reader: Reader, revision: int) -> list[Any]:
    found = reader.query(
        "MATCH (k:Measurement) WHERE k.revision = $revision AND k.population > 0 "
        "RETURN k.id AS id, k.findings AS findings, k.as_of AS as_of ORDER BY id",
        {"revision": revision},
    )
    return found.to_pylist()


def _open(reader: Reader) -> set[tuple[str, str]]:
    table = reader.query("MATCH (f:FindingSpan) WHERE f.closed IS NULL RETURN f.rule AS rule, f.subject AS subject")
    pairs = list(zip(table["rule"].to_pylist(), table["subject"].to_pylist(), strict=True))
    assert len(pairs) == len({*pairs})
    return {*pairs}


def _found(reader: Reader, as_of: dt.date, rules: Book = FEW) -> set[tuple[str, str]]:
    context = Inquiry(as_of, Locality(), load_ontology(), book=rules)
    return {(f.rule, f.subject) for rule in rules.rules for f in rules.run(reader, rule, context).findings}


def test_what_is_measured_is_what_is_asked(sample_store: Store) -> None:
    """Spans are the findings of all rules; the figures of any division are those of its overview and its lists."""
    with sample_store.reader() as reader:
        assert _open(reader) == _found(reader, REFERENCE_DATE, book())
    asked: Office = office(sample_store)
    for region in ("", "丁市", "戊街道"):
        scope = {"region": region} if region else {}
        (last,) = asked.answer("trends", scope, CLERK).rows
        overview = asked.answer("overview", scope, CLERK)
        for kind in ("企业", "社会组织"):
            for coverage in ("org_coverage", "work_coverage"):
                rate = overview.total(f"{coverage}_{kind}")
                assert (last[f"{coverage}_covered_{kind}"], last[f"units_{kind}"]) == (rate.numerator, rate.denominator)
                assert last[f"{coverage}_{kind}"] == rate.value
        for rule in book().rules:
            answer = asked.answer(rule, scope, CLERK)
            assert last.get(rule, 0) == answer.total("findings").value, (region, rule)
            (row,) = asked.answer("trends", {**scope, "rule": rule}, CLERK).rows
            assert row[f"population_{rule}"] == answer.total("population").value, (region, rule)
    unverified = asked.answer("org_should_exist", {}, CLERK).total("unverified").value
    with sample_store.reader() as reader:
        kept = reader.query(
            "MATCH (k:Measurement) WHERE k.rule = 'org_should_exist' AND k.base = '' "
            "RETURN k.division AS id, k.unverified AS n ORDER BY id"
        )
    assert sum(kept["n"].to_pylist()) == unverified


_STEP = st.one_of(
    st.just("undo"),
    st.tuples(
        st.sampled_from([SPRING, SUMMER]),
        st.lists(
            st.tuples(
                st.sampled_from(["一公司", "二公司", "三公司"]),
                st.sampled_from(["东镇", "西镇"]),
                st.integers(0, 4),
                st.sampled_from(["", "甲支部", "乙支部"]),
            ),
            min_size=1,
            max_size=3,
            unique_by=lambda row: row[0],
        ),
    ),
)


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(_STEP, min_size=1, max_size=5))
def test_open_spans_are_what_is_found_after_any_loads(
    divided_store: Path, tmp_path_factory: pytest.TempPathFactory, steps: list[Any]
) -> None:
    desk = Desk(tmp_path_factory.mktemp("steps"), divided_store)
    orgs = "党组织全称,类别,行政区划,届满日期\n甲支部,支部,东镇,2026-04-30\n乙支部,支部,西镇,2027-04-30\n"
    desk.load(desk.csv("党组织.csv", orgs), as_of=SPRING)
    at: dict[int, set[tuple[str, str]]] = {}
    #: problems by rule and division, '' for the whole county
    counted: dict[int, Counter[tuple[str, str]]] = {}
    as_of = SPRING
    for step in steps:
        if step == "undo":
            try:
                desk.undo(as_of)
            except InputError:
                continue
        else:
            before, (when, rows) = desk.revision, step
            desk.load(units(desk, *rows), as_of=when)
            as_of = as_of if desk.revision == before else when
        with desk.store.reader() as reader:
            at[reader.revision] = _open(reader)
            assert at[reader.revision] == _found(reader, as_of)
            lying = Regions.read(reader).located(reader).by_id
            counted[reader.revision] = Counter(
                (rule, place) for rule, subject in at[reader.revision] for place in {"", lying.get(subject, "")}
            )
    assert isinstance(desk.store, EmbeddedStore)
    for since in at:
        rows_ = ask(desk, since=str(since)).rows
        gone = {(r["rule"], r["subject_id"]) for r in rows_ if r["change"] == MENDED}
        come = {(r["rule"], r["subject_id"]) for r in rows_ if r["change"] in (NEW, RETURNED)}
        now = at[max(at)]
        assert (gone, come) == (at[since] - now, now - at[since])
    # whether a revision wrote its figures or left those of another standing
    for place in {"", *(place for counts in counted.values() for _, place in counts)}:
        trends = office(desk.store).answer("trends", {"region": place} if place else {}, CLERK)
        for row in trends.rows:
            if row["number"] in counted:
                expected = {rule: counted[row["number"]][rule, place] for rule in FEW.rules}
                assert {rule: row.get(rule, 0) for rule in FEW.rules} == expected, (place, row["number"])
    desk.store.close()
