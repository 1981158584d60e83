"""The ledgers beside those of units: divisions, organizations, officers, chains, pairings, groups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from graph.workbook import Cell, Sheet
from loaders.sample import names
from loaders.sample.layout import MARK, Column, column, exact, full_width, number_column, sheet, yes
from loaders.sample.model import Chain, County, Deferral, Group, Officer, Organization, Pair, Partner, Region, Unit

_SEPARATORS = ("、", "，", ",", "；")
_JOINT_ITEMS = ("产业帮扶、消费帮扶", "联合开展主题党日", "人居环境整治", "就业岗位对接", "村企共建种植基地")


class Lead(NamedTuple):
    """A leader of a chain, with the role."""

    chain: str
    organization: str
    role: str


class Supply(NamedTuple):
    """A seller and a buyer within a chain."""

    seller: Unit
    buyer: Unit


class Firm(NamedTuple):
    """A firm of a chain with its segment and role."""

    chain: str
    unit: Unit
    segment: str
    role: str


def divisions(county: County) -> Sheet:
    """区划, with parks, buildings and business districts; codes as numbers in 甲市, as text elsewhere."""

    def code(region: Region, _: int) -> Cell:
        return int(region.code) if county.place.name == "甲市" and region.code else region.code or None

    columns: list[Column[Region]] = [
        column("代码", code),
        column("名称", lambda r, _: r.name),
        column("上级", lambda r, _: r.parent or None),
        column("类别", lambda r, _: r.kind),
        column("经度", lambda r, _: r.longitude),
        column("纬度", lambda r, _: r.latitude),
        column("相邻镇街", lambda r, _: "、".join(r.adjacent) or None),
    ]
    return sheet("区划", f"{county.place.name}行政区划及园区楼宇商圈", columns, county.regions)


def villages(county: County) -> Sheet:
    """村（社区）情况; income in 元 in 甲市, in 万元 elsewhere."""
    unit, factor = ("元", 10_000) if county.place.name == "甲市" else ("万元", 1)

    def income(region: Region, _: int) -> Cell:
        return region.income * factor if region.kind == "行政村" else None

    def own(region: Region, _: int) -> Cell:
        return region.own_income * factor if region.kind == "行政村" else None

    weak: list[Column[Region]] = []
    if county.place.weak_villages:
        weak = [column("是否软弱涣散党组织", lambda r, _: yes(r.weak))]
    extra: list[Column[Region]] = []
    if county.place.villager_groups:
        extra.append(column("村民小组数", lambda r, _: r.groups, total=True))
    if county.place.linkers:
        extra.append(column("联户人员数", lambda r, _: r.linkers, total=True))
    columns: list[Column[Region]] = [
        column("序号", number_column),
        column("村（社区）名称", lambda r, _: r.name),
        column("所属镇街", lambda r, _: r.parent),
        column("类别", lambda r, _: r.category),
        column("认定日期", lambda r, n: exact(r.designated, n)),
        *weak,
        column("户数", lambda r, _: r.households, total=True),
        *extra,
        column(f"收入（{unit}）", income, total=True),
        column(f"经营性收入（{unit}）", own, total=True),
    ]
    return sheet("村（社区）情况", f"{county.place.name}村（社区）基本情况", columns, county.villages)


def talents(county: County) -> Sheet:
    """人才情况 of towns."""
    columns: list[Column[Region]] = [
        column("序号", number_column),
        column("镇街", lambda r, _: r.name),
        column("高层次人才数", lambda r, _: r.talents, total=True),
        column("博士数", lambda r, _: r.doctors, total=True),
        column("硕士数", lambda r, _: r.masters, total=True),
    ]
    return sheet("人才情况", f"{county.place.name}人才情况统计表", columns, county.towns)


def organizations(county: County) -> Sheet:
    """党组织, with terms; its rows are those that a ledger lists."""
    listed = [org for org in county.organizations if org.listed]

    def code(org: Organization, _: int) -> Cell:
        return int(org.code) if county.place.name == "甲市" else org.code

    def superior(org: Organization, _: int) -> Cell:
        return org.stray or (org.superior.name if org.superior else None)

    def short(org: Organization, _: int) -> Cell:
        return org.name.removeprefix(county.place.county).replace("有限公司", "")

    columns: list[Column[Organization]] = [
        column("序号", number_column),
        column("党组织编码", code),
        column("党组织全称", lambda o, _: o.name),
        column("党组织简称", short),
        column("党组织类别", lambda o, _: _kind(o)),
        column("行政区划", lambda o, _: o.town),
        column("上级党组织名称", superior),
        column("党组织书记", lambda o, _: None if o.vacant else names.person(10_000 + o.number % 50_000)),
        column("联系电话", lambda o, _: names.phone(50_000_000 + o.number)),
        column("届次", lambda o, _: f"第{1 + o.number % 5}届" if o.end else None),
        column("起始日期", lambda o, n: exact(o.start, n)),
        column("届满日期", lambda o, n: exact(o.end, n)),
        column("任期年限", lambda o, _: o.years if o.end else None),
        column("法人单位统一社会信用代码", lambda o, _: o.unit.code or None if o.unit else None),
        column("正式党员数", lambda o, _: o.formal, total=True),
        column("预备党员数", lambda o, _: o.probationary, total=True),
        column("支委会委员数", lambda o, _: o.committee),
    ]
    if any(org.park for org in listed):
        columns.append(column("所在园区/商务楼宇名称", lambda o, _: o.park.name if o.park else None))
    return sheet("党组织", f"{county.place.name}党组织基本信息", columns, listed)


def _kind(org: Organization) -> str:
    return {"支部": "党支部", "联合支部": "联合党支部", "总支": "党总支"}.get(org.kind, org.kind)


def officers(county: County, *roles: str) -> Sheet:
    """党建指导员台账 of the officers in `roles`."""
    chosen = [officer for officer in county.officers if officer.role in roles]
    division = county.place.code[:6]

    def units(officer: Officer, number: int) -> Cell:
        separator = _SEPARATORS[number % len(_SEPARATORS)]
        return separator.join([unit.name for unit in officer.units] + officer.strays) or None

    def capacity(officer: Officer, number: int) -> Cell:
        if not officer.capacity:
            return None
        return full_width(officer.capacity) if number % 2 else officer.capacity

    columns: list[Column[Officer]] = [
        column("序号", number_column),
        column("指导员姓名", lambda o, _: names.person(o.number)),
        column("专职/兼职", lambda o, _: "专职" if o.full_time else "兼职"),
        column("联系电话", lambda o, _: names.phone(90_000_000 + o.number)),
        column("身份证号", lambda o, _: names.identity_number(division, o.number)),
        column("工作单位", lambda o, _: o.workplace),
        column("所属镇街", lambda o, _: o.town.name if o.town else None),
        column("职务", lambda o, _: "科员" if o.number % 4 else "副科长"),
        column("驻派等级", lambda o, _: "镇街级" if o.town else "县级"),
        column("指导企业", units),
        column("走访频次", lambda o, _: ("每月1次", "每季度1次", "每两月1次")[o.number % 3]),
        column("任期起", lambda o, n: exact(o.start, n)),
        column("任期止", lambda o, n: exact(o.end, n)),
        column("最近走访", lambda o, n: exact(o.visited, n)),
        column("可联系数", capacity),
        column("角色", lambda o, _: o.role),
        column("在岗状态", lambda o, _: o.duty),
        column("备注", lambda o, _: None),
    ]
    label = "乡村振兴指导员" if roles == ("乡村振兴指导员",) else "党建指导员"
    return sheet(label, f"{county.place.name}{label}台账", columns, chosen)


def chains(county: County) -> list[Sheet]:
    """产业链名单, 链上企业, 产业链党委, 供货."""

    def output(chain: Chain, _: int) -> Cell:
        return round(sum(firm.revenue for firm in chain.firms) / 10_000, 2)

    name = county.place.name
    heads: list[Column[Chain]] = [
        column("序号", number_column),
        column("所属重点产业链", lambda c, _: c.plan.name),
        column("“链主”企业名称", lambda c, _: c.firms[0].name),
        column("镇街（园区）", lambda c, _: c.firms[0].town.name),
        column("牵头服务部门", lambda c, _: "、".join(c.departments)),
        column("是否重点", lambda c, _: "是" if c.plan.key else "否"),
        column("产值（亿元）", output),
    ]
    firms: list[Column[Firm]] = [
        column("产业链", lambda f, _: f.chain),
        column("企业", lambda f, _: f.unit.name),
        column("环节", lambda f, _: f.segment),
        column("角色", lambda f, _: f.role),
    ]
    leads: list[Column[Lead]] = [
        column("产业链", lambda x, _: x.chain),
        column("党组织", lambda x, _: x.organization),
        column("角色", lambda x, _: x.role),
    ]
    supplies: list[Column[Supply]] = [
        column("供方", lambda s, _: s.seller.name),
        column("需方", lambda s, _: s.buyer.name),
        column("产品", lambda s, _: s.seller.trade),
    ]
    return [
        sheet("产业链名单", f"{name}重点产业链名单", heads, county.chains),
        sheet("链上企业", f"{name}链上企业名单", firms, _firms(county)),
        sheet("产业链党委", f"{name}产业链党委名单", leads, _leads(county)),
        sheet("供货", f"{name}链上企业供货关系", supplies, _supplies(county)),
    ]


def _firms(county: County) -> Iterator[Firm]:
    for chain in county.chains:
        for number, unit in enumerate(chain.firms):
            segment = ("生产制造", "原料供应", "加工配套", "仓储物流", "销售服务")[number % 5]
            yield Firm(chain.plan.name, unit, segment, "成员" if number else "链主")


def _supplies(county: County) -> Iterator[Supply]:
    """Every firm sells to one before it, so that all goods end at the 链主."""
    for chain in county.chains:
        for number, unit in enumerate(chain.firms[1:]):
            yield Supply(unit, chain.firms[number // 3])


def _leads(county: County) -> Iterator[Lead]:
    for chain in county.chains:
        if chain.committee is None:
            continue
        yield Lead(chain.plan.name, chain.committee.name, "产业链党委")
        for organization in chain.department_orgs:
            yield Lead(chain.plan.name, organization.name, "牵头部门党组织")
        head = chain.firms[0].organization
        if head is not None and head.listed and head.unit is not None:
            yield Lead(chain.plan.name, head.name, "链主")
        for organization in chain.members:
            yield Lead(chain.plan.name, organization.name, "成员")


def partners(county: County) -> Sheet:
    """结对单位."""
    columns: list[Column[Partner]] = [
        column("序号", number_column),
        column("单位名称", lambda p, _: p.name),
        column("统一社会信用代码", lambda p, _: p.code),
        column("单位类别", lambda p, _: p.kind),
        column("单位层级", lambda p, _: "县级" if p.kind in ("机关", "国企") else None),
        column("所属行政区划", lambda p, _: county.place.county),
    ]
    return sheet("结对单位", f"{county.place.name}结对单位名册", columns, county.partners)


def pairs(county: County) -> Sheet:
    """结对共建."""

    def items(pair: Pair, number: int) -> Cell:
        return _JOINT_ITEMS[number % len(_JOINT_ITEMS)]

    columns: list[Column[Pair]] = [
        column("序号", number_column),
        column("甲方党组织", lambda p, _: p.first),
        column("乙方党组织", lambda p, _: p.second),
        column("签约日期", lambda p, n: exact(p.signed, n)),
        column("共建事项", items),
        column("联系人", lambda p, n: names.person(25_000 + n)),
        column("完成情况", lambda p, n: ("正在推进", "已完成", "长期开展")[n % 3]),
        column("最近活动日期", lambda p, n: exact(p.active, n)),
    ]
    return sheet("结对", f"{county.place.name}结对共建台账", columns, county.pairs)


def groups(county: County) -> list[Sheet]:
    """联组名单 with the 专干 of each, 联组编组."""
    name = county.place.name

    def leader(group: Group, _: int) -> Cell:
        return names.person(10_000 + group.members[0][0].number)

    listed: list[Column[Group]] = [
        column("序号", number_column),
        column("联组", lambda g, _: g.name),
        column("组长", leader),
        column("专干", lambda g, _: names.person(g.staff)),
        column("所属镇街", lambda g, _: name),
    ]
    members = [(group.name, org, role) for group in county.groups for org, role in group.members]
    grouping: list[Column[tuple[str, Organization, str]]] = [
        column("联组", lambda m, _: m[0]),
        column("党组织", lambda m, _: m[1].name),
        column("角色", lambda m, _: m[2] + ("" if m[2] == "成员" else "单位")),
    ]
    return [
        sheet("联组名单", f"{name}两新党组织联组名单", listed, county.groups),
        sheet("联组编组", f"{name}两新党组织联组编组", grouping, members),
    ]


def deferrals(county: County) -> Sheet:
    """暂缓台账: subjects of 暂缓, who approved each, and its end."""
    columns: list[Column[Deferral]] = [
        column("序号", number_column),
        column("单位名称或区划", lambda d, _: d.subject.name),
        column("暂缓事项", lambda d, _: d.title),
        column("理由", lambda d, _: d.reason),
        column("批准机关", lambda d, _: f"{county.place.county}委两新工委"),
        column("批准日期", lambda d, _: d.approved),
        column("暂缓期限", lambda d, _: d.until),
    ]
    return sheet("暂缓", f"{county.place.name}暂缓台账", columns, county.deferrals)


def hidden_lists() -> Sheet:
    """A hidden sheet of the choices behind drop-down lists, as forms carry them."""
    rows: list[list[Cell]] = [[f"下拉选项（{MARK}）"], ["党支部"], ["党总支"], ["党委"], ["是"], ["否"]]
    return Sheet("选项", rows, hidden=True)


def empty() -> Sheet:
    """A sheet with nothing but the mark that every sheet carries."""
    return Sheet("Sheet3", [[MARK]])
