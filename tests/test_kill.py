"""A load killed in the middle leaves a complete revision, and no reader an error. `make torture` kills 20."""

from __future__ import annotations

from pathlib import Path

from tests.torture import torture


def test_killed_loads_leave_a_complete_revision(tmp_path: Path) -> None:
    lines = list(torture(tmp_path, kills=3, rows=500))
    assert len(lines) == 5
    assert lines[-1].endswith("without an error")
