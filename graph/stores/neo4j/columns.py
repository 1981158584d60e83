"""Queries and batches as columns, which is how they cross to a server quickly: text and values, no engine.

A row of its own for each result costs a server ten times what its values do. So a query is wrapped: all of its rows
come as one list for each column, in its own order, nulls included.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from graph.ontology import ARROW, Ontology
from graph.stores.cypher import edge_columns, node_columns
from graph.stores.lexing import code, tokens

_RETURN = re.compile(r"\bRETURN\b(?:\s+DISTINCT\b)?", re.IGNORECASE)
_AFTER = re.compile(r"(?<!\bAS\s)(?<![.\w])(?:ORDER\s+BY|SKIP|LIMIT)\b", re.IGNORECASE)
_NAMED = re.compile(r"(.+?)\s+AS\s+(`[^`]+`|\w+)\s*", re.IGNORECASE | re.DOTALL)
_PROPERTY = re.compile(r"\s*\w+\.(?:`([^`]+)`|(\w+))\s*")
_VARIABLE = re.compile(r"\s*\w+\s*")


@dataclass(frozen=True, slots=True)
class Shape:
    """What a query returns: its names, for some the type of the ontology ("" where it is to be seen).

    `text` takes its parameters from one map, `$parameters`: a server plans a query anew for each order of magnitude of a
    list that is a parameter of its own, which takes it ten times as long as to answer.
    """

    text: str
    names: tuple[str, ...]
    types: tuple[str, ...]

    def columns(self, more: str, also: str) -> str:
        """The query as one row: a list for each column, then the item `also`, read after it by the clause `more`."""
        lists = [f"[r IN rows | r[{i}]] AS c{i}" for i in range(len(self.names))]
        return (
            f"CALL () {{\n{self.text}\n}}\nWITH collect([{self._items()}]) AS rows\n{more}\n"
            f"RETURN {', '.join([*lists, also])}"
        )

    def rows(self) -> str:
        """The query as one list a row, for what is too much to be held as one."""
        return f"CALL () {{\n{self.text}\n}}\nRETURN [{self._items()}] AS row"

    def table(self, values: Sequence[Sequence[Any]]) -> pa.Table:
        """The Arrow table of lists of values, one a column; `values` as the two texts above give them."""
        arrays = [_array(column, kind) for column, kind in zip(values, self.types, strict=True)]
        return pa.table(arrays, names=list(self.names))

    def _items(self) -> str:
        # a date as text is several times cheaper than the structure it would travel as
        pairs = zip(self.names, self.types, strict=True)
        return ", ".join(f"toString(`{name}`)" if kind == "date" else f"`{name}`" for name, kind in pairs)


def shape(text: str, declared: Mapping[str, str]) -> Shape:
    """What a query returns, read off its last RETURN; `declared` are types of properties by name.

    Raises ValueError where an item has no name of its own.
    """
    text = text.strip().rstrip(";")
    bare = code(text)
    returns = list(_RETURN.finditer(bare))
    if not returns:
        raise ValueError(f"the query returns nothing: {text[:200]}")
    start = returns[-1].end()
    end = _AFTER.search(bare, start)
    names: list[str] = []
    types: list[str] = []
    for item in _split(text[start : end.start() if end else len(text)]):
        named = _NAMED.fullmatch(item)
        if named is None and not _VARIABLE.fullmatch(item):
            raise ValueError(f"RETURN item without a name (write … AS name): {item.strip()[:200]}")
        expression, name = (named[1], named[2]) if named else (item, item)
        names.append(name.strip().strip("`"))
        read = _PROPERTY.fullmatch(expression)
        types.append(declared.get(read[1] or read[2], "") if read else "")
    return Shape(_from_map(text), tuple(names), tuple(types))


def _from_map(text: str) -> str:
    """The text with each parameter read from the map $parameters."""
    parts, start = [], 0
    for token in tokens(text):
        if token.kind == "parameter":
            parts += [text[start : token.start], "$parameters."]
            start = token.start + 1
    return "".join([*parts, text[start:]])


def property_types(ontology: Ontology) -> dict[str, str]:
    """The type of each property name that has the same one wherever it is declared."""
    types: dict[str, set[str]] = {}
    for columns in (*map(node_columns, ontology.nodes.values()), *map(edge_columns, ontology.edges.values())):
        for name, kind in columns.items():
            types.setdefault(name, set()).add(kind)
    return {name: kinds.pop() for name, kinds in types.items() if len(kinds) == 1}


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows to be written: `items` are Cypher expressions by column, for row `i` of them, over `parameters`.

    `weight` is about how many bytes a server holds of it until it is committed.
    """

    items: Mapping[str, str]
    parameters: Mapping[str, Any]
    size: int
    weight: int


def batch(rows: pa.Table) -> Batch:
    """A table as one list a column; of dates and of what hardly varies, each distinct value once."""
    items: dict[str, str] = {}
    parameters: dict[str, Any] = {"size": rows.num_rows}
    for number, name in enumerate(rows.column_names):
        column = rows[name].combine_chunks()
        key = f"c{number}"
        if column.null_count == len(column):
            items[name] = "null"
        elif pa.types.is_date(column.type) or _repetitive(column):
            encoded = column.dictionary_encode()
            parameters[key] = encoded.indices.to_pylist()
            parameters[f"{key}v"] = encoded.dictionary.to_pylist()
            items[name] = f"${key}v[${key}[i]]"
        else:
            parameters[key] = column.to_pylist()
            items[name] = f"${key}[i]"
    values = sum(len(column) - column.null_count for column in rows.columns)
    return Batch(items, parameters, rows.num_rows, 1000 * rows.num_rows + 200 * values + rows.nbytes)


def _repetitive(column: pa.Array) -> bool:
    """Whether a column of text has few distinct values, as its beginning shows."""
    if not pa.types.is_string(column.type) or len(column) < 100:
        return False
    return bool(pc.count_distinct(column.slice(0, 100)).as_py() <= 10)


def _split(text: str) -> list[str]:
    """The parts of a list: commas inside brackets, quotes and comments do not separate."""
    parts, depth, start = [], 0, 0
    for position, letter in enumerate(code(text)):
        if letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
        elif letter == "," and not depth:
            parts.append(text[start:position])
            start = position + 1
    return [*parts, text[start:]]


def _array(values: Sequence[Any], kind: str) -> pa.Array:
    if kind == "date":
        return pa.array(values, pa.string()).cast(pa.date32())
    if kind:
        return pa.array(values, ARROW[kind])
    array = pa.array(values)
    return array.cast(pa.list_(pa.string())) if array.type == pa.list_(pa.null()) else array
