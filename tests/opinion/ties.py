"""The ledgers of chains, pairings, groups, sites, helpers, demands and grids.

A name that its own ledger does not list is 待核实 and makes no tie.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from tests.opinion.cells import days, numbers, pick, table, yes


def chains(folder: Path, listed: pd.DataFrame) -> dict[str, Any]:
    """产业链名单, 链上企业, 产业链党委."""
    book = "产业链"
    named = pick(table(folder, book, "产业链名单"), name="所属重点产业链", head="“链主”企业名称", key="是否重点")
    firms = pick(table(folder, book, "链上企业"), chain="产业链", unit="企业", role="角色")
    leads = pick(table(folder, book, "产业链党委"), chain="产业链", organization="党组织", role="角色")
    return {
        "chains": named.assign(key=yes(named["key"])),
        "firms": firms[firms["chain"].isin(named["name"])],
        # the list of chains names one, the list of their firms may name more
        "heads": pd.concat(
            [
                named["head"],
                firms.loc[firms["chain"].isin(named["name"]) & firms["role"].isin(["链主", "链主企业"]), "unit"],
            ]
        ),
        "leads": leads[leads["chain"].isin(named["name"]) & leads["organization"].isin(listed["name"])],
    }


def others(folder: Path, listed: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The tables of meetings, pairings, groups, sites, helpers, demands and grids."""
    meetings = pick(
        table(folder, "组织生活", "组织生活记录"), organization="党组织", kind="类别", held="日期", title="主题"
    )
    pairs = pick(
        table(folder, "结对"), first="甲方党组织", second="乙方党组织", signed="签约日期", active="最近活动日期"
    )
    demands = pick(table(folder, "诉求"), name="问题诉求", progress="当前进展", due="解决时限", resource="匹配资源")
    grids = pick(
        table(folder, "网格联户"),
        name="网格名称",
        households="户数",
        linkers="联户人员数",
        talked="上月沟通户数",
        visited="上季走访户数",
    )
    leaders = pick(table(folder, "联村驻村", "联村领导"), level="领导层级", village="联系村（社区）", since="联系起")
    teams = pick(table(folder, "联村驻村", "驻村工作队"), name="工作队名称", village="驻点村（社区）", since="驻村起")
    grouped = pick(table(folder, "联组", "联组编组"), group="联组", organization="党组织", role="角色")
    sites = pick(table(folder, "阵地"), hub="所在园区/商务楼宇名称", organization="所属党组织名称", grade="验收等级")
    groups = pick(table(folder, "联组", "联组名单"), name="联组", staff="专干", town="所属镇街")
    grouped = grouped[grouped["group"].isin(groups["name"]) & grouped["organization"].isin(listed["name"])]
    return {
        "meetings": meetings.assign(held=days(meetings["held"]))[meetings["organization"].isin(listed["name"])],
        "sites": sites.assign(organization=sites["organization"].where(sites["organization"].isin(listed["name"]))),
        "groups": groups,
        "grouped": grouped.assign(role=grouped["role"].astype("string").str.removesuffix("单位")),
        "pairs": pairs.assign(signed=days(pairs["signed"]), active=days(pairs["active"])),
        "partners": pick(table(folder, "结对", "结对单位"), name="单位名称", kind="单位类别", level="单位层级"),
        "leaders": leaders.assign(since=days(leaders["since"])),
        "teams": teams.assign(since=days(teams["since"])),
        "demands": demands.assign(due=days(demands["due"])),
        "offers": pick(table(folder, "诉求", "资源清单"), name="事项", kind="清单类别"),
        "grids": grids.assign(**{name: numbers(grids[name]) for name in grids.columns[1:]}),
    }
