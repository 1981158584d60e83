"""What ontology.yaml must look like: the shape of each part, and what ledgers may name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from graph.ontology.declaration import Declaration

_WORDS = ["any"]
_PROPERTY = {
    "label": "text",
    "about": "text",
    "type": "text",
    "unit": "text",
    "headers": _WORDS,
    "values": {"*": _WORDS},
    "also": "text",
    "parts": [["text"]],
    "open_values": "flag",
    "unlisted": "text",
    "bare_ticks": "flag",
    "format": "text",
    "sensitivity": "text",
    "end": "flag",
    "derived": "flag",
    "facet": ("flag", {"name": "text", "label": "text", "yes": "text", "no": "text"}),
}
_NODE = {
    "label": "text",
    "about": "text",
    "prefix": "text",
    "keys": [["text"]],
    "style": {"color": "text", "shape": "text"},
    "properties": {"*": _PROPERTY},
}
_EDGE = {
    "label": "text",
    "sentence": "text",
    "dated": "flag",
    "ends": [["text"]],
    "properties": {"*": _PROPERTY},
}
_DATES = {"*": _WORDS}
_END = {"types": ["text"], "headers": _WORDS}
_LINK = {
    "field": "text",
    "edge": "text",
    "of": "text",
    "from": ["text"],
    "to": ["text"],
    "headers": _WORDS,
    "with": ["text"],
    "dates": _DATES,
    "set": {"*": "any"},
    "many": "flag",
    "quiet": "flag",
}
_STATED = {"organization": "text", "with": ["text"], "dates": _DATES, "org": {"*": _WORDS}, "superior": _WORDS}
_LEDGER = {
    "label": "text",
    "titles": _WORDS,
    "entity": "text",
    "edge": "text",
    "from": _END,
    "to": _END,
    "needs": ["text"],
    "signs": ["text"],
    "sign_headers": _WORDS,
    "headers": {"*": _WORDS},
    "exclude": ["text"],
    "evidence": _WORDS,
    "placed_by": _WORDS,
    "placed_within": {"county": _WORDS, "city": _WORDS, "province": _WORDS},
    "address": ["text"],
    "set": {"*": "any"},
    "default": {"*": "any"},
    "dates": _DATES,
    "period": _WORDS,
    "links": [_LINK],
    "stated": _STATED,
}
SHAPE = {
    "sensitivities": {"*": "text"},
    "drop": {"*": _WORDS},
    "nodes": {"*": _NODE},
    "system": {"*": _NODE},
    "edges": {"*": _EDGE},
    "ledgers": {"*": _LEDGER},
}


class _Type(Protocol):
    @property
    def properties(self) -> Mapping[str, Any]: ...


class _Relation(_Type, Protocol):
    @property
    def ends(self) -> tuple[tuple[str, str], ...]: ...


def check_ledgers(doc: Declaration, nodes: Mapping[str, _Type], edges: Mapping[str, _Relation]) -> None:
    """Fail on the first ledger that names what is not declared, or lacks what it needs."""
    for name, spec in doc.data["ledgers"].items():
        path = f"/ledgers/{name}"
        _only(doc, path, f"台账 {name}", spec, _LEDGER, ("label",))
        if ("entity" in spec) == ("edge" in spec):
            doc.fail(path, f"台账 {name} 应当写 entity 或 edge 之一", f"在 {name} 下写 entity: 类型名 或 edge: 关系名")
        _only_dates(doc, path, spec)
        if "edge" in spec:
            _check_relation(doc, path, name, spec, nodes, edges)
        else:
            _check_entity(doc, path, name, spec, nodes, edges)


def _check_relation(
    doc: Declaration,
    path: str,
    name: str,
    spec: Mapping[str, Any],
    nodes: Mapping[str, _Type],
    edges: Mapping[str, _Relation],
) -> None:
    if spec["edge"] not in edges:
        doc.fail(f"{path}/edge", f"台账 {name} 用到未声明的关系“{spec['edge']}”", f"在 edges 中声明 {spec['edge']}")
    for side in ("from", "to"):
        if not spec.get(side, {}).get("types") or not spec[side].get("headers"):
            doc.fail(
                f"{path}/{side}",
                f"台账 {name} 缺少 {side} 的 types 或 headers",
                f"写成 {side}: {{types: [类型], headers: [列名]}}",
            )
        _among(doc, f"{path}/{side}", f"台账 {name} 的类型", spec[side]["types"], nodes)
    properties = edges[spec["edge"]].properties
    for part in ("signs", "default", "headers", "exclude"):
        _among(doc, f"{path}/{part}", f"台账 {name} 的列", spec.get(part, ()), properties)


def _check_entity(
    doc: Declaration,
    path: str,
    name: str,
    spec: Mapping[str, Any],
    nodes: Mapping[str, _Type],
    edges: Mapping[str, _Relation],
) -> None:
    entity = spec["entity"]
    if entity not in nodes:
        doc.fail(f"{path}/entity", f"台账 {name} 的实体“{entity}”未声明", "改为 nodes 中的类型名")
    own = {n for n in nodes[entity].properties if n not in spec.get("exclude", ())}
    if entity == "Review":
        own.add("id")
    fields = set(own)
    for number, link in enumerate(spec.get("links", ())):
        here = f"{path}/links/{number}"
        _only(doc, here, f"台账 {name} 的 links", link, _LINK, ("field", "edge", "headers"))
        _only_dates(doc, here, link)
        if link["edge"] not in edges:
            doc.fail(here, f"台账 {name} 用到未声明的关系“{link['edge']}”", f"在 edges 中声明 {link['edge']}")
        edge = edges[link["edge"]]
        if ("from" in link) == ("to" in link) or not link.get("from", link.get("to")):
            doc.fail(here, f"台账 {name} 的 {link['field']} 应当写 from 或 to 之一", "写成 to: [类型]")
        for end in link.get("from") or link["to"]:
            pair = (entity, end) if "to" in link else (end, entity)
            doc.one_of(here, f"台账 {name} 的类型", end, nodes)
            if pair not in edge.ends:
                doc.fail(
                    here,
                    f"关系 {link['edge']} 不能连接 {pair[0]} 与 {pair[1]}",
                    f"改用其他关系，或在 {link['edge']} 的 ends 中补写",
                )
        _among(doc, here, f"关系 {link['edge']} 的属性", [*link.get("with", ()), *link.get("set", ())], edge.properties)
        if "of" in link:
            doc.one_of(here, f"台账 {name} 的列", link["of"], own)
        fields |= {link["field"], *link.get("with", ()), *link.get("dates", ())}
    _among(doc, f"{path}/placed_within", "区划", spec.get("placed_within", ()), ("county", "city", "province"))
    for part in ("needs", "address", "set", "default", "headers"):
        _among(doc, f"{path}/{part}", f"台账 {name} 的列", spec.get(part, ()), own)
    _among(doc, f"{path}/exclude", f"类型 {entity} 的属性", spec.get("exclude", ()), nodes[entity].properties)
    _among(doc, f"{path}/signs", f"台账 {name} 的列", spec.get("signs", ()), fields)
    if not spec.get("needs"):
        doc.fail(path, f"台账 {name} 缺少 needs", f"在 {name} 下补写 needs: [name]")
    if "stated" in spec:
        stated = spec["stated"]
        here = f"{path}/stated"
        _only(doc, here, f"台账 {name} 的 stated", stated, _STATED, ("organization", "with", "org"))
        _only_dates(doc, here, stated)
        doc.one_of(here, f"台账 {name} 的列", stated["organization"], own)
        _among(doc, here, "关系 COVERS 的属性", stated["with"], edges["COVERS"].properties if "COVERS" in edges else ())
        _among(
            doc,
            here,
            "类型 PartyOrg 的属性",
            stated["org"],
            nodes["PartyOrg"].properties if "PartyOrg" in nodes else (),
        )


def _only(
    doc: Declaration, path: str, what: str, spec: Mapping[str, Any], allowed: Iterable[str], needed: Iterable[str]
) -> None:
    for key in needed:
        if key not in spec:
            doc.fail(path, f"{what} 缺少 {key}", f"补写 {key}")
    for key in spec:
        if key not in allowed:
            doc.fail(f"{path}/{key}", f"{what} 有不认识的“{key}”", f"改为 {'、'.join(sorted(allowed))} 之一")


def _only_dates(doc: Declaration, path: str, spec: Mapping[str, Any]) -> None:
    _among(doc, f"{path}/dates", "日期", spec.get("dates", ()), ("valid_from", "valid_to"))


def _among(doc: Declaration, path: str, what: str, names: Iterable[str], allowed: Iterable[str]) -> None:
    for name in names:
        doc.one_of(path, what, name, allowed)
