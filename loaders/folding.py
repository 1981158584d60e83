"""What the live rows of all ledgers say together: nodes, edges and open questions. A pure function of the rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from graph.answers import classes
from graph.ontology import ALWAYS_FROM, ALWAYS_TO, Ontology
from loaders.entities import Props, fold_properties, merge_all
from loaders.ledgers import FROM, TO, Ledger, Link, Stated
from loaders.matching import Index, Known
from loaders.naming import mint, name_key, stated_id, unit_of_organization
from loaders.places import UNPLACED, Placer, Places
from loaders.reviews import APART, IGNORE, MERGE, Reviews, add_lookalikes
from loaders.shaping import Row

EdgeTable = tuple[str, str, str]


@dataclass(frozen=True)
class Folded:
    """The graph that the rows make. `nodes` by type and id; `edges` by (edge, from type, to type) and key."""

    nodes: dict[str, dict[str, Props]]
    reviews: Reviews
    _edges: Callable[[], dict[EdgeTable, dict[str, Props]]]

    @cached_property
    def edges(self) -> dict[EdgeTable, dict[str, Props]]:
        """Made when they are first asked for: who only wants the report does not."""
        return self._edges()


@dataclass(slots=True)
class _Claim:
    """One row's word for an edge."""

    rank: int
    valid_from: dt.date
    valid_to: dt.date
    properties: Props


@dataclass(slots=True)
class Folder:
    """Folds rows. `pairs` gives subject and other of each look-alike review, so that 合并 can be carried out."""

    ontology: Ontology
    ledgers: Mapping[str, Ledger]
    places: Places
    decisions: Mapping[str, str]
    pairs: Mapping[str, tuple[str, str]]
    nodes: dict[str, dict[str, Props]] = field(default_factory=dict)
    place_of: dict[str, str] = field(default_factory=dict)
    claims: dict[tuple[str, str, str, str, str, str], list[_Claim]] = field(default_factory=dict)
    reviews: Reviews = field(init=False)
    index: Index = field(init=False)
    _placer: Placer = field(init=False)
    _organizations: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.reviews = Reviews(self.decisions)
        self.index = Index(self.places)
        self._placer = Placer(self.places)

    def fold(self, rows: Sequence[Row], regions: Mapping[str, Props]) -> Folded:
        """Everything the rows say. `regions` are the Regions known without a row of their own."""
        merged = merge_all([pair for review, pair in self.pairs.items() if self.decisions.get(review) == MERGE])
        groups: dict[tuple[str, str], list[Row]] = {}
        for row in rows:
            entity_type = self.ledgers[row.ledger].entity
            if entity_type and entity_type != "Review":
                groups.setdefault((entity_type, merged.get(row.entity, row.entity)), []).append(row)
        first_rows = self._fold_nodes(groups)
        for id_, fact in regions.items():
            self.nodes.setdefault("Region", {}).setdefault(id_, {"listed": True, **fact})
        self._place_regions()
        self._index(groups)
        for (entity_type, entity), members in groups.items():
            live = [r for r in members if r.retired is None] or members
            for row in live:
                self._row_edges(row, entity_type, entity)
        for row in rows:
            if self.ledgers[row.ledger].edge and row.retired is None:
                row.place = row.division
                self._edge_row(row, self.ledgers[row.ledger])
        for id_, unit in list(self.nodes.get("Unit", {}).items()):
            self._stated_organization(id_, unit, groups[("Unit", id_)])
        add_lookalikes(self.nodes.get("Unit", {}), self.place_of, self.places, self.reviews, first_rows)
        return Folded(self.nodes, self.reviews, lambda: self._located() | self._edges())

    # -- nodes --------------------------------------------------------------------------------------

    def _fold_nodes(self, groups: Mapping[tuple[str, str], list[Row]]) -> dict[str, Row]:
        """Fold each entity's rows: the best ledger that states a property gives it, then the latest row."""
        known = {t.name: {n for n, p in t.properties.items() if not p.derived} for t in self.ontology.nodes.values()}
        first: dict[str, Row] = {}
        for (entity_type, entity), rows in groups.items():
            props = fold_properties(entity_type, entity, rows, self.ledgers, known[entity_type])
            listed = props["listed"]
            self.nodes.setdefault(entity_type, {})[entity] = props
            place = self.place_of[entity] = self._place(rows, listed)
            for row in rows:
                row.place = place
            first[entity] = rows[0]
        return first

    def _place(self, rows: Sequence[Row], listed: bool) -> str:
        """Where the best row that says so puts the entity; a name that no ledger of divisions has is asked about."""
        if self.ledgers[rows[0].ledger].entity == "Region":
            return ""
        fallback = ""
        for row in rows:
            place, lost = self._placer.place(row.values, self.ledgers[row.ledger], row.division)
            if lost and listed:
                decided = self.places.find(self.reviews.decision("division", row.division, lost) or IGNORE)
                if len(decided) == 1:
                    return decided[0]
                self.reviews.add(
                    "division",
                    (row.division, lost),
                    f"区划“{lost}”在区划台账中没有找到或不止一个，有关单位暂列未落地。请补充区划，或在处理决定中填代码、“{IGNORE}”。",
                    row,
                    division=place,
                    evidence_against="没有唯一的名称或代码",
                )
            if place not in self._placer.unplaced:
                return place
            fallback = fallback or place
        return fallback

    def _place_regions(self) -> None:
        for id_, base in self._placer.unplaced.items():
            self.nodes.setdefault("Region", {})[id_] = {"name": UNPLACED, "kind": UNPLACED, "listed": True}
            if base:
                self._claim("PART_OF", "Region", id_, "Region", base, {}, 0)
        for id_, props in self.nodes.get("Region", {}).items():
            region = self.places.by_id.get(id_)
            if region is None:
                continue
            if region.kind:
                props.setdefault("kind", region.kind)
            if region.parent:
                self._claim("PART_OF", "Region", id_, "Region", region.parent, {}, 0)

    def _index(self, groups: Mapping[tuple[str, str], list[Row]]) -> None:
        for node_type, nodes in self.nodes.items():
            for id_, props in nodes.items():
                code = str(props.get("credit_code") or props.get("code") or "")
                name = str(props.get("name") or props.get("title") or "")
                place = self.place_of.get(id_, "")
                self.index.add(Known(id_, node_type, name, code, place, bool(props["listed"])), props.get("short_name"))
        for (_, entity), rows in groups.items():
            # what one ledger, or a record merged into this one, calls by another name is still found by it
            for row in rows if len(rows) > 1 else ():
                if row.retired is None:
                    self.index.alias(self.index.by_id[entity], row.values)
        for id_, props in self.nodes.get("PartyOrg", {}).items():
            if not props["listed"]:
                continue
            unit = self.index.code("Unit", str(props.get("legal_unit") or ""))
            if not unit:
                named = self.index.named("Unit", unit_of_organization(str(props.get("name") or "")))
                here = self.places.inside(self._county(self.place_of.get(id_, "")))
                named = [u for u in named if u.place in here or not u.place]
                unit = named[0].id if len(named) == 1 else ""
            if unit:
                self._organizations.setdefault(unit, []).append(id_)

    def _county(self, place: str) -> str:
        return next((i for i in self.places.above(place) if self.places.by_id[i].kind == "县"), "")

    def _located(self) -> dict[EdgeTable, dict[str, Props]]:
        """The edge from each entity to its place: one each, of nobody's word, so there is nothing to weigh."""
        tables: dict[EdgeTable, dict[str, Props]] = {}
        for node_type, nodes in self.nodes.items():
            if node_type == "Region":
                continue
            table: dict[str, Props] = {}
            for id_ in nodes:
                place = self.place_of.get(id_, "")
                if place:
                    key = _edge_key("LOCATED_IN", id_, place)
                    table[key] = {"from": id_, "to": place, "key": key}
            if table:
                tables["LOCATED_IN", node_type, "Region"] = table
        return tables

    # -- edges --------------------------------------------------------------------------------------

    def _row_edges(self, row: Row, entity_type: str, entity: str) -> None:
        ledger = self.ledgers[row.ledger]
        for link in ledger.links:
            stated = row.values.get(link.field)
            if not stated:
                continue
            for text in stated if isinstance(stated, list) else [stated]:
                found = self._resolve(row, link.types, text, link.edge, link)
                if found is None:
                    continue
                if link.outward:
                    ends = (entity_type, entity, found.type, found.id)
                else:
                    ends = (found.type, found.id, entity_type, entity)
                carried = {n: row.values[n] for n in link.carried if n in row.values} | dict(link.constants)
                if link.edge == "GUIDES":
                    carried.setdefault("role", ledger.defaults.get("role") or "指导员")
                self._claim(link.edge, *ends, carried, ledger.rank)
        for product in row.values.get("main_products") or ():
            id_ = mint("p", "Product", name_key(product))
            self.nodes.setdefault("Product", {}).setdefault(id_, {"name": product, "listed": True})
            self._claim("MAKES", "Unit", entity, "Product", id_, {}, ledger.rank)

    def _edge_row(self, row: Row, ledger: Ledger) -> None:
        ends = []
        for end, types in zip((FROM, TO), ledger.ends, strict=True):
            ends.append(self._resolve(row, types, row.values[end], ledger.edge, None))
        one, other = ends
        if one is None or other is None:
            return
        if (one.type, other.type) not in self.ontology.edges[ledger.edge].ends:
            edge = self.ontology.edges[ledger.edge]
            self.reviews.add(
                "ends",
                (ledger.edge, one.id, other.id),
                f"{edge.label}的两端“{one.name}”（{self.ontology.nodes[one.type].label}）与“{other.name}”"
                f"（{self.ontology.nodes[other.type].label}）不能这样相连，请核对。",
                row,
                subject=one.id,
                other=other.id,
                division=row.place,
                sensitivity=self._quoted((one.type, other.type)),
            )
            return
        known = {*self.ontology.edges[ledger.edge].properties, "valid_from", "valid_to"}
        carried = dict(ledger.defaults) | {n: v for n, v in row.values.items() if n in known}
        self._claim(ledger.edge, one.type, one.id, other.type, other.id, carried, ledger.rank)

    def _resolve(self, row: Row, types: Sequence[str], text: str, edge: str, link: Link | None) -> Known | None:
        """The entity that `text` names, or None with a review that says where it stands."""
        kind = "dangling"
        identity = (edge, row.ledger, row.entity, name_key(text))
        decision = self.reviews.decision(kind, *identity)
        within = row.division
        if edge == "IN_PLACE":
            hits = [self.index.by_id[i] for i in self.places.find(text, within, places=True) if i in self.index.by_id]
        else:
            hits = self.index.find(types, text, within, row.place)
        if decision and decision not in (MERGE, APART, IGNORE):
            hits = self.index.find(types, decision, within, row.place) or hits
        if len(hits) == 1:
            return hits[0]
        if link is not None and link.quiet:
            return None
        if not hits and link is not None and link.optional:
            return None
        labels = "、".join(self.ontology.nodes[t].label for t in types)
        supports: str | None
        if hits:
            listed = "；".join(f"{h.name}（{self._name(h.place)}，{h.id}）" for h in hits[:5])
            question = f"“{text}”在{labels}中不止一个，无法确定是哪一个。请在处理决定中填编号，或填“{IGNORE}”。"
            supports, opposes = f"候选：{listed}", "名称相同，没有代码可以区分"
        else:
            near = self._near(types, text)
            question = (
                f"“{text}”在{labels}台账中没有找到。请补充台账，或在处理决定中填正确的名称、代码，或填“{IGNORE}”。"
            )
            supports, opposes = f"名称相近：{near}" if near else None, "没有名称或代码完全一致的记录"
        self.reviews.add(
            kind,
            identity,
            question,
            row,
            division=row.place,
            subject=row.entity,
            sensitivity=self._quoted(types),
            evidence_for=supports,
            evidence_against=opposes,
        )
        return None

    def _quoted(self, types: Sequence[str]) -> str:
        """The sensitivity of a text that quotes the name of an entity of one of these types."""
        return classes(self.ontology.nodes[t].called.sensitivity for t in types)

    def _near(self, types: Sequence[str], text: str) -> str:
        base = unit_of_organization(text)
        hits = [k.name for t in types for k in self.index.named(t, base) if base != text]
        return "、".join(hits[:3])

    def _name(self, place: str) -> str:
        return self.places.by_id[place].name if place in self.places.by_id else UNPLACED

    def _stated_organization(self, id_: str, unit: Props, rows: Sequence[Row]) -> None:
        """A unit's row says that it has an organization: the one known for it, or one minted as 台账所述."""
        if not unit.get("has_organization") or not unit["listed"]:
            return
        row = next((r for r in rows if self.ledgers[r.ledger].stated and r.values.get("has_organization")), None)
        if row is None:
            return
        said = self.ledgers[row.ledger].stated
        assert said is not None
        carried = {n: row.values[n] for n in said.carried if n in row.values}
        rank = self.ledgers[row.ledger].rank
        if row.values.get("@org"):
            return
        known = self._organizations.get(id_, [])
        for organization in known:
            self._claim("COVERS", "PartyOrg", organization, "Unit", id_, carried, rank)
        if not known:
            known = [self._mint_organization(id_, unit, row, said, carried)]
        superior = row.values.get("@superior")
        above = self._resolve(row, ("PartyOrg",), superior, "SUBORDINATE_TO", None) if superior else None
        if above is not None and above.id not in known:
            for organization in known:
                self._claim("SUBORDINATE_TO", "PartyOrg", organization, "PartyOrg", above.id, {}, rank)

    def _mint_organization(self, id_: str, unit: Props, row: Row, said: Stated, carried: Props) -> str:
        organization = stated_id(id_)
        category = str(row.values.get("category") or "党组织")
        kind = {"党支部": "支部", "党总支": "总支"}.get(category, category if category == "党委" else None)
        about = {n.removeprefix("org."): row.values[n] for n in said.properties if n in row.values}
        self.nodes.setdefault("PartyOrg", {})[organization] = {
            "name": f"{unit['name']}{category}",
            "kind": kind,
            "legal_unit": unit.get("credit_code"),
            "founded_on": row.values.get("valid_from"),
            "stated": True,
            "listed": True,
            **about,
        }
        self.place_of[organization] = self.place_of.get(id_, "")
        self._claim(
            "COVERS", "PartyOrg", organization, "Unit", id_, {**carried, "stated": True}, self.ledgers[row.ledger].rank
        )
        return organization

    def _claim(
        self, edge: str, from_type: str, source: str, to_type: str, target: str, carried: Props, rank: int
    ) -> None:
        carried = dict(carried)
        claim = _Claim(rank, carried.pop("valid_from", ALWAYS_FROM), carried.pop("valid_to", ALWAYS_TO), carried)
        key = (edge, from_type, source, to_type, target, str(carried.get("role") or ""))
        self.claims.setdefault(key, []).append(claim)

    def _edges(self) -> dict[EdgeTable, dict[str, Props]]:
        """One edge for each (type, ends, role, start); rows without a start speak of the one that has it."""
        tables: dict[EdgeTable, dict[str, Props]] = {}
        for (edge, from_type, source, to_type, target, role), claims in self.claims.items():
            dated = self.ontology.edges[edge].dated
            starts = [claims[0].valid_from]
            if len(claims) > 1:
                claims.sort(key=lambda c: c.rank)
                starts = sorted({c.valid_from for c in claims} - {ALWAYS_FROM}) or [ALWAYS_FROM]
            for start in starts:
                props: Props = {}
                until = ALWAYS_TO
                for claim in claims:
                    if claim.valid_from not in (start, ALWAYS_FROM):
                        continue
                    if claim.valid_to != ALWAYS_TO and until == ALWAYS_TO:
                        until = claim.valid_to
                    for name, value in claim.properties.items():
                        props.setdefault(name, value)
                made: Props = {"from": source, "to": target, **props}
                if dated:
                    made["valid_from"], made["valid_to"] = start, until
                key = made["key"] = _edge_key(edge, source, target, role, start)
                tables.setdefault((edge, from_type, to_type), {})[key] = made
        return tables


def _edge_key(edge: str, source: str, target: str, role: str = "", start: dt.date = ALWAYS_FROM) -> str:
    """The key of an edge: a hash of its type, its ends, its role and its start, where it has one."""
    return mint("e", edge, source, target, role, "" if start == ALWAYS_FROM else start.isoformat())
