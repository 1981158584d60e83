"""A load as a sentence: read the files, recognize and shape their rows, match them, fold all rows, write the difference."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from graph.errors import InputError, StoreMovedError
from graph.faults import Faults
from graph.history.commit import commit, without
from graph.history.touched import Recording
from graph.ids import mint
from graph.load_report import FileReport, LoadReport
from graph.locality import Locality
from graph.ontology import load as load_ontology
from graph.personal import clean
from graph.rules.book import Book
from graph.statements import in_order
from graph.stores.base import Reader, Store
from graph.workbook import Workbook
from loaders.fold.folding import fold, stored_reviews
from loaders.fold.graph import Folded
from loaders.fold.method import fold_digest, stored_fold_digest
from loaders.fold.reviews import OPEN
from loaders.match.reconciliation import Reconciliation, match, rows_after
from loaders.match.stored_rows import rows_at
from loaders.read.apart import Reading
from loaders.read.tables import Skipped, Table
from loaders.recognize.headers import Recognizer
from loaders.recognize.inspection import inspect
from loaders.recognize.ledgers import Ledger, ledgers
from loaders.recognize.sheets import recognize
from loaders.request import LoadRequest, Progress
from loaders.shape.entry import Entry, shape_entry
from loaders.shape.files import shape_sheets
from loaders.shape.rows import Props, Row, Spool
from loaders.shape.shaping import Shaped
from loaders.write.affected import affected_tables
from loaders.write.rejects import rejects
from loaders.write.reporting import report, unchanged
from loaders.write.writing import end_rows, retire_rows, write_difference, write_reviews, write_rows


@dataclass(frozen=True, slots=True)
class LoadResult:
    """The report of a load, and the rows that it rejected as a workbook to correct (None: it rejected none)."""

    report: LoadReport
    rejects: Workbook | None


#: the purpose of an undo: one that was broken off is completed by the same, and by no other write
_UNDO = "撤销载入"


class _OutdatedError(Exception):
    """Another load was published between matching and writing."""


def load(store: Store, request: LoadRequest, progress: Progress | None = None) -> LoadResult:
    """Load files, folders and zips into the store, all or nothing.

    Raises InputError if a file named explicitly cannot be used or if too much would be retired; the store is then
    unchanged.
    """
    options = repr((request.locality.home, request.division, request.mapping, request.complete))
    purpose = _purpose(request.paths, options)
    return _load_rows(store, request, lambda: shape_files(request, progress), purpose, progress)


def enter(store: Store, entry: Entry, request: LoadRequest) -> LoadResult:
    """Load rows that stand in no file; `request` has no paths.

    Raises InputError if one of the rows is rejected; the store is then unchanged.
    """
    declared = ledgers(request.locality.precedence)
    digest = hashlib.blake2b(repr((request.locality.home, entry)).encode(), digest_size=4).hexdigest()
    return _load_rows(
        store, request, lambda: ([shape_entry(entry, declared)], []), f"登记 {entry.file}（{digest}）", None
    )


def shape_files(request: LoadRequest, progress: Progress | None = None) -> tuple[list[Shaped], list[FileReport]]:
    """Read, recognize and shape every sheet of the request's paths; and what was skipped, and why.

    The sheets are in the order of their files' names, however the paths are named.
    """
    spool = Spool()
    shaped: list[Shaped] = []
    skipped: list[FileReport] = []

    def announced(tables: Iterable[Table | Skipped]) -> Iterator[Table | Skipped]:
        for table in tables:
            if progress:
                progress(table.file, len(shaped), 0)
            yield table

    with Reading() as reading:
        recognizer = Recognizer(ledgers(request.locality.precedence), load_ontology())
        for path in request.paths:
            recognized = recognize(announced(reading.read(path)), recognizer, request.mapping)
            sheets = shape_sheets(
                path, recognized, spool, only_path=len(request.paths) == 1, clearing=request.locality.clearing
            )
            for sheet in sheets:
                if isinstance(sheet, Shaped):
                    shaped.append(sheet)
                else:
                    skipped.append(sheet)
    shaped.sort(key=lambda sheet: in_order(sheet.table.file))
    return shaped, skipped


def _load_rows(
    store: Store,
    request: LoadRequest,
    shape: Callable[[], tuple[Sequence[Shaped], Sequence[FileReport]]],
    purpose: str,
    progress: Progress | None,
) -> LoadResult:
    """Load the rows; the report names the rules that failed when they were measured."""

    def attempt(faults: Faults) -> LoadResult:
        # anew each time: a write that is lost has freed its rows before it is measured
        return _attempt(store, request, *shape(), purpose, progress, faults)

    result, faults = without(attempt)
    if not faults:
        return result
    return replace(result, report=replace(result.report, notes=tuple(fault.note for fault in faults)))


def _attempt(
    store: Store,
    request: LoadRequest,
    shaped: Sequence[Shaped],
    skipped: Sequence[FileReport],
    purpose: str,
    progress: Progress | None,
    faults: Faults,
) -> LoadResult:
    """Match the rows, fold all rows and write the difference; again from the start if another load comes between."""
    declared = ledgers(request.locality.precedence)
    while True:
        try:
            with store.reader(resuming=purpose) as reader:
                if progress:
                    progress("核对", 0, 1)
                matched = match(reader, shaped, skipped, declared, request)
                if matched.too_many and not (request.preview or request.confirmed):
                    raise InputError(matched.too_many)
                if matched.nothing_new:
                    return LoadResult(replace(unchanged(reader, matched), preview=request.preview), rejects(shaped))
                if request.preview:
                    live = rows_after(reader, matched, declared)
                    folded = fold(reader, live, stored_reviews(reader), matched.minted_regions)
                    outcome = replace(_report(matched, live, folded), preview=True, revision=matched.revision)
                    return LoadResult(outcome, rejects(shaped))
        except StoreMovedError:
            # another load was published meanwhile, on a server that keeps no older revision to match with
            continue
        try:
            with store.writer(request.author, purpose) as opened:
                if opened.revision != matched.revision:
                    raise _OutdatedError
                if progress:
                    progress("写入", 0, 1)
                outcome = _write(Recording(opened), matched, declared, request, faults)
        except _OutdatedError:
            continue
        return LoadResult(outcome, rejects(shaped))


def _write(
    writer: Recording, matched: Reconciliation, declared: Mapping[str, Ledger], request: LoadRequest, faults: Faults
) -> LoadReport:
    """Write the rows of a load and the graph that all rows make, and commit them as a revision."""
    outcome = _write_rows_and_graph(writer, matched, declared, request.locality)
    matched.free()
    files = sorted({f.file for f in outcome.files if f.ledger})
    note = f"载入 {len(files)} 个文件：{'、'.join(files[:5])}{'等' if len(files) > 5 else ''}"
    commit(
        writer, "load", request.author, note,
        book=request.book, locality=request.locality, as_of=request.as_of or dt.date.today(),
        fold_digest=fold_digest(request.locality), faults=faults,
    )  # fmt: skip
    return outcome


def _write_rows_and_graph(
    writer: Recording, matched: Reconciliation, declared: Mapping[str, Ledger], locality: Locality
) -> LoadReport:
    revision = matched.revision + 1
    live = rows_after(writer, matched, declared)
    # the rows first: a store may write them during the fold
    end_rows(writer, matched.ended, revision)
    retire_rows(writer, matched.retired, revision)
    write_rows(writer, matched.new, matched.import_id, revision)
    reviews = stored_reviews(writer)
    folded = fold(writer, live, reviews, matched.minted_regions)
    folded_alike = stored_fold_digest(writer) == fold_digest(locality)
    affected = affected_tables(matched, live, declared, reviews) if folded_alike else None
    outcome = _report(matched, live, folded)
    _write_graph(writer, folded, reviews, revision, affected)
    text = json.dumps(outcome.to_json(), ensure_ascii=False)
    writer.upsert(
        "Import", pa.table({"id": [matched.import_id], "change": [revision], "state": ["done"], "report": [text]})
    )
    return outcome


def _write_graph(
    writer: Recording,
    folded: Folded,
    reviews: Mapping[str, Props],
    revision: int,
    affected: frozenset[tuple[str, ...]] | None = None,
) -> None:
    write_difference(writer, load_ontology(), folded, affected)
    write_reviews(writer, folded.reviews.by_id, reviews, revision)


def _report(matched: Reconciliation, live: Sequence[Row], folded: Folded) -> LoadReport:
    """The report of a load, with the rows that an open Review marks."""
    marked = {r for v in folded.reviews.by_id.values() if v["state"] == OPEN for r in v["rows"]}
    open_groups = {(r.ledger, r.entity) for r in live if r.id in marked} if marked else set()
    return report(matched, open_groups, matched.revision + 1, folded.meant)


def _purpose(paths: Sequence[Path], options: str) -> str:
    """The purpose of a load in words, with a digest of its options and files: a repeated load has the same."""
    digest = hashlib.blake2b(options.encode(), digest_size=4)
    for path in paths:
        inside = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
        for file in inside:
            digest.update(os.fsencode(f"\n{file.relative_to(path.parent)}\n"))
            # a file that cannot be read is skipped, and the report says so
            with contextlib.suppress(OSError), file.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "blake2b").digest())
    names = "、".join(clean(path.name) for path in paths[:3]) + ("等" if len(paths) > 3 else "")
    return f"载入台账 {names}（{digest.hexdigest()}）"


@dataclass(frozen=True, slots=True)
class LastLoad:
    """The last load that is not taken back yet; `after_undo`: no load came after the last undo."""

    number: int
    at: str
    note: str
    after_undo: bool

    def __str__(self) -> str:
        return f"第 {self.number} 版（{self.at[:16].replace('T', ' ')}，{self.note}）"


def undo(store: Store, author: str, book: Book, locality: Locality, as_of: dt.date | None = None, *, load: int) -> int:
    """Take back the load of a number, and return the new revision; `as_of`: see LoadRequest.

    It must be the last one that is not taken back yet, which is found out while no one else can write: of two who take
    back the same load, the second gets an InputError and changes nothing.
    """

    def attempt(faults: Faults) -> int:
        return _undo(store, author, book, locality, as_of, load, faults)

    return without(attempt)[0]


def _undo(
    store: Store, author: str, book: Book, locality: Locality, as_of: dt.date | None, load: int, faults: Faults
) -> int:
    declared = ledgers(locality.precedence)
    with store.writer(author, _UNDO) as opened:
        writer = Recording(opened)
        last = _taken_back(writer, load)
        revision = writer.revision + 1
        now = {r.id: r for r in rows_at(writer, declared, writer.revision)}
        before = {r.id: r for r in rows_at(writer, declared, last - 1)}
        retired = writer.query(
            "MATCH (t:SourceRow) WHERE t.retired = $last AND t.ended IS NULL RETURN t.id AS id ORDER BY id",
            {"last": last},
        )["id"].to_pylist()
        revived = [
            replace(row, own_id=mint("t", "undo", str(revision), id_), brought=revision)
            for id_, row in before.items()
            if id_ not in now
        ]
        end_rows(writer, [i for i in now if i not in before], revision)
        write_rows(writer, revived, "", revision)
        retire_rows(writer, retired, None)
        reviews = stored_reviews(writer)
        _write_graph(writer, fold(writer, rows_at(writer, declared, revision), reviews), reviews, revision)
        note = f"撤销第 {last} 版的导入"
        return commit(
            writer, "undo", author, note, book=book, locality=locality, as_of=as_of or dt.date.today(), undoes=last,
            fold_digest=fold_digest(locality), faults=faults,
        )  # fmt: skip


def last_load(store: Store) -> LastLoad:
    """The load that an undo would take back. InputError if there is none."""
    with store.reader(resuming=_UNDO) as reader:
        return _last_load(_changes(reader))


def _taken_back(reader: Reader, load: int) -> int:
    """The number of the load to take back; InputError where it is not the last."""
    changes = _changes(reader)
    if load in {c["undoes"] for c in changes}:
        raise InputError(f"第 {load} 版的导入已经撤销过了，这次没有再撤销什么。")
    last = _last_load(changes)
    if last.number != load:
        what = "不是最近一次导入" if load in {c["number"] for c in changes if c["kind"] == "load"} else "不是一次导入"
        raise InputError(f"第 {load} 版{what}，没有撤销。最近一次导入是{last}，只能先撤销它。")
    return load


def _changes(reader: Reader) -> list[dict[str, Any]]:
    """The loads and undos in order."""
    rows: list[dict[str, Any]] = reader.query(
        "MATCH (c:Change) WHERE c.number <= $revision AND c.kind IN ['load', 'undo'] "
        "RETURN c.number AS number, c.kind AS kind, c.undoes AS undoes, c.at AS at, c.note AS note ORDER BY number",
        # an interrupted undo may have left a Change of its own, which was never published
        {"revision": reader.revision},
    ).to_pylist()
    return rows


def _last_load(changes: Sequence[Mapping[str, Any]]) -> LastLoad:
    undone = {c["undoes"] for c in changes}
    loads = [c for c in changes if c["kind"] == "load" and c["number"] not in undone]
    if not loads:
        raise InputError("没有可以撤销的导入。")
    last = loads[-1]
    return LastLoad(last["number"], last["at"] or "", last["note"] or "", changes[-1]["kind"] == "undo")


__all__ = ["Entry", "LastLoad", "LoadRequest", "LoadResult", "enter", "inspect", "last_load", "load", "undo"]
