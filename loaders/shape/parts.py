"""Remarks on rows that state less of a whole than of its parts, by what the ontology declares as such."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from graph.history.differences import value_text
from graph.ontology import Property
from loaders.recognize.ledgers import Ledger
from loaders.shape.checks import Problems


def remark_parts(ledger: Ledger, rows: Sequence[Mapping[str, Any]], problems: Problems) -> None:
    """Remark on each accepted row whose parts are together more than their whole, once for each whole.

    Either number may be wrong or both right, so both are kept. A part that is not stated counts as none.
    """
    fields = ledger.fields
    stated_names = {*chain.from_iterable(rows)}
    wholes = [
        (name, [[part for part in parts if part in fields and part in stated_names] for parts in one.property.parts])
        for name, one in fields.items()
        if one.property.parts and name == one.property.name and name in stated_names
    ]
    for position, values in enumerate(rows):
        for name, lists in wholes:
            value = values.get(name)
            if value is None or position in problems.reasons:
                continue
            for parts in lists:
                if sum([values.get(part) or 0 for part in parts]) > value:
                    stated = [(fields[part].property, values[part]) for part in parts if values.get(part)]
                    _remark(position, fields[name].property, value, stated, problems)
                    break


def _remark(
    position: int, whole: Property, value: int, stated: Sequence[tuple[Property, int]], problems: Problems
) -> None:
    labels = "与".join(part.label for part, _ in stated) + ("之和" if len(stated) > 1 else "")
    # members may work elsewhere and be registered here, or the other way round
    reason = "（如流动党员、挂靠）" if "党员" in labels and "党员" not in whole.label else ""
    shown = "、".join(f"{one.label}{value_text(number, one)}" for one, number in (*stated, (whole, value)))
    problems.remarks.add(
        "_".join(("more_than", whole.name, *(part.name for part, _ in stated))),
        f"{labels}多于{whole.label}，都照所写收入。请核对，属实{reason}的不必改",
        f"{problems.place(position)}：{shown}",
    )
