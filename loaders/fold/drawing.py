"""The relations that the rows of one entity still draw, and its place: where rows state one again, the later counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from loaders.match.facts import ends_by_itself, replaces, same_sheet
from loaders.match.naming import name_key
from loaders.recognize.ledgers import PLACED, Link
from loaders.shape.rows import Props, Row

PRODUCTS = "main_products"


def drawing(rows: Sequence[Row]) -> Iterator[tuple[Row, Props]]:
    """Each row, the best first, with its values; names that a later row of its ledger takes away are left out.

    A later row that states a property of a relation without naming its end states it of all of them.
    """
    if len(rows) == 1:
        yield rows[0], rows[0].values
        return
    newer: list[tuple[Row, Props]] = []
    for row in rows:
        values, ledger = row.values, row.origin.ledger
        above = [
            (later, stated) for later, stated in newer if later.ledger == row.ledger and not same_sheet(later, row)
        ]
        newer.append((row, values))
        if above:
            values = dict(values)
            for link in ledger.links:
                _leave(values, row, link, above)
            if any(PRODUCTS in stated for _, stated in above):
                values.pop(PRODUCTS, None)
        yield row, values


def _leave(values: Props, row: Row, link: Link, above: Sequence[tuple[Row, Props]]) -> None:
    """Leave in `values` the names that stay, and put in what later rows state of their relations."""
    stated = values.get(link.field)
    if not stated:
        return
    for _, own in reversed(above):
        if link.field not in own:
            values.update({n: own[n] for n in link.carried if n in own})
    names = stated if isinstance(stated, list) else [stated]
    again = [(later, own[link.field]) for later, own in above if link.field in own]
    if isinstance(stated, list):
        replacing = [] if ends_by_itself(link) else [(r, texts) for r, texts in again if replaces(r, row)]
    else:
        replacing = again
    if any(texts is None for _, texts in again):
        names = []
    elif replacing:
        newest = replacing[0][0]
        every = (texts for later, texts in replacing if same_sheet(later, newest))
        kept = {name_key(t) for texts in every for t in (texts if isinstance(texts, list) else [texts])}
        names = [name for name in names if name_key(name) in kept]
    values[link.field] = names if isinstance(stated, list) else (names[0] if names else None)


def placing(rows: Sequence[Row]) -> list[tuple[Row, Props]]:
    """The rows of an entity, the best first, each with the values that may place it.

    Those that name its division go first: a later row with an address alone does not move it. A division that a later
    row of the ledger clears is left out.
    """
    if len(rows) == 1:
        return [(rows[0], rows[0].values)]
    named: list[tuple[Row, Props]] = []
    others: list[tuple[Row, Props]] = []
    cleared: set[str] = set()
    for row in rows:
        values = row.values
        if values.get(PLACED) and row.ledger not in cleared:
            named.append((row, values))
        else:
            others.append((row, {name: value for name, value in values.items() if name != PLACED}))
        if PLACED in values and values[PLACED] is None:
            cleared.add(row.ledger)
    return named + others
