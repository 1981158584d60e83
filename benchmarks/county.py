"""The ledgers and stores that are measured: the sample's 丁市 at any size, written to a folder."""

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
#: the one ledger that grows with the county
LEDGER = f"{PLACE}/非公企业台账.xlsx"


#: the columns of the 26-column ledger that is timed, by their place in the sample's, which has 47
COLUMNS = (*range(9), *range(13, 18), 20, 21, *range(22, 25), 32, *range(35, 39), 42, 43)


def narrow(workbook: Workbook) -> Workbook:
    """The enterprises' ledger cut to COLUMNS: what an office's ledger commonly asks, no names of organizations."""
    sheet = workbook.sheets[0]
    at = {old: new for new, old in enumerate(COLUMNS)}
    merges = [(a, at[b], c, at[d]) for a, b, c, d in sheet.merges if a > 1 and b in at and d in at]
    rows = ([row[i] for i in COLUMNS] for row in sheet.rows)
    return replace(workbook, sheets=[replace(sheet, rows=rows, merges=merges, widths=())])


def write(folder: Path, units: int, *, narrowed: bool = False) -> Path:
    """The sample's ledgers of so many units; the folder they are in. `narrowed`: only the enterprises', cut."""
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
    """Read and load into the store at `path`, which is made if it is absent; `rules` are all unless given."""
    store = EmbeddedStore(path, create=True)
    try:
        return load_on(store, files, rules)
    finally:
        store.close()


def load_on(store: Store, files: list[Path], rules: Book | None = None) -> LoadResult:
    """Read and load into a store of either engine; `rules` are all unless given."""
    request = LoadRequest(files, Locality(), "benchmarks", rules or book(), as_of=REFERENCE_DATE, division=PLACE)
    with alone():
        return load(store, request)
