"""What someone states in a form, entered into the sample of all five places: a 暂缓, and decisions on 待核实."""

from __future__ import annotations

import shutil
import statistics
import time
from contextlib import closing
from pathlib import Path

from benchmarks.timing import Line, duration
from graph.locality import Locality
from graph.rules.book import book
from graph.stores.base import Store
from graph.stores.ladybug.store import EmbeddedStore
from loaders.pipeline import Entry, LoadRequest, enter, load
from loaders.sample import REFERENCE_DATE, generate
from visualizations.sheets import writing

WITHIN = 1.0
_REVIEWS = "MATCH (v:Review) WHERE v.state = 'open' AND v.kind = $kind RETURN v.id AS id ORDER BY id"
#: a unit and the division it lies in, as the form writes them
_UNIT = "MATCH (u:Unit)-[:LOCATED_IN]->(r:Region) WHERE u.listed RETURN u.id AS id, r.code AS code ORDER BY id LIMIT 1"


def measure(folder: Path, runs: int) -> list[Line]:
    """Enter each kind of row, each time into a copy of the same store."""
    whole, path = folder / "entered-whole.lbug", folder / "entered.lbug"
    for workbook in generate():
        target = folder / "entered" / workbook.name
        target.parent.mkdir(parents=True, exist_ok=True)
        writing.write(workbook, target)
    with closing(EmbeddedStore(whole, create=True)) as store:
        load(store, _request([folder / "entered"]))
        with store.reader() as reader:
            unit = reader.query(_UNIT).to_pylist()[0]
            lookalike, dangling = (
                reader.query(_REVIEWS, {"kind": kind})["id"][0].as_py() for kind in ("lookalike", "dangling")
            )
    deferral = {"title": "空白点", "reason": "筹备开业", "approved_by": "县工委", "until": "2026-12-31"}
    deferral |= {"subject": unit["id"], "@placed": unit["code"]}
    cases = {
        "a 暂缓": (Entry("deferrals", [deferral], "登记", "表"), WITHIN),
        "a reference ignored": (Entry("decisions", [{"id": dangling, "decision": "忽略"}], "登记", "表"), WITHIN),
        "two units kept apart": (Entry("decisions", [{"id": lookalike, "decision": "分开"}], "登记", "表"), WITHIN),
        # whatever is about units is compared and measured
        "two units merged": (Entry("decisions", [{"id": lookalike, "decision": "合并"}], "登记", "表"), None),
    }
    lines = []
    for name, (entry, within) in cases.items():
        times = []
        for _ in range(runs):
            shutil.copyfile(whole, path)
            with closing(EmbeddedStore(path)) as store:
                times.append(_seconds(store, entry))
        line, median = Line(name, duration(statistics.median(times))), statistics.median(times)
        lines.append(line if within is None else line.limited(median, within, duration(within)))
    return lines


def _request(paths: list[Path]) -> LoadRequest:
    return LoadRequest(paths, Locality(), "benchmarks", book(), as_of=REFERENCE_DATE)


def _seconds(store: Store, entry: Entry) -> float:
    start = time.perf_counter()
    enter(store, entry, _request([]))
    return time.perf_counter() - start
