"""What staff do today: the questions of the rules worked out in pandas, straight from the workbooks of 丁市.

It shares nothing with the product but the ledgers and the definitions of the rules, so it also serves the tests as a
second opinion: each function answers with the names of those found.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

_SERIAL_ZERO = dt.date(1899, 12, 30)
_GONE = ("调离", "退休", "离任")
_ELECTED = ("党委", "党总支", "党支部", "联合党支部")
_CAPACITY, _WIDEST = 5, 5


@dataclass(frozen=True, slots=True)
class Ledgers:
    """The ledgers of one county as tables, with names in place of columns in two rows (`parent/child`)."""

    units: pd.DataFrame
    organizations: pd.DataFrame
    officers: pd.DataFrame
    postings: pd.DataFrame
    chains: pd.DataFrame
    leads: pd.DataFrame
    villages: pd.DataFrame
    pairs: pd.DataFrame


def read(folder: Path) -> Ledgers:
    """All ledgers of the sample's 丁市 in `folder`, cleaned as far as the questions need it."""
    units = pd.concat([_enterprises(folder), _societies(folder)], ignore_index=True)
    units = units[units["name"].notna()].drop_duplicates("name")
    officers = _table(folder / "党建指导员台账.xlsx", "党建指导员").rename(columns={"指导员姓名": "name"})
    officers = officers.assign(
        since=_days(officers["任期起"]), until=_days(officers["任期止"]), capacity=_numbers(officers["可联系数"])
    )
    postings = officers.assign(unit=officers["指导企业"].str.split(r"[、，,；;]")).explode("unit")
    postings = postings[postings["unit"].isin(units["name"])].drop_duplicates(["name", "unit"])
    organizations = _table(folder / "党组织.xlsx", "党组织").rename(columns={"党组织全称": "name"})
    organizations = organizations.drop_duplicates("name").assign(until=_days(organizations["届满日期"]))
    villages = _table(folder / "区划.xlsx", "村（社区）情况").rename(columns={"村（社区）名称": "name"})
    return Ledgers(
        units,
        organizations,
        officers,
        postings,
        _table(folder / "产业链.xlsx", "产业链名单"),
        _table(folder / "产业链.xlsx", "产业链党委"),
        villages,
        _table(folder / "结对.xlsx", "结对"),
    )


def findings(ledgers: Ledgers, as_of: dt.date) -> dict[str, set[str]]:
    """Names of what each rule finds on a day, in the bases 实体运营非公企业 and 社会组织."""
    units, organizations = ledgers.units, ledgers.organizations
    held = ledgers.postings[_in_force(ledgers.postings, as_of)]
    guided = units["name"].isin(held["unit"])
    named = units["name"].isin(ledgers.postings["unit"])
    posted = guided | (units["posted"] & ~named)
    bare = ~units["covered"]
    loads = held.groupby("name").size()
    there = ledgers.officers[~ledgers.officers["在岗状态"].isin(_GONE)].set_index("name")
    term = organizations[organizations["党组织类别"].isin(_ELECTED)]
    wide = units.groupby("organization").size()
    joint = organizations.loc[organizations["党组织类别"] == "联合党支部", "name"]
    signed = ledgers.pairs[_days(ledgers.pairs["签约日期"]) <= as_of]
    paired = set(signed["甲方党组织"]) | set(signed["乙方党组织"])
    led = set(ledgers.leads.loc[ledgers.leads["角色"] == "产业链党委", "产业链"])
    heads = units[units["name"].isin(ledgers.chains["“链主”企业名称"])]
    villages = ledgers.villages[ledgers.villages["类别"].isin(["乡村振兴重点村", "脱贫村", "易地搬迁安置村"])]

    def of(mask: pd.Series[bool]) -> set[str]:
        return set(units.loc[units["based"] & mask, "name"])

    return {
        "org_should_exist": of(bare & (units["formal"] >= 3)),
        "org_should_join": of(bare & units["formal"].isin([1, 2])),
        "org_suspected": of(bare & units["formal"].isna() & (units["together"] >= 3)),
        "coverage_blank": of(bare & ~posted),
        "key_unit_without_officer": of((units["scaled"] | units["key"]) & ~guided & ~(units["posted"] & ~named)),
        "staff_without_org": of(bare & (units["staff"] >= 100)),
        "officer_overloaded": set(loads.index[loads > there["capacity"].reindex(loads.index).fillna(_CAPACITY)]),
        "officer_idle": set(there.index[~there.index.isin(held["name"])]),
        "term_overdue": set(term.loc[term["until"] < as_of, "name"]),
        "joint_too_wide": set(joint[joint.map(wide).fillna(0) > _WIDEST]),
        "chain_without_committee": set(
            ledgers.chains.loc[
                (ledgers.chains["是否重点"] == "是") & ~ledgers.chains["所属重点产业链"].isin(led), "所属重点产业链"
            ]
        ),
        "chain_head_without_org": set(heads.loc[heads["based"] & ~heads["covered"], "name"]),
        "partner_missing": set(villages.loc[~villages["name"].isin(paired), "name"]),
    }


def _enterprises(folder: Path) -> pd.DataFrame:
    found = _table(folder / "非公企业台账.xlsx", "非公企业台账", 2)
    # a body whose code begins with 12 is a public institution, no enterprise
    found = found[~found["统一社会信用代码"].astype("string").str.startswith("12").fillna(False)]
    return pd.DataFrame(
        {
            "name": found["企业名称"],
            "based": found["经营状态"] == "在营",
            "formal": _numbers(found["正式党员数"]),
            "together": _numbers(found["组织关系在非公企业的党员"]),
            "staff": _numbers(found["从业人员数量"]),
            "scaled": found["是否规模以上企业"] == "是",
            "key": found["是否重点"] == "是",
            "covered": found["是否成立党组织"] == "是",
            "organization": found["所属党组织名称"],
            "posted": found["是否选派党建工作指导员或联络员"] == "是",
        }
    )


def _societies(folder: Path) -> pd.DataFrame:
    found = _table(folder / "社会组织台账.xlsx", "社会组织台账", 2)
    return pd.DataFrame(
        {
            "name": found["社会组织名称"],
            "based": True,
            "formal": _numbers(found["正式党员数"]),
            "together": float("nan"),
            "staff": _numbers(found["从业人员/总数"]),
            "scaled": False,
            "key": found["是否重点"] == "是",
            "covered": found["是否成立党组织"] == "是",
            "organization": found["所属党组织名称"],
            "posted": found["是否选派党建工作指导员或联络员"] == "是",
        }
    )


def _table(path: Path, sheet: str, header: int = 1) -> pd.DataFrame:
    """The records below title, note and header, without the line of totals."""
    cells: pd.DataFrame = pd.read_excel(
        path, sheet_name=sheet, header=None, skiprows=2, dtype=object, engine="calamine"
    )
    parents = cells.iloc[0].ffill()
    names = [
        f"{parent}/{child}" if header > 1 and isinstance(child, str) else parent
        for parent, child in zip(parents, cells.iloc[header - 1], strict=True)
    ]
    records = cells.iloc[header:].set_axis(names, axis=1)
    return records[records.iloc[:, 0] != "合计"].reset_index(drop=True)


def _numbers(column: pd.Series[Any]) -> pd.Series[float]:
    found: pd.Series[float] = pd.to_numeric(column, errors="coerce")
    return found


def _days(column: pd.Series[Any]) -> pd.Series[Any]:
    return column.map(day, na_action="ignore")


def day(value: Any) -> dt.date | None:
    """A date in any of the spellings that ledgers have."""
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, int | float):
        return _SERIAL_ZERO + dt.timedelta(int(value))
    digits = str(value).replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-")
    try:
        if digits.isdigit():
            return dt.datetime.strptime(digits, "%Y%m%d").date()
        year, month, day = map(int, digits.split("-"))
        return dt.date(year, month, day)
    except ValueError:
        return None


def _in_force(postings: pd.DataFrame, as_of: dt.date) -> pd.Series[bool]:
    """The officer is there, the term has begun, and it ended in the quarter before that of `as_of` at the earliest."""
    quarter = as_of.year * 4 + (as_of.month - 1) // 3 - 1
    since = dt.date(quarter // 4, quarter % 4 * 3 + 1, 1)
    until = postings["until"]
    begun = postings["since"].isna() | (postings["since"] <= as_of)
    kept: pd.Series[bool] = ~postings["在岗状态"].isin(_GONE) & begun & (until.isna() | (until >= since))
    return kept
