"""The facade of the product: everything that a county's office can do with its graph."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from api.declarations import declarations
from api.locations import MAPPINGS, mappings_of
from api.memory.answers import Answers
from api.memory.cache import TableCache
from api.memory.copies import Copy, PrivateCopy, excerpt_of, resorted
from api.memory.reader import CachingReader
from api.opening import open_store
from api.settings import Settings
from api.viewer import Viewer, leave
from graph.answers import Answer
from graph.errors import QuestionError, StoreMovedError, UnknownError
from graph.faults import Fault, Faults
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
from graph.rules.rule import Base
from graph.stores.base import Reader, Store

if TYPE_CHECKING:
    from loaders.pipeline import Entry, LoadRequest, LoadResult
    from loaders.request import Progress

#: how many times a question is asked of a graph that is replaced meanwhile
ASK_AGAIN = 5
#: parameters that are applied after redaction, so that the order of rows does not reveal hidden values
ARRANGING = ("sort", "columns")


def open_office(location: str, *, as_of: dt.date | None = None, create: bool = False, wait: float = 10.0) -> Office:
    """The office of the store at `location`, under the settings in force; writes nothing unless `create`.

    Raises DeclarationError for broken settings or rules, StoreError for a store that cannot be used.
    """
    settings, book = declarations()
    store = open_store(location, create=create, wait=wait, settings=settings)
    ontology = load_ontology()
    questions = find_questions(book, ontology)
    return Office(store, settings, settings.locality(), book, ontology, questions, as_of, mappings_of(location))


class View(NamedTuple):
    """What a viewer may ask: of a limited one the ids of the Regions `allowed`, and of all that lies `inside` them."""

    reader: Reader
    allowed: tuple[str, ...] = ()
    inside: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Office:
    """An office: its store, settings, rules and questions.

    `as_of` is the date of questions that name none; None stands for today. `mappings` is the file of the meanings that
    people chose for the headers of ledgers.
    """

    store: Store
    settings: Settings
    locality: Locality
    book: Book
    ontology: Ontology
    questions: Mapping[str, Question]
    as_of: dt.date | None = None
    mappings: Path = Path(MAPPINGS)
    #: the rules that failed since this office was opened
    _faults: Faults = field(default_factory=Faults)
    _answers: Answers = field(default_factory=Answers)
    _tables: TableCache = field(default_factory=TableCache)
    _resorted: PrivateCopy = field(default_factory=PrivateCopy)
    _excerpts: dict[tuple[str, ...], PrivateCopy] = field(default_factory=dict)

    def answer(
        self, name: str, parameters: Mapping[str, str], viewer: Viewer, *, stale_allowed: bool = False
    ) -> Answer:
        """The whole answer as `viewer` may see it, sorted as asked, not paged.

        With `stale_allowed`, an answer from before a load of another process may be returned for a moment.
        Raises UnknownError, QuestionError and StoreError.
        """
        asking.paging(parameters.get("page", ""), parameters.get("size", ""))
        asked = {k: v for k, v in parameters.items() if v and k not in ARRANGING}
        arranging = {k: parameters[k] for k in ARRANGING if parameters.get(k)}
        answer = self._redacted(name, asked, viewer, stale_allowed)
        if not arranging:
            return answer
        arranged = asking.select(asking.sort(answer, arranging.get("sort", "")), arranging.get("columns", ""))
        return replace(arranged, parameters={**answer.parameters, **arranging})

    def page(self, name: str, parameters: Mapping[str, str], viewer: Viewer, *, stale_allowed: bool = False) -> Answer:
        """One page of the answer; 50 rows unless `size` is given."""
        answer = self.answer(name, parameters, viewer, stale_allowed=stale_allowed)
        return asking.page(answer, parameters.get("page", ""), parameters.get("size", ""))

    def load(self, paths: Sequence[Path], author: str, progress: Progress | None = None, **options: Any) -> LoadResult:
        """Load ledgers with the chosen meanings of headers; `options` are fields of LoadRequest. See pipeline.load."""
        from loaders import pipeline
        from loaders.recognize import mapping

        request = replace(self._request(author), paths=paths, mapping=mapping.saved(self.mappings), **options)
        if not request.preview:
            self._renew(author)
        result = pipeline.load(self.store, request, progress=progress)
        self._answers.forget_recent()
        return result

    def enter(self, entry: Entry, author: str) -> LoadResult:
        """Write rows that a form states. See pipeline.enter."""
        from loaders import pipeline

        self._renew(author)
        result = pipeline.enter(self.store, entry, self._request(author))
        self._answers.forget_recent()
        return result

    def undo(self, author: str, load: int) -> None:
        """Take back the load of a number, which must be the last. See pipeline.undo."""
        from loaders import pipeline

        self._renew(author)
        pipeline.undo(self.store, author, self.book, self.locality, self.as_of, load=load)
        self._answers.forget_recent()

    @contextmanager
    def reader(self) -> Iterator[CachingReader]:
        """A reader of the last published revision, with a cache of its queries.

        Where the last write sorted units into bases of other settings, a private copy is read that is sorted by the
        settings in force: reading writes nothing to the store.
        """
        with self.store.reader() as opened:
            reader = CachingReader(opened, self._tables)
            if not opened.revision or sorting(reader) == self.book.bases_digest(self.locality):
                yield reader
                return
            as_of = self.as_of or dt.date.today()
            make = partial(resorted, self.store, self.book, self.locality, as_of)
            with self._resorted.reader(opened.revision, make) as (copied, copy):
                yield CachingReader(copied, copy.tables)

    @contextmanager
    def view(self, viewer: Viewer) -> Iterator[View]:
        """What a viewer may ask of the last published revision: everything, or the excerpt for their divisions.

        Raises QuestionError where the divisions of the viewer are not in the graph.
        """
        with self.reader() as reader:
            if not viewer.regions or not reader.revision:
                yield View(reader)
                return
            allowed = self._allowed(reader, viewer)

            def make() -> AbstractContextManager[Copy]:
                return excerpt_of(reader.uncached, self.ontology, allowed, self.settings)

            with self._excerpts.setdefault(viewer.regions, PrivateCopy()).reader(reader.revision, make) as (
                excerpt,
                copy,
            ):
                yield View(CachingReader(excerpt, copy.tables), allowed, copy.inside)

    def revision(self) -> int:
        """The last published revision."""
        with self.store.reader() as reader:
            return reader.revision

    def prepare_rules(self) -> tuple[Fault, ...]:
        """The faults of the county's own rules that the engine cannot plan; the product's are planned by its tests.

        Raises DeclarationError for a base of the county's that it cannot plan.
        """
        rules = (rule.id for rule in self.book.rules.values() if rule.own)
        return self.check_rules(rules, [base for base in self.book.bases.values() if base.own])

    def check_rules(self, rules: Iterable[str], bases: Iterable[Base], *, run: bool = False) -> tuple[Fault, ...]:
        """The faults of rules that the engine cannot plan, or with `run` cannot answer; these are off.

        Raises DeclarationError for a base that it cannot plan.
        """
        faults: dict[str, Fault] = {}
        with self.reader() as reader:
            context = self._context(self.book)
            self.book.prepare_bases(reader, bases, context)
            for rule in rules:
                own = replace(context, faults=self._faults.apart())
                if self.book.prepare(reader, rule, own) is None and run:
                    self.book.ids(reader, rule, own)
                faults |= own.faults.met
        return tuple(faults.values())

    def _context(self, book: Book, protected: frozenset[str] = frozenset()) -> Inquiry:
        """The context of a question that names no date."""
        as_of = self.as_of or dt.date.today()
        return Inquiry(as_of, self.locality, self.ontology, protected=protected, faults=self._faults, book=book)

    def _allowed(self, reader: Reader, viewer: Viewer) -> tuple[str, ...]:
        """Ids of the regions that a limited viewer may see."""
        try:
            roots = find(reader, self.ontology, {region: ("Region", region) for region in viewer.regions})
        except (UnknownError, QuestionError) as error:
            # the message of the look-up names divisions that the viewer may not see
            raise QuestionError(
                f"设置 viewer.regions 中的区划（{'、'.join(viewer.regions)}）有的没有找到，或不止一个。请改填区划代码。"
            ) from error
        return Regions.read(reader).below(root.id for root in roots.values())

    def close(self) -> None:
        """Close the store and delete the private copy."""
        self._answers.close()
        self._resorted.close()
        for excerpt in self._excerpts.values():
            excerpt.close()
        self.store.close()

    def _redacted(self, name: str, parameters: Mapping[str, str], viewer: Viewer, stale_allowed: bool) -> Answer:
        """The answer as `viewer` may see it; asked again where the graph was replaced while it was read."""
        for _ in range(ASK_AGAIN - 1):
            try:
                return self._once(name, parameters, viewer, stale_allowed)
            except StoreMovedError:
                continue
        return self._once(name, parameters, viewer, stale_allowed)

    def _once(self, name: str, parameters: Mapping[str, str], viewer: Viewer, stale_allowed: bool) -> Answer:
        """The answer as `viewer` may see it, from the cache or from the last published revision."""
        with self.view(viewer) as (reader, allowed, inside):
            book = self.book.without(viewer.protected)
            context = self._context(book, viewer.protected)
            unpaged = tuple(sorted((k, v) for k, v in parameters.items() if k not in ("page", "size")))
            question = (book.digest, name, unpaged, context.as_of, allowed, self._faults.state)

            def compute() -> Answer:
                return asking.ask(self.questions, reader, context, name, parameters, allowed=allowed)

            if stale_allowed and (
                stale := self._answers.stale(
                    reader.revision,
                    question,
                    viewer.clearance,
                    lambda: self._redacted(name, parameters, viewer, stale_allowed=False),
                )
            ):
                return stale
            return self._answers.redacted(
                reader.revision, question, viewer.clearance, compute, lambda a: leave(a, viewer, self.ontology, inside)
            )

    def _request(self, author: str) -> LoadRequest:
        from loaders.request import LoadRequest

        return LoadRequest((), self.locality, author, self.book, self.as_of)

    def _renew(self, author: str) -> None:
        """Measure under the rules and settings in force before a write, so that its changes are its own."""
        renew(self.store, author, self.book, self.locality, self.as_of or dt.date.today())
