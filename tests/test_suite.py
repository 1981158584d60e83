"""The suite itself: a test that hangs fails by name, its browser is replaced, and -k matches Chinese in ids."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.browsers import CHROMIUM, CHROMIUM_91
from tests.conftest import lacking

ROOT = Path(__file__).parent.parent
_WAITING = """
import threading
import pytest

@pytest.mark.timeout(5)
def test_waits_for_a_page(WHICH):
    page = WHICH.new_context().new_page()
    page.evaluate("() => { while (true) {} }")

@pytest.mark.timeout(60)
def test_has_another_browser(WHICH):
    context = WHICH.new_context()
    assert context.new_page().evaluate("1 + 1") == 2
    context.close()

@pytest.mark.timeout(2)
def test_waits_for_a_thread():
    threading.Event().wait()

@pytest.mark.parametrize("place", ["丁市", "乙市", "一行\\n又一行", b"\\xff", "\\udcff"])
def test_of_a_place(place):
    assert place
"""


def run(file: Path, *options: str) -> str:
    """The output of pytest for a file under the settings of the suite."""
    line = [sys.executable, "-m", "pytest", f"--rootdir={ROOT}", f"--config-file={ROOT / 'pyproject.toml'}"]
    line += ["-p", "tests.browsers", "-p", "tests.conftest", "-p", "no:cacheprovider", "-rA", *options, str(file)]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False).stdout


@pytest.mark.parametrize(("which", "path"), [("browser", CHROMIUM), ("old_browser", CHROMIUM_91)])
def test_a_test_that_waits_fails_where_it_waits_and_the_next_has_another_browser(
    which: str, path: Path, tmp_path: Path
) -> None:
    if not path.exists():
        lacking(f"没有 {path}，这项测试跳过。请执行：sh tests/setup.sh")
    file = tmp_path / "test_waiting.py"
    file.write_text(_WAITING.replace("WHICH", which), encoding="utf-8")
    output = run(file)
    assert "test_has_another_browser" in output.partition("PASSED")[2]
    assert "2 failed, 6 passed" in output
    assert "Timeout (>5.0s) from pytest-timeout" in output
    for name, line in (("page", "page.evaluate("), ("thread", "threading.Event().wait()")):
        assert f"_ test_waits_for_a_{name} _" in output
        assert f">       {line}" in output


def test_a_test_is_found_by_the_chinese_in_its_id(tmp_path: Path) -> None:
    file = tmp_path / "test_waiting.py"
    file.write_text(_WAITING.replace("WHICH", "browser"), encoding="utf-8")
    output = run(file, "-k", "丁市", "-n1")
    assert "1 passed" in output
    assert "test_of_a_place[丁市]" in output
    # ids with unprintable characters are escaped
    assert "5 passed" in run(file, "-k", "of_a_place", "-n1")
