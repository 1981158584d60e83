"""Drops the condition on the scope from a rule's query where a question names no division."""

from __future__ import annotations

import re
from functools import lru_cache

from graph.stores.lexing import code

#: the condition that keeps a rule to the scope, true for an empty one
_SCOPED = re.compile(r"\(\s*size\(\$scope\)\s*=\s*0\s+OR\b", re.IGNORECASE)


@lru_cache(maxsize=2_000)
def everywhere(cypher: str) -> str:
    """The query with `true` in place of each `(size($scope) = 0 OR …)`."""
    bare = code(cypher)
    for found in reversed([*_SCOPED.finditer(bare)]):
        end, depth = found.end(), 1
        while depth and end < len(bare):
            depth += {"(": 1, ")": -1}.get(bare[end], 0)
            end += 1
        cypher = f"{cypher[: found.start()]}true{cypher[end:]}"
    return cypher
