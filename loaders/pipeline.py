"""A load, read as a sentence: read the files, shape their rows, match them, fold them, write the difference."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from graph.answers import Answer, Column, FileReport, LoadReport, Message
from graph.errors import InputError
from graph.locality import Locality
from graph.ontology import load as load_ontology
from graph.rules.book import Book
from graph.stores.base import Reader, Store, Writer
from graph.workbook import Sheet, Workbook
from loaders import state, tables
from loaders.folding import Folded, Folder, Props
from loaders.headers import Layout, Recognizer, Unrecognized, mapping_for
from loaders.identity import Identities
from loaders.ledgers import PLACED, Ledger, ledgers
from loaders.mapping import SheetMapping
from loaders.naming import mint
from loaders.places import grow
from loaders.reviews import OPEN
from loaders.shaping import Row, Shaped, jsonable, rejects_sheet, shape

Progress = Callable[[str, int, int], None]
#: a complete ledger that would retire more than this share of its scope must be confirmed
RETIRE_AT_MOST = 0.05


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What a load did, and the rows it could not take as a workbook to correct (None: it took all)."""

    report: LoadReport
    rejects: Workbook | None


class _Outdated(Exception):  # noqa: N818  (a signal, not an error)
    """Another load was published between planning and writing."""


def load(
    store: Store,
    paths: Sequence[Path],
    locality: Locality,
    *,
    author: str,
    book: Book,
    division: str = "",
    mapping: Sequence[SheetMapping] = (),
    complete: Sequence[tuple[str, str]] = (),
    preview: bool = False,
    confirmed: bool = False,
    progress: Progress | None = None,
) -> LoadResult:
    """Load files, folders and zips into the store, all or nothing.

    `division` is where rows lie that do not say so themselves; `complete` lists (ledger, division) pairs of
    which these files are the whole. Raises InputError when a file named explicitly cannot be used or when too
    much would be retired; the store is then unchanged.
    """
    declared = ledgers(locality.precedence)
    shaped, skipped = read(paths, declared, mapping, progress)
    while True:
        with store.reader() as reader:
            if progress:
                progress("核对", 0, 1)
            plan = _plan(reader, shaped, skipped, declared, locality, division, complete)
        if plan.too_many and not (preview or confirmed):
            raise InputError(plan.too_many)
        if preview or plan.nothing_new:
            return LoadResult(replace(plan.report, preview=preview), _rejects(shaped))
        try:
            with store.writer(author, "载入台账") as writer:
                if writer.revision != plan.revision:
                    raise _Outdated
                if progress:
                    progress("写入", 0, 1)
                report = _write(writer, plan, locality, book, author)
        except _Outdated:
            continue
        return LoadResult(report, _rejects(shaped))


def undo(store: Store, author: str, book: Book, locality: Locality) -> int:
    """Take back the last load that has not been taken back; the new revision. InputError if there is none."""
    declared = ledgers(locality.precedence)
    with store.writer(author, "撤销载入") as writer:
        changes = writer.query("MATCH (c:Change) RETURN c.number AS number, c.kind AS kind, c.undoes AS undoes ORDER BY number")
        undone = {c["undoes"] for c in changes.to_pylist()}
        loads = [c["number"] for c in changes.to_pylist() if c["kind"] == "load" and c["number"] not in undone]
        if not loads:
            raise InputError("没有可以撤销的导入。")
        last = loads[-1]
        revision = writer.revision + 1
        now = {r.id: r for r in state.rows_at(writer, declared)}
        before = {r.id: r for r in state.rows_at(writer, declared, last - 1)}
        retired = writer.query(
            "MATCH (t:SourceRow) WHERE t.retired = $last AND t.ended IS NULL RETURN t.id AS id ORDER BY id", {"last": last}
        )["id"].to_pylist()
        revived = []
        for id_, row in before.items():
            if id_ not in now:
                copy = replace(row, id=mint("t", "undo", str(revision), id_), brought=revision)
                revived.append(copy)
        state.end_rows(writer, [i for i in now if i not in before], revision)
        state.write_rows(writer, revived, "", revision)
        state.retire_rows(writer, retired, None)
        live = state.rows_at(writer, declared)
        folded, reviews = fold(writer, live, declared)
        state.write_difference(writer, load_ontology(), state.difference(writer, load_ontology(), folded))
        state.write_reviews(writer, folded.reviews.found, reviews, revision)
        _change(writer, revision, "undo", author, f"撤销第 {last} 版的导入", book, locality, undoes=last)
    return revision


def inspect(path: Path, locality: Locality, mapping: Sequence[SheetMapping] = ()) -> Answer:
    """What each column of each sheet of a file is taken for, before anything is written."""
    declared = ledgers(locality.precedence)
    recognizer = Recognizer(declared, load_ontology())
    rows: list[dict[str, Any]] = []
    meanings = {"drop": "个人信息，不保存", "unknown": "未能识别，不保存", "repeated": "与前面的列重复，不保存", "serial": "序号，不保存"}
    for table in tables.read(path):
        if isinstance(table, tables.Skipped):
            rows.append({"file": table.file, "sheet": table.sheet, "meaning": table.reason})
            continue
        found = recognizer.recognize(table, mapping_for(mapping, table))
        if isinstance(found, Unrecognized):
            rows.append({"file": table.file, "sheet": table.sheet, "meaning": found.sentence()})
            continue
        for use in found.columns:
            field_ = found.ledger.fields.get(use.field)
            meaning = f"{field_.property.label}{f'＝{use.tick}' if use.tick else ''}" if field_ else meanings[use.role]
            example = next((r[use.index] for r in table.rows[found.header.stop :] if use.index < len(r) and r[use.index] is not None), None)
            rows.append(
                {
                    "file": table.file,
                    "sheet": table.sheet,
                    "ledger": found.ledger.label,
                    "line": found.header.start + 1,
                    "column": use.path,
                    "meaning": meaning,
                    "unit": use.unit,
                    "example": None if use.role == "drop" else tables.preview_text(example, 30) if example is not None else None,
                }
            )
    columns = [
        Column("file", "文件"),
        Column("sheet", "工作表"),
        Column("ledger", "识别为"),
        Column("line", "表头行", "integer"),
        Column("column", "列"),
        Column("meaning", "含义"),
        Column("unit", "单位"),
        Column("example", "首个值"),
    ]
    whole = tuple({c.name: row.get(c.name) for c in columns} for row in rows)
    return Answer("inspect", "台账识别结果", dt.date.today(), 0, tuple(columns), whole)


# -- reading ----------------------------------------------------------------------------------------


def read(
    paths: Sequence[Path],
    declared: Mapping[str, Ledger],
    mapping: Sequence[SheetMapping] = (),
    progress: Progress | None = None,
) -> tuple[list[Shaped], list[FileReport]]:
    """Every sheet of the paths shaped, and those that were passed over, each with its reason."""
    recognizer = Recognizer(declared, load_ontology())
    shaped: list[Shaped] = []
    skipped: list[FileReport] = []
    for path in paths:
        used = 0
        refused: list[str] = []
        for table in tables.read(path):
            if progress:
                progress(table.file, len(shaped), 0)
            if isinstance(table, tables.Skipped):
                skipped.append(_skipped(table.file, table.sheet, table.reason))
                refused.append(f"{table.file} {table.sheet}".strip() + f"：{table.reason}")
                continue
            found = recognizer.recognize(table, mapping_for(mapping, table))
            if isinstance(found, Unrecognized):
                skipped.append(_skipped(table.file, table.sheet, found.sentence()))
                refused.append(f"{table.file}“{table.sheet}”{found.sentence()}")
                continue
            one = shape(table, found)
            if not one.total:
                reason = f"识别为“{found.ledger.label}”，但表头下没有数据行。请检查是否导出完整"
                skipped.append(_skipped(table.file, table.sheet, reason))
                refused.append(f"{table.file}“{table.sheet}”{reason}。")
                continue
            used += 1
            shaped.append(one)
        if not used and not path.is_dir() and path.suffix.lower() != ".zip":
            raise InputError(refused[0] if refused else f"{path} 中没有可以载入的工作表。请检查文件。")
        if not used and len(paths) == 1:
            raise InputError(f"{path} 中没有可以载入的台账。{refused[0] if refused else '请检查文件夹。'}")
    return shaped, skipped


def _skipped(file: str, sheet: str, reason: str) -> FileReport:
    return FileReport(file, sheet, "", messages=(Message("skipped", 1, f"未载入：{reason}"),))


def _rejects(shaped: Sequence[Shaped]) -> Workbook | None:
    sheets: list[Sheet] = []
    used: dict[str, int] = {}
    for one in shaped:
        sheet = rejects_sheet(one)
        if sheet:
            used[sheet.name] = used.get(sheet.name, 0) + 1
            name = sheet.name if used[sheet.name] == 1 else f"{sheet.name[:26]}({used[sheet.name]})"
            sheets.append(replace(sheet, name=name))
    return Workbook("拒收行.xlsx", sheets) if sheets else None


# -- planning ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Plan:
    """What a load would write on top of `revision`."""

    revision: int
    report: LoadReport
    new: list[Row] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)
    folded: Folded | None = None
    change: state.Difference | None = None
    reviews: Mapping[str, Props] = field(default_factory=dict)
    import_id: str = ""
    too_many: str = ""

    @property
    def nothing_new(self) -> bool:
        return not (self.new or self.ended or self.retired)


def _plan(
    reader: Reader,
    shaped: Sequence[Shaped],
    skipped: Sequence[FileReport],
    declared: Mapping[str, Ledger],
    locality: Locality,
    division: str,
    complete: Sequence[tuple[str, str]],
) -> _Plan:
    ontology = load_ontology()
    revision = reader.revision
    identities = Identities(reader, ontology, declared, division or locality.home)
    identities.assign(shaped)
    held: dict[tuple[str, str], list[state.Head]] = {}
    for head in state.heads(reader):
        held.setdefault((head.ledger, head.entity), []).append(head)
    plan = _Plan(revision, LoadReport(revision, ()))
    plan.import_id = mint("m", str(revision + 1), *sorted({s.table.file for s in shaped}))
    seen: dict[tuple[str, str], list[Row]] = {}
    tallies = [_tally(one, seen) for one in shaped]
    fates: dict[tuple[str, str], str] = {}
    for group, members in seen.items():
        old = held.get(group, [])
        if not old:
            fates[group] = "new"
            plan.new += members
        elif {h.digest for h in old} == {r.digest for r in members} and all(h.retired is None for h in old):
            fates[group] = "unchanged"
        else:
            fates[group] = "changed"
            plan.ended += [h.id for h in old]
            plan.new += members
    retired = _retired(complete, declared, identities, held, seen, shaped, plan)
    plan.retired = [h.id for groups in retired.values() for g in groups for h in held[g]]
    for row in plan.new:
        row.id = mint("t", plan.import_id, row.file, row.sheet, str(row.line))
        row.brought = revision + 1
    open_groups: set[tuple[str, str]] = set()
    if plan.nothing_new:
        open_groups = _open_groups(reader, held)
    else:
        gone = {*plan.ended}
        retiring = {*plan.retired}
        live = [r for r in state.rows_at(reader, declared) if r.id not in gone]
        for row in live:
            if row.id in retiring:
                row.retired = revision + 1
        live += plan.new
        plan.folded, plan.reviews = fold(reader, live, declared, identities.minted_regions)
        plan.change = state.difference(reader, ontology, plan.folded)
        marked = {r for v in plan.folded.reviews.found.values() if v["state"] == OPEN for r in v["rows"]}
        open_groups = {(r.ledger, r.entity) for r in live if r.id in marked}
    reports = [_report(one, tally, fates, open_groups, retired) for one, tally in zip(shaped, tallies, strict=True)]
    plan.report = LoadReport(revision if plan.nothing_new else revision + 1, (*reports, *skipped))
    return plan


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
    folder = Folder(ontology, declared, places, decisions, pairs)
    kept = {i: {k: f[k] for k in ("name", "code", "kind") if f.get(k)} for i, f in regions.items() if f.get("kept")}
    first = {r.entity: r for r in live if declared[r.ledger].entity == "Region"}
    for id_, text in lost.items():
        folder.reviews.add(
            "dangling",
            ("PART_OF", id_, text),
            f"上级“{text}”在区划台账中没有找到或不止一个。请补充区划，或改填代码。",
            first.get(id_),
            subject=id_,
            evidence_against="没有唯一的名称或代码",
        )
    return folder.fold(live, kept), reviews


def region_facts(
    live: Sequence[Row], declared: Mapping[str, Ledger], reader: Reader, minted: Mapping[str, Props]
) -> dict[str, Props]:
    """What is said of each Region; those that only a load's own words brought are marked `kept`."""
    facts: dict[str, Props] = {}
    for row in sorted((r for r in live if declared[r.ledger].entity == "Region"), key=lambda r: (declared[r.ledger].rank, r.id)):
        known = facts.setdefault(row.entity, {})
        for name, value in row.values.items():
            known.setdefault(name, value)
        if row.values.get(PLACED) and not known.get("parent"):
            known["parent"] = row.values[PLACED]
    used = {r.division for r in live}
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
    """The rows of one sheet: group of each accepted one, and how many were further rows of theirs."""

    accepted: list[tuple[str, str]]
    merged: int


def _tally(one: Shaped, seen: dict[tuple[str, str], list[Row]]) -> _Tally:
    accepted: list[tuple[str, str]] = []
    merged = 0
    for row in one.rows:
        text = json.dumps(jsonable(row.values), ensure_ascii=False, sort_keys=True)
        row.digest = hashlib.blake2b(f"{row.division}\x1f{text}".encode(), digest_size=8).hexdigest()
        group = (row.ledger, row.entity)
        members = seen.get(group)
        if members is None:
            seen[group] = [row]
            accepted.append(group)
        else:
            merged += 1
            if all(m.digest != row.digest for m in members):
                members.append(row)
    return _Tally(accepted, merged)


def _retired(
    complete: Sequence[tuple[str, str]],
    declared: Mapping[str, Ledger],
    identities: Identities,
    held: Mapping[tuple[str, str], list[state.Head]],
    seen: Mapping[tuple[str, str], list[Row]],
    shaped: Sequence[Shaped],
    plan: _Plan,
) -> dict[str, list[tuple[str, str]]]:
    """Groups, by ledger, that a complete ledger no longer lists inside its division."""
    gone: dict[str, list[tuple[str, str]]] = {}
    for ledger_text, division in complete:
        ledger = next((n for n, one in declared.items() if ledger_text in (n, one.label)), "")
        if not ledger:
            raise InputError(f"--complete 的台账“{ledger_text}”不存在。可用：{'、'.join(one.label for one in declared.values())}。")
        if not any(s.layout.ledger.name == ledger for s in shaped):
            raise InputError(f"--complete 声明了“{declared[ledger].label}”，但这次的文件中没有这种台账。请检查文件或声明。")
        root = identities.division(division)
        inside = identities.inside(declared[ledger], root)
        rejected = identities.rejected(shaped, ledger)
        listed = [g for g, hs in held.items() if g[0] == ledger and hs[0].retired is None and inside(g[1], hs[0])]
        left = [g for g in listed if g not in seen and g[1] not in rejected]
        gone.setdefault(ledger, []).extend(left)
        if listed and len(left) > RETIRE_AT_MOST * len(listed):
            plan.too_many = (
                f"“{declared[ledger].label}”在{division}现有 {len(listed)} 条，其中 {len(left)} 条不在这次的文件里，"
                f"超过 {RETIRE_AT_MOST:.0%}。请先用 --preview 核对，确认无误后加 --yes 重新载入。"
            )
    return gone


def _open_groups(reader: Reader, held: Mapping[tuple[str, str], list[state.Head]]) -> set[tuple[str, str]]:
    """Row groups that an open review marks, in the store as it is."""
    found = reader.query("MATCH (v:Review) WHERE v.state = 'open' RETURN v.rows AS marked")["marked"].to_pylist()
    marked = {row for rows in found for row in rows or ()}
    return {group for group, members in held.items() if any(h.id in marked for h in members)}


def _report(
    one: Shaped,
    tally: _Tally,
    fates: Mapping[tuple[str, str], str],
    open_groups: set[tuple[str, str]],
    retired: dict[str, list[tuple[str, str]]],
) -> FileReport:
    counts = dict.fromkeys(("new", "changed", "unchanged"), 0)
    for group in tally.accepted:
        counts[fates[group]] += 1
    ledger = one.layout.ledger.name
    return FileReport(
        file=one.table.file,
        sheet=one.table.sheet,
        ledger=one.layout.ledger.label,
        rows=one.total,
        accepted=len(tally.accepted),
        merged=tally.merged,
        rejected=len(one.rejected),
        retired=len(retired.pop(ledger, ())),
        reviews=sum(g in open_groups for g in tally.accepted),
        dropped_columns=one.layout.named("drop"),
        unknown_columns=one.layout.named("unknown", "repeated"),
        messages=tuple(_messages(one)),
        **counts,
    )


def _messages(one: Shaped) -> Iterator[Message]:
    dropped = one.layout.named("drop")
    if dropped:
        yield Message("dropped_columns", len(dropped), f"个人信息列未保存：{'、'.join(dropped)}")
    unknown = one.layout.named("unknown", "repeated")
    if unknown:
        yield Message("unknown_columns", len(unknown), f"未识别的列未保存：{'、'.join(unknown)}。如需要，请用 --mapping 指明含义")
    for code, count in one.remarks.counts.items():
        yield Message(code, count, one.remarks.texts[code], tuple(one.remarks.examples[code]))


# -- writing ----------------------------------------------------------------------------------------


def _write(writer: Writer, plan: _Plan, locality: Locality, book: Book, author: str) -> LoadReport:
    assert plan.folded is not None
    assert plan.change is not None
    revision = plan.revision + 1
    state.end_rows(writer, plan.ended, revision)
    state.retire_rows(writer, plan.retired, revision)
    state.write_rows(writer, plan.new, plan.import_id, revision)
    state.write_difference(writer, load_ontology(), plan.change)
    state.write_reviews(writer, plan.folded.reviews.found, plan.reviews, revision)
    report = json.dumps(plan.report.to_json(), ensure_ascii=False)
    writer.upsert("Import", pa.table({"id": [plan.import_id], "change": [revision], "state": ["done"], "report": [report]}))
    files = sorted({f.file for f in plan.report.files if f.ledger})
    note = f"载入 {len(files)} 个文件：{'、'.join(files[:5])}{'等' if len(files) > 5 else ''}"
    _change(writer, revision, "load", author, note, book, locality)
    return plan.report


def _change(
    writer: Writer, revision: int, kind: str, author: str, note: str, book: Book, locality: Locality, undoes: int | None = None
) -> None:
    """Renew the membership of bases and commit the Change that numbers this revision."""
    digest = book.refresh(writer, locality)
    row: dict[str, list[Any]] = {
        "id": [mint("x", str(revision))],
        "number": [revision],
        "kind": [kind],
        "author": [author],
        "at": [dt.datetime.now().astimezone().isoformat(timespec="seconds")],
        "note": [note],
        "bases_digest": [digest],
    }
    if undoes is not None:
        row["undoes"] = [undoes]
    writer.upsert("Change", pa.table(row))


__all__ = ["Layout", "LoadResult", "inspect", "load", "undo"]
