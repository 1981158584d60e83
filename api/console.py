"""What a command says to the person at the terminal, beside its data."""

from __future__ import annotations

import sys


def version() -> str:
    """The version installed."""
    from importlib import metadata

    try:
        return metadata.version("liangxin-graph")
    except metadata.PackageNotFoundError:
        return "0"


def say(text: str) -> None:
    """A message for the person, never mixed with data."""
    print(text, file=sys.stderr)
