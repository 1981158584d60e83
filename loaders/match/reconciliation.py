"""The entry of matching: the rows of a load are new, changed, unchanged or no longer listed in the store."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field

from graph.errors import InputError
from graph.ids import mint
from graph.load_report import FileReport
from graph.ontology import load as load_ontology
from graph.privacy import HIDING
from graph.stores.base import Reader
from loaders.match.facts import Fact, Key, current_facts, facts_of, replaced_rows, replaces
from loaders.match.identity import Identities
from loaders.match.issues import issues, listing_key, series
from loaders.match.stored_rows import Head, heads, rows_at
from loaders.recognize.ledgers import Ledger
from loaders.request import LoadRequest
from loaders.shape.rows import Props, Row, best_first
from loaders.shape.shaping import Shaped

#: the rows of one entity in one ledger: (ledger, entity)
Group = tuple[str, str]
#: the rows of a load by ledger and entity; a single row is no list
ByEntity = dict[str, dict[str, Row | list[Row]]]

#: entities whose changes a report lists
MOST_CHANGES = 2_000
#: retiring more than this share of a complete ledger's scope must be confirmed
RETIRE_AT_MOST = 0.05


@dataclass(slots=True)
class Reconciliation:
    """The rows that a load brings, ends and retires on top of `revision`, and the fate of every row read."""

    revision: int
    import_id: str
    shaped: Sequence[Shaped]
    skipped: Sequence[FileReport]
    #: the rows that are live in the store
    stored: Mapping[Group, list[Head]]
    tallies: list[Tally] = field(default_factory=list)
    #: 'changed' or 'unchanged', of each group that is not new
    fates: dict[Group, str] = field(default_factory=dict)
    new: list[Row] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    #: the live rows of the store with their values, None where no stored row is stated anew
    before: list[Row] | None = None
    #: the first of the groups that change
    changes: list[Change] = field(default_factory=list)
    #: by ledger, how many entities of a division that is loaded whole come from ledgers of other names
    others: dict[str, Counter[str]] = field(default_factory=dict)
    #: by ledger, the rows that a complete ledger no longer lists
    unlisted: dict[str, list[Head]] = field(default_factory=dict)
    #: the first of those rows, with their values
    unlisted_rows: list[Row] = field(default_factory=list)
    minted_regions: Mapping[str, Props] = field(default_factory=dict)
    #: the message that too much would be retired, '' otherwise
    too_many: str = ""
    #: whether the load repeats an interrupted one, which it completes even if it brings nothing new
    resumes: bool = False

    @property
    def retired(self) -> list[str]:
        """The ids of the rows that complete ledgers no longer list."""
        return [head.id for heads in self.unlisted.values() for head in heads]

    @property
    def nothing_new(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.new or self.ended or self.retired or self.resumes)

    def reconcile(self, group: Group, old: Sequence[Row], rows: Sequence[Row], wholes: Sequence[Whole]) -> None:
        """Sort the rows of a load about an entity of which its ledger has stored rows, the `old` ones.

        They stand beside those; of the stored rows, those end that have nothing left to say. Where the load has the
        whole of the ledger (`wholes`), its rows replace all that this ledger said.
        """
        live = [r for r in old if r.retired is None]
        ended = [r for r in old if r.retired is not None]
        whole = [w for w in wholes if any(w.named(r.issue.listing) for r in rows)]
        covered = [r for r in live if any(w.named(r.issue.listing) for w in whole)]
        digests = {r.digest for r in rows}
        ended += [r for r in covered if r.digest not in digests]
        staying = [r for r in live if not any(r is e for e in ended)]
        new = [r for r in rows if not any(_repeats(r, stored, covered) for stored in staying)]
        own = {id(r): facts_of(r) for r in (*live, *new)}
        was = current_facts([(r, own[id(r)]) for r in best_first(live, group[1])])
        after = [(r, own[id(r)]) for r in best_first([*staying, *new], group[1])]
        now = current_facts(after)
        # the same sheet in another division, which its names are looked up in
        moved = any(r.division != stored.division and replaces(r, stored) for r in new for stored in staying)
        if was == now and not ended and not moved:
            self.fates[group] = "unchanged"
            return
        ended += [r for r in replaced_rows(after) if not any(r is n for n in new)]
        self.ended += [r.id for r in ended]
        self.new += new
        same = {key: c.value for key, c in was.items()} == {key: c.value for key, c in now.items()}
        if same and live and not moved:
            self.fates[group] = "unchanged"
            return
        self.fates[group] = "changed"
        if len(self.changes) < MOST_CHANGES:
            self.changes.append(Change(rows[0], was, now, frozenset(key for r in new for key in own[id(r)])))

    def retire(self, whole: Whole, listed: Mapping[str, object], rejected: Set[str]) -> None:
        """Retire the rows of a complete ledger about entities that it no longer lists."""
        inside = [
            h
            for group, heads in self.stored.items()
            if heads[0].retired is None and whole.of(group, heads[0])
            for h in heads
        ]
        rows = [h for h in inside if whole.named(h.listing)]
        own = {h.entity for h in rows}
        others = {h.entity: h.listing for h in inside if h.entity not in own and h.entity not in listed}
        self.others.setdefault(whole.ledger, Counter()).update(others.values())
        gone = [h for h in rows if h.entity not in listed and h.entity not in rejected]
        self.unlisted.setdefault(whole.ledger, []).extend(gone)
        count, of = len({h.entity for h in gone}), len(own)
        if count > RETIRE_AT_MOST * of:
            self.too_many = (
                f"“{whole.label}”在{whole.division}现有 {of} 条，其中 {count} 条不在这次的文件里，"
                f"超过 {RETIRE_AT_MOST:.0%}。请先预览核对（--preview），确认无误后选“照办”（--yes）重新载入。"
            )

    def free(self) -> None:
        """Free the rows once they are written: a million need as much memory as the measuring that follows."""
        for one in self.shaped:
            one.rows.clear()
        self.tallies.clear()
        self.fates.clear()
        self.new.clear()
        self.changes.clear()
        self.before = None
        self.unlisted_rows.clear()
        self.stored = {}


def _repeats(row: Row, stored: Row, covered: Sequence[Row]) -> bool:
    """Whether a row says again what a stored one of its sheet, or of the ledger that it completes, says."""
    if row.digest != stored.digest or (row.issue.dated and row.issue.dated != stored.issue.dated):
        return False
    return series(row.file, row.sheet) == series(stored.file, stored.sheet) or any(stored is c for c in covered)


@dataclass(frozen=True, slots=True)
class Change:
    """The facts that the rows of one ledger about an entity stated before a load and after it.

    `row` is the first row of the load about it, `stated` are the keys of those that its rows state.
    """

    row: Row
    was: Mapping[Key, Fact]
    now: Mapping[Key, Fact]
    stated: frozenset[Key]


@dataclass(slots=True)
class Tally:
    """The rows of one sheet: the first of each group, and how many were further rows of theirs."""

    accepted: list[Row]
    merged: int


def _tally(one: Shaped, by_entity: dict[str, Row | list[Row]]) -> Tally:
    """Add the rows of a sheet to those of its ledger `by_entity`, equal rows of one date once."""
    accepted: list[Row] = []
    for row in one.rows:
        earlier = by_entity.setdefault(row.entity, row)
        if earlier is row:
            accepted.append(row)
            continue
        members = earlier if isinstance(earlier, list) else [earlier]
        digest = row.digest
        if all(m.digest != digest or m.issue.dated != row.issue.dated for m in members):
            by_entity[row.entity] = [*members, row]
    return Tally(accepted, len(one.rows) - len(accepted))


def match(
    reader: Reader,
    shaped: Sequence[Shaped],
    skipped: Sequence[FileReport],
    declared: Mapping[str, Ledger],
    request: LoadRequest,
) -> Reconciliation:
    """Match the rows to the entities of the store, and sort them into new, changed and unchanged.

    Raises InputError for a division or a complete ledger that the request names and the store or the rows lack.
    """
    revision = reader.revision
    stored: dict[Group, list[Head]] = {}
    rows_in_store = heads(reader)
    for head in rows_in_store:
        stored.setdefault((head.ledger, head.entity), []).append(head)
    division = (request.division, "--division ") if request.division else (request.locality.home, "设置 home ")
    identities = Identities(reader, load_ontology(), declared, division, rows_in_store)
    identities.assign(shaped)
    import_id = mint("m", str(revision + 1), *sorted({s.table.file for s in shaped}))
    result = Reconciliation(revision, import_id, shaped, skipped, stored, minted_regions=identities.minted_regions)
    result.resumes = reader.unfinished
    day = dt.date.today()
    for one in shaped:
        issues(one, revision + 1, day)
    by_ledger: ByEntity = {name: {} for name in declared}
    result.tallies = [_tally(one, by_ledger[one.layout.ledger.name]) for one in shaped]
    wholes = [_whole(ledger, division, declared, identities, shaped) for ledger, division in request.complete]
    again: list[tuple[Group, list[Row]]] = []
    for ledger, groups in by_ledger.items():
        for entity, rows in groups.items():
            group, members = (ledger, entity), rows if isinstance(rows, list) else [rows]
            old = stored.get(group, [])
            if ledger == "decisions" and all(r.values.get("decision") in HIDING for r in members):
                # exported for a viewer who may not read the decisions, which stay as they are
                result.fates[group] = "unchanged"
            elif not old:
                result.new += members
            elif _repeated(old, members):
                result.fates[group] = "unchanged"
            else:
                again.append((group, members))
    if again:
        result.before = rows_at(reader, declared, revision)
        wanted = {group for group, _ in again}
        live: dict[Group, list[Row]] = {}
        for row in result.before:
            if (row.ledger, row.entity) in wanted:
                live.setdefault((row.ledger, row.entity), []).append(row)
        for group, members in again:
            result.reconcile(group, live[group], members, [w for w in wholes if w.of(group, stored[group][0])])
    for whole in wholes:
        result.retire(whole, by_ledger[whole.ledger], identities.rejected(shaped, whole.ledger))
    if gone := {*result.retired}:
        result.before = rows_at(reader, declared, revision) if result.before is None else result.before
        result.unlisted_rows = [row for row in result.before if row.id in gone][:MOST_CHANGES]
    for one in shaped:
        for row in one.rows[:1]:
            row.origin.id = mint("t", import_id, one.table.file, one.table.sheet)
    for row in result.new:
        row.brought = revision + 1
    return result


def _repeated(old: Sequence[Head], members: Sequence[Row]) -> bool:
    """Whether the rows state what the stored ones do, none about a later day."""
    if {h.digest for h in old} != {r.digest for r in members} or any(h.retired is not None for h in old):
        return False
    return not any(r.issue.dated and any(h.dated != r.issue.dated for h in old) for r in members)


def rows_after(reader: Reader, matched: Reconciliation, declared: Mapping[str, Ledger]) -> list[Row]:
    """The rows that are live once the load is done. `reader` reads the revision that the load was matched on."""
    gone, retiring = {*matched.ended}, {*matched.retired}
    before = matched.before if matched.before is not None else rows_at(reader, declared, matched.revision)
    live = [r for r in before if r.id not in gone]
    for row in live:
        if row.id in retiring:
            row.retired = matched.revision + 1
    return live + matched.new


@dataclass(frozen=True, slots=True)
class Whole:
    """A ledger of which the load has all rows in a division.

    `names` are its own names, see `listing_key`: a sheet of another name is another ledger of the same columns.
    """

    ledger: str
    label: str
    division: str
    names: frozenset[str]
    divisions: tuple[str, ...]
    inside: Callable[[str, Head], bool]

    def of(self, group: Group, head: Head) -> bool:
        """Whether a stored row is one of the ledger in its division."""
        return group[0] == self.ledger and self.inside(group[1], head)

    def named(self, listing: str) -> bool:
        """Whether a sheet that calls itself so is this ledger."""
        return listing_key(listing, self.divisions) in self.names


def _whole(
    named: str,
    division: str,
    declared: Mapping[str, Ledger],
    identities: Identities,
    shaped: Sequence[Shaped],
) -> Whole:
    """What `--complete` declares: a ledger by its name, its label or what its sheets call themselves."""
    divisions = tuple(
        sorted({r.name for r in identities.places.by_id.values() if len(r.name) > 1}, key=len, reverse=True)
    )
    key = listing_key(named, divisions)
    sheets = [(one.layout.ledger.name, next((r.issue.listing for r in one.rows), "")) for one in shaped]
    name = next((n for n, one in declared.items() if named in (n, one.label)), "")
    own = not name
    if own:
        name = next((n for n, listing in sheets if listing and listing_key(listing, divisions) == key), "")
    if not name:
        known = [text for n, listing in sheets for text in (declared[n].label, listing) if text]
        raise InputError(
            f"--complete 的台账“{named}”不在这次的文件之中。这次的台账有：{'、'.join(dict.fromkeys(known))}。请检查名称或文件。"
        )
    ledger = declared[name]
    if all(n != name for n, _ in sheets):
        raise InputError(f"--complete 声明了“{ledger.label}”，但这次的文件中没有这种台账。请检查文件或声明。")
    # a sheet without a name of its own is the ledger as it is declared
    names = {key} if own else {"", *(listing_key(text, divisions) for text in (name, ledger.label, *ledger.titles))}
    inside = identities.inside(ledger, identities.existing_division(division))
    return Whole(name, named if own else ledger.label, division, frozenset(names), divisions, inside)
