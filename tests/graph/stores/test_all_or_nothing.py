"""A write to a server too large for one transaction: in batches that no one sees, resumed where it broke off."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from api.cli.run import main
from api.office import open_office
from api.web.app import create_app
from graph.errors import StoreError, StoreUnfinishedError
from graph.stores import transfer
from graph.stores.base import Reader, Store
from graph.stores.ladybug.store import EmbeddedStore
from graph.stores.neo4j import lease
from graph.stores.neo4j import store as neo4j
from graph.stores.neo4j.store import Neo4jStore
from tests.api.client import Client
from tests.api.county import NAMELESS
from tests.loaders.desk import DIVISIONS, Desk, credit_code
from tests.places import Place

Patch = pytest.MonkeyPatch


class BrokenOffError(Exception):
    """What ends a write before its time."""


@pytest.fixture
def small(monkeypatch: Patch) -> None:
    """Every write is too large for one transaction, and of many batches."""
    monkeypatch.setattr(neo4j, "ONE_TRANSACTION", 1)
    monkeypatch.setattr(neo4j, "AT_ONCE", 20)


def put(writer: Any, count: int, name: str) -> None:
    ids = [f"u{i}" for i in range(count)]
    writer.upsert("Unit", pa.table({"id": ids, "name": [name] * count, "listed": [True] * count}))


def commit(writer: Any, number: int) -> None:
    writer.upsert("Change", pa.table({"id": [f"x{number}"], "number": [number], "kind": ["load"]}))


def names(reader: Reader) -> list[str]:
    return reader.query("MATCH (u:Unit) RETURN DISTINCT u.name AS name ORDER BY name")["name"].to_pylist()


@pytest.fixture
def store(on_server: Place) -> Iterator[Store]:
    opened = on_server.open()
    yield opened
    opened.close()


# -- under a mark -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("small")
def test_readers_are_told_how_far_a_large_write_is(on_server: Place, store: Store, monkeypatch: Patch) -> None:
    with store.writer("甲", "首次载入") as writer:
        put(writer, 40, "一")
        commit(writer, 1)
    on_server.use(monkeypatch)
    office = open_office(on_server.location)
    client = Client(create_app(office, NAMELESS))
    assert client.get("/healthz").status_code == 200
    with store.writer("张某", "载入台账") as writer:
        put(writer, 100, "二")
        with office.store.reader() as reader, pytest.raises(StoreUnfinishedError, match=r"张某 自 20.*已写入 100 行"):
            names(reader)
        for address in ("/", "/answers/org_should_exist.json", "/healthz"):
            got = client.get(address)
            assert (got.status_code, got.headers["retry-after"]) == (503, "5")
            assert "张某" in got.text
            assert "已写入 100 行" in got.text
        assert main(["ask", "overview"]) == 3
        assert names(writer) == ["二"]
        commit(writer, 2)
    with office.store.reader() as reader:
        assert (reader.revision, names(reader)) == (2, ["二"])
    assert client.get("/answers/org_should_exist.json").json()["revision"] == 2
    office.close()


def test_a_write_that_fits_is_one_transaction(store: Store, monkeypatch: Patch) -> None:
    marks: list[str] = []
    keep = lease.Lease.mark
    monkeypatch.setattr(lease.Lease, "mark", lambda self, mark, *more: (marks.append(mark), keep(self, mark, *more)))
    with store.writer("甲", "写") as writer:
        put(writer, 500, "一")
        commit(writer, 1)
    assert marks == ["commit"]
    with store.writer("甲", "什么也不写"):
        pass
    assert marks == ["commit"], "nothing to publish, nothing to wait for"


@pytest.mark.parametrize("many", [False, True])
def test_a_writer_that_lost_its_lease_cannot_commit(store: Neo4jStore, monkeypatch: Patch, many: bool) -> None:
    with store.writer("甲", "写") as writer:
        put(writer, 40, "一")
        commit(writer, 1)
    if many:
        monkeypatch.setattr(neo4j, "AT_ONCE", 20)
        monkeypatch.setitem(store.__dict__, "room", 1)

    def lose() -> None:
        with store.writer("甲", "写") as writer:
            put(writer, 20, "二")
            store.server.change("MATCH (s:LiangxinState) SET s.writer = 'another' RETURN 1 AS n", {})
            put(writer, 20, "三")

    with pytest.raises(StoreError, match="写入的权利已交给别人"):
        lose()
    store.server.change("MATCH (s:LiangxinState) SET s.writer = null RETURN 1 AS n", {})
    with store.reader(resuming="写") as reader:
        assert reader.unfinished is many
        assert "三" not in names(reader)
    # whoever has the lease now may go on
    with store.writer("甲", "写") as writer:
        put(writer, 40, "四")
        commit(writer, 2)
    with store.reader() as reader:
        assert (reader.revision, names(reader)) == (2, ["四"])


# -- broken off, and resumed --------------------------------------------------------------------------


def break_off(monkeypatch: Patch, batch: int, doing: Callable[[], Any]) -> None:
    """Do what breaks off before its statement of that number, or (0) when all is written and only the mark stands."""
    run, seen = neo4j._Writing._run, 0

    def count(self: Any, *given: Any) -> Any:
        nonlocal seen
        seen += 1
        if seen == batch:
            raise BrokenOffError
        return run(self, *given)

    def stop(self: Any) -> None:
        raise BrokenOffError

    with monkeypatch.context() as patch:
        patch.setattr(neo4j._Writing, "_run", count)
        if not batch:
            patch.setattr(lease.Lease, "end", stop)
        with pytest.raises(BrokenOffError):
            doing()


def parts(store: Store, folder: Path) -> dict[str, Any]:
    """What an export holds, without the time of day."""
    exported = transfer.export(store, folder, "测试")
    found: dict[str, Any] = {f.name: f.sha256 for f in exported.files} | {"revision": exported.revision}
    found["Change.parquet"] = pq.read_table(folder / "Change.parquet").drop_columns(["at"]).to_pylist()
    return found


def ledgers(desk: Desk) -> list[Path]:
    """Some of everything, in which much changes from one load to the next."""
    units = [(f"第{n}公司", credit_code(n), "东镇" if n % 3 else "西镇", n) for n in range(60)]
    lines = [f"第{n}公司党支部,东镇,第{n}公司," for n in range(1, 50, 2)]
    lines.append(f"旧名党支部,东镇,,{credit_code(70)}")
    officers = [f"指导员{n},某局,第{n}公司、第{n + 1}公司,2024-01-01,2026年12月" for n in range(0, 40, 3)]
    return [
        desk.units("企业.csv", *units),
        desk.csv("党组织.csv", "\n".join(["党组织全称,行政区划,覆盖单位,法人单位统一社会信用代码", *lines])),
        desk.csv("指导员.csv", "\n".join(["指导员姓名,工作单位,指导企业,任期起,任期止", *officers])),
        desk.csv("结对.csv", "甲方,乙方,签约日期\n第1公司,第2公司,2024-03-01\n第3公司,没有的公司,2024-03-01\n"),
    ]


def begun(desk: Desk) -> Desk:
    """A desk where the divisions and a few firms are loaded, one of which says that it has an organization."""
    firms = [(f"第{n}公司", credit_code(n), "西镇", 1, "", "") for n in range(9)]
    firms.append(("第70公司", credit_code(70), "东镇", 1, "是", "党支部"))
    desk.load(desk.csv("区划.csv", DIVISIONS), desk.units("早.csv", *firms, more=["是否成立党组织", "类别"]))
    return desk


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Desk]:
    """A desk whose store is a file, where everything is made in one go."""
    (tmp_path / "whole").mkdir()
    store = EmbeddedStore(tmp_path / "whole.lbug", create=True)
    yield begun(Desk(tmp_path / "whole", store))
    store.close()


def test_a_load_and_an_undo_broken_off_anywhere_end_as_if_they_had_not_been(
    on_server: Place, whole: Desk, tmp_path: Path, monkeypatch: Patch
) -> None:
    with closing(on_server.open()) as first:
        begun(Desk(tmp_path, first))
        assert parts(first, tmp_path / "before") == parts(whole.store, tmp_path / "before-whole")
    monkeypatch.setattr(neo4j, "ONE_TRANSACTION", 1)
    monkeypatch.setattr(neo4j, "AT_ONCE", 20)
    whole.load(*ledgers(whole))
    loaded = parts(whole.store, tmp_path / "loaded-whole")
    whole.undo()
    undone = parts(whole.store, tmp_path / "undone-whole")
    with closing(on_server.open()) as store:
        desk = Desk(tmp_path, store)
        paths, other = ledgers(desk), desk.units("别的.csv", ("别的公司", "", "东镇", 1))
        for doing, wanted, batches in ((lambda: desk.load(*paths), loaded, (5, 9, 0)), (desk.undo, undone, (5, 0))):
            for batch in batches:
                break_off(monkeypatch, batch, doing)
                for refused in (lambda: desk.listed(), lambda: desk.load(other)):
                    with pytest.raises(StoreUnfinishedError, match="用同样的文件和选项重新执行"):
                        refused()
            doing()
            assert parts(store, tmp_path / f"after {wanted['revision']}") == wanted


def test_an_import_broken_off_is_completed_by_the_same(
    whole: Desk, on_server: Place, tmp_path: Path, monkeypatch: Patch
) -> None:
    monkeypatch.setattr(neo4j, "ONE_TRANSACTION", 1)
    monkeypatch.setattr(neo4j, "AT_ONCE", 20)
    whole.load(*ledgers(whole))
    exported = transfer.export(whole.store, tmp_path / "whole.export", "测试")
    with closing(on_server.open()) as store:
        for batch in (2, 6, 0):
            break_off(monkeypatch, batch, lambda: transfer.restore(tmp_path / "whole.export", store, "甲"))
        with pytest.raises(StoreUnfinishedError):
            transfer.copy(whole.store, store, "甲", "whole.lbug")
        transfer.restore(tmp_path / "whole.export", store, "甲")
        assert transfer.export(store, tmp_path / "again", "测试") == exported


# -- two at once --------------------------------------------------------------------------------------


def command(place: Place, *words: str) -> subprocess.Popen[str]:
    environment = {**os.environ, **place.environment, "PYTHONPATH": str(Path(neo4j.__file__).parents[3])}
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "api.cli.run", *words],
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.usefixtures("few_rules")
def test_of_two_loads_at_once_one_waits(
    on_server: Place, store: Store, tmp_path: Path, monkeypatch: Patch, capsys: pytest.CaptureFixture[str]
) -> None:
    on_server.use(monkeypatch)
    desk = Desk(tmp_path, store)
    files = [
        desk.units(f"{name}.csv", *((f"{name}{n}公司", credit_code(start + n), "", n) for n in range(300)))
        for name, start in (("甲", 0), ("乙", 1000))
    ]
    with store.writer("张某", "载入台账"):
        waiting = [command(on_server, "--wait", "60", "load", str(path), "--division", "甲县") for path in files]
        assert main(["--wait", "0.2", "load", str(files[0]), "--division", "甲县"]) == 3
        assert "正在被写入：张某 自 20" in capsys.readouterr().err
        assert all(process.poll() is None for process in waiting)
    for process in waiting:
        out, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, ""), out
    rows = desk.query("MATCH (t:SourceRow) RETURN t.file AS file, t.brought AS brought, count(*) AS n ORDER BY brought")
    assert [(row["brought"], row["n"]) for row in rows] == [(1, 300), (2, 300)]
    assert {row["file"] for row in rows} == {"甲.csv", "乙.csv"}
    assert desk.revision == 2
