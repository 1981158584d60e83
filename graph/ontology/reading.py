"""Reads and checks ontology.yaml; nobody else reads the file."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from graph.answers import Column, ColumnType
from graph.ontology.checks import SHAPE, check_ledgers
from graph.ontology.declaration import Declaration

PATH = Path(__file__).parents[1] / "ontology.yaml"
#: bounds of an edge without dates: in force is `valid_from <= as_of <= valid_to` with no null to think of
ALWAYS_FROM = dt.date(1, 1, 1)
ALWAYS_TO = dt.date(9999, 12, 31)

FORMATS = ("credit_code", "division_code", "code")
ARROW: dict[str, pa.DataType] = {
    "string": pa.string(),
    "integer": pa.int64(),
    "money": pa.int64(),
    "number": pa.float64(),
    "date": pa.date32(),
    "boolean": pa.bool_(),
    "strings": pa.list_(pa.string()),
}


@dataclass(frozen=True, slots=True)
class Facet:
    """How lists of units are narrowed by a property: the name of the parameter and the column, and their label.

    `words` are what true and false are called where that is not 是 and 否; then the column shows these words too.
    """

    name: str
    label: str
    words: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Property:
    """A property of a node or an edge. `about` says to a reader what it counts, where the label does not.

    `values` maps canonical values to synonyms. Others are kept as they are with `open_values`, are the value
    `unlisted` where one is named, and else blank. A boolean has those of 是 and 否. An answer that is a value of the
    property `also` of the same owner states that too. The properties of each of the lists `parts` are together at most
    this number, unless a row is wrong. `bare_ticks` lets a value stand as a header of its own. `format`
    names a checked form of text. `end` reads a month as its last day. `derived` properties are set by the system, never
    by a ledger. By one with a `facet` lists of units are narrowed.
    """

    name: str
    label: str
    type: ColumnType
    unit: str = ""
    headers: tuple[str, ...] = ()
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    also: str = ""
    parts: tuple[tuple[str, ...], ...] = ()
    open_values: bool = False
    unlisted: str = ""
    bare_ticks: bool = False
    format: str = ""
    sensitivity: str = "open"
    end: bool = False
    derived: bool = False
    about: str = ""
    facet: Facet | None = None

    @property
    def arrow(self) -> pa.DataType:
        """The Arrow type that crosses a store's border."""
        return ARROW[self.type]

    def column(self, name: str = "", *, label: str = "", link: tuple[str, str] | None = None) -> Column:
        """A column of an answer that shows this property."""
        return Column(name or self.name, label or self.label, self.type, self.unit, self.sensitivity, link=link)


@dataclass(frozen=True, slots=True)
class Style:
    """How a type is drawn: a colour and one of vis-network's shapes."""

    color: str
    shape: str


@dataclass(frozen=True, slots=True)
class NodeType:
    """A kind of thing; `keys` are its natural keys, best first; system types keep the product's own books."""

    name: str
    label: str
    prefix: str
    keys: tuple[tuple[str, ...], ...]
    properties: Mapping[str, Property]
    style: Style | None
    system: bool = False
    about: str = ""

    @property
    def called(self) -> Property:
        """The property an entity is known by: its name, or its title."""
        return self.properties["name"] if "name" in self.properties else self.properties["title"]


@dataclass(frozen=True, slots=True)
class EdgeType:
    """A kind of relation; `ends` are the pairs of node types it may join."""

    name: str
    label: str
    sentence: str
    ends: tuple[tuple[str, str], ...]
    properties: Mapping[str, Property]
    dated: bool


@dataclass(frozen=True, slots=True)
class Ontology:
    """The whole declaration, checked."""

    version: int
    nodes: Mapping[str, NodeType]
    edges: Mapping[str, EdgeType]
    ledgers: Mapping[str, Mapping[str, Any]]
    drop: Mapping[str, tuple[str, ...]]
    sensitivities: Mapping[str, str]
    digest: str

    @property
    def entities(self) -> Iterator[NodeType]:
        """The types a user knows, without the system's own."""
        return (t for t in self.nodes.values() if not t.system)

    def type_of(self, entity: str) -> str:
        """The name of the type that an id is of, which its first letters tell; '' for none."""
        prefix, name = "", ""
        for kind in self.nodes.values():
            if len(kind.prefix) > len(prefix) and entity.startswith(kind.prefix):
                prefix, name = kind.prefix, kind.name
        return name

    def property(self, path: str) -> Property:
        """The property at "Type.name", of a node or an edge type; KeyError names what is missing."""
        owner, _, name = path.partition(".")
        kind = self.nodes.get(owner) or self.edges.get(owner)
        if kind is None or name not in kind.properties:
            raise KeyError(f"no property {path} in the ontology")
        return kind.properties[name]

    def column(self, path: str, name: str = "", *, label: str = "", link: tuple[str, str] | None = None) -> Column:
        """A column of an answer for the property at "Type.name"."""
        return self.property(path).column(name, label=label, link=link)


_PROPERTY_KEYS = {
    "label",
    "about",
    "type",
    "unit",
    "headers",
    "values",
    "also",
    "parts",
    "open_values",
    "unlisted",
    "bare_ticks",
    "format",
    "sensitivity",
    "end",
    "derived",
    "facet",
}
#: keys of a facet that is declared with more than true
_FACET_KEYS = {"name", "label", "yes", "no"}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_NODE_KEYS = {"label", "about", "prefix", "keys", "style", "properties"}
_EDGE_KEYS = {"label", "sentence", "dated", "ends", "properties"}
_SHAPES = {"square", "dot", "diamond", "triangle", "hexagon", "triangleDown", "box", "star", "text"}


def parse(text: str, source: str = "ontology.yaml") -> Ontology:
    """The ontology declared by `text`; DeclarationError with line and mend if it is broken."""
    doc = Declaration(source, text)
    data = doc.data
    doc.check(data, SHAPE)
    sections = ("version", "sensitivities", "drop", "nodes", "edges", "system", "ledgers")
    for section in sections:
        if section not in data:
            doc.fail("", f"缺少“{section}”一节", f"补写 {section}:")
    for section in data:
        if section not in sections:
            doc.fail(f"/{section}", f"不认识的一节“{section}”", f"改为 {'、'.join(sections)} 之一")
    if not isinstance(data["version"], int):
        doc.fail("/version", "version 应为整数", "写成 version: 1")

    def named(path: str, name: str) -> None:
        if not _NAME.fullmatch(name):
            doc.fail(path, f"名称“{name}”不能用", "只用英文字母、数字和下划线，以字母开头")

    def facet(path: str, name: str, spec: Mapping[str, Any]) -> Facet:
        if not path.startswith("/nodes/Unit/"):
            doc.fail(f"{path}/facet", f"属性 {name} 不是 Unit 的属性，不能作为筛选", "删去 facet")
        if spec["type"] not in ("string", "boolean"):
            doc.fail(
                f"{path}/facet",
                f"属性 {name} 的类型是 {spec['type']}，不能作为筛选",
                "删去 facet，或改为 string、boolean",
            )
        if spec.get("sensitivity", "open") != "open":
            doc.fail(f"{path}/facet", f"属性 {name} 不对所有人公开，不能作为筛选", "删去 facet")
        facet: Mapping[str, str] = spec["facet"] if isinstance(spec["facet"], dict) else {}
        for key in facet:
            if key not in _FACET_KEYS:
                doc.fail(
                    f"{path}/facet/{key}", f"facet 有不认识的“{key}”", f"改为 {'、'.join(sorted(_FACET_KEYS))} 之一"
                )
        if ("yes" in facet) != ("no" in facet) or ("yes" in facet and spec["type"] != "boolean"):
            doc.fail(f"{path}/facet", f"属性 {name} 的 facet 里 yes 和 no 不成对，或不是 boolean", "两个都写，或都不写")
        called = facet.get("name", name)
        named(f"{path}/facet/name", called)
        return Facet(called, facet.get("label", spec["label"]), (facet["yes"], facet["no"]) if "yes" in facet else None)

    def properties(owner: str, declared: Any) -> dict[str, Property]:
        by_name: dict[str, Property] = {}
        for name, spec in (declared or {}).items():
            path = f"{owner}/properties/{name}"
            named(path, name)
            if not isinstance(spec, dict) or "label" not in spec or "type" not in spec:
                doc.fail(path, f"属性 {name} 缺少 label 或 type", f"写成 {name}: {{label: 中文名, type: string}}")
            for key in spec:
                if key not in _PROPERTY_KEYS:
                    doc.fail(path, f"属性 {name} 有不认识的“{key}”", f"改为 {'、'.join(sorted(_PROPERTY_KEYS))} 之一")
            if spec.get("format", "credit_code") not in FORMATS:
                doc.fail(path, f"属性 {name} 的格式“{spec['format']}”不存在", f"改为 {'、'.join(FORMATS)} 之一")
            if spec["type"] not in ARROW:
                doc.fail(path, f"属性 {name} 的类型“{spec['type']}”不存在", f"改为 {'、'.join(ARROW)} 之一")
            if spec.get("sensitivity", "open") not in data["sensitivities"]:
                doc.fail(
                    path,
                    f"属性 {name} 的敏感级别“{spec.get('sensitivity', 'open')}”未声明",
                    f"改为 {'、'.join(data['sensitivities'])} 之一",
                )
            if spec["type"] == "boolean" and not {"是", "否"}.issuperset(spec.get("values", ())):
                doc.fail(f"{path}/values", f"属性 {name} 的值不是 是 或 否", "写成 values: {是: [词], 否: [词]}")
            if "also" in spec:
                doc.one_of(f"{path}/also", f"属性 {name} 的 also", spec["also"], declared)
            for number, parts in enumerate(spec.get("parts", ())):
                for at, part in enumerate(parts):
                    here, what = f"{path}/parts/{number}/{at}", f"属性 {name} 的 parts"
                    doc.one_of(here, what, part, declared)
                    if not isinstance(declared[part], dict) or declared[part].get("type") != spec["type"]:
                        doc.fail(here, f"{what}“{part}”不是 {spec['type']}", "改为同类型的属性，或删去")
            by_name[name] = Property(
                name=name,
                **{k: v for k, v in spec.items() if k not in ("headers", "values", "facet", "parts")},
                facet=facet(path, name, spec) if spec.get("facet") else None,
                parts=tuple(tuple(parts) for parts in spec.get("parts", ())),
                headers=tuple(str(h) for h in spec.get("headers", ())),
                values={str(k): tuple(str(s) for s in v or ()) for k, v in spec.get("values", {}).items()},
            )
        return by_name

    nodes: dict[str, NodeType] = {}
    prefixes: dict[str, str] = {}
    for section in ("nodes", "system"):
        for name, spec in data[section].items():
            path = f"/{section}/{name}"
            named(path, name)
            for key in ("label", "prefix") + (("keys", "style") if section == "nodes" else ()):
                if key not in spec:
                    doc.fail(path, f"类型 {name} 缺少 {key}", f"在 {name} 下补写 {key}")
            for key in spec:
                if key not in _NODE_KEYS:
                    doc.fail(
                        f"{path}/{key}", f"类型 {name} 有不认识的“{key}”", f"改为 {'、'.join(sorted(_NODE_KEYS))} 之一"
                    )
            if spec["prefix"] in prefixes:
                doc.fail(f"{path}/prefix", f"前缀“{spec['prefix']}”已被 {prefixes[spec['prefix']]} 使用", "换一个字母")
            prefixes[spec["prefix"]] = name
            props = properties(path, spec.get("properties"))
            for key in spec.get("keys", ()):
                for part in key:
                    if part not in props and part != "division":
                        doc.fail(
                            f"{path}/keys", f"类型 {name} 的键用到未声明的属性“{part}”", f"在 properties 中声明 {part}"
                        )
            if section == "nodes" and not all(spec["keys"] or [[]]):
                doc.fail(f"{path}/keys", f"类型 {name} 没有键", "写成 keys: [[name, division]]")
            style = spec.get("style")
            if style is not None and not style.get("color"):
                doc.fail(f"{path}/style", f"类型 {name} 缺少颜色", '写成 style: {color: "#2f6f9f", shape: dot}')
            if style is not None and style.get("shape") not in _SHAPES:
                doc.fail(
                    f"{path}/style",
                    f"类型 {name} 的形状“{style.get('shape')}”不存在",
                    f"改为 {'、'.join(sorted(_SHAPES))} 之一",
                )
            nodes[name] = NodeType(
                name,
                spec["label"],
                spec["prefix"],
                tuple(tuple(k) for k in spec.get("keys", ())),
                props,
                Style(style["color"], style["shape"]) if style else None,
                section == "system",
                spec.get("about", ""),
            )

    edges: dict[str, EdgeType] = {}
    for name, spec in data["edges"].items():
        path = f"/edges/{name}"
        named(path, name)
        for key in ("label", "sentence", "ends"):
            if key not in spec:
                doc.fail(path, f"关系 {name} 缺少 {key}", f"在 {name} 下补写 {key}")
        for key in spec:
            if key not in _EDGE_KEYS:
                doc.fail(
                    f"{path}/{key}", f"关系 {name} 有不认识的“{key}”", f"改为 {'、'.join(sorted(_EDGE_KEYS))} 之一"
                )
        for pair in spec["ends"] or [[]]:
            if len(pair) != 2:
                doc.fail(f"{path}/ends", f"关系 {name} 的 ends 应是成对的类型", "写成 ends: [[Unit, Region]]")
            for end in pair:
                if end not in nodes:
                    doc.fail(f"{path}/ends", f"关系 {name} 的一端“{end}”不是已声明的类型", f"在 nodes 中声明 {end}")
        edges[name] = EdgeType(
            name,
            spec["label"],
            spec["sentence"],
            tuple((a, b) for a, b in spec["ends"]),
            properties(path, spec.get("properties")),
            bool(spec.get("dated")),
        )

    check_ledgers(doc, nodes, edges)
    return Ontology(
        data["version"],
        nodes,
        edges,
        data["ledgers"],
        {label: tuple(headers) for label, headers in data["drop"].items()},
        data["sensitivities"],
        hashlib.sha256(text.encode()).hexdigest()[:16],
    )


@lru_cache(maxsize=1)
def load() -> Ontology:
    """The product's own ontology, read once."""
    return parse(PATH.read_text(encoding="utf-8"))
