"""结对共建: who is paired with whom, and who should be and is not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from graph.answers import Answer, Column, Total
from graph.context import Context
from graph.ontology import ALWAYS_FROM, ALWAYS_TO
from graph.questions.asking import Question
from graph.questions.network import subgraphs
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader
from graph.validity import in_force

MOST_DRAWN = 300
UNPAIRED = "未结对"

PAIRS_CYPHER = f"""MATCH (a)-[e:PAIRED_WITH]->(b)
WHERE {in_force("e")}
RETURN a.id AS one, b.id AS other, e.valid_from AS since, e.valid_to AS until,
  e.items AS items, e.status AS status, e.contact AS contact, e.key AS key
ORDER BY key"""


def pairings(reader: Reader, context: Inquiry) -> Answer:
    """The pairings in force, then the findings of partner_missing: the sides of the county's plan without a pairing."""
    # these relations decide who belongs to a chain
    of_chain = ("IN_CHAIN", "LEADS_CHAIN", "COVERS") if context.chain else ()
    network = subgraphs.read(reader, context, ("PAIRED_WITH", *of_chain))
    nodes = {row["id"]: row for row in network.nodes.to_pylist()}
    inside = set(network.nodes.filter(pa.array(subgraphs.within(network, context)))["id"].to_pylist())
    rows: list[dict[str, Any]] = []
    for pair in reader.query(PAIRS_CYPHER, {"as_of": context.as_of}).to_pylist():
        one, other = nodes.get(pair["one"]), nodes.get(pair["other"])
        if one and other and (one["id"] in inside or other["id"] in inside):
            rows.append(
                {
                    **_side(context, one, "one"),
                    **_side(context, other, "other"),
                    "division": one["place"] if other["type"] != "Region" else other["place"],
                    "since": _dated(pair["since"]),
                    "until": _dated(pair["until"]),
                    "items": pair["items"],
                    "status": pair["status"],
                    "contact": pair["contact"],
                    "state": "已结对",
                    "id": pair["one"],
                }
            )
    rows.sort(key=lambda r: (r["one_type"], r["one"], r["other"], r["id"]))
    missing = [
        {**_side(context, node, "one"), "division": node["place"], "state": UNPAIRED, "id": node["id"]}
        for finding in context.book.run(reader, "partner_missing", context).findings
        if (node := nodes.get(finding.subject))
    ]
    missing.sort(key=lambda r: (r["one_type"], r["one"], r["id"]))
    sides = {row[side] for row in rows for side in ("one_id", "other_id")}
    drawn = sides | {row["id"] for row in missing}
    shown = np.fromiter((node in drawn for node in nodes), bool, len(nodes))
    column = context.ontology.column
    return context.answer(
        reader,
        "pairings",
        "结对共建",
        [
            Column("one", "甲方", link=("*", "one_id")),
            Column("one_type", "甲方类型"),
            Column("other", "乙方", link=("*", "other_id")),
            Column("other_type", "乙方类型"),
            Column("division", "所在区划"),
            Column("since", "结对日期", "date"),
            Column("until", "期满日期", "date"),
            column("PAIRED_WITH.items"),
            column("PAIRED_WITH.status"),
            column("PAIRED_WITH.contact"),
            Column("state", "状态"),
        ],
        [*rows, *missing],
        totals=(
            Total("pairs", "有效结对", len(rows), "对"),
            Total("sides", "参与结对的各方", len(sides), "个"),
            Total("missing", "应结对未结对", len(missing), "个"),
        ),
        basis=(
            "结对：截止日有效的结对关系，日期为空视为长期有效。",
            "未结对（规则 partner_missing）：本地结对方案所列的"
            + "、".join(context.locality.pairing_sides)
            + "中没有有效结对的。",
        ),
        cypher=(PAIRS_CYPHER, *network.cypher),
        graph=subgraphs.cut(reader, context, network, shown, MOST_DRAWN, {row["id"]: UNPAIRED for row in missing}),
    )


def _side(context: Context, node: Mapping[str, Any], side: str) -> dict[str, Any]:
    return {side: node["name"], f"{side}_type": context.ontology.nodes[node["type"]].label, f"{side}_id": node["id"]}


def _dated(date: dt.date) -> dt.date | None:
    """A bound of a validity; None where the ledger states none."""
    return None if date in (ALWAYS_FROM, ALWAYS_TO) else date


QUESTIONS: tuple[Question, ...] = (
    Question("pairings", "结对共建", "谁与谁结对、自何时起、做了什么；按本地方案应结对而未结对的有哪些。", pairings),
)
