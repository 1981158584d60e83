"""Where the stores of tests are: a file of the embedded engine, or a Neo4j server."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from graph.ontology import Ontology
from graph.stores.base import Store
from graph.stores.bolt import Server
from graph.stores.embedded import EmbeddedStore
from graph.stores.neo4j import Neo4jStore

ENGINES = ("embedded", "neo4j")


@dataclass(frozen=True)
class Place:
    """A location and how to get in; it can be handed to another process."""

    location: str
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def embedded(self) -> bool:
        """Whether a file is there, not a server."""
        return not self.user

    @property
    def path(self) -> Path:
        """The file of an embedded store."""
        assert self.embedded
        return Path(self.location)

    def server(self) -> Server:
        """The server, whose remarks on our queries fail a test."""
        return Server(self.location, self.user, self.password, warn=True)

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
