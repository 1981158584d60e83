"""What a question is, and how it is asked: parameters are checked, names resolved, rows sorted and paged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from graph.answers import Answer, Layout
from graph.errors import QuestionError, UnknownError
from graph.parameters import COMMON, SEVERITY, Parameter, parse_date, whole, words
from graph.questions.lookup import Entity, find
from graph.regions import Regions
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader

PAGE_SIZE = 50
#: of the number of a page
MOST_DIGITS = 15
FIRST_LOAD_CYPHER = (
    "MATCH (c:Change) WHERE c.kind = 'load' "
    "RETURN c.at AS at, c.as_of AS as_of, c.number AS number ORDER BY number LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question: `help` says in a sentence what it answers, `layout` how a page shows the answer.

    `by_date` says whether the answer depends on the date asked about.
    If it is `narrowed`, every facet of the ontology is a parameter too (see facets.parameters).
    """

    name: str
    title: str
    help: str
    ask: Callable[[Reader, Inquiry], Answer]
    parameters: tuple[Parameter, ...] = ()
    layout: Layout = "list"
    narrowed: bool = False
    by_date: bool = True


def ask(
    questions: Mapping[str, Question],
    reader: Reader,
    context: Inquiry,
    name: str,
    texts: Mapping[str, str],
    *,
    allowed: Sequence[str] = (),
) -> Answer:
    """The whole answer to the question `name` with the parameters `texts`, sorted but not paged.

    `context` holds the book, the locality and the default as_of. `allowed` are the ids of all Regions that a viewer may
    see (empty: all): the answer is cut to them, and an entity outside them is unknown. Raises UnknownError for an
    unknown question or entity, QuestionError for a parameter that cannot be used.
    """
    question = questions.get(name)
    if question is None:
        raise UnknownError(f"没有名为“{name[:60]}”的问题。请用 liangxin questions 查看可以问什么。")
    parameters = {p.name: p for p in (*COMMON, *question.parameters)}
    for key in texts:
        if key not in parameters:
            raise QuestionError(f"“{name}”没有参数“{key[:60]}”。可用的参数：{'、'.join(parameters)}。")
    values = {p.name: str(texts.get(p.name) or p.default).strip() for p in parameters.values()}
    for parameter in question.parameters:
        if parameter.required and not values[parameter.name]:
            raise QuestionError(f"“{name}”需要参数 {parameter.name}（{parameter.label}）。")
    paging(values["page"], values["size"])
    values |= {name: _value(parameters[name], text, reader, context, allowed) for name, text in values.items() if text}
    as_of = parse_date(values["as_of"]) if values["as_of"] else context.as_of
    named = {p.name: (p.entity, values[p.name]) for p in parameters.values() if p.entity and values[p.name]}
    entities = find(reader, context.ontology, named, frozenset(allowed))
    values |= {parameter: entity.id for parameter, entity in entities.items()}
    for parameter in parameters.values():
        if parameter.kinds and parameter.name in entities:
            entity = entities[parameter.name]
            kind = Regions.read(reader).kinds.get(entity.id, "")
            if kind and kind not in parameter.kinds:
                fitting = "、".join(parameter.kinds)
                raise QuestionError(
                    f"{parameter.name} 不能是“{entity.name}”（{kind}）。请填{fitting}的名称、代码或编号。"
                )
    # whoever may see a region may see everything below it
    scope = Regions.read(reader).below([values["region"]]) if values["region"] else tuple(allowed)
    inquiry = replace(
        context,
        faults=context.faults.apart(),
        as_of=as_of,
        scope=scope,
        base=values["base"],
        chain=values["chain"],
        severity=values.get(SEVERITY.name, ""),
        parameters={p.name: values[p.name] for p in question.parameters if p is not SEVERITY},
        # a label that a parameter was written as is shown as its value, an entity as it was written
        shown={
            k: v if parameters[k].values is None else values[k]
            for k, v in texts.items()
            if v and k not in ("page", "size")
        },
    )
    within = {p.name: entities[p.name].name for p in COMMON if p.name in entities}
    answer = replace(question.ask(reader, inquiry), layout=question.layout, within=within)
    # the first notes: figures that lack a rule are not to be read without it
    failed = tuple(fault.note for _, fault in sorted(inquiry.faults.met.items()))
    names = _names_of_today(entities.values())
    answer = replace(answer, notes=(*failed, *answer.notes, *names))
    if question.by_date:
        answer = replace(answer, notes=(*answer.notes, *_before_the_first_load(reader, as_of)))
    return select(sort(answer, values["sort"]), values["columns"])


def _value(parameter: Parameter, text: str, reader: Reader, context: Inquiry, allowed: Sequence[str]) -> str:
    """The value of a parameter that a text means; QuestionError for one that the parameter does not know."""
    if parameter.bounds:
        return str(whole(text, parameter.name, *parameter.bounds))
    offered = parameter.offered(context)
    if offered is None:
        return text
    if parameter.recorded and text not in (*offered, *offered.values()):
        recorded = reader.query(parameter.recorded, {"scope": list(allowed)})["value"].to_pylist()
        offered = {**words(recorded), **offered}
    return parameter.read(text, offered)


def _names_of_today(entities: Iterable[Entity]) -> tuple[str, ...]:
    """A note on each entity that was asked for by a name that it has no more."""
    return tuple(f"“{e.formerly}”是以前的名称，现名为“{e.name}”。" for e in entities if e.formerly)


def _before_the_first_load(reader: Reader, as_of: dt.date) -> tuple[str, ...]:
    """For a date before the first load, a note on what moves with the date and what does not.

    Ledgers that were loaded as those of an earlier day are known from that day on.
    """
    for row in reader.query(FIRST_LOAD_CYPHER).to_pylist():
        day = min((row["at"] or "")[:10], (row["as_of"] or dt.date.max).isoformat())
        if as_of.isoformat() < day:
            return (
                f"截止日期 {as_of} 早于首次载入的数据（{day}）。随截止日期变的：任期、派驻、暂缓和写有起止日期的关系（隶属、覆盖、"
                "结对、链上等）；写明成立日期、注销日期的单位，从成立之日起、到注销之日止计入。不随截止日期变的，均为现在所载："
                "其他单位的名单，党组织、指导员、产业链等的名单和个数，党员数、从业人数等各项内容，待核实事项，查找的结果；"
                "处理方案的候选也从现在的名单中选，只有单位和派驻家数按上述日期计。",
            )
    return ()


def sort(answer: Answer, by: str) -> Answer:
    """The answer with its rows sorted by the column `by` (`-name`: descending), blanks last; '' keeps the order.

    Raises QuestionError for an unknown column.
    """
    if not by:
        return answer
    descending, name = by.startswith("-"), by.lstrip("-")
    if name not in {c.name for c in answer.columns}:
        raise QuestionError(f"不能按“{name[:60]}”排序。可用：{'、'.join(c.name for c in answer.columns)}。")
    filled = [r for r in answer.rows if r.get(name) is not None]
    blank = [r for r in answer.rows if r.get(name) is None]
    return replace(answer, rows=(*sorted(filled, key=lambda r: r[name], reverse=descending), *blank))


def select(answer: Answer, columns: str) -> Answer:
    """The answer with only these columns (names joined by commas), in this order; '' for all.

    Raises QuestionError for an unknown column.
    """
    if not columns:
        return answer
    by_name = {c.name: c for c in answer.columns}
    names = list(dict.fromkeys(filter(None, columns.split(","))))
    for name in names:
        if name not in by_name:
            raise QuestionError(f"没有列“{name[:60]}”。可用：{'、'.join(by_name)}。")
    others = tuple(c for c in answer.columns if c.name not in names)
    return replace(answer, columns=tuple(by_name[name] for name in names), unchosen=others)


def page(answer: Answer, number: str, size: str) -> Answer:
    """One page of the rows, with the number of all rows in `of_rows`; QuestionError past the end."""
    index, length = paging(number, size)
    pages = max(1, -(-len(answer.rows) // length))
    if not 1 <= index <= pages:
        raise QuestionError(f"没有第 {index} 页，共 {pages} 页。请取 1 到 {pages}。")
    cut = answer.rows[(index - 1) * length : index * length]
    parameters = {**answer.parameters, "page": index, "size": length}
    return replace(answer, rows=cut, of_rows=len(answer.rows), parameters=parameters)


def paging(number: str, size: str) -> tuple[int, int]:
    """The number of a page and the number of its rows; QuestionError for texts that are none."""
    try:
        if max(len(number), len(size)) > MOST_DIGITS:
            raise ValueError
        index, length = int(number or 1), int(size or PAGE_SIZE)
    except ValueError as error:
        raise QuestionError(f"页码“{number[:20]}”、每页行数“{size[:20]}”应为整数。") from error
    if not 1 <= length <= 10_000:
        raise QuestionError(f"每页行数 {length} 超出范围。请取 1 到 10000。")
    return index, length
