"""The smallest changes of facts that clear a finding: a rule file declares them, and a test applies them.

Under `turns`, each with a `text` (parameters in braces) and one change of the subject that it finds:

- `set: {property: value}`: a fact of the subject becomes another, a blank one known;
- `link: EDGE` with `other: {Type: {property: value}}` and, where they matter, `edge: {property: value}`: a relation
  that is in force is made with a new other end;
- `unlink: EDGE`: a relation of the subject ends.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph.ontology import Ontology
from graph.ontology.declaration import Declaration

_KINDS = ("set", "link", "unlink")


@dataclass(frozen=True, slots=True)
class Turn:
    """One change; of `set`, `link` and `unlink` exactly one is there. `other` is the type of the new end."""

    text: str
    set: Mapping[str, Any]
    link: str
    unlink: str
    other: str
    other_properties: Mapping[str, Any]
    edge_properties: Mapping[str, Any]


def read_turns(
    head: Declaration, subjects: Sequence[str], params: Mapping[str, Any], ontology: Ontology
) -> tuple[Turn, ...]:
    """The turns of a rule's front matter, none where it declares none; DeclarationError with line and mend."""
    declared = head.data.get("turns") or []
    if not isinstance(declared, list):
        head.fail("/turns", "turns 写得不对", "写成若干行 - {text: …, set: {属性: 值}}")
    return tuple(_turn(head, f"/turns/{i}", spec, subjects, params, ontology) for i, spec in enumerate(declared))


def _turn(
    head: Declaration, path: str, spec: Any, subjects: Sequence[str], params: Mapping[str, Any], ontology: Ontology
) -> Turn:
    example = (
        "写成 {text: …, set: {属性: 值}}、{text: …, link: 关系, other: {类型: {属性: 值}}} 或 {text: …, unlink: 关系}"
    )
    kinds = [kind for kind in _KINDS if isinstance(spec, dict) and spec.get(kind)]
    if len(kinds) != 1 or not spec.get("text") or set(spec) - {"text", "other", "edge", *_KINDS}:
        head.fail(path, "turns 中的一条写得不对", example)
    for name in re.findall(r"\{(\w*)\}", str(spec["text"])):
        if name not in params:
            head.fail(path, f"“{{{name}}}”不是 params 中的参数", f"改为 {'、'.join(params) or '不带花括号的文字'}")
    change, other, carried = spec.get("set") or {}, spec.get("other") or {}, spec.get("edge") or {}
    properties_of_subject = {name for subject in subjects for name in ontology.nodes[subject].properties}
    edge = str(spec.get("link") or spec.get("unlink") or "")
    maps = all(isinstance(m, dict) for m in (change, other, carried))
    if not maps or (kinds[0] == "link") != (len(other) == 1) or (carried and kinds[0] != "link"):
        head.fail(path, "turns 中的一条写得不对", example)
    if change.keys() - properties_of_subject:
        head.fail(
            path,
            f"“{'、'.join(sorted(change.keys() - properties_of_subject))}”不是对象的属性",
            "改为对象类型中已声明的属性",
        )
    if edge and edge not in ontology.edges:
        head.fail(path, f"没有名为“{edge}”的关系", f"改为 {'、'.join(ontology.edges)} 之一")
    end = next(iter(other), "")
    if end:
        joined = [pair for pair in ontology.edges[edge].ends if end in pair and set(pair) & set(subjects)]
        properties = other[end] or {}
        if not joined or not isinstance(properties, dict) or properties.keys() - ontology.nodes[end].properties.keys():
            head.fail(path, f"{edge} 不能连到所写的“{end}”", "改为本体中这种关系的另一端，和它已声明的属性")
        if carried.keys() - ontology.edges[edge].properties.keys():
            head.fail(path, f"{edge} 没有所写的属性", "改为本体中这种关系已声明的属性")
    return Turn(
        str(spec["text"]), change, str(spec.get("link") or ""), str(spec.get("unlink") or ""), end,
        (other[end] or {}) if end else {}, carried,
    )  # fmt: skip
