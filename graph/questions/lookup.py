"""Which entity a name, a code or an id means: all that a question names, looked up at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from graph.errors import QuestionError, UnknownError
from graph.ontology import NodeType, Ontology
from graph.privacy import OPEN
from graph.regions import NOWHERE
from graph.stores.base import Reader

CODES = {"Region": "code", "Unit": "credit_code", "PartyOrg": "code", "PartnerUnit": "credit_code"}
#: candidates that a message lists
_LISTED = 8


@dataclass(frozen=True, slots=True)
class Found:
    """An entity; `region` is the id of the division it lies in (of a Region: its own), `place` that one's name.

    Of a Region, `place` names the division above it.
    """

    id: str
    name: str
    region: str
    place: str


def find(
    reader: Reader, ontology: Ontology, wanted: Mapping[str, tuple[str, str]], allowed: frozenset[str] = frozenset()
) -> dict[str, Found]:
    """The one entity that each (node type, text) means, by the same keys; a text is an id, a code or a name.

    What lies outside the divisions `allowed` (none: all) does not exist. Raises UnknownError for a text that means
    nothing, QuestionError listing the candidates for one that means several.
    """
    if not wanted:
        return {}
    texts = {f"text{i}": text for i, (_, text) in enumerate(wanted.values())}
    kinds = [kind for kind, _ in wanted.values()]
    branches = [_branch(ontology.nodes[kind], i) for i, kind in enumerate(kinds)]
    candidates: list[list[Found]] = [[] for _ in wanted]
    for row in reader.query(" UNION ALL ".join(branches), texts).to_pylist():
        region = row["id"] if kinds[row["asked"]] == "Region" else row["above"] or ""
        found = Found(row["id"], row["name"] or row["id"], region, row["place"] or NOWHERE)
        if not allowed or found.region in allowed:
            candidates[row["asked"]].append(found)
    return {
        name: _only(
            reader,
            ontology.nodes[kind],
            text,
            sorted({f.id: f for f in own}.values(), key=lambda f: f.id),
            bool(allowed),
        )
        for (name, (kind, text)), own in zip(wanted.items(), candidates, strict=True)
    }


def _branch(kind: NodeType, number: int) -> str:
    text, called, code = f"$text{number}", kind.called.name, CODES.get(kind.name)
    by_code = f" OR n.{code} = {text}" if code else ""
    up = "PART_OF" if kind.name == "Region" else "LOCATED_IN"
    # Ladybug 0.22 mixes up the columns of a UNION where one branch returns the same expression twice
    return (
        f"MATCH (n:{kind.name}) WHERE n.id = {text} OR n.{called} = {text}{by_code} "
        f"OPTIONAL MATCH (n)-[:{up}]->(r:Region) "
        f"RETURN {number} AS asked, n.id AS id, n.{called} AS name, r.id AS above, r.name AS place"
    )


def _only(reader: Reader, kind: NodeType, text: str, candidates: list[Found], limited: bool) -> Found:
    if len(candidates) == 1:
        return candidates[0]
    if candidates:
        listed = "；".join(f"{f.name}（{f.place}，{f.id}）" for f in candidates[:_LISTED])
        raise QuestionError(f"{kind.label}“{text[:60]}”不止一个：{listed}。请改用编号或代码。")
    if limited:
        # in the same words whether it does not exist or is not for them to see
        raise UnknownError(f"没有找到{kind.label}“{text[:60]}”，或不在可见范围内。请检查名称、代码或编号。")
    # a hint is a message, which no redaction follows: names of people are never offered
    called, near = kind.called, []
    if called.sensitivity == OPEN:
        cypher = (
            f"MATCH (n:{kind.name}) WHERE n.{called.name} CONTAINS $text "
            f"RETURN n.{called.name} AS name, n.id AS id ORDER BY name, id LIMIT 5"
        )
        near = reader.query(cypher, {"text": text})["name"].to_pylist()
    hint = f"相近的有：{'、'.join(near)}。" if near else "请检查名称、代码或编号。"
    raise UnknownError(f"没有找到{kind.label}“{text[:60]}”。{hint}")
