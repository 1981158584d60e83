"""CONTRIBUTING.md is followed to the letter: each recipe is carried out in a copy of the tree of its own."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "CONTRIBUTING.md"
_BLOCK = re.compile(r"^( *)```(\w+)([^\n]*)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
#: what a recipe needs of the tree
_PARTS = ("api", "docs", "graph", "loaders", "tests", "visualizations", "Makefile", "pyproject.toml", "README.md")
#: the rule of its recipe in a small county: found as often as was planted there, and as pandas finds it
_OPINIONS = """
from pathlib import Path
from graph.ontology import load as load_ontology
from graph.rules.book import book
from graph.rules.inquiry import Inquiry
from graph.stores.ladybug.store import EmbeddedStore
from loaders import pipeline
from loaders.sample import REFERENCE_DATE, generate, planted
from tests.opinion import agreement
from tests.test_planted import SET
from visualizations.sheets.writing import write
PLACE, RULE = "丙县", "officer_capacity_blank"
for workbook in generate(PLACE, units=100):
    Path(workbook.name).parent.mkdir(exist_ok=True)
    write(workbook, Path(workbook.name))
store = EmbeddedStore(Path("sample.lbug"), create=True)
pipeline.load(store, pipeline.LoadRequest([Path(PLACE)], SET, author="测试", book=book(), as_of=REFERENCE_DATE))
context = Inquiry(REFERENCE_DATE, SET, load_ontology(), book=book())
with store.reader() as reader:
    agreement.agree(reader, Path(PLACE), context)
    found = len(book().findings(reader, RULE, context))
    assert found == planted(PLACE, units=100, locality=SET)[RULE] > 0, found
"""


@dataclass(frozen=True)
class Block:
    """A block of code: its language, what its first line says besides (file=…, after=…, slow), its text."""

    language: str
    said: dict[str, str]
    text: str


def blocks(text: str) -> Iterator[Block]:
    for indent, language, more, body in _BLOCK.findall(text):
        said = {name: value for name, _, value in (word.partition("=") for word in shlex.split(more))}
        yield Block(language, said, re.sub(rf"^{indent}", "", body, flags=re.MULTILINE))


SECTIONS = {
    title: [*blocks(text)]
    for title, text in re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
}
RECIPES = [title for title, found in SECTIONS.items() if any("file" in block.said for block in found)]
LINES = [
    (title, line)
    for title, found in SECTIONS.items()
    for block in found
    if block.language == "sh" and ("slow" in block.said or title not in RECIPES)
    for line in block.text.splitlines()
]


def put(tree: Path, block: Block) -> None:
    """Do what a block says of a file: make it, or insert or replace at the one line that has a text."""
    path, said = tree / block.said["file"], block.said
    if not {"after", "before", "replace"} & said.keys():
        assert not path.exists(), f"{path.name} is there already"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")
        return
    ((way, text),) = ((way, said[way]) for way in ("after", "before", "replace") if way in said)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    at = [i for i, line in enumerate(lines) if line.startswith(text)]
    at = at or [i for i, line in enumerate(lines) if text in line]
    assert len(at) == 1, f"{said['file']} has {len(at)} lines with {text!r}"
    first = at[0] + (way == "after")
    lines[first : first + (way == "replace")] = [block.text]
    path.write_text("".join(lines), encoding="utf-8")


def words(line: str) -> list[str]:
    """A command line of the page as what to start: python of this environment, make's own line of a target."""
    found = shlex.split(line, comments=True)
    if found[0] == "make":
        rules = (ROOT / "Makefile").read_text(encoding="utf-8")
        (made,) = re.findall(rf"^{found[1]}:.*\n\t\$\(BIN\)/python (.*)$", rules, re.MULTILINE)
        return [sys.executable, *shlex.split(made)]
    program, *rest = found
    return [sys.executable, *(["-m", "api.cli.run"] if program == ".venv/bin/liangxin" else []), *rest]


def run(tree: Path, line: str, *more: str) -> str:
    """What a command says in a tree; it must do well."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("LIANGXIN_", "PYTEST_"))}
    environment |= {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"}
    done = subprocess.run(
        [*words(line), *more], cwd=tree, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, f"{line}\n{done.stdout[-6000:]}\n{done.stderr[-3000:]}"
    return done.stdout + done.stderr


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the tree, as far as recipes need it."""
    for name in _PARTS:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "*.png", "data"))
        else:
            shutil.copy2(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_does_what_it_says(recipe: str, tree: Path) -> None:
    found = SECTIONS[recipe]
    for block in found:
        if "file" in block.said:
            put(tree, block)
    said = ""
    for block in found:
        if block.language == "sh" and "slow" not in block.said:
            said = "".join(run(tree, line) for line in block.text.splitlines())
        elif block.language == "text":
            for line in block.text.splitlines():
                assert line in said, said
    made = {block.said["file"] for block in found if block.said.get("file", "").endswith(".py")}
    if made:
        for check in ("check", "format --check"):
            run(tree, f".venv/bin/python -m ruff {check} --no-cache", *sorted(made))
    if recipe == "Add a rule":
        run(tree, ".venv/bin/python -c", _OPINIONS)


@pytest.mark.parametrize(("title", "line"), LINES, ids=[line for _, line in LINES])
def test_other_commands_are_commands(title: str, line: str) -> None:
    found = shlex.split(line, comments=True)
    if found[0] == "make":
        assert re.search(rf"^{found[1]}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        return
    assert found[:3] == [".venv/bin/python", "-m", "pytest"], line
    paths = [word for word in found[3:] if word.startswith("tests")]
    assert paths
    for path in paths:
        assert (ROOT / path).exists(), path


def test_files_named_are_there() -> None:
    text = PAGE.read_text(encoding="utf-8")
    made = {block.said["file"] for found in SECTIONS.values() for block in found if "file" in block.said}
    for name in re.findall(r"`((?:api|docs|graph|loaders|tests|visualizations)/[\w./-]+)`", text):
        assert (ROOT / name).exists() or any(file == name or file.startswith(f"{name}/") for file in made), name
    for link in re.findall(r"\]\(([\w./-]+)\)", text):
        assert (ROOT / link).exists(), link
