"""What can be asked, as data: questions with their parameters, rules with their basis and thresholds in force.

A rule also as text, to be pasted where Neo4j is asked by hand.
"""

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
from graph.rules.inquiry import Inquiry
from graph.rules.rule import Rule


def questions(known: Iterable[Question]) -> list[dict[str, Any]]:
    """Each question with its own parameters first, then those that every question takes."""
    return [
        {
            "name": question.name,
            "title": question.title,
            "help": question.help,
            "parameters": [
                {"name": p.name, "label": p.label, "required": p.required, "default": p.default, "entity": p.entity}
                for p in (*question.parameters, *COMMON)
            ],
        }
        for question in known
    ]


def rules(known: Iterable[Rule], book: Book, locality: Locality, ontology: Ontology) -> list[dict[str, Any]]:
    """Each rule in words and in Cypher, its parameters with their default and the value in force."""
    return [
        {
            "id": said.rule.id,
            "title": said.rule.title,
            "severity": said.force.severity,
            "severity_default": said.rule.severity,
            "switched_on": said.force.on,
            "subject": said.subject,
            "meaning": said.meaning,
            "denominator": said.denominator,
            "basis": list(said.basis),
            "remedy": said.remedy,
            "action": said.rule.action,
            "params": [
                {
                    "name": p.name,
                    "label": p.label,
                    "unit": p.unit,
                    "default": said.rule.params[p.name].default,
                    "value": p.value,
                    "set_by": p.origin,
                }
                for p in said.force.parameters
            ],
            "divisions": {
                name: plain(own)
                for name, own in ((n, _of_rule(said.rule, d)) for n, d in locality.divisions.items())
                if any(own.values())
            },
            "cypher": said.cypher,
            "digest": said.rule.digest,
        }
        for said in (described(rule, book, locality, ontology) for rule in known)
    ]


def _of_rule(rule: Rule, own: Overrides) -> dict[str, Any]:
    """What a division decides on one rule."""
    names = {key for name in rule.params for key in (name, f"{rule.id}.{name}")}
    return {
        "thresholds": {k: v for k, v in own.thresholds.items() if k in names},
        "severities": {k: v for k, v in own.severities.items() if k == rule.id},
        "switches": {k: v for k, v in own.switches.items() if k == rule.id},
    }


def elsewhere(rule: Rule, locality: Locality) -> list[str]:
    """What divisions decide otherwise on one rule, in words of the settings."""
    found = ((name, _of_rule(rule, own)) for name, own in locality.divisions.items())
    return [f"{name}另设 {k} = {v}" for name, own in found for said in own.values() for k, v in said.items()]


def pasted(rule: Rule, context: Inquiry) -> str:
    """A rule as Neo4j Browser and cypher-shell take it: what its query is given, then the query.

    One `:param` for each: of `:params {…}` Neo4j Browser makes text of a date and a fraction of an integer.
    """
    head = " ".join(f"{rule.id} {rule.title}（截止 {context.as_of}）".split())
    given = context.book.parameters(rule.id, context)
    lines = [f"// {head}", *(f":param {name} => {_literal(value)};" for name, value in given.items())]
    lines += ["", f"{rule.query.cypher};"]
    return "\n".join(lines)


def _literal(value: Any) -> str:
    """A value as Cypher: its texts, numbers and lists are written as those of JSON."""
    return f"date('{value}')" if isinstance(value, dt.date) else json.dumps(value, ensure_ascii=False)
