"""A store of a smaller ontology: it answers as if what it lacks were null, and the next write adds that."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from graph import ontology
from graph.errors import StoreError
from graph.ontology import EdgeType, NodeType, Ontology
from graph.stores import growth, transfer
from graph.stores.cypher import LADYBUG, ladybug_ddl
from graph.stores.ladybug import store as ladybug_store
from graph.stores.ladybug.reading import Reading, database, execute
from graph.stores.ladybug.store import EmbeddedStore
from graph.stores.ladybug.tables import growing
from tests.graph.stores.older import answers, change, commit, read
from tests.places import Place

NOW = ontology.load()
MEMORY = 1 << 27


def less(names: Collection[str]) -> Ontology:
    """The ontology without some types and properties (Type.name), the keys and the ends that they are part of."""

    def rest(kind: NodeType | EdgeType) -> dict[str, Any]:
        return {n: p for n, p in kind.properties.items() if f"{kind.name}.{n}" not in names}

    nodes = {
        n: replace(k, properties=rest(k), keys=tuple(key for key in k.keys if {*key} <= {*rest(k), "division"}))
        for n, k in NOW.nodes.items()
        if n not in names
    }
    edges = {
        n: replace(k, properties=rest(k), ends=tuple(pair for pair in k.ends if {*pair} <= {*nodes}))
        for n, k in NOW.edges.items()
        if n not in names
    }
    return replace(NOW, nodes=nodes, edges={n: kind for n, kind in edges.items() if kind.ends})


def least() -> Ontology:
    """The ontology without nearly all that a store could do without, and with one pair of ends an edge."""
    kinds = [kind for kind in (*NOW.nodes.values(), *NOW.edges.values()) if kind.name != "Change"]
    smaller = less(
        {f"{kind.name}.{item}" for kind in kinds for item in kind.properties if item != "name"} | {"Activity", "GUIDES"}
    )
    return replace(smaller, edges={n: replace(kind, ends=kind.ends[:1]) for n, kind in smaller.edges.items()})


def test_a_store_of_the_least_ontology_answers_and_is_grown_by_the_next_write(bare: Place) -> None:
    with closing(bare.open(ontology=least())) as store, store.writer("甲", "写") as writer:
        for kind, id_ in (("Unit", "u1"), ("PartyOrg", "o1"), ("Region", "r1")):
            writer.upsert(kind, pa.table({"id": [id_], "name": ["某"], "listed": [True]}))
        writer.upsert("Change", change(1))
        dates = {"valid_from": pa.array([ontology.ALWAYS_FROM]), "valid_to": pa.array([ontology.ALWAYS_TO])}
        covers = {"from": ["o1"], "to": ["u1"], "key": ["e1"]}
        writer.link("COVERS", "PartyOrg", "Unit", pa.table(covers | dates))
        writer.link(
            "LOCATED_IN", *NOW.edges["LOCATED_IN"].ends[0], pa.table({"from": ["u1"], "to": ["r1"], "key": ["e2"]})
        )
    with closing(bare.open(create=False)) as store:
        assert answers(store)["overview"].total("units").value == 1
        with store.reader() as reader:
            everything = [portion for portion in transfer.portions(reader, NOW) if portion.kind == "COVERS"]
            assert everything[0].rows["mode"].to_pylist() == [None]
        # until it is written, the older version can use it too
        assert read(bare, least()) == 1
        commit(store, 2, u2="二")
    with pytest.raises(StoreError, match=r"Unit\.credit_code（本程序没有这一属性）.*与本程序不符.*请用原来的版本打开"):
        read(bare, least())
    with closing(bare.open(create=False)) as store, store.writer("甲", "写") as writer:
        # a table that has grown has its columns in another order
        some = 3_000
        rows = {
            "id": [f"v{n}" for n in range(some)],
            "staff": range(some),
            "name": ["多"] * some,
            "listed": [True] * some,
        }
        writer.upsert("Unit", pa.table(rows))
        writer.upsert("Activity", pa.table({"id": ["a1"], "listed": [True]}))
        found = writer.query("MATCH (u:Unit) WHERE u.staff > 2990 RETURN u.id AS id, u.name AS name ORDER BY id")
        assert found["id"].to_pylist() == [f"v{n}" for n in range(2991, some)]
        assert {*found["name"].to_pylist()} == {"多"}


@pytest.fixture
def bare(request: pytest.FixtureRequest, place: Place) -> Place:
    """Where there is no store at all, on each engine."""
    if place.engine.file:
        return place
    server: Place = request.getfixturevalue("guarded")
    server.clear()
    return server


def pattern(name: str) -> str:
    return f"(n:{name})" if name in NOW.nodes else f"()-[n:{name}]->()"


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Reading]:
    """A file that has every table, open for changes to them."""
    path = tmp_path / "a.lbug"
    execute(path, MEMORY, ladybug_ddl(NOW).values())
    with closing(database(path, MEMORY)) as opened, closing(Reading(opened, path, NOW)) as made:
        yield made


def regrown(session: Reading, *fewer: str) -> list[str]:
    """Take something away, and give back what is missed then; the statements that do."""
    for statement in fewer:
        session._connection.execute(statement)
    statements = growing(session, NOW, Path("a.lbug"))
    for statement in statements:
        session._connection.execute(statement)
    return statements


def test_each_property_in_turn_is_missed_and_given_back(session: Reading) -> None:
    tables = growth.declared(NOW)
    by_type = [[(kind.name, item) for item in kind.properties] for kind in (*NOW.nodes.values(), *NOW.edges.values())]
    # one of each type at a time
    for turn in zip_longest(*by_type):
        missing = [some for some in turn if some]
        given_back = regrown(session, *(f"ALTER TABLE `{name}` DROP `{item}`" for name, item in missing))
        assert given_back == [
            f"ALTER TABLE `{name}` ADD `{item}` {LADYBUG[tables[name][item]]}" for name, item in missing
        ]
        for name, item in missing:
            assert session.query(f"MATCH {pattern(name)} RETURN n.`{item}` AS value").num_rows == 0
    assert regrown(session) == []


def test_each_type_in_turn_is_missed_and_given_back(session: Reading) -> None:
    statements = ladybug_ddl(NOW)
    for name in statements.keys() - {"Change"}:
        dropped = [n for n, edge in NOW.edges.items() if n == name or any(name in pair for pair in edge.ends)]
        dropped += [name] if name in NOW.nodes else []
        expected = [statements[n] for n in statements if n in dropped]
        assert regrown(session, *(f"DROP TABLE `{n}`" for n in dropped)) == expected
        assert session.query(f"MATCH {pattern(name)} RETURN count(*) AS n")["n"].to_pylist() == [0]
    assert regrown(session) == []


#: how many parts the ontology is taken apart into: each is missing once, while the others are there
PARTS = 3


def fewer_properties(part: int) -> Ontology:
    names = [f"{kind.name}.{item}" for kind in (*NOW.nodes.values(), *NOW.edges.values()) for item in kind.properties]
    return less({name for name in names[part::PARTS] if not name.startswith("Change.")})


def fewer_types(part: int) -> Ontology:
    return less({*[name for name in (*NOW.nodes, *NOW.edges) if name not in ("Change", "Unit")][part::PARTS]})


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("smaller", [fewer_properties, fewer_types])
def test_a_store_of_part_of_the_ontology_answers_and_is_grown(
    tmp_path: Path, smaller: Callable[[int], Ontology], part: int
) -> None:
    path = tmp_path / "a.lbug"
    with closing(EmbeddedStore(path, create=True, ontology=smaller(part))) as store, store.writer("甲", "写") as writer:
        writer.upsert("Unit", pa.table({"id": ["u1"], "listed": [True]}))
        writer.upsert("Change", change(1))
    before = path.read_bytes()
    with closing(EmbeddedStore(path)) as store:
        assert answers(store)["overview"].total("units").value == 1
        assert path.read_bytes() == before
        commit(store, 2, u2="二")
    with closing(database(path, MEMORY, read_only=True)) as opened, closing(Reading(opened, path, NOW)) as session:
        assert growing(session, NOW, path) == []
        assert session.revision == 2


# -- what cannot be carried over ------------------------------------------------------------------------


def other(name: str, **items: str | None) -> dict[str, dict[str, str]]:
    """The tables of the ontology, of which a type has other columns (None: it lacks one)."""
    tables = growth.declared(NOW)
    return {**tables, name: {n: k for n, k in (tables.get(name, {}) | items).items() if k is not None}}


CONFLICTS = [
    (other("Unit", staff="string"), "Unit.staff（类型是 string，本程序为 integer）"),
    (other("Unit", households="integer"), "Unit.households（本程序没有这一属性）"),
    (other("Household", id="string"), "Household（本程序没有这一类型）"),
    (other("Unit", listed=None), "Unit.listed（缺少，而本程序不能没有）"),
    (other("COVERS", valid_to=None), "COVERS.valid_to（缺少，而本程序不能没有）"),
    (other("COVERS", **{"Unit→Unit": "ends"}), "COVERS Unit→Unit（本程序没有这样的两端）"),
]


@pytest.mark.parametrize(("tables", "named"), CONFLICTS, ids=[named.partition("（")[0] for _, named in CONFLICTS])
def test_what_cannot_be_carried_over_is_named(tables: growth.Tables, named: str) -> None:
    assert growth.conflicts(tables, NOW) == [named]


def test_values_that_are_kept_alike_do_not_differ() -> None:
    assert NOW.nodes["Unit"].properties["revenue"].type == "money"
    assert growth.conflicts(other("Unit", revenue="integer"), NOW) == []


def test_a_file_of_which_something_cannot_be_carried_over_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.lbug"
    with closing(EmbeddedStore(path, create=True)) as store:
        commit(store, 1, u1="一")
    changes = ["ADD households INT64", "DROP staff", "ADD staff STRING"]
    execute(path, MEMORY, [f"ALTER TABLE Unit {change}" for change in changes])
    execute(path, MEMORY, ["CREATE NODE TABLE Household(id STRING, PRIMARY KEY(id))", "COMMENT ON TABLE Change IS ''"])
    before = path.read_bytes()
    with closing(EmbeddedStore(path)) as store:
        for begin in (store.reader, lambda: store.writer("甲", "写")):
            with pytest.raises(StoreError) as caught, begin():
                pass
            for named in ("Unit.households（", "Unit.staff（类型是 string", "Household（", "请用原来的版本打开"):
                assert named in str(caught.value)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir() if p.suffix != ".lock"] == ["a.lbug"]


def test_a_copy_to_be_read_that_cannot_be_made_says_where_it_would_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.lbug"
    with closing(EmbeddedStore(path, create=True, ontology=less({"Unit.staff"}))) as store, store.reader():
        pass
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    with closing(EmbeddedStore(path)) as store, pytest.raises(StoreError, match="TMPDIR"), store.reader():
        pass


def test_a_grown_copy_is_made_once_and_left_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, temporary = tmp_path / "a.lbug", tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    with closing(EmbeddedStore(path, create=True, ontology=less({"Unit.staff"}))) as store:
        commit(store, 1, u1="一")
    files: list[Path] = []
    grown = ladybug_store._grown
    monkeypatch.setattr(ladybug_store, "_grown", lambda path, more: (files.append(path), grown(path, more))[1])
    with closing(EmbeddedStore(path)) as store:
        for _ in range(3):
            with store.reader() as one, store.reader() as another:
                assert [*temporary.iterdir()] == []
                for reader in (one, another):
                    rows = reader.query("MATCH (u:Unit) RETURN u.id AS id, u.staff AS staff").to_pylist()
                    assert rows == [{"id": "u1", "staff": None}]
        assert files == [path]
        commit(store, 2, u2="二")
        with store.reader() as reader:
            assert reader.revision == 2
        assert files == [path]


def test_a_file_that_is_replaced_while_a_copy_of_it_is_grown_is_opened_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, grown = tmp_path / "a.lbug", ladybug_store._grown
    with closing(EmbeddedStore(path, create=True, ontology=less({"Unit.staff"}))) as store:
        commit(store, 1, u1="一")

    def grown_late(path: Path, statements: list[str]) -> Any:
        with closing(EmbeddedStore(path)) as another:
            commit(another, 2, u2="二")
        # the copy is now one of a file that lacks nothing, so that the statements fail
        return grown(path, statements)

    monkeypatch.setattr(ladybug_store, "_grown", grown_late)
    with closing(EmbeddedStore(path)) as store, store.reader() as reader:
        assert reader.revision == 2
        assert reader.query("MATCH (u:Unit) RETURN u.id AS id ORDER BY id")["id"].to_pylist() == ["u1", "u2"]
