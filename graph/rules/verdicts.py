"""The results of a rule: the rows of its query, the values in force, the outcome for all subjects or for one."""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from graph.answers import Column, Finding, Value
from graph.errors import QueryError, StoreFullError, StoreSlowError
from graph.faults import Fault
from graph.ontology import load as load_ontology
from graph.rules.failing import explained, failed
from graph.rules.overrides import DEFAULT
from graph.rules.rule import FINDING, UNVERIFIED, VERDICTS, Rule, fill
from graph.stores.base import Reader
from graph.stores.lexing import texts

#: the verdict on a subject that is not in the population, and of a rule that is off because it failed
OUTSIDE, FAILED = "outside", "failed"
_MENDS = {
    "id": "把对象的 id 作为第一列：RETURN x.id AS id",
    "verdict": f"使它总是 {'、'.join(VERDICTS)} 之一（CASE 要写 ELSE）",
}
_WHOLE = (pa.types.is_integer,)
#: the types of values that a fact of a type may have
_FITTING: Mapping[str, Sequence[Callable[[pa.DataType], bool]]] = {
    "string": (pa.types.is_string, pa.types.is_large_string),
    "integer": _WHOLE,
    "money": _WHOLE,
    "number": (*_WHOLE, pa.types.is_floating, pa.types.is_decimal),
    "percent": (*_WHOLE, pa.types.is_floating, pa.types.is_decimal),
    "date": (pa.types.is_date,),
    "boolean": (pa.types.is_boolean,),
    "strings": (pa.types.is_list, pa.types.is_large_list),
}


@dataclass(frozen=True, slots=True)
class InForce:
    """A threshold as it was applied; `default` is false where the county or a division set it, `origin` names which."""

    name: str
    label: str
    value: Any
    unit: str
    default: bool
    origin: str = DEFAULT

    def __str__(self) -> str:
        value = "、".join(map(str, self.value)) if isinstance(self.value, list) else self.value
        return f"{self.label} {value}{self.unit}（{self.origin}）"


@dataclass(frozen=True, slots=True)
class Force:
    """The values of a rule in force in a part of the county, each with its origin.

    `part` names the divisions that set them, '' for the county. A rule that is not `on` finds nothing there and has
    no denominator.
    """

    severity: str
    severity_origin: str
    on: bool
    on_origin: str
    parameters: tuple[InForce, ...]
    part: str = ""

    @property
    def values(self) -> dict[str, Any]:
        """The parameters by name."""
        return {p.name: p.value for p in self.parameters}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one rule: the ids of its denominator, its findings and its 待核实, each in order of id."""

    rule: Rule
    population: tuple[str, ...]
    findings: tuple[Finding, ...]
    unverified: tuple[Finding, ...]
    cypher: str
    #: the county's, then those of divisions that decide otherwise
    forces: tuple[Force, ...]
    #: those of divisions by the subjects found there
    elsewhere: Mapping[str, Force] = field(default_factory=dict)
    #: why the rule is off, where it failed: it then has nothing of all this
    fault: Fault | None = None

    @property
    def parameters(self) -> tuple[InForce, ...]:
        """The thresholds applied, those of each part of the county."""
        return tuple({str(p): p for force in self.forces for p in force.parameters}.values())

    def text(self, template: str, subject: str = "") -> str:
        """A text of the rule with the thresholds in force (where `subject` lies) in place of their names."""
        return fill(template, self.elsewhere.get(subject, self.forces[0]).values)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict of one rule on one subject: "finding", "unverified", "clear", or "outside" its denominator.

    "failed" is that of a rule that is off because it failed.

    `facts` are what the query compared, in its order; a subject outside has none.
    """

    rule: Rule
    state: str
    facts: Mapping[str, Value]
    #: the values in force where the subject lies, and the parameters of the query
    force: Force
    parameters: Mapping[str, Any]

    def text(self, template: str) -> str:
        """A text of the rule with the values in force where the subject lies in place of their names."""
        return fill(template, self.parameters)


# cached properties need a __dict__, so the class has no slots
@dataclass(frozen=True)
class Verdicts:
    """What the query of a rule returned: all `rows`, and parts of them with one row a subject, in order of id."""

    rows: pa.Table

    @cached_property
    def population(self) -> pa.Table:
        """The ids."""
        return _each_once(self.rows.select(["id"]))

    @cached_property
    def findings(self) -> pa.Table:
        """The rows of the subjects that have a finding."""
        return _each_once(of_verdict(self.rows, FINDING))

    @cached_property
    def unverified(self) -> pa.Table:
        """The rows of the subjects that are 待核实 and have no finding."""
        rows = _each_once(of_verdict(self.rows, UNVERIFIED))
        return rows.filter(pc.invert(pc.is_in(rows["id"], value_set=self.findings["id"])))


#: the verdicts by the identity of the table that they were made from, for as long as a cache of queries keeps it
_OF_TABLES: dict[int, Verdicts] = {}


def verdicts(reader: Reader, rule: Rule, parameters: Mapping[str, Any]) -> Verdicts:
    """What the query of a rule says. Raises RuleError where it fails: as `verdict_rows`."""
    with _explaining(rule):
        table = reader.query(rule.query.text(parameters), parameters)
    made = _OF_TABLES.get(id(table))
    if made is None:
        made = Verdicts(_checked(table, rule))
        if rule.own:
            _check_own(reader, made.rows, rule)
        # not before it is checked: another table may have the identity of one that was refused
        _OF_TABLES[id(table)] = made
        weakref.finalize(table, _OF_TABLES.pop, id(table), None).atexit = False
    return made


def prepare(reader: Reader, rule: Rule, parameters: Mapping[str, Any]) -> None:
    """Have the engine plan the query of a rule without running it. Raises RuleError where it cannot."""
    with _explaining(rule):
        reader.prepare(rule.query.text(parameters), parameters)


@contextlib.contextmanager
def _explaining(rule: Rule) -> Iterator[None]:
    """Raise RuleError for an error that the query of a rule is the cause of."""
    try:
        yield
    except (QueryError, StoreSlowError, StoreFullError) as error:
        if isinstance(error, StoreSlowError) and not error.by_query:
            raise
        raise explained(rule, error) from error


def verdict_rows(reader: Reader, rule: Rule, parameters: Mapping[str, Any]) -> pa.Table:
    """What the query of a rule returns: `id`, `verdict` and the facts; a subject may have several rows.

    Raises RuleError where a county's own rule cannot be run, takes too long or too much, or returns what is no
    verdict on a subject.
    """
    return verdicts(reader, rule, parameters).rows


def _checked(table: pa.Table, rule: Rule) -> pa.Table:
    """Another table with the same rows, whose ids and verdicts are texts. Raises RuleError where they are not."""
    for name in ("id", "verdict"):
        # Neo4j gives no type for a column without values
        if not pa.types.is_string(table.schema.field(name).type) and table[name].null_count < len(table):
            raise failed(rule, f"规则 {rule.id} 的 {name} 不是文字", _MENDS[name])
        table = table.set_column(table.column_names.index(name), name, table[name].cast(pa.string()))
    strange = table["verdict"].filter(pc.invert(pc.is_in(table["verdict"], value_set=pa.array(VERDICTS))))
    if len(strange):
        # a value that the file does not hold is one of the graph, which not everybody may see
        values = strange.unique().to_pylist()
        shown = "、".join(f"“{v or '空'}”" for v in values if not v or v in texts(rule.query.cypher)) or "别的值"
        what = f"规则 {rule.id} 的 verdict 有{shown}（{len(strange)} 个对象）"
        raise failed(rule, what, _MENDS["verdict"])
    return table


def _check_own(reader: Reader, rows: pa.Table, rule: Rule) -> None:
    """Raise RuleError for an id that no subject of the rule has, or a fact of another type than it is declared to have."""
    for name, column in rule.facts.items():
        _check_fact(rows[name], rule, name, column)
    if nulls := rows["id"].null_count:
        raise failed(rule, f"规则 {rule.id} 的 id 有空（{nulls} 行）", _MENDS["id"])
    left, ontology = rows["id"].unique(), load_ontology()
    for subject in rule.subjects:
        ids = reader.query(f"MATCH (s:{subject}) RETURN s.id AS id ORDER BY id")["id"].cast(pa.string())
        left = left.filter(pc.invert(pc.is_in(left, value_set=ids.combine_chunks())))
    if len(left):
        labels = "、".join(ontology.nodes[subject].label for subject in rule.subjects)
        what = f"规则 {rule.id} 的 id 有 {len(left)} 个不是{labels}的编号"
        raise failed(rule, what, "返回对象的 id，或改 subject")


def _check_fact(values: pa.ChunkedArray, rule: Rule, name: str, column: Column) -> None:
    kind = values.type
    fits = pa.types.is_null(kind) or any(fit(kind) for fit in _FITTING[column.type])
    if fits and pa.types.is_list(kind):
        inner = pc.list_flatten(values)
        fits = pa.types.is_null(inner.type) or (pa.types.is_string(inner.type) and not inner.null_count)
    if not fits:
        what = f"规则 {rule.id} 返回的“{name}”（{column.label}）不是 {column.type}，图库给出的是 {kind}"
        raise failed(rule, what, "在 facts 中改写它的类型，或改返回的内容")


def _each_once(rows: pa.Table) -> pa.Table:
    """The first row of each subject, in order of id."""
    ids = rows["id"]
    # most queries return their rows so, and this takes no memory
    if pc.all(pc.less(ids[:-1], ids[1:])).as_py():
        return rows
    first = pc.equal(pc.index_in(ids, value_set=ids), pa.array(range(len(ids)), pa.int32()))
    return rows.filter(first).sort_by("id")


def of_verdict(table: pa.Table, verdict: str) -> pa.Table:
    """The rows of a verdict."""
    return table.filter(pc.equal(table["verdict"], verdict))


def facts_of(row: Mapping[str, Any]) -> dict[str, Value]:
    """The facts of a row, beside its id and verdict; collect() promises no order."""
    return {n: sorted(v) if isinstance(v, list) else v for n, v in row.items() if n not in ("id", "verdict")}
