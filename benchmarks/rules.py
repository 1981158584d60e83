"""All rules together, beside the same questions worked out in pandas over the same workbooks."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from benchmarks import asking, county, spreadsheets
from benchmarks.timing import Line, duration, medians
from graph.locality import Locality
from graph.ontology import load as load_ontology
from graph.questions.base import Context
from graph.rules.book import book
from graph.stores.embedded import EmbeddedStore
from loaders.sample import REFERENCE_DATE

#: units: seconds of all rules after a load
LIMITS = {6_000: 1.0, 50_000: 10.0}


def measure(folder: Path, units: int, runs: int) -> list[Line]:
    """Every rule on a county of so many units, and those that pandas answers too, read anew and from memory."""
    path = asking.store_of(folder, units)
    ledgers = folder / f"all-{units}" / county.PLACE
    read = spreadsheets.read(ledgers)
    context = Context(REFERENCE_DATE, Locality(), book(), load_ontology())
    store = EmbeddedStore(path)

    def run(rules: list[str]) -> None:
        with store.reader() as reader:
            for rule in rules:
                book().run(reader, rule, context)

    both = list(spreadsheets.findings(read, REFERENCE_DATE))
    taken = medians(
        {
            "all": partial(run, list(book().rules)),
            "both": partial(run, both),
            "pandas": partial(spreadsheets.findings, read, REFERENCE_DATE),
            "workbooks": lambda: spreadsheets.findings(spreadsheets.read(ledgers), REFERENCE_DATE),
        },
        runs,
    )
    store.close()
    most = LIMITS[units]
    everything = Line(f"all {len(book().rules)} rules", duration(taken["all"]))
    shared = f"the {len(both)} rules that pandas answers too"
    memory, workbooks = taken["pandas"], taken["workbooks"]
    return [
        everything.limited(taken["all"], most, duration(most)),
        Line(shared, duration(taken["both"]), f"pandas in memory {duration(memory)}", taken["both"] / memory),
        Line(shared, "", f"pandas from the workbooks {duration(workbooks)}", taken["both"] / workbooks),
    ]
