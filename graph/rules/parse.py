"""Reads one rule or base file: front matter in `//` comments (YAML), then the query of a rule or the two of a base.

A file declares what it is about, its thresholds and the facts it compares; everything else follows from it. A broken
file is refused with its name, the line and what to do.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graph.errors import DeclarationError
from graph.ontology import Ontology
from graph.ontology.declaration import Declaration, Shape
from graph.personal import clean
from graph.plain_files import read_text
from graph.privacy import OPEN
from graph.rules.clearing import read_turns
from graph.rules.dated import dated
from graph.rules.derived import GIVEN
from graph.rules.facts import read_facts
from graph.rules.rule import (
    ACTIONS,
    FINDING,
    LEVELS,
    LOCAL_PRACTICE,
    SEVERITIES,
    VERDICTS,
    Base,
    Query,
    Rule,
    Threshold,
)
from graph.stores.clauses import growing, refusal
from graph.stores.lexing import code, lines, parameters, texts, tokens

_SECTION = re.compile(r"//\s*(member|undecided)\s*")
#: headings of the three queries that a rule had in an older format
_OLD_SECTION = re.compile(r"//\s*(population|finding|unverified)\s*")
_UNSHARED = re.compile(
    r"\b(labels?\s*\(|type\s*\(|(?:all)?shortestPaths?\s*\(|CALL\b|toString\s*\(|toFloat\s*\(|any\s*\(|date\s*\(\s*\))",
    re.IGNORECASE,
)
_FACT: Shape = {"label": "any", "type": "text", "unit": "any", "sensitivity": "text", "via": "text", "listed": "flag"}
#: what the front matter of a rule and of a base may look like; which keys there are is for check_keys to say
_FRONT: Shape = {
    **dict.fromkeys(("id", "severity", "level", "sensitivity", "action"), "text"),
    **dict.fromkeys(("title", "kind", "meaning", "denominator", "remedy"), "any"),
    **dict.fromkeys(("subject", "basis", "given", "unverified_facts"), "texts"),
    "params": {"*": {"label": "any", "unit": "any", "default": "texts"}},
    "facts": {"*": ("text", _FACT)},
    "turns": [{"text": "any", "link": "text", "unlink": "text", "set": {}, "other": {"*": {}}, "edge": {}}],
}
#: signs in a query that may each double a text or a list: a text of 30 characters becomes at most 120 KB
_MOST_GROWING = 12
_RETURN_ITEM = re.compile(r".+\sAS\s+(\w+)\s*", re.IGNORECASE | re.DOTALL)


@dataclass(slots=True)
class _File:
    """One file: its front matter, and each query with the number of its first line.

    A rule has one query, under the name ''; a base has one for each of its sections.
    """

    path: Path
    text: str
    head: Declaration
    queries: dict[str, tuple[int, str]]

    @classmethod
    def read(cls, path: Path, sections: tuple[str, ...] = ()) -> _File:
        text = read_text(path, "规则文件", DeclarationError)
        lines = text.splitlines()
        heading = _SECTION if sections else _OLD_SECTION
        front = next(
            (i for i, line in enumerate(lines) if not line.startswith("//") or heading.fullmatch(line)), len(lines)
        )
        file = cls(
            path, text, Declaration(path.name, "\n".join(re.sub(r"^// ?", "", line) for line in lines[:front])), {}
        )
        # what it says is shown to everybody
        file.head.data = _clean(file.head.data)
        if not isinstance(file.head.data, dict) or not file.head.data:
            file.fail(1, "文件开头没有说明", "以 // id: … 等注释行开头")
        if sections:
            file._divide(lines, front, sections)
        else:
            file._whole(lines, front)
        return file

    def _whole(self, lines: list[str], front: int) -> None:
        """The one query of a rule: all that follows the front matter."""
        first = next((i for i in range(front, len(lines)) if lines[i].strip()), len(lines))
        if first == len(lines):
            self.fail(len(lines), "说明之后没有查询", "空一行，再写查询")
        if old := _OLD_SECTION.fullmatch(lines[first]):
            self.fail(
                first + 1,
                f"“// {old.group(1)}”一节是旧写法，现在一条规则只有一个查询",
                "把各节合为一个查询，对分母中的每个对象返回 id 和 verdict（'finding'、'unverified' 或 'clear'），"
                "写法见 docs/own-rules.md",
            )
        self.queries[""] = (first + 1, "\n".join(lines[first:]))

    def _divide(self, lines: list[str], front: int, names: tuple[str, ...]) -> None:
        """The queries of a base by their sections."""
        starts = [(i, m.group(1)) for i, line in enumerate(lines) if (m := _SECTION.fullmatch(line))]
        for number, line in enumerate(lines[front : starts[0][0] if starts else None], front + 1):
            if line.strip() and not line.startswith("//"):
                self.fail(number, "这一行不在任何一节之内", f"在查询之前写一行 // {names[0]}")
        ends = [i for i, _ in starts[1:]] + [len(lines)]
        for (start, name), end in zip(starts, ends, strict=bool(starts)):
            if name in self.queries:
                self.fail(start + 1, f"“{name}”一节写了两次", "删去其中一节")
            self.queries[name] = (start + 2, "\n".join(lines[start + 1 : end]))

    def fail(self, line: int, what: str, mend: str) -> None:
        raise DeclarationError(f"{self.path.name} 第 {line} 行：{what}。请{mend}。")

    def check_keys(self, required: tuple[str, ...], optional: tuple[str, ...]) -> None:
        for key in required:
            if not self.head.data.get(key):
                self.fail(1, f"说明中缺少“{key}”", f"补写 // {key}: …")
        for key in self.head.data:
            if key not in required and key not in optional:
                self.head.fail(f"/{key}", f"说明中有不认识的“{key}”", f"改为 {'、'.join((*required, *optional))} 之一")
        self.head.check(self.head.data, _FRONT)
        if self.head.data["id"] != self.path.stem:
            self.head.fail("/id", f"id“{self.head.data['id']}”与文件名不同", f"改为 {self.path.stem}")

    def thresholds(self) -> dict[str, Threshold]:
        thresholds: dict[str, Threshold] = {}
        for name, spec in (self.head.data.get("params") or {}).items():
            if (
                not isinstance(spec, dict)
                or set(spec) - {"label", "default", "unit"}
                or not {"label", "default"} <= set(spec)
            ):
                self.head.fail(
                    f"/params/{name}", f"参数 {name} 写得不对", f"写成 {name}: {{label: 中文名, default: 3, unit: 人}}"
                )
            if isinstance(spec["default"], int | float) and spec["default"] < 0:
                self.head.fail(f"/params/{name}/default", f"参数 {name} 的默认值小于 0", "改为 0 或更大的数")
            thresholds[name] = Threshold(name, str(spec["label"]), spec["default"], str(spec.get("unit", "")))
        return thresholds

    def given(self) -> tuple[str, ...]:
        names = tuple(_texts(self.head.data.get("given") or []))
        for name in names:
            if name not in GIVEN:
                self.head.fail("/given", f"没有名为“{name}”的给定参数", f"改为 {'、'.join(GIVEN)} 之一")
        return names

    def query(self, section: str = "") -> Query:
        if section not in self.queries:
            self.fail(len(self.text.splitlines()), f"缺少“{section}”一节", f"补写一行 // {section} 和它的查询")
        line, body = self.queries[section]
        called = f"“{section}”一节" if section else "规则"
        bare = code(body)
        if refused := refusal(body):
            self.fail(line + body.count("\n", 0, refused.start), f"{called}里{refused.what}", refused.mend)
        if len(signs := growing(body)) > _MOST_GROWING:
            what = f"{called}里的 +、列表和花括号超过 {_MOST_GROWING} 处，结果可能长得放不下"
            self.fail(line + body.count("\n", 0, signs[_MOST_GROWING].start), what, "拆成几条规则，或改写")
        if found := _UNSHARED.search(bare):
            word = found.group().rstrip("( ")
            self.fail(line + _lines(bare, found), f"{word} 不是两种图库都有的写法", "改用 docs/own-rules.md 所列的写法")
        branches = [
            self._returns(line, called, branch)
            for branch in re.split(r"\bUNION\s+ALL\b", bare.rstrip("; \n"), flags=re.IGNORECASE)
        ]
        if any(branch != branches[0] for branch in branches):
            self.fail(line, f"{called}的 UNION ALL 两边返回的列不同", "让各段 RETURN 的列一致")
        numbered = lines(body)
        cypher = "\n".join(numbered.values()).rstrip("; \n")
        # units are sorted into bases once for every day
        return Query(
            dated(cypher, always=True) if section else cypher,
            line,
            branches[0],
            parameters(body),
            tuple(line + number for number in numbered),
        )

    def _returns(self, line: int, called: str, query: str) -> tuple[str, ...]:
        pieces = re.split(r"\bRETURN\b", query, flags=re.IGNORECASE)
        last, *order = re.split(r"\bORDER\s+BY\b", pieces[-1], flags=re.IGNORECASE)
        if len(pieces) < 2 or not order or order[0].split() != ["id"]:
            self.fail(line, f"{called}的结果没有确定的次序", "以 RETURN … AS id … ORDER BY id 结尾")
        names = []
        for item in _split(re.sub(r"^\s*DISTINCT\b", "", last, flags=re.IGNORECASE)):
            match = _RETURN_ITEM.fullmatch(" " + item)
            if not match:
                shown = " ".join(item.split())[:60]
                self.fail(line, f"{called}返回的“{shown}”没有名字", f"写成 {shown} AS 名称")
            else:
                names.append(match.group(1))
        if names[0] != "id":
            self.fail(line, f"{called}没有返回 id", "把对象的 id 作为第一列：RETURN x.id AS id")
        return tuple(names)

    def check_parameters(self, queries: Mapping[str, Query], declared: set[str]) -> None:
        used: set[str] = set()
        for section, query in queries.items():
            called = f"“{section}”一节" if section else "查询"
            for name in sorted(query.parameters - declared):
                first, body = self.queries[section]
                token = next(t for t in tokens(body) if t.kind == "parameter" and t.value == name)
                self.fail(
                    first + body.count("\n", 0, token.start),
                    f"{called}用到没有声明的参数 ${name}", f"在 params 或 given 中声明 {name}",
                )  # fmt: skip
            used |= query.parameters
        for name in sorted(declared - used - {"scope"}):
            self.head.fail(
                f"/params/{name}" if f"/params/{name}" in self.head.lines else "/given",
                f"声明了参数 {name} 而没有查询用到它", f"删去 {name}，或在查询中写 ${name}",
            )  # fmt: skip

    def check_braces(self, key: str, params: Mapping[str, Threshold]) -> None:
        for name in re.findall(r"\{(\w*)\}", "".join(_texts(self.head.data[key]))):
            if name not in params:
                self.head.fail(
                    f"/{key}", f"“{{{name}}}”不是 params 中的参数", f"改为 {'、'.join(params) or '不带花括号的文字'}"
                )

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]


def _lines(text: str, found: re.Match[str]) -> int:
    """How many lines of a text stand before a match."""
    return text.count("\n", 0, found.start())


def _split(items: str) -> list[str]:
    """The items of a RETURN: commas inside brackets do not separate."""
    parts, depth, start = [], 0, 0
    for i, letter in enumerate(items):
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and not depth:
            parts.append(items[start:i])
            start = i + 1
    return [*parts, items[start:]]


_RULE_KEYS = ("id", "title", "severity", "subject", "meaning", "denominator", "basis", "remedy")


def read_rule(path: Path, ontology: Ontology) -> Rule:
    """The rule declared by the file; DeclarationError with file, line and mend if it is broken."""
    file = _File.read(path)
    file.check_keys(
        _RULE_KEYS, ("level", "params", "given", "facts", "unverified_facts", "sensitivity", "turns", "action")
    )
    head = file.head.data
    if head["severity"] not in SEVERITIES:
        file.head.fail("/severity", f"严重程度“{head['severity']}”不存在", f"改为 {'、'.join(SEVERITIES)} 之一")
    level = str(head.get("level", LOCAL_PRACTICE))
    if level not in LEVELS:
        file.head.fail("/level", f"依据层级“{level}”不存在", f"改为 {'、'.join(LEVELS)} 之一")
    sensitivity = str(head.get("sensitivity", OPEN))
    if sensitivity not in ontology.sensitivities:
        file.head.fail(
            "/sensitivity", f"敏感级别“{sensitivity}”未声明", f"改为 {'、'.join(ontology.sensitivities)} 之一"
        )
    if str(head.get("action", "")) not in ("", *ACTIONS):
        file.head.fail("/action", f"做法“{head['action']}”不存在", f"改为 {'、'.join(ACTIONS)} 之一，或删去这一行")
    subjects = tuple(_texts(head["subject"]))
    for subject in subjects:
        if subject not in ontology.nodes or ontology.nodes[subject].system:
            file.head.fail(
                "/subject",
                f"对象“{subject}”不是已声明的类型",
                f"改为 {'、'.join(n.name for n in ontology.entities)} 之一",
            )
    params, given = file.thresholds(), file.given()
    query = file.query()
    if "verdict" not in query.returns:
        file.fail(
            query.line, "查询没有返回 verdict",
            "写成 RETURN x.id AS id, CASE WHEN … THEN 'finding' ELSE 'clear' END AS verdict, …",
        )  # fmt: skip
    verdicts = frozenset(VERDICTS) & texts(query.cypher)
    if FINDING not in verdicts:
        file.fail(query.line, "查询没有说哪些对象是问题", "在 verdict 中写出 'finding'")
    if "scope" not in query.parameters:
        file.fail(query.line, "查询没有按区划限定", "加上 (size($scope) = 0 OR … r.id IN $scope)")
    file.check_parameters({"": query}, {"scope", *params, *given})
    facts = read_facts(file.head, subjects, query.returns, ontology)
    for key in ("meaning", "denominator", "remedy", "basis"):
        file.check_braces(key, params)
    return Rule(
        id=head["id"], title=str(head["title"]), severity=head["severity"], subjects=subjects,
        meaning=str(head["meaning"]), denominator=str(head["denominator"]), basis=tuple(_texts(head["basis"])),
        level=level, remedy=str(head["remedy"]), params=params, given=given, facts=facts.columns, sensitivity=sensitivity, query=query,
        via=facts.via, conditions=facts.conditions, unverified_facts=facts.unverified, verdicts=verdicts, source=path.name, digest=file.digest,
        turns=read_turns(file.head, subjects, params, ontology),
        action=str(head.get("action", "")),
    )  # fmt: skip


def read_base(path: Path) -> Base:
    """The base declared by the file; DeclarationError with file, line and mend if it is broken."""
    file = _File.read(path, ("member", "undecided"))
    file.check_keys(("id", "kind", "meaning"), ("params", "given"))
    params, given = file.thresholds(), file.given()
    queries = {name: file.query(name) for name in ("member", "undecided")}
    file.check_parameters(queries, {*params, *given})
    file.check_braces("meaning", params)
    head = file.head.data
    return Base(
        id=head["id"], kind=str(head["kind"]), meaning=str(head["meaning"]), params=params, given=given,
        member=queries["member"], undecided=queries["undecided"], source=path.name, digest=file.digest,
    )  # fmt: skip


def _clean(value: Any) -> Any:
    """A value of the front matter whose texts have no numbers of persons."""
    if isinstance(value, dict):
        return {name: _clean(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_clean(part) for part in value]
    return clean(value) if isinstance(value, str) else value


def _texts(value: Any) -> list[str]:
    return [str(v) for v in value] if isinstance(value, list) else [str(value)]
