"""All live rows folded: first the Regions they lie in, then what people decided, until nothing new is met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graph.ontology import load as load_ontology
from graph.stores.base import Reader
from loaders.fold.folding import Folded
from loaders.fold.reviews import DECIDED, MERGE, Reviews
from loaders.match.merging import Props
from loaders.match.places import grow
from loaders.match.stored import empty, known_reviews
from loaders.recognize.ledgers import PLACED, Ledger
from loaders.shape.rows import Row


@dataclass(frozen=True, slots=True)
class Combined:
    """The graph that all live rows make, and the Reviews known before it."""

    folded: Folded
    reviews_before: Mapping[str, Props]


def combine(
    reader: Reader,
    live: list[Row],
    declared: Mapping[str, Ledger],
    minted: Mapping[str, Props] | None = None,
) -> Combined:
    """What the live rows say together; `minted` are Regions that only the load's own words name."""
    ontology = load_ontology()
    reviews = known_reviews(reader)
    regions = region_facts(live, declared, reader, minted or {})
    bases = {r.entity: r.division for r in live if declared[r.ledger].entity == "Region"}
    places, lost = grow(regions, bases)
    decisions = {r.entity: str(r.values.get("decision") or "") for r in live if r.ledger == "decisions"}
    pairs = {i: (v["subject"], v["other"]) for i, v in reviews.items() if v["kind"] == "lookalike"}
    kept = {i: {k: f[k] for k in ("name", "code", "kind") if f.get(k)} for i, f in regions.items() if f.get("kept")}
    first = {r.entity: r for r in live if declared[r.ledger].entity == "Region"}
    asked = dict(reviews)
    while True:
        asking = Reviews(decisions)
        for id_, text in lost.items():
            asking.add(
                "dangling",
                ("PART_OF", id_, text),
                f"上级“{text}”在区划台账中没有找到或不止一个。请补充区划，或改填代码。",
                first.get(id_),
                subject=id_,
                evidence_against="没有唯一的名称或代码",
            )
        folded = Folded(ontology, places, asking, pairs, live, kept)
        found = asking.found
        # a decision may be older than this store, which meets the pair for the first time
        alike = {i: v for i, v in found.items() if v["kind"] == "lookalike" and i not in pairs}
        met = {i: (v["subject"], v["other"]) for i, v in alike.items() if v["decision"] == MERGE}
        if not met:
            break
        pairs |= met
        asked |= {i: found[i] for i in met}
    for id_, review in asked.items():
        if decisions.get(id_) and id_ not in found:
            # decided, and carried out: what it asked about is no more
            found[id_] = {**review, "state": DECIDED, "decision": decisions[id_], "rows": []}
    return Combined(folded, reviews)


def region_facts(
    live: Sequence[Row], declared: Mapping[str, Ledger], reader: Reader, minted: Mapping[str, Props]
) -> dict[str, Props]:
    """What is said of each Region; those that only a load's own words brought are marked `kept`."""
    facts: dict[str, Props] = {}
    for row in sorted(
        (r for r in live if declared[r.ledger].entity == "Region"), key=lambda r: (declared[r.ledger].rank, r.id)
    ):
        known = facts.setdefault(row.entity, {})
        for name, value in row.values.items():
            known.setdefault(name, value)
        if row.values.get(PLACED) and not known.get("parent"):
            known["parent"] = row.values[PLACED]
    used = {r.division for r in live}
    held = []
    if not empty(reader):
        held = reader.query(
            "MATCH (r:Region) OPTIONAL MATCH (r)-[:PART_OF]->(p:Region) "
            "RETURN r.id AS id, r.name AS name, r.code AS code, r.kind AS kind, p.id AS parent_id ORDER BY id"
        ).to_pylist()
    for region in (*held, *({"id": i, **f} for i, f in minted.items())):
        if region["id"] in used and region["id"] not in facts:
            facts[region["id"]] = {**region, "kept": True}
    return facts
