"""Every question that can be asked, by name."""

from __future__ import annotations

from graph.errors import DeclarationError
from graph.questions import (
    annual,
    changes,
    coverage,
    deadlines,
    deferrals,
    explore,
    grassroots,
    network,
    paths,
    profiles,
    records,
    remedy,
    rulebook,
    search,
    units,
    why,
)
from graph.questions.asking import Question
from graph.questions.gaps import rule_questions
from graph.rules.book import Book

#: modules that each bring their QUESTIONS; the rules of the book bring their own
MODULES = (
    coverage,
    annual,
    units,
    search,
    explore,
    paths,
    profiles,
    why,
    remedy,
    rulebook,
    deadlines,
    changes,
    deferrals,
    grassroots,
    network,
    records,
)


def catalogue(book: Book) -> dict[str, Question]:
    """All questions by name: those of the modules, then one for each rule of the book.

    Raises DeclarationError where a rule of a county's own takes the name of a question.
    """
    found: dict[str, Question] = {}
    for question in (*(q for module in MODULES for q in module.QUESTIONS), *rule_questions(book).values()):
        if question.name in found:
            raise DeclarationError(f"规则“{question.name}”与已有的问题同名。请给规则文件和它的 id 换一个名称。")
        found[question.name] = question
    return found
