"""What is in force on a day, by its dates: one definition, for Cypher and for values.

Rule files write the same conditions out, because they are also pasted into Neo4j Browser.
"""

from __future__ import annotations

import datetime as dt

from graph.locality import Locality
from graph.ontology import EdgeType


def in_force(*edges: str) -> str:
    """The Cypher condition under which each of these edge variables holds at $as_of."""
    return " AND ".join(f"{edge}.valid_from <= $as_of AND $as_of <= {edge}.valid_to" for edge in edges)


def posting_in_force(edge: str) -> str:
    """The Cypher condition under which a posting counts at $as_of; it holds from $posting_since on."""
    return f"{edge}.valid_from <= $as_of AND $posting_since <= {edge}.valid_to"


def founded(unit: str) -> str:
    """The Cypher condition under which a Unit is founded by $as_of, or on a day that is not known."""
    return f"coalesce({unit}.founded_on, $as_of) <= $as_of"


def there(unit: str) -> str:
    """The Cypher condition under which a Unit is there at $as_of by its dates; an unknown date excludes no day."""
    return f"{founded(unit)} AND $as_of <= coalesce({unit}.closed_on, $as_of)"


def relation_in_force(kind: EdgeType) -> str:
    """The Cypher condition under which edge `e` from `a` holds at $as_of, '' where it always does.

    A posting also needs an officer who is not gone ($duties_gone).
    """
    if kind.name == "GUIDES":
        return f"{posting_in_force('e')} AND NOT (coalesce(a.duty, '') IN $duties_gone)"
    return in_force("e") if kind.dated else ""


def quarter_start(day: dt.date, quarters_back: int = 0) -> dt.date:
    """The first day of the quarter of `day`, or of one so many quarters earlier."""
    quarter = day.year * 4 + (day.month - 1) // 3 - quarters_back
    return dt.date(quarter // 4, quarter % 4 * 3 + 1, 1)


def posting_since(as_of: dt.date, locality: Locality) -> dt.date:
    """A posting whose term ended before this day no longer counts.

    It counts until the end of the quarter after its last day, or of as many quarters as the county sets.
    """
    grace = locality.posting_grace_quarters
    return quarter_start(as_of, grace) if grace > 0 else as_of


def posting_end(valid_to: dt.date, locality: Locality) -> dt.date:
    """The last day on which a posting of this term counts; posting_since looks back to it."""
    quarters = locality.posting_grace_quarters
    return quarter_start(valid_to, -quarters - 1) - dt.timedelta(days=1) if quarters > 0 else valid_to
