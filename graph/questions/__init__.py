"""Every question that can be asked, by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from graph.errors import DeclarationError
from graph.ontology import Ontology, load
from graph.parameters import COMMON, Parameter
from graph.questions import search
from graph.questions.asking import Question
from graph.questions.coverage import annual_form, grassroots, overview, units
from graph.questions.entity import profiles, why
from graph.questions.facets import parameters
from graph.questions.network import explore, network, paths
from graph.questions.problems import deadlines, deferrals, rulebook
from graph.questions.problems.gaps import rule_questions
from graph.questions.records import changes, imports
from graph.questions.remedies import remedy
from graph.rules.book import Book

#: modules that each bring their QUESTIONS; the rules of the book bring their own
MODULES = (
    overview,
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
    network,
    imports,
)


def catalogue(book: Book, ontology: Ontology | None = None) -> dict[str, Question]:
    """All questions by name: those of the modules, then one for each rule of the book.

    Lists of units are narrowed by the facets of `ontology`, the product's own where none is given. Raises
    DeclarationError where a rule of a county's own takes the name of a question, or a facet that of a parameter.
    """
    filters = parameters(ontology or load())
    found: dict[str, Question] = {}
    for question in (*(q for module in MODULES for q in module.QUESTIONS), *rule_questions(book).values()):
        if question.name in found:
            raise DeclarationError(f"规则“{question.name}”与已有的问题同名。请给规则文件和它的 id 换一个名称。")
        found[question.name] = _narrowed(question, filters) if question.narrowed else question
    return found


def _narrowed(question: Question, filters: Sequence[Parameter]) -> Question:
    """A question that takes a parameter for each facet too."""
    known = {p.name for p in (*COMMON, *question.parameters)}
    for name, times in Counter((*known, *(p.name for p in filters))).items():
        if times > 1:
            raise DeclarationError(
                f"“{question.name}”已有参数“{name}”，属性的 facet 不能同名。请在 facet 里另写 name。"
            )
    return replace(question, parameters=(*question.parameters, *filters))
