"""The schema of a store on a server: recognized, built where there is none, grown by a write, or refused."""

from __future__ import annotations

import json
from collections.abc import Mapping

from graph.errors import StoreAbsentError, StoreError
from graph.ontology import Ontology
from graph.stores import cypher, growth
from graph.stores.neo4j.bolt import Server, contended
from graph.stores.neo4j.lease import NAMES, READ, State, read_state


def prepare(server: Server, ontology: Ontology, create: bool) -> None:
    """Have the server hold a store whose questions this ontology can ask.

    One of an older version is left as it is, until it is written: see `grow`. Raises StoreAbsentError where there is
    none (unless `create`), StoreError where there is something else: data of others, or a store of which something
    cannot be carried over.
    """
    labels = server.read("CALL db.labels() YIELD label WHERE label = 'LiangxinState' RETURN label", {})
    state = read_state(server.read(READ, {})) if labels else None
    if state is not None:
        if state.schema != _digest(ontology):
            _check(server, ontology, state)
            _register(server, ontology)
        return
    if server.read("MATCH (n) RETURN 1 AS n LIMIT 1", {}):
        raise StoreError(
            f"Neo4j 服务器 {server.location} 的数据库里有别的数据，不是本程序的图库。请另用一个空的数据库。"
        )
    if not create:
        raise StoreAbsentError(f"Neo4j 服务器 {server.location} 上还没有图库。请先执行 liangxin load 台账文件夹。")
    _register(server, ontology)
    _build(server, ontology)


def grow(server: Server, ontology: Ontology, state: State) -> None:
    """Give the store what it lacks; for one who has the right to write, and found the store in this state.

    Raises StoreError where something of it cannot be carried over.
    """
    if state.schema != _digest(ontology):
        _check(server, ontology, state)
        _build(server, ontology)


def _check(server: Server, ontology: Ontology, state: State) -> None:
    growth.check(json.loads(state.tables), ontology, f"图库 {server.location} ")


def _digest(ontology: Ontology) -> str:
    """What tells this schema from another."""
    return cypher.digest([json.dumps(growth.declared(ontology)), *cypher.neo4j_schema(ontology).values()])


def _register(server: Server, ontology: Ontology) -> None:
    """Have the server know every name that a question may use: it remarks on one that it has never seen."""
    labels, types, properties = cypher.names(ontology)
    create = "UNWIND $names AS name CALL db.{}(name) RETURN count(*) AS n"
    server.change(create.format("createLabel"), {"names": [*labels, "LiangxinState"]})
    server.change(create.format("createRelationshipType"), {"names": types})
    server.change(create.format("createProperty"), {"names": [*properties, *NAMES]})


def _build(server: Server, ontology: Ontology) -> None:
    """Create the constraints and indexes that are not there, and note what the tables are."""
    statements = cypher.neo4j_schema(ontology)
    while not _built(server, statements):
        pass
    server.change(
        "MERGE (s:LiangxinState {id: 'state'}) SET s.schema = $schema, s.tables = $tables, "
        "s.revision = coalesce(s.revision, 0), s.seq = coalesce(s.seq, 0) RETURN 1 AS n",
        {"schema": _digest(ontology), "tables": json.dumps(growth.declared(ontology))},
    )


def _built(server: Server, statements: Mapping[str, str]) -> bool:
    """Create the constraints and indexes that are not there; false where another process was quicker with one."""
    # an index of a constraint has its name
    there = {row[0] for row in server.read("SHOW INDEXES YIELD name RETURN name", {})}
    transaction = server.begin()
    try:
        for name, text in statements.items():
            if name not in there:
                transaction.run(text)
        transaction.commit()
    except (StoreError, RuntimeError) as error:
        if not contended(error.__cause__):
            raise
        return False
    finally:
        transaction.drop()
    return True
