"""What a question is, and the one way to ask it: parameters checked, names resolved, rows sorted and paged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from graph.answers import OPEN, Answer, Column
from graph.errors import QuestionError, UnknownError
from graph.locality import Locality
from graph.ontology import Ontology
from graph.stores.base import Reader

if TYPE_CHECKING:
    from graph.rules.book import Book

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Context:
    """Everything an answer depends on besides the graph and its own parameters.

    `scope` are the ids of the Regions asked about, all their descendants included; empty means all. `chain` is
    the id of an IndustryChain or '' . `parameters` are the question's own, resolved: entities as ids.
    """

    as_of: dt.date
    locality: Locality
    book: Book
    ontology: Ontology
    scope: tuple[str, ...] = ()
    base: str = ""
    chain: str = ""
    severity: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    shown: Mapping[str, Any] = field(default_factory=dict)

    def answer(
        self,
        reader: Reader,
        name: str,
        title: str,
        columns: Sequence[Column],
        rows: Iterable[Mapping[str, Any]],
        **more: Any,
    ) -> Answer:
        """An Answer stamped with the date, revision and parameters asked with."""
        return Answer(
            name=name,
            title=title,
            as_of=self.as_of,
            revision=reader.revision,
            columns=tuple(columns),
            rows=tuple(rows),
            parameters=self.shown,
            **more,
        )


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of one question; `entity` is the node type whose id, code or unique name it accepts."""

    name: str
    label: str
    entity: str = ""
    required: bool = False
    default: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """Something that can be asked. `help` says in a sentence what it answers."""

    name: str
    title: str
    help: str
    ask: Callable[[Reader, Context], Answer]
    parameters: tuple[Parameter, ...] = ()


#: what every question accepts
COMMON = (
    Parameter("region", "区划", entity="Region"),
    Parameter("base", "口径"),
    Parameter("chain", "产业链", entity="IndustryChain"),
    Parameter("severity", "严重程度"),
    Parameter("sort", "排序"),
    Parameter("page", "页"),
    Parameter("size", "每页行数"),
    Parameter("as_of", "截止日期"),
)
SEVERITIES = {"high": "高", "medium": "中", "warn": "提醒", "suggest": "建议"}


def ask(
    questions: Mapping[str, Question],
    reader: Reader,
    context: Context,
    name: str,
    given: Mapping[str, str],
    *,
    allowed: Sequence[str] = (),
) -> Answer:
    """The whole answer to `name`, sorted but not paged; `context` carries as_of (when not given), locality, book.

    `allowed` are the Region ids a viewer may see (empty: all); what is asked is cut to them. Raises
    UnknownError for an unknown question or entity, QuestionError for a parameter that cannot be used.
    """
    question = questions.get(name)
    if question is None:
        raise UnknownError(f"没有名为“{name[:60]}”的问题。请用 liangxin questions 查看可以问什么。")
    known = {p.name: p for p in (*COMMON, *question.parameters)}
    for key in given:
        if key not in known:
            raise QuestionError(f"“{name}”没有参数“{key[:60]}”。可用的参数：{'、'.join(known)}。")
    values: dict[str, Any] = {}
    for parameter in known.values():
        text = str(given.get(parameter.name, parameter.default)).strip()
        if parameter.required and not text:
            raise QuestionError(f"“{name}”需要参数 {parameter.name}（{parameter.label}）。")
        values[parameter.name] = find_entity(reader, context.ontology, parameter.entity, text) if parameter.entity and text else text
    severity = values["severity"]
    if severity and severity not in SEVERITIES:
        raise QuestionError(f"severity 不能是“{severity[:60]}”。可用：{'、'.join(SEVERITIES)}。")
    if values["base"] and values["base"] not in context.book.bases:
        raise QuestionError(f"没有名为“{values['base'][:60]}”的口径。可用：{'、'.join(context.book.bases)}。")
    scope = descendants(reader, [values["region"]]) if values["region"] else list(allowed)
    if values["region"] and allowed:
        scope = sorted(set(scope) & set(allowed)) or ["-"]
    asked = replace(
        context,
        as_of=parse_date(values["as_of"]) if values["as_of"] else context.as_of,
        scope=tuple(scope),
        base=values["base"],
        chain=values["chain"],
        severity=severity,
        parameters={p.name: values[p.name] for p in question.parameters},
        shown={k: v for k, v in given.items() if v and k not in ("page", "size")},
    )
    return sort(question.ask(reader, asked), values["sort"])


def parse_date(text: str) -> dt.date:
    """An ISO date; QuestionError says what to write."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise QuestionError(f"日期“{text[:60]}”无法识别。请写成 2026-06-30 的形式。") from error


def sort(answer: Answer, by: str) -> Answer:
    """Rows by one column, `-name` descending; blanks last either way."""
    if not by:
        return answer
    descending, name = by.startswith("-"), by.lstrip("-")
    if name not in {c.name for c in answer.columns}:
        raise QuestionError(f"不能按“{name[:60]}”排序。可用：{'、'.join(c.name for c in answer.columns)}。")
    filled = [r for r in answer.rows if r.get(name) is not None]
    blank = [r for r in answer.rows if r.get(name) is None]
    return replace(answer, rows=(*sorted(filled, key=lambda r: r[name], reverse=descending), *blank))


def page(answer: Answer, number: str, size: str) -> Answer:
    """One page of the rows, `of_rows` saying of how many; QuestionError past the end."""
    try:
        wanted, length = int(number or 1), int(size or PAGE_SIZE)
    except ValueError as error:
        raise QuestionError(f"页码“{number[:20]}”、每页行数“{size[:20]}”应为整数。") from error
    if not 1 <= length <= 10_000:
        raise QuestionError(f"每页行数 {length} 超出范围。请取 1 到 10000。")
    pages = max(1, -(-len(answer.rows) // length))
    if not 1 <= wanted <= pages:
        raise QuestionError(f"没有第 {wanted} 页，共 {pages} 页。请取 1 到 {pages}。")
    cut = answer.rows[(wanted - 1) * length : wanted * length]
    return replace(answer, rows=cut, of_rows=len(answer.rows), parameters={**answer.parameters, "page": wanted, "size": length})


def descendants(reader: Reader, roots: Sequence[str]) -> list[str]:
    """`roots` and every Region below them, sorted."""
    pairs = reader.query("MATCH (a:Region)-[:PART_OF]->(b:Region) RETURN a.id AS child, b.id AS parent")
    below: dict[str, list[str]] = {}
    for child, parent in zip(pairs["child"].to_pylist(), pairs["parent"].to_pylist(), strict=True):
        below.setdefault(parent, []).append(child)
    seen: set[str] = set()
    stack = list(roots)
    while stack:
        region = stack.pop()
        if region not in seen:
            seen.add(region)
            stack.extend(below.get(region, ()))
    return sorted(seen)


_CODES = {"Region": "code", "Unit": "credit_code", "PartyOrg": "code", "PartnerUnit": "credit_code"}


def find_entity(reader: Reader, ontology: Ontology, node_type: str, text: str) -> str:
    """The id of the one entity whose id, code or name is `text`; UnknownError lists candidates otherwise."""
    kind = ontology.nodes[node_type]
    code = _CODES.get(node_type)
    by_code = f" OR n.{code} = $text" if code else ""
    place = "" if node_type == "Region" else " OPTIONAL MATCH (n)-[:LOCATED_IN]->(r:Region)"
    above = " OPTIONAL MATCH (n)-[:PART_OF]->(r:Region)" if node_type == "Region" else ""
    found = reader.query(
        f"MATCH (n:{node_type}) WHERE n.id = $text OR n.name = $text{by_code}{place}{above} "
        "RETURN n.id AS id, n.name AS name, r.name AS place ORDER BY id",
        {"text": text},
    ).to_pylist()
    if len(found) == 1:
        return str(found[0]["id"])
    if found:
        listed = "；".join(f"{f['name']}（{f['place'] or '未落地'}，{f['id']}）" for f in found[:8])
        raise QuestionError(f"{kind.label}“{text[:60]}”不止一个：{listed}。请改用编号或代码。")
    # a hint is a message, which no redaction follows: names of people are never offered
    offered = kind.properties["name"].sensitivity == OPEN
    near = reader.query(
        f"MATCH (n:{node_type}) WHERE n.name CONTAINS $text RETURN n.name AS name, n.id AS id ORDER BY name, id LIMIT 5",
        {"text": text},
    ).to_pylist()
    hint = f"相近的有：{'、'.join(n['name'] for n in near)}。" if near and offered else "请检查名称、代码或编号。"
    raise UnknownError(f"没有找到{kind.label}“{text[:60]}”。{hint}")
