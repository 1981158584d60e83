"""The rule book: reads, checks and runs the rules and bases of the product and of a county's own folders."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from queue import SimpleQueue
from types import MappingProxyType
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from graph import chains
from graph.answers import Finding
from graph.context import Context
from graph.errors import DeclarationError, QueryError, QuestionError, UnknownError
from graph.faults import Fault
from graph.locality import Locality
from graph.ontology import load as load_ontology
from graph.privacy import OPEN, protects
from graph.rules.dated import dated, needs_day
from graph.rules.derived import GIVEN
from graph.rules.failing import RuleError, base_failed
from graph.rules.overrides import Part, check, fitting, inside, origin, parts
from graph.rules.parse import read_base, read_rule
from graph.rules.rule import SEVERITIES, VERDICTS, Base, Query, Rule
from graph.rules.verdicts import FAILED, OUTSIDE, Force, InForce, Judgement, Outcome, facts_of, prepare, verdicts
from graph.stores.base import Reader, Writer

T = TypeVar("T")
#: the ids of a population, of its findings and of its 待核实
Ids = tuple[pa.Array, pa.Array, pa.Array]
FOLDER = Path(__file__).parent / "catalogue"
#: see rule_digest
_ONE_DAY = dt.date(2014, 8, 20)


@dataclass(frozen=True, slots=True)
class Book:
    """All rules, by severity then id, and all bases; `digest` changes when any file does."""

    rules: Mapping[str, Rule]
    bases: Mapping[str, Base]
    digest: str
    #: the rules that who asks may not use: see `without`
    withheld: Mapping[str, Rule] = field(default_factory=dict)

    def without(self, protected: frozenset[str]) -> Book:
        """The book for who may not see these classes: rules of such a sensitivity are in no list and no count.

        What they find could else be counted out: by narrowing a list to one village, or by what is missing in a sum.
        """
        hidden = {r.id: r for r in self.rules.values() if protects(r.sensitivity, protected)}
        if not hidden:
            return self
        shown = {r.id: r for r in self.rules.values() if r.id not in hidden}
        digest = f"{self.digest}-{'-'.join(sorted(hidden))}"
        return replace(self, rules=MappingProxyType(shown), digest=digest, withheld=MappingProxyType(hidden))

    def withholds(self, text: str | None) -> bool:
        """Whether a text is the title or the id of a rule that is withheld."""
        return bool(text) and str(text).strip() in self.titles_withheld

    @property
    def titles_withheld(self) -> frozenset[str]:
        """The ids and titles of the rules withheld, by which a 暂缓 names one."""
        return frozenset(text for rule in self.withheld.values() for text in (rule.id, rule.title))

    def whole(self) -> Book:
        """The book with the rules withheld."""
        return replace(self, rules=MappingProxyType({**self.rules, **self.withheld}), withheld=MappingProxyType({}))

    @classmethod
    def load(cls, folders: Sequence[Path] = ()) -> Book:
        """The product's rules and those of a county's `folders` (each *.cypher, and bases/*.cypher).

        Raises DeclarationError naming file, line and mend where one is broken or an id is taken.
        """
        ontology = load_ontology()
        rules: dict[str, Rule] = {}
        bases: dict[str, Base] = {}
        for folder in (FOLDER, *folders):
            if not folder.is_dir():
                raise DeclarationError(f"规则文件夹 {folder} 不存在。请建立该文件夹，或在设置中删去它。")
            for path in sorted(folder.glob("*.cypher")):
                _add(rules, replace(read_rule(path, ontology), own=folder != FOLDER), path)
            for path in sorted((folder / "bases").glob("*.cypher")):
                _add(bases, replace(read_base(path), own=folder != FOLDER), path)
        ordered = sorted(rules.values(), key=lambda r: (SEVERITIES.index(r.severity), r.id))
        parts = [r.id + r.digest for r in rules.values()] + [b.id + b.digest for b in bases.values()]
        return cls(MappingProxyType({r.id: r for r in ordered}), MappingProxyType(bases), _digest(sorted(parts)))

    def rule(self, rule_id: str) -> Rule:
        """The rule of an id. Raises UnknownError, which lists the rules, and QuestionError for one that is withheld."""
        rule = self.rules.get(rule_id)
        if rule is None and rule_id in self.withheld:
            raise QuestionError(f"规则“{self.withheld[rule_id].title}”查出的对象仅限经办角色查看，也不计数。")
        if rule is None:
            raise UnknownError(f"没有名为“{rule_id[:60]}”的规则。可用：{'、'.join(self.rules)}。")
        return rule

    def about(self, node_type: str) -> tuple[Rule, ...]:
        """The rules on subjects of a type whose findings everybody may see at a single subject.

        A rule with a sensitivity lists its subjects only in its own answer, for viewers who may see them.
        """
        return tuple(r for r in self.rules.values() if node_type in r.subjects and r.sensitivity == OPEN)

    def check(self, locality: Locality) -> None:
        """Raise DeclarationError where the county's bases or thresholds name nothing or have another type."""
        for name in locality.bases:
            if name not in self.bases:
                raise DeclarationError(f"设置中的口径“{name}”不存在。请改为 {'、'.join(self.bases)} 之一。")
        check(self.rules, self.bases, locality)

    def thresholds(self, item: Rule | Base, locality: Locality) -> tuple[InForce, ...]:
        """The parameters of a rule or base in force: "rule.param" before "param" before the default."""
        in_force = []
        for name, threshold in item.params.items():
            key = next((k for k in (f"{item.id}.{name}", name) if k in locality.thresholds), "")
            value = fitting(key, locality.thresholds[key], threshold) if key else threshold.default
            in_force.append(
                InForce(name, threshold.label, value, threshold.unit, not key, origin(locality, "thresholds", key))
            )
        return tuple(in_force)

    def force(self, rule: Rule, locality: Locality, part: str = "") -> Force:
        """The severity, switch and thresholds of a rule under these decisions."""
        return Force(
            self.severity(rule, locality),
            origin(locality, "severities", rule.id),
            locality.switches.get(rule.id, True),
            origin(locality, "switches", rule.id),
            self.thresholds(rule, locality),
            part,
        )

    def severities(self, rule: Rule, locality: Locality) -> set[str]:
        """Every severity that a finding of the rule may have somewhere in the county."""
        own = {d.severities[rule.id] for d in locality.divisions.values() if rule.id in d.severities}
        return own | {self.severity(rule, locality)}

    def severity(self, rule: Rule, locality: Locality) -> str:
        """The severity of a rule under these decisions."""
        return locality.severities.get(rule.id, rule.severity)

    def parameters(self, rule_id: str, context: Context) -> dict[str, Any]:
        """The parameters of a rule's query by name."""
        rule = self.rule(rule_id)
        values = {p.name: p.value for p in self.thresholds(rule, context.locality)}
        values |= {name: GIVEN[name](context) for name in rule.given}
        if needs_day(rule.query.cypher):
            values["as_of"] = context.as_of
        return values | {"scope": list(context.scope)}

    def each(self, reader: Reader, rules: Iterable[str], ask: Callable[[Reader, str], T]) -> list[T]:
        """The result of `ask` for each rule, two at a time where the reader can answer two threads."""
        with reader.beside() as other:
            if other is None:
                return [ask(reader, rule) for rule in rules]
            free = SimpleQueue[Reader]()
            for one in (reader, other):
                free.put(one)

            def with_one_of_them(rule: str) -> T:
                mine = free.get()
                try:
                    return ask(mine, rule)
                finally:
                    free.put(mine)

            with ThreadPoolExecutor(2, thread_name_prefix="liangxin-rules") as pool:
                return [*pool.map(with_one_of_them, rules)]

    def outcomes(self, reader: Reader, rules: Iterable[str], context: Context) -> list[Outcome]:
        """The outcome of each of these rules."""
        return self.each(reader, rules, lambda mine, rule: self.run(mine, rule, context))

    def run(self, reader: Reader, rule_id: str, context: Context) -> Outcome:
        """The outcome of one rule, each subject once; `context.chain` keeps the subjects of that chain.

        Raises UnknownError for an unknown rule.
        """
        rule = self.rule(rule_id)
        outcome = self._unless_failed(reader, rule, context, lambda: self._run(reader, rule, context))
        if isinstance(outcome, Fault):
            force = self.force(rule, context.locality)
            return Outcome(rule, (), (), (), rule.query.cypher, (force,), fault=outcome)
        return outcome

    def _unless_failed(self, reader: Reader, rule: Rule, context: Context, ask: Callable[[], T]) -> T | Fault:
        """What `ask` gives of a rule, or why it failed: it is then off, and `context.faults` tells the question."""
        key = rule.id, rule.query.cypher
        if fault := context.faults.find(key, reader.revision):
            return fault
        try:
            return ask()
        except RuleError as error:
            context.faults.add(key, reader.revision, error.fault)
            if context.faults.too_many_slow:
                raise error.fault.error from error
            return error.fault

    def _run(self, reader: Reader, rule: Rule, context: Context) -> Outcome:
        rule_id, forces = rule.id, []
        population: list[pa.Array] = []
        findings: dict[str, Finding] = {}
        unverified: dict[str, Finding] = {}
        elsewhere: dict[str, Force] = {}
        for force, parameters, kept in self._runs(reader, rule_id, context):
            forces.append(force)
            if not force.on:
                continue
            own = verdicts(reader, rule, parameters)
            ids = _keep(own.population, kept)["id"]
            population += ids.chunks
            findings |= _findings(rule, force, own.findings, kept)
            unverified |= _findings(rule, force, own.unverified, kept)
            if force.part:
                elsewhere.update(dict.fromkeys(ids.to_pylist(), force))
        everyone = pa.chunked_array(population, pa.string()).unique()
        return Outcome(
            rule,
            tuple(everyone.take(pc.sort_indices(everyone)).to_pylist()),
            tuple(findings[subject] for subject in sorted(findings)),
            # a subject that is found where one division decides is not 待核实 where another does
            tuple(unverified[subject] for subject in sorted(unverified.keys() - findings.keys())),
            rule.query.cypher,
            tuple(forces),
            elsewhere,
        )

    def findings(self, reader: Reader, rule_id: str, context: Context) -> tuple[Finding, ...]:
        """Only the findings of `run`, for callers that count them."""
        rule = self.rule(rule_id)

        def ask() -> tuple[Finding, ...]:
            findings: dict[str, Finding] = {}
            for force, parameters, kept in self._runs(reader, rule_id, context):
                if force.on:
                    findings |= _findings(rule, force, verdicts(reader, rule, parameters).findings, kept)
            return tuple(findings[subject] for subject in sorted(findings))

        found = self._unless_failed(reader, rule, context, ask)
        return () if isinstance(found, Fault) else found

    def ids(self, reader: Reader, rule_id: str, context: Context) -> Ids | Fault:
        """The ids of the population, findings and 待核实 of `run`, each once, as columns; or why there are none."""
        rule = self.rule(rule_id)
        return self._unless_failed(reader, rule, context, lambda: self._ids(reader, rule, context))

    def _ids(self, reader: Reader, rule: Rule, context: Context) -> Ids:
        rule_id = rule.id
        parts: tuple[list[pa.Array], ...] = ([], [], [])
        for force, parameters, kept in self._runs(reader, rule_id, context):
            if force.on:
                own = verdicts(reader, rule, parameters)
                for part, table in zip(parts, (own.population, own.findings, own.unverified), strict=True):
                    part += _keep(table.select(["id"]), kept)["id"].chunks
        population, findings, unverified = (pa.chunked_array(part, pa.string()).unique() for part in parts)
        return population, findings, unverified.filter(pc.invert(pc.is_in(unverified, value_set=findings)))

    def prepare(self, reader: Reader, rule_id: str, context: Context) -> Fault | None:
        """Why the engine cannot plan the query of a rule, which is then off; None where it can. Nothing is run."""
        rule = self.rule(rule_id)
        return self._unless_failed(
            reader, rule, context, lambda: prepare(reader, rule, self.parameters(rule_id, context))
        )

    def prepare_bases(self, reader: Reader, bases: Iterable[Base], context: Context) -> None:
        """Have the engine plan the queries of these bases. Raises DeclarationError where it cannot."""
        for base in bases:
            parameters = self._base_parameters(base, context.locality, context.as_of)
            for query in (base.member, base.undecided):
                try:
                    reader.prepare(query.cypher, parameters)
                except QueryError as error:
                    base_failed(base.source, query, error)

    def judged(self, reader: Reader, rule_id: str, context: Context, subject: str) -> Judgement:
        """The verdict of a rule on one subject, as `run` without a chain gives it.

        The query is the one for all subjects, which a reader remembers: to plan a query restricted to the subject
        takes the engine as long as to run this one.
        """
        rule = self.rule(rule_id)
        every = [*self._runs(reader, rule_id, replace(context, chain=""))]
        force, given, _ = next(one for one in every if one[2] is None or one[2](subject))
        own: list[dict[str, Any]] = []
        if force.on:
            rows = self._unless_failed(reader, rule, context, lambda: verdicts(reader, rule, given).rows)
            if isinstance(rows, Fault):
                return Judgement(rule, FAILED, {}, force, given)
            own = rows.filter(pc.equal(rows["id"], subject)).to_pylist()
        deciding = min(own, key=lambda row: VERDICTS.index(row["verdict"]), default={"verdict": OUTSIDE})
        return Judgement(rule, deciding["verdict"], facts_of(deciding), force, given)

    def _runs(
        self, reader: Reader, rule_id: str, context: Context
    ) -> Iterator[tuple[Force, dict[str, Any], Callable[[str], bool] | None]]:
        """For each distinct set of values: the parameters of the query, and a test of which subjects to keep (None: all).

        The query runs in the whole scope, because a subject may be in it by more than where it lies; the test then
        keeps the subjects that lie where these values are in force.
        """
        rule, chained = self.rule(rule_id), None
        if context.chain:
            of_chain = chains.members(reader, context)
            chained = frozenset[str]().union(*(of_chain.get(s, ()) for s in rule.subjects)).__contains__
        every = parts(reader, context.locality)
        alike: dict[Any, list[Part]] = {}
        for part in every:
            force = self.force(rule, part.locality)
            alike.setdefault((force.severity, force.on, str(force.values)), []).append(part)
        for own in alike.values():
            named = "" if own[0] is every[0] else "、".join(p.name for p in own)
            force = self.force(rule, own[0].locality, named)
            given = self.parameters(rule_id, replace(context, locality=own[0].locality))
            if len(alike) == 1:
                yield force, given, chained
                continue
            yield force, given, _both(inside(reader, every, own), chained)

    def bases_digest(self, locality: Locality) -> str:
        """A digest of the base files and their thresholds; when it changes, `refresh` must sort the units again."""
        parts = []
        for base in self.bases.values():
            # always for the same day, as in rule_digest
            values = self._base_parameters(base, locality, _ONE_DAY)
            parts += [base.id, base.digest, *(f"{name}={value}" for name, value in values.items())]
        return _digest(parts)

    def _base_parameters(self, base: Base, locality: Locality, as_of: dt.date) -> dict[str, Any]:
        context = Context(as_of, locality, load_ontology())
        values = {p.name: p.value for p in self.thresholds(base, locality)}
        return values | {name: GIVEN[name](context) for name in base.given}

    def rule_digest(self, rule_id: str, context: Context) -> str:
        """A digest of all that the findings of a rule depend on, except the graph and the date."""
        rule, locality = self.rule(rule_id), context.locality
        # always for the same day: a date that settings derive from it counts, the day of the question does not
        values = self.parameters(rule_id, replace(context, base="", as_of=_ONE_DAY))
        # the query as it is run, which another version of the product may make otherwise of the same file
        parts = [rule.digest, dated(rule.query.cypher)]
        parts += [f"{n}={v}" for n, v in sorted(values.items()) if n != "scope"]
        parts.append(f"{locality.switches.get(rule_id, True)}")
        for name, decided in sorted(locality.divisions.items()):
            own = {k: v for k, v in decided.thresholds.items() if k.removeprefix(f"{rule_id}.") in rule.params}
            if own or rule_id in decided.switches:
                parts.append(f"{name} {sorted(own.items())} {decided.switches.get(rule_id)}")
        if "bases" in rule.given:
            used = [self.bases[name] for name in locality.bases]
            for base in used:
                given = self._base_parameters(base, locality, _ONE_DAY)
                parts += [base.digest, *(f"{base.digest} {name}={value}" for name, value in given.items())]
        return _digest(parts)

    def refresh(self, writer: Writer, locality: Locality, as_of: dt.date) -> str:
        """Bring Unit.bases and bases_undecided up to date where they changed; the digest for Change.bases_digest.

        Relations that a base reads are those in force at `as_of`.
        """
        names = sorted(self.bases)
        with writer.reading() as reader:
            units = reader.query("MATCH (u:Unit) RETURN u.id AS id, u.bases AS bases, u.bases_undecided AS undecided")
            ids = units["id"].combine_chunks()
            none = pa.repeat(pa.scalar(0, pa.int64()), len(ids))
            marks: dict[str, pa.Array] = {"bases": none, "undecided": none}
            for bit, name in enumerate(names):
                base = self.bases[name]
                parameters = self._base_parameters(base, locality, as_of)
                member = pc.is_in(ids, value_set=_units(reader, base, base.member, parameters))
                undecided = pc.is_in(ids, value_set=_units(reader, base, base.undecided, parameters))
                for column, mask in (("bases", member), ("undecided", pc.and_not(undecided, member))):
                    marks[column] = pc.add(marks[column], pc.multiply(pc.cast(mask, pa.int64()), 1 << bit))
        fresh = {column: _lists(codes, names) for column, codes in marks.items()}
        changed = pc.or_(*(pc.not_equal(_joined(fresh[c]), _joined(units[c].combine_chunks())) for c in fresh))
        rows = pa.table({"id": ids, "bases": fresh["bases"], "bases_undecided": fresh["undecided"]}).filter(changed)
        writer.upsert("Unit", rows)
        return self.bases_digest(locality)


def _units(reader: Reader, base: Base, query: Query, parameters: Mapping[str, Any]) -> pa.Array:
    """The ids that a query of a base returns. Raises DeclarationError with file, line and mend where it cannot be run."""
    try:
        return reader.query(query.cypher, parameters)["id"].cast(pa.string()).combine_chunks()
    except QueryError as error:
        base_failed(base.source, query, error)


@lru_cache(maxsize=1)
def book() -> Book:
    """The product's own rules, read once."""
    return Book.load()


def _add(items: dict[str, Any], item: Rule | Base, path: Path) -> None:
    if item.id in items:
        raise DeclarationError(f"{path} 第 1 行：编号“{item.id}”已被另一文件使用。请给文件和 id 换一个名称。")
    items[item.id] = item


def _both(one: Callable[[str], bool], other: Callable[[str], bool] | None) -> Callable[[str], bool]:
    return one if other is None else lambda subject: one(subject) and other(subject)


def _keep(table: pa.Table, kept: Callable[[str], bool] | None) -> pa.Table:
    """The rows of the subjects to keep."""
    return table if kept is None else table.filter(pa.array(map(kept, table["id"].to_pylist()), pa.bool_()))


def _findings(rule: Rule, force: Force, rows: pa.Table, kept: Callable[[str], bool] | None) -> dict[str, Finding]:
    """A finding for each row of the subjects to keep."""
    return {
        row["id"]: Finding(rule.id, row["id"], facts_of(row), force.severity) for row in _keep(rows, kept).to_pylist()
    }


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _lists(codes: pa.Array, names: Sequence[str]) -> pa.Array:
    """For each bit mask the list of names it stands for."""
    encoded = codes.dictionary_encode()
    lists = [[n for bit, n in enumerate(names) if code >> bit & 1] for code in encoded.dictionary.to_pylist()]
    return pa.array(lists, pa.list_(pa.string())).take(encoded.indices)


def _joined(lists: pa.Array) -> pa.Array:
    """Each list as one text, to compare; a null (never written before) differs from an empty list."""
    return pc.fill_null(pc.binary_join(lists.cast(pa.list_(pa.string())), "\n"), "-")


def one_base(book: Book, locality: Locality, kind: str, first: str = "") -> str:
    """The reporting base of a kind: `first` if it is of that kind, else the county's first; '' for none.

    Raises QuestionError for a base that does not exist.
    """
    names = ([first] if first else []) + list(locality.bases)
    for name in names:
        if name not in book.bases:
            raise QuestionError(f"没有名为“{name[:60]}”的口径。可用：{'、'.join(book.bases)}。")
    return next((n for n in names if book.bases[n].kind == kind), "")
