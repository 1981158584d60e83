"""A server on a small disk, which the tests of this folder kill and fill."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.cli.run import main
from tests import neo4j_server
from tests.conftest import Servers
from tests.faults.commands import Desk, contents
from tests.faults.disk import Disk, small_disk
from tests.loaders.desk import ask_few
from tests.places import NEO4J, Place


@pytest.fixture(scope="package")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disk]:
    """The disk of the server."""
    with small_disk(tmp_path_factory.mktemp("server") / "disk", "256m") as filled:
        yield filled


@pytest.fixture(scope="package")
def server(servers: Servers, disk: Disk) -> Iterator[neo4j_server.Server]:
    """The server, which runs when a test begins."""
    started = servers.server("faults", {"server.directories.data": str(disk.path / "data")})
    yield started
    started.kill()


@pytest.fixture
def place(server: neo4j_server.Server) -> Place:
    """The place of an empty store on the server."""
    return emptied(server)


def emptied(server: neo4j_server.Server) -> Place:
    """An empty store on a server."""
    place = Place(server.url, server.user, server.password, engine=NEO4J)
    place.open().close()
    place.empty()
    return place


@pytest.fixture
def desk(place: Place, tmp_path: Path) -> Desk:
    """A desk whose commands use the store."""
    return Desk(place.environment, tmp_path)


#: a part of the text of a rule that does not end, by which it is recognized on the network
NEVER = b"271828"
_NEVER_ENDS = f"""// id: never_ends
// title: 没完没了
// severity: warn
// subject: Unit
// meaning: 算不完的单位
// denominator: 全部单位
// basis: [测试]
// remedy: 不再问

UNWIND range(1, 1000) AS a UNWIND range(1, 1000) AS b UNWIND range(1, 1000) AS i UNWIND range(1, 1000) AS j
WITH sum(i * j) AS n, {NEVER.decode()} AS never
MATCH (u:Unit) WHERE u.listed AND (size($scope) = 0 OR n = 0)
RETURN u.id AS id, 'finding' AS verdict
ORDER BY id;
"""


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A county's folder that adds the rule `never_ends`."""
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "never_ends.cypher").write_text(_NEVER_ENDS, encoding="utf-8")
    monkeypatch.setenv("LIANGXIN_RULES_FOLDER", str(folder))


@pytest.fixture
def using(place: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """An empty store on the server, used by commands of this process."""
    for name, value in place.environment.items():
        monkeypatch.setenv(name, value)
    return place


@pytest.fixture(autouse=True)
def few_rules_here(few_rules: None) -> None:
    """Loads with few rules, because a server that was killed plans each query again."""


@pytest.fixture(scope="package")
def ledgers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The smallest sample place, as files."""
    folder = tmp_path_factory.mktemp("ledgers")
    assert main(["sample", str(folder), "--place", "戊街道", "--units", "100"]) == 0
    return folder


@pytest.fixture(scope="package")
def undisturbed(server: neo4j_server.Server, ledgers: Path) -> list[str]:
    """The contents of the server after a load without a fault."""
    place = emptied(server)
    with pytest.MonkeyPatch.context() as patch:
        ask_few(patch)
        for name, value in place.environment.items():
            patch.setenv(name, value)
        assert main(["load", str(ledgers)]) == 0
    return contents(place)
