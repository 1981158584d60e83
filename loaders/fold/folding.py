"""The entry of folding: the graph and the reviews that all live rows make together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set

from graph.ontology import load as load_ontology
from graph.stores.base import Reader
from graph.stores.cypher import node_columns
from loaders.fold.graph import Folded
from loaders.fold.reviews import DECIDED, MERGE, Reviews
from loaders.match.growth import grow, village_kind
from loaders.match.stored_rows import former_names, is_empty
from loaders.recognize.ledgers import PLACED, ledgers
from loaders.shape.rows import Props, Row, best_first, together

#: types of entity that are found by a name they had
RENAMED = ("Unit", "PartyOrg")


def stored_reviews(reader: Reader) -> dict[str, Props]:
    """The reviews that the store holds, by id."""
    if is_empty(reader):
        return {}
    columns = [c for c in node_columns(load_ontology().nodes["Review"]) if c != "id"]
    picked = ", ".join(f"v.{c} AS {c}" for c in columns)
    table = reader.query(f"MATCH (v:Review) RETURN v.id AS id, {picked} ORDER BY id")
    return {row["id"]: row for row in table.to_pylist()}


def fold(
    reader: Reader,
    live: Sequence[Row],
    stored: Mapping[str, Props],
    minted: Mapping[str, Props] | None = None,
) -> Folded:
    """The graph that the live rows make. `stored` are the reviews of the store, `minted` the Regions that no row names.

    A pair of look-alikes that people decided to merge may come up only once others are merged: folding is repeated
    until no new pair is met.
    """
    ontology = load_ontology()
    former = _former_names(reader, live)
    of_regions = [r for r in live if r.origin.ledger.entity == "Region"]
    regions = _region_facts(of_regions, {r.division for r in live}, reader, minted or {})
    places, unresolved = grow(regions, {r.entity: r.division for r in of_regions})
    decisions = {
        id_: str(together(best_first(rows, id_)).get("decision") or "")
        for id_, rows in _by_entity(r for r in live if r.origin.ledger.entity == "Review").items()
    }
    pairs = {i: (v["subject"], v["other"]) for i, v in stored.items() if v["kind"] == "lookalike"}
    undescribed = {
        i: {k: f[k] for k in ("name", "code", "kind") if f.get(k)} for i, f in regions.items() if f.get("undescribed")
    }
    row_of = {r.entity: r for r in of_regions}
    earlier = dict(stored)
    while True:
        reviews = Reviews(decisions)
        for id_, parent in unresolved.items():
            reviews.add(
                "dangling",
                ("PART_OF", id_, parent),
                f"上级“{parent}”在区划台账中没有找到或不止一个。请补充区划，或改填代码。",
                row_of.get(id_),
                subject=id_,
                evidence_against="没有唯一的名称或代码",
            )
        folded = Folded(ontology, places, reviews, pairs, live, undescribed, former)
        # a decision may be older than this store, which meets the pair for the first time
        met = {
            i: v
            for i, v in reviews.by_id.items()
            if v["kind"] == "lookalike" and i not in pairs and v["decision"] == MERGE
        }
        if not met:
            break
        pairs |= {i: (v["subject"], v["other"]) for i, v in met.items()}
        earlier |= met
    for id_, review in earlier.items():
        if decisions.get(id_) and id_ not in reviews.by_id:
            # the decision is carried out: the rows no longer raise the question
            reviews.by_id[id_] = {**review, "state": DECIDED, "decision": decisions[id_], "rows": []}
    return folded


def _former_names(reader: Reader, live: Sequence[Row]) -> dict[str, set[str]]:
    """The names that entities had, by entity: those of rows that ended before, and those that this load replaces."""
    if is_empty(reader):
        return {}
    former = former_names(reader, ledgers(), RENAMED)
    for node_type in RENAMED:
        # a row that the store does not have yet is one of the load
        arriving = {
            r.entity: hash(r.values["name"]) for r in live if not r.own_id and r.origin.ledger.entity == node_type
        }
        if arriving:
            table = reader.query(f"MATCH (n:{node_type}) RETURN n.id AS id, n.name AS name ORDER BY id")
            for id_, name in zip(table["id"].to_pylist(), table["name"].to_pylist(), strict=True):
                if name and arriving.get(id_, hash(name)) != hash(name):
                    former.setdefault(id_, set()).add(name)
    return former


def _by_entity(rows: Iterable[Row]) -> dict[str, list[Row]]:
    by_entity: dict[str, list[Row]] = {}
    for row in rows:
        by_entity.setdefault(row.entity, []).append(row)
    return by_entity


def _region_facts(
    rows: Sequence[Row], divisions: Set[str], reader: Reader, minted: Mapping[str, Props]
) -> dict[str, Props]:
    """The values that `rows` state of each Region, and those of the `divisions` that no row describes.

    What only the ledger of villages lists is a village or a community by its name.

    The latter are in the store or minted, and are marked `undescribed`.
    """
    facts: dict[str, Props] = {}
    for entity, own in _by_entity(rows).items():
        fact = facts[entity] = together(own if len(own) == 1 else best_first(own, entity))
        if fact.get(PLACED) and not fact.get("parent"):
            fact["parent"] = fact[PLACED]
        if not fact.get("kind") and not fact.get("code") and any(r.ledger == "villages" for r in own):
            fact["kind"] = village_kind(str(fact["name"]))
    stored = []
    if not is_empty(reader):
        stored = reader.query(
            "MATCH (r:Region) OPTIONAL MATCH (r)-[:PART_OF]->(p:Region) "
            "RETURN r.id AS id, r.name AS name, r.code AS code, r.kind AS kind, p.id AS parent_id ORDER BY id"
        ).to_pylist()
    for region in (*stored, *({"id": i, **f} for i, f in minted.items())):
        if region["id"] in divisions and region["id"] not in facts:
            facts[region["id"]] = {**region, "undescribed": True}
    return facts
