"""Which entity a row or a name means: by valid code, else by normalized name within the same division."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graph.ontology import Ontology
from loaders.naming import mint, name_key
from loaders.places import Places


@dataclass(slots=True)
class Known:
    """An entity as matching knows it. `code` is its credit code, division code or organization code."""

    id: str
    type: str
    name: str
    code: str = ""
    place: str = ""
    listed: bool = True


class Index:
    """Entities by code and by name. What is added is sorted in when it is first looked for: often nothing is."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.by_id: dict[str, Known] = {}
        self._codes: dict[tuple[str, str], str] = {}
        self._names: dict[tuple[str, str], list[str]] = {}
        self._waiting: list[tuple[Known, str, tuple[str | None, ...]]] = []

    def add(self, known: Known, *more_names: str | None) -> None:
        """Make an entity findable by its code, its name and further names."""
        self.by_id[known.id] = known
        self._waiting.append((known, known.code, (known.name, *more_names)))

    def alias(self, known: Known, values: Mapping[str, Any]) -> None:
        """Make an entity findable by what one more of its rows calls it."""
        code = str(values.get("credit_code") or values.get("code") or "")
        self._waiting.append((known, code, (values.get("name"), values.get("short_name"))))

    def code(self, node_type: str, code: str) -> str:
        """The id that has this code, or ''."""
        self._sort_in()
        return self._codes.get((node_type, code), "")

    def named(self, node_type: str, name: str) -> list[Known]:
        """All that have this name, wherever they are."""
        self._sort_in()
        return [self.by_id[i] for i in self._names.get((node_type, name_key(name)), ())]

    def _sort_in(self) -> None:
        waiting, self._waiting = self._waiting, []
        for known, code, names in waiting:
            if code:
                self._codes.setdefault((known.type, code), known.id)
            for name in names:
                if name:
                    ids = self._names.setdefault((known.type, name_key(str(name))), [])
                    if known.id not in ids:
                        ids.append(known.id)

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
        self._aliases: dict[tuple[str, ...], list[str]] = {}
        self._codes: dict[str, str] = {}
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
            ids = self._aliases.setdefault(key, [])
            if id_ not in ids:
                ids.append(id_)
        code = str(values.get(self._code_property(node_type)) or "")
        if code:
            self._codes.setdefault(id_, code)
        if id_ not in self.index.by_id:
            self.index.add(Known(id_, node_type, str(values.get("name") or ""), code, place), values.get("short_name"))

    def known(self, node_type: str, values: Mapping[str, Any], place: str) -> list[str]:
        """The entities that a row's keys fit, without minting one."""
        return [i for key in self._keys(node_type, values, place) for i in self._aliases.get(key, ())]

    def match(self, node_type: str, values: Mapping[str, Any], place: str) -> str:
        """The entity of a row, minted if it is new; a name that several share without a code to tell is none of them."""
        code = str(values.get(self._code_property(node_type)) or "")
        keys = self._keys(node_type, values, place)
        for key in keys:
            # the same name under another valid code is another entity
            same = [i for i in self._aliases.get(key, ()) if not (code and self._codes.get(i, code) != code)]
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
