"""The tables of a Ladybug file: whether they are those of the ontology, and the statements that make them so."""

from __future__ import annotations

from pathlib import Path

from graph.errors import StoreError
from graph.ontology import Ontology
from graph.stores import cypher, growth
from graph.stores.ladybug.reading import Reading

#: the engine's own names of types that differ from those it is given
_NAMED = {"BOOL": "BOOLEAN"}
#: the table that every store has: what lacks it is none, however empty
_OURS = "Change"
_KINDS = {engine: kind for kind, engine in reversed(cypher.LADYBUG.items())}


def growing(reading: Reading, ontology: Ontology, path: Path) -> list[str]:
    """Statements that add what a file lacks of the ontology's tables; none where it has them all.

    Raises StoreError where it is no store, or naming what cannot be carried over; `path` is the file for messages.
    """
    tables = reading.ask("CALL show_tables() RETURN name, type, comment").to_pylist()
    if cypher.schema_digest(ontology) in (table["comment"] for table in tables):
        return []
    if _OURS not in (table["name"] for table in tables):
        raise StoreError(f"{path} 不是本程序的图库。请用原来的台账重新执行 liangxin load 到一个新的图库。")
    present = {table["name"]: _items(reading, table["name"], table["type"] == "REL") for table in tables}
    growth.check(present, ontology, f"图库 {path} ")
    statements = []
    for name, items in growth.lacking(present, ontology).items():
        if name in present:
            statements += [f"ALTER TABLE `{name}` ADD {_added(item, kind)}" for item, kind in items.items()]
        else:
            statements.append(cypher.ladybug_ddl(ontology)[name])
    return statements


def _items(reading: Reading, name: str, edges: bool) -> dict[str, str]:
    """The columns of a table, and its pairs of ends where it is one of edges; see growth.Tables."""
    columns = reading.ask(f"CALL table_info('{name}') RETURN name, type").to_pylist()
    items = {c["name"]: _KINDS.get(_NAMED.get(c["type"], c["type"]), c["type"]) for c in columns}
    if edges:
        ends = reading.ask(
            f"CALL show_connection('{name}') RETURN `source table name` AS a, `destination table name` AS b"
        )
        items |= {growth.pair(row["a"], row["b"]): growth.ENDS for row in ends.to_pylist()}
    return items


def _added(item: str, kind: str) -> str:
    if kind == growth.ENDS:
        source, target = growth.ends(item)
        return f"FROM `{source}` TO `{target}`"
    return f"`{item}` {cypher.LADYBUG[kind]}"
