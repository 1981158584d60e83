"""How rows are folded, as a digest: a graph folded otherwise is compared as a whole by the next write."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from graph import statements
from graph.locality import Locality
from graph.ontology import PATH
from graph.stores.base import Reader

#: the folders whose code decides what the graph of given rows is
_FOLDERS = ("cleaning", "shape", "match", "fold")


def fold_digest(locality: Locality) -> str:
    """Changes with the precedence of ledgers, the ontology and the code that folds."""
    return hashlib.blake2b(f"{_code_digest()} {locality.precedence}".encode(), digest_size=8).hexdigest()


def stored_fold_digest(reader: Reader) -> str:
    """The digest by which the stored graph was folded last, '' where a release before this one did it."""
    last = reader.query(
        "MATCH (c:Change) WHERE c.fold_digest <> '' RETURN c.fold_digest AS digest ORDER BY c.number DESC LIMIT 1"
    )
    return str(last["digest"][0].as_py()) if last.num_rows else ""


@lru_cache(maxsize=1)
def _code_digest() -> str:
    loaders = Path(__file__).parents[1]
    files = [
        PATH,
        Path(statements.__file__),
        *(file for folder in _FOLDERS for file in sorted((loaders / folder).glob("*.py"))),
    ]
    return hashlib.blake2b(b"".join(file.read_bytes() for file in files), digest_size=8).hexdigest()
