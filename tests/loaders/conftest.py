"""Desks with a store of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from graph.stores.ladybug.store import EmbeddedStore
from tests.loaders.desk import DIVISIONS, Desk
from tests.places import EMBEDDED, Engine


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty store, to be copied."""
    path = tmp_path_factory.mktemp("empty") / "empty.lbug"
    store = EmbeddedStore(path, create=True)
    with store.reader():
        pass
    store.close()
    return path


@pytest.fixture
def bare_desk(tmp_path: Path, empty_store: Path) -> Desk:
    """A desk without any ledger, and no home."""
    return Desk(tmp_path, empty_store, home="")


@pytest.fixture(scope="session")
def divided_store(tmp_path_factory: pytest.TempPathFactory, empty_store: Path) -> Path:
    """A store that knows the divisions of 甲县 at revision 1, to be copied."""
    desk = Desk(tmp_path_factory.mktemp("divided"), empty_store)
    desk.load(desk.csv("区划.csv", DIVISIONS))
    desk.store.close()
    return desk.path


@pytest.fixture
def desk(request: pytest.FixtureRequest, tmp_path: Path, divided_store: Path) -> Iterator[Desk]:
    """A desk in 甲县, whose divisions are loaded (revision 1); in a file, or on the engine that ON_EITHER gives."""
    engine: Engine = getattr(request, "param", EMBEDDED)
    if engine == EMBEDDED:
        yield Desk(tmp_path, divided_store)
        return
    store = engine.empty(tmp_path, request.getfixturevalue("servers")).open()
    made = Desk(tmp_path, store)
    made.load(made.csv("区划.csv", DIVISIONS))
    yield made
    store.close()
