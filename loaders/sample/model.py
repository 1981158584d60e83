"""The model of a sample place, from which its ledgers are written."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from loaders.sample import names
from loaders.sample.places import ChainPlan, Place

_PREFIX = {"企业": "91", "合作社": "93", "个体工商户": "92"}
_SOCIETIES = (
    ("志愿服务协会", "社会团体", "51"),
    ("职业培训学校", "社会服务机构", "52"),
    ("养老服务中心", "社会服务机构", "52"),
    ("社会工作服务中心", "社会服务机构", "52"),
    ("行业商会", "社会团体", "51"),
    ("教育基金会", "基金会", "53"),
    ("幼儿园", "社会服务机构", "52"),
)


@dataclass(slots=True)
class Region:
    """A division or a place; `income` and `own_income` in 万元, of villages only."""

    code: str
    name: str
    parent: str
    kind: str
    longitude: float
    latitude: float
    adjacent: list[str] = field(default_factory=list)
    category: str = ""
    designated: dt.date | None = None
    households: int = 0
    groups: int = 0
    linkers: int = 0
    income: int = 0
    own_income: int = 0
    weak: bool = False
    talents: int = 0
    doctors: int = 0
    masters: int = 0


@dataclass(slots=True)
class Unit:
    """A firm or social organization. Its names and code follow from its number, so a million stay small.

    `number` names it; a look-alike has the number of its twin. Member counts are None where the ledger is
    blank. `covered` is '', 单独 or 联合; `posted` whether the ledger says that an officer is assigned.
    """

    place: Place
    number: int
    kind: str
    trade: str
    town: Region
    settled: Region | None
    park: Region | None
    staff: int
    revenue: int
    scaled: bool
    key: bool
    operating: str
    ownership: str
    covered: str
    formal: int | None
    probationary: int | None
    together: int | None
    elsewhere: int
    coded: bool
    twin: bool = False
    posted: bool = False
    organization: Organization | None = None

    @property
    def name(self) -> str:
        """Its registered name."""
        stem = self.place.county + names.mark(self.number)
        if self.kind == "社会组织":
            return stem + _SOCIETIES[self.number % len(_SOCIETIES)][0]
        if self.kind == "合作社":
            return f"{stem}{self.trade}专业合作社"
        if self.kind == "个体工商户":
            return f"{stem}{self.trade}经营部"
        return f"{stem}{self.trade}{'有限责任公司' if self.twin else '有限公司'}"

    @property
    def nature(self) -> str:
        """社会团体, 社会服务机构 or 基金会; meant for social organizations."""
        return _SOCIETIES[self.number % len(_SOCIETIES)][1]

    @property
    def code(self) -> str:
        """Its credit code, '' where the ledger has none."""
        if not self.coded:
            return ""
        prefix = _PREFIX.get(self.kind) or _SOCIETIES[self.number % len(_SOCIETIES)][2]
        return names.credit_code(prefix, self.place.code[:6], self.number + 1)

    @property
    def incubated(self) -> bool:
        """Whether the incubation centre of 丙县 looks after it."""
        return self.place.name == "丙县" and self.kind == "企业" and self.number % 9 == 4

    @property
    def party_staff(self) -> int | None:
        """How many of an incubated one do party work, full or part time; None where its ledger does not ask."""
        return self.number % 2 if self.incubated else None

    @property
    def address(self) -> str:
        """Where it works."""
        inside = self.settled.name if self.settled else ""
        return f"{self.place.county}{self.town.name}{inside}兴业路{self.number % 288 + 1}号"


@dataclass(slots=True)
class Organization:
    """A party organization; `number` counts within its place. Without `end` its ledger row has no term.

    `stray` is a superior that no ledger knows; one not `listed` is only said to exist in its unit's row. A `vacant`
    one has no secretary; one of a `park` is that of the whole place. `committee` is how many sit on its 支委会:
    0 has none, None is left blank.
    """

    place: Place
    number: int
    kind: str
    town: str
    superior: Organization | None = None
    title: str = ""
    unit: Unit | None = None
    covers: list[Unit] = field(default_factory=list)
    formal: int = 0
    probationary: int = 0
    years: int = 3
    start: dt.date | None = None
    end: dt.date | None = None
    listed: bool = True
    stray: str = ""
    vacant: bool = False
    park: Region | None = None
    committee: int | None = None

    @property
    def name(self) -> str:
        """Its full name."""
        if self.unit is None:
            return self.title
        return self.unit.name + {"党委": "党委", "总支": "党总支"}.get(self.kind, "党支部")

    @property
    def code(self) -> str:
        """Its 党组织编码."""
        return f"{self.place.code[:6]}{int(self.place.code[6:] or 0):03d}{self.number + 1:07d}"


@dataclass(slots=True)
class Officer:
    """A 指导员 or 联络员, whose postings share one term; `capacity` 0 means the county's default.

    Who works in a town has that `town`, who works in a department of the county has none.
    """

    number: int
    role: str
    full_time: bool
    workplace: str
    duty: str
    units: list[Unit]
    start: dt.date
    end: dt.date | None
    capacity: int = 0
    strays: list[str] = field(default_factory=list)
    visited: dt.date | None = None
    town: Region | None = None


@dataclass(slots=True)
class Chain:
    """An industry chain, its firms (the first is the 链主) and who leads it."""

    plan: ChainPlan
    departments: list[str]
    firms: list[Unit]
    committee: Organization | None = None
    department_orgs: list[Organization] = field(default_factory=list)
    members: list[Organization] = field(default_factory=list)


@dataclass(slots=True)
class Site:
    """A 阵地: in which place it is or whose it is, and the class it was accepted in ('' if unstated)."""

    name: str
    kind: str
    town: str
    park: Region | None = None
    organization: Organization | None = None
    grade: str = ""
    accepted: dt.date | None = None


@dataclass(slots=True)
class Partner:
    """A body outside the two-new sector that is paired with someone."""

    name: str
    code: str
    kind: str


@dataclass(slots=True)
class Pair:
    """Two sides by name, since when; `active`: when they last did something together, None where it is blank."""

    first: str
    second: str
    signed: dt.date
    active: dt.date | None = None


@dataclass(slots=True)
class Meeting:
    """What a branch held: 党员大会, 支委会, 主题党日, 党课, 组织生活会 or 民主评议党员."""

    organization: Organization
    kind: str
    day: dt.date
    topic: str
    expected: int
    attended: int


@dataclass(slots=True)
class Leader:
    """Who keeps contact with a village: `level` is 县级 or 镇街, `number` that of the name."""

    number: int
    post: str
    level: str
    village: Region


@dataclass(slots=True)
class Holding:
    """A leader of the county and the key enterprise he or she holds; `number` that of the name."""

    number: int
    unit: Unit


@dataclass(slots=True)
class Team:
    """A 驻村工作队 in its village; `secretary` is the number of the 第一书记's name.

    `sent_by` is 上级 or 本级, '' where the ledger does not ask.
    """

    name: str
    people: int
    secretary: int
    village: Region
    sent_by: str = ""


@dataclass(slots=True)
class Deferral:
    """A problem that may wait: of a unit, or of every unit of a town, until when; by the title of its rule."""

    subject: Unit | Region
    title: str
    reason: str
    approved: dt.date
    until: dt.date

    def of(self, unit: Unit) -> bool:
        """Whether it is about the unit."""
        return self.subject in (unit, unit.town)


@dataclass(slots=True)
class Grid:
    """A grid of a village: `linkers` keep contact with its households; a count is None where the ledger is blank."""

    name: str
    village: Region
    households: int
    linkers: int
    talked: int | None
    visited: int
    members: int = 0


@dataclass(slots=True)
class Group:
    """A 联组: its members with their roles; `staff` is the number of its 专干's name."""

    name: str
    members: list[tuple[Organization, str]]
    staff: int


@dataclass(slots=True)
class County:
    """Everything the ledgers of one place say."""

    place: Place
    regions: list[Region] = field(default_factory=list)
    parks: list[Region] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)
    organizations: list[Organization] = field(default_factory=list)
    officers: list[Officer] = field(default_factory=list)
    chains: list[Chain] = field(default_factory=list)
    partners: list[Partner] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)
    meetings: list[Meeting] = field(default_factory=list)
    leaders: list[Leader] = field(default_factory=list)
    teams: list[Team] = field(default_factory=list)
    holdings: list[Holding] = field(default_factory=list)

    deferrals: list[Deferral] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)

    @property
    def towns(self) -> list[Region]:
        """Its towns and streets."""
        return [region for region in self.regions if region.kind in ("镇", "街道")]

    @property
    def villages(self) -> list[Region]:
        """Its villages and communities."""
        return [region for region in self.regions if region.kind in ("行政村", "社区")]
