"""What changed in the ledgers about an entity between two revisions: from rows that came, went or were retired."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from graph.answers import Value
from graph.ontology import Ontology, Property
from graph.privacy import OPEN, classes
from graph.statements import revision_days, row_recency
from graph.stores.base import Reader

ROWS_CYPHER = """MATCH (t:SourceRow)
WHERE t.brought > $since OR t.ended > $since OR t.retired > $since
RETURN t.id AS id, t.entity AS entity, t.ledger AS ledger, t.file AS file, t.sheet AS sheet, t.line AS line,
  t.values AS stated, t.brought AS brought, t.ended AS ended, t.retired AS retired, t.dated AS dated,
  t.loaded AS loaded
ORDER BY id"""
STANDING_CYPHER = """UNWIND $ids AS i MATCH (t:SourceRow)
WHERE t.entity = i AND t.brought <= $since AND t.ended IS NULL AND t.retired IS NULL
RETURN t.entity AS entity, t.ledger AS ledger, t.file AS file, t.sheet AS sheet, t.line AS line,
  t.values AS stated, t.brought AS brought, t.dated AS dated, t.loaded AS loaded"""
#: ledgers whose rows state nothing about an entity
_OTHER = ("decisions",)
_CODES = ("legal_unit",)


@dataclass(frozen=True, slots=True)
class FactChange:
    """One change: its words, the classes of what they quote, the place of the row, the property.

    `field` is '' where the change is not of a property: a row came or went.
    """

    text: str
    sensitivity: str
    file: str | None
    sheet: str | None
    line: int | None
    field: str = ""


@dataclass(slots=True)
class _Group:
    """The changed rows of one entity in one ledger: as they were, as they are, and those no longer listed.

    `standing` are the rows that were there before and are there still.
    """

    ledger: str
    entity: str
    old: list[dict[str, Any]] = field(default_factory=list)
    new: list[dict[str, Any]] = field(default_factory=list)
    retired: list[dict[str, Any]] = field(default_factory=list)
    standing: list[dict[str, Any]] = field(default_factory=list)

    @property
    def all(self) -> list[dict[str, Any]]:
        return [*self.new, *self.retired, *self.old]


@dataclass(frozen=True, slots=True)
class Named:
    """The words by which rows may name an entity: a name only where no other entity has it."""

    id: str
    name: str
    code: str = ""


class Differences:
    """What changed about some entities between the revision `since` and the latest one, by the rows that changed.

    Rows about others that name an entity are quoted, with their place, only with `quoting`: a viewer of one division
    may see the entity but not those others.
    """

    def __init__(
        self, reader: Reader, ontology: Ontology, things: Iterable[Named], since: int, *, quoting: bool = True
    ) -> None:
        self._ontology = ontology
        self._since = since
        self._quoting = quoting
        self._things = {thing.id: thing for thing in things}
        self._called: dict[str, list[str]] = {}
        for thing in self._things.values():
            for word in filter(None, (thing.name, thing.code)):
                self._called.setdefault(word, []).append(thing.id)
        self._field = lru_cache(maxsize=None)(partial(declared_field, ontology))
        self._of: dict[str, list[FactChange]] = {}
        if self._things:
            self._days = revision_days(reader)
            table = reader.query(ROWS_CYPHER, {"since": since})
            own = pc.is_in(table["entity"].cast(pa.string()), value_set=pa.array(self._things, pa.string()))
            for group in self._groups(reader, table.filter(own)):
                self._of.setdefault(group.entity, []).extend(self._own(group))
            for group in self._groups(reader, table.filter(pc.invert(own))):
                self._mention(group)

    def of(self, thing: str) -> list[FactChange]:
        """What changed about an entity: in its own rows first, then in those that name it."""
        return self._of.get(thing, [])

    def _groups(self, reader: Reader, table: pa.Table) -> Iterable[_Group]:
        """The changed rows by ledger and entity; a row that came and went between the two revisions is left out."""
        groups: dict[tuple[str, str], _Group] = {}
        for row in table.to_pylist():
            if row["ledger"] in _OTHER or row["ledger"] not in self._ontology.ledgers:
                continue
            group = groups.setdefault((row["ledger"], row["entity"]), _Group(row["ledger"], row["entity"]))
            brought = row["brought"] > self._since
            if row["ended"] is not None:
                if not brought:
                    group.old.append(row)
            elif brought:
                group.new.append(row)
            elif row["retired"] is not None and row["retired"] > self._since:
                group.retired.append(row)
        if stated := list(dict.fromkeys(group.entity for group in groups.values() if group.new)):
            for row in reader.query(STANDING_CYPHER, {"ids": stated, "since": self._since}).to_pylist():
                if group_ := groups.get((row["ledger"], row["entity"])):
                    group_.standing.append(row)
        for group in groups.values():
            for row in (*group.all, *group.standing):
                row["stated"] = json.loads(row["stated"] or "{}")
        return groups.values()

    def _own(self, group: _Group) -> Iterator[FactChange]:
        label = str(self._ontology.ledgers[group.ledger]["label"])
        if group.retired:
            yield _change(f"{label}不再列入", group.retired[0])
        elif group.new and not group.old and not group.standing:
            yield _change(f"{label}新列入", group.new[0])
        elif group.old and not group.new:
            yield _change(f"{label}的这一行已撤回", group.old[0])
        elif group.new:
            yield from self._changed(group)

    def _changed(self, group: _Group) -> Iterator[FactChange]:
        """A change for each property whose value differs, with both values."""
        was, now = (self._together([*rows, *group.standing]) for rows in (group.old, group.new))
        for key in dict.fromkeys((*now, *was)):
            if was.get(key) != now.get(key) and (declared := self._field(group.ledger, key)):
                label, prop, sensitivity = declared
                texts = (value_text(values.get(key), prop) for values in (was, now))
                yield _change(f"{label} {' → '.join(texts)}", group.new[0], sensitivity, key)

    def _together(self, rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
        """The values of several rows of one entity in one ledger: of each key the latest."""
        values: dict[str, Any] = {}
        for row in sorted(rows, key=lambda r: row_recency(r, self._days), reverse=True):
            for key, value in row["stated"].items():
                values.setdefault(key, value)
        return values

    def _mention(self, group: _Group) -> None:
        """Add the changes of rows that are about others, or draw relations, to the entities that they name."""
        before, after = (
            frozenset[str]().union(*map(_words, (*rows, *group.standing)))
            for rows in (group.old, [*group.new, *group.retired])
        )
        named = sorted(word for word in before | after if word in self._called)
        if not named:
            return
        label = str(self._ontology.ledgers[group.ledger]["label"])
        for word in named:
            if group.retired:
                changes = [_change(f"{label}中与它有关的一行不再列入", group.retired[0])]
            elif word not in before or word not in after:
                changes = [_change(f"{label}{'新写明' if word in after else '不再写明'}与它的关系", group.all[0])]
            elif self._quoting:
                changes = [
                    replace(c, text=f"{label}中与它有关的一行：{c.text}")
                    for c in self._changed(group)
                    if not c.field.startswith("@")
                ]
            else:
                changes = [_change(f"{label}中与它有关的一行有变", group.all[0])]
            if not self._quoting:
                changes = [replace(one, file=None, sheet=None, line=None) for one in changes]
            for thing in self._called[word]:
                self._of.setdefault(thing, []).extend(changes)


def declared_field(ontology: Ontology, ledger: str, key: str) -> tuple[str, Property | None, str] | None:
    """The label of a value of a row, its property and its class; None where the ontology does not declare it."""
    spec: Mapping[str, Any] = ontology.ledgers[ledger]
    nodes, edges = ontology.nodes, ontology.edges
    if key in ("valid_from", "valid_to"):
        return ("起始日期" if key == "valid_from" else "终止日期"), None, OPEN
    if key in ("@placed", "@superior"):
        return ("所在区划" if key == "@placed" else "上级党组织"), None, OPEN
    if key in ("@from", "@to"):
        return _named(ontology, key[1:], spec.get(key[1:], {}).get("types", ()))
    if key.startswith("@"):
        for link in spec.get("links", ()):
            if link["field"] == key[1:]:
                return _named(ontology, edges[link["edge"]].label, link.get("from") or link["to"])
        return None
    declared = nodes["PartyOrg"].properties.get(key.removeprefix("org.")) if key.startswith("org.") else None
    drawn = [spec.get("edge", ""), *(link["edge"] for link in spec.get("links", ())), "COVERS"]
    for kind in (nodes.get(spec.get("entity", "")), *(edges.get(name) for name in drawn)):
        declared = declared or (kind.properties.get(key) if kind else None)
    return (declared.label, declared, declared.sensitivity) if declared else None


def _named(ontology: Ontology, relation: str, types: Iterable[str]) -> tuple[str, Property | None, str]:
    kinds = [ontology.nodes[name] for name in types]
    ends = {"from": "一方", "to": "另一方"}
    label = f"{ends.get(relation, relation)}（{'、'.join(kind.label for kind in kinds)}）"
    return label, None, classes(kind.called.sensitivity for kind in kinds)


def _change(text: str, row: Mapping[str, Any], sensitivity: str = OPEN, key: str = "") -> FactChange:
    return FactChange(text, sensitivity, row["file"], row["sheet"], row["line"], key)


def _words(row: Mapping[str, Any]) -> frozenset[str]:
    """The names and codes by which a row draws relations."""
    words: set[str] = set()
    for key, value in row["stated"].items():
        if value is not None and ((key.startswith("@") and key not in ("@placed", "@dated")) or key in _CODES):
            words.update(map(str, value) if isinstance(value, list) else (str(value),))
    return frozenset(words)


def value_text(value: Value, prop: Property | None) -> str:
    """A value as words."""
    if value is None:
        return "未填"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(map(str, value)) or "未填"
    return f"{value}{prop.unit if prop else ''}"
