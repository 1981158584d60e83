"""The rule book: finds, checks and runs the rule and base files of the product and of a county's own folders."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from graph.answers import Finding
from graph.errors import DeclarationError, QuestionError, UnknownError
from graph.locality import Locality
from graph.ontology import load as load_ontology
from graph.rules.files import SEVERITIES, Base, Query, Rule, Threshold, fill, read_base, read_rule
from graph.rules.given import GIVEN
from graph.stores.base import Reader, Writer

if TYPE_CHECKING:
    from graph.questions.base import Context

FOLDER = Path(__file__).parent

#: subjects that belong to a chain: its firms and 链主, their organizations and officers, its committees
_OF_CHAIN = {
    "IndustryChain": "MATCH (s:IndustryChain) WHERE s.id = $chain OR EXISTS {"
    " MATCH (s)-[:PART_OF*1..8]->(c:IndustryChain) WHERE c.id = $chain } RETURN s.id AS id",
    "Unit": "MATCH (s:Unit)-[e:IN_CHAIN|LEADS_CHAIN]->(c:IndustryChain) WHERE c.id IN $chains"
    " AND e.valid_from <= $as_of AND $as_of <= e.valid_to RETURN DISTINCT s.id AS id",
    "PartyOrg": "MATCH (s:PartyOrg)-[e:LEADS_CHAIN]->(c:IndustryChain) WHERE c.id IN $chains"
    " AND e.valid_from <= $as_of AND $as_of <= e.valid_to RETURN DISTINCT s.id AS id UNION ALL"
    " MATCH (s:PartyOrg)-[e:COVERS]->(u:Unit)-[i:IN_CHAIN|LEADS_CHAIN]->(c:IndustryChain) WHERE c.id IN $chains"
    " AND e.valid_from <= $as_of AND $as_of <= e.valid_to AND i.valid_from <= $as_of AND $as_of <= i.valid_to"
    " RETURN DISTINCT s.id AS id",
    "GuidanceOfficer": "MATCH (s:GuidanceOfficer)-[e:GUIDES]->(u:Unit)-[i:IN_CHAIN|LEADS_CHAIN]->(c:IndustryChain)"
    " WHERE c.id IN $chains AND e.valid_from <= $as_of AND $posting_since <= e.valid_to"
    " AND i.valid_from <= $as_of AND $as_of <= i.valid_to RETURN DISTINCT s.id AS id",
}


@dataclass(frozen=True, slots=True)
class InForce:
    """A threshold as it was applied; `default` is false where the county set it."""

    name: str
    label: str
    value: Any
    unit: str
    default: bool

    def __str__(self) -> str:
        value = "、".join(map(str, self.value)) if isinstance(self.value, list) else self.value
        return f"{self.label} {value}{self.unit}（{'默认' if self.default else '本地设置'}）"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one rule found: ids of its denominator, findings and 待核实 among them, each in order of id."""

    rule: Rule
    population: tuple[str, ...]
    findings: tuple[Finding, ...]
    unverified: tuple[Finding, ...]
    cypher: tuple[str, ...]
    parameters: tuple[InForce, ...]

    def text(self, template: str) -> str:
        """A text of the rule with the thresholds in force in place of their names."""
        return fill(template, {p.name: p.value for p in self.parameters})


@dataclass(frozen=True, slots=True)
class Book:
    """All rules, by severity then id, and all bases; `digest` changes when any file does."""

    rules: Mapping[str, Rule]
    bases: Mapping[str, Base]
    digest: str

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
                _add(rules, read_rule(path, ontology), path)
            for path in sorted((folder / "bases").glob("*.cypher")):
                _add(bases, read_base(path), path)
        ordered = sorted(rules.values(), key=lambda r: (SEVERITIES.index(r.severity), r.id))
        parts = [r.id + r.digest for r in rules.values()] + [b.id + b.digest for b in bases.values()]
        return cls(MappingProxyType({r.id: r for r in ordered}), MappingProxyType(bases), _digest(sorted(parts)))

    def rule(self, rule_id: str) -> Rule:
        """The rule of an id. Raises UnknownError naming those there are."""
        found = self.rules.get(rule_id)
        if found is None:
            raise UnknownError(f"没有名为“{rule_id[:60]}”的规则。可用：{'、'.join(self.rules)}。")
        return found

    def check(self, locality: Locality) -> None:
        """Raise DeclarationError where the county's bases or thresholds name nothing or have another type."""
        for name in locality.bases:
            if name not in self.bases:
                raise DeclarationError(f"设置中的口径“{name}”不存在。请改为 {'、'.join(self.bases)} 之一。")
        known: dict[str, Threshold] = {}
        items: list[Rule | Base] = [*self.rules.values(), *self.bases.values()]
        for item in items:
            for name, threshold in item.params.items():
                known[name] = known[f"{item.id}.{name}"] = threshold
        for key, value in locality.thresholds.items():
            if key not in known:
                raise DeclarationError(f"设置中的阈值“{key}”不存在。请改为 {'、'.join(sorted(known))} 之一。")
            _fitting(key, value, known[key])

    def thresholds(self, item: Rule | Base, locality: Locality) -> tuple[InForce, ...]:
        """The parameters of a rule or base in force: "rule.param" before "param" before the default."""
        found = []
        for name, threshold in item.params.items():
            key = next((k for k in (f"{item.id}.{name}", name) if k in locality.thresholds), "")
            value = _fitting(key, locality.thresholds[key], threshold) if key else threshold.default
            found.append(InForce(name, threshold.label, value, threshold.unit, not key))
        return tuple(found)

    def parameters(self, rule_id: str, context: Context) -> dict[str, Any]:
        """What the queries of a rule are given."""
        rule = self.rule(rule_id)
        values = {p.name: p.value for p in self.thresholds(rule, context.locality)}
        values |= {name: GIVEN[name](context) for name in rule.given}
        return values | {"scope": list(context.scope)}

    def run(self, reader: Reader, rule_id: str, context: Context) -> Outcome:
        """The outcome of one rule, each subject once; `context.chain` keeps the subjects of that chain.

        Raises UnknownError for an unknown rule.
        """
        rule, given, kept = self._asked(reader, rule_id, context)
        population = set(reader.query(rule.population.cypher, given)["id"].to_pylist())
        findings = _findings(reader, rule, rule.finding, given, kept)
        unverified = _findings(reader, rule, rule.unverified, given, kept) if rule.unverified else {}
        return Outcome(
            rule,
            tuple(sorted(population if kept is None else population & kept)),
            tuple(findings.values()),
            # a subject decided in one base is not 待核实 because of another
            tuple(finding for subject, finding in unverified.items() if subject not in findings),
            tuple(q.cypher for q in rule.queries),
            self.thresholds(rule, context.locality),
        )

    def findings(self, reader: Reader, rule_id: str, context: Context) -> tuple[Finding, ...]:
        """The findings of `run` alone, for those who only count them."""
        rule, given, kept = self._asked(reader, rule_id, context)
        return tuple(_findings(reader, rule, rule.finding, given, kept).values())

    def state(self, reader: Reader, rule_id: str, context: Context, subject: str) -> str:
        """What a rule says of one subject: "finding", "unverified", or "" for neither, as `run` would."""
        rule, given, _ = self._asked(reader, rule_id, context)
        for state, query in (("finding", rule.finding), ("unverified", rule.unverified)):
            if query and pc.index(reader.query(query.cypher, given)["id"], subject).as_py() >= 0:
                return state
        return ""

    def of_subject(self, reader: Reader, rule_id: str, context: Context, subject: str) -> tuple[str, Finding | None]:
        """The same with the facts compared: ("finding" | "unverified" | "", what was found)."""
        rule, given, _ = self._asked(reader, rule_id, context)
        for state, query in (("finding", rule.finding), ("unverified", rule.unverified)):
            if query:
                table = reader.query(query.cypher, given)
                own = table.filter(pc.equal(table["id"], subject))
                if own.num_rows:
                    return state, _shaped(rule, own.slice(0, 1).to_pylist()[0])
        return "", None

    def _asked(
        self, reader: Reader, rule_id: str, context: Context
    ) -> tuple[Rule, dict[str, Any], frozenset[str] | None]:
        """The rule, what its queries are given, and the ids to keep (None: all)."""
        rule = self.rule(rule_id)
        kept = None
        if context.chain:
            of_chain = self.of_chain(reader, context)
            kept = frozenset[str]().union(*(of_chain.get(s, ()) for s in rule.subjects))
        return rule, self.parameters(rule_id, context), kept

    def of_chain(self, reader: Reader, context: Context) -> dict[str, frozenset[str]]:
        """Ids of the subjects that belong to `context.chain` (its segments included), by node type."""
        given = {"chain": context.chain, "as_of": context.as_of, "posting_since": GIVEN["posting_since"](context)}
        found: dict[str, frozenset[str]] = {}
        for node_type, cypher in _OF_CHAIN.items():
            found[node_type] = frozenset(reader.query(cypher, given)["id"].to_pylist())
            if node_type == "IndustryChain":
                given["chains"] = sorted(found[node_type])
        return found

    def bases_digest(self, locality: Locality) -> str:
        """Changes when a base file or a threshold of one does: membership must then be refreshed."""
        parts = []
        for base in self.bases.values():
            parts += [base.id, base.digest, *(f"{p.name}={p.value}" for p in self.thresholds(base, locality))]
        return _digest(parts)

    def refresh(self, writer: Writer, locality: Locality) -> str:
        """Bring Unit.bases and bases_undecided up to date where they changed; the digest for Change.bases_digest."""
        units = writer.query("MATCH (u:Unit) RETURN u.id AS id, u.bases AS bases, u.bases_undecided AS undecided")
        ids, names = units["id"].combine_chunks(), sorted(self.bases)
        marks: dict[str, pa.Array] = {"bases": _zeros(len(ids)), "undecided": _zeros(len(ids))}
        for bit, name in enumerate(names):
            base = self.bases[name]
            given = {p.name: p.value for p in self.thresholds(base, locality)}
            member = pc.is_in(ids, value_set=writer.query(base.member.cypher, given)["id"].combine_chunks())
            undecided = pc.is_in(ids, value_set=writer.query(base.undecided.cypher, given)["id"].combine_chunks())
            for column, mask in (("bases", member), ("undecided", pc.and_not(undecided, member))):
                marks[column] = pc.add(marks[column], pc.multiply(pc.cast(mask, pa.int64()), 1 << bit))
        fresh = {column: _lists(codes, names) for column, codes in marks.items()}
        changed = pc.or_(*(pc.not_equal(_joined(fresh[c]), _joined(units[c].combine_chunks())) for c in fresh))
        rows = pa.table({"id": ids, "bases": fresh["bases"], "bases_undecided": fresh["undecided"]}).filter(changed)
        writer.upsert("Unit", rows)
        return self.bases_digest(locality)


@lru_cache(maxsize=1)
def book() -> Book:
    """The product's own rules, read once."""
    return Book.load()


def _add(found: dict[str, Any], item: Rule | Base, path: Path) -> None:
    if item.id in found:
        raise DeclarationError(f"{path} 第 1 行：编号“{item.id}”已被另一文件使用。请给文件和 id 换一个名称。")
    found[item.id] = item


def _fitting(key: str, value: Any, threshold: Threshold) -> Any:
    """The county's value if it is of the default's type."""
    default = threshold.default
    if isinstance(default, float) and type(value) is int:
        return value
    listed = isinstance(default, list) and isinstance(value, list | tuple) and all(isinstance(v, str) for v in value)
    if listed:
        return list(value)
    if type(value) is not type(default) or isinstance(default, list):
        raise DeclarationError(
            f"设置中的阈值 {key}（{threshold.label}）写成了“{value}”，类型不对。请写成 {default} 这样的值。"
        )
    return value


def _findings(
    reader: Reader, rule: Rule, query: Query, given: Mapping[str, Any], kept: frozenset[str] | None
) -> dict[str, Finding]:
    """What a query returns, by subject in order of id."""
    found: dict[str, Finding] = {}
    for row in reader.query(query.cypher, given).to_pylist():
        if kept is None or row["id"] in kept:
            found.setdefault(row["id"], _shaped(rule, row))
    return dict(sorted(found.items()))


def _shaped(rule: Rule, row: Mapping[str, Any]) -> Finding:
    # collect() promises no order
    facts = {k: sorted(v) if isinstance(v, list) else v for k, v in row.items() if k != "id"}
    return Finding(rule.id, row["id"], facts)


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _zeros(length: int) -> pa.Array:
    return pa.array([0], pa.int64()).take(pa.array([0] * length, pa.int64()))


def _lists(codes: pa.Array, names: Sequence[str]) -> pa.Array:
    """For each bit mask the list of names it stands for."""
    encoded = codes.dictionary_encode()
    lists = [[n for bit, n in enumerate(names) if code >> bit & 1] for code in encoded.dictionary.to_pylist()]
    return pa.array(lists, pa.list_(pa.string())).take(encoded.indices)


def _joined(lists: pa.Array) -> pa.Array:
    """Each list as one text, to compare; a null (never kept before) differs from an empty list."""
    return pc.fill_null(pc.binary_join(lists.cast(pa.list_(pa.string())), "\n"), "-")


def one_base(book: Book, locality: Locality, kind: str, asked: str = "") -> str:
    """The reporting base of a kind: the one asked for if it is of that kind, else the county's first; '' for none."""
    names = ([asked] if asked else []) + list(locality.bases)
    for name in names:
        if name not in book.bases:
            raise QuestionError(f"没有名为“{name[:60]}”的口径。可用：{'、'.join(book.bases)}。")
    return next((n for n in names if book.bases[n].kind == kind), "")
