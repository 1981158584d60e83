"""What only a store on a server has: a schema that others may have left, remarks on queries, other processes."""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings

from graph import ontology
from graph.errors import QueryError, StoreAbsentError, StoreError
from graph.ontology import Ontology
from graph.stores.base import Store, Writer
from graph.stores.clauses import refusal
from graph.stores.neo4j import store as neo4j
from graph.stores.neo4j.bolt import Server
from graph.stores.neo4j.store import Neo4jStore
from tests.graph.stores.hostile import texts
from tests.places import Place, RemarkError, embedded

#: more of them for `make torture`
HOSTILE_TEXTS = int(os.environ.get("TORTURE_EXAMPLES", "150"))
COUNT = "MATCH (u:Unit) RETURN count(*) AS n"


def units(writer: Writer, count: int, start: int = 0) -> None:
    ids = [f"u{start + i}" for i in range(count)]
    writer.upsert("Unit", pa.table({"id": ids, "name": ids, "listed": [True] * count}))


def commit(writer: Writer, number: int) -> None:
    writer.upsert("Change", pa.table({"id": [f"x{number}"], "number": [number], "kind": ["load"]}))


def counted(store: Store) -> int:
    with store.reader() as reader:
        return int(reader.query(COUNT)["n"][0].as_py())


@contextlib.contextmanager
def opened(server: Server, **more: Any) -> Iterator[Neo4jStore]:
    store = Neo4jStore(server, embedded, **{"create": True, **more})
    try:
        yield store
    finally:
        store.close()


def test_routing_works_against_a_single_server(on_server: Place) -> None:
    place = replace(on_server, location=on_server.location.replace("bolt", "neo4j"))
    with opened(place.server()) as store:
        with store.writer("甲", "写") as writer:
            units(writer, 3)
            commit(writer, 1)
        with store.reader() as reader:
            assert (reader.revision, reader.query(COUNT)["n"].to_pylist()) == (1, [3])


@pytest.mark.parametrize(("said", "size"), [("0B", 0), ("692.91MiB", 726_568_796), ("2.00GiB", 2 << 30)])
def test_a_server_tells_what_it_can_hold(said: str, size: int) -> None:
    assert neo4j.size(said) == size


def test_a_write_is_one_transaction_as_far_as_the_server_can_hold_it(on_server: Place) -> None:
    with opened(on_server.server()) as store:
        assert 100_000_000 < store.room <= neo4j.ONE_TRANSACTION


def test_a_reader_sees_what_this_process_has_just_written(on_server: Place) -> None:
    with opened(on_server.server()) as one, opened(on_server.server()) as other:
        marks = []
        for number in range(1, 4):
            with one.writer("甲", "写") as writer:
                units(writer, 10 * number)
                commit(writer, number)
            marks.append(one.server._bookmarks.get_bookmarks())
            assert (counted(one), counted(other)) == (10 * number, 10 * number)
        assert len({*map(frozenset, marks)}) == 3, "every write leaves a bookmark, which the next session waits for"


# -- the schema ---------------------------------------------------------------------------------------


@pytest.fixture
def bare(guarded: Place) -> Place:
    """A database as new as it gets."""
    guarded.clear()
    return guarded


def older() -> Ontology:
    """An ontology that lacks a type of node, one of edge, a property, and an index with it."""
    now = ontology.load()
    unit, unit_keys = now.nodes["Unit"], ("credit_code",)
    properties = {n: p for n, p in unit.properties.items() if n != "credit_code"}
    fewer = replace(unit, properties=properties, keys=tuple(k for k in unit.keys if k != unit_keys))
    nodes = {n: fewer if n == "Unit" else k for n, k in now.nodes.items() if n != "Activity"}
    edges = {n: replace(k, ends=tuple(pair for pair in k.ends if "Activity" not in pair)) for n, k in now.edges.items()}
    return replace(now, nodes=nodes, edges={n: k for n, k in edges.items() if k.ends})


def schema(place: Place) -> set[str]:
    server = place.server()
    indexes = {
        row[0] for row in server.read("SHOW INDEXES YIELD name WHERE name STARTS WITH 'liangxin' RETURN name", {})
    }
    server.close()
    return indexes


def test_a_store_of_an_older_version_is_brought_up_to_date(bare: Place) -> None:
    # several processes may be the first
    with contextlib.ExitStack() as stack:
        stores: list[Store] = []
        wrong: list[Exception] = []

        def build() -> None:
            try:
                stores.append(stack.enter_context(opened(bare.server(remarks=False), ontology=older())))
            except Exception as error:
                wrong.append(error)

        threads = [threading.Thread(target=build) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []
        with stores[0].writer("甲", "写") as writer:
            units(writer, 3)
            commit(writer, 1)
    before = schema(bare)
    assert "liangxin_Unit_credit_code" not in before
    assert "liangxin_Activity_id" not in before
    with opened(bare.server(), create=False) as store:
        with store.reader() as reader:
            assert reader.revision == 1
            rows = reader.query("MATCH (u:Unit) RETURN u.id AS id, u.credit_code AS code ORDER BY id").to_pylist()
            assert rows == [{"id": f"u{i}", "code": None} for i in range(3)]
            for kind in (ontology.load().nodes["Unit"], ontology.load().nodes["Activity"]):
                picked = ", ".join(f"n.`{name}` AS `{name}`" for name in kind.properties)
                reader.query(f"MATCH (n:{kind.name}) RETURN {picked}")
        # who only reads leaves it to the older program
        assert schema(bare) == before
        with opened(bare.server(), ontology=older()) as other, other.reader() as reader:
            assert reader.revision == 1
        with store.writer("甲", "写") as writer:
            writer.upsert("Unit", pa.table({"id": ["u1"], "credit_code": ["91350100M000100Y43"]}))
            writer.upsert("Activity", pa.table({"id": ["a1"], "listed": [True]}))
        assert schema(bare) - before >= {"liangxin_Unit_credit_code", "liangxin_Activity_id"}
    with opened(bare.server(), create=False) as store:
        assert store.server.read("MATCH (s:LiangxinState) RETURN count(s) AS n", {}) == [[1]]
    # an older program is told, and changes nothing
    with pytest.raises(
        StoreError, match=r"由另一版本建立.*Unit\.credit_code（本程序没有这一属性）.*Activity（本程序没有这一类型）"
    ):
        Neo4jStore(bare.server(), embedded, ontology=older())


@pytest.mark.parametrize(
    ("altered", "said"),
    [
        ({"Unit": {"staff": "string"}}, r"Unit\.staff"),
        ({"Unit": {"households": "integer"}}, r"Unit\.households"),
        ({"Household": {"id": "string"}}, r"Household"),
    ],
)
def test_a_store_that_cannot_be_brought_up_to_date_is_refused(
    on_server: Place, altered: dict[str, dict[str, str]], said: str
) -> None:
    server = on_server.server()
    ((kept,),) = server.read("MATCH (s:LiangxinState) RETURN [s.schema, s.tables] AS kept", {})
    tables = json.loads(kept[1])
    held = json.dumps({**tables, **{name: tables.get(name, {}) | kinds for name, kinds in altered.items()}})
    put = "MATCH (s:LiangxinState) SET s.schema = $schema, s.tables = $tables RETURN 1 AS n"
    try:
        server.change(put, {"schema": "older", "tables": held})
        with pytest.raises(StoreError, match=rf"{said}（.*） 与本程序不符.*请用原来的版本打开"):
            on_server.open()
    finally:
        server.change(put, {"schema": kept[0], "tables": kept[1]})
        server.close()
    on_server.open(create=False).close()


def test_a_database_of_someone_else_is_left_alone(bare: Place) -> None:
    server = bare.server()
    server.change("CREATE (:Film {title: '某片'})", {})
    with pytest.raises(StoreError, match=r"别的数据.*请另用一个空的数据库"):
        bare.open()
    assert server.read("MATCH (n) RETURN count(n) AS n", {}) == [[1]]
    assert schema(bare) == set()
    server.change("MATCH (n) DETACH DELETE n", {})
    with pytest.raises(StoreAbsentError, match="还没有图库"):
        bare.open(create=False)
    server.close()


def test_the_server_knows_what_its_indexes_hold_when_a_write_is_over(on_server: Place) -> None:
    """Else it plans the first questions for an empty graph, and they take minutes."""
    with opened(on_server.server()) as store:
        with store.writer("甲", "写") as writer:
            units(writer, 5_000)
        until = time.monotonic() + 3
        while True:
            ((counts,),) = store.server.read("CALL db.stats.retrieve('GRAPH COUNTS') YIELD data RETURN data", {})
            (held,) = (
                i["totalSize"]
                for i in counts["indexes"]
                if (i.get("labels"), i.get("properties")) == (["Unit"], ["id"])
            )
            if held == 5_000:
                break
            assert time.monotonic() < until
            time.sleep(0.05)


# -- what the server remarks --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "MATCH (u:Unit) WHERE u.nonsense > 3 RETURN u.id AS id",
        "MATCH (u:Household) RETURN u.id AS id",
        "MATCH (u:Unit)-[:OWNS]->(v:Unit) RETURN u.id AS id",
    ],
)
def test_a_name_that_no_store_has_is_refused_as_on_the_other_engine(on_server: Place, query: str) -> None:
    unknown = pytest.raises(QueryError, match=r"Cannot find property nonsense|Table (Household|OWNS) does not exist")
    with opened(on_server.server()) as store, store.reader() as reader, unknown:
        reader.query(query)


def test_a_remark_on_a_query_fails_a_test(on_server: Place) -> None:
    query = "MATCH (u:Unit), (r:Region) RETURN u.id AS id"
    with opened(on_server.server()) as store, store.reader() as reader, pytest.raises(RemarkError):
        reader.query(query)
    with opened(on_server.server(remarks=False)) as store, store.reader() as reader:
        assert reader.query(query).num_rows == 0


def test_a_question_cannot_write(on_server: Place) -> None:
    with opened(on_server.server()) as store:
        with pytest.raises(RuntimeError, match=r"AccessMode|read access"):
            # past the list of clauses
            store.server.read("CREATE (u:Unit {id: 'u1'}) RETURN u.id AS id", {})
        assert counted(store) == 0


def test_no_text_that_is_allowed_changes_anything(on_server: Place) -> None:
    # even in a transaction that may write: the list of clauses alone holds
    ran = 0
    with opened(on_server.server()) as store:
        with store.writer("甲", "写") as writer:
            units(writer, 1)
            commit(writer, 1)
        state = "MATCH (n) RETURN count(n) AS n, sum(n.staff) AS staff"
        before = store.server.read(state, {})

        @settings(max_examples=HOSTILE_TEXTS, deadline=None, database=None)
        @given(texts())
        def unchanged(text: str) -> None:
            nonlocal ran
            if refusal(text) is None:
                # the server also remarks on what it runs
                with contextlib.suppress(RuntimeError, RemarkError):
                    store.server.change(text, {"scope": ["u0"]})
                    ran += 1
                assert store.server.read(state, {}) == before

        unchanged()
    assert ran


def test_a_query_that_writes_while_a_write_is_measured_takes_it_along(on_server: Place) -> None:
    with opened(on_server.server()) as store:

        def write() -> None:
            with store.writer("甲", "写") as writer:
                units(writer, 2)
                with writer.reading() as reader:
                    assert reader.query(COUNT)["n"].to_pylist() == [2]
                    # past the list of clauses, which no query of a rule is
                    shape = neo4j.columns.shape("MATCH (u:Unit) SET u.staff = 999 RETURN u.id AS id", {})
                    try:
                        writer.read(shape, {"parameters": {}})
                    finally:
                        assert writer.lost

        with pytest.raises(QueryError, match="to change the graph"):
            write()
        assert counted(store) == 0
