"""Which queries are refused unread: everything that is not on the list of what only reads."""

from __future__ import annotations

import pytest

from graph.errors import QueryError
from graph.stores.base import Store
from graph.stores.clauses import refusal
from tests.graph.stores.hostile import DEEDS, SPELLINGS

ALLOWED = (
    "MATCH (u:Unit) RETURN u.id AS id ORDER BY id;",
    "MATCH (u:Unit {listed: true})-[r:LOCATED_IN|PART_OF*1..3]->(v:Region) WHERE NOT u.name STARTS WITH 'SET' RETURN u.id AS id",
    "OPTIONAL MATCH (u) WHERE EXISTS { (u)--(v) } AND COUNT { MATCH (u)-->(w) RETURN w } > 1 RETURN count(*) AS n",
    "UNWIND $rows AS row WITH row, CASE WHEN row.x = 1 THEN 'a' ELSE 'b' END AS set RETURN set AS `DELETE` LIMIT 3",
    "MATCH (u) WITH * WHERE u.`CREATE` IS NOT NULL RETURN [x IN collect(u.name) WHERE x <> 'DROP' | x + 1][0..2] AS id",
    "MATCH (u) RETURN u.id AS id UNION ALL MATCH (v) RETURN v.id AS id // DELETE\n",
    "RETURN /* SET ' */ coalesce(sum(1), -2.5e3) % 2 AS n",
    "MATCH (set:Unit) WHERE set.merge > 0 RETURN set.delete AS create",
)


@pytest.mark.parametrize("query", ALLOWED)
def test_what_only_reads_is_allowed(query: str) -> None:
    assert refusal(query) is None


@pytest.mark.parametrize("deed", DEEDS)
def test_no_deed_is_allowed_in_any_place_and_spelling(deed: str) -> None:
    for spell in SPELLINGS:
        written = spell(deed)
        for text in (
            written,
            f"{written} MATCH (u:Unit) RETURN u.id AS id",
            f"MATCH (u:Unit) {written} RETURN u.id AS id",
            f"MATCH (u:Unit) WHERE u.listed {written} RETURN u.id AS id",
            f"MATCH (u:Unit) WITH u {written} RETURN u.id AS id",
            f"MATCH (u:Unit) RETURN u.id AS id; {written}",
            f"MATCH (u:Unit) RETURN u.id AS id ORDER BY id {written}",
            f"MATCH (u:Unit) RETURN u.id AS id UNION ALL {written}",
            f"MATCH (u:Unit) WHERE EXISTS {{ {written} }} RETURN u.id AS id",
            f"MATCH (u:Unit) WHERE EXISTS {{ MATCH (v) {written} }} RETURN u.id AS id",
            f"MATCH (u:Unit) WHERE true /* ' */ {written} /* ' */ RETURN u.id AS id",
        ):
            assert refusal(text) is not None, text


@pytest.mark.parametrize(
    ("query", "what", "at"),
    [
        ("MATCH (u)\nSET u.a = 1 RETURN u.id AS id", "SET", 10),
        ("MATCH (u) RETURN u.id AS id; RETURN 1 AS id", "不止一个查询", 27),
        ("MATCH (u) WHERE u.a = '\\u0027' RETURN u.id AS id", "\\u", 23),
        ("MATCH (u)\u2028RETURN u.id AS id", "U+2028", 9),
        ("MATCH (u) RETURN load_extension('x') AS id", "load_extension", 17),
        ("MATCH (u) RETURN apoc.coll.max([1]) AS id", "max", 27),
        ("", "没有查询", 0),
        ("// only a comment", "没有查询", 0),
    ],
)
def test_a_refusal_says_what_and_where(query: str, what: str, at: int) -> None:
    refused = refusal(query)
    assert refused is not None
    assert what in refused.what
    assert refused.start == at
    assert refused.mend


def test_no_reader_asks_what_is_refused(store: Store) -> None:
    hostile = "MATCH (u:Unit) DETACH DELETE u RETURN count(*) AS n"
    with store.reader() as reader:
        for ask in (reader.query, lambda text: reader.prepare(text, {})):
            with pytest.raises(QueryError, match="DETACH"):
                ask(hostile)
    with store.writer("甲", "写") as writer, writer.reading() as reading:
        for ask in (writer.query, reading.query):
            with pytest.raises(QueryError, match="DETACH"):
                ask(hostile)
