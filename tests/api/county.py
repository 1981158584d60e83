"""A small county, written directly into a store, and viewers of it."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from api.viewer import Viewer
from graph.ontology import ALWAYS_FROM, ALWAYS_TO
from graph.stores.base import Writer

AS_OF = dt.date(2026, 6, 30)
#: the persons of the county; their names are so rare that one in a text is a leak
PEOPLE = ("欧阳试甲", "司徒测乙", "诸葛验丙", "上官查丁", "端木核戊")
OFFICER, SECRETARY, CONTACT, LEADER, STAFF = PEOPLE
NAMELESS = Viewer("值班室", (), frozenset({"members"}))
CLERK = Viewer("经办人", (), frozenset({"person", "members", "case"}))


def _nodes(writer: Writer, kind: str, *rows: Mapping[str, Any]) -> None:
    writer.upsert(kind, pa.Table.from_pylist([{"listed": True, **row} for row in rows]))


def _edges(writer: Writer, kind: str, ends: tuple[str, str], *pairs: tuple[str, str], **more: Any) -> None:
    rows = [{"from": a, "to": b, "key": f"{kind}-{a}-{b}", **more} for a, b in pairs]
    writer.link(kind, *ends, pa.Table.from_pylist(rows))


def write_county(writer: Writer) -> None:
    """Two towns; six firms under one officer, two of them with an organization, one that should have its own."""
    always = {"valid_from": ALWAYS_FROM, "valid_to": ALWAYS_TO}
    _nodes(
        writer,
        "Region",
        {"id": "r0", "name": "测试县", "code": "990909", "kind": "县"},
        {"id": "r1", "name": "东镇", "code": "990909101", "kind": "镇街"},
        {"id": "r2", "name": "西镇", "code": "990909102", "kind": "镇街"},
    )
    _edges(writer, "PART_OF", ("Region", "Region"), ("r1", "r0"), ("r2", "r0"))
    members = {"u1": 5, "u2": 4, "u3": 2, "u4": 0, "u5": 1, "u6": 0}
    _nodes(
        writer,
        "Unit",
        *(
            {"id": u, "name": f"{u}号公司", "kind": "企业", "ownership": "非公", "operating": "在营",
             "formal_members": n, "entity_operated": True, "staff": 10 * n, "above_scale": True}
            for u, n in members.items()
        ),
    )  # fmt: skip
    places = [(u, "r1" if u < "u5" else "r2") for u in members]
    _edges(writer, "LOCATED_IN", ("Unit", "Region"), *places)
    _nodes(
        writer,
        "PartyOrg",
        {"id": "o1", "name": "一号支部", "kind": "支部", "secretary": SECRETARY, "two_new": True, "formal_members": 5,
         "term_to": dt.date(2024, 1, 31), "elected": True},
        {"id": "o2", "name": "二号支部", "kind": "联合支部", "secretary": SECRETARY, "two_new": True},
    )  # fmt: skip
    _edges(writer, "LOCATED_IN", ("PartyOrg", "Region"), ("o1", "r1"), ("o2", "r1"))
    _edges(writer, "COVERS", ("PartyOrg", "Unit"), ("o1", "u1"), mode="单独", **always)
    _edges(writer, "COVERS", ("PartyOrg", "Unit"), ("o2", "u3"), mode="联合", **always)
    _nodes(
        writer,
        "GuidanceOfficer",
        {"id": "g1", "name": OFFICER, "role": "指导员", "duty": "在岗", "workplace": "东镇政府"},
    )
    _edges(writer, "LOCATED_IN", ("GuidanceOfficer", "Region"), ("g1", "r1"))
    guided = [("g1", u) for u in members]
    _edges(writer, "GUIDES", ("GuidanceOfficer", "Unit"), *guided, role="指导员", **always)
    _nodes(writer, "JointGroup", {"id": "j1", "name": "第一联组", "leader": LEADER, "staff": STAFF})
    _edges(writer, "LOCATED_IN", ("JointGroup", "Region"), ("j1", "r1"))
    _edges(writer, "GROUPED_IN", ("PartyOrg", "JointGroup"), ("o1", "j1"), role="组长", **always)
    _nodes(writer, "PartnerUnit", {"id": "n1", "name": "测试县某局", "kind": "机关"})
    _edges(writer, "LOCATED_IN", ("PartnerUnit", "Region"), ("n1", "r1"))
    _edges(writer, "PAIRED_WITH", ("PartyOrg", "PartnerUnit"), ("o1", "n1"), contact=CONTACT, items="共建", **always)
    question = f"指导员“{OFFICER}”联系的“甲公司”没有找到。"
    place = {"division": "r1", "file": "a.xlsx", "sheet": "指导员", "line": 3}
    review = {
        "id": "v1",
        "kind": "dangling",
        "state": "open",
        "subject": "g1",
        "question": question,
        "sensitivity": "person",
        **place,
    }
    writer.upsert("Review", pa.Table.from_pylist([review]))
    change = {
        "id": "x1",
        "number": 1,
        "kind": "load",
        "author": "经办人",
        "at": "2026-06-30T08:00:00+00:00",
        "note": "",
    }
    writer.upsert("Change", pa.Table.from_pylist([change]))


def text_of(content: bytes, suffix: str) -> str:
    """The text of a file in one of the formats."""
    if suffix == ".xlsx":
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            return "".join(book.read(name).decode("utf-8") for name in book.namelist())
    return content.decode("utf-8-sig")
