"""A small county, written once for each module, and a fixture that asks questions about it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pytest

from graph import ontology
from graph.answers import Answer
from graph.locality import Locality
from graph.ontology import ALWAYS_FROM, ALWAYS_TO
from graph.questions import catalogue
from graph.questions.asking import ask
from graph.rules.book import book
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader, Store, Writer

AS_OF = dt.date(2026, 6, 30)
BASE = "实体运营非公企业"

NODES: dict[str, list[dict[str, Any]]] = {
    "Region": [
        {"id": "r0", "name": "丁市", "code": "990001", "kind": "县"},
        {"id": "r1", "name": "东镇", "code": "990001101", "kind": "镇街"},
        {"id": "r2", "name": "西镇", "code": "990001102", "kind": "镇街"},
        {"id": "r3", "name": "甲村", "kind": "村", "category": ["乡村振兴重点村"]},
        {"id": "r4", "name": "乙村", "kind": "村", "category": ["脱贫村"]},
    ],
    "Unit": [
        {"id": f"u{i}", "name": f"第{i}企业有限公司", "kind": "企业", "ownership": "非公", "operating": "在营",
         "formal_members": 4 if i == 5 else 1, "reason_unbuilt": "没有党员" if i in (1, 5) else None, "staff": 10 * i, "bases": [BASE], "bases_undecided": []}
        for i in range(1, 7)
    ],  # u6 is a retired record: its edges must not count
    "PartyOrg": [
        {"id": "o1", "name": "烟花产业链党委", "kind": "产业链党委", "secretary": "书记甲"},
        {"id": "o2", "name": "第1企业党支部", "kind": "支部", "secretary": "书记乙", "term_to": dt.date(2027, 5, 1)},
        {"id": "o3", "name": "临时支部", "kind": "临时党支部"},
    ],
    "GuidanceOfficer": [
        {"id": "g1", "name": "指导员甲", "role": "指导员", "capacity": 5, "duty": "在岗"},
        {"id": "g2", "name": "指导员乙", "role": "指导员", "capacity": 5, "duty": "调离"},
    ],
    "IndustryChain": [
        {"id": "c1", "name": "烟花", "key_chain": True, "output": 12_000_000_000, "lead_department": ["工业发展局"]},
        {"id": "c2", "name": "储能"},
    ],
    "PartnerUnit": [{"id": "n1", "name": "丁市财政服务局", "kind": "机关"}],
    "JointGroup": [{"id": "j1", "name": "第一联组", "leader": "组长甲"}],
}  # fmt: skip
Pairs = list[tuple[str, str, dict[str, Any]]]
EDGES: dict[tuple[str, str, str], Pairs] = {
    ("PART_OF", "Region", "Region"): [("r1", "r0", {}), ("r2", "r0", {}), ("r3", "r1", {}), ("r4", "r2", {})],
    ("LOCATED_IN", "Unit", "Region"): [(f"u{i}", "r1" if i < 4 else "r2", {}) for i in range(1, 7)],
    ("LOCATED_IN", "PartyOrg", "Region"): [("o1", "r0", {}), ("o2", "r1", {}), ("o3", "r1", {})],
    ("LOCATED_IN", "GuidanceOfficer", "Region"): [("g1", "r1", {}), ("g2", "r2", {})],
    ("LOCATED_IN", "IndustryChain", "Region"): [("c1", "r0", {}), ("c2", "r0", {})],
    ("LOCATED_IN", "PartnerUnit", "Region"): [("n1", "r0", {})],
    ("LOCATED_IN", "JointGroup", "Region"): [("j1", "r1", {})],
    ("IN_CHAIN", "Unit", "IndustryChain"): [
        *((f"u{i}", "c1", {"segment": "制造"}) for i in (1, 2, 3, 4, 6)),
        ("u5", "c1", {"valid_to": dt.date(2025, 12, 31)}),
        ("u4", "c2", {}),
    ],
    ("LEADS_CHAIN", "Unit", "IndustryChain"): [("u1", "c1", {"role": "链主"}), ("u4", "c2", {"role": "链主"})],
    ("LEADS_CHAIN", "PartyOrg", "IndustryChain"): [
        ("o1", "c1", {"role": "产业链党委"}),
        ("o2", "c1", {"role": "成员"}),
    ],
    ("COVERS", "PartyOrg", "Unit"): [("o2", "u1", {"mode": "单独"}), ("o3", "u2", {"mode": "联合"})],
    ("SUBORDINATE_TO", "PartyOrg", "PartyOrg"): [("o2", "o1", {})],
    ("GUIDES", "GuidanceOfficer", "Unit"): [
        ("g1", "u1", {"role": "指导员"}),
        ("g1", "u2", {"role": "指导员", "valid_to": dt.date(2026, 3, 31)}),  # counts to the end of June
        ("g1", "u3", {"role": "指导员", "valid_to": dt.date(2025, 12, 31)}),
        ("g2", "u4", {"role": "指导员"}),
    ],
    ("PAIRED_WITH", "PartnerUnit", "Region"): [
        ("n1", "r3", {"valid_from": dt.date(2024, 3, 1), "items": "修路", "status": "进行中", "contact": "联系人甲"}),
        ("n1", "r4", {"valid_to": dt.date(2025, 12, 31)}),
    ],
}
ROWS: list[dict[str, Any]] = [
    {"ledger": "enterprises", "entity": "u1", "line": 7, "brought": 1,
     "values": {"name": "第1企业有限公司", "kind": "企业", "staff": 9, "formal_members": 1, "@placed": "东镇",
                "@chain": ["烟花"], "has_organization": True, "org.secretary": "书记乙"}},
    {"ledger": "enterprises", "entity": "u1", "line": 8, "brought": 2,
     "values": {"name": "第1企业有限公司", "staff": 10, "@placed": "东镇"}},
    {"ledger": "officers", "entity": "g1", "line": 4, "brought": 1,
     "values": {"name": "指导员甲", "@units": ["第2企业有限公司", "第1企业有限公司"]}},
    {"ledger": "pairings", "entity": "", "line": 5, "brought": 1,
     "values": {"@from": "丁市财政服务局", "@to": "甲村", "valid_from": "2024-03-01", "items": "修路"}},
    {"ledger": "enterprises", "entity": "u1", "line": 6, "brought": 1, "ended": 2, "values": {"staff": 10}},
]  # fmt: skip
REVIEWS: list[dict[str, Any]] = [
    {"id": "v1", "kind": "lookalike", "state": "open", "subject": "u1", "other": "u2", "division": "r1", "line": 7,
     "question": "“第1企业有限公司”与“第2企业有限公司”是不是同一家单位？", "evidence_for": "名称相近",
     "evidence_against": "代码不同"},
    {"id": "v2", "kind": "dangling", "state": "open", "subject": "g1", "division": "r2", "line": 3,
     "question": "“某企业”在两新组织台账中没有找到。"},
    {"id": "v3", "kind": "lookalike", "state": "decided", "subject": "u3", "other": "u4", "division": "r1", "line": 9,
     "question": "是否同一家？", "decision": "分开"},
]  # fmt: skip
REPORT = {
    "revision": 1,
    "totals": {"rows": 10, "accepted": 8, "new": 8, "changed": 0, "unchanged": 0, "merged": 1, "rejected": 1,
               "retired": 0, "reviews": 2},
    "files": [{"file": "企业.xlsx", "sheet": "Sheet1"}, {"file": "企业.xlsx", "sheet": "Sheet2"}],
}  # fmt: skip


def _table(rows: list[dict[str, Any]]) -> pa.Table:
    columns = dict.fromkeys(name for row in rows for name in row)
    return pa.Table.from_pylist([{name: row.get(name) for name in columns} for row in rows])


def _fill(writer: Writer) -> None:
    kinds = ontology.load().edges
    for node_type, nodes in NODES.items():
        writer.upsert(node_type, _table([{"listed": node["id"] != "u6"} | node for node in nodes]))
    for (edge, one, other), pairs in EDGES.items():
        always = {"valid_from": ALWAYS_FROM, "valid_to": ALWAYS_TO} if kinds[edge].dated else {}
        rows = [{"from": a, "to": b, "key": f"e{edge}{a}{b}"} | always | more for a, b, more in pairs]
        writer.link(edge, one, other, _table(rows))
    rows = [
        row
        | {
            "id": f"t{i}",
            "file": "台账.xlsx",
            "sheet": row["ledger"],
            "values": json.dumps(row["values"], ensure_ascii=False),
        }
        for i, row in enumerate(ROWS)
    ]
    writer.upsert("SourceRow", _table(rows))
    writer.upsert(
        "Review", _table([review | {"file": "台账.xlsx", "sheet": "一", "sensitivity": "open"} for review in REVIEWS])
    )
    writer.upsert("Import", _table([{"id": "m1", "change": 1, "state": "done", "report": json.dumps(REPORT)}]))
    at = "2026-06-30T09:00:00+08:00"
    changes = [
        {"id": "x1", "number": 1, "kind": "load", "author": "甲", "at": at, "note": "载入", "undoes": None},
        {"id": "x2", "number": 2, "kind": "undo", "author": "乙", "at": at, "note": "撤销", "undoes": 1},
    ]
    writer.upsert("Change", _table(changes))


@pytest.fixture(scope="module")
def county(module_store: Store) -> Iterator[Reader]:
    """The county of this file on each engine, open for reading."""
    with module_store.writer("测试", "建立") as writer:
        _fill(writer)
    with module_store.reader() as reader:
        yield reader


@pytest.fixture(scope="session")
def context() -> Inquiry:
    """The context of every question in these tests."""
    return Inquiry(AS_OF, Locality(), ontology.load(), book=book())


@pytest.fixture(scope="module")
def asked(county: Reader, context: Inquiry) -> Callable[..., Answer]:
    """The answer to a question by name."""
    questions = catalogue(context.book)

    def answer(name: str, *, allowed: tuple[str, ...] = (), **given: str) -> Answer:
        return ask(questions, county, context, name, given, allowed=allowed)

    return answer
