"""Lists questions and rules as data for programs, and writes a rule as text to be pasted into a Neo4j console."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from typing import Any

from graph.answers import plain
from graph.locality import Locality, Overrides
from graph.ontology import Ontology
from graph.parameters import COMMON
from graph.questions.asking import Question
from graph.questions.problems.rulebook import described
from graph.rules.book import Book
from graph.rules.dated import dated
from graph.rules.inquiry import Inquiry
from graph.rules.rule import Rule


def questions(catalogue: Iterable[Question]) -> list[dict[str, Any]]:
    """Each question with its own parameters, then those that every question takes."""
    return [
        {
            "name": question.name,
            "title": question.title,
            "help": question.help,
            "parameters": [
                {
                    "name": p.name,
                    "label": p.label,
                    "required": p.required,
                    "default": p.default,
                    "entity": p.entity,
                    "values": list(p.choices),
                }
                for p in (*question.parameters, *COMMON)
            ],
        }
        for question in catalogue
    ]


def rules(selected: Iterable[Rule], book: Book, locality: Locality, ontology: Ontology) -> list[dict[str, Any]]:
    """Each rule in words and in Cypher, its parameters with their default and the value in force."""
    return [
        {
            "id": words.rule.id,
            "title": words.rule.title,
            "severity": words.force.severity,
            "severity_default": words.rule.severity,
            "switched_on": words.force.on,
            "subject": words.subject,
            "meaning": words.meaning,
            "denominator": words.denominator,
            "basis": list(words.basis),
            "level": words.rule.level,
            "remedy": words.remedy,
            "action": words.rule.action,
            "params": [
                {
                    "name": p.name,
                    "label": p.label,
                    "unit": p.unit,
                    "default": words.rule.params[p.name].default,
                    "value": p.value,
                    "set_by": p.origin,
                }
                for p in words.force.parameters
            ],
            "divisions": {
                name: plain(own)
                for name, own in ((n, _of_rule(words.rule, d)) for n, d in locality.divisions.items())
                if any(own.values())
            },
            "cypher": words.cypher,
            "digest": words.rule.digest,
        }
        for words in (described(rule, book, locality, ontology) for rule in selected)
    ]


def _of_rule(rule: Rule, own: Overrides) -> dict[str, Any]:
    """The settings of a division that concern one rule."""
    names = {key for name in rule.params for key in (name, f"{rule.id}.{name}")}
    return {
        "thresholds": {k: v for k, v in own.thresholds.items() if k in names},
        "severities": {k: v for k, v in own.severities.items() if k == rule.id},
        "switches": {k: v for k, v in own.switches.items() if k == rule.id},
    }


def elsewhere(rule: Rule, locality: Locality) -> list[str]:
    """The settings of divisions that concern one rule, in Chinese."""
    overrides = ((name, _of_rule(rule, own)) for name, own in locality.divisions.items())
    return [f"{name}另设 {k} = {v}" for name, own in overrides for part in own.values() for k, v in part.items()]


def pasted(rule: Rule, context: Inquiry) -> str:
    """A rule as Neo4j Browser and cypher-shell accept it: the parameters of its query, then the query.

    Each parameter has a `:param` line: `:params {…}` in Neo4j Browser turns dates into text and integers into floats.
    """
    head = " ".join(f"{rule.id} {rule.title}（截止 {context.as_of}）".split())
    parameters = context.book.parameters(rule.id, context)
    lines = [f"// {head}", *(f":param {name} => {_literal(value)};" for name, value in parameters.items())]
    lines += ["", f"{dated(rule.query.cypher)};"]
    return "\n".join(lines)


def _literal(value: Any) -> str:
    """A value as Cypher, which writes texts, numbers and lists as JSON does."""
    return f"date('{value}')" if isinstance(value, dt.date) else json.dumps(value, ensure_ascii=False)
