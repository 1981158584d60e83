"""Switches of the whole interpreter: a command that does nothing else turns them, a server that loads does not."""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import Any

import pytest

from api.cli.run import main
from loaders import pipeline
from loaders.write import writing
from tests.api.town import LEDGERS, Town


def _switches() -> tuple[bool, float]:
    return gc.isenabled(), sys.getswitchinterval()


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[tuple[bool, float]]:
    """The switches while the files are read and while the graph is written."""
    found: list[tuple[bool, float]] = []
    for where, name in ((pipeline, "recognize"), (pipeline, "write_difference"), (writing, "_stored_nodes")):
        usual = getattr(where, name)

        def noting(*words: Any, usual: Any = usual) -> Any:
            found.append(_switches())
            return usual(*words)

        monkeypatch.setattr(where, name, noting)
    return found


def test_a_server_that_loads_turns_none(copied: Town, seen: list[tuple[bool, float]]) -> None:
    usual = _switches()
    copied.load(("更多.csv", LEDGERS[1][1].replace("第1公司".encode("gb18030"), "第99公司".encode("gb18030"))))
    assert len(seen) > 2
    assert {*seen} == {usual} == {_switches()}


def test_a_command_turns_them_and_turns_them_back(
    tmp_path: Path, seen: list[tuple[bool, float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = _switches()
    monkeypatch.setenv("LIANGXIN_STORE", str(tmp_path / "a.lbug"))
    (tmp_path / "区划.csv").write_bytes(LEDGERS[0][1])
    assert main(["load", str(tmp_path / "区划.csv")]) == 0
    assert all(not collecting and interval < usual[1] for collecting, interval in seen)
    assert _switches() == usual
    assert main(["load", str(tmp_path / "没有.csv")]) == 2
    assert _switches() == usual
