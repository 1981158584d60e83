"""Where a store is by default, and where the files that belong to a store are."""

from __future__ import annotations

import os
from pathlib import Path

DEFAULT_STORE = "liangxin.lbug"
LOGS = "logs"
#: the meanings that people chose for the headers of ledgers
MAPPINGS = "表头对照.yaml"


def logs_of(store: str) -> Path:
    """The folder of the logs of a store."""
    return _folder(store) / LOGS


def mappings_of(store: str) -> Path:
    """The file of the chosen meanings of headers for a store."""
    return _folder(store) / MAPPINGS


def _folder(store: str) -> Path:
    """The folder of the store's file; the working directory for a store on a server."""
    # no file has a zero byte in its name: who opens the store says so
    if "://" in store or "\0" in store:
        return Path.cwd()
    # through links, as the store itself: it has one folder, whichever way it is named
    return Path(os.path.realpath(store)).parent
