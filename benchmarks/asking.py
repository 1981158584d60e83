"""Every question on one county: the first time after a load, and later ones in the same process."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

from api.bootstrap import Office, open_office
from api.viewer import Viewer, of_command_line
from benchmarks import county
from benchmarks.timing import Line, duration, medians
from graph.stores.base import Reader
from loaders.sample import REFERENCE_DATE


def measure(store: Path, runs: int) -> list[Line]:
    """Ask everything that can be asked of the store of county.write; the slowest questions first."""
    office = open_office(str(store), as_of=REFERENCE_DATE)
    viewer = of_command_line()
    first: dict[str, float] = {}
    later: dict[str, float] = {}
    with office.store.reader() as reader:
        given_of = {name: _given(office, reader, name) for name in office.questions}
    # a profile of a type that this county has none of cannot be asked for
    asked = {name: given for name, given in given_of.items() if given is not None}
    for name, given in asked.items():
        start = time.perf_counter()
        office.answer(name, given, viewer)
        first[name] = time.perf_counter() - start
        later[name] = medians({name: partial(office.answer, name, given, viewer)}, runs)[name]
    uncached = _without_cache(office, asked, viewer)
    office.store.close()
    lines: list[Line] = []
    for name in sorted(first, key=lambda n: -first[n]):
        ratio = later[name] / first[name]
        text = (
            f"first {duration(first[name])}, later {duration(later[name])}, computed again {duration(uncached[name])}"
        )
        worst = max(first[name] / 1.0, later[name] / 0.05)
        lines.append(Line(name, text, "its first time", ratio).limited(worst, 1, "1 s, later 50 ms"))
    return lines


def _given(office: Office, reader: Reader, name: str) -> dict[str, str] | None:
    """A required entity: the one with the smallest id; None if there is none."""
    given: dict[str, str] = {}
    for parameter in office.questions[name].parameters:
        if parameter.required and parameter.entity:
            query = f"MATCH (n:{parameter.entity}) RETURN min(n.id) AS id"
            found = reader.query(query)["id"][0].as_py()
            if not found:
                return None
            given[parameter.name] = str(found)
    return given


def _without_cache(office: Office, asked: dict[str, dict[str, str]], viewer: Viewer) -> dict[str, float]:
    """Each answer computed once more with all of the engine's own caches warm."""
    taken = {}
    for name, given in asked.items():
        start = time.perf_counter()
        # a parameter that changes nothing makes another key
        office.answer(name, given | {"as_of": REFERENCE_DATE.isoformat()}, viewer)
        taken[name] = time.perf_counter() - start
    return taken


def store_of(folder: Path, units: int) -> Path:
    """A store with every ledger of a county of `units` units."""
    path = folder / "asked.lbug"
    county.load_into(path, [county.write(folder / f"all-{units}", units)])
    return path
