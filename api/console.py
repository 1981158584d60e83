"""Messages to the person at the terminal, on standard error."""

from __future__ import annotations

import sys


def version() -> str:
    """The installed version of the product; 0 where it is not installed."""
    from importlib import metadata

    try:
        return metadata.version("liangxin-graph")
    except metadata.PackageNotFoundError:
        return "0"


def say(text: str) -> None:
    """Print a message to standard error, so that it does not mix with data."""
    print(text, file=sys.stderr)
