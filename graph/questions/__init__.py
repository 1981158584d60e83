"""Every question by name. A question may use all of graph; a topic's folder may use those of the topics it builds on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from graph.errors import DeclarationError
from graph.ontology import Ontology, load
from graph.parameters import COMMON, Parameter
from graph.questions import search
from graph.questions.asking import Question
from graph.questions.chains import chain_list
from graph.questions.coverage import annual_form, grassroots, overview, units
from graph.questions.entity import profiles, why
from graph.questions.facets import parameters
from graph.questions.network import drawing, explore, influence, pairings, paths
from graph.questions.problems import deadlines, deferrals, gaps, rulebook
from graph.questions.records import changes, imports
from graph.questions.remedies import remedy
from graph.rules.book import Book

#: the modules that declare QUESTIONS, in the order of the list of questions
MODULES = (
    overview,
    gaps,
    annual_form,
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
    influence,
    chain_list,
    pairings,
    drawing,
    imports,
)


def catalogue(book: Book, ontology: Ontology | None = None) -> dict[str, Question]:
    """All questions by name: those of the modules, then one for each rule of the book.

    The facets of `ontology` (None: the product's own) narrow the lists of units. Raises DeclarationError if a rule has
    the name of a question, or a facet that of a parameter.
    """
    filters = parameters(ontology or load())
    questions: dict[str, Question] = {}
    for question in (*(q for module in MODULES for q in module.QUESTIONS), *gaps.rule_questions(book)):
        if question.name in questions:
            raise DeclarationError(f"规则“{question.name}”与已有的问题同名。请给规则文件和它的 id 换一个名称。")
        questions[question.name] = _narrowed(question, filters) if question.narrowed else question
    return questions


def _narrowed(question: Question, filters: Sequence[Parameter]) -> Question:
    """The question with a parameter for each facet."""
    names = (p.name for p in (*COMMON, *question.parameters, *filters))
    for name, times in Counter(names).items():
        if times > 1:
            raise DeclarationError(
                f"“{question.name}”已有参数“{name}”，属性的 facet 不能同名。请在 facet 里另写 name。"
            )
    return replace(question, parameters=(*question.parameters, *filters))
