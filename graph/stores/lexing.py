"""The one tokenizer of Cypher: splits a query into code and the rest, as texts, quoted names and comments."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

Kind = Literal["text", "name", "comment", "parameter", "word", "number", "sign", "stray"]
#: one expression for all, so that a quote in a comment opens no text and `//` in a text opens no comment; a comment to
#: the end of its line ends at either letter that an engine takes for one
_QUOTED = (
    r"""(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
    r"""|(?P<comment>//[^\n\r]*|/\*.*?\*/)"""
    r"""|(?P<parameter>\$(?:\w+|`(?:[^`]|``)+`))"""
    r"""|(?P<name>`(?:[^`]|``)*`)"""
)
_TOKEN = re.compile(_QUOTED, re.DOTALL)
#: the code between them; what no kind takes, such as the quote of a text that is never closed, is stray
_EVERY = re.compile(
    _QUOTED
    + r"""|(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"""
    + r"""|(?P<word>[^\W\d]\w*)"""
    + r"""|(?P<sign><>|<=|>=|=~|\.\.|[-()\[\]{}<>=+*/%^.,:;|])"""
    + r"""|(?P<stray>\S|[\x0b\x0c\x1c-\x1f\x85\u2028\u2029])""",
    re.DOTALL,
)


class Token(NamedTuple):
    """A piece of a query as written, and where it starts.

    A text '…' or "…", a quoted name `…`, a comment, a parameter $…; of the code a word, a number or a sign. What is
    none of these is stray: no engine's Cypher has it, or not in both.
    """

    kind: Kind
    written: str
    start: int

    @property
    def value(self) -> str:
        """The name of a parameter or quoted name, the inside of a text, without its quotes."""
        inside = self.written.removeprefix("$")
        return inside[1:-1].replace("``", "`") if inside[:1] in ("'", '"', "`") else inside


@lru_cache(maxsize=100)
def tokens(cypher: str) -> tuple[Token, ...]:
    """All tokens in order; what lies between them is blank."""
    return tuple(Token(m.lastgroup, m.group(), m.start()) for m in _EVERY.finditer(cypher))  # type: ignore[arg-type]


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


def lines(cypher: str) -> dict[int, str]:
    """The lines of the query that are not blank, without comments, by their number from 0."""
    bare = _TOKEN.sub(lambda m: " " + "\n" * m.group().count("\n") if m["comment"] else m.group(), cypher)
    return {number: line.rstrip() for number, line in enumerate(bare.split("\n")) if line.strip()}


def without_comments(cypher: str) -> str:
    """The query without its comments, ends of lines and lines that are blank then."""
    return "\n".join(lines(cypher).values())


@lru_cache(maxsize=1_000)
def parameters(cypher: str) -> frozenset[str]:
    """The names of the parameters that the query uses."""
    return frozenset(token.value for token in tokens(cypher) if token.kind == "parameter")


def texts(cypher: str) -> frozenset[str]:
    """The texts that the query holds."""
    return frozenset(token.value for token in tokens(cypher) if token.kind == "text")
