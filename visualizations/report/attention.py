"""需重点关注的镇街: which rows of the overview call for attention first, and for what.

Never a ranking of who is worst: each is named for its own reasons, which anyone can look up in the overview.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graph.answers import Answer, Column
from visualizations.show import number, percent

#: divisions named for one reason
EACH = 5


def attention(overview: Answer) -> tuple[list[Column], list[Mapping[str, Any]]]:
    """Columns and rows of a table: divisions with the most problems of high severity, or whose 组织覆盖 is lowest.

    At most EACH for one reason, and for a rate only those below the whole's; a division named for several reasons
    comes first. The row of the `rest`, which lies in no part (本级), is no 镇街.
    """
    rates = [c for c in overview.columns if c.role == "coverage" and c.aspect == "organization"]
    known = [r for r in overview.rows if r.get("division_id") and not r.get("rest")]
    reasons: dict[str, list[str]] = {}
    for row in sorted(known, key=lambda r: -(r.get("high") or 0))[:EACH]:
        if row.get("high"):
            said = f"严重程度高的问题 {number(row['high'])} 项，居前"
            reasons.setdefault(row["division_id"], []).append(said)
    whole = {t.name: t.value for t in overview.totals}
    for column in rates:
        of_all = whole.get(column.name)
        low = [r for r in known if r.get(column.name) is not None and of_all is not None and r[column.name] < of_all]
        for row in sorted(low, key=lambda r: float(r[column.name]))[:EACH]:
            said = f"{column.label} {percent(row[column.name])}，低于全域 {percent(of_all or 0)}"
            reasons.setdefault(row["division_id"], []).append(said)
    named: list[Mapping[str, Any]] = [
        {**r, "reasons": "；".join(reasons[r["division_id"]])} for r in known if r["division_id"] in reasons
    ]
    named = sorted(named, key=lambda r: (-len(reasons[r["division_id"]]), -(r.get("high") or 0)))
    first = [c for c in overview.columns if c.name in ("division", "high")]
    return [first[0], *rates, *first[1:], Column("reasons", "关注什么")] if named else [], named
