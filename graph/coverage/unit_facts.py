"""The facts from which the states of units are derived, as columns for counting and one by one for lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from graph import chains
from graph.context import Context
from graph.coverage.states import STOPPED, UnitFacts
from graph.regions import Regions
from graph.rules.book import Book
from graph.rules.inquiry import Inquiry
from graph.rules.overrides import parts
from graph.stores.base import Reader
from graph.validity import founded, in_force, posting_in_force

LOCATED = "EXISTS {{ MATCH ({})-[:LOCATED_IN]->(r:Region) WHERE r.id IN $scope }}"


class Scoped(NamedTuple):
    """A query in two forms, without and with a scope: a condition on an empty scope costs as much as on a full one."""

    whole: str
    scoped: str

    @classmethod
    def of(cls, cypher: str, condition: str) -> Scoped:
        """Both forms of one text, in which %s is the place of the condition on the scope."""
        return cls(cypher.replace("%s", ""), cypher.replace("%s", f" AND ({condition})"))

    def text(self, context: Context) -> str:
        """The form for a question's scope."""
        return self.scoped if context.scope else self.whole


UNITS = Scoped.of(
    f"""MATCH (u:Unit)
WHERE u.listed AND {founded("u")}%s
RETURN u.id AS id, u.kind AS kind, u.ownership AS ownership,
  CASE
    WHEN u.closed_on IS NULL OR (u.closed_on < $as_of AND coalesce(u.operating, '') IN {[*STOPPED]}) THEN u.operating
    WHEN u.closed_on < $as_of THEN '注销'
  END AS operating, coalesce(u.closed_on < $as_of, false) AS closed,
  u.bases AS bases, u.bases_undecided AS undecided,
  u.formal_members AS formal, u.formal_and_probationary AS wider, u.members AS members,
  coalesce(u.has_officer, false) AS stated,
  coalesce(u.trade_union, false) OR coalesce(u.youth_league, false) OR coalesce(u.women_federation, false) AS unions
ORDER BY id""",
    LOCATED.format("u"),
)
# queries of their own, once for all units: as conditions of the query above they take half as long again
_COVERS = f"""o.listed AND {in_force("c")}
  AND NOT (coalesce(o.kind, '') IN $kinds_not_covering)"""
_IN_POST = f"""o.listed AND NOT (coalesce(o.duty, '') IN $duties_gone)
    AND coalesce(g.role, o.role, '指导员') IN $work_roles
    AND {posting_in_force("g")}"""
#: a 联合支部 is a joint one where its ledger leaves 组建方式 blank
_MODE = "CASE WHEN c.mode IS NOT NULL THEN c.mode WHEN o.kind = '联合支部' THEN '联合' ELSE '' END"
COVERED_CYPHER = f"""MATCH (o:PartyOrg)-[c:COVERS]->(u:Unit)
WHERE {_COVERS}
RETURN DISTINCT u.id AS id, {_MODE} AS mode"""
#: the officers and liaisons whom a ledger names, in force or not
GUIDED_CYPHER = f"""MATCH (o:GuidanceOfficer)-[g:GUIDES]->(u:Unit)
WHERE coalesce(g.role, o.role, '指导员') IN $work_roles
RETURN DISTINCT u.id AS id, coalesce(g.role, o.role, '指导员') AS role,
  {_IN_POST} AS in_force, g.valid_to < $as_of AS ended"""
#: who is in post, of which units, and in what industry these are
POSTED_CYPHER = f"""MATCH (o:GuidanceOfficer)-[g:GUIDES]->(u:Unit)
WHERE u.listed AND {_IN_POST}
RETURN DISTINCT o.id AS id, u.id AS unit, u.industry AS industry
ORDER BY id, unit"""
#: the same for one unit, or for one organization, with names
COVERING_CYPHER = f"""MATCH (o:PartyOrg)-[c:COVERS]->(u:Unit {{id: $id}})
WHERE {_COVERS}
RETURN o.id AS id, o.name AS name, {_MODE} AS mode
ORDER BY id"""
GUIDING_CYPHER = f"""MATCH (o:GuidanceOfficer)-[g:GUIDES]->(u:Unit {{id: $id}})
RETURN o.id AS id, o.name AS name, coalesce(g.role, o.role, '指导员') AS role,
  {_IN_POST} AS in_force
ORDER BY id"""
COVERS_CYPHER = f"""MATCH (o:PartyOrg {{id: $id}})-[c:COVERS]->(u:Unit)
WHERE u.listed AND {_COVERS}
RETURN u.id AS id, {_MODE} AS mode
ORDER BY id"""
#: the branch offices that an organization of their parent covers
BRANCHES_CYPHER = f"""MATCH (o:PartyOrg)-[c:COVERS]->(u:Unit)
WHERE c.of_parent AND {_COVERS}
RETURN DISTINCT u.id AS id"""

_TYPES: Mapping[str, pa.DataType] = {
    **dict.fromkeys(("bases", "undecided"), pa.list_(pa.string())),
    **dict.fromkeys(("formal", "wider", "members"), pa.int64()),
    **dict.fromkeys(("stated", "unions", "in_force", "ended", "closed"), pa.bool_()),
}


def facts_table(reader: Reader, context: Inquiry, only: Sequence[str] | None = None) -> pa.Table:
    """The units listed in the scope, those of the chain where one is asked about, by id; or `only` some of them.

    Columns are those of UnitFacts, lists joined by line ends: units that share all but the id share their states.
    """
    given = context.book.parameters("coverage_blank", context)

    def asked(cypher: str) -> pa.Table:
        table = reader.query(cypher, given)
        # Neo4j gives no type for a column without values
        table = table.cast(pa.schema([(name, _TYPES.get(name, pa.string())) for name in table.column_names]))
        return table if only is None else table.filter(_among(table["id"], pa.array(only, pa.string())))

    units = asked(UNITS.text(context))
    if context.chain:
        firms = chains.members(reader, context)["Unit"]
        units = units.filter(_among(units["id"], pa.array(sorted(firms), pa.string())))
    ids = units["id"]
    covering, guiding, branches = map(asked, (COVERED_CYPHER, GUIDED_CYPHER, BRANCHES_CYPHER))
    made = {name: units[name] for name in units.column_names}
    for name in ("bases", "undecided"):
        # bases hold for every day; a unit that was closed before is in none
        made[name] = pc.if_else(units["closed"], "", pc.fill_null(pc.binary_join(units[name], "\n"), ""))
    made["stated"] = pc.and_(units["stated"], pc.invert(_among(ids, guiding["id"])))
    made["branch"] = _among(ids, branches["id"])
    made["covered"] = _among(ids, covering["id"])
    for name, mode in (("alone", "单独"), ("unclear", "")):
        made[name] = _among(ids, covering.filter(pc.equal(covering["mode"], mode))["id"])
    made["minimum"] = _minimum(reader, context, ids)
    posted = guiding.filter(guiding["in_force"]).sort_by([("id", "ascending"), ("role", "ascending")])
    running = posted.filter(pc.invert(posted["ended"]))["id"]
    made["in_grace"] = pc.and_(_among(ids, posted["id"]), pc.invert(_among(ids, running)))
    by_role = posted.group_by(["id", "role"], use_threads=False).aggregate([])
    roles = by_role.group_by("id", use_threads=False).aggregate([("role", "list")])
    texts = pc.binary_join(roles["role_list"], "\n")
    made["guided"] = pc.fill_null(texts.take(pc.index_in(ids, roles["id"])), "")
    return pa.table({name: made[name] for name in UnitFacts._fields})


def unit_facts(reader: Reader, context: Inquiry, only: Sequence[str] | None = None) -> list[UnitFacts]:
    """See facts_table: one for each unit, by id."""
    return list(_units(facts_table(reader, context, only)))


def _among(ids: pa.ChunkedArray, known: pa.Array | pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.is_in(ids, value_set=known)


def _units(table: pa.Table) -> Iterator[UnitFacts]:
    apart = lru_cache(maxsize=None)(lambda text: tuple(text.split("\n")) if text else ())
    for id_, kind, ownership, operating, bases, undecided, *rest, guided, in_grace in zip(
        *(table[c].to_pylist() for c in UnitFacts._fields), strict=True
    ):
        lists = apart(bases), apart(undecided)
        yield UnitFacts._make((id_, kind, ownership, operating, *lists, *rest, apart(guided), in_grace))


def grouped(facts: pa.Table, row: pa.Array) -> Iterator[tuple[str, UnitFacts, int]]:
    """The distinct facts of units in each row of an answer, with their counts: a county has a few hundred."""
    columns = [c for c in UnitFacts._fields if c != "id"]
    counted = (
        facts.drop_columns("id").append_column("row", row).group_by([*columns, "row"]).aggregate([([], "count_all")])
    )
    units = _units(counted.append_column("id", pa.array([""]).take(pa.array([0] * counted.num_rows, pa.int64()))))
    return zip(counted["row"].to_pylist(), units, counted["count_all"].to_pylist(), strict=True)


def minimum_members(book: Book, context: Context) -> int:
    """The number of 正式党员 that calls for an organization, as org_should_exist has it for the county."""
    return int(book.parameters("org_should_exist", context)["org_min_members"])


def _minimum(reader: Reader, context: Inquiry, ids: pa.ChunkedArray) -> pa.Array:
    """The same number where each unit lies: a division may override it."""
    others = parts(reader, context.locality)[1:]
    minimums = pa.array([minimum_members(context.book, context)], pa.int64()).take(pa.array([0] * len(ids), pa.int64()))
    if not others:
        return minimums
    located = Regions.read(reader).located(reader)
    for part in others:
        value = minimum_members(context.book, replace(context, locality=part.locality))
        minimums = pc.if_else(_among(ids, located.inside(part.regions)).combine_chunks(), value, minimums)
    return minimums


def minimum_elsewhere(facts: pa.Table, minimum: int) -> tuple[str, ...]:
    """A note where the number is not the same everywhere."""
    others = sorted({*pc.unique(facts["minimum"]).to_pylist()} - {minimum})
    if not others:
        return ()
    numbers = "、".join(map(str, others))
    return (f"部分区划另设应建党组织的正式党员数（{numbers}人），其单位按所在区划的数计。",)
