"""What is wrong with a rule or base that failed: the file, the line and the mend, from what the engine says of its query."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple, NoReturn

from graph.errors import DeclarationError, QueryError, StoreError, StoreFullError, StoreSlowError
from graph.faults import Fault
from graph.rules.rule import Query, Rule
from graph.stores.lexing import tokens

#: where an engine says a mistake is: Ladybug in the text as it is, Neo4j in the text with one more line before it
_LINE = re.compile(r"\(line: (\d+)|\(line (\d+), column")
#: how the messages of engines begin that are about the text of a query, not about values of the graph
_OF_TEXT = re.compile(
    r"^(?:Binder|Parser|Catalog) exception|^Neo\.ClientError\.Statement\.SyntaxError|^Table |^Cannot find"
)


class _Meaning(NamedTuple):
    """A pattern of an engine's message, the word of the query that it is about, what it means, and the mend."""

    pattern: re.Pattern[str]
    words: Callable[[re.Match[str]], str]
    mend: str


def _meaning(pattern: str, words: str, mend: str) -> _Meaning:
    return _Meaning(re.compile(pattern, re.DOTALL), lambda found: words.format(*found.groups()), mend)


_MEANINGS = (
    _meaning(r"Table (\S+) does not exist", "没有名为“{0}”的类型或关系", "改为 docs/ontology.md 所列的名称"),
    _meaning(r"Cannot find property (\S+) for", "没有名为“{0}”的属性", "改为 docs/ontology.md 所列的属性"),
    _meaning(r"Variable `?(\w+)`? (?:is not in scope|not defined)", "没有定义“{0}”", "检查它的拼写，或在 WITH 中保留它"),
    _meaning(
        r"(?:for given function|Type Mismatch|type mismatch|Type mismatch|Cannot (?:cast|convert))",
        "比较或计算的两边类型不同", "对照 docs/ontology.md 所列的类型改写",
    ),
    _meaning(r"(?:Parser exception|Invalid input|SyntaxError)", "图库读不懂这里的写法", "对照 docs/own-rules.md 改写"),
    _meaning(r"(?:Overflow|overflow|out of range)", "计算的结果超出范围", "改写这一步计算"),
    _meaning(r"(?:Divide by zero|/ by zero|by zero)", "除数为 0", "先排除为 0 的"),
)  # fmt: skip


class RuleError(DeclarationError):
    """A rule failed when it was run; it is switched off, and all else goes on."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault.error) if fault.slow else fault.why)
        self.fault = fault


def failed(rule: Rule, what: str, mend: str, *, line: int = 0, lasting: bool = False) -> RuleError:
    """The failure of a rule in words; `line` of the file is that of its RETURN where nothing is known."""
    why = f"{rule.source} 第 {line or _returning(rule.query)} 行：{what}。请{mend}。"
    return RuleError(Fault(rule.id, rule.title, why, DeclarationError(why), lasting))


def explained(rule: Rule, error: QueryError | StoreError) -> RuleError:
    """The failure of a rule's query, by the error that its reader raised."""
    if isinstance(error, StoreSlowError):
        mend = f"请改写这条规则，或在设置的 [switches] 中写 {rule.id} = false 停用它；机器慢的，"
        slow = StoreSlowError(f"规则 {rule.id}（{rule.title}）", error.seconds, mend)
        return RuleError(Fault(rule.id, rule.title, f"{rule.source} 第 {rule.query.line} 行：{slow}", slow))
    if isinstance(error, StoreFullError):
        why = f"{rule.source} 第 {rule.query.line} 行：查询所需的内存超出上限。请改写，使它不把对象两两相配。"
        return RuleError(
            Fault(rule.id, rule.title, why, StoreFullError(f"规则 {rule.id}（{rule.title}）没有答完。{why}"))
        )
    what, mend, line = told(rule.query, str(error))
    return failed(rule, what, mend, line=line)


def told(query: Query, message: str) -> tuple[str, str, int]:
    """What an engine's message means, the mend, and the line of the file; 0 where the message names none."""
    found = next(((m, f) for m in _MEANINGS if (f := m.pattern.search(message))), None)
    line = _line(query, message, found[1] if found else None)
    # what an engine says of a text holds words of the text; what it says of values holds some, which not everybody may see
    brief = message.strip().splitlines()[0].replace('"', "")[:160] if _OF_TEXT.search(message) else ""
    brief = f"（{brief}）" if brief else ""
    if found is None:
        return f"图库不能执行这个查询{brief}", "对照 docs/own-rules.md 改写", line
    meaning, match = found
    return f"{meaning.words(match)}{brief}", meaning.mend, line


def _returning(query: Query) -> int:
    """The line of the file on which the last RETURN of a query stands."""
    starts = [t.start for t in tokens(query.cypher) if t.kind == "word" and t.written.upper() == "RETURN"]
    return query.lines[query.cypher.count("\n", 0, starts[-1])] if starts and query.lines else query.line


def _line(query: Query, message: str, match: re.Match[str] | None) -> int:
    """The line of the file that a message is about: as it says, else the first that has the word it names."""
    number = -1
    if stated := _LINE.search(message):
        number = int(stated[1]) - 1 if stated[1] else int(stated[2]) - 2
    elif match is not None and match.groups():
        word = match[1].strip("`")
        places = [t.start for t in tokens(query.cypher) if t.kind in ("word", "name") and t.value == word]
        number = query.cypher.count("\n", 0, places[0]) if places else -1
    return query.lines[number] if 0 <= number < len(query.lines) else 0


def base_failed(source: str, query: Query, error: QueryError) -> NoReturn:
    """Raise DeclarationError for a base whose query failed: without it units would be counted in no base."""
    what, mend, line = told(query, str(error))
    raise DeclarationError(f"{source} 第 {line or query.line} 行：{what}。请{mend}。") from error
