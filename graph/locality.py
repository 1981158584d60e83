"""What a county decides: bases in use, thresholds, key chains, pairing scheme, precedence of ledgers.

The settings file is read in api/settings.py; rules, questions and loaders see only this value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Overrides:
    """What one division decides otherwise: parameters, severities and switches of rules."""

    thresholds: Mapping[str, Any] = field(default_factory=dict)
    severities: Mapping[str, str] = field(default_factory=dict)
    switches: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Locality:
    """Decisions of one county, each with a default.

    `home` is the division the office is in charge of (code or name, '' for none). `bases` are the reporting
    bases, one for 企业 and one for 社会组织. `thresholds` holds rule parameters by "rule.parameter" or, for all
    rules, "parameter"; `severities` and `switches` go by rule. `divisions` (by code or name) set any of the three
    otherwise for what lies in them: the nearest division above a subject that sets a value goes first. `origins`
    names the division that a value of an effective Locality came from. `key_chains` names 重点产业链 beside those that
    their ledger marks. `pairing_sides` are
    categories of villages, 联组, 行业党组织 … that must be paired. `precedence` puts ledgers before the
    ontology's own order. A cell that is one of the words of `clearing` takes back what earlier sheets of its ledger
    state. `key_industries` names those that must have a 行业党委; `visit_interval_days` is how
    often officers must visit, 0 where the county has not said. `broad_work_coverage` also counts 工会, 共青团, 妇联.
    A pairing is inactive that had no activity for `pairing_idle_months`.
    """

    home: str = ""
    bases: tuple[str, ...] = ("实体运营非公企业", "社会组织")
    thresholds: Mapping[str, Any] = field(default_factory=dict)
    severities: Mapping[str, str] = field(default_factory=dict)
    switches: Mapping[str, bool] = field(default_factory=dict)
    divisions: Mapping[str, Overrides] = field(default_factory=dict)
    origins: Mapping[tuple[str, str], str] = field(default_factory=dict)
    key_chains: tuple[str, ...] = ()
    pairing_sides: tuple[str, ...] = ("乡村振兴重点村", "脱贫村", "易地搬迁安置村", "联组")
    precedence: tuple[str, ...] = ()
    clearing: tuple[str, ...] = ("清空", "—", "——")
    key_industries: tuple[str, ...] = ()
    visit_interval_days: int = 0
    broad_work_coverage: bool = False
    temporary_branches_cover: bool = False
    posting_grace_quarters: int = 1
    pairing_idle_months: int = 6
    prepared_by: str = ""
    office: str = "两新工委"
