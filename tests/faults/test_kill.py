"""A load, or its server, killed in the middle leaves a complete revision, and no reader an error; see tests/torture."""

from __future__ import annotations

from pathlib import Path

from tests import neo4j_server
from tests.places import Place
from tests.torture import torture

KILLS = 3


def test_killed_loads_leave_a_complete_revision(tmp_path: Path) -> None:
    *kills, summary = torture(Place(str(tmp_path / "kill.lbug")), tmp_path, KILLS, rows=500)
    assert len(kills) == KILLS
    assert "without an error" in summary


def test_killed_loads_and_a_killed_server_leave_a_complete_revision(
    place: Place, server: neo4j_server.Server, tmp_path: Path
) -> None:
    *kills, summary = torture(place, tmp_path, KILLS, server=server, rows=500)
    assert [line.split(" killed")[0] for line in kills] == ["1: load", "2: server", "3: load in batches"]
    assert "without an error" in summary
