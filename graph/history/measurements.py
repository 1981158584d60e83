"""Measures a revision: how many subjects each rule finds in each division, and since when each problem is open.

A write calls `measure` before it writes its Change, so that both become visible together.

The figures of a rule in a base are a row for each division. A revision that changes none of them writes only the row of
no division, which names the revision whose rows they are (`unchanged_since`): a decision changes few figures of
thousands, and a store would grow by all of them.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from graph.coverage.states import COVERED, UNVERIFIED
from graph.coverage.tally import Tally
from graph.coverage.unit_facts import BRANCHES_CYPHER, COVERED_CYPHER, GUIDED_CYPHER, UNITS, facts_table, grouped
from graph.faults import Fault, Faults
from graph.history.touched import Reads, Table, reads
from graph.locality import Locality
from graph.ontology import ARROW, NodeType, Ontology
from graph.ontology import load as load_ontology
from graph.regions import Located, Regions
from graph.rules.book import Book, Ids
from graph.rules.inquiry import Inquiry
from graph.rules.rule import Rule
from graph.stores.base import Reader, Writer
from graph.stores.cypher import node_columns
from graph.stores.lexing import code

ORG_COVERAGE, WORK_COVERAGE = COVERAGES = ("org_coverage", "work_coverage")

#: ids whose divisions are looked up at once: each look-up indexes all places anew
AT_ONCE = 1_000_000

#: population, findings, unverified; of a coverage the units of the base, those covered, those 待核实
Counts = tuple[int, int, int]

# spans open at the revision before, and spans that a broken-off attempt at this revision left
_SPANS = """MATCH (f:FindingSpan)
WHERE f.closed IS NULL OR f.closed >= $revision OR f.opened >= $revision
RETURN f.id AS id, f.rule AS rule, f.rule_digest AS rule_digest, f.subject AS subject, f.opened AS opened,
  f.closed AS closed
ORDER BY id"""
_BY = """MATCH (k:Measurement)
WHERE k.revision = $revision AND k.base = '' AND k.division = ''
RETURN k.rule AS rule, k.rule_digest AS rule_digest
ORDER BY rule"""
# of older stores `unchanged_since` is null: each of their revisions has all rows
_HEADS = """MATCH (k:Measurement)
WHERE k.revision = $revision AND k.division = ''
RETURN k.rule AS rule, k.rule_digest AS rule_digest, k.base AS base, k.population AS population,
  k.findings AS findings, k.unverified AS unverified, k.as_of AS as_of, k.fault AS fault,
  coalesce(k.unchanged_since, k.revision) AS unchanged_since
ORDER BY k.id"""
_FIGURES = """MATCH (k:Measurement)
WHERE k.revision IN $revisions AND k.population > 0
RETURN k.revision AS revision, k.rule AS rule, k.base AS base, k.division AS division, k.population AS population,
  k.findings AS findings, k.unverified AS unverified
ORDER BY k.id"""
_BASES_READ = re.compile(r"\$`?bases\b")
_BASES_UNWOUND = re.compile(r"\bUNWIND\s+\$bases\s+AS\b", re.IGNORECASE)
#: types that decide where a subject lies and which settings are in force there
_OF_PLACES = ("Region", "LOCATED_IN", "PART_OF")
_LEFT = "MATCH (k:Measurement) WHERE k.revision = $revision RETURN k.id AS id ORDER BY id"


class WriteLostError(Exception):
    """A rule failed and took the write with it, on a server that measures inside of it: it is to be made without."""


def measure(
    writer: Writer,
    book: Book,
    locality: Locality,
    as_of: dt.date,
    revision: int,
    touched: Set[Table] | None = None,
    faults: Faults | None = None,
) -> None:
    """Write what the rules find on `as_of` in the graph that becomes `revision`; units must be sorted into bases.

    A rule that fails is measured with its `fault`, and its spans stay as they are; it is among the `faults` met.

    `touched` are the tables that differ from those of the revision before (None: any). A rule that reads none of them
    and was measured for the same day by the same digest keeps the figures and spans of that revision. Repeating a
    call for the same revision gives the same rows, whatever a broken-off attempt left.
    """
    ontology = load_ontology()
    context = Inquiry(as_of, locality, ontology, faults=faults or Faults(), book=book)
    before = _Before.read(writer, revision - 1)
    digests = {rule: book.rule_digest(rule, context) for rule in book.rules}
    comparable = touched is not None and not writer.unfinished
    standing = _standing(before, context, digests, touched or ()) if comparable else frozenset()
    measured: list[dict[str, Any]] = []
    findings: list[pa.Table] = []
    failed: dict[str, Fault] = {}
    if standing < {*digests, *COVERAGES}:
        measured += _measure(
            writer, context, {r: d for r, d in digests.items() if r not in standing}, standing, findings, failed
        )
    for rule, fault in failed.items():
        measured += ({**row, "fault": fault.why} for row in _rows(rule, digests[rule], "", {}))
    rows = [*before.heads_of(standing), *_differing(before.figures(writer), measured, revision)]
    _write_measurements(writer, ontology, rows, as_of, revision)
    _write_spans(writer, ontology, pa.concat_tables(findings) if findings else None, revision, standing.union(failed))


def _measure(
    writer: Writer,
    context: Inquiry,
    digests: Mapping[str, str],
    standing: Set[str],
    findings: list[pa.Table],
    failed: dict[str, Fault],
) -> list[dict[str, Any]]:
    """The figures of the rules that have a digest, and of the coverages; adds to `findings` and to the `failed`.

    A county's own rules are run where nothing can be written.
    """
    measured: list[dict[str, Any]] = []
    with writer.reading() as reader:
        located = Regions.read(reader).located(reader)
        for batch in _batches(_all_ids(writer, reader, context, digests, failed)):
            of_each = _divisions(located, [ids for one in batch for ids in one.ids])
            for number, one in enumerate(batch):
                own = of_each[3 * number : 3 * number + 3]
                measured += _rows(one.rule, one.digest, one.base, _counts(own))
                if not one.base:
                    subjects = one.ids[1]
                    columns = {"rule": one.rule, "rule_digest": one.digest}
                    same = {name: pa.repeat(value, len(subjects)) for name, value in columns.items()}
                    findings.append(pa.table({**same, "subject": subjects, "division": own[1]}))
        if not standing >= {*COVERAGES}:
            measured += _coverages(reader, context, located)
    return measured


@dataclass(frozen=True, slots=True)
class _Before:
    """The measurements of the revision before: the row of no division of each rule in each base."""

    heads: tuple[dict[str, Any], ...]

    @classmethod
    def read(cls, reader: Reader, revision: int) -> _Before:
        return cls(tuple(reader.query(_HEADS, {"revision": revision}).to_pylist()))

    def measured(self, as_of: dt.date) -> dict[str, str]:
        """The digest of each rule that was measured for a day, without failing; '' for the coverages."""
        return {h["rule"]: h["rule_digest"] for h in self.heads if h["as_of"] == as_of and not h["fault"]}

    def heads_of(self, rules: Set[str]) -> Iterator[dict[str, Any]]:
        """The rows of some rules."""
        for head in self.heads:
            if head["rule"] in rules:
                yield {**head, "division": ""}

    def figures(self, reader: Reader) -> _Figures:
        """The figures of every rule in every base."""
        since = {(head["rule"], head["base"]): head["unchanged_since"] for head in self.heads}
        figures = _Figures(since, {(h["rule"], h["base"]): {"": _counts_of(h)} for h in self.heads})
        if since:
            for row in reader.query(_FIGURES, {"revisions": sorted({*since.values()})}).to_pylist():
                key = (row["rule"], row["base"])
                if since.get(key) == row["revision"]:
                    figures.by_division[key][row["division"]] = _counts_of(row)
        return figures


@dataclass(frozen=True, slots=True)
class _Figures:
    """The figures by rule and base, then by division, and the revision since which they are unchanged."""

    since: dict[tuple[str, str], int]
    by_division: dict[tuple[str, str], dict[str, Counts]]


def _counts_of(row: Mapping[str, Any]) -> Counts:
    return row["population"], row["findings"], row["unverified"]


def _differing(before: _Figures, measured: list[dict[str, Any]], revision: int) -> Iterator[dict[str, Any]]:
    """The rows to write of those measured: all of a rule in a base where any differs, else that of no division."""
    by_rule: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in measured:
        by_rule[row["rule"], row["base"]].append(row)
    for key, rows in by_rule.items():
        same = before.by_division.get(key) == {row["division"]: _counts_of(row) for row in rows}
        since = before.since[key] if same else revision
        for row in rows:
            if not same or not row["division"]:
                yield {**row, "unchanged_since": since}


def _standing(
    before: _Before, context: Inquiry, digests: Mapping[str, str], touched: Iterable[Table]
) -> frozenset[str]:
    """The rules and coverages whose figures are those of the revision before."""
    tables, measured = {*touched}, before.measured(context.as_of)
    same = {rule for rule, digest in digests.items() if measured.get(rule) == digest}
    standing = {rule for rule in same if not _read_by(context.book.rules[rule], context.ontology).any_of(tables)}
    # the settings that decide the coverages are part of the digests of rules
    of_coverages = reads((UNITS.whole, COVERED_CYPHER, GUIDED_CYPHER, BRANCHES_CYPHER), context.ontology, _OF_PLACES)
    if measured.keys() >= {*COVERAGES} and len(same) == len(digests) and not of_coverages.any_of(tables):
        standing |= {*COVERAGES}
    return frozenset(standing)


def _read_by(rule: Rule, ontology: Ontology) -> Reads:
    """The types that a rule reads, with those that decide where its subjects lie."""
    return reads([rule.query.cypher], ontology, (*rule.subjects, *_OF_PLACES))


def outdated(reader: Reader, book: Book, locality: Locality, as_of: dt.date) -> bool:
    """Whether the last revision was measured by other rules or parameters than these, or never.

    It is then measured anew before the next load, so that changes by the rules and by the data are two revisions.
    """
    context = Inquiry(as_of, locality, load_ontology(), book=book)
    table = reader.query(_BY, {"revision": reader.revision})
    measured = dict(zip(table["rule"].to_pylist(), table["rule_digest"].to_pylist(), strict=True))
    return measured != {rule: book.rule_digest(rule, context) for rule in book.rules}


@dataclass(frozen=True, slots=True)
class _Ids:
    """The ids of a rule's population, findings and 待核实, each once: in one base, or in all of the county's ('')."""

    rule: str
    digest: str
    base: str
    ids: tuple[pa.Array, pa.Array, pa.Array]


def _all_ids(
    writer: Writer, reader: Reader, context: Inquiry, digests: Mapping[str, str], failed: dict[str, Fault]
) -> Iterator[_Ids]:
    """The ids of each rule that has a digest: in each base that it uses, then in all together; of one that fails none.

    Raises WriteLostError where a failure took the write with it.
    """
    for rule in context.book.rules.values():
        if rule.id in digests:
            of_rule = _of_rule(reader, context, rule, digests[rule.id])
            if isinstance(of_rule, Fault):
                failed[rule.id] = of_rule
                if writer.lost:
                    raise WriteLostError
            else:
                yield from of_rule


def _of_rule(reader: Reader, context: Inquiry, rule: Rule, digest: str) -> list[_Ids] | Fault:
    """The ids of one rule, or why it failed."""
    parts: list[Ids] = []
    made: list[_Ids] = []
    for base in (context.locality.bases if "bases" in rule.given else ()) or ("",):
        ids = context.book.ids(reader, rule.id, replace(context, base=base))
        if isinstance(ids, Fault):
            return ids
        parts.append(ids)
        if base:
            made.append(_Ids(rule.id, digest, base, ids))
    if not _each_base_alone(rule):
        ids = context.book.ids(reader, rule.id, context)
        if isinstance(ids, Fault):
            return ids
        parts = [ids]
    population, subjects, unverified = (pa.chunked_array(ids, pa.string()).unique() for ids in zip(*parts, strict=True))
    # a subject decided in one base is not 待核实 because of another
    unverified = unverified.filter(pc.invert(pc.is_in(unverified, value_set=subjects)))
    return [*made, _Ids(rule.id, digest, "", (population, subjects, unverified))]


def _each_base_alone(rule: Rule) -> bool:
    """Whether a rule finds in several bases what it finds in each of them: it reads them one row at a time, or none."""
    bare = code(rule.query.cypher)
    return len(_BASES_UNWOUND.findall(bare)) == len(_BASES_READ.findall(bare))


def _batches(every: Iterable[_Ids]) -> Iterator[list[_Ids]]:
    """The ids in batches of about AT_ONCE: a few rules of a million units, all rules of a county."""
    batch: list[_Ids] = []
    for one in every:
        batch.append(one)
        if sum(len(ids) for each in batch for ids in each.ids) >= AT_ONCE:
            yield batch
            batch = []
    yield batch


def _divisions(located: Located, ids: Sequence[pa.Array]) -> list[pa.ChunkedArray]:
    """The division of every id of each of these arrays, '' where it lies in none."""
    regions = pc.fill_null(located.of(pa.chunked_array(ids, pa.string())), "")
    ends = [*accumulate(map(len, ids), initial=0)]
    return [regions.slice(start, end - start) for start, end in pairwise(ends)]


def _counts(regions: Sequence[pa.ChunkedArray]) -> dict[str, list[int]]:
    """For each division that occurs in `regions`, how often it occurs in each of them."""
    counts: dict[str, list[int]] = {}
    for number, part in enumerate(regions):
        for pair in pc.value_counts(part).to_pylist():
            counts.setdefault(pair["values"], [0] * len(regions))[number] = pair["counts"]
    return counts


def _rows(rule: str, digest: str, base: str, counts: Mapping[str, Sequence[int]]) -> Iterator[dict[str, Any]]:
    """A row for each division with a population, and always one for no division: it shows that the rule was measured."""
    for division, (population, findings, unverified) in {"": (0, 0, 0), **counts}.items():
        if population or not division:
            yield {
                "rule": rule, "rule_digest": digest, "base": base, "division": division,
                "population": population, "findings": findings, "unverified": unverified, "fault": None,
            }  # fmt: skip


def _coverages(reader: Reader, context: Inquiry, located: Located) -> Iterator[dict[str, Any]]:
    """The two coverages of each base as rows beside those of the rules."""
    bases = [base for base in context.locality.bases if base in context.book.bases]
    if not bases:
        return
    broad = context.locality.broad_work_coverage
    facts = facts_table(reader, context)
    tallies: dict[str, dict[str, Tally]] = {base: defaultdict(Tally) for base in bases}
    for region, unit, number in grouped(facts, _divisions(located, [facts["id"].combine_chunks()])[0].combine_chunks()):
        for base, by_region in tallies.items():
            if base in unit.bases or base in unit.undecided:
                by_region[region].add(unit, base, broad, number)
    for base, by_region in tallies.items():
        for rule in COVERAGES:
            yield from _rows(rule, "", base, {region: _covered(rule, tally) for region, tally in by_region.items()})


def _covered(rule: str, tally: Tally) -> Counts:
    if rule == ORG_COVERAGE:
        return tally.units, tally.covered, tally.org[UNVERIFIED]
    return tally.units, tally.work[COVERED], tally.work[UNVERIFIED]


def _write_measurements(
    writer: Writer, ontology: Ontology, measured: list[dict[str, Any]], as_of: dt.date, revision: int
) -> None:
    kind = ontology.nodes["Measurement"]
    rows = [
        {"id": f"{kind.prefix}{revision}.{r['rule']}.{r['base']}.{r['division']}", **r}
        | {"revision": revision, "as_of": as_of}
        for r in measured
    ]
    if writer.unfinished:
        # another attempt may have been made on another day, or by other rules
        stale = {*writer.query(_LEFT, {"revision": revision})["id"].to_pylist()} - {r["id"] for r in rows}
        blank = {
            "rule_digest": "",
            "population": 0,
            "findings": 0,
            "unverified": 0,
            "unchanged_since": revision,
            "fault": None,
        }
        rows += [{"id": i, **blank} for i in sorted(stale)]
    _upsert(writer, kind, rows)


def _write_spans(
    writer: Writer, ontology: Ontology, findings: pa.Table | None, revision: int, standing: Set[str]
) -> None:
    """Open a span for each new finding and close the span of each finding that is gone.

    Spans of the rules `standing` stay as they are.
    """
    kind = ontology.nodes["FindingSpan"]
    types = {name: ARROW[t] for name, t in node_columns(kind).items()}
    spans = writer.query(_SPANS, {"revision": revision})
    spans = pa.table({name: spans[name].cast(types[name]) for name in spans.column_names})
    if standing:
        spans = spans.filter(pc.invert(pc.is_in(spans["rule"], value_set=pa.array(sorted(standing), pa.string()))))
    if findings is None:
        findings = pa.table({c: pa.array([], pa.string()) for c in ("rule", "rule_digest", "subject", "division")})
    keys = _keys(findings)
    before = spans.filter(pc.less(spans["opened"], revision))
    fresh = findings.filter(pc.invert(pc.is_in(keys, value_set=_keys(before))))
    ids = pc.binary_join_element_wise(f"{kind.prefix}{revision}", fresh["rule"], fresh["subject"], ".")
    number = pa.scalar(revision, pa.int64())
    opened = fresh.append_column("id", ids).append_column("opened", pa.repeat(number, len(fresh)))
    writer.upsert(kind.name, opened.append_column("closed", pa.nulls(len(fresh), pa.int64())))
    still = pc.is_in(_keys(spans), value_set=keys)
    closing = spans.filter(pc.and_(pc.is_null(spans["closed"]), pc.invert(still)))["id"]
    _close(writer, kind, closing, pa.repeat(number, len(closing)))
    # closed by an attempt on another day
    reopened = before.filter(pc.and_(pc.is_valid(before["closed"]), pc.is_in(_keys(before), value_set=keys)))["id"]
    _close(writer, kind, reopened, pa.nulls(len(reopened), pa.int64()))


def _close(writer: Writer, kind: NodeType, ids: pa.ChunkedArray, closed: pa.Array) -> None:
    if len(ids):
        writer.upsert(kind.name, pa.table({"id": ids, "closed": closed}))


def _keys(spans: pa.Table) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(spans["rule"], spans["rule_digest"], spans["subject"], "\x1f")


def _upsert(writer: Writer, kind: NodeType, rows: list[dict[str, Any]]) -> None:
    types = node_columns(kind)
    whole = [r for r in rows if len(r) == len(types)]
    for some in (whole, [r for r in rows if len(r) < len(types)]):
        if some:
            writer.upsert(kind.name, pa.table({n: pa.array([r[n] for r in some], ARROW[types[n]]) for n in some[0]}))
