"""The ledgers of units, one layout a place: 非公企业台账, 社会组织台账, 小个专."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from graph.workbook import Cell, Sheet
from loaders.sample import facts, names
from loaders.sample.layout import Column, column, full_width, money, number_column, sheet, ticks, yes
from loaders.sample.model import County, Unit
from loaders.sample.spoil import mistaken_rows

UnitColumn = Column[Unit]


def enterprises(county: County) -> Sheet:
    """The 非公企业台账 of the place, with the mistakes that its figures name."""
    units = [unit for unit in county.units if unit.kind == "企业"]
    layouts: dict[str, Callable[[], list[UnitColumn]]] = {
        "丁市": _tick_layout,
        "甲市": _flat_layout,
        "乙市": _spelled_layout,
        "丙县": _short_layout,
        "戊街道": _street_layout,
    }
    columns = layouts[county.place.name]()
    title = f"{county.place.name}非公企业党建工作台账"
    made = sheet("非公企业台账", title, columns, units, extra=mistaken_rows(county, columns, units))
    return _merge_numbers(made, columns) if county.place.name == "甲市" else made


def societies(county: County) -> Sheet:
    """The 社会组织台账 of the place."""
    units = [unit for unit in county.units if unit.kind == "社会组织"]
    full = county.place.name in ("丁市", "乙市")
    return sheet("社会组织台账", f"{county.place.name}社会组织党建工作台账", _society_layout(full), units)


def small_units(county: County) -> Sheet:
    """合作社 and 个体工商户 of the place."""
    units = [unit for unit in county.units if unit.kind in ("合作社", "个体工商户")]
    columns: list[UnitColumn] = [
        column("序号", number_column),
        column("单位名称", facts.name),
        column("统一社会信用代码", facts.code),
        column("单位类型", lambda u, _: u.kind),
        column("所属镇街", facts.town),
        column("经营状态", facts.operating),
        column("从业人数", facts.staff, total=True),
        column("是否成立党组织", facts.has_organization),
        column("正式党员数", facts.formal, total=True),
        column("是否选派党建工作指导员或联络员", facts.posted),
    ]
    return sheet("小个专台账", f"{county.place.name}小个专台账", columns, units)


def _tick_layout() -> list[UnitColumn]:
    """A form as counties publish it: two rows of header, tick columns, 其他 twice, personal columns."""
    group: list[UnitColumn] = [
        column(f"群团组织>{name}", facts.has_group(step)) for name, step in (("工会", 5), ("共青团", 3), ("妇联", 2))
    ]
    return [
        column("序号", number_column),
        *ticks("坐落地", ("园区", "楼宇", "其他"), facts.site),
        column("所在园区/商务楼宇名称", facts.park),
        column("企业名称", facts.name),
        column("统一社会信用代码", facts.code),
        column("企业注册地", facts.address),
        column("企业经营地", facts.address),
        column("联系电话", facts.phone),
        *ticks("", facts.REGISTRATIONS, facts.registration),
        column("经营状态", facts.operating),
        column("年营业收入（万元）", lambda u, _: u.revenue, total=True),
        column("从业人员数量", facts.staff, total=True),
        column("是否规模以上企业", lambda u, _: yes(u.scaled)),
        column("是否重点", lambda u, _: yes(u.key)),
        column("企业出资人姓名", facts.investor),
        column("是否是党员", lambda u, _: yes(u.number % 11 == 0)),
        column("是否成立党组织", facts.has_organization),
        column("党组织成立时间", facts.founded),
        *ticks("组建形式", ("单独", "联合", "网格建立"), facts.mode),
        *ticks("类别", ("党支部", "党总支", "党委"), facts.category),
        *ticks("未建立原因", facts.REASONS, facts.reason),
        column("是否选派党建工作指导员或联络员", facts.posted),
        column("党组织书记姓名", facts.secretary),
        column("所属党组织名称", facts.organization),
        column("组织关系在非公企业的党员", facts.together, total=True),
        column("组织关系不在非公企业的党员总数", facts.elsewhere, total=True),
        column("正式党员数", facts.formal, total=True),
        column("预备党员数", facts.probationary, total=True),
        *group,
        column("是否按规定开展三会一课", facts.when_covered("是")),
        column("党组织是否按规定进行换届", facts.when_covered("是")),
        column("主营产品", lambda u, _: u.trade),
        column("经度", facts.longitude),
        column("纬度", facts.latitude),
    ]


def _flat_layout() -> list[UnitColumn]:
    """One row of header with other names for the same columns; money in 亿元."""
    return [
        column("序号", number_column),
        column("所属镇街", facts.town),
        column("单位名称", facts.name),
        column("统一信用代码", facts.code),
        column("经营地址", facts.address),
        column("所在园区", facts.park),
        column("企业类型", lambda u, _: facts.registration(u)),
        column("经营状态", lambda u, _: "存续"),
        column("营业收入（亿元）", lambda u, _: u.revenue / 10_000, total=True),
        column("职工人数", facts.staff, total=True),
        column("是否规上企业", lambda u, _: yes(u.scaled)),
        column("是否建立党组织", facts.has_organization),
        column("党组织成立时间", facts.founded),
        column("组建方式", lambda u, _: facts.mode(u) or None),
        column("所属党组织", facts.organization),
        column("正式党员数", facts.formal, total=True),
        column("预备党员数", facts.probationary, total=True),
        column("组织关系在非公企业的党员", facts.together, total=True),
        column("是否选派党建工作指导员或联络员", facts.posted),
        column("主要产品", lambda u, _: u.trade),
    ]


def _spelled_layout() -> list[UnitColumn]:
    """Amounts with their unit in the cell, numbers as text and in full-width digits."""

    def staff(unit: Unit, number: int) -> Cell:
        return (unit.staff, str(unit.staff), full_width(unit.staff), f"{unit.staff}人")[number % 4]

    return [
        column("序号", number_column),
        column("企业名称", facts.name),
        column("信用代码", facts.code),
        column("所在镇街", facts.town),
        column("地址", facts.address),
        column("企业性质", lambda u, _: u.ownership),
        column("经营状态", facts.operating),
        column("年营业收入", lambda u, _: money(u.revenue)),
        column("职工数", staff),
        column("是否规上", lambda u, _: yes(u.scaled)),
        column("法定代表人", facts.investor),
        column("是否成立党组织", facts.has_organization),
        column("党组织成立时间", facts.founded),
        column("组建类型", lambda u, _: facts.mode(u) or None),
        column("所属党组织名称", facts.organization),
        column("正式党员数", facts.formal),
        column("预备党员数", facts.probationary),
        column("组织关系在非公企业的党员", facts.together),
        column("未转入党员数", facts.elsewhere),
        column("是否选派党建工作指导员或联络员", facts.posted),
    ]


def _short_layout() -> list[UnitColumn]:
    """What a small county keeps in a text file."""
    return [
        column("序号", number_column),
        column("企业名称", facts.name),
        column("统一社会信用代码", facts.code),
        column("所属乡镇", facts.town),
        column("企业性质", lambda u, _: u.ownership),
        column("经营状态", facts.operating),
        column("年营业收入（元）", lambda u, _: u.revenue * 10_000),
        column("从业人数", facts.staff),
        column("是否规上", lambda u, _: yes(u.scaled)),
        column("是否建立党组织", facts.has_organization),
        column("党组织成立时间", facts.founded),
        column("组建方式", lambda u, _: facts.mode(u) or None),
        column("党组织类别", lambda u, _: facts.category(u) or None),
        column("所属党组织名称", facts.organization),
        column("正式党员数", facts.formal),
        column("预备党员数", facts.probationary),
        column("组织关系在非公企业的党员", facts.together),
        column("是否选派党建指导员", facts.posted),
        column("主营产品", lambda u, _: u.trade),
        column("是否在孵", lambda u, _: yes(u.incubated)),
        column("专（兼）职党务工作者数", lambda u, _: u.party_staff),
    ]


def _street_layout() -> list[UnitColumn]:
    """Three rows of header over a street's buildings."""
    return [
        column("序号", number_column),
        *ticks("坐落地", ("园区", "楼宇", "其他"), facts.site),
        column("所在园区/商务楼宇名称", facts.park),
        column("企业名称", facts.name),
        column("统一社会信用代码", facts.code),
        column("企业经营地", facts.address),
        column("经营状态", facts.operating),
        column("从业人员数量", facts.staff, total=True),
        column("是否规模以上企业", lambda u, _: yes(u.scaled)),
        column("是否成立党组织", facts.has_organization),
        column("党组织成立时间", facts.founded),
        *ticks("组建形式", ("单独", "联合", "网格建立"), facts.mode),
        column("所属党组织名称", facts.organization),
        column("党员情况>组织关系在本单位>正式党员数", facts.formal, total=True),
        column("党员情况>组织关系在本单位>预备党员数", facts.probationary, total=True),
        column("党员情况>组织关系在本单位的党员", facts.together, total=True),
        column("党员情况>未转入党员数", facts.elsewhere, total=True),
        column("是否选派党建工作指导员或联络员", facts.posted),
    ]


def _society_layout(full: bool) -> list[UnitColumn]:
    def together(unit: Unit, _: int) -> Cell:
        return (unit.together or 0) + unit.elsewhere

    def joined(unit: Unit, _: int) -> Cell:
        if unit.covered != "联合" or unit.organization is None:
            return None
        return sum(other.kind == "社会组织" for other in unit.organization.covers)

    def superior(unit: Unit, _: int) -> Cell:
        organization = unit.organization
        return organization.superior.name if organization and organization.superior else None

    head: list[UnitColumn] = [
        column("序号", number_column),
        column("社会组织名称", facts.name),
        column("统一社会信用代码", facts.code),
        column("社会组织类别", lambda u, _: u.nature),
        column("登记机构", lambda u, _: f"{u.place.county}社会组织登记中心"),
        column("业务主管单位", lambda u, _: f"{u.place.county}{'民生保障局' if u.number % 2 else '教育体育局'}"),
        column("住地", facts.address),
        *ticks("年检", facts.CHECKS, lambda u: facts.CHECKS[{5: 1, 9: 2, 13: 3}.get(u.number % 17, 0)]),
        column("从业人员>总数", facts.staff, total=True),
        column("从业人员>专职人数", lambda u, _: u.staff - u.staff // 3, total=True),
        column("从业人员>兼职人数", lambda u, _: u.staff // 3, total=True),
        column("从业中共党员数", together, total=True),
        column("是否成立党组织", facts.has_organization),
        *ticks("组建形式", ("单独", "联合"), lambda u: u.covered),
        column("联合党支部覆盖社会组织数量", joined),
        column("所属党组织名称", facts.organization),
    ]
    doubled: list[UnitColumn] = [
        column("党组织>书记名称", facts.secretary),
        column("团组织>书记名称", lambda u, _: names.person(60_000 + u.number % 9_000) if u.staff > 40 else None),
    ]
    tail: list[UnitColumn] = [
        column("上级党组织名称", superior),
        column("正式党员数", facts.formal, total=True),
        column("预备党员数", facts.probationary, total=True),
        column("未转入党员数", facts.elsewhere, total=True),
        column("是否重点", lambda u, _: yes(u.key)),
        column("是否选派党建工作指导员或联络员", facts.posted),
    ]
    return [*head, *(doubled if full else []), *tail]


def _merge_numbers(made: Sheet, columns: Sequence[UnitColumn]) -> Sheet:
    """Merge the first column over the rows of each town, so that 序号 counts towns and the rest is swallowed."""
    rows = [list(row) for row in made.rows]
    town = [entry.path[-1] for entry in columns].index("所属镇街")
    merges = list(made.merges)
    first, serial = made.header_rows, 0
    while rows[first][town] is not None:
        end = first
        while rows[end + 1][town] == rows[first][town]:
            end += 1
        serial += 1
        rows[first][0] = serial
        for row in rows[first + 1 : end + 1]:
            row[0] = None
        if end > first:
            merges.append((first, 0, end, 0))
        first = end + 1
    return Sheet(made.name, rows, merges, made.hidden, made.header_rows, made.widths)
