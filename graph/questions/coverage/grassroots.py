"""镇村情况: figures of the divisions of a county, such as villages, households, grids, work teams and demands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from graph.answers import Answer, Column, Total
from graph.context import Context
from graph.questions.asking import Question
from graph.regions import Regions
from graph.stores.base import Reader
from graph.validity import in_force

REGIONS_CYPHER = """MATCH (r:Region) WHERE r.listed AND r.kind IN ['镇街', '村', '社区', '网格']
OPTIONAL MATCH (r)-[:PART_OF]->(p:Region)
RETURN r.id AS id, r.kind AS kind, p.id AS parent, r.villager_groups AS villager_groups, r.households AS households,
  r.linkers AS linkers, r.members AS members, r.income AS income, r.talents AS talents, r.doctors AS doctors,
  r.masters AS masters
ORDER BY id"""
TEAMS_CYPHER = f"""MATCH (w:WorkTeam)-[e:STATIONED]->(r:Region)
WHERE w.listed AND {in_force("e")}
RETURN w.id AS id, w.people AS people, w.sent_by AS sent_by, r.id AS region
ORDER BY id, region"""
CONTACTED_CYPHER = f"""MATCH (l:Leader)-[e:CONTACTS]->(u:Unit)-[:LOCATED_IN]->(r:Region)
WHERE l.listed AND u.listed AND {in_force("e")}
RETURN DISTINCT u.id AS id, r.id AS region
ORDER BY id"""
DEMANDS_CYPHER = """MATCH (i:ListItem)
WHERE i.listed AND i.kind = '需求'
OPTIONAL MATCH (i)-[:LOCATED_IN]->(r:Region)
RETURN i.id AS id, r.id AS region, i.progress AS progress, i.level AS level, i.called_on AS called_on,
  i.reported_in AS reported_in, i.feedback AS feedback
ORDER BY id"""
TALENTS = ("talents", "doctors", "masters")
#: figures that ledgers state: without a statement they are blank, not 0
STATED = {
    "villager_groups", "households", "linkers", "members", "income", "team_people", "team_people_sent", *TALENTS,
}  # fmt: skip
#: every figure: name, label, unit
FIGURES = (
    ("towns", "镇街", "个"), ("villages", "村", "个"), ("communities", "社区", "个"),
    ("villager_groups", "村民小组", "个"), ("households", "户数", "户"), ("linkers", "联户人员", "人"),
    ("grids", "网格", "个"), ("members", "网格党员", "人"), ("income", "村集体经济总收入", "元"),
    ("teams", "驻村工作队", "支"), ("team_villages", "驻有工作队的村（社区）", "个"), ("team_people", "驻村干部", "人"),
    ("team_people_sent", "其中上级选派", "人"), ("held_units", "领导联系的重点企业", "家"),
    ("talents", "高层次人才", "人"), ("doctors", "博士", "人"), ("masters", "硕士", "人"),
    ("demands", "诉求", "件"), ("demands_closed", "其中已办结", "件"), ("demands_plain", "一般性问题", "件"),
    ("demands_plain_closed", "一般性问题已办结", "件"), ("demands_hard", "难点问题", "件"),
    ("demands_called", "已吹哨", "件"), ("demands_reported", "已有部门报到", "件"), ("demands_revisited", "已回访", "件"),
)  # fmt: skip


def grassroots(reader: Reader, context: Context) -> Answer:
    """The sums of the ledgers' figures on villages, grids, work teams, leaders' firms, talents and demands, by division."""
    divisions, scope = Regions.read(reader), frozenset(context.scope)
    counts: dict[str, Counter[str]] = {}
    for region, figure, number in _counted(reader, context):
        if not scope or region in scope:
            counts.setdefault(region, Counter())[figure] += number
    row_of = divisions.rows(counts, context.scope)
    sums: dict[str, Counter[str]] = {}
    total = Counter[str]()
    for region, own in counts.items():
        sums.setdefault(row_of.get(region, ""), Counter()).update(own)
        total.update(own)
    rows = [
        {"division": divisions.name(region), "division_id": region}
        | {name: _figure(sums[region], name) for name, _, _ in FIGURES}
        for region in sorted(sums, key=divisions.sort_key)
    ]
    return context.answer(
        reader,
        "grassroots",
        "镇村情况",
        (
            Column("division", "区划", link=("Region", "division_id")),
            *(Column(name, label, "integer", unit) for name, label, unit in FIGURES),
        ),
        rows,
        totals=tuple(Total(name, label, _figure(total, name), unit) for name, label, unit in FIGURES),
        basis=(
            "各数为台账所填之和，没有填写的不计，都没有填写的为“—”；户数、收入按村（社区）计，联户人员按村（社区）计，村（社区）没有填写的按其网格之和计",
            "一般性问题在村（社区）办结；难点问题由村（社区）“吹哨”，有关部门“报到”办理，办结后回访",
        ),
        cypher=(REGIONS_CYPHER, TEAMS_CYPHER, CONTACTED_CYPHER, DEMANDS_CYPHER),
    )


def _counted(reader: Reader, context: Context) -> Iterator[tuple[str, str, int]]:
    """The parts of every figure as (division, figure, number); '' for no division."""
    regions: list[Mapping[str, Any]] = reader.query(REGIONS_CYPHER).to_pylist()
    yield from _of_regions(regions)
    parameters = {"as_of": context.as_of}
    teams = set()
    for row in reader.query(TEAMS_CYPHER, parameters).to_pylist():
        yield row["region"], "team_villages", 1
        if row["id"] not in teams:  # a team in two villages counts once, in the first
            teams.add(row["id"])
            yield row["region"], "teams", 1
            if row["people"] is not None:
                yield row["region"], "team_people", row["people"]
                if row["sent_by"]:
                    yield row["region"], "team_people_sent", row["people"] if row["sent_by"] == "上级" else 0
    for row in reader.query(CONTACTED_CYPHER, parameters).to_pylist():
        yield row["region"], "held_units", 1
    for row in reader.query(DEMANDS_CYPHER).to_pylist():
        closed, plain, hard = row["progress"] == "已办结", row["level"] == "一般", row["level"] == "难点"
        for name, holds in (
            ("demands", True),
            ("demands_closed", closed),
            ("demands_plain", plain),
            ("demands_plain_closed", plain and closed),
            ("demands_hard", hard),
            ("demands_called", hard and row["called_on"] is not None),
            ("demands_reported", hard and bool(row["reported_in"])),
            ("demands_revisited", bool(row["feedback"])),
        ):
            if holds:
                yield row["region"] or "", name, 1


def _of_regions(regions: list[Mapping[str, Any]]) -> Iterator[tuple[str, str, int]]:
    kinds = {"镇街": "towns", "村": "villages", "社区": "communities", "网格": "grids"}
    # a village that states its 联户人员 counts them, and its grids do not
    with_linkers = {row["id"] for row in regions if row["kind"] != "网格" and row["linkers"] is not None}
    for row in regions:
        grid = row["kind"] == "网格"
        yield row["id"], kinds[row["kind"]], 1
        names = ["members"] if grid else ["villager_groups", "households", "income", *TALENTS]
        names += ["linkers"] if not grid or row["parent"] not in with_linkers else []
        for name in names:
            if row[name] is not None:
                yield row["id"], name, int(row[name])


def _figure(sums: Counter[str], name: str) -> int | None:
    return None if name in STATED and name not in sums else sums[name]


QUESTIONS: tuple[Question, ...] = (
    Question(
        "grassroots",
        "镇村情况",
        "镇街、村、网格各有多少，户数、联户人员、驻村工作队、领导联系的企业、人才、诉求办理各是多少。",
        grassroots,
    ),
)
