"""The schema of a store on a server: recognized, built where there is none, brought up to date, or refused."""

from __future__ import annotations

import json
from collections.abc import Mapping

from graph.errors import StoreAbsentError, StoreError
from graph.ontology import Ontology
from graph.stores import cypher
from graph.stores.neo4j.bolt import Server, contended
from graph.stores.neo4j.lease import NAMES, READ, read_state


def prepare(server: Server, ontology: Ontology, create: bool) -> None:
    """Have the server hold a store of this ontology: one of an older version is given what it lacks.

    Raises StoreAbsentError where there is none (unless `create`), StoreError where there is something else: data of
    others, or a store whose properties are not ours.
    """
    tables = cypher.declared(ontology)
    statements = cypher.neo4j_schema(ontology)
    digest = cypher.digest([json.dumps(tables), *statements.values()])
    known = server.read("CALL db.labels() YIELD label WHERE label = 'LiangxinState' RETURN label", {})
    found = read_state(server.read(READ, {})) if known else None
    if found is None:
        if server.read("MATCH (n) RETURN 1 AS n LIMIT 1", {}):
            raise StoreError(
                f"Neo4j 服务器 {server.location} 的数据库里有别的数据，不是本程序的图库。请另用一个空的数据库。"
            )
        if not create:
            raise StoreAbsentError(f"Neo4j 服务器 {server.location} 上还没有图库。请先执行 liangxin load 台账文件夹。")
    elif found.schema == digest:
        return
    else:
        _compare(json.loads(found.tables), tables, server.location)
    labels, types, properties = cypher.names(ontology)
    made = "UNWIND $names AS name CALL db.{}(name) RETURN count(*) AS n"
    server.change(made.format("createLabel"), {"names": [*labels, "LiangxinState"]})
    server.change(made.format("createRelationshipType"), {"names": types})
    server.change(made.format("createProperty"), {"names": [*properties, *NAMES]})
    while not _build(server, statements):
        pass
    server.change(
        "MERGE (s:LiangxinState {id: 'state'}) SET s.schema = $schema, s.tables = $tables, "
        "s.revision = coalesce(s.revision, 0), s.seq = coalesce(s.seq, 0) RETURN 1 AS n",
        {"schema": digest, "tables": json.dumps(tables)},
    )


def _compare(held: Mapping[str, Mapping[str, str]], tables: Mapping[str, Mapping[str, str]], location: str) -> None:
    for name, kinds in held.items():
        for column, kind in kinds.items():
            if tables.get(name, {}).get(column) != kind:
                raise StoreError(
                    f"图库 {location} 的 {name}.{column} 与本程序不符，由另一版本建立。"
                    "请用原来的版本打开，或用原来的台账重新载入一个新的图库。"
                )


def _build(server: Server, statements: Mapping[str, str]) -> bool:
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
