"""The entity that a row or a name means: by valid code, else by normalized name within the same division."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph.ids import mint
from graph.ontology import Ontology
from loaders.match.naming import are_one_name, key_of
from loaders.match.places import Places

#: a natural key of an entity: its type, the names of its parts, and their values
Key = tuple[str, ...]


@dataclass(slots=True, eq=False)
class Entity:
    """An entity as names and codes refer to it. `code` is its credit code, division code or organization code."""

    id: str
    type: str
    name: str
    code: str = ""
    place: str = ""
    listed: bool = True


class Index:
    """Entities by code and by name. An entity added is sorted in at the next look-up, which often never comes.

    Of a million entities most have a name of their own, which maps to the entity and not to a list of one.
    """

    def __init__(self, places: Places) -> None:
        self.places = places
        self.by_id: dict[str, Entity] = {}
        self._codes: dict[str, dict[str, str | list[str]]] = {}
        self._names: dict[str, dict[str, Entity | list[Entity]]] = {}
        self._waiting: list[Entity] = []
        self._aliases: list[tuple[Entity, str, str]] = []

    def add(self, entity: Entity, short_name: str | None = None) -> None:
        """Index an entity by its code, its name and its short name."""
        self.by_id[entity.id] = entity
        self._waiting.append(entity)
        if short_name:
            self.alias(entity, name=short_name)

    def alias(self, entity: Entity, *, code: str = "", name: str = "") -> None:
        """Index an entity by one more code or name."""
        self._aliases.append((entity, code, name))

    def code(self, node_type: str, code: str) -> str:
        """The id of the entity that has this code; '' if none has it, or several."""
        ids = self.coded(node_type, code)
        return ids[0] if len(ids) == 1 else ""

    def coded(self, node_type: str, code: str) -> list[str]:
        """The ids of the entities that have this code: several only if ledgers gave one code to several names."""
        if self._waiting or self._aliases:
            self._sort_in()
        ids = self._codes.get(node_type, {}).get(code, [])
        return ids if isinstance(ids, list) else [ids]

    def sharing(self, node_type: str) -> Iterator[list[Entity]]:
        """The entities of each code that several have."""
        self.coded(node_type, "")
        for ids in self._codes.get(node_type, {}).values():
            if isinstance(ids, list):
                yield [self.by_id[i] for i in ids]

    def named(self, node_type: str, name: str) -> list[Entity]:
        """All entities that have this name, in any place."""
        if self._waiting or self._aliases:
            self._sort_in()
        entities = self._names.get(node_type, {}).get(key_of(node_type, name))
        return entities if isinstance(entities, list) else [entities] if entities else []

    def _sort_in(self) -> None:
        waiting, self._waiting = self._waiting, []
        aliases, self._aliases = self._aliases, []
        for entity in waiting:
            self._sort(entity, entity.code, entity.name)
        for entity, code, name in aliases:
            self._sort(entity, code, name)

    def _sort(self, entity: Entity, code: str, name: str) -> None:
        if code:
            codes = self._codes.setdefault(entity.type, {})
            ids = codes.setdefault(code, entity.id)
            if isinstance(ids, list):
                if entity.id not in ids:
                    ids.append(entity.id)
            elif ids != entity.id:
                codes[code] = [ids, entity.id]
        if name:
            names, key = self._names.setdefault(entity.type, {}), key_of(entity.type, name)
            # the entity's own text is the key where it is equal, which saves a second one
            namesakes = names.setdefault(name if key == name else key, entity)
            if isinstance(namesakes, list):
                if entity not in namesakes:
                    namesakes.append(entity)
            elif namesakes is not entity:
                names[key] = [namesakes, entity]

    def find(self, types: Iterable[str], text: str, within: str, near: str = "") -> list[Entity]:
        """The entities that `text` (an id, a code or a name) may mean inside `within`; one element if it is certain.

        A name means entities inside `within` only; of them listed ones go before retired ones, and those in the
        place `near` before others.
        """
        text = text.strip()
        if text in self.by_id:
            return [self.by_id[text]]
        scope = self.places.around(within) if within else None
        for node_type in types:
            if coded := [self.by_id[i] for i in self.coded(node_type, text)]:
                return [h for h in coded if h.listed] or coded
            if node_type == "Region":
                regions = self.places.find(text, within)
                if regions:
                    return [self.by_id[r] for r in regions if r in self.by_id]
                continue
            hits = self.named(node_type, text)
            if scope is not None:
                hits = [h for h in hits if not h.place or h.place in scope]
            hits = [h for h in hits if h.listed] or hits
            if len(hits) > 1 and near:
                hits = [h for h in hits if h.place == near] or hits
            if hits:
                return hits
        return []


class Matcher:
    """Matches each row to its entity by natural keys; a row that fits none gets a new entity."""

    def __init__(self, ontology: Ontology, index: Index) -> None:
        self._ontology = ontology
        self.index = index
        #: the ids by the hash of each natural key, because a million keys weigh as much as their entities
        self._by_key: dict[int, str | list[str]] = {}
        self._doubtful: set[str] = set()
        #: the property of a type that is its code, by which its rows are matched first
        self._code_properties = {
            kind.name: kind.keys[0][0]
            for kind in ontology.nodes.values()
            if kind.keys and len(kind.keys[0]) == 1 and kind.keys[0][0] != "name"
        }
        #: the natural keys of a type: the beginning of every value, then the parts and whether each is a name
        self._parts = {
            kind.name: [((kind.name, *key), [(part, part in ("name", "title")) for part in key]) for key in kind.keys]
            for kind in ontology.nodes.values()
        }

    def learn(self, node_type: str, id_: str, values: Mapping[str, Any], place: str) -> None:
        """Learn the natural keys of an entity."""
        self._learn(node_type, id_, values, place, self.keys(node_type, values, place))

    def _learn(self, node_type: str, id_: str, values: Mapping[str, Any], place: str, keys: Iterable[Key]) -> None:
        for key in map(hash, keys):
            ids = self._by_key.setdefault(key, id_)
            if ids is id_:
                continue
            if isinstance(ids, list):
                if id_ not in ids:
                    ids.append(id_)
            elif ids != id_:
                self._by_key[key] = [ids, id_]
        code = self.code(node_type, values)
        entity = self.index.by_id.get(id_)
        if entity is None:
            self.index.add(Entity(id_, node_type, str(values.get("name") or ""), code, place), values.get("short_name"))
            return
        entity.place = entity.place or place
        if code and not entity.code:
            entity.code = code
            self.index.alias(entity, code=code)

    def fitting(self, node_type: str, values: Mapping[str, Any], place: str) -> list[str]:
        """The ids of the entities that a row's keys fit, without minting one."""
        return [i for key in self.keys(node_type, values, place) for i in self.having(key)]

    def having(self, key: Key) -> list[str]:
        """The ids of the entities that have this natural key."""
        ids = self._by_key.get(hash(key))
        return ids if isinstance(ids, list) else [ids] if ids else []

    def shared(self) -> set[str]:
        """The ids of the entities of which another has a natural key too."""
        return {i for ids in self._by_key.values() if isinstance(ids, list) for i in ids}

    def match(self, node_type: str, values: Mapping[str, Any], place: str) -> str:
        """The id of a row's entity, minted if it is new. A name that several share means none of them without a code."""
        keys = self.keys(node_type, values, place)
        return self.matching(node_type, values, place, keys) or self.mint(node_type, values, place, keys)

    def matching(self, node_type: str, values: Mapping[str, Any], place: str, keys: Sequence[Key]) -> str:
        """The id of the one entity that the best of a row's `keys` is of, '' for none; the entity learns the others."""
        code = self.code(node_type, values)
        for key in keys:
            # the same name under another valid code is another entity
            same = [i for i in self.having(key) if not code or self.sure_code(i) in ("", code)]
            if code and len(same) > 1 and key is keys[0]:
                same = [i for i in same if are_one_name(node_type, str(values.get("name")), self.index.by_id[i].name)]
            if len(same) == 1:
                self._learn(node_type, same[0], values, place, keys)
                return same[0]
        return ""

    def mint(self, node_type: str, values: Mapping[str, Any], place: str, keys: Sequence[Key], *more: str) -> str:
        """The id of a new entity by the best of its `keys`; `more` tells it from others that have the key."""
        if not more and self.code(node_type, values) and self.having(keys[0]):
            # the code is that of entities with other names
            more = (key_of(node_type, str(values.get("name") or "")),)
        id_ = mint(self._ontology.nodes[node_type].prefix, *keys[0], *more)
        self._learn(node_type, id_, values, place, keys)
        return id_

    def doubt_codes(self) -> None:
        """Doubt the codes that several of the entities learned so far have: all but one have it by mistake."""
        for id_ in self.shared():
            entity = self.index.by_id[id_]
            key = (entity.type, self._code_properties.get(entity.type, ""), entity.code)
            if entity.code and len(self.having(key)) > 1:
                self._doubtful.add(id_)

    def sure_code(self, id_: str) -> str:
        """The code of an entity, '' where it is doubted."""
        return "" if id_ in self._doubtful else self.index.by_id[id_].code

    def code(self, node_type: str, values: Mapping[str, Any]) -> str:
        """The code of a row, by which it is matched first; '' where it has none."""
        name = self._code_properties.get(node_type)
        return str(values.get(name) or "") if name else ""

    def keys(self, node_type: str, values: Mapping[str, Any], place: str) -> list[Key]:
        """The natural keys that the values fill, best first. Of a key of several parts the name alone is enough."""
        keys = []
        for key, parts in self._parts[node_type]:
            if len(parts) == 1:
                if value := values.get(parts[0][0]):
                    keys.append((*key, key_of(node_type, value) if parts[0][1] else str(value)))
                continue
            filled = []
            for part, named in parts:
                value = place if part == "division" else values.get(part)
                filled.append("" if value is None else key_of(node_type, value) if named else str(value))
            keys.append((*key, *filled))
        return keys
