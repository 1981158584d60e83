"""The entities that names, codes or ids mean, all looked up in one query."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from graph.errors import QuestionError, UnknownError
from graph.ontology import NodeType, Ontology
from graph.parameters import nearest
from graph.privacy import OPEN
from graph.regions import NOWHERE
from graph.stores.base import Reader

CODES = {"Region": "code", "Unit": "credit_code", "PartyOrg": "code", "PartnerUnit": "credit_code"}
#: the most candidates, and the most similar names, that a message lists
_LISTED, NEAR = 8, 5
#: the share of characters from which on a name is similar
ALIKE = 0.4


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity, with the id of the division it lies in (`region`, of a Region its own) and its name (`place`).

    `place` of a Region is the name of the division above it. `formerly` is the name by which it was found where it has
    another today.
    """

    id: str
    name: str
    region: str
    place: str
    formerly: str = ""


def find(
    reader: Reader, ontology: Ontology, named: Mapping[str, tuple[str, str]], allowed: frozenset[str] = frozenset()
) -> dict[str, Entity]:
    """The one entity that each (node type, text) means, by the same keys. A text is an id, a code or a name;
    where it is none of today, a name that a row has stated.

    Entities outside the divisions `allowed` (empty: all) do not exist here. Raises UnknownError for a text that means
    no entity, QuestionError with the candidates for a text that means several.
    """
    if not named:
        return {}
    texts = {f"text{i}": text for i, (_, text) in enumerate(named.values())}
    kinds = [kind for kind, _ in named.values()]
    branches = [_branch(ontology.nodes[kind], i) for i, kind in enumerate(kinds)]
    candidates: list[dict[str, Entity]] = [{} for _ in named]
    for row in reader.query(" UNION ALL ".join(branches), texts).to_pylist():
        region = row["id"] if kinds[row["number"]] == "Region" else row["above"] or ""
        if not allowed or region in allowed:
            text = texts[f"text{row['number']}"]
            formerly = "" if text in (row["id"], row["name"], row["code"]) else text
            entity = Entity(row["id"], row["name"] or row["id"], region, row["place"] or NOWHERE, formerly)
            candidates[row["number"]][entity.id] = entity
    for (kind, text), own in zip(named.values(), candidates, strict=True):
        if not own and ontology.nodes[kind].called.sensitivity == OPEN:
            own.update((e.id, e) for e in _stated(reader, ontology.nodes[kind], text, allowed))
    return {
        name: _only(reader, ontology.nodes[kind], text, [own[id_] for id_ in sorted(own)], bool(allowed))
        for (name, (kind, text)), own in zip(named.items(), candidates, strict=True)
    }


def _branch(kind: NodeType, number: int) -> str:
    """The query for the text of a number, which its rows hold in `number`."""
    text, called, code = f"$text{number}", kind.called.name, CODES.get(kind.name)
    by_code = f" OR n.{code} = {text}" if code else ""
    by_code += f" OR {text} IN n.former_names" if "former_names" in kind.properties else ""
    up = "PART_OF" if kind.name == "Region" else "LOCATED_IN"
    coded = f"n.{code}" if code else "''"
    # Ladybug 0.22 mixes up the columns of a UNION where one branch returns the same expression twice
    return (
        f"MATCH (n:{kind.name}) WHERE n.id = {text} OR n.{called} = {text}{by_code} "
        f"OPTIONAL MATCH (n)-[:{up}]->(r:Region) "
        f"RETURN {number} AS number, n.id AS id, n.{called} AS name, {coded} AS code, "
        "r.id AS above, r.name AS place"
    )


def _stated(reader: Reader, kind: NodeType, text: str, allowed: frozenset[str]) -> Iterable[Entity]:
    """The entities of a type of which a row has stated a name, but for the rows of loads that were taken back."""
    called, up = kind.called.name, "PART_OF" if kind.name == "Region" else "LOCATED_IN"
    undone = {*reader.query("MATCH (c:Change) WHERE c.kind = 'undo' RETURN c.number AS number")["number"].to_pylist()}
    table = reader.query(
        f"MATCH (t:SourceRow) WHERE t.brought <= $revision AND t.values CONTAINS $stated "
        f"MATCH (n:{kind.name}) WHERE n.id = t.entity OPTIONAL MATCH (n)-[:{up}]->(r:Region) "
        f"RETURN n.id AS id, n.{called} AS name, r.id AS above, r.name AS place, t.ended AS ended, t.values AS vals",
        {"revision": reader.revision, "stated": json.dumps(text, ensure_ascii=False)},
    )
    for row in table.to_pylist():
        region = row["id"] if kind.name == "Region" else row["above"] or ""
        if (
            row["ended"] not in undone
            and (not allowed or region in allowed)
            and json.loads(row["vals"]).get(called) == text
        ):
            yield Entity(row["id"], row["name"] or row["id"], region, row["place"] or NOWHERE, text)


def _only(reader: Reader, kind: NodeType, text: str, candidates: list[Entity], limited: bool) -> Entity:
    """The only candidate; `limited` says that the viewer does not see all divisions."""
    if len(candidates) == 1:
        return candidates[0]
    if candidates:
        listed = "；".join(f"{e.name}（{e.place}，{e.id}）" for e in candidates[:_LISTED])
        raise QuestionError(f"{kind.label}“{text[:60]}”不止一个：{listed}。请改用编号或代码。")
    if limited:
        # the same words whether the entity does not exist or may not be seen
        raise UnknownError(f"没有找到{kind.label}“{text[:60]}”，或不在可见范围内。请检查名称、代码或编号。")
    # a message is not redacted, so that it never holds names of people
    called, near = kind.called, []
    if called.sensitivity == OPEN:
        cypher = (
            f"MATCH (n:{kind.name}) WHERE n.{called.name} <> '' RETURN DISTINCT n.{called.name} AS name ORDER BY name"
        )
        near = nearest(text, reader.query(cypher)["name"].to_pylist(), NEAR, ALIKE)
    hint = f"相近的有：{'、'.join(near)}。" if near else "请检查名称、代码或编号。"
    raise UnknownError(f"没有找到{kind.label}“{text[:60]}”。{hint}")
