"""What can be asked, as data: questions with their parameters, rules with their basis and thresholds in force."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graph.locality import Locality
from graph.questions.base import COMMON, Question
from graph.rules.book import Book


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


def rules(book: Book, locality: Locality) -> list[dict[str, Any]]:
    """Each rule as its file declares it, its parameters with their default and the value in force."""
    return [
        {
            "id": rule.id,
            "title": rule.title,
            "severity": rule.severity,
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
                }
                for p in book.thresholds(rule, locality)
            ],
            "digest": rule.digest,
        }
        for rule in book.rules.values()
    ]
