"""A load, read as a sentence: read the files, shape their rows, match them, fold them, write the difference."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from graph.errors import InputError, StoreMovedError
from graph.history.commit import commit
from graph.history.touched import Recording
from graph.ids import mint
from graph.load_report import FileReport, LoadReport
from graph.locality import Locality
from graph.ontology import load as load_ontology
from graph.rules.book import Book
from graph.stores.base import Reader, Store
from graph.workbook import Workbook
from loaders.fold.combining import Combined, combine
from loaders.fold.reviews import OPEN
from loaders.match.reconciliation import Reconciliation, reconcile, rows_after
from loaders.match.stored import rows_at
from loaders.recognize.inspection import inspect
from loaders.recognize.ledgers import Ledger, ledgers
from loaders.request import LoadRequest, Progress
from loaders.shape.entry import Entry, shape_entry
from loaders.shape.rows import Row
from loaders.shape.shaping import Shaped
from loaders.shape.sheets import read
from loaders.write.reach import reach
from loaders.write.reporting import rejects, report, unchanged
from loaders.write.writing import end_rows, retire_rows, write_difference, write_reviews, write_rows


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What a load did, and the rows it could not take as a workbook to correct (None: it took all)."""

    report: LoadReport
    rejects: Workbook | None


class _OutdatedError(Exception):
    """Another load was published between reconciling and writing."""


def load(store: Store, request: LoadRequest, progress: Progress | None = None) -> LoadResult:
    """Load files, folders and zips into the store, all or nothing.

    Raises InputError when a file named explicitly cannot be used or when too much would be retired; the store is then
    unchanged.
    """
    declared = ledgers(request.locality.precedence)
    shaped, skipped = read(request.paths, declared, request.mapping, progress)
    options = repr((request.locality.home, request.division, request.mapping, request.complete))
    return _load(store, request, shaped, skipped, _purpose(request.paths, options), progress)


def enter(store: Store, entry: Entry, request: LoadRequest) -> LoadResult:
    """Load rows that were stated and stand in no file, as `load` does those of `request.paths`, of which it has none.

    Raises InputError where one of them cannot be taken; the store is then unchanged.
    """
    shaped = shape_entry(entry, ledgers(request.locality.precedence))
    digest = hashlib.blake2b(repr((request.locality.home, entry)).encode(), digest_size=4).hexdigest()
    return _load(store, request, [shaped], [], f"登记 {entry.file}（{digest}）", None)


def _load(
    store: Store,
    request: LoadRequest,
    shaped: Sequence[Shaped],
    skipped: Sequence[FileReport],
    purpose: str,
    progress: Progress | None,
) -> LoadResult:
    """Match the rows, fold them and write the difference; from the start where another load comes between."""
    declared = ledgers(request.locality.precedence)
    while True:
        try:
            with store.reader(resuming=purpose) as reader:
                if progress:
                    progress("核对", 0, 1)
                reconciled = reconcile(reader, shaped, skipped, declared, request)
                if reconciled.too_many and not (request.preview or request.confirmed):
                    raise InputError(reconciled.too_many)
                if reconciled.nothing_new:
                    return LoadResult(replace(unchanged(reader, reconciled), preview=request.preview), rejects(shaped))
                if request.preview:
                    live = rows_after(reader, reconciled, declared)
                    combined = combine(reader, live, declared, reconciled.minted_regions)
                    made = _report(reconciled, live, combined)
                    return LoadResult(replace(made, preview=True, revision=reconciled.revision), rejects(shaped))
        except StoreMovedError:
            # another load was published meanwhile, on a server that keeps no older revision to reconcile with
            continue
        try:
            with store.writer(request.author, purpose) as opened:
                if opened.revision != reconciled.revision:
                    raise _OutdatedError
                if progress:
                    progress("写入", 0, 1)
                made = _write(Recording(opened), reconciled, declared, request)
        except _OutdatedError:
            continue
        return LoadResult(made, rejects(shaped))


def _write(
    writer: Recording, reconciled: Reconciliation, declared: Mapping[str, Ledger], request: LoadRequest
) -> LoadReport:
    """The rows of a load, the graph that all rows make with them, and the revision that both are."""
    made = _write_facts(writer, reconciled, declared)
    reconciled.let_go()
    files = sorted({f.file for f in made.files if f.ledger})
    note = f"载入 {len(files)} 个文件：{'、'.join(files[:5])}{'等' if len(files) > 5 else ''}"
    commit(
        writer, "load", request.author, note,
        book=request.book, locality=request.locality, as_of=request.as_of or dt.date.today(),
    )  # fmt: skip
    return made


def _write_facts(writer: Recording, reconciled: Reconciliation, declared: Mapping[str, Ledger]) -> LoadReport:
    revision = reconciled.revision + 1
    live = rows_after(writer, reconciled, declared)
    # the rows first: a store may write them while what they say is folded
    end_rows(writer, reconciled.ended, revision)
    retire_rows(writer, reconciled.retired, revision)
    write_rows(writer, reconciled.new, reconciled.import_id, revision)
    combined = combine(writer, live, declared, reconciled.minted_regions)
    within = reach(reconciled, live, declared, combined.reviews_before)
    made = _report(reconciled, live, combined)
    _write_graph(writer, combined, revision, within)
    text = json.dumps(made.to_json(), ensure_ascii=False)
    writer.upsert(
        "Import", pa.table({"id": [reconciled.import_id], "change": [revision], "state": ["done"], "report": [text]})
    )
    return made


def _write_graph(
    writer: Recording, combined: Combined, revision: int, within: frozenset[tuple[str, ...]] | None
) -> None:
    write_difference(writer, load_ontology(), combined.folded, within)
    write_reviews(writer, combined.folded.reviews.found, combined.reviews_before, revision)


def _report(reconciled: Reconciliation, live: Sequence[Row], combined: Combined) -> LoadReport:
    """What becomes of every row of every file, those that an open Review marks counted."""
    marked = {r for v in combined.folded.reviews.found.values() if v["state"] == OPEN for r in v["rows"]}
    open_groups = {(r.ledger, r.entity) for r in live if r.id in marked} if marked else set()
    return report(reconciled, open_groups, reconciled.revision + 1)


def _purpose(paths: Sequence[Path], options: str) -> str:
    """What a load is for, in words; another one has another digest, and the same one always the same."""
    digest = hashlib.blake2b(options.encode(), digest_size=4)
    for path in paths:
        inside = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
        for file in inside:
            digest.update(f"\n{file.relative_to(path.parent)}\n".encode())
            with file.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "blake2b").digest())
    names = "、".join(path.name for path in paths[:3]) + ("等" if len(paths) > 3 else "")
    return f"载入台账 {names}（{digest.hexdigest()}）"


def undo(store: Store, author: str, book: Book, locality: Locality, as_of: dt.date | None = None) -> int:
    """Take back the last load that has not been taken back; the new revision. InputError if there is none.

    `as_of`: see LoadRequest.
    """
    declared = ledgers(locality.precedence)
    with store.writer(author, "撤销载入") as opened:
        writer = Recording(opened)
        last = _last_load(writer)
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
        combined = combine(writer, rows_at(writer, declared, revision), declared)
        _write_graph(writer, combined, revision, None)
        note = f"撤销第 {last} 版的导入"
        return commit(
            writer, "undo", author, note, book=book, locality=locality, as_of=as_of or dt.date.today(), undoes=last
        )


def _last_load(reader: Reader) -> int:
    """The number of the last load that has not been taken back. InputError if there is none."""
    changes = reader.query(
        "MATCH (c:Change) WHERE c.number <= $revision "
        "RETURN c.number AS number, c.kind AS kind, c.undoes AS undoes ORDER BY number",
        # an undo broken off may have left its own, which nobody saw
        {"revision": reader.revision},
    ).to_pylist()
    undone = {c["undoes"] for c in changes}
    loads: list[int] = [c["number"] for c in changes if c["kind"] == "load" and c["number"] not in undone]
    if not loads:
        raise InputError("没有可以撤销的导入。")
    return loads[-1]


__all__ = ["Entry", "LoadRequest", "LoadResult", "enter", "inspect", "load", "undo"]
