"""The engines that tests run on with their capabilities, the places of their stores, and an office over a store."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pytest

from api.declarations import declarations
from api.office import Office
from api.viewer import Viewer
from graph.ontology import Ontology
from graph.ontology import load as load_ontology
from graph.questions import catalogue
from graph.stores.base import Store
from graph.stores.ladybug.store import EmbeddedStore
from graph.stores.neo4j.bolt import Server
from graph.stores.neo4j.store import Neo4jStore
from loaders.sample import REFERENCE_DATE

#: a viewer who may see everything
CLERK = Viewer("经办人", (), frozenset({"person", "phone", "members", "case"}))


def office(store: Store) -> Office:
    """An office over a store of the sample, at its reference date."""
    settings, rules = declarations()
    return Office(store, settings, settings.locality(), rules, load_ontology(), catalogue(rules), REFERENCE_DATE)


class RemarkError(AssertionError):
    """A notification of a server about our query: an unknown name, a cartesian product, or a deprecated feature."""


class _Remarks(logging.Handler):
    """Raises in the query; Python warnings of the driver would search the whole stack for each query."""

    def emit(self, record: logging.LogRecord) -> None:
        raise RemarkError(record.getMessage())


REMARKS = logging.getLogger("neo4j.notifications")
REMARKS.setLevel(logging.INFO)
REMARKS.addHandler(_Remarks())


class Servers(Protocol):
    """The servers of a run."""

    def place(self, name: str) -> Place:
        """An empty store on the server of a name."""
        ...


@dataclass(frozen=True)
class Engine:
    """The capabilities of an engine that tests depend on, and how to open a store of it.

    Tests ask for a capability and never for a name, so that another engine is one entry of ENGINES.
    """

    name: str
    #: a store is a file, which a test may read, copy and remove
    file: bool
    #: a store is on a server; the tests of one server run in one process
    server: bool
    #: a reader keeps its revision when the next one is published; else StoreMovedError is raised
    keeps_revisions: bool
    #: a write that is too large for one transaction is made in batches
    batches: bool
    #: makes the place of an empty store, in a folder or on a server of the run
    empty: Callable[[Path, Servers], Place]
    open: Callable[[Place, bool, float, Ontology | None], Store]
    #: the name of the fixture of the sample
    sample: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Place:
    """The location and credentials of a store, which can be passed to another process."""

    location: str
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None
    engine: Engine = field(default_factory=lambda: EMBEDDED)

    @property
    def path(self) -> Path:
        """The file of the store."""
        assert self.engine.file
        return Path(self.location)

    def server(self, **more: Any) -> Server:
        """The server, whose notifications fail a test; `more` are further arguments of Server."""
        return Server(self.location, self.user, self.password, **{"ca_file": self.ca_file, "remarks": True, **more})

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that make it the store of a process."""
        variables = {"LIANGXIN_STORE": self.location}
        if self.user:
            variables |= {"LIANGXIN_NEO4J_USER": self.user, "LIANGXIN_NEO4J_PASSWORD": self.password}
        if self.ca_file is not None:
            variables["LIANGXIN_NEO4J_CA_FILE"] = str(self.ca_file)
        return variables

    def use(self, patch: pytest.MonkeyPatch, **more: str) -> None:
        """Make it the store of commands in this process."""
        for name, value in (self.environment | more).items():
            patch.setenv(name, value)

    def open(self, *, create: bool = True, wait: float = 0.2, ontology: Ontology | None = None) -> Store:
        """The store of this place."""
        return self.engine.open(self, create, wait, ontology)

    def empty(self) -> None:
        """Empty the store of a server, except for its schema, which takes longest to make."""
        with closing(self.server()) as server:
            server.change("MATCH (n) WHERE NOT n:LiangxinState DETACH DELETE n", {})
            server.change(
                "MATCH (s:LiangxinState) SET s.revision = 0, s.mark = null, s.purpose = null, s.done = null, "
                "s.writer = null",
                {},
            )

    def clear(self) -> None:
        """Empty a server, with its schema."""
        with closing(self.server()) as server:
            server.change("MATCH (n) DETACH DELETE n", {})
            for kind in ("CONSTRAINT", "INDEX"):
                for (name,) in server.read(f"SHOW {kind} YIELD name, type WHERE type <> 'LOOKUP' RETURN name", {}):
                    server.change(f"DROP {kind} `{name}`", {})


def _in_a_folder(folder: Path, _: Servers) -> Place:
    return Place(str(folder / "a.lbug"))


def _on_the_scratch_server(_: Path, servers: Servers) -> Place:
    return servers.place("scratch")


def _open_file(place: Place, create: bool, wait: float, ontology: Ontology | None) -> Store:
    return EmbeddedStore(place.path, create=create, wait=wait, ontology=ontology)


def embedded(path: Path) -> EmbeddedStore:
    """A store of the embedded engine at a path, as a store on a server copies itself into."""
    return EmbeddedStore(path, create=True)


def _open_neo4j(place: Place, create: bool, wait: float, ontology: Ontology | None) -> Store:
    return Neo4jStore(place.server(), embedded, create=create, wait=wait, ontology=ontology)


EMBEDDED = Engine(
    "embedded",
    file=True,
    server=False,
    keeps_revisions=True,
    batches=False,
    empty=_in_a_folder,
    open=_open_file,
    sample="sample_store",
)
NEO4J = Engine(
    "neo4j",
    file=False,
    server=True,
    keeps_revisions=False,
    batches=True,
    empty=_on_the_scratch_server,
    open=_open_neo4j,
    sample="sample_on_server",
)
#: the engines that the suite runs on; the others are compared with the first
ENGINES = (EMBEDDED, NEO4J)
