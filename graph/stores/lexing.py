"""Splits Cypher into code and the rest: texts, quoted names, comments and parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Kind = Literal["text", "name", "comment", "parameter"]
#: one expression for all, so that a quote in a comment opens no text and `//` in a text opens no comment
_TOKEN = re.compile(
    r"""(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
    r"""|(?P<comment>//[^\n]*|/\*.*?\*/)"""
    r"""|(?P<parameter>\$(?:\w+|`(?:[^`]|``)+`))"""
    r"""|(?P<name>`(?:[^`]|``)*`)""",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A text '…' or "…", a quoted name `…`, a comment or a parameter $…, as written, and where it starts."""

    kind: Kind
    written: str
    start: int

    @property
    def value(self) -> str:
        """The name of a parameter or quoted name, the inside of a text, without its quotes."""
        inside = self.written.removeprefix("$")
        return inside[1:-1].replace("``", "`") if inside[:1] in ("'", '"', "`") else inside


def tokens(cypher: str) -> Iterator[Token]:
    """The tokens that are not code, in order; a text or block comment that is never closed counts as code."""
    for match in _TOKEN.finditer(cypher):
        yield Token(match.lastgroup, match.group(), match.start())  # type: ignore[arg-type]


def code(cypher: str, *, with_names: bool = False) -> str:
    """The query with blanks for its comments and for what is inside its quotes, each letter and line where it was.

    `with_names` leaves names in backticks as they are written.
    """

    def blank(match: re.Match[str]) -> str:
        if match["parameter"] or (with_names and match["name"]):
            return match.group()
        empty = re.sub(r"[^\n]", " ", match.group())
        return empty if match["comment"] else f"{match.group()[0]}{empty[1:-1]}{match.group()[0]}"

    return _TOKEN.sub(blank, cypher)


def without_comments(cypher: str) -> str:
    """The query without its comments, ends of lines and lines that are blank then."""
    bare = _TOKEN.sub(lambda m: " " if m["comment"] else m.group(), cypher)
    return "\n".join(line.rstrip() for line in bare.splitlines() if line.strip())


@lru_cache(maxsize=1_000)
def parameters(cypher: str) -> frozenset[str]:
    """The names of the parameters that the query uses."""
    return frozenset(token.value for token in tokens(cypher) if token.kind == "parameter")


def texts(cypher: str) -> frozenset[str]:
    """The texts that the query holds."""
    return frozenset(token.value for token in tokens(cypher) if token.kind == "text")
