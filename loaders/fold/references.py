"""The entity that a name, code or id in a row means; where none or several are meant, a review asks."""

from __future__ import annotations

from collections.abc import Sequence

from graph.ontology import Ontology
from graph.privacy import classes
from loaders.fold.locating import Locator
from loaders.fold.reviews import APART, IGNORE, MERGE, Reviews
from loaders.match.matching import Entity, Index
from loaders.match.naming import name_key, unit_of_organization
from loaders.match.places import UNPLACED, Places
from loaders.recognize.ledgers import Link
from loaders.shape.rows import Row


class References:
    """Resolves the texts of rows among all entities, by what people decided and by name or code."""

    def __init__(self, ontology: Ontology, places: Places, index: Index, reviews: Reviews, locator: Locator) -> None:
        self._ontology = ontology
        self._places = places
        self._index = index
        self._reviews = reviews
        self._locator = locator

    def resolve(self, row: Row, types: Sequence[str], text: str, edge: str, link: Link | None = None) -> Entity | None:
        """The entity that `text` means, or None with a review that names the row."""
        if edge == "IN_PLACE":
            return self._index.by_id.get(self._locator.site(row, text))
        identity = (edge, row.ledger, row.entity, name_key(text))
        decision = self._reviews.decision("dangling", *identity)
        hits = self._index.find(types, text, row.division, row.place)
        if decision and decision not in (MERGE, APART, IGNORE):
            hits = self._index.find(types, decision, row.division, row.place) or hits
        if len(hits) == 1:
            return hits[0]
        if link is not None and link.quiet:
            return None
        labels = "、".join(self._ontology.nodes[t].label for t in types)
        supports: str | None
        if hits:
            listed = "；".join(f"{h.name}（{self._place_of(h)}，{h.id}）" for h in hits[:5])
            question = f"“{text}”在{labels}中不止一个，无法确定是哪一个。请在处理决定中填编号，或填“{IGNORE}”。"
            supports, opposes = f"候选：{listed}", "名称相同，没有代码可以区分"
        else:
            near = self._near(types, text)
            question = (
                f"“{text}”在{labels}台账中没有找到。请补充台账，或在处理决定中填正确的名称、代码，或填“{IGNORE}”。"
            )
            supports, opposes = f"名称相近：{near}" if near else None, "没有名称或代码完全一致的记录"
        self._reviews.add(
            "dangling",
            identity,
            question,
            row,
            division=row.place,
            subject=row.entity,
            sensitivity=self.sensitivity(types),
            evidence_for=supports,
            evidence_against=opposes,
        )
        return None

    def sensitivity(self, types: Sequence[str]) -> str:
        """The sensitivity of a text that quotes the name of an entity of one of these types."""
        return classes(self._ontology.nodes[t].called.sensitivity for t in types)

    def _near(self, types: Sequence[str], text: str) -> str:
        """The names of up to three entities that are called as the unit in the name of an organization."""
        base = unit_of_organization(text)
        hits = [k.name for t in types for k in self._index.named(t, base) if base != text]
        return "、".join(hits[:3])

    def _place_of(self, entity: Entity) -> str:
        """The name of the Region that an entity lies in; of a Region, of the one above."""
        place = entity.place
        if entity.type == "Region" and entity.id in self._places.by_id:
            place = self._places.by_id[entity.id].parent
        return self._places.by_id[place].name if place in self._places.by_id else UNPLACED
