"""The graph that the live rows of all ledgers make: nodes, edges and open questions. A pure function of the rows.

A million units have four million edges: the statements stay columns and rows, and nodes and edges are made when they
are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from graph.ids import mint
from graph.ontology import Ontology
from loaders.fold import branches
from loaders.fold.contradictions import Contradictions, add_backward, ask_days
from loaders.fold.drawing import PRODUCTS, drawing
from loaders.fold.edges import EdgeTable, Statements, edge_key
from loaders.fold.locating import Locator
from loaders.fold.lookalikes import Lookalikes
from loaders.fold.properties import fold_properties, merge_all
from loaders.fold.references import References
from loaders.fold.reviews import MERGE, Reviews
from loaders.fold.stated import StatedOrganizations
from loaders.match.matching import Entity, Index
from loaders.match.naming import name_key, unit_of_organization
from loaders.match.places import UNPLACED, Places
from loaders.recognize.ledgers import FROM, TO
from loaders.shape.rows import Props, Row, best_first


class Folded:
    """The graph that rows make; the questions that they leave open are added to `reviews`.

    `pairs` gives subject and other of each look-alike review, so that 合并 can be carried out. `regions` are the
    Regions without a row of their own, `former` the names that entities had.
    """

    def __init__(
        self,
        ontology: Ontology,
        places: Places,
        reviews: Reviews,
        pairs: Mapping[str, tuple[str, str]],
        rows: Sequence[Row],
        regions: Mapping[str, Props],
        former: Mapping[str, Iterable[str]],
    ) -> None:
        self.reviews = reviews
        self._former = former
        self._ontology = ontology
        self._places = places
        self._index = Index(places)
        self._locator = Locator(places, reviews)
        self._references = References(ontology, places, self._index, reviews, self._locator)
        #: the properties that ledgers may state, by type
        self._stated = {t.name: {n for n, p in t.properties.items() if not p.derived} for t in ontology.nodes.values()}
        self._rows: dict[str, dict[str, Row | list[Row]]] = {}
        self._statements = Statements()
        self._stated_organizations = StatedOrganizations(self._references, self._statements)
        #: nodes that no row is about, and the Regions, whose properties the tree completes
        self._derived: dict[str, dict[str, Props]] = {"Region": {}, "PartyOrg": self._stated_organizations.nodes}
        self._organizations: dict[str, list[str]] = {}
        #: the names that units had
        self._renamed: set[str] = set()
        #: the units whose row names an organization of the ledgers
        self._named: set[str] = set()
        #: the name or code of the unit above each branch office
        self._parents: dict[str, str] = {}
        #: sheets and places of which some organization has a secretary
        self._secretaries: set[tuple[str, ...]] = set()
        self._fold(rows, pairs, regions)

    def ids(self, node_type: str) -> Iterator[str]:
        """The id of each node of a type."""
        derived = self._derived.get(node_type, {})
        yield from derived
        for id_ in self._rows.get(node_type, ()):
            if id_ not in derived:
                yield id_

    def nodes(self, node_type: str) -> Iterator[tuple[str, Props]]:
        """Id and properties of each node of a type."""
        derived = self._derived.get(node_type, {})
        for id_ in self.ids(node_type):
            if id_ in derived:
                yield id_, derived[id_]
                continue
            rows = self._rows_of(node_type, id_)
            props = self._props(node_type, rows)
            if node_type == "PartyOrg":
                props["secretary_column"] = any(not self._secretaries.isdisjoint(_sheet_and_place(r)) for r in rows)
            yield id_, props

    def meant(self, row: Row, types: Sequence[str], text: str) -> str:
        """The id of the one entity that a text in a row means; '' for none or several."""
        hits = self._index.find(types, text, row.division, row.place)
        return hits[0].id if len(hits) == 1 else ""

    def edges(self, table: EdgeTable) -> Iterator[Props]:
        """The edges of a table, each with its ends and its key."""
        edge, from_type, _ = table
        if edge == "LOCATED_IN":
            yield from self._locations(from_type)
        edges = self._statements.edges(table, dated=self._ontology.edges[edge].dated)
        if edge == "COVERS" and self._parents:
            edges = branches.marked(
                edges, self._statements.ends(table), self._parents, self._organizations, self._index
            )
        yield from edges

    def _locations(self, node_type: str) -> Iterator[Props]:
        """The edge from each entity to its place. There is one each, which no ledger states, so none competes."""
        if node_type == "Region":
            return
        for id_ in self.ids(node_type):
            place = self._stated_organizations.places.get(id_, "")
            if not place and (entity := self._index.by_id.get(id_)):
                place = entity.place
            if place:
                yield {"from": id_, "to": place, "key": edge_key("LOCATED_IN", id_, place)}

    # -- nodes --------------------------------------------------------------------------------------

    def _fold(self, rows: Sequence[Row], pairs: Mapping[str, tuple[str, str]], regions: Mapping[str, Props]) -> None:
        decisions = self.reviews.decisions
        merged = merge_all([pair for review, pair in pairs.items() if decisions.get(review) == MERGE])
        relations = self._group(rows, merged)
        stating, legal = self._index_entities()
        for id_, fact in regions.items():
            self._derived["Region"].setdefault(id_, {"listed": True, **fact})
        self._place_regions()
        self._index_regions()
        self._assign_organizations(legal)
        for node_type, groups in self._rows.items():
            for entity, own in groups.items():
                every = own if isinstance(own, list) else [own]
                for row, values in drawing([r for r in every if r.retired is None] or every):
                    self._row_edges(row, values, node_type, entity)
        asking = Contradictions(self._ontology, self.reviews, self._locator.named)
        for row_or_rows in relations.values():
            self._relation(row_or_rows if isinstance(row_or_rows, list) else [row_or_rows], asking)
        for id_ in sorted(stating):
            if id_ not in self._named:
                organizations = self._organizations.get(id_, [])
                self._stated_organizations.add(self._index.by_id[id_], self._rows_of("Unit", id_), organizations)
        for node_type, groups in self._rows.items():
            for entity, own in groups.items():
                if isinstance(own, list) and node_type != "Region":
                    asking.ask(self._index.by_id[entity], [r for r in own if r.retired is None])
        alike = Lookalikes(
            self._places,
            self.reviews,
            lambda one: self._props(one.type, self._rows_of(one.type, one.id)),
            lambda one: self._rows_of(one.type, one.id)[0],
        )
        for node_type, add in (("Unit", alike.add_units), ("PartyOrg", alike.add_organizations)):
            add((self._index.by_id[id_] for id_ in self._rows.get(node_type, ())), self._index.sharing(node_type))
        alike.add_renamed(self._index.named("Unit", name) for name in sorted(self._renamed))

    def _group(self, rows: Sequence[Row], merged: Mapping[str, str]) -> dict[str, Row | list[Row]]:
        """Group the rows by entity, each group in order of precedence. The rows about relations are returned likewise."""
        relations: dict[str, Row | list[Row]] = {}
        for row in rows:
            node_type = row.origin.ledger.entity
            if not node_type:
                earlier = relations.setdefault(row.entity, row)
                if earlier is not row:
                    relations[row.entity] = [*(earlier if isinstance(earlier, list) else [earlier]), row]
            elif node_type != "Review":
                entity = merged.get(row.entity, row.entity)
                own = self._rows.setdefault(node_type, {})
                earlier = own.setdefault(entity, row)
                if earlier is not row:
                    own[entity] = [*(earlier if isinstance(earlier, list) else [earlier]), row]
        for own in (*self._rows.values(), relations):
            for entity, group in own.items():
                if isinstance(group, list):
                    own[entity] = best_first(group, entity)
        return relations

    def _rows_of(self, node_type: str, entity: str) -> list[Row]:
        group = self._rows[node_type][entity]
        return group if isinstance(group, list) else [group]

    def _props(self, node_type: str, rows: Row | list[Row]) -> Props:
        return fold_properties(node_type, rows if isinstance(rows, list) else [rows], self._stated[node_type])

    def _index_entities(self) -> tuple[list[str], dict[str, str]]:
        """Index every entity. The units that state an organization, and the code of each organization's unit."""
        stating: list[str] = []
        legal: dict[str, str] = {}
        for node_type, groups in self._rows.items():
            for entity, own in groups.items():
                rows = own if isinstance(own, list) else [own]
                # a single row states the name, code and place by itself
                single = len(rows) == 1 and node_type != "Region"
                about = rows[0].values if single else self._props(node_type, rows)
                listed = rows[0].retired is None
                place = self._locator.place(rows, listed)
                for row in rows:
                    row.place = place
                if node_type == "Region":
                    self._derived["Region"][entity] = about
                    self._locator.ask_of_region(entity, rows)
                    continue
                indexed = Entity(entity, node_type, _name(about), _code(about), place, listed)
                self._index.add(indexed, about.get("short_name"))
                for name in (*self._former.get(entity, ()), *(about.get("former_names") or ())):
                    self._index.alias(indexed, name=name)
                    if node_type == "Unit" and listed:
                        self._renamed.add(name)
                if len(rows) > 1:
                    self._alias(indexed, rows)
                if node_type == "Unit" and listed and about.get("has_organization"):
                    stating.append(entity)
                if node_type == "Unit" and listed:
                    ask_days(self.reviews, self._ontology, indexed, rows)
                if node_type == "Unit" and (parent := branches.parent_of(about)):
                    self._parents[entity] = parent
                if node_type == "PartyOrg" and listed:
                    legal[entity] = str(about.get("legal_unit") or "")
                if node_type == "PartyOrg":
                    self._check_term(indexed, rows)
                    self._secretaries.update(
                        key for row in rows if row.values.get("secretary") for key in _sheet_and_place(row)
                    )
        return stating, legal

    def _check_term(self, organization: Entity, rows: Sequence[Row]) -> None:
        since, to = (next((r.values[n] for r in rows if r.values.get(n)), None) for n in ("term_from", "term_to"))
        if since and to and to < since:
            add_backward(self.reviews, self._ontology, organization, "本届任期", since, to, rows[0])

    def _alias(self, entity: Entity, rows: Sequence[Row]) -> None:
        """Index an entity by the other names and codes that its rows state: other ledgers', or a merged record's."""
        for row in rows:
            if row.retired is None:
                values = row.values
                self._index.alias(entity, code=_code(values), name=str(values.get("name") or ""))
                self._index.alias(entity, name=str(values.get("short_name") or ""))

    def _place_regions(self) -> None:
        regions = self._derived["Region"]
        # one row of an entity may name no town that another names: then nothing lies in 未落地
        lying = {e.place for e in self._index.by_id.values()} | {r.get("division") for r in self.reviews.by_id.values()}
        for id_, base in self._locator.unplaced.items():
            if id_ not in lying:
                continue
            regions[id_] = {"name": UNPLACED, "kind": UNPLACED, "listed": True}
            if base:
                self._statements.derive("PART_OF", "Region", id_, "Region", base)
        for id_, props in regions.items():
            region = self._places.by_id.get(id_)
            if region is None:
                continue
            if region.kind:
                props.setdefault("kind", region.kind)
            if region.parent:
                self._statements.derive("PART_OF", "Region", id_, "Region", region.parent)

    def _index_regions(self) -> None:
        for id_, props in self._derived["Region"].items():
            region = Entity(id_, "Region", _name(props), _code(props), "", bool(props["listed"]))
            self._index.add(region, props.get("short_name"))
            if id_ in self._rows.get("Region", ()) and len(rows := self._rows_of("Region", id_)) > 1:
                self._alias(region, rows)

    def _assign_organizations(self, legal: Mapping[str, str]) -> None:
        """Assign each organization to its unit, by the unit's code or by the organization's name. `legal` holds the codes."""
        for id_, code in legal.items():
            unit = self._index.code("Unit", code)
            if not unit:
                organization = self._index.by_id[id_]
                named = self._index.named("Unit", unit_of_organization(organization.name))
                county = self._places.inside(self._locator.county(organization.place))
                named = [u for u in named if u.place in county or not u.place]
                unit = named[0].id if len(named) == 1 else ""
            if unit:
                self._organizations.setdefault(unit, []).append(id_)

    # -- edges --------------------------------------------------------------------------------------

    def _row_edges(self, row: Row, values: Props, entity_type: str, entity: str) -> None:
        ledger = row.origin.ledger
        if not ledger.links and PRODUCTS not in ledger.fields:
            return
        for link in ledger.links:
            stated = values.get(link.field)
            if not stated:
                continue
            for text in stated if isinstance(stated, list) else [stated]:
                other = self._references.resolve(row, link.types, text, link.edge, link)
                if other is None:
                    continue
                if link.outward:
                    ends = (entity_type, entity, other.type, other.id)
                else:
                    ends = (other.type, other.id, entity_type, entity)
                carried = {n: values[n] for n in link.carried if n in values} | dict(link.constants)
                if link.edge == "GUIDES":
                    carried.setdefault("role", ledger.defaults.get("role") or "指导员")
                self._state(link.edge, ends, carried, row)
                if link.field == "@org":
                    self._named.add(entity)
        for product in values.get(PRODUCTS) or ():
            id_ = mint("p", "Product", name_key(product))
            self._derived.setdefault("Product", {}).setdefault(id_, {"name": product, "listed": True})
            self._statements.add("MAKES", "Unit", entity, "Product", id_, {}, row)

    def _state(self, edge: str, ends: tuple[str, str, str, str], carried: Props, row: Row) -> None:
        """Add the statement of an edge; a review asks about dates that end before they begin, which make none."""
        since, to = carried.get("valid_from"), carried.get("valid_to")
        if since and to and to < since:
            subject, other = self._index.by_id[ends[1]], self._index.by_id[ends[3]]
            what = f"{self._ontology.edges[edge].label}“{other.name}”"
            add_backward(self.reviews, self._ontology, subject, what, since, to, row, other.id)
            return
        self._statements.add(edge, *ends, carried, row)

    def _relation(self, rows: Sequence[Row], asking: Contradictions) -> None:
        """Add what the rows of one relation, the best first, state of it."""
        listed = [row for row in rows if row.retired is None]
        for row in listed:
            row.place = row.division
            ends = self._edge_row(row)
            if row is listed[0] and ends and len(listed) > 1:
                what = f"{self._ontology.edges[row.origin.ledger.edge].label}“{ends[1].name}”"
                asking.ask_term(ends[0], what, listed)

    def _edge_row(self, row: Row) -> tuple[Entity, Entity] | None:
        """Add what a row states of a relation, and return its two ends; None where they are not known."""
        ledger, values = row.origin.ledger, row.values
        one, other = (
            self._references.resolve(row, types, values[end], ledger.edge)
            for end, types in zip((FROM, TO), ledger.ends, strict=True)
        )
        if one is None or other is None:
            return None
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
                sensitivity=self._references.sensitivity((one.type, other.type)),
            )
            return None
        properties = {*edge.properties, "valid_from", "valid_to"}
        carried = dict(ledger.defaults) | {n: v for n, v in values.items() if n in properties}
        ends = (one.type, one.id, other.type, other.id)
        self._state(ledger.edge, ends, carried, row)
        if ledger.edge == "IN_CHAIN" and carried.get("role") == "链主":
            head = {n: v for n, v in carried.items() if n in ("role", "valid_from", "valid_to")}
            self._state("LEADS_CHAIN", ends, head, row)
        return one, other


def _sheet_and_place(row: Row) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return (row.file, row.sheet, row.division), (row.place,)


def _name(props: Props) -> str:
    return str(props.get("name") or props.get("title") or "")


def _code(props: Props) -> str:
    return str(props.get("credit_code") or props.get("code") or "")
