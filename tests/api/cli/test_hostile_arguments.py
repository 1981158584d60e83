"""The command line with any arguments: done or refused in a sentence, with a status of the contract, never a defect."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from api import log
from api.cli.run import INTERRUPTED, main
from tests.api.cli.hostile import SPECIAL, commands, furnish

Capture = pytest.CaptureFixture[str]
#: more of them for `make torture`
EXAMPLES = int(os.environ.get("TORTURE_EXAMPLES", "120"))
#: seconds within which a command ends, whatever it is asked
PATIENCE = 60


@pytest.fixture
def room(county: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory with the special paths, without settings of the environment."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("LIANGXIN_")]:
        monkeypatch.delenv(name)
    furnish(tmp_path, county)
    return tmp_path


@pytest.fixture
def served_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A server that starts and is interrupted at once."""
    import uvicorn

    monkeypatch.setattr(uvicorn.Server, "run", lambda *_, **__: None)
    monkeypatch.setattr(log, "to_file", lambda *_: tmp_path)
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def said(capsys: Capture, arguments: list[str], status: int) -> str:
    """Check what a command answers, and return its message."""
    got = main(arguments)
    out, err = capsys.readouterr()
    assert got == status, (arguments, got, err)
    assert "Traceback" not in out + err, arguments
    if status:
        assert out == "", arguments
        assert err.count("\n") == 1, (arguments, err)
        assert err.rstrip("\n").endswith(("。", "？")), (arguments, err)
    return err


@pytest.mark.timeout(PATIENCE)
@pytest.mark.parametrize("path", SPECIAL)
def test_what_is_no_ordinary_file_is_refused_wherever_it_is_given(
    room: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    word = SPECIAL[path]
    own = ["--store", "县.lbug"]
    before = (room / "县.lbug").read_bytes()
    for command in (["ask", "overview"], ["load", "企业.csv"], ["verify"], ["undo"], ["export", "出"], ["import", "文件夹.csv"],
                    ["report", "出.html"], ["serve", "--port", "0"]):  # fmt: skip
        if command[0] != "import":
            assert word in said(capsys, ["--store", path, *command], 3), command
    assert word in said(capsys, ["copy", "--from", path, "--to", "新.lbug"], 3)
    assert word in said(capsys, ["copy", "--from", "县.lbug", "--to", path], 3)
    for command in (["load", "企业.csv", "--mapping", path], ["inspect", "企业.csv", "--mapping", path]):
        assert word in said(capsys, [*own, *command], 2), command
    if word != "文件夹":
        assert word in said(capsys, [*own, "load", path], 2)
        said(capsys, [*own, "inspect", path], 2)
    for command in (["ask", "units", "--format", "csv", "--out", path],):
        assert word in said(capsys, [*own, *command], 2), command
    for command in (["import", path], ["export", path], ["sample", path, "--place", "戊街道", "--units", "100"]):
        if word != "文件夹":
            assert word in said(capsys, [*own, *command], 2), command
    if "\0" not in path:
        monkeypatch.setenv("LIANGXIN_SETTINGS", path)
        assert word in said(capsys, [*own, "ask", "overview"], 2)
        monkeypatch.delenv("LIANGXIN_SETTINGS")
        monkeypatch.setenv("LIANGXIN_NEO4J_PASSWORD_FILE", path)
        assert word in said(capsys, ["--store", "bolt://127.0.0.1:9", "ask", "overview"], 3)
        monkeypatch.delenv("LIANGXIN_NEO4J_PASSWORD_FILE")
        if word != "文件夹":
            monkeypatch.setenv("LIANGXIN_RULES_FOLDER", path)
            assert word in said(capsys, [*own, "rules"], 2)
    assert (room / "县.lbug").read_bytes() == before


def test_the_root_is_no_store(room: Path, capsys: Capture) -> None:
    for command in (["ask", "overview"], ["load", "企业.csv"], ["verify"]):
        assert "是文件夹" in said(capsys, ["--store", "/", *command], 3)


def test_a_file_that_cannot_be_read_is_skipped_with_a_word(room: Path, capsys: Capture) -> None:
    folder = room / "台账"
    folder.mkdir()
    (folder / "企业.csv").write_text((room / "企业.csv").read_text(encoding="utf-8"), encoding="utf-8")
    # an ordinary file to the system, and an error to whoever reads it
    (folder / "读不出.csv").symlink_to("/proc/self/mem")
    os.mkfifo(folder / "管道.csv")
    assert main(["--store", "新.lbug", "load", "台账"]) == 0
    out, err = capsys.readouterr()
    assert "读不出.csv" in out
    assert "管道.csv" in out
    assert "故障" not in err


@pytest.mark.timeout(0)
def test_no_arguments_are_a_defect(room: Path, capsys: Capture, served_once: None) -> None:
    count = [0]

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(arguments=commands())
    def run(arguments: list[str]) -> None:
        store = room / "县.lbug"
        before = store.read_bytes()
        late = threading.Timer(PATIENCE, lambda: os.kill(os.getpid(), signal.SIGINT))
        late.start()
        try:
            status = main(arguments)
        finally:
            late.cancel()
        out, err = capsys.readouterr()
        assert status in (0, 2, 3) or (status == INTERRUPTED and "serve" in arguments), (arguments, status, err)
        assert "Traceback" not in out + err, arguments
        if status in (2, 3):
            assert err.rstrip("\n").endswith(("。", "？")), (arguments, err)
            assert store.read_bytes() == before, arguments
        count[0] += 1

    run()
    assert count[0] >= EXAMPLES
