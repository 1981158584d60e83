"""Times the question `changes` on a large county after one unit in twenty changed, beside pandas."""

from __future__ import annotations

import csv
import shutil
from functools import partial
from pathlib import Path

from api.office import open_office
from api.viewer import of_command_line
from benchmarks import asking, county
from benchmarks.timing import Line, duration, medians
from graph.stores.ladybug.store import EmbeddedStore
from loaders.sample import REFERENCE_DATE
from tests import opinion

UNITS, EVERY = 50_000, 20
CHANGES_WITHIN = 2.0


def measure(folder: Path, runs: int, units: int = UNITS) -> list[Line]:
    """Time `changes` first after a load that changed every twentieth unit, and again."""
    path = folder / f"changed-{units}.lbug"
    shutil.copyfile(asking.store_of(folder, units), path)
    ledger = folder / "非公企业台账.csv"
    touched = _touch(path, ledger)
    county.load_into(path, [ledger])
    office = open_office(str(path), as_of=REFERENCE_DATE)
    times = asking.times(office, {"changes": {}}, of_command_line(), runs)["changes"]
    listed = len(office.answer("changes", {}, of_command_line()).rows)
    office.close()
    read, asked = opinion.read(folder / f"all-{units}" / county.PLACE), opinion.Parameters(REFERENCE_DATE)
    peer = 2 * medians({"pandas": partial(opinion.findings, read, asked)}, runs)["pandas"]
    name = f"changes: {listed:,} after {touched:,} rows"
    line = Line(name, str(times), f"pandas in memory, before and after {duration(peer)}", times.first / peer)
    return [line.limited(times.slowest, CHANGES_WITHIN, duration(CHANGES_WITHIN))]


def _touch(path: Path, ledger: Path) -> int:
    """Write a ledger with other numbers for every twentieth unit of the store; returns their count."""
    store = EmbeddedStore(path)
    with store.reader() as reader:
        query = (
            "MATCH (u:Unit)-[:LOCATED_IN]->(r:Region) WHERE u.listed AND u.kind = '企业' AND r.kind = '镇街' "
            "RETURN u.name AS name, r.name AS town ORDER BY u.id"
        )
        rows = reader.query(query).to_pylist()[::EVERY]
    store.close()
    with ledger.open("w", encoding="utf-8", newline="") as file:
        write = csv.writer(file)
        write.writerow(["企业名称", "所属镇街", "从业人员数量", "正式党员数"])
        write.writerows((row["name"], row["town"], number % 150, number % 5) for number, row in enumerate(rows))
    return len(rows)
