"""Times all rules together beside the same rules in pandas over the same workbooks."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from benchmarks import asking, county
from benchmarks.timing import Line, duration, medians
from graph.locality import Locality
from graph.ontology import load as load_ontology
from graph.rules.book import book
from graph.rules.inquiry import Inquiry
from graph.stores.ladybug.store import EmbeddedStore
from loaders.sample import REFERENCE_DATE
from tests import opinion

#: most seconds of all rules, by units
LIMITS = {6_000: 1.0, 50_000: 10.0}


def measure(folder: Path, units: int, runs: int) -> list[Line]:
    """Time all rules on a county of `units` units, and pandas from memory and from the workbooks."""
    path = asking.store_of(folder, units)
    ledgers = folder / f"all-{units}" / county.PLACE
    read = opinion.read(ledgers)
    context = Inquiry(REFERENCE_DATE, Locality(), load_ontology(), book=book())
    store = EmbeddedStore(path)
    asked = opinion.Parameters(REFERENCE_DATE)

    def run() -> None:
        with store.reader() as reader:
            book().outcomes(reader, book().rules, context)

    taken = medians(
        {
            "all": run,
            "pandas": partial(opinion.findings, read, asked),
            "workbooks": lambda: opinion.findings(opinion.read(ledgers), asked),
        },
        runs,
    )
    store.close()
    most = LIMITS[units]
    name = f"all {len(book().rules)} rules"
    everything, memory, workbooks = taken["all"], taken["pandas"], taken["workbooks"]
    return [
        Line(name, duration(everything)).limited(everything, most, duration(most)),
        Line(name, "", f"pandas in memory {duration(memory)}", everything / memory),
        Line(name, "", f"pandas from the workbooks {duration(workbooks)}", everything / workbooks),
    ]
