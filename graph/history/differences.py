"""What changed in the ledgers about something between two revisions: from the rows that came, went or were left out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from graph.answers import Value
from graph.ontology import Ontology, Property
from graph.privacy import OPEN, classes
from graph.stores.base import Reader

ROWS_CYPHER = """MATCH (t:SourceRow)
WHERE t.brought > $since OR t.ended > $since OR t.retired > $since
RETURN t.id AS id, t.entity AS entity, t.ledger AS ledger, t.file AS file, t.sheet AS sheet, t.line AS line,
  t.values AS stated, t.brought AS brought, t.ended AS ended, t.retired AS retired
ORDER BY id"""
#: ledgers that say nothing of a thing itself
_OTHER = ("decisions",)
_CODES = ("legal_unit",)


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that changed: in words, the classes of what they quote, where the row stands, which property.

    `field` is '' where it is no property: a row that came or went, or that speaks of something else too.
    """

    text: str
    sensitivity: str
    file: str | None
    sheet: str | None
    line: int | None
    field: str = ""


@dataclass(slots=True)
class _Group:
    """The rows of one thing in one ledger that changed: as they were, as they are, and those no longer listed."""

    ledger: str
    entity: str
    old: list[dict[str, Any]] = field(default_factory=list)
    new: list[dict[str, Any]] = field(default_factory=list)
    retired: list[dict[str, Any]] = field(default_factory=list)

    @property
    def all(self) -> list[dict[str, Any]]:
        return [*self.new, *self.retired, *self.old]


@dataclass(frozen=True, slots=True)
class Known:
    """What rows may call a thing by: a name only where nothing else has it."""

    id: str
    name: str
    code: str = ""


class Differences:
    """What the rows that changed after the revision `since` say of some things, the latest published being the other.

    Of rows about others that name a thing, no words and no place are given unless `quoting`: a viewer of one division
    may see the thing and not those.
    """

    def __init__(
        self, reader: Reader, ontology: Ontology, things: Iterable[Known], since: int, *, quoting: bool = True
    ) -> None:
        self._ontology = ontology
        self._since = since
        self._quoting = quoting
        self._things = {thing.id: thing for thing in things}
        self._called: dict[str, list[str]] = {}
        for thing in self._things.values():
            for word in filter(None, (thing.name, thing.code)):
                self._called.setdefault(word, []).append(thing.id)
        self._field = lru_cache(maxsize=None)(self._read_field)
        self._of: dict[str, list[Said]] = {}
        if self._things:
            table = reader.query(ROWS_CYPHER, {"since": since})
            own = pc.is_in(table["entity"].cast(pa.string()), value_set=pa.array(self._things, pa.string()))
            for group in self._groups(table.filter(own)):
                self._of.setdefault(group.entity, []).extend(self._own(group))
            for group in self._groups(table.filter(pc.invert(own))):
                self._mention(group)

    def of(self, thing: str) -> list[Said]:
        """What changed about it: in its own rows first, then in those that speak of it."""
        return self._of.get(thing, [])

    def _groups(self, table: pa.Table) -> Iterable[_Group]:
        """Rows that came and went again in between say nothing of either revision."""
        found: dict[tuple[str, str], _Group] = {}
        for row in table.to_pylist():
            if row["ledger"] in _OTHER or row["ledger"] not in self._ontology.ledgers:
                continue
            group = found.setdefault((row["ledger"], row["entity"]), _Group(row["ledger"], row["entity"]))
            brought = row["brought"] > self._since
            if row["ended"] is not None:
                if not brought:
                    group.old.append(row)
            elif brought:
                group.new.append(row)
            elif row["retired"] is not None and row["retired"] > self._since:
                group.retired.append(row)
        for group in found.values():
            for row in group.all:
                row["stated"] = json.loads(row["stated"] or "{}")
        return found.values()

    def _own(self, group: _Group) -> Iterator[Said]:
        label = str(self._ontology.ledgers[group.ledger]["label"])
        if group.retired:
            yield _said(f"{label}不再列入", group.retired[0])
        elif group.new and not group.old:
            yield _said(f"{label}新列入", group.new[0])
        elif group.old and not group.new:
            yield _said(f"{label}的这一行已撤回", group.old[0])
        elif group.new:
            yield from self._changed(group)

    def _changed(self, group: _Group) -> Iterator[Said]:
        """The properties whose values differ, as they were and are."""
        was, now = _together(group.old), _together(group.new)
        for key in dict.fromkeys((*now, *was)):
            if was.get(key) != now.get(key) and (said := self._field(group.ledger, key)):
                label, prop, sensitivity = said
                texts = (_text(values.get(key), prop) for values in (was, now))
                yield _said(f"{label} {' → '.join(texts)}", group.new[0], sensitivity, key)

    def _mention(self, group: _Group) -> None:
        """What rows about others, or that draw relations, changed about those things that they name."""
        before, after = (
            frozenset[str]().union(*map(_words, rows)) for rows in (group.old, [*group.new, *group.retired])
        )
        named = sorted(word for word in before | after if word in self._called)
        if not named:
            return
        label = str(self._ontology.ledgers[group.ledger]["label"])
        for word in named:
            if group.retired:
                said = [_said(f"{label}中与它有关的一行不再列入", group.retired[0])]
            elif word not in before or word not in after:
                said = [_said(f"{label}{'新写明' if word in after else '不再写明'}与它的关系", group.all[0])]
            elif self._quoting:
                said = [
                    replace(c, text=f"{label}中与它有关的一行：{c.text}")
                    for c in self._changed(group)
                    if not c.field.startswith("@")
                ]
            else:
                said = [_said(f"{label}中与它有关的一行有变", group.all[0])]
            if not self._quoting:
                said = [replace(one, file=None, sheet=None, line=None) for one in said]
            for thing in self._called[word]:
                self._of.setdefault(thing, []).extend(said)

    def _read_field(self, ledger: str, key: str) -> tuple[str, Property | None, str] | None:
        """What a value of a row is called, its property, and its class; None where nobody declared it."""
        spec: Mapping[str, Any] = self._ontology.ledgers[ledger]
        nodes, edges = self._ontology.nodes, self._ontology.edges
        entity = spec.get("entity", "")
        if key in ("valid_from", "valid_to"):
            return ("起始日期" if key == "valid_from" else "终止日期"), None, OPEN
        if key in ("@placed", "@superior"):
            return ("所在区划" if key == "@placed" else "上级党组织"), None, OPEN
        if key in ("@from", "@to"):
            return self._named(key[1:], spec.get(key[1:], {}).get("types", ()))
        if key.startswith("@"):
            for link in spec.get("links", ()):
                if link["field"] == key[1:]:
                    return self._named(edges[link["edge"]].label, link.get("from") or link["to"])
            return None
        found = nodes["PartyOrg"].properties.get(key.removeprefix("org.")) if key.startswith("org.") else None
        drawn = [spec.get("edge", ""), *(link["edge"] for link in spec.get("links", ())), "COVERS"]
        for kind in (nodes.get(entity), *(edges.get(name) for name in drawn)):
            found = found or (kind.properties.get(key) if kind else None)
        return (found.label, found, found.sensitivity) if found else None

    def _named(self, relation: str, types: Iterable[str]) -> tuple[str, Property | None, str]:
        kinds = [self._ontology.nodes[name] for name in types]
        ends = {"from": "一方", "to": "另一方"}
        label = f"{ends.get(relation, relation)}（{'、'.join(kind.label for kind in kinds)}）"
        return label, None, classes(kind.called.sensitivity for kind in kinds)


def _said(text: str, row: Mapping[str, Any], sensitivity: str = OPEN, key: str = "") -> Said:
    return Said(text, sensitivity, row["file"], row["sheet"], row["line"], key)


def _together(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What several rows of one thing in one ledger say: the first that says something of it."""
    found: dict[str, Any] = {}
    for row in rows:
        for key, value in row["stated"].items():
            found.setdefault(key, value)
    return found


def _words(row: Mapping[str, Any]) -> frozenset[str]:
    """The names and codes by which a row draws relations."""
    found: set[str] = set()
    for key, value in row["stated"].items():
        if (key.startswith("@") and key != "@placed") or key in _CODES:
            found.update(map(str, value) if isinstance(value, list) else (str(value),))
    return frozenset(found)


def _text(value: Value, prop: Property | None) -> str:
    """A value as words."""
    if value is None:
        return "未填"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(map(str, value)) or "未填"
    return f"{value}{prop.unit if prop else ''}"
