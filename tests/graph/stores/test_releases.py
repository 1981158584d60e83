"""What the releases before wrote is used by this one: a store answers, takes a write and moves, an export is imported.

`tests/data/release-*` holds what a release wrote of the sample's 戊街道 with 100 units: the embedded engine's file,
an export of it, and what a server's store says of its schema.
"""

from __future__ import annotations

import json
import lzma
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from graph.stores import growth, transfer
from graph.stores.base import Store
from graph.stores.ladybug.store import EmbeddedStore
from tests.graph.stores.older import answers, commit, holds_together
from tests.places import CLERK, Place, office

RELEASES = sorted((Path(__file__).parents[2] / "data").glob("release-*"))


@pytest.fixture(params=RELEASES, ids=lambda folder: folder.name)
def release(request: pytest.FixtureRequest) -> Path:
    folder: Path = request.param
    return folder


@pytest.fixture
def exported(release: Path, tmp_path: Path) -> Path:
    """The export that a release wrote."""
    folder = tmp_path / "exported"
    with tarfile.open(release / "export.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture
def released(release: Path, exported: Path, place: Place) -> Place:
    """The store that a release wrote."""
    if place.engine.file:
        place.path.write_bytes(lzma.decompress((release / "store.xz").read_bytes()))
        return place
    with closing(place.open()) as store:
        transfer.restore(exported, store, "甲")
    manifest = json.loads((release / "neo4j.json").read_text(encoding="utf-8"))
    put_schema(place, manifest["schema"], manifest["tables"])
    return place


def put_schema(place: Place, schema: str, tables: growth.Tables) -> None:
    """Have a server's store say this of its schema."""
    with closing(place.server()) as server:
        put = "MATCH (s:LiangxinState) SET s.schema = $schema, s.tables = $tables RETURN 1 AS n"
        server.change(put, {"schema": schema, "tables": json.dumps(tables)})


def test_a_store_of_a_release_answers_takes_a_write_and_moves(released: Place, tmp_path: Path) -> None:
    before = released.path.read_bytes() if released.engine.file else b""
    with closing(released.open(create=False)) as store:
        overview = office(store).answer("overview", {}, CLERK)
        totals = {name: overview.total(name).value for name in ("units", "organizations", "officers")}
        assert totals == {"units": 100, "organizations": 191, "officers": 24}
        assert len(answers(store)) > 60
        assert holds_together(store)
        if released.engine.file:
            assert released.path.read_bytes() == before, "a read writes nothing"
        commit(store, 2, u1="新来的")
    with closing(released.open(create=False)) as store:
        with store.reader() as reader:
            assert reader.revision == 2
            assert reader.query("MATCH (u:Unit) RETURN count(*) AS n")["n"].to_pylist() == [101]
        exported = transfer.export(store, tmp_path / "moved", "测试")
    with closing(EmbeddedStore(tmp_path / "moved.lbug", create=True)) as store:
        assert transfer.restore(tmp_path / "moved", store, "甲") == exported
        assert transfer.export(store, tmp_path / "again", "测试") == exported


def test_an_export_of_a_release_is_imported(exported: Path, store: Store, tmp_path: Path) -> None:
    made = transfer.restore(exported, store, "甲")
    assert made.revision == 1
    assert holds_together(store)
    assert office(store).answer("overview", {}, CLERK).total("units").value == 100
    again = transfer.export(store, tmp_path / "again", "测试")
    assert {f.name: f.rows for f in again.files} == {f.name: f.rows for f in made.files}
