"""What a rule's own text compares of a subject beside the facts it returns: properties, limits, relations.

Read from the queries themselves, so that an explanation is never a second implementation of a rule: a condition
`EXISTS { MATCH … }` or an `OPTIONAL MATCH … WHERE …` on one edge of the subject becomes, word for word, the query
for what fulfils it. What is written in another way is left out: the verdict and the returned facts do not rest on
any of this.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from graph.rules.files import Query, Rule

#: edges that say where something is; every query names them for its scope
_PLACING = ("LOCATED_IN", "PART_OF", "IN_PLACE")
_OPPOSITE = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "<>": "<>"}
SIGNS = {"<": "＜", ">": "＞", "<=": "≤", ">=": "≥", "=": "＝", "<>": "≠", "IN": "属于", "HAS": "含"}

_SUBJECT = re.compile(r"\bRETURN\s+(?:DISTINCT\s+)?(\w+)\.id\s+AS\s+id\b", re.IGNORECASE)
_NODE = r"\((\w*)(?::(\w+))?\)"
_EDGE = re.compile(rf"{_NODE}(<?)-\[(\w*):(\w+)\]-(>?){_NODE}")
_OPTIONAL = re.compile(r"\bOPTIONAL\s+MATCH\s+(.+?)(?:\s+WHERE\s+(.+?))?\s+WITH\b", re.IGNORECASE | re.DOTALL)
_VARIABLE = re.compile(r"\b([A-Za-z_]\w*)\.\w+")
_OPERAND = r"\$\w+|-?\d+"
_VALUE = r"(?:(\w+)\.)?(\w+)"
_LIMIT = re.compile(
    rf"(?:\bcoalesce\(\s*{_VALUE}\s*,[^()]*\)|(?<![\w$.]){_VALUE})\s*(<=|>=|<>|<|>|=)\s*({_OPERAND})(?![\w.])",
    re.IGNORECASE,
)
_REVERSED = re.compile(rf"(?<![\w.$])({_OPERAND})\s*(<=|>=|<|>)\s*{_VALUE}(?!\w)")
_AMONG = re.compile(r"\b(\w+)\.(\w+)\s+IN\s+(\$\w+)", re.IGNORECASE)
_HELD = re.compile(r"\b(\w+)\s+IN\s+(\w+)\.(\w+)\b", re.IGNORECASE)
_UNWIND = re.compile(r"\bUNWIND\s+(\$\w+)\s+AS\s+(\w+)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Limit:
    """A comparison of a fact with a parameter or a number: `operator` is a key of SIGNS, `operand` $name or digits."""

    fact: str
    operator: str
    operand: str


@dataclass(frozen=True, slots=True)
class Relation:
    """Edges of the subject that a condition asks for; `out` from the subject, None either way.

    `pattern` and `where` are the rule's words, in which `subject` is the subject and `far` the other end, of type
    `other` ('' where the pattern names none).
    """

    edge: str
    other: str
    out: bool | None
    subject: str
    far: str
    pattern: str
    where: str

    def cypher(self, node_type: str, called: str) -> str:
        """What fulfils the condition, for every subject of the type, which a reader remembers.

        `called` is the name of the far end as an expression over {far}.
        """
        condition = f"\nWHERE {self.where}" if self.where else ""
        return (
            f"MATCH ({self.subject}:{node_type})\nMATCH {self.pattern}{condition}\n"
            f"RETURN DISTINCT {self.subject}.id AS subject, {self.far}.id AS id, "
            f"{called.format(far=self.far)} AS name\nORDER BY subject, id"
        )


@dataclass(frozen=True, slots=True)
class Evidence:
    """Of a rule for one type of subject: properties that its queries name, what they compare, relations asked for."""

    properties: tuple[str, ...]
    limits: tuple[Limit, ...]
    relations: tuple[Relation, ...]

    def limits_of(self, fact: str) -> tuple[Limit, ...]:
        """The comparisons of one fact, as they stand in the rule."""
        return tuple(limit for limit in self.limits if limit.fact == fact)


@lru_cache(maxsize=512)
def _read(queries: tuple[Query, ...], node_type: str) -> Evidence:
    properties: dict[str, None] = {}
    limits: dict[Limit, None] = {}
    relations: dict[Relation, None] = {}
    for query in queries:
        for branch in re.split(r"\bUNION\s+ALL\b", query.cypher, flags=re.IGNORECASE):
            named = _SUBJECT.search(branch)
            if not named or not re.search(rf"\({named.group(1)}:{node_type}\b", branch):
                continue
            subject = named.group(1)
            properties |= dict.fromkeys(m.group(1) for m in re.finditer(rf"\b{subject}\.(\w+)", branch))
            limits |= dict.fromkeys(_limits(branch, subject, query.returns))
            relations |= dict.fromkeys(_relations(branch, subject))
    return Evidence(tuple(p for p in properties if p != "id"), tuple(limits), tuple(relations))


def evidence(rule: Rule, node_type: str) -> Evidence:
    """What the rule compares of a subject of this type."""
    return _read(rule.queries, node_type)


def _limits(branch: str, subject: str, returned: tuple[str, ...]) -> Iterator[Limit]:
    def own(variable: str | None, name: str) -> bool:
        return variable == subject or (variable is None and name in returned)

    for match in _LIMIT.finditer(branch):
        one, first, other, second, operator, operand = match.groups()
        variable, name = (one, first) if first else (other, second)
        if own(variable, name):
            yield Limit(name, operator, operand)
    for match in _REVERSED.finditer(branch):
        operand, operator, variable, name = match.groups()
        if own(variable, name):
            yield Limit(name, _OPPOSITE[operator], operand)
    for match in _AMONG.finditer(branch):
        if match.group(1) == subject:
            yield Limit(match.group(2), "IN", match.group(3))
    unwound = {name: parameter for parameter, name in _UNWIND.findall(branch)}
    for match in _HELD.finditer(branch):
        if match.group(2) == subject and match.group(1) in unwound:
            yield Limit(match.group(3), "HAS", unwound[match.group(1)])


def _relations(branch: str, subject: str) -> Iterator[Relation]:
    for text in _blocks(branch):
        words = re.fullmatch(r"\s*MATCH\s+(.+?)(?:\s+WHERE\s+(.+?))?\s*", text, re.IGNORECASE | re.DOTALL)
        if words and (found := _relation(words.group(1), words.group(2) or "", subject)):
            yield found
    for match in _OPTIONAL.finditer(branch):
        if found := _relation(match.group(1), match.group(2) or "", subject):
            yield found


def _blocks(text: str) -> Iterator[str]:
    """The inside of each EXISTS { … } that holds no other."""
    for start in re.finditer(r"\bEXISTS\s*\{", text, re.IGNORECASE):
        depth, end = 1, start.end()
        while depth and end < len(text):
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        inside = text[start.end() : end - 1]
        if not depth and "{" not in inside:
            yield inside


def _relation(pattern: str, where: str, subject: str) -> Relation | None:
    match = _EDGE.fullmatch(pattern.strip())
    if not match or match.group(5) in _PLACING:
        return None
    one, one_type, left, edge, edge_type, right, two, two_type = match.groups()
    if subject not in (one, two) or one == two:
        return None
    first = one == subject
    far, other = (two, two_type) if first else (one, one_type)
    # a far end without a name cannot be told; a condition on anything else needs more than this edge
    if not far or set(_VARIABLE.findall(re.sub(r"'[^']*'", "''", where))) - {subject, far, edge}:
        return None
    out = None if not left and not right else bool(right) == first
    return Relation(edge_type, other or "", out, subject, far, pattern.strip(), " ".join(where.split()))
