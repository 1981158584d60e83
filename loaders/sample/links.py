"""Builds the chains of a sample place with their committees, its partners and its pairings."""

from __future__ import annotations

import datetime as dt
from random import Random

from loaders.sample import names
from loaders.sample.divisions import quotas
from loaders.sample.model import Chain, County, Pair, Partner, Unit
from loaders.sample.organizations import add_committee

DEPARTMENTS = (
    "工业发展局", "科技服务局", "农业发展局", "商贸流通局", "文旅发展局", "市场服务局", "住房建设局", "交通运输局",
    "民生保障局", "生态保护局", "林业发展局", "水务发展局", "教育体育局", "卫生健康局", "财政服务局", "税务服务局",
    "数据管理局", "应急管理局", "统计调查局", "政务服务局", "审计服务局", "园区建设局", "供销联社", "工商联合会",
)  # fmt: skip
_STATE_FIRMS = ("城市建设投资公司", "水务投资公司", "粮食储备公司", "公共交通公司")


def chain(county: County, rnd: Random) -> None:
    """Fill the county's chains, the trade and revenue of their firms, and the committees that lead them."""
    place = county.place
    pool = [
        unit
        for unit in county.units
        if unit.kind == "企业" and unit.operating == "在营" and unit.ownership == "非公" and unit.formal is not None
    ]
    twins = {unit.number for unit in county.units if unit.twin}
    pool = [unit for unit in pool if unit.number not in twins]
    rnd.shuffle(pool)
    pool.sort(key=lambda unit: unit.scaled)  # taken from the end: firms above scale come first
    heads = {True: [u for u in pool if u.covered and u.coded], False: [u for u in pool if not u.covered]}
    taken: set[int] = set()
    for number, plan in enumerate(place.chains):
        head = heads[plan.head_covered].pop()
        taken.add(head.number)
        firms = [head]
        while len(firms) < plan.firms and pool:
            firm = pool.pop()
            if firm.number not in taken and firm.number not in {u[-1].number for u in heads.values() if u}:
                taken.add(firm.number)
                firms.append(firm)
        for heirs in heads.values():
            while heirs and heirs[-1].number in taken:
                heirs.pop()
        _trade(firms, plan.products, plan.output, rnd)
        offices = [DEPARTMENTS[number]]
        if number < place.departments - len(place.chains):
            offices.append(DEPARTMENTS[len(place.chains) + number])
        entry = Chain(plan, [place.county + office for office in offices], firms)
        if plan.committee:
            entry.committee = add_committee(county, place.committee_kind, f"{place.county}{plan.name}{_suffix(county)}")
            for office in entry.departments:
                entry.department_orgs.append(add_committee(county, "党委", office + "机关党委"))
        county.chains.append(entry)
    _link(county)


def _link(county: County) -> None:
    """Tie the organizations of chain firms to their chain's committee, except some."""
    own = [
        (entry, firm.organization)
        for entry in county.chains
        if entry.committee is not None
        for firm in entry.firms[1:]
        if firm.covered == "单独" and firm.organization is not None and firm.organization.listed
    ]
    apart = max(1, len(own) // max(1, county.place.unlinked))
    left = set(range(0, len(own), apart)[: county.place.unlinked])
    for number, (entry, organization) in enumerate(own):
        if number not in left:
            entry.members.append(organization)


def _suffix(county: County) -> str:
    return "联盟党委" if county.place.committee_kind == "联盟党委" else "党委"


def _trade(firms: list[Unit], products: tuple[str, ...], output: int, rnd: Random) -> None:
    for number, firm in enumerate(firms):
        firm.trade = products[number % len(products)]
    if output:
        # hundreds of 万元, so that the ledger's two decimals of 亿元 are exact
        shares = quotas(output // 100, len(firms), output // 800 // len(firms), output // 25 // len(firms), rnd)
        for firm, share in zip(firms, sorted(shares, reverse=True), strict=True):
            firm.revenue = share * 100


def pair(county: County, rnd: Random) -> None:
    """Fill the county's partners and pairings; the place says how many sides remain unpaired."""
    place = county.place
    special = [v for v in county.villages if v.category not in ("一般村", "社区")]
    plain = [village.name for village in county.villages if village.category == "一般村"]
    communities = [village.name for village in county.villages if village.kind == "社区"]
    groups = [group.name for group in county.groups]
    rnd.shuffle(special)
    needy = [village.name for village in special[place.villages_unpaired :]][: place.firm_pairs]
    served = communities[place.communities_unpaired :] + groups[: len(groups) - place.groups_unpaired] + plain
    offices = _offices(county)
    county.partners.extend(offices)
    for number, side in enumerate(served[: place.office_pairs]):
        county.pairs.append(Pair(offices[number % len(offices)].name, side, _signed(number)))
    for number, side in enumerate(needy):
        partner = _firm_partner(county, number)
        county.partners.append(partner)
        county.pairs.append(Pair(partner.name, side, _signed(number + 7)))
    for number, entry in enumerate(county.pairs):
        entry.active = _active(number, place.idle_pairs, place.silent_pairs)


def _offices(county: County) -> list[Partner]:
    place = county.place
    division = place.code[:6]
    count = min(len(DEPARTMENTS), place.office_pairs)
    partners = [
        Partner(place.county + name, names.credit_code("11", division, 800_000_000 + number), "机关")
        for number, name in enumerate(DEPARTMENTS[:count])
    ]
    if place.office_pairs > len(DEPARTMENTS):
        partners += [
            Partner(place.county + name, names.credit_code("91", division, 800_000_100 + number), "国企")
            for number, name in enumerate(_STATE_FIRMS)
        ]
    return partners


def _firm_partner(county: County, number: int) -> Partner:
    kind, prefix, ending = (
        ("民企", "91", "实业有限公司"),
        ("合作社", "93", "果蔬种植专业合作社"),
        ("民企", "91", "农业开发有限公司"),
        ("商会", "51", "商会"),
    )[number % 4]
    name = f"{county.place.county}{names.mark(1_010_000 + number)}{ending}"
    return Partner(name, names.credit_code(prefix, county.place.code[:6], 800_001_000 + number), kind)


def _active(number: int, idle: int, silent: int) -> dt.date | None:
    """The day of a pairing's last activity: too long ago or blank for every third, up to the number of the place."""
    rank, rest = divmod(number, 3)
    if rest == 1 and rank < idle:  # the first a day too late
        return dt.date(2025, 12, 29) - dt.timedelta(rank * 17)
    if rest == 2 and rank < silent:
        return None
    return dt.date(2025, 12, 30) + dt.timedelta(number * 13 % 180)


def _signed(number: int) -> dt.date:
    return dt.date(2022 + number % 4, 1 + number % 12, 1 + number * 5 % 28)
