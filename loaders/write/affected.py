"""The tables of the graph that the rows of a load can change: the others need no comparison with the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product

from graph.history.touched import Table
from loaders.fold.reviews import APART, IGNORE
from loaders.match.reconciliation import Reconciliation
from loaders.recognize.ledgers import Ledger
from loaders.shape.rows import Props, Row

#: types that place, match and cover the entities of other rows: a row about one of them can change any table
_WIDE = frozenset({"Region", "Unit", "PartyOrg"})


def affected_tables(
    matched: Reconciliation, live: Sequence[Row], declared: Mapping[str, Ledger], reviews: Mapping[str, Props]
) -> frozenset[Table] | None:
    """The tables that a load can change; None: any.

    `live` are the rows after the load, `reviews` those of the store.
    """
    changed = {row.ledger for row in matched.new}
    if matched.resumes or matched.minted_regions or any(_wide(declared[name]) for name in changed):
        return None
    gone = {*matched.ended, *matched.retired}
    before = [head for heads in matched.stored.values() for head in heads if head.id in gone]
    changed |= {head.ledger for head in before}
    if any(_wide(declared[name]) for name in changed):
        return None
    # a division without a row of its own exists as long as a row lies in it
    described = {row.entity for row in live if declared[row.ledger].entity == "Region"}
    divisions = {row.division for row in matched.new} | {head.division for head in before}
    if not described >= divisions - {""}:
        return None
    decided = [row for row in matched.new if declared[row.ledger].entity == "Review"]
    if not all(_idle(row, reviews) for row in decided) or len(decided) < sum(
        declared[head.ledger].entity == "Review" for head in before
    ):
        return None
    tables: set[Table] = set()
    for name in changed:
        tables |= _tables(declared[name], declared.values())
    return frozenset(tables)


def _wide(ledger: Ledger) -> bool:
    return ledger.entity in _WIDE or ledger.stated is not None


def _idle(row: Row, reviews: Mapping[str, Props]) -> bool:
    """Whether a decision, and the one before it, settles its review without a change of the graph."""
    review = reviews.get(row.entity)
    if review is None:
        return False
    idle = {None, IGNORE} | ({APART} if review["kind"] == "lookalike" else set())
    return {review["decision"], row.values.get("decision")} <= idle


def _tables(ledger: Ledger, every: Iterable[Ledger]) -> set[Table]:
    """The tables that rows of a ledger can change: those they state, and those of rows that refer to their entities."""
    if ledger.entity == "Review":
        return set()
    if ledger.edge:
        # a firm of a chain may be stated as its 链主
        leading = _between("LEADS_CHAIN", *ledger.ends) if ledger.edge == "IN_CHAIN" else set()
        return leading | _between(ledger.edge, *ledger.ends)
    kind = ledger.entity
    # an address that cannot be resolved may add a Region 未落地
    tables: set[Table] = {(kind,), ("LOCATED_IN", kind, "Region"), ("Region",), ("PART_OF", "Region", "Region")}
    for other in every:
        for link in other.links:
            if kind == other.entity or kind in link.types:
                one, two = ((other.entity,), link.types) if link.outward else (link.types, (other.entity,))
                tables |= _between(link.edge, one, two)
        if other.edge and any(kind in end for end in other.ends):
            tables |= _between(other.edge, *other.ends)
    return tables


def _between(edge: str, sources: Iterable[str], targets: Iterable[str]) -> set[Table]:
    return set(product((edge,), sources, targets))
