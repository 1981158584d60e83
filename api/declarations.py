"""Reads what a county declares: its settings and its rules, checked against each other."""

from __future__ import annotations

from pathlib import Path

from api import settings_file
from api.settings import Settings
from graph.errors import DeclarationError
from graph.ontology import load as load_ontology
from graph.plain_files import trouble
from graph.rules.book import Book


def declarations() -> tuple[Settings, Book]:
    """The settings in force and the rules, with those of the settings' rules folder; DeclarationError if any is broken."""
    settings, source = settings_file.load()
    folders = [Path(settings.rules_folder)] if settings.rules_folder else []
    for folder in folders:
        if problem := trouble(folder, "规则文件夹", "folder"):
            raise DeclarationError(problem)
    book = Book.load(folders)
    settings_file.check_names(settings, source, book, load_ontology())
    return settings, book
