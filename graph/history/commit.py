"""Makes a revision of what was written: the only place that does, and it measures each one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TypeVar

import pyarrow as pa

from graph.errors import StoreUnfinishedError
from graph.faults import Fault, Faults
from graph.history.measurements import WriteLostError, measure, outdated
from graph.history.touched import Recording, reads
from graph.ids import mint
from graph.locality import Locality
from graph.ontology import load as load_ontology
from graph.rules.book import Book
from graph.stores.base import Reader, Store

T = TypeVar("T")


def commit(
    writer: Recording,
    kind: str,
    author: str,
    note: str,
    *,
    book: Book,
    locality: Locality,
    as_of: dt.date,
    undoes: int | None = None,
    fold_digest: str = "",
    faults: Faults | None = None,
) -> int:
    """Make what was written the next revision; its number.

    Rules that fail are among the `faults` met. Raises WriteLostError where one took the write with it (see `without`).

    Units are sorted into bases again, and rules measured again, where the write or other settings can have changed
    the result. The Change is written last: it numbers the revision. `fold_digest` says how the rows were folded, ''
    where none were.
    """
    ontology = load_ontology()
    revision = writer.revision + 1
    digest = book.bases_digest(locality)
    sorted_by_these = digest == sorting(writer) and not writer.unfinished
    bases = (query.cypher for base in book.bases.values() for query in (base.member, base.undecided))
    if not sorted_by_these or reads(bases, ontology).any_of(writer.touched):
        book.refresh(writer, locality, as_of)
    measure(writer, book, locality, as_of, revision, writer.touched if sorted_by_these else None, faults)
    row = {
        "id": mint(ontology.nodes["Change"].prefix, str(revision)),
        "number": revision,
        "kind": kind,
        "author": author,
        "at": dt.datetime.now().astimezone().isoformat(timespec="seconds"),
        "as_of": as_of,
        "note": note,
        "bases_digest": digest,
        **({} if undoes is None else {"undoes": undoes}),
        **({"fold_digest": fold_digest} if fold_digest else {}),
    }
    writer.upsert("Change", pa.Table.from_pylist([row]))
    return revision


def without(attempt: Callable[[Faults], T]) -> tuple[T, tuple[Fault, ...]]:
    """What `attempt` gives, with the faults of the rules that its commit measured.

    It makes a whole write, which is made again without each rule that failed and took it along.
    """
    known = Faults()
    while True:
        faults = known.apart()
        try:
            return attempt(faults), tuple(faults.met.values())
        except WriteLostError:
            # the rule is known as off, of what is written after the same revision
            continue


def sorting(reader: Reader) -> str:
    """The digest of the bases by which units were last sorted, '' for none."""
    last = reader.query(
        "MATCH (c:Change) WHERE c.bases_digest <> '' RETURN c.bases_digest AS digest ORDER BY c.number DESC LIMIT 1"
    )
    return str(last["digest"][0].as_py()) if last.num_rows else ""


def renew(store: Store, author: str, book: Book, locality: Locality, as_of: dt.date) -> bool:
    """Commit a revision where the last one was made by other rules, parameters or bases; whether it did.

    It is called before any other write, so that what the rules change and what the data change are two revisions.
    A write that was broken off must be completed first.
    """
    digest = book.bases_digest(locality)
    purpose = f"更新口径（{digest}）"

    def current(reader: Reader) -> bool:
        return sorting(reader) == digest and not outdated(reader, book, locality, as_of)

    try:
        with store.reader(resuming=purpose) as reader:
            if not reader.unfinished and (not reader.revision or current(reader)):
                return False
    except StoreUnfinishedError:
        return False

    def write(faults: Faults) -> bool:
        with store.writer(author, purpose) as opened:
            writer = Recording(opened)
            if not writer.unfinished and current(writer):
                return False
            moved = sorting(writer) != digest
            note = "口径的文件或参数有变，重新划定各单位所属口径" if moved else "规则或参数有变，重新计量"
            commit(writer, "bases", author, note, book=book, locality=locality, as_of=as_of, faults=faults)
        return True

    return without(write)[0]
