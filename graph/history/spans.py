"""When each problem appeared and went: what measurements and spans say of two revisions (see graph.history.measurements)."""

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
RETURN DISTINCT k.revision AS revision, k.as_of AS as_of, k.rule AS rule, k.rule_digest AS digest
ORDER BY revision, rule, digest"""
CHANGES_CYPHER = "MATCH (c:Change) RETURN c.number AS number, c.kind AS kind, c.at AS at ORDER BY number"
# opened and closed in one: left by a write that was broken off
SPANS_CYPHER = """MATCH (f:FindingSpan)
WHERE f.closed IS NULL OR f.closed > f.opened
RETURN f.rule AS rule, f.subject AS subject, f.division AS division, f.opened AS opened, f.closed AS closed
ORDER BY rule, subject, opened"""
_TYPES = {"opened": pa.int64(), "closed": pa.int64()}


class Difference(NamedTuple):
    """A problem that is there at one of two revisions and not at the other.

    `opened` is the revision that it is there from, a change of its rule notwithstanding, `closed` the one that it is
    gone from (None: it is there).
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
    """The revisions that were measured: when, for which date, and by which rules."""

    at: dict[int, str] = field(default_factory=dict)
    loaded: list[int] = field(default_factory=list)
    as_of: dict[int, dt.date] = field(default_factory=dict)
    digests: dict[int, dict[str, str]] = field(default_factory=dict)

    @classmethod
    def read(cls, reader: Reader) -> History:
        """All of them, in order."""
        made = cls()
        for row in reader.query(CHANGES_CYPHER).to_pylist():
            made.at[row["number"]] = row["at"]
            if row["kind"] in ("load", "undo"):
                made.loaded.append(row["number"])
        for row in reader.query(MEASURED_CYPHER).to_pylist():
            made.as_of[row["revision"]] = row["as_of"]
            made.digests.setdefault(row["revision"], {})[row["rule"]] = row["digest"]
        return made

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

    def since(self, asked: str | dt.date) -> int | None:
        """The revision that is meant by a date (the last one of that day), a number, or '': what was before the last load.

        None where nothing was before it. Raises QuestionError for what is none, or was not measured.
        """
        if not asked:
            return self.before(self.loaded[-1]) if self.loaded else None
        if isinstance(asked, str):
            revision = int(asked) if int(asked) in self.at else None
            if revision is None:
                raise QuestionError(f"没有第 {asked[:20]} 版。{self._known()}")
        else:
            revision = max((number for number, at in self.at.items() if at[:10] <= asked.isoformat()), default=None)
            if revision is None:
                raise QuestionError(f"{asked} 以前没有载入过。{self._known()}")
        if revision not in self.as_of:
            raise QuestionError(f"第 {revision} 版没有计量，无从比较。{self._known()}")
        return revision

    def _known(self) -> str:
        if not self.as_of:
            return "请先载入台账。"
        return f"请改为 {self.label(self.measured[0])}到{self.label(self.measured[-1])}之间的版本或日期。"

    def label(self, revision: int) -> str:
        """A revision in words, with its day."""
        return f"第 {revision} 版（{self.at.get(revision, '')[:10]}）"


def read_spans(reader: Reader) -> pa.Table:
    """Every span there ever was."""
    table = reader.query(SPANS_CYPHER)
    return table.cast(pa.schema([(name, _TYPES.get(name, pa.string())) for name in table.column_names]))


def open_at(spans: pa.Table, revision: int) -> pa.Table:
    """Those that are open at a revision."""
    closed = pc.fill_null(pc.greater(spans["closed"], revision), True)
    return spans.filter(pc.and_(pc.less_equal(spans["opened"], revision), closed))


def differences(spans: pa.Table, history: History, since: int, now: int) -> list[Difference]:
    """What differs between two revisions, by rule and subject, and why: the data (or the date), or the rule."""
    before, after = _keys(open_at(spans, since)).unique(), _keys(open_at(spans, now)).unique()
    gone = pc.invert(pc.is_in(before, value_set=after))
    come = pc.invert(pc.is_in(after, value_set=before))
    wanted = pa.concat_arrays([_array(before.filter(gone)), _array(after.filter(come))])
    of_key: dict[tuple[str, str], list[tuple[int, int | None, str]]] = {}
    for row in spans.filter(pc.is_in(_keys(spans), value_set=wanted)).to_pylist():
        if row["opened"] <= now:
            closed = row["closed"] if row["closed"] is not None and row["closed"] <= now else None
            of_key.setdefault((row["rule"], row["subject"]), []).append((row["opened"], closed, row["division"]))
    return [_difference(history, *key, sorted(held, key=lambda s: s[0])) for key, held in sorted(of_key.items())]


def since(reader: Reader, as_of: dt.date, **of: str) -> dict[tuple[str, str], dt.date]:
    """The day from which each problem that is there has been found at every load, by rule and subject.

    It is the day that the load in which it appeared was measured for; one that is after `as_of` is left out. With
    `rule` or `subject`, of that one alone.
    """
    history = History.read(reader)
    held: dict[tuple[str, str], list[tuple[int, int | None]]] = {}
    table = read_spans(reader)
    for column, wanted in of.items():
        table = table.filter(pc.equal(table[column], wanted))
    for rule, subject, opened, closed in zip(
        *(table[c].to_pylist() for c in ("rule", "subject", "opened", "closed")), strict=True
    ):
        held.setdefault((rule, subject), []).append((opened, closed))
    days = {
        key: history.as_of.get(spans[_first(history, key[0], spans)][0])
        for key, spans in held.items()
        if spans[-1][1] is None
    }
    return {key: day for key, day in days.items() if day is not None and day <= as_of}


def _first(history: History, rule: str, held: Sequence[tuple[int, int | None]]) -> int:
    """The position of the span that the last one goes on: a rule that changed ends all its spans and begins them anew."""
    number = len(held) - 1
    while number and held[number - 1][1] == held[number][0] and history.ruled(rule, held[number][0]):
        number -= 1
    return number


def _difference(history: History, rule: str, subject: str, held: list[tuple[int, int | None, str]]) -> Difference:
    """What became of a problem, by its spans in order, the last of which makes the difference."""
    _, closed, division = held[-1]
    number = _first(history, rule, [(opened, closed) for opened, closed, _ in held])
    opened = held[number][0]
    kind = MENDED if closed is not None else RETURNED if number else NEW
    if history.ruled(rule, opened if closed is None else closed):
        kind = OF_RULE
    return Difference(kind, rule, subject, division or "", opened, closed)


def counts(spans: pa.Table, revision: int) -> Mapping[str, int]:
    """How many are open at a revision, by rule."""
    found = pc.value_counts(open_at(spans, revision)["rule"]).to_pylist()
    return {pair["values"]: pair["counts"] for pair in found}


def _keys(spans: pa.Table) -> pa.ChunkedArray:
    return pc.binary_join_element_wise(spans["rule"], spans["subject"], "\x1f")


def _array(found: pa.Array | pa.ChunkedArray) -> pa.Array:
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
