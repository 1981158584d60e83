"""What a command imports, counted in a process of its own: a start that is quick stays quick."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
#: takes long to import and is needed by few commands
ALWAYS_HEAVY = {"fastapi", "neo4j", "pandas", "pydantic", "pypinyin", "uvicorn", "vl_convert", "xlsxwriter"}
COMMANDS = {
    "questions": ALWAYS_HEAVY | {"jinja2", "ladybug", "networkx", "rustworkx", "scipy", "stdnum"},
    "rules": ALWAYS_HEAVY | {"jinja2", "ladybug", "networkx", "rustworkx", "scipy", "stdnum"},
    "ask overview": ALWAYS_HEAVY | {"jinja2", "networkx", "rustworkx", "scipy", "stdnum"},
    "--help": ALWAYS_HEAVY | {"ladybug", "networkx", "numpy", "pyarrow", "rich", "rustworkx", "scipy", "yaml"},
}
_COUNT = """
import contextlib, io, sys
from api.cli.run import main
with contextlib.redirect_stdout(io.StringIO()):
    status = main()
print(*{name.partition(".")[0] for name in sys.modules})
sys.exit(status)
"""


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_imports_only_what_it_needs(command: str, county: Path) -> None:
    line = [sys.executable, "-c", _COUNT, "--store", str(county), *command.split()]
    ran = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    imported = set(ran.stdout.split())
    assert "api" in imported
    assert not imported & COMMANDS[command]
