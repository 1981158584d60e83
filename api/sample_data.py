"""Recognizes a store of the fictional sample, so that every page and workbook can be marked."""

from __future__ import annotations

from api.office import Office

#: the first digits of division codes that GB/T 2260 assigns to no place; the sample uses them
UNASSIGNED = "99"


def fictional(office: Office) -> bool:
    """Whether the divisions of the store have codes of the sample."""
    query = f"MATCH (r:Region) WHERE r.code STARTS WITH '{UNASSIGNED}' RETURN count(r) AS n"
    with office.reader() as reader:
        return bool(reader.query(query)["n"][0].as_py())
