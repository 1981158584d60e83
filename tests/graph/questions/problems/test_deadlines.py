"""Deadlines are exact to the day, for the terms that count, and agree with the rules on what is due."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from graph import ontology
from graph.answers import Answer
from graph.errors import QuestionError
from graph.locality import Locality
from graph.ontology import ALWAYS_TO
from graph.questions import catalogue
from graph.questions.asking import ask
from graph.questions.problems.deadlines import ELECTION, EXTENSION, GRACE, POSTING, extension_end
from graph.rules.book import book
from graph.rules.derived import extension_since, months_on
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader, Store
from graph.validity import posting_end, posting_since
from tests.graph.rules.building import Graph

AS_OF = dt.date(2026, 6, 30)
CONTEXT = Inquiry(AS_OF, Locality(), ontology.load(), book=book())
QuestionLink = Callable[..., Answer]
#: organizations by name: what their ledger says, and the kind and day of their deadline within six months
TERMS: dict[str, tuple[dict[str, Any], tuple[str, str] | None]] = {
    "当天": ({"term_to": "2026-06-30"}, (ELECTION, "2026-06-30")),
    "昨天": ({"term_to": "2026-06-29"}, None),
    "正好六个月": ({"term_to": "2026-12-30", "kind": "总支"}, (ELECTION, "2026-12-30")),
    "六个月零一天": ({"term_to": "2026-12-31"}, None),
    "未填": ({"term_to": None}, None),
    "类别未填": ({"term_to": "2026-09-01", "kind": None}, (ELECTION, "2026-09-01")),
    "临时": ({"term_to": "2026-09-01", "kind": "临时党支部"}, None),
    "任命": ({"term_to": "2026-09-01", "kind": "综合党委"}, None),
    "选举": ({"term_to": "2026-09-01", "kind": "综合党委", "elected": True}, (ELECTION, "2026-09-01")),
    "不再列入": ({"term_to": "2026-09-01", "listed": False}, None),
    "延期未满": ({"term_to": "2025-07-01", "extension_approved": True}, (EXTENSION, "2026-07-01")),
    "延期当天满": ({"term_to": "2025-06-30", "extension_approved": True}, (EXTENSION, "2026-06-30")),
    "延期已过": ({"term_to": "2025-06-29", "extension_approved": True}, None),
    "延期还早": ({"term_to": "2026-06-01", "extension_approved": True}, None),
    "延期未批": ({"term_to": "2026-06-01", "extension_approved": False}, None),
    "未满先批": ({"term_to": "2026-08-01", "extension_approved": True}, (ELECTION, "2026-08-01")),
}
#: postings by unit: officer, last day, and the kind and day of the deadline
POSTINGS: dict[str, tuple[str, str, tuple[str, str] | None]] = {
    "甲厂": ("在岗", "2026-07-31", (POSTING, "2026-07-31")),
    "乙厂": ("在岗", "2026-07-31", (POSTING, "2026-07-31")),
    "丙厂": ("在岗", "2026-12-31", None),
    "丁厂": ("在岗", "2026-06-30", (POSTING, "2026-06-30")),
    "戊厂": ("在岗", "2026-05-31", (GRACE, "2026-09-30")),
    "己厂": ("在岗", "2026-03-31", (GRACE, "2026-06-30")),
    "庚厂": ("在岗", "2025-12-31", None),
    "辛厂": ("调离", "2026-07-31", None),
    "壬厂": ("续派", "2026-07-31", None),
}


@pytest.fixture(scope="module")
def reader(module_store: Store) -> Iterator[Reader]:
    g = Graph()
    g.node("Region", "r0", name="丁市", kind="县")
    for town in ("r东", "r西"):
        g.edge(g.node("Region", town, kind="镇街"), "PART_OF", "r0")
    for number, (name, (said, _)) in enumerate(TERMS.items()):
        dated = said | {"term_to": said["term_to"] and dt.date.fromisoformat(said["term_to"])}
        g.edge(g.node("PartyOrg", f"o{number:02}", name=name, **dated), "LOCATED_IN", "r东" if number % 2 else "r西")
    for duty in ("在岗", "调离", "续派"):
        officer = g.node("GuidanceOfficer", f"g{duty}", duty=duty if duty == "调离" else "在岗")
        g.edge(officer, "LOCATED_IN", "r西")
    for name, (duty, until, _) in POSTINGS.items():
        unit = g.node("Unit", f"u{name}", name=name)
        g.edge(unit, "LOCATED_IN", "r东")
        g.edge(f"g{duty}", "GUIDES", unit, valid_to=dt.date.fromisoformat(until))
        if duty == "续派":
            g.edge(f"g{duty}", "GUIDES", unit, valid_from=dt.date(2026, 8, 1), valid_to=ALWAYS_TO)
    with module_store.writer("测试", "期限") as writer:
        g.write(writer)
    with module_store.reader() as opened:
        yield opened


@pytest.fixture(scope="module")
def asked(reader: Reader) -> QuestionLink:
    return lambda context=CONTEXT, **given: ask(catalogue(book()), reader, context, "deadlines", given)


def test_each_term_and_extension_to_the_day(asked: QuestionLink) -> None:
    rows = {r["subject"]: (r["kind"], r["due"].isoformat()) for r in asked().rows if r["kind"] in (ELECTION, EXTENSION)}
    assert rows == {name: due for name, (_, due) in TERMS.items() if due}


def test_each_posting_to_the_day_those_of_one_officer_and_day_together(asked: QuestionLink) -> None:
    rows = [r for r in asked().rows if r["kind"] in (POSTING, GRACE)]
    found = {
        unit: (r["kind"], r["due"].isoformat()) for r in rows for unit in r["detail"].partition("：")[2].split("、")
    }
    assert found == {name: due for name, (_, _, due) in POSTINGS.items() if due}
    assert len(rows) == 4
    assert {r["subject_sensitivity"] for r in rows} == {"person"}


def test_the_soonest_first_with_the_days_left(asked: QuestionLink) -> None:
    answer = asked()
    assert [r["due"] for r in answer.rows] == sorted(r["due"] for r in answer.rows)
    assert all(AS_OF + dt.timedelta(days=r["days"]) == r["due"] for r in answer.rows)
    assert answer.total("deadlines").value == len(answer.rows)
    for kind in (ELECTION, EXTENSION, POSTING, GRACE):
        of_kind = asked(kind=kind)
        assert answer.total(f"deadlines_{kind}").value == len(of_kind.rows) > 0
        assert {r["kind"] for r in of_kind.rows} == {kind}
    assert answer.total("no_date").value == 1


def test_of_a_division_another_date_and_fewer_months(asked: QuestionLink) -> None:
    whole = {r["subject_id"] for r in asked().rows}
    east, west = ({r["subject_id"] for r in asked(region=town).rows} for town in ("r东", "r西"))
    assert east
    assert west
    assert not east & west
    assert east | west == whole
    assert {r["subject"] for r in asked(months="1").rows} == {"当天", "延期未满", "延期当天满", "g在岗"}
    # asked about another day: one is overdue by then, another comes near
    later = {r["subject"] for r in asked(as_of="2026-07-01").rows}
    assert "当天" not in later
    assert "六个月零一天" in later
    for months in ("0", "61", "半年"):
        with pytest.raises(QuestionError, match="months 不能是"):
            asked(months=months)


def test_terms_within_six_months_are_those_due_soon_and_none_that_are_overdue(sample_store: Store) -> None:
    """即将届满 (a term that ends within six months), counted here over the records themselves."""
    elected = {"党委", "总支", "支部", "联合支部", None}
    with sample_store.reader() as opened:
        table = opened.query(
            "MATCH (o:PartyOrg) WHERE o.listed RETURN o.id AS id, o.kind AS kind, o.elected AS elected,"
            " o.term_to AS term_to, o.extension_approved AS extension_approved ORDER BY id"
        ).to_pylist()
        for as_of, until in (
            (AS_OF, dt.date(2026, 12, 30)),
            (dt.date(2026, 8, 31), dt.date(2027, 2, 28)),
            (dt.date(2027, 12, 31), dt.date(2028, 6, 30)),
        ):
            due = {
                o["id"]
                for o in table
                if (o["kind"] in elected and o["elected"] is not False)
                and o["term_to"] is not None
                and as_of <= o["term_to"] <= until
            }
            context = replace(CONTEXT, as_of=as_of)
            answer = ask(catalogue(book()), opened, context, "deadlines", {"kind": ELECTION})
            assert {r["subject_id"] for r in answer.rows} == due
            assert due
            overdue = {f.subject for f in book().findings(opened, "term_overdue", context)}
            assert not due & overdue
            population = set(book().run(opened, "term_overdue", context).population)
            assert due <= population
            if "term_due_soon" in book().rules:
                assert {f.subject for f in book().findings(opened, "term_due_soon", context)} == due


def test_last_days_are_those_of_the_rules() -> None:
    """The day is the last on which the parameter of the rule keeps the term or the posting in force."""
    days = [dt.date(2023, 1, 1) + dt.timedelta(days=n) for n in range(3 * 366)]
    for day, quarters in itertools.product(days, (0, 1, 2)):
        given = Locality(posting_grace_quarters=quarters)
        end = posting_end(day, given)
        assert posting_since(end, given) <= day
        assert posting_since(end + dt.timedelta(days=1), given) > day
        if quarters == 0:
            last = extension_end(day)
            assert extension_since(replace(CONTEXT, as_of=last)) <= day
            assert extension_since(replace(CONTEXT, as_of=last + dt.timedelta(days=1))) > day
    assert months_on(dt.date(2026, 8, 31), 6) == dt.date(2027, 2, 28)
    assert months_on(dt.date(2026, 12, 1), 12) == dt.date(2027, 12, 1)
