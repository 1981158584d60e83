"""Times every question on one county: first after a load, and again in the same process."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from api.office import Office, open_office
from api.viewer import Viewer, of_command_line
from benchmarks import county
from benchmarks.timing import Line, duration, medians
from graph.stores.base import Reader
from loaders.sample import REFERENCE_DATE

#: units for which `why` is asked
EXPLAINED = 200


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of a question asked first, asked again, and computed again because its cache key differs."""

    first: float
    later: float
    again: float

    @property
    def slowest(self) -> float:
        """The longest of them."""
        return max(self.first, self.later, self.again)

    def __str__(self) -> str:
        return f"first {duration(self.first)}, later {duration(self.later)}, computed again {duration(self.again)}"


def measure(store: Path, runs: int) -> list[Line]:
    """Time every question on the store; the slowest first."""
    office = open_office(str(store), as_of=REFERENCE_DATE)
    with office.store.reader() as reader:
        parameters_of = {name: _parameters(office, reader, name) for name in office.questions}
    # a profile cannot be asked where the county has no entity of its type
    asked = {name: parameters for name, parameters in parameters_of.items() if parameters is not None}
    explained = _explained(office, of_command_line())
    taken = times(office, asked, of_command_line(), runs)
    office.close()
    lines: list[Line] = [explained]
    for name, seconds in sorted(taken.items(), key=lambda item: -item[1].first):
        worst = max(seconds.first / 1.0, seconds.later / 0.05)
        line = Line(name, str(seconds), "its first time", seconds.later / seconds.first)
        lines.append(line.limited(worst, 1, "1 s, later 50 ms"))
    return lines


def _explained(office: Office, viewer: Viewer) -> Line:
    """Time `why` for one unit after another: the first runs the rules, and the others use their results."""
    with office.store.reader() as reader:
        units = reader.query(f"MATCH (u:Unit) RETURN u.id AS id ORDER BY id LIMIT {EXPLAINED}")["id"].to_pylist()
    first, *others = (_taken(office, "why", {"unit": unit}, viewer) for unit in units)
    later = statistics.median(others)
    line = Line("why", f"first unit {duration(first)}, others {duration(later)}", "its first unit", later / first)
    return line.limited(max(first / 1.0, later / 0.05), 1, "1 s, others 50 ms")


def times(office: Office, asked: Mapping[str, dict[str, str]], viewer: Viewer, runs: int) -> dict[str, Times]:
    """Time each question with its parameters, the first time and again."""
    first: dict[str, float] = {}
    later: dict[str, float] = {}
    for name, parameters in asked.items():
        first[name] = _taken(office, name, parameters, viewer)
        later[name] = medians({name: partial(office.answer, name, parameters, viewer)}, runs)[name]
    # a parameter that changes nothing makes another key; all of the engine's own caches are warm
    dated = {"as_of": REFERENCE_DATE.isoformat()}
    return {
        name: Times(first[name], later[name], _taken(office, name, parameters | dated, viewer))
        for name, parameters in asked.items()
    }


def _taken(office: Office, name: str, parameters: dict[str, str], viewer: Viewer) -> float:
    start = time.perf_counter()
    office.answer(name, parameters, viewer)
    return time.perf_counter() - start


def _parameters(office: Office, reader: Reader, name: str) -> dict[str, str] | None:
    """Values for the required parameters of a question; None where there is no entity of a type.

    An entity is the one with the smallest id, the end of a path a unit, any other text a part of many names.
    """
    ends = {"from": "min", "to": "max"}
    parameters: dict[str, str] = {}
    for parameter in office.questions[name].parameters:
        if parameter.required and not parameter.entity:
            parameters[parameter.name] = "公司"
            if parameter.name in ends:
                query = f"MATCH (n:Unit) RETURN {ends[parameter.name]}(n.id) AS id"
                parameters[parameter.name] = str(reader.query(query)["id"][0].as_py())
        elif parameter.required:
            query = f"MATCH (n:{parameter.entity}) RETURN min(n.id) AS id"
            entity = reader.query(query)["id"][0].as_py()
            if not entity:
                return None
            parameters[parameter.name] = str(entity)
    return parameters


def store_of(folder: Path, units: int) -> Path:
    """The path of a store with all ledgers of a county of `units` units, made once."""
    path = folder / f"asked-{units}.lbug"
    if path.exists():
        return path
    county.load_into(path, [county.write(folder / f"all-{units}", units)])
    return path
