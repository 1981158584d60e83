"""The ledgers and stores that are measured: the sample's 丁市 at any size, written to a folder."""

from __future__ import annotations

from pathlib import Path

from graph.locality import Locality
from graph.rules.book import book
from graph.stores.embedded import EmbeddedStore
from loaders.pipeline import LoadResult, load
from loaders.sample import generate
from visualizations import sheets

PLACE = "丁市"
#: the one ledger that grows with the county
LEDGER = f"{PLACE}/非公企业台账.xlsx"


def write(folder: Path, units: int) -> Path:
    """The sample's ledgers of so many units; the folder they are in."""
    for workbook in generate(PLACE, units=units):
        path = folder / workbook.name
        path.parent.mkdir(parents=True, exist_ok=True)
        sheets.write(workbook, path)
    return folder


def load_into(path: Path, files: list[Path]) -> LoadResult:
    """Read and load into the store at `path`, which is made if it is absent."""
    store = EmbeddedStore(path, create=True)
    try:
        return load(store, files, Locality(), author="benchmarks", book=book(), division=PLACE)
    finally:
        store.close()
