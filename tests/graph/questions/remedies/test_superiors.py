"""处理方案: the superior of the place that a unit is in, and no organization that should itself be dissolved."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from graph import ontology
from graph.locality import Locality
from graph.questions import catalogue
from graph.questions.asking import ask
from graph.rules.book import book
from graph.rules.inquiry import Inquiry
from graph.stores.base import Reader, Store
from tests.graph.questions.towns import AS_OF, LIKE, placed, two_towns
from tests.graph.rules.building import Graph


def county() -> Graph:
    """A town with a 综合党委; a park with one, a building in it, a building with a 党工委, a district with a dead one."""
    made = two_towns()
    for place, kind, above in (
        ("园", "园区", "r1"), ("楼", "楼宇", "园"), ("塔", "楼宇", "r1"), ("街", "商圈", "r1"), ("新区", "园区", "r1"),
    ):  # fmt: skip
        made.edge(made.node("Region", place, kind=kind), "PART_OF", above)
    for org, kind, place in (
        ("镇委", "综合党委", ""),
        ("园委", "综合党委", "园"),
        ("塔工委", "党工委", "塔"),
        ("街委", "综合党委", "街"),
        ("新区综合党委", "综合党委", ""),
        ("老支部", "支部", ""),
    ):
        made.edge(made.node("PartyOrg", org, kind=kind), "LOCATED_IN", "r1")
        if place:
            made.edge(org, "IN_PLACE", place)
    for unit, place in (("甲", ""), ("乙", "园"), ("丙", "楼"), ("丁", "塔"), ("戊", "街"), ("己", "新区")):
        placed(made, "Unit", unit, 1, formal_members=3, **LIKE)
        if place:
            made.edge(unit, "IN_PLACE", place)
    placed(made, "Unit", "旧", 1, operating="注销")
    made.edge("街委", "COVERS", "旧", mode="联合")
    made.edge("老支部", "COVERS", "旧", mode="单独")
    return made


@pytest.fixture(scope="module")
def reader(module_store: Store) -> Iterator[Reader]:
    with module_store.writer("测试", "上级") as writer:
        county().write(writer)
        book().refresh(writer, Locality(), AS_OF)
    with module_store.reader() as opened:
        yield opened


@pytest.mark.parametrize(
    ("unit", "superior", "where"),
    [
        ("甲", "镇委", "本镇街的综合党委"),
        ("乙", "园委", "所在园区（楼宇、商圈）的综合党委"),
        ("丙", "园委", "所在园区（楼宇、商圈）的综合党委"),
        ("丁", "塔工委", "所在园区（楼宇、商圈）的党工委"),
        ("戊", "镇委", "本镇街的综合党委"),
        ("己", "新区综合党委", "所在园区（楼宇、商圈）的综合党委"),
    ],
)
def test_a_branch_is_founded_under_the_superior_of_its_place(
    reader: Reader, unit: str, superior: str, where: str
) -> None:
    context = Inquiry(AS_OF, Locality(), ontology.load(), book=book())
    answer = ask(catalogue(book()), reader, context, "remedy", {"unit": unit, "rule": "org_should_exist"})
    (row,) = [row for row in answer.rows if row["role"] == "上级党组织"]
    assert (row["candidate"], row["reason"]) == (superior, where)
    assert not {"老支部", "街委"} & {row["candidate"] for row in answer.rows}
