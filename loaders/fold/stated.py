"""Organizations that the rows of units state without a ledger of organizations having them (台账所述)."""

from __future__ import annotations

from collections.abc import Sequence

from graph.ids import mint
from loaders.fold.edges import Statements
from loaders.fold.references import References
from loaders.match.matching import Entity
from loaders.match.naming import name_key, stated_id, unit_of_organization
from loaders.recognize.ledgers import Stated
from loaders.shape.rows import Props, Row, together


class StatedOrganizations:
    """Adds what units' rows state of their organizations. `nodes` and `places` are of those minted, by id."""

    def __init__(self, references: References, statements: Statements) -> None:
        self._references = references
        self._statements = statements
        self.nodes: dict[str, Props] = {}
        self.places: dict[str, str] = {}

    def add(self, unit: Entity, rows: Sequence[Row], organizations: Sequence[str]) -> None:
        """Add what the rows of a unit, the best first, state: of its organizations in the ledgers, or of one minted.

        The organization may be named, and the name be that of none in the ledgers: a review asks about the name.
        """
        rows = [r for r in rows if r.retired is None]
        stating = (r for r in rows if r.origin.ledger.stated and r.values.get("has_organization"))
        row = next(stating, None)
        if row is None or row.origin.ledger.stated is None:
            return
        stated, values = row.origin.ledger.stated, together([r for r in rows if r.ledger == row.ledger])
        carried = {n: values[n] for n in stated.carried if n in values}
        for organization in organizations:
            self._statements.add("COVERS", "PartyOrg", organization, "Unit", unit.id, carried, row)
        if not organizations:
            organizations = [self._mint(unit, row, values, stated, carried)]
        superior = values.get("@superior")
        above = self._references.resolve(row, ("PartyOrg",), superior, "SUBORDINATE_TO") if superior else None
        if above is not None and above.id not in organizations:
            for organization in organizations:
                self._statements.add("SUBORDINATE_TO", "PartyOrg", organization, "PartyOrg", above.id, {}, row)

    def _mint(self, unit: Entity, row: Row, values: Props, stated: Stated, carried: Props) -> str:
        category = str(values.get("category") or "党组织")
        kind = {"党支部": "支部", "党总支": "总支"}.get(category, category if category == "党委" else None)
        name = str(values.get("@org") or "")
        # a name of its own, which the rows of several units may name; 党支部 alone is no name
        apart = bool(name) and name_key(unit_of_organization(name)) not in (name_key(name), name_key(unit.name))
        organization = mint("o", "stated", row.division, name_key(name)) if apart else stated_id(unit.id)
        made = {
            "name": name if apart else f"{unit.name}{category}",
            "kind": "联合支部" if apart and kind in (None, "支部") and "联合" in name else kind,
            "legal_unit": None if apart else unit.code or None,
            "founded_on": values.get("valid_from"),
            "stated": True,
            "listed": True,
            **{n.removeprefix("org."): values[n] for n in stated.properties if n in values},
        }
        if earlier := self.nodes.get(organization):
            made |= {n: v for n, v in earlier.items() if v is not None}
        self.nodes[organization] = made
        self.places.setdefault(organization, unit.place)
        self._statements.add("COVERS", "PartyOrg", organization, "Unit", unit.id, {**carried, "stated": True}, row)
        return organization
