"""Checks that a store is consistent: looks for states that engines and loads should never produce."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator

from graph.answers import Answer, Column, Total
from graph.ontology import Ontology
from graph.ontology import load as load_ontology
from graph.stores.base import Reader

#: the 待核实 of two records that may be one, decided so: the second stands in the rows only
_MERGED = "MATCH (v:Review) WHERE v.kind = 'lookalike' AND v.decision = '合并' RETURN v.subject AS a, v.other AS b"
_RELOAD = "请用原来的台账重新载入一个新的图库；仍然如此，请连同本表告诉维护人员"

Inconsistency = tuple[str, str, str]


def verify(reader: Reader, *notes: str) -> Answer:
    """Every inconsistency with its check, its id and what is wrong; no rows where there is none.

    `notes` say what else was checked.
    That the tables are those of the ontology is checked whenever a store is opened.
    """
    ontology = load_ontology()
    checks = (_revision(reader), _nodes(reader, ontology), _edges(reader, ontology), _places(reader, ontology),
              _divisions(reader), _sources(reader, ontology))  # fmt: skip
    rows = [
        {"check": check, "id": id_, "finding": finding, "mend": _RELOAD}
        for check_rows in checks
        for check, id_, finding in check_rows
    ]
    columns = (Column("check", "检查"), Column("id", "编号"), Column("finding", "发现"), Column("mend", "处理"))
    totals = (Total("findings", "发现的问题", len(rows)),)
    return Answer("verify", "图库检查", dt.date.today(), reader.revision, columns, tuple(rows), totals, notes=notes)


def _revision(reader: Reader) -> Iterator[Inconsistency]:
    """Changes are numbered from 1 without a gap, and what the last load brought is marked done."""
    numbers = reader.query("MATCH (c:Change) RETURN c.number AS number ORDER BY number")["number"].to_pylist()
    for number in sorted(set(range(1, max(numbers, default=0) + 1)) - set(numbers)):
        yield "版本", str(number), f"缺少第 {number} 版的变更记录"
    for number, times in Counter(numbers).items():
        if times > 1:
            yield "版本", str(number), f"第 {number} 版的变更记录有 {times} 条"
    for row in reader.query("MATCH (m:Import) WHERE m.state <> 'done' RETURN m.id AS id ORDER BY id").to_pylist():
        yield "版本", row["id"], "导入没有完成"
    late = "MATCH (t:SourceRow) WHERE t.brought > $last RETURN t.id AS id ORDER BY id"
    for row in reader.query(late, {"last": max(numbers, default=0)}).to_pylist():
        yield "版本", row["id"], "台账行属于一个尚不存在的版本"


def _nodes(reader: Reader, ontology: Ontology) -> Iterator[Inconsistency]:
    for kind in ontology.nodes.values():
        doubled = f"MATCH (n:`{kind.name}`) WITH n.id AS id, count(*) AS times WHERE times > 1 RETURN id, times"
        for row in reader.query(f"{doubled} ORDER BY id").to_pylist():
            yield "重复", str(row["id"]), f"{kind.label}的编号出现 {row['times']} 次"


def _edges(reader: Reader, ontology: Ontology) -> Iterator[Inconsistency]:
    """Each edge of a type once, with its dates."""
    for edge in ontology.edges.values():
        keys: Counter[str] = Counter()
        for a, b in edge.ends:
            table = reader.query(f"MATCH (:`{a}`)-[e:`{edge.name}`]->(:`{b}`) RETURN e.key AS key")
            keys.update(table["key"].to_pylist())
            if edge.dated:
                undated = (
                    f"MATCH (:`{a}`)-[e:`{edge.name}`]->(:`{b}`) WHERE e.valid_from IS NULL OR e.valid_to IS NULL "
                    "RETURN e.key AS key ORDER BY key"
                )
                for key in reader.query(undated)["key"].to_pylist():
                    yield "日期", str(key), f"{edge.label}没有起止日期"
        for key, times in sorted(keys.items()):
            if times > 1:
                yield "重复", key, f"{edge.label}的编号出现 {times} 次"


def _places(reader: Reader, ontology: Ontology) -> Iterator[Inconsistency]:
    """Every listed entity lies in one Region, or in none where its kind has no place of its own."""
    for a, b in ontology.edges["LOCATED_IN"].ends:
        several = (
            f"MATCH (n:`{a}`)-[:LOCATED_IN]->(r:`{b}`) WITH n.id AS id, count(*) AS places WHERE places > 1 "
            "RETURN id, places ORDER BY id"
        )
        for row in reader.query(several).to_pylist():
            yield "所在区划", row["id"], f"{ontology.nodes[a].label}同时位于 {row['places']} 个区划"
    for a in ("Unit", "PartyOrg"):
        none = (
            f"MATCH (n:`{a}`) WHERE n.listed AND NOT EXISTS {{ MATCH (n)-[:LOCATED_IN]->(:Region) }} "
            "RETURN n.id AS id ORDER BY id"
        )
        for row in reader.query(none).to_pylist():
            yield "所在区划", row["id"], f"{ontology.nodes[a].label}不在任何区划之下，也不是未落地"


def _divisions(reader: Reader) -> Iterator[Inconsistency]:
    """The tree of divisions has no circle, and each one at most one above it."""
    above: dict[str, str] = {}
    for row in reader.query(
        "MATCH (r:Region)-[:PART_OF]->(p:Region) RETURN r.id AS id, p.id AS above ORDER BY id, above"
    ).to_pylist():
        if row["id"] in above:
            yield "区划", row["id"], "有不止一个上级区划"
        above[row["id"]] = row["above"]
    for id_ in above:
        at, seen = id_, set[str]()
        while at in above and at not in seen:
            seen.add(at)
            at = above[at]
        if at == id_:
            yield "区划", id_, "上级区划绕成一圈"


def _sources(reader: Reader, ontology: Ontology) -> Iterator[Inconsistency]:
    """Every live row of an entity's ledger names an entity that exists."""
    merged = {id_ for row in reader.query(_MERGED).to_pylist() for id_ in row.values()}
    rows = reader.query(
        "MATCH (t:SourceRow) WHERE t.ended IS NULL RETURN t.id AS id, t.ledger AS ledger, t.entity AS entity ORDER BY id"
    ).to_pylist()
    ids: dict[str, set[str]] = {}
    for row in rows:
        # a row of relations is about two; a decision may be older than the question
        entity = ontology.ledgers.get(row["ledger"], {}).get("entity", "")
        if not entity or entity == "Review" or row["entity"] in merged:
            continue
        if entity not in ids:
            ids[entity] = {*reader.query(f"MATCH (n:`{entity}`) RETURN n.id AS id")["id"].to_pylist()}
        if row["entity"] not in ids[entity]:
            yield "台账行", row["id"], f"所说的{ontology.nodes[entity].label} {row['entity']} 不在图中"
