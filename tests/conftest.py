"""Fixtures: stores of both engines, the sample, written and loaded once, and the real data where it is present."""

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
    """Skip a test because something is missing; in CI, where nothing may be missing, fail."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


class Servers:
    """The Neo4j servers of a run, each started at its first use."""

    def __init__(self) -> None:
        self._started: dict[str, neo4j_server.Server] = {}
        self._missing = ""
        #: by address, the name under which the server was last emptied
        self._names: dict[str, str] = {}
        self._sample: Store | None = None
        self._ending = ExitStack()

    def server(self, name: str, settings: Mapping[str, str] | None = None) -> neo4j_server.Server:
        """The server of a name, a separate one if it has settings. Tests skip where no server can be started."""
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
        server = self.server(name)
        place = Place(server.url, server.user, server.password, engine=NEO4J)
        place.open().close()
        place.empty()
        self._names[server.url] = name
        return place

    def sample(self, folder: Path) -> Store:
        """The sample of a folder, loaded once, and again if its server has been emptied since."""
        if self._names.get(self.server("sample").url) != "sample":
            self._sample = self.place("sample").open()
            self._ending.callback(self._sample.close)
            pipeline.load(
                self._sample,
                pipeline.LoadRequest([folder], Locality(), author="测试", book=book(), as_of=REFERENCE_DATE),
            )
        assert self._sample is not None
        return self._sample

    def stop(self) -> None:
        """Stop all servers."""
        self._ending.close()


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """The Neo4j servers of this run."""
    started = Servers()
    yield started
    started.stop()


@pytest.fixture
def on_server(servers: Servers) -> Place:
    """The place of an empty store on a server."""
    return servers.place("scratch")


@pytest.fixture(scope="session")
def guarded(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """An empty server that requires TLS, with a certificate of our own CA, and allows little memory."""
    folder = tmp_path_factory.mktemp("certificates")
    certify(folder)
    server = servers.server(
        "guarded",
        {
            "server.bolt.tls_level": "REQUIRED",
            "dbms.ssl.policy.bolt.enabled": "true",
            "dbms.ssl.policy.bolt.base_directory": str(folder),
            "dbms.ssl.policy.bolt.client_auth": "NONE",
            "dbms.memory.transaction.total.max": "50m",
        },
    )
    return Place(server.url, server.user, server.password, folder / "ca.crt", NEO4J)


def certify(folder: Path) -> None:
    """Make a CA (ca.crt) and its certificate for this machine, under the names that Neo4j expects."""
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    signed = ["-CA", "ca.crt", "-CAkey", "ca.key", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    for words in (
        ["-subj", "/CN=CA", "-keyout", "ca.key", "-out", "ca.crt"],
        [*signed, "-keyout", "private.key", "-out", "public.crt"],
    ):
        subprocess.run([*make, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture(params=ENGINES, ids=str)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """The place of an empty store of each engine."""
    engine: Engine = request.param
    # requested here and not as a parameter, so that only tests of a server count as using one
    return engine.empty(tmp_path, request.getfixturevalue("servers"))


@pytest.fixture
def store(place: Place) -> Iterator[Store]:
    """An empty store of each engine."""
    store = place.open()
    yield store
    store.close()


@pytest.fixture(scope="module", params=ENGINES, ids=str)
def module_store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """An empty store of each engine for a whole module, which must not use a fixture that empties stores."""
    engine: Engine = request.param
    store = engine.empty(tmp_path_factory.mktemp("module"), request.getfixturevalue("servers")).open()
    yield store
    store.close()


def pytest_make_parametrize_id(val: object) -> str | None:
    """The id of a parameter: printable text as it is (see pyproject.toml), other text and bytes escaped."""
    return ascii(val) if isinstance(val, bytes) or (isinstance(val, str) and not val.isprintable()) else None


PASSED: Counter[str] = Counter()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count the tests that passed on each engine."""
    if report.when == "call" and report.passed:
        PASSED.update(value for name, value in report.user_properties if name == "engine")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Record the engine of each test that runs on both, and group the tests that one process must run.

    Tests on one Neo4j server form a group, so that it is started and filled once; others are grouped by file.
    """
    for item in items:
        parameters: dict[str, Any] = (
            item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
        )
        engines = [value for value in parameters.values() if isinstance(value, Engine)]
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
    """Write how many tests ran on each engine, and why some were skipped."""
    if PASSED:
        counts = "，".join(f"{engine} {PASSED[engine.name]} 项" for engine in ENGINES)
        terminalreporter.write_line(f"两种引擎上各跑一遍的测试：{counts}")
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ") for report in terminalreporter.stats.get("skipped", ())
    )
    for reason, count in reasons.items():
        terminalreporter.write_line(f"跳过 {count} 项：{reason}")


@pytest.fixture
def few_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few rules, for tests of loads that do not concern rules; see ask_few."""
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
    """A store of all five sample places, only to be read, and the result of its load."""
    store = EmbeddedStore(tmp_path_factory.mktemp("store") / "sample.lbug", create=True)
    result = pipeline.load(
        store, pipeline.LoadRequest([sample_dir], Locality(), author="测试", book=book(), as_of=REFERENCE_DATE)
    )
    yield store, result
    store.close()


@pytest.fixture(scope="session")
def sample_store(sample_loaded: tuple[EmbeddedStore, pipeline.LoadResult]) -> EmbeddedStore:
    """A store of all five sample places, only to be read."""
    return sample_loaded[0]


@pytest.fixture(scope="module", params=ENGINES, ids=str)
def either_sample(request: pytest.FixtureRequest) -> Store:
    """A store of all five sample places on each engine, only to be read."""
    engine: Engine = request.param
    store: Store = request.getfixturevalue(engine.sample)
    return store


@pytest.fixture(scope="module")
def sample_on_server(servers: Servers, sample_dir: Path) -> Store:
    """A Neo4j store of all five sample places, only to be read; its module must not use a fixture that empties servers."""
    return servers.sample(sample_dir)


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real data beside the project; tests skip where it is absent."""
    if not _DATA.is_dir():
        pytest.skip("没有 ../shared/data，用到真实数据的测试跳过。")
    return _DATA.resolve()
