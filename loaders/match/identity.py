"""The division that each sheet is about, and the entity that each of its rows is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import Any

from graph.errors import InputError
from graph.ids import mint
from graph.ontology import Ontology
from graph.stores.base import Reader
from loaders.match.assigning import Assigner
from loaders.match.growth import grow, level_of, village_kind
from loaders.match.matching import Index, Matcher
from loaders.match.naming import name_key, stated_id, unit_of_organization
from loaders.match.places import UNPLACED, Places, Region
from loaders.match.placing import Placer
from loaders.match.stored_rows import Head, entities_of, former_names, rows_at
from loaders.recognize.ledgers import FROM, PLACED, TO, Ledger
from loaders.shape.rows import Props, Row, best_first
from loaders.shape.shaping import Shaped


class Identities:
    """Assigns `division`, `place` and `entity` of rows, by the entities and divisions of the store and of the load."""

    def __init__(
        self,
        reader: Reader,
        ontology: Ontology,
        declared: Mapping[str, Ledger],
        division: tuple[str, str],
        heads: Sequence[Head] = (),
    ) -> None:
        """`heads` are the rows in the store; `division` is that of ledgers that name none, and the option that says so."""
        self._reader = reader
        self._heads = heads
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
        of_divisions = [one for one in shaped if one.layout.ledger.name == "regions"]
        regions = [r for one in of_divisions for r in one.rows]
        self._regions(of_divisions)
        of_regions = (h.entity for h in self._heads if self._declared[h.ledger].entity == "Region")
        self._described = {*of_regions, *(r.entity for r in regions)}
        base = self.division(*self._default) if self._default[0] else ""
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
            stated = self._stated if kind.name == "PartyOrg" else lambda row, values: ""
            Assigner(kind, self._matcher, self._placer, self._reader, self._heads, stated).assign(rows)
        for one in shaped:
            if one.layout.ledger.edge:
                for row in one.rows:
                    row.place = row.division
                    row.entity = _edge_identity(row.ledger, row.division, row.values)

    def division(self, text: str, option: str) -> str:
        """The id of the division that an option names, minted if no 区划 ledger was ever loaded.

        Raises InputError for one that the 区划 ledger does not know: its rows would lie nowhere in it.
        """
        named = self._named_division(text)
        if self._described and named not in self._described | self.places.divided:
            codes = (str(f.get("code") or "") for f in self._facts.values())
            parents = {name_key(str(f.get("parent") or "")) for f in self._facts.values()}
            if name_key(text) not in parents and not (text.isdigit() and any(c.startswith(text) for c in codes)):
                hint = self._near(text)
                raise InputError(
                    f"{option}“{text}”不在区划台账之中。{hint}请核对名称或改用代码；确有此地的，请先在区划台账中补上。"
                )
        if named:
            return named
        id_ = mint("r", "Region", "division", text)
        kind = level_of(text, "") if text.isdigit() else "镇街" if text.endswith(("街道", "镇", "乡")) else "县"
        self.minted_regions[id_] = {"name": text, "code": text if text.isdigit() else None, "kind": kind}
        self._facts[id_] = self.minted_regions[id_]
        self._grow()
        return id_

    def _near(self, text: str) -> str:
        """A sentence with the names nearest to a name that is unknown, or else with the counties that are known."""
        if near := [n for n in self.places.nearest(text) if n != text]:
            return f"相近的有：{'、'.join(near)}。"
        counties = sorted(r.name for i, r in self.places.by_id.items() if r.kind == "县" and i in self._described)
        return (
            f"台账中的县（市、区）有：{'、'.join(counties[:5])}{'等' if len(counties) > 5 else ''}。"
            if counties
            else ""
        )

    def existing_division(self, text: str) -> str:
        """The id of a division that a ledger or an earlier load names. InputError if there is none."""
        named = self._named_division(text)
        if not named:
            raise InputError(f"没有找到区划“{text}”。{self._near(text)}请检查名称，改用代码，或先载入区划台账。")
        return named

    def _named_division(self, text: str) -> str:
        ids = self.places.find(text)
        if len(ids) > 1:
            # rather the county than a village of the same name in another one
            ids = [i for i in ids if self.places.by_id[i].kind in ("省", "市", "县")] or ids
        if len(ids) > 1:
            regions = [self.places.by_id[i] for i in ids]
            listed = "、".join(
                f"{self.places.by_id[r.parent].name if r.parent else ''}{r.name}（{r.code or r.id}）"
                for r in regions[:5]
            )
            raise InputError(f"区划“{text}”不止一个：{listed}。请改用代码。")
        # 某县某镇 names the town, 某县某真 nothing
        _, rest = self.places.address(text) if ids and self.places.is_vague(ids[0]) else ("", "")
        return ids[0] if ids and rest in ("", text) else ""

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
            return lambda entity, head: located.get(entity, "") in scope
        return lambda entity, head: head.division in scope

    # -- divisions ----------------------------------------------------------------------------------

    def _regions(self, sheets: Sequence[Shaped]) -> None:
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
            i: _tree_parts(f["name"], f["code"], f["kind"], f["parent_id"])
            for i, f in self._facts.items()
            if f["kind"] != UNPLACED
        }
        rows = [(row, one) for one in sheets for row in one.rows]
        times = Counter(name_key(row.values["name"]) for row, _ in rows)
        names = {str(f["code"]): str(f["name"]) for f in (*stored, *(r.values for r, _ in rows)) if f.get("code")}
        counties = Places(
            Region(f"{f['name']}", str(f["name"]), kind="县")
            for f in (*stored, *(r.values for r, _ in rows))
            if (f.get("kind") or level_of(str(f.get("code") or ""), "")) == "县"
        )
        titled = {id(one): _titled(one, counties) for one in sheets}
        # a row without code is the division of its name that another row gives a code
        for row, one in sorted(rows, key=lambda pair: not pair[0].values.get("code")):
            code = str(row.values.get("code") or "")
            above = str(row.values.get("parent") or "")
            if not above and not code and titled[id(one)] != row.values["name"]:
                above = titled[id(one)]
            named = (name_key(row.values["name"]), name_key(names.get(above, above)))
            id_ = aliases.get(("", code)) if code else aliases.get(named)
            if code and not id_:
                # a ledger, or the setting `home`, named it without the code that arrives now
                id_ = aliases.get(named) or (aliases.get((named[0], "")) if times[named[0]] == 1 else None)
                if id_ and self._facts.get(id_, {"code": "?"}).get("code"):
                    id_ = None
            row.entity = id_ or mint("r", "Region", *(("code", code) if code else named))
            aliases.setdefault(named, row.entity)
            if code:
                aliases.setdefault(("", code), row.entity)
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
            if not named and not kind and inside != row.division:
                # the ledger of divisions may list a village without its town
                named = [r for r in self.places.find(row.values["name"], row.division) if self._is_townless(r)]
            if len(named) == 1:
                row.entity = named[0]
                if inside != row.division and self._is_townless(named[0]):
                    self._facts[row.entity] = {**self._facts[row.entity], "parent_id": inside}
            else:
                row.entity = mint("r", "Region", kind or "village", name_key(row.values["name"]), inside)
                fact = {
                    "name": row.values["name"],
                    "kind": kind or village_kind(str(row.values["name"])),
                    "parent_id": inside,
                }
                self._facts.setdefault(row.entity, fact)
        if rows:
            self._grow()

    def _is_townless(self, region: str) -> bool:
        """Whether a village lies in a county directly."""
        found = self.places.by_id[region]
        return found.kind in ("村", "社区") and self.places.is_vague(found.parent)

    def _grow(self) -> None:
        self.places, _ = grow(self._facts, self._bases)

    def _base(self, one: Shaped) -> str:
        """The division that the title, the name of the sheet or the name of the file names; '' for none."""
        return _titled(one, self.places)

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
        tree = {
            i: _tree_parts(r.name, r.code, r.kind, r.parent) for i, r in self.places.by_id.items() if r.kind != UNPLACED
        }
        moved = self._moved() if tree != self._stored_tree else {}
        # where each entity has one row, no live row states another name than its own
        several = len({h.entity for h in self._heads}) < len(self._heads)
        for kind in self._ontology.entities:
            if kind.name == "Region" or kind.name not in types:
                continue
            located = {i: moved.get(i, place) for i, place in self._located(kind.name)}
            parts = sorted({p for key in kind.keys for p in key if p != "division"} | {"name"} & kind.properties.keys())
            picked = ", ".join(f"n.`{p}` AS `{p}`" for p in parts)
            named = [kind.name] if "name" in kind.properties else []
            former = former_names(self._reader, self._declared, named, live=several)
            for node in self._reader.query(
                f"MATCH (n:{kind.name}) RETURN n.id AS id, {picked} ORDER BY id"
            ).to_pylist():
                place = located.get(node["id"], "")
                self._matcher.learn(kind.name, node["id"], node, place)
                for name in former.get(node["id"], ()):
                    self._matcher.learn(kind.name, node["id"], {"name": name}, place)
                    self._index.alias(self._index.by_id[node["id"]], name=name)
        self._matcher.doubt_codes()
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
            moved[entity] = self._placer.surest(
                [self._placer.place(r.values, r.origin.ledger, r.division)[0] for r in best_first(own, entity)]
            )
        return moved

    def _stated(self, row: Row, values: Mapping[str, Any]) -> str:
        """The id of the organization that a unit's row stated before, unless a row of its own has it; '' for none."""
        unit = self._index.code("Unit", str(values.get("legal_unit") or ""))
        if not unit:
            named = self._index.named("Unit", unit_of_organization(str(values.get("name") or "")))
            scope = self.places.inside(row.division)
            named = [u for u in named if u.place in scope or not u.place]
            unit = named[0].id if len(named) == 1 else ""
        id_ = stated_id(unit) if unit else ""
        if id_ not in self._index.by_id or id_ in self._claimed:
            return ""
        self._claimed.add(id_)
        return id_


def _titled(one: Shaped, places: Places) -> str:
    texts = (*one.layout.titles, one.table.sheet, *reversed(one.table.file.split("/")))
    return next((found for text in texts if len(text) <= 100 and (found := places.titled(text))), "")


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
