"""When each problem appeared and went, and what differs between two revisions, by their measurements and spans."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from graph.errors import QuestionError
from graph.stores.base import Reader

MENDED, NEW, RETURNED, OF_RULE = "已消除", "新增", "再次出现", "规则有变"
KINDS = (MENDED, NEW, RETURNED, OF_RULE)

MEASURED_CYPHER = """MATCH (k:Measurement)
WHERE k.division = ''
RETURN DISTINCT k.revision AS revision, k.as_of AS as_of, k.rule AS rule, k.rule_digest AS digest,
  k.fault IS NOT NULL AS failed
ORDER BY revision, rule, digest, failed"""
CHANGES_CYPHER = "MATCH (c:Change) RETURN c.number AS number, c.kind AS kind, c.at AS at ORDER BY number"
# a span opened and closed by one revision was left by a write that was broken off
SPANS_CYPHER = """MATCH (f:FindingSpan)
WHERE f.closed IS NULL OR f.closed > f.opened
RETURN f.rule AS rule, f.subject AS subject, f.division AS division, f.opened AS opened, f.closed AS closed
ORDER BY rule, subject, opened"""
_TYPES = {"opened": pa.int64(), "closed": pa.int64()}


class Difference(NamedTuple):
    """A problem that is open at one of two revisions and not at the other.

    `opened` is the revision that opened it, changes of its rule left aside; `closed` the one that closed it (None: it
    is open).
    """

    kind: str
    rule: str
    subject: str
    division: str
    opened: int
    closed: int | None

    @property
    def event(self) -> int:
        """The revision that made the difference."""
        return self.opened if self.closed is None else self.closed


@dataclass(slots=True)
class History:
    """The revisions and when each was made; of those measured, for which date and by which rules, and which failed."""

    at: dict[int, str] = field(default_factory=dict)
    loaded: list[int] = field(default_factory=list)
    as_of: dict[int, dt.date] = field(default_factory=dict)
    digests: dict[int, dict[str, str]] = field(default_factory=dict)
    failed: dict[int, set[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, reader: Reader) -> History:
        """All of them, in order."""
        history = cls()
        for row in reader.query(CHANGES_CYPHER).to_pylist():
            history.at[row["number"]] = row["at"]
            if row["kind"] in ("load", "undo"):
                history.loaded.append(row["number"])
        for row in reader.query(MEASURED_CYPHER).to_pylist():
            history.as_of[row["revision"]] = row["as_of"]
            history.digests.setdefault(row["revision"], {})[row["rule"]] = row["digest"]
            if row["failed"]:
                history.failed.setdefault(row["revision"], set()).add(row["rule"])
        return history

    @property
    def measured(self) -> list[int]:
        """The revisions, in order."""
        return list(self.as_of)

    def before(self, revision: int) -> int | None:
        """The last measured revision before one."""
        at = bisect_left(self.measured, revision)
        return self.measured[at - 1] if at else None

    def ruled(self, rule: str, revision: int) -> bool:
        """Whether a rule, its parameters or its bases changed with a revision, or it was there for the first time."""
        before = self.before(revision)
        return before is not None and self.digests[before].get(rule) != self.digests.get(revision, {}).get(rule)

    def since(self, reference: str | dt.date) -> int | None:
        """The revision of a date (the last one of that day), of a number, or for '' the one before the last load.

        None where the last load was the first. Raises QuestionError for a revision that is unknown or not measured.
        """
        if not reference:
            return self.before(self.loaded[-1]) if self.loaded else None
        if isinstance(reference, str):
            revision = int(reference) if int(reference) in self.at else None
            if revision is None:
                raise QuestionError(f"没有第 {reference[:20]} 版。{self._measured_range()}")
        else:
            revision = max((number for number, at in self.at.items() if at[:10] <= reference.isoformat()), default=None)
            if revision is None:
                raise QuestionError(f"{reference} 以前没有载入过。{self._measured_range()}")
        if revision not in self.as_of:
            raise QuestionError(f"第 {revision} 版没有计量，无从比较。{self._measured_range()}")
        return revision

    def _measured_range(self) -> str:
        if not self.as_of:
            return "请先载入台账。"
        return f"请改为 {self.label(self.measured[0])}到{self.label(self.measured[-1])}之间的版本或日期。"

    def label(self, revision: int) -> str:
        """A revision in words, with its day."""
        return f"第 {revision} 版（{self.at.get(revision, '')[:10]}）"


def read_spans(reader: Reader) -> pa.Table:
    """Every span of every revision."""
    table = reader.query(SPANS_CYPHER)
    return table.cast(pa.schema([(name, _TYPES.get(name, pa.string())) for name in table.column_names]))


def open_at(spans: pa.Table, revision: int) -> pa.Table:
    """The spans that are open at a revision."""
    closed = pc.fill_null(pc.greater(spans["closed"], revision), True)
    return spans.filter(pc.and_(pc.less_equal(spans["opened"], revision), closed))


def differences(spans: pa.Table, history: History, since: int, now: int) -> list[Difference]:
    """What differs between two revisions, by rule and subject, and why: the data (or the date), or the rule."""
    before, after = _keys(open_at(spans, since)).unique(), _keys(open_at(spans, now)).unique()
    gone = pc.invert(pc.is_in(before, value_set=after))
    come = pc.invert(pc.is_in(after, value_set=before))
    differing = pa.concat_arrays([_array(before.filter(gone)), _array(after.filter(come))])
    of_key: dict[tuple[str, str], list[tuple[int, int | None, str]]] = {}
    for row in spans.filter(pc.is_in(_keys(spans), value_set=differing)).to_pylist():
        if row["opened"] <= now:
            closed = row["closed"] if row["closed"] is not None and row["closed"] <= now else None
            of_key.setdefault((row["rule"], row["subject"]), []).append((row["opened"], closed, row["division"]))
    return [_difference(history, *key, sorted(ordered, key=lambda s: s[0])) for key, ordered in sorted(of_key.items())]


def since(reader: Reader, as_of: dt.date, **columns: str) -> dict[tuple[str, str], dt.date]:
    """The day since which each open problem has been found at every load, by rule and subject.

    It is the day for which the load that opened it was measured; a day after `as_of` is left out. `columns` may name
    one `rule` or one `subject`.
    """
    history = History.read(reader)
    by_problem: dict[tuple[str, str], list[tuple[int, int | None]]] = {}
    table = read_spans(reader)
    for column, value in columns.items():
        table = table.filter(pc.equal(table[column], value))
    for rule, subject, opened, closed in zip(
        *(table[c].to_pylist() for c in ("rule", "subject", "opened", "closed")), strict=True
    ):
        by_problem.setdefault((rule, subject), []).append((opened, closed))
    days = {
        key: history.as_of.get(spans[_first(history, key[0], spans)][0])
        for key, spans in by_problem.items()
        if spans[-1][1] is None
    }
    return {key: day for key, day in days.items() if day is not None and day <= as_of}


def _first(history: History, rule: str, ordered: Sequence[tuple[int, int | None]]) -> int:
    """The position of the span that the last one continues: a rule that changes closes all its spans and opens new ones."""
    number = len(ordered) - 1
    while number and ordered[number - 1][1] == ordered[number][0] and history.ruled(rule, ordered[number][0]):
        number -= 1
    return number


def _difference(history: History, rule: str, subject: str, ordered: list[tuple[int, int | None, str]]) -> Difference:
    """The difference that the last of a problem's spans makes; the spans are in order."""
    _, closed, division = ordered[-1]
    number = _first(history, rule, [(opened, closed) for opened, closed, _ in ordered])
    opened = ordered[number][0]
    kind = MENDED if closed is not None else RETURNED if number else NEW
    if history.ruled(rule, opened if closed is None else closed):
        kind = OF_RULE
    return Difference(kind, rule, subject, division or "", opened, closed)


def counts(spans: pa.Table, revision: int) -> Mapping[str, int]:
    """How many spans are open at a revision, by rule."""
    pairs = pc.value_counts(open_at(spans, revision)["rule"]).to_pylist()
    return {pair["values"]: pair["counts"] for pair in pairs}


def _keys(spans: pa.Table) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(spans["rule"], spans["subject"], "\x1f")


def _array(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
