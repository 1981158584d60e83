"""What a rule asks where no division is asked for: nothing about where its subjects lie."""

from __future__ import annotations

import re
from functools import lru_cache

from graph.rules.lexing import code

#: what keeps a rule to the scope that is asked for, and is true where none is
_SCOPED = re.compile(r"\(\s*size\(\$scope\)\s*=\s*0\s+OR\b", re.IGNORECASE)


@lru_cache(maxsize=2_000)
def everywhere(cypher: str) -> str:
    """The query with `true` for each `(size($scope) = 0 OR …)`, which that is where there is no scope."""
    bare = code(cypher)
    for found in reversed([*_SCOPED.finditer(bare)]):
        end, depth = found.end(), 1
        while depth and end < len(bare):
            depth += {"(": 1, ")": -1}.get(bare[end], 0)
            end += 1
        cypher = f"{cypher[: found.start()]}true{cypher[end:]}"
    return cypher
