"""Tells whether a query only reads, in Cypher that both engines read alike: by a list of what it may consist of.

Nothing is looked for that a query must not have; what is not on the list is refused. So a clause that an engine learns,
or a spelling of one that nobody thought of, is refused too. A reader of a store runs no other query.
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass
from functools import lru_cache

from graph.errors import QueryError
from graph.stores.lexing import Token, tokens

#: how a query, a branch of a union or a subquery may begin
CLAUSES = ("MATCH", "OPTIONAL MATCH", "UNWIND", "WITH", "RETURN")
_FIRST = frozenset(clause.split()[0] for clause in CLAUSES)
#: words after which another part of the expression or of the clause is to come
_OPEN = _FIRST | {
    "WHERE", "UNION", "DISTINCT", "AS", "ORDER", "BY", "SKIP", "LIMIT", "AND", "OR", "XOR", "NOT", "IN", "STARTS",
    "ENDS", "CONTAINS", "IS", "CASE", "WHEN", "THEN", "ELSE",
}  # fmt: skip
#: words that end an expression
_CLOSED = frozenset({"NULL", "TRUE", "FALSE", "END", "ASC", "ASCENDING", "DESC", "DESCENDING"})
_CLOSING = frozenset(")]}")
#: words with a subquery in braces
_SUBQUERIES = frozenset({"EXISTS", "COUNT", "COLLECT"})
#: functions that both engines have and that do nothing but compute; none makes much of little, as replace does
FUNCTIONS = frozenset(name.upper() for name in (
    "abs", "avg", "ceil", "coalesce", "collect", "count", "date", "exists", "floor", "head", "keys", "last", "left",
    "length", "lower", "ltrim", "max", "min", "nodes", "range", "relationships", "reverse", "right", "round",
    "rtrim", "size", "split", "substring", "sum", "tail", "toboolean", "tolower", "toupper", "trim", "upper",
))  # fmt: skip
#: numbers of one `range`
_RANGE = 1_000
#: what may follow a backslash in a text: `\u` could stand for a quote before an engine looks for quotes
_ESCAPED = re.compile(r"\\[^\\'\"ntrbf]", re.DOTALL)
_UNICODE = re.compile(r"\\[uU]")
#: letters that are not seen, or that an engine may take for the end of a line
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a query is refused: where in it, what is there, and what to do, in words that end a sentence each."""

    start: int
    what: str
    mend: str


@lru_cache(maxsize=4_000)
def refusal(cypher: str) -> Refusal | None:
    """Why a query must not be run; None for one that only reads, whatever stands in its texts and comments."""
    if found := _UNICODE.search(cypher):
        return Refusal(found.start(), f"不能用转义写法“{found.group()}”", "直接写出这个字")
    if found := _UNSEEN.search(cypher):
        return Refusal(found.start(), f"有看不见的字符（U+{ord(found.group()):04X}）", "删去这个字符")
    every = [token for token in tokens(cypher) if token.kind != "comment"]
    while every and every[-1].written == ";":
        every.pop()
    if not every:
        return Refusal(0, "没有查询", "写一个以 MATCH 开头、RETURN 结尾的查询")
    return _walked(every)


def growing(cypher: str) -> list[Token]:
    """The signs of a query that make a longer text, list or map of others: each may double what it is given."""
    every = [token for token in tokens(cypher) if token.kind != "comment"]
    return [
        token
        for before, token in zip([None, *every], every, strict=False)
        if token.written == "+"
        or (token.written == "[" and not (before and before.written in ("-", "<-")))
        or (token.written == "{" and not (before and before.written.upper() in _SUBQUERIES))
    ]


def only_reads(cypher: str) -> None:
    """Raise QueryError for a query that may do more than read; every reader of a store asks this first."""
    if refused := refusal(cypher):
        raise QueryError(f"{refused.what}。请{refused.mend}。")


def unknown_name(cypher: str, nodes: Container[str], edges: Container[str], properties: Container[str]) -> str:
    """A type or property in the query that is none of these, in the words of the engine that refuses it; '' for none."""
    every = [token for token in tokens(cypher) if token.kind != "comment"]
    signs = ["", "", *(token.written for token in every), ""]
    types: Container[str] | None = None
    for at, token in enumerate(every, 2):
        before = signs[at - 1]
        if token.kind not in ("word", "name"):
            # the types of a node or an edge follow a colon after its bracket, with or without its variable
            if token.written == ":":
                bracket = before if before in ("(", "[") else signs[at - 2]
                types = {"(": nodes, "[": edges}.get(bracket)
            elif token.written != "|":
                types = None
        elif types is not None and before in (":", "|"):
            if token.value not in types:
                return f"Table {token.value} does not exist."
        elif before == "." and signs[at + 1] != "(" and token.value not in properties:
            return f"Cannot find property {token.value} for {signs[at - 2]}."
    return ""


def _walked(every: list[Token]) -> Refusal | None:
    """Go through the tokens, knowing whether an expression, pattern or list could end: then only listed words follow."""
    ended, words = False, [token.written.upper() for token in every]
    # blank on either side, so that each token has two before it and one after it
    words = ["", "", *words, ""]
    for at, token in enumerate(every, 2):
        word, before, after = words[at], words[at - 1], words[at + 1]
        begins = not before or before == "UNION" or (before == "{" and words[at - 2] in _SUBQUERIES)
        begins = begins or (before == "ALL" and words[at - 2] == "UNION")
        match token.kind:
            case "word":
                if begins and word not in _FIRST and not (word == "ALL" and before == "UNION"):
                    return _beginning(token)
                # the name of a property, of a type or of an item of the result may be any word
                named = before in (".", ":", "AS")
                if not named and (word in _OPEN or (after == "{" and word in _SUBQUERIES)):
                    ended = False
                elif not named and word in _CLOSED:
                    ended = True
                elif (word == "ALL" and before == "UNION") and not ended:
                    ended = False
                elif ended or (after == "(" and (word not in FUNCTIONS or before == ".")):
                    return _unlisted(token)
                elif word == "RANGE" and not _is_short(every[at - 1 : at + 4]):
                    return Refusal(
                        token.start, "range 不是 range(1, 100) 这样写明的", f"写明首尾，不超过 {_RANGE} 个数"
                    )
                else:
                    ended = True
            case "sign":
                if word == ";":
                    return Refusal(token.start, "有不止一个查询", "只留一个查询，分号只能在最后")
                if begins and not (word == "(" and before == "{"):
                    return _beginning(token)
                if word == "{" and before not in _SUBQUERIES and not _maps(every[at - 1 : at + 1]):
                    return Refusal(token.start, "花括号里不是 {属性: 值}", "只在 EXISTS、COUNT 之后的花括号里写子查询")
                # after WITH * and RETURN * another clause may follow
                ended = word in _CLOSING or (word == "*" and before in ("WITH", "RETURN", "DISTINCT"))
            case "stray":
                return _stray(token)
            case _:
                if begins:
                    return _beginning(token)
                if token.kind == "name" and after == "(":
                    return _unlisted(token)
                if ended:
                    return Refusal(token.start, f"“{token.written[:40]}”之前缺少运算符或逗号", "补上，或删去这一段")
                if token.kind == "text" and (found := _ESCAPED.search(token.written.replace("\\\\", ""))):
                    return Refusal(token.start, f"文字里有不认识的转义“{found.group()}”", "反斜杠写成 \\\\")
                ended = True
    return None


def _is_short(following: list[Token]) -> bool:
    """Whether what follows `range` are two numbers as they are written, not far apart: a long list takes memory at once."""
    match [token.written for token in following]:
        case ["(", first, ",", last, ")"]:
            return first.isdigit() and last.isdigit() and len(last) < 10 and int(last) - int(first) < _RANGE
    return False


def _maps(following: list[Token]) -> bool:
    """Whether a brace opens properties: what follows it is its end, or a name and a colon."""
    first = following[0].kind if following else ""
    return bool(following) and (
        following[0].written == "}" or (first in ("word", "name") and following[-1].written == ":")
    )


def _stray(token: Token) -> Refusal:
    if token.written in "'\"`":
        return Refusal(token.start, f"引号 {token.written} 没有成对", "补上另一半引号")
    return Refusal(token.start, f"“{token.written}”不是查询里能用的符号", "删去它；标点要用半角")


def _beginning(token: Token) -> Refusal:
    return Refusal(
        token.start,
        f"不能以“{token.written[:40]}”开头：规则只能读，不能写，也不能调用",
        f"以 {'、'.join(CLAUSES)} 开头",
    )


def _unlisted(token: Token) -> Refusal:
    return Refusal(
        token.start,
        f"“{token.written[:40]}”不能用：规则只能读，不能写，也不能调用",
        "删去它，只用 docs/own-rules.md 所列的写法",
    )
