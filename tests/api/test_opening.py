"""Which engine an address is opened with."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api import opening
from api.settings import Settings
from graph.errors import StoreError
from graph.stores.base import Store
from graph.stores.ladybug.store import EmbeddedStore


def test_a_path_is_a_file_whatever_it_is_called(tmp_path: Path) -> None:
    for name in ("a.lbug", "bolt", "neo4j+s"):
        store = opening.open_store(str(tmp_path / name), create=True)
        assert isinstance(store, EmbeddedStore)
        assert not opening.is_server(str(tmp_path / name))
        store.close()


def test_every_server_needs_a_password_and_takes_none_in_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIANGXIN_NEO4J_PASSWORD", raising=False)
    monkeypatch.delenv("LIANGXIN_NEO4J_PASSWORD_FILE", raising=False)
    for scheme in opening.SERVERS:
        assert opening.is_server(f"{scheme}://127.0.0.1:1")
        with pytest.raises(StoreError, match="没有给出 Neo4j 服务器的密码"):
            opening.open_store(f"{scheme}://127.0.0.1:1")
        with pytest.raises(StoreError, match="不能写用户名和密码"):
            opening.open_store(f"{scheme}://a:b@127.0.0.1:1")


def test_an_engine_is_one_entry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def third(location: str, create: bool, wait: float, settings: Settings) -> Store:
        return EmbeddedStore(tmp_path / location.removeprefix("third://"), create=create, wait=wait)

    assert not opening.is_server("third://a.lbug")
    with pytest.raises(StoreError, match="不认识图库地址 third://a"):
        opening.open_store("third://a.lbug", create=True)
    monkeypatch.setitem(opening.SERVERS, "third", third)
    assert opening.is_server("third://a.lbug")
    opening.open_store("third://a.lbug", create=True).close()


def test_a_driver_is_imported_by_its_adapter_and_an_adapter_where_stores_are_opened() -> None:
    root = Path(opening.__file__).parents[1]
    importers: dict[str, set[str]] = {}
    wanted = re.compile(r"^\s*(?:from|import) (ladybug|neo4j|graph\.stores\.(?:ladybug|neo4j))\b", re.MULTILINE)
    for package in ("graph", "loaders", "api", "visualizations"):
        for path in (root / package).rglob("*.py"):
            here = path.relative_to(root)
            for name in wanted.findall(path.read_text(encoding="utf-8")):
                importers.setdefault(name, set()).add(str(here.parent if "stores" in here.parts else here))
    assert importers == {
        "ladybug": {"graph/stores/ladybug"},
        "neo4j": {"graph/stores/neo4j"},
        "graph.stores.ladybug": {"graph/stores/ladybug", "api/opening.py"},
        "graph.stores.neo4j": {"graph/stores/neo4j", "api/opening.py"},
    }
