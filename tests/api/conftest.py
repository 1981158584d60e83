"""A store of the small county, an office over it, and a client of its service."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.office import Office, open_office
from api.opening import open_store
from api.web.app import create_app
from graph.history.commit import renew
from tests.api.client import Client
from tests.api.county import AS_OF, NAMELESS, write_county
from tests.api.town import LEDGERS, Town, end, town


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("county") / "county.lbug"
    store = open_store(str(path), create=True)
    with store.writer("测试", "建立") as writer:
        write_county(writer)
    store.close()
    return path


@pytest.fixture(scope="session")
def office(county: Path) -> Iterator[Office]:
    found = open_office(str(county), as_of=AS_OF)
    renew(found.store, "测试", found.book, found.locality, AS_OF)
    yield found
    found.store.close()


@pytest.fixture(scope="session")
def client(office: Office) -> Client:
    return Client(create_app(office, NAMELESS))


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town with its ledgers loaded, only to be read."""
    made = town(tmp_path_factory.mktemp("loaded"))
    made.load(*LEDGERS)
    yield made
    end(made)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Town]:
    """A town with an empty store."""
    made = town(tmp_path)
    yield made
    end(made)


@pytest.fixture
def copied(loaded: Town, tmp_path: Path) -> Iterator[Town]:
    """A copy of `loaded` that may be changed."""
    shutil.copyfile(loaded.folder / "town.lbug", tmp_path / "town.lbug")
    made = town(tmp_path)
    yield made
    end(made)
