"""Reads the units of a query on the day asked about: where a date of founding or closing is known, it decides.

A rule writes `u.listed` and `u.operating` of a Unit `u`. When it is run, the first also means that the unit is there at
$as_of by the dates that are known, and the second is blank until the date of closing where that is known.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

from graph.stores.lexing import code, parameters
from graph.validity import there

_UNION = re.compile(r"\bUNION\b", re.IGNORECASE)
#: a variable of Unit alone: of several types only some have the dates
_UNIT = re.compile(r"\(\s*(\w+)\s*:\s*(?:Unit\b|`Unit`)(?!\s*\|)")
_ALIAS = re.compile(r"(?<![\w.`])(\w+)\s+AS\s+(\w+)", re.IGNORECASE)
_READ = re.compile(r"(?<![\w.`])(\w+)\s*\.\s*(listed|operating)\b")


@lru_cache(maxsize=2_000)
def dated(cypher: str, *, always: bool = False) -> str:
    """The query with the dates of its units; it may use $as_of where the query did not.

    With `always`, as for bases, which hold for every day, only the state is read, blank where the unit ever closes.
    """
    bare, labelled = code(cypher), code(cypher, with_names=True)
    # a name may mean another type in another branch
    starts = [0, *(match.start() for match in _UNION.finditer(bare)), len(bare)]
    pieces = []
    for start, end in pairwise(starts):
        branch, piece = bare[start:end], cypher[start:end]
        units = set(_UNIT.findall(labelled[start:end]))
        for alias in _ALIAS.finditer(branch):
            if alias[1] in units:
                units.add(alias[2])
        for read in reversed([*_READ.finditer(branch)]):
            if read[1] in units and not (always and read[2] == "listed"):
                piece = f"{piece[: read.start()]}{_on_the_day(read[1], read[2], always)}{piece[read.end() :]}"
        pieces.append(piece)
    return "".join(pieces)


def needs_day(cypher: str) -> bool:
    """Whether the query uses $as_of when it is run."""
    return "as_of" in parameters(dated(cypher))


def _on_the_day(unit: str, name: str, always: bool) -> str:
    if name == "listed":
        return f"({unit}.listed AND {there(unit)})"
    closed = "" if always else f" OR {unit}.closed_on < $as_of"
    return f"CASE WHEN {unit}.closed_on IS NULL{closed} THEN {unit}.operating END"
