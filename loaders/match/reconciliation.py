"""The rows of a load against those in the store: which are new, changed, unchanged or no longer listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from graph.errors import InputError
from graph.ids import mint
from graph.load_report import FileReport
from graph.ontology import load as load_ontology
from graph.privacy import HIDING
from graph.stores.base import Reader
from loaders.match.identity import Identities
from loaders.match.merging import Props
from loaders.match.stored import Head, heads, rows_at
from loaders.recognize.ledgers import Ledger
from loaders.request import LoadRequest
from loaders.shape.rows import Row
from loaders.shape.shaping import Shaped

#: the rows of one entity in one ledger: (ledger, entity)
Group = tuple[str, str]
#: the rows that a load read, by ledger and entity; mostly one, which stands alone
Seen = dict[str, dict[str, Row | list[Row]]]

#: a complete ledger that would retire more than this share of its scope must be confirmed
RETIRE_AT_MOST = 0.05


@dataclass(slots=True)
class Reconciliation:
    """The rows that a load would bring, end and retire on top of `revision`, and the fate of every row read."""

    revision: int
    import_id: str
    shaped: Sequence[Shaped]
    skipped: Sequence[FileReport]
    #: the rows that are live in the store
    stored: Mapping[Group, list[Head]]
    tallies: list[Tally] = field(default_factory=list)
    #: what becomes of the groups that are not new
    fates: dict[Group, str] = field(default_factory=dict)
    new: list[Row] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    #: by ledger, those that a complete ledger no longer lists
    unlisted: dict[str, list[Group]] = field(default_factory=dict)
    minted_regions: Mapping[str, Props] = field(default_factory=dict)
    too_many: str = ""
    resumes: bool = False

    @property
    def retired(self) -> list[str]:
        return [h.id for groups in self.unlisted.values() for g in groups for h in self.stored[g]]

    @property
    def nothing_new(self) -> bool:
        return not (self.new or self.ended or self.retired or self.resumes)

    def let_go(self) -> None:
        """Forget the rows, once they are written: a million take as much memory as what is asked of the graph then."""
        for one in self.shaped:
            one.rows.clear()
        self.tallies.clear()
        self.fates.clear()
        self.new.clear()
        self.stored = {}


@dataclass(slots=True)
class Tally:
    """The rows of one sheet: the first of each group, and how many were further rows of theirs."""

    accepted: list[Row]
    merged: int


def _tally(one: Shaped, seen: dict[str, Row | list[Row]]) -> Tally:
    """`seen` are the rows of the sheet's ledger by entity, those that say the same but once."""
    accepted: list[Row] = []
    for row in one.rows:
        earlier = seen.setdefault(row.entity, row)
        if earlier is row:
            accepted.append(row)
            continue
        members = earlier if isinstance(earlier, list) else [earlier]
        digest = row.digest
        if all(m.digest != digest for m in members):
            seen[row.entity] = [*members, row]
    return Tally(accepted, len(one.rows) - len(accepted))


def reconcile(
    reader: Reader,
    shaped: Sequence[Shaped],
    skipped: Sequence[FileReport],
    declared: Mapping[str, Ledger],
    request: LoadRequest,
) -> Reconciliation:
    """Match the rows to what the store knows, and sort them into new, changed and unchanged.

    Raises InputError for a division or a complete ledger that the request names and the store or the rows lack.
    """
    revision = reader.revision
    identities = Identities(reader, load_ontology(), declared, request.division or request.locality.home)
    identities.assign(shaped)
    stored: dict[Group, list[Head]] = {}
    for head in heads(reader):
        stored.setdefault((head.ledger, head.entity), []).append(head)
    import_id = mint("m", str(revision + 1), *sorted({s.table.file for s in shaped}))
    made = Reconciliation(revision, import_id, shaped, skipped, stored, minted_regions=identities.minted_regions)
    # what was broken off is ended by its repetition, whatever that finds to do
    made.resumes = reader.unfinished
    seen: Seen = {name: {} for name in declared}
    made.tallies = [_tally(one, seen[one.layout.ledger.name]) for one in shaped]
    for ledger, groups in seen.items():
        for entity, rows in groups.items():
            group, members = (ledger, entity), rows if isinstance(rows, list) else [rows]
            old = stored.get(group, [])
            if ledger == "decisions" and all(r.values.get("decision") in HIDING for r in members):
                # exported for someone who may not read what was decided: that stays as it is
                made.fates[group] = "unchanged"
            elif not old:
                made.new += members
            elif {h.digest for h in old} == {r.digest for r in members} and all(h.retired is None for h in old):
                made.fates[group] = "unchanged"
            else:
                made.fates[group] = "changed"
                made.ended += [h.id for h in old]
                made.new += members
    made.unlisted = _retired(request.complete, declared, identities, stored, seen, shaped, made)
    for one in shaped:
        for row in one.rows[:1]:
            row.origin.id = mint("t", import_id, one.table.file, one.table.sheet)
    for row in made.new:
        row.brought = revision + 1
    return made


def rows_after(reader: Reader, reconciled: Reconciliation, declared: Mapping[str, Ledger]) -> list[Row]:
    """The rows that are live once the load is done, by a reader of the revision that it was reconciled on."""
    gone, retiring = {*reconciled.ended}, {*reconciled.retired}
    live = [r for r in rows_at(reader, declared, reconciled.revision) if r.id not in gone]
    for row in live:
        if row.id in retiring:
            row.retired = reconciled.revision + 1
    return live + reconciled.new


def _retired(
    complete: Sequence[tuple[str, str]],
    declared: Mapping[str, Ledger],
    identities: Identities,
    stored: Mapping[Group, list[Head]],
    seen: Seen,
    shaped: Sequence[Shaped],
    made: Reconciliation,
) -> dict[str, list[Group]]:
    """Groups, by ledger, that a complete ledger no longer lists inside its division."""
    unlisted: dict[str, list[Group]] = {}
    for ledger_text, division in complete:
        ledger = next((n for n, one in declared.items() if ledger_text in (n, one.label)), "")
        if not ledger:
            raise InputError(
                f"--complete 的台账“{ledger_text}”不存在。可用：{'、'.join(one.label for one in declared.values())}。"
            )
        if not any(s.layout.ledger.name == ledger for s in shaped):
            raise InputError(
                f"--complete 声明了“{declared[ledger].label}”，但这次的文件中没有这种台账。请检查文件或声明。"
            )
        root = identities.known_division(division)
        inside = identities.inside(declared[ledger], root)
        rejected = identities.rejected(shaped, ledger)
        listed = [g for g, hs in stored.items() if g[0] == ledger and hs[0].retired is None and inside(g[1], hs[0])]
        left = [g for g in listed if g[1] not in seen[ledger] and g[1] not in rejected]
        unlisted.setdefault(ledger, []).extend(left)
        if listed and len(left) > RETIRE_AT_MOST * len(listed):
            made.too_many = (
                f"“{declared[ledger].label}”在{division}现有 {len(listed)} 条，其中 {len(left)} 条不在这次的文件里，"
                f"超过 {RETIRE_AT_MOST:.0%}。请先预览核对（--preview），确认无误后选“照办”（--yes）重新载入。"
            )
    return unlisted
