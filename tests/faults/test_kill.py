"""A load killed in the middle leaves a complete revision, and no reader an error; see tests/torture."""

from __future__ import annotations

from pathlib import Path

from tests.places import Place
from tests.torture import torture

KILLS = 3


def test_killed_loads_leave_a_complete_revision(tmp_path: Path) -> None:
    *kills, summary = torture(Place(str(tmp_path / "kill.lbug")), tmp_path, KILLS, rows=500)
    assert len(kills) == KILLS
    assert "without an error" in summary


def test_killed_loads_leave_a_server_at_a_complete_revision(place: Place, tmp_path: Path) -> None:
    # the server itself is killed in test_server.py
    *kills, summary = torture(place, tmp_path, KILLS, rows=500)
    assert [line.split(" killed")[0] for line in kills] == ["1: load", "2: load in batches", "3: load"]
    assert "without an error" in summary
