"""Stores of both engines; the sample, written and loaded once; the real data, where it is."""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NoReturn

import pytest

from graph.locality import Locality
from graph.rules.book import book
from graph.stores.base import Store
from graph.stores.ladybug.store import EmbeddedStore
from loaders import pipeline
from loaders.sample import REFERENCE_DATE, generate
from tests import neo4j_server
from tests.loaders.desk import ask_few
from tests.places import ENGINES, NEO4J, Engine, Place
from visualizations.sheets.writing import write

pytest_plugins = ["tests.browsers"]

_DATA = Path(__file__).resolve().parents[1] / "../shared/data"


def lacking(what: str) -> NoReturn:
    """Skip a test for want of something; in CI, where nothing may be missing, fail."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


class Servers:
    """The Neo4j servers of a run, each started when it is first asked for."""

    def __init__(self) -> None:
        self._started: dict[str, neo4j_server.Server] = {}
        self._missing = ""
        #: by address, the name under which a server was emptied last
        self._holds: dict[str, str] = {}
        self._sample: Store | None = None
        self._ending = ExitStack()

    def server(self, name: str, settings: Mapping[str, str] | None = None) -> neo4j_server.Server:
        """The server of a name, one of its own where it has settings. Where none can be had its tests skip."""
        if os.environ.get(neo4j_server.GIVEN) and not settings:
            name = "given"
        if name not in self._started:
            if self._missing:
                lacking(self._missing)
            try:
                self._started[name] = self._ending.enter_context(neo4j_server.running(settings=settings))
            except neo4j_server.NoServerError as error:
                self._missing = str(error)
                lacking(self._missing)
        return self._started[name]

    def place(self, name: str) -> Place:
        """An empty store on the server of a name."""
        found = self.server(name)
        place = Place(found.url, found.user, found.password, engine=NEO4J)
        place.open().close()
        place.empty()
        self._holds[found.url] = name
        return place

    def sample(self, folder: Path) -> Store:
        """The sample of a folder, loaded once, or again where one server is all there is and was emptied since."""
        if self._holds.get(self.server("sample").url) != "sample":
            self._sample = self.place("sample").open()
            self._ending.callback(self._sample.close)
            pipeline.load(
                self._sample,
                pipeline.LoadRequest([folder], Locality(), author="测试", book=book(), as_of=REFERENCE_DATE),
            )
        assert self._sample is not None
        return self._sample

    def stop(self) -> None:
        """End them all."""
        self._ending.close()


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """The Neo4j servers of this run."""
    found = Servers()
    yield found
    found.stop()


@pytest.fixture
def on_server(servers: Servers) -> Place:
    """Where an empty store on a server can be."""
    return servers.place("scratch")


@pytest.fixture(scope="session")
def guarded(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A server with nothing in it that admits no one without TLS, under a CA of our own, and allows little memory."""
    folder = tmp_path_factory.mktemp("certificates")
    certify(folder)
    found = servers.server(
        "guarded",
        {
            "server.bolt.tls_level": "REQUIRED",
            "dbms.ssl.policy.bolt.enabled": "true",
            "dbms.ssl.policy.bolt.base_directory": str(folder),
            "dbms.ssl.policy.bolt.client_auth": "NONE",
            "dbms.memory.transaction.total.max": "50m",
        },
    )
    return Place(found.url, found.user, found.password, folder / "ca.crt", NEO4J)


def certify(folder: Path) -> None:
    """A CA (ca.crt) and a certificate of it for this machine, under the names that Neo4j looks for."""
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    signed = ["-CA", "ca.crt", "-CAkey", "ca.key", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    for words in (
        ["-subj", "/CN=CA", "-keyout", "ca.key", "-out", "ca.crt"],
        [*signed, "-keyout", "private.key", "-out", "public.crt"],
    ):
        subprocess.run([*make, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture(params=ENGINES, ids=str)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Where an empty store of each engine can be."""
    engine: Engine = request.param
    # asked for by name here, so that only the tests of a server count as using one
    return engine.empty(tmp_path, request.getfixturevalue("servers"))


@pytest.fixture
def store(place: Place) -> Iterator[Store]:
    """An empty store of each engine."""
    made = place.open()
    yield made
    made.close()


@pytest.fixture(scope="module", params=ENGINES, ids=str)
def module_store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """An empty store of each engine, for a module that fills it once; no other fixture of its module empties one."""
    engine: Engine = request.param
    made = engine.empty(tmp_path_factory.mktemp("module"), request.getfixturevalue("servers")).open()
    yield made
    made.close()


def pytest_make_parametrize_id(val: object) -> str | None:
    """An id that every terminal shows; a text of printable characters is its own (see pyproject.toml)."""
    return ascii(val) if isinstance(val, bytes) or (isinstance(val, str) and not val.isprintable()) else None


ASKED: Counter[str] = Counter()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count what ran on each engine."""
    if report.when == "call" and report.passed:
        ASKED.update(value for name, value in report.user_properties if name == "engine")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Note the engine of each test that runs on both; say which tests one process must run, where several share them.

    Those on one Neo4j server stay together, so that it is started and filled once; others go file by file.
    """
    for item in items:
        given: dict[str, Any] = (
            item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
        )
        engines = [value for value in given.values() if isinstance(value, Engine)]
        item.user_properties += (("engine", engine.name) for engine in engines)
        used = set(getattr(item, "fixturenames", ()))
        if not any(engine.server for engine in engines) and "servers" not in used:
            group = item.nodeid.partition("::")[0]
        elif "faults" in item.path.parts:
            group = "faults"
        else:
            group = "sample" if used & {"either_sample", "sample_on_server"} else "scratch"
        item.add_marker(pytest.mark.xdist_group(group))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """How many tests ran on each engine, and why some did not."""
    if ASKED:
        counts = "，".join(f"{engine} {ASKED[engine.name]} 项" for engine in ENGINES)
        terminalreporter.write_line(f"两种引擎上各跑一遍的测试：{counts}")
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ") for report in terminalreporter.stats.get("skipped", ())
    )
    for reason, count in reasons.items():
        terminalreporter.write_line(f"跳过 {count} 项：{reason}")


@pytest.fixture
def few_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of loads that are no matter of rules: see ask_few."""
    ask_few(monkeypatch)


@pytest.fixture(scope="session")
def sample_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ledgers of all five sample places, a folder each."""
    folder = tmp_path_factory.mktemp("sample")
    for workbook in generate():
        target = folder / workbook.name
        target.parent.mkdir(parents=True, exist_ok=True)
        write(workbook, target)
    return folder


@pytest.fixture(scope="session")
def sample_loaded(
    sample_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[EmbeddedStore, pipeline.LoadResult]]:
    """A store of all five sample places, to be read only, and what their load reported."""
    store = EmbeddedStore(tmp_path_factory.mktemp("store") / "sample.lbug", create=True)
    result = pipeline.load(
        store, pipeline.LoadRequest([sample_dir], Locality(), author="测试", book=book(), as_of=REFERENCE_DATE)
    )
    yield store, result
    store.close()


@pytest.fixture(scope="session")
def sample_store(sample_loaded: tuple[EmbeddedStore, pipeline.LoadResult]) -> EmbeddedStore:
    """A store of all five sample places, to be read only."""
    return sample_loaded[0]


@pytest.fixture(scope="module", params=ENGINES, ids=str)
def either_sample(request: pytest.FixtureRequest) -> Store:
    """A store of all five sample places on each engine, to be read only."""
    engine: Engine = request.param
    store: Store = request.getfixturevalue(engine.sample)
    return store


@pytest.fixture(scope="module")
def sample_on_server(servers: Servers, sample_dir: Path) -> Store:
    """A Neo4j store of all five sample places, to be read only; no other fixture of its module empties a server."""
    return servers.sample(sample_dir)


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real data beside the project; skips where it is absent."""
    if not _DATA.is_dir():
        pytest.skip("没有 ../shared/data，用到真实数据的测试跳过。")
    return _DATA.resolve()
