"""How a server is spoken to: who gets in, what it says where no one does, and what its limits mean."""

from __future__ import annotations

import contextlib
import logging
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from api.cli.run import main
from api.office import open_office
from api.web.app import create_app
from graph.errors import StoreError
from graph.stores.neo4j.bolt import Server
from graph.stores.neo4j.store import Neo4jStore
from tests.api.client import Client
from tests.api.county import NAMELESS
from tests.conftest import certify
from tests.places import Place, embedded

Patch = pytest.MonkeyPatch
#: more than the memory allowed if held at once; and what cannot but be held at once
MUCH = "UNWIND range(1, 20) AS k UNWIND range(1, 1000) AS j RETURN k * 1000 - 1000 + j AS i, $text AS text"
TOO_MUCH = (
    "UNWIND range(1, 20) AS k UNWIND range(1, 1000) AS i WITH collect($text + i) AS texts RETURN size(texts) AS n"
)
TEXT = "x" * 3_000
ENDLESS = "UNWIND range(1, 1000) AS a UNWIND range(1, 1000) AS b UNWIND range(1, 1000) AS i UNWIND range(1, 1000) AS j RETURN sum(i + j) AS n"
HEAVY_RULE = f"""// id: heavy
// title: 太重的规则
// severity: warn
// subject: Region
// meaning: 算不完
// denominator: 全部单位
// basis: [测试]
// remedy: 无

{ENDLESS.replace("RETURN", "WITH")}
MATCH (r:Region) WHERE (size($scope) = 0 OR r.id IN $scope) AND n > 0
RETURN r.id AS id, 'finding' AS verdict
ORDER BY id;
"""


# -- getting in ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["bolt+s", "neo4j+s"])
def test_tls_under_a_private_ca(guarded: Place, scheme: str) -> None:
    place = replace(guarded, location=guarded.location.replace("bolt+s", scheme))
    with contextlib.closing(place.open()) as store:
        with store.writer("甲", "写") as writer:
            writer.upsert("Unit", pa.table({"id": ["u1"], "name": ["一"]}))
        with store.reader() as reader:
            assert reader.query("MATCH (u:Unit) RETURN u.name AS name")["name"].to_pylist() == ["一"]


def test_what_is_wrong_with_a_certificate_is_said(
    guarded: Place, tmp_path: Path, monkeypatch: Patch, capsys: pytest.CaptureFixture[str]
) -> None:
    certify(tmp_path)
    (tmp_path / "text.crt").write_text("这不是证书", encoding="utf-8")
    guarded.use(monkeypatch)
    plain = guarded.location.replace("bolt+s", "bolt")
    for location, ca_file, said in (
        (guarded.location, tmp_path / "ca.crt", "neo4j.ca_file"),
        (guarded.location, "", "neo4j.ca_file"),
        (guarded.location.replace("bolt", "neo4j"), tmp_path / "ca.crt", "neo4j.ca_file"),
        (guarded.location, tmp_path / "text.crt", "neo4j.ca_file"),
        (guarded.location, tmp_path / "none.crt", "neo4j.ca_file"),
        (plain, tmp_path / "ca.crt", "bolt+s://"),
    ):
        monkeypatch.setenv("LIANGXIN_NEO4J_CA_FILE", str(ca_file))
        started = time.monotonic()
        assert main(["ask", "overview", "--store", location]) == 3
        assert time.monotonic() - started < 5
        err = capsys.readouterr().err
        assert said in err
        assert err.count("\n") == 1


def test_a_database_that_is_not_there_is_named(
    on_server: Place, monkeypatch: Patch, capsys: pytest.CaptureFixture[str]
) -> None:
    on_server.use(monkeypatch, LIANGXIN_NEO4J_DATABASE="nowhere")
    for scheme in ("bolt", "neo4j"):
        assert main(["ask", "overview", "--store", on_server.location.replace("bolt", scheme)]) == 3
        assert "neo4j.database" in capsys.readouterr().err


def test_neither_password_nor_user_is_ever_told(
    on_server: Place,
    monkeypatch: Patch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    user, password = "someone-else", "kept-to-ourselves"
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.INFO, "neo4j")
    on_server.use(monkeypatch, LIANGXIN_NEO4J_USER=user, LIANGXIN_NEO4J_PASSWORD=password)
    monkeypatch.chdir(tmp_path)
    assert main(["ask", "overview"]) == 3
    message = capsys.readouterr().err
    assert "LIANGXIN_NEO4J_PASSWORD" in message
    host = on_server.location.partition("://")[2]
    for location in (
        f"bolt://{user}:{password}@{host}",
        f"BOLT://{user}:{password}@{host}",
        f"x://{user}:{password}@h",
    ):
        assert main(["ask", "overview", "--store", location]) == 3
        message += capsys.readouterr().err
    # a service that was let in before
    on_server.use(monkeypatch)
    office = open_office(on_server.location)
    assert isinstance(office.store, Neo4jStore)
    message += repr(office) + repr(office.store.server) + repr(vars(office.store.server)) + repr(on_server)
    office.store.server.close()
    office.store.server = Server(on_server.location, user, password)
    for accept in ("application/json", "text/html"):
        got = Client(create_app(office, NAMELESS)).get("/", accept=accept)
        assert got.status_code == 503
        message += got.text
    office.close()
    message += "".join(path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.log"))
    message += caplog.text
    for secret in (password, on_server.password, user):
        assert secret not in message


# -- limits of time and memory ------------------------------------------------------------------------


class Counting(Server):
    """A server that counts how often it is turned to."""

    asked = 0

    def _session(self, *given: Any, **more: Any) -> Any:
        self.asked += 1
        return super()._session(*given, **more)


def test_a_question_past_its_time_is_ended_and_not_asked_again(
    on_server: Place, tmp_path: Path, monkeypatch: Patch, capsys: pytest.CaptureFixture[str]
) -> None:
    server = Counting(on_server.location, on_server.user, on_server.password, timeout=1)
    with contextlib.closing(Neo4jStore(server, embedded, create=True)) as store, store.reader() as reader:
        before, started = server.asked, time.monotonic()
        with pytest.raises(StoreError, match="query_seconds"):
            reader.query(ENDLESS)
        assert time.monotonic() - started < 5
        # the state, and the question
        assert server.asked - before <= 2
    (tmp_path / "heavy.cypher").write_text(HEAVY_RULE, encoding="utf-8")
    on_server.use(monkeypatch, LIANGXIN_QUERY_SECONDS="1", LIANGXIN_RULES_FOLDER=str(tmp_path))
    started = time.monotonic()
    assert main(["ask", "heavy"]) == 3
    assert "query_seconds" in capsys.readouterr().err
    office = open_office(on_server.location)
    begun = time.monotonic()
    got = Client(create_app(office, NAMELESS)).get("/answers/heavy.json")
    assert time.monotonic() - begun < 5
    assert (got.status_code, got.headers["retry-after"]) == (503, "5")
    assert Client(create_app(office, NAMELESS)).get("/healthz").status_code == 200
    office.close()


def test_too_much_for_one_row_comes_a_row_at_a_time(guarded: Place) -> None:
    with contextlib.closing(guarded.open()) as store, store.reader() as reader:
        table = reader.query(MUCH, {"text": TEXT})
    assert table["i"].to_pylist() == list(range(1, 20_001))
    assert table["text"][19_999].as_py() == TEXT


def test_out_of_memory_says_what_to_raise_and_is_not_tried_again(guarded: Place) -> None:
    server = Counting(guarded.location, guarded.user, guarded.password, ca_file=guarded.ca_file)
    with contextlib.closing(Neo4jStore(server, embedded, create=True)) as store:
        before = server.asked
        with store.reader() as reader, pytest.raises(StoreError, match=r"dbms\.memory\.transaction\.total\.max"):
            reader.query(TOO_MUCH, {"text": TEXT})
        # the state, as columns, as rows
        assert server.asked - before <= 3
        before = server.asked
        with pytest.raises(StoreError, match=r"dbms\.memory\.transaction\.total\.max"):
            server.change(TOO_MUCH, {"text": TEXT})
        assert server.asked - before == 1
        before = server.asked
        with store.writer("甲", "写") as writer, pytest.raises(StoreError, match=r"dbms\.memory"):
            writer.query(TOO_MUCH, {"text": TEXT})
        # the right to write taken, the question, the right given back
        assert server.asked - before <= 3
