"""Chooses 需重点关注的镇街 from the overview, each with its reasons; never ranks divisions as worst."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graph.answers import Answer, Column
from visualizations.show import number, percent

#: most divisions named for one reason
EACH = 5


def attention(overview: Answer) -> tuple[list[Column], list[Mapping[str, Any]]]:
    """Columns and rows of a table: divisions with the most problems of high severity, or the lowest 组织覆盖.

    At most EACH for one reason; for a rate only divisions below that of the whole. Divisions with more reasons come
    first. The row `rest` (本级), of what lies in no 镇街, is left out.
    """
    rates = [c for c in overview.columns if c.role == "coverage" and c.aspect == "organization"]
    divisions = [r for r in overview.rows if r.get("division_id") and not r.get("rest")]
    reasons: dict[str, list[str]] = {}
    for row in sorted(divisions, key=lambda r: -(r.get("high") or 0))[:EACH]:
        if row.get("high"):
            reason = f"严重程度高的问题 {number(row['high'])} 项，居前"
            reasons.setdefault(row["division_id"], []).append(reason)
    whole = {t.name: t.value for t in overview.totals}
    for column in rates:
        rate = whole.get(column.name)
        if rate is None:
            continue
        low = [r for r in divisions if r.get(column.name) is not None and r[column.name] < rate]
        for row in sorted(low, key=lambda r: float(r[column.name]))[:EACH]:
            reason = f"{column.label} {percent(row[column.name])}，低于全域 {percent(rate)}"
            reasons.setdefault(row["division_id"], []).append(reason)
    named: list[Mapping[str, Any]] = [
        {**r, "reasons": "；".join(reasons[r["division_id"]])} for r in divisions if r["division_id"] in reasons
    ]
    named = sorted(named, key=lambda r: (-len(reasons[r["division_id"]]), -(r.get("high") or 0)))
    first = [c for c in overview.columns if c.name in ("division", "high")]
    return [first[0], *rates, *first[1:], Column("reasons", "关注什么")] if named else [], named
