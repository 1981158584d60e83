"""Puts the product together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api import log
from api import settings as settings_file
from api.memory.answers import Answers, Remembering, Tables
from api.memory.resorted import Resorted
from api.memory.stale import Lately
from api.opening import open_store
from api.settings import Settings
from api.viewer import Viewer, leave
from graph.answers import Answer
from graph.errors import StoreMovedError
from graph.history.commit import renew, sorting
from graph.locality import Locality
from graph.ontology import Ontology
from graph.ontology import load as load_ontology
from graph.questions import asking
from graph.questions import catalogue as find_questions
from graph.questions.asking import Question
from graph.questions.lookup import find
from graph.regions import Regions
from graph.rules.book import Book
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader, Store

if TYPE_CHECKING:
    from loaders.pipeline import Entry, LoadRequest, LoadResult
    from loaders.request import Progress

DEFAULT_STORE = "liangxin.lbug"
#: what people chose for the headers of ledgers
MAPPINGS = "表头对照.yaml"
#: how often a question is asked anew of a graph that moves while it is answered
ASK_AGAIN = 5


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
    _resorted: Resorted = field(default_factory=Resorted)

    @contextmanager
    def reader(self) -> Iterator[Reader]:
        """The last published revision, of which no query is asked twice.

        Where its units were sorted into other bases than those in force, a private copy of it is read, in which they
        are sorted by these: nothing is written to the store.
        """
        with self.store.reader() as opened:
            remembering = Remembering(opened, self._tables)
            if not opened.revision or sorting(remembering) == self.book.bases_digest(self.locality):
                yield remembering
                return
            with self._resorted.reader(self.store, opened, self.book, self.locality) as copied:
                yield Remembering(copied, self._tables)

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
        ordered = asking.select(asking.sort(shown, later.get("sort", "")), later.get("columns", ""))
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
                context = Inquiry(as_of, self.locality, self.ontology, book=self.book)
                return asking.ask(self.questions, reader, context, name, wanted, allowed=allowed)

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
        return asking.page(
            self.answer(name, given, viewer, lately=lately), given.get("page", ""), given.get("size", "")
        )

    def load(self, paths: Sequence[Path], author: str, progress: Progress | None = None, **options: Any) -> LoadResult:
        """See pipeline.load, with the choices that were made for headers; what it did is seen at once.

        `options` are further fields of LoadRequest.
        """
        from loaders import pipeline
        from loaders.recognize import mapping

        request = replace(self._request(author), paths=paths, mapping=mapping.saved(self.mappings), **options)
        if not request.preview:
            self._renew(author)
        result = pipeline.load(self.store, request, progress=progress)
        self._lately.forget()
        return result

    def enter(self, entry: Entry, author: str) -> LoadResult:
        """See pipeline.enter; seen at once."""
        from loaders import pipeline

        self._renew(author)
        result = pipeline.enter(self.store, entry, self._request(author))
        self._lately.forget()
        return result

    def undo(self, author: str) -> None:
        """See pipeline.undo; seen at once."""
        from loaders import pipeline

        self._renew(author)
        pipeline.undo(self.store, author, self.book, self.locality, self.as_of)
        self._lately.forget()

    def _request(self, author: str) -> LoadRequest:
        from loaders.request import LoadRequest

        return LoadRequest((), self.locality, author, self.book, self.as_of)

    def _renew(self, author: str) -> None:
        """Before a write: measure by the rules and settings in force, so that it tells of what changes by itself alone."""
        renew(self.store, author, self.book, self.locality, self.as_of or dt.date.today())

    def close(self) -> None:
        """Let go of the store."""
        self._lately.close()
        self._resorted.close()
        self.store.close()

    def revision(self) -> int:
        """The revision now published."""
        with self.store.reader() as reader:
            return reader.revision

    def allowed(self, reader: Reader, viewer: Viewer) -> tuple[str, ...]:
        """Ids of the regions a viewer may see; empty means all."""
        if not viewer.regions:
            return ()
        roots = find(reader, self.ontology, {region: ("Region", region) for region in viewer.regions})
        return Regions.read(reader).below(root.id for root in roots.values())


def open_office(location: str, *, as_of: dt.date | None = None, create: bool = False, wait: float = 10.0) -> Office:
    """Settings read and checked, rules found, the store opened. Nothing is written, but a store that is to be created.

    Raises DeclarationError for broken settings or rules, StoreError for a store that cannot be used.
    """
    decided, book = declarations()
    store = open_store(location, create=create, wait=wait, settings=decided)
    ontology = load_ontology()
    questions = find_questions(book, ontology)
    return Office(store, decided, decided.locality(), book, ontology, questions, as_of, mappings_of(location))


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
