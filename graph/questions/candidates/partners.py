"""Who helps a village, a group or a demand from outside: partners, leaders, teams, resources."""

from __future__ import annotations

from graph.answers import Finding
from graph.questions.nearby import MOST, Around, Candidates

PAIRS_CYPHER = """MATCH (n:PartnerUnit)-[p:PAIRED_WITH]-(x)
WHERE n.listed AND x.listed AND p.valid_from <= $as_of AND $as_of <= p.valid_to
RETURN n.id AS id, count(DISTINCT x.id) AS number
ORDER BY id"""


def pair(around: Around, finding: Finding) -> Candidates:
    """Partners with no or the fewest pairings in force, the nearest of them first."""
    partners = around.things("PartnerUnit", "kind")
    held = around.query(PAIRS_CYPHER, {"as_of": around.context.as_of})
    number = partners.counts(held["id"], held["number"])
    wanted = ~partners.where("kind", ["村社"]) if around.type == "Region" else partners.all()
    return [
        partners.candidate(
            row,
            partners.value(row, "kind") or "结对单位",
            (f"现有结对 {number[row]} 对", around.whereabouts(partners, row)),
        )
        for row in partners.order(wanted & around.same_county(partners), before=(number,))[:MOST]
    ]
