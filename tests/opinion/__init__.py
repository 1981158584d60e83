"""What staff do today: the questions of all rules worked out in pandas, straight from the workbooks of a county.

It shares nothing with the product but the ledgers and the definitions of the rules, so it also serves the tests as a
second opinion: of each rule the names in its denominator, and the names found among them.
"""

from __future__ import annotations

from tests.opinion import life, organizations, units, villages
from tests.opinion.asked import Asked, Found
from tests.opinion.cells import day
from tests.opinion.ledgers import Ledgers, read

__all__ = ["Asked", "Found", "Ledgers", "day", "findings", "read"]

_RULES = {rule.__name__: rule for module in (units, organizations, life, villages) for rule in module.RULES}


def findings(ledgers: Ledgers, asked: Asked) -> dict[str, Found]:
    """What each rule finds, in the bases 实体运营非公企业 and 社会组织."""
    return {name: rule(ledgers, asked) for name, rule in _RULES.items()}
