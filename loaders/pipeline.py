"""A load, read as a sentence: read the files, shape their rows, match them, fold them, write the difference."""

from __future__ import annotations

import contextlib
import datetime as dt
import gc
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from graph.answers import LoadReport
from graph.errors import InputError, StoreMovedError
from graph.history.measurements import measure
from graph.locality import Locality
from graph.ontology import load as load_ontology
from graph.rules.book import Book
from graph.stores.base import Store, Writer
from graph.workbook import Workbook
from loaders import state
from loaders.inspecting import inspect
from loaders.ledgers import Ledger, ledgers
from loaders.mapping import SheetMapping
from loaders.naming import mint
from loaders.planning import Plan, fold, outcome, plan, rows_after, unchanged
from loaders.reading import Progress, read, rejects


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What a load did, and the rows it could not take as a workbook to correct (None: it took all)."""

    report: LoadReport
    rejects: Workbook | None


class _OutdatedError(Exception):
    """Another load was published between planning and writing."""


def load(
    store: Store,
    paths: Sequence[Path],
    locality: Locality,
    *,
    author: str,
    book: Book,
    as_of: dt.date | None = None,
    division: str = "",
    mapping: Sequence[SheetMapping] = (),
    complete: Sequence[tuple[str, str]] = (),
    preview: bool = False,
    confirmed: bool = False,
    progress: Progress | None = None,
) -> LoadResult:
    """Load files, folders and zips into the store, all or nothing.

    `as_of` is the date (default: today) on which problems are measured afterwards, see graph.history.measurements.
    `division` is where rows lie that do not say so themselves; `complete` lists (ledger, division) pairs of
    which these files are the whole. Raises InputError when a file named explicitly cannot be used or when too
    much would be retired; the store is then unchanged.
    """
    with _without_collection():
        when = as_of or dt.date.today()
        return _load(
            store, paths, locality, author, book, when, division, mapping, complete, preview, confirmed, progress
        )


def _load(
    store: Store,
    paths: Sequence[Path],
    locality: Locality,
    author: str,
    book: Book,
    as_of: dt.date,
    division: str,
    mapping: Sequence[SheetMapping],
    complete: Sequence[tuple[str, str]],
    preview: bool,
    confirmed: bool,
    progress: Progress | None,
) -> LoadResult:
    declared = ledgers(locality.precedence)
    shaped, skipped = read(paths, declared, mapping, progress)
    purpose = _purpose(paths, repr((locality.home, division, mapping, complete)))
    while True:
        try:
            with store.reader(resuming=purpose) as reader:
                if progress:
                    progress("核对", 0, 1)
                planned = plan(reader, shaped, skipped, declared, locality, division, complete)
                if planned.too_many and not (preview or confirmed):
                    raise InputError(planned.too_many)
                if planned.nothing_new:
                    return LoadResult(replace(unchanged(reader, planned), preview=preview), rejects(shaped))
                if preview:
                    found = outcome(reader, planned, rows_after(reader, planned, declared), declared).report
                    return LoadResult(replace(found, preview=True, revision=planned.revision), rejects(shaped))
        except StoreMovedError:
            # another load was published meanwhile, on a server that keeps no older revision to plan on
            continue
        try:
            with store.writer(author, purpose) as writer:
                if writer.revision != planned.revision:
                    raise _OutdatedError
                if progress:
                    progress("写入", 0, 1)
                report = _write(writer, planned, declared, locality, book, author, as_of)
        except _OutdatedError:
            continue
        return LoadResult(report, rejects(shaped))


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


@contextlib.contextmanager
def _without_collection() -> Iterator[None]:
    """Hold the cycle collector back: a load makes millions of small objects and no cycles, and walks them in vain."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def undo(store: Store, author: str, book: Book, locality: Locality, as_of: dt.date | None = None) -> int:
    """Take back the last load that has not been taken back; the new revision. InputError if there is none.

    `as_of`: see load.
    """
    declared = ledgers(locality.precedence)
    with store.writer(author, "撤销载入") as writer:
        changes = writer.query(
            "MATCH (c:Change) WHERE c.number <= $revision "
            "RETURN c.number AS number, c.kind AS kind, c.undoes AS undoes ORDER BY number",
            # an undo broken off may have left its own, which nobody saw
            {"revision": writer.revision},
        )
        undone = {c["undoes"] for c in changes.to_pylist()}
        loads = [c["number"] for c in changes.to_pylist() if c["kind"] == "load" and c["number"] not in undone]
        if not loads:
            raise InputError("没有可以撤销的导入。")
        last = loads[-1]
        revision = writer.revision + 1
        now = {r.id: r for r in state.rows_at(writer, declared, writer.revision)}
        before = {r.id: r for r in state.rows_at(writer, declared, last - 1)}
        retired = writer.query(
            "MATCH (t:SourceRow) WHERE t.retired = $last AND t.ended IS NULL RETURN t.id AS id ORDER BY id",
            {"last": last},
        )["id"].to_pylist()
        revived = []
        for id_, row in before.items():
            if id_ not in now:
                copy = replace(row, own_id=mint("t", "undo", str(revision), id_), brought=revision)
                revived.append(copy)
        state.end_rows(writer, [i for i in now if i not in before], revision)
        state.write_rows(writer, revived, "", revision)
        state.retire_rows(writer, retired, None)
        live = state.rows_at(writer, declared, revision)
        folded, reviews = fold(writer, live, declared)
        state.write_difference(writer, load_ontology(), folded)
        state.write_reviews(writer, folded.reviews.found, reviews, revision)
        note = f"撤销第 {last} 版的导入"
        _change(writer, revision, "undo", author, note, book, locality, as_of or dt.date.today(), undoes=last)
    return revision


def _write(
    writer: Writer,
    planned: Plan,
    declared: Mapping[str, Ledger],
    locality: Locality,
    book: Book,
    author: str,
    as_of: dt.date,
) -> LoadReport:
    report = _write_facts(writer, planned, declared)
    planned.let_go()
    files = sorted({f.file for f in report.files if f.ledger})
    note = f"载入 {len(files)} 个文件：{'、'.join(files[:5])}{'等' if len(files) > 5 else ''}"
    _change(writer, report.revision, "load", author, note, book, locality, as_of)
    return report


def _write_facts(writer: Writer, planned: Plan, declared: Mapping[str, Ledger]) -> LoadReport:
    """The rows of a load, and the graph that all rows make with them."""
    revision = planned.revision + 1
    live = rows_after(writer, planned, declared)
    # the rows first: a store may write them while what they say is folded
    state.end_rows(writer, planned.ended, revision)
    state.retire_rows(writer, planned.retired, revision)
    state.write_rows(writer, planned.new, planned.import_id, revision)
    found = outcome(writer, planned, live, declared)
    state.write_difference(writer, load_ontology(), found.folded)
    state.write_reviews(writer, found.folded.reviews.found, found.reviews, revision)
    report = json.dumps(found.report.to_json(), ensure_ascii=False)
    writer.upsert(
        "Import", pa.table({"id": [planned.import_id], "change": [revision], "state": ["done"], "report": [report]})
    )
    return found.report


def _change(
    writer: Writer,
    revision: int,
    kind: str,
    author: str,
    note: str,
    book: Book,
    locality: Locality,
    as_of: dt.date,
    undoes: int | None = None,
) -> None:
    """Renew the membership of bases, measure, and commit the Change that numbers this revision."""
    digest = book.refresh(writer, locality)
    measure(writer, book, locality, as_of, revision)
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


__all__ = ["LoadResult", "inspect", "load", "undo"]
