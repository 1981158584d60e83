"""The meanings of the words in the answers, taken from the states, the base files, the rule files and the ontology."""

from __future__ import annotations

from typing import Any

from graph.answers import Glossary, Term
from graph.coverage.states import MEANINGS, RATES, UNVERIFIED
from graph.locality import Locality
from graph.ontology import Ontology
from graph.parameters import KINDS, SEVERITIES
from graph.questions.problems.deferrals import STATES
from graph.questions.problems.findings import decisions
from graph.rules.book import Book
from graph.rules.rule import Base, Rule, fill

#: the meaning of each severity
DEGREES = {
    "high": "应当做到而没有做到，先办。",
    "medium": "应当调整或核实，尽快办。",
    "warn": "一般应当做到，或期限将到，予以提醒。",
    "suggest": "没有统一规定，供研究。",
}
#: the labels of the figures that count a type by state
_STATE_LABELS = {"Deferral": tuple(f"暂缓（{state}）" for state in STATES.values())}


def glossary(book: Book, locality: Locality, ontology: Ontology) -> Glossary:
    """The terms by heading, with the county's own thresholds."""
    values = {"minimum": _values(book, locality, book.rule("org_should_exist"))["org_min_members"]}
    titles = {rule.title for rule in book.rules.values()}
    used = [book.bases[name] for name in locality.bases if name in book.bases]
    properties = {p.label: p for kind in ontology.entities for p in kind.properties.values() if p.about}
    return {
        "名词": (
            # a state with the title of a rule is explained by the rule's file
            *(Term(name, fill(text, values), _of_kinds(name)) for name, text in MEANINGS.items() if name not in titles),
            *(Term(k.label, k.about, _STATE_LABELS.get(k.name, ())) for k in ontology.entities if k.about),
            *(Term(p.label, p.about, (f"{p.label}（{p.unit}）",)) for p in properties.values()),
        ),
        "比率": tuple(Term(name, fill(text, values), _of_kinds(name)) for name, text in RATES.items()),
        "口径": tuple(
            _of_base(book, locality, base, base in used)
            for base in (*used, *(b for b in book.bases.values() if b not in used))
        ),
        "严重程度": tuple(
            Term(label, DEGREES[name], labels=(f"问题（{label}）",), severity=name)
            for name, label in SEVERITIES.items()
        ),
        "规则": tuple(_of_rule(book, locality, rule) for rule in book.rules.values()),
    }


def _of_kinds(name: str) -> tuple[str, ...]:
    """The labels of a term for each kind of unit, such as 非公企业组织覆盖率."""
    return tuple(f"{kind}{name}" for kind in KINDS.values())


def _of_base(book: Book, locality: Locality, base: Base, used: bool) -> Term:
    text = fill(base.meaning, _values(book, locality, base))
    note = f"本地用于{KINDS.get(base.kind, base.kind)}的覆盖率。" if used else ""
    return Term(base.id, f"{text}。{note}", (f"其中{base.id}",), parameters=_parameters(book, locality, base))


def _of_rule(book: Book, locality: Locality, rule: Rule) -> Term:
    values = _values(book, locality, rule)
    return Term(
        rule.title,
        f"{fill(rule.meaning, values)}。分母：{fill(rule.denominator, values)}。",
        # the titles of the list of 待核实 and of a rule that is off
        (f"{rule.title}（{UNVERIFIED}）", f"{rule.title}（已停用）"),
        basis=(*(fill(text, values) for text in rule.basis), f"层级：{rule.level}"),
        parameters=(*_parameters(book, locality, rule), decisions(book.force(rule, locality))),
        remedy=fill(rule.remedy, values),
        severity=book.force(rule, locality).severity,
        question=rule.id,
    )


def _values(book: Book, locality: Locality, item: Rule | Base) -> dict[str, Any]:
    return {p.name: p.value for p in book.thresholds(item, locality)}


def _parameters(book: Book, locality: Locality, item: Rule | Base) -> tuple[str, ...]:
    return tuple(map(str, book.thresholds(item, locality)))
