"""Where the stores of tests are: a file of the embedded engine, or a Neo4j server; who asks them."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from api.bootstrap import Office, declarations
from api.viewer import Viewer
from graph.ontology import Ontology
from graph.ontology import load as load_ontology
from graph.questions import catalogue
from graph.stores.base import Store
from graph.stores.ladybug.store import EmbeddedStore
from graph.stores.neo4j.bolt import Server
from graph.stores.neo4j.store import Neo4jStore
from loaders.sample import REFERENCE_DATE

ENGINES = ("embedded", "neo4j")


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


@dataclass(frozen=True)
class Place:
    """A location and how to get in; it can be handed to another process."""

    location: str
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None

    @property
    def embedded(self) -> bool:
        """Whether a file is there, not a server."""
        return not self.user

    @property
    def path(self) -> Path:
        """The file of an embedded store."""
        assert self.embedded
        return Path(self.location)

    def server(self, **more: Any) -> Server:
        """The server, whose remarks on our queries fail a test; `more` is what Server takes besides."""
        return Server(self.location, self.user, self.password, **{"ca_file": self.ca_file, "remarks": True, **more})

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which a command, or a process of ours, uses it as its store."""
        variables = {"LIANGXIN_STORE": self.location}
        if not self.embedded:
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
        if self.embedded:
            return EmbeddedStore(self.path, create=create, wait=wait, ontology=ontology)
        return Neo4jStore(self.server(), create=create, wait=wait, ontology=ontology)

    def empty(self) -> None:
        """Make a server's store what it is when new; its schema stays, which takes longest to make."""
        server = self.server()
        try:
            server.change("MATCH (n) WHERE NOT n:LiangxinState DETACH DELETE n", {})
            server.change(
                "MATCH (s:LiangxinState) SET s.revision = 0, s.mark = null, s.purpose = null, s.done = null, "
                "s.writer = null",
                {},
            )
        finally:
            server.close()
