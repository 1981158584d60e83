"""What the live rows of all ledgers say together: nodes, edges and open questions. A pure function of the rows.

A million units have four million edges: what is said is held as columns and as the rows themselves, and nodes and
edges are made when they are asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from graph.ontology import Ontology
from graph.privacy import classes
from loaders.fold.edges import Claims, edge_key
from loaders.fold.reviews import APART, IGNORE, MERGE, Reviews, add_lookalikes
from loaders.match.matching import Index, Known
from loaders.match.merging import Props, fold_properties, merge_all, precedence
from loaders.match.naming import mint, name_key, stated_id, unit_of_organization
from loaders.match.places import UNPLACED, Placer, Places
from loaders.match.stored import EdgeTable
from loaders.recognize.ledgers import FROM, TO, Link, Stated
from loaders.shape.rows import Row


class Folded:
    """The graph that rows make, and the questions that they leave open, which are added to `reviews`.

    `pairs` gives subject and other of each look-alike review, so that 合并 can be carried out; `regions` are the
    Regions known without a row of their own.
    """

    def __init__(
        self,
        ontology: Ontology,
        places: Places,
        reviews: Reviews,
        pairs: Mapping[str, tuple[str, str]],
        rows: Sequence[Row],
        regions: Mapping[str, Props],
    ) -> None:
        self.reviews = reviews
        self._ontology = ontology
        self._places = places
        self._index = Index(places)
        self._placer = Placer(places)
        #: the properties that ledgers may state, by type
        self._stated = {t.name: {n for n, p in t.properties.items() if not p.derived} for t in ontology.nodes.values()}
        self._rows: dict[str, dict[str, Row | list[Row]]] = {}
        #: nodes that no row is about, and the Regions, of which the tree says more than their rows
        self._made: dict[str, dict[str, Props]] = {"Region": {}}
        #: where those of them lie that are not looked up
        self._located: dict[str, str] = {}
        self._claims = Claims()
        self._organizations: dict[str, list[str]] = {}
        self._fold(rows, pairs, regions)

    def ids(self, node_type: str) -> Iterator[str]:
        """The id of each node of a type."""
        made = self._made.get(node_type, {})
        yield from made
        for id_ in self._rows.get(node_type, ()):
            if id_ not in made:
                yield id_

    def nodes(self, node_type: str) -> Iterator[tuple[str, Props]]:
        """Id and properties of each node of a type."""
        made = self._made.get(node_type, {})
        for id_ in self.ids(node_type):
            yield id_, made[id_] if id_ in made else self._props(node_type, self._rows[node_type][id_])

    def edges(self, table: EdgeTable) -> Iterator[Props]:
        """The edges of a table, each with its ends and its key."""
        edge, from_type, _ = table
        if edge == "LOCATED_IN":
            yield from self._places_of(from_type)
        yield from self._claims.edges(table, dated=self._ontology.edges[edge].dated)

    def _places_of(self, node_type: str) -> Iterator[Props]:
        """The edge from each entity to its place: one each, of nobody's word, so there is nothing to weigh."""
        if node_type == "Region":
            return
        for id_ in self.ids(node_type):
            place = self._located.get(id_, "")
            if not place and (known := self._index.by_id.get(id_)):
                place = known.place
            if place:
                yield {"from": id_, "to": place, "key": edge_key("LOCATED_IN", id_, place)}

    # -- nodes --------------------------------------------------------------------------------------

    def _fold(self, rows: Sequence[Row], pairs: Mapping[str, tuple[str, str]], regions: Mapping[str, Props]) -> None:
        said = self.reviews.decisions
        merged = merge_all([pair for review, pair in pairs.items() if said.get(review) == MERGE])
        relations = self._group(rows, merged)
        stating, legal = self._know()
        for id_, fact in regions.items():
            self._made["Region"].setdefault(id_, {"listed": True, **fact})
        self._place_regions()
        self._name_regions()
        self._own(legal)
        for node_type, groups in self._rows.items():
            for entity, own in groups.items():
                every = own if isinstance(own, list) else [own]
                for row in [r for r in every if r.retired is None] or every:
                    self._row_edges(row, node_type, entity)
        for row in relations:
            if row.retired is None:
                row.place = row.division
                self._edge_row(row)
        for id_ in stating:
            self._stated_organization(self._index.by_id[id_], self._rows_of("Unit", id_))
        units = (self._index.by_id[id_] for id_ in self._rows.get("Unit", ()))
        add_lookalikes(units, self._places, self.reviews, lambda unit: self._props("Unit", self._rows_of("Unit", unit.id)),
                       lambda unit: self._rows_of("Unit", unit.id)[0])  # fmt: skip

    def _group(self, rows: Sequence[Row], merged: Mapping[str, str]) -> list[Row]:
        """Sort the rows by what they are about, the one believed most first; those about a relation are left."""
        relations: list[Row] = []
        for row in rows:
            node_type = row.origin.ledger.entity
            if not node_type:
                relations.append(row)
            elif node_type != "Review":
                entity = merged.get(row.entity, row.entity)
                own = self._rows.setdefault(node_type, {})
                held = own.setdefault(entity, row)
                if held is not row:
                    own[entity] = [*(held if isinstance(held, list) else [held]), row]
        for own in self._rows.values():
            for entity, found in own.items():
                if isinstance(found, list):
                    found.sort(key=partial(precedence, entity=entity))
        return relations

    def _rows_of(self, node_type: str, entity: str) -> list[Row]:
        found = self._rows[node_type][entity]
        return found if isinstance(found, list) else [found]

    def _props(self, node_type: str, rows: Row | list[Row]) -> Props:
        return fold_properties(node_type, rows if isinstance(rows, list) else [rows], self._stated[node_type])

    def _know(self) -> tuple[list[str], dict[str, str]]:
        """Make every entity findable. The units that state an organization, and the legal unit of organizations."""
        stating: list[str] = []
        legal: dict[str, str] = {}
        for node_type, groups in self._rows.items():
            for entity, own in groups.items():
                rows = own if isinstance(own, list) else [own]
                # of a single row these are what it says
                about = rows[0].values if len(rows) == 1 and node_type != "Region" else self._props(node_type, rows)
                listed = rows[0].retired is None
                place = self._place(rows, about, listed)
                for row in rows:
                    row.place = place
                if node_type == "Region":
                    self._made["Region"][entity] = about
                    continue
                known = Known(entity, node_type, _name(about), _code(about), place, listed)
                self._index.add(known, about.get("short_name"))
                if len(rows) > 1:
                    self._alias(known, rows)
                if node_type == "Unit" and listed and about.get("has_organization"):
                    stating.append(entity)
                if node_type == "PartyOrg" and listed:
                    legal[entity] = str(about.get("legal_unit") or "")
        return stating, legal

    def _alias(self, known: Known, rows: Sequence[Row]) -> None:
        """What one ledger, or a record merged into this one, calls by another name is still found by it."""
        for row in rows:
            if row.retired is None:
                values = row.values
                self._index.alias(known, code=_code(values), name=str(values.get("name") or ""))
                self._index.alias(known, name=str(values.get("short_name") or ""))

    def _place(self, rows: Sequence[Row], about: Props, listed: bool) -> str:
        """Where the best row that says so puts the entity; a name that no ledger of divisions has is asked about.

        `about` is what the only row says, where it is only one.
        """
        if rows[0].origin.ledger.entity == "Region":
            return ""
        fallback = ""
        for row in rows:
            values = about if len(rows) == 1 else row.values
            place, lost = self._placer.place(values, row.origin.ledger, row.division)
            if lost and listed:
                decided = self._places.find(self.reviews.decision("division", row.division, lost) or IGNORE)
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
        regions = self._made["Region"]
        for id_, base in self._placer.unplaced.items():
            regions[id_] = {"name": UNPLACED, "kind": UNPLACED, "listed": True}
            if base:
                self._claims.add("PART_OF", "Region", id_, "Region", base, {}, 0)
        for id_, props in regions.items():
            region = self._places.by_id.get(id_)
            if region is None:
                continue
            if region.kind:
                props.setdefault("kind", region.kind)
            if region.parent:
                self._claims.add("PART_OF", "Region", id_, "Region", region.parent, {}, 0)

    def _name_regions(self) -> None:
        for id_, props in self._made["Region"].items():
            known = Known(id_, "Region", _name(props), _code(props), "", bool(props["listed"]))
            self._index.add(known, props.get("short_name"))
            if id_ in self._rows.get("Region", ()) and len(rows := self._rows_of("Region", id_)) > 1:
                self._alias(known, rows)

    def _own(self, legal: Mapping[str, str]) -> None:
        """The organizations that each unit is known to have, by its code or by their names."""
        for id_, code in legal.items():
            unit = self._index.code("Unit", code)
            if not unit:
                known = self._index.by_id[id_]
                named = self._index.named("Unit", unit_of_organization(known.name))
                here = self._places.inside(self._county(known.place))
                named = [u for u in named if u.place in here or not u.place]
                unit = named[0].id if len(named) == 1 else ""
            if unit:
                self._organizations.setdefault(unit, []).append(id_)

    def _county(self, place: str) -> str:
        return next((i for i in self._places.above(place) if self._places.by_id[i].kind == "县"), "")

    # -- edges --------------------------------------------------------------------------------------

    def _row_edges(self, row: Row, entity_type: str, entity: str) -> None:
        ledger = row.origin.ledger
        if not ledger.links and "main_products" not in ledger.fields:
            return
        values = row.values
        for link in ledger.links:
            stated = values.get(link.field)
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
                carried = {n: values[n] for n in link.carried if n in values} | dict(link.constants)
                if link.edge == "GUIDES":
                    carried.setdefault("role", ledger.defaults.get("role") or "指导员")
                self._claims.add(link.edge, *ends, carried, ledger.rank)
        for product in values.get("main_products") or ():
            id_ = mint("p", "Product", name_key(product))
            self._made.setdefault("Product", {}).setdefault(id_, {"name": product, "listed": True})
            self._claims.add("MAKES", "Unit", entity, "Product", id_, {}, ledger.rank)

    def _edge_row(self, row: Row) -> None:
        ledger, values = row.origin.ledger, row.values
        ends = []
        for end, types in zip((FROM, TO), ledger.ends, strict=True):
            ends.append(self._resolve(row, types, values[end], ledger.edge, None))
        one, other = ends
        if one is None or other is None:
            return
        edge = self._ontology.edges[ledger.edge]
        if (one.type, other.type) not in edge.ends:
            self.reviews.add(
                "ends",
                (ledger.edge, one.id, other.id),
                f"{edge.label}的两端“{one.name}”（{self._ontology.nodes[one.type].label}）与“{other.name}”"
                f"（{self._ontology.nodes[other.type].label}）不能这样相连，请核对。",
                row,
                subject=one.id,
                other=other.id,
                division=row.place,
                sensitivity=self._quoted((one.type, other.type)),
            )
            return
        known = {*edge.properties, "valid_from", "valid_to"}
        carried = dict(ledger.defaults) | {n: v for n, v in values.items() if n in known}
        self._claims.add(ledger.edge, one.type, one.id, other.type, other.id, carried, ledger.rank)

    def _resolve(self, row: Row, types: Sequence[str], text: str, edge: str, link: Link | None) -> Known | None:
        """The entity that `text` names, or None with a review that says where it stands."""
        kind = "dangling"
        identity = (edge, row.ledger, row.entity, name_key(text))
        decision = self.reviews.decision(kind, *identity)
        within = row.division
        if edge == "IN_PLACE":
            hits = [
                self._index.by_id[i] for i in self._places.find(text, within, places=True) if i in self._index.by_id
            ]
        else:
            hits = self._index.find(types, text, within, row.place)
        if decision and decision not in (MERGE, APART, IGNORE):
            hits = self._index.find(types, decision, within, row.place) or hits
        if len(hits) == 1:
            return hits[0]
        if link is not None and link.quiet:
            return None
        if not hits and link is not None and link.optional:
            return None
        labels = "、".join(self._ontology.nodes[t].label for t in types)
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
        return classes(self._ontology.nodes[t].called.sensitivity for t in types)

    def _near(self, types: Sequence[str], text: str) -> str:
        base = unit_of_organization(text)
        hits = [k.name for t in types for k in self._index.named(t, base) if base != text]
        return "、".join(hits[:3])

    def _name(self, place: str) -> str:
        return self._places.by_id[place].name if place in self._places.by_id else UNPLACED

    def _stated_organization(self, unit: Known, rows: Sequence[Row]) -> None:
        """A unit's row says that it has an organization: the one known for it, or one minted as 台账所述."""
        for row in rows:
            if (said := row.origin.ledger.stated) and (values := row.values).get("has_organization"):
                break
        else:
            return
        carried = {n: values[n] for n in said.carried if n in values}
        rank = row.origin.ledger.rank
        if values.get("@org"):
            return
        known = self._organizations.get(unit.id, [])
        for organization in known:
            self._claims.add("COVERS", "PartyOrg", organization, "Unit", unit.id, carried, rank)
        if not known:
            known = [self._mint_organization(unit, row, said, carried)]
        superior = values.get("@superior")
        above = self._resolve(row, ("PartyOrg",), superior, "SUBORDINATE_TO", None) if superior else None
        if above is not None and above.id not in known:
            for organization in known:
                self._claims.add("SUBORDINATE_TO", "PartyOrg", organization, "PartyOrg", above.id, {}, rank)

    def _mint_organization(self, unit: Known, row: Row, said: Stated, carried: Props) -> str:
        organization, values = stated_id(unit.id), row.values
        category = str(values.get("category") or "党组织")
        kind = {"党支部": "支部", "党总支": "总支"}.get(category, category if category == "党委" else None)
        self._made.setdefault("PartyOrg", {})[organization] = {
            "name": f"{unit.name}{category}",
            "kind": kind,
            "legal_unit": unit.code or None,
            "founded_on": values.get("valid_from"),
            "stated": True,
            "listed": True,
            **{n.removeprefix("org."): values[n] for n in said.properties if n in values},
        }
        self._located[organization] = unit.place
        self._claims.add(
            "COVERS", "PartyOrg", organization, "Unit", unit.id, {**carried, "stated": True}, row.origin.ledger.rank
        )
        return organization


def _name(said: Props) -> str:
    return str(said.get("name") or said.get("title") or "")


def _code(said: Props) -> str:
    return str(said.get("credit_code") or said.get("code") or "")
