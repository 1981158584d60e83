"""The dates of units in the queries of rules and bases."""

from __future__ import annotations

import pytest

from graph.rules.book import book
from graph.rules.dated import dated, needs_day
from graph.stores.lexing import code
from graph.validity import there


def test_listed_and_operating_of_a_unit_are_read_by_its_dates() -> None:
    query = "MATCH (x:Unit) WHERE x.listed AND x.operating = '在营' RETURN x.id AS id ORDER BY id"
    assert there("x") in dated(query)
    assert "CASE WHEN x.closed_on IS NULL OR x.closed_on < $as_of THEN x.operating END = '在营'" in dated(query)
    assert needs_day(query)
    always = dated(query, always=True)
    assert "x.listed AND CASE WHEN x.closed_on IS NULL THEN x.operating END" in always
    assert "$as_of" not in always


@pytest.mark.parametrize(
    "query",
    [
        "MATCH (u:Unit) WITH u AS x WHERE x.listed RETURN x.id AS id ORDER BY id",
        "MATCH (u:Unit) WITH u AS y WITH y as x WHERE x.listed RETURN x.id AS id ORDER BY id",
        "MATCH (x:`Unit`) WHERE x.listed RETURN x.id AS id ORDER BY id",
        "MATCH ( x : Unit {kind: '企业'}) WHERE x . listed RETURN x.id AS id ORDER BY id",
        "MATCH (o:PartyOrg) WHERE EXISTS { MATCH (o)-[:COVERS]->(x:Unit) WHERE x.listed } RETURN o.id AS id ORDER BY id",
    ],
)
def test_a_unit_is_known_however_it_is_written(query: str) -> None:
    assert there("x") in dated(query)
    assert needs_day(query)


def test_what_is_no_unit_is_left_alone() -> None:
    for query in (
        "MATCH (o:PartyOrg) WHERE o.listed RETURN o.id AS id ORDER BY id",
        "MATCH (u:Unit) WHERE u.staff > 3 RETURN u.id AS id, 'u.listed' AS text // u.listed",
        "MATCH (u:Unit|PartyOrg) WHERE u.listed RETURN u.id AS id",
        "MATCH (u:Unit) RETURN u.name AS x, u.id AS `u.listed` ORDER BY x",
        "MATCH (u:Unit) RETURN u.id AS id UNION ALL MATCH (u:Site) WHERE u.listed RETURN u.id AS id",
    ):
        assert dated(query) == query
        assert not needs_day(query)


def test_every_rule_on_units_is_read_by_their_dates() -> None:
    rules = [rule for rule in book().rules.values() if rule.subjects == ("Unit",)]
    assert len(rules) > 10
    for rule in rules:
        assert "closed_on" in code(rule.query.text({"scope": []})), rule.id
        assert "closed_on" in rule.query.text({"scope": ["r1"]}), rule.id
    for base in book().bases.values():
        for query in (base.member, base.undecided):
            assert "CASE WHEN u.closed_on IS NULL THEN u.operating END" in query.cypher
            assert "founded_on" not in query.cypher
