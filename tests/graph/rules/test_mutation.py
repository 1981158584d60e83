"""Which rules the mutation check tries: those that are named, or that changed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from graph.rules.book import book
from tests import mutation


def git(folder: Path, *arguments: str) -> None:
    own = ("-c", "user.name=t", "-c", "user.email=t@example.invalid", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *own, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of three rules with their cases, committed once."""
    for rule in ("one", "two", "three"):
        for path in (
            tmp_path / "graph" / "rules" / "catalogue" / f"{rule}.cypher",
            tmp_path / "tests" / "rule_cases" / f"{rule}.yaml",
        ):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("", encoding="utf-8")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "first")
    monkeypatch.setattr(mutation, "ROOT", tmp_path)
    return tmp_path


def test_a_rule_changed_where_its_file_or_its_cases_did(repository: Path) -> None:
    assert mutation.changed("HEAD") == set()
    (repository / "graph" / "rules" / "catalogue" / "one.cypher").write_text("// changed", encoding="utf-8")
    git(repository, "commit", "--quiet", "--all", "--message", "second")
    (repository / "tests" / "rule_cases" / "two.yaml").write_text("cases: []", encoding="utf-8")
    (repository / "graph" / "rules" / "catalogue" / "新.cypher").write_text("", encoding="utf-8")
    assert mutation.changed("HEAD^") == {"one", "two", "新"}
    assert mutation.changed("HEAD") == {"two", "新"}
    with pytest.raises(SystemExit, match="请指明一个存在的版本"):
        mutation.changed("nowhere")


def test_where_nothing_changed_it_says_so(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert mutation.main(["--since", "HEAD"]) == 0
    assert "没有规则或案例改动" in capsys.readouterr().err


def test_every_condition_of_a_case_is_denied_too() -> None:
    lines = [mutant.line for mutant in mutation.mutants(book().rules["org_should_exist"])]
    assert any("WHEN NOT organized THEN" in line for line in lines)
    assert any("u.formal_members > $org_min_members" in line for line in lines)
