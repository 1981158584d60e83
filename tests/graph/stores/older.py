"""What the tests of older stores ask of one, and write into it."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pyarrow as pa

from graph.ontology import Ontology
from graph.stores.base import Store
from graph.stores.verify import verify
from tests.places import CLERK, Place, office


def commit(store: Store, number: int, **units: str) -> None:
    with store.writer("甲", "写") as writer:
        rows = {"id": list(units), "name": list(units.values()), "listed": [True] * len(units)}
        writer.upsert("Unit", pa.table(rows))
        writer.upsert("Change", change(number))


def change(number: int) -> pa.Table:
    return pa.table({"id": [f"x{number}"], "number": [number], "kind": ["load"], "at": ["2026-06-30T08:00:00+08:00"]})


def answers(store: Store) -> dict[str, Any]:
    """What the questions that need no subject answer."""
    own = office(store)
    return {
        name: own.answer(name, {}, CLERK)
        for name, question in own.questions.items()
        if not any(parameter.required for parameter in question.parameters)
    }


def read(place: Place, ontology: Ontology) -> int:
    """The revision that a program of another ontology reads."""
    with closing(place.open(ontology=ontology, create=False)) as store, store.reader() as reader:
        return reader.revision


def holds_together(store: Store) -> bool:
    with store.reader() as reader:
        return verify(reader).rows == ()
