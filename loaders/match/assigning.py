"""The entity of each row of a type: the same from the same rows and store, in whatever order the rows come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import orjson

from graph.ontology import NodeType
from graph.stores.base import Reader
from loaders.match.matching import Key, Matcher
from loaders.match.naming import are_one_name, is_generic, key_of
from loaders.match.placing import Placer
from loaders.match.stored_rows import LIVE, Head
from loaders.shape.rows import Row

#: what tells two records of one name in one place apart, by type; the first that a row states
DETAILS = {"Unit": ("address", "registered_address"), "PartyOrg": ("@superior",)}
#: a name and a place without a code
_Named = tuple[str, str]


class Assigner:
    """Assigns the rows of one type to entities.

    Rows with a code come first, then those that say in which town they lie, then the others, which are the one of
    that name in the county. One code under several names, and one name at several addresses of a sheet or under
    several superiors, are several entities.
    """

    def __init__(
        self,
        kind: NodeType,
        matcher: Matcher,
        placer: Placer,
        reader: Reader,
        heads: Iterable[Head],
        stated: Callable[[Row, Mapping[str, Any]], str],
    ) -> None:
        """`heads` are the rows in the store; `stated` gives the entity that another ledger stated, '' for none."""
        self._type = kind.name
        self._matcher = matcher
        self._placer = placer
        self._places = placer.places
        self._reader = reader
        self._heads = heads
        self._stated = stated
        self._named = len(kind.keys) == 2 and kind.keys[1] == ("name", "division")
        self._detail = DETAILS.get(kind.name, ())
        #: codes that rows give to different names, and names that rows put at different addresses of one place
        self._codes: set[str] = set()
        self._names: set[_Named] = set()
        #: of the names of stored entities without code and town, the codes and places that the rows state
        self._arrivals: dict[str, set[tuple[str, str]]] = {}
        self._details: dict[str, set[str]] = {}

    def assign(self, rows: Sequence[Row]) -> None:
        """Fill place and entity of each row."""
        if not self._named:
            for row in rows:
                values = row.values
                row.place, _ = self._placer.place(values, row.origin.ledger, row.division)
                row.entity = self._matcher.match(self._type, values, row.place)
            return
        self._survey(rows)
        arriving: list[Row] = []
        uncoded: list[Row] = []
        coded: dict[str, list[Row]] = {}
        named: dict[_Named, list[Row]] = {}
        for row in rows:
            values = row.values
            code = self._matcher.code(self._type, values)
            if code in self._codes:
                coded.setdefault(code, []).append(row)
            elif code and (entity := self._coded(row, values)):
                row.entity = entity
            elif code:
                arriving.append(row)
            elif self._names and (name := self._name(row, values)) in self._names:
                named.setdefault(name, []).append(row)
            else:
                uncoded.append(row)
        for _, group in sorted(coded.items()):
            self._assign_apart(group, lambda v: str(v["name"]), self._are_one_name, self._called)
        # a row that the store has under its name comes before others of its code
        arriving.sort(key=lambda r: (self._matcher.code(self._type, r.values), r.place))
        for row in arriving:
            values = row.values
            keys = self._matcher.keys(self._type, values, row.place)
            row.entity = self._matcher.matching(self._type, values, row.place, keys)
        for row in arriving:
            row.entity = row.entity or self._entity(row, row.values)
        for _, group in sorted(named.items()):
            self._assign_apart(group, self._detail_of, self._are_one_detail, self._described)
        # of what is only known to be in a division, the lower one first
        order = {p: (self._places.is_vague(p), -len(self._places.above(p))) for p in {row.place for row in uncoded}}
        for row in sorted(uncoded, key=lambda r: order[r.place]):
            row.entity = self._entity(row, row.values)

    # -- the rows of a load together ----------------------------------------------------------------

    def _survey(self, rows: Sequence[Row]) -> None:
        """Find the place of each row, and the codes and names that mean several entities."""
        names: dict[int, int] = {}
        details: dict[int, int] = {}
        vague = self._vague
        for row in rows:
            values = row.values
            row.place, _ = self._placer.place(values, row.origin.ledger, row.division)
            code = self._matcher.code(self._type, values)
            name, place = self._name(row, values)
            if name in vague:
                self._arrivals.setdefault(name, set()).add((code, place))
            if code:
                if names.setdefault(hash(code), hash(name)) != hash(name):
                    self._codes.add(code)
            elif detail := self._detail_of(values):
                # two sheets may word one address in two ways, one sheet has no reason to
                key = hash((name, place, id(row.origin) if self._type == "Unit" else 0))
                described = hash(self._detail_key(detail))
                if details.setdefault(key, described) != described:
                    self._names.add((name, place))

    def _assign_apart(
        self,
        group: Sequence[Row],
        text_of: Callable[[Mapping[str, Any]], str],
        are_one: Callable[[str, str], bool],
        candidates: Callable[[Mapping[str, Any], str], list[str]],
    ) -> None:
        """Assign rows of one key: those whose texts are one to one entity, each other text to an entity of its own.

        `candidates` gives the entities of the key that values in a place may be of, by their text.
        """
        clusters: list[list[str]] = []
        for text in sorted({text for row in group if (text := text_of(row.values))}):
            alike = [c for c in clusters if any(are_one(text, other) for other in c)]
            clusters = [c for c in clusters if c not in alike] + [[text, *(t for c in alike for t in c)]]
        taken: set[str] = set()
        for cluster in sorted(sorted(c) for c in clusters):
            own = sorted((row for row in group if text_of(row.values) in cluster), key=lambda r: (r.place, r.text))
            first, values = own[0], own[0].values
            if len(clusters) == 1:
                entity = self._entity(first, values)
            else:
                likely = sorted({e for row in own if (e := self._same_row(row))})
                likely += sorted({e for row in own for e in candidates(row.values, row.place)})
                entity = next((e for e in likely if e not in taken), "")
                if not entity:
                    keys = self._matcher.keys(self._type, values, first.place)
                    own_name = key_of(self._type, cluster[0])
                    entity = self._matcher.mint(self._type, values, first.place, keys, own_name)
            taken.add(entity)
            for row in own:
                row.entity = entity
                self._learn(entity, row, row.values)
        for row in group:
            if not text_of(values := row.values):
                row.entity = self._entity(row, values)

    def _called(self, values: Mapping[str, Any], place: str) -> list[str]:
        """The entities that have the code of a row and its name; of none, those with its name in its place."""
        matcher, name = self._matcher, str(values["name"])
        code, *_, named = matcher.keys(self._type, values, place)
        coded = [i for i in matcher.having(code) if self._are_one_name(matcher.index.by_id[i].name, name)]
        return coded or [
            i for i in matcher.having(named) if matcher.sure_code(i) in ("", matcher.code(self._type, values))
        ]

    def _described(self, values: Mapping[str, Any], place: str) -> list[str]:
        """The entities of the name and the place of a row that have its address or superior."""
        detail = self._detail_of(values)
        named = self._matcher.having(self._matcher.keys(self._type, values, place)[-1])
        return [i for i in named if any(self._are_one_detail(d, detail) for d in self._known_details(i))]

    def _coded(self, row: Row, values: Mapping[str, Any]) -> str:
        """The entity of a row's code, '' where the store has none or several; an empty store has nothing else to fit."""
        if not self._reader.revision:
            return self._entity(row, values)
        having = self._matcher.having(self._matcher.keys(self._type, values, row.place)[0])
        if len(having) != 1:
            return ""
        self._learn(having[0], row, values)
        return having[0]

    # -- one row ------------------------------------------------------------------------------------

    def _entity(self, row: Row, values: Mapping[str, Any]) -> str:
        """The entity of a row whose code and name are no other's in the load."""
        matcher, place = self._matcher, row.place
        keys = matcher.keys(self._type, values, place)
        several = [] if matcher.code(self._type, values) else self._namesakes(values, keys[-1])
        more: tuple[str, ...] = ()
        if several:
            entity = self._among(several, row, values)
            more = (self._detail_key(detail),) if (detail := self._detail_of(values)) else ()
        elif entity := matcher.matching(self._type, values, place, keys):
            self._describe(entity, row, values)
            return entity
        else:
            entity = self._stated(row, values) or self._elsewhere(row, values)
        if entity:
            self._learn(entity, row, values)
        else:
            entity = matcher.mint(self._type, values, place, keys, *more)
            self._describe(entity, row, values)
        return entity

    def _namesakes(self, values: Mapping[str, Any], named: Key) -> list[str]:
        """The entities of a row's name and place, which are its key `named`, if it takes more to tell which it is."""
        several = self._matcher.having(named)
        if len(several) == 1 and self._detail_of(values) and self._is_generic(values):
            return several
        return several if len(several) > 1 else []

    def _among(self, several: Sequence[str], row: Row, values: Mapping[str, Any]) -> str:
        """The one of several entities of a row's name and place that it is; '' if it is none of them for sure."""
        if same := self._same_row(row):
            return same
        if not self._detail_of(values):
            return ""
        described = self._described(values, row.place)
        if not described:
            # one that never said its address or superior may have this one
            described = [i for i in several if not self._known_details(i)] if len(several) == 1 else []
        return described[0] if len(described) == 1 else ""

    def _elsewhere(self, row: Row, values: Mapping[str, Any]) -> str:
        """The entity of a row's name in another place, where one of the two is only known to be in the county; or ''."""
        if self._is_generic(values):
            return ""
        index, places = self._matcher.index, self._places
        name, code = str(values["name"]), self._matcher.code(self._type, values)
        if not code and places.is_vague(row.place):
            extent = places.extent(row.place)
            namesakes = [e.id for e in index.named(self._type, name) if e.place in extent]
            return namesakes[0] if len(namesakes) == 1 else self._same_row(row) if namesakes else ""
        if not self._vague:
            return ""
        key = key_of(self._type, name)
        for entity in self._vague.get(key, ()):
            extent = places.extent(index.by_id[entity].place)
            arrivals = {(c, p) for c, p in self._arrivals[key] if p in extent}
            codes, towns = {c for c, _ in arrivals if c}, {p for _, p in arrivals if not places.is_vague(p)}
            others = [e for e in index.named(self._type, name) if e.id != entity and e.place in extent]
            if row.place in extent and not others and len(codes) < 2 and len(towns) < 2:
                return entity
        return ""

    def _is_generic(self, values: Mapping[str, Any]) -> bool:
        return self._type == "PartyOrg" and is_generic(str(values["name"]))

    def _learn(self, entity: str, row: Row, values: Mapping[str, Any]) -> None:
        """Learn that an entity is what a row says."""
        self._matcher.learn(self._type, entity, values, row.place)
        self._describe(entity, row, values)

    def _describe(self, entity: str, row: Row, values: Mapping[str, Any]) -> None:
        """Keep the address or superior that a row states of its entity."""
        detail = self._detail_of(values)
        # of a million addresses hardly one is needed
        if detail and (self._type == "PartyOrg" or (self._names and self._name(row, values) in self._names)):
            self._details.setdefault(entity, set()).add(detail)

    # -- what the store tells -----------------------------------------------------------------------

    @cached_property
    def _vague(self) -> dict[str, list[str]]:
        """The stored entities without code and town, by name."""
        vague: dict[str, list[str]] = {}
        if not self._reader.revision:
            return vague
        for entity in self._matcher.index.by_id.values():
            # one that a load brought which was taken back lies nowhere
            placed = entity.type == self._type and entity.place
            if placed and not entity.code and self._places.is_vague(entity.place):
                vague.setdefault(key_of(self._type, entity.name), []).append(entity.id)
        return vague

    @cached_property
    def _by_digest(self) -> dict[tuple[str, str], set[str]]:
        """The entities of the rows in the store, by ledger and digest."""
        entities: dict[tuple[str, str], set[str]] = {}
        for head in self._heads:
            entities.setdefault((head.ledger, head.digest), set()).add(head.entity)
        return entities

    def _same_row(self, row: Row) -> str:
        """The entity of an equal row in the store, '' for none or several."""
        entities = self._by_digest.get((row.ledger, row.digest), set())
        return next(iter(entities)) if len(entities) == 1 else ""

    @cached_property
    def _stored_details(self) -> dict[str, set[str]]:
        """The addresses or superiors that rows in the store state of entities, by entity."""
        details: dict[str, set[str]] = {}
        if not self._reader.revision:
            return details
        table = self._reader.query(
            f"MATCH (t:SourceRow) WHERE {LIVE} AND t.entity IN $ids RETURN t.entity AS entity, t.values AS vals "
            "ORDER BY entity, vals",
            {
                "revision": self._reader.revision,
                "ids": [i for i, e in self._matcher.index.by_id.items() if e.type == self._type and self._may_share(i)],
            },
        )
        for entity, text in zip(table["entity"].to_pylist(), table["vals"].to_pylist(), strict=True):
            if detail := self._detail_of(orjson.loads(text)):
                details.setdefault(entity, set()).add(detail)
        return details

    def _may_share(self, entity: str) -> bool:
        return entity in self._shared or (
            self._type == "PartyOrg" and is_generic(self._matcher.index.by_id[entity].name)
        )

    @cached_property
    def _shared(self) -> set[str]:
        return self._matcher.shared()

    def _known_details(self, entity: str) -> set[str]:
        return self._stored_details.get(entity, set()) | self._details.get(entity, set())

    def _detail_of(self, values: Mapping[str, Any]) -> str:
        return next((str(detail) for name in self._detail if (detail := values.get(name))), "")

    def _name(self, row: Row, values: Mapping[str, Any]) -> _Named:
        return key_of(self._type, str(values.get("name") or "")), row.place

    def _are_one_name(self, one: str, other: str) -> bool:
        return are_one_name(self._type, one, other)

    def _detail_key(self, detail: str) -> str:
        return key_of("PartyOrg" if self._type == "PartyOrg" else "", detail)

    def _are_one_detail(self, one: str, other: str) -> bool:
        """Whether two addresses, or two names of a superior, may be one: the shorter begins or ends the longer."""
        short, long = sorted((self._detail_key(one), self._detail_key(other)), key=len)
        return long.endswith(short) or long.startswith(short)
