"""The entry of matching: the rows of a load are new, changed, unchanged or no longer listed in the store."""

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
from loaders.match.stored_rows import Head, heads, rows_at
from loaders.recognize.ledgers import Ledger
from loaders.request import LoadRequest
from loaders.shape.rows import Props, Row
from loaders.shape.shaping import Shaped

#: the rows of one entity in one ledger: (ledger, entity)
Group = tuple[str, str]
#: the rows of a load by ledger and entity; a single row is no list
ByEntity = dict[str, dict[str, Row | list[Row]]]

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
    #: by ledger, the groups that a complete ledger no longer lists
    unlisted: dict[str, list[Group]] = field(default_factory=dict)
    minted_regions: Mapping[str, Props] = field(default_factory=dict)
    #: the message that too much would be retired, '' otherwise
    too_many: str = ""
    #: whether the load repeats an interrupted one, which it completes even if it brings nothing new
    resumes: bool = False

    @property
    def retired(self) -> list[str]:
        """The ids of the rows that complete ledgers no longer list."""
        return [h.id for groups in self.unlisted.values() for g in groups for h in self.stored[g]]

    @property
    def nothing_new(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.new or self.ended or self.retired or self.resumes)

    def free(self) -> None:
        """Free the rows once they are written: a million need as much memory as the measuring that follows."""
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


def _tally(one: Shaped, by_entity: dict[str, Row | list[Row]]) -> Tally:
    """Add the rows of a sheet to those of its ledger `by_entity`, equal rows once."""
    accepted: list[Row] = []
    for row in one.rows:
        earlier = by_entity.setdefault(row.entity, row)
        if earlier is row:
            accepted.append(row)
            continue
        members = earlier if isinstance(earlier, list) else [earlier]
        digest = row.digest
        if all(m.digest != digest for m in members):
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
    by_ledger: ByEntity = {name: {} for name in declared}
    result.tallies = [_tally(one, by_ledger[one.layout.ledger.name]) for one in shaped]
    for ledger, groups in by_ledger.items():
        for entity, rows in groups.items():
            group, members = (ledger, entity), rows if isinstance(rows, list) else [rows]
            old = stored.get(group, [])
            if ledger == "decisions" and all(r.values.get("decision") in HIDING for r in members):
                # exported for a viewer who may not read the decisions, which stay as they are
                result.fates[group] = "unchanged"
            elif not old:
                result.new += members
            elif {h.digest for h in old} == {r.digest for r in members} and all(h.retired is None for h in old):
                result.fates[group] = "unchanged"
            else:
                result.fates[group] = "changed"
                result.ended += [h.id for h in old]
                result.new += members
    result.unlisted = _retired(request.complete, declared, identities, stored, by_ledger, shaped, result)
    for one in shaped:
        for row in one.rows[:1]:
            row.origin.id = mint("t", import_id, one.table.file, one.table.sheet)
    for row in result.new:
        row.brought = revision + 1
    return result


def rows_after(reader: Reader, matched: Reconciliation, declared: Mapping[str, Ledger]) -> list[Row]:
    """The rows that are live once the load is done. `reader` reads the revision that the load was matched on."""
    gone, retiring = {*matched.ended}, {*matched.retired}
    live = [r for r in rows_at(reader, declared, matched.revision) if r.id not in gone]
    for row in live:
        if row.id in retiring:
            row.retired = matched.revision + 1
    return live + matched.new


def _retired(
    complete: Sequence[tuple[str, str]],
    declared: Mapping[str, Ledger],
    identities: Identities,
    stored: Mapping[Group, list[Head]],
    by_ledger: ByEntity,
    shaped: Sequence[Shaped],
    result: Reconciliation,
) -> dict[str, list[Group]]:
    """The groups, by ledger, that a complete ledger no longer lists inside its division."""
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
        root = identities.existing_division(division)
        inside = identities.inside(declared[ledger], root)
        rejected = identities.rejected(shaped, ledger)
        listed = [g for g, hs in stored.items() if g[0] == ledger and hs[0].retired is None and inside(g[1], hs[0])]
        left = [g for g in listed if g[1] not in by_ledger[ledger] and g[1] not in rejected]
        unlisted.setdefault(ledger, []).extend(left)
        if listed and len(left) > RETIRE_AT_MOST * len(listed):
            result.too_many = (
                f"“{declared[ledger].label}”在{division}现有 {len(listed)} 条，其中 {len(left)} 条不在这次的文件里，"
                f"超过 {RETIRE_AT_MOST:.0%}。请先预览核对（--preview），确认无误后选“照办”（--yes）重新载入。"
            )
    return unlisted
