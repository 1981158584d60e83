"""The engines that tests run on and what each can do; where their stores are; who asks them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pytest

from api.office import Office, declarations
from api.viewer import Viewer
from graph.ontology import Ontology
from graph.ontology import load as load_ontology
from graph.questions import catalogue
from graph.stores.base import Store
from graph.stores.ladybug.store import EmbeddedStore
from graph.stores.neo4j.bolt import Server
from graph.stores.neo4j.store import Neo4jStore
from loaders.sample import REFERENCE_DATE

#: who may see everything
CLERK = Viewer("经办人", (), frozenset({"person", "phone", "members", "case"}))


def office(store: Store) -> Office:
    """An office over a store of the sample, at its reference date."""
    decided, rules = declarations()
    return Office(store, decided, decided.locality(), rules, load_ontology(), catalogue(rules), REFERENCE_DATE)


class RemarkError(AssertionError):
    """What a server remarked on a query of ours: an unknown name, a cartesian product, something deprecated."""


class _Remarks(logging.Handler):
    """Fails the test that asked. The driver could warn as well, but looks through the whole stack for each query."""

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
    """What an engine can do, as far as tests differ by it, and how they get a store of it.

    Tests ask for a capability, never for a name, so that another engine is one more entry of ENGINES.
    """

    name: str
    #: a store is a file, which a test may look at, copy and remove
    file: bool
    #: a store is on a server: the tests of one server run in one process
    server: bool
    #: a reader keeps its revision when the next one is published; else it is told that the store moved
    keeps_revisions: bool
    #: a write may be too large for one transaction, and is made in batches then
    batches: bool
    #: where an empty store can be: in a folder, or on a server of the run
    empty: Callable[[Path, Servers], Place]
    open: Callable[[Place, bool, float, Ontology | None], Store]
    #: the fixture that has the sample
    sample: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Place:
    """A location and how to get in; it can be handed to another process."""

    location: str
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None
    engine: Engine = field(default_factory=lambda: EMBEDDED)

    @property
    def path(self) -> Path:
        """The file of a store that is one."""
        assert self.engine.file
        return Path(self.location)

    def server(self, **more: Any) -> Server:
        """The server, whose remarks on our queries fail a test; `more` is what Server takes besides."""
        return Server(self.location, self.user, self.password, **{"ca_file": self.ca_file, "remarks": True, **more})

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which a command, or a process of ours, uses it as its store."""
        variables = {"LIANGXIN_STORE": self.location}
        if self.user:
            variables |= {"LIANGXIN_NEO4J_USER": self.user, "LIANGXIN_NEO4J_PASSWORD": self.password}
        if self.ca_file is not None:
            variables["LIANGXIN_NEO4J_CA_FILE"] = str(self.ca_file)
        return variables

    def use(self, patch: pytest.MonkeyPatch, **more: str) -> None:
        """Have the commands of this process use it as their store."""
        for name, value in (self.environment | more).items():
            patch.setenv(name, value)

    def open(self, *, create: bool = True, wait: float = 0.2, ontology: Ontology | None = None) -> Store:
        """The store of this place."""
        return self.engine.open(self, create, wait, ontology)

    def empty(self) -> None:
        """Make a server's store what it is when new; its schema stays, which takes longest to make."""
        with closing(self.server()) as server:
            server.change("MATCH (n) WHERE NOT n:LiangxinState DETACH DELETE n", {})
            server.change(
                "MATCH (s:LiangxinState) SET s.revision = 0, s.mark = null, s.purpose = null, s.done = null, "
                "s.writer = null",
                {},
            )

    def clear(self) -> None:
        """Take everything off a server, its schema too."""
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
#: every engine that the one suite runs on; the first is what the others are compared with
ENGINES = (EMBEDDED, NEO4J)
