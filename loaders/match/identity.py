"""The division that each sheet is about, and the entity that each of its rows is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import Any

from graph.errors import InputError
from graph.ids import mint
from graph.ontology import Ontology
from graph.stores.base import Reader
from loaders.match.matching import Index, Matcher
from loaders.match.naming import name_key, stated_id, unit_of_organization
from loaders.match.places import Placer, Places, grow, level_of, unplaced_id
from loaders.match.stored_rows import Head, entities_of, rows_at
from loaders.recognize.ledgers import FROM, PLACED, TO, Ledger
from loaders.shape.rows import Props, Row, best_first
from loaders.shape.shaping import Shaped


class Identities:
    """Assigns `division`, `place` and `entity` of rows, by the entities and divisions of the store and of the load."""

    def __init__(self, reader: Reader, ontology: Ontology, declared: Mapping[str, Ledger], division: str) -> None:
        self._reader = reader
        self._ontology = ontology
        self._declared = declared
        self._default = division
        self.minted_regions: dict[str, Props] = {}
        self.places = Places(())
        #: the stated organizations that have a row of their own
        self._claimed: set[str] = set()
        #: the tree of divisions in the store
        self._stored_tree: dict[str, tuple[str, ...]] = {}
        #: the division of the ledger that lists each division
        self._bases: dict[str, str] = {}

    def assign(self, shaped: Sequence[Shaped]) -> None:
        """Give every accepted row its division, place and entity."""
        regions = [r for one in shaped if one.layout.ledger.name == "regions" for r in one.rows]
        self._regions(regions)
        base = self.division(self._default) if self._default else ""
        for one in shaped:
            one.division = self._base(one) or base
            for row in one.rows:
                row.division = one.division
        if regions:
            # a name of several divisions may be that of one inside the division of the ledger
            self._bases = {r.entity: r.division for r in regions}
            self._grow()
        # villages before the grids in them
        for ledger in (d for d in self._declared.values() if d.entity == "Region" and d.name != "regions"):
            rows = [r for one in shaped if one.layout.ledger.name == ledger.name for r in one.rows]
            self._inner(rows, str(ledger.constants.get("kind") or ""))
        self._placer = Placer(self.places)
        self._index = Index(self.places)
        self._matcher = Matcher(self._ontology, self._index)
        about = {one.layout.ledger.entity for one in shaped}
        # an organization that a unit's row stated is matched by its unit
        self._learn(about | {"Unit"} if "PartyOrg" in about else about)
        for kind in self._ontology.nodes.values():
            rows = [r for one in shaped if one.layout.ledger.entity == kind.name for r in one.rows]
            if kind.name == "Region" or not rows:
                continue
            if kind.name == "Review":
                for row in rows:
                    row.entity = str(row.values["id"])
                continue
            # rows with a code come first, so that a row without one matches them by name
            code = kind.keys[0][0] if kind.keys else ""
            uncertain = []
            for row in rows:
                values = row.values
                row.place, _ = self._placer.place(values, row.origin.ledger, row.division)
                if values.get(code):
                    row.entity = self._entity(kind.name, row, values)
                else:
                    uncertain.append(row)
            for row in uncertain:
                row.entity = self._entity(kind.name, row, row.values)
        for one in shaped:
            if one.layout.ledger.edge:
                for row in one.rows:
                    row.place = row.division
                    row.entity = _edge_identity(row.ledger, row.division, row.values)

    def division(self, text: str) -> str:
        """The id of a division that a setting or an option names, minted if no ledger has it yet."""
        if named := self._named_division(text):
            return named
        id_ = mint("r", "Region", "division", text)
        kind = level_of(text, "") if text.isdigit() else "镇街" if text.endswith(("街道", "镇", "乡")) else "县"
        self.minted_regions[id_] = {"name": text, "code": text if text.isdigit() else None, "kind": kind}
        self._facts[id_] = self.minted_regions[id_]
        self._grow()
        return id_

    def existing_division(self, text: str) -> str:
        """The id of a division that a ledger or an earlier load names. InputError if there is none."""
        named = self._named_division(text)
        if not named:
            raise InputError(f"没有找到区划“{text}”。请检查名称，改用代码，或先载入区划台账。")
        return named

    def _named_division(self, text: str) -> str:
        ids = self.places.find(text)
        if len(ids) > 1:
            raise InputError(f"区划“{text}”不止一个。请改用代码。")
        return ids[0] if ids else ""

    def rejected(self, shaped: Sequence[Shaped], ledger: str) -> set[str]:
        """The entities that rejected rows of a ledger name, which are never retired."""
        entities: set[str] = set()
        for one in shaped:
            if one.layout.ledger.name != ledger:
                continue
            entity = one.layout.ledger.entity
            for values in one.rejected_values:
                if not entity:
                    if values.get(FROM) and values.get(TO):
                        entities.add(_edge_identity(ledger, one.division, values))
                elif entity == "Region":
                    for key in ("code", "name"):
                        entities.update(self.places.find(str(values[key]), one.division) if values.get(key) else ())
                else:
                    place, _ = self._placer.place(values, one.layout.ledger, one.division)
                    entities.update(self._matcher.fitting(entity, values, place))
        return entities

    def inside(self, ledger: Ledger, root: str) -> Callable[[str, Head], bool]:
        """A test whether an entity of a ledger lies inside a division."""
        scope = self.places.inside(root)
        if ledger.entity == "Region":
            return lambda entity, head: entity in scope
        if ledger.entity:
            located = dict(self._located(ledger.entity))
            return lambda entity, head: located.get(entity, "") in scope or located.get(entity) == unplaced_id(root)
        return lambda entity, head: head.division in scope

    # -- divisions ----------------------------------------------------------------------------------

    def _regions(self, rows: Sequence[Row]) -> None:
        stored = self._reader.query(
            "MATCH (r:Region) OPTIONAL MATCH (r)-[:PART_OF]->(p:Region) RETURN r.id AS id, r.name AS name, "
            "r.code AS code, r.kind AS kind, r.listed AS listed, p.id AS parent_id, p.name AS above ORDER BY id"
        ).to_pylist()
        self._facts: dict[str, Props] = {}
        aliases: dict[tuple[str, str], str] = {}
        for region in stored:
            if region["listed"]:
                self._facts[region["id"]] = region
            if region["code"]:
                aliases.setdefault(("", region["code"]), region["id"])
            aliases.setdefault((name_key(region["name"] or ""), name_key(region["above"] or "")), region["id"])
        self._stored_tree = {
            i: _tree_parts(f["name"], f["code"], f["kind"], f["parent_id"]) for i, f in self._facts.items()
        }
        times = Counter(name_key(row.values["name"]) for row in rows)
        names = {str(f["code"]): str(f["name"]) for f in (*stored, *(r.values for r in rows)) if f.get("code")}
        for row in rows:
            code = str(row.values.get("code") or "")
            above = str(row.values.get("parent") or "")
            named = (name_key(row.values["name"]), name_key(names.get(above, above)))
            id_ = aliases.get(("", code)) if code else aliases.get(named)
            if code and not id_:
                # a ledger, or the setting `home`, named it without the code that arrives now
                id_ = aliases.get(named) or (aliases.get((named[0], "")) if times[named[0]] == 1 else None)
                if id_ and self._facts.get(id_, {"code": "?"}).get("code"):
                    id_ = None
            row.entity = id_ or mint("r", "Region", *(("code", code) if code else named))
            aliases.setdefault(("", code) if code else named, row.entity)
            old = self._facts.get(row.entity, {})
            fact = {**{k: v for k, v in old.items() if k != "parent_id"}, **row.values}
            if not row.values.get("parent") and old.get("parent_id"):
                fact["parent_id"] = old["parent_id"]
            self._facts[row.entity] = fact
        self._grow()

    def _inner(self, rows: Sequence[Row], kind: str) -> None:
        """Assign the entities of villages, or of the Regions of one kind inside them."""
        for row in rows:
            above = str(row.values.get(PLACED) or "")
            within = self.places.find(above, row.division) if above else []
            inside = within[0] if len(within) == 1 else row.division
            named = [r for r in self.places.find(str(row.values["name"]), inside) if r != inside]
            if kind:
                # without a grid of that name, 甲村第一网格 would be 甲村
                named = [r for r in named if self.places.by_id[r].kind == kind]
            if len(named) == 1:
                row.entity = named[0]
            else:
                row.entity = mint("r", "Region", kind or "village", name_key(row.values["name"]), inside)
                fact = {"name": row.values["name"], "kind": kind or "村", "parent_id": inside}
                self._facts.setdefault(row.entity, fact)
        if rows:
            self._grow()

    def _grow(self) -> None:
        self.places, _ = grow(self._facts, self._bases)

    def _base(self, one: Shaped) -> str:
        """The division that the title, the name of the sheet or the name of the file names; '' for none."""
        if one.layout.ledger.name == "regions":
            return ""
        for text in (*one.layout.titles, one.table.sheet, *reversed(one.table.file.split("/"))):
            if len(text) <= 100 and (division := self.places.titled(text)):
                return division
        return ""

    # -- entities -----------------------------------------------------------------------------------

    def _located(self, node_type: str) -> Iterator[tuple[str, str]]:
        table = self._reader.query(
            f"MATCH (n:{node_type})-[:LOCATED_IN]->(r:Region) RETURN n.id AS id, r.id AS place ORDER BY id"
        )
        return zip(table["id"].to_pylist(), table["place"].to_pylist(), strict=True)

    def _learn(self, types: Set[str]) -> None:
        """Learn the stored entities of the types that rows are matched to."""
        if not self._reader.revision:
            return
        tree = {i: _tree_parts(r.name, r.code, r.kind, r.parent) for i, r in self.places.by_id.items()}
        moved = self._moved() if tree != self._stored_tree else {}
        for kind in self._ontology.entities:
            if kind.name == "Region" or kind.name not in types:
                continue
            located = {i: moved.get(i, place) for i, place in self._located(kind.name)}
            parts = sorted({p for key in kind.keys for p in key if p != "division"} | {"name"} & kind.properties.keys())
            picked = ", ".join(f"n.`{p}` AS `{p}`" for p in parts)
            for node in self._reader.query(
                f"MATCH (n:{kind.name}) RETURN n.id AS id, {picked} ORDER BY id"
            ).to_pylist():
                self._matcher.learn(kind.name, node["id"], node, located.get(node["id"], ""))
        if "PartyOrg" in types:
            self._claimed = entities_of(self._reader, "organizations")

    def _moved(self) -> dict[str, str]:
        """The places of stored entities in the tree that this load changes, because name and place are a natural key."""
        rows: dict[str, list[Row]] = {}
        for row in rows_at(self._reader, self._declared, self._reader.revision):
            if self._declared[row.ledger].entity not in ("", "Region", "Review"):
                rows.setdefault(row.entity, []).append(row)
        moved = {}
        for entity, own in rows.items():
            own = best_first(own, entity)
            places = [self._placer.place(r.values, r.origin.ledger, r.division)[0] for r in own]
            moved[entity] = next((p for p in places if p not in self._placer.unplaced), places[0])
        return moved

    def _entity(self, node_type: str, row: Row, values: Mapping[str, Any]) -> str:
        if node_type == "PartyOrg" and not self._matcher.fitting(node_type, values, row.place):
            stated = self._stated(row, values)
            if stated:
                self._matcher.learn(node_type, stated, values, row.place)
                self._claimed.add(stated)
                return stated
        return self._matcher.match(node_type, values, row.place)

    def _stated(self, row: Row, values: Mapping[str, Any]) -> str:
        """The id of the organization that a unit's row stated before, unless a row of its own has it; '' for none."""
        unit = self._index.code("Unit", str(values.get("legal_unit") or ""))
        if not unit:
            named = self._index.named("Unit", unit_of_organization(str(values.get("name") or "")))
            scope = self.places.inside(row.division)
            named = [u for u in named if u.place in scope or not u.place]
            unit = named[0].id if len(named) == 1 else ""
        id_ = stated_id(unit) if unit else ""
        return id_ if id_ in self._index.by_id and id_ not in self._claimed else ""


def _tree_parts(*parts: str | None) -> tuple[str, ...]:
    """The parts of a Region that shape the tree, which show whether a load changes it."""
    return tuple(p or "" for p in parts)


def _edge_identity(ledger: str, division: str, values: Mapping[str, Any]) -> str:
    parts = (
        name_key(str(values[FROM])),
        name_key(str(values[TO])),
        str(values.get("role") or ""),
        str(values.get("product") or ""),
    )
    return mint("e", ledger, division, *parts)
