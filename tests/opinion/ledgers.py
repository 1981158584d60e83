"""The ledgers of one county as tables of things and of ties between them, joined by names and credit codes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from tests.opinion import ties
from tests.opinion.cells import days, numbers, pick, table, yes

GONE = ("调离", "退休", "离任")
#: officers of these roles are sent to units; a 乡村振兴指导员 is not
ROLES = ("指导员", "联络员")
CLOSED = ("停业", "注销", "吊销", "迁出")
#: such organizations are never 组织覆盖
_NOT_COVERING = ("党工委", "功能型党支部", "临时党支部", "产业链党委", "联盟党委")
_BRANCHES = {"党支部": "支部", "联合党支部": "联合支部", "党总支": "总支"}
_SUFFIX = r"(联合党支部|党总支|党支部|党委)$"
_YEARS = {"支部": 3, "联合支部": 3, "总支": 3, "党委": 5}
_MODES = {"网格建立": "联合"}
_UNIT = {
    "name": "企业名称|社会组织名称|单位名称",
    "code": "统一社会信用代码|统一信用代码|信用代码",
    "town": "所属镇街|所在镇街|所属乡镇",
    "address": "企业经营地|经营地址|地址|住地",
    "ownership": "企业性质",
    "state": "经营状态",
    "staff": "从业人员数量|从业人员/总数|职工人数|职工数|从业人数",
    "scaled": "是否规模以上企业|是否规上企业|是否规上",
    "key": "是否重点",
    "says": "是否成立党组织|是否建立党组织",
    "organization": "所属党组织名称|所属党组织",
    "superior": "上级党组织名称",
    "mode": "组建形式|组建方式|组建类型",
    "alone": "组建形式/单独",
    "joint": "组建形式/联合",
    "grid": "组建形式/网格建立",
    "category": "党组织类别",
    "branch": "类别/党支部",
    "general": "类别/党总支",
    "committee": "类别/党委",
    "formal": "正式党员数",
    "probationary": "预备党员数",
    "together": "组织关系在非公企业的党员|组织关系在本单位的党员",
    "members": "从业中共党员数",
    "elsewhere": "组织关系不在非公企业的党员总数|未转入党员数",
    "posted": "是否选派党建工作指导员或联络员|是否选派党建指导员",
    "hub": "所在园区/商务楼宇名称|所在园区",
    "incubated": "是否在孵",
    "party_staff": "专（兼）职党务工作者数",
}


@dataclass(frozen=True, slots=True)
class Ledgers:
    """Tables of things, each with its `name`, and of ties between them.

    `units` are `open`, `private`, `based` (in a reporting base), `covered` and `named` (by an officer) or not. `covers`
    ties organizations to units (which `counts` as 组织覆盖 or not), `superiors` ties them to those above, `postings` tie
    officers to units, `firms` and `leads` tie units and organizations to chains, `heads` are the names of 链主. An organization that only a unit's
    row states is `stated`.
    """

    regions: pd.DataFrame
    units: pd.DataFrame
    organizations: pd.DataFrame
    covers: pd.DataFrame
    superiors: pd.DataFrame
    officers: pd.DataFrame
    postings: pd.DataFrame
    chains: pd.DataFrame
    firms: pd.DataFrame
    heads: pd.Series[Any]
    leads: pd.DataFrame
    meetings: pd.DataFrame
    sites: pd.DataFrame
    groups: pd.DataFrame
    grouped: pd.DataFrame
    pairs: pd.DataFrame
    partners: pd.DataFrame
    leaders: pd.DataFrame
    teams: pd.DataFrame
    demands: pd.DataFrame
    offers: pd.DataFrame
    grids: pd.DataFrame


def read(folder: Path) -> Ledgers:
    """All ledgers in the folder of a county, cleaned as far as the rules need it."""
    regions = _regions(folder)
    units = _units(folder, regions)
    listed = _organizations(folder)
    covers, minted = _covers(units, listed)
    organizations = pd.concat([listed, minted], ignore_index=True)
    covers = covers.merge(organizations[["name", "kind"]].rename(columns={"name": "organization"}), how="left")
    officers = _officers(folder)
    postings = _postings(officers, units)
    covers = covers.assign(counts=~covers["kind"].isin(_NOT_COVERING))
    units = units.assign(
        covered=units["name"].isin(covers.loc[covers["counts"], "unit"]),
        named=units["name"].isin(postings.loc[postings["role"].isin(ROLES), "unit"]),
    )
    superiors = pd.concat(
        [
            listed[["name", "superior"]],
            # a row that does not name the unit's organization may still state its superior
            _stating(units, listed)[["name", "superior"]]
            .merge(covers, left_on="name", right_on="unit")[["organization", "superior"]]
            .rename(columns={"organization": "name"}),
        ]
    )
    superiors = superiors[superiors["superior"].isin(listed["name"])].drop_duplicates()
    return Ledgers(
        regions,
        units,
        organizations,
        covers,
        superiors,
        officers,
        postings,
        **ties.chains(folder, listed),
        **ties.others(folder, listed),
    )


def _regions(folder: Path) -> pd.DataFrame:
    """区划 with the columns of the ledger of villages; income in 元."""
    regions = pick(table(folder, "区划"), name="名称", parent="上级", kind="类别")
    records = table(folder, "区划", "村（社区）情况")
    factor = 1 if "收入（元）" in records else 10_000
    villages = pick(
        records,
        name="村（社区）名称",
        parent="所属镇街",
        category="类别",
        weak="是否软弱涣散党组织",
        income="收入（万元）|收入（元）",
        own_income="经营性收入（万元）|经营性收入（元）",
    )
    villages = villages.assign(
        weak=yes(villages["weak"]),
        income=numbers(villages["income"]) * factor,
        own_income=numbers(villages["own_income"]) * factor,
    )
    merged = regions.merge(villages, how="left", on=["name", "parent"])
    return merged.assign(weak=merged["weak"].eq(True))


def _units(folder: Path, regions: pd.DataFrame) -> pd.DataFrame:
    books = {"非公企业台账": "企业", "社会组织台账": "社会组织", "小个专台账": "小个专"}
    parts = [pick(table(folder, book), **_UNIT).assign(kind=kind) for book, kind in books.items()]
    units = pd.concat([part for part in parts if len(part)], ignore_index=True)
    # a body whose code begins with 12 is a public institution, no enterprise
    units = units[units["name"].notna() & ~units["code"].astype("string").str.startswith("12").fillna(False)]
    units = units.drop_duplicates("name").reset_index(drop=True)
    ticked = _ticked(units, {"alone": "单独", "joint": "联合", "grid": "联合"})
    category = _ticked(units, {"branch": "党支部", "general": "党总支", "committee": "党委"})
    towns = regions.loc[regions["kind"].isin(["街道", "镇", "乡"]), "name"]
    inside = units["address"].astype("string").str.extract(f"({'|'.join(towns)})", expand=False)
    opened = ~units["state"].isin(CLOSED)
    private = units["ownership"].isna() | (units["ownership"] == "非公")
    counts = ("staff", "formal", "probationary", "together", "members", "elsewhere", "party_staff")
    flags = ("scaled", "key", "says", "posted", "incubated")
    return units.assign(
        open=opened,
        private=private,
        based=opened & (private & (units["kind"] == "企业") | (units["kind"] == "社会组织")),
        mode=units["mode"].replace(_MODES).fillna(ticked),
        category=units["category"].fillna(category),
        town=units["town"].fillna(inside),
        **{name: numbers(units[name]) for name in counts},
        **{name: yes(units[name]) for name in flags},
    )


def _ticked(units: pd.DataFrame, columns: dict[str, str]) -> pd.Series[Any]:
    """The meaning of the first of these columns that is ticked."""
    ticked = pd.Series(None, units.index, object)
    for name, meaning in columns.items():
        ticked = ticked.fillna(units[name].where(units[name].isna(), meaning))
    return ticked


def _organizations(folder: Path) -> pd.DataFrame:
    listed = pick(
        table(folder, "党组织"),
        name="党组织全称",
        kind="党组织类别",
        town="行政区划",
        superior="上级党组织名称",
        secretary="党组织书记",
        since="起始日期",
        until="届满日期",
        years="任期年限",
        code="法人单位统一社会信用代码",
        formal="正式党员数",
        probationary="预备党员数",
        committee="支委会委员数",
        hub="所在园区/商务楼宇名称",
    ).drop_duplicates("name")
    counts = ("formal", "probationary", "committee")
    kind = listed["kind"].replace(_BRANCHES)
    of_village = listed["name"].str.contains(r"(?:村|社区)(?:党委|党总支|党支部)$")
    years = kind.map(_YEARS).where(~of_village, 5)
    return listed.assign(
        kind=kind,
        until=_ends(days(listed["since"]), days(listed["until"]), numbers(listed["years"]).fillna(years)),
        stated=False,
        **{name: numbers(listed[name]) for name in counts},
    )


def _ends(since: pd.Series[Any], until: pd.Series[Any], years: pd.Series[Any]) -> pd.Series[Any]:
    """The end of a term; a blank one follows from start and years."""
    for each in years.dropna().unique():
        until = until.fillna(since.where(years == each) + pd.DateOffset(years=int(each)))
    return until


def _stating(units: pd.DataFrame, listed: pd.DataFrame) -> pd.DataFrame:
    """The units whose row states an organization, and names none that a ledger lists."""
    return units[units["says"] & ~units["organization"].isin(listed["name"])]


def _covers(units: pd.DataFrame, listed: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The unit that each organization covers and how it was founded; and the organizations that no ledger lists."""
    rows = units[["name", "organization", "mode"]].rename(columns={"name": "unit"})
    named = rows[rows["organization"].isin(listed["name"])]
    coded = units.loc[units["code"].notna(), ["name", "code"]].rename(columns={"name": "unit"})
    legal = listed[["name", "code"]].rename(columns={"name": "organization"}).merge(coded, how="left", on="code")
    stating = _stating(units, listed)
    # an organization without the code of a unit is that of the unit in its name
    bare = legal["organization"].str.replace(_SUFFIX, "", regex=True)
    own = legal.assign(unit=legal["unit"].fillna(bare)).merge(
        stating[["name", "mode"]].rename(columns={"name": "unit"}), on="unit"
    )
    alone = stating[~stating["name"].isin(own["unit"])]
    called, kind = alone["organization"].astype("string"), alone["category"].replace(_BRANCHES)
    # a name of its own, which may be that of several units' joint branch; else it is the unit's own
    apart = called.notna() & (called.str.replace(_SUFFIX, "", regex=True) != alone["name"])
    joint = apart & called.str.contains("联合").fillna(False) & kind.fillna("支部").eq("支部")
    minted = pd.DataFrame(
        {
            "name": called.where(apart, alone["name"] + alone["category"].fillna("党组织")),
            "kind": kind.mask(joint, "联合支部"),
            "town": alone["town"],
            "until": pd.NaT,
            "stated": True,
        }
    )
    covering = pd.DataFrame({"organization": minted["name"], "unit": alone["name"], "mode": alone["mode"]})
    minted = minted.drop_duplicates("name")
    columns = ["organization", "unit", "mode"]
    by_code = legal.dropna(subset=["unit"]).assign(mode=None)
    every = pd.concat([named[columns], own[columns], covering[columns], by_code[columns]], ignore_index=True)
    return every.drop_duplicates(["organization", "unit"]), minted


def _officers(folder: Path) -> pd.DataFrame:
    columns = {
        "name": "指导员姓名",
        "workplace": "工作单位",
        "units": "指导企业",
        "since": "任期起",
        "until": "任期止",
        "visited": "最近走访",
        "capacity": "可联系数",
        "role": "角色",
        "duty": "在岗状态",
    }
    sheets = ("党建指导员", "乡村振兴指导员")
    parts = [pick(table(folder, "党建指导员台账", sheet), **columns) for sheet in sheets]
    officers = pd.concat([part for part in parts if len(part)], ignore_index=True)
    officers = officers.drop_duplicates(["name", "workplace"]).reset_index(drop=True)
    return officers.assign(
        since=days(officers["since"]),
        until=days(officers["until"]),
        visited=days(officers["visited"]),
        capacity=numbers(officers["capacity"]),
        role=officers["role"].fillna("指导员"),
        gone=officers["duty"].isin(GONE),
    )


def _postings(officers: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """A line for each unit of an officer; `officer` is his line."""
    each = officers.assign(unit=officers["units"].astype("string").str.split(r"[、，,；;]")).explode("unit")
    each = each[each["unit"].isin(units["name"])].rename_axis("officer").reset_index()
    return each.drop_duplicates(["officer", "unit"])
