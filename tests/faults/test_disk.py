"""A full disk, of the server, of an embedded store, of an export: said in words, and what was there stays."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from tests import neo4j_server
from tests.faults.commands import Desk, contents
from tests.faults.disk import Disk, small_disk
from tests.places import Place


def test_the_disk_of_the_server(
    desk: Desk,
    place: Place,
    server: neo4j_server.Server,
    disk: Disk,
    ledgers: Path,
    undisturbed: list[str],
) -> None:
    with disk.full(but=100_000):
        assert "磁盘空间" in desk.run("load", str(ledgers)).store_message()
        # a server that could not write admits no one until it is started anew
        assert "Neo4j 服务器" in desk.run("ask", "loads").store_message()
    server.kill()
    server.start()
    assert desk.run("load", str(ledgers)).status == 0
    assert contents(place) == undisturbed


def test_the_disk_of_an_embedded_store(ledgers: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "64m") as disk:
        place = Place(str(disk.path / "a.lbug"))
        desk = Desk(place.environment, tmp_path)
        with closing(place.open()) as store, store.reader():
            before = place.path.read_bytes()
        # nothing at all; no copy of what is there; what is added; what is put in order in the end
        for room in (0, 60_000, 1_000_000, 9_000_000):
            with disk.full(but=room):
                assert "请检查权限和磁盘空间" in desk.run("load", str(ledgers)).store_message()
            assert place.path.read_bytes() == before
        # who only reads needs no room, but for a log
        log = disk.path / "logs" / "server.log"
        complaint = f"日志 {log} 写不进去，服务继续，但不再留下记录。请检查磁盘空间和权限，然后重新启动。\n"
        with disk.full(), desk.serving(complaint) as client:
            for _ in range(3):
                assert client.get("/healthz").json() == {"status": "ok", "revision": 0}
        assert desk.run("load", str(ledgers)).status == 0
        assert desk.run("verify").status == 0


def test_the_disk_of_an_export(ledgers: Path, tmp_path: Path) -> None:
    desk = Desk({"LIANGXIN_STORE": str(tmp_path / "a.lbug")}, tmp_path)
    assert desk.run("load", str(ledgers)).status == 0
    with small_disk(tmp_path / "disk", "1m") as disk:
        with disk.full(but=20_000):
            ended = desk.run("export", str(disk.path / "out"))
            assert (ended.status, ended.out) == (2, "")
            assert "请检查权限和磁盘空间" in ended.err
        assert list(disk.path.iterdir()) == []
        assert desk.run("export", str(disk.path / "out")).status == 0
