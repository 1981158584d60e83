"""What the pages show works: commands, settings, queries, names."""

from __future__ import annotations

import re
import shlex
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from api import settings, settings_file
from api.cli.grammar import parse
from api.cli.run import main
from api.office import ASK_AGAIN
from api.opening import SERVERS
from api.web.app import RETRY_AFTER
from graph.ontology import ALWAYS_FROM, ALWAYS_TO
from graph.ontology import load as load_ontology
from graph.stores import cypher
from graph.stores.base import Store
from graph.stores.neo4j import lease
from graph.stores.neo4j import store as neo4j
from graph.stores.neo4j.store import Neo4jStore

ROOT = Path(__file__).resolve().parent.parent
README, ENGLISH, NEO4J = ROOT / "README.md", ROOT / "README.en.md", ROOT / "docs" / "neo4j.md"
WHY = ROOT / "docs" / "why.md"
PAGES = (README, ENGLISH, NEO4J, WHY)
ARCHITECTURE = ROOT / "docs" / "architecture.md"


def blocks(page: Path, language: str) -> Iterator[str]:
    """The blocks of a page in one language."""
    yield from re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def commands(page: Path) -> list[list[str]]:
    """Lines of a page's shell blocks as words, without what is said of them."""
    return [words for block in blocks(page, "sh") for line in block.splitlines() if (words := shlex.split(line, True))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_shown_are_commands(page: Path) -> None:
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    shown = commands(page)
    assert shown
    for words in shown:
        name = Path(words[0]).name
        if name == "liangxin":
            parse(words[1:])
        elif name == "make":
            assert {*words[1:]} <= targets
        else:
            assert name == "export", words
    assert {*re.findall(r"`make (\w+)`", page.read_text(encoding="utf-8"))} <= targets


def test_both_languages_show_the_same_commands() -> None:
    assert commands(README) == commands(ENGLISH)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_variables_and_pages_named_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    known = {settings.variable(key) for key in settings.declared()}
    known |= {settings.PREFIX + name for name in settings.OTHER_VARIABLES}
    assert {*re.findall(r"\bLIANGXIN_[A-Z0-9_]+\b", text)} <= known
    for link in re.findall(r"\]\(([\w./]+)\)", text):
        assert (page.parent / link).exists(), link


def test_the_settings_shown_are_settings(tmp_path: Path) -> None:
    for block in blocks(NEO4J, "toml"):
        (tmp_path / settings.FILE).write_text(block, encoding="utf-8")
        assert settings_file.load({}, tmp_path)[1]


def test_the_page_tells_the_limits_and_names_in_force() -> None:
    text = NEO4J.read_text(encoding="utf-8")
    for said in (
        f"每 {lease.BEAT:g} 秒续一次",
        f"{lease.LEASE:g} 秒后别人可以接手",
        f"{'一二三四五六七八九'[round(neo4j.SHARE * 10) - 1]}成，最多 {neo4j.ONE_TRANSACTION // 1_000_000} MB",
        f"Retry-After: {RETRY_AFTER}",
        f"最多 {ASK_AGAIN} 次",
        *(f"`{day}`" for day in (ALWAYS_FROM, ALWAYS_TO)),
        *(f"`{scheme}://" for scheme in SERVERS),
    ):
        assert said in text, said
    ontology = load_ontology()
    named = {*re.findall(r"`(liangxin_\w+_\w+)`", text)}
    assert named
    assert named <= cypher.neo4j_schema(ontology).keys()
    (table,) = re.findall(r"`LiangxinState` 的属性.*?\n\n(.*?)\n\n", text, re.DOTALL)
    assert {*re.findall(r"`(\w+)`", table)} - {"commit", "batches"} <= {*lease.NAMES}


def test_the_server_settings_shown_are_settings(sample_on_server: Store) -> None:
    shown = {line.partition("=")[0] for block in blocks(NEO4J, "properties") for line in block.splitlines()}
    assert isinstance(sample_on_server, Neo4jStore)
    known = {row[0] for row in sample_on_server.server.read("SHOW SETTINGS YIELD name RETURN name", {})}
    # a server lists those of a policy only where it has one
    assert {name for name in shown if name and name[0] != "#" and not name.startswith("dbms.ssl.policy.")} <= known


@pytest.mark.parametrize("number", range(len([*blocks(NEO4J, "cypher")])))
def test_queries_shown_find_something(number: int, sample_on_server: Store) -> None:
    query = [*blocks(NEO4J, "cypher")][number]
    assert isinstance(sample_on_server, Neo4jStore)
    # as they are pasted into a console, which shows what is the server's own too
    assert sample_on_server.server.read(query, {})


def test_the_rule_shown_is_what_is_written_out(capsys: pytest.CaptureFixture[str]) -> None:
    (shown,) = blocks(NEO4J, "text")
    assert main(["rules", "org_should_exist", "--as-of", "2026-06-30"]) == 0
    assert capsys.readouterr().out.startswith(shown.removesuffix("……\n"))


def test_the_turns_shown_are_those_of_the_rule() -> None:
    (shown,) = blocks(WHY, "text")
    assert shown in (ROOT / "graph" / "rules" / "catalogue" / "org_should_exist.cypher").read_text(encoding="utf-8")


def test_every_dependency_is_told_with_what_it_is_for() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    (table,) = re.findall(
        r"^\| package \| for \|\n(.*?)\n\n", ENGLISH.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    told = {name.strip() for line in table.splitlines()[1:] for name in line.split("|")[1].split(",")}
    assert told == {re.split(r"[<>=~]", each)[0] for each in declared}


def test_the_map_names_every_folder_and_only_what_is_there() -> None:
    text = ARCHITECTURE.read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| `([\w/]+)` \|", text, re.MULTILINE))
    packages = {
        file.parent.relative_to(ROOT).as_posix()
        for package in ("graph", "loaders", "api", "visualizations")
        for file in (ROOT / package).rglob("__init__.py")
    }
    assert rows == packages, f"the table of {ARCHITECTURE.name} differs from the tree: {sorted(rows ^ packages)}"
    paths = re.findall(r"(?<![\w./])(?:graph|loaders|api|visualizations|tests|docs)/[\w./]*\w", text)
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_map_names_every_contract_of_imports() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    text = ARCHITECTURE.read_text(encoding="utf-8")
    for contract in declared["tool"]["importlinter"]["contracts"]:
        assert f"*{contract['name']}*" in text, contract["name"]


def test_no_document_points_outside_the_project() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    for name in listed.split("\0"):
        if name.endswith((".md", ".yaml", ".cypher", ".html", ".js", ".toml")):
            text = (ROOT / name).read_text(encoding="utf-8")
            assert not re.search(r"\b(?:design|domain)\.md\b|(?<!\w)shared/", text), name
        elif name.endswith(".py") and name != "tests/test_docs.py":
            assert not re.search(r"\b(?:design|domain)\.md\b", (ROOT / name).read_text(encoding="utf-8")), name
