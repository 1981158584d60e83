"""Helpers from outside for a village, a group or a demand: partners, leaders, teams, resources."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graph.answers import Finding
from graph.questions.remedies.proximity import FEW, MOST, Around, Candidates, Counts, Things
from graph.validity import in_force

PAIRS_CYPHER = f"""MATCH (n:PartnerUnit)-[p:PAIRED_WITH]-(x)
WHERE n.listed AND x.listed AND {in_force("p")}
RETURN n.id AS id, count(DISTINCT x.id) AS number
ORDER BY id"""
_IN_FORCE = f"x.listed AND v.listed AND {in_force('e')}"
#: the leaders, teams and partners of villages
LEADERS_CYPHER = f"""MATCH (x:Leader)-[e:CONTACTS]->(v:Region)
WHERE {_IN_FORCE}
RETURN DISTINCT x.id AS id, v.id AS village, v.name AS name
ORDER BY id, village"""
TEAMS_CYPHER = f"""MATCH (x:WorkTeam)-[e:STATIONED]->(v:Region)
WHERE {_IN_FORCE}
RETURN DISTINCT x.id AS id, v.id AS village, v.name AS name
ORDER BY id, village"""
PARTNERS_CYPHER = f"""MATCH (x:PartnerUnit)-[e:PAIRED_WITH]-(v:Region)
WHERE {_IN_FORCE}
RETURN DISTINCT x.id AS id, v.id AS village, v.name AS name
ORDER BY id, village"""
#: the number of demands solved by each body, by its name
SOLVED_CYPHER = """MATCH (i:ListItem)
WHERE i.listed AND i.kind = '需求' AND i.progress = '已办结' AND i.handler IS NOT NULL
RETURN i.handler AS handler, count(DISTINCT i.id) AS number
ORDER BY handler"""
MATCHED_CYPHER = f"""MATCH (x:ListItem)-[m:MATCHED_TO]-(i:ListItem)
WHERE x.listed AND i.listed AND x.kind IN ['资源', '任务'] AND {in_force("m")}
RETURN DISTINCT x.id AS id, i.id AS demand
ORDER BY id, demand"""


def pair(around: Around, finding: Finding) -> Candidates:
    """The partners with the fewest pairings in force, at one number the nearest first."""
    partners = around.things("PartnerUnit", "kind")
    pairs = around.query(PAIRS_CYPHER, {"as_of": around.context.as_of})
    number = partners.counts(pairs["id"], pairs["number"])
    fits = ~partners.where("kind", ["村社"]) if around.type == "Region" else partners.all()
    return [
        partners.candidate(
            row,
            partners.value(row, "kind") or "结对单位",
            (f"现有结对 {number[row]} 对", around.whereabouts(partners, row)),
        )
        for row in partners.order(fits & around.same_county(partners), before=(number,))[:MOST]
    ]


def arrange(around: Around, finding: Finding) -> Candidates:
    """The 甲方 of the subject's pairings, the one with the earliest last activity first."""
    candidates: Candidates = []
    today = around.context.as_of
    for start in dict.fromkeys(a for a, b in around.context.ontology.edges["PAIRED_WITH"].ends if b == around.type):
        sides = around.query(
            f"MATCH (x:{start})-[p:PAIRED_WITH]->(n:{around.type} {{id: $id}}) "
            f"WHERE x.listed AND {in_force('p')} "
            "RETURN x.id AS id, max(p.last_activity) AS last_activity ORDER BY id",
            {"id": around.id, "as_of": today},
        ).to_pylist()
        if not sides:
            continue
        last: dict[str, dt.date | None] = {row["id"]: row["last_activity"] for row in sides}
        things = around.things(start)
        days = np.array([(today - (last.get(i) or dt.date.min)).days for i in things.table["id"].to_pylist()], np.int64)
        candidates += [
            things.candidate(row, "甲方", (f"最近活动 {day.isoformat()}" if day else "没有活动记录",))
            for row in things.order(things.among(sorted(last)), before=(-days,))[:MOST]
            for day in (last[things.value(row, "id")],)
        ]
    return candidates


def standing_by(around: Around, finding: Finding) -> Candidates:
    """The leaders, teams and partners of a village; of a 网格 its own first, then those of its village."""
    up = [r for r in around.map.up(int(around.here.region[0])) if around.map.kinds[r] in ("网格", "村", "社区")]
    level = {around.map.ids[r].as_py(): depth for depth, r in enumerate(up)}
    candidates: Candidates = []
    for node_type, cypher, role, column, verb in (
        ("Leader", LEADERS_CYPHER, "联系领导", "level", "联系"),
        ("WorkTeam", TEAMS_CYPHER, "驻村工作队", "", "驻"),
        ("PartnerUnit", PARTNERS_CYPHER, "结对单位", "kind", "结对"),
    ):
        near: dict[str, tuple[int, str]] = {}
        for row in around.query(cypher, {"as_of": around.context.as_of}).to_pylist():
            if row["village"] in level:
                place = (level[row["village"]], str(row["name"]))
                near[row["id"]] = min(near.get(row["id"], place), place)
        things = around.things(node_type, *([column] if column else []))
        depth = np.array([near.get(i, (0, ""))[0] for i in things.table["id"].to_pylist()], np.int64)
        candidates += [
            things.candidate(
                row, role, (str((column and things.value(row, column)) or ""), verb + near[things.value(row, "id")][1])
            )
            for row in things.order(things.among(sorted(near)), before=(depth,))[:FEW]
        ]
    return candidates


def match(around: Around, finding: Finding) -> Candidates:
    """The handler of a demand, the resources matched to it or else the nearest free ones, and others who solved demands."""
    partners, items = around.things("PartnerUnit", "kind"), around.things("ListItem", "kind", "progress")
    solved = around.query(SOLVED_CYPHER)
    by_name = pc.index_in(partners.table["name"].cast(pa.string()), value_set=_strings(solved["handler"]))
    number = np.asarray(pc.fill_null(solved["number"].cast(pa.int64()).take(by_name), 0), np.int64)
    names = [str(around.own["handler"])] if around.own.get("handler") else []
    handler = partners.where("name", names) & around.same_county(partners)
    matched = around.query(MATCHED_CYPHER, {"as_of": around.context.as_of})
    own = items.among(matched.filter(pc.equal(matched["demand"].cast(pa.string()), around.id))["id"])
    free = items.where("kind", ["资源", "任务"]) & ~items.where("progress", ["已办结"])
    free &= ~items.among(matched["id"]) & around.same_county(items)
    offered = own if own.any() else free
    others = (number > 0) & ~handler & around.same_county(partners)
    return [
        *_solvers(partners, partners.order(handler), number, around, "交办单位"),
        *(
            items.candidate(
                row,
                str(items.value(row, "kind")),
                ("已匹配，尚未办结" if own[row] else "尚未匹配其他需求", around.whereabouts(items, row)),
            )
            for row in items.order(offered)[:MOST]
        ),
        *_solvers(partners, partners.order(others, after=(-number,))[:FEW], number, around, "办结过需求的单位"),
    ]


def _solvers(partners: Things, rows: list[int], number: Counts, around: Around, role: str) -> Candidates:
    return [
        partners.candidate(row, role, (f"已办结需求 {number[row]} 项", around.whereabouts(partners, row)))
        for row in rows
    ]


def _strings(column: pa.ChunkedArray) -> pa.Array:
    return column.cast(pa.string()).combine_chunks()
