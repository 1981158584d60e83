"""Times rules beside loops over a networkx graph and SQL over SQLite, whose counts must agree."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import networkx as nx

from benchmarks.timing import Line, duration, medians
from graph import ontology
from graph.locality import Locality
from graph.rules.book import book
from graph.rules.derived import GIVEN
from graph.rules.inquiry import Inquiry
from graph.rules.rule import FINDING, Rule
from graph.rules.verdicts import of_verdict, verdict_rows
from graph.stores.base import Reader
from graph.stores.ladybug.store import EmbeddedStore
from loaders.sample import REFERENCE_DATE

Rows = list[dict[str, Any]]
_NODES = {
    "Unit": ("formal_members", "ownership", "kind", "key_unit", "has_officer", "operating", "bases"),
    "PartyOrg": ("kind", "term_to", "elected", "extension_approved"),
    "GuidanceOfficer": ("duty", "role", "capacity"),
    "IndustryChain": ("name", "key_chain"),
}
_EDGES = {
    "COVERS": ("PartyOrg", "Unit", ()),
    "GUIDES": ("GuidanceOfficer", "Unit", ("role",)),
    "LEADS_CHAIN": ("PartyOrg", "IndustryChain", ("role",)),
    "HEADS_CHAIN": ("Unit", "IndustryChain", ("role",)),
}
_GONE_UNITS = ("停业", "注销", "吊销", "迁出")
_ELECTED = ("党委", "总支", "支部", "联合支部")
_APPOINTED = ("综合党委", "行业党委", "小个专党委", "产业链党委", "联盟党委")


def measure(store: Path, runs: int) -> list[Line]:
    """Time each rule in Cypher and in its peers, whose construction is not timed."""
    opened = EmbeddedStore(store)
    with opened.reader() as reader:
        context = Inquiry(REFERENCE_DATE, Locality(), ontology.load(), book=book())
        derived = {name: derive(context) for name, derive in GIVEN.items()}
        nodes, edges = _read(reader)
        loops = _Loops(nodes, edges, derived)
        sql = _Sql(nodes, edges, derived)
        lines = []
        for rule in sorted(_SQL):
            declared, parameters = book().rules[rule], book().parameters(rule, context)
            cases: dict[str, Callable[[], int]] = {
                "cypher": partial(_count, reader, declared, parameters),
                "networkx": partial(loops.count, rule),
                "sqlite": partial(sql.count, rule),
            }
            counts = {name: case() for name, case in cases.items()}
            assert len(set(counts.values())) == 1, f"{rule}: the peers disagree: {counts}"
            taken = medians(cases, runs)
            for peer in ("networkx", "sqlite"):
                what = f"{rule} ({counts['cypher']} found)"
                beside = f"{peer} {duration(taken[peer])}"
                lines.append(Line(what, duration(taken["cypher"]), beside, taken["cypher"] / taken[peer]))
        sql.close()
    opened.close()
    return lines


def _count(reader: Reader, rule: Rule, parameters: Mapping[str, Any]) -> int:
    return len(of_verdict(verdict_rows(reader, rule, parameters), FINDING)["id"].unique())


def _read(reader: Reader) -> tuple[dict[str, Rows], dict[str, Rows]]:
    nodes, edges = {}, {}
    for node_type, names in _NODES.items():
        columns = ", ".join(f"n.{name} AS {name}" for name in names)
        nodes[node_type] = reader.query(
            f"MATCH (n:{node_type}) WHERE n.listed RETURN n.id AS id, {columns}"
        ).to_pylist()
    for edge, (one, other, names) in _EDGES.items():
        stored = "LEADS_CHAIN" if edge == "HEADS_CHAIN" else edge
        columns = "".join(f", e.{name} AS {name}" for name in names)
        edges[edge] = reader.query(
            f"MATCH (a:{one})-[e:{stored}]->(b:{other}) WHERE a.listed AND b.listed RETURN a.id AS source, "
            f"b.id AS target, e.valid_from AS valid_from, e.valid_to AS valid_to{columns}"
        ).to_pylist()
    return nodes, edges


class _Loops:
    """Rules as naive loops over a networkx graph."""

    def __init__(self, nodes: Mapping[str, Rows], edges: Mapping[str, Rows], derived: Mapping[str, Any]) -> None:
        self.parameters = derived
        self.graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
        for node_type, rows in nodes.items():
            for row in rows:
                self.graph.add_node(row["id"], type=node_type, data=row)
        for edge, rows in edges.items():
            for row in rows:
                self.graph.add_edge(row["source"], row["target"], type=edge, data=row)

    def count(self, rule: str) -> int:
        """The number of findings of a rule."""
        return sum(1 for node, data in self.graph.nodes(data=True) if getattr(self, rule)(node, data))

    def _into(self, node: str, edge: str, since: dt.date) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        edges = []
        for source, _, data in self.graph.in_edges(node, data=True):
            row = data["data"]
            if data["type"] == edge and row["valid_from"] <= self.parameters["as_of"] and row["valid_to"] >= since:
                edges.append((self.graph.nodes[source]["data"], row))
        return edges

    def _covered(self, node: str) -> bool:
        edges = self._into(node, "COVERS", self.parameters["as_of"])
        return any((org["kind"] or "") not in self.parameters["kinds_not_covering"] for org, _ in edges)

    def _guided(self, node: str, roles: tuple[str, ...]) -> bool:
        return any(
            (officer["duty"] or "") not in self.parameters["duties_gone"]
            and (posting["role"] or officer["role"] or "指导员") in roles
            for officer, posting in self._into(node, "GUIDES", self.parameters["posting_since"])
        )

    def _has_posting(self, node: str) -> bool:
        return any(data["type"] == "GUIDES" for _, _, data in self.graph.in_edges(node, data=True))

    def _in_base(self, data: Mapping[str, Any]) -> bool:
        return data["type"] == "Unit" and bool(set(data["data"]["bases"] or ()) & set(self.parameters["bases"]))

    def _private(self, unit: Mapping[str, Any]) -> bool:
        return not (unit["kind"] == "企业" and (unit["ownership"] or "不明") == "不明")

    def org_should_exist(self, node: str, data: Mapping[str, Any]) -> bool:
        return (
            self._in_base(data)
            and (data["data"]["formal_members"] or 0) >= 3
            and self._private(data["data"])
            and not self._covered(node)
        )

    def org_should_join(self, node: str, data: Mapping[str, Any]) -> bool:
        return (
            self._in_base(data)
            and 1 <= (data["data"]["formal_members"] or 0) < 3
            and self._private(data["data"])
            and not self._covered(node)
        )

    def coverage_blank(self, node: str, data: Mapping[str, Any]) -> bool:
        return (
            self._in_base(data)
            and not self._covered(node)
            and not self._guided(node, ("指导员", "联络员"))
            and not (data["data"]["has_officer"] and not self._has_posting(node))
        )

    def key_unit_without_officer(self, node: str, data: Mapping[str, Any]) -> bool:
        return (
            self._in_base(data)
            and ("规上企业" in data["data"]["bases"] or bool(data["data"]["key_unit"]))
            and (not data["data"]["has_officer"] or self._has_posting(node))
            and not self._guided(node, ("指导员",))
        )

    def officer_overloaded(self, node: str, data: Mapping[str, Any]) -> bool:
        if data["type"] != "GuidanceOfficer" or (data["data"]["duty"] or "") in self.parameters["duties_gone"]:
            return False
        if (data["data"]["role"] or "指导员") not in ("指导员", "联络员"):
            return False
        as_of, since = self.parameters["as_of"], self.parameters["posting_since"]
        units = {
            target
            for _, target, edge in self.graph.out_edges(node, data=True)
            if edge["data"]["valid_from"] <= as_of and edge["data"]["valid_to"] >= since
        }
        capacity = data["data"]["capacity"]
        return len(units) > (5 if capacity is None else capacity)

    def chain_without_committee(self, node: str, data: Mapping[str, Any]) -> bool:
        if data["type"] != "IndustryChain" or not data["data"]["key_chain"]:
            return False
        edges = self._into(node, "LEADS_CHAIN", self.parameters["as_of"])
        return not any(edge["role"] in ("产业链党委", "牵头部门党组织") for _, edge in edges)

    def chain_head_without_org(self, node: str, data: Mapping[str, Any]) -> bool:
        if (
            data["type"] != "Unit"
            or data["data"]["ownership"] == "公有控股"
            or data["data"]["operating"] in _GONE_UNITS
        ):
            return False
        as_of = self.parameters["as_of"]
        heads = any(
            edge["type"] == "HEADS_CHAIN"
            and edge["data"]["role"] == "链主"
            and edge["data"]["valid_from"] <= as_of <= edge["data"]["valid_to"]
            for _, _, edge in self.graph.out_edges(node, data=True)
        )
        return heads and self._private(data["data"]) and not self._covered(node)

    def term_overdue(self, node: str, data: Mapping[str, Any]) -> bool:
        if data["type"] != "PartyOrg":
            return False
        org = data["data"]
        kind, elected = org["kind"] or "支部", org["elected"]
        subject = (kind in _ELECTED and elected is not False) or (org["kind"] in _APPOINTED and elected is True)
        extended = org["extension_approved"] and org["term_to"] and self.parameters["extension_since"] <= org["term_to"]
        return bool(subject and org["term_to"] and org["term_to"] < self.parameters["as_of"] and not extended)


_COVERED = """EXISTS (SELECT 1 FROM COVERS c JOIN PartyOrg o ON o.id = c.source WHERE c.target = u.id
  AND c.valid_from <= :as_of AND c.valid_to >= :as_of
  AND coalesce(o.kind, '') NOT IN (SELECT value FROM not_covering))"""
_POSTED_AS = """EXISTS (SELECT 1 FROM GUIDES g JOIN GuidanceOfficer o ON o.id = g.source
  WHERE g.target = u.id
  AND g.valid_from <= :as_of AND g.valid_to >= :posting_since AND coalesce(o.duty, '') NOT IN (SELECT value FROM gone)
  AND coalesce(g.role, o.role, '指导员') IN """
_WORKED = _POSTED_AS + "('指导员', '联络员'))"
_GUIDED = _POSTED_AS + "('指导员'))"
_POSTED = "EXISTS (SELECT 1 FROM GUIDES g WHERE g.target = u.id)"
_IN_BASE = "EXISTS (SELECT 1 FROM Unit_bases b WHERE b.id = u.id AND b.base IN (SELECT value FROM bases))"
_PRIVATE = "NOT (u.kind = '企业' AND coalesce(u.ownership, '不明') = '不明')"
_SQL = {
    "org_should_exist": "SELECT count(*) FROM Unit u WHERE u.formal_members >= 3"
    f" AND {_IN_BASE} AND {_PRIVATE} AND NOT {_COVERED}",
    "org_should_join": "SELECT count(*) FROM Unit u WHERE u.formal_members IN (1, 2)"
    f" AND {_IN_BASE} AND {_PRIVATE} AND NOT {_COVERED}",
    "coverage_blank": f"SELECT count(*) FROM Unit u WHERE {_IN_BASE} AND NOT {_COVERED}"
    f" AND NOT {_WORKED} AND NOT (coalesce(u.has_officer, 0) AND NOT {_POSTED})",
    "key_unit_without_officer": "SELECT count(*) FROM Unit u WHERE (coalesce(u.key_unit, 0) OR EXISTS"
    f" (SELECT 1 FROM Unit_bases s WHERE s.id = u.id AND s.base = '规上企业')) AND {_IN_BASE}"
    f" AND (NOT coalesce(u.has_officer, 0) OR {_POSTED}) AND NOT {_GUIDED}",
    "officer_overloaded": """SELECT count(*) FROM GuidanceOfficer o
  WHERE coalesce(o.duty, '') NOT IN (SELECT value FROM gone)
  AND coalesce(o.role, '指导员') IN ('指导员', '联络员')
  AND (SELECT count(DISTINCT g.target) FROM GUIDES g WHERE g.source = o.id
    AND g.valid_from <= :as_of AND g.valid_to >= :posting_since) > coalesce(o.capacity, 5)""",
    "chain_without_committee": """SELECT count(*) FROM IndustryChain c WHERE c.key_chain AND NOT EXISTS (
  SELECT 1 FROM LEADS_CHAIN l WHERE l.target = c.id AND l.role IN ('产业链党委', '牵头部门党组织')
  AND l.valid_from <= :as_of AND l.valid_to >= :as_of)""",
    "chain_head_without_org": "SELECT count(*) FROM Unit u WHERE coalesce(u.ownership, '') <> '公有控股'"
    f" AND coalesce(u.operating, '') NOT IN {_GONE_UNITS} AND {_PRIVATE} AND NOT {_COVERED}"
    " AND EXISTS (SELECT 1 FROM HEADS_CHAIN l WHERE l.source = u.id AND l.role = '链主'"
    " AND l.valid_from <= :as_of AND l.valid_to >= :as_of)",
    "term_overdue": f"""SELECT count(*) FROM PartyOrg o WHERE o.term_to < :as_of
  AND ((coalesce(o.kind, '支部') IN {_ELECTED} AND coalesce(o.elected, 1))
    OR (o.kind IN {_APPOINTED} AND coalesce(o.elected, 0)))
  AND NOT (coalesce(o.extension_approved, 0) AND :extension_since <= o.term_to)""",
}


class _Sql:
    """Rules as SQL over indexed SQLite tables in memory, with dates as ISO text."""

    def __init__(self, nodes: Mapping[str, Rows], edges: Mapping[str, Rows], derived: Mapping[str, Any]) -> None:
        self._base = sqlite3.connect(":memory:")
        self._parameters = {k: v.isoformat() for k, v in derived.items() if isinstance(v, dt.date)}
        for name, rows in nodes.items():
            self._table(name, ("id", *(n for n in _NODES[name] if n != "bases")), rows)
            self._base.execute(f"CREATE UNIQUE INDEX {name}_id ON {name}(id)")
        memberships = [{"id": u["id"], "base": b} for u in nodes["Unit"] for b in u["bases"] or ()]
        self._table("Unit_bases", ("id", "base"), memberships)
        self._base.execute("CREATE INDEX Unit_bases_id ON Unit_bases(id)")
        for name, rows in edges.items():
            self._table(name, ("source", "target", "valid_from", "valid_to", *_EDGES[name][2]), rows)
            for side in ("source", "target"):
                self._base.execute(f"CREATE INDEX {name}_{side} ON {name}({side})")
        for name, key in (("not_covering", "kinds_not_covering"), ("gone", "duties_gone"), ("bases", "bases")):
            self._table(name, ("value",), [{"value": value} for value in derived[key]])
        self._base.execute("ANALYZE")

    def _table(self, name: str, columns: tuple[str, ...], rows: Rows) -> None:
        self._base.execute(f"CREATE TABLE {name}({', '.join(columns)})")
        values = ([v.isoformat() if isinstance(v := row[c], dt.date) else v for c in columns] for row in rows)
        self._base.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(columns))})", values)

    def count(self, rule: str) -> int:
        """The number of findings of a rule."""
        return int(self._base.execute(_SQL[rule], self._parameters).fetchone()[0])

    def close(self) -> None:
        """Free the tables."""
        self._base.close()
