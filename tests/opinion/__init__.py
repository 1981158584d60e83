"""A second opinion on every rule: the names in its denominator and in its findings, computed in pandas from workbooks.

It shares nothing with the product but the ledgers and the definitions of the rules. Benchmarks use it as the way in
which staff work today. The package imports nothing of the product, except agreement, which compares the two.
"""

from __future__ import annotations

from tests.opinion import life, organizations, units, villages
from tests.opinion.cells import day
from tests.opinion.ledgers import Ledgers, read
from tests.opinion.rule import Outcome, Parameters

__all__ = ["Ledgers", "Outcome", "Parameters", "day", "findings", "read"]

_RULES = {rule.__name__: rule for module in (units, organizations, life, villages) for rule in module.RULES}


def findings(ledgers: Ledgers, parameters: Parameters) -> dict[str, Outcome]:
    """The outcome of each rule in the bases 实体运营非公企业 and 社会组织."""
    return {name: rule(ledgers, parameters) for name, rule in _RULES.items()}
