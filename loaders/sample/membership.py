"""Builds the units of a sample place: their ledgers, towns, sizes, members and coverage."""

from __future__ import annotations

from bisect import bisect
from random import Random

from loaders.sample.model import County, Region, Unit
from loaders.sample.places import Place

_TRADES = (
    "精密制造", "食品", "生态农业", "建筑工程", "物流", "包装材料", "信息技术", "商贸", "环保科技", "电子", "家居",
    "新材料", "医疗器械", "机械", "物业服务", "文化传播", "纺织", "建材", "电气设备", "餐饮管理",
)  # fmt: skip
_SMALL_TRADES = ("水产养殖", "果蔬种植", "农机服务", "粮油种植")
_SHOP_TRADES = ("日用百货", "餐饮", "五金", "维修")
_UNCODED = 0.08  # how many enterprises are listed without a credit code


def enroll(county: County, rnd: Random) -> None:
    """Fill the county's units: enterprises, then social organizations, 合作社, 个体工商户, each by town."""
    place = county.place
    statuses = (
        ["规上"] * place.scaled
        + ["停业"] * (place.closed * 2 // 3)
        + ["注销"] * (place.closed - place.closed * 2 // 3)
        + ["公有"] * place.state_owned
    )
    statuses += [""] * (place.enterprises - len(statuses))
    rnd.shuffle(statuses)
    keys = ["重点"] * place.key_societies + [""] * (place.societies - place.key_societies)
    rnd.shuffle(keys)
    towns = _Towns(county, rnd)
    firm_cover, society_cover = _coverage(place, rnd)
    blocks: tuple[tuple[str, list[str], list[str]], ...] = (
        ("企业", statuses, firm_cover),
        ("社会组织", keys, society_cover),
        ("合作社", ["小"] * place.cooperatives, []),
        ("个体工商户", ["小"] * place.self_employed, []),
    )
    for kind, labels, cover in blocks:
        for number, status in enumerate(labels):
            outside = status in ("停业", "注销", "公有", "小")
            state = "none" if outside else cover.pop()
            county.units.append(_unit(county, kind, status, state, towns, number / len(labels), rnd))
    _twins(county)


class _Towns:
    """The town of a unit: towns have uneven weights and come in order, so that neighbours in the list are neighbours."""

    def __init__(self, county: County, rnd: Random) -> None:
        self.towns = county.towns
        self.bounds: list[float] = []
        for _ in self.towns:
            self.bounds.append((self.bounds[-1] if self.bounds else 0.0) + 0.5 + 1.5 * rnd.random())
        self.inside: dict[str, list[Region]] = {town.name: [] for town in self.towns}
        for village in county.villages:
            self.inside[village.parent].append(village)

    def at(self, share: float) -> Region:
        return self.towns[min(bisect(self.bounds, share * self.bounds[-1]), len(self.towns) - 1)]


def _coverage(place: Place, rnd: Random) -> tuple[list[str], list[str]]:
    """A state of coverage for each enterprise and social organization of the bases."""
    firms = place.enterprises - place.closed - place.state_owned
    share = place.societies / (firms + place.societies)
    of_firms, of_societies = [], []
    for state in ("单独", "联合", "exist", "join", "suspected", "unclear"):
        count: int = getattr(place, {"单独": "single", "联合": "joint"}.get(state, state))
        # a social organization's ledger always gives 正式党员数
        theirs = 0 if state in ("suspected", "unclear") else int(count * share)
        of_societies += [state] * theirs
        of_firms += [state] * (count - theirs)
    of_firms += ["none"] * (firms - len(of_firms))
    of_societies += ["none"] * (place.societies - len(of_societies))
    rnd.shuffle(of_firms)
    rnd.shuffle(of_societies)
    return of_firms, of_societies


def _unit(county: County, kind: str, status: str, state: str, towns: _Towns, share: float, rnd: Random) -> Unit:
    place = county.place
    number = len(county.units)
    town = towns.at(share)
    inside = towns.inside[town.name]
    chance = rnd.random()
    settled = inside[int(chance * 997) % len(inside)] if inside and chance < 0.4 else None
    in_park = kind == "企业" and county.parks and chance > 0.65
    size = rnd.random()
    size *= size * size  # most are small, a few large
    scaled = status == "规上"
    staff, revenue = 1 + int(size * 60), 20 + int(size * 1900)
    if scaled:
        staff, revenue = 22 + int(size * 520), (20 + int(size * size * 900)) * 100
    elif kind == "社会组织":
        staff, revenue = 3 + int(size * 70), 0
    elif status in ("停业", "注销"):
        staff, revenue = 0, 0
    trades = {"合作社": _SMALL_TRADES, "个体工商户": _SHOP_TRADES}.get(kind, _TRADES)
    formal, probationary, together = _members(state, rnd)
    return Unit(
        place=place,
        number=number,
        kind=kind,
        trade=trades[int(chance * 7919) % len(trades)],
        town=town,
        settled=settled,
        park=county.parks[int(chance * 9973) % len(county.parks)] if in_park else None,
        staff=max(staff, together or 0),
        revenue=revenue,
        scaled=scaled,
        key=scaled or status == "重点",
        operating=status if status in ("停业", "注销") else "在营",
        ownership="公有控股" if status == "公有" else "非公",
        covered=state if state in ("单独", "联合") else "",
        formal=formal,
        probationary=probationary,
        together=together,
        elsewhere=int(rnd.random() * 3) if chance > 0.6 and staff > 6 else 0,
        coded=kind != "企业" or rnd.random() >= _UNCODED,
    )


def _members(state: str, rnd: Random) -> tuple[int | None, int | None, int | None]:
    """正式, 预备 and both together of a unit in one state of coverage."""
    draw = rnd.random()
    if state == "单独":
        formal = 3 + int(draw * 5)
        if draw > 0.985:
            formal = 52 + int((draw - 0.985) * 5000)
        elif draw > 0.88:
            formal = 8 + int((draw - 0.88) * 320)
        probationary = int(draw * 1000) % 2
        return formal, probationary, formal + probationary
    if state in ("suspected", "unclear"):
        return None, None, 3 + int(draw * 3) if state == "suspected" else 1 + int(draw * 2)
    formal = {"exist": 3 + int(draw * 4), "join": 1 + int(draw * 2), "联合": int(draw * 3)}.get(state, 0)
    return formal, 0, formal


def _twins(county: County) -> None:
    """Make neighbours look alike: the same name but for 有限公司 and 有限责任公司, and no code on either."""
    wanted = county.place.mistakes.look_alike
    units = county.units
    start = len(units) // 5
    for number in range(start, county.place.enterprises - 1):
        first, second = units[number], units[number + 1]
        plain = all(unit.formal == 0 and not unit.covered and unit.operating == "在营" for unit in (first, second))
        if wanted and plain and first.town is second.town and not first.twin and first.ownership == "非公":
            second.number, second.trade, second.twin = first.number, first.trade, True
            first.coded = second.coded = False
            wanted -= 1
