"""Every rule on random graphs: what it finds lies in its denominator, and both engines find the same.

The graphs follow the ontology and nothing else: any value beside any other, blanks, relations that run out, that have
not begun, or that end before they begin, things that are no longer listed. Ledgers never state most of it.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from graph import ontology
from graph.answers import Answer
from graph.locality import Locality
from graph.ontology import Property
from graph.questions import catalogue
from graph.questions.asking import ask
from graph.regions import Regions
from graph.rules.book import book
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader, Store
from tests.graph.rules.building import Graph

AS_OF = dt.date(2026, 6, 30)
SET = Locality(
    key_industries=("物业", "小个专"),
    key_chains=("链",),
    visit_interval_days=90,
    thresholds={"party_staff_min_members": 3},
)
CONTEXT = Inquiry(AS_OF, SET, ontology.load(), book=book())
ENTITIES = {kind.name: kind for kind in ontology.load().entities}
#: counties, and things of each type in each of them
COUNTIES, EACH = 12, 8
COUNTS = (None, None, 0, 1, 2, 3, 4, 5, 6, 7, 8, 49, 50, 51, 99, 100, 101, 50_000, 200_000)
NEAR = (-2000, -731, -366, -365, -181, -91, -90, -31, -1, 0, 1, 31, 183, 184, 365, 2000)
#: what more than half of the units are, so that bases are not empty
USUAL = {"kind": "企业", "ownership": "非公", "operating": "在营", "entity_operated": None}
#: outcome of each rule by the first engine that was asked: the other must say the same
FIRST: dict[str, tuple[tuple[str, ...], ...]] = {}


def value(prop: Property, rnd: random.Random) -> Any:
    """A value that the type of a property allows, often a blank."""
    if prop.values and prop.type != "boolean" and rnd.random() < 0.8:
        return rnd.choice([*prop.values])
    if rnd.random() < 0.3:
        return None
    if prop.type == "date":
        return AS_OF + dt.timedelta(rnd.choice(NEAR))
    if prop.type == "boolean":
        return rnd.random() < 0.5
    if prop.type == "strings":
        return rnd.sample(["脱贫村", "乡村振兴重点村", "物业", "食品"], rnd.randrange(3))
    if prop.type == "string":
        return rnd.choice(["物业行业", "小个专", "食品", "链"])
    return float(rnd.randrange(100)) if prop.type == "number" else rnd.choice(COUNTS)


def properties(declared: dict[str, Property], rnd: random.Random) -> dict[str, Any]:
    return {name: value(prop, rnd) for name, prop in declared.items() if name not in ("bases", "bases_undecided")}


def county(graph: Graph, number: int) -> None:
    """A county with towns and what lies in them; relations between any of its things that the ontology joins."""
    rnd = random.Random(number)
    root = graph.node("Region", f"r{number}", kind="县")
    by_type: dict[str, list[str]] = {"Region": [root]}
    for i in range(3 * EACH):
        kind = rnd.choice(("镇街", "村", "社区", "园区", "楼宇", "商圈", "网格"))
        more = properties(dict(ENTITIES["Region"].properties), rnd)
        region = graph.node("Region", f"r{number}.{i}", **more | {"name": f"区划{number}.{i}", "kind": kind})
        graph.edge(region, "PART_OF", rnd.choice(by_type["Region"][:4]))
        by_type["Region"].append(region)
    for kind in ENTITIES.values():
        if kind.name == "Region":
            continue
        for i in range(EACH):
            more = properties(dict(kind.properties), rnd) | {kind.called.name: f"{kind.label}{number}.{i}"}
            if kind.name == "Unit" and rnd.random() < 0.6:
                more |= USUAL
            node = graph.node(kind.name, f"{kind.prefix}{number}.{i}", **more, listed=rnd.random() < 0.85)
            if (kind.name, "Region") in ontology.load().edges["LOCATED_IN"].ends:
                graph.edge(node, "LOCATED_IN", rnd.choice(by_type["Region"]))
            by_type.setdefault(kind.name, []).append(node)
    for edge in ontology.load().edges.values():
        for one, other in edge.ends:
            if edge.name in ("LOCATED_IN", "PART_OF"):
                continue
            for _ in range(2 if edge.name == "PAIRED_WITH" else EACH * 2):
                more = properties(dict(edge.properties), rnd)
                if edge.dated:
                    days = {
                        name: AS_OF + dt.timedelta(rnd.choice(NEAR))
                        for name in ("valid_from", "valid_to")
                        if rnd.random() < 0.3
                    }
                    more |= days
                graph.edge(rnd.choice(by_type[one]), edge.name, rnd.choice(by_type[other]), **more)


@pytest.fixture(scope="module")
def reader(module_store: Store) -> Iterator[Reader]:
    graph = Graph()
    for number in range(COUNTIES):
        county(graph, number)
    with module_store.writer("测试", "随机") as writer:
        graph.write(writer)
        book().refresh(writer, SET, AS_OF)
    with module_store.reader() as opened:
        yield opened


@pytest.mark.parametrize("rule", book().rules)
def test_findings_lie_in_the_denominator(rule: str, reader: Reader) -> None:
    outcome = book().run(reader, rule, CONTEXT)
    population = {*outcome.population}
    findings, unverified = ([f.subject for f in group] for group in (outcome.findings, outcome.unverified))
    assert len(population) == len(outcome.population)
    assert {*findings} <= population
    assert {*unverified} <= population - {*findings}
    assert len({*findings}) == len(findings)
    listed = {
        id_
        for kind in outcome.rule.subjects
        for id_ in reader.query(f"MATCH (n:{kind}) WHERE n.listed RETURN n.id AS id ORDER BY id")["id"].to_pylist()
    }
    assert population <= listed, "what is no longer listed is in no denominator"
    ids = book().ids(reader, rule, CONTEXT)
    assert tuple(map(sorted, (column.to_pylist() for column in ids))) == (
        sorted(population), sorted(findings), sorted(unverified),
    )  # fmt: skip
    told = tuple(outcome.population), tuple(findings), tuple(unverified)
    assert FIRST.setdefault(rule, told) == told, "the engines differ"


@pytest.mark.parametrize("rule", [rule.id for rule in book().rules.values() if "bases" in rule.given])
@pytest.mark.parametrize("base", book().bases)
def test_findings_in_a_base_are_units_of_the_base(rule: str, base: str, reader: Reader) -> None:
    rows = reader.query(
        "MATCH (u:Unit) RETURN u.id AS id, u.bases AS bases, u.bases_undecided AS undecided"
    ).to_pylist()
    inside = {row["id"] for row in rows if base in row["bases"]}
    undecided = {row["id"] for row in rows if base in row["undecided"]}
    assert not inside & undecided
    outcome = book().run(reader, rule, replace(CONTEXT, base=base))
    assert {*outcome.population} <= inside | undecided
    assert {finding.subject for finding in outcome.findings} <= inside


@pytest.mark.parametrize("rule", book().rules)
def test_a_division_has_no_more_than_the_county(rule: str, reader: Reader) -> None:
    whole = {*book().run(reader, rule, CONTEXT).population}
    for number in range(3):
        scope = tuple(Regions.read(reader).below([f"r{number}"]))
        outcome = book().run(reader, rule, replace(CONTEXT, scope=scope))
        assert {*outcome.population} <= whole
        assert {finding.subject for finding in outcome.findings} <= {*outcome.population}


def test_states_of_both_coverages_add_up(reader: Reader) -> None:
    def asked(**parameters: str) -> Answer:
        return ask(catalogue(book()), reader, CONTEXT, "overview", parameters)

    for base in book().bases:
        answer = asked(base=base)
        for total in answer.totals:
            if total.role == "coverage":
                aspect = "org" if total.aspect == "organization" else "work"
                kind = total.name.rpartition("_")[2]
                states = [
                    t.value or 0
                    for t in answer.totals
                    if t.name.startswith(aspect) and t.role == "state" and t.name.endswith(kind)
                ]
                assert sum(states) == total.denominator
        for row in answer.rows:
            for kind in ("企业", "社会组织"):
                assert row[f"covered_{kind}"] <= row[f"units_{kind}"] >= row[f"work_covered_{kind}"]
    form = ask(catalogue(book()), reader, CONTEXT, "annual_form", {})
    unclear = {row["unit_id"] for row in ask(catalogue(book()), reader, CONTEXT, "units", {"org": "方式不明"}).rows}
    assert sum(row["unknown_mode"] for row in form.rows) == len(unclear) > 0
    alone = book().run(reader, "org_should_stand_alone", CONTEXT)
    assert not unclear & {f.subject for f in alone.findings}, "方式不明 in the form is 待核实 in the rule"
    within = {*alone.population} - {f.subject for f in alone.findings}
    joint = {row["unit_id"] for row in ask(catalogue(book()), reader, CONTEXT, "units", {"org": "联合组建"}).rows}
    assert joint
    assert not joint & within
