"""Makes the ledgers and stores that are measured: 丁市 of the sample, at any size."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from api.cli.process import alone
from graph.locality import Locality
from graph.rules.book import Book, book
from graph.stores.base import Store
from graph.stores.ladybug.store import EmbeddedStore
from graph.workbook import Workbook
from loaders.pipeline import LoadRequest, LoadResult, load
from loaders.sample import REFERENCE_DATE, generate
from visualizations.sheets import writing

PLACE = "丁市"
#: the ledger that grows with the county
LEDGER = f"{PLACE}/非公企业台账.xlsx"


#: the positions, in the 47 columns of the sample's ledger, of the 26 columns of the timed ledger
COLUMNS = (*range(9), *range(13, 18), 20, 21, *range(22, 25), 32, *range(35, 39), 42, 43)


def narrow(workbook: Workbook) -> Workbook:
    """The ledger of enterprises cut to COLUMNS, which most offices' ledgers have."""
    sheet = workbook.sheets[0]
    at = {old: new for new, old in enumerate(COLUMNS)}
    merges = [(a, at[b], c, at[d]) for a, b, c, d in sheet.merges if a > 1 and b in at and d in at]
    rows = ([row[i] for i in COLUMNS] for row in sheet.rows)
    return replace(workbook, sheets=[replace(sheet, rows=rows, merges=merges, widths=())])


def write(folder: Path, units: int, *, narrowed: bool = False) -> Path:
    """Write the ledgers of a county of `units` units; returns their folder. `narrowed` writes only `narrow`'s ledger."""
    for workbook in generate(PLACE, units=units):
        if narrowed:
            if workbook.name != LEDGER:
                continue
            workbook = narrow(workbook)
        path = folder / workbook.name
        path.parent.mkdir(parents=True, exist_ok=True)
        writing.write(workbook, path)
    return folder


def load_into(path: Path, files: list[Path], rules: Book | None = None) -> LoadResult:
    """Load files into the store at `path`, made if absent; measured by `rules`, all by default."""
    store = EmbeddedStore(path, create=True)
    try:
        return load_on(store, files, rules)
    finally:
        store.close()


def load_on(store: Store, files: list[Path], rules: Book | None = None) -> LoadResult:
    """Load files into a store; measured by `rules`, all by default."""
    request = LoadRequest(files, Locality(), "benchmarks", rules or book(), as_of=REFERENCE_DATE, division=PLACE)
    with alone():
        return load(store, request)
