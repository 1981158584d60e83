from __future__ import annotations

import datetime as dt
import io
import json
import zipfile
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.viewer import Viewer, leave
from graph.answers import Answer, Column, Node, Subgraph
from graph.ontology import load
from graph.privacy import HIDDEN, HIDDEN_NAME, band, classes
from visualizations.html.markup import Site
from visualizations.pages import page
from visualizations.sheets import writing

ONTOLOGY = load()
NOBODY = Viewer("路人")


def answer(columns: list[Column], rows: list[dict[str, Any]], **more: Any) -> Answer:
    return Answer("x", more.pop("title", "题"), dt.date(2026, 6, 30), 1, tuple(columns), tuple(rows), **more)


def shown(column: Column, row: dict[str, Any], viewer: Viewer = NOBODY) -> Any:
    return leave(answer([column], [row]), viewer, ONTOLOGY).rows[0][column.name]


def test_a_person_is_called_by_their_role_where_the_row_says_who() -> None:
    column = Column("officer", "指导员", sensitivity="person", link=("GuidanceOfficer", "officer_id"))
    assert shown(column, {"officer": "欧阳试甲", "officer_id": "g00003f2a"}) == "指导员 3f2a"
    assert shown(Column("secretary", "书记", sensitivity="person"), {"secretary": "欧阳试甲"}) == HIDDEN_NAME
    assert shown(column, {"officer": None, "officer_id": None}) is None


def test_what_a_rule_may_not_name_is_not_linked_to() -> None:
    columns = [
        Column("subject", "对象", sensitivity_from="of_subject", link=("*", "subject_id")),
        Column("division", "区划", sensitivity_from="of_division", link=("Region", "division_id")),
    ]
    row = {"subject": "甲村", "of_subject": "case", "subject_id": "r1", "division": "甲村", "of_division": "case"}
    row["division_id"] = "r1"
    told = leave(answer(columns, [row]), NOBODY, ONTOLOGY).rows[0]
    assert "甲村" not in told.values()
    assert "r1" not in told.values()
    assert leave(answer(columns, [row]), Viewer("x", (), frozenset({"case"})), ONTOLOGY).rows[0]["subject_id"] == "r1"
    # the page of a 诉求 hides its title too, that of an officer the name
    demand = Column("title", "事项", sensitivity="case", link=("ListItem", "item_id"))
    assert leave(answer([demand], [{"title": "请求", "item_id": "i1"}]), NOBODY, ONTOLOGY).rows[0]["item_id"] == "i1"
    secretary = Column("secretary", "书记", sensitivity="person", link=("PartyOrg", "org_id"))
    assert leave(answer([secretary], [{"secretary": "某", "org_id": "o1"}]), NOBODY, ONTOLOGY).rows[0]["org_id"] == "o1"


@pytest.mark.parametrize(("count", "said"), [(0, "0"), (1, "1–2"), (2, "1–2"), (3, "≥3"), (300, "≥3")])
def test_member_counts_are_shown_in_bands(count: int, said: str) -> None:
    column = Column("members", "党员数", "integer", "人", "members")
    seen = leave(answer([column], [{"members": count}]), NOBODY, ONTOLOGY)
    assert seen.rows[0]["members"] == band(count) == said
    assert seen.columns[0].type == "string"
    assert shown(column, {"members": count}, Viewer("x", (), frozenset({"members"}))) == count


def test_a_class_may_be_given_row_by_row_and_an_unknown_one_is_hidden() -> None:
    column = Column("value", "内容", sensitivity_from="sensitivity")
    assert shown(column, {"value": "甲公司", "sensitivity": "open"}) == "甲公司"
    assert shown(column, {"value": "欧阳试甲", "sensitivity": "person"}) == HIDDEN_NAME
    assert shown(column, {"value": 2, "sensitivity": "members"}) == "1–2"
    assert shown(column, {"value": "x", "sensitivity": "case"}) == HIDDEN
    for nothing in ({"value": "x", "sensitivity": "secret"}, {"value": "x", "sensitivity": None}, {"value": "x"}):
        assert shown(column, nothing) == HIDDEN
        assert shown(column, nothing, Viewer("x", (), frozenset({"secret", "undeclared"}))) == HIDDEN


def test_a_text_of_several_classes_is_read_by_who_may_read_all_of_them() -> None:
    column = Column("facts", "事实", sensitivity_from="sensitivity")
    both = classes(("person", "open", "members", "person"))
    row = {"facts": "书记 欧阳试甲；正式党员数 5人", "sensitivity": both}
    assert both == "members person"
    for known in ({"person"}, {"members"}, set()):
        assert shown(column, row, Viewer("x", (), frozenset(known))) == HIDDEN
    assert shown(column, row, Viewer("x", (), frozenset({"person", "members"}))) == row["facts"]
    assert classes(["open"]) == classes(()) == "open"


def test_what_a_row_holds_beside_its_columns_leaves_only_if_it_is_of_the_system() -> None:
    column = Column("name", "名称", link=("Unit", "unit"))
    row = {"name": "甲公司", "unit": "u1", "id": "u1", "division_id": "r1", "severity": "high", "secretary": "欧阳试甲"}
    assert leave(answer([column], [row]), NOBODY, ONTOLOGY).rows[0].keys() == row.keys() - {"secretary"}


def test_a_node_of_a_person_is_hidden_even_if_its_question_did_not_say_so() -> None:
    officer = Node("g00003f2a", "GuidanceOfficer", "欧阳试甲", (("书记", "司徒测乙", "person"), ("党员", 2, "members")))
    graph = leave(answer([], [], graph=Subgraph((officer,))), NOBODY, ONTOLOGY).graph
    assert graph is not None
    assert graph.nodes[0].label == "指导员 3f2a"
    assert [fact[1] for fact in graph.nodes[0].facts] == [HIDDEN_NAME, "1–2"]


RARE = st.text("龘靐齉龖虪麤鱻", min_size=2, max_size=4)


def everywhere(person: str, members: int) -> Answer:
    """An answer that names a person in every place an answer has for one."""
    columns = [
        Column("subject", "对象", sensitivity_from="kind", link=("*", "subject_id")),
        Column("officer", "指导员", sensitivity="person"),
        Column("people", "联系人", "strings", sensitivity="person"),
        Column("facts", "事实", sensitivity="case"),
        Column("members", "党员数", "integer", sensitivity="members"),
        Column("question", "待核实事项"),
    ]
    row = {
        "subject": person, "kind": "person", "subject_id": "gabcdefab", "officer": person, "people": [person, person],
        "facts": f"{person}的诉求", "members": members, "question": f"“{person}”是谁？", "raw": person,
    }  # fmt: skip
    node = Node("gabcdefab", "GuidanceOfficer", person, (("姓名", person, "person"), ("党员数", members, "members")))
    return answer(
        columns, [row, row], title=f"指导员：{person}", notes=(f"{person}已调离。",), graph=Subgraph((node,)),
        parameters={"officer": person},
    )  # fmt: skip


def renderings(seen: Answer) -> dict[str, str]:
    stream = io.BytesIO()
    writing.write(writing.answer_workbook(seen), stream)
    with zipfile.ZipFile(stream) as book:
        xlsx = "".join(book.read(name).decode("utf-8") for name in book.namelist())
    return {
        "json": json.dumps(seen.to_json(), ensure_ascii=False),
        "csv": writing.answer_csv(seen).decode("utf-8-sig"),
        "xlsx": xlsx,
        "page": page.page(seen, Site((), "/answers/x", "n"), ONTOLOGY),
        "html": page.single_file(seen, ONTOLOGY),
    }


@settings(max_examples=15, deadline=None)
# no round number, of which the themes of workbooks hold some
@given(person=RARE, members=st.integers(10_000, 99_999).filter(lambda n: n % 10))
def test_no_format_lets_a_name_or_a_count_out(person: str, members: int) -> None:
    whole = everywhere(person, members)
    for form, text in renderings(leave(whole, NOBODY, ONTOLOGY)).items():
        assert person not in text, form
        assert f'"{members}"' not in text, form
        assert str(members) not in renderings_of_cells(text, form), form
    assert person in renderings(leave(whole, Viewer("x", (), frozenset({"person"})), ONTOLOGY))["csv"]


def renderings_of_cells(text: str, form: str) -> str:
    """What of a rendering shows cells: a page also holds a compressed library, in which any digits occur."""
    return text if form in ("json", "csv") else ""
