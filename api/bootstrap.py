"""Puts the product together; the only place that opens a store."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from api import log
from api import settings as settings_file
from api.cache import Answers, Remembering, Tables
from api.lately import Lately
from api.settings import Settings
from api.viewer import Viewer, leave
from graph.answers import Answer
from graph.errors import StoreError, StoreMovedError
from graph.locality import Locality
from graph.measuring import measure, outdated
from graph.ontology import Ontology
from graph.ontology import load as load_ontology
from graph.questions import base
from graph.questions import catalogue as find_questions
from graph.questions.base import Context, Question
from graph.questions.divisions import Divisions
from graph.questions.entities import find
from graph.rules.book import Book
from graph.stores.base import Reader, Store
from loaders.naming import mint

if TYPE_CHECKING:
    from loaders.pipeline import LoadResult

DEFAULT_STORE = "liangxin.lbug"
#: what people chose for the headers of ledgers
MAPPINGS = "表头对照.yaml"
SERVERS = ("bolt://", "neo4j://", "bolt+s://", "neo4j+s://", "bolt+ssc://", "neo4j+ssc://")
#: how often a question is asked anew of a graph that moves while it is answered
ASK_AGAIN = 5


def open_store(location: str, *, create: bool = False, wait: float = 10.0, settings: Settings | None = None) -> Store:
    """The store at a path or on a server.

    Raises StoreAbsentError where there is none (unless `create`), StoreError where it is unusable or unreachable.
    """
    if "://" in location and "@" in location:
        raise StoreError(
            "图库地址里不能写用户名和密码。请用环境变量 LIANGXIN_NEO4J_USER 和 LIANGXIN_NEO4J_PASSWORD"
            "（或 LIANGXIN_NEO4J_PASSWORD_FILE 指明存放密码的文件）。"
        )
    if "://" in location and not is_server(location):
        raise StoreError(
            f"不认识图库地址 {location[:80]}。请用 --store 指明一个文件路径，或 bolt://、neo4j:// 开头的服务器地址。"
        )
    decided = settings or settings_file.load()[0]
    if is_server(location):
        return _open_server(location, create, wait, decided)
    from graph.stores.embedded import EmbeddedStore

    return EmbeddedStore(Path(location), create=create, wait=wait, timeout=decided.query_seconds)


def is_server(location: str) -> bool:
    """Whether a store is on a server, not a file."""
    return location.startswith(SERVERS)


def _open_server(location: str, create: bool, wait: float, decided: Settings) -> Store:
    from graph.stores.bolt import Server
    from graph.stores.neo4j import Neo4jStore

    server = Server(
        location,
        os.environ.get("LIANGXIN_NEO4J_USER") or "neo4j",
        _password(),
        database=decided.neo4j.database,
        ca_file=Path(decided.neo4j.ca_file) if decided.neo4j.ca_file else None,
        timeout=decided.query_seconds,
    )
    return Neo4jStore(server, create=create, wait=wait)


def _password() -> str:
    given = os.environ.get("LIANGXIN_NEO4J_PASSWORD")
    if given:
        return given
    file = os.environ.get("LIANGXIN_NEO4J_PASSWORD_FILE")
    if not file:
        raise StoreError(
            "没有给出 Neo4j 服务器的密码。请设置环境变量 LIANGXIN_NEO4J_PASSWORD，"
            "或用 LIANGXIN_NEO4J_PASSWORD_FILE 指明存放密码的文件。"
        )
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise StoreError(f"密码文件 {file} 读不出来。请检查 LIANGXIN_NEO4J_PASSWORD_FILE 所指的文件和权限。") from error


#: parameters that are applied to an answer after it is cached and redacted
LATER = ("sort", "columns")


@dataclass(frozen=True, slots=True)
class Office:
    """One county's office at work: its store, settings, rules and questions.

    `as_of` is the date asked about where a question names none; None is the day on which it is asked. `mappings`
    is the file of what people chose for the headers of ledgers.
    """

    store: Store
    settings: Settings
    locality: Locality
    book: Book
    ontology: Ontology
    questions: Mapping[str, Question]
    as_of: dt.date | None = None
    mappings: Path = Path(MAPPINGS)
    _answers: Answers = field(default_factory=Answers)
    _tables: Tables = field(default_factory=Tables)
    _lately: Lately = field(default_factory=Lately)

    @contextmanager
    def reader(self) -> Iterator[Reader]:
        """The last published revision, of which no query is asked twice."""
        with self.store.reader() as opened:
            yield Remembering(opened, self._tables)

    def answer(self, name: str, given: Mapping[str, str], viewer: Viewer, *, lately: bool = False) -> Answer:
        """The whole answer as `viewer` may see it, sorted as asked, not paged.

        Cached before and after redaction. Sorting comes after it, so that the order tells nothing of what is
        hidden. `lately`: where another process has just loaded, what was there before will do (see Lately).
        Raises UnknownError, QuestionError and StoreError.
        """
        wanted = {k: v for k, v in given.items() if v and k not in LATER}
        shown = self._shown(name, wanted, viewer, lately)
        later = {k: given[k] for k in LATER if given.get(k)}
        if not later:
            return shown
        ordered = base.select(base.sort(shown, later.get("sort", "")), later.get("columns", ""))
        return replace(ordered, parameters={**shown.parameters, **later})

    def _shown(self, name: str, wanted: Mapping[str, str], viewer: Viewer, lately: bool) -> Answer:
        for _ in range(ASK_AGAIN - 1):
            try:
                return self._remembered(name, wanted, viewer, lately)
            except StoreMovedError:
                # what was read belongs to a revision that is no more
                continue
        return self._remembered(name, wanted, viewer, lately)

    def _remembered(self, name: str, wanted: Mapping[str, str], viewer: Viewer, lately: bool) -> Answer:
        with self.reader() as reader:
            allowed = self.allowed(reader, viewer)
            as_of = self.as_of or dt.date.today()
            asked = tuple(sorted((k, v) for k, v in wanted.items() if k not in ("page", "size")))

            def key(revision: int) -> tuple[Hashable, ...]:
                return (revision, self.book.digest, name, asked, as_of, allowed)

            def computed() -> Answer:
                context = Context(as_of, self.locality, self.book, self.ontology)
                return base.ask(self.questions, reader, context, name, wanted, allowed=allowed)

            def shown_to() -> Answer:
                return leave(self._answers.once(key(reader.revision), computed), viewer, self.ontology)

            now = (*key(reader.revision), viewer.clearance)
            before = self._lately.before(reader.revision) if lately else []
            if before and not self._answers.get(now):
                for revision in before:
                    if found := self._answers.get((*key(revision), viewer.clearance)):
                        self._lately.make(now, lambda: self._shown(name, wanted, viewer, False))
                        return found
            return self._answers.once(now, shown_to)

    def page(self, name: str, given: Mapping[str, str], viewer: Viewer, *, lately: bool = False) -> Answer:
        """One page of the answer; 50 rows where no size is asked for."""
        return base.page(self.answer(name, given, viewer, lately=lately), given.get("page", ""), given.get("size", ""))

    def load(self, paths: Sequence[Path], author: str, **options: Any) -> LoadResult:
        """See pipeline.load, with the choices that were made for headers; what it did is seen at once."""
        from loaders import mapping, pipeline

        saved = mapping.saved(self.mappings)
        found = pipeline.load(
            self.store, paths, self.locality, author=author, book=self.book, as_of=self.as_of, mapping=saved, **options
        )
        self._lately.forget()
        return found

    def undo(self, author: str) -> None:
        """See pipeline.undo; seen at once."""
        from loaders import pipeline

        pipeline.undo(self.store, author, self.book, self.locality, self.as_of)
        self._lately.forget()

    def close(self) -> None:
        """Let go of the store."""
        self._lately.close()
        self.store.close()

    def revision(self) -> int:
        """The revision now published."""
        with self.store.reader() as reader:
            return reader.revision

    def refresh_bases(self, author: str) -> bool:
        """Decide anew which unit is in which 口径, and measure, when a rule, a base or a threshold changed since then."""
        wanted = self.book.bases_digest(self.locality)
        as_of = self.as_of or dt.date.today()
        purpose = f"更新口径（{wanted}）"

        def current(reader: Reader) -> bool:
            return _bases_digest(reader) == wanted and not outdated(reader, self.book, self.locality, as_of)

        with self.store.reader(resuming=purpose) as reader:
            if not reader.unfinished and (not reader.revision or current(reader)):
                return False
        with self.store.writer(author, purpose) as writer:
            if not writer.unfinished and current(writer):
                return False
            sorted_anew = _bases_digest(writer) != wanted
            row = {
                "id": mint(self.ontology.nodes["Change"].prefix, str(writer.revision + 1)),
                "number": writer.revision + 1,
                "kind": "bases",
                "author": author,
                "at": dt.datetime.now().astimezone().isoformat(timespec="seconds"),
                "note": "口径的文件或参数有变，重新划定各单位所属口径" if sorted_anew else "规则或参数有变，重新计量",
                "bases_digest": self.book.refresh(writer, self.locality),
            }
            measure(writer, self.book, self.locality, as_of, writer.revision + 1)
            writer.upsert("Change", pa.Table.from_pylist([row]))
        return True

    def allowed(self, reader: Reader, viewer: Viewer) -> tuple[str, ...]:
        """Ids of the regions a viewer may see; empty means all."""
        if not viewer.regions:
            return ()
        roots = find(reader, self.ontology, {region: ("Region", region) for region in viewer.regions})
        return Divisions.read(reader).below(root.id for root in roots.values())


def _bases_digest(reader: Reader) -> str:
    """The digest of the 口径 that units were last sorted by."""
    last = reader.query(
        "MATCH (c:Change) WHERE c.bases_digest <> '' RETURN c.bases_digest AS d ORDER BY c.number DESC LIMIT 1"
    )
    return str(last["d"][0].as_py()) if last.num_rows else ""


def open_office(
    location: str, *, as_of: dt.date | None = None, create: bool = False, wait: float = 10.0, author: str = ""
) -> Office:
    """Settings read and checked, rules found, the store opened and its 口径 up to date.

    Raises DeclarationError for broken settings or rules, StoreError for a store that cannot be used.
    """
    decided, book = declarations()
    store = open_store(location, create=create, wait=wait, settings=decided)
    ontology = load_ontology()
    questions = find_questions(book, ontology)
    office = Office(store, decided, decided.locality(), book, ontology, questions, as_of, mappings_of(location))
    if author:
        try:
            office.refresh_bases(author)
        except BaseException:
            office.close()
            raise
    return office


def mappings_of(location: str) -> Path:
    """Where the choices for the headers of ledgers are kept: beside the store's file, or here for one on a server."""
    return log.folder_of(location).with_name(MAPPINGS)


def declarations() -> tuple[Settings, Book]:
    """The settings in force and the rule book they name, checked against one another."""
    decided, source = settings_file.load()
    folders = [Path(decided.rules_folder)] if decided.rules_folder else []
    book = Book.load(folders)
    settings_file.check(decided, source, book, load_ontology())
    return decided, book


def server_viewer(decided: Settings, fallback: str) -> Viewer:
    """Who looks at the pages until accounts exist."""
    wanted = decided.viewer
    return Viewer(wanted.name or fallback, tuple(wanted.regions), frozenset(wanted.clearance))
