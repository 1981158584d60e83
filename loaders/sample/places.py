"""The description of a sample place: its figures, its chains, the mistakes in its ledgers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

#: the day as of which the sample's figures hold; postings and terms are measured against it
REFERENCE_DATE = dt.date(2026, 6, 30)


#: figures that grow with the number of units
_GROWING = (
    "enterprises", "scaled", "societies", "key_societies", "cooperatives", "self_employed", "closed", "state_owned",
    "single", "joint", "exist", "join", "suspected", "unclear", "joint_orgs", "stated_orgs", "overdue", "undated",
    "officers", "guided", "overloaded", "ended", "expiring", "gone_officers", "liaisons", "stated_officers",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ChainPlan:
    """One chain of a place: what it makes, how many firms, who leads it.

    `output` is 万元 of revenue of all its firms together (0: whatever they earn). `head_covered` says whether
    the 链主 has a party organization.
    """

    name: str
    products: tuple[str, ...]
    firms: int
    committee: bool
    key: bool = True
    output: int = 0
    head_covered: bool = True


@dataclass(frozen=True, slots=True)
class Mistakes:
    """How many mistakes of each kind a place's ledgers hold; none of them moves a planted finding."""

    duplicate_row: int = 0
    invalid_code: int = 0
    code_prefix_12: int = 0
    impossible_date: int = 0
    negative_number: int = 0
    nameless_row: int = 0
    look_alike: int = 0
    dangling_unit: int = 0
    dangling_superior: int = 0


@dataclass(frozen=True, slots=True)
class Life:
    """Organization life: how many branches keep records, and how many of these lack what.

    `meeting`, `committee`, `day` and `review` are those that held no 党员大会 in the last quarter, no 支委会 and no
    主题党日 in the last month, neither 组织生活会 nor 民主评议 in the last year (the others record one of the two); the records of `late` begin after it. Of
    all branches large enough `uncommitted` have no 支委会, and of `unsaid` the ledger does not say.
    """

    recorded: int = 0
    meeting: int = 0
    committee: int = 0
    day: int = 0
    review: int = 0
    late: int = 0
    uncommitted: int = 0
    unsaid: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """How one sample place is made up. Every number is a count, 0 by default.

    `single` and `joint` are units covered by an organization of their own or a joint one; `exist`, `join`,
    `suspected` and `unclear` the uncovered ones with ≥3 正式党员, with 1–2, with no 正式党员 figure and ≥3
    正式和预备, and with no such figure and fewer. `ended` key units have a posting that ended too long ago,
    `expiring` postings ended within the last two quarters and still count. `guided` units have a posting.
    `income_floor` and `income_total` are the collective income of villages in 万元: the least, and the sum
    (0: as it comes); `income_above` pairs of (at least so much, so many villages). `wide_joints` joint branches have
    a unit too many, `swapped` members are in a joint branch's unit instead of a branch of their own, `flat` branches
    and as many 总支 have too many members for what they are, `closing` branches are left of closed firms, `vacant`
    organizations have no secretary. `poor_incomes` villages are below the floor of income. `demands_matched` open demands have a resource and time left. `unlinked` organizations of chain firms
    are not tied to their chain's committee. `rooms` are sites of units' organizations, of which so many are not
    accepted, and of so many nobody has said. Of the pairings `idle_pairs` did nothing for half a year, and of
    `silent_pairs` the ledger does not say. The organizations of `weak_villages` are 软弱涣散, and `weak_lacking` of
    these lack one of the 五个一. `teams` (those of weak villages among them) have `team_people` in all; leaders hold
    `held_units` key enterprises. Villages have `villager_groups`, and `linkers` who keep contact with households. Of
    `grids` (two a village or more) with `grid_members` `grids_over` have too many households for those who
    keep contact, and in `grids_unvisited` not all were visited. Of the people of teams `team_people_sent` come from the
    levels above. `talents`, `doctors` and `masters` live in its towns.
    """

    name: str
    code: str
    kind: str
    county: str
    center: tuple[float, float]
    towns: int
    villages: int
    communities: int
    enterprises: int
    scaled: int
    societies: int
    key_societies: int
    single: int
    joint: int
    exist: int
    join: int
    suspected: int
    unclear: int
    officers: int
    guided: int
    overloaded: int
    overdue: int
    mistakes: Mistakes
    joint_orgs: int = 0
    cooperatives: int = 0
    self_employed: int = 0
    closed: int = 0
    state_owned: int = 0
    stated_orgs: int = 0
    stated_officers: int = 0
    undated: int = 0
    ended: int = 0
    expiring: int = 0
    gone_officers: int = 0
    liaisons: int = 0
    revitalization_officers: int = 0
    organizations: int = 0
    chains: tuple[ChainPlan, ...] = ()
    committee_kind: str = "产业链党委"
    departments: int = 0
    special_committees: tuple[str, ...] = ()
    parks: tuple[tuple[str, str], ...] = ()
    groups: int = 0
    ungrouped: int = 0
    doubly_grouped: int = 0
    groups_unpaired: int = 0
    key_villages: int = 0
    poor_villages: int = 0
    resettled_villages: int = 0
    villages_unpaired: int = 0
    communities_unpaired: int = 0
    office_pairs: int = 0
    firm_pairs: int = 0
    idle_pairs: int = 0
    silent_pairs: int = 0
    poor_incomes: int = 0
    grids: int = 0
    grids_over: int = 0
    grids_unvisited: int = 0
    grid_members: int = 0
    villager_groups: int = 0
    linkers: int = 0
    talents: int = 0
    doctors: int = 0
    masters: int = 0
    teams: int = 0
    team_people: int = 0
    team_people_sent: int = 0
    held_units: int = 0
    weak_villages: int = 0
    weak_lacking: int = 0
    life: Life = Life()
    households: int = 0
    income_floor: int = 5
    income_total: int = 0
    income_above: tuple[tuple[int, int], ...] = ()
    demands: int = 0
    wide_joints: int = 0
    swapped: int = 0
    flat: int = 0
    closing: int = 0
    vacant: int = 0
    demands_matched: int = 0
    unlinked: int = 0
    parks_without_org: tuple[str, ...] = ()
    parks_without_site: tuple[str, ...] = ()
    rooms: int = 0
    rooms_unaccepted: int = 0
    rooms_ungraded: int = 0
    deferrals: bool = False

    @property
    def units(self) -> int:
        """How many units its ledgers list."""
        return self.enterprises + self.societies + self.cooperatives + self.self_employed

    def scaled_to(self, units: int) -> Place:
        """The same place with `units` units, and what goes with units in proportion; its divisions stay."""
        numbers = {name: getattr(self, name) * units // self.units for name in _GROWING}
        # what rounding lost goes to the enterprises, and to those of them that are key where all are
        lost = units - sum(numbers[k] for k in ("enterprises", "societies", "cooperatives", "self_employed"))
        numbers["enterprises"] += lost
        if self.scaled == self.enterprises:
            numbers["scaled"] = numbers["enterprises"]
        if self.guided == self.units:
            numbers["guided"] = units
        chains = tuple(
            replace(chain, firms=max(3, chain.firms * units // self.units), output=0) for chain in self.chains
        )
        return replace(self, chains=chains, **numbers)
