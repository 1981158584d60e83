"""Ledgers of what goes on in branches and villages: organization life, leaders and teams of villages, grids."""

from __future__ import annotations

import datetime as dt

from tests.loaders.desk import Desk

_BRANCHES = "党组织全称,党组织类别,行政区划,正式党员数,支委会委员数\n甲支部,党支部,东镇,9,0\n乙支部,党支部,东镇,9,\n"


def test_an_activity_is_one_of_its_branch(desk: Desk) -> None:
    """Two branches that meet on one day about one thing hold two meetings; the ledger again adds none."""
    desk.csv("台账/党组织.csv", _BRANCHES)
    life = (
        "党组织,类别,日期,主题,应到人数,实到人数\n"
        "甲支部,支部党员大会,2026年3月31日,学习,9,8\n乙支部,支部党员大会,2026年3月31日,学习,9,9\n"
        "甲支部,主题党日,2026-05-08,,9,\n丙支部,主题党日,2026-05-08,植树,,\n甲支部,主题党日,,植树,9,9\n"
    )
    desk.csv("台账/组织生活.csv", life)
    for _ in range(2):
        desk.load(desk.folder / "台账")
    held = desk.query(
        "MATCH (o:PartyOrg)-[:TOOK_PART]->(a:Activity) RETURN o.name AS branch, a.kind AS kind, a.held_on AS day, "
        "a.attended AS attended ORDER BY branch, day"
    )
    assert [(row["branch"], row["kind"], row["attended"]) for row in held] == [
        ("乙支部", "党员大会", 9),
        ("甲支部", "党员大会", 8),
        ("甲支部", "主题党日", None),
    ]
    assert {row["day"] for row in held} == {dt.date(2026, 3, 31), dt.date(2026, 5, 8)}
    committees = desk.query("MATCH (o:PartyOrg) WHERE o.listed RETURN o.committee_members AS n ORDER BY o.name")
    assert sorted(str(row["n"]) for row in committees) == ["0", "None"]


def test_a_grid_is_told_from_its_village(desk: Desk) -> None:
    desk.csv(
        "台账/网格联户.csv",
        "所属镇街,村（社区）,网格名称,户数,联户人员数\n东镇,东镇河口村,河口村第一网格,90,5\n西镇,西镇河口村,河口村第一网格,80,\n",
    )
    desk.load(desk.folder / "台账")
    found = desk.query(
        "MATCH (g:Region)-[:PART_OF]->(v:Region)-[:PART_OF]->(t:Region) WHERE g.kind = '网格' "
        "RETURN t.name AS town, v.name AS village, g.households AS households, g.linkers AS linkers ORDER BY town"
    )
    assert sorted(map(tuple, (row.values() for row in found))) == [
        ("东镇", "河口村", 90, 5),
        ("西镇", "河口村", 80, None),
    ]


def test_leaders_and_teams_of_a_village(desk: Desk) -> None:
    desk.csv(
        "台账/联村领导.csv", "领导姓名,领导职务,领导层级,联系村\n甲,市领导,市级领导,南街道\n乙,镇领导,乡镇领导,南街道\n"
    )
    desk.csv("台账/驻村工作队.csv", "工作队名称,工作队人数,第一书记,驻点村\n一队,3,丙,南街道\n")
    desk.load(desk.folder / "台账")
    leaders = desk.query(
        "MATCH (l:Leader)-[:CONTACTS]->(r:Region) RETURN l.level AS level, r.name AS name ORDER BY level"
    )
    assert [(row["level"], row["name"]) for row in leaders] == [("县级", "南街道"), ("镇街", "南街道")]
    teams = desk.query("MATCH (w:WorkTeam)-[:STATIONED]->(r:Region) RETURN w.first_secretary AS first, r.name AS name")
    assert [(row["first"], row["name"]) for row in teams] == [("丙", "南街道")]


def test_a_leader_holds_firms_and_a_demand_says_who_was_called(desk: Desk) -> None:
    desk.csv("台账/企业.csv", "企业名称,所属镇街,年营业收入（万元）\n甲公司,东镇,9\n乙公司,东镇,8\n")
    desk.csv("台账/领导联企.csv", "领导姓名,领导职务,领导层级,联系重点企业\n甲,市领导,市级领导,甲公司、乙公司\n")
    desk.csv(
        "台账/诉求.csv",
        "诉求单位,问题诉求,提出时间,诉求层级,吹哨日期,报到部门,当前进展\n"
        "甲公司,用电,2026-05-06,难点问题,2026年5月9日,人社局、住建局,办理中\n乙公司,停车,2026-05-06,一般性问题,,,办结\n",
    )
    desk.load(desk.folder / "台账")
    held = desk.query("MATCH (l:Leader)-[:CONTACTS]->(u:Unit) RETURN u.name AS name ORDER BY name")
    assert sorted(row["name"] for row in held) == ["乙公司", "甲公司"]
    told = desk.query(
        "MATCH (i:ListItem) WHERE i.listed RETURN i.title AS title, i.level AS level, i.called_on AS called_on, "
        "i.reported_in AS reported_in ORDER BY called_on"
    )
    assert sorted(tuple(row.values()) for row in told) == [
        ("停车", "一般", None, None),
        ("用电", "难点", dt.date(2026, 5, 9), ["人社局", "住建局"]),
    ]
