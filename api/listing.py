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
from graph.questions.base import COMMON, Context, Question
from graph.rules.book import Book
from graph.rules.files import Rule

#: the queries of a rule, in their order
_SECTIONS = ("population（分母）", "finding（问题）", "unverified（待核实）")


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


def rules(known: Iterable[Rule], book: Book, locality: Locality) -> list[dict[str, Any]]:
    """Each rule as its file declares it, its parameters with their default and the value in force."""
    return [
        {
            "id": rule.id,
            "title": rule.title,
            "severity": (force := book.force(rule, locality)).severity,
            "severity_default": rule.severity,
            "switched_on": force.on,
            "meaning": rule.meaning,
            "denominator": rule.denominator,
            "basis": list(rule.basis),
            "remedy": rule.remedy,
            "params": [
                {
                    "name": p.name,
                    "label": p.label,
                    "unit": p.unit,
                    "default": rule.params[p.name].default,
                    "value": p.value,
                    "set_by": p.origin,
                }
                for p in force.parameters
            ],
            "divisions": {
                name: plain(own)
                for name, own in ((n, _of_rule(rule, d)) for n, d in locality.divisions.items())
                if any(own.values())
            },
            "digest": rule.digest,
        }
        for rule in known
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


def pasted(rule: Rule, context: Context) -> str:
    """A rule as Neo4j Browser and cypher-shell take it: what its queries are given, then the queries.

    One `:param` for each: of `:params {…}` Neo4j Browser makes text of a date and a fraction of an integer.
    """
    head = " ".join(f"{rule.id} {rule.title}（截止 {context.as_of}）".split())
    given = context.book.parameters(rule.id, context)
    lines = [f"// {head}", *(f":param {name} => {_literal(value)};" for name, value in given.items())]
    for section, query in zip(_SECTIONS, rule.queries, strict=False):
        lines += ["", f"// {section}", f"{query.cypher};"]
    return "\n".join(lines)


def _literal(value: Any) -> str:
    """A value as Cypher: its texts, numbers and lists are written as those of JSON."""
    return f"date('{value}')" if isinstance(value, dt.date) else json.dumps(value, ensure_ascii=False)
