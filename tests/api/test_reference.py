from __future__ import annotations

from pathlib import Path

import pytest

from api import reference, settings
from graph.ontology import load
from graph.questions import catalogue
from graph.rules.book import book


def test_documents_are_those_of_the_declarations() -> None:
    assert reference.main(["--check"]) == 0, "run make docs, and commit what it writes"


def test_a_stale_document_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reference, "FOLDER", tmp_path)
    assert reference.main([]) == 0
    assert reference.main(["--check"]) == 0
    (tmp_path / "settings.md").write_text("old", encoding="utf-8")
    assert reference.main(["--check"]) == 1
    assert "docs/settings.md 已过时。请执行 make docs" in capsys.readouterr().err
    assert (tmp_path / "settings.md").read_text(encoding="utf-8") == "old"


def test_nothing_declared_is_left_out() -> None:
    ontology, text = load(), reference.ontology_page(load())
    for kind in (*ontology.entities, *ontology.edges.values()):
        assert f"`{kind.name}`" in text
        for name in kind.properties:
            assert f"| `{name}` |" in text
    page = reference.settings_page()
    for key, field in settings.declared().items():
        assert f"`{key}`" in page
        assert field.description
        assert field.description in page
    for name in settings.OTHER_VARIABLES:
        assert f"| `{settings.PREFIX}{name}` |" in page


def test_every_rule_is_in_the_catalogue_in_words_and_in_cypher() -> None:
    known = book()
    page = reference.rules_page(known, load())
    for rule in known.rules.values():
        part = page.partition(f"## {rule.title} `{rule.id}`")[2].partition("\n## ")[0]
        assert f"```cypher\n{rule.query.cypher}\n```" in part, rule.id
        assert all(
            f"：{p.label}，默认 {reference._default(p.default)}{p.unit}" in part for p in rule.params.values()
        ), rule.id
        assert "{" not in part.partition("```")[0], rule.id
    assert all(f"- {name}：" in page for name in known.bases)


def test_every_question_is_in_the_catalogue_with_its_parameters() -> None:
    known = book()
    page = reference.questions_page(known, load())
    for question in catalogue(known).values():
        part = page.partition(f"## {question.title} `{question.name}`")[2].partition("\n## ")[0]
        if question.name in known.rules:
            assert not part, question.name
            continue
        assert question.help in part
        assert all(f"- `{p.name}`：{p.label}" in part for p in question.parameters), question.name
        assert part.count("必填") == sum(p.required for p in question.parameters), question.name
