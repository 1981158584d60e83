"""Which rules the mutation check tries: those that are named, or that changed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from graph.rules.book import book
from tests import mutation


def git(folder: Path, *arguments: str, at: str = "2026-06-30T08:00:00+08:00") -> str:
    own = ("-c", "user.name=t", "-c", "user.email=t@example.invalid", "-c", "commit.gpgsign=false")
    dated = {**os.environ, "GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at}
    done = subprocess.run(["git", *own, *arguments], cwd=folder, check=True, capture_output=True, text=True, env=dated)
    return done.stdout.strip()


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
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
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
    assert "与 HEAD 相比没有规则或案例改动" in capsys.readouterr().err


def test_a_branch_is_compared_with_where_it_left_main(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = git(repository, "rev-parse", "HEAD")
    git(repository, "checkout", "--quiet", "-b", "work")
    (repository / "tests" / "rule_cases" / "two.yaml").write_text("cases: []", encoding="utf-8")
    git(repository, "commit", "--quiet", "--all", "--message", "second")
    assert mutation.base() == first
    # "two" is no rule of the product: nothing is tried, and what was compared with is said
    assert mutation.main(["--changed"]) == 0
    assert f"与 {first[:12]} 相比" in capsys.readouterr().err


def test_main_is_compared_with_the_day_before(repository: Path) -> None:
    first = git(repository, "rev-parse", "HEAD")
    assert mutation.base() == "", "one day of history is compared with nothing"
    for number, at in enumerate(("2026-07-01T09:00:00+08:00", "2026-07-02T08:30:00+08:00")):
        (repository / "tests" / "rule_cases" / "one.yaml").write_text(f"# {number}", encoding="utf-8")
        git(repository, "commit", "--quiet", "--all", "--message", "more", at=at)
    assert mutation.base() == first
    assert mutation.changed(first) == {"one"}


def test_a_clone_without_history_has_nothing_to_compare_with(
    repository: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "tests" / "rule_cases" / "one.yaml").write_text("# later", encoding="utf-8")
    git(repository, "commit", "--quiet", "--all", "--message", "later", at="2026-07-05T09:00:00+08:00")
    folder = tmp_path_factory.mktemp("clones")
    for name, depth in (("whole", ()), ("shallow", ("--depth=1",))):
        git(folder, "clone", "--quiet", *depth, repository.as_uri(), name)
        monkeypatch.setattr(mutation, "ROOT", folder / name)
        assert bool(mutation.base()) == (not depth), name


def test_every_condition_of_a_case_is_denied_too() -> None:
    lines = [mutant.line for mutant in mutation.mutants(book().rules["org_should_exist"])]
    assert any("WHEN NOT organized THEN" in line for line in lines)
    assert any("u.formal_members > $org_min_members" in line for line in lines)
