"""The 暂缓 of a place: a unit, a town, and a unit whose 暂缓 has expired. They change no finding."""

from __future__ import annotations

import datetime as dt

from loaders.sample.model import County, Deferral


def defer(county: County) -> None:
    """Three 暂缓 if the place has any, one of them expired on REFERENCE_DATE."""
    if not county.place.deferrals:
        return
    bare = [
        u for u in county.units if u.organization is None and not u.twin and u.kind == "企业" and u.ownership == "非公"
    ]
    bare = [u for u in bare if u.operating == "在营"]
    exist = [u for u in bare if (u.formal or 0) >= 3]
    join = [u for u in bare if u.formal in (1, 2)]
    county.deferrals = [
        Deferral(exist[0], "应建未建", "企业改制，完成后成立", dt.date(2026, 3, 20), dt.date(2026, 12, 31)),
        Deferral(exist[1], "应建未建", "厂区搬迁", dt.date(2025, 3, 12), dt.date(2026, 3, 31)),
        Deferral(join[0].town, "应联建未联建", "镇联合党支部筹建中", dt.date(2026, 5, 8), dt.date(2026, 9, 30)),
    ]
