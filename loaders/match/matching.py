"""Which entity a row or a name means: by valid code, else by normalized name within the same division."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graph.ontology import Ontology
from loaders.match.naming import mint, name_key
from loaders.match.places import Places


@dataclass(slots=True, eq=False)
class Known:
    """An entity as matching knows it. `code` is its credit code, division code or organization code."""

    id: str
    type: str
    name: str
    code: str = ""
    place: str = ""
    listed: bool = True


class Index:
    """Entities by code and by name. What is added is sorted in when it is first looked for: often nothing is.

    A million entities are held: what most of them have one of is held as it is, not in a list of one.
    """

    def __init__(self, places: Places) -> None:
        self.places = places
        self.by_id: dict[str, Known] = {}
        self._codes: dict[str, dict[str, str]] = {}
        self._names: dict[str, dict[str, Known | list[Known]]] = {}
        self._waiting: list[Known] = []
        self._aliases: list[tuple[Known, str, str]] = []

    def add(self, known: Known, short_name: str | None = None) -> None:
        """Make an entity findable by its code, its name and its short name."""
        self.by_id[known.id] = known
        self._waiting.append(known)
        if short_name:
            self.alias(known, name=short_name)

    def alias(self, known: Known, *, code: str = "", name: str = "") -> None:
        """Make an entity findable by one more code or name."""
        self._aliases.append((known, code, name))

    def code(self, node_type: str, code: str) -> str:
        """The id that has this code, or ''."""
        if self._waiting or self._aliases:
            self._sort_in()
        return self._codes.get(node_type, {}).get(code, "")

    def named(self, node_type: str, name: str) -> list[Known]:
        """All that have this name, wherever they are."""
        if self._waiting or self._aliases:
            self._sort_in()
        found = self._names.get(node_type, {}).get(name_key(name))
        return found if isinstance(found, list) else [found] if found else []

    def _sort_in(self) -> None:
        waiting, self._waiting = self._waiting, []
        aliases, self._aliases = self._aliases, []
        for known in waiting:
            self._enter(known, known.code, known.name)
        for known, code, name in aliases:
            self._enter(known, code, name)

    def _enter(self, known: Known, code: str, name: str) -> None:
        if code:
            self._codes.setdefault(known.type, {}).setdefault(code, known.id)
        if name:
            names, key = self._names.setdefault(known.type, {}), name_key(name)
            # an equal text that is there already serves as the key too
            held = names.setdefault(name if key == name else key, known)
            if isinstance(held, list):
                if known not in held:
                    held.append(known)
            elif held is not known:
                names[key] = [held, known]

    def find(self, types: Iterable[str], text: str, within: str, near: str = "") -> list[Known]:
        """What `text` (an id, a code or a name) may mean inside the division `within`; one element if it is certain.

        The listed before the retired, those inside `within` only, those in the same place before others.
        """
        text = text.strip()
        if text in self.by_id:
            return [self.by_id[text]]
        scope = self.places.around(within) if within else None
        for node_type in types:
            if found := self.code(node_type, text):
                return [self.by_id[found]]
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
    """Gives each entity row its entity; a row that fits none mints a new one."""

    def __init__(self, ontology: Ontology, index: Index) -> None:
        self._ontology = ontology
        self.index = index
        #: the entities that have a natural key, by the key's hash: a million keys weigh as much as their entities
        self._having: dict[int, str | list[str]] = {}
        #: each natural key of a type: what every value of it begins with, then its parts and which are names
        self._parts = {
            kind.name: [((kind.name, *key), [(part, part in ("name", "title")) for part in key]) for key in kind.keys]
            for kind in ontology.nodes.values()
        }

    def learn(self, node_type: str, id_: str, values: Mapping[str, Any], place: str) -> None:
        """Remember the natural keys of an entity."""
        self._learn(node_type, id_, values, place, self._keys(node_type, values, place))

    def _learn(
        self, node_type: str, id_: str, values: Mapping[str, Any], place: str, keys: Iterable[tuple[str, ...]]
    ) -> None:
        for key in keys:
            held = self._having.setdefault(hash(key), id_)
            if isinstance(held, list):
                if id_ not in held:
                    held.append(id_)
            elif held != id_:
                self._having[hash(key)] = [held, id_]
        code = str(values.get(self._code_property(node_type)) or "")
        known = self.index.by_id.get(id_)
        if known is None:
            self.index.add(Known(id_, node_type, str(values.get("name") or ""), code, place), values.get("short_name"))
        elif code and not known.code:
            known.code = code
            self.index.alias(known, code=code)

    def known(self, node_type: str, values: Mapping[str, Any], place: str) -> list[str]:
        """The entities that a row's keys fit, without minting one."""
        return [i for key in self._keys(node_type, values, place) for i in self._fitting(key)]

    def _fitting(self, key: tuple[str, ...]) -> list[str]:
        found = self._having.get(hash(key))
        return found if isinstance(found, list) else [found] if found else []

    def match(self, node_type: str, values: Mapping[str, Any], place: str) -> str:
        """The entity of a row, minted if it is new; a name that several share without a code to tell is none of them."""
        code = str(values.get(self._code_property(node_type)) or "")
        keys = self._keys(node_type, values, place)
        for key in keys:
            # the same name under another valid code is another entity
            same = [i for i in self._fitting(key) if not code or self.index.by_id[i].code in ("", code)]
            if len(same) == 1:
                self._learn(node_type, same[0], values, place, keys)
                return same[0]
        id_ = mint(self._ontology.nodes[node_type].prefix, *keys[0])
        self._learn(node_type, id_, values, place, keys)
        return id_

    def _code_property(self, node_type: str) -> str:
        first = self._ontology.nodes[node_type].keys[0]
        return first[0] if len(first) == 1 and first[0] != "name" else ""

    def _keys(self, node_type: str, values: Mapping[str, Any], place: str) -> list[tuple[str, ...]]:
        """Natural keys that the values fill, best first; a key of several parts is filled by its name alone."""
        made = []
        for key, parts in self._parts[node_type]:
            if len(parts) == 1:
                if value := values.get(parts[0][0]):
                    made.append((*key, name_key(value) if parts[0][1] else str(value)))
                continue
            filled = []
            for part, named in parts:
                value = place if part == "division" else values.get(part)
                filled.append("" if value is None else name_key(value) if named else str(value))
            made.append((*key, *filled))
        return made
