"""Whether a store holds the sample, which every page and workbook then says."""

from __future__ import annotations

from api.office import Office

#: codes of divisions under 99 are assigned to no place (GB/T 2260); the sample uses them
UNASSIGNED = "99"


def fictional(office: Office) -> bool:
    """Whether the store holds the sample, whose divisions carry codes assigned to no place."""
    query = f"MATCH (r:Region) WHERE r.code STARTS WITH '{UNASSIGNED}' RETURN count(r) AS n"
    with office.reader() as reader:
        return bool(reader.query(query)["n"][0].as_py())
