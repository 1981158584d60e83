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
    "officers", "guided", "overloaded", "idle_officers", "ended", "expiring", "gone_officers", "liaisons", "stated_officers",
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
    """Organization life: how many branches have records, and how many of these lack what."""

    #: branches with records
    recorded: int = 0
    #: of these, the ones without a 党员大会 in the last quarter
    meeting: int = 0
    #: without a 支委会 in the last month
    committee: int = 0
    #: without a 主题党日 in the last month
    day: int = 0
    #: without 组织生活会 and without 民主评议 in the last year; every other branch records one of the two
    review: int = 0
    #: whose records begin after the periods that the rules look at
    late: int = 0
    #: of all branches that are large enough for a 支委会, the ones without it
    uncommitted: int = 0
    #: of the same, the ones of which the ledger does not say
    unsaid: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How one sample place is made up. A number is a count, and 0 by default."""

    name: str
    #: 区划代码
    code: str
    #: 县级 or 街道
    kind: str
    #: the county that it is, or lies in
    county: str
    #: longitude and latitude
    center: tuple[float, float]

    # -- divisions
    towns: int
    villages: int
    communities: int
    households: int = 0
    villager_groups: int = 0
    #: people who keep contact with households
    linkers: int = 0
    #: high-level talents, doctors and masters in its towns
    talents: int = 0
    doctors: int = 0
    masters: int = 0
    #: parks, buildings and business districts by name and kind
    parks: tuple[tuple[str, str], ...] = ()
    parks_without_org: tuple[str, ...] = ()
    parks_without_site: tuple[str, ...] = ()
    #: villages by 类别
    key_villages: int = 0
    poor_villages: int = 0
    resettled_villages: int = 0
    #: the least collective income of a village, in 万元
    income_floor: int = 5
    #: the income of all villages together, in 万元; 0 leaves it open
    income_total: int = 0
    #: pairs of an income in 万元 and the number of villages that have at least as much
    income_above: tuple[tuple[int, int], ...] = ()
    #: villages below the floor
    poor_incomes: int = 0
    #: grids, two a village or more, and the party members in them
    grids: int = 0
    grid_members: int = 0
    #: grids with too many households for those who keep contact
    grids_over: int = 0
    #: grids in which not all households were visited
    grids_unvisited: int = 0

    # -- units
    enterprises: int
    #: enterprises above scale, closed ones, and 公有控股 ones
    scaled: int
    closed: int = 0
    state_owned: int = 0
    societies: int
    key_societies: int
    cooperatives: int = 0
    self_employed: int = 0
    #: units covered by an organization of their own, and by a joint one
    single: int
    joint: int
    #: uncovered units with 3 正式党员 or more
    exist: int
    #: uncovered units with 1 or 2 正式党员
    join: int
    #: uncovered units without a figure of 正式党员 and with 3 正式和预备 or more
    suspected: int
    #: uncovered units without a figure of 正式党员 and with fewer 正式和预备
    unclear: int

    # -- organizations
    #: all party organizations, filled up with those of villages; 0 leaves it open
    organizations: int = 0
    joint_orgs: int = 0
    #: organizations that only the row of a unit states
    stated_orgs: int = 0
    #: 小个专党委 and 行业党委
    special_committees: tuple[str, ...] = ()
    #: terms that are over, and organizations without a term
    overdue: int
    undated: int = 0
    #: joint branches with a unit too many
    wide_joints: int = 0
    #: members who are in the unit of a joint branch instead of a branch of their own
    swapped: int = 0
    #: branches, and as many 总支, with too many members for their kind
    flat: int = 0
    #: branches of firms that have closed
    closing: int = 0
    #: organizations without a secretary
    vacant: int = 0
    life: Life = Life()
    #: sites of the organizations of units
    rooms: int = 0
    #: of these, the ones that are not accepted, and the ones without a class in the ledger
    rooms_unaccepted: int = 0
    rooms_ungraded: int = 0

    # -- officers
    officers: int
    #: units with a posting
    guided: int
    #: officers with more units than they may have
    overloaded: int
    #: officers in term without a unit
    idle_officers: int = 0
    #: key units whose posting ended before the last quarter
    ended: int = 0
    #: officers whose postings ended within the last two quarters and still count
    expiring: int = 0
    gone_officers: int = 0
    #: units whose row says that an officer was sent, and names none
    stated_officers: int = 0
    liaisons: int = 0
    revitalization_officers: int = 0

    # -- chains
    chains: tuple[ChainPlan, ...] = ()
    committee_kind: str = "产业链党委"
    #: departments that lead chains
    departments: int = 0
    #: organizations of chain firms that are not tied to the committee of their chain
    unlinked: int = 0

    # -- groups, pairings, helpers, demands
    groups: int = 0
    #: organizations in no group, and in two
    ungrouped: int = 0
    doubly_grouped: int = 0
    groups_unpaired: int = 0
    villages_unpaired: int = 0
    communities_unpaired: int = 0
    #: pairings with 机关 and 国企, and with 民企, 合作社 and 商会
    office_pairs: int = 0
    firm_pairs: int = 0
    #: pairings without an activity for half a year, and pairings of which the ledger does not say
    idle_pairs: int = 0
    silent_pairs: int = 0
    #: 驻村工作队, their people, and how many of the people come from the levels above
    teams: int = 0
    team_people: int = 0
    team_people_sent: int = 0
    #: key enterprises that leaders hold
    held_units: int = 0
    #: villages with a 软弱涣散 organization, and how many of them lack one of the 五个一
    weak_villages: int = 0
    weak_lacking: int = 0
    demands: int = 0
    #: open demands with a resource and time left
    demands_matched: int = 0
    #: whether it has a 暂缓台账
    deferrals: bool = False
    mistakes: Mistakes

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
