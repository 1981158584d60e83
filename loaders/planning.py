"""What a load changes: which rows are new to the store, and what all rows say together then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from graph.answers import HIDING, FileReport, LoadReport, Message
from graph.errors import InputError
from graph.locality import Locality
from graph.ontology import load as load_ontology
from graph.stores.base import Reader
from loaders import state
from loaders.entities import Props
from loaders.folding import Folded
from loaders.identity import Identities
from loaders.ledgers import PLACED, Ledger
from loaders.naming import mint
from loaders.places import grow
from loaders.records import Row
from loaders.reviews import DECIDED, MERGE, OPEN, Reviews
from loaders.shaping import Shaped
from loaders.tables import preview_text

#: the rows of one entity in one ledger: (ledger, entity)
Group = tuple[str, str]
#: the rows that a load read, by ledger and entity; mostly one, which is held as it is
Seen = dict[str, dict[str, Row | list[Row]]]

#: a complete ledger that would retire more than this share of its scope must be confirmed
RETIRE_AT_MOST = 0.05


@dataclass(slots=True)
class Plan:
    """The rows that a load would bring, end and retire on top of `revision`, and the fate of every row read."""

    revision: int
    import_id: str
    shaped: Sequence[Shaped]
    skipped: Sequence[FileReport]
    held: Mapping[Group, list[state.Head]]
    tallies: list[_Tally] = field(default_factory=list)
    #: what becomes of the groups that are not new
    fates: dict[Group, str] = field(default_factory=dict)
    new: list[Row] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    gone: dict[str, list[Group]] = field(default_factory=dict)
    minted_regions: Mapping[str, Props] = field(default_factory=dict)
    too_many: str = ""
    resumes: bool = False

    @property
    def retired(self) -> list[str]:
        return [h.id for groups in self.gone.values() for g in groups for h in self.held[g]]

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
        self.held = {}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The graph after a load, the Reviews known before it, and its report."""

    folded: Folded
    reviews: Mapping[str, Props]
    report: LoadReport


def plan(
    reader: Reader,
    shaped: Sequence[Shaped],
    skipped: Sequence[FileReport],
    declared: Mapping[str, Ledger],
    locality: Locality,
    division: str,
    complete: Sequence[tuple[str, str]],
) -> Plan:
    """Match the rows to what the store knows, and sort them into new, changed and unchanged."""
    revision = reader.revision
    identities = Identities(reader, load_ontology(), declared, division or locality.home)
    identities.assign(shaped)
    held: dict[Group, list[state.Head]] = {}
    for head in state.heads(reader):
        held.setdefault((head.ledger, head.entity), []).append(head)
    import_id = mint("m", str(revision + 1), *sorted({s.table.file for s in shaped}))
    made = Plan(revision, import_id, shaped, skipped, held, minted_regions=identities.minted_regions)
    # what was broken off is ended by its repetition, whatever that finds to do
    made.resumes = reader.unfinished
    seen: Seen = {name: {} for name in declared}
    made.tallies = [_tally(one, seen[one.layout.ledger.name]) for one in shaped]
    for ledger, groups in seen.items():
        for entity, found in groups.items():
            group, members = (ledger, entity), found if isinstance(found, list) else [found]
            old = held.get(group, [])
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
    made.gone = _retired(complete, declared, identities, held, seen, shaped, made)
    for one in shaped:
        for row in one.rows[:1]:
            row.origin.id = mint("t", import_id, one.table.file, one.table.sheet)
    for row in made.new:
        row.brought = revision + 1
    return made


def rows_after(reader: Reader, planned: Plan, declared: Mapping[str, Ledger]) -> list[Row]:
    """The rows that are live once the load is done, by a reader of the revision that it was planned on."""
    gone, retiring = {*planned.ended}, {*planned.retired}
    live = [r for r in state.rows_at(reader, declared, planned.revision) if r.id not in gone]
    for row in live:
        if row.id in retiring:
            row.retired = planned.revision + 1
    return live + planned.new


def outcome(reader: Reader, planned: Plan, live: list[Row], declared: Mapping[str, Ledger]) -> Outcome:
    """What the live rows of `rows_after` say."""
    folded, reviews = fold(reader, live, declared, planned.minted_regions)
    marked = {r for v in folded.reviews.found.values() if v["state"] == OPEN for r in v["rows"]}
    open_groups = {(r.ledger, r.entity) for r in live if r.id in marked} if marked else set()
    return Outcome(folded, reviews, report(planned, open_groups, planned.revision + 1))


def unchanged(reader: Reader, planned: Plan) -> LoadReport:
    """The report of a load that brings nothing new."""
    found = reader.query("MATCH (v:Review) WHERE v.state = 'open' RETURN v.rows AS marked")["marked"].to_pylist()
    marked = {row for rows in found for row in rows or ()}
    open_groups = {group for group, members in planned.held.items() if any(h.id in marked for h in members)}
    return report(planned, open_groups, planned.revision)


def report(planned: Plan, open_groups: Set[Group], revision: int) -> LoadReport:
    """What became of every row of every file; `open_groups` are those that an open Review marks."""
    retired = {ledger: len(groups) for ledger, groups in planned.gone.items()}
    files = [
        # the first sheet of a ledger carries what the whole ledger retires
        _report(one, tally, planned.fates, open_groups, retired.pop(one.layout.ledger.name, 0))
        for one, tally in zip(planned.shaped, planned.tallies, strict=True)
    ]
    return LoadReport(revision, (*files, *planned.skipped))


def fold(
    reader: Reader,
    live: list[Row],
    declared: Mapping[str, Ledger],
    minted: Mapping[str, Props] | None = None,
) -> tuple[Folded, dict[str, Props]]:
    """What the live rows say together, and the Reviews known so far."""
    ontology = load_ontology()
    reviews = state.known_reviews(reader)
    regions = region_facts(live, declared, reader, minted or {})
    bases = {r.entity: r.division for r in live if declared[r.ledger].entity == "Region"}
    places, lost = grow(regions, bases)
    decisions = {r.entity: str(r.values.get("decision") or "") for r in live if r.ledger == "decisions"}
    pairs = {i: (v["subject"], v["other"]) for i, v in reviews.items() if v["kind"] == "lookalike"}
    kept = {i: {k: f[k] for k in ("name", "code", "kind") if f.get(k)} for i, f in regions.items() if f.get("kept")}
    first = {r.entity: r for r in live if declared[r.ledger].entity == "Region"}
    asked = dict(reviews)
    while True:
        asking = Reviews(decisions)
        for id_, text in lost.items():
            asking.add(
                "dangling",
                ("PART_OF", id_, text),
                f"上级“{text}”在区划台账中没有找到或不止一个。请补充区划，或改填代码。",
                first.get(id_),
                subject=id_,
                evidence_against="没有唯一的名称或代码",
            )
        folded = Folded(ontology, places, asking, pairs, live, kept)
        found = asking.found
        # a decision may be older than this store, which meets the pair for the first time
        alike = {i: v for i, v in found.items() if v["kind"] == "lookalike" and i not in pairs}
        met = {i: (v["subject"], v["other"]) for i, v in alike.items() if v["decision"] == MERGE}
        if not met:
            break
        pairs |= met
        asked |= {i: found[i] for i in met}
    for id_, review in asked.items():
        if decisions.get(id_) and id_ not in found:
            # decided, and carried out: what it asked about is no more
            found[id_] = {**review, "state": DECIDED, "decision": decisions[id_], "rows": []}
    return folded, reviews


def region_facts(
    live: Sequence[Row], declared: Mapping[str, Ledger], reader: Reader, minted: Mapping[str, Props]
) -> dict[str, Props]:
    """What is said of each Region; those that only a load's own words brought are marked `kept`."""
    facts: dict[str, Props] = {}
    for row in sorted(
        (r for r in live if declared[r.ledger].entity == "Region"), key=lambda r: (declared[r.ledger].rank, r.id)
    ):
        known = facts.setdefault(row.entity, {})
        for name, value in row.values.items():
            known.setdefault(name, value)
        if row.values.get(PLACED) and not known.get("parent"):
            known["parent"] = row.values[PLACED]
    used = {r.division for r in live}
    held = []
    if not state.empty(reader):
        held = reader.query(
            "MATCH (r:Region) OPTIONAL MATCH (r)-[:PART_OF]->(p:Region) "
            "RETURN r.id AS id, r.name AS name, r.code AS code, r.kind AS kind, p.id AS parent_id ORDER BY id"
        ).to_pylist()
    for region in (*held, *({"id": i, **f} for i, f in minted.items())):
        if region["id"] in used and region["id"] not in facts:
            facts[region["id"]] = {**region, "kept": True}
    return facts


@dataclass(slots=True)
class _Tally:
    """The rows of one sheet: the first of each group, and how many were further rows of theirs."""

    accepted: list[Row]
    merged: int


def _tally(one: Shaped, seen: dict[str, Row | list[Row]]) -> _Tally:
    """`seen` are the rows of the sheet's ledger by entity, those that say the same but once."""
    accepted: list[Row] = []
    for row in one.rows:
        held = seen.setdefault(row.entity, row)
        if held is row:
            accepted.append(row)
            continue
        members = held if isinstance(held, list) else [held]
        digest = row.digest
        if all(m.digest != digest for m in members):
            seen[row.entity] = [*members, row]
    return _Tally(accepted, len(one.rows) - len(accepted))


def _retired(
    complete: Sequence[tuple[str, str]],
    declared: Mapping[str, Ledger],
    identities: Identities,
    held: Mapping[Group, list[state.Head]],
    seen: Seen,
    shaped: Sequence[Shaped],
    made: Plan,
) -> dict[str, list[Group]]:
    """Groups, by ledger, that a complete ledger no longer lists inside its division."""
    gone: dict[str, list[Group]] = {}
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
        listed = [g for g, hs in held.items() if g[0] == ledger and hs[0].retired is None and inside(g[1], hs[0])]
        left = [g for g in listed if g[1] not in seen[ledger] and g[1] not in rejected]
        gone.setdefault(ledger, []).extend(left)
        if listed and len(left) > RETIRE_AT_MOST * len(listed):
            made.too_many = (
                f"“{declared[ledger].label}”在{division}现有 {len(listed)} 条，其中 {len(left)} 条不在这次的文件里，"
                f"超过 {RETIRE_AT_MOST:.0%}。请先预览核对（--preview），确认无误后选“照办”（--yes）重新载入。"
            )
    return gone


def _report(
    one: Shaped,
    tally: _Tally,
    fates: Mapping[Group, str],
    open_groups: Set[Group],
    retired: int,
) -> FileReport:
    counts = dict.fromkeys(("new", "changed", "unchanged"), 0)
    counts["new"] = len(tally.accepted)
    reviews = 0
    for row in tally.accepted if fates or open_groups else ():
        group = (row.ledger, row.entity)
        if fate := fates.get(group):
            counts["new"] -= 1
            counts[fate] += 1
        reviews += group in open_groups
    return FileReport(
        file=one.table.file,
        sheet=one.table.sheet,
        ledger=one.layout.ledger.label,
        rows=one.total,
        accepted=len(tally.accepted),
        merged=tally.merged,
        rejected=len(one.rejected),
        retired=retired,
        reviews=reviews,
        dropped_columns=one.layout.named("drop"),
        unknown_columns=one.layout.named("unknown", "repeated"),
        messages=tuple(_messages(one)),
        **counts,
    )


def _messages(one: Shaped) -> Iterator[Message]:
    dropped = one.layout.named("drop")
    if dropped:
        yield Message("dropped_columns", len(dropped), f"个人信息列未保存：{_quoted(dropped)}")
    unknown = one.layout.named("unknown", "repeated")
    # the columns of our own 待核实 workbook are there to be read, not to be loaded
    if unknown and one.layout.ledger.entity != "Review":
        yield Message(
            "unknown_columns",
            len(unknown),
            f"未识别的列未保存：{_quoted(unknown)}。如需要，请在网页上选择含义，或用 --mapping 指明",
        )
    for code, count in one.remarks.counts.items():
        yield Message(code, count, one.remarks.texts[code], tuple(one.remarks.examples[code]))


def _quoted(headers: Sequence[str]) -> str:
    return "、".join(preview_text(header) for header in headers)
