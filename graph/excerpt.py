"""The excerpt of a graph for a viewer of some divisions: what lies in them, and of what it is tied to the name.

It is the one place that decides what a limited viewer may learn of. Every question of theirs, its lookups, candidates,
counts and messages are asked of the excerpt, so that what is not in it cannot leave.

* Inside is what lies in a division of theirs or in a park, building or district of theirs: everything is known of it.
  A thing in a visible place that lies in a division that is not visible lies, in the excerpt, in that place.
* Shared is what an inside thing is tied to, and above it the superiors, chains and divisions up to the root, and the
  organizations and departments that lead a shared chain: known by name, and by the few properties by which rules judge inside things.
* Of the records, those that speak of inside things alone: a 待核实 that quotes anything else is left out, as are the
  rows of other things, what is counted elsewhere, and the notes and reports of whole loads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from graph.ontology import Ontology
from graph.regions import Regions
from graph.stores import transfer
from graph.stores.base import Reader, Writer
from graph.stores.transfer import Portion

#: what is known of a shared thing beside its name: what rules and coverage read of the other end of a relation, and no
#: code, number or date but those of whether it is there
_OF_SHARED: Mapping[str, tuple[str, ...]] = {
    "Region": ("code", "kind"),
    "Unit": ("operating", "ownership", "founded_on", "closed_on"),
    "PartyOrg": ("kind",),
    "GuidanceOfficer": ("role", "duty"),
    "IndustryChain": ("key_chain", "lead_department"),
    "PartnerUnit": ("kind", "level"),
    "Leader": ("level",),
    "WorkTeam": ("first_secretary",),
    "ListItem": ("kind",),
    "Site": ("grade",),
    "Activity": ("kind", "held_on", "expected", "attended"),
}
#: relations between two shared things that the excerpt has: what is above them
_ABOVE = ("PART_OF", "SUBORDINATE_TO", "LEADS_CHAIN", "LOCATED_IN")
#: of such a relation only this is known
_OF_ABOVE = ("from", "to", "key", "role", "valid_from", "valid_to")
#: roles of chains that are none of leading: their organizations are many, and lie anywhere
_MEMBER = "成员"
#: a thing that concerns whatever it points at, and everything in a division
_CONCERNING = ("Deferral", "DEFERS")


#: the counts of a measurement
_COUNTS = ("population", "findings", "unverified")
#: records of whole writes, which number the revisions, and what of them tells of the things that were written
_WHOLE: Mapping[str, tuple[str, ...]] = {"Change": ("note",), "Import": ("report",)}


@dataclass(frozen=True, slots=True)
class _Things:
    """The ids of an excerpt: `regions` above the visible ones, all things `inside`, and those `shared`."""

    above: frozenset[str]
    inside: frozenset[str]
    shared: frozenset[str]
    #: the visible place that stands for the division of a thing that lies in none of the visible ones
    places: Mapping[str, str]


def write(reader: Reader, writer: Writer, ontology: Ontology, allowed: Iterable[str]) -> frozenset[str]:
    """Write the excerpt of `reader` for the divisions `allowed` into an empty store; the ids of what lies inside."""
    portions = list(transfer.portions(reader, ontology))
    things = _things(portions, frozenset(allowed))
    transfer.write(writer, _parts(portions, things, ontology))
    return things.inside


def _pairs(portions: Iterable[Portion], kind: str) -> Iterator[tuple[str, str]]:
    """The ends of the edges of a type."""
    for portion in portions:
        if portion.kind == kind and portion.ends:
            yield from zip(portion.rows["from"].to_pylist(), portion.rows["to"].to_pylist(), strict=True)


def _things(portions: Sequence[Portion], allowed: frozenset[str]) -> _Things:
    edges = [p for p in portions if p.ends]
    parents = dict(_pairs((p for p in edges if p.ends == ("Region", "Region")), "PART_OF"))
    tree = Regions({}, {}, parents)
    above = frozenset(r for region in allowed for r in tree.path(region)) - allowed
    inside = set(allowed)
    inside.update(thing for thing, region in _pairs(edges, "LOCATED_IN") if region in allowed)
    places: dict[str, str] = {}
    for thing, place in sorted(_pairs(edges, "IN_PLACE")):
        if place in allowed and thing not in inside:
            places.setdefault(thing, place)
    inside |= places.keys()
    inside.update(deferral for deferral, thing in _pairs(edges, _CONCERNING[1]) if thing in inside or thing in above)
    shared = set(above)
    ids = pa.array(sorted(inside), pa.string())
    for portion in edges:
        out, into = (pc.is_in(portion.rows[end], value_set=ids) for end in ("from", "to"))
        shared.update(portion.rows["to"].filter(pc.and_(out, pc.invert(into))).to_pylist())
        shared.update(portion.rows["from"].filter(pc.and_(into, pc.invert(out))).to_pylist())
    chains = _upward(_pairs((p for p in edges if p.ends and p.ends[0] != "Region"), "PART_OF"), shared | inside)
    shared |= chains
    for portion in edges:
        if portion.kind == "LEADS_CHAIN" and portion.ends and portion.ends[0] != "Unit":
            leading = portion.rows.filter(pc.not_equal(pc.fill_null(portion.rows["role"], _MEMBER), _MEMBER))
            of_shared = pc.is_in(leading["to"], value_set=pa.array(sorted(shared | inside), pa.string()))
            shared.update(leading["from"].filter(of_shared).to_pylist())
    shared |= _upward(_pairs(edges, "SUBORDINATE_TO"), shared | inside)
    return _Things(above, frozenset(inside), frozenset(shared - inside), places)


def _upward(pairs: Iterable[tuple[str, str]], start: Iterable[str]) -> set[str]:
    """Everything above the ids of `start`, by pairs of (lower, upper)."""
    upper: dict[str, list[str]] = {}
    for low, high in pairs:
        upper.setdefault(low, []).append(high)
    seen: set[str] = set()
    waiting = list(start)
    while waiting:
        for high in upper.get(waiting.pop(), ()):
            if high not in seen:
                seen.add(high)
                waiting.append(high)
    return seen


def _parts(portions: Iterable[Portion], things: _Things, ontology: Ontology) -> Iterator[Portion]:
    """The portions of the excerpt, in the same order."""
    inside = pa.array(sorted(things.inside), pa.string())
    shared = pa.array(sorted(things.shared), pa.string())
    either = pa.array(sorted(things.inside | things.shared), pa.string())
    lying = pa.array(sorted(things.above), pa.string())
    rows = pa.array([], pa.string())
    for portion in portions:
        table = portion.rows
        if portion.ends:
            touching = pc.or_(pc.is_in(table["from"], value_set=inside), pc.is_in(table["to"], value_set=inside))
            own = table.filter(pc.and_(touching, pc.is_in(table["to"], value_set=either)))
            if portion.kind == "LOCATED_IN" and things.places:
                own = _lying(own, things.places)
            if own.num_rows:
                yield Portion(portion.kind, own, portion.ends)
            if portion.kind in _ABOVE:
                # of where shared things lie, only the divisions above
                far = lying if portion.ends[1] == "Region" else shared
                both = pc.and_(pc.is_in(table["from"], value_set=shared), pc.is_in(table["to"], value_set=far))
                between = _known(table.filter(both), _OF_ABOVE)
                if between.num_rows:
                    yield Portion(portion.kind, between, portion.ends)
        elif not ontology.nodes[portion.kind].system:
            kind = ontology.nodes[portion.kind]
            own = table.filter(pc.is_in(table["id"], value_set=inside))
            known = ("id", "listed", kind.called.name, *_OF_SHARED.get(kind.name, ()))
            others = _known(table.filter(pc.is_in(table["id"], value_set=shared)), known)
            if own.num_rows or others.num_rows:
                yield Portion(portion.kind, pa.concat_tables([own, others]))
        else:
            own = _records(portion.kind, table, inside, rows)
            if portion.kind == "SourceRow":
                rows = pa.concat_arrays([rows, *own["id"].chunks])
            if own.num_rows:
                yield Portion(portion.kind, own)


def _lying(located: pa.Table, places: Mapping[str, str]) -> pa.Table:
    """The edges of where things lie, with the visible place of those that lie elsewhere."""
    where = [
        places.get(thing, region)
        for thing, region in zip(*(located[c].to_pylist() for c in ("from", "to")), strict=True)
    ]
    return located.set_column(located.column_names.index("to"), "to", pa.array(where, pa.string()))


def _known(table: pa.Table, columns: Sequence[str]) -> pa.Table:
    """The table with null in all other columns."""
    return pa.table(
        {c.name: table[c.name] if c.name in columns else pa.nulls(table.num_rows, c.type) for c in table.schema}
    )


def _records(kind: str, table: pa.Table, inside: pa.Array, rows: pa.Array) -> pa.Table:
    """The records of a type that speak of inside things alone. `rows` are the ledger rows that the excerpt has."""

    def among(column: str) -> pa.ChunkedArray:
        return pc.fill_null(pc.is_in(table[column], value_set=inside), False)

    def blank(column: str) -> pa.ChunkedArray:
        return pc.equal(pc.fill_null(table[column], ""), "")

    if kind == "SourceRow":
        # a row of a relation is of no thing, and lies where its ledger does
        return table.filter(pc.or_(among("entity"), pc.and_(blank("entity"), among("division"))))
    if kind == "Review":
        quoting = pc.and_(pc.or_(among("subject"), blank("subject")), pc.or_(among("other"), blank("other")))
        own = table.filter(pc.and_(quoting, among("division")))
        known = set(rows.to_pylist())
        own = own.filter(pa.array([known.issuperset(marked or ()) for marked in own["rows"].to_pylist()], pa.bool_()))
        # what is similar, or else of that name, may lie anywhere
        naming = pc.is_in(own["kind"], value_set=pa.array(("dangling", "division"), pa.string()))
        nothing = pa.scalar(None, pa.string())
        return own.set_column(
            own.column_names.index("evidence_for"), "evidence_for", pc.if_else(naming, nothing, own["evidence_for"])
        )
    if kind == "Measurement":
        # the row of no division says by which rules a revision was measured, and counts the whole county
        whole = table.filter(blank("division"))
        counts = {name: pa.repeat(pa.scalar(0, pa.int64()), whole.num_rows) for name in _COUNTS}
        emptied = pa.table({c: counts[c] if c in counts else whole[c] for c in whole.column_names})
        return pa.concat_tables([emptied.cast(table.schema), table.filter(among("division"))])
    if kind == "FindingSpan":
        return table.filter(among("subject"))
    if kind in _WHOLE:
        return _known(table, [c for c in table.column_names if c not in _WHOLE[kind]])
    return table.slice(0, 0)
