"""What a store or an export of another version lacks of the ontology, and what of it cannot be carried over.

A type, a property or a pair of ends that is newer than the store is no obstacle: nothing has it, so it is null.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pyarrow as pa

from graph.errors import StoreError
from graph.ontology import ARROW, Ontology
from graph.stores.cypher import edge_columns, node_columns

#: by node or edge type: the types of its columns, and of an edge type its pairs of ends too
Tables = Mapping[str, Mapping[str, str]]

#: what stands for the type of a column where an item is a pair of ends
ENDS = "ends"
#: columns in which every record has a value: a table that lacks one cannot be grown
_FILLED = ("id", "listed", "key", "valid_from", "valid_to")


def declared(ontology: Ontology) -> dict[str, dict[str, str]]:
    """The tables of an ontology."""
    tables = {kind.name: node_columns(kind) for kind in ontology.nodes.values()}
    for edge in ontology.edges.values():
        tables[edge.name] = edge_columns(edge) | {pair(a, b): ENDS for a, b in edge.ends}
    return tables


def pair(source: str, target: str) -> str:
    """The name of a pair of ends among the items of a table."""
    return f"{source}→{target}"


def ends(item: str) -> tuple[str, str]:
    """The two types of node of such an item."""
    source, _, target = item.partition("→")
    return source, target


def kind_of(column: pa.DataType) -> str:
    """The type of the ontology that a column of Arrow has; its own name where it is none of them."""
    return next((kind for kind, arrow in ARROW.items() if arrow == column), str(column))


def lacking(tables: Tables, ontology: Ontology) -> dict[str, dict[str, str]]:
    """What the tables of a store lack of the ontology's."""
    missing = {
        name: {item: kind for item, kind in items.items() if item not in tables.get(name, {})}
        for name, items in declared(ontology).items()
    }
    return {name: items for name, items in missing.items() if items}


def check(tables: Tables, ontology: Ontology, where: str) -> None:
    """Raise StoreError, naming each, where something of a store cannot be carried over into the ontology's tables."""
    if wrong := conflicts(tables, ontology):
        raise StoreError(
            f"{where}由另一版本建立，其中 {'、'.join(wrong)} 与本程序不符；图库没有改动。"
            "请用原来的版本打开，或用原来的台账重新载入一个新的图库。"
        )


def conflicts(tables: Tables, ontology: Ontology) -> list[str]:
    """What cannot be carried over: types and properties that went, types that changed, values that must be there."""
    return [*_conflicts(tables, declared(ontology))]


def _conflicts(tables: Tables, current: Tables) -> Iterator[str]:
    for name, items in tables.items():
        if name not in current:
            yield f"{name}（本程序没有这一类型）"
            continue
        for item, kind in items.items():
            now = current[name].get(item)
            if now is None:
                yield (
                    f"{name} {item}（本程序没有这样的两端）" if kind == ENDS else f"{name}.{item}（本程序没有这一属性）"
                )
            elif _stored(now) != _stored(kind):
                yield f"{name}.{item}（类型是 {kind}，本程序为 {now}）"
        for item in _FILLED:
            if item in current[name] and item not in items:
                yield f"{name}.{item}（缺少，而本程序不能没有）"


def _stored(kind: str) -> object:
    """How values of a type of the ontology are kept: two types that are kept alike do not differ."""
    return ARROW.get(kind, kind)
