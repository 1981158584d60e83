"""A store moved by folder or straight, between engines: every record the same, and nothing half done."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graph.errors import InputError
from graph.locality import Locality
from graph.ontology import ALWAYS_FROM, ALWAYS_TO
from graph.rules.book import book
from graph.stores import transfer
from graph.stores.base import Store
from graph.stores.ladybug.store import EmbeddedStore
from graph.stores.neo4j.store import Neo4jStore
from graph.stores.verify import verify
from loaders import pipeline
from loaders.sample import REFERENCE_DATE, generate
from tests import neo4j_server
from tests.graph.stores.older import change
from tests.places import CLERK, office
from visualizations.sheets.writing import write


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStore]:
    """A small place with all that a place may have."""
    folder = tmp_path_factory.mktemp("small")
    for workbook in generate("丁市", units=200):
        target = folder / workbook.name
        target.parent.mkdir(exist_ok=True)
        write(workbook, target)
    store = EmbeddedStore(folder / "small.lbug", create=True)
    pipeline.load(store, pipeline.LoadRequest([folder], Locality(), author="测试", book=book(), as_of=REFERENCE_DATE))
    yield store
    store.close()


@pytest.fixture(scope="module")
def exported(small: EmbeddedStore, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That place as Parquet."""
    folder = tmp_path_factory.mktemp("export") / "small"
    transfer.export(small, folder, "测试")
    return folder


def test_a_round_trip_gives_the_same_bytes(exported: Path, store: Store, tmp_path: Path) -> None:
    restored = transfer.restore(exported, store, "甲")
    again = transfer.export(store, tmp_path / "again", "测试")
    assert again == restored == transfer.check(exported)
    assert restored.revision == 1
    with store.reader() as reader:
        assert reader.revision == restored.revision
        assert verify(reader).rows == ()


def test_a_copy_from_either_engine_to_either_holds_and_answers_the_same(
    either_sample: Store, store: Store, tmp_path: Path
) -> None:
    if os.environ.get(neo4j_server.GIVEN) and isinstance(either_sample, Neo4jStore) and isinstance(store, Neo4jStore):
        pytest.skip(f"{neo4j_server.GIVEN} 只指明了一台服务器，两台之间的复制没有测。")
    assert transfer.copy(either_sample, store, "甲", "来源") == 1
    copied, whole = (transfer.export(s, tmp_path / f"{n}", "测试") for n, s in enumerate((store, either_sample)))
    assert copied == whole
    for name, given in (("overview", {}), ("gaps_by_division", {}), ("org_should_exist", {"region": "丁市"})):
        answers = [office(s).answer(name, given, CLERK) for s in (store, either_sample)]
        assert answers[0] == answers[1]
        assert answers[0].rows


def test_portions_part_large_tables(
    exported: Path, small: EmbeddedStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "PORTION", 60)
    parted = transfer.export(small, tmp_path / "parted", "测试")
    assert [(f.name, f.rows) for f in parted.files] == [(f.name, f.rows) for f in transfer.check(exported).files]
    assert pq.ParquetFile(tmp_path / "parted/Unit.parquet").num_row_groups > 3
    whole = EmbeddedStore(tmp_path / "whole.lbug", create=True)
    transfer.restore(tmp_path / "parted", whole, "甲")
    monkeypatch.undo()
    assert transfer.export(whole, tmp_path / "again", "测试") == transfer.check(exported)
    whole.close()


def cut(folder: Path) -> str:
    path = folder / "Unit.parquet"
    path.write_bytes(path.read_bytes()[:-100])
    return "Unit.parquet"


def altered(folder: Path) -> str:
    path = folder / "COVERS.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    return "COVERS.parquet"


def missing(folder: Path) -> str:
    (folder / "Region.parquet").unlink()
    return "Region.parquet"


def foreign(folder: Path) -> str:
    (folder / "备注.txt").write_text("x")
    return "备注.txt"


def no_manifest(folder: Path) -> str:
    (folder / transfer.MANIFEST).unlink()
    return transfer.MANIFEST


def broken_manifest(folder: Path) -> str:
    (folder / transfer.MANIFEST).write_text('{"format": 1')
    return transfer.MANIFEST


def other_format(folder: Path) -> str:
    manifest = json.loads((folder / transfer.MANIFEST).read_text(encoding="utf-8"))
    (folder / transfer.MANIFEST).write_text(json.dumps(manifest | {"format": 2, "product": "9.9"}))
    return "9.9"


def path_outside(folder: Path) -> str:
    manifest = json.loads((folder / transfer.MANIFEST).read_text(encoding="utf-8"))
    manifest["files"][0]["name"] = "../Unit.parquet"
    (folder / transfer.MANIFEST).write_text(json.dumps(manifest))
    return "不在清单中"


@pytest.mark.parametrize(
    "spoil", [cut, altered, missing, foreign, no_manifest, broken_manifest, other_format, path_outside]
)
def test_a_spoiled_folder_is_refused_before_anything_is_written(
    exported: Path, tmp_path: Path, spoil: Callable[[Path], str]
) -> None:
    folder = tmp_path / "spoiled"
    shutil.copytree(exported, folder)
    named = spoil(folder)
    store = EmbeddedStore(tmp_path / "a.lbug", create=True)
    with pytest.raises(InputError, match=named.replace(".", r"\.")):
        transfer.restore(folder, store, "甲")
    with store.reader() as reader:
        assert reader.revision == 0
        assert reader.query("MATCH (u:Unit) RETURN count(*) AS n")["n"][0].as_py() == 0
    store.close()


def test_a_store_that_holds_something_is_not_overwritten(exported: Path, store: Store) -> None:
    transfer.restore(exported, store, "甲")
    with pytest.raises(InputError, match="已有数据（第 1 版）"):
        transfer.restore(exported, store, "甲")
    with pytest.raises(InputError, match="已有数据"):
        transfer.copy(store, store, "甲", "自己")


def test_an_export_does_not_overwrite_and_leaves_nothing_half(
    sample_store: EmbeddedStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full/notes.txt").write_text("x")
    with pytest.raises(InputError, match="不是空文件夹"):
        transfer.export(sample_store, tmp_path / "full", "测试")

    def broken(*_: object, **__: object) -> object:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(transfer, "_sha256", broken)
    with pytest.raises(InputError, match="磁盘空间"):
        transfer.export(sample_store, tmp_path / "out", "测试")
    assert [p.name for p in tmp_path.iterdir()] == ["full"]


def test_verify_names_what_is_wrong(store: Store) -> None:
    with store.writer("甲", "写") as writer:
        writer.upsert("Change", pa.table({"id": ["x1", "x3"], "number": [1, 3], "kind": ["load", "load"]}))
        writer.upsert("Import", pa.table({"id": ["m1"], "state": ["applying"]}))
        writer.upsert("Unit", pa.table({"id": ["u1"], "name": ["一"], "listed": [True]}))
        writer.upsert("PartyOrg", pa.table({"id": ["o1"], "name": ["支部"], "listed": [False]}))
        writer.upsert("Region", pa.table({"id": ["r1", "r2"], "name": ["甲镇", "乙镇"], "listed": [True, True]}))
        rows = {"id": ["t1", "t2"], "ledger": ["enterprises"] * 2, "entity": ["u1", "u9"], "brought": [1, 9]}
        writer.upsert("SourceRow", pa.table(rows))
        circle = {"from": ["r1", "r2"], "to": ["r2", "r1"], "key": ["e1", "e2"]}
        writer.link("PART_OF", "Region", "Region", pa.table(circle))
        covers = {"from": ["o1"], "to": ["u1"], "key": ["e3"]}
        dates = {"valid_from": pa.array([ALWAYS_FROM]), "valid_to": pa.array([None], pa.date32())}
        writer.link("COVERS", "PartyOrg", "Unit", pa.table(covers | dates))
    with store.reader() as reader:
        answer = verify(reader)
    assert [(row["check"], row["id"]) for row in answer.rows] == [
        ("版本", "2"),
        ("版本", "m1"),
        ("版本", "t2"),
        ("日期", "e3"),
        ("所在区划", "u1"),
        ("区划", "r1"),
        ("区划", "r2"),
        ("台账行", "t2"),
    ]
    assert answer.total("findings").value == 8


# -- an export of another version ---------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An export of a store with a unit that an organization covers."""
    with closing(EmbeddedStore(tmp_path / "source.lbug", create=True)) as store:
        with store.writer("甲", "写") as writer:
            writer.upsert("Unit", pa.table({"id": ["u1"], "name": ["一"], "staff": [5], "listed": [True]}))
            writer.upsert("PartyOrg", pa.table({"id": ["o1"], "name": ["支部"], "listed": [True]}))
            dates = {"valid_from": [ALWAYS_FROM], "valid_to": [ALWAYS_TO]}
            writer.link("COVERS", "PartyOrg", "Unit", pa.table({"from": ["o1"], "to": ["u1"], "key": ["e1"], **dates}))
            writer.upsert("Change", change(1))
        transfer.export(store, tmp_path / "out", "9.9")
    return tmp_path / "out"


def rewrite(folder: Path, name: str, table: pa.Table) -> None:
    """Have an export of another version hold this as one of its files."""
    pq.write_table(table, folder / f"{name}.parquet")
    path = folder / transfer.MANIFEST
    manifest = json.loads(path.read_text(encoding="utf-8"))
    digest = transfer._sha256(folder / f"{name}.parquet")
    files = [f for f in manifest["files"] if f["name"] != f"{name}.parquet"]
    files.append({"name": f"{name}.parquet", "rows": table.num_rows, "sha256": digest})
    path.write_text(json.dumps(manifest | {"schema": "0", "files": files}), encoding="utf-8")


def test_an_export_that_lacks_what_is_null_is_imported(folder: Path, store: Store) -> None:
    units, covers = (pq.read_table(folder / f"{name}.parquet") for name in ("Unit", "COVERS"))
    rewrite(folder, "Unit", units.drop_columns(["staff", "credit_code"]))
    rewrite(folder, "COVERS", covers.drop_columns(["mode", "stated"]))
    transfer.restore(folder, store, "甲")
    with store.reader() as reader:
        table = reader.query(
            "MATCH (:PartyOrg)-[e:COVERS]->(u:Unit) RETURN u.name AS name, u.staff AS staff, e.mode AS mode"
        )
        assert table.to_pylist() == [{"name": "一", "staff": None, "mode": None}]


def changed_type(units: pa.Table) -> tuple[str, pa.Table]:
    staff = units.schema.get_field_index("staff")
    return "Unit", units.set_column(staff, "staff", pa.array(["五"]))


def property_that_went(units: pa.Table) -> tuple[str, pa.Table]:
    return "Unit", units.append_column("households", pa.array([3]))


def type_that_went(units: pa.Table) -> tuple[str, pa.Table]:
    return "Household", units.select(["id"])


def not_listed(units: pa.Table) -> tuple[str, pa.Table]:
    return "Unit", units.drop_columns(["listed"])


def ends_that_went(units: pa.Table) -> tuple[str, pa.Table]:
    columns = {"from": ["u1"], "to": ["u1"], "key": ["e1"], "from_type": ["Unit"], "to_type": ["Unit"]}
    dates = {"valid_from": [ALWAYS_FROM], "valid_to": [ALWAYS_TO]}
    return "COVERS", pa.table(columns | dates)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        (changed_type, "Unit.staff（类型是 string，本程序为 integer）"),
        (property_that_went, "Unit.households（本程序没有这一属性）"),
        (type_that_went, "Household（本程序没有这一类型）"),
        (not_listed, "Unit.listed（缺少，而本程序不能没有）"),
        (ends_that_went, "COVERS Unit→Unit（本程序没有这样的两端）"),
    ],
)
def test_an_export_that_cannot_be_carried_over_is_refused_by_name(
    folder: Path, tmp_path: Path, changed: Callable[[pa.Table], tuple[str, pa.Table]], named: str
) -> None:
    rewrite(folder, *changed(pq.read_table(folder / "Unit.parquet")))
    with closing(EmbeddedStore(tmp_path / "b.lbug", create=True)) as store:
        with pytest.raises(InputError, match=re.escape(named)) as caught:
            transfer.restore(folder, store, "甲")
        assert "9.9" in str(caught.value)
        with store.reader() as reader:
            assert reader.revision == 0


def test_what_an_older_store_holds_of_persons_is_masked_on_the_way_out(store: Store, tmp_path: Path) -> None:
    values = '{"name":"甲公司13800000035","staff":13800000035}'
    with store.writer("测试", "旧") as writer:
        writer.upsert("SourceRow", pa.table({"id": ["t1"], "file": ["张三13800000035.xlsx"], "values": [values]}))
        writer.upsert("Change", pa.table({"id": ["c1"], "number": [1], "note": ["载入 13800000035.xlsx"]}))
    transfer.export(store, tmp_path / "out", "0")
    rows = [str(pq.read_table(file).to_pylist()) for file in (tmp_path / "out").glob("*.parquet")]
    assert "甲公司***" in "".join(rows)
    assert "13800000035" not in "".join(rows)
